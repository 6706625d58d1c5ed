/* ctl_user.c -- medsynqctl user: the accounts of an organisation, for the day on which nobody can
 * log in to mend them. The rules are the pages' own, in domain/. */
#include <apr_strings.h>
#include <string.h>

#include "base/date.h"
#include "ctl/ctl.h"
#include "domain/people/invitations.h"
#include "domain/access/password_changes.h"
#include "domain/people/accounts.h"
#include "domain/access/two_factor.h"
#include "web/people/roles_field.h"

static const char *const names[] = {"the organisation's name", "the e-mail address", NULL};

static const char *state_of(const mq_person_t *person)
{
    return person->status == MQ_PERSON_ACTIVE ? "active" : "disabled";
}

static void person_json(mq_json_t *json, const mq_person_t *person, apr_pool_t *pool)
{
    mq_json_object(json, NULL);
    mq_json_text(json, "email", person->email);
    mq_json_text(json, "name", person->name);
    ctl_json_roles(json, "roles", person->roles);
    mq_json_text(json, "status", state_of(person));
    mq_json_flag(json, "second_factor", person->has_second_factor);
    mq_json_text(json, "created", mq_time_iso(person->created_at, pool));
    mq_json_object_end(json);
}

static apr_status_t people_print(const ctl_t *ctl, const mq_scope_t *sc)
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 4096)};
    apr_array_header_t *people;
    const mq_id_t *after = NULL;
    int has_next = 1;
    mq_json_array(&json, NULL);
    while (has_next) {
        MQ_TRY(mq_people_page(&people, &has_next, sc, after));
        for (int i = 0; i < people->nelts; i++) {
            const mq_person_t *person = &APR_ARRAY_IDX(people, i, mq_person_t);
            if (ctl->json) {
                person_json(&json, person, ctl->pool);
            } else {
                ctl_print("%-8s %-28s %-13s %s (%s)\n", state_of(person),
                          ctl_roles_text(ctl, person->roles),
                          person->has_second_factor ? "second factor" : "",
                          ctl_harmless(ctl, person->email), ctl_harmless(ctl, person->name));
            }
            after = &person->id;
        }
    }
    mq_json_array_end(&json);
    mq_buffer_text(json.out, "\n");
    if (ctl->json) {
        ctl_write(json.out);
    }
    return APR_SUCCESS;
}

int ctl_user_list(ctl_t *ctl)
{
    const char *name;
    const mq_scope_t *sc = NULL;
    apr_status_t rv;
    int code = ctl_org_of_operand(&sc, &name, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    rv = people_print(ctl, sc);
    return rv == APR_SUCCESS ? CTL_DONE : ctl_failed(ctl, rv, "the people cannot be read");
}

/* "admin,clinician" @return 0 none, or one that there is not */
static int roles_read(const ctl_t *ctl, const char *text)
{
    char *rest = apr_pstrdup(ctl->pool, text);
    int roles = 0;
    while (rest) {
        char *comma = strchr(rest, ',');
        int bit;
        if (comma) {
            *comma++ = 0;
        }
        bit = mq_role_bit(rest);
        if (!bit) {
            return 0;
        }
        roles |= bit;
        rest = comma;
    }
    return roles;
}

int ctl_user_invite(ctl_t *ctl)
{
    const char *operands[2];
    const char *name = NULL;
    const char *roles = NULL;
    const char *site = NULL;
    const ctl_option_t options[] = {
        {"--name", &name}, {"--roles", &roles}, {"--site", &site}, {NULL, NULL}};
    const char *wrong = ctl_operands(ctl, options, operands, names);
    const mq_scope_t *sc = NULL;
    ctl_core_t *core;
    mq_visit_t visit;
    const char *token;
    apr_status_t rv;
    int code;
    if (wrong || !name || !roles) {
        return ctl_usage(ctl, wrong ? wrong : "user invite needs --name NAME and --roles ROLE,...");
    }
    if (!roles_read(ctl, roles)) {
        return ctl_usage(ctl, "the roles are admin, clinician, front-desk, auditor");
    }
    if ((code = ctl_email(ctl, &operands[1])) != CTL_DONE ||
        (code = ctl_line(ctl, &name, "the person's name", &mq_name_rule)) != CTL_DONE ||
        (code = ctl_org_open(&core, &visit, &sc, ctl, operands[0])) != CTL_DONE) {
        return code;
    }
    rv = mq_invitation_make(&token, sc, operands[1], name, roles_read(ctl, roles));
    if (rv == MQ_ECONFLICT) {
        return ctl_fail(ctl, "somebody of \"%s\" has the address %s already", operands[0],
                        operands[1]);
    }
    return rv == APR_SUCCESS ? ctl_link(ctl, "/invitations/", token, site,
                                        apr_psprintf(ctl->pool, "%d hours", MQ_INVITATION_HOURS))
                             : ctl_failed(ctl, rv, "the invitation cannot be made");
}

/* A command about one person. */
typedef struct deed_t {
    ctl_core_t *core;
    mq_visit_t visit;
    const mq_scope_t *sc;
    mq_person_t person;
} deed_t;

static int person_open(deed_t *deed, const ctl_t *ctl, const ctl_option_t *options)
{
    const char *operands[2];
    const char *wrong = ctl_operands(ctl, options, operands, names);
    apr_status_t rv;
    int code;
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    code = ctl_org_open(&deed->core, &deed->visit, &deed->sc, ctl, operands[0]);
    if (code != CTL_DONE) {
        return code;
    }
    rv = mq_person_by_email(&deed->person, deed->sc, operands[1]);
    if (rv == APR_SUCCESS) {
        return CTL_DONE;
    }
    return rv == MQ_ENOTFOUND
               ? ctl_fail(ctl,
                          "nobody of \"%s\" has the address %s; medsynqctl user list prints "
                          "who there is",
                          operands[0], operands[1])
               : ctl_failed(ctl, rv, "the account cannot be read");
}

static int status_set(const ctl_t *ctl, mq_person_status_t status)
{
    deed_t deed = {0};
    apr_status_t rv;
    int code = person_open(&deed, ctl, NULL);
    if (code != CTL_DONE) {
        return code;
    }
    rv = mq_person_status_set(deed.sc, &deed.person.id, status);
    if (rv == APR_SUCCESS && ctl->dry) {
        return ctl_would(ctl, "make %s %s", deed.person.email,
                         status == MQ_PERSON_ACTIVE ? "active" : "disabled");
    }
    if (rv == MQ_ECONFLICT) {
        return ctl_fail(ctl, "%s is the last active administrator: invite another one first",
                        deed.person.email);
    }
    return rv == APR_SUCCESS ? ctl_done(ctl, "%s is %s now", deed.person.email,
                                        status == MQ_PERSON_ACTIVE ? "active" : "disabled")
                             : ctl_failed(ctl, rv, "the account cannot be changed");
}

int ctl_user_disable(ctl_t *ctl)
{
    return status_set(ctl, MQ_PERSON_DISABLED);
}

int ctl_user_enable(ctl_t *ctl)
{
    return status_set(ctl, MQ_PERSON_ACTIVE);
}

int ctl_user_unlock(ctl_t *ctl)
{
    deed_t deed = {0};
    apr_status_t rv;
    int code = person_open(&deed, ctl, NULL);
    if (code != CTL_DONE) {
        return code;
    }
    rv = mq_person_unlock(deed.sc, &deed.person.id);
    if (rv == APR_SUCCESS && ctl->dry) {
        return ctl_would(ctl, "let %s try again at once", deed.person.email);
    }
    return rv == APR_SUCCESS ? ctl_done(ctl, "%s may try again at once", deed.person.email)
                             : ctl_failed(ctl, rv, "the account cannot be unlocked");
}

int ctl_user_reset(ctl_t *ctl)
{
    const char *site = NULL;
    const ctl_option_t options[] = {{"--site", &site}, {NULL, NULL}};
    const char *token;
    deed_t deed = {0};
    apr_status_t rv;
    int code = person_open(&deed, ctl, options);
    if (code != CTL_DONE) {
        return code;
    }
    rv = mq_reset_make(&token, deed.sc, &deed.person.id);
    if (rv == MQ_ECONFLICT) {
        return ctl_fail(ctl, "%s is disabled: medsynqctl user enable comes first",
                        deed.person.email);
    }
    return rv == APR_SUCCESS ? ctl_link(ctl, "/password-reset/", token, site,
                                        apr_psprintf(ctl->pool, "%d minutes", MQ_RESET_MINUTES))
                             : ctl_failed(ctl, rv, "the link cannot be made");
}

int ctl_user_second_factor_off(ctl_t *ctl)
{
    deed_t deed = {0};
    apr_status_t rv;
    int code = person_open(&deed, ctl, NULL);
    if (code != CTL_DONE) {
        return code;
    }
    rv = mq_two_factor_reset(deed.sc, &deed.person.id);
    if (rv == APR_SUCCESS && ctl->dry) {
        return ctl_would(
            ctl, "%s",
            deed.person.has_second_factor
                ? apr_psprintf(ctl->pool, "remove the second factor of %s", deed.person.email)
                : apr_psprintf(ctl->pool, "nothing: %s has no second factor", deed.person.email));
    }
    return rv == APR_SUCCESS
               ? ctl_done(ctl, "%s logs in without a second factor now", deed.person.email)
               : ctl_failed(ctl, rv, "the second factor cannot be removed");
}
