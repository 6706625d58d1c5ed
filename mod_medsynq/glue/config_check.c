/* config_check.c -- a row for each thing that would otherwise be found out at the start, or at the
 * first request that needs it. What only the server's user can tell is asked as that user. */
#include "glue/config_check.h"

#include <apr_strings.h>
#include <apr_user.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ap_mmn.h>
#include <http_core.h>
#include <unixd.h>

#include "base/crypto.h"
#include "domain/access/secrets.h"
#include "glue/as_server.h"
#include "glue/config_places.h"
#include "glue/public_files.h"
#include "store/engine.h"
#include "web/route_tables.h"

/* Not the server's user, and not root: nothing can be said of what only they can see. */
static int is_stranger(void)
{
    return geteuid() != 0 && ap_unixd_config.user_name && *ap_unixd_config.user_name != '#' &&
           ap_unixd_config.user_id != geteuid();
}

static const char *templates_fault(const mq_config_t *config, apr_pool_t *pool)
{
    const char *fault = NULL;
    const mq_routes_t *routes;
    const mq_pages_t *pages;
    if (mq_routes_compile(&routes, mq_route_tables, &fault, pool) == APR_SUCCESS) {
        (void)mq_pages_compile(&pages, routes->pages, config->templates, &fault, pool);
    }
    return fault ? apr_pstrcat(pool, "MedSynQTemplates: ", fault, NULL) : NULL;
}

static const char *public_fault(const mq_config_t *config, apr_pool_t *pool)
{
    mq_public_files_t *files;
    const char *fault = mq_public_files_read(&files, config->public_folder, pool, pool);
    return fault ? apr_pstrcat(pool, "MedSynQPublic: ", fault, NULL) : NULL;
}

static const char *secret_fault(const mq_config_t *config, apr_pool_t *pool)
{
    const char *fault = mq_secret_fault(config->secret_file, pool);
    struct stat info;
    char *owner;
    if (!fault && stat(config->secret_file, &info) == 0 && info.st_uid != 0 &&
        info.st_uid != geteuid() && info.st_uid != ap_unixd_config.user_id) {
        fault = apr_psprintf(
            pool, "the secret file %s is %s's, who can read it: chown root it", config->secret_file,
            apr_uid_name_get(&owner, info.st_uid, pool) == APR_SUCCESS ? owner : "somebody else");
    }
    return fault ? apr_pstrcat(pool, "MedSynQSecretFile: ", fault, NULL) : NULL;
}

static const char *parent_of(const char *path, apr_pool_t *pool)
{
    const char *slash = strrchr(path, '/');
    return slash == path ? "/" : apr_pstrmemdup(pool, path, (apr_size_t)(slash - path));
}

static int is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* httpd splits it into words, and runs it without looking at PATH. */
static const char *heads_program_fault(const char *command, apr_pool_t *pool)
{
    char **argv;
    struct stat info;
    const char *program =
        apr_tokenize_to_argv(command, &argv, pool) == APR_SUCCESS ? argv[0] : NULL;
    return program && *program == '/' && stat(program, &info) == 0 && S_ISREG(info.st_mode) &&
                   access(program, X_OK) == 0
               ? NULL
               : apr_psprintf(pool,
                              "MedSynQAuditHeads: there is no program %s to run: name one with its "
                              "absolute path after the |",
                              program ? program : "");
}

/* Opened by httpd's parent, as a log is; a pipe that nobody reads would keep it waiting. */
static const char *heads_fault(const mq_config_t *config, apr_pool_t *pool)
{
    const char *target = config->heads_target;
    const char *folder;
    struct stat info;
    if (!target || *target == '|') {
        return target ? heads_program_fault(target + 1, pool) : NULL;
    }
    folder = parent_of(target, pool);
    if (!is_folder(folder)) {
        return apr_psprintf(pool, "MedSynQAuditHeads: there is no folder %s: make it", folder);
    }
    if ((stat(target, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISCHR(info.st_mode)) ||
        access(access(target, F_OK) == 0 ? target : folder, W_OK) != 0) {
        return apr_psprintf(pool,
                            "MedSynQAuditHeads: %s cannot be written: name a file in a folder that "
                            "httpd's parent process may write",
                            target);
    }
    return NULL;
}

/* Whether a <Location> holds for uploads: by httpd's own rules, as far as it is no pattern. */
static int holds_uploads(const core_dir_config *section)
{
    static const char uploads[] = "/patients/import";
    apr_size_t length = section->d ? strlen(section->d) : 0;
    if (section->r) {
        return ap_regexec(section->r, uploads, 0, NULL, 0) == 0;
    }
    length -= length > 0 && section->d[length - 1] == '/';
    return section->d && *section->d == '/' && length < sizeof uploads &&
           strncmp(section->d, uploads, length) == 0 &&
           (!uploads[length] || uploads[length] == '/');
}

/* The last section that holds counts. */
static apr_off_t body_limit(const server_rec *s)
{
    const core_dir_config *section = ap_get_core_module_config(s->lookup_defaults);
    const core_server_config *core = ap_get_core_module_config(s->module_config);
    apr_off_t limit = section->limit_req_body;
    for (int i = 0; core->sec_url && i < core->sec_url->nelts; i++) {
        section = ap_get_core_module_config(APR_ARRAY_IDX(core->sec_url, i, ap_conf_vector_t *));
        if (section->limit_req_body >= 0 && holds_uploads(section)) {
            limit = section->limit_req_body;
        }
    }
    return limit;
}

static const char *body_limit_fault(const mq_config_t *config, const server_rec *s,
                                    apr_pool_t *pool)
{
    apr_off_t limit = body_limit(s);
    apr_int64_t wanted =
        config->upload_limit > config->body_limit ? config->upload_limit : config->body_limit;
    if (limit <= 0 || limit >= wanted) {
        return NULL; /* not set, or no limit */
    }
    return apr_psprintf(pool,
                        "LimitRequestBody %" APR_OFF_T_FMT
                        " would refuse what MedSynQMaxUpload and "
                        "MedSynQMaxBody allow, %" APR_INT64_T_FMT " bytes: raise it, or lower them",
                        limit, wanted);
}

static const char *name_of(const server_rec *s)
{
    return s->server_hostname ? s->server_hostname : "the main server";
}

static const char *other_secret_fault(const mq_config_t *config, const server_rec *s,
                                      const server_rec *main, apr_pool_t *pool)
{
    for (const server_rec *other = main; other && other != s; other = other->next) {
        const mq_config_t *its = mq_config_of(other);
        if (its->enabled == 1 && its != config && its->secret_file &&
            mq_is_same_place(its->files, config->files, pool) &&
            !mq_is_same_place(its->secret_file, config->secret_file, pool)) {
            return apr_psprintf(
                pool,
                "MedSynQSecretFile: %s and %s have one database, %s, and two secrets, "
                "%s and %s: links and second factors of one would not work at the "
                "other. Name one file for both",
                name_of(other), name_of(s), config->database, its->secret_file,
                config->secret_file);
        }
    }
    return NULL;
}

/* Who asks, in the child: the server's user. */
static const char *user_name(apr_pool_t *pool)
{
    char *name;
    return apr_uid_name_get(&name, geteuid(), pool) == APR_SUCCESS ? name : "the server's user";
}

static const char *archive_folder_fault(const mq_config_t *config, apr_pool_t *pool)
{
    const char *folder = config->archive_folder;
    if (config->retention <= 0) {
        return NULL;
    }
    while (access(folder, F_OK) != 0 && errno == ENOENT && strlen(folder) > 1) {
        folder = parent_of(folder, pool); /* it is made */
    }
    return is_folder(folder) && (access(folder, W_OK | X_OK) == 0 || errno == EROFS)
               ? NULL
               : apr_psprintf(pool,
                              "MedSynQAuditRetention: %s cannot write to the folder %s: chown it",
                              user_name(pool), folder);
}

/* A script whose "#!" leads nowhere is there, and cannot be run. */
static int has_interpreter(const char *path)
{
    char line[256] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const char *program = line + 2;
    ssize_t length = fd < 0 ? 0 : read(fd, line, sizeof line - 1);
    if (fd >= 0) {
        (void)close(fd);
    }
    if (length < 2 || strncmp(line, "#!", 2) != 0) {
        return 1;
    }
    program += strspn(program, " \t");
    line[(program - line) + (ptrdiff_t)strcspn(program, " \t\n")] = 0;
    return access(program, X_OK) == 0;
}

static const char *mail_fault(const mq_config_t *config, apr_pool_t *pool)
{
    struct stat info;
    const char *program = config->mail ? config->mail->command[0] : NULL;
    return !program || (stat(program, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0 &&
                        access(program, X_OK) == 0 && has_interpreter(program))
               ? NULL
               : apr_psprintf(
                     pool,
                     "MedSynQSendmail: there is no program %s that %s may run: install it, "
                     "or name another",
                     program, user_name(pool));
}

static const char *asked_as_server(int *failed_out, const void *context, apr_pool_t *pool)
{
    const mq_config_t *config = context;
    const char *fault = archive_folder_fault(config, pool);
    if (!fault) {
        fault = mail_fault(config, pool);
    }
    *failed_out = fault != NULL;
    return fault ? fault : "";
}

#if !AP_MODULE_MAGIC_AT_LEAST(20120211, 105)
#error "MedSynQ needs Apache httpd 2.4.48 or newer" /* an older one does not load it either */
#endif

const char *mq_config_check(const mq_config_t *config, const server_rec *s, const server_rec *main,
                            apr_pool_t *pool)
{
    static const char *(*const checks[])(const mq_config_t *, apr_pool_t *) = {
        templates_fault, public_fault, secret_fault, heads_fault};
    const char *said;
    const char *fault = mq_crypto_fault(pool);
    if (!fault) {
        fault = body_limit_fault(config, s, pool);
    }
    if (!fault) {
        fault = other_secret_fault(config, s, main, pool);
    }
    if (!fault) {
        fault = mq_config_places_fault(config, main, pool);
    }
    if (fault || is_stranger()) {
        return fault;
    }
    for (size_t i = 0; !fault && i < sizeof checks / sizeof *checks; i++) {
        fault = checks[i](config, pool);
    }
    if (!fault && (config->retention > 0 || config->mail) &&
        !mq_as_server(&said, asked_as_server, config, pool)) {
        fault = said;
    }
    return fault;
}

static const char *uploads_folder_fault(const mq_config_t *config, apr_pool_t *pool)
{
    const char *folder = config->folder;
    const char *me = user_name(pool);
    struct stat info;
    if (!folder) {
        return NULL;
    }
    if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode)) {
        return apr_psprintf(
            pool, "MedSynQFolder: there is no folder %s: install -d -o %s -m 750 it", folder, me);
    }
    if (info.st_mode & S_IWOTH) {
        return apr_psprintf(pool,
                            "MedSynQFolder: everybody may write the folder %s, and replace what "
                            "lies there: chmod o-w it, or name another",
                            folder);
    }
    return access(folder, W_OK | X_OK) == 0 || errno == EROFS
               ? NULL
               : apr_psprintf(pool, "MedSynQFolder: %s cannot write the folder %s: chown it", me,
                              folder);
}

static const char *look_as_server(int *failed_out, const void *context, apr_pool_t *pool)
{
    const mq_config_t *config = context;
    const char *fault = mq_engine_find(config->driver)->look(config->database, pool);
    fault = fault ? apr_pstrcat(pool, "MedSynQDatabase: ", fault, NULL)
                  : uploads_folder_fault(config, pool);
    *failed_out = fault != NULL;
    return fault ? fault : "";
}

const char *mq_config_check_database(const mq_config_t *config, apr_pool_t *pool)
{
    const char *folder = parent_of(config->secret_file, pool);
    const char *said;
    if (is_stranger()) {
        return NULL;
    }
    if (!mq_as_server(&said, look_as_server, config, pool)) {
        return said;
    }
    return is_folder(folder)
               ? NULL
               : apr_psprintf(pool,
                              "MedSynQSecretFile: there is no folder %s: make it, or name "
                              "another file",
                              folder);
}
