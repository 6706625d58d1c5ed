/* pgsql_look.c -- the files that libpq reads. Of one that is missing, or that others may read, it
 * says nothing and goes on without: then a password is wrong, or a certificate is not looked at. */
#include "store/pgsql/pgsql_look.h"

#include <apr_strings.h>
#include <errno.h>
#include <libpq-fe.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *option;
    mode_t refused; /* of others, by libpq */
} files[] = {{"passfile", S_IRWXG | S_IRWXO},
             {"sslkey", S_IWGRP | S_IXGRP | S_IRWXO},
             {"sslcert", 0},
             {"sslrootcert", 0}};

static const char *file_fault(const char *option, const char *path, mode_t refused,
                              apr_pool_t *pool)
{
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) {
        return apr_psprintf(pool, "%s=: there is no file %s: make it, or name another", option,
                            path);
    }
    if (info.st_mode & refused) {
        return apr_psprintf(pool,
                            "%s=: others may read %s, and libpq does not use it then: chmod 600 it",
                            option, path);
    }
    return access(path, R_OK) == 0 || errno != EACCES
               ? NULL
               : apr_psprintf(pool,
                              "%s=: the server's user cannot read %s: let it be the file's owner",
                              option, path);
}

const char *mq_pgsql_look(const char *parameters, apr_pool_t *pool)
{
    const char *fault = NULL;
    PQconninfoOption *all = PQconninfoParse(parameters, NULL);
    for (const PQconninfoOption *each = all; each && each->keyword && !fault; each++) {
        for (size_t i = 0; each->val && !fault && i < sizeof files / sizeof *files; i++) {
            if (strcmp(each->keyword, files[i].option) == 0 && *each->val == '/') {
                fault = file_fault(each->keyword, each->val, files[i].refused, pool);
            }
        }
    }
    PQconninfoFree(all);
    return fault;
}
