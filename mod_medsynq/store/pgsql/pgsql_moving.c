/* pgsql_moving.c -- a database as one end of a move (store/moving_ends.h), as medsynq_admin, by
 * COPY in binary. COPY into a table is refused where policies bind its owner's members too, so the
 * target's are not FORCEd until the commit; nobody else sees that: the tables are locked. */
#include <apr_strings.h>
#include <string.h>

#include "store/moving_ends.h"
#include "store/pgsql/pgsql_hosts.h"
#include "store/pgsql/pgsql_schema.h"
#include "store/pgsql/pgsql_wait.h"

enum {
    MOVING_SECONDS = 3600,
    SILENCE_SECONDS = 600,
    PIECE_ROWS = 100000, /* of one COPY: its keys are proved at its end, from memory */
    PIECE_BYTES = 65536,
    HEAD_BYTES = 19,
    END_BYTES = 2
};

static const char copy_head[HEAD_BYTES + 1] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
static const char copy_end[END_BYTES] = {'\377', '\377'};

typedef struct end_t {
    mq_mover_t base;
    PGconn *connection;
    const mq_moving_table_t *table; /* that is read or written */
    char *row;                      /* libpq's, that was read last */
    int is_begun;                   /* the head of what is read has gone by */
    apr_int64_t put;                /* rows of this COPY */
    char *piece;                    /* of them, that is not sent yet */
    apr_size_t length;
} end_t;

static end_t *end_of(mq_mover_t *mover)
{
    return (end_t *)(void *)mover;
}

/* What was refused, and by which rule; never what the server says of a row's values. */
static apr_status_t end_fail(end_t *end, const PGresult *result)
{
    const char *said = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *code = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    end->base.error = code && strcmp(code, "55P03") == 0
                          ? "somebody is at work in it: stop every httpd that serves it first"
                      : said ? mq_pgsql_one_line(said, end->base.pool)
                             : "the server has gone away, or does not answer";
    return APR_EGENERAL;
}

static apr_status_t sql_run(end_t *end, const char *sql)
{
    PGresult *result = NULL;
    const char *said = NULL;
    apr_status_t rv = mq_pgsql_execute(&result, end->connection, sql,
                                       apr_time_from_sec(MOVING_SECONDS), &said, end->base.pool);
    if (rv != APR_SUCCESS) {
        rv = end_fail(end, result);
    }
    PQclear(result);
    return rv;
}

static apr_status_t rows_ask(PGresult **result_out, end_t *end, const char *sql)
{
    const char *said = NULL;
    apr_status_t rv = mq_pgsql_execute(result_out, end->connection, sql,
                                       apr_time_from_sec(MOVING_SECONDS), &said, end->base.pool);
    if (rv != APR_SUCCESS) {
        rv = end_fail(end, *result_out);
        PQclear(*result_out);
        *result_out = NULL;
    }
    return rv;
}

static void pgsql_end_close(mq_mover_t *mover)
{
    PQfreemem(end_of(mover)->row);
    PQfinish(end_of(mover)->connection); /* the server rolls back what is open */
}

static apr_status_t pgsql_end_open(mq_mover_t **mover_out, const char *parameters,
                                   const char **error_out, apr_pool_t *pool)
{
    end_t *end = apr_pcalloc(pool, sizeof *end);
    apr_status_t rv;
    MQ_TRY(mq_pgsql_connect(&end->connection, parameters, error_out, pool));
    rv = mq_pgsql_order_check(end->connection, error_out, pool);
    rv = rv == APR_SUCCESS ? mq_pgsql_owner_enter(end->connection, error_out, pool) : rv;
    if (rv != APR_SUCCESS) {
        PQfinish(end->connection);
        return rv;
    }
    end->base = (mq_mover_t){.engine = &mq_pgsql_moving,
                             .pool = pool,
                             .name = apr_pstrcat(pool, "database ", PQdb(end->connection), " on ",
                                                 PQhost(end->connection) && *PQhost(end->connection)
                                                     ? PQhost(end->connection)
                                                     : "this machine",
                                                 NULL)};
    end->piece = apr_palloc(pool, PIECE_BYTES);
    *mover_out = &end->base;
    return APR_SUCCESS;
}

static apr_status_t pgsql_end_version(int *version_out, mq_mover_t *mover)
{
    return mq_pgsql_version(version_out, end_of(mover)->connection, &mover->error, mover->pool);
}

/* --- tables --- */

/* Name, columns, key, those that it points to, whether to itself. Not the wall's own two. */
static const char tables_sql[] =
    "SELECT c.relname, (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, "
    "a.atttypmod), ', ' ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid "
    "AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''), "
    "(SELECT string_agg(a.attname, ', ' ORDER BY k.place) FROM pg_index i "
    "CROSS JOIN unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (number, place) "
    "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number "
    "WHERE i.indrelid = c.oid AND i.indisprimary), "
    "coalesce((SELECT string_agg(DISTINCT p.relname::text, ',') FROM pg_constraint f "
    "JOIN pg_class p ON p.oid = f.confrelid WHERE f.contype = 'f' AND f.conrelid = c.oid "
    "AND p.oid <> c.oid), ''), EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' "
    "AND f.conrelid = c.oid AND f.confrelid = c.oid) "
    "FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') "
    "AND c.relname NOT IN ('medsynq_schema', 'medsynq_seal') ORDER BY 1";
enum { TABLES_NAME, TABLES_COLUMNS, TABLES_KEY, TABLES_PARENTS, TABLES_OWN };

static int is_there(const apr_array_header_t *tables, const char *name)
{
    for (int i = 0; i < tables->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(tables, i, mq_moving_table_t).name, name) == 0) {
            return 1;
        }
    }
    return 0;
}

/* @return whether all of "users,patients" are there */
static int parents_there(const apr_array_header_t *tables, const char *parents, apr_pool_t *pool)
{
    char *state = NULL;
    char *rest = apr_pstrdup(pool, parents);
    for (char *name = apr_strtok(rest, ",", &state); name; name = apr_strtok(NULL, ",", &state)) {
        if (!is_there(tables, name)) {
            return 0;
        }
    }
    return 1;
}

static const char *text_at(const PGresult *result, int row, int column, apr_pool_t *pool)
{
    return PQgetisnull(result, row, column) ? NULL
                                            : apr_pstrdup(pool, PQgetvalue(result, row, column));
}

/* Those whose parents are there already. @return whether there was one */
static int tables_add(apr_array_header_t *tables, const PGresult *result, apr_pool_t *pool)
{
    int before = tables->nelts;
    for (int i = 0; i < PQntuples(result); i++) {
        const char *name = PQgetvalue(result, i, TABLES_NAME);
        if (!is_there(tables, name) &&
            parents_there(tables, PQgetvalue(result, i, TABLES_PARENTS), pool)) {
            APR_ARRAY_PUSH(tables, mq_moving_table_t) =
                (mq_moving_table_t){.name = apr_pstrdup(pool, name),
                                    .columns = text_at(result, i, TABLES_COLUMNS, pool),
                                    .key = text_at(result, i, TABLES_KEY, pool),
                                    .is_its_own_parent = *PQgetvalue(result, i, TABLES_OWN) == 't'};
        }
    }
    return tables->nelts > before;
}

static apr_status_t pgsql_end_tables(apr_array_header_t **tables_out, mq_mover_t *mover)
{
    PGresult *result;
    int is_whole;
    MQ_TRY(rows_ask(&result, end_of(mover), tables_sql));
    *tables_out = apr_array_make(mover->pool, 64, sizeof(mq_moving_table_t));
    while (tables_add(*tables_out, result, mover->pool)) {
    }
    is_whole = (*tables_out)->nelts == PQntuples(result);
    PQclear(result);
    mover->error = is_whole ? mover->error : "tables point to each other in a circle";
    return is_whole ? APR_SUCCESS : MQ_EBUG;
}

/* --- locks --- */

static const char *tables_named(apr_pool_t *pool)
{
    const char *names = "";
    for (int i = 0; i < mq_sql_table_count; i++) {
        names = apr_pstrcat(pool, names, i ? ", public." : "public.", mq_sql_tables[i].name, NULL);
    }
    return names;
}

/* A server that is there would go on as soon as the move is over, and write what is left behind. */
static apr_status_t servers_check(end_t *end)
{
    apr_int64_t count;
    MQ_TRY(end->base.engine->ask(&count, &end->base,
                                 "SELECT count(*) FROM pg_stat_activity WHERE "
                                 "datname = current_database() AND usename = 'medsynq_serve'"));
    if (count == 0) {
        return APR_SUCCESS;
    }
    end->base.error = "a server is connected to it: stop every httpd that serves it first";
    return MQ_EFULL;
}

/* The lock comes before the state that is seen: what was committed before it is there. */
static apr_status_t pgsql_end_begin(mq_mover_t *mover, mq_moving_side_t side)
{
    static const char unforced[] =
        "DO $$ DECLARE t text; BEGIN FOR t IN SELECT relname FROM pg_class WHERE "
        "relnamespace = 'public'::regnamespace AND relforcerowsecurity LOOP EXECUTE "
        "format('ALTER TABLE public.%I NO FORCE ROW LEVEL SECURITY', t); END LOOP; END $$";
    end_t *end = end_of(mover);
    int is_target = side == MQ_MOVING_TARGET;
    MQ_TRY(sql_run(end, is_target ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    MQ_TRY(sql_run(end,
                   apr_pstrcat(mover->pool, "SET LOCAL lock_timeout = '10s'; LOCK TABLE ",
                               tables_named(mover->pool),
                               is_target ? " IN ACCESS EXCLUSIVE MODE" : " IN SHARE MODE", NULL)));
    return is_target ? sql_run(end, unforced) : servers_check(end);
}

static apr_status_t pgsql_end_ask(apr_int64_t *number_out, mq_mover_t *mover, const char *sql)
{
    PGresult *result;
    MQ_TRY(rows_ask(&result, end_of(mover), sql));
    *number_out = PQntuples(result) > 0 ? apr_atoi64(PQgetvalue(result, 0, 0)) : -1;
    PQclear(result);
    return APR_SUCCESS;
}

/* --- COPY --- */

static apr_time_t silence_end(void)
{
    return apr_time_now() + apr_time_from_sec(SILENCE_SECONDS);
}

/* Begin a COPY, or end one. @param wanted what the server answers then */
static apr_status_t result_want(end_t *end, ExecStatusType wanted)
{
    PGresult *result = NULL;
    apr_status_t rv = mq_pgsql_result(&result, end->connection, silence_end());
    if (rv != APR_SUCCESS || !result || PQresultStatus(result) != wanted) {
        rv = end_fail(end, rv == APR_SUCCESS ? result : NULL);
    }
    PQclear(result);
    return rv;
}

static apr_status_t copy_begin(end_t *end, const char *sql, ExecStatusType wanted)
{
    return PQsendQuery(end->connection, sql) ? result_want(end, wanted) : end_fail(end, NULL);
}

/* After the last piece: the command's end, and no more. */
static apr_status_t copy_over(end_t *end)
{
    PGresult *more = NULL;
    apr_status_t rv = result_want(end, PGRES_COMMAND_OK);
    if (rv == APR_SUCCESS &&
        (mq_pgsql_result(&more, end->connection, silence_end()) != APR_SUCCESS || more)) {
        rv = end_fail(end, more);
    }
    PQclear(more);
    return rv;
}

static apr_status_t pgsql_end_read(mq_mover_t *mover, const mq_moving_table_t *table)
{
    end_t *end = end_of(mover);
    end->table = table;
    end->is_begun = 0;
    return copy_begin(end,
                      apr_pstrcat(mover->pool, "COPY (SELECT ", table->names, " FROM public.",
                                  table->name, " ORDER BY ", table->key,
                                  ") TO STDOUT (FORMAT binary)", NULL),
                      PGRES_COPY_OUT);
}

static apr_uint32_t number_at(const unsigned char *bytes)
{
    return (apr_uint32_t)bytes[0] << 24 | (apr_uint32_t)bytes[1] << 16 |
           (apr_uint32_t)bytes[2] << 8 | bytes[3];
}

/* @return whether the bytes are one row of the table, and no more */
static int is_row(const end_t *end, const char *row, apr_size_t length)
{
    const unsigned char *bytes = (const unsigned char *)row;
    apr_size_t count = strlen(end->table->kinds);
    apr_size_t at = 2;
    if (length < at || ((apr_size_t)bytes[0] << 8 | bytes[1]) != count) {
        return 0;
    }
    for (; count > 0; count--) {
        apr_uint32_t value = length - at >= 4 ? number_at(bytes + at) : 0xfffffffe;
        if (value != 0xffffffff && value > length - at - 4) {
            return 0;
        }
        at += 4 + (value == 0xffffffff ? 0 : value);
    }
    return at == length;
}

/* The server sends each row as one piece; before the first, or with it, comes a head. */
static apr_status_t piece_next(const char **row_out, apr_size_t *length_out, end_t *end)
{
    int length = 0;
    PQfreemem(end->row);
    end->row = NULL;
    if (mq_pgsql_copied(&end->row, &length, end->connection, silence_end()) != APR_SUCCESS) {
        return end_fail(end, NULL);
    }
    if (length < 0) {
        MQ_TRY(copy_over(end));
        return APR_EOF;
    }
    *row_out = end->row;
    *length_out = (apr_size_t)length;
    if (!end->is_begun && length >= HEAD_BYTES && memcmp(end->row, copy_head, HEAD_BYTES) == 0) {
        *row_out += HEAD_BYTES;
        *length_out -= HEAD_BYTES;
        end->is_begun = 1;
    }
    return APR_SUCCESS;
}

static apr_status_t pgsql_end_next(const char **row_out, apr_size_t *length_out, mq_mover_t *mover)
{
    end_t *end = end_of(mover);
    do {
        MQ_TRY(piece_next(row_out, length_out, end));
    } while (*length_out == 0 ||
             (*length_out == END_BYTES && memcmp(*row_out, copy_end, END_BYTES) == 0));
    if (end->is_begun && is_row(end, *row_out, *length_out)) {
        return APR_SUCCESS;
    }
    mover->error = "the server sends rows otherwise than PostgreSQL does";
    return MQ_EBUG;
}

static apr_status_t copy_in_begin(end_t *end)
{
    end->put = 0;
    end->length = HEAD_BYTES;
    memcpy(end->piece, copy_head, HEAD_BYTES);
    return copy_begin(end,
                      apr_pstrcat(end->base.pool, "COPY public.", end->table->name, " (",
                                  end->table->names, ") FROM STDIN (FORMAT binary)", NULL),
                      PGRES_COPY_IN);
}

static apr_status_t piece_send(end_t *end, const char *bytes, apr_size_t length)
{
    return mq_pgsql_copy(end->connection, bytes, length, silence_end()) == APR_SUCCESS
               ? APR_SUCCESS
               : end_fail(end, NULL);
}

static apr_status_t bytes_put(end_t *end, const char *bytes, apr_size_t length)
{
    if (end->length + length > PIECE_BYTES) {
        MQ_TRY(piece_send(end, end->piece, end->length));
        end->length = 0;
    }
    if (length > PIECE_BYTES) {
        return piece_send(end, bytes, length);
    }
    memcpy(end->piece + end->length, bytes, length);
    end->length += length;
    return APR_SUCCESS;
}

static apr_status_t copy_in_end(end_t *end)
{
    MQ_TRY(bytes_put(end, copy_end, END_BYTES));
    MQ_TRY(piece_send(end, end->piece, end->length));
    if (PQputCopyEnd(end->connection, NULL) != 1) {
        return end_fail(end, NULL);
    }
    return copy_over(end);
}

static apr_status_t pgsql_end_write(mq_mover_t *mover, const mq_moving_table_t *table)
{
    end_of(mover)->table = table;
    return copy_in_begin(end_of(mover));
}

/* A table that points to itself goes in one COPY: which row comes first is not known. */
static apr_status_t pgsql_end_put(mq_mover_t *mover, const char *row, apr_size_t length)
{
    end_t *end = end_of(mover);
    if (end->put == PIECE_ROWS && !end->table->is_its_own_parent) {
        MQ_TRY(copy_in_end(end));
        MQ_TRY(copy_in_begin(end));
    }
    end->put++;
    return bytes_put(end, row, length);
}

static apr_status_t pgsql_end_written(mq_mover_t *mover)
{
    return copy_in_end(end_of(mover));
}

static apr_status_t pgsql_end_commit(mq_mover_t *mover)
{
    static const char forced[] =
        "DO $$ DECLARE t text; BEGIN FOR t IN SELECT relname FROM pg_class WHERE "
        "relnamespace = 'public'::regnamespace AND relrowsecurity LOOP EXECUTE "
        "format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', t); END LOOP; END $$";
    end_t *end = end_of(mover);
    PGresult *result = NULL;
    const char *said = NULL;
    apr_status_t rv;
    MQ_TRY(sql_run(end, forced));
    rv = mq_pgsql_execute(&result, end->connection, "COMMIT", apr_time_from_sec(MOVING_SECONDS),
                          &said, mover->pool);
    if (rv == APR_SUCCESS && strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        mover->error = "the server has rolled it back";
        rv = APR_EGENERAL;
    } else if (rv != APR_SUCCESS && !result) {
        mover->error = "the connection broke while it was committed: whether all is there or "
                       "nothing, medsynqctl org list on it tells";
        rv = APR_INCOMPLETE;
    } else if (rv != APR_SUCCESS) {
        rv = end_fail(end, result);
    }
    PQclear(result);
    return rv;
}

/* Statistics, and which pages are visible to all: autovacuum would come to it later. */
static apr_status_t pgsql_end_tidy(mq_mover_t *mover)
{
    return sql_run(end_of(mover),
                   apr_pstrcat(mover->pool, "VACUUM (ANALYZE) ", tables_named(mover->pool), NULL));
}

const mq_moving_engine_t mq_pgsql_moving = {.open = pgsql_end_open,
                                            .close = pgsql_end_close,
                                            .version = pgsql_end_version,
                                            .tables = pgsql_end_tables,
                                            .begin = pgsql_end_begin,
                                            .ask = pgsql_end_ask,
                                            .read = pgsql_end_read,
                                            .next = pgsql_end_next,
                                            .write = pgsql_end_write,
                                            .put = pgsql_end_put,
                                            .written = pgsql_end_written,
                                            .commit = pgsql_end_commit,
                                            .tidy = pgsql_end_tidy};
