/* patient_lists.c -- pages of the table of patients: one range of one index each, however far into
 * the table. */
#include "domain/patients/patient_lists.h"

#include "domain/trail/disclosures.h"
#include "domain/organisations/counters.h"
#include "domain/policy.h"

/* Statements by order and place; the places as in mq_page_place_t. */
static const mq_tenant_read_t *const statements[MQ_SORTS][3] = {
    [MQ_SORT_NAME] = {MQ_SQL_PATIENTS_BY_NAME_FIRST, MQ_SQL_PATIENTS_BY_NAME_AFTER,
                      MQ_SQL_PATIENTS_BY_NAME_BEFORE},
    [MQ_SORT_FAMILY] = {MQ_SQL_PATIENTS_BY_FAMILY_FIRST, MQ_SQL_PATIENTS_BY_FAMILY_AFTER,
                        MQ_SQL_PATIENTS_BY_FAMILY_BEFORE},
    [MQ_SORT_BIRTH_DATE] = {MQ_SQL_PATIENTS_BY_BIRTH_DATE_FIRST,
                            MQ_SQL_PATIENTS_BY_BIRTH_DATE_AFTER,
                            MQ_SQL_PATIENTS_BY_BIRTH_DATE_BEFORE},
    [MQ_SORT_UPDATED] = {MQ_SQL_PATIENTS_BY_CHANGE_FIRST, MQ_SQL_PATIENTS_BY_CHANGE_AFTER,
                         MQ_SQL_PATIENTS_BY_CHANGE_BEFORE}};

static const int key_columns[MQ_SORTS] = {[MQ_SORT_NAME] = MQ_PATIENT_SORT_KEYS_NAME_KEY,
                                          [MQ_SORT_FAMILY] = MQ_PATIENT_SORT_KEYS_FAMILY_KEY,
                                          [MQ_SORT_BIRTH_DATE] = MQ_PATIENT_SORT_KEYS_BIRTH_KEY,
                                          [MQ_SORT_UPDATED] = MQ_PATIENT_SORT_KEYS_UPDATED_AT};

enum { PARAMS_MOST = 5 };

/* The URL carries the row's id only: its sort key would put a name into logs. */
static apr_status_t anchor_bind(mq_param_t *key_out, const mq_scope_t *sc, mq_patients_sort_t sort,
                                const mq_id_t *anchor, apr_pool_t *pool)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_SORT_KEYS, MQ_PARAMS(mq_bind_id(anchor))));
    *key_out = sort == MQ_SORT_UPDATED ? mq_bind_int(mq_rows_int(&rows, key_columns[sort]))
                                       : mq_bind_text(mq_rows_text(&rows, key_columns[sort], pool));
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static apr_status_t page_select(mq_rows_t *rows_out, const mq_scope_t *sc,
                                const mq_patients_choice_t *choice, mq_page_place_t place,
                                const mq_id_t *anchor, int limit, apr_pool_t *pool)
{
    mq_param_t params[PARAMS_MOST] = {mq_bind_int(choice->listing)};
    int count = 1;
    if (choice->sort == MQ_SORT_UPDATED && place != MQ_PAGE_BEFORE) {
        params[count++] = mq_bind_int(choice->since);
    }
    if (place != MQ_PAGE_FIRST) {
        MQ_TRY(anchor_bind(&params[count++], sc, choice->sort, anchor, pool));
        params[count++] = mq_bind_id(anchor);
    }
    params[count++] = mq_bind_int(limit);
    return mq_db_select(rows_out, sc, statements[choice->sort][place], params, count);
}

static mq_patient_row_t row_read(const mq_rows_t *rows, const mq_patients_choice_t *choice,
                                 apr_pool_t *pool)
{
    return (mq_patient_row_t){
        .id = mq_rows_id(rows, MQ_PATIENT_ROW_ID),
        .name = mq_rows_text(rows, MQ_PATIENT_ROW_NAME, pool),
        .birth_date = mq_rows_text(rows, MQ_PATIENT_ROW_BIRTH_DATE, pool),
        .mrn = mq_rows_text(rows, MQ_PATIENT_ROW_MRN, pool),
        .former_name = mq_rows_text(rows, MQ_PATIENT_ROW_FORMER_NAME, pool),
        .preferred_name = mq_rows_text(rows, MQ_PATIENT_ROW_PREFERRED_NAME, pool),
        .sex = mq_rows_text(rows, MQ_PATIENT_ROW_SEX, pool),
        .phone = mq_rows_text(rows, MQ_PATIENT_ROW_PHONE1, pool),
        .address = mq_rows_text(rows, MQ_PATIENT_ROW_ADDRESS, pool),
        .deceased_date = choice->listing != MQ_LISTING_ACTIVE /* who stands there lives */
                             ? mq_rows_text(rows, MQ_PATIENT_ROW_DECEASED_DATE, pool)
                             : NULL,
        .updated_at =
            choice->sort == MQ_SORT_UPDATED ? mq_rows_int(rows, MQ_PATIENT_ROW_UPDATED_AT) : 0,
        .is_archived = choice->listing == MQ_LISTING_ARCHIVED,
        .is_deceased = choice->listing == MQ_LISTING_DECEASED};
}

static void rows_reverse(mq_patient_row_t *rows, int count)
{
    for (int i = 0; i < count / 2; i++) {
        mq_patient_row_t row = rows[i];
        rows[i] = rows[count - 1 - i];
        rows[count - 1 - i] = row;
    }
}

apr_status_t mq_patients_rows(mq_patients_page_t *page_out, const mq_scope_t *sc,
                              const mq_patients_choice_t *choice, mq_page_place_t place,
                              const mq_id_t *anchor, int most, apr_pool_t *pool)
{
    mq_patient_row_t *patients = apr_palloc(pool, sizeof *patients * (size_t)most);
    mq_rows_t rows;
    apr_status_t rv;
    int more;
    int count = 0;

    MQ_TRY(page_select(&rows, sc, choice, place, anchor, most + 1, pool));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS && count < most) {
        patients[count++] = row_read(&rows, choice, pool);
    }
    more = rv == APR_SUCCESS;
    mq_rows_close(&rows);
    if (!more && rv != APR_EOF) {
        return rv;
    }
    if (place == MQ_PAGE_BEFORE) {
        rows_reverse(patients, count);
    }
    *page_out = (mq_patients_page_t){.rows = patients,
                                     .count = count,
                                     .has_previous = place == MQ_PAGE_AFTER ||
                                                     (place == MQ_PAGE_BEFORE && more),
                                     .has_next = place == MQ_PAGE_BEFORE || more};
    return APR_SUCCESS;
}

apr_status_t mq_patients_show(mq_audit_event_t *event, const mq_patients_page_t *page,
                              const mq_patients_page_t *beside, apr_pool_t *pool)
{
    int besides = beside ? beside->count : 0;
    mq_id_t *ids = apr_palloc(pool, sizeof *ids * (size_t)(page->count + besides + 1));
    for (int i = 0; i < page->count; i++) {
        ids[i] = page->rows[i].id;
    }
    for (int i = 0; i < besides; i++) {
        ids[page->count + i] = beside->rows[i].id;
    }
    return mq_audit_show(event, ids, page->count + besides, pool);
}

apr_status_t mq_patients_page(mq_patients_page_t *page_out, const mq_scope_t *sc,
                              const mq_patients_choice_t *choice, mq_page_place_t place,
                              const mq_id_t *anchor, const mq_patients_page_t *beside)
{
    mq_audit_event_t event = {.action = MQ_ACTION_PATIENTS_LIST, .outcome = MQ_OUTCOME_DONE};
    if (!mq_policy_allows(MQ_ACTION_PATIENTS_LIST, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_patients_rows(page_out, sc, choice, place, anchor,
                            choice->most ? choice->most : MQ_PATIENTS_PER_PAGE, mq_scope_pool(sc)));
    if (!mq_discloses(sc)) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_patients_show(&event, page_out, beside, mq_scope_pool(sc)));
    return mq_disclose(sc, &event, NULL);
}

apr_status_t mq_patients_total(apr_int64_t *total_out, const mq_scope_t *sc)
{
    return mq_counter_soon(total_out, sc, MQ_COUNTER_ACTIVE);
}
