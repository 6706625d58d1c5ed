/* once.c -- telling a form that was sent again from one that is new, and answering it. */
#include "web/once.h"

#include <apr_strings.h>
#include <string.h>

#include "base/escape.h"
#include "web/form.h"
#include "web/form_token.h"
#include "web/routes.h"

/* What may be another when the same form is sent again; and proofs, of which nothing is kept. */
static int is_carried(const mq_request_t *rq, const char *name)
{
    static const char *const names[] = {"csrf_token",      MQ_FORM_TOKEN,    MQ_FORM_PARKED,
                                        "duplicates_seen", MQ_FORM_AUTOSAVE, "draft"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            return 1;
        }
    }
    return strcasestr(name, "password") != NULL ||
           (strcmp(name, "code") == 0 && !rq->route->code_is_typed);
}

static mq_bytes_t typed_of(const mq_request_t *rq)
{
    mq_buffer_t *typed = mq_buffer_make(rq->pool, 1024);
    for (int i = 0; i < rq->form->nelts; i++) {
        const mq_form_field_t *field = &APR_ARRAY_IDX(rq->form, i, mq_form_field_t);
        if (!is_carried(rq, field->name)) {
            mq_escape_url_query(typed, field->name);
            mq_buffer_text(typed, "=");
            mq_escape_url_query(typed, field->value);
            mq_buffer_text(typed, "&");
        }
    }
    return (mq_bytes_t){typed->data, typed->length};
}

apr_status_t mq_once_read(mq_request_t *rq, const unsigned char *file)
{
    unsigned char token[MQ_FORM_TOKEN_LENGTH];
    mq_form_use_t *once;
    if (!mq_form_token_read(token, rq)) {
        return APR_SUCCESS;
    }
    once = apr_pcalloc(rq->pool, sizeof *once);
    MQ_TRY(mq_sha256_parts(once->token,
                           (const mq_bytes_t[]){{token, sizeof token},
                                                {file, file ? MQ_SHA256_LENGTH : 0},
                                                {rq->path, strlen(rq->path)}},
                           3));
    MQ_TRY(mq_sha256_parts(once->content, (const mq_bytes_t[]){{token, sizeof token}, typed_of(rq)},
                           2));
    rq->once = once;
    return APR_SUCCESS;
}

apr_status_t mq_once_scope(const mq_scope_t **sc_out, mq_request_t *rq, const mq_scope_t *sc,
                           const unsigned char *file)
{
    MQ_TRY(mq_once_read(rq, file));
    *sc_out = rq->once ? mq_scope_with_form(sc, rq->once) : sc;
    return APR_SUCCESS;
}

/* The route's row says it: "{result}" is what was made, "{id}" the record of the path. */
static const char *result_href(const mq_request_t *rq)
{
    mq_buffer_t *href = mq_buffer_make(rq->pool, 96);
    const char *rest = rq->route->once;
    while (*rest) {
        apr_size_t plain = strcspn(rest, "{");
        mq_buffer_add(href, rest, plain);
        rest += plain;
        if (*rest) {
            mq_buffer_text(href, strncmp(rest, "{result}", 8) == 0
                                     ? mq_id_text(&rq->once->result, rq->pool)
                                     : rq->captures[0]);
            rest += strcspn(rest, "}") + 1;
        }
    }
    return mq_buffer_string(href);
}

/* What was typed into it since is not lost: it is a new form. */
static apr_status_t answer_again(mq_request_t *rq, const mq_scope_t *sc)
{
    if (mq_form_get(rq->form, MQ_FORM_AUTOSAVE, NULL)) {
        return rq->route->handler(rq, sc); /* of one page, which goes on with what it has made */
    }
    if (rq->once->is_same || !rq->route->reviews) {
        mq_db_give_back(sc);
        return mq_request_redirect(rq, result_href(rq));
    }
    rq->repeated = result_href(rq);
    MQ_TRY(rq->route->handler(rq, sc));
    rq->status = 409;
    return APR_SUCCESS;
}

apr_status_t mq_once_handle(mq_request_t *rq)
{
    const mq_scope_t *sc = rq->session->scope;
    apr_status_t rv;
    if (rq->form) {
        MQ_TRY(mq_once_scope(&sc, rq, sc, NULL));
        MQ_TRY(mq_form_use_look(sc));
    }
    if (rq->once && rq->once->is_used) {
        return answer_again(rq, sc);
    }
    rv = rq->route->handler(rq, sc);
    if (!rq->once || rv == MQ_ESTANDING || (rv == APR_SUCCESS && rq->once->is_used)) {
        return rv;
    }
    if (rv != MQ_EREPEATED) {
        /* asked back or refused: because of what the same form has just made, perhaps */
        MQ_TRY(mq_form_use_look(sc));
    }
    return rq->once->is_used ? answer_again(rq, sc) : rv;
}
