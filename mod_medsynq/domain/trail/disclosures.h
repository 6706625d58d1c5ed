/* disclosures.h -- recording what people saw. Many disclosures at once share one commit: whoever
 * comes first leads, takes along all who have come until it is its turn to write, and wakes them
 * when the disk has it. */
#ifndef MQ_DOMAIN_DISCLOSURES_H
#define MQ_DOMAIN_DISCLOSURES_H

#include "domain/trail/audit.h"

/** What MedSynQAuditViews says. Changes, sign-ins and refusals are recorded at once in any case. */
typedef enum {
    MQ_VIEWS_SYNC,    /* an answer leaves when its event is on disk */
    MQ_VIEWS_BATCHED, /* within a second; a crash may lose what was not written */
    MQ_VIEWS_OFF      /* disclosures are not recorded */
} mq_views_t;

/** The waiting disclosures of one process. */
typedef struct mq_disclosures_t mq_disclosures_t;

/** What else is written: with MQ_VIEWS_BATCHED in the transaction of the event, else within a
 * second of it. It is a convenience and may be lost with the process. */
typedef apr_status_t (*mq_disclosure_write_t)(const mq_scope_t *sc, const mq_id_t *patient);

/** What becomes of events that could not be written when their second was over. */
typedef enum {
    MQ_DISCLOSURES_WAIT,    /* they stay in memory and are tried again each second */
    MQ_DISCLOSURES_WRITTEN, /* that succeeded */
    MQ_DISCLOSURES_LOST     /* the process ends */
} mq_disclosures_news_t;

/** For the log. @param count how many events; @param rv why they could not be written */
typedef void (*mq_disclosures_tell_t)(mq_disclosures_news_t news, int count, apr_status_t rv,
                                      void *context);

/**
 * Begin in a child process. A thread writes what nobody waits for; the last of it is written when
 * the pool goes.
 * @param store where connections come from; outlives pool
 * @param tell  called from any thread
 * @return APR's code: no memory, no thread
 */
apr_status_t mq_disclosures_make(mq_disclosures_t **disclosures_out, const mq_store_t *store,
                                 mq_views_t views, mq_disclosures_tell_t tell, void *context,
                                 apr_pool_t *pool);

/** @return whether disclosures are recorded; where not, nothing need be made ready for an event */
int mq_discloses(const mq_scope_t *sc);

/**
 * Record one page's disclosure; of a HEAD there is none. Outside a transaction; gives the scope's
 * connection back.
 * @param write what else to write, with the event's patient; may be NULL
 * @return MQ_EFULL the turn to write did not come in time, or too many events wait to be written:
 *         the page must not be shown
 */
apr_status_t mq_disclose(const mq_scope_t *sc, const mq_audit_event_t *event,
                         mq_disclosure_write_t write);

/** Write what this process still owes of the scope's person, as far as nobody does just now: before
 * it is shown to them. Outside a transaction. */
void mq_disclosures_settle(const mq_scope_t *sc);

/** @return how many events of this process wait to be written. @param disclosures may be NULL */
int mq_disclosures_waiting(mq_disclosures_t *disclosures);

#endif
