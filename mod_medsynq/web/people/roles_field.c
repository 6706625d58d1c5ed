/* roles_field.c -- reading and drawing the roles of a person. What they may is in policy.c. */
#include "web/people/roles_field.h"

#include <apr_strings.h>
#include <string.h>

#include "store/scope.h"

enum { ROLES = 4 };

static const struct {
    int bit;
    const char *value;
    const char *other; /* taken as well */
    const char *label;
    const char *hint;
} roles[ROLES] = {{MQ_ROLE_ADMIN, "administrator", "admin", MQ_SAY("Administrator"),
                   MQ_SAY("Staff, settings, import and export of patients; cannot open a record.")},
                  {MQ_ROLE_CLINICIAN, "clinician", "clinical", MQ_SAY("Clinician"),
                   MQ_SAY("Everything about patients.")},
                  {MQ_ROLE_FRONT_DESK, "front_desk", "front-desk", MQ_SAY("Front desk"),
                   MQ_SAY("Names, dates and contacts of patients; no notes.")},
                  {MQ_ROLE_AUDITOR, "auditor", "audit", MQ_SAY("Auditor"),
                   MQ_SAY("Reads records and the audit trail; changes nothing.")}};

typedef struct role_t {
    const char *value;
    const char *label;
    const char *hint;
    int is_held;
} role_t;

static const mq_slot_t role_slots[] = {MQ_TEXT(role_t, value), MQ_TEXT(role_t, label),
                                       MQ_TEXT(role_t, hint), MQ_FLAG(role_t, is_held),
                                       MQ_SLOTS_END};

const mq_slot_t mq_roles_slots[] = {MQ_LIST(mq_roles_view_t, roles, role_slots, role_t),
                                    MQ_TEXT(mq_roles_view_t, roles_error), MQ_SLOTS_END};

int mq_role_bit(const char *word)
{
    for (int k = 0; k < ROLES; k++) {
        if (strcmp(word, roles[k].value) == 0 || strcmp(word, roles[k].other) == 0) {
            return roles[k].bit;
        }
    }
    return 0;
}

apr_status_t mq_roles_read(int *roles_out, const mq_request_t *rq)
{
    *roles_out = 0;
    for (int i = 0; i < rq->form->nelts; i++) {
        const mq_form_field_t *field = &APR_ARRAY_IDX(rq->form, i, mq_form_field_t);
        if (strcmp(field->name, "role") != 0 || !*field->value) {
            continue;
        }
        if (!mq_role_bit(field->value)) {
            return MQ_EINVALID;
        }
        *roles_out |= mq_role_bit(field->value);
    }
    return APR_SUCCESS;
}

mq_roles_view_t mq_roles_draw(const mq_request_t *rq, int held, const char *error)
{
    role_t *items = apr_palloc(rq->pool, sizeof *items * ROLES);
    for (int i = 0; i < ROLES; i++) {
        items[i] = (role_t){roles[i].value, mq_say(rq, roles[i].label), mq_say(rq, roles[i].hint),
                            (held & roles[i].bit) != 0};
    }
    return (mq_roles_view_t){{items, ROLES}, error};
}

const char *mq_roles_text(const mq_request_t *rq, int held)
{
    const char *text = "";
    for (int i = 0; i < ROLES; i++) {
        if (held & roles[i].bit) {
            text = apr_pstrcat(rq->pool, text, *text ? mq_say(rq, ", ") : "",
                               mq_say(rq, roles[i].label), NULL);
        }
    }
    return text;
}
