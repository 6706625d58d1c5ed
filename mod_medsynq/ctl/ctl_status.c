/* ctl_status.c -- medsynqctl status: what this database is, at a glance. Whether it is sound is
 * check's affair, which reads all of it. */
#include <apr_strings.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/ctl_files.h"
#include "version_gen.h"

enum { FIGURES = 7, UNKNOWN = -1 /* what only a file has */ };

/* One figure; its name is that of the JSON as well. */
typedef struct figure_t {
    const char *name;
    apr_int64_t value;
    const char *unit; /* for people */
} figure_t;

static apr_int64_t size_of(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? info.st_size : 0;
}

static apr_int64_t room_beside(const char *path)
{
    struct statvfs disk;
    return statvfs(path, &disk) == 0 ? (apr_int64_t)disk.f_bavail * (apr_int64_t)disk.f_frsize
                                     : UNKNOWN;
}

static apr_int64_t log_size(const ctl_t *ctl)
{
    const char *pending = mq_owner_companions(ctl->driver)[0];
    return ctl->is_on_server ? UNKNOWN
           : pending         ? size_of(files_companion(ctl, ctl->database, pending))
                             : 0;
}

static apr_int64_t is_in_maintenance(const ctl_t *ctl)
{
    return ctl->is_on_server ? UNKNOWN : access(ctl_maintenance_file(ctl), F_OK) == 0;
}

static void figures_tell(const ctl_t *ctl, const figure_t figures[FIGURES])
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 512)};
    mq_json_object(&json, NULL);
    mq_json_text(&json, "version", MEDSYNQ_VERSION);
    mq_json_text(&json, "database", ctl->database);
    for (int i = 0; i < FIGURES; i++) {
        if (figures[i].value != UNKNOWN) {
            mq_json_int(&json, figures[i].name, figures[i].value);
        }
    }
    mq_json_object_end(&json);
    mq_buffer_text(json.out, "\n");
    if (ctl->json) {
        ctl_write(json.out);
        return;
    }
    ctl_print("%-16s %s\n%-16s %s\n", "version", MEDSYNQ_VERSION, "database",
              ctl_harmless(ctl, ctl->database));
    for (int i = 0; i < FIGURES; i++) {
        if (figures[i].value != UNKNOWN) {
            ctl_print("%-16s %" APR_INT64_T_FMT "%s\n", figures[i].name, figures[i].value,
                      figures[i].unit);
        }
    }
}

int ctl_status(ctl_t *ctl)
{
    const char *wrong = ctl_options(ctl, NULL, NULL);
    const char *error = NULL;
    apr_int64_t bytes = UNKNOWN;
    mq_owner_t *owner;
    int version = 0;
    int code;
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    code = ctl_owner_open(&owner, ctl->database, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    if (mq_owner_version(&version, owner, &error, ctl->pool) != APR_SUCCESS) {
        mq_owner_close(owner);
        return ctl_fail(ctl, "%s: %s", ctl->database, error);
    }
    (void)mq_owner_size(&bytes, owner, ctl->pool);
    figures_tell(ctl,
                 (figure_t[FIGURES]){
                     {"schema", version, ""},
                     {"schema_known", mq_migration_count,
                      version == mq_migration_count ? "" : ": medsynqctl migrate, or a start"},
                     {"organisations", ctl_organisations(owner), ""},
                     {"bytes", bytes, ""},
                     {"log_bytes", log_size(ctl), ""},
                     {"free_bytes", ctl->is_on_server ? UNKNOWN : room_beside(ctl->database), ""},
                     {"maintenance", is_in_maintenance(ctl), ""}});
    mq_owner_close(owner);
    return CTL_DONE;
}
