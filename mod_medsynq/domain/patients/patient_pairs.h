/* patient_pairs.h -- two records that may be of one person, or of which somebody has said that they
 * are not: the rows, and whose record is to be compared anew. The queue that people go through is
 * duplicate_queue.h's. */
#ifndef MQ_DOMAIN_PATIENT_PAIRS_H
#define MQ_DOMAIN_PATIENT_PAIRS_H

#include "store/db.h"

/** What is known of a pair. The numbers are stored. */
typedef enum { MQ_PAIR_LIKELY = 1, MQ_PAIR_APART = 2 } mq_pair_state_t;

/** Have a record compared with the register, soon. Inside the transaction that registers or changes
 * it. */
apr_status_t mq_pairs_due(const mq_scope_t *sc, const mq_id_t *patient);

/** A record has been compared, or is no more: it is not due any longer. */
apr_status_t mq_pairs_done(const mq_scope_t *sc, const mq_id_t *patient);

/** Note that two records seem to be of one person; nothing where that is noted, or denied, already.
 */
apr_status_t mq_pair_note(const mq_scope_t *sc, const mq_id_t *one, const mq_id_t *other, int score,
                          int why);

/**
 * Read who makes a pair of this state with a record, all of them: whoever drops pairs judges the
 * others anew.
 * @param ids_out of mq_id_t, from the scope's pool; some of them may not be in use
 */
apr_status_t mq_pairs_of(apr_array_header_t **ids_out, const mq_scope_t *sc, const mq_id_t *patient,
                         mq_pair_state_t state);

/** Have all compared anew who make a likely pair with a record that is merged into another or comes
 * back: they may be the only ones to find what becomes of it. */
apr_status_t mq_pairs_others_due(const mq_scope_t *sc, const mq_id_t *patient);

/** Drop a record's pairs of this state. */
apr_status_t mq_pairs_drop(const mq_scope_t *sc, const mq_id_t *patient, mq_pair_state_t state);

/** The scope's person says that two records are of different people.
 * @param changed_out whether that is new; may be NULL */
apr_status_t mq_pair_part(int *changed_out, const mq_scope_t *sc, const mq_id_t *one,
                          const mq_id_t *other);

/** That was wrong: they are a likely pair again, until they have been compared anew.
 * @return MQ_ENOTFOUND nobody had said so */
apr_status_t mq_pair_join(const mq_scope_t *sc, const mq_id_t *one, const mq_id_t *other);

/** Read of whom somebody has said that they are not the person of this record, of the records
 * themselves or of those that they replace.
 * @param ids_out of mq_id_t, from the scope's pool: records in use, one perhaps more than once */
apr_status_t mq_pairs_apart(apr_array_header_t **ids_out, const mq_scope_t *sc,
                            const mq_id_t *patient);

#endif
