/* startup.h -- what happens once, before the first request: secret, templates, migrations, shared
 * memory. A fault is logged, and this server alone answers 503: what can be
 * seen in the configuration has ended the start before (config_check.c). */
#ifndef MQ_GLUE_STARTUP_H
#define MQ_GLUE_STARTUP_H

#include "base/fair_queue.h"
#include "glue/config.h"
#include "glue/outage.h"
#include "glue/public_files.h"
#include "web/request.h"

/** One server or virtual host that MedSynQ serves; lives in the configuration pool. */
typedef struct mq_server_t {
    mq_app_t app;
    mq_core_t core;
    mq_store_t store;
    mq_session_cache_t sessions;
    mq_public_files_t *public_files;
    const char *maintenance; /* a file: as long as it is there, pages answer 503 */
    mq_outage_t *outage;
    mq_fair_queue_t *writers;             /* of all processes */
    mq_fair_queue_t **hashing_seats;      /* of all processes, config->password_workers of them */
    struct mq_connections_t *connections; /* of this process; see connections.h */
    struct mq_job_runner_t *jobs;         /* likewise; see job_runner.h */
    struct mq_body_waits_t *body_waits;   /* likewise, one for all hosts; see body_waits.h */
    struct mq_log_budget_t *log_budget;   /* likewise; see log_budget.h */
    struct mq_metrics_t *metrics;         /* of all processes; see metrics.h */
    struct mq_metrics_child_t *metrics_child; /* of this process, or NULL */
} mq_server_t;

/** Prepare a server. @param outage_out why its database cannot be served for now, or NULL; @return
 * NULL all well, else a sentence for the log */
const char *mq_startup(mq_server_t **server_out, const char **outage_out, server_rec *s,
                       server_rec *main_server, const mq_config_t *config, apr_pool_t *pconf,
                       apr_pool_t *ptemp);

#endif
