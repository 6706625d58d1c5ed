/* ctl_mail.c -- medsynqctl mail: does the command of MedSynQSendmail take a mail? */
#include <apr_strings.h>
#include <string.h>

#include "base/mail.h"
#include "ctl/ctl.h"

enum { SECONDS = 60 };

/* As the server's user: what root may, the server may not. */
static int mail_send(const ctl_t *ctl, const char *address, const char *const *command)
{
    const char *message;
    const char *fault;
    mq_mail_end_t end;
    apr_status_t rv;
    if (mq_mail_compose(&message, address, "A test of MedSynQ",
                        "This mail was sent by medsynqctl mail test. MedSynQ's mails arrive.\n",
                        ctl->pool) != APR_SUCCESS) {
        return ctl_usage(ctl, "the address looks like name@example.org");
    }
    if (!ctl_take_identity(ctl)) {
        return CTL_FAILED;
    }
    rv = mq_mail_hand_over(&end, command, message, SECONDS, NULL);
    if (rv != APR_SUCCESS) {
        return ctl_failed(ctl, rv, "the command cannot be started");
    }
    fault = mq_mail_end_fault(&end, ctl->pool);
    if (fault) {
        return ctl_fail(ctl, "the mail was not taken: %s%s%s", fault,
                        *end.said ? "; it says: " : "", end.said);
    }
    return ctl_done(ctl, "%s has taken a mail to %s: see whether it arrives", command[0], address);
}

int ctl_mail_test(ctl_t *ctl)
{
    static const char *const names[] = {"the address", NULL};
    const char *command = "/usr/sbin/sendmail -t -i";
    const char *address;
    const ctl_option_t options[] = {{"--sendmail", &command, NULL}, {NULL, NULL, NULL}};
    const char *wrong = ctl_operands(ctl, options, &address, names);
    char **argv;
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    if (apr_tokenize_to_argv(command, &argv, ctl->pool) != APR_SUCCESS || !argv[0] ||
        argv[0][0] != '/') {
        return ctl_usage(ctl, "--sendmail takes the command of MedSynQSendmail, with its absolute "
                              "path");
    }
    return mail_send(ctl, address, (const char *const *)argv);
}
