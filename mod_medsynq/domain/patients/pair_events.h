/* pair_events.h -- what the trail says of two records at once, each of which has it in its own part
 * of the trail: merged, separated, said to be of different people, shown side by side. */
#ifndef MQ_DOMAIN_PAIR_EVENTS_H
#define MQ_DOMAIN_PAIR_EVENTS_H

#include "domain/trail/audit.h"
#include "store/db.h"

/**
 * Write the event of each of two records: it names the other as its object and by its number. That
 * of the second is written here.
 * @param event_io becomes the first's; the ids live until it is written
 */
apr_status_t mq_pair_record(mq_audit_event_t *event_io, const mq_scope_t *sc, const mq_id_t *one,
                            const char *one_mrn, const mq_id_t *other, const char *other_mrn);

/** Record that both are shown. @return as mq_disclose */
apr_status_t mq_pair_disclose(const mq_scope_t *sc, const mq_id_t *one, const mq_id_t *other);

#endif
