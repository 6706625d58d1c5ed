/* audit_groups.h -- the patients that one page showed together, as one thing that its event can
 * name. The id follows from the members, so whoever changes a group is found (medsynqctl audit
 * verify). */
#ifndef MQ_DOMAIN_AUDIT_GROUPS_H
#define MQ_DOMAIN_AUDIT_GROUPS_H

#include "domain/trail/audit_event.h"
#include "store/db.h"

/**
 * Say whom a page shows: none leaves the event as it is, one becomes its patient, several a group.
 * @param event    patient and shown are set; mq_audit_write keeps the group
 * @param patients in any order, also twice; not kept
 * @param pool     lives as long as the event
 * @return MQ_EBUG libcrypto failed
 */
apr_status_t mq_audit_show(mq_audit_event_t *event, const mq_id_t *patients, int count,
                           apr_pool_t *pool);

/**
 * The id of a group: a UUID of version 8 (RFC 9562) from the SHA-256 of its members. No record has
 * one: theirs are of version 7.
 * @param members ascending, each once
 */
apr_status_t mq_audit_group_id(mq_id_t *id_out, const mq_id_t *members, int count);

/** @return whether an id is that of a group */
int mq_audit_is_group(const mq_id_t *id);

/** @return whether two events name the same group of the same organisation; b may name none */
int mq_audit_group_is_same(const mq_scope_t *a_sc, const mq_audit_event_t *a,
                           const mq_scope_t *b_sc, const mq_audit_event_t *b);

/** Keep an event's group, if it is a new one. Inside the open transaction; called by
 * mq_audit_write. */
apr_status_t mq_audit_group_keep(const mq_scope_t *sc, const mq_audit_event_t *event);

#endif
