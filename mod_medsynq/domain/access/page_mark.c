/* page_mark.c -- mark = nonce | who, hidden | tag. One HMAC gives the tag and the secret; who is
 * hidden under a digest of key and nonce, for ids of organisations do not leave the server. */
#define MQ_MAY_MINT_SCOPE
#include "domain/access/page_mark.h"

#include <string.h>

#include "base/crypto.h"
#include "domain/access/scope_minting.h"
#include "store/scope_mint.h"

enum { TAG_LENGTH = MQ_SHA256_LENGTH - MQ_PAGE_SECRET_LENGTH };

/* What is hidden. Read only by the server that wrote it. */
typedef struct who_t {
    apr_time_t made;
    apr_int64_t tenant;
    mq_id_t user;
} who_t;

_Static_assert(sizeof(who_t) == MQ_PAGE_WHO_LENGTH, "who fills its place in the mark");

static apr_status_t who_hide(unsigned char out[MQ_PAGE_WHO_LENGTH],
                             const unsigned char in[MQ_PAGE_WHO_LENGTH],
                             const unsigned char key[MQ_KEY_LENGTH],
                             const unsigned char nonce[MQ_PAGE_NONCE_LENGTH])
{
    unsigned char mask[MQ_SHA256_LENGTH];
    const mq_bytes_t parts[] = {{key, MQ_KEY_LENGTH}, {"who", 3}, {nonce, MQ_PAGE_NONCE_LENGTH}};
    MQ_TRY(mq_sha256_parts(mask, parts, sizeof parts / sizeof *parts));
    for (int i = 0; i < MQ_PAGE_WHO_LENGTH; i++) {
        out[i] = in[i] ^ mask[i];
    }
    return APR_SUCCESS;
}

apr_status_t mq_page_mark_make(unsigned char mark_out[MQ_PAGE_MARK_LENGTH],
                               unsigned char secret_out[MQ_PAGE_SECRET_LENGTH],
                               const mq_visit_t *visit, const mq_scope_t *sc,
                               const unsigned char nonce[MQ_PAGE_NONCE_LENGTH])
{
    unsigned char mac[MQ_SHA256_LENGTH];
    unsigned char plain[MQ_PAGE_WHO_LENGTH];
    unsigned char *hidden = mark_out + MQ_PAGE_NONCE_LENGTH;
    who_t who;
    memset(&who, 0, sizeof who);
    who.made = visit->now;
    if (sc) {
        who.tenant = sc->place.loan->tenant;
        who.user = sc->actor.user;
    }
    memcpy(plain, &who, sizeof who);
    memcpy(mark_out, nonce, MQ_PAGE_NONCE_LENGTH);
    MQ_TRY(who_hide(hidden, plain, visit->core->csrf_key, nonce));
    MQ_TRY(mq_mac(mac, &visit->core->csrf_mac, mark_out, MQ_PAGE_MARK_LENGTH - TAG_LENGTH));
    memcpy(mark_out + MQ_PAGE_MARK_LENGTH - TAG_LENGTH, mac, TAG_LENGTH);
    memcpy(secret_out, mac + TAG_LENGTH, MQ_PAGE_SECRET_LENGTH);
    return APR_SUCCESS;
}

static apr_status_t mark_read(mq_page_mark_t *mark_out, const mq_mac_key_t *mac_key,
                              const unsigned char key[MQ_KEY_LENGTH],
                              const unsigned char mark[MQ_PAGE_MARK_LENGTH])
{
    unsigned char mac[MQ_SHA256_LENGTH];
    MQ_TRY(mq_mac(mac, mac_key, mark, MQ_PAGE_MARK_LENGTH - TAG_LENGTH));
    if (!mq_equal_secret(mac, mark + MQ_PAGE_MARK_LENGTH - TAG_LENGTH, TAG_LENGTH)) {
        return MQ_EDENIED;
    }
    memcpy(mark_out->secret, mac + TAG_LENGTH, MQ_PAGE_SECRET_LENGTH);
    return who_hide(mark_out->who, mark + MQ_PAGE_NONCE_LENGTH, key, mark);
}

apr_status_t mq_page_mark_read(mq_page_mark_t *mark_out, const mq_core_t *core,
                               const unsigned char mark[MQ_PAGE_MARK_LENGTH])
{
    apr_status_t rv = mark_read(mark_out, &core->csrf_mac, core->csrf_key, mark);
    for (int i = 0; rv == MQ_EDENIED && i < core->old_keys_count; i++) {
        rv = mark_read(mark_out, &core->old_keys[i].csrf, core->old_keys[i].csrf_key, mark);
    }
    return rv;
}

static who_t who_of(const mq_page_mark_t *mark)
{
    who_t who;
    memcpy(&who, mark->who, sizeof who);
    return who;
}

int mq_page_mark_has_person(const mq_page_mark_t *mark)
{
    const who_t who = who_of(mark);
    return !mq_id_is_nil(&who.user);
}

int mq_page_mark_is_of(const mq_page_mark_t *mark, const mq_scope_t *sc)
{
    const who_t who = who_of(mark);
    return who.tenant == sc->place.loan->tenant && mq_id_equal(&who.user, &sc->actor.user);
}

apr_status_t mq_page_mark_person(const mq_scope_t **sc_out, const mq_visit_t *visit,
                                 const mq_page_mark_t *mark)
{
    const who_t who = who_of(mark);
    const apr_interval_time_t most =
        visit->core->absolute_limit + apr_time_from_sec(MQ_PAGE_KEPT_HOURS * 3600);
    const mq_scope_t *anonymous;
    apr_status_t rv;
    if (mq_id_is_nil(&who.user) || who.made + most < visit->now) {
        return MQ_ENOTFOUND;
    }
    rv = mq_scope_anonymous_of(&anonymous, visit, who.tenant);
    if (rv == MQ_ENOTFOUND) {
        return MQ_EDENIED;
    }
    MQ_TRY(rv);
    return mq_scope_enter(sc_out, visit, anonymous, &who.user);
}
