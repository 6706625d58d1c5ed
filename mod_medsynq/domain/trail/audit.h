/* audit.h -- the trail: one append-only chain of events for each organisation. A change and its
 * event share one transaction: if the event cannot be written, the change does not happen. */
#ifndef MQ_DOMAIN_AUDIT_H
#define MQ_DOMAIN_AUDIT_H

#include "domain/trail/audit_event.h"
#include "store/db.h"

/**
 * Append an event to the chain of the scope's organisation, inside the open transaction.
 * The digest is audit_chain.h's.
 * @return MQ_EBUG outside a transaction; MQ_ECONFLICT the chain moved (it cannot, under the lock)
 */
apr_status_t mq_audit_write(const mq_scope_t *sc, const mq_audit_event_t *event);

#endif
