/* form_use.c -- claiming a form's token, and finding out what it has made. It is a person's own:
 * nobody else's token, in whatever organisation, is in the way. */
#include "domain/form_use.h"

#include <string.h>

static const apr_interval_time_t kept_for = apr_time_from_sec(24 * 3600);

static mq_param_t bind_digest(const unsigned char digest[MQ_SHA256_LENGTH])
{
    return mq_bind_bytes(digest, MQ_SHA256_LENGTH);
}

static void use_read(mq_form_use_t *use, const mq_rows_t *rows)
{
    apr_size_t length;
    const void *content = mq_rows_bytes(rows, MQ_FORM_USE_BY_TOKEN_CONTENT, &length);
    use->is_used = 1;
    use->is_same =
        length == sizeof use->content && memcmp(content, use->content, sizeof use->content) == 0;
    use->result = mq_rows_id(rows, MQ_FORM_USE_BY_TOKEN_RESULT);
}

apr_status_t mq_form_use_look(const mq_scope_t *sc)
{
    mq_form_use_t *use = mq_scope_form(sc);
    return use ? mq_form_use_look_of(use, sc, mq_scope_user(sc)) : APR_SUCCESS;
}

apr_status_t mq_form_use_look_of(mq_form_use_t *use, const mq_scope_t *sc, const mq_id_t *user)
{
    mq_rows_t rows;
    apr_status_t rv = mq_db_select_one(&rows, sc, MQ_SQL_FORM_USE_BY_TOKEN,
                                       MQ_PARAMS(mq_bind_id(user), bind_digest(use->token)));
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    use_read(use, &rows);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static apr_status_t use_insert(int *changed_out, const mq_scope_t *sc, const mq_form_use_t *use,
                               const mq_id_t *user)
{
    return mq_db_change(changed_out, sc, MQ_SQL_FORM_USE_INSERT,
                        MQ_PARAMS(mq_bind_id(user), bind_digest(use->token),
                                  mq_bind_int(mq_scope_now(sc)), bind_digest(use->content)));
}

apr_status_t mq_form_use_found(const mq_scope_t *sc, const mq_form_use_t *use,
                               const mq_id_t *founder)
{
    return use_insert(NULL, sc, use, founder);
}

apr_status_t mq_form_use_claim(const mq_scope_t *sc)
{
    mq_form_use_t *use = mq_scope_form(sc);
    apr_time_t now = mq_scope_now(sc);
    int changed = 0;
    if (!use) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_FORM_USES_PURGE, MQ_PARAMS(mq_bind_int(now - kept_for))));
    MQ_TRY(use_insert(&changed, sc, use, mq_scope_user(sc)));
    use->is_used = 0; /* a try before this one may have found what was undone since */
    if (changed) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_form_use_look(sc));
    return MQ_EREPEATED;
}

apr_status_t mq_form_use_keep(const mq_scope_t *sc, const mq_id_t *result)
{
    const mq_form_use_t *use = mq_scope_form(sc);
    return !use || !result
               ? APR_SUCCESS
               : mq_db_change(NULL, sc, MQ_SQL_FORM_USE_RESULT_SET,
                              MQ_PARAMS(mq_bind_id(result), mq_bind_id(mq_scope_user(sc)),
                                        bind_digest(use->token)));
}
