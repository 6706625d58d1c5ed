/* audit.h -- the trail: one append-only chain of events for each organisation. A change and its
 * event share one transaction: if the event cannot be written, the change does not happen. */
#ifndef MQ_DOMAIN_AUDIT_H
#define MQ_DOMAIN_AUDIT_H

#include "domain/trail/audit_chain.h"
#include "domain/trail/audit_event.h"
#include "store/db.h"

/**
 * Append an event to the chain of the scope's organisation, inside the open transaction.
 * The digest is audit_chain.h's.
 * @return MQ_EBUG outside a transaction; MQ_ECONFLICT the chain moved (it cannot, under the lock)
 */
apr_status_t mq_audit_write(const mq_scope_t *sc, const mq_audit_event_t *event);

/** The end of a chain in one transaction that appends to it several times. */
typedef struct mq_audit_head_t {
    apr_int64_t number; /* of the last event; 0: there is none */
    unsigned char digest[MQ_AUDIT_DIGEST_LENGTH];
    apr_int64_t stored; /* what the database says the number is */
} mq_audit_head_t;

/** Read the head of the organisation's chain: the first step of mq_audit_write. */
apr_status_t mq_audit_head_read(mq_audit_head_t *head_out, const mq_scope_t *sc);

/** Append an event after the head, which then is this event. Nobody else appends before the
 * transaction has ended, nor is it committed before mq_audit_head_move. */
apr_status_t mq_audit_append(const mq_scope_t *sc, mq_audit_head_t *head,
                             const mq_audit_event_t *event);

/** Store where the chain ends now: the last step. @return MQ_ECONFLICT it has moved */
apr_status_t mq_audit_head_move(const mq_scope_t *sc, const mq_audit_head_t *head);

#endif
