/* duplicate_queue.h -- likely doubles over the whole register, for people to go through: merge the
 * two, or say that they are different people, which is remembered and can be taken back. A job
 * compares whoever is registered or changed with all others; it never decides. */
#ifndef MQ_DOMAIN_DUPLICATE_QUEUE_H
#define MQ_DOMAIN_DUPLICATE_QUEUE_H

#include "domain/jobs/jobs.h"
#include "domain/patients/duplicates.h"
#include "domain/patients/patient_pairs.h"

/** The job that compares those who are due; its object is nil. */
extern const mq_job_kind_t mq_duplicates_job;

/** Where a list of pairs goes on: behind this one. */
typedef struct mq_pair_place_t {
    apr_int64_t place;
    mq_id_t one;
    mq_id_t other;
} mq_pair_place_t;

/** A pair for reading. Texts are from the scope's pool. */
typedef struct mq_pair_t {
    mq_patient_t one;
    mq_patient_t other;
    int why; /* a set of likeness.h; 0: somebody had compared them of their own accord */
    apr_time_t said_at;
    const char *said_by; /* NULL: a likely pair */
} mq_pair_t;

enum { MQ_PAIRS_SHOWN = 10 };

/** A page of pairs. */
typedef struct mq_pairs_page_t {
    apr_array_header_t *pairs; /* of mq_pair_t, at most MQ_PAIRS_SHOWN */
    mq_pair_place_t last;      /* the page's last */
    int has_more;
    int is_at_work; /* somebody is still to be compared: there may be more soon */
} mq_pairs_page_t;

/**
 * Read a page of pairs, the likeliest first, or those said last to be different people; one
 * disclosure of all.
 * @param after NULL: from the first one
 * @return MQ_EDENIED
 */
apr_status_t mq_pairs_page(mq_pairs_page_t *page_out, const mq_scope_t *sc, mq_pair_state_t state,
                           const mq_pair_place_t *after);

/** Say that two records are of different people. Said twice, once.
 * @return MQ_ENOTFOUND one of them is not in use here; MQ_EINVALID they are one; MQ_EDENIED */
apr_status_t mq_duplicates_part(const mq_scope_t *sc, const mq_id_t *one, const mq_id_t *other);

/** Take that back. @return MQ_ENOTFOUND also where nobody had said so */
apr_status_t mq_duplicates_join(const mq_scope_t *sc, const mq_id_t *one, const mq_id_t *other);

#endif
