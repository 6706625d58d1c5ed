/* config_places.c -- a row for each file or folder of a host that holds what nobody may fetch.
 * Links are followed; what is not there yet is looked for by the folder in which it will be made.
 */
#include "glue/config_places.h"

#include <apr_strings.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <http_core.h>

#include "store/engine.h"

typedef struct place_t {
    const char *directive;
    const char *path; /* NULL: not named */
    const char *real;
} place_t;

enum { PLACES = 5 };

static const char database_directive[] = "MedSynQDatabase";
static const char secret_directive[] = "MedSynQSecretFile";
static const char archive_directive[] = "MedSynQAuditRetention";
static const char folder_directive[] = "MedSynQFolder";
static const char heads_directive[] = "MedSynQAuditHeads";

/* Without links, dots and slashes too many; of what is not there, as far as it is. */
static const char *real_path(const char *path, apr_pool_t *pool)
{
    char there[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const char *real;
    if (realpath(path, there)) {
        return apr_pstrdup(pool, there);
    }
    if (!slash || slash == path) {
        return path;
    }
    real = real_path(apr_pstrmemdup(pool, path, (apr_size_t)(slash - path)), pool);
    return slash[1] ? apr_pstrcat(pool, strcmp(real, "/") == 0 ? "" : real, slash, NULL) : real;
}

int mq_is_same_place(const char *a, const char *b, apr_pool_t *pool)
{
    struct stat of_a;
    struct stat of_b;
    if (stat(a, &of_a) == 0 && stat(b, &of_b) == 0) {
        return of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
    }
    return strcmp(real_path(a, pool), real_path(b, pool)) == 0;
}

static int is_below(const char *path, const char *folder)
{
    apr_size_t length = strlen(folder);
    return strcmp(folder, "/") == 0 ||
           (strncmp(path, folder, length) == 0 && (!path[length] || path[length] == '/'));
}

static void places_list(place_t places[PLACES], const mq_config_t *config, apr_pool_t *pool)
{
    const int has_file = mq_engine_find(config->driver)->has_file;
    const char *heads = config->heads_target;
    const place_t all[PLACES] = {
        {database_directive, has_file ? config->database : NULL, NULL},
        {secret_directive, config->secret_file, NULL},
        {archive_directive, config->retention > 0 ? config->archive_folder : NULL, NULL},
        {folder_directive, config->folder, NULL},
        {heads_directive, heads && *heads != '|' ? heads : NULL, NULL}};
    for (int i = 0; i < PLACES; i++) {
        places[i] = all[i];
        places[i].real = all[i].path ? real_path(all[i].path, pool) : NULL;
    }
}

static const char *served_fault(const place_t *place, const char *directive, const char *folder,
                                const server_rec *s, apr_pool_t *pool)
{
    if (!folder || !is_below(place->real, real_path(folder, pool))) {
        return NULL;
    }
    return apr_psprintf(pool,
                        "%s: %s lies in %s, the %s of %s, from where anybody could fetch it: name "
                        "a place that no host serves, such as below /var/lib/medsynq",
                        place->directive, place->path, folder, directive,
                        s->server_hostname ? s->server_hostname : "the main server");
}

static const char *place_fault(const place_t *place, const server_rec *main, apr_pool_t *pool)
{
    const char *fault = NULL;
    for (const server_rec *s = main; !fault && s; s = s->next) {
        const core_server_config *core = ap_get_core_module_config(s->module_config);
        const mq_config_t *config = mq_config_of(s);
        fault = served_fault(place, "DocumentRoot", core->ap_document_root, s, pool);
        if (!fault && config->enabled == 1) {
            fault = served_fault(place, "MedSynQPublic", config->public_folder, s, pool);
        }
    }
    return fault;
}

/* What SQLite and medsynqctl keep beside a database has its name and more. */
static int is_beside(const place_t *database, const place_t *other)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal", ".maintenance"};
    apr_size_t length = strlen(database->real);
    if (database->directive != database_directive ||
        strncmp(database->real, other->real, length) != 0) {
        return 0;
    }
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (strcmp(other->real + length, endings[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Two hosts may share a database, its secret, its heads. */
static const char *shared_fault(const place_t *place, const place_t *other, apr_pool_t *pool)
{
    if (!place->path || !other->path) {
        return NULL;
    }
    if (is_beside(place, other) || is_beside(other, place)) {
        return apr_psprintf(pool,
                            "%s %s and %s %s: what is kept beside a database has its name and "
                            "more; name another",
                            place->directive, place->path, other->directive, other->path);
    }
    return place->directive != other->directive && mq_is_same_place(place->path, other->path, pool)
               ? apr_psprintf(pool,
                              "%s and %s name one file, %s, and one would spoil the other: name "
                              "two",
                              place->directive, other->directive, other->path)
               : NULL;
}

/* Each of one host with each of another, or of its own. */
static const char *places_shared_fault(const place_t *places, const mq_config_t *config,
                                       apr_pool_t *pool)
{
    place_t theirs[PLACES];
    const char *fault = NULL;
    places_list(theirs, config, pool);
    for (int i = 0; !fault && i < PLACES; i++) {
        for (int j = 0; !fault && j < PLACES; j++) {
            fault = shared_fault(&places[i], &theirs[j], pool);
        }
    }
    return fault;
}

const char *mq_config_places_fault(const mq_config_t *config, const server_rec *main,
                                   apr_pool_t *pool)
{
    place_t places[PLACES];
    const char *fault = NULL;
    places_list(places, config, pool);
    for (int i = 0; !fault && i < PLACES; i++) {
        fault = places[i].path ? place_fault(&places[i], main, pool) : NULL;
    }
    for (const server_rec *s = main; !fault && s; s = s->next) {
        const mq_config_t *other = mq_config_of(s);
        fault =
            other->enabled == 1 && other->driver ? places_shared_fault(places, other, pool) : NULL;
    }
    return fault;
}
