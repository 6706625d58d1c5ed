/* chart_view.c -- items to lines, lines to cards. */
#include "web/patients/chart_view.h"

#include <apr_strings.h>
#include <string.h>

#include "web/dates.h"
#include "web/patients/patient_href.h"

const mq_slot_t mq_chart_line_slots[] = {MQ_TEXT(mq_chart_line_t, said),
                                         MQ_TEXT(mq_chart_line_t, details),
                                         MQ_TEXT(mq_chart_line_t, severity),
                                         MQ_TEXT(mq_chart_line_t, at_text),
                                         MQ_TEXT(mq_chart_line_t, at_iso),
                                         MQ_TEXT(mq_chart_line_t, by),
                                         MQ_TEXT(mq_chart_line_t, reason),
                                         MQ_TEXT(mq_chart_line_t, href),
                                         MQ_FLAG(mq_chart_line_t, is_severe),
                                         MQ_FLAG(mq_chart_line_t, can_change),
                                         MQ_SLOTS_END};

const mq_slot_t mq_chart_card_slots[] = {
    MQ_TEXT(mq_chart_card_t, list_title),
    MQ_TEXT(mq_chart_card_t, href),
    MQ_TEXT(mq_chart_card_t, add),
    MQ_LIST(mq_chart_card_t, lines, mq_chart_line_slots, mq_chart_line_t),
    MQ_TEXT(mq_chart_card_t, nothing),
    MQ_TEXT(mq_chart_card_t, nothing_by),
    MQ_TEXT(mq_chart_card_t, nothing_at),
    MQ_SLOTS_END};

const char *mq_chart_href(const mq_request_t *rq, const mq_id_t *patient,
                          const mq_chart_kind_t *kind, const char *rest)
{
    return mq_patient_href(rq, patient, apr_pstrcat(rq->pool, "/", kind->name, rest, NULL));
}

const char *mq_chart_value_say(const mq_request_t *rq, const mq_chart_field_t *field,
                               const char *value)
{
    if (!value) {
        return NULL;
    }
    for (const mq_choice_t *choice = field->rule.choices; choice && choice->value; choice++) {
        if (strcmp(choice->value, value) == 0) {
            return mq_say(rq, choice->label);
        }
    }
    return mq_field_is_date(field->rule.kind) ? mq_date_say(rq, value) : value;
}

/* What is active need not be said of what is shown as current. */
static const char *details_say(const mq_request_t *rq, const mq_chart_item_t *item)
{
    const mq_chart_kind_t *kind = item->kind;
    const char *details = NULL;
    for (int i = 1; kind->fields[i].name; i++) {
        const char *value = mq_chart_value_say(rq, &kind->fields[i], item->values[i]);
        if (!value || (i == kind->status && strcmp(item->values[i], "active") == 0)) {
            continue;
        }
        if (kind->fields[i].said) {
            value = mq_sayf(rq, kind->fields[i].said, value);
        }
        details = details ? apr_pstrcat(rq->pool, details, " · ", value, NULL) : value;
    }
    return details;
}

mq_chart_line_t mq_chart_line(const mq_request_t *rq, const mq_id_t *patient,
                              const mq_chart_item_t *item)
{
    const int is_allergy = item->kind->number == MQ_CHART_ALLERGIES;
    const char *severity = is_allergy ? item->values[MQ_ALLERGY_SEVERITY] : NULL;
    return (mq_chart_line_t){
        .said = item->is_none ? mq_say(rq, item->kind->none) : item->values[0],
        .details = details_say(rq, item),
        .severity = severity
                        ? mq_chart_value_say(rq, &item->kind->fields[MQ_ALLERGY_SEVERITY], severity)
                        : NULL,
        .at_text = mq_time_say(rq, item->updated_at),
        .at_iso = mq_time_iso(item->updated_at, rq->pool),
        .by = item->updated_by_name,
        .reason = item->reason,
        .href = mq_chart_href(rq, patient, item->kind,
                              apr_pstrcat(rq->pool, "/", mq_id_text(&item->id, rq->pool), NULL)),
        .is_severe = severity && strcmp(severity, "severe") == 0};
}

/* The severe ones first: an eye that stops after the first has seen the worst. */
static mq_list_t lines_draw(const mq_request_t *rq, const mq_patient_t *patient,
                            const mq_chart_kind_t *kind, const mq_day_t *today)
{
    mq_chart_line_t *lines =
        apr_palloc(rq->pool, sizeof *lines * (apr_size_t)(patient->chart->nelts + 1));
    int count = 0;
    for (int severe = 1; severe >= 0; severe--) {
        for (int i = 0; i < patient->chart->nelts; i++) {
            const mq_chart_item_t *item = &APR_ARRAY_IDX(patient->chart, i, mq_chart_item_t);
            if (item->kind == kind && mq_chart_is_current(item, today)) {
                lines[count] = mq_chart_line(rq, &patient->id, item);
                count += lines[count].is_severe == severe;
            }
        }
    }
    return (mq_list_t){lines, count};
}

mq_chart_card_t mq_chart_card(const mq_request_t *rq, const mq_patient_t *patient,
                              const mq_chart_kind_t *kind, int can_add)
{
    const mq_day_t today = mq_today(rq);
    const mq_chart_item_t *none = NULL;
    mq_chart_card_t card = {.list_title = mq_say(rq, kind->title),
                            .href = mq_chart_href(rq, &patient->id, kind, ""),
                            .add = can_add ? mq_say(rq, kind->add) : NULL};
    switch (mq_chart_summary(&none, patient->chart, kind, &today)) {
    case MQ_CHART_SOME:
        card.lines = lines_draw(rq, patient, kind, &today);
        break;
    case MQ_CHART_NONE:
        card.nothing = mq_say(rq, kind->none);
        card.nothing_by = none->updated_by_name;
        card.nothing_at = mq_time_say(rq, none->updated_at);
        break;
    case MQ_CHART_NO_CURRENT:
        card.nothing = mq_say(rq, kind->no_current);
        break;
    case MQ_CHART_NOT_ASKED:
    default:
        card.nothing = mq_say(rq, kind->not_asked);
    }
    return card;
}

int mq_chart_may_read(const mq_scope_t *sc, const mq_chart_kind_t *kind)
{
    return mq_policy_allows(kind->reading, mq_scope_roles(sc));
}

mq_list_t mq_chart_cards(const mq_request_t *rq, const mq_scope_t *sc, const mq_patient_t *patient)
{
    mq_chart_card_t *cards = apr_palloc(rq->pool, sizeof *cards * MQ_CHART_KINDS);
    int count = 0;
    for (int i = 0; i < MQ_CHART_KINDS; i++) {
        const mq_chart_kind_t *kind = &mq_chart_kinds[i];
        if (mq_chart_may_read(sc, kind)) {
            cards[count++] = mq_chart_card(rq, patient, kind,
                                           patient->status == MQ_PATIENT_ACTIVE &&
                                               mq_policy_allows(kind->adding, mq_scope_roles(sc)));
        }
    }
    return (mq_list_t){cards, count};
}
