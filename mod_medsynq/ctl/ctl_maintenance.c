/* ctl_maintenance.c -- medsynqctl maintenance: pages answer 503 for as long as a file stands beside
 * the database; what is in it is said to people. No reload is needed, and no database. */
#include <apr_strings.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/ctl_files.h"

static const mq_field_rule_t message_rule = {MQ_FIELD_LINE, 500, NULL};

const char *ctl_maintenance_file(const ctl_t *ctl)
{
    return apr_pstrcat(ctl->pool, ctl->database, ".maintenance", NULL);
}

/* Whole or not at all: a page that reads it meanwhile has the former one, or none. */
static int file_write(const ctl_t *ctl, const char *message)
{
    const char *path = ctl_maintenance_file(ctl);
    const char *made = apr_pstrcat(ctl->pool, path, ".part", NULL);
    size_t length = strlen(message);
    int file;
    int is_written;
    (void)unlink(made); /* what a kill has left */
    file = files_create(made);
    is_written = file >= 0 && write(file, message, length) == (ssize_t)length;
    if (file >= 0) {
        (void)close(file);
    }
    if (!is_written || !files_put(made, path, ctl->pool)) {
        int code = ctl_fail(ctl, "%s cannot be written: %s", path, strerror(errno));
        (void)unlink(made);
        return code;
    }
    return CTL_DONE;
}

int ctl_maintenance_on(ctl_t *ctl)
{
    const char *message = "";
    const ctl_option_t options[] = {{"--message", &message, NULL}, {NULL, NULL, NULL}};
    const char *wrong = ctl_options(ctl, options, NULL);
    int code = CTL_DONE;
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    if (*message && (code = ctl_line(ctl, &message, "the message", &message_rule)) != CTL_DONE) {
        return code;
    }
    if (ctl->dry) {
        return ctl_would(ctl, "answer all pages with 503 until medsynqctl maintenance off");
    }
    if (!ctl_take_identity(ctl) || file_write(ctl, message) != CTL_DONE) {
        return CTL_FAILED;
    }
    code = ctl_record(ctl, MQ_ACTION_COMMAND, "maintenance on");
    return code == CTL_DONE ? ctl_done(ctl, "pages answer 503 until medsynqctl maintenance off")
                            : code;
}

int ctl_maintenance_off(ctl_t *ctl)
{
    const char *wrong = ctl_options(ctl, NULL, NULL);
    int code;
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    if (access(ctl_maintenance_file(ctl), F_OK) != 0) {
        return ctl_done(ctl, "maintenance is off already");
    }
    if (ctl->dry) {
        return ctl_would(ctl, "serve pages again");
    }
    if (!ctl_take_identity(ctl)) {
        return CTL_FAILED;
    }
    if (unlink(ctl_maintenance_file(ctl)) != 0) {
        return ctl_fail(ctl, "%s cannot be removed: %s", ctl_maintenance_file(ctl),
                        strerror(errno));
    }
    code = ctl_record(ctl, MQ_ACTION_COMMAND, "maintenance off");
    return code == CTL_DONE ? ctl_done(ctl, "pages are served again") : code;
}
