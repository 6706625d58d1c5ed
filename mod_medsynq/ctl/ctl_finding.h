/* ctl_finding.h -- what a look at something has come to: a line of check. */
#ifndef MQ_CTL_CTL_FINDING_H
#define MQ_CTL_CTL_FINDING_H

typedef struct finding_t {
    const char *what;
    const char *fault; /* NULL: sound; "ok: ..." is only to be known */
} finding_t;

#endif
