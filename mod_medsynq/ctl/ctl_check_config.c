/* ctl_check_config.c -- lines of glue/config_report.c: "MedSynQ", host, subject, and what is said
 * of it, parted by tabs. Others are httpd's own. */
#include "ctl/ctl_check_config.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <string.h>
#include <sys/stat.h>

#include "ctl/ctl_finding.h"

enum { LINE_MOST = 4096, FIELDS = 4 };

static int is_the_database(const ctl_t *ctl, const char *path)
{
    struct stat ours;
    struct stat theirs;
    return strcmp(path, ctl->database) == 0 ||
           (stat(path, &theirs) == 0 && stat(ctl->database, &ours) == 0 &&
            ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino);
}

/* @return whether the line is one of ours */
static int fields_cut(char *fields[FIELDS], char *line)
{
    int count = 0;
    line[strcspn(line, "\r\n")] = 0;
    for (char *next = line; next && count < FIELDS; count++) {
        fields[count] = next;
        next = strchr(next, '\t');
        if (next) {
            *next++ = 0;
        }
    }
    return count == FIELDS && strcmp(fields[0], "MedSynQ") == 0;
}

static const char *opened(apr_file_t **file_out, const ctl_t *ctl, const char *name)
{
    apr_status_t rv = strcmp(name, "-") == 0 ? apr_file_open_stdin(file_out, ctl->pool)
                                             : apr_file_open(file_out, name, APR_FOPEN_READ,
                                                             APR_FPROT_OS_DEFAULT, ctl->pool);
    return rv == APR_SUCCESS ? NULL : apr_psprintf(ctl->pool, "%s cannot be read", name);
}

const char *config_findings(apr_array_header_t **findings_out, const ctl_t *ctl, const char *file)
{
    apr_array_header_t *findings = apr_array_make(ctl->pool, 4, sizeof(finding_t));
    char line[LINE_MOST];
    char *fields[FIELDS];
    apr_file_t *in;
    int is_ours = 0;
    const char *fault = opened(&in, ctl, file);
    if (fault) {
        return fault;
    }
    while (apr_file_gets(line, sizeof line, in) == APR_SUCCESS) {
        if (!fields_cut(fields, line)) {
            continue;
        }
        if (strcmp(fields[2], "database") == 0) {
            is_ours = is_the_database(ctl, fields[3]);
        } else if (is_ours) {
            APR_ARRAY_PUSH(findings, finding_t) = (finding_t){
                apr_pstrcat(ctl->pool, fields[2], " of ", fields[1], NULL),
                strcmp(fields[3], "ok") == 0 ? NULL : apr_pstrdup(ctl->pool, fields[3])};
        }
    }
    (void)apr_file_close(in);
    *findings_out = findings;
    return findings->nelts ? NULL
                           : apr_psprintf(ctl->pool,
                                          "no host there serves %s: apachectl -t -D DUMP_MEDSYNQ "
                                          "writes what is wanted",
                                          ctl->database);
}
