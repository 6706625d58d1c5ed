/* raw_sqlite.c -- what SQLite alone does with MedSynQ's statements: prepared once, no guard, no
 * HTTP. The benchmarks divide by it.
 *
 *   raw_sqlite read  DATABASE SECONDS    the statements of the patients page
 *   raw_sqlite write DATABASE SECONDS    the transaction that adds a patient, synchronous=FULL
 *
 * Prints how often in a second. One thread: SQLite has one writer, and readers do not wait. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STATEMENTS = 24, ID_LENGTH = 16, WORD_LENGTH = 9, DIGEST_LENGTH = 32 };

typedef struct raw_t {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    sqlite3_int64 tenant;
    unsigned char user[ID_LENGTH];
    sqlite3_int64 number; /* of the last audit event */
    long bytes;           /* read, so that nobody optimises reading away */
} raw_t;

typedef struct person_t {
    unsigned char id[ID_LENGTH];
    sqlite3_int64 at;
    char first[WORD_LENGTH + 1], last[WORD_LENGTH + 1], born[sizeof "1975-04-03 and some more"];
} person_t;

static const char *const reads[] = {
    "SELECT u.name, u.roles, u.status, u.session_epoch, t.name, t.status FROM users u "
    "JOIN tenants t ON t.tenant_id = ?1 WHERE u.tenant_id = ?1 AND u.id = ?2 LIMIT 1",
    "SELECT value FROM counters WHERE tenant_id = ?1 AND name = 'patients.active' LIMIT 1",
    "SELECT id, name, birth_date, mrn FROM patients WHERE tenant_id = ?1 AND listing = 1 "
    "ORDER BY name_key, id LIMIT 51",
    NULL};

#define COUNT(name) "UPDATE counters SET value = value + 1 WHERE tenant_id = ?1 AND name = " name
#define WORD(word)                                                                                 \
    "INSERT INTO patient_words (tenant_id, word, key, patient_id) VALUES "                         \
    "(?1, " word ", ?6 || ' ' || ?8 || ' @' || ?9, ?3) ON CONFLICT DO NOTHING"

/* The statements of mq_patient_add, the values like those of bench.py's clients. */
static const char *const writes[] = {
    "BEGIN IMMEDIATE",
    COUNT("'patients.mrn'"),
    "SELECT value FROM counters WHERE tenant_id = ?1 AND name = 'patients.mrn' LIMIT 1",
    "INSERT INTO patients (tenant_id, id, version, mrn, name_key, national_id_key, listing, "
    "status, created_at, created_by, updated_at, updated_by, change_kind, name, birth_date) VALUES "
    "(?1, ?3, 1, hex(?3), ?6 || ' ' || ?8, NULL, 1, 1, ?7, ?2, ?7, ?2, 1, "
    "?6 || ' ' || ?8, ?9) ON CONFLICT DO NOTHING",
    "SELECT listing, birth_date, name, former_name, preferred_name, given_name, family_name, "
    "phone1, phone2, phone3 FROM patients WHERE tenant_id = ?1 AND id = ?3 LIMIT 1",
    WORD("?6"),
    WORD("?8"),
    WORD("'@' || ?9"),
    COUNT("'patients.active'"),
    COUNT("'patients.birth.' || substr(?9, 1, 4)"),
    COUNT("'raw.month'"),
    COUNT("'raw.day'"),
    "SELECT number, digest FROM audit_heads WHERE tenant_id = ?1 LIMIT 1",
    "INSERT INTO audit_events (tenant_id, number, at, actor_id, actor_name, session, address, "
    "action, outcome, object_id, patient_id, reason, digest) VALUES "
    "(?1, ?4, ?7, ?2, 'Ada Admin', zeroblob(8), '127.0.0.1', 8, 1, NULL, ?3, NULL, ?5)",
    "UPDATE audit_heads SET number = ?4, digest = ?5 WHERE tenant_id = ?1 AND number = ?4 - 1",
    "COMMIT",
    NULL};

static void check(const raw_t *raw, int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "raw_sqlite: %s: %s\n", what, sqlite3_errmsg(raw->db));
        exit(1);
    }
}

static void find_tenant(raw_t *raw)
{
    sqlite3_stmt *found;
    check(raw,
          sqlite3_prepare_v2(raw->db,
                             "SELECT u.tenant_id, u.id, h.number FROM users u JOIN tenants t "
                             "USING (tenant_id) JOIN audit_heads h USING (tenant_id) "
                             "WHERE t.name = 'Bench 0' LIMIT 1",
                             -1, &found, NULL) == SQLITE_OK,
          "prepare");
    check(raw, sqlite3_step(found) == SQLITE_ROW, "the organisation Bench 0");
    raw->tenant = sqlite3_column_int64(found, 0);
    memcpy(raw->user, sqlite3_column_blob(found, 1), sizeof raw->user);
    raw->number = sqlite3_column_int64(found, 2);
    sqlite3_finalize(found);
}

static void prepare(raw_t *raw, const char *const *sql)
{
    for (int i = 0; sql[i]; i++) {
        check(raw,
              sqlite3_prepare_v3(raw->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                 &raw->statements[i], NULL) == SQLITE_OK,
              sql[i]);
    }
}

/* UUIDv7's order: new rows stand at the end of the tenant's. */
static void id_make(unsigned char id[ID_LENGTH], sqlite3_int64 microseconds)
{
    sqlite3_randomness(ID_LENGTH, id);
    for (int i = 0; i < 6; i++) {
        id[i] = (unsigned char)(microseconds / 1000 >> (40 - 8 * i));
    }
    id[6] = 0x70 | (id[6] & 15);
    id[8] = 0x80 | (id[8] & 63);
}

static void word_make(char word[WORD_LENGTH + 1])
{
    unsigned char random[WORD_LENGTH];
    sqlite3_randomness(WORD_LENGTH, random);
    for (int i = 0; i < WORD_LENGTH; i++) {
        word[i] = (char)('a' + random[i] % 26);
    }
    word[WORD_LENGTH] = 0;
}

/* A name and a date of birth that resemble nobody's, like those of bench.py's clients. */
static void person_make(person_t *person)
{
    struct timespec t;
    unsigned char random[3];
    sqlite3_randomness(sizeof random, random);
    clock_gettime(CLOCK_REALTIME, &t);
    person->at = (sqlite3_int64)t.tv_sec * 1000000 + t.tv_nsec / 1000;
    id_make(person->id, person->at);
    word_make(person->first);
    word_make(person->last);
    snprintf(person->born, sizeof person->born, "%04d-%02d-%02d", 1930 + random[0] % 90,
             1 + random[1] % 12, 1 + random[2] % 28);
}

static void bind(const raw_t *raw, sqlite3_stmt *statement, const person_t *person)
{
    static const unsigned char digest[DIGEST_LENGTH];
    int count = sqlite3_bind_parameter_count(statement);
    if (count >= 1) {
        sqlite3_bind_int64(statement, 1, raw->tenant);
    }
    if (count >= 2) {
        sqlite3_bind_blob(statement, 2, raw->user, sizeof raw->user, SQLITE_STATIC);
    }
    if (count >= 3) {
        sqlite3_bind_blob(statement, 3, person->id, ID_LENGTH, SQLITE_STATIC);
    }
    if (count >= 4) {
        sqlite3_bind_int64(statement, 4, raw->number);
    }
    if (count >= 5) {
        sqlite3_bind_blob(statement, 5, digest, sizeof digest, SQLITE_STATIC);
    }
    if (count >= 6) {
        sqlite3_bind_text(statement, 6, person->first, -1, SQLITE_STATIC);
    }
    if (count >= 7) {
        sqlite3_bind_int64(statement, 7, person->at);
    }
    if (count >= 8) {
        sqlite3_bind_text(statement, 8, person->last, -1, SQLITE_STATIC);
    }
    if (count >= 9) {
        sqlite3_bind_text(statement, 9, person->born, -1, SQLITE_STATIC);
    }
}

static void once(raw_t *raw)
{
    person_t person;
    person_make(&person);
    raw->number++;
    for (int i = 0; raw->statements[i]; i++) {
        int code;
        bind(raw, raw->statements[i], &person);
        while ((code = sqlite3_step(raw->statements[i])) == SQLITE_ROW) {
            for (int c = 0; c < sqlite3_column_count(raw->statements[i]); c++) {
                (void)sqlite3_column_text(raw->statements[i], c);
                raw->bytes += sqlite3_column_bytes(raw->statements[i], c);
            }
        }
        check(raw, code == SQLITE_DONE, sqlite3_sql(raw->statements[i]));
        sqlite3_reset(raw->statements[i]);
    }
}

/* An addition to a counter finds its row, as in a clinic that has been at work today. */
static void counters_start(const raw_t *raw)
{
    sqlite3_stmt *start;
    check(raw,
          sqlite3_prepare_v2(raw->db,
                             "WITH RECURSIVE years (n) AS (SELECT 1930 UNION ALL "
                             "SELECT n + 1 FROM years WHERE n < 2019) "
                             "INSERT OR IGNORE INTO counters (tenant_id, name, value) "
                             "SELECT ?1, 'patients.birth.' || n, 0 FROM years UNION ALL "
                             "VALUES (?1, 'patients.mrn', 0), (?1, 'raw.month', 0), "
                             "(?1, 'raw.day', 0)",
                             -1, &start, NULL) == SQLITE_OK,
          "prepare");
    sqlite3_bind_int64(start, 1, raw->tenant);
    check(raw, sqlite3_step(start) == SQLITE_DONE, "counters");
    sqlite3_finalize(start);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    raw_t raw = {NULL};
    double begun;
    double seconds;
    long times = 0;
    if (argc != 4) {
        fprintf(stderr, "usage: raw_sqlite read|write DATABASE SECONDS\n");
        return 2;
    }
    check(&raw, sqlite3_open(argv[2], &raw.db) == SQLITE_OK, "open");
    check(&raw,
          sqlite3_exec(raw.db,
                       "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                       "PRAGMA foreign_keys = ON; PRAGMA mmap_size = 268435456;",
                       NULL, NULL, NULL) == SQLITE_OK,
          "PRAGMA");
    find_tenant(&raw);
    counters_start(&raw);
    prepare(&raw, strcmp(argv[1], "read") == 0 ? reads : writes);
    seconds = strtod(argv[3], NULL);
    begun = now();
    while (now() - begun < seconds) {
        once(&raw);
        times++;
    }
    printf("%.1f\n", (double)times / (now() - begun));
    for (int i = 0; raw.statements[i]; i++) {
        sqlite3_finalize(raw.statements[i]);
    }
    sqlite3_close(raw.db);
    return raw.bytes < 0;
}
