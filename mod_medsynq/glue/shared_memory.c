/* shared_memory.c -- segments of shared memory that outlive graceful and restart.
 *
 * A segment is anonymous memory mapped by the parent in a pool under the process's pool: every
 * child inherits it, those that drain as well as those of the next generation. Where it is mapped
 * is remembered in httpd's retained data, for the module itself is unloaded at each reload. */
#include "glue/shared_memory.h"

#include <apr_shm.h>
#include <apr_strings.h>

#include <http_config.h>
#include <http_core.h>
#include <http_log.h>

#include "base/status.h"
#include "domain/access/throttle.h"
#include "glue/module.h"

APLOG_USE_MODULE(medsynq);

#define SEGMENT_MAGIC UINT64_C(0x6d71736567000000)
#define SEGMENT_VERSION 1
#define SEGMENT_ALIGNMENT ((apr_size_t)64)

/* What is retained. Another version of this module may read it: magic and version stay first, and
 * nothing here may point into the module. */
typedef struct segment_t {
    apr_uint64_t magic;
    apr_uint32_t version;
    int generation;   /* of the configuration that opened it last */
    apr_pool_t *pool; /* destroyed, it unmaps the memory from this process */
    void *memory;
    apr_size_t size;
} segment_t;

/* Map a segment of zeroed memory. */
static apr_status_t segment_make(segment_t *segment_out, server_rec *main_server, apr_size_t size)
{
    segment_t segment = {SEGMENT_MAGIC, SEGMENT_VERSION, 0, NULL, NULL, size};
    apr_shm_t *shm;
    apr_status_t rv;

    MQ_TRY(apr_pool_create(&segment.pool, main_server->process->pool));
    apr_pool_tag(segment.pool, "medsynq_segment");
    /* APR puts a header before the memory, so it comes unaligned */
    rv = apr_shm_create(&shm, size + SEGMENT_ALIGNMENT, NULL, segment.pool);
    if (rv != APR_SUCCESS) {
        apr_pool_destroy(segment.pool);
        return rv;
    }
    segment.memory = apr_shm_baseaddr_get(shm);
    segment.memory = (char *)segment.memory +
                     (SEGMENT_ALIGNMENT - (apr_uintptr_t)segment.memory % SEGMENT_ALIGNMENT);
    segment.generation = ap_state_query(AP_SQ_CONFIG_GEN);
    *segment_out = segment;
    return APR_SUCCESS;
}

/* The retained segment of this kind and name, new and empty (no memory) at first. */
static segment_t *segment_recall(const char *kind, const char *name, apr_pool_t *pool)
{
    const char *key = apr_psprintf(pool, "medsynq-%s:%s", kind, name);
    segment_t *segment = ap_retained_data_get(key);

    if (segment == NULL || segment->magic != SEGMENT_MAGIC || segment->version != SEGMENT_VERSION) {
        segment = ap_retained_data_create(key, sizeof *segment);
        segment->magic = SEGMENT_MAGIC;
        segment->version = SEGMENT_VERSION;
    }
    return segment;
}

/* --- tables --- */

static apr_status_t table_make(segment_t *segment_out, mq_table_t **table_out,
                               server_rec *main_server, const mq_table_shape_t *shape)
{
    apr_size_t size = mq_table_size(shape);
    apr_status_t rv;

    if (size == 0) {
        return APR_EINVAL;
    }
    MQ_TRY(segment_make(segment_out, main_server, size));
    rv = mq_table_create(table_out, segment_out->memory, size, shape);
    if (rv != APR_SUCCESS) {
        apr_pool_destroy(segment_out->pool);
    }
    return rv;
}

/* Move the living into a new table. Children that drain have the old one mapped for themselves, so
 * this process may let go of it at once. */
static apr_status_t table_move(segment_t *segment, mq_table_t **table_io, server_rec *main_server,
                               const mq_table_shape_t *shape, apr_uint32_t *moved_out)
{
    segment_t moved;
    mq_table_t *table;
    apr_status_t rv;

    MQ_TRY(table_make(&moved, &table, main_server, shape));
    rv = mq_table_copy(moved_out, table, *table_io, apr_time_now());
    if (rv != APR_SUCCESS) {
        apr_pool_destroy(moved.pool);
        return rv;
    }
    apr_pool_destroy(segment->pool);
    *segment = moved;
    *table_io = table;
    return APR_SUCCESS;
}

static int shape_same(const mq_table_shape_t *one, const mq_table_shape_t *other)
{
    return one->capacity == other->capacity && one->data_size == other->data_size &&
           one->when_full == other->when_full && one->stays == other->stays;
}

/* Give a table that is in use the shape that is asked for now, if that is possible. */
static void table_reshape(segment_t *segment, mq_table_t **table_io, server_rec *main_server,
                          const char *name, const mq_table_shape_t *shape)
{
    const mq_table_shape_t had = mq_table_shape(*table_io);
    apr_uint32_t moved = 0;
    apr_status_t rv;

    if (segment->generation == ap_state_query(AP_SQ_CONFIG_GEN)) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, main_server,
                     "MSQ0040: the table '%s' is asked for with %u and with %u records: the first "
                     "number counts, say the same everywhere",
                     name, had.capacity, shape->capacity);
        return;
    }
    rv = table_move(segment, table_io, main_server, shape, &moved);
    if (rv == APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, main_server,
                     "MSQ0041: the table '%s' now has %u records instead of %u; the %u living ones "
                     "are kept",
                     name, shape->capacity, had.capacity, moved);
    } else if (rv == APR_ENOSPC) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, main_server,
                     "MSQ0042: the living records of the table '%s' do not fit into %u: it keeps "
                     "its %u until the next reload",
                     name, shape->capacity, had.capacity);
    } else {
        ap_log_error(APLOG_MARK, APLOG_WARNING, rv, main_server,
                     "MSQ0043: no shared memory for the table '%s' with %u records: it keeps its "
                     "%u",
                     name, shape->capacity, had.capacity);
    }
}

apr_status_t mq_shared_table_open(mq_table_t **table_out, server_rec *main_server, const char *name,
                                  const mq_table_shape_t *shape)
{
    segment_t *segment = segment_recall("table", name, main_server->process->pconf);

    if (mq_table_size(shape) == 0) {
        return APR_EINVAL;
    }
    if (segment->memory != NULL &&
        mq_table_attach(table_out, segment->memory, segment->size) == APR_SUCCESS) {
        const mq_table_shape_t had = mq_table_shape(*table_out);

        if (!shape_same(&had, shape)) {
            table_reshape(segment, table_out, main_server, name, shape);
        }
        segment->generation = ap_state_query(AP_SQ_CONFIG_GEN);
        return APR_SUCCESS;
    }
    if (segment->memory != NULL) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, main_server,
                     "MSQ0044: the table '%s' was made by another version of this module: it "
                     "begins anew, empty",
                     name);
        apr_pool_destroy(segment->pool);
        segment->memory = NULL;
    }
    return table_make(segment, table_out, main_server, shape);
}

/* --- queues --- */

apr_status_t mq_shared_queue_open(mq_fair_queue_t **queue_out, server_rec *main_server,
                                  const char *name)
{
    segment_t *segment = segment_recall("queue", name, main_server->process->pconf);
    apr_size_t size = mq_fair_queue_size();

    if (segment->memory != NULL &&
        mq_fair_queue_attach(queue_out, segment->memory, segment->size) == APR_SUCCESS) {
        return APR_SUCCESS;
    }
    if (segment->memory != NULL) {
        apr_pool_destroy(segment->pool);
        segment->memory = NULL;
    }
    MQ_TRY(segment_make(segment, main_server, size));
    return mq_fair_queue_create(queue_out, segment->memory, size);
}

/* --- blocks --- */

typedef struct block_t {
    apr_uint64_t mark;
    char padding[SEGMENT_ALIGNMENT - sizeof(apr_uint64_t)]; /* what follows is aligned */
} block_t;

apr_status_t mq_shared_block_open(void **memory_out, server_rec *main_server, const char *name,
                                  apr_size_t size, apr_uint64_t mark)
{
    segment_t *segment = segment_recall("block", name, main_server->process->pconf);
    block_t *block = segment->memory;
    if (block && (segment->size != sizeof *block + size || block->mark != mark)) {
        apr_pool_destroy(segment->pool);
        segment->memory = block = NULL;
    }
    if (!block) {
        MQ_TRY(segment_make(segment, main_server, sizeof *block + size));
        block = segment->memory;
        block->mark = mark;
    }
    *memory_out = block + 1;
    return APR_SUCCESS;
}

/* --- the module's set --- */

apr_status_t mq_shared_setup(mq_shared_t *shared_out, server_rec *main_server, const char *database,
                             apr_uint32_t throttle_records)
{
    const mq_table_shape_t throttle = {throttle_records, MQ_THROTTLE_RECORD, MQ_TABLE_EVICT_SOONEST,
                                       MQ_THROTTLE_KEPT};
    const char *name = apr_pstrcat(main_server->process->pconf, "throttle ", database, NULL);

    shared_out->throttle = NULL;
    MQ_TRY(mq_shared_queue_open(&shared_out->writers, main_server, database));
    if (throttle_records > 0) {
        MQ_TRY(mq_shared_table_open(&shared_out->throttle, main_server, name, &throttle));
    }
    return APR_SUCCESS;
}
