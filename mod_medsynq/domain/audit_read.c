/* audit_read.c -- pages of the trail, by key. Appending is in audit.c. */
#include "domain/audit_read.h"

#include "base/text.h"
#include "domain/disclosures.h"

static apr_status_t page_select(mq_rows_t *rows, const mq_scope_t *sc,
                                const mq_audit_choice_t *choice, int most)
{
    const mq_param_t before = mq_bind_int(choice->before ? choice->before : APR_INT64_MAX);
    const mq_param_t from = mq_bind_int(choice->from);
    const mq_param_t until = mq_bind_int(choice->until ? choice->until : APR_INT64_MAX);
    const mq_param_t action = mq_bind_int(choice->action);
    const mq_param_t actor = mq_bind_id(choice->actor);
    if (choice->patient) {
        return mq_db_select(rows, sc, MQ_SQL_AUDIT_EVENTS_OF_PATIENT,
                            MQ_PARAMS(mq_bind_id(choice->patient), before, from, until, action,
                                      action, actor, actor, mq_bind_int(most)));
    }
    return mq_db_select(
        rows, sc, MQ_SQL_AUDIT_EVENTS_NEWEST,
        MQ_PARAMS(before, from, until, action, action, actor, actor, mq_bind_int(most)));
}

apr_status_t mq_audit_rows(apr_array_header_t **entries_out, int *has_next_out,
                           const mq_scope_t *sc, const mq_audit_choice_t *choice, int most,
                           apr_pool_t *pool)
{
    apr_array_header_t *entries = apr_array_make(pool, most + 1, sizeof(mq_audit_entry_t));
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(page_select(&rows, sc, choice, most + 1));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(entries, mq_audit_entry_t) =
            (mq_audit_entry_t){.number = mq_rows_int(&rows, 0),
                               .at = mq_rows_int(&rows, 1),
                               .actor_name = mq_rows_text(&rows, 2, pool),
                               .address = mq_rows_text(&rows, 3, pool),
                               .action = (mq_action_t)mq_rows_int(&rows, 4),
                               .outcome = (mq_outcome_t)mq_rows_int(&rows, 5),
                               .reason = mq_rows_text(&rows, 6, pool),
                               .patient = mq_rows_id(&rows, 7),
                               .mrn = mq_rows_text(&rows, 8, pool)};
    }
    *has_next_out = entries->nelts > most;
    entries->nelts -= *has_next_out;
    *entries_out = entries;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_audit_page(apr_array_header_t **entries_out, int *has_next_out,
                           const mq_scope_t *sc, const mq_audit_choice_t *choice)
{
    mq_audit_event_t event = {
        .action = MQ_ACTION_AUDIT_VIEW, .outcome = MQ_OUTCOME_DONE, .object = choice->actor};
    if (!mq_policy_allows(MQ_ACTION_AUDIT_VIEW, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(
        mq_audit_rows(entries_out, has_next_out, sc, choice, MQ_AUDIT_PER_PAGE, mq_scope_pool(sc)));
    return mq_disclose(sc, &event, NULL);
}

apr_status_t mq_audit_of_patient(apr_array_header_t **entries_out, int *has_next_out,
                                 const mq_scope_t *sc, const mq_audit_choice_t *choice)
{
    mq_audit_event_t event = {.action = MQ_ACTION_PATIENT_ACCESSES,
                              .outcome = MQ_OUTCOME_DONE,
                              .patient = choice->patient};
    mq_rows_t rows;
    if (!mq_policy_allows(MQ_ACTION_PATIENT_ACCESSES, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(
        mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_BRIEF, MQ_PARAMS(mq_bind_id(choice->patient))));
    mq_rows_close(&rows);
    MQ_TRY(
        mq_audit_rows(entries_out, has_next_out, sc, choice, MQ_AUDIT_PER_PAGE, mq_scope_pool(sc)));
    return mq_disclose(sc, &event, NULL);
}

static apr_status_t id_find(mq_id_t *id_out, const mq_scope_t *sc, int statement, const char *key)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, statement, MQ_PARAMS(mq_bind_text(key))));
    *id_out = mq_rows_id(&rows, 0);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

apr_status_t mq_audit_actor_find(mq_id_t *actor_out, const mq_scope_t *sc, const char *email)
{
    return id_find(actor_out, sc, MQ_SQL_USER_BY_EMAIL, mq_text_name_key(email, mq_scope_pool(sc)));
}

apr_status_t mq_audit_patient_find(mq_id_t *patient_out, const mq_scope_t *sc, const char *mrn)
{
    return id_find(patient_out, sc, MQ_SQL_PATIENT_BY_MRN, mrn);
}
