/* import_faults.h -- what is wrong with the rows of a file, in words: on its page together where
 * many rows have the same, and as a file one by one. */
#ifndef MQ_WEB_IMPORT_FAULTS_H
#define MQ_WEB_IMPORT_FAULTS_H

#include "domain/imports/patient_import.h"
#include "web/pages.h"

typedef struct mq_import_faults_t {
    mq_list_t faults;
    int more_faults;
} mq_import_faults_t;

extern const mq_slot_t mq_import_faults_slots[];

/** Fill the list of the page. */
apr_status_t mq_import_faults_draw(mq_import_faults_t *view_out, const mq_request_t *rq,
                                   const mq_scope_t *sc, const mq_import_t *import);

/** Answer with all faults as CSV. */
apr_status_t mq_import_faults_stream(mq_request_t *rq, const mq_scope_t *sc,
                                     const mq_import_t *import);

#endif
