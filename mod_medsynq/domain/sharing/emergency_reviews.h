/* emergency_reviews.h -- what an organisation's administrators make of it when somebody of another
 * one has opened a record of theirs in an emergency. Each waits until one of them has said whether
 * it was justified, and if not, what was done about it. */
#ifndef MQ_DOMAIN_SHARING_EMERGENCY_REVIEWS_H
#define MQ_DOMAIN_SHARING_EMERGENCY_REVIEWS_H

#include <apr_tables.h>

#include "domain/change.h"
#include "domain/sharing/emergencies.h"

enum { MQ_EMERGENCIES_PER_PAGE = 50, MQ_EMERGENCIES_WAITING_MOST = 100 };

/** The numbers are stored. */
typedef enum {
    MQ_EMERGENCY_WAITS = 1,
    MQ_EMERGENCY_JUSTIFIED = 2,
    MQ_EMERGENCY_UNJUSTIFIED = 3
} mq_emergency_state_t;

/** One. Texts are from the scope's pool. */
typedef struct mq_emergency_t {
    mq_id_t id;
    mq_id_t patient;
    const char *by_name; /* with the organisation */
    const char *reason;
    apr_time_t opened_at;
    apr_time_t until;
    int marks;
    mq_emergency_state_t state;
} mq_emergency_t;

/** The same, with what its own page shows. */
typedef struct mq_emergency_seen_t {
    mq_emergency_t emergency;
    const char *patient_name; /* NULL: the record was merged into another one */
    const char *patient_mrn;
    apr_time_t ended_at; /* before its time; 0: it was not, or nobody has come across its end */
    apr_time_t reviewed_at;
    const char *reviewed_by;
    const char *measures; /* or NULL */
} mq_emergency_seen_t;

/** @return whether a review says what it must: what was done, where it was not justified */
int mq_emergency_review_holds(mq_emergency_state_t state, const char *measures);

/** Read those that wait, the oldest first. @param list_out of mq_emergency_t; MQ_EDENIED */
apr_status_t mq_emergencies_waiting(apr_array_header_t **list_out, const mq_scope_t *sc);

/** Read a page of all, the newest first. @param before the last of the page before, or NULL
 * @return MQ_EDENIED */
apr_status_t mq_emergencies_page(apr_array_header_t **list_out, int *has_next_out,
                                 const mq_scope_t *sc, const mq_id_t *before);

/** Look at one; it names the patient, and is recorded as a look. @return MQ_ENOTFOUND; MQ_EDENIED
 */
apr_status_t mq_emergency_view(mq_emergency_seen_t *seen_out, const mq_scope_t *sc,
                               const mq_id_t *id);

/**
 * Review one, for good.
 * @param measures what was done about it; NULL where it was justified: nothing
 * @return MQ_ENOTFOUND; MQ_ECONFLICT it is reviewed; MQ_EINVALID no measures, though it was not
 *         justified; MQ_EDENIED
 */
apr_status_t mq_emergency_review(const mq_scope_t *sc, const mq_id_t *id,
                                 mq_emergency_state_t state, const char *measures);

#endif
