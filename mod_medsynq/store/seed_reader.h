/* seed_reader.h -- reading the proof of concept's own SQLite database: tables tenants, users (with
 * their passwords in plain text) and patients. Columns that it may or may not have are found by
 * their names. Its file is opened read-only. */
#ifndef MQ_STORE_SEED_READER_H
#define MQ_STORE_SEED_READER_H

#include <apr_pools.h>

#include "base/status.h"

typedef struct mq_seed_t mq_seed_t;

typedef enum { MQ_SEED_TENANTS, MQ_SEED_USERS, MQ_SEED_PATIENTS, MQ_SEED_TABLES } mq_seed_table_t;

/** A row; texts are valid during the call, NULL where there is no such column or no value. */
typedef struct mq_seed_row_t {
    const char *id;
    const char *name;
    const char *email;    /* of users */
    const char *password; /* of users, plain */
    const char *role;     /* of users */
    const char *birth_date;
    const char *notes;
} mq_seed_row_t;

/** @return anything but APR_SUCCESS ends the reading and is returned */
typedef apr_status_t (*mq_seed_seen_t)(void *context, const mq_seed_row_t *row);

/**
 * Open the file.
 * @param error_out one sentence, from pool
 * @return MQ_ENOTFOUND no such file; MQ_ECORRUPT it is no such database
 */
apr_status_t mq_seed_open(mq_seed_t **seed_out, const char *path, const char **error_out,
                          apr_pool_t *pool);

/** Call back with each row of a table: of one tenant (by its id there), or of MQ_SEED_TENANTS. */
apr_status_t mq_seed_each(mq_seed_t *seed, mq_seed_table_t table, const char *tenant,
                          mq_seed_seen_t seen, void *context);

/** Count the rows that belong to no tenant of the file. */
apr_status_t mq_seed_orphans(apr_int64_t *count_out, mq_seed_t *seed, mq_seed_table_t table);

#endif
