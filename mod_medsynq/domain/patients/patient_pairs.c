/* patient_pairs.c -- rows of pairs. A pair is stored once, the lesser id first. */
#include "domain/patients/patient_pairs.h"

#include <limits.h>
#include <string.h>

#include "domain/jobs/jobs.h"
#include "domain/patients/patient_links.h"

static void sort(const mq_id_t **one, const mq_id_t **other)
{
    const mq_id_t *swap = *one;
    if (memcmp(*one, *other, sizeof **one) > 0) {
        *one = *other;
        *other = swap;
    }
}

apr_status_t mq_pairs_due(const mq_scope_t *sc, const mq_id_t *patient)
{
    static const mq_id_t all = {{0}};
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_PATIENT_DUE_INSERT, MQ_PARAMS(mq_bind_id(patient))));
    return mq_job_ensure(sc, MQ_JOB_DUPLICATES, &all, mq_scope_now(sc));
}

apr_status_t mq_pairs_done(const mq_scope_t *sc, const mq_id_t *patient)
{
    return mq_db_change(NULL, sc, MQ_SQL_PATIENT_DUE_DELETE, MQ_PARAMS(mq_bind_id(patient)));
}

static apr_status_t pair_insert(int *changed_out, const mq_scope_t *sc, const mq_id_t *one,
                                const mq_id_t *other, mq_pair_state_t state, apr_int64_t place,
                                int why, const mq_id_t *said_by)
{
    sort(&one, &other);
    return mq_db_change(changed_out, sc, MQ_SQL_PATIENT_PAIR_INSERT,
                        MQ_PARAMS(mq_bind_id(one), mq_bind_id(other), mq_bind_int(state),
                                  mq_bind_int(place), mq_bind_int(why), mq_bind_id(said_by)));
}

/* @return MQ_ENOTFOUND the pair is not in the state from */
static apr_status_t pair_move(const mq_scope_t *sc, const mq_id_t *one, const mq_id_t *other,
                              mq_pair_state_t from, mq_pair_state_t to, apr_int64_t place,
                              const mq_id_t *said_by)
{
    int changed = 0;
    sort(&one, &other);
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_PATIENT_PAIR_MOVE,
                        MQ_PARAMS(mq_bind_int(to), mq_bind_int(place), mq_bind_id(said_by),
                                  mq_bind_id(one), mq_bind_id(other), mq_bind_int(from))));
    return changed ? APR_SUCCESS : MQ_ENOTFOUND;
}

apr_status_t mq_pair_note(const mq_scope_t *sc, const mq_id_t *one, const mq_id_t *other, int score,
                          int why)
{
    return pair_insert(NULL, sc, one, other, MQ_PAIR_LIKELY, score, why, NULL);
}

static apr_status_t partners_read(apr_array_header_t *ids, const mq_scope_t *sc,
                                  const mq_tenant_read_t *statement, const mq_id_t *patient,
                                  mq_pair_state_t state)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, statement,
                        MQ_PARAMS(mq_bind_id(patient), mq_bind_int(state), mq_bind_int(INT_MAX))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(ids, mq_id_t) = mq_rows_id(&rows, MQ_PATIENT_PARTNER_ID);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_pairs_of(apr_array_header_t **ids_out, const mq_scope_t *sc, const mq_id_t *patient,
                         mq_pair_state_t state)
{
    *ids_out = apr_array_make(mq_scope_pool(sc), 4, sizeof(mq_id_t));
    MQ_TRY(partners_read(*ids_out, sc, MQ_SQL_PATIENT_PAIRS_OF_ONE, patient, state));
    return partners_read(*ids_out, sc, MQ_SQL_PATIENT_PAIRS_OF_OTHER, patient, state);
}

apr_status_t mq_pairs_others_due(const mq_scope_t *sc, const mq_id_t *patient)
{
    apr_array_header_t *others;
    MQ_TRY(mq_pairs_of(&others, sc, patient, MQ_PAIR_LIKELY));
    for (int i = 0; i < others->nelts; i++) {
        MQ_TRY(mq_pairs_due(sc, &APR_ARRAY_IDX(others, i, mq_id_t)));
    }
    return APR_SUCCESS;
}

apr_status_t mq_pairs_drop(const mq_scope_t *sc, const mq_id_t *patient, mq_pair_state_t state)
{
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_PATIENT_PAIRS_DROP_ONE,
                        MQ_PARAMS(mq_bind_id(patient), mq_bind_int(state))));
    return mq_db_change(NULL, sc, MQ_SQL_PATIENT_PAIRS_DROP_OTHER,
                        MQ_PARAMS(mq_bind_id(patient), mq_bind_int(state)));
}

apr_status_t mq_pair_part(int *changed_out, const mq_scope_t *sc, const mq_id_t *one,
                          const mq_id_t *other)
{
    int changed = 1;
    apr_status_t rv = pair_move(sc, one, other, MQ_PAIR_LIKELY, MQ_PAIR_APART, mq_scope_now(sc),
                                mq_scope_user(sc));
    if (rv == MQ_ENOTFOUND) {
        rv = pair_insert(&changed, sc, one, other, MQ_PAIR_APART, mq_scope_now(sc), 0,
                         mq_scope_user(sc));
    }
    if (changed_out) {
        *changed_out = changed;
    }
    return rv;
}

apr_status_t mq_pair_join(const mq_scope_t *sc, const mq_id_t *one, const mq_id_t *other)
{
    MQ_TRY(pair_move(sc, one, other, MQ_PAIR_APART, MQ_PAIR_LIKELY, 0, NULL));
    MQ_TRY(mq_pairs_due(sc, one));
    return mq_pairs_due(sc, other);
}

/* Of a record that was replaced, whoever replaces it. */
static apr_status_t in_use(mq_id_t *id_out, const mq_scope_t *sc, const mq_id_t *id)
{
    apr_status_t rv = mq_patient_replaced_by(id_out, sc, id);
    if (rv == MQ_ENOTFOUND) {
        *id_out = *id;
        return APR_SUCCESS;
    }
    return rv;
}

apr_status_t mq_pairs_apart(apr_array_header_t **ids_out, const mq_scope_t *sc,
                            const mq_id_t *patient)
{
    apr_array_header_t *ids = apr_array_make(mq_scope_pool(sc), 4, sizeof(mq_id_t));
    apr_array_header_t *ones;
    apr_array_header_t *others;
    MQ_TRY(mq_patient_stands_for(&ones, sc, patient));
    for (int i = 0; i < ones->nelts; i++) {
        MQ_TRY(mq_pairs_of(&others, sc, &APR_ARRAY_IDX(ones, i, mq_id_t), MQ_PAIR_APART));
        for (int j = 0; j < others->nelts; j++) {
            mq_id_t id;
            MQ_TRY(in_use(&id, sc, &APR_ARRAY_IDX(others, j, mq_id_t)));
            APR_ARRAY_PUSH(ids, mq_id_t) = id;
        }
    }
    *ids_out = ids;
    return APR_SUCCESS;
}
