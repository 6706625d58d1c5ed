/* referral_matches.c -- linking a referral that came with an own record; SQL is in
 * store/statements/referrals.sql.
 *
 * What must stay true: whoever may not see the referral now learns nothing from trying to link it;
 * what is written is written in one's own organisation alone, and says nothing of the patient but
 * what somebody here has confirmed. A record that is merged into another keeps its row, so that
 * separating the two brings the link back with it. */
#include "domain/sharing/referral_matches.h"

#include "base/text.h"
#include "domain/change.h"
#include "domain/patients/duplicates.h"
#include "domain/patients/mrn.h"
#include "domain/patients/patient_links.h"
#include "domain/sharing/referrals.h"

int mq_referral_is_taken(mq_referral_state_t state)
{
    return state == MQ_REFERRAL_ACCEPTED || state == MQ_REFERRAL_IN_PROGRESS ||
           state == MQ_REFERRAL_COMPLETED || state == MQ_REFERRAL_OWNER_ASKS ||
           state == MQ_REFERRAL_READER_ASKS;
}

/* --- who it may be --- */

/* Whose number it is; of a record that was merged, the one that has become of it. */
static apr_status_t numbered_find(mq_id_t *id_out, const mq_scope_t *sc, const char *typed)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_mrn_said_t said;
    const char *number = mq_mrn_read(&said, mq_text_plain_digits(typed, pool), pool);
    mq_rows_t rows;
    mq_id_t now;
    apr_status_t rv;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_BY_MRN,
                            MQ_PARAMS(mq_bind_text(number ? number : typed))));
    *id_out = mq_rows_id(&rows, MQ_PATIENT_BY_MRN_ID);
    mq_rows_close(&rows);
    rv = mq_patient_replaced_by(&now, sc, id_out);
    *id_out = rv == APR_SUCCESS ? now : *id_out;
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

/* One whom somebody knows by number, wherever the eye for likeness would have put them. */
static apr_status_t numbered_add(int *is_known_out, apr_array_header_t *found, const mq_scope_t *sc,
                                 const char *typed)
{
    mq_duplicate_t one = {.why = 0};
    mq_id_t id;
    apr_status_t rv = numbered_find(&id, sc, typed);
    *is_known_out = rv == APR_SUCCESS;
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    for (int i = 0; i < found->nelts; i++) {
        if (mq_id_equal(&APR_ARRAY_IDX(found, i, mq_duplicate_t).patient.id, &id)) {
            return APR_SUCCESS;
        }
    }
    MQ_TRY(mq_patient_read(&one.patient, sc, &id));
    APR_ARRAY_PUSH(found, mq_duplicate_t) = one;
    return APR_SUCCESS;
}

apr_status_t mq_referral_candidates(apr_array_header_t **found_out, int *is_known_out,
                                    const mq_scope_t *sc, const mq_patient_fields_t *fields,
                                    const char *number)
{
    *is_known_out = 0;
    if (!mq_policy_allows(MQ_ACTION_REFERRAL_LINK, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_duplicates_find(found_out, sc, NULL, fields));
    if (number) {
        MQ_TRY(numbered_add(is_known_out, *found_out, sc, number));
    }
    return (*found_out)->nelts ? mq_duplicates_disclose(sc, *found_out) : APR_SUCCESS;
}

apr_status_t mq_referral_match_read(mq_referral_match_t *match_out, const mq_scope_t *sc,
                                    const mq_id_t *referral)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(
        mq_db_select_one(&rows, sc, MQ_SQL_REFERRAL_MATCH_BY_ID, MQ_PARAMS(mq_bind_id(referral))));
    match_out->patient = mq_rows_id(&rows, MQ_REFERRAL_MATCH_BY_ID_PATIENT_ID);
    match_out->linked_at = mq_rows_int(&rows, MQ_REFERRAL_MATCH_BY_ID_LINKED_AT);
    match_out->linked_by =
        mq_rows_text(&rows, MQ_REFERRAL_MATCH_BY_ID_LINKED_BY_NAME, mq_scope_pool(sc));
    mq_rows_close(&rows);
    match_out->now = match_out->patient;
    rv = mq_patient_replaced_by(&match_out->now, sc, &match_out->patient);
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

/* --- saying so, and taking it back --- */

typedef struct linking_t {
    const mq_id_t *referral;
    mq_id_t patient;
    const mq_patient_new_t *in; /* of one that is registered */
} linking_t;

static apr_status_t taken_check(const mq_scope_t *sc, const mq_id_t *referral)
{
    mq_referral_state_t state = MQ_REFERRAL_NONE;
    MQ_TRY(mq_referral_came(&state, sc, referral));
    return mq_referral_is_taken(state) ? APR_SUCCESS : MQ_ECONFLICT;
}

static apr_status_t match_insert(mq_audit_event_t *event_io, const mq_scope_t *sc,
                                 const linking_t *linking)
{
    int changed = 0;
    event_io->object = linking->referral;
    event_io->patient = &linking->patient;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_REFERRAL_MATCH_INSERT,
                        MQ_PARAMS(mq_bind_id(linking->referral), mq_bind_id(&linking->patient),
                                  mq_bind_int(mq_scope_now(sc)), mq_bind_id(mq_scope_user(sc)))));
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

/* Also where a record was merged into another since: it is there, and not in use. */
static apr_status_t in_use_read(mq_patient_t *patient_out, const mq_scope_t *sc, const mq_id_t *id)
{
    mq_id_t now;
    apr_status_t rv = mq_patient_read(patient_out, sc, id);
    if (rv != MQ_ENOTFOUND) {
        return rv;
    }
    rv = mq_patient_replaced_by(&now, sc, id);
    return rv == APR_SUCCESS ? MQ_ECONFLICT : rv;
}

/* The second click finds what the first has done. */
static apr_status_t unsaid_check(const mq_scope_t *sc, const linking_t *linking)
{
    mq_referral_match_t match;
    apr_status_t rv = mq_referral_match_read(&match, sc, linking->referral);
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    return mq_id_equal(&match.patient, &linking->patient) ? MQ_EREPEATED : MQ_ECONFLICT;
}

static apr_status_t link_one(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const linking_t *linking = data;
    mq_patient_t patient;
    MQ_TRY(taken_check(sc, linking->referral));
    MQ_TRY(unsaid_check(sc, linking));
    MQ_TRY(in_use_read(&patient, sc, &linking->patient));
    return patient.status == MQ_PATIENT_ACTIVE ? match_insert(event_io, sc, linking) : MQ_ECONFLICT;
}

apr_status_t mq_referral_link(const mq_scope_t *sc, const mq_id_t *referral, const mq_id_t *patient)
{
    linking_t linking = {.referral = referral, .patient = *patient};
    return mq_change_beside(sc, MQ_ACTION_REFERRAL_LINK, link_one, &linking);
}

static apr_status_t register_one(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    linking_t *linking = data;
    MQ_TRY(taken_check(sc, linking->referral));
    MQ_TRY(mq_patient_add_within(&linking->patient, sc, linking->in));
    return match_insert(event_io, sc, linking);
}

apr_status_t mq_referral_register(mq_id_t *patient_out, const mq_scope_t *sc,
                                  const mq_id_t *referral, const mq_patient_new_t *in)
{
    linking_t linking = {.referral = referral, .in = in};
    MQ_TRY(mq_change_beside_once(sc, MQ_ACTION_REFERRAL_REGISTER, register_one, &linking));
    *patient_out = linking.patient;
    return APR_SUCCESS;
}

static apr_status_t unlink_one(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const linking_t *linking = data;
    mq_referral_state_t state = MQ_REFERRAL_NONE;
    int changed = 0;
    MQ_TRY(mq_referral_came(&state, sc, linking->referral));
    event_io->object = linking->referral;
    event_io->patient = &linking->patient;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_REFERRAL_MATCH_DELETE,
                        MQ_PARAMS(mq_bind_id(linking->referral), mq_bind_id(&linking->patient))));
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

apr_status_t mq_referral_unlink(const mq_scope_t *sc, const mq_id_t *referral,
                                const mq_id_t *patient)
{
    linking_t linking = {.referral = referral, .patient = *patient};
    return mq_change_beside(sc, MQ_ACTION_REFERRAL_UNLINK, unlink_one, &linking);
}
