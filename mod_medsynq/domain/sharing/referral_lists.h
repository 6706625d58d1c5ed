/* referral_lists.h -- the referrals that came and those that were sent, and what one's own people
 * have written on those that came. */
#ifndef MQ_DOMAIN_SHARING_REFERRAL_LISTS_H
#define MQ_DOMAIN_SHARING_REFERRAL_LISTS_H

#include "domain/sharing/referrals.h"

enum { MQ_REFERRALS_PER_PAGE = 50 };

/** One line of a list. Texts are from the scope's pool. */
typedef struct mq_referral_row_t {
    mq_id_t id;
    const char *name; /* the patient's */
    const char *birth_date;
    const char *partner;
    mq_urgency_t urgency;
    mq_referral_state_t state;
    apr_time_t sent_at;
    int is_unread; /* it has a message that nobody here has seen */
} mq_referral_row_t;

/** A page of one of the two boxes. */
typedef struct mq_referral_page_t {
    apr_array_header_t *rows; /* of mq_referral_row_t, the newest first */
    const mq_id_t *next;      /* the last that was looked at, where there are more; else NULL */
    int hidden;               /* of those that came: so many cannot be shown now */
    apr_int64_t in_waiting;   /* that came and wait for an answer */
    apr_int64_t out_waiting;  /* that were sent and do */
} mq_referral_page_t;

/** What one's own people have written on a referral that came. */
typedef struct mq_referral_words_t {
    mq_id_t id;
    const char *partner;
    const char *author;
    apr_time_t at;
    mq_referral_state_t state; /* that the step led to; MQ_REFERRAL_NONE: a message */
    const char *said;
    const char *next_step;
} mq_referral_words_t;

/**
 * Read a page of a box. Whoever is named on it is told of in the trails of both sides.
 * @param is_out those that were sent; else those that came, as far as they are shared now
 * @param state  only those; MQ_REFERRAL_NONE: all
 * @param before the last of the page before, or NULL
 * @return MQ_EDENIED
 */
apr_status_t mq_referrals_page(mq_referral_page_t *page_out, const mq_scope_t *sc, int is_out,
                               mq_referral_state_t state, const mq_id_t *before);

/** Count with what is read next how many call for somebody. It is said beside the navigation of
 * each page, and none fails for it.
 * @param came_out that came and wait for an answer, or have a message that nobody here has seen; as
 *                 mq_db_soon, -1 where the person may not see them
 * @param sent_out that were sent and have such a message; likewise */
void mq_referrals_calling(apr_int64_t *came_out, apr_int64_t *sent_out, const mq_scope_t *sc);

/** Read a page of what one's own people have written, the newest first.
 * @param list_out of mq_referral_words_t @return MQ_EDENIED */
apr_status_t mq_referral_words_page(apr_array_header_t **list_out, int *has_next_out,
                                    const mq_scope_t *sc, const mq_id_t *before);

#endif
