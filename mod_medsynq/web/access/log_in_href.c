/* log_in_href.c -- an organisation's name as a path, and back. Blanks are written as dashes, which
 * people can read out; a name that has dashes of its own keeps both. */
#include "web/access/log_in_href.h"

#include <apr_strings.h>
#include <string.h>

#include "base/escape.h"
#include "domain/field_kinds.h"

/* httpd refuses a slash within a segment, written whichever way, and "code" is the second step. */
static int has_address(const char *name)
{
    return !strpbrk(name, "/\\") && strspn(name, ".") != strlen(name) && strcmp(name, "code") != 0;
}

static const char *exchanged(const char *text, char from, char to, apr_pool_t *pool)
{
    char *out = apr_pstrdup(pool, text);
    for (char *at = out; *at; at++) {
        *at = *at == from ? to : *at;
    }
    return out;
}

const char *mq_log_in_href(const mq_request_t *rq, const char *name)
{
    mq_buffer_t *out = mq_buffer_make(rq->pool, 64);
    if (!has_address(name)) {
        return "/login";
    }
    mq_buffer_text(out, "/login/");
    mq_escape_url_segment(out, strchr(name, '-') ? name : exchanged(name, ' ', '-', rq->pool));
    return mq_buffer_string(out);
}

const char *mq_log_in_organisation(const mq_request_t *rq)
{
    const mq_field_rule_t rule = {MQ_FIELD_LINE, MQ_LIMIT_NAME, NULL};
    const char *name = rq->captures[0];
    if (!name || mq_field_check(&rule, name, NULL, rq->pool) != MQ_FAULT_NONE) {
        return NULL;
    }
    return strchr(name, ' ') ? name : exchanged(name, '-', ' ', rq->pool);
}
