/* consent_view.c -- from a consent to its words. */
#include "web/sharing/consent_view.h"

#include <apr_strings.h>
#include <string.h>

#include "web/dates.h"

const mq_slot_t mq_consent_slots[] = {MQ_TEXT(mq_consent_view_t, id),
                                      MQ_TEXT(mq_consent_view_t, partner),
                                      MQ_TEXT(mq_consent_view_t, state_text),
                                      MQ_TEXT(mq_consent_view_t, explained),
                                      MQ_TEXT(mq_consent_view_t, parts),
                                      MQ_TEXT(mq_consent_view_t, notes),
                                      MQ_TEXT(mq_consent_view_t, purpose),
                                      MQ_TEXT(mq_consent_view_t, given_by),
                                      MQ_TEXT(mq_consent_view_t, method),
                                      MQ_TEXT(mq_consent_view_t, from),
                                      MQ_TEXT(mq_consent_view_t, until),
                                      MQ_TEXT(mq_consent_view_t, remark),
                                      MQ_TEXT(mq_consent_view_t, recorded_at),
                                      MQ_TEXT(mq_consent_view_t, recorded_by),
                                      MQ_TEXT(mq_consent_view_t, ended_at),
                                      MQ_TEXT(mq_consent_view_t, ended_by),
                                      MQ_TEXT(mq_consent_view_t, ended_reason),
                                      MQ_FLAG(mq_consent_view_t, is_active),
                                      MQ_FLAG(mq_consent_view_t, can_withdraw),
                                      MQ_INT(mq_consent_view_t, reason_limit),
                                      MQ_SLOTS_END};

const mq_choice_t mq_consent_givers[] = {
    {"patient", MQ_SAY("The patient")}, {"guardian", MQ_SAY("Guardian")}, {NULL, NULL}};

const mq_choice_t mq_consent_methods[] = {{"written", MQ_SAY("In writing")},
                                          {"oral", MQ_SAY("Orally")},
                                          {"electronic", MQ_SAY("Electronically")},
                                          {NULL, NULL}};

const mq_choice_t mq_consent_scopes[] = {
    {"demographics", MQ_SAY("Who the person is")},
    {"lists", MQ_SAY("Who the person is, allergies, medicines, problems")},
    {"notes", MQ_SAY("Who the person is, allergies, medicines, problems, all signed notes")},
    {"chosen",
     MQ_SAY("Who the person is, allergies, medicines, problems, notes chosen one by one")},
    {NULL, NULL}};

static const int scope_parts[] = {MQ_SHARE_PERSON, MQ_SHARE_PERSON | MQ_SHARE_LISTS, MQ_SHARE_ALL,
                                  MQ_SHARE_PERSON | MQ_SHARE_LISTS | MQ_SHARE_CHOSEN};

int mq_consent_number(const mq_choice_t *choices, const char *value)
{
    for (int i = 0; value && choices[i].value; i++) {
        if (strcmp(choices[i].value, value) == 0) {
            return i + 1;
        }
    }
    return 0;
}

int mq_consent_parts_of(const char *value)
{
    int number = mq_consent_number(mq_consent_scopes, value);
    return number ? scope_parts[number - 1] : 0;
}

const char *mq_consent_parts_text(const mq_request_t *rq, int parts)
{
    int row = parts & MQ_SHARE_CHOSEN  ? 3
              : parts & MQ_SHARE_NOTES ? 2
              : parts & MQ_SHARE_LISTS ? 1
                                       : 0;
    return mq_say(rq, mq_consent_scopes[row].label);
}

const char *mq_consent_purpose_text(const mq_request_t *rq, const char *purpose)
{
    int number = mq_consent_number(mq_consent_purposes, purpose);
    return number ? mq_say(rq, mq_consent_purposes[number - 1].label) : purpose;
}

const char *mq_consent_day(const mq_request_t *rq, apr_time_t when)
{
    mq_day_t day;
    mq_date_today(&day, when, rq->zone);
    return mq_date_say(rq, mq_date_iso(&day, rq->pool));
}

const char *mq_consent_last_day(const mq_request_t *rq, apr_time_t until)
{
    return mq_consent_day(rq, until - 1);
}

const char *mq_consent_note_day(const mq_request_t *rq, const mq_sharable_note_t *note)
{
    return note->day ? mq_date_say(rq, note->day) : mq_time_say(rq, note->at);
}

/* How many notes were chosen, and for whoever may read notes when each was written. */
static const char *notes_text(const mq_request_t *rq, const mq_consent_t *consent)
{
    const char *text;
    if (!consent->notes) {
        return NULL;
    }
    text = mq_say_count(rq, "%d note chosen", "%d notes chosen", consent->note_count);
    for (int i = 0; i < consent->notes->nelts; i++) {
        const mq_sharable_note_t *note = &APR_ARRAY_IDX(consent->notes, i, mq_sharable_note_t);
        text = apr_pstrcat(rq->pool, text, i ? " · " : ": ", mq_consent_note_day(rq, note), NULL);
    }
    return text;
}

static const char *state_text(const mq_request_t *rq, const mq_consent_t *consent)
{
    switch (consent->state) {
    case MQ_CONSENT_ACTIVE:
        return consent->said.from > rq->now ? mq_say(rq, "not begun yet")
               : consent->is_open           ? mq_say(rq, "shared")
                                            : mq_say(rq, "rests");
    case MQ_CONSENT_WITHDRAWN:
        return mq_say(rq, "withdrawn");
    case MQ_CONSENT_EXPIRED:
        return mq_say(rq, "expired");
    case MQ_CONSENT_LINK_ENDED:
    case MQ_CONSENT_LET_GO:
    default:
        return mq_say(rq, "ended");
    }
}

static const char *explained(const mq_request_t *rq, const mq_consent_t *consent)
{
    switch (consent->state) {
    case MQ_CONSENT_ACTIVE:
        if (consent->is_asleep) {
            return mq_say(rq, "It was given for a record that was merged into this one: nothing is "
                              "shown by it, unless the two are separated again.");
        }
        return consent->is_open ? NULL
                                : mq_say(rq, "The link is suspended, or the other organisation is "
                                             "closed: nothing is shown there now.");
    case MQ_CONSENT_LINK_ENDED:
        return mq_say(rq, "The link between the two organisations has ended.");
    case MQ_CONSENT_LET_GO:
        return mq_say(rq, "The other organisation has let go of it.");
    case MQ_CONSENT_WITHDRAWN:
    case MQ_CONSENT_EXPIRED:
    default:
        return NULL;
    }
}

static const char *given_by(const mq_request_t *rq, const mq_consent_new_t *said)
{
    return said->given_by == MQ_GIVEN_BY_GUARDIAN
               ? apr_pstrcat(rq->pool, said->giver_name, " (", said->giver_relation, ")", NULL)
               : mq_say(rq, mq_consent_givers[0].label);
}

const char *mq_consent_wait_say(const mq_request_t *rq, int seconds)
{
    apr_table_setn(rq->headers, "Retry-After", apr_itoa(rq->pool, seconds));
    return mq_say_count(rq, "Too many attempts. Try again in %d second.",
                        "Too many attempts. Try again in %d seconds.", seconds);
}

mq_consent_view_t mq_consent_view(const mq_request_t *rq, const mq_consent_t *consent,
                                  int can_withdraw)
{
    const mq_consent_new_t *said = &consent->said;
    int is_active = consent->state == MQ_CONSENT_ACTIVE;
    return (mq_consent_view_t){.id = mq_id_text(&consent->id, rq->pool),
                               .partner = consent->partner_name,
                               .state_text = state_text(rq, consent),
                               .explained = explained(rq, consent),
                               .parts = mq_consent_parts_text(rq, said->parts),
                               .notes = notes_text(rq, consent),
                               .purpose = mq_consent_purpose_text(rq, said->purpose),
                               .given_by = given_by(rq, said),
                               .method = mq_say(rq, mq_consent_methods[said->method - 1].label),
                               .from = mq_consent_day(rq, said->from),
                               .until = mq_consent_last_day(rq, said->until),
                               .remark = said->remark,
                               .recorded_at = mq_time_say(rq, consent->recorded_at),
                               .recorded_by = consent->recorded_by,
                               .ended_at =
                                   consent->ended_at ? mq_time_say(rq, consent->ended_at) : NULL,
                               .ended_by = consent->ended_by,
                               .ended_reason = consent->ended_reason,
                               .is_active = is_active,
                               .can_withdraw = is_active && can_withdraw,
                               .reason_limit = MQ_LIMIT_REASON};
}

apr_status_t mq_speak_as_house(mq_request_t *rq, const mq_scope_t *sc)
{
    const mq_pages_t *pages = rq->app->pages;
    const char *tag;
    int language;
    MQ_TRY(mq_consent_language(&tag, sc));
    language = tag ? mq_pages_language_of(pages, tag, strlen(tag)) : -1;
    if (language >= 0) {
        rq->language = language;
        rq->script = *mq_pages_script(pages, language);
        rq->dates.months = mq_pages_months(pages, language);
    }
    return APR_SUCCESS;
}
