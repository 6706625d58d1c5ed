/* log_in_href.c -- an organisation's name as a path, and back. Blanks are written as dashes, which
 * people can read out, and a dash of the name as two. A name where that would not come back as it
 * was keeps its blanks, and then its dashes are what they are. */
#include "web/access/log_in_href.h"

#include <apr_strings.h>
#include <string.h>

#include "base/escape.h"
#include "base/text.h"
#include "domain/field_kinds.h"

static const mq_field_rule_t rule = {MQ_FIELD_LINE, MQ_LIMIT_NAME, NULL};

/* httpd refuses a slash within a segment, written whichever way, and "code" is the second step. */
static int has_address(const char *name)
{
    return !strpbrk(name, "/\\") && strspn(name, ".") != strlen(name) && strcmp(name, "code") != 0;
}

/* Whether two of them stand together, which nothing could tell from a dash of the name's own. */
static int has_run(const char *name)
{
    for (const char *at = strchr(name, ' '); at; at = strchr(at + 1, ' ')) {
        if (at[1] == ' ' || at[1] == '-' || (at > name && at[-1] == '-')) {
            return 1;
        }
    }
    return 0;
}

static const char *dashes_write(const char *name, apr_pool_t *pool)
{
    mq_buffer_t *out = mq_buffer_make(pool, 64);
    for (const char *at = name; *at; at++) {
        mq_buffer_add(out, *at == '-' ? "--" : *at == ' ' ? "-" : at, *at == '-' ? 2 : 1);
    }
    return mq_buffer_string(out);
}

static const char *dashes_read(const char *segment, apr_pool_t *pool)
{
    char *out = apr_pstrdup(pool, segment);
    char *to = out;
    for (const char *at = segment; *at; at++) {
        int is_dash = at[0] == '-' && at[1] == '-';
        *to++ = *at == '-' && !is_dash ? ' ' : *at;
        at += is_dash;
    }
    *to = 0;
    return out;
}

const char *mq_log_in_href(const mq_request_t *rq, const char *name)
{
    mq_buffer_t *out = mq_buffer_make(rq->pool, 64);
    if (!has_address(name)) {
        return "/login";
    }
    mq_buffer_text(out, "/login/");
    mq_escape_url_segment(out, has_run(name) ? name : dashes_write(name, rq->pool));
    return mq_buffer_string(out);
}

/* People write one dash for a dash, too, and no address says which it is: what this browser
 * remembers of the same look does. */
static const char *as_remembered(const mq_request_t *rq, const char *name)
{
    const char *known = mq_request_organisation(rq);
    const char *looks[2];
    return known && mq_field_check(&rule, known, NULL, rq->pool) == MQ_FAULT_NONE &&
                   mq_text_look_key(&looks[0], known, rq->pool) == APR_SUCCESS &&
                   mq_text_look_key(&looks[1], name, rq->pool) == APR_SUCCESS && *looks[0] &&
                   strcmp(looks[0], looks[1]) == 0
               ? known
               : name;
}

const char *mq_log_in_organisation(const mq_request_t *rq)
{
    const char *name = rq->captures[0];
    if (!name || mq_field_check(&rule, name, NULL, rq->pool) != MQ_FAULT_NONE) {
        return NULL;
    }
    return as_remembered(rq, strchr(name, ' ') ? name : dashes_read(name, rq->pool));
}
