/* erasure.h -- the end of an organisation: renamed and closed in tenants.h, erased here. For the
 * administrator's command. */
#ifndef MQ_DOMAIN_ERASURE_H
#define MQ_DOMAIN_ERASURE_H

#include "domain/core.h"
#include "store/db.h"

enum { MQ_ERASURE_HOLD_DAYS = 30 };

/** What an organisation is before its erasure, or was. */
typedef struct mq_erasure_t {
    const char *name;
    apr_time_t closed_at; /* 0: it is not closed */
    apr_time_t free_from; /* when its hold ends */
    apr_int64_t chain;    /* its number in the trails */
    apr_int64_t events;   /* the number of its last event */
    const char *digest;   /* of that, in hex */
    apr_int64_t rows;     /* erased */
} mq_erasure_t;

/** Look at an organisation. @param sc mq_scope_operator's @return MQ_EDENIED */
apr_status_t mq_erasure_look(mq_erasure_t *erasure_out, const mq_scope_t *sc);

/**
 * Begin to erase a closed organisation, within a change of its own: from here on nothing opens it
 * again. One that has begun goes on.
 * @param erasure mq_erasure_look's
 * @param sc      mq_scope_operator's
 * @return MQ_ECONFLICT it is not closed, or no longer since when it was looked at; MQ_EDENIED
 */
apr_status_t mq_erasure_begin(const mq_erasure_t *erasure, const mq_scope_t *sc);

/**
 * Erase it: the erasure begins; its partnerships end, which its partners are told in their own
 * trails; an event of the installation's own trail keeps its name, and where its trail ended; then
 * every row of it goes (store/tenant_rows.h, and mq_erasure_sweep is to follow).
 * @param erasure     mq_erasure_look's; its rows are set
 * @param visit       of sc
 * @param agent       for whom
 * @param error_out   on failure one sentence, from the visit's pool
 * @return as mq_erasure_begin; MQ_EFULL somebody has a lock
 */
apr_status_t mq_erasure_run(mq_erasure_t *erasure, const mq_visit_t *visit, const mq_scope_t *sc,
                            const char *agent, const char *driver, const char *database,
                            mq_progress_t progress, void *context, const char **error_out);

#endif
