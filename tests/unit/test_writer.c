/* test_writer.c -- what store/writer.h promises: whoever was told so is on disk, whoever was not
 * has changed nothing, however the transactions between them end; and those who wait share a
 * commit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <cmocka.h>
#include <stdatomic.h>

#include "base/status.h"
#include "store/sqlite/sqlite_connection.h"
#include "store/writer.h"

enum { THREADS = 8, TURNS = 60, ROUNDS_MOST = 1000 };

/* What the writer is lent: a connection without any wall. */
typedef struct bench_t {
    apr_pool_t *pool;
    mq_writer_t *writer;
    mq_sqlite_t db;
    sqlite3 *reader;
    const char *folder;
    int lent;
    int broken; /* how often it came back in disorder */
    int commits;
} bench_t;

static int count_commit(void *data)
{
    ((bench_t *)data)->commits++;
    return 0;
}

static apr_status_t lend(mq_db_t **db_out, void *data)
{
    bench_t *bench = data;
    assert_int_equal(bench->lent++, 0);
    assert_true(sqlite3_get_autocommit(bench->db.sqlite));
    *db_out = &bench->db.base;
    return APR_SUCCESS;
}

static void take_back(mq_db_t *db, int broken, void *data)
{
    bench_t *bench = data;
    assert_ptr_equal(db, &bench->db.base);
    assert_int_equal(--bench->lent, 0);
    assert_true(sqlite3_get_autocommit(mq_sqlite_of(db)->sqlite));
    bench->broken += broken;
}

static apr_status_t lend_nothing(mq_db_t **db_out, void *data)
{
    (void)db_out;
    (void)data;
    return MQ_EFULL;
}

static sqlite3_stmt *prepare(sqlite3 *sqlite, const char *sql)
{
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL), SQLITE_OK);
    return statement;
}

static void run(sqlite3 *sqlite, const char *sql)
{
    assert_int_equal(sqlite3_exec(sqlite, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void bench_make(bench_t *bench)
{
    char *folder = strdup("/tmp/medsynq-writer-XXXXXX");
    const char *path;
    *bench = (bench_t){.lent = 0};
    apr_pool_create(&bench->pool, NULL);
    assert_non_null(mkdtemp(folder));
    bench->folder = apr_pstrdup(bench->pool, folder);
    free(folder);
    path = apr_pstrcat(bench->pool, bench->folder, "/writer.db", NULL);
    assert_int_equal(sqlite3_open(path, &bench->db.sqlite), SQLITE_OK);
    run(bench->db.sqlite, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
                          "CREATE TABLE told (thread, turn, PRIMARY KEY (thread, turn))");
    bench->db.base.engine = &mq_sqlite_engine;
    bench->db.begin = prepare(bench->db.sqlite, "BEGIN IMMEDIATE");
    bench->db.commit = prepare(bench->db.sqlite, "COMMIT");
    bench->db.rollback = prepare(bench->db.sqlite, "ROLLBACK");
    bench->db.savepoint = prepare(bench->db.sqlite, "SAVEPOINT turn");
    bench->db.release = prepare(bench->db.sqlite, "RELEASE turn");
    bench->db.rollback_to = prepare(bench->db.sqlite, "ROLLBACK TO turn");
    (void)sqlite3_commit_hook(bench->db.sqlite, count_commit, bench);
    assert_int_equal(sqlite3_open(path, &bench->reader), SQLITE_OK);
    assert_int_equal(mq_writer_make(&bench->writer, NULL, lend, take_back, bench, bench->pool),
                     APR_SUCCESS);
}

static void bench_drop(bench_t *bench)
{
    static const char *const files[] = {"writer.db", "writer.db-wal", "writer.db-shm"};
    sqlite3_stmt *statement;
    while ((statement = sqlite3_next_stmt(bench->db.sqlite, NULL)) != NULL) {
        sqlite3_finalize(statement);
    }
    sqlite3_close(bench->db.sqlite);
    sqlite3_close(bench->reader);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)unlink(apr_pstrcat(bench->pool, bench->folder, "/", files[i], NULL));
    }
    (void)rmdir(bench->folder);
    apr_pool_destroy(bench->pool);
}

static int is_there(const bench_t *bench, int thread, int turn)
{
    sqlite3_stmt *statement =
        prepare(bench->reader, "SELECT count(*) FROM told WHERE thread = ? AND turn = ?");
    int count;
    sqlite3_bind_int(statement, 1, thread);
    sqlite3_bind_int(statement, 2, turn);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return count;
}

static void tell(const bench_t *bench, int thread, int turn)
{
    char sql[80];
    (void)snprintf(sql, sizeof sql, "INSERT INTO told VALUES (%d, %d)", thread, turn);
    run(bench->db.sqlite, sql);
}

/* --- many threads --- */

/* How a thread ends its turns. LOSES does what an error of the disk does: SQLite rolls back. */
typedef enum { COMMITS, GIVES_UP, LOSES } manner_t;

typedef struct work_t {
    bench_t *bench;
    int thread;
    mq_turn_length_t length;
    manner_t (*manner)(int thread, int turn);
    apr_status_t status[TURNS];
    pthread_t id;
} work_t;

static manner_t always(int thread, int turn)
{
    (void)thread;
    (void)turn;
    return COMMITS;
}

static manner_t mixed(int thread, int turn)
{
    int n = (thread * 31 + turn * 17) % 23;
    return n == 0 ? LOSES : n < 6 ? GIVES_UP : COMMITS;
}

static void *work(void *data)
{
    work_t *own = data;
    for (int i = 0; i < TURNS; i++) {
        mq_turn_t turn;
        mq_db_t *db;
        manner_t manner = own->manner(own->thread, i);
        assert_int_equal(mq_writer_begin(&db, own->bench->writer, &turn, own->length), APR_SUCCESS);
        tell(own->bench, own->thread, i);
        if (manner == LOSES) {
            run(mq_sqlite_of(db)->sqlite, "ROLLBACK");
        }
        own->status[i] = mq_writer_end(own->bench->writer, &turn,
                                       manner == GIVES_UP ? MQ_TURN_ROLLBACK : MQ_TURN_COMMIT);
    }
    return NULL;
}

static void work_together(work_t *works, bench_t *bench, mq_turn_length_t length,
                          manner_t (*manner)(int thread, int turn))
{
    for (int t = 0; t < THREADS; t++) {
        works[t] = (work_t){.bench = bench, .thread = t, .length = length, .manner = manner};
        assert_int_equal(pthread_create(&works[t].id, NULL, work, &works[t]), 0);
    }
    for (int t = 0; t < THREADS; t++) {
        pthread_join(works[t].id, NULL);
    }
}

static void those_who_wait_share_a_commit(void **state)
{
    int rounds = 0;
    int commits = THREADS * TURNS;
    (void)state;
    while (commits == THREADS * TURNS &&
           rounds++ < ROUNDS_MOST) { /* it may happen that none waits */
        bench_t bench;
        work_t works[THREADS];
        bench_make(&bench);
        bench.commits = 0;
        work_together(works, &bench, MQ_TURN_SHORT, always);
        commits = bench.commits;
        for (int t = 0; t < THREADS; t++) {
            for (int i = 0; i < TURNS; i++) {
                assert_int_equal(works[t].status[i], APR_SUCCESS);
                assert_true(is_there(&bench, t, i));
            }
        }
        bench_drop(&bench);
    }
    assert_true(commits < THREADS * TURNS);
}

static void a_long_one_shares_with_nobody(void **state)
{
    bench_t bench;
    work_t works[THREADS];
    (void)state;
    bench_make(&bench);
    bench.commits = 0;
    work_together(works, &bench, MQ_TURN_LONG, always);
    assert_int_equal(bench.commits, THREADS * TURNS);
    bench_drop(&bench);
}

/* The very promise: who is told that it is kept finds it, who is not finds nothing. */
static void what_is_told_is_true(void **state)
{
    bench_t bench;
    work_t works[THREADS];
    int kept = 0;
    (void)state;
    bench_make(&bench);
    work_together(works, &bench, MQ_TURN_SHORT, mixed);
    for (int t = 0; t < THREADS; t++) {
        for (int i = 0; i < TURNS; i++) {
            manner_t manner = mixed(t, i);
            int told = works[t].status[i] == APR_SUCCESS && manner == COMMITS;
            assert_int_equal(is_there(&bench, t, i), told);
            assert_true(manner != LOSES || works[t].status[i] != APR_SUCCESS);
            kept += told;
        }
    }
    assert_true(kept > 0);
    assert_int_equal(bench.lent, 0);
    bench_drop(&bench);
}

static int told_in(sqlite3 *sqlite)
{
    sqlite3_stmt *statement = prepare(sqlite, "SELECT count(*) FROM told");
    int count;
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return count;
}

typedef struct reading_t {
    bench_t *bench;
    int early; /* answers given before what they tell was on disk */
    pthread_t id;
} reading_t;

/* Looks what is there, finds that it has nothing to do, and tells. */
static void *read_and_give_up(void *data)
{
    reading_t *own = data;
    sqlite3 *reader;
    assert_int_equal(
        sqlite3_open(apr_pstrcat(own->bench->pool, own->bench->folder, "/writer.db", NULL),
                     &reader),
        SQLITE_OK);
    for (int i = 0; i < TURNS; i++) {
        mq_turn_t turn;
        mq_db_t *db;
        int seen;
        apr_status_t rv;
        assert_int_equal(mq_writer_begin(&db, own->bench->writer, &turn, MQ_TURN_SHORT),
                         APR_SUCCESS);
        seen = told_in(mq_sqlite_of(db)->sqlite);
        rv = mq_writer_end(own->bench->writer, &turn, MQ_TURN_ROLLBACK);
        own->early += rv == APR_SUCCESS && told_in(reader) < seen; /* no row ever goes */
    }
    sqlite3_close(reader);
    return NULL;
}

static manner_t loses_now_and_then(int thread, int turn)
{
    return (thread * 31 + turn * 17) % 23 == 0 ? LOSES : COMMITS;
}

static void what_was_read_is_on_disk_when_it_is_told(void **state)
{
    bench_t bench;
    work_t works[THREADS];
    reading_t readings[THREADS];
    (void)state;
    bench_make(&bench);
    for (int t = 0; t < THREADS; t++) {
        readings[t] = (reading_t){.bench = &bench};
        assert_int_equal(pthread_create(&readings[t].id, NULL, read_and_give_up, &readings[t]), 0);
    }
    work_together(works, &bench, MQ_TURN_SHORT, loses_now_and_then);
    for (int t = 0; t < THREADS; t++) {
        pthread_join(readings[t].id, NULL);
        assert_int_equal(readings[t].early, 0);
    }
    bench_drop(&bench);
}

/* --- one thread --- */

static void who_gives_up_leaves_nothing(void **state)
{
    bench_t bench;
    mq_turn_t turn;
    mq_db_t *db;
    (void)state;
    bench_make(&bench);
    assert_int_equal(mq_writer_begin(&db, bench.writer, &turn, MQ_TURN_SHORT), APR_SUCCESS);
    tell(&bench, 1, 1);
    assert_int_equal(mq_writer_end(bench.writer, &turn, MQ_TURN_ROLLBACK), APR_SUCCESS);
    assert_int_equal(bench.broken, 0);
    assert_int_equal(mq_writer_begin(&db, bench.writer, &turn, MQ_TURN_SHORT), APR_SUCCESS);
    tell(&bench, 1, 2);
    assert_int_equal(mq_writer_end(bench.writer, &turn, MQ_TURN_DISCARD), APR_SUCCESS);
    assert_int_equal(bench.broken, 1);
    assert_false(is_there(&bench, 1, 1) || is_there(&bench, 1, 2));
    bench_drop(&bench);
}

static void nothing_begins_without_a_connection(void **state)
{
    apr_pool_t *pool;
    mq_writer_t *writer;
    mq_turn_t turn;
    mq_db_t *db;
    (void)state;
    apr_pool_create(&pool, NULL);
    assert_int_equal(mq_writer_make(&writer, NULL, lend_nothing, take_back, NULL, pool),
                     APR_SUCCESS);
    for (int i = 0; i < 2; i++) { /* the first failure leaves nobody in the way */
        assert_int_equal(mq_writer_begin(&db, writer, &turn, MQ_TURN_SHORT), MQ_EFULL);
    }
    apr_pool_destroy(pool);
}

typedef struct stranger_t {
    bench_t *bench;
    mq_turn_t *turn;
    apr_status_t status;
} stranger_t;

static void *end_anothers(void *data)
{
    stranger_t *stranger = data;
    stranger->status = mq_writer_end(stranger->bench->writer, stranger->turn, MQ_TURN_COMMIT);
    return NULL;
}

/* As a process that a signal ends cleans up what its threads are at. */
static void another_thread_ends_nothing(void **state)
{
    bench_t bench;
    mq_turn_t turn;
    mq_db_t *db;
    stranger_t stranger = {&bench, &turn, APR_SUCCESS};
    pthread_t id;
    (void)state;
    bench_make(&bench);
    assert_int_equal(mq_writer_begin(&db, bench.writer, &turn, MQ_TURN_SHORT), APR_SUCCESS);
    tell(&bench, 1, 1);
    assert_int_equal(pthread_create(&id, NULL, end_anothers, &stranger), 0);
    pthread_join(id, NULL);
    assert_int_equal(stranger.status, MQ_EBUG);
    assert_false(is_there(&bench, 1, 1));
    assert_int_equal(mq_writer_end(bench.writer, &turn, MQ_TURN_COMMIT), APR_SUCCESS);
    assert_true(is_there(&bench, 1, 1));
    bench_drop(&bench);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_who_wait_share_a_commit),
        cmocka_unit_test(a_long_one_shares_with_nobody),
        cmocka_unit_test(what_is_told_is_true),
        cmocka_unit_test(what_was_read_is_on_disk_when_it_is_told),
        cmocka_unit_test(who_gives_up_leaves_nothing),
        cmocka_unit_test(nothing_begins_without_a_connection),
        cmocka_unit_test(another_thread_ends_nothing),
    };
    int failed;
    apr_initialize();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}
