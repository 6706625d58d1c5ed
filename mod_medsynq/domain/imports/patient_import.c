/* patient_import.c -- the life of an import: storing a file's rows, naming its columns, and the
 * decisions of people. The long work is in patient_import_work.c. */
#include "domain/imports/patient_import.h"

#include <apr_strings.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/csv.h"
#include "base/text.h"
#include "domain/change.h"
#include "domain/core.h"
#include "domain/imports/patient_import_dates.h"
#include "domain/imports/patient_import_work.h"
#include "domain/jobs/jobs.h"
#include "domain/policy.h"

enum { PIECE = 64 * 1024, ROWS_PER_TURN = 500, ROWS_MOST = 2000000, LONGEST_SEQUENCE = 4 };

/* A row of a file that waits to be stored. */
typedef struct staged_row_t {
    apr_int64_t number;
    int line;
    const char *cells;
} staged_row_t;

/* A file being stored. */
typedef struct staging_t {
    const mq_scope_t *sc;
    const mq_id_t *id;
    const char *file_name;
    apr_pool_t *turn_pool; /* of the rows that are stored in one transaction */
    const char *columns;   /* NULL: the first row is still to come */
    int column_count;
    mq_import_evidence_t *dates; /* of each column */
    apr_int64_t rows;
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

static apr_status_t row_stage(void *context, int line, const char *const *fields, int count)
{
    staging_t *staging = context;
    const int row = line - staging->breaks;
    staging->line = line;
    staging->breaks += breaks_count(fields, count);
    if (!staging->columns) {
        if (count > MQ_IMPORT_COLUMNS_MOST) {
            staging->fault = MQ_SAY("The file has too many columns.");
            return MQ_EINVALID;
        }
        staging->columns = mq_import_cells_join(fields, count, mq_scope_pool(staging->sc));
        staging->column_count = count;
        return APR_SUCCESS;
    }
    if (++staging->rows > ROWS_MOST) {
        staging->fault = MQ_SAY("The file has too many rows.");
        return MQ_EINVALID;
    }
    if (!staging->pending) {
        staging->pending = apr_array_make(staging->turn_pool, ROWS_PER_TURN, sizeof(staged_row_t));
    }
    for (int i = 0; i < count && i < staging->column_count; i++) {
        mq_import_evidence_note(&staging->dates[i], fields[i], staging->turn_pool,
                                mq_scope_pool(staging->sc));
    }
    APR_ARRAY_PUSH(staging->pending, staged_row_t) =
        (staged_row_t){staging->rows, row, mq_import_cells_join(fields, count, staging->turn_pool)};
    return staging->pending->nelts >= ROWS_PER_TURN ? turn_end(staging) : APR_SUCCESS;
}

/* How many of the last bytes are a character that has only begun. */
static apr_size_t bytes_begun(const char *bytes, apr_size_t length)
{
    for (apr_size_t n = 1; n < LONGEST_SEQUENCE && n <= length; n++) {
        unsigned char byte = (unsigned char)bytes[length - n];
        if (byte >= 0xc0) {
            return n;
        }
        if (byte < 0x80) {
            return 0;
        }
    }
    return 0;
}

/* Whether the whole file is UTF-8, read in pieces. */
static apr_status_t file_look(int *is_utf8_out, apr_file_t *file, char *bytes)
{
    apr_size_t kept = 0;
    apr_off_t start = 0;
    *is_utf8_out = 1;
    MQ_TRY(apr_file_seek(file, APR_SET, &start));
    for (;;) {
        apr_size_t length = PIECE - kept;
        apr_status_t rv = apr_file_read(file, bytes + kept, &length);
        if (rv == APR_EOF) {
            *is_utf8_out &= kept == 0;
            return APR_SUCCESS;
        }
        MQ_TRY(rv);
        length += kept;
        kept = bytes_begun(bytes, length);
        if (!mq_text_is_utf8(bytes, length - kept)) {
            *is_utf8_out = 0;
            return APR_SUCCESS;
        }
        memmove(bytes, bytes + length - kept, kept);
    }
}

static apr_status_t file_feed(mq_csv_reader_t *reader, apr_file_t *file, int is_utf8, char *bytes,
                              apr_pool_t *piece_pool, staging_t *staging)
{
    static const char mark[] = "\xef\xbb\xbf";
    apr_off_t start = 0;
    int first = 1;
    MQ_TRY(apr_file_seek(file, APR_SET, &start));
    for (;; first = 0) {
        apr_size_t length = PIECE;
        const char *text = bytes;
        apr_status_t rv = apr_file_read(file, bytes, &length);
        if (rv == APR_EOF) {
            return mq_csv_end(reader);
        }
        MQ_TRY(rv);
        apr_pool_clear(piece_pool);
        if (first && length >= sizeof mark - 1 && memcmp(bytes, mark, sizeof mark - 1) == 0) {
            text += sizeof mark - 1;
            length -= sizeof mark - 1;
        }
        if (memchr(text, 0, length) ||
            (!is_utf8 && mq_text_decode_windows(&text, text, length, piece_pool) != APR_SUCCESS)) {
            staging->fault = MQ_SAY("The file is no CSV: save it as CSV with the encoding UTF-8.");
            return MQ_EINVALID;
        }
        MQ_TRY(mq_csv_push(reader, text, is_utf8 ? length : strlen(text)));
    }
}

static apr_status_t import_insert(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const staging_t *staging = data;
    event_io->object = staging->id;
    event_io->outcome = MQ_OUTCOME_NONE; /* the upload is told when it is complete */
    MQ_TRY(
        mq_db_change(NULL, sc, MQ_SQL_IMPORT_INSERT,
                     MQ_PARAMS(mq_bind_id(staging->id), mq_bind_id(mq_scope_user(sc)),
                               mq_bind_text(staging->file_name), mq_bind_int(mq_scope_now(sc)))));
    return mq_job_order(sc, MQ_JOB_IMPORT, staging->id, mq_import_kept_until(mq_scope_now(sc)));
}

/* What comes before anybody is added is in the trail, too: a file of people was handed in. */
static apr_status_t import_staged(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const staging_t *staging = data;
    apr_pool_t *pool = mq_scope_pool(sc);
    event_io->object = staging->id;
    event_io->reason = apr_psprintf(pool, "upload of %" APR_INT64_T_FMT " rows", staging->rows);
    return mq_db_change(NULL, sc, MQ_SQL_IMPORT_STAGED,
                        MQ_PARAMS(mq_bind_text(staging->columns), mq_bind_int(staging->rows),
                                  mq_bind_text(mq_import_evidence_text(
                                      staging->dates, staging->column_count, pool)),
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
    char *bytes = apr_palloc(pool, PIECE);
    mq_csv_reader_t *reader = mq_csv_reader_make(MQ_CSV_LIMITS_DEFAULT, row_stage, staging, pool);
    apr_pool_t *piece_pool;
    apr_status_t rv;
    int is_utf8;
    staging->dates = apr_pcalloc(pool, sizeof *staging->dates * MQ_IMPORT_COLUMNS_MOST);
    MQ_TRY(apr_pool_create(&piece_pool, pool));
    MQ_TRY(apr_pool_create(&staging->turn_pool, pool));
    MQ_TRY(mq_change_once(sc, MQ_ACTION_PATIENTS_IMPORT, import_insert, staging));
    MQ_TRY(file_look(&is_utf8, file, bytes));
    rv = file_feed(reader, file, is_utf8, bytes, piece_pool, staging);
    if (rv != APR_SUCCESS && mq_csv_fault(reader, &staging->line)) {
        staging->fault = mq_csv_fault(reader, &staging->line);
    }
    MQ_TRY(rv);
    MQ_TRY(turn_end(staging));
    if (staging->rows == 0) {
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
    if (rv != APR_SUCCESS && rv != MQ_EREPEATED) {
        /* if this fails, too, it goes as what nobody decides about does */
        (void)mq_change(sc, MQ_ACTION_PATIENTS_IMPORT, import_forget, &staging);
        mq_jobs_wake(sc);
    }
    apr_pool_destroy(pool);
    *fault_out = staging.fault;
    *line_out = staging.line;
    return rv;
}

apr_status_t mq_imports_newest(apr_array_header_t **imports_out, const mq_scope_t *sc, int limit)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *imports = apr_array_make(pool, limit, sizeof(mq_import_t));
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_IMPORTS_NEWEST, MQ_PARAMS(mq_bind_int(limit))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(imports, mq_import_t) = (mq_import_t){
            .id = mq_rows_id(&rows, MQ_IMPORTS_NEWEST_ID),
            .state = (mq_import_state_t)mq_rows_int(&rows, MQ_IMPORTS_NEWEST_STATE),
            .file_name = mq_rows_text(&rows, MQ_IMPORTS_NEWEST_FILE_NAME, pool),
            .rows = mq_rows_int(&rows, MQ_IMPORTS_NEWEST_ROWS_TOTAL),
            .added = mq_rows_int(&rows, MQ_IMPORTS_NEWEST_ADDED),
            .created_at = mq_rows_int(&rows, MQ_IMPORTS_NEWEST_CREATED_AT),
            .finished_at = mq_rows_int(&rows, MQ_IMPORTS_NEWEST_FINISHED_AT),
            .ending = (mq_import_ending_t)mq_rows_int(&rows, MQ_IMPORTS_NEWEST_ENDING)};
    }
    *imports_out = imports;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

typedef struct mapping_t {
    const mq_import_t *import;
    const char *text;
    mq_date_order_t order;
} mapping_t;

static apr_status_t import_map(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const mapping_t *mapping = data;
    const mq_id_t *id = &mapping->import->id;
    int changed = 0;
    event_io->object = id;
    event_io->reason = "columns";
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_IMPORT_FAULTS_CLEAR, MQ_PARAMS(mq_bind_id(id))));
    MQ_TRY(mq_db_change(
        &changed, sc, MQ_SQL_IMPORT_MAPPED,
        MQ_PARAMS(mq_bind_text(mapping->text), mq_bind_int(mapping->order), mq_bind_id(id))));
    return changed ? mq_job_order(sc, MQ_JOB_IMPORT, id, mq_scope_now(sc)) : MQ_ECONFLICT;
}

apr_status_t mq_import_map(const mq_scope_t *sc, const mq_import_t *import,
                           const mq_import_field_t *mapping, mq_date_order_t chosen)
{
    mq_import_dates_t dates;
    char text[MQ_IMPORT_COLUMNS_MOST + 1];
    for (int i = 0; i < import->column_count; i++) {
        text[i] = (char)('0' + mapping[i]);
    }
    text[import->column_count] = 0;
    mq_import_dates(&dates, import, mapping, mq_scope_pool(sc));
    if (dates.order == MQ_DATE_ORDER_EITHER) {
        dates.order = chosen;
        if (chosen != MQ_DATE_ORDER_DAY_FIRST && chosen != MQ_DATE_ORDER_MONTH_FIRST) {
            return MQ_EINVALID;
        }
    }
    MQ_TRY(mq_change(sc, MQ_ACTION_PATIENTS_IMPORT, import_map,
                     &(mapping_t){import, text, dates.order}));
    mq_jobs_wake(sc);
    return APR_SUCCESS;
}

/* A decision: from which state to which, why, and what the trail says of it. */
typedef struct decision_t {
    const mq_import_t *import;
    mq_import_state_t from;
    mq_import_state_t to;
    mq_import_ending_t ending;
    const char *words;
    int with_doubles; /* of a decision to add */
} decision_t;

static apr_status_t import_decide(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const decision_t *decision = data;
    const mq_import_t *import = decision->import;
    event_io->object = &import->id;
    event_io->reason = decision->words;
    MQ_TRY(mq_import_state_set(sc, &import->id, decision->from, decision->to, import->finished_at,
                               decision->ending));
    if (decision->to == MQ_IMPORT_ADDING) {
        MQ_TRY(
            mq_db_change(NULL, sc, MQ_SQL_IMPORT_DOUBLES_SET,
                         MQ_PARAMS(mq_bind_int(decision->with_doubles), mq_bind_id(&import->id))));
    }
    return mq_job_order(sc, MQ_JOB_IMPORT, &import->id, mq_scope_now(sc));
}

/* Take a decision and have the work go on from there. */
static apr_status_t decide(const mq_scope_t *sc, mq_action_t action, decision_t decision)
{
    MQ_TRY(mq_change(sc, action, import_decide, &decision));
    mq_jobs_wake(sc);
    return APR_SUCCESS;
}

static apr_int64_t rows_good(const mq_import_t *import, int with_doubles)
{
    return import->rows - import->faulty - (with_doubles ? 0 : import->doubles);
}

static const char *rows_say(const mq_scope_t *sc, apr_int64_t rows)
{
    return apr_psprintf(mq_scope_pool(sc), "%" APR_INT64_T_FMT " rows", rows);
}

apr_status_t mq_import_commit(const mq_scope_t *sc, const mq_import_t *import, int with_doubles)
{
    if (rows_good(import, with_doubles) <= 0) {
        return MQ_ECONFLICT;
    }
    return decide(sc, MQ_ACTION_PATIENTS_IMPORT,
                  (decision_t){.import = import,
                               .from = MQ_IMPORT_CHECKED,
                               .to = MQ_IMPORT_ADDING,
                               .with_doubles = with_doubles,
                               .words = rows_say(sc, rows_good(import, with_doubles))});
}

apr_status_t mq_import_undo(const mq_scope_t *sc, const mq_import_t *import)
{
    if (!import->can_undo) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(mq_import_touched(sc, import));
    return decide(sc, MQ_ACTION_PATIENTS_IMPORT_UNDO,
                  (decision_t){.import = import,
                               .from = MQ_IMPORT_DONE,
                               .to = MQ_IMPORT_HIDING,
                               .words = rows_say(sc, import->added)});
}

apr_status_t mq_import_cancel(const mq_scope_t *sc, const mq_import_t *import)
{
    const mq_import_state_t to = mq_import_stopped(import);
    return to ? decide(sc, MQ_ACTION_PATIENTS_IMPORT,
                       (decision_t){.import = import,
                                    .from = import->state,
                                    .to = to,
                                    .ending = MQ_IMPORT_CANCELLED,
                                    .words = "cancelled"})
              : MQ_ECONFLICT;
}

apr_status_t mq_import_discard(const mq_scope_t *sc, const mq_import_t *import)
{
    return mq_import_is_undecided(import) ? decide(sc, MQ_ACTION_PATIENTS_IMPORT,
                                                   (decision_t){.import = import,
                                                                .from = import->state,
                                                                .to = MQ_IMPORT_FAILED,
                                                                .ending = MQ_IMPORT_DISCARDED,
                                                                .words = "discarded"})
                                          : MQ_ECONFLICT;
}

apr_status_t mq_import_faults(apr_array_header_t **faults_out, const mq_scope_t *sc,
                              const mq_id_t *id, apr_int64_t after, int limit, apr_pool_t *pool)
{
    apr_array_header_t *faults = apr_array_make(pool, 32, sizeof(mq_import_fault_t));
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_IMPORT_FAULTS_NEXT,
                        MQ_PARAMS(mq_bind_id(id), mq_bind_int(after), mq_bind_int(limit))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(faults, mq_import_fault_t) = (mq_import_fault_t){
            .number = mq_rows_int(&rows, MQ_IMPORT_FAULTS_NEXT_NUMBER),
            .line = mq_rows_int(&rows, MQ_IMPORT_FAULTS_NEXT_LINE),
            .field = (mq_import_field_t)mq_rows_int(&rows, MQ_IMPORT_FAULTS_NEXT_FIELD),
            .value = mq_rows_text(&rows, MQ_IMPORT_FAULTS_NEXT_VALUE, pool),
            .rule = (int)mq_rows_int(&rows, MQ_IMPORT_FAULTS_NEXT_RULE)};
    }
    *faults_out = faults;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}
