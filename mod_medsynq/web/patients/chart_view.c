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
                                         MQ_TEXT(mq_chart_line_t, since_text),
                                         MQ_TEXT(mq_chart_line_t, reason),
                                         MQ_TEXT(mq_chart_line_t, href),
                                         MQ_FLAG(mq_chart_line_t, is_severe),
                                         MQ_SLOTS_END};

static const mq_slot_t said_slots[] = {
    MQ_LIST(mq_chart_said_t, lines, mq_chart_line_slots, mq_chart_line_t),
    MQ_TEXT(mq_chart_said_t, nothing), MQ_TEXT(mq_chart_said_t, nothing_by),
    MQ_TEXT(mq_chart_said_t, nothing_at), MQ_SLOTS_END};

const mq_slot_t mq_chart_card_slots[] = {MQ_TEXT(mq_chart_card_t, list_title),
                                         MQ_TEXT(mq_chart_card_t, href),
                                         MQ_TEXT(mq_chart_card_t, add),
                                         MQ_TEXT(mq_chart_card_t, first),
                                         MQ_INCLUDE(mq_chart_card_t, now, said_slots),
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

/* Each value in a run of its own, where the first might turn the others round: "500 mg" begins from
 * the left. U+200F says so to dir="auto", which goes by the first letter. */
static const char *detail_add(const mq_request_t *rq, const char *details, const char *value)
{
    const char *before = details ? apr_pstrcat(rq->pool, details, " · ", NULL) : "";
    if (!rq->script.is_right_to_left) {
        return apr_pstrcat(rq->pool, before, value, NULL);
    }
    return apr_pstrcat(rq->pool, details ? before : "\u200f", "\u2068", value, "\u2069", NULL);
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
        details = detail_add(rq, details, value);
    }
    return details;
}

static const char *severity_of(const mq_chart_item_t *item)
{
    return item->kind->number == MQ_CHART_ALLERGIES ? item->values[MQ_ALLERGY_SEVERITY] : NULL;
}

/* Where the severity stands among those there are: the later the worse. Not known, and what is no
 * allergy, is 0. */
static int severity_rank(const mq_chart_item_t *item)
{
    const char *severity = severity_of(item);
    const mq_choice_t *choices = item->kind->fields[MQ_ALLERGY_SEVERITY].rule.choices;
    for (int i = 0; severity && choices[i].value; i++) {
        if (strcmp(choices[i].value, severity) == 0) {
            return i;
        }
    }
    return 0;
}

static int is_severe(const mq_chart_item_t *item)
{
    const char *severity = severity_of(item);
    return severity && strcmp(severity, "severe") == 0;
}

/* As cards and banners have it: what it is, and nothing of when and by whom. */
static mq_chart_line_t line_brief(const mq_request_t *rq, const mq_chart_item_t *item)
{
    const char *severity = severity_of(item);
    return (mq_chart_line_t){
        .said = item->is_none ? mq_say(rq, item->kind->none) : item->values[0],
        .details = details_say(rq, item),
        .severity = severity
                        ? mq_chart_value_say(rq, &item->kind->fields[MQ_ALLERGY_SEVERITY], severity)
                        : NULL,
        .is_severe = is_severe(item)};
}

mq_chart_line_t mq_chart_line(const mq_request_t *rq, const char *list_href,
                              const mq_chart_item_t *item)
{
    mq_chart_line_t line = line_brief(rq, item);
    line.at_text = mq_time_say(rq, item->updated_at);
    line.at_iso = mq_time_iso(item->updated_at, rq->pool);
    line.by = item->updated_by_name;
    line.since_text = mq_time_say(rq, item->created_at);
    line.reason = item->reason;
    line.href = apr_pstrcat(rq->pool, list_href, "/", mq_id_text(&item->id, rq->pool), NULL);
    return line;
}

static int is_shown(const mq_chart_item_t *item, const mq_chart_kind_t *kind, const mq_day_t *today)
{
    return item->kind == kind && mq_chart_is_current(item, today);
}

static int worst_rank(const mq_patient_t *patient, const mq_chart_kind_t *kind,
                      const mq_day_t *today)
{
    int worst = 0;
    for (int i = 0; i < patient->chart->nelts; i++) {
        const mq_chart_item_t *item = &APR_ARRAY_IDX(patient->chart, i, mq_chart_item_t);
        if (is_shown(item, kind, today) && severity_rank(item) > worst) {
            worst = severity_rank(item);
        }
    }
    return worst;
}

/* The worst first, for an eye or a line that stops early; the oldest first among equals.
 * @param list_href NULL: the lines are brief */
static mq_list_t lines_draw(const mq_request_t *rq, const mq_patient_t *patient,
                            const mq_chart_kind_t *kind, const mq_day_t *today,
                            const char *list_href)
{
    mq_chart_line_t *lines =
        apr_palloc(rq->pool, sizeof *lines * (apr_size_t)(patient->chart->nelts + 1));
    int count = 0;
    for (int rank = worst_rank(patient, kind, today); rank >= 0; rank--) {
        for (int i = 0; i < patient->chart->nelts; i++) {
            const mq_chart_item_t *item = &APR_ARRAY_IDX(patient->chart, i, mq_chart_item_t);
            if (is_shown(item, kind, today) && severity_rank(item) == rank) {
                lines[count++] =
                    list_href ? mq_chart_line(rq, list_href, item) : line_brief(rq, item);
            }
        }
    }
    return (mq_list_t){lines, count};
}

static mq_chart_said_t said_of(const mq_request_t *rq, const mq_patient_t *patient,
                               const mq_chart_kind_t *kind, const char *list_href)
{
    const mq_day_t today = mq_today(rq);
    const mq_chart_item_t *none = NULL;
    switch (mq_chart_summary(&none, patient->chart, kind, &today)) {
    case MQ_CHART_SOME:
        return (mq_chart_said_t){.lines = lines_draw(rq, patient, kind, &today, list_href)};
    case MQ_CHART_NONE:
        return (mq_chart_said_t){.nothing = mq_say(rq, kind->none),
                                 .nothing_by = none->updated_by_name,
                                 .nothing_at = mq_time_say(rq, none->updated_at)};
    case MQ_CHART_NO_CURRENT:
        return (mq_chart_said_t){.nothing = mq_say(rq, kind->no_current)};
    case MQ_CHART_NOT_ASKED:
    default:
        return (mq_chart_said_t){.nothing = mq_say(rq, kind->not_asked)};
    }
}

mq_chart_said_t mq_chart_said(const mq_request_t *rq, const mq_patient_t *patient,
                              const mq_chart_kind_t *kind)
{
    return said_of(rq, patient, kind, NULL);
}

static mq_chart_card_t card_make(const mq_request_t *rq, const mq_chart_kind_t *kind,
                                 const char *href, int can_add)
{
    return (mq_chart_card_t){.list_title = mq_say(rq, kind->title),
                             .href = href,
                             .add = can_add ? mq_say(rq, kind->add) : NULL,
                             .first = kind->fields[0].name};
}

mq_chart_card_t mq_chart_list(const mq_request_t *rq, const mq_patient_t *patient,
                              const mq_chart_kind_t *kind, int can_add)
{
    mq_chart_card_t card = card_make(rq, kind, mq_chart_href(rq, &patient->id, kind, ""), can_add);
    card.now = said_of(rq, patient, kind, card.href);
    return card;
}

int mq_chart_may_read(const mq_scope_t *sc, const mq_chart_kind_t *kind)
{
    return mq_policy_allows(kind->reading, mq_scope_roles(sc));
}

mq_list_t mq_chart_cards(const mq_request_t *rq, const mq_scope_t *sc, const mq_patient_t *patient)
{
    mq_chart_card_t *cards = apr_palloc(rq->pool, sizeof *cards * MQ_CHART_KINDS);
    const char *record = mq_patient_href(rq, &patient->id, "/");
    int count = 0;
    for (int i = 0; i < MQ_CHART_KINDS; i++) {
        const mq_chart_kind_t *kind = &mq_chart_kinds[i];
        if (mq_chart_may_read(sc, kind)) {
            cards[count] = card_make(rq, kind, apr_pstrcat(rq->pool, record, kind->name, NULL),
                                     patient->status == MQ_PATIENT_ACTIVE &&
                                         mq_policy_allows(kind->adding, mq_scope_roles(sc)));
            cards[count++].now = mq_chart_said(rq, patient, kind);
        }
    }
    return (mq_list_t){cards, count};
}
