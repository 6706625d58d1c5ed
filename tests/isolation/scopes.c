/* scopes.c -- the checks between a person and the rows: which organisation a scope, a session, a
 * link and a lent connection belong to. Works on a database of walls.c, in which organisations A
 * and B have the same ids and only canaries differ.
 *
 *   scopes DATABASE    prints "LEAK ..." where one saw another's row, "FAULT ..." for every other
 *                      promise broken; exits with 1 when there was any
 *
 * mutants.py links it with weakened sources, with and without store/sqlite/sqlite_guard.c. */
#define MQ_MAY_MINT_SCOPE
#include <apr_dbd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/access/links.h"
#include "domain/access/page_mark.h"
#include "domain/access/scope_minting.h"
#include "domain/access/session_records.h"
#include "domain/access/session_rows.h"
#include "domain/access/sessions.h"
#include "domain/jobs/job_worker.h"
#include "domain/sharing/guests.h"
#include "store/sqlite/sqlite_connection.h"
#include "store/scope_mint.h"

enum { TENANT_A = 1001, TENANT_B = 2002, CACHE_MOST = 64, RECORD_MOST = 512 };

static const mq_id_t shared_id = {{0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                   0x11, 0x11, 0x11, 0x11, 0x11}};
static apr_pool_t *pool;
static const char *path;
static sqlite3 *owner;
static int faults;

static void expect(int is_kept, const char *promise)
{
    if (!is_kept) {
        faults++;
        printf("FAULT %s\n", promise);
    }
}

static const char *canary_of(apr_int64_t tenant)
{
    return tenant == TENANT_A ? "canary-a" : "canary-b";
}

static void by_owner(const char *sql)
{
    char *error = NULL;
    if (sqlite3_exec(owner, sql, NULL, NULL, &error) != SQLITE_OK) {
        faults++;
        printf("FAULT %s: %s\n", sql, error);
    }
}

/* What the owner reads: one text, or "". */
static const char *owner_reads(const char *sql)
{
    sqlite3_stmt *statement = NULL;
    const char *text = "";
    if (sqlite3_prepare_v2(owner, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        text = apr_pstrdup(pool, (const char *)sqlite3_column_text(statement, 0));
    }
    (void)sqlite3_finalize(statement);
    return text ? text : "";
}

static const char *language_of(apr_int64_t tenant)
{
    return owner_reads(apr_psprintf(pool,
                                    "SELECT language FROM users WHERE tenant_id = %" APR_INT64_T_FMT
                                    " AND id = x'11111111111111111111111111111111'",
                                    tenant));
}

/* ---- a store of one connection that looks at what it lends and gets back ---- */

typedef struct lender_t {
    mq_db_t *db;
    int lent;
    int broken; /* came back in disorder */
} lender_t;

static lender_t lender;

static int has_wall(mq_db_t *db)
{
    return mq_sqlite_of(db)->veil[0] != 0;
}

static const char *seen_by(mq_db_t *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    const char *seen = "";
    if (sqlite3_prepare_v2(mq_sqlite_of(db)->sqlite, sql, -1, &statement, NULL) == SQLITE_OK) {
        while (sqlite3_step(statement) == SQLITE_ROW) {
            seen = apr_pstrcat(pool, seen, sqlite3_column_text(statement, 0), " ", NULL);
        }
    }
    (void)sqlite3_finalize(statement);
    return seen;
}

/* Nothing of who had it last. */
static void look_for_remains(mq_db_t *db, const char *when)
{
    expect(db->tenant == MQ_NO_TENANT, apr_pstrcat(pool, "nobody's organisation ", when, NULL));
    expect(mq_sqlite_of(db)->current == NULL,
           apr_pstrcat(pool, "no statement under way ", when, NULL));
    if (has_wall(db)) {
        expect(!*seen_by(db, "SELECT name FROM users"),
               apr_pstrcat(pool, "no row to be seen ", when, NULL));
    }
}

static void look_for_bindings(mq_db_t *db)
{
    expect(sqlite3_get_autocommit(mq_sqlite_of(db)->sqlite), "no transaction is left behind");
    for (int i = 0; i < mq_sql_count; i++) {
        char *text;
        if (mq_sql_rows[i].owner) {
            expect(!mq_sqlite_of(db)->statements[i], "the owner's statements are not to be had");
            continue;
        }
        text = sqlite3_expanded_sql(mq_sqlite_of(db)->statements[i]);
        expect(!sqlite3_stmt_busy(mq_sqlite_of(db)->statements[i]),
               "no statement is left half read");
        expect(!strstr(text, "canary") && !strstr(text, "1001") && !strstr(text, "2002"),
               "no parameter is left behind");
        sqlite3_free(text);
    }
}

static void open_connection(void)
{
    const char *error = "";
    if (mq_db_open(&lender.db, "sqlite3", path, MQ_DB_SERVE, &error, pool) != APR_SUCCESS) {
        printf("FAULT open: %s\n", error);
        faults++;
        exit(1);
    }
    expect(mq_sqlite_of(lender.db)->guest_tenant == MQ_NO_TENANT, "no guest is in at first");
}

static apr_status_t lend(mq_db_t **db_out, void *data)
{
    (void)data;
    expect(lender.lent++ == 0, "one at a time borrows");
    look_for_remains(lender.db, "when it is lent");
    *db_out = lender.db;
    return APR_SUCCESS;
}

static void take_back(mq_db_t *db, int broken, void *data)
{
    (void)data;
    expect(--lender.lent == 0 && db == lender.db, "what was lent comes back once");
    look_for_remains(db, "when it comes back");
    lender.broken = broken;
    if (broken) {
        mq_db_close(db);
        open_connection();
    } else {
        look_for_bindings(db);
    }
}

static mq_store_t store = {.lend = lend, .take_back = take_back};

/* ---- sessions in memory ---- */

typedef struct kept_t {
    mq_session_owner_t whose;
    unsigned char key[32];
    unsigned char data[RECORD_MOST];
    apr_size_t length;
} kept_t;

static kept_t cache[CACHE_MOST];

static kept_t *cache_find(const unsigned char *key)
{
    for (int i = 0; i < CACHE_MOST; i++) {
        if (key ? cache[i].length && memcmp(cache[i].key, key, 32) == 0 : !cache[i].length) {
            return &cache[i];
        }
    }
    return NULL;
}

/* As rows are: nobody else ends one. */
static int is_of(const kept_t *kept, const mq_session_owner_t *whose)
{
    return kept->whose.tenant == whose->tenant && mq_id_equal(&kept->whose.user, &whose->user);
}

static apr_status_t cache_put(const mq_session_owner_t *whose, const unsigned char *key,
                              const void *data, apr_size_t length, apr_time_t expires,
                              apr_pool_t *scratch, void *context)
{
    kept_t *kept = cache_find(key) ? cache_find(key) : cache_find(NULL);
    (void)expires, (void)scratch, (void)context;
    if (!kept || length > RECORD_MOST) {
        return MQ_EFULL;
    }
    kept->whose = *whose;
    memcpy(kept->key, key, sizeof kept->key);
    memcpy(kept->data, data, length);
    kept->length = length;
    return APR_SUCCESS;
}

static apr_status_t cache_get(const unsigned char *key, void *data, apr_size_t *length,
                              apr_pool_t *scratch, void *context)
{
    const kept_t *kept = cache_find(key);
    (void)scratch, (void)context;
    if (!kept || kept->length > *length) {
        return MQ_ENOTFOUND;
    }
    memcpy(data, kept->data, kept->length);
    *length = kept->length;
    return APR_SUCCESS;
}

static apr_status_t cache_renew(const mq_session_owner_t *whose, const unsigned char *key,
                                const void *data, apr_size_t length, apr_time_t expires,
                                apr_pool_t *scratch, void *context)
{
    kept_t *kept = cache_find(key);
    (void)expires, (void)scratch, (void)context;
    if (!kept || length != kept->length || !is_of(kept, whose)) {
        return MQ_ENOTFOUND;
    }
    memcpy(kept->data, data, length);
    return APR_SUCCESS;
}

static apr_status_t cache_drop(const mq_session_owner_t *whose, const unsigned char *key,
                               apr_pool_t *scratch, void *context)
{
    kept_t *kept = cache_find(key);
    (void)scratch, (void)context;
    if (kept && is_of(kept, whose)) {
        memset(kept, 0, sizeof *kept);
    }
    return APR_SUCCESS;
}

static apr_status_t cache_each(const mq_session_owner_t *whose,
                               int (*wanted)(void *, const unsigned char *, apr_uint32_t),
                               int (*seen)(const unsigned char *, const void *, apr_size_t, void *),
                               void *data, apr_pool_t *scratch, void *context)
{
    (void)whose, (void)scratch, (void)context;
    for (int i = 0; i < CACHE_MOST; i++) {
        if (cache[i].length && wanted(data, cache[i].data, (apr_uint32_t)cache[i].length) &&
            seen(cache[i].key, cache[i].data, cache[i].length, data)) {
            break;
        }
    }
    return APR_SUCCESS;
}

static const mq_session_cache_t sessions = {
    cache_put, cache_get, cache_renew, cache_drop, cache_each, CACHE_MOST, NULL, NULL, 0};
static mq_core_t core = {.store = &store, .sessions = &sessions};
static mq_visit_t visit = {.core = &core, .address = "192.0.2.1", .agent = "Test"};

/* ---- what a scope shows ---- */

static mq_scope_t scope_of(apr_int64_t tenant, apr_pool_t *lives_in)
{
    mq_scope_t sc = {.actor = {.name = "", .address = ""}, .place = {.tenant_name = ""}};
    sc.core = &core;
    sc.place.loan = mq_loan_make(&store, tenant, lives_in);
    return sc;
}

/* A person of this id lives in both organisations. */
static void expect_own(const mq_scope_t *sc, apr_int64_t tenant, const char *who)
{
    mq_rows_t rows;
    const char *name;
    if (mq_db_select_one(&rows, sc, MQ_SQL_PERSON_STANDING, MQ_PARAMS(mq_bind_id(&shared_id))) !=
        APR_SUCCESS) {
        expect(0, apr_pstrcat(pool, who, " sees the own person", NULL));
        return;
    }
    name = mq_rows_text(&rows, MQ_PERSON_STANDING_NAME, pool);
    if (strcmp(name, canary_of(tenant)) != 0) {
        faults++;
        printf("LEAK %s sees %s\n", who, name);
    }
    expect(lender.db->tenant == tenant, apr_pstrcat(pool, who, " has the own connection", NULL));
    expect(mq_scope_chain(sc) == tenant, apr_pstrcat(pool, who, " writes the own chain", NULL));
    mq_rows_close(&rows);
}

static void expect_write(const mq_scope_t *sc, apr_int64_t tenant, const char *language)
{
    apr_int64_t other = tenant == TENANT_A ? TENANT_B : TENANT_A;
    const char *before = language_of(other);
    apr_status_t rv = mq_db_begin(sc);
    if (rv == APR_SUCCESS) {
        rv = mq_db_change(NULL, sc, MQ_SQL_USER_LANGUAGE_SET,
                          MQ_PARAMS(mq_bind_text(language), mq_bind_id(&shared_id)));
    }
    if (rv == APR_SUCCESS) {
        rv = mq_db_commit(sc);
    } else {
        mq_db_rollback(sc);
    }
    expect(rv == APR_SUCCESS && strcmp(language_of(tenant), language) == 0,
           "a person's own row is written");
    if (strcmp(language_of(other), before) != 0) {
        faults++;
        printf("LEAK a row of another organisation was written\n");
    }
}

/* ---- lending ---- */

static void try_turns(void)
{
    for (int i = 0; i < 6; i++) {
        apr_int64_t tenant = i % 2 ? TENANT_B : TENANT_A;
        mq_scope_t sc = scope_of(tenant, pool);
        expect_own(&sc, tenant, "who borrows");
        expect_write(&sc, tenant, i % 4 < 2 ? "fr" : "en");
        expect_own(&sc, tenant, "who has written");
        mq_db_give_back(&sc);
        expect(!lender.broken, "an orderly loan keeps the connection");
        expect_own(&sc, tenant, "who borrows again");
        mq_db_give_back(&sc);
    }
}

static void try_disorder(void)
{
    const char *before = language_of(TENANT_A);
    mq_scope_t sc = scope_of(TENANT_A, pool);
    mq_rows_t rows;
    apr_pool_t *short_pool;

    (void)mq_db_select_one(&rows, &sc, MQ_SQL_PERSON_STANDING, MQ_PARAMS(mq_bind_id(&shared_id)));
    mq_db_give_back(&sc);
    expect(lender.broken, "a connection with open rows is not lent again");

    (void)mq_db_begin(&sc);
    (void)mq_db_change(NULL, &sc, MQ_SQL_USER_LANGUAGE_SET,
                       MQ_PARAMS(mq_bind_text("xx"), mq_bind_id(&shared_id)));
    mq_db_give_back(&sc);
    expect(strcmp(language_of(TENANT_A), before) == 0, "what is not committed is undone");
    expect(lender.lent == 0 && !lender.broken, "who gives back no longer writes");

    expect_own(&sc, TENANT_A, "who borrows after disorder");
    lender.db->tenant = TENANT_B;
    mq_db_give_back(&sc);
    expect(lender.broken, "a connection that came to another organisation is not lent again");

    expect_own(&sc, TENANT_A, "who borrows after that");
    sc.place.loan->is_reading = 0;
    mq_db_give_back(&sc);
    expect(lender.broken, "a connection inside a transaction is not lent again");

    (void)mq_db_begin(&sc);
    (void)mq_db_select_one(&rows, &sc, MQ_SQL_PERSON_STANDING, MQ_PARAMS(mq_bind_id(&shared_id)));
    (void)mq_db_change(NULL, &sc, MQ_SQL_USER_LANGUAGE_SET, MQ_NO_PARAMS);
    mq_db_rollback(&sc);
    expect(lender.broken && lender.lent == 0, "nobody writes where rows were left open");
    expect(strncmp(mq_db_failed(pool), "commit", 6) != 0,
           "the log is told which statement failed, not what was undone for it");

    (void)mq_db_begin(&sc);
    (void)mq_db_change(NULL, &sc, MQ_SQL_USER_LANGUAGE_SET,
                       MQ_PARAMS(mq_bind_text("xx"), mq_bind_id(&shared_id)));
    lender.db->tenant = TENANT_B;
    expect(mq_db_commit(&sc) == MQ_EBUG && lender.broken &&
               strcmp(language_of(TENANT_A), before) == 0,
           "what came to another organisation is not committed");

    (void)mq_db_begin(&sc);
    (void)sqlite3_exec(mq_sqlite_of(lender.db)->sqlite, "ROLLBACK", NULL, NULL, NULL);
    expect(mq_db_change(NULL, &sc, MQ_SQL_USER_LANGUAGE_SET,
                        MQ_PARAMS(mq_bind_text("xx"), mq_bind_id(&shared_id))) == MQ_EBUG &&
               mq_db_commit(&sc) != APR_SUCCESS && strcmp(language_of(TENANT_A), before) == 0,
           "after an error that rolled back nothing is kept alone");

    (void)mq_db_snapshot(&sc);
    expect_own(&sc, TENANT_A, "who looks at a snapshot");
    mq_db_give_back(&sc);
    expect(!lender.broken, "a snapshot ends with the loan");

    (void)apr_pool_create(&short_pool, pool);
    sc = scope_of(TENANT_B, short_pool);
    expect_own(&sc, TENANT_B, "who forgets to give back");
    apr_pool_destroy(short_pool);
    expect(lender.lent == 0, "the pool gives back what was forgotten");
}

/* A statement in the place of one of another type, past the compiler. */
#define DISGUISED(statement) ((const void *)(statement))

/* A statement runs for a scope of its kind, with its parameters, once at a time. */
static void try_misuse(void)
{
    mq_scope_t sc = scope_of(TENANT_A, pool);
    mq_scope_t nobody = scope_of(MQ_NO_TENANT, pool);
    mq_system_t system = {.loan = mq_loan_make(&store, MQ_NO_TENANT, pool)};
    mq_rows_t rows;
    mq_rows_t second;
    apr_status_t rv;

    rv = mq_db_select(&rows, &nobody, MQ_SQL_USER_VIEW, MQ_PARAMS(mq_bind_id(&shared_id)));
    expect(rv == MQ_EBUG, "nobody runs an organisation's statement");
    mq_db_give_back(&nobody);
    rv = mq_db_select(&rows, &sc, DISGUISED(MQ_SQL_TENANT_BY_NAME),
                      MQ_PARAMS(mq_bind_text("canary-b")));
    expect(rv == MQ_EBUG, "an organisation runs no system statement");
    rv = mq_db_select(&rows, &sc, MQ_SQL_USER_VIEW, MQ_NO_PARAMS);
    expect(rv == MQ_EBUG, "a parameter too few is refused");
    rv = mq_db_select(&rows, &sc, MQ_SQL_USER_VIEW, MQ_PARAMS(mq_bind_int(TENANT_B)));
    expect(rv == MQ_EBUG, "a parameter of another kind is refused");
    rv = mq_db_change(NULL, &sc, MQ_SQL_USER_LANGUAGE_SET,
                      MQ_PARAMS(mq_bind_text("xx"), mq_bind_id(&shared_id)));
    expect(rv == MQ_EBUG, "nothing is written outside a transaction");
    rv = mq_db_select(&rows, &sc, DISGUISED(MQ_SQL_USER_LANGUAGE_SET),
                      MQ_PARAMS(mq_bind_text("xx"), mq_bind_id(&shared_id)));
    expect(rv == MQ_EBUG, "what writes is not read");
    (void)mq_db_select_one(&rows, &sc, MQ_SQL_USER_VIEW, MQ_PARAMS(mq_bind_id(&shared_id)));
    rv = mq_db_select(&second, &sc, MQ_SQL_USER_VIEW, MQ_PARAMS(mq_bind_id(&shared_id)));
    expect(rv == MQ_EBUG, "a statement that is being read does not begin anew");
    mq_rows_close(&rows);
    mq_db_give_back(&sc);

    rv = mq_db_system_select(&rows, &system, DISGUISED(MQ_SQL_OWNER_HEADS), MQ_NO_PARAMS);
    expect(rv == MQ_EBUG && strstr(mq_db_failed(pool), "of another kind"),
           "the system runs no statement of the owner's");
    rv = mq_db_system_select(&rows, &system, MQ_SQL_TENANT_BY_NAME,
                             MQ_PARAMS(mq_bind_text("canary-b")));
    expect(rv == APR_SUCCESS && mq_rows_next(&rows) == APR_SUCCESS &&
               mq_rows_int(&rows, MQ_TENANT_BY_NAME_TENANT_ID) == TENANT_B,
           "the system finds an organisation");
    expect(lender.db->tenant == MQ_NO_TENANT, "the system is no organisation");
    mq_rows_close(&rows);
    mq_db_system_give_back(&system);
}

static void try_groups(void)
{
    mq_group_t *group;
    mq_scope_t a = scope_of(TENANT_A, pool);
    mq_scope_t b = scope_of(TENANT_B, pool);
    for (int keep = 1; keep >= 0; keep--) {
        const char *before_a = language_of(TENANT_A);
        const char *before_b = language_of(TENANT_B);
        if (mq_db_group_begin(&group, &store, pool) != APR_SUCCESS) {
            expect(0, "a group begins");
            return;
        }
        mq_db_group_join(group, &a);
        mq_db_group_join(group, &b);
        for (int i = 0; i < 4; i++) {
            mq_scope_t *sc = i % 2 ? &b : &a;
            (void)mq_db_begin(sc);
            (void)mq_db_change(
                NULL, sc, MQ_SQL_USER_LANGUAGE_SET,
                MQ_PARAMS(mq_bind_text(i % 2 ? "b1" : "a1"), mq_bind_id(&shared_id)));
            expect_own(sc, i % 2 ? TENANT_B : TENANT_A, "who shares a transaction");
            (void)mq_db_commit(sc);
        }
        mq_db_group_leave(&a);
        expect(lender.db->tenant == MQ_NO_TENANT, "who leaves a group takes the own rows along");
        mq_db_group_leave(&b);
        (void)mq_db_group_end(group, keep);
        expect(!lender.broken && lender.lent == 0, "a group gives its connection back");
        expect(strcmp(language_of(TENANT_A), keep ? "a1" : before_a) == 0 &&
                   strcmp(language_of(TENANT_B), keep ? "b1" : before_b) == 0,
               "a group's changes are each its own organisation's, all or none");
        by_owner("UPDATE users SET language = 'en'");
    }
    (void)mq_db_group_begin(&group, &store, pool);
    mq_db_group_join(group, &a);
    (void)mq_db_begin(&a);
    mq_db_rollback(&a);
    mq_db_group_leave(&a);
    expect(mq_db_group_end(group, 1) == MQ_ECONFLICT, "one that rolls back spoils the group");
}

/* ---- the other side of a partnership ---- */

static apr_status_t side_of(mq_scope_t *sc, apr_int64_t *tenant_out, const mq_id_t *id)
{
    const mq_scope_t *other = NULL;
    mq_partner_state_t state = MQ_PARTNER_ENDED;
    apr_status_t rv = mq_side_of(&other, &state, sc, id);
    *tenant_out = rv == APR_SUCCESS ? mq_scope_chain(other) : MQ_NO_TENANT;
    if (rv == APR_SUCCESS) {
        expect(state == MQ_PARTNER_ACTIVE, "how it is with the other side is told");
        expect(mq_id_is_nil(mq_scope_user(other)) && mq_scope_roles(other) == 0,
               "who acts on the other side has no account and no role there");
        expect_own((mq_scope_t *)(void *)other, *tenant_out, "the other side");
    }
    return rv;
}

static apr_status_t side_of_code(const mq_scope_t *sc, apr_int64_t *tenant_out, const char *code)
{
    const mq_scope_t *other = NULL;
    apr_status_t rv = mq_side_of_code(&other, sc, code);
    *tenant_out = rv == APR_SUCCESS ? mq_scope_chain(other) : MQ_NO_TENANT;
    return rv;
}

static void try_sides(void)
{
    static const mq_id_t ours = {{1}};
    static const mq_id_t of_others = {{2}};
    static const mq_id_t made = {{3}};
    const mq_scope_t *other = NULL;
    mq_group_t *group = NULL;
    apr_int64_t tenant;
    mq_scope_t a = scope_of(TENANT_A, pool);
    mq_scope_t b = scope_of(TENANT_B, pool);
    by_owner("UPDATE tenants SET connection_code = 'A' WHERE tenant_id = 1001;"
             "UPDATE tenants SET connection_code = 'B' WHERE tenant_id = 2002;"
             "INSERT INTO partnerships (id, low, high, state) VALUES "
             "(x'01000000000000000000000000000000', 1001, 2002, 2),"
             "(x'02000000000000000000000000000000', 2002, 3003, 2)");
    expect(side_of(&a, &tenant, &ours) == MQ_EBUG, "there is no other side on its own");
    (void)mq_db_group_begin(&group, &store, pool);
    mq_db_group_join(group, &a);
    mq_db_group_join(group, &b);
    expect(side_of(&a, &tenant, &ours) == MQ_EBUG, "nor before a transaction is begun");
    (void)mq_db_begin(&a);
    expect(side_of(&a, &tenant, &ours) == APR_SUCCESS && tenant == TENANT_B, "A has B beside it");
    expect_own(&a, TENANT_A, "who has somebody beside it");
    expect(side_of(&a, &tenant, &of_others) == MQ_ENOTFOUND, "others' partnership is none");
    expect(side_of_code(&a, &tenant, "B") == APR_SUCCESS && tenant == TENANT_B,
           "a code leads to its organisation");
    expect(side_of_code(&a, &tenant, "A") == MQ_ENOTFOUND, "one's own code leads nowhere");
    expect(side_of_code(&a, &tenant, "C") == MQ_ENOTFOUND, "a wrong code leads nowhere");
    (void)mq_db_begin(&b);
    expect(side_of(&b, &tenant, &ours) == APR_SUCCESS && tenant == TENANT_A, "B has A beside it");
    expect(mq_side_move(&a, &ours, MQ_PARTNER_ACTIVE, MQ_PARTNER_ENDED) == APR_SUCCESS &&
               mq_side_move(&a, &ours, MQ_PARTNER_ACTIVE, MQ_PARTNER_ENDED) == MQ_ECONFLICT,
           "a partnership is moved from where it is");
    (void)mq_side_of_code(&other, &b, "A");
    expect(mq_side_join(&b, other, &made) == APR_SUCCESS, "two are joined");
    expect(mq_side_join(&b, other, &of_others) == MQ_ECONFLICT, "and once");
    mq_db_sides_end(&a, 1);
    mq_db_sides_end(&b, 1);
    (void)mq_db_commit(&a);
    (void)mq_db_commit(&b);
    mq_db_group_leave(&a);
    mq_db_group_leave(&b);
    expect(mq_db_group_end(group, 1) == APR_SUCCESS && !lender.broken && lender.lent == 0,
           "the sides' connection goes back");
    expect(strcmp(owner_reads("SELECT group_concat(hex(substr(id, 1, 1)) || ' ' || low || ' ' || "
                              "high || ' ' || state) FROM partnerships WHERE low = 1001"),
                  "01 1001 2002 4,03 1001 2002 1") == 0,
           "what was done beside is kept with the rest");
    (void)mq_db_group_begin(&group, &store, pool);
    mq_db_group_join(group, &a);
    (void)mq_db_begin(&a);
    (void)side_of_code(&a, &tenant, "B");
    mq_db_sides_end(&a, 0);
    (void)mq_db_commit(&a);
    mq_db_group_leave(&a);
    expect(mq_db_group_end(group, 1) == MQ_ECONFLICT, "a side that fails undoes all");
    by_owner("UPDATE tenants SET status = 2 WHERE tenant_id = 2002");
    (void)mq_db_group_begin(&group, &store, pool);
    mq_db_group_join(group, &a);
    (void)mq_db_begin(&a);
    expect(side_of_code(&a, &tenant, "B") == MQ_ENOTFOUND, "nor does a suspended one's");
    mq_db_sides_end(&a, 0);
    mq_db_rollback(&a);
    mq_db_group_leave(&a);
    (void)mq_db_group_end(group, 0);
    expect(strcmp(mq_side_counter(&a), "1001") == 0, "tries are one's own organisation's");
    by_owner("UPDATE tenants SET status = 1, connection_code = NULL; DELETE FROM partnerships");
}

/* Both sides of a partnership are read in one state, and neither writes. */
static void try_reading(void)
{
    static const mq_id_t ours = {{1}};
    mq_group_t *group = NULL;
    apr_int64_t tenant;
    mq_scope_t a = scope_of(TENANT_A, pool);
    by_owner("INSERT INTO partnerships (id, low, high, state) VALUES "
             "(x'01000000000000000000000000000000', 1001, 2002, 2)");
    expect(mq_db_group_read_begin(&group, &a) == APR_SUCCESS, "both sides are read");
    mq_db_group_join(group, &a);
    expect(side_of(&a, &tenant, &ours) == APR_SUCCESS && tenant == TENANT_B,
           "A has B beside it while it reads");
    expect_own(&a, TENANT_A, "who reads with somebody beside it");
    expect(mq_side_move(&a, &ours, MQ_PARTNER_ACTIVE, MQ_PARTNER_ENDED) == MQ_EBUG,
           "nobody writes beside who reads");
    expect(mq_db_begin(&a) == MQ_EBUG, "nor does who reads");
    mq_db_sides_end(&a, 1);
    mq_db_group_leave(&a);
    mq_db_group_read_end(group);
    expect(!lender.broken && lender.lent == 0, "what was read with goes back");
    expect(strcmp(owner_reads("SELECT state FROM partnerships"), "2") == 0, "nothing is changed");
    by_owner("DELETE FROM partnerships");
}

/* ---- guests ---- */

static mq_id_t reader; /* who asks for a guest */

/* The same share, as one of a page of what is shared with A. */
static apr_status_t minted_of_page(const mq_id_t **patient_out, const mq_scope_t *a)
{
    apr_array_header_t *links = apr_array_make(pool, 4, sizeof(mq_guest_link_t));
    mq_guest_sides_t *sides = mq_guest_sides_make(pool);
    const mq_guest_t *guest;
    mq_share_t share;
    apr_status_t rv = mq_guest_links_read(links, sides, a, NULL, 9);
    *patient_out = NULL;
    for (int i = 0; rv == APR_SUCCESS && i < links->nelts; i++) {
        const mq_guest_link_t *link = &APR_ARRAY_IDX(links, i, mq_guest_link_t);
        if (mq_id_equal(&link->id, &shared_id)) {
            rv = mq_guest_mint_link(&guest, &share, sides, a, link);
            if (rv == APR_SUCCESS) {
                *patient_out = mq_guest_patient(guest);
            }
            return rv;
        }
    }
    return rv == APR_SUCCESS ? MQ_ENOTFOUND : rv;
}

/* Mint a guest of B for A, and see whom it sees. */
static apr_status_t minted(const char **name_out, int *notes_out)
{
    mq_scope_t a = scope_of(TENANT_A, pool);
    const mq_guest_t *guest = NULL;
    mq_group_t *group = NULL;
    const mq_id_t *of_page;
    mq_share_t share;
    mq_rows_t rows;
    apr_status_t rv;
    a.now = visit.now;
    a.actor.user = reader;
    *name_out = "";
    *notes_out = 0;
    (void)mq_db_group_begin(&group, &store, pool);
    mq_db_group_join(group, &a);
    (void)mq_db_begin(&a);
    rv = mq_guest_mint(&guest, &share, mq_guest_sides_make(pool), &a, &shared_id);
    expect(minted_of_page(&of_page, &a) == rv, "a share of a page is judged as one alone");
    if (rv == APR_SUCCESS) {
        expect(of_page && mq_id_equal(of_page, mq_guest_patient(guest)),
               "a guest of a page sees the patient of its share");
        expect(mq_scope_chain(share.owner) == TENANT_B, "a share's owner is the other side");
        if (mq_db_guest_select(&rows, guest, MQ_SQL_GUEST_BRIEF, MQ_NO_PARAMS) == APR_SUCCESS) {
            expect(lender.db->tenant == MQ_NO_TENANT, "no organisation is entered by a guest");
            expect(mq_sqlite_of(lender.db)->guest_tenant == TENANT_B &&
                       mq_id_equal(&mq_sqlite_of(lender.db)->guest.patient, &shared_id),
                   "a guest enters the patient of the share");
            expect(!has_wall(lender.db) || !*seen_by(lender.db, "SELECT name FROM users"),
                   "who is no guest sees nothing beside one");
            while (mq_rows_next(&rows) == APR_SUCCESS) {
                *name_out = mq_rows_text(&rows, MQ_GUEST_BRIEF_NAME, pool);
            }
        }
        if (mq_db_guest_select(&rows, guest, MQ_SQL_GUEST_CHART, MQ_PARAMS(mq_bind_int(9))) ==
            APR_SUCCESS) {
            while (mq_rows_next(&rows) == APR_SUCCESS) {
                (*notes_out)++;
            }
        }
        expect_own(&a, TENANT_A, "who has a guest beside it");
    }
    mq_db_sides_end(&a, 0);
    mq_db_rollback(&a);
    mq_db_group_leave(&a);
    (void)mq_db_group_end(group, 0);
    expect(!lender.broken && lender.lent == 0 &&
               mq_sqlite_of(lender.db)->guest_tenant == MQ_NO_TENANT,
           "a guest leaves nothing behind");
    return rv;
}

/* What a guest's connection gives to SQL that forgets everything: a number, or -1. */
static int guest_counts(mq_db_t *db, const char *sql, int is_guest, const char *writes)
{
    const mq_sql_row_t row = {.label = "guest",
                              .sqlite = sql,
                              .kinds = "",
                              .writes = writes,
                              .tenant = 1,
                              .guest = is_guest};
    sqlite3_stmt *statement = NULL;
    int found = -1;
    if (mq_guard_prepare(&statement, mq_sqlite_of(db), &row) == SQLITE_OK) {
        mq_sqlite_of(db)->current = &row;
        found = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -2;
        mq_sqlite_of(db)->current = NULL;
    }
    (void)sqlite3_finalize(statement);
    return found;
}

/* What became of a referral is for whoever has its share, and for the patient that it is of. */
static void try_guest_referral(mq_db_t *db, const char *table)
{
    const mq_id_t other_id = {{0x33}};
    const mq_guest_key_t keys[] = {
        {.patient = shared_id, .share = shared_id, .parts = MQ_SHARE_ALL},
        {.patient = shared_id, .share = other_id, .parts = MQ_SHARE_ALL},
        {.patient = other_id, .share = shared_id, .parts = MQ_SHARE_ALL},
        {.patient = shared_id, .share = shared_id, .parts = 0}};
    const char *sql = apr_pstrcat(pool, "SELECT count(*) FROM guest_", table, NULL);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        (void)db->engine->enter_guest(db, TENANT_B, &keys[i]);
        expect((guest_counts(db, sql, 1, "") > 0) == (i == 0),
               apr_pstrcat(pool, "a guest sees the referral of its share alone: ", table, NULL));
    }
}

/* Notes that were chosen one by one, and what is added to them: by this share, of this patient, in
 * this organisation. 0xc1 is chosen, with 0xd1 added to it; 0xc2, with 0xd2, by another share, for
 * another patient and by another organisation; 0xc3 is a draft, 0xc4 another patient's. */
static void try_guest_chosen(mq_db_t *db)
{
    enum { CHOSEN = MQ_SHARE_PERSON | MQ_SHARE_LISTS | MQ_SHARE_CHOSEN };
    const mq_id_t other_id = {{0x33}};
    const struct {
        mq_guest_key_t key;
        const char *seen; /* of the six */
        int rows;         /* of what was chosen */
    } shown[] = {
        {{.patient = shared_id, .share = shared_id, .parts = CHOSEN}, "c1 d1", 4},
        {{.patient = shared_id, .share = other_id, .parts = CHOSEN}, "c2 d2", 1},
        {{.patient = other_id, .share = shared_id, .parts = CHOSEN}, "", 1},
        {{.patient = shared_id, .share = shared_id, .parts = MQ_SHARE_ALL}, "c1 c2 d1 d2", 0},
        {{.patient = shared_id, .share = shared_id, .parts = 3}, "", 0}};
    static const char *const notes[] = {"c1", "c2", "c3", "c4", "d1", "d2"};
    by_owner(
        "PRAGMA foreign_keys = OFF;"
        "INSERT INTO patient_notes (tenant_id, patient_id, id, author_id, content, created_at, "
        "status, parent_id) SELECT 2002, CASE id WHEN x'c4' THEN x'88' ELSE "
        "x'11111111111111111111111111111111' END, id, x'0e', 'canary-b', 8, CASE id WHEN "
        "x'c3' THEN 1 ELSE 2 END, parent FROM (SELECT x'c1' AS id, NULL AS parent UNION ALL "
        "SELECT x'c2', NULL UNION ALL SELECT x'c3', NULL UNION ALL SELECT x'c4', NULL UNION "
        "ALL SELECT x'd1', x'c1' UNION ALL SELECT x'd2', x'c2');"
        "INSERT INTO share_notes (tenant_id, patient_id, id, share_id, note, note_at) "
        "SELECT tenant, patient, note || share, share, note, 8 FROM ("
        "SELECT 2002 AS tenant, x'11111111111111111111111111111111' AS patient, "
        "x'11111111111111111111111111111111' AS share, x'c1' AS note UNION ALL "
        "SELECT 2002, x'11111111111111111111111111111111', "
        "x'11111111111111111111111111111111', x'c3' UNION ALL "
        "SELECT 2002, x'11111111111111111111111111111111', "
        "x'11111111111111111111111111111111', x'c4' UNION ALL "
        "SELECT 2002, x'11111111111111111111111111111111', "
        "x'33000000000000000000000000000000', x'c2' UNION ALL "
        "SELECT 2002, x'33000000000000000000000000000000', "
        "x'11111111111111111111111111111111', x'c2' UNION ALL "
        "SELECT 1001, x'11111111111111111111111111111111', "
        "x'11111111111111111111111111111111', x'c2')");
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        (void)db->engine->enter_guest(db, TENANT_B, &shown[i].key);
        for (size_t n = 0; n < sizeof notes / sizeof *notes; n++) {
            int seen = guest_counts(
                db,
                apr_psprintf(pool, "SELECT count(*) FROM guest_patient_notes WHERE id = x'%s'",
                             notes[n]),
                1, "");
            expect(seen == (strstr(shown[i].seen, notes[n]) != NULL),
                   apr_psprintf(pool, "of notes that were chosen a guest sees these, %s in case %d",
                                notes[n], (int)i));
        }
        expect(guest_counts(db, "SELECT count(*) FROM guest_share_notes", 1, "") == shown[i].rows,
               "a guest sees what was chosen for its share");
    }
    by_owner("DELETE FROM share_notes WHERE note_at = 8;"
             "DELETE FROM patient_notes WHERE created_at = 8");
}

/* Who has written what the guest sees: of the patient, in its parts, and no draft. Five people:
 * of each part one, of a draft, and of another patient's note. */
static void try_guest_authors(mq_db_t *db)
{
    static const struct {
        int parts;
        const char *seen; /* of "abcde" */
    } shown[] = {{MQ_SHARE_PERSON, "a"},
                 {MQ_SHARE_PERSON | MQ_SHARE_LISTS, "ab"},
                 {MQ_SHARE_ALL, "abc"},
                 {0, ""}};
    mq_guest_key_t key = {.patient = shared_id};
    by_owner(
        "PRAGMA foreign_keys = OFF;"
        "UPDATE patients SET updated_by = x'0a' WHERE id = x'11111111111111111111111111111111';"
        "UPDATE chart_items SET updated_by = x'0b' "
        "WHERE patient_id = x'11111111111111111111111111111111';"
        "UPDATE patient_notes SET author_id = CASE WHEN patient_id <> "
        "x'11111111111111111111111111111111' THEN x'0e' WHEN status = 1 THEN x'0d' "
        "ELSE x'0c' END;"
        "INSERT INTO patient_notes (tenant_id, patient_id, id, author_id, content, created_at, "
        "status) VALUES (2002, x'88', x'88', x'0e', 'canary-b', 1, 2)");
    for (int i = 0; i < 5; i++) {
        by_owner(apr_psprintf(pool,
                              "INSERT INTO users (tenant_id, id, version, email, email_key, name, "
                              "roles, status, password, session_epoch, created_at) VALUES (2002, "
                              "x'0%c', 1, '%c', '%c', '%c', 1, 1, '', 0, 7)",
                              "abcde"[i], "abcde"[i], "abcde"[i], "abcde"[i]));
    }
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        key.parts = shown[i].parts;
        (void)db->engine->enter_guest(db, TENANT_B, &key);
        for (int who = 0; who < 5; who++) {
            int is_seen = guest_counts(db,
                                       apr_psprintf(pool,
                                                    "SELECT count(*) FROM guest_users "
                                                    "WHERE name = '%c'",
                                                    "abcde"[who]),
                                       1, "");
            expect(is_seen == (strchr(shown[i].seen, "abcde"[who]) != NULL),
                   "a guest sees who has written what it sees, and nobody else");
        }
    }
    by_owner("UPDATE patients SET updated_by = x'11111111111111111111111111111111';"
             "UPDATE chart_items SET updated_by = x'11111111111111111111111111111111';"
             "UPDATE patient_notes SET author_id = x'11111111111111111111111111111111';"
             "DELETE FROM patient_notes WHERE id = x'88';"
             "DELETE FROM users WHERE created_at = 7");
}

static void try_guest_wall(void)
{
    static const char *const refused[] = {
        "SELECT count(*) FROM main.patients",   "SELECT count(name) FROM patients",
        "SELECT count(email) FROM guest_users", "SELECT count(*) FROM guest_tenants",
        "SELECT count(name) FROM tenants",      "SELECT count(*) FROM main.users"};
    static const struct {
        int parts;
        int patients;
        int items;
        int notes;
    } shown[] = {{MQ_SHARE_PERSON, 1, 0, 0},
                 {MQ_SHARE_PERSON | MQ_SHARE_LISTS, 1, 1, 0},
                 {MQ_SHARE_ALL, 1, 1, 1},
                 {0, 0, 0, 0}};
    const char *unlike = " WHERE tenant_id <> 2002 OR "
                         "patient_id <> x'11111111111111111111111111111111'";
    mq_guest_key_t key = {.patient = shared_id};
    mq_db_t *db = lender.db;
    if (!has_wall(db)) {
        return;
    }
    expect(guest_counts(db, "SELECT count(*) FROM guest_patients", 1, "") <= 0,
           "a connection that nobody has entered shows a guest nothing");
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        key.parts = shown[i].parts;
        (void)db->engine->enter_guest(db, TENANT_B, &key);
        expect(guest_counts(db, "SELECT count(*) FROM guest_patients", 1, "") == shown[i].patients,
               "a guest sees one patient");
        expect((guest_counts(db, "SELECT count(*) FROM guest_chart_items", 1, "") > 0) ==
                       shown[i].items &&
                   guest_counts(
                       db,
                       apr_pstrcat(pool, "SELECT count(*) FROM guest_chart_items", unlike, NULL), 1,
                       "") == 0,
               "a guest sees the lists of one patient, where they are shared");
        expect((guest_counts(db, "SELECT count(*) FROM guest_patient_notes", 1, "") > 0) ==
                       shown[i].notes &&
                   guest_counts(db,
                                apr_pstrcat(pool, "SELECT count(*) FROM guest_patient_notes",
                                            unlike, " OR status = 1", NULL),
                                1, "") == 0,
               "a guest sees the notes of one patient, where they are shared, and no draft");
        expect(guest_counts(db, "SELECT count(*) FROM guest_users WHERE tenant_id <> 2002", 1,
                            "") == 0,
               "a guest sees who has written in one organisation");
        for (size_t n = 0; n < sizeof refused / sizeof *refused; n++) {
            expect(guest_counts(db, refused[n], 1, "") == -1,
                   apr_pstrcat(pool, "a guest is refused: ", refused[n], NULL));
        }
        expect(guest_counts(db, "UPDATE main.patients SET name = 'x'", 1, "patients") == -1,
               "a guest changes nothing");
        expect(guest_counts(db, "SELECT count(*) FROM guest_patients", 0, "") == -1,
               "who is no guest does not see as one");
    }
    try_guest_authors(db);
    try_guest_chosen(db);
    try_guest_referral(db, "referrals");
    try_guest_referral(db, "referral_steps");
    (void)db->engine->enter(db, MQ_NO_TENANT);
}

/* One thing that forbids it, and back. */
static void try_forbidden(const char *what, const char *change, const char *back)
{
    const char *name;
    int items;
    by_owner(change);
    expect(minted(&name, &items) == MQ_ENOTFOUND && !*name,
           apr_pstrcat(pool, "no guest: ", what, NULL));
    by_owner(back);
    expect(minted(&name, &items) == APR_SUCCESS && strcmp(name, "canary-b") == 0,
           apr_pstrcat(pool, "a guest again after: ", what, NULL));
}

/* The same patient, without a consent: somebody of A has opened them in an emergency. */
static void try_emergencies(void)
{
    const char *name;
    int items;
    reader = shared_id;
    by_owner("UPDATE consents SET share_id = x'77777777777777777777777777777777' WHERE "
             "tenant_id = 2002 AND share_id = x'11111111111111111111111111111111';"
             "UPDATE partners SET allows_emergency = 1, state = 2;"
             "UPDATE emergencies SET opened_at = 0, until_at = 9000000000000000;"
             "UPDATE emergency_uses SET account_version = (SELECT version FROM users u WHERE "
             "u.tenant_id = emergency_uses.tenant_id AND u.id = emergency_uses.user_id)");
    expect(minted(&name, &items) == APR_SUCCESS && strcmp(name, "canary-b") == 0 && items > 0,
           "a guest sees the patient of an emergency");
    memcpy(reader.bytes, "somebody else...", sizeof reader.bytes);
    expect(minted(&name, &items) == MQ_ENOTFOUND, "no guest: of another one's emergency");
    reader = shared_id;
    try_forbidden("of an emergency that has ended", "UPDATE shares SET state = 2",
                  "UPDATE shares SET state = 1");
    try_forbidden("of an emergency of somebody else's",
                  "UPDATE shares SET partner_id = x'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' "
                  "WHERE tenant_id = 2002",
                  "UPDATE shares SET partner_id = x'11111111111111111111111111111111' "
                  "WHERE tenant_id = 2002 AND id = x'11111111111111111111111111111111'");
    try_forbidden("after the hour", "UPDATE emergencies SET until_at = 1000",
                  "UPDATE emergencies SET until_at = 9000000000000000");
    try_forbidden("before it was opened", "UPDATE emergencies SET opened_at = 8000000000000000",
                  "UPDATE emergencies SET opened_at = 0");
    try_forbidden("that the owner does not allow",
                  "UPDATE partners SET allows_emergency = 0 WHERE tenant_id = 2002",
                  "UPDATE partners SET allows_emergency = 1");
    try_forbidden("that the reader's side does not allow",
                  "UPDATE partners SET allows_emergency = 0 WHERE tenant_id = 1001",
                  "UPDATE partners SET allows_emergency = 1");
    try_forbidden("of a link that rests, as the owner has it",
                  "UPDATE partners SET state = 3 WHERE tenant_id = 2002",
                  "UPDATE partners SET state = 2");
    try_forbidden("of a link that rests, as the reader has it",
                  "UPDATE partners SET state = 3 WHERE tenant_id = 1001",
                  "UPDATE partners SET state = 2");
    try_forbidden("whose reader is not as they were",
                  "UPDATE users SET version = version + 1 WHERE tenant_id = 1001",
                  "UPDATE users SET version = version - 1 WHERE tenant_id = 1001");
    try_forbidden("of an emergency in a suspended organisation",
                  "UPDATE tenants SET status = 2 WHERE tenant_id = 2002",
                  "UPDATE tenants SET status = 1");
    by_owner("UPDATE partners SET state = 1; UPDATE consents SET share_id = "
             "x'11111111111111111111111111111111' WHERE tenant_id = 2002 AND share_id = "
             "x'77777777777777777777777777777777'");
}

static void try_guests(void)
{
    const char *name;
    int items;
    by_owner("INSERT INTO partnerships (id, low, high, state) VALUES "
             "(x'11111111111111111111111111111111', 1001, 2002, 2);"
             "UPDATE consents SET parts = 7, from_at = 0, until_at = 9000000000000000, state = 1;"
             "UPDATE shares SET state = 1");
    expect(minted(&name, &items) == APR_SUCCESS && strcmp(name, "canary-b") == 0 && items > 0,
           "a guest sees the patient of the share");
    try_forbidden("without a link",
                  "DELETE FROM shared_links WHERE tenant_id = 1001 AND "
                  "id = x'11111111111111111111111111111111'",
                  "INSERT INTO shared_links (tenant_id, id, partner_id) VALUES (1001, "
                  "x'11111111111111111111111111111111', x'11111111111111111111111111111111')");
    try_forbidden("while the partnership rests", "UPDATE partnerships SET state = 3",
                  "UPDATE partnerships SET state = 2");
    try_forbidden("of others' partnership", "UPDATE partnerships SET low = 1500",
                  "UPDATE partnerships SET low = 1001");
    try_forbidden("of a share that has ended", "UPDATE shares SET state = 2",
                  "UPDATE shares SET state = 1");
    try_forbidden("of a share with somebody else",
                  "UPDATE shares SET partner_id = x'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' "
                  "WHERE tenant_id = 2002",
                  "UPDATE shares SET partner_id = x'11111111111111111111111111111111' "
                  "WHERE tenant_id = 2002 AND id = x'11111111111111111111111111111111'");
    try_forbidden("of a consent that was withdrawn", "UPDATE consents SET state = 2",
                  "UPDATE consents SET state = 1");
    try_forbidden("of parts that are none", "UPDATE consents SET parts = 6",
                  "UPDATE consents SET parts = 7");
    try_forbidden("of all notes, and of some of them", "UPDATE consents SET parts = 15",
                  "UPDATE consents SET parts = 7");
    try_forbidden("after the last day", "UPDATE consents SET until_at = 1000",
                  "UPDATE consents SET until_at = 9000000000000000");
    try_forbidden("before the first day", "UPDATE consents SET from_at = 8000000000000000",
                  "UPDATE consents SET from_at = 0");
    try_forbidden("of a suspended organisation",
                  "UPDATE tenants SET status = 2 WHERE tenant_id = 2002",
                  "UPDATE tenants SET status = 1");
    try_forbidden(
        "when the owner's trail has seen its end",
        "INSERT INTO audit_heads (tenant_id, number, digest) VALUES (2002, 1, x'00');"
        "INSERT INTO audit_events (tenant_id, number, at, action, outcome, digest, address)"
        " VALUES (2002, 1, 9000000000000001, 1, 1, x'00', '')",
        "DELETE FROM audit_events; DELETE FROM audit_heads");
    try_emergencies();
    by_owner("UPDATE consents SET parts = 1");
    expect(minted(&name, &items) == APR_SUCCESS && (!has_wall(lender.db) || items == 0),
           "a guest sees no part that was not given");
    by_owner(
        "UPDATE patient_notes SET status = 2;"
        "INSERT INTO patient_notes (tenant_id, patient_id, id, author_id, content, created_at, "
        "status) VALUES (2002, x'11111111111111111111111111111111', "
        "x'77777777777777777777777777777777', x'11111111111111111111111111111111', "
        "'canary-b', 1, 1)");
    try_guest_wall();
    by_owner("DELETE FROM partnerships; DELETE FROM patient_notes WHERE created_at = 1;"
             "UPDATE patient_notes SET status = 1");
}

/* ---- scopes, sessions, links ---- */

static const mq_scope_t *anonymous_of(apr_int64_t tenant)
{
    const mq_scope_t *sc = NULL;
    int active = 0;
    (void)mq_scope_anonymous(&sc, &active, &visit, canary_of(tenant));
    expect(active, "an organisation that is not suspended is active");
    return sc;
}

static const char *log_in(apr_int64_t tenant)
{
    const mq_scope_t *sc = NULL;
    const char *cookie = "";
    if (mq_scope_enter(&sc, &visit, anonymous_of(tenant), &shared_id) != APR_SUCCESS) {
        expect(0, "a person enters");
        return cookie;
    }
    expect_own(sc, tenant, "who enters");
    expect(strcmp(sc->actor.name, canary_of(tenant)) == 0 &&
               strcmp(sc->place.tenant_name, canary_of(tenant)) == 0,
           "who enters has the own name and organisation");
    mq_db_give_back(sc);
    expect(mq_session_begin(&cookie, &visit, sc, NULL) == APR_SUCCESS, "a session begins");
    return cookie;
}

static mq_session_t *resolve(apr_int64_t tenant, const char *cookie)
{
    mq_session_t *session = NULL;
    if (mq_session_resolve(&session, &visit, cookie) != APR_SUCCESS) {
        expect(0, "a session resolves");
        return NULL;
    }
    if (strcmp(session->scope->actor.name, canary_of(tenant)) != 0 ||
        strcmp(session->scope->place.tenant_name, canary_of(tenant)) != 0) {
        faults++;
        printf("LEAK a session of %s is %s's\n", canary_of(tenant), session->scope->actor.name);
    }
    expect_own(session->scope, tenant, "a session");
    mq_db_give_back(session->scope);
    return session;
}

static apr_status_t resolves(const char *cookie)
{
    mq_session_t *session;
    mq_visit_t request = visit;
    apr_status_t rv;
    (void)apr_pool_create(&request.pool, pool);
    rv = mq_session_resolve(&session, &request, cookie);
    apr_pool_destroy(request.pool); /* a refused request gives back at its end */
    return rv;
}

static void expect_sessions(const mq_session_t *session, int count)
{
    apr_array_header_t *items = NULL;
    if (!session || mq_sessions_list(&items, &visit, session) != APR_SUCCESS) {
        expect(0, "sessions are listed");
        return;
    }
    expect(items->nelts == count, "the list of sessions shows all of one's own and no other");
}

/* The request's memory is another's soon: its texts are overwritten, and its zone goes with it. */
static void wipe(const char *text)
{
    memset((char *)(apr_uintptr_t)text, '?', strlen(text));
}

static void try_keeping(void)
{
    const apr_time_t noon = apr_time_from_sec(12 * 3600);
    apr_pool_t *longer;
    mq_visit_t request = visit;
    const mq_scope_t *sc;
    const mq_scope_t *kept;
    by_owner("UPDATE users SET language = 'fr' WHERE tenant_id = 2002;"
             "UPDATE tenants SET time_zone = 'Asia/Tokyo' WHERE tenant_id = 2002");
    (void)apr_pool_create(&longer, pool);
    (void)apr_pool_create(&request.pool, pool);
    expect(mq_scope_enter(&sc, &request, anonymous_of(TENANT_B), &shared_id) == APR_SUCCESS,
           "a person enters to be kept");
    mq_db_give_back(sc);
    kept = mq_scope_keep(sc, longer);
    wipe(mq_scope_user_name(sc));
    wipe(mq_scope_tenant_name(sc));
    wipe(mq_scope_manners(sc)->language);
    wipe(mq_scope_manners(sc)->time_zone);
    expect(strcmp(mq_scope_user_name(kept), "canary-b") == 0 &&
               strcmp(mq_scope_tenant_name(kept), "canary-b") == 0,
           "a scope that is kept says who and where without its request");
    expect(strcmp(mq_scope_manners(kept)->language, "fr") == 0 &&
               strcmp(mq_scope_manners(kept)->own_language, "fr") == 0 &&
               strcmp(mq_scope_manners(kept)->time_zone, "Asia/Tokyo") == 0,
           "a scope that is kept has its person's manners without its request");
    apr_pool_destroy(request.pool);
    expect(mq_zone_offset(mq_scope_manners(kept)->zone, noon) == 9 * 60,
           "a scope that is kept converts times without its request");
    expect_own(kept, TENANT_B, "a scope that is kept");
    apr_pool_destroy(longer);
    expect(lender.lent == 0, "a scope that is kept gives back at its end");
    by_owner("UPDATE users SET language = 'en' WHERE tenant_id = 2002;"
             "UPDATE tenants SET time_zone = 'UTC' WHERE tenant_id = 2002");
}

/* One's own session is known among the others by a scope that was kept, too. */
static void try_own_session(void)
{
    apr_array_header_t *items = NULL;
    int own = 0;
    mq_session_t session;
    (void)log_in(TENANT_A);
    session = *resolve(TENANT_A, log_in(TENANT_A));
    session.scope = mq_scope_keep(session.scope, pool);
    expect(mq_sessions_list(&items, &visit, &session) == APR_SUCCESS, "sessions are listed");
    for (int i = 0; items && i < items->nelts; i++) {
        own += APR_ARRAY_IDX(items, i, mq_session_item_t).is_this;
    }
    expect(own == 1, "one of a person's sessions is this one");
    memset(cache, 0, sizeof cache);
}

/* A person of the same id in both: a browser keeps one session of each, and knows which is whose.
 */
static void try_beside(void)
{
    mq_session_t *ours = resolve(TENANT_A, log_in(TENANT_A));
    mq_session_t *theirs = resolve(TENANT_B, log_in(TENANT_B));
    expect(mq_session_is_of(ours, ours->scope) && mq_session_is_of(theirs, theirs->scope),
           "a session is of its own organisation");
    expect(!mq_session_is_of(ours, theirs->scope) && !mq_session_is_of(theirs, ours->scope),
           "a session is of no other organisation");
    memset(cache, 0, sizeof cache);
}

/* Of the same id in both organisations nothing else tells whose a session is. */
static void try_epochs(void)
{
    const char *before = log_in(TENANT_A);
    const char *after;
    by_owner("UPDATE users SET session_epoch = 9 WHERE tenant_id = 1001;"
             "UPDATE users SET session_epoch = 90 WHERE tenant_id = 2002");
    after = log_in(TENANT_A);
    expect_sessions(resolve(TENANT_A, after), 1); /* the one of the epoch before is over */
    expect(resolves(before) != APR_SUCCESS, "an epoch ends sessions");
    expect_sessions(resolve(TENANT_B, log_in(TENANT_B)), 1);
    memset(cache, 0, sizeof cache);
    by_owner("UPDATE users SET session_epoch = 7");
}

/* So many stay of one person: one's own go, and nobody else's. */
static void try_many(void)
{
    const char *other = log_in(TENANT_B);
    const char *last = "";
    for (int i = 0; i < MQ_SESSIONS_MOST + 3; i++) {
        last = log_in(TENANT_A);
    }
    expect_sessions(resolve(TENANT_A, last), MQ_SESSIONS_MOST);
    expect_sessions(resolve(TENANT_B, other), 1);
    memset(cache, 0, sizeof cache);
}

/* Of a form that was sent twice one session stays, and that of another organisation as well. */
static void try_twins(void)
{
    static const unsigned char form[MQ_VISIT_FORM_LENGTH] = "the same form";
    const char *theirs;
    const char *ours[2];
    visit.form = form;
    theirs = log_in(TENANT_B);
    ours[0] = log_in(TENANT_A);
    ours[1] = log_in(TENANT_A);
    visit.form = NULL;
    expect((resolves(ours[0]) == APR_SUCCESS) + (resolves(ours[1]) == APR_SUCCESS) == 1,
           "of a form that was sent twice one session stays");
    expect_sessions(resolve(TENANT_B, theirs), 1);
    memset(cache, 0, sizeof cache);
}

/* A colleague's sessions are not one's own. */
static void try_colleagues(void)
{
    const mq_id_t colleague = {{0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
                                0xaa, 0xaa, 0xaa, 0xaa, 0xaa}};
    const mq_scope_t *sc;
    const char *cookie = "";
    expect(mq_scope_enter(&sc, &visit, anonymous_of(TENANT_A), &colleague) == APR_SUCCESS,
           "a colleague enters");
    mq_db_give_back(sc);
    expect(mq_session_begin(&cookie, &visit, sc, NULL) == APR_SUCCESS,
           "a colleague's session begins");
    expect_sessions(resolve(TENANT_A, log_in(TENANT_A)), 1);
    memset(cache, 0, sizeof cache);
}

/* Who has most of them is kept from the last places, and nobody else. */
static void try_share(void)
{
    const mq_scope_t *sc[2] = {NULL, NULL};
    mq_session_seat_t seat;
    const char *cookie;
    for (int i = 0; i < 61; i++) {
        (void)log_in(i < 40 ? TENANT_A : TENANT_B);
    }
    for (int i = 0; i < 2; i++) {
        (void)mq_scope_enter(&sc[i], &visit, anonymous_of(i ? TENANT_B : TENANT_A), &shared_id);
        mq_db_give_back(sc[i]);
    }
    expect(mq_session_begin(&cookie, &visit, sc[0], NULL) == MQ_EFULL, "a share is the own one");
    expect(mq_session_seat_take(&seat, &visit, sc[0]) == MQ_EFULL, "a seat is of the own share");
    expect(mq_session_seat_take(&seat, &visit, sc[1]) == APR_SUCCESS, "a seat is for the others");
    expect(mq_session_begin(&cookie, &visit, sc[1], &seat) == APR_SUCCESS,
           "a seat becomes a session");
    (void)resolve(TENANT_B, cookie);
    memset(cache, 0, sizeof cache);
}

static void try_sessions(void)
{
    const char *a[2] = {log_in(TENANT_A), log_in(TENANT_A)};
    const char *b[2] = {log_in(TENANT_B), log_in(TENANT_B)};
    const char *renewed = "";
    mq_session_t *session;
    mq_session_t *again;
    int ended = 0;

    session = resolve(TENANT_A, a[0]);
    expect_sessions(session, 2);
    expect_sessions(resolve(TENANT_B, b[1]), 2);
    expect(session && mq_sessions_end(&ended, &visit, session, NULL) == APR_SUCCESS && ended == 1,
           "ending all others ends one's own alone");
    mq_db_give_back(session->scope);
    expect(resolves(a[1]) != APR_SUCCESS, "a session that was ended is over");
    (void)resolve(TENANT_B, b[0]);
    (void)resolve(TENANT_B, b[1]);
    expect(mq_session_renew(&again, &renewed, &visit, session) == APR_SUCCESS, "a session renews");
    mq_db_give_back(again->scope);
    (void)resolve(TENANT_A, renewed);
    expect(resolves(a[0]) != APR_SUCCESS, "the token before is worth nothing");

    by_owner("UPDATE users SET session_epoch = session_epoch + 1 WHERE tenant_id = 1001");
    expect(resolves(renewed) != APR_SUCCESS, "a new epoch ends a person's sessions");
    (void)resolve(TENANT_B, b[0]);
    a[0] = log_in(TENANT_A);
    by_owner("UPDATE tenants SET status = 2 WHERE tenant_id = 1001");
    expect(resolves(a[0]) == MQ_EDENIED, "a suspended organisation's sessions are over");
    (void)resolve(TENANT_B, b[0]);
    by_owner("UPDATE tenants SET status = 1 WHERE tenant_id = 1001");
    by_owner("UPDATE users SET status = 2 WHERE tenant_id = 2002");
    expect(resolves(b[0]) != APR_SUCCESS, "a disabled person's sessions are over");
    by_owner("UPDATE users SET status = 1 WHERE tenant_id = 2002");
    session = resolve(TENANT_B, log_in(TENANT_B));
    expect(session && mq_session_end(&visit, session) == APR_SUCCESS, "a person logs out");
    mq_db_give_back(session->scope);
    expect_sessions(resolve(TENANT_B, b[1]), 2);
    visit.now += core.absolute_limit + 1;
    expect(resolves(b[0]) == MQ_ENOTFOUND, "a session ends with its limits");
    memset(cache, 0, sizeof cache);
}

static int row_wanted(void *context, const unsigned char *data, apr_uint32_t length)
{
    mq_session_record_t record;
    memcpy(&record, data, sizeof record);
    expect(length == sizeof record && record.tenant == *(const apr_int64_t *)context,
           "a row says whose it is");
    return 1;
}

static int row_seen(const unsigned char *key, const void *data, apr_size_t length, void *context)
{
    (void)key, (void)data, (void)length, (void)context;
    return 1;
}

/* Rows of one key in both: what is done as one organisation is done to its own. */
static void try_rows_of_both(const mq_session_cache_t *rows)
{
    static const unsigned char key[MQ_SESSION_KEY_LENGTH] = {1};
    const mq_session_owner_t a = {TENANT_A, shared_id};
    const mq_session_owner_t b = {TENANT_B, shared_id};
    mq_session_record_t record = {.version = MQ_SESSION_RECORD_VERSION, .seen = visit.now};
    apr_int64_t tenant = TENANT_A;
    apr_size_t length = sizeof record;
    record.user = shared_id;
    expect(rows->put(&a, key, &record, sizeof record, visit.now + 1, pool, rows->cache) ==
               APR_SUCCESS,
           "a row is kept");
    expect(rows->get(key, &record, &length, pool, rows->cache) == APR_SUCCESS &&
               record.tenant == TENANT_A,
           "a row is found and says whose it is");
    expect(rows->renew(&b, key, &record, sizeof record, visit.now + 2, pool, rows->cache) ==
               MQ_ENOTFOUND,
           "nobody else renews it");
    expect(rows->drop(&b, key, pool, rows->cache) == APR_SUCCESS &&
               rows->get(key, &record, &length, pool, rows->cache) == APR_SUCCESS,
           "nobody else ends it");
    expect(rows->each(&a, row_wanted, row_seen, &tenant, pool, rows->cache) == APR_SUCCESS,
           "rows are walked over");
    tenant = TENANT_B;
    expect(rows->each(&b, row_wanted, row_seen, &tenant, pool, rows->cache) == APR_SUCCESS,
           "nobody else's are walked over");
    expect(rows->each(NULL, row_wanted, row_seen, &tenant, pool, rows->cache) == APR_ENOTIMPL,
           "everybody's are not");
    expect(rows->renew(&a, key, &record, sizeof record, visit.now + 2, pool, rows->cache) ==
               APR_SUCCESS,
           "whose it is renews it");
    expect(rows->drop(&a, key, pool, rows->cache) == APR_SUCCESS &&
               rows->get(key, &record, &length, pool, rows->cache) == MQ_ENOTFOUND,
           "and ends it");
}

/* The same in the database, where there is one connection for all of a request. */
static void try_session_rows(void)
{
    const mq_session_cache_t rows = mq_session_rows(&store);
    try_rows_of_both(&rows);
    core.sessions = &rows;
    try_sessions();
    core.sessions = &sessions;
    by_owner("DELETE FROM sessions");
}

static void try_scopes(void)
{
    const mq_scope_t *sc = NULL;
    const mq_scope_t *other;
    int active = 1;
    expect(mq_scope_anonymous(&sc, &active, &visit, "nobody") == APR_SUCCESS && !active,
           "an unknown organisation is not active");
    expect(mq_scope_chain(sc) == 0, "an unknown organisation is the installation's business");
    for (int i = 0; i < 2; i++) {
        apr_int64_t tenant = i ? TENANT_B : TENANT_A;
        sc = anonymous_of(tenant);
        expect_own(sc, tenant, "who is not known yet");
        mq_db_give_back(sc);
        expect(mq_scope_operator(&sc, &visit, canary_of(tenant), "op") == APR_SUCCESS &&
                   strcmp(sc->place.tenant_name, canary_of(tenant)) == 0,
               "the administrator's command names the organisation it acts for");
        expect_own(sc, tenant, "the administrator's command");
        mq_db_give_back(sc);
        sc = mq_scope_operator_of(&visit, tenant, "op");
        expect_own(sc, tenant, "who shortens a chain");
        mq_db_give_back(sc);
        expect(mq_scope_anonymous_of(&sc, &visit, tenant) == APR_SUCCESS &&
                   strcmp(sc->place.tenant_name, canary_of(tenant)) == 0,
               "a link's scope names its organisation");
        expect_own(sc, tenant, "who follows a link");
        mq_db_give_back(sc);
    }
    expect(mq_scope_operator(&sc, &visit, "nobody", "op") == MQ_ENOTFOUND,
           "the administrator's command acts for no unknown organisation");
    expect(mq_scope_operator(&sc, &visit, NULL, "op") == APR_SUCCESS && mq_scope_chain(sc) == 0,
           "without a name it acts for the installation");
    sc = mq_scope_new(&visit, "new");
    other = mq_scope_operator_new(&visit, "new", "op");
    expect(mq_scope_chain(sc) > 4004 && mq_scope_chain(other) > 4004 &&
               mq_scope_chain(sc) != mq_scope_chain(other),
           "a new organisation has a number of its own");
    by_owner("UPDATE tenants SET status = 2 WHERE tenant_id = 2002");
    expect(mq_scope_anonymous_of(&sc, &visit, TENANT_B) == MQ_ENOTFOUND,
           "no link leads into a suspended organisation");
    expect(mq_scope_anonymous(&sc, &active, &visit, "canary-b") == APR_SUCCESS && !active,
           "a suspended organisation is not active");
    by_owner("UPDATE tenants SET status = 1 WHERE tenant_id = 2002");
}

static void try_turn(apr_int64_t tenant)
{
    const mq_scope_t *nobody = NULL;
    const mq_scope_t *sc = NULL;
    expect(mq_scope_anonymous_of(&nobody, &visit, tenant) == APR_SUCCESS,
           "a job is of an organisation");
    expect(mq_scope_job(&sc, nobody, &shared_id) == APR_SUCCESS &&
               mq_id_equal(mq_scope_user(sc), &shared_id) && mq_scope_roles(sc) == 3,
           "a job's turn is of who has ordered it");
    expect_own(sc, tenant, "whose job it is");
    mq_db_give_back(sc);
    by_owner(apr_psprintf(pool, "UPDATE users SET status = 2 WHERE tenant_id = %d", (int)tenant));
    expect(mq_scope_job(&sc, nobody, &shared_id) == APR_SUCCESS &&
               mq_id_is_nil(mq_scope_user(sc)) && mq_scope_roles(sc) == 0,
           "the job of a disabled person is nobody's");
    mq_db_give_back(nobody);
    by_owner("UPDATE users SET status = 1");
    by_owner(apr_psprintf(pool, "UPDATE tenants SET status = 2 WHERE tenant_id = %d", (int)tenant));
    expect(mq_scope_job(&sc, nobody, &shared_id) == MQ_EDENIED,
           "a suspended organisation's jobs rest");
    mq_db_give_back(nobody);
    by_owner("UPDATE tenants SET status = 1");
}

/* Both have a job of the same id, on an import that there is not; one of them is due. */
static void try_worker(apr_int64_t tenant)
{
    mq_job_worker_t worker = {.core = &core, .id = {{0x77}}};
    apr_pool_t *scratch;
    (void)apr_pool_create(&scratch, pool);
    by_owner("DELETE FROM jobs; UPDATE tenants SET jobs_due_at = NULL;"
             "INSERT INTO jobs (tenant_id, kind, object, due_at, failures) "
             "SELECT tenant_id, 1, x'99', 1 << 60, 0 FROM tenants WHERE tenant_id IN (1001, 2002)");
    by_owner(apr_psprintf(pool,
                          "UPDATE jobs SET due_at = 0, object = zeroblob(16) WHERE tenant_id = %d;"
                          "UPDATE tenants SET jobs_due_at = 0 WHERE tenant_id = %d",
                          (int)tenant, (int)tenant));
    mq_job_worker_work(&worker, scratch);
    expect(strcmp(owner_reads("SELECT group_concat(tenant_id || ' ' || hex(object)) FROM jobs"),
                  tenant == TENANT_A ? "2002 99" : "1001 99") == 0,
           "what is due is done, in its own organisation and nowhere else");
    expect(!*owner_reads("SELECT jobs_due_at FROM tenants WHERE jobs_due_at IS NOT NULL"),
           "an organisation without jobs is not looked at");
    apr_pool_destroy(scratch);
}

static void failure_ignore(const char *kind, apr_status_t rv, const char *what, int seconds,
                           void *context)
{
    (void)kind;
    (void)rv;
    (void)what;
    (void)seconds;
    (void)context;
}

/* A turn fails: the job is given back where it is, for a later try. */
static void try_failure(apr_int64_t tenant)
{
    mq_job_worker_t worker = {.core = &core, .id = {{0x77}}, .tell = failure_ignore};
    apr_pool_t *scratch;
    (void)apr_pool_create(&scratch, pool);
    by_owner(apr_psprintf(pool,
                          "DELETE FROM jobs; UPDATE tenants SET jobs_due_at = NULL;"
                          "INSERT INTO jobs (tenant_id, kind, object, due_at, failures) "
                          "VALUES (%d, 1, zeroblob(16), 0, 0);"
                          "UPDATE tenants SET jobs_due_at = 0 WHERE tenant_id = %d;"
                          "CREATE TRIGGER broken BEFORE DELETE ON jobs "
                          "BEGIN SELECT RAISE(ABORT, 'no'); END",
                          (int)tenant, (int)tenant));
    mq_job_worker_work(&worker, scratch);
    by_owner("DROP TRIGGER broken");
    expect(strcmp(owner_reads("SELECT failures || iif(worker IS NULL, ' nobody', '') FROM jobs"),
                  "1 nobody") == 0,
           "what failed is given back in its own organisation");
    apr_pool_destroy(scratch);
}

static void try_jobs(void)
{
    visit.address = "";
    try_turn(TENANT_A);
    try_turn(TENANT_B);
    try_worker(TENANT_A);
    try_worker(TENANT_B);
    try_failure(TENANT_A);
    try_failure(TENANT_B);
}

static void try_links(void)
{
    for (int i = 0; i < 2; i++) {
        apr_int64_t tenant = i ? TENANT_B : TENANT_A;
        const char *text = "";
        mq_link_t link;
        mq_scope_t sc = scope_of(tenant, pool);
        expect(mq_link_make(&text, &link, &sc, MQ_LINK_INVITATION, &shared_id, "x") == APR_SUCCESS,
               "a link is made");
        expect(mq_link_open(&link, &visit, MQ_LINK_INVITATION, text, "x") == APR_SUCCESS,
               "a link opens");
        expect_own(link.scope, tenant, "who follows a link that was made");
        mq_db_give_back(link.scope);
        expect(mq_link_open(&link, &visit, MQ_LINK_PASSWORD, text, "x") == MQ_ENOTFOUND,
               "a link opens nothing else");
        expect(mq_link_open(&link, &visit, MQ_LINK_INVITATION, text, "y") == MQ_ENOTFOUND,
               "a link opens only with what it is bound to");
    }
}

static void try_page_marks(void)
{
    static const unsigned char nonce[MQ_PAGE_NONCE_LENGTH];
    (void)mq_mac_key_make(&core.csrf_mac, core.csrf_key, MQ_KEY_LENGTH);
    for (int i = 0; i < 2; i++) {
        apr_int64_t tenant = i ? TENANT_B : TENANT_A;
        unsigned char bytes[MQ_PAGE_MARK_LENGTH];
        unsigned char secret[MQ_PAGE_SECRET_LENGTH];
        mq_page_mark_t mark;
        mq_scope_t sc = scope_of(tenant, pool);
        mq_scope_t other = scope_of(i ? TENANT_A : TENANT_B, pool);
        const mq_scope_t *person = NULL;
        sc.actor.user = other.actor.user = shared_id;
        expect(mq_page_mark_make(bytes, secret, &visit, &sc, nonce) == APR_SUCCESS &&
                   mq_page_mark_read(&mark, &core, bytes) == APR_SUCCESS,
               "a page is marked, and its mark read");
        expect(mq_page_mark_is_of(&mark, &sc), "a page is its person's");
        expect(!mq_page_mark_is_of(&mark, &other), "a page is no namesake's elsewhere");
        expect(mq_page_mark_person(&person, &visit, &mark) == APR_SUCCESS,
               "the person of a page is found");
        expect_own(person, tenant, "to whom a page was shown");
        mq_db_give_back(person);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        return 2;
    }
    path = argv[1];
    (void)apr_initialize();
    (void)apr_pool_create(&pool, NULL);
    (void)apr_dbd_init(pool);
    visit.pool = pool;
    visit.now = apr_time_now();
    core.idle_limit = apr_time_from_sec(900);
    core.absolute_limit = apr_time_from_sec(36000);
    (void)sqlite3_open(path, &owner);
    (void)sqlite3_busy_timeout(owner, 2000);
    by_owner("UPDATE users SET session_epoch = 7, status = 1, roles = 3, language = 'en';"
             "UPDATE tenants SET status = 1, two_factor_from = NULL, time_zone = 'UTC', "
             "language = NULL, date_format = 1;"
             "DELETE FROM sessions; DELETE FROM two_factors; DELETE FROM audit_events; DELETE FROM "
             "audit_heads");
    (void)mq_writer_make(&store.writer, NULL, lend, take_back, NULL, pool);
    open_connection();
    try_turns();
    try_disorder();
    try_misuse();
    try_groups();
    try_sides();
    try_reading();
    try_guests();
    try_keeping();
    try_own_session();
    try_beside();
    try_epochs();
    try_many();
    try_twins();
    try_colleagues();
    try_share();
    try_sessions();
    try_session_rows();
    try_scopes();
    try_jobs();
    try_links();
    try_page_marks();
    mq_db_close(lender.db);
    (void)sqlite3_close(owner);
    printf("scopes: %d faults\n", faults);
    return faults != 0;
}
