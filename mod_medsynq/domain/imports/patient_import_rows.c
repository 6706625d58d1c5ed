/* patient_import_rows.c -- cells to text and back, and reading an import. */
#include "domain/imports/patient_import_rows.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <limits.h>
#include <string.h>

#include "base/buffer.h"
#include "base/csv.h"
#include "domain/jobs/jobs.h"
#include "domain/policy.h"

enum { DAY_SECONDS = 86400 };

static const char cell_end[] = {MQ_IMPORT_CELL_END, 0};

const char *mq_import_cells_join(const char *const *fields, int count, apr_pool_t *pool)
{
    mq_buffer_t *cells = mq_buffer_make(pool, 256);
    for (int i = 0; i < count; i++) {
        for (const char *s = fields[i]; *s;) {
            apr_size_t length = strcspn(s, cell_end);
            mq_buffer_add(cells, s, length);
            s += length + (s[length] != 0);
        }
        mq_buffer_text(cells, cell_end);
    }
    return mq_buffer_string(cells);
}

int mq_import_cells(const char **cells_out, int most, char *text)
{
    int count = 0;
    for (char *end; count < most && (end = strchr(text, MQ_IMPORT_CELL_END)); text = end + 1) {
        *end = 0;
        cells_out[count++] = text;
    }
    return count;
}

/* Whether a character may be part of a word: O'Neil has no quote in it. */
static int is_of_word(char c)
{
    return (unsigned char)c >= 0x80 || apr_isalnum(c);
}

/* What stands between two apostrophes, if it is one quotation; NULL: 'Rose' and 'Dew' are two. */
static const char *quoted_read(const char *text, apr_size_t length, apr_pool_t *pool)
{
    char *plain = apr_palloc(pool, length + 1);
    char *end = plain;
    for (apr_size_t i = 0; i < length; i++) {
        const int is_doubled = text[i] == '\'' && i + 1 < length && text[i + 1] == '\'';
        if (text[i] == '\'' && !is_doubled &&
            (i == 0 || i + 1 == length || !is_of_word(text[i - 1]) || !is_of_word(text[i + 1]))) {
            return NULL;
        }
        i += (apr_size_t)is_doubled;
        *end++ = text[i];
    }
    *end = 0;
    return plain;
}

/* What stands in ="00123", by which programs tell Excel that a number is a text; NULL: none. */
static const char *formula_read(const char *cell, apr_pool_t *pool)
{
    const apr_size_t length = strlen(cell);
    return length > 3 && strncmp(cell, "=\"", 2) == 0 && strchr(cell + 2, '"') == cell + length - 1
               ? apr_pstrmemdup(pool, cell + 2, length - 3)
               : NULL;
}

const char *mq_import_cell_plain(const char *cell, apr_pool_t *pool)
{
    const char *plain = mq_csv_plain(cell);
    const apr_size_t length = strlen(plain);
    const char *quoted = NULL;
    if (!cell[strspn(cell, "'")]) {
        return "";
    }
    if (plain != cell && plain[length - 1] == '\'' && (*plain == '+' || *plain == '-')) {
        return apr_pstrmemdup(pool, plain, length - 1);
    }
    if (plain == cell && length > 2 && *plain == '\'' && plain[length - 1] == '\'') {
        quoted = quoted_read(plain + 1, length - 2, pool);
    } else if (plain == cell) {
        quoted = formula_read(plain, pool);
    }
    return quoted ? quoted : plain;
}

const char *mq_import_mapping_text(const mq_import_field_t *mapping, int count, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, (apr_size_t)count + 1);
    for (int i = 0; i < count; i++) {
        text[i] = (char)('0' + mapping[i]);
    }
    text[count] = 0;
    return text;
}

void mq_import_mapping_read(mq_import_field_t *mapping_out, int count, const char *text)
{
    for (int i = 0; i < count && text[i]; i++) {
        int field = text[i] - '0';
        mapping_out[i] =
            field > 0 && field < MQ_IMPORT_FIELDS ? (mq_import_field_t)field : MQ_IMPORT_IGNORE;
    }
}

static void samples_read(mq_import_t *import, const char *text, apr_pool_t *pool)
{
    const int most = MQ_IMPORT_COLUMNS_MOST * MQ_IMPORT_SAMPLES;
    for (int i = mq_import_cells(import->samples, most, apr_pstrdup(pool, text)); i < most; i++) {
        import->samples[i] = "";
    }
}

apr_status_t mq_import_heads(apr_array_header_t **heads_out, const mq_scope_t *sc,
                             const mq_id_t *id)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *heads = apr_array_make(pool, MQ_IMPORT_HEAD_MOST, sizeof(mq_import_head_t));
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_IMPORT_HEADS,
                        MQ_PARAMS(mq_bind_id(id), mq_bind_int(MQ_IMPORT_HEAD_MOST))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        char *text = apr_pstrdup(pool, mq_rows_text(&rows, MQ_IMPORT_HEADS_CELLS, pool));
        for (char *end = text; (end = strchr(end, MQ_IMPORT_CELL_END)) != NULL;) {
            *end = end[1] ? '|' : 0;
        }
        APR_ARRAY_PUSH(heads, mq_import_head_t) =
            (mq_import_head_t){.number = mq_rows_int(&rows, MQ_IMPORT_HEADS_NUMBER),
                               .line = mq_rows_int(&rows, MQ_IMPORT_HEADS_LINE),
                               .text = text};
    }
    *heads_out = heads;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_import_read(mq_import_t *import_out, const mq_scope_t *sc, const mq_id_t *id)
{
    if (!mq_policy_allows(MQ_ACTION_PATIENTS_IMPORT, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    return mq_import_load(import_out, sc, id);
}

apr_time_t mq_import_kept_until(apr_time_t from)
{
    return from + apr_time_from_sec((apr_int64_t)MQ_IMPORT_KEPT_DAYS * DAY_SECONDS);
}

apr_status_t mq_import_load(mq_import_t *import_out, const mq_scope_t *sc, const mq_id_t *id)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_IMPORT_BY_ID, MQ_PARAMS(mq_bind_id(id))));
    *import_out = (mq_import_t){
        .id = *id,
        .state = (mq_import_state_t)mq_rows_int(&rows, MQ_IMPORT_BY_ID_STATE),
        .file_name = mq_rows_text(&rows, MQ_IMPORT_BY_ID_FILE_NAME, pool),
        .encoding = (mq_import_encoding_t)mq_rows_int(&rows, MQ_IMPORT_BY_ID_ENCODING),
        .head = mq_rows_int(&rows, MQ_IMPORT_BY_ID_HEAD),
        .position = mq_rows_int(&rows, MQ_IMPORT_BY_ID_POSITION),
        .faulty = mq_rows_int(&rows, MQ_IMPORT_BY_ID_FAULTY),
        .mendable = mq_rows_int(&rows, MQ_IMPORT_BY_ID_MENDABLE),
        .mend = (mq_import_mend_t)mq_rows_int(&rows, MQ_IMPORT_BY_ID_MEND),
        .unknowns = mq_rows_int(&rows, MQ_IMPORT_BY_ID_UNKNOWNS),
        .faults = mq_rows_int(&rows, MQ_IMPORT_BY_ID_FAULTS),
        .added = mq_rows_int(&rows, MQ_IMPORT_BY_ID_ADDED),
        .created_at = mq_rows_int(&rows, MQ_IMPORT_BY_ID_CREATED_AT),
        .finished_at = mq_rows_int(&rows, MQ_IMPORT_BY_ID_FINISHED_AT),
        .date_order = (mq_date_order_t)mq_rows_int(&rows, MQ_IMPORT_BY_ID_DATE_ORDER),
        .date_evidence = mq_rows_text(&rows, MQ_IMPORT_BY_ID_DATE_EVIDENCE, pool),
        .ending = (mq_import_ending_t)mq_rows_int(&rows, MQ_IMPORT_BY_ID_ENDING),
        .doubles = mq_rows_int(&rows, MQ_IMPORT_BY_ID_DOUBLES),
        .with_doubles = mq_rows_int(&rows, MQ_IMPORT_BY_ID_WITH_DOUBLES) != 0,
        .chosen = mq_rows_int(&rows, MQ_IMPORT_BY_ID_CHOSEN)};
    import_out->column_count =
        mq_import_cells(import_out->columns, MQ_IMPORT_COLUMNS_MOST,
                        apr_pstrdup(pool, mq_rows_text(&rows, MQ_IMPORT_BY_ID_COLUMNS, pool)));
    mq_import_mapping_read(import_out->mapping, import_out->column_count,
                           mq_rows_text(&rows, MQ_IMPORT_BY_ID_MAPPING, pool));
    samples_read(import_out, mq_rows_text(&rows, MQ_IMPORT_BY_ID_SAMPLES, pool), pool);
    import_out->rows = mq_rows_int(&rows, MQ_IMPORT_BY_ID_ROWS_TOTAL) - import_out->head;
    if (import_out->position < import_out->head) { /* it begins below the names */
        import_out->position = import_out->head;
    }
    mq_rows_close(&rows);
    import_out->can_undo = import_out->state == MQ_IMPORT_DONE &&
                           mq_scope_now(sc) < mq_import_kept_until(import_out->finished_at);
    return APR_SUCCESS;
}

apr_int64_t mq_import_rows_good(const mq_import_t *import, int with_doubles, mq_import_mend_t mend)
{
    return import->rows - import->faulty - (with_doubles ? 0 : import->doubles - import->chosen) +
           (mend == MQ_IMPORT_BLANK ? import->mendable : 0);
}

apr_status_t mq_imports_coming(mq_imports_coming_t *coming_out, const mq_scope_t *sc)
{
    mq_rows_t rows;
    apr_status_t rv;
    *coming_out = (mq_imports_coming_t){0, 0};
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_IMPORTS_COMING,
                        MQ_PARAMS(mq_bind_int(MQ_IMPORT_ADDING), mq_bind_int(MQ_JOB_IMPORT),
                                  mq_bind_int(INT_MAX))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        const mq_import_t import = {.rows = mq_rows_int(&rows, MQ_IMPORTS_COMING_ROWS_TOTAL) -
                                            mq_rows_int(&rows, MQ_IMPORTS_COMING_HEAD),
                                    .faulty = mq_rows_int(&rows, MQ_IMPORTS_COMING_FAULTY),
                                    .doubles = mq_rows_int(&rows, MQ_IMPORTS_COMING_DOUBLES),
                                    .chosen = mq_rows_int(&rows, MQ_IMPORTS_COMING_CHOSEN),
                                    .mendable = mq_rows_int(&rows, MQ_IMPORTS_COMING_MENDABLE)};
        const apr_int64_t good =
            mq_import_rows_good(&import, mq_rows_int(&rows, MQ_IMPORTS_COMING_WITH_DOUBLES) != 0,
                                (mq_import_mend_t)mq_rows_int(&rows, MQ_IMPORTS_COMING_MEND));
        const apr_int64_t left = good - mq_rows_int(&rows, MQ_IMPORTS_COMING_ADDED);
        coming_out->patients += good;
        if (left > 0) { /* those that are added are counted; what faulty rows say is not left out */
            coming_out->bytes += left * MQ_IMPORT_ROOM_OF_ROW +
                                 mq_rows_int(&rows, MQ_IMPORTS_COMING_CELLS_BYTES) / good * left;
        }
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}
