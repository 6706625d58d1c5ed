/* patient_links.h -- which record replaces which, as FHIR says it in Patient.link: the record that
 * was merged into another is replaced by it. Reading only; merging is in merges.h. */
#ifndef MQ_DOMAIN_PATIENT_LINKS_H
#define MQ_DOMAIN_PATIENT_LINKS_H

#include <apr_tables.h>

#include "store/db.h"

/** A record that another replaces. Texts are from the scope's pool. */
typedef struct mq_patient_link_t {
    mq_id_t id;
    const char *mrn;
    const char *name;
    const char *birth_date; /* or NULL */
    apr_time_t merged_at;
    const char *merged_by;
} mq_patient_link_t;

/**
 * Find who replaces a record, however often that one was replaced in turn.
 * @param target_out a record that is in use
 * @return MQ_ENOTFOUND nobody does
 */
apr_status_t mq_patient_replaced_by(mq_id_t *target_out, const mq_scope_t *sc, const mq_id_t *id);

/** All records that were merged into this one itself: each can be separated again. @param links_out
 * of mq_patient_link_t */
apr_status_t mq_patient_replaces(apr_array_header_t **links_out, const mq_scope_t *sc,
                                 const mq_id_t *id);

/** All whom this one stands for: itself, and what was merged into it, into that, and so on.
 * @param ids_out of mq_id_t, itself first */
apr_status_t mq_patient_stands_for(apr_array_header_t **ids_out, const mq_scope_t *sc,
                                   const mq_id_t *id);

#endif
