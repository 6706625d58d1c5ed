/* ctl_check.h -- what makes a database whole; for check and for restore. */
#ifndef MQ_CTL_CTL_CHECK_H
#define MQ_CTL_CTL_CHECK_H

#include "ctl/ctl.h"
#include "ctl/ctl_finding.h"

enum { CHECK_CONTENTS = 4 };

/**
 * Look at version, integrity, foreign keys and the audit trail.
 * @param may_be_older whether the schema may be an older one: it can be migrated
 */
void check_contents(finding_t findings[CHECK_CONTENTS], ctl_t *ctl, mq_owner_t *owner,
                    int may_be_older);

#endif
