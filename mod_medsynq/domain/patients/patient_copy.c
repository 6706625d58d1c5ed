/* patient_copy.c -- the rows of one record, kind by kind, as one JSON object. */
#include "domain/patients/patient_copy.h"

#include <apr_tables.h>

#include "base/date.h"
#include "base/json.h"
#include "domain/patients/patient_links.h"
#include "domain/patients/patient_parts.h"
#include "domain/patients/patients.h"
#include "domain/patients/record_rows.h"

enum { ROWS_AT_ONCE = 100, PIECE_BYTES = 65536 };

struct mq_patient_copy_t {
    const mq_scope_t *sc;
    apr_pool_t *pool; /* cleared for each lot of rows */
    mq_id_t patient;
    apr_int64_t version;
    const apr_array_header_t *records; /* of mq_id_t: the record, and those that it replaces */
    int kind;                          /* which rows are written next, of mq_record_rows */
    int record;                        /* and of which record */
    mq_row_place_t last;
    mq_json_t json;
    int has_begun;
};

static int may_read_all(const mq_scope_t *sc)
{
    for (int i = 0; i < MQ_PATIENT_PARTS; i++) {
        if (!mq_policy_allows(mq_patient_parts[i]->reading, mq_scope_roles(sc))) {
            return 0;
        }
    }
    return 1;
}

apr_status_t mq_patient_copy_begin(mq_patient_copy_t **copy_out, const mq_scope_t *sc,
                                   const mq_id_t *patient)
{
    mq_patient_copy_t *copy = apr_pcalloc(mq_scope_pool(sc), sizeof *copy);
    apr_array_header_t *records;
    mq_patient_t record;
    if (!may_read_all(sc)) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_patient_view_for(&record, sc, patient, MQ_ACTION_PATIENT_EXPORT));
    MQ_TRY(mq_patient_stands_for(&records, sc, patient));
    copy->sc = sc;
    copy->patient = *patient;
    copy->version = record.version;
    copy->records = records;
    MQ_TRY(apr_pool_create(&copy->pool, mq_scope_pool(sc)));
    *copy_out = copy;
    return APR_SUCCESS;
}

static void head_write(mq_patient_copy_t *copy)
{
    const mq_scope_t *sc = copy->sc;
    mq_json_object(&copy->json, NULL);
    mq_json_text(&copy->json, "format", "MedSynQ record 1");
    mq_json_text(&copy->json, "organisation", mq_scope_tenant_name(sc));
    mq_json_text(&copy->json, "copied_at", mq_time_iso(mq_scope_now(sc), mq_scope_pool(sc)));
    mq_json_text(&copy->json, "copied_by", mq_scope_user_name(sc));
    mq_json_array(&copy->json, mq_record_rows(0)->name);
    copy->has_begun = 1;
}

/* A merge, too, makes a new version of both records. */
static apr_status_t record_stands(const mq_patient_copy_t *copy)
{
    mq_patient_t now;
    MQ_TRY(mq_patient_read(&now, copy->sc, &copy->patient));
    return now.version == copy->version ? APR_SUCCESS : MQ_ECONFLICT;
}

/* The next rows of one kind and one record. */
static apr_status_t rows_write(int *count_out, mq_patient_copy_t *copy)
{
    const mq_record_rows_t *kind = mq_record_rows(copy->kind);
    mq_rows_t rows;
    apr_status_t rv;
    *count_out = 0;
    apr_pool_clear(copy->pool);
    MQ_TRY(mq_record_rows_select(&rows, kind, copy->sc,
                                 &APR_ARRAY_IDX(copy->records, copy->record, mq_id_t), &copy->last,
                                 ROWS_AT_ONCE));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        mq_json_object(&copy->json, NULL);
        kind->write(&copy->json, &copy->last, &rows, copy->pool);
        mq_json_object_end(&copy->json);
        ++*count_out;
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* On to the next record, or with all records to the next kind. */
static void place_move(int *done_out, mq_patient_copy_t *copy)
{
    copy->last = (mq_row_place_t){.number = 0};
    if (++copy->record < copy->records->nelts) {
        return;
    }
    mq_json_array_end(&copy->json);
    copy->record = 0;
    copy->kind++;
    if (mq_record_rows(copy->kind)) {
        mq_json_array(&copy->json, mq_record_rows(copy->kind)->name);
    } else {
        mq_json_object_end(&copy->json);
        mq_buffer_text(copy->json.out, "\n");
        *done_out = 1;
    }
}

apr_status_t mq_patient_copy_next(mq_buffer_t *out, int *done_out, mq_patient_copy_t *copy)
{
    *done_out = 0;
    copy->json.out = out;
    MQ_TRY(record_stands(copy));
    if (!copy->has_begun) {
        head_write(copy);
    }
    while (!*done_out && out->length < PIECE_BYTES) {
        int count;
        MQ_TRY(rows_write(&count, copy));
        if (count < ROWS_AT_ONCE) {
            place_move(done_out, copy);
        }
    }
    return APR_SUCCESS;
}
