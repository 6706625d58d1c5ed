/* page_mark.h -- whom a page was shown to, sealed into its forms: so a form is known as its
 * person's own after the session has gone in which it was opened, whatever became of it. A mark
 * opens nothing and proves no session: it says for whom what was typed may be kept. */
#ifndef MQ_DOMAIN_PAGE_MARK_H
#define MQ_DOMAIN_PAGE_MARK_H

#include "domain/core.h"

enum {
    MQ_PAGE_KEPT_HOURS = 12, /* how long after the end of a session its pages are known */
    MQ_PAGE_NONCE_LENGTH = 16,
    MQ_PAGE_SECRET_LENGTH = 16,
    MQ_PAGE_WHO_LENGTH = 32,
    MQ_PAGE_MARK_LENGTH = MQ_PAGE_NONCE_LENGTH + MQ_PAGE_WHO_LENGTH + 16
};

/** A mark that was read and is ours. */
typedef struct mq_page_mark_t {
    unsigned char secret[MQ_PAGE_SECRET_LENGTH]; /* known with the key alone; of this page alone */
    unsigned char who[MQ_PAGE_WHO_LENGTH];       /* for page_mark.c */
} mq_page_mark_t;

/**
 * Mark a page.
 * @param secret_out what mq_page_mark_read finds again; never leaves the server as it is
 * @param sc         to whom it is shown, or NULL: to somebody who is not signed in
 * @param nonce      used for this page alone
 */
apr_status_t mq_page_mark_make(unsigned char mark_out[MQ_PAGE_MARK_LENGTH],
                               unsigned char secret_out[MQ_PAGE_SECRET_LENGTH],
                               const mq_visit_t *visit, const mq_scope_t *sc,
                               const unsigned char nonce[MQ_PAGE_NONCE_LENGTH]);

/** Read a mark, also one from before the secret was rotated. @return MQ_EDENIED it is none of ours
 */
apr_status_t mq_page_mark_read(mq_page_mark_t *mark_out, const mq_core_t *core,
                               const unsigned char mark[MQ_PAGE_MARK_LENGTH]);

/** @return whether the page was shown to somebody who was signed in */
int mq_page_mark_has_person(const mq_page_mark_t *mark);

/** @return whether the page was shown to the person of the scope */
int mq_page_mark_is_of(const mq_page_mark_t *mark, const mq_scope_t *sc);

/**
 * Mint the scope of the person to whom the page was shown, to keep for them what they typed, and
 * for nothing else.
 * @return MQ_ENOTFOUND nobody, or the page is older than a session and its form can be, or the
 *         person is disabled; MQ_EDENIED the organisation is suspended
 */
apr_status_t mq_page_mark_person(const mq_scope_t **sc_out, const mq_visit_t *visit,
                                 const mq_page_mark_t *mark);

#endif
