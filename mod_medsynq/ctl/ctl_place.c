/* ctl_place.c -- which database is meant: a file, or a server's and how to connect. */
#include <apr_strings.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"

static const char on_server[] = "pgsql:"; /* before what libpq connects by */

const char *ctl_folder_of(const ctl_t *ctl, const char *path)
{
    return apr_pstrndup(ctl->pool, path, (apr_size_t)(strrchr(path, '/') - path));
}

/* STATE/medsynq.db is a link into the server's own folder: the locks, what stands beside the file,
 * and what replaces it, are there. */
static const char *lead_on(const ctl_t *ctl, const char *path)
{
    char target[PATH_MAX];
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length <= 0) {
        return path;
    }
    target[length] = 0;
    return *target == '/' ? apr_pstrdup(ctl->pool, target)
                          : apr_pstrcat(ctl->pool, ctl_folder_of(ctl, path), "/", target, NULL);
}

/* "password=", or a URL's "//role:password@". */
static int has_password(const char *parameters)
{
    static const char word[] = "password";
    const char *person = strstr(parameters, "://");
    const char *colon = person ? strchr(person + 3, ':') : NULL;
    for (const char *s = strstr(parameters, word); s; s = strstr(s + 1, word)) {
        if (s[sizeof word - 1 + strspn(s + sizeof word - 1, " \t\n")] == '=') {
            return 1;
        }
    }
    return person && colon && colon < person + 3 + strcspn(person + 3, "@/?") &&
           person[3 + strcspn(person + 3, "@/?")] == '@';
}

const char *ctl_place(ctl_t *ctl, const char *text)
{
    ctl->is_on_server = strncmp(text, on_server, sizeof on_server - 1) == 0;
    ctl->driver = ctl->is_on_server ? "pgsql" : "sqlite3";
    ctl->database =
        ctl->is_on_server ? text + sizeof on_server - 1 : lead_on(ctl, ctl_absolute(ctl, text));
    return ctl->is_on_server && has_password(ctl->database)
               ? "a password does not stand in a command, which everybody on this machine can see: "
                 "name a file with passfile="
               : NULL;
}
