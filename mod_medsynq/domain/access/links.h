/* links.h -- one-time links: an invitation, a new password, the step between password and code. The
 * text carries the organisation, the record and a secret, sealed; the database keeps only the
 * secret's SHA-256. Whether a link is still good is the business of its record. */
#ifndef MQ_DOMAIN_LINKS_H
#define MQ_DOMAIN_LINKS_H

#include "base/crypto.h"
#include "domain/core.h"

/** What a link is for; one kind does not open as another. */
typedef enum {
    MQ_LINK_INVITATION = 1,
    MQ_LINK_PASSWORD = 2,
    MQ_LINK_SECOND_STEP = 3
} mq_link_kind_t;

/** One link, made or opened. */
typedef struct mq_link_t {
    const mq_scope_t *scope; /* of the organisation; no person in it when opened */
    mq_id_t record;
    apr_time_t made;
    unsigned char hash[MQ_SHA256_LENGTH]; /* of its secret: what the record keeps */
} mq_link_t;

/**
 * Make a link with a fresh secret.
 * @param text_out base64url, from the scope's pool
 * @param bound    what else must be shown to open it, such as a cookie; "" for nothing
 */
apr_status_t mq_link_make(const char **text_out, mq_link_t *link_out, const mq_scope_t *sc,
                          mq_link_kind_t kind, const mq_id_t *record, const char *bound);

/**
 * Open a link.
 * @return MQ_ENOTFOUND it is none of ours, or its organisation is suspended
 */
apr_status_t mq_link_open(mq_link_t *link_out, const mq_visit_t *visit, mq_link_kind_t kind,
                          const char *text, const char *bound);

#endif
