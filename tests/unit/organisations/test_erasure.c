/* test_erasure.c -- the end of an organisation is begun once and cannot be taken back. What a kill
 * leaves is in tests/web/organisations/test_organisation_end.py. */
#define MQ_MAY_MINT_SCOPE /* for mq_scope_operator, with its visit */
#include "fixture.h"

#include "domain/access/scope_minting.h"
#include "domain/organisations/erasure.h"
#include "domain/organisations/tenants.h"

static const char root[] = "medsynqctl (root)";

static apr_status_t run(fixture_t *f, mq_erasure_t *erasure)
{
    const char *error;
    const mq_visit_t *visit = fixture_visit(f);
    const mq_scope_t *sc;
    apr_status_t rv;
    assert_ok(mq_scope_operator(&sc, visit, FIXTURE_CLINIC, root));
    rv = mq_erasure_run(erasure, visit, sc, root, "sqlite3", f->database, NULL, NULL, &error);
    assert_true(rv == APR_SUCCESS ||
                strcmp(error, "it was opened again meanwhile: nothing is erased") == 0);
    return rv;
}

static mq_erasure_t closed(fixture_t *f)
{
    mq_erasure_t erasure;
    assert_ok(mq_tenant_close(fixture_operator(f)));
    assert_ok(mq_erasure_look(&erasure, fixture_operator(f)));
    assert_true(erasure.closed_at > 0);
    return erasure;
}

static void what_was_opened_again_after_a_look_is_not_erased(void **state)
{
    fixture_t *f = *state;
    mq_erasure_t erasure = closed(f);
    apr_int64_t rows;
    assert_ok(mq_tenant_status_set(fixture_operator(f), MQ_TENANT_ACTIVE));
    rows = fixture_number(f, "SELECT count(*) FROM audit_events");
    assert_int_equal(run(f, &erasure), MQ_ECONFLICT);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_events"), rows);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM users"), PEOPLE);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM counters WHERE name = 'erasing'"), 0);
    (void)fixture_sign_in(f, CLINICIAN);
}

static void what_has_begun_to_be_erased_is_not_opened_again(void **state)
{
    fixture_t *f = *state;
    mq_erasure_t erasure = closed(f);
    assert_ok(mq_erasure_begin(&erasure, fixture_operator(f)));
    assert_int_equal(mq_tenant_status_set(fixture_operator(f), MQ_TENANT_ACTIVE), MQ_ENOTFOUND);
    assert_ok(mq_erasure_begin(&erasure, fixture_operator(f))); /* the same command goes on */
    assert_int_equal(
        fixture_number(f, "SELECT count(*) FROM audit_events WHERE action = 123 AND tenant_id > 0"),
        1);
    assert_ok(run(f, &erasure));
    assert_true(erasure.rows > 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM tenants WHERE tenant_id > 0"), 1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM users"), 1);
}

/* Its hold begins anew. */
static void what_was_closed_anew_after_a_look_is_not_erased(void **state)
{
    fixture_t *f = *state;
    mq_erasure_t erasure = closed(f);
    assert_ok(mq_tenant_status_set(fixture_operator(f), MQ_TENANT_ACTIVE));
    fixture_wait(f, 60);
    (void)closed(f);
    assert_int_equal(run(f, &erasure), MQ_ECONFLICT);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM users"), PEOPLE);
}

static void nobody_but_the_administrators_command_begins_it(void **state)
{
    fixture_t *f = *state;
    const mq_scope_t *sc = fixture_as(f, FOUNDER);
    mq_erasure_t erasure = closed(f);
    assert_int_equal(mq_erasure_begin(&erasure, sc), MQ_EDENIED);
    assert_int_equal(mq_erasure_begin(&erasure, fixture_as(f, STRANGER)), MQ_EDENIED);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM counters WHERE name = 'erasing'"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(what_was_opened_again_after_a_look_is_not_erased),
                                       TEST(what_has_begun_to_be_erased_is_not_opened_again),
                                       TEST(what_was_closed_anew_after_a_look_is_not_erased),
                                       TEST(nobody_but_the_administrators_command_begins_it)};
    return FIXTURE_RUN(tests);
}
