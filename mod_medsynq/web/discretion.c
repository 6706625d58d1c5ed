/* discretion.c -- leaving out of an address what no log may have. Runs for each request: an address
 * that has nothing to hide is looked through once and not copied. */
#include "web/discretion.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

const char *const mq_discretion_secrets[] = {"/invitations/", "/password-reset/", NULL};

static int digit(char c)
{
    return apr_isdigit(c) ? c - '0' : apr_isxdigit(c) ? apr_tolower(c) - 'a' + 10 : -1;
}

/* "%69" is "i", "//" is "/": what httpd makes of a path before it looks for its route. */
static const char *path_decode(const char *path, apr_pool_t *pool)
{
    char *decoded = apr_palloc(pool, strlen(path) + 1);
    char *to = decoded;
    for (const char *from = path; *from; from++) {
        char c = *from;
        if (c == '%' && digit(from[1]) >= 0 && digit(from[2]) >= 0) {
            c = (char)(digit(from[1]) * 16 + digit(from[2]));
            from += 2;
        }
        if (c != '/' || to == decoded || to[-1] != '/') {
            *to++ = c;
        }
    }
    *to = 0;
    return decoded;
}

/* @return the row of mq_discretion_secrets that the path has, with something after it */
static const char *secret_find(const char *path, apr_pool_t *pool)
{
    const char *decoded = strchr(path, '%') || strstr(path, "//") ? path_decode(path, pool) : path;
    for (int i = 0; mq_discretion_secrets[i]; i++) {
        const char *found = strstr(decoded, mq_discretion_secrets[i]);
        if (found && found[strlen(mq_discretion_secrets[i])]) {
            return mq_discretion_secrets[i];
        }
    }
    return NULL;
}

/* "https://host" of "https://host/path"; a path has none. */
static apr_size_t host_length(const char *address)
{
    const char *host = *address == '/' ? NULL : strstr(address, "://");
    return host ? (apr_size_t)(host - address) + 3 + strcspn(host + 3, "/?#") : 0;
}

const char *mq_discreet_address(const char *address, apr_pool_t *pool)
{
    apr_size_t host = host_length(address);
    apr_size_t length = strcspn(address, "?#");
    const char *plain = address[length] ? apr_pstrmemdup(pool, address, length) : address;
    const char *secret = secret_find(plain + host, pool);
    return secret ? apr_pstrcat(pool, apr_pstrmemdup(pool, plain, host), secret, "-", NULL) : plain;
}

/* The last " HTTP/": a broken line has blanks in its address. */
static const char *version_find(const char *address)
{
    const char *version = NULL;
    for (const char *at = address; (at = strstr(at, " HTTP/")) != NULL; at++) {
        version = at;
    }
    return version ? version : address + strlen(address);
}

const char *mq_discreet_line(const char *line, apr_pool_t *pool)
{
    const char *blank = strchr(line, ' ');
    const char *address = blank ? blank + 1 : line;
    const char *version = version_find(address);
    const char *asked =
        *version ? apr_pstrmemdup(pool, address, (apr_size_t)(version - address)) : address;
    const char *discreet = mq_discreet_address(asked, pool);
    return discreet == asked
               ? line
               : apr_pstrcat(pool, apr_pstrmemdup(pool, line, (apr_size_t)(address - line)),
                             discreet, version, NULL);
}
