/* sqlite_moving.c -- a file as one end of a move (store/moving_ends.h), on a handle of its own. As
 * the source it is locked against writers, and nothing is written to it. As the target its pages
 * are written in place, with the few that there were before in a journal beside it: a kill, or a
 * power cut, leaves those. */
#include <apr_strings.h>
#include <sqlite3.h>
#include <string.h>

#include "base/buffer.h"
#include "store/moving_ends.h"
#include "store/sqlite/sqlite_schema.h"
#include "store/sqlite/sqlite_status.h"

enum { BUSY_MILLISECONDS = 10000, SHORT_MOST = 32767, INTEGER_BYTES = 8, SHORT_BYTES = 2 };

/* What takes part in a big transaction fits in memory, or each page would be written many times. */
#define CACHE "PRAGMA cache_size = -262144"

typedef struct end_t {
    mq_mover_t base;
    sqlite3 *sqlite;
    sqlite3_stmt *statement; /* that reads or puts rows; NULL: nothing is under way */
    const mq_moving_table_t *table;
    mq_buffer_t *row;
    int is_target;
} end_t;

static end_t *end_of(mq_mover_t *mover)
{
    return (end_t *)(void *)mover;
}

static apr_status_t end_fail(end_t *end, int code)
{
    end->base.error = apr_pstrdup(end->base.pool, mq_sqlite_words(end->sqlite));
    return mq_sqlite_status(code);
}

static apr_status_t end_refuse(end_t *end, const char *sentence)
{
    end->base.error = sentence;
    return MQ_ECORRUPT;
}

static apr_status_t sql_run(end_t *end, const char *sql)
{
    int code = sqlite3_exec(end->sqlite, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? APR_SUCCESS : end_fail(end, code);
}

static void sqlite_end_close(mq_mover_t *mover)
{
    end_t *end = end_of(mover);
    (void)sqlite3_finalize(end->statement);
    (void)sqlite3_close(end->sqlite); /* what is open is rolled back */
}

static apr_status_t sqlite_end_open(mq_mover_t **mover_out, const char *path,
                                    const char **error_out, apr_pool_t *pool)
{
    end_t *end = apr_pcalloc(pool, sizeof *end);
    int code = sqlite3_open_v2(path, &end->sqlite, SQLITE_OPEN_READWRITE, NULL);
    end->base = (mq_mover_t){.engine = &mq_sqlite_moving, .pool = pool, .name = path};
    end->row = mq_buffer_make(pool, 4096);
    (void)sqlite3_extended_result_codes(end->sqlite, 1);
    (void)sqlite3_busy_timeout(end->sqlite, BUSY_MILLISECONDS);
    if (code != SQLITE_OK) {
        *error_out = apr_pstrdup(pool, mq_sqlite_words(end->sqlite));
        (void)sqlite3_close(end->sqlite);
        return mq_sqlite_status(code);
    }
    *mover_out = &end->base;
    return APR_SUCCESS;
}

static apr_status_t sqlite_end_version(int *version_out, mq_mover_t *mover)
{
    return mq_sqlite_version(version_out, end_of(mover)->sqlite, &mover->error, mover->pool);
}

/* Keys are proved at the end, so the order is one that is always the same, no more. */
static apr_status_t sqlite_end_tables(apr_array_header_t **tables_out, mq_mover_t *mover)
{
    static const char sql[] =
        "SELECT t.name, (SELECT group_concat(name || ' ' || lower(type), ', ') FROM (SELECT name, "
        "type "
        "FROM pragma_table_xinfo(t.name) WHERE hidden = 0 ORDER BY name)), "
        "(SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_table_xinfo(t.name) "
        "WHERE pk > 0 ORDER BY pk)) FROM sqlite_schema t "
        "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name";
    end_t *end = end_of(mover);
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(end->sqlite, sql, -1, &statement, NULL);
    *tables_out = apr_array_make(mover->pool, 64, sizeof(mq_moving_table_t));
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        APR_ARRAY_PUSH(*tables_out, mq_moving_table_t) = (mq_moving_table_t){
            .name = apr_pstrdup(mover->pool, (const char *)sqlite3_column_text(statement, 0)),
            .columns = apr_pstrdup(mover->pool, (const char *)sqlite3_column_text(statement, 1)),
            .key = apr_pstrdup(mover->pool, (const char *)sqlite3_column_text(statement, 2))};
        code = SQLITE_OK;
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_DONE ? APR_SUCCESS : end_fail(end, code);
}

static apr_status_t sqlite_end_begin(mq_mover_t *mover, mq_moving_side_t side)
{
    end_t *end = end_of(mover);
    end->is_target = side == MQ_MOVING_TARGET;
    return sql_run(end, end->is_target ? "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; "
                                         "PRAGMA foreign_keys = OFF; " CACHE "; BEGIN EXCLUSIVE"
                                       : "BEGIN IMMEDIATE");
}

static apr_status_t sqlite_end_ask(apr_int64_t *number_out, mq_mover_t *mover, const char *sql)
{
    end_t *end = end_of(mover);
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(end->sqlite, sql, -1, &statement, NULL);
    code = code == SQLITE_OK ? sqlite3_step(statement) : code;
    *number_out = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    (void)sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? APR_SUCCESS : end_fail(end, code);
}

/* --- reading --- */

static apr_status_t statement_begin(end_t *end, const mq_moving_table_t *table, const char *sql)
{
    int code = sqlite3_prepare_v2(end->sqlite, sql, -1, &end->statement, NULL);
    end->table = table;
    return code == SQLITE_OK ? APR_SUCCESS : end_fail(end, code);
}

static void statement_end(end_t *end)
{
    (void)sqlite3_finalize(end->statement);
    end->statement = NULL;
}

static apr_status_t sqlite_end_read(mq_mover_t *mover, const mq_moving_table_t *table)
{
    return statement_begin(end_of(mover), table,
                           apr_pstrcat(mover->pool, "SELECT ", table->names, " FROM ", table->name,
                                       " ORDER BY ", table->key, NULL));
}

static void number_add(mq_buffer_t *row, apr_uint64_t number, int bytes)
{
    unsigned char big[INTEGER_BYTES];
    for (int i = bytes - 1; i >= 0; i--) {
        big[i] = (unsigned char)(number & 0xff);
        number >>= 8;
    }
    mq_buffer_add(row, big, (apr_size_t)bytes);
}

static void value_add(mq_buffer_t *row, const void *value, int length)
{
    number_add(row, (apr_uint64_t)length, 4);
    if (length > 0) {
        mq_buffer_add(row, value, (apr_size_t)length);
    }
}

static int integer_add(mq_buffer_t *row, apr_int64_t number, char kind)
{
    int bytes = kind == 'h' ? SHORT_BYTES : INTEGER_BYTES;
    number_add(row, (apr_uint64_t)bytes, 4);
    number_add(row, (apr_uint64_t)number, bytes);
    return kind == 'i' || (number >= -SHORT_MOST - 1 && number <= SHORT_MOST);
}

/* SQLite keeps a value of any type in any column; what a column's type does not hold is none of
 * ours. @return 0 such a one */
static int column_add(end_t *end, int column)
{
    sqlite3_stmt *statement = end->statement;
    int type = sqlite3_column_type(statement, column);
    char kind = end->table->kinds[column];
    const void *value;
    int length;
    if (type == SQLITE_NULL) {
        number_add(end->row, 0xffffffff, 4);
        return 1;
    }
    if (kind == 'i' || kind == 'h') {
        return type == SQLITE_INTEGER &&
               integer_add(end->row, sqlite3_column_int64(statement, column), kind);
    }
    value = sqlite3_column_blob(statement, column);
    length = sqlite3_column_bytes(statement, column);
    value_add(end->row, value, length);
    return kind == 'b'
               ? type == SQLITE_BLOB
               : type == SQLITE_TEXT && !(length > 0 && memchr(value, 0, (apr_size_t)length));
}

/* Which column, never which value. */
static apr_status_t value_refuse(end_t *end, int column)
{
    return end_refuse(end, apr_psprintf(end->base.pool,
                                        "column %s of a row has a value that is not of its type",
                                        sqlite3_column_name(end->statement, column)));
}

static apr_status_t sqlite_end_next(const char **row_out, apr_size_t *length_out, mq_mover_t *mover)
{
    end_t *end = end_of(mover);
    int code = sqlite3_step(end->statement);
    int count = sqlite3_column_count(end->statement);
    if (code == SQLITE_DONE) {
        statement_end(end);
        return APR_EOF;
    }
    if (code != SQLITE_ROW) {
        return end_fail(end, code);
    }
    end->row->length = 0;
    number_add(end->row, (apr_uint64_t)count, 2);
    for (int i = 0; i < count; i++) {
        if (!column_add(end, i)) {
            return value_refuse(end, i);
        }
    }
    *row_out = end->row->data;
    *length_out = end->row->length;
    return APR_SUCCESS;
}

/* --- writing --- */

static apr_status_t sqlite_end_write(mq_mover_t *mover, const mq_moving_table_t *table)
{
    mq_buffer_t *sql = mq_buffer_make(mover->pool, 1024);
    mq_buffer_text(sql, apr_pstrcat(mover->pool, "INSERT INTO ", table->name, " (", table->names,
                                    ") VALUES (", NULL));
    for (const char *kind = table->kinds; *kind; kind++) {
        mq_buffer_text(sql, kind == table->kinds ? "?" : ", ?");
    }
    mq_buffer_text(sql, ")");
    return statement_begin(end_of(mover), table, mq_buffer_string(sql));
}

static apr_int64_t number_read(const unsigned char *bytes, apr_size_t length)
{
    apr_uint64_t number = length && bytes[0] & 0x80 ? ~(apr_uint64_t)0 : 0;
    for (apr_size_t i = 0; i < length; i++) {
        number = number << 8 | bytes[i];
    }
    return (apr_int64_t)number;
}

/* @return SQLITE_MISMATCH it is none of the column's type */
static int value_bind(end_t *end, int column, const char *value, apr_int64_t length)
{
    char kind = end->table->kinds[column];
    int place = column + 1;
    if (length < 0) {
        return sqlite3_bind_null(end->statement, place);
    }
    if (kind == 'i' || kind == 'h') {
        return length == (kind == 'h' ? SHORT_BYTES : INTEGER_BYTES)
                   ? sqlite3_bind_int64(
                         end->statement, place,
                         number_read((const unsigned char *)value, (apr_size_t)length))
                   : SQLITE_MISMATCH;
    }
    if (kind == 's') {
        return sqlite3_bind_text(end->statement, place, value, (int)length, SQLITE_STATIC);
    }
    return length ? sqlite3_bind_blob(end->statement, place, value, (int)length, SQLITE_STATIC)
                  : sqlite3_bind_zeroblob(end->statement, place, 0);
}

/* @return SQLITE_MISMATCH a row that is none of the table's */
static int row_bind(end_t *end, const char *row, apr_size_t length)
{
    int count = (int)strlen(end->table->kinds);
    apr_size_t at = SHORT_BYTES;
    int code = length >= at && number_read((const unsigned char *)row, at) == count
                   ? SQLITE_OK
                   : SQLITE_MISMATCH;
    for (int i = 0; code == SQLITE_OK && i < count; i++) {
        apr_int64_t bytes = length - at >= 4 ? number_read((const unsigned char *)row + at, 4) : -2;
        at += 4;
        if (bytes < -1 || (bytes > 0 && (apr_uint64_t)bytes > length - at)) {
            return SQLITE_MISMATCH;
        }
        code = value_bind(end, i, row + at, bytes);
        at += bytes > 0 ? (apr_size_t)bytes : 0;
    }
    return code == SQLITE_OK && at != length ? SQLITE_MISMATCH : code;
}

static apr_status_t sqlite_end_put(mq_mover_t *mover, const char *row, apr_size_t length)
{
    end_t *end = end_of(mover);
    int code = row_bind(end, row, length);
    if (code == SQLITE_MISMATCH) {
        return end_refuse(end, "a row is not of the table's columns");
    }
    code = code == SQLITE_OK ? sqlite3_step(end->statement) : code;
    if (code != SQLITE_DONE) {
        return end_fail(end, code);
    }
    (void)sqlite3_reset(end->statement);
    (void)sqlite3_clear_bindings(end->statement);
    return APR_SUCCESS;
}

static apr_status_t sqlite_end_written(mq_mover_t *mover)
{
    statement_end(end_of(mover));
    return APR_SUCCESS;
}

/* What follows the commit makes it a server's file again, as its next start would. */
static apr_status_t sqlite_end_commit(mq_mover_t *mover)
{
    end_t *end = end_of(mover);
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(end->sqlite, "PRAGMA foreign_key_check", -1, &statement, NULL);
    code = code == SQLITE_OK ? sqlite3_step(statement) : code;
    if (code == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(statement, 0);
        mover->error = apr_pstrcat(mover->pool, "a row of ", table, " points to nothing", NULL);
        (void)sqlite3_finalize(statement);
        return MQ_ECORRUPT;
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_DONE ? sql_run(end, "COMMIT") : end_fail(end, code);
}

static apr_status_t sqlite_end_tidy(mq_mover_t *mover)
{
    return sql_run(end_of(mover), "PRAGMA journal_mode = WAL");
}

const mq_moving_engine_t mq_sqlite_moving = {.open = sqlite_end_open,
                                             .close = sqlite_end_close,
                                             .version = sqlite_end_version,
                                             .tables = sqlite_end_tables,
                                             .begin = sqlite_end_begin,
                                             .ask = sqlite_end_ask,
                                             .read = sqlite_end_read,
                                             .next = sqlite_end_next,
                                             .write = sqlite_end_write,
                                             .put = sqlite_end_put,
                                             .written = sqlite_end_written,
                                             .commit = sqlite_end_commit,
                                             .tidy = sqlite_end_tidy};
