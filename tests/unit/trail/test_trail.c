/* test_trail.c -- ten thousand ways to change the trail, each found where it begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <cmocka.h>

#include "ctl/ctl_trail.h"
#include "domain/trail/audit_groups.h"
#include "store/audit_archive.h"
#include "store/sqlite/sqlite_owner.h"

enum {
    TURNS = 10000,
    CHAINS = 3,
    EVENTS = 60, /* of the first chain; the others are shorter */
    MEMBERS = 3,
    COLUMN_PATIENT = 10
};

static const char schema[] =
    "CREATE TABLE tenants (tenant_id PRIMARY KEY);"
    "CREATE TABLE audit_events (tenant_id bigint NOT NULL, number bigint NOT NULL, at bigint NOT "
    "NULL, actor_id bytea, actor_name text, session bytea, address text, action smallint NOT NULL, "
    "outcome smallint NOT NULL, object_id bytea, patient_id bytea, reason text, digest bytea NOT "
    "NULL, PRIMARY KEY (tenant_id, number)) WITHOUT ROWID;"
    "CREATE INDEX audit_events_by_patient ON audit_events (tenant_id, patient_id, number) "
    "WHERE patient_id IS NOT NULL;"
    "CREATE TABLE audit_heads (tenant_id bigint PRIMARY KEY, number bigint, digest bytea) WITHOUT "
    "ROWID;"
    "CREATE TABLE audit_bases (tenant_id bigint PRIMARY KEY, number bigint, digest bytea) WITHOUT "
    "ROWID;"
    "CREATE TABLE audit_groups (tenant_id bigint, id bytea, members bytea, PRIMARY KEY (tenant_id, "
    "id)) WITHOUT ROWID;"
    "CREATE TABLE audit_group_patients (tenant_id bigint, patient_id bytea, group_id bytea, "
    "PRIMARY KEY (tenant_id, patient_id, group_id)) WITHOUT ROWID;";

static const char *const columns[MQ_AUDIT_COLUMNS + 1] = {
    "tenant_id", "number",  "at",        "actor_id",   "actor_name", "session", "address",
    "action",    "outcome", "object_id", "patient_id", "reason",     "digest"};

/* A sound trail, and what is kept of it elsewhere. */
typedef struct trail_t {
    apr_pool_t *pool;
    unsigned char *image;
    sqlite3_int64 length;
    apr_array_header_t *heads;
    sqlite3_int64 grouped[CHAINS]; /* the first event of each chain that names a group */
} trail_t;

/* One manipulation: where the chain is bad from then on. */
typedef struct place_t {
    sqlite3_int64 tenant;
    sqlite3_int64 number;
} place_t;

static apr_uint64_t random_state = 0x9e3779b97f4a7c15U;

static int below(int limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (int)((random_state >> 11) % (apr_uint64_t)limit);
}

static void run(sqlite3 *db, const char *sql)
{
    char *fault = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &fault) != SQLITE_OK) {
        fail_msg("%s: %s", sql, fault);
    }
}

static void bytes_make(unsigned char *out, int length)
{
    for (int i = 0; i < length; i++) {
        out[i] = (unsigned char)below(256);
    }
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    return statement;
}

static mq_audit_value_t number_of(sqlite3_int64 number)
{
    return (mq_audit_value_t){.is_number = 1, .number = number};
}

/* Half of the time SQL's NULL. */
static mq_audit_value_t some_bytes(unsigned char *room, int length)
{
    bytes_make(room, length);
    return (mq_audit_value_t){.bytes = {below(2) ? room : NULL, (apr_size_t)length}};
}

static mq_audit_value_t some_text(const char *text)
{
    return (mq_audit_value_t){.bytes = {below(3) ? text : NULL, strlen(text)}};
}

static void group_add(mq_id_t *id_out, sqlite3 *db, sqlite3_int64 tenant)
{
    mq_id_t members[MEMBERS];
    mq_audit_event_t event = {.patient = NULL};
    apr_pool_t *pool;
    sqlite3_stmt *statement;
    apr_pool_create(&pool, NULL);
    bytes_make(members[0].bytes, (int)sizeof members);
    assert_int_equal(mq_audit_show(&event, members, MEMBERS, pool), APR_SUCCESS);
    *id_out = *event.patient;
    statement = prepare(db, "INSERT INTO audit_groups VALUES (?, ?, ?)");
    sqlite3_bind_int64(statement, 1, tenant);
    sqlite3_bind_blob(statement, 2, id_out, sizeof *id_out, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 3, event.shown, sizeof members, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
    statement = prepare(db, "INSERT INTO audit_group_patients VALUES (?, ?, ?)");
    for (int i = 0; i < MEMBERS; i++) {
        sqlite3_bind_int64(statement, 1, tenant);
        sqlite3_bind_blob(statement, 2, &event.shown[i], sizeof *event.shown, SQLITE_STATIC);
        sqlite3_bind_blob(statement, 3, id_out, sizeof *id_out, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    apr_pool_destroy(pool);
}

static void value_bind(sqlite3_stmt *statement, int column, const mq_audit_value_t *value)
{
    int is_text = column == 4 || column == 6 || column == 11;
    if (value->is_number) {
        sqlite3_bind_int64(statement, column + 1, value->number);
    } else if (!value->bytes.data) {
        sqlite3_bind_null(statement, column + 1);
    } else if (is_text) {
        sqlite3_bind_text(statement, column + 1, value->bytes.data, (int)value->bytes.length,
                          SQLITE_TRANSIENT);
    } else {
        sqlite3_bind_blob(statement, column + 1, value->bytes.data, (int)value->bytes.length,
                          SQLITE_TRANSIENT);
    }
}

static void event_add(sqlite3_stmt *insert, unsigned char digest[MQ_AUDIT_DIGEST_LENGTH],
                      sqlite3_int64 tenant, sqlite3_int64 number, const mq_id_t *group)
{
    unsigned char room[4][16];
    unsigned char next[MQ_AUDIT_DIGEST_LENGTH];
    mq_audit_value_t values[MQ_AUDIT_COLUMNS] = {
        number_of(tenant),        number_of(number),        number_of(1700000000000000 + number),
        some_bytes(room[0], 16),  some_text("Ada Admin"),   some_bytes(room[1], 8),
        some_text("2001:db8::1"), number_of(1 + below(90)), number_of(1 + below(3)),
        some_bytes(room[2], 16),  some_bytes(room[3], 16),  some_text(below(2) ? "terms" : "")};
    room[3][6] = (unsigned char)((room[3][6] & 0x0f) | 0x70); /* a record's id */
    if (group) {
        values[COLUMN_PATIENT].bytes = (mq_bytes_t){group, sizeof *group};
    }
    assert_int_equal(mq_audit_digest(next, digest, values), APR_SUCCESS);
    memcpy(digest, next, sizeof next);
    for (int i = 0; i < MQ_AUDIT_COLUMNS; i++) {
        value_bind(insert, i, &values[i]);
    }
    sqlite3_bind_blob(insert, MQ_AUDIT_COLUMNS + 1, digest, MQ_AUDIT_DIGEST_LENGTH,
                      SQLITE_TRANSIENT);
    assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
    sqlite3_reset(insert);
}

static sqlite3_int64 tenant_of(int chain)
{
    return 10 + 5 * chain;
}

static int last_of(int chain)
{
    return EVENTS - 20 * chain;
}

static void chain_add(trail_t *trail, sqlite3 *db, int chain)
{
    sqlite3_stmt *insert =
        prepare(db, "INSERT INTO audit_events VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)");
    sqlite3_stmt *head = prepare(db, "INSERT INTO audit_heads VALUES (?, ?, ?)");
    mq_audit_head_t kept = {.tenant = tenant_of(chain), .number = last_of(chain)};
    mq_id_t group;
    group_add(&group, db, kept.tenant);
    trail->grouped[chain] = 1 + below(last_of(chain));
    for (int i = 1; i <= last_of(chain); i++) {
        int names_it = i == trail->grouped[chain] || (i > trail->grouped[chain] && !below(4));
        event_add(insert, kept.digest, kept.tenant, i, names_it ? &group : NULL);
    }
    sqlite3_bind_int64(head, 1, kept.tenant);
    sqlite3_bind_int64(head, 2, kept.number);
    sqlite3_bind_blob(head, 3, kept.digest, sizeof kept.digest, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(head), SQLITE_DONE);
    sqlite3_finalize(insert);
    sqlite3_finalize(head);
    APR_ARRAY_PUSH(trail->heads, mq_audit_head_t) = kept;
}

static void trail_make(trail_t *trail)
{
    sqlite3 *db;
    apr_pool_create(&trail->pool, NULL);
    trail->heads = apr_array_make(trail->pool, CHAINS, sizeof(mq_audit_head_t));
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    run(db, schema);
    for (int chain = 0; chain < CHAINS; chain++) {
        chain_add(trail, db, chain);
    }
    trail->image = sqlite3_serialize(db, "main", &trail->length, 0);
    assert_non_null(trail->image);
    sqlite3_close(db);
}

static sqlite3 *trail_copy(const trail_t *trail)
{
    sqlite3 *db;
    unsigned char *copy = sqlite3_malloc64((sqlite3_uint64)trail->length);
    memcpy(copy, trail->image, (size_t)trail->length);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_deserialize(db, "main", copy, trail->length, trail->length,
                            SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE),
        SQLITE_OK);
    return db;
}

static char sql_room[1024];
#define SQL(...) (sqlite3_snprintf(sizeof sql_room, sql_room, __VA_ARGS__), sql_room)

static place_t at(int chain, sqlite3_int64 number)
{
    return (place_t){tenant_of(chain), number};
}

/* One bit of one column. */
static place_t flip(sqlite3 *db, const trail_t *trail, int chain)
{
    int number = 1 + below(last_of(chain));
    int column = 2 + below(MQ_AUDIT_COLUMNS - 1);
    sqlite3_stmt *row;
    unsigned char bytes[64];
    char value[200] = "x'00'";
    (void)trail;
    row = prepare(db, SQL("SELECT %s FROM audit_events WHERE tenant_id=%lld AND number=%d",
                          columns[column], tenant_of(chain), number));
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    if (sqlite3_column_type(row, 0) == SQLITE_INTEGER) {
        sqlite3_snprintf(sizeof value, value, "%lld",
                         sqlite3_column_int64(row, 0) ^ ((sqlite3_int64)1 << below(63)));
    } else if (sqlite3_column_type(row, 0) != SQLITE_NULL && sqlite3_column_bytes(row, 0) > 0) {
        int is_text = sqlite3_column_type(row, 0) == SQLITE_TEXT;
        int length = sqlite3_column_bytes(row, 0);
        int where = below(length);
        char *end;
        memcpy(bytes, sqlite3_column_blob(row, 0), (size_t)length);
        bytes[where] = (unsigned char)(bytes[where] ^ 1U << below(is_text ? 4 : 8));
        sqlite3_snprintf(sizeof value, value, "CAST(x'");
        end = value + strlen(value);
        for (int i = 0; i < length; i++, end += 2) {
            sqlite3_snprintf(3, end, "%02x", bytes[i]);
        }
        sqlite3_snprintf(20, end, "' AS %s)", is_text ? "TEXT" : "BLOB");
    }
    sqlite3_finalize(row);
    run(db, SQL("UPDATE audit_events SET %s=%s WHERE tenant_id=%lld AND number=%d", columns[column],
                value, tenant_of(chain), number));
    return at(chain, number);
}

static place_t drop(sqlite3 *db, const trail_t *trail, int chain)
{
    int number = 1 + below(last_of(chain));
    (void)trail;
    run(db, SQL("DELETE FROM audit_events WHERE tenant_id=%lld AND number BETWEEN %d AND %d",
                tenant_of(chain), number, number + below(4)));
    return at(chain, number);
}

static void number_set(sqlite3 *db, int chain, int from, int to)
{
    run(db, SQL("UPDATE audit_events SET number=%d WHERE tenant_id=%lld AND number=%d", to,
                tenant_of(chain), from));
}

static place_t swap(sqlite3 *db, const trail_t *trail, int chain)
{
    int one = 1 + below(last_of(chain) - 1);
    int two = one + 1 + below(last_of(chain) - one);
    (void)trail;
    number_set(db, chain, one, 1000);
    number_set(db, chain, two, one);
    number_set(db, chain, 1000, two);
    return at(chain, one);
}

static int make_room(sqlite3 *db, int chain)
{
    int first = 1 + below(last_of(chain));
    for (int i = last_of(chain); i >= first; i--) {
        number_set(db, chain, i, i + 1);
    }
    return first;
}

static place_t renumber(sqlite3 *db, const trail_t *trail, int chain)
{
    (void)trail;
    return at(chain, make_room(db, chain));
}

static place_t renumber_one(sqlite3 *db, const trail_t *trail, int chain)
{
    int number = 1 + below(last_of(chain));
    (void)trail;
    number_set(db, chain, number, last_of(chain) + 2 + below(1000));
    return at(chain, number);
}

/* An event between two, with the head moved on: a copy of the one after it, but for its number. */
static place_t insert(sqlite3 *db, const trail_t *trail, int chain)
{
    int first = make_room(db, chain);
    (void)trail;
    run(db, SQL("INSERT INTO audit_events SELECT tenant_id, %d, at + 1, actor_id, actor_name, "
                "session, address, action, outcome, object_id, patient_id, reason, digest FROM "
                "audit_events WHERE tenant_id=%lld AND number=%d",
                first, tenant_of(chain), first + 1));
    run(db,
        SQL("UPDATE audit_heads SET number = number + 1 WHERE tenant_id=%lld", tenant_of(chain)));
    return at(chain, first);
}

static place_t append(sqlite3 *db, const trail_t *trail, int chain)
{
    (void)trail;
    run(db, SQL("INSERT INTO audit_events SELECT tenant_id, number + 1, at, actor_id, actor_name, "
                "session, address, action, outcome, object_id, patient_id, reason, digest FROM "
                "audit_events WHERE tenant_id=%lld AND number=%d",
                tenant_of(chain), last_of(chain)));
    return at(chain, last_of(chain) + 1);
}

/* The end, with the head that was true then: only what is kept elsewhere can tell. */
static place_t truncate_chain(sqlite3 *db, const trail_t *trail, int chain)
{
    int keep = 1 + below(last_of(chain) - 1);
    (void)trail;
    run(db,
        SQL("DELETE FROM audit_events WHERE tenant_id=%lld AND number>%d", tenant_of(chain), keep));
    run(db, SQL("UPDATE audit_heads SET number=%d, digest=(SELECT digest FROM audit_events e WHERE "
                "e.tenant_id=%lld AND number=%d) WHERE tenant_id=%lld",
                keep, tenant_of(chain), keep, tenant_of(chain)));
    return at(chain, keep + 1);
}

static place_t vanish(sqlite3 *db, const trail_t *trail, int chain)
{
    (void)trail;
    run(db, SQL("DELETE FROM audit_events WHERE tenant_id=%lld", tenant_of(chain)));
    run(db, SQL("DELETE FROM audit_heads WHERE tenant_id=%lld", tenant_of(chain)));
    return at(chain, 1);
}

/* One event is passed off as another organisation's last. The walk comes first to the lower one. */
static place_t give_away(sqlite3 *db, const trail_t *trail, int chain)
{
    int other = (chain + 1) % CHAINS;
    int number = 1 + below(last_of(chain));
    (void)trail;
    run(db, SQL("UPDATE audit_events SET tenant_id=%lld, number=%d WHERE tenant_id=%lld AND "
                "number=%d",
                tenant_of(other), last_of(other) + 1, tenant_of(chain), number));
    return other < chain ? at(other, last_of(other) + 1) : at(chain, number);
}

static place_t head_flip(sqlite3 *db, const trail_t *trail, int chain)
{
    (void)trail;
    run(db,
        SQL("UPDATE audit_heads SET digest=randomblob(32) WHERE tenant_id=%lld", tenant_of(chain)));
    return at(chain, last_of(chain));
}

static place_t head_move(sqlite3 *db, const trail_t *trail, int chain)
{
    int by = 1 + below(last_of(chain) - 1);
    int forward = below(2);
    (void)trail;
    run(db, SQL("UPDATE audit_heads SET number=%d WHERE tenant_id=%lld",
                last_of(chain) + (forward ? by : -by), tenant_of(chain)));
    return at(chain, forward ? last_of(chain) + 1 : last_of(chain) - by + 1);
}

static place_t group_change(sqlite3 *db, const trail_t *trail, int chain)
{
    static const char *const ways[] = {
        "UPDATE audit_groups SET members = substr(members, 1, 15) || randomblob(1) || "
        "substr(members, 17) || x'00' WHERE tenant_id=%lld",
        "UPDATE audit_groups SET members = randomblob(48) WHERE tenant_id=%lld",
        "DELETE FROM audit_groups WHERE tenant_id=%lld",
        "DELETE FROM audit_group_patients WHERE tenant_id=%lld",
        "UPDATE audit_group_patients SET patient_id = randomblob(16) WHERE tenant_id=%lld"};
    run(db, SQL(ways[below((int)(sizeof ways / sizeof *ways))], tenant_of(chain)));
    return at(chain, trail->grouped[chain]);
}

typedef place_t (*manipulate_t)(sqlite3 *db, const trail_t *trail, int chain);

static const struct {
    const char *name;
    manipulate_t manipulate;
} ways[] = {{"flip", flip},
            {"drop", drop},
            {"swap", swap},
            {"renumber", renumber},
            {"renumber one", renumber_one},
            {"insert", insert},
            {"append", append},
            {"truncate", truncate_chain},
            {"vanish", vanish},
            {"give away", give_away},
            {"head digest", head_flip},
            {"head number", head_move},
            {"group", group_change},
            {"flip", flip}};

/* As the command does it, on a database that is open already. */
static void verify(trail_fault_t *fault, trail_proof_t *proof, sqlite3 *db, ctl_t *ctl)
{
    mq_owner_t *owner = mq_owner_make(mq_sqlite_owner_on(db), ctl->pool);
    sqlite3_stmt *statement;
    trail_verify(fault, proof, owner, ctl);
    mq_owner_close(owner);
    while ((statement = sqlite3_next_stmt(db, NULL)) != NULL) {
        sqlite3_finalize(statement);
    }
}

typedef struct watched_t {
    apr_int64_t done, total;
} watched_t;

static void watch(void *context, apr_int64_t done, apr_int64_t total)
{
    *(watched_t *)context = (watched_t){done, total};
}

static void each_manipulation_is_found_where_it_begins(void **state)
{
    watched_t watched = {0, 0};
    trail_t trail;
    trail_fault_t fault;
    trail_proof_t proof;
    sqlite3 *db;
    (void)state;
    trail_make(&trail);
    db = trail_copy(&trail);
    proof = (trail_proof_t){.heads = trail.heads, .progress = watch, .watcher = &watched};
    verify(&fault, &proof, db, &(ctl_t){.pool = trail.pool});
    assert_int_equal(fault.code, CTL_DONE);
    assert_true(watched.done > 0 && watched.done == proof.events && watched.total == watched.done);
    sqlite3_close(db);
    for (int turn = 0; turn < TURNS; turn++) {
        int chain = below(CHAINS);
        int way = below((int)(sizeof ways / sizeof *ways));
        place_t place;
        ctl_t ctl = {.json = 0};
        apr_pool_create(&ctl.pool, trail.pool);
        db = trail_copy(&trail);
        run(db, "BEGIN");
        place = ways[way].manipulate(db, &trail, chain);
        run(db, "COMMIT");
        proof = (trail_proof_t){.heads = trail.heads};
        verify(&fault, &proof, db, &ctl);
        if (fault.code != CTL_FAILED || fault.tenant != place.tenant ||
            fault.number != place.number) {
            fail_msg("turn %d, %s: %d at %lld %lld (%s), not at %lld %lld", turn, ways[way].name,
                     fault.code, (long long)fault.tenant, (long long)fault.number,
                     fault.reason ? fault.reason : "", place.tenant, place.number);
        }
        sqlite3_close(db);
        apr_pool_destroy(ctl.pool);
    }
    sqlite3_free(trail.image);
    apr_pool_destroy(trail.pool);
}

/* --- what was archived --- */

static const char groups_of_events[] =
    "SELECT count(*) FROM (SELECT DISTINCT tenant_id, patient_id FROM audit_events "
    "WHERE substr(hex(patient_id), 13, 1) = '8')";
static const char groups_named[] =
    "SELECT count(*) FROM audit_groups g WHERE EXISTS (SELECT 1 FROM audit_events e "
    "WHERE e.tenant_id = g.tenant_id AND e.patient_id = g.id)";

static int counted(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = prepare(db, sql);
    int count;
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return count;
}

static sqlite3 *opened(const char *path)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

/* As many groups as its events name, with all their members. @return how many */
static int has_its_groups(sqlite3 *db)
{
    int groups = counted(db, "SELECT count(*) FROM audit_groups");
    assert_int_equal(counted(db, groups_of_events), groups);
    assert_int_equal(counted(db, groups_named), groups);
    assert_int_equal(counted(db, "SELECT count(*) FROM audit_group_patients"), MEMBERS * groups);
    return groups;
}

static int verdict_on(sqlite3 *db, const trail_t *trail)
{
    trail_fault_t fault;
    trail_proof_t proof = {.events = 0};
    verify(&fault, &proof, db, &(ctl_t){.pool = trail->pool});
    assert_true(proof.is_archive);
    return fault.code;
}

/* Each on a copy in memory. */
static void manipulations_are_found(sqlite3 *archive, const trail_t *trail)
{
    static const char *const manipulations[] = {
        "UPDATE audit_groups SET members = zeroblob(48)",
        "DELETE FROM audit_groups",
        "DELETE FROM audit_group_patients",
        "DELETE FROM audit_group_patients WHERE patient_id = (SELECT max(patient_id) FROM "
        "audit_group_patients)",
        "UPDATE audit_group_patients SET patient_id = zeroblob(16) WHERE patient_id = (SELECT "
        "max(patient_id) FROM audit_group_patients)",
        "DROP TABLE audit_groups; DROP TABLE audit_group_patients"};
    for (size_t i = 0; i < sizeof manipulations / sizeof *manipulations; i++) {
        sqlite3 *db = opened(":memory:");
        sqlite3_backup *backup = sqlite3_backup_init(db, "main", archive, "main");
        assert_int_equal(sqlite3_backup_step(backup, -1), SQLITE_DONE);
        sqlite3_backup_finish(backup);
        run(db, manipulations[i]);
        assert_int_equal(verdict_on(db, trail), CTL_FAILED);
        sqlite3_close(db);
    }
}

/* Wherever it is cut: both parts can say who was on the page that an event is of. */
static void both_parts_have_the_groups_that_their_events_name(void **state)
{
    int moved = 0;
    int left = 0;
    (void)state;
    for (int cut = 1; cut < EVENTS; cut += 3) {
        trail_t trail;
        apr_array_header_t *chains;
        apr_int64_t events;
        const char *error = "";
        const char *path;
        const char *archive;
        char folder[] = "/tmp/medsynq-trail-XXXXXX";
        sqlite3 *db;
        trail_make(&trail);
        assert_non_null(mkdtemp(folder));
        path = apr_pstrcat(trail.pool, folder, "/trail.db", NULL);
        archive = apr_pstrcat(trail.pool, folder, "/archive.db", NULL);
        db = trail_copy(&trail);
        run(db, SQL("VACUUM INTO %Q", path));
        sqlite3_close(db);
        assert_int_equal(mq_archive_copy(&chains, &events, "sqlite3", path, archive,
                                         1700000000000000 + cut + 1, NULL, NULL, &error,
                                         trail.pool),
                         APR_SUCCESS);
        assert_int_equal(mq_archive_remove("sqlite3", path, chains, NULL, NULL, &error, trail.pool),
                         APR_SUCCESS);
        db = opened(path);
        left += has_its_groups(db);
        sqlite3_close(db);
        db = opened(archive);
        assert_int_equal(verdict_on(db, &trail), CTL_DONE);
        if (has_its_groups(db)) {
            moved++;
            manipulations_are_found(db, &trail);
        }
        sqlite3_close(db);
        (void)unlink(path);
        (void)unlink(archive);
        (void)rmdir(folder);
        sqlite3_free(trail.image);
        apr_pool_destroy(trail.pool);
    }
    assert_true(moved > 0 && left > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_manipulation_is_found_where_it_begins),
        cmocka_unit_test(both_parts_have_the_groups_that_their_events_name)};
    apr_initialize();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
