/* consent_view.h -- a consent in words, for the pages and papers that show one. */
#ifndef MQ_WEB_CONSENT_VIEW_H
#define MQ_WEB_CONSENT_VIEW_H

#include "domain/sharing/consents.h"
#include "web/pages.h"

/** One consent. */
typedef struct mq_consent_view_t {
    const char *id;
    const char *partner;
    const char *state_text;
    const char *explained; /* what is to be known of how it is, or NULL */
    const char *parts;
    const char *notes; /* how many were chosen, and when they were written; or NULL */
    const char *purpose;
    const char *given_by;
    const char *method;
    const char *from;
    const char *until; /* its last day */
    const char *remark;
    const char *recorded_at;
    const char *recorded_by;
    const char *ended_at; /* NULL: it has not */
    const char *ended_by;
    const char *ended_reason;
    int is_active;
    int can_withdraw;
    apr_int64_t reason_limit;
} mq_consent_view_t;

extern const mq_slot_t mq_consent_slots[];

/** Words for what may be chosen: values of the form, in the order of the stored numbers. */
extern const mq_choice_t mq_consent_givers[];
extern const mq_choice_t mq_consent_methods[];
extern const mq_choice_t mq_consent_scopes[];

/** @return the number that a value of one of these stands for, beginning with 1; 0: none */
int mq_consent_number(const mq_choice_t *choices, const char *value);

/** @return MQ_SHARE_ bits of a value of mq_consent_scopes; 0: none */
int mq_consent_parts_of(const char *value);

/** @return parts, and a purpose, in the reader's words */
const char *mq_consent_parts_text(const mq_request_t *rq, int parts);
const char *mq_consent_purpose_text(const mq_request_t *rq, const char *purpose);

/** @return when a note was signed, or the day on which it was written elsewhere */
const char *mq_consent_note_day(const mq_request_t *rq, const mq_sharable_note_t *note);

/** @return the day on which an instant lies, and the last one before it is over */
const char *mq_consent_day(const mq_request_t *rq, apr_time_t when);
const char *mq_consent_last_day(const mq_request_t *rq, apr_time_t until);

/** @return what is said to whoever has shared too much for this hour; they are told when to come
 * back */
const char *mq_consent_wait_say(const mq_request_t *rq, int seconds);

/** Speak the organisation's language from here on, whoever asks: for what is signed here. */
apr_status_t mq_speak_as_house(mq_request_t *rq, const mq_scope_t *sc);

/** Draw one. @param can_withdraw whether the person may */
mq_consent_view_t mq_consent_view(const mq_request_t *rq, const mq_consent_t *consent,
                                  int can_withdraw);

#endif
