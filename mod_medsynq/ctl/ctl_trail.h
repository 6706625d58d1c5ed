/* ctl_trail.h -- verifying all chains of a database, row by row, from the file alone. */
#ifndef MQ_CTL_CTL_TRAIL_H
#define MQ_CTL_CTL_TRAIL_H

#include <apr_tables.h>

#include "ctl/ctl.h"
#include "domain/trail/audit_chain.h"
#include "store/audit_heads_rows.h"

/** What is wrong, and where it begins. */
typedef struct trail_fault_t {
    int code; /* CTL_DONE, CTL_FAILED, CTL_UNREADABLE */
    apr_int64_t tenant;
    apr_int64_t number;
    const char *reason;
} trail_fault_t;

/** What is held against a file, and what was seen. */
typedef struct trail_proof_t {
    const apr_array_header_t *heads; /* of mq_audit_head_t kept elsewhere, sorted by tenant and
                                      * number; NULL: none */
    const apr_array_header_t *after; /* ends of the archive that this file continues, sorted by
                                      * tenant; NULL: no archive is at hand */
    apr_int64_t events;              /* read */
    apr_int64_t archived;            /* kept heads of events that an archive has now */
    int is_archive;
    mq_progress_t progress; /* NULL: nobody watches */
    void *watcher;          /* its context */
} trail_proof_t;

/**
 * Check every event: numbers without gaps, the storage class of each column, each digest, where the
 * chains begin and end, the index by patient, and the heads kept elsewhere. A chain whose beginning
 * was archived must say so itself (mq_audit_archive_say); in an archive the one before it does.
 * @param proof in: what to hold against it; out: what was seen
 */
void trail_verify(trail_fault_t *fault_out, trail_proof_t *proof, mq_owner_t *owner, ctl_t *ctl);

#endif
