/* patient_lists.h -- pages of the table of patients, each continuing from a row of the last. */
#ifndef MQ_DOMAIN_PATIENT_LISTS_H
#define MQ_DOMAIN_PATIENT_LISTS_H

#include "domain/patients.h"

enum { MQ_PATIENTS_PER_PAGE = 50 };

/** Where a page of the table begins: after or before a row, or at the start. */
typedef enum { MQ_PAGE_FIRST, MQ_PAGE_AFTER, MQ_PAGE_BEFORE } mq_page_place_t;

/** One page of the table. */
typedef struct mq_patients_page_t {
    mq_patient_t *rows; /* id, mrn, name, birth_date */
    int count;
    int has_previous;
    int has_next;
} mq_patients_page_t;

/**
 * Read a page of the table of active patients, in the order of their names.
 * @param anchor the row that the page continues from; not used for MQ_PAGE_FIRST
 * @return MQ_ENOTFOUND there is no such row in this organisation
 */
apr_status_t mq_patients_page(mq_patients_page_t *page_out, const mq_scope_t *sc,
                              mq_page_place_t place, const mq_id_t *anchor);

/** The number of active patients, kept rather than counted. */
apr_status_t mq_patients_total(apr_int64_t *total_out, const mq_scope_t *sc);

#endif
