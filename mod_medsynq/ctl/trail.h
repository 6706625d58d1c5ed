/* trail.h -- verifying all chains of a database, row by row, from the file alone. */
#ifndef MQ_CTL_TRAIL_H
#define MQ_CTL_TRAIL_H

#include <apr_tables.h>

#include "ctl/ctl.h"
#include "domain/audit_chain.h"

/** The end of one chain, kept somewhere else. */
typedef struct trail_head_t {
    apr_int64_t tenant;
    apr_int64_t number;
    unsigned char digest[MQ_AUDIT_DIGEST_LENGTH];
} trail_head_t;

/** What is wrong, and where it begins. */
typedef struct trail_fault_t {
    int code; /* CTL_DONE, CTL_FAILED, CTL_UNREADABLE */
    apr_int64_t tenant;
    apr_int64_t number;
    const char *reason;
} trail_fault_t;

/**
 * Check every event: numbers without gaps, the storage class of each column, each digest, the heads
 * that the database keeps, the index by patient, and the heads kept elsewhere.
 * @param events_out how many were read
 * @param heads      array of trail_head_t, or NULL
 */
void trail_verify(trail_fault_t *fault_out, apr_int64_t *events_out, sqlite3 *sqlite,
                  const apr_array_header_t *heads, ctl_t *ctl);

#endif
