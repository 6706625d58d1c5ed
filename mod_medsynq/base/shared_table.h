/* shared_table.h -- a fixed-size table of small records that many processes share: key of 32 bytes
 * to data with an expiry. Sessions and throttle counters live in such tables.
 *
 * The table lies wholly in one piece of memory given by the caller (in httpd an anonymous segment,
 * in tests an mmap) and holds indexes, never pointers, so it may be mapped anywhere. Its lock is
 * inside it and robust: a process killed in the middle of a change leaves no torn record and no
 * broken chain behind. Nothing here allocates.
 *
 * Keys must be evenly distributed secrets or digests (raw SHA-256); a seed of the table's own
 * keeps chosen keys from piling up in one chain. Times are UTC microseconds; `now` is passed in,
 * so that one request sees one time. */
#ifndef MQ_BASE_SHARED_TABLE_H
#define MQ_BASE_SHARED_TABLE_H

#include <apr.h>
#include <apr_errno.h>
#include <apr_time.h>

#define MQ_TABLE_KEY_SIZE 32
#define MQ_TABLE_DATA_MAX 1024
#define MQ_TABLE_CAPACITY_MAX 4194304

/** A table; it lies in the memory it was made in and is never copied. */
typedef struct mq_table_t mq_table_t;

/** What a store into a table full of living records does. Expired ones always give way first. */
typedef enum mq_table_full_t {
    MQ_TABLE_EXPIRED_ONLY = 0, /* refuse with APR_ENOSPC: the living stay (sessions) */
    MQ_TABLE_EVICT_SOONEST = 1 /* push out the record that expires soonest (counters) */
} mq_table_full_t;

/** What a table is made for. */
typedef struct mq_table_shape_t {
    apr_uint32_t capacity;  /* records, 1 … MQ_TABLE_CAPACITY_MAX */
    apr_uint32_t data_size; /* most bytes of data of a record, 1 … MQ_TABLE_DATA_MAX */
    mq_table_full_t when_full;
    apr_interval_time_t stays; /* what expires later than in this time is never pushed out, and a
                                  store into a table full of that is refused; but what expires
                                  later than in twice this time was put there by a clock that was
                                  wrong, and goes first; 0: all may go */
} mq_table_shape_t;

/** A record as callers see it: a copy, valid as long as the caller's variable. */
typedef struct mq_table_record_t {
    unsigned char key[MQ_TABLE_KEY_SIZE];
    apr_time_t expires;
    apr_uint32_t length;
    unsigned char data[MQ_TABLE_DATA_MAX + 1]; /* a zero byte follows the data */
} mq_table_record_t;

/** Fill and history of a table, for the status page and the log. */
typedef struct mq_table_counts_t {
    apr_uint32_t capacity;
    apr_uint32_t data_size;
    apr_uint32_t living;
    apr_uint32_t expired; /* still in the table, given back lazily */
    apr_uint64_t found;   /* look-ups that found a living record */
    apr_uint64_t missed;  /* look-ups that did not */
    apr_uint64_t stored;
    apr_uint64_t refused;    /* stores that met a table full of living records */
    apr_uint64_t evicted;    /* living records pushed out (MQ_TABLE_EVICT_SOONEST) */
    apr_uint32_t recoveries; /* times a process died inside the table and it was put in order */
    apr_uint32_t faults;     /* broken chains met and rebuilt; anything but 0 is a bug */
} mq_table_counts_t;

/**
 * Say in place, under the table's lock, whether mq_table_each should hand out this record.
 * Must be short, and must not call the table.
 * @return nonzero to hand it out
 */
typedef int mq_table_match_t(void *context, const unsigned char *data, apr_uint32_t length);

/**
 * Receive one record from mq_table_each, outside the lock: it may call the table.
 * @return APR_SUCCESS to go on; anything else ends the walk and is passed to its caller
 */
typedef apr_status_t mq_table_visit_t(void *context, const mq_table_record_t *record);

/**
 * Change one record in mq_table_change, under the lock. May set data, length and expires; expires
 * of 0 removes the record. Data bytes after length are 0. Must be short, and must not call the
 * table.
 * @param is_new  the record did not exist: length and expires are 0
 * @return APR_SUCCESS to keep the change; anything else drops it and is passed to the caller
 */
typedef apr_status_t mq_table_edit_t(void *context, mq_table_record_t *record, int is_new);

/**
 * Bytes of memory that a table of this shape takes.
 * @return 0 when the shape is out of bounds
 */
apr_size_t mq_table_size(const mq_table_shape_t *shape);

/**
 * Make an empty table in shared memory. Only pages in use are ever touched.
 * @param table_out  lies in memory, lives as long as it; nothing needs to be closed
 * @param memory     zero-filled, aligned to 64 bytes, shared between processes (MAP_SHARED)
 * @param size       at least mq_table_size(shape)
 * @return APR_EINVAL  the shape is out of bounds or the memory too small
 */
apr_status_t mq_table_create(mq_table_t **table_out, void *memory, apr_size_t size,
                             const mq_table_shape_t *shape);

/**
 * Take up a table that other code, perhaps of an older version, made in this memory.
 * @return MQ_ECORRUPT  there is no table that this code understands
 */
apr_status_t mq_table_attach(mq_table_t **table_out, void *memory, apr_size_t size);

/** The shape a table was made with; it never changes. */
mq_table_shape_t mq_table_shape(const mq_table_t *table);

/**
 * Put a record in, or replace the one with this key.
 * A replacement is whole or not at all, even if the process is killed in the middle of it.
 * @param expires  when the record stops to exist, > 0
 * @return APR_ENOSPC  full of living records (MQ_TABLE_EXPIRED_ONLY); nothing was changed
 *         APR_EINVAL  length is over the shape's data_size, or expires is not positive
 */
apr_status_t mq_table_store(mq_table_t *table, apr_time_t now, const unsigned char *key,
                            apr_time_t expires, const void *data, apr_uint32_t length);

/**
 * Copy a living record out.
 * @param record_out  filled when found, else untouched
 * @return APR_NOTFOUND  no such record, or it has expired
 */
apr_status_t mq_table_find(mq_table_record_t *record_out, mq_table_t *table, apr_time_t now,
                           const unsigned char *key);

/**
 * Change a record in one step: nobody sees it half done, or overwrites a change made meanwhile.
 * Extending a session this way cannot bring back one that a log-out has just removed.
 * @param create  also call edit, with an empty record, when there is none
 * @return APR_NOTFOUND  there is no living record and create is 0
 *         APR_ENOSPC    as mq_table_store
 *         APR_EINVAL    edit left a length or expiry out of bounds; nothing was changed
 *         otherwise what edit said
 */
apr_status_t mq_table_change(mq_table_t *table, apr_time_t now, const unsigned char *key,
                             int create, mq_table_edit_t *edit, void *context);

/**
 * Remove a record and wipe its data.
 * @return APR_NOTFOUND  there was none
 */
apr_status_t mq_table_remove(mq_table_t *table, const unsigned char *key);

/**
 * Walk over all living records. The lock is taken in slices (well under 100 µs each), so records
 * stored, changed or removed meanwhile may or may not be seen; none is seen twice unless it was
 * removed and stored again.
 * @param match  NULL hands out every record
 * @return what visit said when it was not APR_SUCCESS
 */
apr_status_t mq_table_each(mq_table_t *table, apr_time_t now, mq_table_match_t *match,
                           mq_table_visit_t *visit, void *context);

/**
 * Copy the living records into another table.
 * @param copied_out  how many
 * @return APR_ENOSPC  they do not fit; what was copied stays in `to`, `from` is unchanged
 */
apr_status_t mq_table_copy(apr_uint32_t *copied_out, mq_table_t *to, mq_table_t *from,
                           apr_time_t now);

/** Count the records, and give the history since the table was made. */
apr_status_t mq_table_counts(mq_table_counts_t *counts_out, mq_table_t *table, apr_time_t now);

/**
 * Tell once, to one caller in one process, that a table was put in order since the last call.
 * Costs one atomic read when there is nothing to tell.
 * @param recoveries_out, faults_out  totals as in mq_table_counts_t; set when there is news
 * @return nonzero when there is news
 */
int mq_table_news(mq_table_t *table, apr_uint32_t *recoveries_out, apr_uint32_t *faults_out);

#endif
