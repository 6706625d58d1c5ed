/* seed_import.h -- taking over the proof of concept's own database: its organisations, its people
 * with their passwords hashed, its patients. */
#ifndef MQ_DOMAIN_SEED_IMPORT_H
#define MQ_DOMAIN_SEED_IMPORT_H

#include <apr_tables.h>

#include "domain/core.h"

/** What was taken over, and what could not be. Holds no patient's data and no password. */
typedef struct mq_seed_report_t {
    apr_int64_t tenants;
    apr_int64_t users;
    apr_int64_t patients;
    apr_array_header_t *problems; /* const char *: a sentence each, by table and id */
} mq_seed_report_t;

/** Who is told how far it is, after each person and each patient. */
typedef struct mq_seed_watch_t {
    void (*seen)(void *context, apr_int64_t taken);
    void *context;
} mq_seed_watch_t;

/**
 * Take over a database. Each organisation is one transaction, with its people and patients: it is
 * there whole or not at all, and one whose name is taken is left out, so a second run takes what
 * the first did not.
 * @param report_out from the visit's pool
 * @param visit      of a command that has the only connection
 * @param store      the command's store, whose scopes take part in a group
 * @param path       the proof of concept's file, which is only read
 * @param watch      or NULL
 * @param error_out  with MQ_ENOTFOUND (no such file) and MQ_ECORRUPT: one sentence
 */
apr_status_t mq_seed_import(mq_seed_report_t *report_out, const mq_visit_t *visit,
                            mq_store_t *store, const char *path, const mq_seed_watch_t *watch,
                            const char **error_out);

#endif
