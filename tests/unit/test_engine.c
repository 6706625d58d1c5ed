/* test_engine.c -- what store/ promises whatever the engine: a store whose writers take no turns,
 * what went wrong in words, and what the owner of a database sees. */
#include "fixture.h"

#include <apr_strings.h>

#include "domain/change.h"
#include "store/engine.h"
#include "store/owner.h"

/* Connections of the fixture, counted while they are away; as of an engine with many writers. */
typedef struct counter_t {
    const mq_store_t *inner;
    mq_store_t store;
    int away;
    int most;
    int broken;
} counter_t;

static apr_status_t counted_lend(mq_db_t **db_out, void *data)
{
    counter_t *counter = data;
    MQ_TRY(counter->inner->lend(db_out, counter->inner->lender));
    counter->most = ++counter->away > counter->most ? counter->away : counter->most;
    return APR_SUCCESS;
}

static void counted_take_back(mq_db_t *db, int broken, void *data)
{
    counter_t *counter = data;
    counter->away--;
    counter->broken += broken;
    counter->inner->take_back(db, broken, counter->inner->lender);
}

static counter_t *without_turns(fixture_t *f)
{
    counter_t *counter = apr_pcalloc(f->pool, sizeof *counter);
    counter->inner = f->core.store;
    counter->store = (mq_store_t){
        .lend = counted_lend, .take_back = counted_take_back, .lender = counter, .writer = NULL};
    f->core.store = &counter->store;
    return counter;
}

static apr_status_t language_set(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    (void)event_io;
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_USER_LANGUAGE_SET,
                        MQ_PARAMS(mq_bind_text("de"), mq_bind_id(mq_scope_user(sc)))));
    return *(const apr_status_t *)data;
}

static apr_int64_t changed(fixture_t *f)
{
    return fixture_number(f, "SELECT count(*) FROM users WHERE language = 'de'");
}

static void a_writer_without_turns_has_a_connection_of_its_own(void **state)
{
    fixture_t *f = *state;
    counter_t *counter = without_turns(f);
    const mq_scope_t *reader = fixture_as(f, COLLEAGUE);
    const mq_scope_t *writer = fixture_as(f, CLINICIAN);
    apr_status_t end = APR_SUCCESS;
    mq_rows_t rows;
    assert_ok(mq_db_select_one(&rows, reader, MQ_SQL_USER_VIEW,
                               MQ_PARAMS(mq_bind_id(mq_scope_user(reader)))));
    assert_int_equal(counter->away, 1);
    assert_ok(mq_change(writer, MQ_ACTION_LANGUAGE_CHOOSE, language_set, &end));
    assert_int_equal(counter->most, 2);
    assert_int_equal(counter->away, 1); /* back with the commit */
    mq_rows_close(&rows);
    mq_db_give_back(reader);
    assert_int_equal(counter->away, 0);
    assert_int_equal(counter->broken, 0);
    assert_int_equal(changed(f), 1);
}

static void what_it_does_not_commit_is_undone(void **state)
{
    fixture_t *f = *state;
    counter_t *counter = without_turns(f);
    const mq_scope_t *sc = fixture_as(f, CLINICIAN);
    apr_status_t end = MQ_ENOTFOUND;
    assert_int_equal(mq_change(sc, MQ_ACTION_LANGUAGE_CHOOSE, language_set, &end), MQ_ENOTFOUND);
    assert_ok(mq_db_begin(sc));
    assert_ok(mq_db_change(NULL, sc, MQ_SQL_USER_LANGUAGE_SET,
                           MQ_PARAMS(mq_bind_text("de"), mq_bind_id(mq_scope_user(sc)))));
    mq_db_give_back(sc);
    assert_int_equal(counter->away, 0);
    assert_int_equal(counter->broken, 0);
    assert_int_equal(changed(f), 0);
}

static void what_was_left_in_disorder_is_not_committed(void **state)
{
    fixture_t *f = *state;
    counter_t *counter = without_turns(f);
    const mq_scope_t *sc = fixture_as(f, CLINICIAN);
    mq_rows_t rows;
    assert_ok(mq_db_begin(sc));
    assert_ok(mq_db_change(NULL, sc, MQ_SQL_USER_LANGUAGE_SET,
                           MQ_PARAMS(mq_bind_text("de"), mq_bind_id(mq_scope_user(sc)))));
    assert_ok(
        mq_db_select_one(&rows, sc, MQ_SQL_USER_VIEW, MQ_PARAMS(mq_bind_id(mq_scope_user(sc)))));
    assert_int_equal(mq_db_commit(sc), MQ_EBUG);
    assert_int_equal(counter->away, 0);
    assert_int_equal(counter->broken, 1);
    assert_int_equal(changed(f), 0);
}

static void what_failed_is_said_in_words(void **state)
{
    fixture_t *f = *state;
    const mq_scope_t *sc = fixture_as(f, CLINICIAN);
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_rows_t rows;
    assert_null(mq_db_failed(pool));
    assert_int_equal(mq_db_commit(sc), MQ_EBUG);
    assert_string_equal(mq_db_failed(pool), "commit: there is no transaction");
    assert_int_equal(mq_db_select(&rows, sc, MQ_SQL_USER_VIEW, MQ_NO_PARAMS), MQ_EBUG);
    assert_string_equal(mq_db_failed(pool), "user_view: it has other parameters");
    assert_ok(mq_db_begin(sc));
    assert_int_equal(mq_db_change(NULL, sc, MQ_SQL_INVITATION_INSERT, MQ_NO_PARAMS), MQ_EBUG);
    assert_int_equal(mq_db_begin(sc), MQ_EBUG);
    assert_string_equal(mq_db_failed(pool), "begin to write: a transaction or rows are open");
    mq_db_rollback(sc);
}

static void an_engine_that_is_not_there_is_named(void **state)
{
    fixture_t *f = *state;
    const char *error = NULL;
    mq_db_t *db;
    assert_null(mq_engine_find("oracle"));
    assert_ptr_equal(mq_engine_at(0), mq_engine_find("sqlite3"));
    assert_int_equal(mq_db_open(&db, "oracle", f->database, MQ_DB_SERVE, &error, f->pool),
                     MQ_EINVALID);
    assert_string_equal(error, "there is no engine oracle");
}

static void the_owner_sees_all_organisations_in_one_state(void **state)
{
    fixture_t *f = *state;
    const char *error = "";
    mq_owner_t *owner;
    mq_rows_t rows;
    int version = 0;
    int found = 0;
    apr_status_t end = APR_SUCCESS;
    apr_int64_t events;
    assert_ok(mq_owner_open(&owner, "sqlite3", f->database, &error, f->pool));
    assert_ok(mq_owner_version(&version, owner, &error, f->pool));
    assert_int_equal(version, mq_migration_count);
    assert_ok(mq_owner_select(&rows, owner, MQ_SQL_OWNER_TENANT_NAMES, MQ_NO_PARAMS));
    while (mq_rows_next(&rows) == APR_SUCCESS) {
        found++;
    }
    assert_int_equal(found, 2);
    events = fixture_number(f, "SELECT count(*) FROM audit_events");
    assert_ok(mq_change(fixture_as(f, CLINICIAN), MQ_ACTION_LANGUAGE_CHOOSE, language_set, &end));
    assert_ok(mq_owner_select(&rows, owner, MQ_SQL_OWNER_EVENTS, MQ_NO_PARAMS));
    for (found = 0; mq_rows_next(&rows) == APR_SUCCESS; found++) {
        assert_int_equal(mq_rows_kind(&rows, MQ_OWNER_EVENTS_NUMBER), 'i');
        assert_int_equal(mq_rows_kind(&rows, MQ_OWNER_EVENTS_DIGEST), 'b');
    }
    assert_int_equal(found, events); /* not the one that was written meanwhile */
    mq_owner_close(owner);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_events"), events + 1);
}

static void the_owner_is_told_what_is_wrong(void **state)
{
    fixture_t *f = *state;
    const char *path = apr_pstrcat(f->pool, f->database, ".none", NULL);
    const char *said = "";
    mq_owner_t *owner;
    assert_int_equal(mq_owner_open(&owner, "sqlite3", path, &said, f->pool), MQ_ENOTFOUND);
    assert_ok(mq_owner_open(&owner, "sqlite3", f->database, &said, f->pool));
    for (int what = MQ_CHECK_STORAGE; what <= MQ_CHECK_KEYS; what++) {
        assert_ok(mq_owner_check(&said, owner, (mq_check_t)what, f->pool));
        assert_null(said);
    }
    assert_true(mq_owner_has(owner, "tenants") && !mq_owner_has(owner, "audit_archive"));
    assert_int_equal(mq_owner_settle("sqlite3", f->database, &said, f->pool), MQ_EFULL);
    mq_owner_close(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(a_writer_without_turns_has_a_connection_of_its_own),
                                       TEST(what_it_does_not_commit_is_undone),
                                       TEST(what_was_left_in_disorder_is_not_committed),
                                       TEST(what_failed_is_said_in_words),
                                       TEST(an_engine_that_is_not_there_is_named),
                                       TEST(the_owner_sees_all_organisations_in_one_state),
                                       TEST(the_owner_is_told_what_is_wrong)};
    return FIXTURE_RUN(tests);
}
