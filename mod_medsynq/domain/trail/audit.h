/* audit.h -- the trail: one append-only chain of events for each organisation. A change and its
 * event share one transaction: if the event cannot be written, the change does not happen. */
#ifndef MQ_DOMAIN_AUDIT_H
#define MQ_DOMAIN_AUDIT_H

#include "domain/policy.h"
#include "store/db.h"

typedef enum {
    MQ_OUTCOME_NONE = 0, /* nothing to tell: never stored (domain/change.h) */
    MQ_OUTCOME_DONE = 1,
    MQ_OUTCOME_REFUSED = 2,
    MQ_OUTCOME_FAILED = 3
} mq_outcome_t;

/** What happened; who, where and when come from the scope. */
typedef struct mq_audit_event_t {
    mq_action_t action;
    mq_outcome_t outcome;
    const mq_id_t *object;  /* what it was done to, where that is no patient; may be NULL */
    const mq_id_t *patient; /* whose data it touched, or the group of shown; may be NULL */
    const mq_id_t *shown;   /* whom a page showed together: mq_audit_show sets it; else NULL */
    int shown_count;
    const char *reason; /* a short code or the person's words; may be NULL */
} mq_audit_event_t;

/**
 * Append an event to the chain of the scope's organisation, inside the open transaction.
 * The digest is audit_chain.h's.
 * @return MQ_EBUG outside a transaction; MQ_ECONFLICT the chain moved (it cannot, under the lock)
 */
apr_status_t mq_audit_write(const mq_scope_t *sc, const mq_audit_event_t *event);

#endif
