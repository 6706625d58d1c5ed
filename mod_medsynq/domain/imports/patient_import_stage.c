/* patient_import_stage.c -- an uploaded file becomes stored rows: which of them names the columns,
 * what the columns show of their dates, and their first values. */
#include "domain/imports/patient_import.h"

#include <apr_strings.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/csv.h"
#include "base/text.h"
#include "domain/change.h"
#include "domain/imports/patient_import_dates.h"
#include "domain/imports/patient_import_file.h"
#include "domain/imports/patient_import_guess.h"
#include "domain/imports/patient_import_work.h"
#include "domain/jobs/jobs.h"
#include "domain/organisations/quotas.h"
#include "domain/policy.h"

enum { ROWS_PER_TURN = 500, ROWS_MOST = 2000000, NAMES_LEAST = 2 };

/* A row of a file that waits to be stored. */
typedef struct staged_row_t {
    apr_int64_t number;
    int line;
    const char *cells;
} staged_row_t;

/* What a column shows. */
typedef struct column_t {
    mq_import_evidence_t dates;
    const char *samples[MQ_IMPORT_SAMPLES];
    int sample_count;
} column_t;

/* A file being stored. */
typedef struct staging_t {
    const mq_scope_t *sc;
    const mq_id_t *id;
    const char *file_name;
    mq_import_file_t file;
    apr_pool_t *turn_pool; /* of the rows that are stored in one transaction */
    const char *names;     /* of the columns, as they are stored; NULL: still looked for */
    apr_int64_t head;      /* the number of their row */
    column_t *columns;
    int column_count;
    apr_int64_t rows;            /* of the file, whatever they are */
    apr_int64_t bytes;           /* of their cells */
    int breaks;                  /* of lines, within cells so far */
    apr_array_header_t *pending; /* of staged_row_t, in turn_pool; NULL: none */
    const char *fault;
    int line;
} staging_t;

/* Without an event: the upload has one when it is whole. */
static apr_status_t rows_store(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const staging_t *staging = data;
    event_io->outcome = MQ_OUTCOME_NONE;
    for (int i = 0; i < staging->pending->nelts; i++) {
        const staged_row_t *row = &APR_ARRAY_IDX(staging->pending, i, staged_row_t);
        MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_IMPORT_ROW_INSERT,
                            MQ_PARAMS(mq_bind_id(staging->id), mq_bind_int(row->number),
                                      mq_bind_int(row->line), mq_bind_text(row->cells))));
    }
    return APR_SUCCESS;
}

static apr_status_t turn_end(staging_t *staging)
{
    if (!staging->pending) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_change_long(staging->sc, MQ_ACTION_PATIENTS_IMPORT, rows_store, staging));
    staging->pending = NULL;
    apr_pool_clear(staging->turn_pool);
    return APR_SUCCESS;
}

/* How many lines the cells have more than a row that stands in one: a spreadsheet counts rows. */
static int breaks_count(const char *const *fields, int count)
{
    int breaks = 0;
    for (int i = 0; i < count; i++) {
        for (const char *s = fields[i]; *s; s++) {
            breaks += *s == '\n' || (*s == '\r' && s[1] != '\n');
        }
    }
    return breaks;
}

static int is_blank(const char *const *fields, int count)
{
    for (int i = 0; i < count; i++) {
        if (fields[i][strspn(fields[i], " \t")]) {
            return 0;
        }
    }
    return 1;
}

static void sample_note(column_t *column, const char *cell, apr_pool_t *pool)
{
    apr_size_t length = strlen(cell);
    const char *line;
    if (column->sample_count == MQ_IMPORT_SAMPLES || !*cell) {
        return;
    }
    if (length > MQ_IMPORT_SAMPLE_MOST) {
        for (length = MQ_IMPORT_SAMPLE_MOST;
             length && ((unsigned char)cell[length] & 0xc0) == 0x80;) {
            length--; /* not within a character */
        }
    }
    line = apr_pstrmemdup(pool, cell, length);
    if (mq_text_clean_line(&line, line, pool) == APR_SUCCESS && *line) {
        column->samples[column->sample_count++] = line;
    }
}

/* What a row below the names shows of its columns. */
static void row_weigh(staging_t *staging, const char *const *fields, int count)
{
    apr_pool_t *kept = mq_scope_pool(staging->sc);
    for (int i = 0; i < count && i < staging->column_count; i++) {
        column_t *column = &staging->columns[i];
        mq_import_evidence_note(&column->dates, fields[i], staging->turn_pool, kept);
        sample_note(column, fields[i], kept);
    }
}

/* Take a row of those pending as the one with the names; what is below it is weighed. */
static apr_status_t head_take(staging_t *staging, int row)
{
    const char *cells[MQ_IMPORT_COLUMNS_MOST + 1];
    const staged_row_t *rows = (const staged_row_t *)staging->pending->elts;
    int count;
    staging->names = apr_pstrdup(mq_scope_pool(staging->sc), rows[row].cells);
    staging->head = rows[row].number;
    for (int i = row; i < staging->pending->nelts; i++) {
        count = mq_import_cells(cells, MQ_IMPORT_COLUMNS_MOST + 1,
                                apr_pstrdup(staging->turn_pool, rows[i].cells));
        if (i > row) {
            row_weigh(staging, cells, count);
        } else if (count > MQ_IMPORT_COLUMNS_MOST) {
            staging->fault = MQ_SAY("The file has too many columns.");
            return MQ_EINVALID;
        } else {
            staging->column_count = count;
        }
    }
    return APR_SUCCESS;
}

/* Titles and dates of printing stand above tables. */
static apr_status_t head_look(staging_t *staging, const char *const *fields, int count)
{
    int known = mq_import_known(staging->sc, fields,
                                count < MQ_IMPORT_COLUMNS_MOST ? count : MQ_IMPORT_COLUMNS_MOST);
    if (known >= NAMES_LEAST) {
        return head_take(staging, staging->pending->nelts - 1);
    }
    return staging->pending->nelts >= MQ_IMPORT_HEAD_MOST ? head_take(staging, 0) : APR_SUCCESS;
}

static apr_status_t row_stage(void *context, int line, const char *const *fields, int count)
{
    staging_t *staging = context;
    const int row = line - staging->breaks;
    staging->line = line;
    staging->breaks += breaks_count(fields, count);
    if (is_blank(fields, count)) {
        return APR_SUCCESS;
    }
    if (staging->rows > ROWS_MOST + staging->head) {
        staging->fault = MQ_SAY("The file has too many rows.");
        return MQ_EINVALID;
    }
    if (!staging->pending) {
        staging->pending = apr_array_make(staging->turn_pool, ROWS_PER_TURN, sizeof(staged_row_t));
    }
    APR_ARRAY_PUSH(staging->pending, staged_row_t) = (staged_row_t){
        staging->rows++, row, mq_import_cells_join(fields, count, staging->turn_pool)};
    staging->bytes += (apr_int64_t)strlen(
        APR_ARRAY_IDX(staging->pending, staging->pending->nelts - 1, staged_row_t).cells);
    if (!staging->names) {
        return head_look(staging, fields, count);
    }
    row_weigh(staging, fields, count);
    return staging->pending->nelts >= ROWS_PER_TURN ? turn_end(staging) : APR_SUCCESS;
}

static apr_status_t import_insert(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const staging_t *staging = data;
    event_io->object = staging->id;
    event_io->outcome = MQ_OUTCOME_NONE; /* the upload is told when it is complete */
    MQ_TRY(mq_quota_admit(sc, MQ_QUOTA_FILES, 1));
    MQ_TRY(
        mq_db_change(NULL, sc, MQ_SQL_IMPORT_INSERT,
                     MQ_PARAMS(mq_bind_id(staging->id), mq_bind_id(mq_scope_user(sc)),
                               mq_bind_text(staging->file_name), mq_bind_int(mq_scope_now(sc)))));
    return mq_job_order(sc, MQ_JOB_IMPORT, staging->id, mq_import_kept_until(mq_scope_now(sc)));
}

/* The first values of each column, as cells. */
static const char *samples_text(const staging_t *staging, apr_pool_t *pool)
{
    const char **samples = apr_palloc(
        pool, sizeof *samples * (apr_size_t)(staging->column_count * MQ_IMPORT_SAMPLES + 1));
    int count = 0;
    for (int i = 0; i < staging->column_count; i++) {
        for (int j = 0; j < MQ_IMPORT_SAMPLES; j++) {
            const char *sample = staging->columns[i].samples[j];
            samples[count++] = sample ? sample : "";
        }
    }
    return mq_import_cells_join(samples, count, pool);
}

static const char *evidence_text(const staging_t *staging, apr_pool_t *pool)
{
    mq_import_evidence_t *dates =
        apr_palloc(pool, sizeof *dates * (apr_size_t)(staging->column_count + 1));
    for (int i = 0; i < staging->column_count; i++) {
        dates[i] = staging->columns[i].dates;
    }
    return mq_import_evidence_text(dates, staging->column_count, pool);
}

/* What comes before anybody is added is in the trail, too: a file of people was handed in. */
static apr_status_t import_staged(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const staging_t *staging = data;
    apr_pool_t *pool = mq_scope_pool(sc);
    const apr_int64_t last = staging->rows - 1;
    event_io->object = staging->id;
    event_io->reason =
        apr_psprintf(pool, "upload of %" APR_INT64_T_FMT " rows", last - staging->head);
    return mq_db_change(NULL, sc, MQ_SQL_IMPORT_STAGED,
                        MQ_PARAMS(mq_bind_text(staging->names), mq_bind_int(staging->head),
                                  mq_bind_int(last), mq_bind_text(evidence_text(staging, pool)),
                                  mq_bind_text(samples_text(staging, pool)),
                                  mq_bind_int(staging->file.encoding), mq_bind_int(staging->bytes),
                                  mq_bind_id(staging->id)));
}

/* What cannot be read is not kept. */
static apr_status_t import_forget(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const staging_t *staging = data;
    event_io->outcome = MQ_OUTCOME_NONE;
    MQ_TRY(mq_import_state_set(sc, staging->id, MQ_IMPORT_STAGING, MQ_IMPORT_FAILED,
                               mq_scope_now(sc), MQ_IMPORT_UNREADABLE));
    return mq_job_order(sc, MQ_JOB_IMPORT, staging->id, mq_scope_now(sc));
}

static apr_status_t file_stage(staging_t *staging, apr_file_t *file, apr_pool_t *pool)
{
    const mq_scope_t *sc = staging->sc;
    mq_csv_reader_t *reader = mq_csv_reader_make(MQ_CSV_LIMITS_DEFAULT, row_stage, staging, pool);
    apr_status_t rv;
    staging->columns = apr_pcalloc(pool, sizeof *staging->columns * MQ_IMPORT_COLUMNS_MOST);
    MQ_TRY(apr_pool_create(&staging->turn_pool, pool));
    MQ_TRY(mq_change_once(sc, MQ_ACTION_PATIENTS_IMPORT, import_insert, staging));
    MQ_TRY(mq_import_file_look(&staging->file, file, &staging->fault, pool));
    rv = mq_import_file_feed(reader, &staging->file, &staging->fault, pool);
    if (rv == APR_SUCCESS && !staging->names && staging->pending) {
        rv = head_take(staging, 0);
    }
    if (rv != APR_SUCCESS && mq_csv_fault(reader, &staging->line)) {
        staging->fault = mq_csv_fault(reader, &staging->line);
    }
    MQ_TRY(rv);
    MQ_TRY(turn_end(staging));
    if (staging->rows - 1 <= staging->head) {
        staging->line = 0;
        staging->fault = MQ_SAY("The file has no rows below the names of its columns.");
        return MQ_EINVALID;
    }
    return mq_change(sc, MQ_ACTION_PATIENTS_IMPORT, import_staged, staging);
}

apr_status_t mq_import_stage(mq_id_t *id_out, const mq_scope_t *sc, const char *file_name,
                             apr_file_t *file, const char **fault_out, int *line_out)
{
    staging_t staging = {.sc = sc, .id = id_out, .file_name = file_name};
    apr_pool_t *pool;
    apr_status_t rv;
    if (!mq_policy_allows(MQ_ACTION_PATIENTS_IMPORT, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_id_make(id_out));
    MQ_TRY(apr_pool_create(&pool, mq_scope_pool(sc)));
    rv = file_stage(&staging, file, pool);
    if (rv != APR_SUCCESS && rv != MQ_EREPEATED && rv != MQ_EQUOTA) {
        /* if this fails, too, it goes as what nobody decides about does */
        (void)mq_change(sc, MQ_ACTION_PATIENTS_IMPORT, import_forget, &staging);
        mq_jobs_wake(sc);
    }
    apr_pool_destroy(pool);
    *fault_out = staging.fault;
    *line_out = staging.line;
    return rv;
}
