/* weak_passwords.c -- judging new passwords against common ones and people's own names. */
#include "domain/access/weak_passwords.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "base/text.h"

enum {
    NAME_LEAST = 4, /* shorter names are in too many good passwords */
    OWN_PART = 8,   /* characters that must be there besides a name */
    UNIT_MOST = 64
};

static int is_common(const char *word, apr_pool_t *pool)
{
    return *word && strstr(mq_common_passwords, apr_pstrcat(pool, "\n", word, "\n", NULL));
}

/* "password2026" without the digits that make it long enough. */
static const char *without_digits(const char *key, apr_pool_t *pool)
{
    apr_size_t length = strlen(key);
    while (length > 0 && apr_isdigit(key[length - 1])) {
        length--;
    }
    return apr_pstrmemdup(pool, key, length);
}

/* @return how long the piece is that, repeated, makes the whole text (cut at the end) */
static apr_size_t unit_of(const char *key)
{
    apr_size_t length = strlen(key);
    for (apr_size_t unit = 1; unit < length && unit <= UNIT_MOST; unit++) {
        if (strncmp(key, key + unit, length - unit) == 0) {
            return unit;
        }
    }
    return length;
}

/* "123456789012", "abcdefghijkl", "987654321098": each character is the neighbour of the last. */
static int step_of(const char *s)
{
    int step = s[1] - s[0];
    return apr_isdigit(s[0]) && apr_isdigit(s[1]) && (step == 9 || step == -9) ? -step / 9 : step;
}

static int is_run(const char *key)
{
    int step = key[0] && key[1] ? step_of(key) : 0;
    if (step != 1 && step != -1) {
        return 0;
    }
    for (const char *s = key; s[1]; s++) {
        if (step_of(s) != step) {
            return 0;
        }
    }
    return 1;
}

static const char *without_blanks(const char *text, apr_pool_t *pool)
{
    char *out = apr_pstrdup(pool, text);
    char *to = out;
    for (const char *s = text; *s; s++) {
        if (*s != ' ') {
            *to++ = *s;
        }
    }
    *to = 0;
    return out;
}

static int is_name(const char *key, const char *name, apr_pool_t *pool)
{
    const char *own = without_blanks(mq_text_name_key(name, pool), pool);
    return mq_text_count(own) >= NAME_LEAST && strstr(key, own) &&
           mq_text_count(key) < mq_text_count(own) + OWN_PART;
}

mq_password_verdict_t mq_password_judge(const char *password, const char *const *names,
                                        apr_pool_t *pool)
{
    const char *key = without_blanks(mq_text_name_key(password, pool), pool);
    apr_size_t unit = unit_of(key);
    const char *piece = apr_pstrmemdup(pool, key, unit);
    if (is_common(key, pool) || is_common(without_digits(key, pool), pool) || is_run(key) ||
        unit < NAME_LEAST || (unit < strlen(key) && is_common(piece, pool))) {
        return MQ_PASSWORD_COMMON;
    }
    for (; *names; names++) {
        const char *at = strchr(*names, '@');
        if (is_name(key, *names, pool) ||
            (at && is_name(key, apr_pstrmemdup(pool, *names, (apr_size_t)(at - *names)), pool))) {
            return MQ_PASSWORD_NAMED;
        }
    }
    return MQ_PASSWORD_GOOD;
}
