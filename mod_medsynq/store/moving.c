/* moving.c -- a move from one database to another: what must hold before, each table's rows across
 * and back, and that both have the same. What an engine does of it is in its own folder. */
#include "store/moving.h"

#include <apr_strings.h>
#include <string.h>

#include "base/buffer.h"
#include "store/engine.h"
#include "store/moving_ends.h"

enum { DIGEST_PIECE = 65536, PROGRESS_ROWS = 1000 };

struct mq_moving_t {
    mq_mover_t *source;
    mq_mover_t *target;
    int erasure;                /* the action of such an event */
    apr_array_header_t *tables; /* of mq_moving_table_t, in the order of putting */
    apr_int64_t rows;           /* to move, as counted before */
    apr_int64_t done;           /* put, and read back */
    mq_progress_t progress;
    void *context;
    const char *error; /* one sentence */
    apr_pool_t *pool;
};

/* The rows of a table so far: a digest of the digest before and of the next rows, some at a time.
 */
typedef struct digest_t {
    unsigned char sum[MQ_SHA256_LENGTH];
    apr_int64_t rows;
    mq_buffer_t *piece;
} digest_t;

static apr_status_t mover_close(void *data)
{
    mq_mover_t *mover = data;
    mover->engine->close(mover);
    return APR_SUCCESS;
}

apr_status_t mq_mover_open(mq_mover_t **mover_out, const char *driver, const char *parameters,
                           const char **error_out, apr_pool_t *pool)
{
    const mq_engine_t *engine;
    MQ_TRY(mq_engine_of(&engine, driver, error_out, pool));
    MQ_TRY(engine->moving->open(mover_out, parameters, error_out, pool));
    apr_pool_cleanup_register(pool, *mover_out, mover_close, apr_pool_cleanup_null);
    return APR_SUCCESS;
}

const char *mq_mover_name(const mq_mover_t *mover)
{
    return mover->name;
}

/* @return rv, with what the database says of it in the move's words */
static apr_status_t failed(mq_moving_t *moving, const mq_mover_t *mover, const char *table,
                           apr_status_t rv)
{
    moving->error =
        apr_pstrcat(moving->pool, mover->name, table ? ", table " : "", table ? table : "", ": ",
                    mover->error ? mover->error : "it failed without a word", NULL);
    return rv;
}

static apr_status_t refused(mq_moving_t *moving, const char *sentence)
{
    moving->error = sentence;
    return MQ_ECONFLICT;
}

static apr_status_t ask(apr_int64_t *number_out, mq_moving_t *moving, mq_mover_t *mover,
                        const char *sql)
{
    apr_status_t rv = mover->engine->ask(number_out, mover, sql);
    return rv == APR_SUCCESS ? rv : failed(moving, mover, NULL, rv);
}

/* --- what must hold --- */

static apr_status_t version_check(mq_moving_t *moving, mq_mover_t *mover)
{
    int version = 0;
    apr_status_t rv = mover->engine->version(&version, mover);
    if (rv != APR_SUCCESS) {
        return failed(moving, mover, NULL, rv);
    }
    return version == mq_migration_count
               ? APR_SUCCESS
               : refused(moving,
                         apr_psprintf(moving->pool, "%s has schema %d and this program's is %d: %s",
                                      mover->name, version, mq_migration_count,
                                      version < mq_migration_count
                                          ? "medsynqctl migrate brings it there"
                                          : "install the newer MedSynQ"));
}

static const mq_sql_table_t *schema_table(const char *name)
{
    for (int i = 0; i < mq_sql_table_count; i++) {
        if (strcmp(mq_sql_tables[i].name, name) == 0) {
            return &mq_sql_tables[i];
        }
    }
    return NULL;
}

static mq_moving_table_t *table_in(const apr_array_header_t *tables, const char *name)
{
    for (int i = 0; i < tables->nelts; i++) {
        mq_moving_table_t *table = &APR_ARRAY_IDX(tables, i, mq_moving_table_t);
        if (strcmp(table->name, name) == 0) {
            return table;
        }
    }
    return NULL;
}

/* @return the letter of a column's type, 0: we have none such */
static char kind_of(const char *type)
{
    static const struct {
        const char *type;
        char kind;
    } kinds[] = {{"bigint", 'i'}, {"smallint", 'h'}, {"text", 's'}, {"bytea", 'b'}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(type, kinds[i].type) == 0) {
            return kinds[i].kind;
        }
    }
    return 0;
}

/* "id bytea, name text": names and kinds of the columns. @return 0 what this program cannot move */
static int columns_read(mq_moving_table_t *table, apr_pool_t *pool)
{
    mq_buffer_t *names = mq_buffer_make(pool, 256);
    mq_buffer_t *kinds = mq_buffer_make(pool, 64);
    char *state = NULL;
    char *columns = apr_pstrdup(pool, table->columns ? table->columns : "");
    for (char *column = apr_strtok(columns, ",", &state); column;
         column = apr_strtok(NULL, ",", &state)) {
        char *type;
        char kind;
        column += *column == ' ';
        type = strchr(column, ' ');
        kind = type ? kind_of(type + 1) : 0;
        if (!kind) {
            return 0;
        }
        *type = 0;
        mq_buffer_text(names, names->length ? ", " : "");
        mq_buffer_text(names, column);
        mq_buffer_add(kinds, &kind, 1);
    }
    table->names = mq_buffer_string(names);
    table->kinds = mq_buffer_string(kinds);
    return names->length > 0 && table->key;
}

/* The same tables with the same columns and keys at both ends, and those of the migrations. */
static apr_status_t tables_compare(mq_moving_t *moving, const apr_array_header_t *sources)
{
    if (moving->tables->nelts != mq_sql_table_count || sources->nelts != mq_sql_table_count) {
        return refused(moving,
                       apr_psprintf(moving->pool,
                                    "%s has %d tables, %s %d, and the schema %d: what is "
                                    "not MedSynQ's own does not belong there",
                                    moving->source->name, sources->nelts, moving->target->name,
                                    moving->tables->nelts, mq_sql_table_count));
    }
    for (int i = 0; i < moving->tables->nelts; i++) {
        mq_moving_table_t *table = &APR_ARRAY_IDX(moving->tables, i, mq_moving_table_t);
        const mq_moving_table_t *other = table_in(sources, table->name);
        if (!schema_table(table->name) || !other || !columns_read(table, moving->pool) ||
            !other->columns || !other->key || strcmp(table->columns, other->columns) != 0 ||
            strcmp(table->key, other->key) != 0) {
            return refused(moving,
                           apr_psprintf(moving->pool, "table %s is not the same in %s and in %s",
                                        table->name, moving->source->name, moving->target->name));
        }
    }
    return APR_SUCCESS;
}

/* What an installation knows of organisations that it has erased would go with its trail. */
static apr_status_t erasures_check(mq_moving_t *moving)
{
    apr_int64_t found;
    MQ_TRY(
        ask(&found, moving, moving->target,
            apr_psprintf(moving->pool,
                         "SELECT 1 FROM audit_events WHERE tenant_id = 0 AND action = %d LIMIT 1",
                         moving->erasure)));
    return found == -1
               ? APR_SUCCESS
               : refused(moving, apr_psprintf(moving->pool,
                                              "%s is not empty: its trail tells of an organisation "
                                              "that was erased there; make a new one",
                                              moving->target->name));
}

/* Organisation 0 is the installation itself: it has its trail from the first migration on. */
static apr_status_t emptiness_check(mq_moving_t *moving)
{
    for (int i = 0; i < moving->tables->nelts; i++) {
        const mq_moving_table_t *table = &APR_ARRAY_IDX(moving->tables, i, mq_moving_table_t);
        apr_int64_t found;
        MQ_TRY(ask(&found, moving, moving->target,
                   apr_pstrcat(moving->pool, "SELECT 1 FROM ", table->name,
                               schema_table(table->name)->tenant ? " WHERE tenant_id <> 0" : "",
                               " LIMIT 1", NULL)));
        if (found != -1) {
            return refused(moving, apr_psprintf(moving->pool,
                                                "%s is not empty: there are %s; make a new one",
                                                moving->target->name, table->name));
        }
    }
    return erasures_check(moving);
}

static apr_status_t rows_count(mq_moving_t *moving)
{
    moving->rows = 0;
    for (int i = 0; i < moving->tables->nelts; i++) {
        const mq_moving_table_t *table = &APR_ARRAY_IDX(moving->tables, i, mq_moving_table_t);
        apr_int64_t count;
        MQ_TRY(ask(&count, moving, moving->source,
                   apr_pstrcat(moving->pool, "SELECT count(*) FROM ", table->name, NULL)));
        moving->rows += count;
    }
    return APR_SUCCESS;
}

static apr_status_t all_check(mq_moving_t *moving)
{
    apr_array_header_t *sources;
    apr_status_t rv;
    MQ_TRY(version_check(moving, moving->source));
    MQ_TRY(version_check(moving, moving->target));
    rv = moving->source->engine->tables(&sources, moving->source);
    if (rv != APR_SUCCESS) {
        return failed(moving, moving->source, NULL, rv);
    }
    rv = moving->target->engine->tables(&moving->tables, moving->target);
    if (rv != APR_SUCCESS) {
        return failed(moving, moving->target, NULL, rv);
    }
    MQ_TRY(tables_compare(moving, sources));
    MQ_TRY(emptiness_check(moving));
    return rows_count(moving);
}

apr_status_t mq_moving_make(mq_moving_t **moving_out, apr_int64_t *rows_out, mq_mover_t *source,
                            mq_mover_t *target, int erasure, const char **error_out,
                            apr_pool_t *pool)
{
    mq_moving_t *moving = apr_pcalloc(pool, sizeof *moving);
    apr_status_t rv;
    moving->source = source;
    moving->target = target;
    moving->erasure = erasure;
    moving->pool = pool;
    rv = all_check(moving);
    *error_out = moving->error;
    *rows_out = moving->rows;
    *moving_out = moving;
    return rv;
}

/* --- the rows --- */

static void digest_begin(digest_t *digest)
{
    memset(digest->sum, 0, sizeof digest->sum);
    digest->rows = 0;
    digest->piece->length = 0;
}

static apr_status_t digest_turn(digest_t *digest)
{
    const mq_bytes_t parts[] = {{digest->sum, sizeof digest->sum},
                                {digest->piece->data, digest->piece->length}};
    unsigned char sum[MQ_SHA256_LENGTH];
    MQ_TRY(mq_sha256_parts(sum, parts, 2));
    memcpy(digest->sum, sum, sizeof sum);
    digest->piece->length = 0;
    return APR_SUCCESS;
}

static apr_status_t digest_add(digest_t *digest, const char *row, apr_size_t length)
{
    mq_buffer_add(digest->piece, row, length);
    digest->rows++;
    return digest->piece->length >= DIGEST_PIECE ? digest_turn(digest) : APR_SUCCESS;
}

static void row_count(mq_moving_t *moving)
{
    if (++moving->done % PROGRESS_ROWS == 0 && moving->progress &&
        moving->done < 2 * moving->rows) {
        moving->progress(moving->context, moving->done, 2 * moving->rows);
    }
}

static apr_status_t table_put(mq_moving_t *moving, mq_moving_table_t *table, digest_t *digest)
{
    mq_mover_t *source = moving->source;
    mq_mover_t *target = moving->target;
    apr_status_t rv = source->engine->read(source, table);
    const char *row;
    apr_size_t length;
    if (rv != APR_SUCCESS) {
        return failed(moving, source, table->name, rv);
    }
    rv = target->engine->write(target, table);
    if (rv != APR_SUCCESS) {
        return failed(moving, target, table->name, rv);
    }
    while ((rv = source->engine->next(&row, &length, source)) == APR_SUCCESS) {
        MQ_TRY(digest_add(digest, row, length));
        rv = target->engine->put(target, row, length);
        if (rv != APR_SUCCESS) {
            return failed(moving, target, table->name, rv);
        }
        row_count(moving);
    }
    if (rv != APR_EOF) {
        return failed(moving, source, table->name, rv);
    }
    rv = target->engine->written(target);
    return rv == APR_SUCCESS ? rv : failed(moving, target, table->name, rv);
}

static apr_status_t table_read_back(mq_moving_t *moving, const mq_moving_table_t *table,
                                    digest_t *digest)
{
    mq_mover_t *target = moving->target;
    apr_status_t rv = target->engine->read(target, table);
    const char *row;
    apr_size_t length;
    while (rv == APR_SUCCESS && (rv = target->engine->next(&row, &length, target)) == APR_SUCCESS) {
        MQ_TRY(digest_add(digest, row, length));
        row_count(moving);
    }
    return rv == APR_EOF ? APR_SUCCESS : failed(moving, target, table->name, rv);
}

static apr_status_t table_fill(mq_moving_t *moving, mq_moving_table_t *table, digest_t *digest)
{
    digest_begin(digest);
    MQ_TRY(table_put(moving, table, digest));
    MQ_TRY(digest_turn(digest));
    table->moved = (mq_moved_t){.table = table->name, .rows = digest->rows};
    memcpy(table->moved.source, digest->sum, sizeof digest->sum);
    return APR_SUCCESS;
}

static apr_status_t table_compare(mq_moving_t *moving, mq_moving_table_t *table, digest_t *digest)
{
    digest_begin(digest);
    MQ_TRY(table_read_back(moving, table, digest));
    MQ_TRY(digest_turn(digest));
    memcpy(table->moved.target, digest->sum, sizeof digest->sum);
    if (digest->rows != table->moved.rows ||
        memcmp(table->moved.source, table->moved.target, MQ_SHA256_LENGTH) != 0) {
        moving->error = apr_psprintf(moving->pool,
                                     "table %s: %" APR_INT64_T_FMT " rows were put, and what was "
                                     "read back, %" APR_INT64_T_FMT " rows, is not the same",
                                     table->name, table->moved.rows, digest->rows);
        return MQ_ECORRUPT;
    }
    return APR_SUCCESS;
}

/* Read back when all are there: what comes later may have changed what came before. */
static apr_status_t tables_move(mq_moving_t *moving)
{
    digest_t digest = {.piece = mq_buffer_make(moving->pool, 2 * DIGEST_PIECE)};
    for (int i = 0; i < moving->tables->nelts; i++) {
        MQ_TRY(table_fill(moving, &APR_ARRAY_IDX(moving->tables, i, mq_moving_table_t), &digest));
    }
    for (int i = 0; i < moving->tables->nelts; i++) {
        MQ_TRY(
            table_compare(moving, &APR_ARRAY_IDX(moving->tables, i, mq_moving_table_t), &digest));
    }
    return APR_SUCCESS;
}

/* What the migrations and the first start have written there; the source has its own. */
static apr_status_t target_clear(mq_moving_t *moving)
{
    for (int i = moving->tables->nelts - 1; i >= 0; i--) {
        apr_int64_t ignored;
        MQ_TRY(ask(&ignored, moving, moving->target,
                   apr_pstrcat(moving->pool, "DELETE FROM ",
                               APR_ARRAY_IDX(moving->tables, i, mq_moving_table_t).name, NULL)));
    }
    return APR_SUCCESS;
}

static apr_status_t both_begin(mq_moving_t *moving)
{
    apr_status_t rv = moving->source->engine->begin(moving->source, MQ_MOVING_SOURCE);
    if (rv != APR_SUCCESS) {
        return failed(moving, moving->source, NULL, rv);
    }
    rv = moving->target->engine->begin(moving->target, MQ_MOVING_TARGET);
    return rv == APR_SUCCESS ? rv : failed(moving, moving->target, NULL, rv);
}

static apr_status_t all_move(mq_moving_t *moving)
{
    apr_status_t rv;
    MQ_TRY(both_begin(moving));
    MQ_TRY(all_check(moving));
    MQ_TRY(target_clear(moving));
    MQ_TRY(tables_move(moving));
    rv = moving->target->engine->commit(moving->target);
    return rv == APR_SUCCESS ? rv : failed(moving, moving->target, NULL, rv);
}

apr_status_t mq_moving_run(mq_moving_t *moving, mq_progress_t progress, void *context,
                           const char **error_out)
{
    apr_status_t rv;
    moving->progress = progress;
    moving->context = context;
    moving->error = NULL;
    rv = all_move(moving);
    if (rv == APR_SUCCESS && progress) {
        progress(context, 1, 1);
    }
    if (rv == APR_SUCCESS && moving->target->engine->tidy(moving->target) != APR_SUCCESS) {
        (void)failed(moving, moving->target, NULL, APR_EGENERAL);
    }
    *error_out = rv != APR_SUCCESS && !moving->error ? "no digest can be made" : moving->error;
    return rv;
}

const mq_moved_t *mq_moving_table(const mq_moving_t *moving, int place)
{
    return place < moving->tables->nelts
               ? &APR_ARRAY_IDX(moving->tables, place, mq_moving_table_t).moved
               : NULL;
}
