/* fixture.c -- the clinic of fixture.h. It is founded once for each program and copied for each
 * test. A request borrows a connection as in the server, so that two can be at work at once, and
 * what it has read stays readable until the test ends. */
#define MQ_MAY_MINT_SCOPE /* for mq_scope_operator: medsynqctl's */
#include "fixture.h"

#include <apr_dbd.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/crypto.h"
#include "domain/access/scope_minting.h"
#include "domain/access/throttle.h"
#include "domain/access/password_hashing.h"
#include "domain/access/throttle.h"
#include "domain/access/secrets.h"
#include "domain/jobs/job_worker.h"
#include "domain/jobs/jobs.h"
#include "domain/organisations/tenants.h"
#include "domain/people/invitations.h"
#include "store/single.h"
#include "store/writer.h"

enum { SESSIONS_MOST = 8, COUNTERS_MOST = 64, COUNTER_SIZE = 64, CHEAPEST_COST = 4 };

static const apr_time_t monday = (apr_time_t)1772442000 * APR_USEC_PER_SEC; /* 2026-03-02 09:00 */

static const struct {
    const char *name;
    const char *email;
    int roles;
} people[PEOPLE] = {
    [FOUNDER] = {"Fay Founder", "founder@harbour.example", MQ_ROLE_ADMIN | MQ_ROLE_CLINICIAN},
    [ADMIN] = {"Ada Admin", "admin@harbour.example", MQ_ROLE_ADMIN},
    [CLINICIAN] = {"Clara Clinician", "clinician@harbour.example", MQ_ROLE_CLINICIAN},
    [COLLEAGUE] = {"Colin Colleague", "colleague@harbour.example", MQ_ROLE_CLINICIAN},
    [FRONT_DESK] = {"Fred Desk", "desk@harbour.example", MQ_ROLE_FRONT_DESK},
    [AUDITOR] = {"Aud Auditor", "auditor@harbour.example", MQ_ROLE_AUDITOR},
    [STRANGER] = {"Stan Stranger", "stranger@hill.example", MQ_ROLE_ADMIN | MQ_ROLE_CLINICIAN}};

/* Connections that have come back; more are opened when there are none. */
struct fixture_lender_t {
    const fixture_t *f;
    mq_store_t store;
    apr_array_header_t *idle; /* of mq_db_t * */
};

typedef struct fixture_lender_t lender_t;

typedef struct world_t {
    apr_pool_t *pool;
    const char *folder;
    fixture_t template;
} world_t;

/* ---- tables in memory: sessions and counters ---- */

static mq_table_t *table_make(apr_uint32_t capacity, apr_uint32_t size, mq_table_full_t when_full)
{
    mq_table_shape_t shape = {capacity, size, when_full,
                              when_full == MQ_TABLE_EVICT_SOONEST ? MQ_THROTTLE_KEPT : 0};
    apr_size_t bytes = mq_table_size(&shape);
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    mq_table_t *table;
    assert_ptr_not_equal(memory, MAP_FAILED);
    assert_ok(mq_table_create(&table, memory, bytes, &shape));
    return table;
}

static void table_drop(mq_table_t *table)
{
    mq_table_shape_t shape = mq_table_shape(table);
    (void)munmap(table, mq_table_size(&shape));
}

typedef struct sessions_t {
    const fixture_t *f;
    mq_table_t *table;
} sessions_t;

static apr_status_t session_put(const mq_session_owner_t *owner, const unsigned char *key,
                                const void *data, apr_size_t length, apr_time_t expires,
                                apr_pool_t *pool, void *cache)
{
    const sessions_t *sessions = cache;
    apr_status_t rv =
        mq_table_store(sessions->table, sessions->f->now, key, expires, data, (apr_uint32_t)length);
    (void)owner, (void)pool;
    return rv == APR_ENOSPC ? MQ_EFULL : rv;
}

static apr_status_t session_get(const unsigned char *key, void *data, apr_size_t *length,
                                apr_pool_t *pool, void *cache)
{
    const sessions_t *sessions = cache;
    mq_table_record_t record;
    (void)pool;
    if (mq_table_find(&record, sessions->table, sessions->f->now, key) != APR_SUCCESS ||
        record.length > *length) {
        return MQ_ENOTFOUND;
    }
    memcpy(data, record.data, record.length);
    *length = record.length;
    return APR_SUCCESS;
}

static apr_status_t session_renew(const mq_session_owner_t *owner, const unsigned char *key,
                                  const void *data, apr_size_t length, apr_time_t expires,
                                  apr_pool_t *pool, void *cache)
{
    unsigned char old[MQ_SESSION_RECORD_LIMIT];
    apr_size_t had = sizeof old;
    MQ_TRY(session_get(key, old, &had, pool, cache));
    return session_put(owner, key, data, length, expires, pool, cache);
}

static apr_status_t session_drop(const mq_session_owner_t *owner, const unsigned char *key,
                                 apr_pool_t *pool, void *cache)
{
    (void)owner, (void)pool;
    (void)mq_table_remove(((const sessions_t *)cache)->table, key);
    return APR_SUCCESS;
}

typedef struct walk_t {
    int (*wanted)(void *context, const unsigned char *data, apr_uint32_t length);
    int (*seen)(const unsigned char *key, const void *data, apr_size_t length, void *context);
    void *context;
} walk_t;

static apr_status_t session_seen(void *context, const mq_table_record_t *record)
{
    const walk_t *walk = context;
    return walk->seen(record->key, record->data, record->length, walk->context) ? APR_EOF
                                                                                : APR_SUCCESS;
}

static int session_wanted(void *context, const unsigned char *data, apr_uint32_t length)
{
    const walk_t *walk = context;
    return walk->wanted(walk->context, data, length);
}

static apr_status_t session_each(const mq_session_owner_t *owner,
                                 int (*wanted)(void *context, const unsigned char *data,
                                               apr_uint32_t length),
                                 int (*seen)(const unsigned char *key, const void *data,
                                             apr_size_t length, void *context),
                                 void *context, apr_pool_t *pool, void *cache)
{
    const sessions_t *sessions = cache;
    walk_t walk = {wanted, seen, context};
    apr_status_t rv =
        mq_table_each(sessions->table, sessions->f->now, session_wanted, session_seen, &walk);
    (void)owner, (void)pool;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static const mq_session_cache_t *sessions_make(const fixture_t *f)
{
    sessions_t *sessions = apr_palloc(f->pool, sizeof *sessions);
    mq_session_cache_t *cache = apr_palloc(f->pool, sizeof *cache);
    *sessions =
        (sessions_t){f, table_make(SESSIONS_MOST, MQ_SESSION_RECORD_LIMIT, MQ_TABLE_EXPIRED_ONLY)};
    *cache = (mq_session_cache_t){.put = session_put,
                                  .get = session_get,
                                  .renew = session_renew,
                                  .drop = session_drop,
                                  .each = session_each,
                                  .capacity = SESSIONS_MOST,
                                  .cache = sessions};
    return cache;
}

static void tables_make(fixture_t *f)
{
    f->core.sessions = sessions_make(f);
    f->core.throttle = table_make(COUNTERS_MOST, COUNTER_SIZE, MQ_TABLE_EVICT_SOONEST);
}

static void tables_drop(fixture_t *f)
{
    table_drop(((sessions_t *)f->core.sessions->cache)->table);
    table_drop(f->core.throttle);
}

/* ---- requests ---- */

static apr_status_t lend(mq_db_t **db_out, void *data)
{
    lender_t *lender = data;
    mq_single_t *single;
    const char *error = "";
    if (lender->idle->nelts > 0) {
        *db_out = *(mq_db_t **)apr_array_pop(lender->idle);
        return APR_SUCCESS;
    }
    if (mq_single_open(&single, "sqlite3", lender->f->database, &error, lender->f->pool) !=
        APR_SUCCESS) {
        fail_msg("%s: %s", lender->f->database, error);
    }
    *db_out = single->db;
    return APR_SUCCESS;
}

static void take_back(mq_db_t *db, int broken, void *data)
{
    lender_t *lender = data;
    if (!broken) {
        APR_ARRAY_PUSH(lender->idle, mq_db_t *) = db;
    }
}

static void lender_make(fixture_t *f)
{
    lender_t *lender = apr_pcalloc(f->pool, sizeof *lender);
    lender->f = f;
    lender->idle = apr_array_make(f->pool, 8, sizeof(mq_db_t *));
    lender->store = (mq_store_t){.lend = lend, .take_back = take_back, .lender = lender};
    assert_ok(mq_writer_make(&lender->store.writer, NULL, lend, take_back, lender, f->pool));
    apr_pool_create(&f->requests, f->pool);
    f->core.store = &lender->store;
}

const mq_visit_t *fixture_visit(fixture_t *f)
{
    mq_visit_t *visit = apr_palloc(f->requests, sizeof *visit);
    mq_core_t *core = apr_pmemdup(f->requests, &f->core, sizeof *core);
    *visit =
        (mq_visit_t){.core = core, .address = "192.0.2.1", .agent = "unit test", .now = f->now};
    apr_pool_create(&visit->pool, f->requests);
    return visit;
}

const mq_scope_t *fixture_enter(const mq_visit_t *visit, const fixture_t *f,
                                fixture_person_t person)
{
    const char *clinic = person == STRANGER ? FIXTURE_OTHER : FIXTURE_CLINIC;
    const mq_scope_t *door;
    const mq_scope_t *sc;
    int active;
    assert_ok(mq_scope_anonymous(&door, &active, visit, clinic));
    assert_ok(mq_scope_enter(&sc, visit, door, &f->people[person]));
    mq_db_give_back(sc);
    return sc;
}

const mq_scope_t *fixture_as(fixture_t *f, fixture_person_t person)
{
    return fixture_enter(fixture_visit(f), f, person);
}

const mq_scope_t *fixture_operator(fixture_t *f)
{
    const mq_visit_t *visit = fixture_visit(f);
    const mq_scope_t *sc;
    assert_ok(mq_scope_operator(&sc, visit, FIXTURE_CLINIC, "medsynqctl (root)"));
    return sc;
}

const char *fixture_sign_in(fixture_t *f, fixture_person_t person)
{
    const mq_visit_t *visit = fixture_visit(f);
    const char *cookie;
    assert_ok(mq_session_begin(&cookie, visit, fixture_enter(visit, f, person), NULL));
    return cookie;
}

const char *fixture_email(fixture_person_t person)
{
    return people[person].email;
}

/* What rests after each second of work that nobody waits for: on a slow machine there is more. */
static int has_resting_jobs(fixture_t *f, apr_time_t now)
{
    return fixture_number(f, apr_psprintf(f->pool,
                                          "SELECT count(*) FROM jobs WHERE kind = %d AND worker IS "
                                          "NULL AND failures = 0 AND due_at > %" APR_TIME_T_FMT
                                          " AND due_at <= %" APR_TIME_T_FMT,
                                          MQ_JOB_DUPLICATES, now, now + apr_time_from_sec(1))) != 0;
}

void fixture_jobs(fixture_t *f)
{
    mq_job_worker_t worker = {.core = fixture_visit(f)->core, .id = {{1}}, .now = f->now};
    apr_pool_t *pool;
    assert_ok(apr_pool_create(&pool, f->pool));
    mq_job_worker_work(&worker, pool);
    while (has_resting_jobs(f, worker.now)) {
        worker.now += apr_time_from_sec(1);
        mq_job_worker_work(&worker, pool);
    }
    apr_pool_destroy(pool);
}

void fixture_wait(fixture_t *f, int seconds)
{
    f->now += apr_time_from_sec(seconds);
}

/* ---- founding ---- */

static void organisation_make(fixture_t *f, const char *name, fixture_person_t founder)
{
    const mq_tenant_new_t in = {name, people[founder].name, people[founder].email,
                                FIXTURE_PASSWORD};
    const mq_scope_t *sc;
    mq_password_verdict_t verdict;
    int wait;
    assert_ok(mq_tenant_create(&sc, &wait, &verdict, fixture_visit(f), &in));
    f->people[founder] = *mq_scope_user(sc);
}

static void person_invite(fixture_t *f, fixture_person_t person)
{
    const mq_scope_t *sc;
    mq_password_verdict_t verdict;
    const char *token;
    assert_ok(mq_invitation_make(&token, fixture_as(f, FOUNDER), people[person].email,
                                 people[person].name, people[person].roles));
    assert_ok(mq_invitation_accept(&sc, &verdict, fixture_visit(f), token, people[person].name,
                                   FIXTURE_PASSWORD));
    f->people[person] = *mq_scope_user(sc);
}

static void core_make(mq_core_t *core, const char *folder, apr_pool_t *pool)
{
    const char *fault = mq_secret_take(core, apr_pstrcat(pool, folder, "/secret", NULL), 1, pool);
    if (fault) {
        fail_msg("%s", fault);
    }
    assert_ok(mq_password_dummy(&core->password_dummy, CHEAPEST_COST, pool));
    assert_ok(mq_text_make(&core->folding, pool));
    core->password_cost = CHEAPEST_COST;
    core->failures_per_account = 5;
    core->failures_per_address = 20;
    core->registrations_per_hour = 20;
    core->idle_limit = apr_time_from_sec(900);
    core->absolute_limit = apr_time_from_sec(12 * 3600);
}

int fixture_world_make(void **state)
{
    char in_memory[] = "/dev/shm/medsynq-unit-XXXXXX"; /* a commit waits for no disk */
    char on_disk[] = "/tmp/medsynq-unit-XXXXXX";
    const char *folder = mkdtemp(in_memory);
    apr_pool_t *pool;
    world_t *world;
    fixture_t *f;
    const char *error = "";
    int from;
    assert_ok(apr_initialize());
    apr_pool_create(&pool, NULL);
    assert_ok(apr_dbd_init(pool));
    world = apr_pcalloc(pool, sizeof *world);
    world->pool = pool;
    folder = folder ? folder : mkdtemp(on_disk);
    assert_non_null(folder);
    world->folder = apr_pstrdup(pool, folder);
    f = &world->template;
    apr_pool_create(&f->pool, pool);
    f->now = monday - apr_time_from_sec(7 * 86400);
    f->database = apr_pstrcat(pool, folder, "/clinic.db", NULL);
    if (mq_db_migrate("sqlite3", f->database, 0, &from, &error, f->pool) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
    core_make(&f->core, folder, pool);
    tables_make(f);
    lender_make(f);
    organisation_make(f, FIXTURE_CLINIC, FOUNDER);
    for (int person = ADMIN; person < STRANGER; person++) {
        person_invite(f, (fixture_person_t)person);
    }
    organisation_make(f, FIXTURE_OTHER, STRANGER);
    tables_drop(f);
    apr_pool_destroy(f->requests); /* what they borrowed comes back first */
    apr_pool_clear(f->pool);       /* the file is whole when the last connection is closed */
    *state = world;
    return 0;
}

static int file_drop(apr_pool_t *pool, const char *folder, const char *name)
{
    return unlink(apr_pstrcat(pool, folder, "/", name, NULL));
}

int fixture_world_drop(void **state)
{
    world_t *world = *state;
    (void)file_drop(world->pool, world->folder, "clinic.db");
    (void)file_drop(world->pool, world->folder, "clinic.db-wal");
    (void)file_drop(world->pool, world->folder, "clinic.db-shm");
    (void)file_drop(world->pool, world->folder, "secret");
    assert_int_equal(rmdir(world->folder), 0);
    apr_pool_destroy(world->pool);
    return 0;
}

/* Copied for each test: what one does, another does not see. */
int fixture_setup(void **state)
{
    const world_t *world = *state;
    apr_pool_t *pool;
    fixture_t *f;
    apr_pool_create(&pool, world->pool);
    f = apr_pmemdup(pool, &world->template, sizeof *f);
    f->pool = pool;
    f->now = monday;
    f->database = apr_pstrcat(pool, world->folder, "/test.db", NULL);
    assert_ok(
        apr_file_copy(world->template.database, f->database, APR_FPROT_FILE_SOURCE_PERMS, pool));
    tables_make(f);
    lender_make(f);
    *state = f;
    return 0;
}

int fixture_teardown(void **state)
{
    fixture_t *f = *state;
    const char *database = f->database;
    (void)unlink(database);
    (void)unlink(apr_pstrcat(f->pool, database, "-wal", NULL));
    (void)unlink(apr_pstrcat(f->pool, database, "-shm", NULL));
    tables_drop(f);
    apr_pool_destroy(f->requests);
    apr_pool_destroy(f->pool);
    return 0;
}

/* ---- looking ---- */

mq_id_t fixture_patient(fixture_t *f, const char *name, const char *birth_date)
{
    const mq_patient_new_t in = {.fields = {.name = name, .birth_date = birth_date}};
    mq_id_t id;
    assert_ok(mq_patient_add(&id, fixture_as(f, CLINICIAN), &in));
    return id;
}

mq_patient_t fixture_read(fixture_t *f, const mq_id_t *patient)
{
    mq_patient_t record;
    assert_ok(mq_patient_read(&record, fixture_as(f, AUDITOR), patient));
    return record;
}

static apr_array_header_t *events_read(fixture_t *f, int most)
{
    const mq_audit_choice_t choice = {0};
    const mq_scope_t *sc = fixture_as(f, AUDITOR);
    apr_array_header_t *entries;
    apr_int64_t next;
    assert_ok(mq_audit_rows(&entries, &next, sc, &choice, most, mq_scope_pool(sc)));
    mq_db_give_back(sc);
    return entries;
}

int fixture_events(fixture_t *f)
{
    return (int)fixture_event(f).number;
}

mq_audit_entry_t fixture_event(fixture_t *f)
{
    const apr_array_header_t *entries = events_read(f, 1);
    assert_int_equal(entries->nelts, 1);
    return APR_ARRAY_IDX(entries, 0, mq_audit_entry_t);
}

apr_int64_t fixture_number(fixture_t *f, const char *sql)
{
    sqlite3 *sqlite;
    sqlite3_stmt *statement;
    apr_int64_t number;
    assert_int_equal(sqlite3_open_v2(f->database, &sqlite, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(sqlite));
    }
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    number = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(sqlite);
    return number;
}
