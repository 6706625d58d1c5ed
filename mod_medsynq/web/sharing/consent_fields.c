/* consent_fields.c -- from what was typed to a consent. */
#include "web/sharing/consent_fields.h"

#include <string.h>

#include "web/dates.h"
#include "web/paging.h"

static const mq_field_t consent_fields[] = {
    {"partner", MQ_SAY("Organisation"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off", NULL,
     MQ_SAY("Choose the organisation."), offsetof(mq_consent_typed_t, partner)},
    {"scope", MQ_SAY("What is shared"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off",
     MQ_SAY("What is added to these parts later is shared as well."),
     MQ_SAY("Choose what is shared."), offsetof(mq_consent_typed_t, scope), mq_consent_scopes},
    {"purpose", MQ_SAY("Purpose"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off", NULL,
     MQ_SAY("Choose the purpose."), offsetof(mq_consent_typed_t, purpose), mq_consent_purposes},
    {"given_by", MQ_SAY("Consent given by"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off", NULL,
     MQ_SAY("Choose who has given the consent."), offsetof(mq_consent_typed_t, given_by),
     mq_consent_givers},
    {"giver_name", MQ_SAY("Name of the guardian"), MQ_FIELD_LINE, 0, MQ_LIMIT_NAME, "off", NULL,
     NULL, offsetof(mq_consent_typed_t, giver_name)},
    {"relation", MQ_SAY("Relationship of the guardian to the patient"), MQ_FIELD_LINE, 0,
     MQ_LIMIT_SHORT, "off", NULL, NULL, offsetof(mq_consent_typed_t, relation)},
    {"method", MQ_SAY("How it was given"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off", NULL,
     MQ_SAY("Choose how the consent was given."), offsetof(mq_consent_typed_t, method),
     mq_consent_methods},
    {"from", MQ_SAY("From"), MQ_FIELD_DAY, 0, 0, "off", MQ_SAY("Empty: from now on."), NULL,
     offsetof(mq_consent_typed_t, from)},
    {"until", MQ_SAY("Until"), MQ_FIELD_DAY, 0, 0, "off",
     MQ_SAY("The last day. Empty: 90 days. At most 365 days."), NULL,
     offsetof(mq_consent_typed_t, until)}};

#define LINKED_BEFORE "linked_before"

const mq_slot_t mq_consent_partners_slots[] = {MQ_FLAG(mq_consent_partners_t, has_partners),
                                               MQ_TEXT(mq_consent_partners_t, more_href),
                                               MQ_SLOTS_END};

enum { CONSENT_FIELDS = sizeof consent_fields / sizeof *consent_fields };

/* The one that a form says which was sent: it may stand on another page of them than the first. */
static const mq_id_t *partner_sent(const mq_request_t *rq)
{
    const char *sent = rq->form ? mq_form_get(rq->form, "partner", NULL) : NULL;
    mq_id_t *id = apr_palloc(rq->pool, sizeof *id);
    return sent && mq_id_parse(id, sent) == APR_SUCCESS ? id : NULL;
}

static apr_status_t partner_choices(const mq_choice_t **choices_out, const mq_id_t **next_out,
                                    const mq_request_t *rq, const mq_scope_t *sc)
{
    apr_array_header_t *partners;
    const mq_id_t *before;
    mq_choice_t *choices;
    MQ_TRY(mq_paging_read(&before, rq, LINKED_BEFORE));
    MQ_TRY(mq_consent_partners(&partners, next_out, sc, before, partner_sent(rq)));
    choices = apr_pcalloc(rq->pool, sizeof *choices * (apr_size_t)(partners->nelts + 1));
    for (int i = 0; i < partners->nelts; i++) {
        const mq_consent_partner_t *partner = &APR_ARRAY_IDX(partners, i, mq_consent_partner_t);
        choices[i] = (mq_choice_t){mq_id_text(&partner->id, rq->pool), partner->name};
    }
    *choices_out = choices;
    return APR_SUCCESS;
}

static void row_fill(mq_field_t *row, size_t offset)
{
    const char *label = row->label;
    for (int i = 0; i < CONSENT_FIELDS; i++) {
        if (strcmp(row->name, consent_fields[i].name) == 0) {
            *row = consent_fields[i];
            row->offset += offset;
            row->label = label ? label : row->label;
            return;
        }
    }
}

apr_status_t mq_consent_fields(const mq_field_t **fields_out, mq_consent_partners_t *partners_out,
                               const mq_request_t *rq, const mq_scope_t *sc, const mq_field_t *rows,
                               size_t offset, const char *path)
{
    apr_array_header_t *fields = apr_array_make(rq->pool, 16, sizeof(mq_field_t));
    const mq_choice_t *partners;
    const mq_id_t *next;
    MQ_TRY(partner_choices(&partners, &next, rq, sc));
    for (; rows->name; rows++) {
        mq_field_t *row = &APR_ARRAY_PUSH(fields, mq_field_t);
        *row = *rows;
        if (!row->autocomplete) {
            row_fill(row, offset);
            row->choices = row->choices || row->kind != MQ_FIELD_SELECT ? row->choices : partners;
        }
    }
    APR_ARRAY_PUSH(fields, mq_field_t) = *rows;
    *fields_out = (const mq_field_t *)fields->elts;
    partners_out->has_partners = partners[0].value != NULL;
    partners_out->more_href = next ? mq_paging_href_id(rq, path, LINKED_BEFORE, next, "") : NULL;
    return APR_SUCCESS;
}

/* @param later days after it; the last day of all is a whole one */
static apr_time_t begins(const mq_request_t *rq, mq_day_t day, int later)
{
    day.day += later; /* the calendar goes on with the next month */
    return mq_date_begins(&day, rq->zone);
}

/* From and until: from now on, or from the beginning of a day, to the end of one. What is no day
 * has its fault from the field, and nothing else is blamed for it. */
static void period_read(mq_consent_new_t *out, mq_form_t *form, const mq_request_t *rq,
                        const mq_consent_typed_t *in)
{
    const mq_day_t today = mq_today(rq);
    mq_day_t from = today;
    mq_day_t until;
    out->from = rq->now;
    if (in->from) {
        if (mq_date_parse(&from, in->from) != APR_SUCCESS || !from.day) {
            return;
        }
        out->from = begins(rq, from, 0);
    }
    if (out->from > begins(rq, today, MQ_CONSENT_DAYS_MOST)) {
        mq_form_fault(form, "from", mq_say(rq, "A consent begins within 365 days."));
        return;
    }
    out->until = begins(rq, from, MQ_CONSENT_DAYS + 1);
    if (in->until && mq_date_parse(&until, in->until) == APR_SUCCESS) {
        out->until = begins(rq, until, 1);
    }
    if (in->from && out->until <= out->from) {
        mq_form_fault_add(form, "until", MQ_FAULT_ENDS_FIRST);
    } else if (out->until <= rq->now) {
        mq_form_fault(form, "until", mq_say(rq, "This day is over."));
    } else if (out->until > begins(rq, from, MQ_CONSENT_DAYS_MOST + 1)) {
        mq_form_fault(form, "until", mq_say(rq, "A consent is for 365 days at most."));
    }
}

static void guardian_read(mq_consent_new_t *out, mq_form_t *form, const mq_request_t *rq,
                          const mq_consent_typed_t *in)
{
    out->giver_name = in->giver_name;
    out->giver_relation = in->relation;
    if (!in->giver_name) {
        mq_form_fault(form, "giver_name", mq_say(rq, "Enter the name of the guardian."));
    }
    if (!in->relation) {
        mq_form_fault(form, "relation",
                      mq_say(rq, "Enter how the guardian is related to the patient."));
    }
}

void mq_consent_typed_read(mq_consent_new_t *out, mq_form_t *form, const mq_request_t *rq,
                           const mq_consent_typed_t *in)
{
    *out = (mq_consent_new_t){
        .given_by = (mq_giver_t)mq_consent_number(mq_consent_givers, in->given_by),
        .method = (mq_giving_t)mq_consent_number(mq_consent_methods, in->method),
        .parts = mq_consent_parts_of(in->scope),
        .purpose = in->purpose};
    (void)mq_id_parse(&out->partner, in->partner);
    if (out->given_by == MQ_GIVEN_BY_GUARDIAN) {
        guardian_read(out, form, rq, in);
    }
    period_read(out, form, rq, in);
}
