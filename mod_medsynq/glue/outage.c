/* outage.c -- preparing a database at the start, and again by a request while it could not be. */
#include "glue/outage.h"

#include <apr_shm.h>
#include <apr_strings.h>
#include <stdatomic.h>

#include <http_core.h>
#include <http_log.h>

#include "base/clock.h"
#include "domain/trail/installation_events.h"
#include "glue/as_server.h"
#include "glue/module.h"
#include "store/single.h"
#include "version_gen.h"

APLOG_USE_MODULE(medsynq);

enum { TRY_SECONDS = 2, PATIENCE_MILLISECONDS = 250 };

static const char agent[] = "httpd"; /* in the trail */

typedef enum {
    PREPARED,
    UNRECORDED, /* it can be served, and its trail does not know yet that the server has started */
    DOWN
} state_t;

struct mq_outage_t {
    atomic_int state;
    atomic_llong due; /* when it is tried again */
};

/* Says in the installation's own trail that the server starts, and with which schema. */
static apr_status_t start_record(const mq_config_t *config, int from, apr_pool_t *pool)
{
    mq_core_t core = {0};
    mq_visit_t visit = {.core = &core, .pool = pool, .address = "", .now = apr_time_now()};
    const char *ignored;
    mq_single_t *single;
    apr_status_t rv;
    MQ_TRY(mq_single_open(&single, config->driver, config->database, &ignored, pool));
    core.store = &single->store;
    rv = mq_installation_migrated(&visit, agent, from);
    if (rv == APR_SUCCESS) {
        rv = mq_installation_record(&visit, agent, MQ_ACTION_SERVER_START,
                                    ap_state_query(AP_SQ_CONFIG_GEN) > 1
                                        ? "reload, MedSynQ " MEDSYNQ_VERSION
                                        : "MedSynQ " MEDSYNQ_VERSION);
    }
    mq_single_close(single, pool);
    return rv;
}

/* A lock, or a full disk, is no reason not to be read from where the schema is ours. */
static state_t prepare(int *from_out, const char **sentence_out, const mq_config_t *config,
                       apr_pool_t *pool)
{
    apr_status_t rv;
    *from_out = 0;
    *sentence_out = "";
    rv = mq_db_migrate(config->driver, config->database, apr_time_from_msec(PATIENCE_MILLISECONDS),
                       from_out, sentence_out, pool);
    if (rv == APR_SUCCESS) {
        return start_record(config, *from_out, pool) == APR_SUCCESS ? PREPARED : UNRECORDED;
    }
    return *from_out == mq_migration_count && (rv == MQ_EFULL || rv == APR_ENOSPC) ? UNRECORDED
                                                                                   : DOWN;
}

/* @return state, version and sentence in one line */
static const char *prepare_as_server(int *failed_out, const void *config, apr_pool_t *pool)
{
    const char *sentence;
    int from;
    state_t state = prepare(&from, &sentence, config, pool);
    *failed_out = state == DOWN;
    return state == DOWN ? sentence : apr_psprintf(pool, "%d %d", (int)state, from);
}

apr_status_t mq_outage_begin(mq_outage_t **outage_out, int *from_out, const char **sentence_out,
                             const mq_config_t *config, apr_pool_t *pconf)
{
    const char *said;
    apr_shm_t *shm;
    state_t state = DOWN;
    MQ_TRY(apr_shm_create(&shm, sizeof **outage_out, NULL, pconf));
    *outage_out = apr_shm_baseaddr_get(shm);
    *sentence_out = NULL;
    *from_out = mq_migration_count;
    if (mq_as_server(&said, prepare_as_server, config, pconf)) {
        char *end;
        state = (state_t)apr_strtoi64(said, &end, 10);
        *from_out = (int)apr_atoi64(end);
    } else {
        *sentence_out = apr_psprintf(pconf, "the database %s cannot be used: %s", config->database,
                                     *said ? said : "its preparation ended without a word");
    }
    atomic_init(&(*outage_out)->state, (int)state);
    atomic_init(&(*outage_out)->due, apr_time_now() + apr_time_from_sec(TRY_SECONDS));
    return APR_SUCCESS;
}

static void try_again(mq_outage_t *outage, request_rec *r, const mq_config_t *config)
{
    const char *sentence;
    int from;
    state_t before = (state_t)atomic_load(&outage->state);
    state_t state = prepare(&from, &sentence, config, r->pool);
    atomic_store(&outage->state, (int)state);
    if (before == DOWN && state != DOWN) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, r->server,
                     "MSQ0012: the database %s is there again, schema %d: MedSynQ serves",
                     config->database, mq_migration_count);
    }
}

int mq_outage_is_over(mq_outage_t *outage, request_rec *r, const mq_config_t *config)
{
    if (atomic_load_explicit(&outage->state, memory_order_relaxed) != PREPARED) {
        long long due = atomic_load(&outage->due);
        long long now = apr_time_now();
        /* whoever moves the hour on is the one who tries */
        if (!mq_term_runs(now, due, apr_time_from_sec(TRY_SECONDS)) &&
            atomic_compare_exchange_strong(&outage->due, &due,
                                           now + apr_time_from_sec(TRY_SECONDS))) {
            try_again(outage, r, config);
        }
    }
    return atomic_load_explicit(&outage->state, memory_order_relaxed) != DOWN;
}

int mq_outage_lasts(const mq_outage_t *outage)
{
    return atomic_load(&outage->state) == DOWN;
}
