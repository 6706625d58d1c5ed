/* test_tenants.c -- creating an organisation, and suspending it. */
#include "fixture.h"

#include "domain/access/scope_minting.h"
#include "domain/organisations/tenants.h"
#include "domain/people/accounts.h"

static const mq_tenant_new_t lake = {"Lake House", "Lea Lake", "lea@lake.example",
                                     "nine violet kites hum"};

static apr_status_t created(const mq_scope_t **sc_out, fixture_t *f, const mq_tenant_new_t *in)
{
    mq_password_verdict_t verdict;
    int wait;
    return mq_tenant_create(sc_out, &wait, &verdict, fixture_visit(f), in);
}

static void whoever_creates_one_administers_it_and_is_clinical(void **state)
{
    fixture_t *f = *state;
    const mq_scope_t *sc;
    apr_array_header_t *people;
    int has_next;
    assert_ok(created(&sc, f, &lake));
    assert_int_equal(mq_scope_roles(sc), MQ_ROLE_ADMIN | MQ_ROLE_CLINICIAN);
    assert_string_equal(mq_scope_tenant_name(sc), "Lake House");
    assert_string_equal(mq_scope_user_name(sc), "Lea Lake");
    assert_ok(mq_people_page(&people, &has_next, sc, NULL));
    assert_int_equal(people->nelts, 1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_events WHERE action = 1"), 3);
}

static void a_name_is_given_once_however_it_is_written(void **state)
{
    static const char *const same[] = {FIXTURE_CLINIC, "HARBOUR  clinic",
                                       "\xc2\xa0Harbour\xe3\x80\x80"
                                       "Clinic "};
    fixture_t *f = *state;
    mq_tenant_new_t in = lake;
    const mq_scope_t *sc;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        in.tenant_name = same[i];
        assert_int_equal(created(&sc, f, &in), MQ_ECONFLICT);
    }
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM tenants WHERE tenant_id > 0"), 2);
    assert_int_equal(
        fixture_number(f, "SELECT count(*) FROM users WHERE email = 'lea@lake.example'"), 0);
}

static void what_nobody_has_checked_creates_nothing(void **state)
{
    static const mq_tenant_new_t unchecked[] = {
        {"Lake\nHouse", "Lea Lake", "lea@lake.example", "nine violet kites hum"},
        {"", "Lea Lake", "lea@lake.example", "nine violet kites hum"},
        {"Lake House", " Lea  Lake", "lea@lake.example", "nine violet kites hum"},
        {"Lake House", "Lea Lake", "no address", "nine violet kites hum"},
        {"Lake House", "Lea Lake", "", "nine violet kites hum"}};
    fixture_t *f = *state;
    const mq_scope_t *sc;
    for (size_t i = 0; i < sizeof unchecked / sizeof *unchecked; i++) {
        assert_int_equal(created(&sc, f, &unchecked[i]), MQ_EINVALID);
    }
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM tenants WHERE tenant_id > 0"), 2);
}

static void one_person_may_have_accounts_in_two_organisations(void **state)
{
    fixture_t *f = *state;
    mq_tenant_new_t in = lake;
    const mq_scope_t *sc;
    in.admin_email = fixture_email(CLINICIAN);
    assert_ok(created(&sc, f, &in));
    assert_false(mq_id_equal(mq_scope_user(sc), &f->people[CLINICIAN]));
}

static void a_weak_password_creates_nothing(void **state)
{
    fixture_t *f = *state;
    mq_tenant_new_t in = lake;
    const mq_scope_t *sc;
    mq_password_verdict_t verdict;
    int wait;
    in.admin_password = "LakeHouse2026";
    assert_int_equal(mq_tenant_create(&sc, &wait, &verdict, fixture_visit(f), &in), MQ_EINVALID);
    assert_int_equal(verdict, MQ_PASSWORD_NAMED);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM tenants WHERE tenant_id > 0"), 2);
}

static void one_address_creates_so_many_in_an_hour(void **state)
{
    fixture_t *f = *state;
    mq_tenant_new_t in = lake;
    const mq_scope_t *sc;
    f->core.registrations_per_hour = 2;
    assert_ok(created(&sc, f, &in));
    in.tenant_name = "Lake House 2";
    assert_ok(created(&sc, f, &in));
    in.tenant_name = "Lake House 3";
    assert_int_equal(created(&sc, f, &in), MQ_EBUSY);
    fixture_wait(f, 3600);
    assert_ok(created(&sc, f, &in));
}

static void only_the_operator_suspends(void **state)
{
    fixture_t *f = *state;
    assert_refused(f, mq_tenant_status_set(fixture_as(f, FOUNDER), MQ_TENANT_SUSPENDED),
                   MQ_EDENIED);
    (void)fixture_as(f, CLINICIAN);
}

static void nobody_enters_a_suspended_one_and_nothing_is_lost(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    const mq_visit_t *visit = fixture_visit(f);
    const mq_scope_t *door;
    const mq_scope_t *sc;
    int active;
    assert_ok(mq_tenant_status_set(fixture_operator(f), MQ_TENANT_SUSPENDED));
    assert_int_equal(mq_tenant_status_set(fixture_operator(f), MQ_TENANT_SUSPENDED), MQ_ECONFLICT);
    assert_ok(mq_scope_anonymous(&door, &active, visit, FIXTURE_CLINIC));
    assert_false(active);
    assert_int_equal(mq_scope_enter(&sc, visit, door, &f->people[CLINICIAN]), MQ_EDENIED);
    (void)fixture_as(f, STRANGER);
    assert_ok(mq_tenant_status_set(fixture_operator(f), MQ_TENANT_ACTIVE));
    assert_event(f, MQ_ACTION_ORGANISATION_RESUME, "medsynqctl (root)");
    assert_string_equal(fixture_read(f, &id).name, "Ana Lima");
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(whoever_creates_one_administers_it_and_is_clinical),
                                       TEST(a_name_is_given_once_however_it_is_written),
                                       TEST(what_nobody_has_checked_creates_nothing),
                                       TEST(one_person_may_have_accounts_in_two_organisations),
                                       TEST(a_weak_password_creates_nothing),
                                       TEST(one_address_creates_so_many_in_an_hour),
                                       TEST(only_the_operator_suspends),
                                       TEST(nobody_enters_a_suspended_one_and_nothing_is_lost)};
    return FIXTURE_RUN(tests);
}
