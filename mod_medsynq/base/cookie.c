/* cookie.c -- reading Cookie and writing Set-Cookie. The reader splits at ';' only and takes
 * values as they are; ap_cookie_read splits at commas and unescapes. */
#include "base/cookie.h"

#include <string.h>

#include <apr_strings.h>
#include <apr_tables.h>

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/** Cut blanks off both ends of *start .. *start + *length. */
static void blanks_trim(const char **start, apr_size_t *length)
{
    while (*length > 0 && is_blank(**start)) {
        (*start)++;
        (*length)--;
    }
    while (*length > 0 && is_blank((*start)[*length - 1])) {
        (*length)--;
    }
}

/** @return the value of the next cookie of the name, NULL: there is none; *header behind it */
static const char *value_next(const char **header, const char *name, apr_pool_t *pool)
{
    apr_size_t name_length = strlen(name);

    while (*header != NULL && **header != '\0') {
        const char *pair = *header;
        apr_size_t pair_length = strcspn(pair, ";");
        const char *equals = memchr(pair, '=', pair_length);
        const char *key = pair;
        apr_size_t key_length = equals != NULL ? (apr_size_t)(equals - pair) : 0;

        *header += pair_length;
        *header += **header == ';';
        blanks_trim(&key, &key_length);
        if (equals != NULL && key_length == name_length && memcmp(key, name, key_length) == 0) {
            const char *value = equals + 1;
            apr_size_t length = pair_length - (apr_size_t)(value - pair);
            blanks_trim(&value, &length);
            return apr_pstrmemdup(pool, value, length);
        }
    }
    return NULL;
}

const char *mq_cookie_get(const char *header, const char *name, apr_pool_t *pool)
{
    const char *value = value_next(&header, name, pool);
    return value != NULL && value_next(&header, name, pool) == NULL ? value : NULL;
}

const char *mq_cookie_get_all(const char *header, const char *name, apr_pool_t *pool)
{
    apr_array_header_t *values = apr_array_make(pool, 1, sizeof(const char *));
    const char *value;

    while ((value = value_next(&header, name, pool)) != NULL) {
        APR_ARRAY_PUSH(values, const char *) = value;
    }
    return values->nelts > 0 ? apr_array_pstrcat(pool, values, '~') : NULL;
}

/** @return whether text is a token of RFC 9110 */
static int is_token(const char *text)
{
    return *text != '\0' && text[strspn(text, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0';
}

/** @return whether text is a cookie-value of RFC 6265 without quotes */
static int is_value(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text > '~' || strchr("\",;\\", *text) != NULL) {
            return 0;
        }
    }
    return 1;
}

apr_status_t mq_cookie_build(const char **header_out, const char *name, const char *value,
                             int max_age, int secure, apr_pool_t *pool)
{
    const char *lifetime = "";

    *header_out = NULL;
    if (!is_token(name) || !is_value(value) || max_age < MQ_COOKIE_SESSION ||
        (!secure && strncmp(name, "__Host-", 7) == 0)) {
        return MQ_EBUG;
    }
    if (max_age != MQ_COOKIE_SESSION) {
        lifetime = apr_psprintf(pool, "; Max-Age=%d", max_age);
    }
    *header_out = apr_pstrcat(pool, name, "=", value, lifetime, "; Path=/; HttpOnly; SameSite=Lax",
                              secure ? "; Secure" : "", NULL);
    return APR_SUCCESS;
}
