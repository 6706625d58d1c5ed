/* form_use.h -- one form, one effect. Each form that creates carries a token; the change that it
 * asks for and the line that the token is used are one transaction (change.h), so that whoever
 * sends it again, at once or from another tab, is told what the first one made. Lines go after a
 * day. */
#ifndef MQ_DOMAIN_FORM_USE_H
#define MQ_DOMAIN_FORM_USE_H

#include "base/crypto.h"
#include "store/db.h"

/** A form that was sent, on its way to its effect; the request's. */
struct mq_form_use_t {
    unsigned char token[MQ_SHA256_LENGTH];   /* digest of the token and of where it was sent */
    unsigned char content[MQ_SHA256_LENGTH]; /* digest of the token and of what was typed */
    /* what became of it */
    int is_used;    /* by this request, or by one before it */
    int is_same;    /* the one before it had the same typed into it */
    mq_id_t result; /* what was made; null: it has no id of its own */
};

/**
 * Look whether the form of the scope has had its effect: then is_used, is_same and result are set.
 * @return APR_SUCCESS whether it has or not, or the scope has none
 */
apr_status_t mq_form_use_look(const mq_scope_t *sc);

/** Take the form of the scope for the open transaction. @return MQ_EREPEATED it was used before */
apr_status_t mq_form_use_claim(const mq_scope_t *sc);

/** Take a form that makes the person whose it is, for the open transaction; nobody had it before.
 */
apr_status_t mq_form_use_found(const mq_scope_t *sc, const mq_form_use_t *use,
                               const mq_id_t *founder);

/** As mq_form_use_look, of somebody who is not signed in. */
apr_status_t mq_form_use_look_of(mq_form_use_t *use, const mq_scope_t *sc, const mq_id_t *user);

/** Keep what the form of the scope has made, before the open transaction ends.
 * @param result NULL: nothing that has an id */
apr_status_t mq_form_use_keep(const mq_scope_t *sc, const mq_id_t *result);

#endif
