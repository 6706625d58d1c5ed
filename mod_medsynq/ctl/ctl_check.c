/* ctl_check.c -- medsynqctl check: is this database whole, ours, and in the right hands? restore
 * asks the same of a backup. */
#include "ctl/ctl_check.h"

#include <apr_strings.h>
#include <string.h>
#include <sys/stat.h>

#include "ctl/ctl_check_around.h"
#include "ctl/ctl_check_config.h"
#include "ctl/ctl_check_rows.h"
#include "ctl/ctl_files.h"
#include "ctl/ctl_jobs.h"
#include "ctl/ctl_trail.h"

enum { CHECK_AROUND = 7 /* what follows the contents, at most, but for the hosts */ };

static const char *secret_file_fault(const ctl_t *ctl)
{
    struct stat info;
    return stat(ctl->secret, &info) == 0 && info.st_mode & (S_IRWXG | S_IRWXO)
               ? "others may read the secret file: chmod 600 it"
               : NULL;
}

/* What the server could not write, or others could read. */
static const char *files_fault(const ctl_t *ctl)
{
    const char *const *companion = mq_owner_companions(ctl->driver);
    const char *folder = apr_pstrndup(ctl->pool, ctl->database,
                                      (apr_size_t)(strrchr(ctl->database, '/') - ctl->database));
    struct stat info;
    struct stat other;
    if (stat(ctl->database, &info) != 0 || stat(*folder ? folder : "/", &other) != 0) {
        return "the file cannot be reached";
    }
    if (other.st_mode & S_IWOTH) {
        return "everybody may write its folder, and replace what lies there: chmod o-w it";
    }
    if (other.st_uid != info.st_uid && !(other.st_mode & S_IWGRP)) {
        return "its folder has another owner: the server could not write beside it; chown it";
    }
    if (info.st_mode & S_IWOTH || ((info.st_mode & S_IROTH) && (other.st_mode & S_IXOTH))) {
        return "others may read or write the database: chmod o= it";
    }
    if (!(info.st_mode & S_IWUSR)) {
        return "its owner may not write it: chmod u+w it";
    }
    for (; *companion; companion++) {
        if (stat(files_companion(ctl, ctl->database, *companion), &other) == 0 &&
            other.st_uid != info.st_uid) {
            return apr_pstrcat(ctl->pool, "the file ending in ", *companion,
                               " has another owner than the database: chown it", NULL);
        }
    }
    return secret_file_fault(ctl);
}

static const char *version_fault(const ctl_t *ctl, mq_owner_t *owner, int may_be_older)
{
    const char *error = NULL;
    int version = 0;
    if (mq_owner_version(&version, owner, &error, ctl->pool) != APR_SUCCESS) {
        return error;
    }
    if (version == 0) {
        return "it is empty";
    }
    if (version > mq_migration_count) {
        return apr_psprintf(ctl->pool,
                            "schema %d is newer than this program's, %d: install the newer "
                            "MedSynQ",
                            version, mq_migration_count);
    }
    return version == mq_migration_count || may_be_older
               ? NULL
               : apr_psprintf(ctl->pool,
                              "schema %d, this program's is %d: medsynqctl migrate, or a "
                              "start of the server, brings it there",
                              version, mq_migration_count);
}

static const char *trail_fault(ctl_t *ctl, mq_owner_t *owner)
{
    trail_fault_t fault;
    trail_proof_t proof = {NULL};
    trail_verify(&fault, &proof, owner, ctl);
    return fault.code == CTL_DONE
               ? NULL
               : apr_psprintf(ctl->pool,
                              "tenant %" APR_INT64_T_FMT ", event %" APR_INT64_T_FMT ": %s",
                              fault.tenant, fault.number, fault.reason);
}

static int findings_tell(const ctl_t *ctl, const finding_t *findings, int count)
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 256)};
    int code = CTL_DONE;
    mq_json_object(&json, NULL);
    for (int i = 0; i < count; i++) {
        code = findings[i].fault && strncmp(findings[i].fault, "ok: ", 4) != 0 ? CTL_FAILED : code;
        mq_json_text(&json, findings[i].what, findings[i].fault ? findings[i].fault : "ok");
        if (!ctl->json) {
            ctl_print("%-14s %s\n", ctl_harmless(ctl, findings[i].what),
                      findings[i].fault ? ctl_harmless(ctl, findings[i].fault) : "ok");
        }
    }
    mq_json_object_end(&json);
    mq_buffer_text(json.out, "\n");
    if (ctl->json) {
        ctl_write(json.out);
    }
    return code;
}

static const char *fault_of(const ctl_t *ctl, const mq_owner_t *owner, mq_check_t what)
{
    const char *fault;
    (void)mq_owner_check(&fault, owner, what, ctl->pool);
    return fault;
}

void check_contents(finding_t findings[CHECK_CONTENTS], ctl_t *ctl, mq_owner_t *owner,
                    int may_be_older)
{
    findings[0] = (finding_t){"version", version_fault(ctl, owner, may_be_older)};
    ctl_progress(ctl, "checked", 0, CHECK_CONTENTS);
    findings[1] = (finding_t){"database", fault_of(ctl, owner, MQ_CHECK_STORAGE)};
    ctl_progress(ctl, "checked", 2, CHECK_CONTENTS);
    findings[2] = (finding_t){"foreign keys", fault_of(ctl, owner, MQ_CHECK_KEYS)};
    ctl_progress(ctl, "checked", 3, CHECK_CONTENTS);
    findings[3] = (finding_t){"trail", trail_fault(ctl, owner)};
    ctl_progress(ctl, "checked", CHECK_CONTENTS, CHECK_CONTENTS);
}

/* What stands round the database that is served. Who may write a copy, and where, is up to whoever
 * keeps it; a database server's disk is not this machine's. @return how many findings it has added
 */
static int served_findings(finding_t *findings, ctl_t *ctl, mq_owner_t *owner)
{
    int count = 0;
    findings[count++] =
        (finding_t){"permissions", ctl->is_on_server ? secret_file_fault(ctl) : files_fault(ctl)};
    findings[count++] = (finding_t){"secret", rows_secret_fault(ctl, owner)};
    findings[count++] = (finding_t){"emergencies", rows_emergencies_fault(ctl, owner)};
    findings[count++] = (finding_t){"jobs", jobs_fault(ctl, owner)};
    if (!ctl->is_on_server) {
        findings[count++] = (finding_t){"disk", around_disk_fault(ctl)};
    }
    return count;
}

int ctl_check(ctl_t *ctl)
{
    apr_array_header_t *of_hosts = apr_array_make(ctl->pool, 0, sizeof(finding_t));
    finding_t *findings;
    const char *copy = NULL;
    const char *config = NULL;
    const char *backups = NULL;
    const char *hours = NULL;
    const ctl_option_t options[] = {{"--backups", &backups, NULL},
                                    {"--hours", &hours, NULL},
                                    {"--config", &config, NULL},
                                    {NULL, NULL, NULL}};
    const char *wrong = ctl_options(ctl, options, &copy);
    int most = hours ? (int)ctl_number(hours, 1, BACKUP_HOURS_MOST) : BACKUP_HOURS;
    int count = CHECK_CONTENTS;
    mq_owner_t *owner;
    int code;
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    if (ctl->is_on_server && (copy || backups || config)) {
        return ctl_usage(ctl, "check takes no arguments where the records are in PostgreSQL");
    }
    if (most < 0 || (copy && (backups || config)) || (hours && !backups)) {
        return ctl_usage(ctl, "check takes a backup's name, or --config FILE, and --backups FILE "
                              "with or without --hours NUMBER");
    }
    wrong = config ? config_findings(&of_hosts, ctl, config) : NULL;
    if (wrong) {
        return ctl_fail(ctl, "%s", wrong);
    }
    findings = apr_palloc(ctl->pool, sizeof *findings *
                                         (size_t)(CHECK_CONTENTS + CHECK_AROUND + of_hosts->nelts));
    code = ctl_owner_open(&owner, copy ? ctl_absolute(ctl, copy) : ctl->database, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    check_contents(findings, ctl, owner, copy != NULL);
    findings[count++] = (finding_t){"erasures", rows_erasure_fault(ctl, owner)};
    count += copy ? 0 : served_findings(findings + count, ctl, owner);
    if (backups) {
        findings[count++] =
            (finding_t){"backups", around_backups_fault(ctl, ctl_absolute(ctl, backups), most)};
    }
    for (int i = 0; i < of_hosts->nelts; i++) {
        findings[count++] = APR_ARRAY_IDX(of_hosts, i, finding_t);
    }
    code = findings_tell(ctl, findings, count);
    mq_owner_close(owner);
    return code;
}
