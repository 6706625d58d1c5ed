/* secret.c -- medsynqctl secret: the server's secret file. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "domain/secrets.h"

int ctl_secret_rotate(ctl_t *ctl)
{
    const char *fault;
    int count = 0;
    int code;
    if (ctl->argc > 0) {
        return ctl_usage(ctl, "secret rotate takes no arguments");
    }
    if (access(ctl->database, F_OK) != 0) { /* whose trail could not tell of it */
        return ctl_fail(ctl, "the database %s cannot be found: %s", ctl->database, strerror(errno));
    }
    fault = mq_secret_rotate(&count, ctl->secret, ctl->pool);
    if (fault) {
        return ctl_fail(ctl, "%s", fault);
    }
    code = ctl_record(ctl, MQ_ACTION_COMMAND, "secret rotate, %d secrets now", count);
    return code == CTL_DONE
               ? ctl_done(ctl, "%s has %d secrets now; reload the server to seal with the new one",
                          ctl->secret, count)
               : code;
}
