/* metrics.c -- counters that many threads of many processes add to without a lock. */
#include "glue/metrics.h"

#include <apr_strings.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "glue/shared_memory.h"

enum { CHILDREN = 512 /* those that count; more are served, and not seen */ };

const char *const mq_metrics_end_names[MQ_METRICS_BUCKETS] = {
    "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "1", "5"};
static const apr_interval_time_t ends[MQ_METRICS_BUCKETS] = {
    1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000};

struct mq_metrics_child_t {
    atomic_int pid; /* 0: free */
    atomic_int lent;
    atomic_int idle;
    atomic_int hashing;
    atomic_int events;
};

/* See mq_metrics_row_t. */
typedef struct counters_t {
    atomic_ullong within[MQ_METRICS_BUCKETS + 1];
    atomic_ullong microseconds;
    atomic_ullong classes[MQ_METRICS_CLASSES];
} counters_t;

struct mq_metrics_t {
    atomic_ullong told[MQ_METRICS_TAGS];
    mq_metrics_child_t children[CHILDREN];
    counters_t rows[]; /* the first for what is no route's */
};

/* FNV-1a: another program's rows are counted anew. */
static apr_uint64_t routes_mark(int *count_out, const mq_routes_t *routes)
{
    apr_uint64_t mark = UINT64_C(0xcbf29ce484222325);
    *count_out = 0;
    for (const mq_route_t *row = routes->rows; row->pattern; row++) {
        ++*count_out;
        mark = (mark ^ (apr_uint64_t)row->method) * UINT64_C(0x100000001b3);
        for (const char *c = row->pattern; *c; c++) {
            mark = (mark ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
        }
    }
    return mark;
}

apr_status_t mq_metrics_open(mq_metrics_t **metrics_out, server_rec *main_server,
                             const char *database, const mq_routes_t *routes)
{
    int count;
    apr_uint64_t mark = routes_mark(&count, routes);
    void *memory;
    MQ_TRY(mq_shared_block_open(&memory, main_server, database,
                                sizeof(mq_metrics_t) + sizeof(counters_t) * (apr_size_t)(count + 1),
                                mark));
    *metrics_out = memory;
    return APR_SUCCESS;
}

static apr_status_t child_end(void *data)
{
    mq_metrics_child_t *child = data;
    atomic_store(&child->pid, 0);
    return APR_SUCCESS;
}

static int is_gone(int pid)
{
    return kill(pid, 0) != 0 && errno == ESRCH;
}

mq_metrics_child_t *mq_metrics_child_begin(mq_metrics_t *metrics, apr_pool_t *pchild)
{
    static const mq_metrics_gauges_t nothing = {0, 0, 0, 0};
    for (int i = 0; i < CHILDREN; i++) {
        mq_metrics_child_t *child = &metrics->children[i];
        int pid = atomic_load(&child->pid);
        if ((pid == 0 || is_gone(pid)) &&
            atomic_compare_exchange_strong(&child->pid, &pid, (int)getpid())) {
            mq_metrics_child_say(child, &nothing);
            apr_pool_cleanup_register(pchild, child, child_end, apr_pool_cleanup_null);
            return child;
        }
    }
    return NULL;
}

void mq_metrics_child_say(mq_metrics_child_t *child, const mq_metrics_gauges_t *gauges)
{
    if (child) {
        atomic_store_explicit(&child->lent, gauges->lent, memory_order_relaxed);
        atomic_store_explicit(&child->idle, gauges->idle, memory_order_relaxed);
        atomic_store_explicit(&child->hashing, gauges->hashing, memory_order_relaxed);
        atomic_store_explicit(&child->events, gauges->events, memory_order_relaxed);
    }
}

static void add(atomic_ullong *counter, apr_uint64_t count)
{
    atomic_fetch_add_explicit(counter, count, memory_order_relaxed);
}

void mq_metrics_answered(mq_metrics_t *metrics, const mq_routes_t *routes, const mq_route_t *row,
                         int status, apr_interval_time_t took)
{
    counters_t *counters = &metrics->rows[row ? row - routes->rows + 1 : 0];
    int bucket = 0;
    while (bucket < MQ_METRICS_BUCKETS && took > ends[bucket]) {
        bucket++;
    }
    add(&counters->within[bucket], 1);
    add(&counters->microseconds, took > 0 ? (apr_uint64_t)took : 0);
    add(&counters->classes[status < 300 ? 0 : status >= 500 ? 3 : status / 100 - 2], 1);
}

static int tag_number(const char *tag)
{
    return (int)(apr_atoi64(tag + sizeof "MSQ" - 1) % MQ_METRICS_TAGS);
}

void mq_metrics_told(mq_metrics_t *metrics, const char *tag)
{
    add(&metrics->told[tag_number(tag)], 1);
}

static apr_uint64_t counted(atomic_ullong *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void mq_metrics_row(mq_metrics_row_t *row_out, mq_metrics_t *metrics, int row)
{
    counters_t *counters = &metrics->rows[row + 1];
    for (int i = 0; i <= MQ_METRICS_BUCKETS; i++) {
        row_out->within[i] = counted(&counters->within[i]);
    }
    row_out->microseconds = counted(&counters->microseconds);
    for (int i = 0; i < MQ_METRICS_CLASSES; i++) {
        row_out->classes[i] = counted(&counters->classes[i]);
    }
}

apr_uint64_t mq_metrics_tag(mq_metrics_t *metrics, const char *tag)
{
    return counted(&metrics->told[tag_number(tag)]);
}

int mq_metrics_gauges(mq_metrics_gauges_t *gauges_out, mq_metrics_t *metrics)
{
    int count = 0;
    *gauges_out = (mq_metrics_gauges_t){0, 0, 0, 0};
    for (int i = 0; i < CHILDREN; i++) {
        mq_metrics_child_t *child = &metrics->children[i];
        int pid = atomic_load(&child->pid);
        if (pid != 0 && !is_gone(pid)) {
            count++;
            gauges_out->lent += atomic_load(&child->lent);
            gauges_out->idle += atomic_load(&child->idle);
            gauges_out->hashing += atomic_load(&child->hashing);
            gauges_out->events += atomic_load(&child->events);
        }
    }
    return count;
}
