/* links.c -- sealing and opening one-time links. Tenant ids leave the server here only, sealed. */
#define MQ_MAY_MINT_SCOPE
#include "domain/access/links.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/access/secrets.h"
#include "domain/access/scope_minting.h"
#include "store/scope_mint.h"

enum { SECRET_LENGTH = 16, TEXT_MOST = 400 };

/* What is sealed. Read only by the server that wrote it. */
typedef struct payload_t {
    apr_int64_t tenant;
    apr_time_t made;
    mq_id_t record;
    unsigned char secret[SECRET_LENGTH];
} payload_t;

static mq_bytes_t bound_of(mq_link_kind_t kind, const char *bound, apr_pool_t *pool)
{
    const char *text = apr_psprintf(pool, "link %d %s", (int)kind, bound);
    return (mq_bytes_t){text, strlen(text)};
}

apr_status_t mq_link_make(const char **text_out, mq_link_t *link_out, const mq_scope_t *sc,
                          mq_link_kind_t kind, const mq_id_t *record, const char *bound)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    const unsigned char *sealed;
    apr_size_t length;
    payload_t payload;
    memset(&payload, 0, sizeof payload);
    payload.tenant = sc->place.loan->tenant;
    payload.made = sc->now;
    payload.record = *record;
    MQ_TRY(mq_random(payload.secret, sizeof payload.secret));
    MQ_TRY(mq_seal(&sealed, &length, sc->core->data_key, bound_of(kind, bound, pool),
                   (mq_bytes_t){&payload, sizeof payload}, pool));
    *link_out = (mq_link_t){.scope = sc, .record = *record, .made = sc->now};
    *text_out = mq_base64url_encode(sealed, length, pool);
    return mq_sha256(link_out->hash, payload.secret, sizeof payload.secret);
}

apr_status_t mq_link_open(mq_link_t *link_out, const mq_visit_t *visit, mq_link_kind_t kind,
                          const char *text, const char *bound)
{
    const unsigned char *sealed;
    const unsigned char *opened;
    apr_size_t length;
    payload_t payload;
    if (!text || strlen(text) > TEXT_MOST ||
        mq_base64url_decode(&sealed, &length, text, visit->pool) != APR_SUCCESS ||
        mq_secret_open(&opened, &length, visit->core, bound_of(kind, bound, visit->pool),
                       (mq_bytes_t){sealed, length}, visit->pool) != APR_SUCCESS ||
        length != sizeof payload) {
        return MQ_ENOTFOUND;
    }
    memcpy(&payload, opened, sizeof payload);
    link_out->record = payload.record;
    link_out->made = payload.made;
    MQ_TRY(mq_sha256(link_out->hash, payload.secret, sizeof payload.secret));
    return mq_scope_anonymous_of(&link_out->scope, visit, payload.tenant);
}
