/* walls.c -- runs every tenant statement as organisation A with the keys of organisation B, and
 * tries to store rows across organisations. Both have a row with the same ids in each table, so
 * that only tenant_id tells them apart, and one with ids of their own; texts and numbers are
 * canaries.
 *
 *   walls FOLDER               all statements and all foreign keys
 *   walls FOLDER LABEL         one statement
 *   walls FOLDER LABEL SQL     one statement with other SQL; mutants.py links a table for that
 *   walls FOLDER --keys        the foreign keys
 *   walls FOLDER --rows        nothing: the rows are made, for who runs with WALLS_ROWS=FOLDER
 *
 * Prints each leak and exits with 1 when there was any. mutants.py links it with no_wall.c in the
 * place of store/sqlite/sqlite_guard.c as well. */
#define MQ_MAY_MINT_SCOPE
#include <apr_dbd.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/db.h"
#include "store/sqlite/sqlite_connection.h"
#include "store/scope_mint.h"

enum {
    TENANT_A = 1001,
    TENANT_B = 2002,
    TENANT_C = 4004,
    CHOICES = 5,
    LONELY = 2,
    COMBINATIONS_MOST = 4096,
    RANDOM_TRIES = 20000,
    WIDE = 16,
    SHARED_CHOSEN = MQ_SHARE_PERSON | MQ_SHARE_LISTS | MQ_SHARE_CHOSEN,
    KEYS = 5 /* parts that a guest is given */
};

static const char canary_a[] = "canary-a";
static const char canary_b[] = "canary-b";
static const unsigned char shared_id[16] = {0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                            0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11};
static const unsigned char id_a[16] = {0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
                                       0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa};
static const unsigned char id_b[16] = {0xbb, 0xbb, 0xbb, 0xbb, 0xbb, 0xbb, 0xbb, 0xbb,
                                       0xbb, 0xbb, 0xbb, 0xbb, 0xbb, 0xbb, 0xbb, 0xbb};
static const unsigned char low_id[16] = {0};
static const unsigned char new_id[16] = {0x33};
static const unsigned char high_id[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                          0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static int leaks;

/* The rows of a pass: A's small numbers (states, roles) are 1 and B's are small; the large ones are
 * canaries, or 1 so that "version = 1" finds them. */
static const struct {
    int small;
    int large_is_1;
} passes[] = {{1, 0}, {1, 1}, {2, 1}, {3, 1}, {4, 1}};
static int pass;
static int asks_foreign;           /* for what only the other organisation has */
static const char *fell_back = ""; /* tables whose CHECK admits no such state for B */
static int own = TENANT_A;         /* who is acting; the other one is foreign. Each takes a turn */
static apr_pool_t *pool;
static apr_pool_t *scratch; /* cleared for each combination: there are thousands */

static void leak(const char *label, const char *what)
{
    leaks++;
    printf("LEAK %s: %s\n", label, what);
}

/* ---- rows for both organisations, made from the schema ---- */

/* Numbers are canaries too, but for the small ones: states and roles, which have their CHECKs. */
static int number_of(int tenant)
{
    return passes[pass].large_is_1 ? 1 : tenant * 31;
}

static int small_of(int tenant)
{
    return tenant == TENANT_B ? passes[pass].small : 1;
}

static char *value_of(const char *type, const char *column, int tenant, int alone, int small)
{
    const char *canary = tenant == TENANT_A ? canary_a : canary_b;
    if (strcmp(column, "tenant_id") == 0) {
        return apr_psprintf(pool, "%d", tenant);
    }
    if (sqlite3_stricmp(type, "bytea") == 0) {
        const unsigned char *id = alone == LONELY ? (strcmp(column, "id") == 0 ? low_id : shared_id)
                                  : !alone        ? shared_id
                                  : tenant == TENANT_A ? id_a
                                                       : id_b;
        return apr_psprintf(pool, "x'%s'", mq_hex_encode(id, sizeof shared_id, pool));
    }
    if (sqlite3_stricmp(type, "text") == 0) {
        return apr_psprintf(pool, "'%s%s'", canary,
                            alone == LONELY ? " lonely"
                            : alone         ? " alone"
                                            : "");
    }
    return apr_itoa(pool,
                    sqlite3_stricmp(type, "smallint") == 0 ? small : number_of(tenant) + alone);
}

static void seed_with(sqlite3 *owner, const char *table, int tenant, int alone, int small)
{
    const char *columns = "";
    const char *values = "";
    char *error = NULL;
    sqlite3_stmt *info;
    (void)sqlite3_prepare_v2(owner, apr_psprintf(pool, "PRAGMA table_info(%s)", table), -1, &info,
                             NULL);
    while (sqlite3_step(info) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(info, 1);
        const char *type = (const char *)sqlite3_column_text(info, 2);
        const char *comma = *columns ? ", " : "";
        columns = apr_pstrcat(pool, columns, comma, name, NULL);
        values = apr_pstrcat(pool, values, comma, value_of(type, name, tenant, alone, small), NULL);
    }
    (void)sqlite3_finalize(info);
    if (sqlite3_exec(owner,
                     apr_psprintf(pool, "INSERT INTO %s (%s) VALUES (%s)", table, columns, values),
                     NULL, NULL, &error) != SQLITE_OK) {
        if (small != 1) {
            fell_back = apr_pstrcat(pool, fell_back, " ", table, " ", NULL);
            seed_with(owner, table, tenant, alone, 1);
        } else {
            leak(table, apr_psprintf(pool, "cannot be seeded: %s", error));
        }
    }
}

static void seed(sqlite3 *owner, const char *table, int tenant, int alone)
{
    seed_with(owner, table, tenant, alone, small_of(tenant));
}

/* The organisation that the records themselves are: what others have as NULL is a text there, too.
 */
static void seed_installation(sqlite3 *owner)
{
    sqlite3_stmt *info;
    (void)sqlite3_prepare_v2(
        owner,
        "SELECT 'UPDATE tenants SET ' || group_concat(name || ' = coalesce(' || name || "
        "', ''canary'')') || ' WHERE tenant_id = 0' FROM pragma_table_info('tenants') "
        "WHERE lower(type) = 'text' OR name = 'letter_logo'",
        -1, &info, NULL);
    if (sqlite3_step(info) != SQLITE_ROW ||
        sqlite3_exec(owner, (const char *)sqlite3_column_text(info, 0), NULL, NULL, NULL) !=
            SQLITE_OK) {
        leak("tenants", "the installation's own row cannot be filled");
    }
    (void)sqlite3_finalize(info);
}

/* A table whose whole key is tenant_id has one row for each organisation. */
static int has_more_rows(const char *table)
{
    return strcmp(table, "tenants") != 0 && strcmp(table, "audit_heads") != 0 &&
           strcmp(table, "audit_bases") != 0;
}

/* All foreign rows of all tables as one number: to see whether anything of them has changed. */
static apr_uint64_t foreign_state(sqlite3 *sqlite)
{
    apr_uint64_t state = 14695981039346656037ULL; /* FNV-1a */
    for (int i = 0; i < mq_sql_table_count; i++) {
        sqlite3_stmt *rows;
        if (!mq_sql_tables[i].tenant ||
            sqlite3_prepare_v2(sqlite,
                               apr_psprintf(scratch, "SELECT * FROM main.%s WHERE tenant_id <> %d",
                                            mq_sql_tables[i].name, own),
                               -1, &rows, NULL) != SQLITE_OK) {
            continue;
        }
        while (sqlite3_step(rows) == SQLITE_ROW) {
            for (int c = 0; c < sqlite3_column_count(rows); c++) {
                const char *text = (const char *)sqlite3_column_text(rows, c);
                for (text = text ? text : "NULL"; *text; text++) {
                    state = (state ^ (unsigned char)*text) * 1099511628211ULL;
                }
                state = (state ^ '|') * 1099511628211ULL;
            }
        }
        (void)sqlite3_finalize(rows);
    }
    return state;
}

/* ---- a store of one connection ---- */

typedef struct only_t {
    mq_db_t *db;
    int broken;
} only_t;

static apr_status_t lend(mq_db_t **db_out, void *lender)
{
    *db_out = ((only_t *)lender)->db;
    return APR_SUCCESS;
}

static void take_back(mq_db_t *db, int broken, void *lender)
{
    (void)db;
    ((only_t *)lender)->broken |= broken;
}

/* ---- running a statement ---- */

static mq_param_t choice_of(char kind, int choice)
{
    int foreign = own == TENANT_A ? TENANT_B : TENANT_A;
    const char *canary = own == TENANT_A ? canary_b : canary_a;
    const char *const texts[CHOICES] = {canary, apr_pstrcat(scratch, canary, " alone", NULL), "",
                                        "zzzz", "x"};
    const apr_int64_t numbers[CHOICES] = {1, 2, number_of(foreign), number_of(foreign) + 1,
                                          1000000};
    const unsigned char *const ids[CHOICES] = {shared_id, own == TENANT_A ? id_b : id_a, low_id,
                                               high_id, new_id};
    return kind == 's'   ? mq_bind_text(texts[choice])
           : kind == 'i' ? mq_bind_int(numbers[choice])
                         : mq_bind_bytes(ids[choice], sizeof shared_id);
}

/* A guest asks for another patient of the same organisation in the place of one who is nowhere. */
static mq_param_t guest_choice_of(char kind, int choice)
{
    return kind == 'b' && choice == CHOICES - 1
               ? mq_bind_bytes(own == TENANT_A ? id_a : id_b, sizeof shared_id)
               : choice_of(kind, choice);
}

static int ends_with(const char *name, const char *end)
{
    apr_size_t length = strlen(name);
    return length >= strlen(end) && strcmp(name + length - strlen(end), end) == 0;
}

/* A state that only foreign rows have in this pass, or a count of more rows than the own ones. */
static int tells_of_another(sqlite3_stmt *statement, int column, apr_int64_t number)
{
    const char *name = sqlite3_column_name(statement, column);
    int foreign = small_of(own == TENANT_A ? TENANT_B : TENANT_A);
    const char *table = sqlite3_column_table_name(statement, column);
    if (!passes[pass].large_is_1 ||
        (table && strstr(fell_back, apr_pstrcat(scratch, " ", table, " ", NULL)))) {
        return 0;
    }
    if (ends_with(name, "status") || ends_with(name, "state")) {
        return foreign != small_of(own) && number == foreign;
    }
    return strncmp(name, "count", 5) == 0 && number > !asks_foreign;
}

/* Every text of a row is its organisation's canary: any other is foreign; so are the other's
 * number and id. */
static int shows_foreign(const mq_rows_t *rows, int columns)
{
    const char *canary = own == TENANT_A ? canary_a : canary_b;
    int foreign = number_of(own == TENANT_A ? TENANT_B : TENANT_A);
    const unsigned char *id = own == TENANT_A ? id_b : id_a;
    for (int c = 0; c < columns; c++) {
        int type = sqlite3_column_type(rows->statement, c);
        apr_size_t length;
        const void *bytes = type == SQLITE_BLOB ? mq_rows_bytes(rows, c, &length) : NULL;
        apr_int64_t number = type == SQLITE_INTEGER ? mq_rows_int(rows, c) : 0;
        if ((type == SQLITE_TEXT &&
             strncmp(mq_rows_text(rows, c, scratch), canary, strlen(canary)) != 0) ||
            (bytes && length == sizeof shared_id && memcmp(bytes, id, length) == 0) ||
            (!passes[pass].large_is_1 && (number == foreign || number == foreign + 1)) ||
            tells_of_another(rows->statement, c, number)) {
            return 1;
        }
    }
    return 0;
}

/* What a subquery or a join finds shows only in which of the own rows come, and a number may be one
 * that both organisations have: answers must be the same when the other one has no rows at all. */
static apr_array_header_t *answers; /* with the other one there; NULL: not looked at */
static int answers_next;            /* to compare with; -1: they are being kept */

static const char *row_text(const mq_rows_t *rows, int columns, const char *before)
{
    for (int c = 0; c < columns; c++) {
        const char *text = (const char *)sqlite3_column_text(rows->statement, c);
        before = apr_pstrcat(scratch, before, text ? text : "NULL", "|", NULL);
    }
    return before;
}

static int differs(const char *answer)
{
    if (!answers || (answers_next >= answers->nelts)) {
        return 0;
    }
    if (answers_next < 0) {
        APR_ARRAY_PUSH(answers, const char *) = apr_pstrdup(answers->pool, answer);
        return 0;
    }
    return strcmp(APR_ARRAY_IDX(answers, answers_next++, const char *), answer) != 0;
}

static int run_select(const mq_scope_t *sc, int number, const mq_param_t *params, int count)
{
    const char *answer = "";
    mq_rows_t rows;
    int columns;
    int found = 0;
    asks_foreign = 0;
    for (int i = 0; i < count; i++) {
        asks_foreign |= params[i].data == (own == TENANT_A ? id_b : id_a);
    }
    if (mq_db_select(&rows, sc, MQ_SQL_ROW(mq_tenant_read_t, number), params, count) !=
        APR_SUCCESS) {
        return 0;
    }
    columns = sqlite3_column_count(rows.statement);
    while (mq_rows_next(&rows) == APR_SUCCESS) {
        found |= shows_foreign(&rows, columns);
        answer = answers ? row_text(&rows, columns, answer) : answer;
    }
    return found || differs(answer);
}

static int run_change(const mq_scope_t *sc, sqlite3 *sqlite, int number, apr_uint64_t before,
                      const mq_param_t *params, int count)
{
    int changed;
    int rows; /* by triggers and keys, too */
    if (mq_db_begin(sc) != APR_SUCCESS) {
        return 0;
    }
    rows = sqlite3_total_changes(sqlite);
    changed = mq_db_change(NULL, sc, MQ_SQL_ROW(mq_tenant_write_t, number), params, count) ==
                  APR_SUCCESS &&
              sqlite3_total_changes(sqlite) != rows && foreign_state(sqlite) != before;
    mq_db_rollback(sc);
    return changed;
}

static int run_one(const mq_scope_t *sc, mq_db_t *db, int number, apr_uint64_t before,
                   const mq_param_t *params, int count)
{
    return *mq_sql_rows[number].writes
               ? run_change(sc, mq_sqlite_of(db)->sqlite, number, before, params, count)
               : run_select(sc, number, params, count);
}

/* One run of a statement that is tried in many ways. @return whether there was a leak */
static int try_once(const mq_scope_t *sc, mq_db_t *db, int number, apr_uint64_t before,
                    const mq_param_t *params)
{
    if (run_one(sc, db, number, before, params, (int)strlen(mq_sql_rows[number].kinds))) {
        leak(mq_sql_rows[number].label, "a foreign row was shown or changed");
        return 1;
    }
    return 0;
}

/* Each pair of parameters varied, and all that take the same choice: what must be new in several
 * columns at once is. */
static void try_pairs(const mq_scope_t *sc, mq_db_t *db, int number, apr_uint64_t before)
{
    const char *kinds = mq_sql_rows[number].kinds;
    int count = (int)strlen(kinds);
    mq_param_t params[64];
    for (int choice = 0; choice < CHOICES; choice++) {
        apr_pool_clear(scratch);
        for (int i = 0; i < count; i++) {
            params[i] = choice_of(kinds[i], choice);
        }
        if (try_once(sc, db, number, before, params)) {
            return;
        }
    }
    for (int n = 0; n < count * count * CHOICES * CHOICES; n++) {
        int a = n % count;
        int b = n / count % count;
        int rest = n / (count * count);
        int is_single = a == b && rest < CHOICES;
        if (count > WIDE && !is_single && (a == b || kinds[a] != 'b' || kinds[b] != 'b')) {
            continue; /* a whole record: found by ids; the rest is what is stored */
        }
        apr_pool_clear(scratch);
        for (int i = 0; i < count; i++) {
            params[i] = choice_of(kinds[i], i == a ? rest % CHOICES : i == b ? rest / CHOICES : 0);
        }
        if (try_once(sc, db, number, before, params)) {
            return;
        }
    }
}

static int combinations_of(const char *kinds)
{
    int total = 1;
    for (; *kinds && total <= COMBINATIONS_MOST; kinds++) {
        total *= CHOICES;
    }
    return total;
}

/* Every combination of the choices where they are few; else pairs. */
static void try_statement(const mq_scope_t *sc, mq_db_t *db, int number)
{
    const char *kinds = mq_sql_rows[number].kinds;
    const apr_uint64_t before = foreign_state(mq_sqlite_of(db)->sqlite);
    mq_param_t params[64];
    int total = combinations_of(kinds);
    if (total > COMBINATIONS_MOST) {
        try_pairs(sc, db, number, before);
        return;
    }
    for (int n = 0; n < total; n++) {
        apr_pool_clear(scratch);
        for (int i = 0, rest = n; kinds[i]; i++, rest /= CHOICES) {
            params[i] = choice_of(kinds[i], rest % CHOICES);
        }
        if (try_once(sc, db, number, before, params)) {
            return;
        }
    }
}

/* Every combination of the choices where they are few; else so many drawn at random, the same at
 * each call: two parameters at a time do not get past a dozen conditions at once. */
static void try_many(const mq_scope_t *sc, int number)
{
    const char *kinds = mq_sql_rows[number].kinds;
    int total = combinations_of(kinds);
    int is_drawn = total > COMBINATIONS_MOST;
    apr_uint64_t state = 20;
    mq_param_t params[64];
    for (int n = 0; n < (is_drawn ? RANDOM_TRIES : total); n++) {
        apr_pool_clear(scratch);
        for (int i = 0, rest = n; kinds[i]; i++, rest /= CHOICES) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            params[i] =
                choice_of(kinds[i], is_drawn ? (int)((state >> 33) % CHOICES) : rest % CHOICES);
        }
        if (run_select(sc, number, params, (int)strlen(kinds))) {
            leak(mq_sql_rows[number].label, "another organisation makes a difference");
            return;
        }
    }
}

/* The same answers with the other organisation and without. Only where there is no second wall: it
 * would not let its rows be taken away. */
static void try_without_the_other(const mq_scope_t *sc, mq_db_t *db, int number)
{
    apr_pool_t *kept;
    if (leaks || mq_sqlite_of(db)->veil[0] || *mq_sql_rows[number].writes) {
        return;
    }
    (void)apr_pool_create(&kept, pool);
    answers = apr_array_make(kept, 4096, sizeof(const char *));
    answers_next = -1;
    try_many(sc, number);
    if (sc->place.loan->is_reading) {
        sc->place.loan->is_reading = 0;
        (void)sqlite3_exec(mq_sqlite_of(db)->sqlite, "COMMIT", NULL, NULL, NULL);
    }
    (void)sqlite3_exec(mq_sqlite_of(db)->sqlite, "BEGIN; PRAGMA defer_foreign_keys = ON", NULL,
                       NULL, NULL);
    for (int i = 0; i < mq_sql_table_count; i++) {
        if (mq_sql_tables[i].tenant) {
            (void)sqlite3_exec(mq_sqlite_of(db)->sqlite,
                               apr_psprintf(kept, "DELETE FROM %s WHERE tenant_id = %d",
                                            mq_sql_tables[i].name,
                                            own == TENANT_A ? TENANT_B : TENANT_A),
                               NULL, NULL, NULL);
        }
    }
    sc->place.loan->in_snapshot = 1; /* within the transaction that is rolled back below */
    answers_next = 0;
    try_many(sc, number);
    sc->place.loan->in_snapshot = 0;
    (void)sqlite3_exec(mq_sqlite_of(db)->sqlite, "ROLLBACK", NULL, NULL, NULL);
    apr_pool_destroy(kept);
    answers = NULL;
}

/* ---- keys: an organisation's row never names another's ---- */

static void try_key(sqlite3 *owner, const char *table, const char *parent, const char *from)
{
    const char *only_b = "x'22222222222222222222222222222222'";
    char *error = NULL;
    int code;
    (void)sqlite3_exec(owner, "BEGIN IMMEDIATE; PRAGMA defer_foreign_keys = OFF", NULL, NULL, NULL);
    /* a parent that B alone has; everything that hangs on it keeps its own keys */
    code = sqlite3_exec(owner,
                        apr_psprintf(pool,
                                     "CREATE TEMP TABLE IF NOT EXISTS copy_%s AS SELECT * FROM %s;"
                                     "DELETE FROM copy_%s; INSERT INTO copy_%s SELECT * FROM %s "
                                     "WHERE tenant_id = %d; UPDATE copy_%s SET id = %s;"
                                     "INSERT OR IGNORE INTO %s SELECT * FROM copy_%s",
                                     parent, parent, parent, parent, parent, TENANT_B, parent,
                                     only_b, parent, parent),
                        NULL, NULL, &error);
    (void)code;
    code = sqlite3_exec(owner,
                        apr_psprintf(pool, "UPDATE %s SET %s = %s WHERE tenant_id = %d", table,
                                     from, only_b, TENANT_A),
                        NULL, NULL, &error);
    if (code == SQLITE_OK && sqlite3_changes(owner) > 0) {
        leak(table, apr_psprintf(pool, "%s of A may name %s of B", from, parent));
    }
    (void)sqlite3_exec(owner, "ROLLBACK", NULL, NULL, NULL);
}

/* Columns that hold another record's id must be part of a foreign key with tenant_id. */
static int try_keys(sqlite3 *owner)
{
    sqlite3_stmt *keys;
    int count = 0;
    (void)sqlite3_prepare_v2(
        owner,
        "SELECT m.name, f.\"table\", f.\"from\", f.\"to\", (SELECT COUNT(*) FROM "
        "pragma_foreign_key_list(m.name) g WHERE g.id = f.id AND g.\"from\" = 'tenant_id' AND "
        "g.\"to\" = 'tenant_id') FROM sqlite_schema m, pragma_foreign_key_list(m.name) f "
        "WHERE m.type = 'table' ORDER BY 1, 2, 3",
        -1, &keys, NULL);
    while (sqlite3_step(keys) == SQLITE_ROW) {
        const char *table = apr_pstrdup(pool, (const char *)sqlite3_column_text(keys, 0));
        const char *parent = apr_pstrdup(pool, (const char *)sqlite3_column_text(keys, 1));
        const char *from = apr_pstrdup(pool, (const char *)sqlite3_column_text(keys, 2));
        const char *to = apr_pstrdup(pool, (const char *)sqlite3_column_text(keys, 3));
        count++;
        if (!sqlite3_column_int(keys, 4)) {
            leak(table, apr_psprintf(pool, "the key of %s does not carry tenant_id", from));
        } else if (strcmp(from, "tenant_id") != 0 && strcmp(to, "id") == 0) {
            try_key(owner, table, parent, from);
        }
    }
    (void)sqlite3_finalize(keys);
    return count;
}

/* A column that names another record (..._id, ..._by) is part of a foreign key: one that is not
 * could name anybody's. But for the trail, which outlives the records that it names. */
static void try_columns(sqlite3 *owner)
{
    sqlite3_stmt *columns;
    (void)sqlite3_prepare_v2(
        owner,
        "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c "
        "WHERE m.type = 'table' AND m.name || '.' || c.name NOT LIKE 'audit_%.patient_id' "
        "AND m.name <> 'audit_events' AND c.name <> 'tenant_id' "
        "AND lower(c.type) = 'bytea' AND (c.name LIKE '%\\_id' ESCAPE '\\' OR c.name LIKE "
        "'%\\_by' ESCAPE '\\') AND NOT EXISTS (SELECT 1 FROM pragma_foreign_key_list(m.name) f "
        "WHERE f.\"from\" = c.name AND f.\"to\" = 'id')",
        -1, &columns, NULL);
    while (sqlite3_step(columns) == SQLITE_ROW) {
        leak((const char *)sqlite3_column_text(columns, 0),
             apr_psprintf(pool, "%s is in no foreign key", sqlite3_column_text(columns, 1)));
    }
    (void)sqlite3_finalize(columns);
}

/* ---- guests: one patient, in the parts that were given ---- */

/* Whether what is lonely is the patient's all the same: an item, or a note that nobody chose, where
 * all are shared. */
static int may_be_lonely(const char *part_of, int parts)
{
    return strstr(part_of, "guest_chart_items") ||
           (strstr(part_of, "guest_patient_notes") && !(parts & MQ_SHARE_CHOSEN));
}

/* What may not be seen by whoever looks at the patient of the shared id: any other's rows, and
 * those of a part that is not given. What hangs on the patient is a canary, or lonely. */
static int shows_more(const mq_rows_t *rows, int columns, const char *part_of, int parts)
{
    static const struct {
        const char *table;
        int part;
    } given[] = {{"guest_chart_items", 2},
                 {"guest_patient_notes", 12},
                 {"guest_patients", 1},
                 {"guest_referral", 1}};
    const char *canary = own == TENANT_A ? canary_a : canary_b;
    const char *lonely = apr_pstrcat(scratch, canary, " lonely", NULL);
    for (int c = 0; c < columns; c++) {
        int type = sqlite3_column_type(rows->statement, c);
        const char *text = (const char *)sqlite3_column_text(rows->statement, c);
        if (type == SQLITE_TEXT && strcmp(text, canary) != 0 &&
            (strcmp(text, lonely) != 0 || !may_be_lonely(part_of, parts))) {
            return 1;
        }
    }
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        if (!(parts & given[i].part) && strstr(part_of, given[i].table)) {
            return 1;
        }
    }
    return 0;
}

static void try_guest(const mq_guest_t *guest, mq_db_t *db, int number)
{
    const mq_sql_row_t *row = &mq_sql_rows[number];
    int count = (int)strlen(row->kinds);
    int has_wall = mq_sqlite_of(db)->veil[0] != 0;
    mq_param_t params[8];
    int total = 1;
    for (int i = 0; i < count; i++) {
        total *= CHOICES;
    }
    for (int n = 0; n < total; n++) {
        mq_rows_t rows;
        apr_pool_clear(scratch);
        for (int i = 0, rest = n; i < count; i++, rest /= CHOICES) {
            params[i] = guest_choice_of(row->kinds[i], rest % CHOICES);
        }
        if (!has_wall && strstr(row->label, "chosen") && params[0].data != shared_id) {
            continue; /* which share it is by is what the caller says */
        }
        if (mq_db_guest_select(&rows, guest, MQ_SQL_ROW(mq_guest_read_t, number), params, count) !=
            APR_SUCCESS) {
            leak(row->label, "a guest cannot read");
            return;
        }
        while (mq_rows_next(&rows) == APR_SUCCESS) {
            /* without the second wall it is the caller who asks for given parts only */
            if (shows_more(&rows, sqlite3_column_count(rows.statement), row->sqlite,
                           has_wall                       ? mq_guest_parts(guest)
                           : strstr(row->label, "chosen") ? SHARED_CHOSEN
                                                          : MQ_SHARE_ALL)) {
                leak(row->label, "a guest was shown more than one patient, or another part");
                mq_rows_close(&rows);
                return;
            }
        }
    }
}

/* More notes of A and of B. Each has chosen one that is no choice of the other's: with the share,
 * the note of the shared id, and A that of 0xc1, B that of 0xc2. By another share, and of another
 * patient, the other one of the two is chosen; what must not be seen is lonely. Another patient has
 * notes of the same ids. Whatever is added has the note of 0xc1 or 0xc2 as its parent. */
static void notes_choose(sqlite3 *sqlite, int tenant)
{
    static const char *const rows[] = {/* patient, id, parent, what it says in A, and in B */
                                       "x'11111111111111111111111111111111', x'c1', NULL",
                                       "",
                                       " lonely",
                                       "x'11111111111111111111111111111111', x'c2', NULL",
                                       " lonely",
                                       "",
                                       "x'11111111111111111111111111111111', x'd1', x'c1'",
                                       "",
                                       " lonely",
                                       "x'11111111111111111111111111111111', x'd2', x'c2'",
                                       " lonely",
                                       "",
                                       "%s, x'c1', NULL",
                                       " alone",
                                       " alone",
                                       "%s, x'c2', NULL",
                                       " alone",
                                       " alone",
                                       "%s, x'd1', x'c1'",
                                       " alone",
                                       " alone",
                                       "%s, x'd2', x'c2'",
                                       " alone",
                                       " alone"};
    const char *canary = tenant == TENANT_A ? canary_a : canary_b;
    const char *alone = tenant == TENANT_A ? "x'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"
                                           : "x'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'";
    const char *sql = apr_psprintf(
        pool,
        "PRAGMA foreign_keys = OFF;"
        "INSERT INTO share_notes (tenant_id, patient_id, id, share_id, note, note_at, note_day) "
        "VALUES (%d, x'11111111111111111111111111111111', x'e1', "
        "x'11111111111111111111111111111111', x'c%d', 7, '%s'), (%d, "
        "x'11111111111111111111111111111111', x'e2', %s, x'c%d', 7, '%s'), (%d, %s, x'e3', "
        "x'11111111111111111111111111111111', x'c%d', 7, '%s');",
        tenant, tenant == TENANT_A ? 1 : 2, canary, tenant, alone, tenant == TENANT_A ? 2 : 1,
        canary, tenant, alone, tenant == TENANT_A ? 2 : 1, canary);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i += 3) {
        sql = apr_pstrcat(
            pool, sql,
            "INSERT INTO patient_notes (tenant_id, author_id, created_at, status, content, "
            "patient_id, id, parent_id) VALUES (",
            apr_itoa(pool, tenant), ", x'11111111111111111111111111111111', 7, 2, '", canary,
            rows[i + (tenant == TENANT_A ? 1 : 2)], "', ", apr_psprintf(pool, rows[i], alone), ");",
            NULL);
    }
    if (sqlite3_exec(sqlite, sql, NULL, NULL, NULL) != SQLITE_OK) {
        leak("share_notes", "what is chosen cannot be seeded");
    }
}

/* Guests see no draft, and the rows of a pass are drafts. A reply of another organisation, and what
 * an older server has signed beside a newer one, does not say under which name. */
static void notes_become(const char *path, int status)
{
    sqlite3 *sqlite;
    (void)sqlite3_open(path, &sqlite);
    (void)sqlite3_exec(sqlite,
                       apr_psprintf(pool,
                                    "DELETE FROM share_notes WHERE note_at = 7;"
                                    "DELETE FROM patient_notes WHERE created_at = 7;"
                                    "UPDATE patient_notes SET status = %d, "
                                    "signed_as = NULL",
                                    status),
                       NULL, NULL, NULL);
    if (status > 1) {
        notes_choose(sqlite, TENANT_A);
        notes_choose(sqlite, TENANT_B);
    }
    (void)sqlite3_close(sqlite);
}

/* Guests of A and of B, who look at the patient whose id both have. */
static int run_guests(int *statements_out, const char *path, const char *wanted)
{
    static const int parts[KEYS] = {MQ_SHARE_PERSON, MQ_SHARE_PERSON | MQ_SHARE_LISTS, MQ_SHARE_ALL,
                                    SHARED_CHOSEN, 0};
    only_t only = {NULL, 0};
    mq_store_t store = {.lend = lend, .take_back = take_back, .lender = &only};
    const char *error = "";
    notes_become(path, 2);
    for (int i = 0; i < 2 * KEYS * mq_sql_count; i++) {
        mq_guest_key_t key = {.parts = parts[i % KEYS]};
        mq_guest_t guest;
        int number = i / (2 * KEYS);
        own = i / KEYS % 2 ? TENANT_B : TENANT_A;
        if (!mq_sql_rows[number].guest ||
            (wanted && strcmp(wanted, mq_sql_rows[number].label) != 0)) {
            continue;
        }
        if (mq_db_open(&only.db, "sqlite3", path, MQ_DB_SERVE, &error, pool) != APR_SUCCESS) {
            printf("open: %s\n", error);
            return 2;
        }
        memcpy(key.patient.bytes, shared_id, sizeof shared_id);
        memcpy(key.share.bytes, shared_id, sizeof shared_id);
        guest.loan = mq_loan_make(&store, own, pool);
        guest.loan->guest = &key;
        try_guest(&guest, only.db, number);
        mq_loan_give_back(guest.loan);
        mq_db_close(only.db);
        *statements_out += i % (2 * KEYS) == 0;
    }
    notes_become(path, 1);
    return 0;
}

static void rows_seed(sqlite3 *owner)
{
    (void)sqlite3_exec(owner,
                       "INSERT INTO tenants (tenant_id, name, name_key, status, version, "
                       "created_at) VALUES (4004, 'canary-c', 'canary-c', 1, 1, 1)",
                       NULL, NULL, NULL);
    seed_installation(owner);
    for (int i = 0; i < mq_sql_table_count; i++) {
        if (mq_sql_tables[i].tenant) {
            if (strcmp(mq_sql_tables[i].name, "users") == 0 ||
                strcmp(mq_sql_tables[i].name, "patients") == 0) {
                seed(owner, mq_sql_tables[i].name, TENANT_C, 0);
            }
            seed(owner, mq_sql_tables[i].name, TENANT_A, 0);
            seed(owner, mq_sql_tables[i].name, TENANT_B, 0);
            if (has_more_rows(mq_sql_tables[i].name)) {
                seed(owner, mq_sql_tables[i].name, TENANT_A, 1);
                seed(owner, mq_sql_tables[i].name, TENANT_B, 1);
            }
            if (strcmp(mq_sql_tables[i].name, "patients") == 0 ||
                strcmp(mq_sql_tables[i].name, "shares") == 0 ||
                strcmp(mq_sql_tables[i].name, "referral_links") == 0 ||
                strcmp(mq_sql_tables[i].name, "chart_items") == 0) { /* on which nothing hangs */
                seed(owner, mq_sql_tables[i].name, TENANT_A, LONELY);
                seed(owner, mq_sql_tables[i].name, TENANT_B, LONELY);
            }
            if (strcmp(mq_sql_tables[i].name, "audit_group_patients") == 0) {
                /* a patient whom B alone has seen, on a page whose id A has, too */
                (void)sqlite3_exec(owner,
                                   "INSERT INTO audit_group_patients (tenant_id, patient_id, "
                                   "group_id) VALUES (2002, x'33000000000000000000000000000000', "
                                   "x'11111111111111111111111111111111')",
                                   NULL, NULL, NULL);
            }
        }
    }
}

/* Beside the database of a pass, for who copies it. */
static void fell_back_write(const char *path)
{
    FILE *file = fopen(apr_pstrcat(pool, path, ".fell-back", NULL), "w");
    if (!file || fputs(fell_back, file) < 0 || fclose(file) != 0) {
        leak(path, "what goes with it cannot be written");
    }
}

static void fell_back_read(const char *path)
{
    char text[4096] = "";
    FILE *file = fopen(apr_pstrcat(pool, path, ".fell-back", NULL), "r");
    if (!file || (!fgets(text, sizeof text, file) && ferror(file)) || fclose(file) != 0) {
        leak(path, "what goes with it cannot be read");
    }
    fell_back = apr_pstrdup(pool, text);
}

/* The database of a pass: a copy of the one that a run with --rows has left in WALLS_ROWS, or made
 * anew. */
static apr_status_t database_make(const char *path, const char *name, int *keys_out,
                                  const char *wanted)
{
    const char *rows = getenv("WALLS_ROWS");
    const char *error = "";
    sqlite3 *owner;
    int from = 0;
    apr_status_t rv;
    *keys_out = 0;
    if (rows) {
        const char *made = apr_pstrcat(pool, rows, "/", name, NULL);
        fell_back_read(made);
        return apr_file_copy(made, path, APR_FILE_SOURCE_PERMS, pool);
    }
    (void)remove(path);
    rv = mq_db_migrate("sqlite3", path, 0, &from, &error, pool);
    if (rv != APR_SUCCESS) {
        printf("migrate: %s\n", error);
        return rv;
    }
    (void)sqlite3_open(path, &owner);
    (void)sqlite3_exec(owner, "PRAGMA foreign_keys = OFF", NULL, NULL, NULL);
    rows_seed(owner);
    (void)sqlite3_exec(owner, "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
    if (pass == 0 && (!wanted || strcmp(wanted, "--keys") == 0)) {
        *keys_out = try_keys(owner);
        try_columns(owner);
    }
    (void)sqlite3_close(owner);
    return APR_SUCCESS;
}

/* One pass over rows of one kind. @return 2 when a connection cannot even be opened */
static int run_pass(const char *folder, const char *wanted, int *statements_out, int *keys_out)
{
    const char *name = apr_pstrcat(pool, "walls", pass ? apr_itoa(pool, pass) : "", ".db", NULL);
    const char *path = apr_pstrcat(pool, folder, "/", name, NULL);
    const char *error = "";
    only_t only = {NULL, 0};
    mq_store_t store = {.lend = lend, .take_back = take_back, .lender = &only};
    int statements = 0;

    (void)mq_writer_make(&store.writer, NULL, lend, take_back, &only, pool);
    fell_back = "";
    if (database_make(path, name, keys_out, wanted) != APR_SUCCESS) {
        return 2;
    }
    if (wanted && strcmp(wanted, "--rows") == 0) {
        fell_back_write(path);
        return 0;
    }
    for (int i = 0; i < 2 * mq_sql_count; i++) {
        int number = i / 2;
        mq_scope_t sc = {.actor = {.name = "", .address = ""}, .place = {.tenant_name = ""}};
        own = i % 2 ? TENANT_B : TENANT_A;
        if (!mq_sql_rows[number].tenant || mq_sql_rows[number].guest ||
            (wanted && strcmp(wanted, mq_sql_rows[number].label) != 0)) {
            continue;
        }
        if (mq_db_open(&only.db, "sqlite3", path, MQ_DB_SERVE, &error, pool) != APR_SUCCESS) {
            printf("open: %s\n", error);
            return 2;
        }
        /* the statements are prepared; what follows looks at both organisations' rows */
        (void)sqlite3_set_authorizer(mq_sqlite_of(only.db)->sqlite, NULL, NULL);
        sc.place.loan = mq_loan_make(&store, own, pool);
        only.db->tenant = own;
        sc.place.loan->db = only.db;
        try_statement(&sc, only.db, number);
        try_without_the_other(&sc, only.db, number);
        sc.place.loan->db = NULL;
        mq_db_close(only.db);
        statements += i % 2;
    }
    *statements_out = statements;
    return run_guests(statements_out, path, wanted);
}

int main(int argc, char **argv)
{
    const char *wanted = argc > 2 ? argv[2] : NULL;
    int statements = 0;
    int keys = 0;
    int all_keys = 0;
    for (int i = 0; argc > 3 && i < mq_sql_count; i++) {
        if (strcmp(mq_sql_rows[i].label, wanted) == 0) {
            ((mq_sql_row_t *)(uintptr_t)mq_sql_rows)[i].sqlite = argv[3];
        }
    }
    (void)apr_initialize();
    (void)apr_pool_create(&pool, NULL);
    (void)apr_pool_create(&scratch, pool);
    (void)apr_dbd_init(pool);
    for (pass = 0; pass < (int)(sizeof passes / sizeof *passes); pass++) {
        int code = run_pass(argc > 1 ? argv[1] : ".", wanted, &statements, &keys);
        if (code) {
            return code;
        }
        all_keys += keys;
        if (leaks && wanted) {
            break;
        }
    }
    printf("walls: %d statements, %d foreign keys, %d kinds of rows, %d leaks\n", statements,
           all_keys, pass, leaks);
    return leaks != 0;
}
