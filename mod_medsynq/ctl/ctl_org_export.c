/* ctl_org_export.c -- medsynqctl org export: a folder with a file for each part, and
 * organisation.json, which is written last: without it an export is not whole. */
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/date.h"
#include "ctl/ctl.h"
#include "domain/organisations/organisation_export.h"
#include "domain/organisations/logo.h"
#include "domain/organisations/settings.h"
#include "version_gen.h"

static const char summary_name[] = "organisation.json";

/* Root makes the folder where only root may, and gives it to the database's owner, who writes into
 * it through the descriptor. A server's database has no owner here: root keeps it. */
static int folder_make(const ctl_t *ctl, const char *path)
{
    struct stat owner = {.st_uid = geteuid(), .st_gid = getegid()};
    int folder;
    if (!ctl->is_on_server && stat(ctl->database, &owner) != 0) {
        (void)ctl_fail(ctl, "%s cannot be read: %s", ctl->database,
                       ctl_unreadable(ctl, ctl->database, NULL));
        return -1;
    }
    if (mkdir(path, 0700) != 0) {
        (void)ctl_fail(ctl, "the folder %s cannot be made: %s", path, strerror(errno));
        return -1;
    }
    folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0 || (geteuid() == 0 && fchown(folder, owner.st_uid, owner.st_gid) != 0)) {
        (void)ctl_fail(ctl, "the folder %s cannot be used: %s", path, strerror(errno));
        (void)rmdir(path);
        folder = -1;
    }
    return folder;
}

static int file_make(int folder, const char *name)
{
    return openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static apr_status_t buffer_write(int file, const mq_buffer_t *buffer)
{
    apr_size_t done = 0;
    while (done < buffer->length) {
        ssize_t n = write(file, buffer->data + done, buffer->length - done);
        if (n < 0 && errno != EINTR) {
            return errno;
        }
        done += n > 0 ? (apr_size_t)n : 0;
    }
    return APR_SUCCESS;
}

static apr_status_t file_end(int file, apr_status_t rv)
{
    if (rv == APR_SUCCESS && fsync(file) != 0) {
        rv = errno;
    }
    (void)close(file);
    return rv;
}

static const char *file_name(const ctl_t *ctl, int part)
{
    return apr_pstrcat(ctl->pool, mq_organisation_export_name(part), ".ndjson", NULL);
}

static apr_status_t part_write(apr_int64_t *lines_out, ctl_t *ctl, int folder,
                               mq_organisation_export_t *job, int part)
{
    mq_buffer_t *piece = mq_buffer_make(ctl->pool, 65536);
    int file = file_make(folder, file_name(ctl, part));
    apr_status_t rv = file < 0 ? errno : APR_SUCCESS;
    int done = 0;
    *lines_out = 0;
    if (file < 0) {
        return rv;
    }
    while (rv == APR_SUCCESS && !done) {
        int count;
        piece->length = 0;
        rv = mq_organisation_export_next(piece, &count, &done, job, part);
        if (rv == APR_SUCCESS) {
            rv = buffer_write(file, piece);
            *lines_out += count;
            ctl_progress(ctl, mq_organisation_export_name(part), *lines_out, done ? *lines_out : 0);
        }
    }
    return file_end(file, rv);
}

static apr_status_t settings_write(mq_json_t *json, const ctl_t *ctl, const mq_scope_t *sc)
{
    mq_settings_t settings;
    mq_logo_t logo;
    apr_status_t rv;
    MQ_TRY(mq_settings_read(&settings, sc));
    rv = mq_logo_read(&logo, sc);
    if (rv != APR_SUCCESS && rv != MQ_ENOTFOUND) {
        return rv;
    }
    mq_json_object(json, "settings");
    mq_json_int(json, "date_format", settings.date_format);
    mq_json_text(json, "time_zone", settings.time_zone);
    mq_json_text(json, "language", settings.language);
    mq_json_text(json, "digits", settings.digits);
    mq_json_text(json, "two_factor_from", settings.two_factor_from);
    mq_json_text(json, "address", settings.letterhead.address);
    mq_json_text(json, "phone", settings.letterhead.phone);
    mq_json_text(json, "logo_type", logo.type);
    mq_json_text(json, "logo",
                 logo.bytes ? mq_hex_encode(logo.bytes, logo.length, ctl->pool) : NULL);
    mq_json_object_end(json);
    return APR_SUCCESS;
}

static apr_status_t summary_write(const ctl_t *ctl, int folder, const mq_scope_t *sc,
                                  const apr_int64_t *lines)
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 1024)};
    int file;
    mq_json_object(&json, NULL);
    mq_json_text(&json, "format", "MedSynQ organisation export 1");
    mq_json_text(&json, "organisation", mq_scope_tenant_name(sc));
    mq_json_text(&json, "exported_at", mq_time_iso(mq_scope_now(sc), ctl->pool));
    mq_json_text(&json, "medsynq", MEDSYNQ_VERSION);
    MQ_TRY(settings_write(&json, ctl, sc));
    mq_json_array(&json, "files");
    for (int i = 0; i < mq_organisation_export_parts(); i++) {
        mq_json_object(&json, NULL);
        mq_json_text(&json, "name", file_name(ctl, i));
        mq_json_int(&json, "lines", lines[i]);
        mq_json_object_end(&json);
    }
    mq_json_array_end(&json);
    mq_json_object_end(&json);
    mq_buffer_text(json.out, "\n");
    file = file_make(folder, summary_name);
    return file < 0 ? errno : file_end(file, buffer_write(file, json.out));
}

static apr_status_t all_write(apr_int64_t *lines, ctl_t *ctl, int folder, const mq_scope_t *sc)
{
    mq_organisation_export_t *job;
    MQ_TRY(mq_organisation_export_begin(&job, sc));
    for (int i = 0; i < mq_organisation_export_parts(); i++) {
        MQ_TRY(part_write(&lines[i], ctl, folder, job, i));
    }
    MQ_TRY(summary_write(ctl, folder, sc, lines));
    mq_db_give_back(sc);
    return fsync(folder) == 0 ? APR_SUCCESS : errno;
}

/* "2 people, 40 patients, 12 patient_versions": what is in which file. */
static const char *lines_say(const ctl_t *ctl, const apr_int64_t *lines)
{
    const char *said = NULL;
    for (int i = 0; i < mq_organisation_export_parts(); i++) {
        const char *name = mq_organisation_export_name(i);
        if (lines[i]) {
            said = apr_psprintf(ctl->pool, "%s%s%" APR_INT64_T_FMT " %s", said ? said : "",
                                said ? ", " : "", lines[i], name);
        }
    }
    return said;
}

/* Half an export is none. */
static void files_drop(const ctl_t *ctl, int folder)
{
    for (int i = 0; i < mq_organisation_export_parts(); i++) {
        (void)unlinkat(folder, file_name(ctl, i), 0);
    }
    (void)unlinkat(folder, summary_name, 0);
}

static int export_into(ctl_t *ctl, int folder, const char *path, const char *name)
{
    apr_int64_t *lines =
        apr_pcalloc(ctl->pool, sizeof *lines * (apr_size_t)mq_organisation_export_parts());
    const mq_scope_t *sc = NULL;
    ctl_core_t *core;
    mq_visit_t visit;
    apr_status_t rv;
    int code;
    if (!ctl_take_identity(ctl)) {
        return CTL_FAILED;
    }
    code = ctl_org_open(&core, &visit, &sc, ctl, name);
    if (code != CTL_DONE) {
        return code;
    }
    rv = all_write(lines, ctl, folder, sc);
    if (rv != APR_SUCCESS) {
        files_drop(ctl, folder);
        return ctl_failed(ctl, rv, "the export stopped");
    }
    return ctl_done(ctl, "%s holds %s of \"%s\"", path, lines_say(ctl, lines), name);
}

/* Whoever made the folder can take it away again, and only they. */
static int export_apart(ctl_t *ctl, int folder, const char *path, const char *name)
{
    pid_t child = fork();
    int status = -1;
    if (child == 0) {
        int code = export_into(ctl, folder, path, name);
        (void)fflush(stdout);
        _exit(code);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : CTL_FAILED;
}

int ctl_org_export(ctl_t *ctl)
{
    static const char *const names[] = {"the organisation's name", "the folder to make", NULL};
    const char *operands[2];
    const char *wrong = ctl_operands(ctl, NULL, operands, names);
    const char *path;
    int folder;
    int code;
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    path = ctl_absolute(ctl, operands[1]);
    folder = folder_make(ctl, path);
    if (folder < 0) {
        return CTL_FAILED;
    }
    code = geteuid() == 0 ? export_apart(ctl, folder, path, operands[0])
                          : export_into(ctl, folder, path, operands[0]);
    (void)close(folder);
    if (code != CTL_DONE) {
        (void)rmdir(path);
    }
    return code;
}
