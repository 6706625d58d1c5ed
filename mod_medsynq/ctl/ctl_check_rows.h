/* ctl_check_rows.h -- what the rows say that somebody should do. */
#ifndef MQ_CTL_CTL_CHECK_ROWS_H
#define MQ_CTL_CTL_CHECK_ROWS_H

#include "ctl/ctl.h"

/** @return why the secret file is not the database's, "ok: ..." where nobody could look, or NULL.
 * @param ctl its keys have been asked for */
const char *rows_secret_fault(const ctl_t *ctl, mq_owner_t *owner);

/** @return which erasure was cut off, "ok: ..." which is due, or NULL */
const char *rows_erasure_fault(const ctl_t *ctl, mq_owner_t *owner);

/** @return "ok: ..." how many emergency accesses wait for a review, or NULL */
const char *rows_emergencies_fault(const ctl_t *ctl, mq_owner_t *owner);

#endif
