/* patient_export.c -- pages of patient_lists.c, one after the other, as CSV. The import reads what
 * is written here. */
#include "domain/patients/patient_export.h"

#include "base/csv.h"
#include "base/date.h"
#include "domain/trail/disclosures.h"
#include "domain/policy.h"

enum { ROWS_PER_PIECE = 500, CHOICES = 3 };

struct mq_patient_export_t {
    const mq_scope_t *sc;
    apr_pool_t *page_pool;        /* cleared for each piece */
    mq_patients_page_t page;      /* that is written next */
    mq_patient_fields_t *records; /* of its rows; one without a name is gone meanwhile */
    const char *reason;
    mq_patients_choice_t choices[CHOICES];
    int choice_count;
    int choice; /* which one is being written */
    mq_page_place_t place;
    mq_id_t last;
    int has_begun;
};

/* The whole records of the page's rows, while the connection is lent. */
static apr_status_t records_read(mq_patient_export_t *job)
{
    mq_patients_page_t *page = &job->page;
    job->records =
        apr_pcalloc(job->page_pool, sizeof *job->records * (apr_size_t)(page->count + 1));
    for (int i = 0; i < page->count; i++) {
        mq_rows_t rows;
        apr_status_t rv = mq_db_select_one(&rows, job->sc, MQ_SQL_PATIENT_WHOLE,
                                           MQ_PARAMS(mq_bind_id(&page->rows[i].id)));
        if (rv == MQ_ENOTFOUND) { /* an import was undone */
            continue;
        }
        MQ_TRY(rv);
        page->rows[i].mrn = mq_rows_text(&rows, MQ_PATIENT_WHOLE_MRN, job->page_pool);
        mq_patient_fields_read(&job->records[i], &rows, MQ_PATIENT_WHOLE_NAME, job->page_pool);
        mq_rows_close(&rows);
    }
    return APR_SUCCESS;
}

/* Read the rows of the next piece and record whom they disclose, before they leave. */
static apr_status_t page_load(mq_patient_export_t *job)
{
    mq_audit_event_t event = {
        .action = MQ_ACTION_PATIENTS_EXPORT, .outcome = MQ_OUTCOME_DONE, .reason = job->reason};
    apr_status_t rv;
    apr_pool_clear(job->page_pool);
    rv = mq_patients_rows(&job->page, job->sc, &job->choices[job->choice], job->place, &job->last,
                          ROWS_PER_PIECE, job->page_pool);
    if (rv == APR_SUCCESS) {
        rv = records_read(job);
    }
    mq_db_give_back(job->sc);
    MQ_TRY(rv);
    if (job->has_begun && job->page.count == 0) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_patients_show(&event, &job->page, NULL, job->page_pool));
    return mq_disclose(job->sc, &event, NULL);
}

apr_status_t mq_patient_export_begin(mq_patient_export_t **export_out, const mq_scope_t *sc,
                                     const mq_patients_choice_t *choice)
{
    mq_patient_export_t *job = apr_pcalloc(mq_scope_pool(sc), sizeof *job);
    if (!mq_policy_allows(MQ_ACTION_PATIENTS_EXPORT, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    job->sc = sc;
    job->reason = choice ? "as shown" : "all";
    job->choices[job->choice_count++] = choice ? *choice : MQ_PATIENTS_ACTIVE;
    if (!choice) {
        job->choices[job->choice_count++] =
            (mq_patients_choice_t){MQ_SORT_NAME, MQ_LISTING_DECEASED, 0};
        job->choices[job->choice_count++] =
            (mq_patients_choice_t){MQ_SORT_NAME, MQ_LISTING_ARCHIVED, 0};
    }
    MQ_TRY(apr_pool_create(&job->page_pool, mq_scope_pool(sc)));
    *export_out = job;
    return page_load(job);
}

static void head_write(mq_csv_writer_t *writer)
{
    mq_buffer_text(writer->out, "\xef\xbb\xbf"); /* spreadsheets take it for UTF-8 only so */
    mq_csv_add(writer, "mrn");
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        mq_csv_add(writer, mq_patient_field_table[i].name);
    }
    mq_csv_add(writer, "status");
    mq_csv_row_end(writer);
}

static void row_write(mq_csv_writer_t *writer, const mq_patient_row_t *patient,
                      const mq_patient_fields_t *record)
{
    mq_csv_add(writer, patient->mrn);
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const char *value = mq_patient_field(record, i);
        mq_csv_add(writer, value && mq_patient_field_is_flag(i) ? "yes" : value);
    }
    mq_csv_add(writer, patient->is_archived   ? "archived"
                       : patient->is_deceased ? "deceased"
                                              : "active");
    mq_csv_row_end(writer);
}

apr_status_t mq_patient_export_next(mq_buffer_t *out, int *done_out, mq_patient_export_t *job)
{
    mq_csv_writer_t writer = {out};
    const mq_patients_page_t *page = &job->page;
    if (!job->has_begun) { /* its rows are read already */
        head_write(&writer);
        job->has_begun = 1;
    } else {
        MQ_TRY(page_load(job));
    }
    for (int i = 0; i < page->count; i++) {
        if (job->records[i].name) {
            row_write(&writer, &page->rows[i], &job->records[i]);
        }
    }
    if (page->has_next) {
        job->place = MQ_PAGE_AFTER;
        job->last = page->rows[page->count - 1].id;
    } else {
        job->place = MQ_PAGE_FIRST;
        job->choice++;
    }
    *done_out = job->choice == job->choice_count;
    return APR_SUCCESS;
}
