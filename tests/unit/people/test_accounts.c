/* test_accounts.c -- who is in and may what: the last administrator stays one, a disabled person is
 * out, and each change has its event. */
#include "fixture.h"

#include "domain/access/scope_minting.h"
#include "domain/access/throttle.h"
#include "domain/people/accounts.h"

static mq_person_t person_now(fixture_t *f, fixture_person_t person)
{
    mq_person_t found;
    assert_ok(mq_person_view(&found, fixture_as(f, ADMIN), &f->people[person]));
    return found;
}

/* Both administrators but one are disabled. */
static void founder_alone(fixture_t *f)
{
    assert_ok(mq_person_status_set(fixture_as(f, FOUNDER), &f->people[ADMIN], MQ_PERSON_DISABLED));
}

static void the_last_active_administrator_cannot_be_disabled(void **state)
{
    fixture_t *f = *state;
    founder_alone(f);
    assert_event(f, MQ_ACTION_USER_DISABLE, "Fay Founder");
    assert_refused(
        f, mq_person_status_set(fixture_as(f, FOUNDER), &f->people[FOUNDER], MQ_PERSON_DISABLED),
        MQ_ECONFLICT);
    (void)fixture_as(f, FOUNDER);
}

static void the_last_active_administrator_keeps_the_role(void **state)
{
    fixture_t *f = *state;
    founder_alone(f);
    assert_refused(
        f, mq_person_roles_set(fixture_as(f, FOUNDER), &f->people[FOUNDER], 0, MQ_ROLE_CLINICIAN),
        MQ_ECONFLICT);
    assert_ok(mq_person_roles_set(fixture_as(f, FOUNDER), &f->people[FOUNDER], 0, MQ_ROLE_ADMIN));
    assert_int_equal(mq_scope_roles(fixture_as(f, FOUNDER)), MQ_ROLE_ADMIN);
}

static void of_two_administrators_one_may_go(void **state)
{
    fixture_t *f = *state;
    assert_ok(mq_person_roles_set(fixture_as(f, FOUNDER), &f->people[ADMIN], 0,
                                  MQ_ROLE_ADMIN | MQ_ROLE_AUDITOR));
    assert_ok(mq_person_roles_set(fixture_as(f, ADMIN), &f->people[ADMIN], 0, MQ_ROLE_AUDITOR));
    assert_event(f, MQ_ACTION_USER_ROLES, "Ada Admin");
    assert_string_equal(fixture_event(f).reason, "from 9 to 8");
    assert_int_equal(mq_scope_roles(fixture_as(f, ADMIN)), MQ_ROLE_AUDITOR);
}

/* Of two who correct it the later one is told, and nobody without the role does it. */
static void a_name_is_corrected_and_the_trail_says_from_which(void **state)
{
    fixture_t *f = *state;
    const mq_id_t *id = &f->people[CLINICIAN];
    assert_ok(mq_person_rename(fixture_as(f, ADMIN), id, "Clara Clinician", "Klara Clinician"));
    assert_event(f, MQ_ACTION_USER_NAME, "Ada Admin");
    assert_string_equal(fixture_event(f).reason, "from Clara Clinician to Klara Clinician");
    assert_string_equal(person_now(f, CLINICIAN).name, "Klara Clinician");
    assert_refused(f,
                   mq_person_rename(fixture_as(f, FOUNDER), id, "Clara Clinician", "C. Clinician"),
                   MQ_ECONFLICT);
    assert_refused(f, mq_person_rename(fixture_as(f, FOUNDER), id, "Klara Clinician", ""),
                   MQ_EINVALID);
    assert_refused(f, mq_person_rename(fixture_as(f, CLINICIAN), id, "Klara Clinician", "Dr Klara"),
                   MQ_EDENIED);
    assert_string_equal(mq_scope_user_name(fixture_as(f, CLINICIAN)), "Klara Clinician");
}

/* A session that was stolen from its administrator gives itself nothing. */
static void nobody_gives_themselves_access(void **state)
{
    fixture_t *f = *state;
    const mq_id_t *own = &f->people[ADMIN];
    assert_refused(
        f, mq_person_roles_set(fixture_as(f, ADMIN), own, 0, MQ_ROLE_ADMIN | MQ_ROLE_CLINICIAN),
        MQ_EDENIED);
    assert_refused(f, mq_person_roles_set(fixture_as(f, ADMIN), own, 0, MQ_ROLE_AUDITOR),
                   MQ_EDENIED);
    assert_refused(f, mq_person_unlock(fixture_as(f, ADMIN), own), MQ_EDENIED);
    assert_refused(f, mq_person_status_set(fixture_as(f, ADMIN), own, MQ_PERSON_ACTIVE),
                   MQ_EDENIED);
    assert_int_equal(mq_scope_roles(fixture_as(f, ADMIN)), MQ_ROLE_ADMIN);
    assert_ok(mq_person_unlock(fixture_as(f, FOUNDER), own));
}

static void another_administrator_made_first_lets_the_last_one_go(void **state)
{
    fixture_t *f = *state;
    founder_alone(f);
    assert_ok(mq_person_roles_set(fixture_as(f, FOUNDER), &f->people[CLINICIAN], 0,
                                  MQ_ROLE_CLINICIAN | MQ_ROLE_ADMIN));
    assert_ok(
        mq_person_status_set(fixture_as(f, CLINICIAN), &f->people[FOUNDER], MQ_PERSON_DISABLED));
}

static void the_disabled_do_not_come_in_until_they_are_enabled(void **state)
{
    fixture_t *f = *state;
    const mq_visit_t *visit = fixture_visit(f);
    const mq_scope_t *door;
    const mq_scope_t *sc;
    int active;
    assert_ok(
        mq_person_status_set(fixture_as(f, ADMIN), &f->people[CLINICIAN], MQ_PERSON_DISABLED));
    assert_int_equal(person_now(f, CLINICIAN).status, MQ_PERSON_DISABLED);
    assert_ok(mq_scope_anonymous(&door, &active, visit, FIXTURE_CLINIC));
    assert_int_equal(mq_scope_enter(&sc, visit, door, &f->people[CLINICIAN]), MQ_ENOTFOUND);
    assert_ok(mq_person_status_set(fixture_as(f, ADMIN), &f->people[CLINICIAN], MQ_PERSON_ACTIVE));
    assert_event(f, MQ_ACTION_USER_ENABLE, "Ada Admin");
    assert_int_equal(mq_scope_roles(fixture_as(f, CLINICIAN)), MQ_ROLE_CLINICIAN);
}

static void what_is_so_already_is_no_event(void **state)
{
    fixture_t *f = *state;
    assert_refused(
        f, mq_person_status_set(fixture_as(f, ADMIN), &f->people[CLINICIAN], MQ_PERSON_ACTIVE),
        APR_SUCCESS);
    assert_refused(
        f, mq_person_roles_set(fixture_as(f, ADMIN), &f->people[CLINICIAN], 0, MQ_ROLE_CLINICIAN),
        APR_SUCCESS);
}

static void of_two_who_change_the_same_roles_the_later_is_told(void **state)
{
    fixture_t *f = *state;
    const mq_id_t *id = &f->people[CLINICIAN];
    assert_ok(mq_person_roles_set(fixture_as(f, ADMIN), id, MQ_ROLE_CLINICIAN, MQ_ROLE_AUDITOR));
    assert_refused(
        f, mq_person_roles_set(fixture_as(f, FOUNDER), id, MQ_ROLE_CLINICIAN, MQ_ROLE_FRONT_DESK),
        MQ_ECONFLICT);
    assert_int_equal(person_now(f, CLINICIAN).roles, MQ_ROLE_AUDITOR);
    assert_ok(mq_person_roles_set(fixture_as(f, FOUNDER), id, MQ_ROLE_AUDITOR, MQ_ROLE_FRONT_DESK));
}

static void no_role_and_unknown_roles_are_refused(void **state)
{
    static const int wrong[] = {0, -1, MQ_ROLES_ALL + 1, MQ_ROLE_OPERATOR, MQ_ROLE_OPERATOR | 1};
    fixture_t *f = *state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_refused(
            f, mq_person_roles_set(fixture_as(f, ADMIN), &f->people[CLINICIAN], 0, wrong[i]),
            MQ_EINVALID);
    }
    assert_int_equal(person_now(f, CLINICIAN).roles, MQ_ROLE_CLINICIAN);
}

static void only_administrators_manage_people(void **state)
{
    static const fixture_person_t others[] = {CLINICIAN, FRONT_DESK, AUDITOR};
    fixture_t *f = *state;
    const mq_id_t *id = &f->people[COLLEAGUE];
    apr_array_header_t *people;
    mq_person_t person;
    int has_next;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        fixture_person_t who = others[i];
        assert_refused(f, mq_people_page(&people, &has_next, fixture_as(f, who), NULL), MQ_EDENIED);
        assert_refused(f, mq_person_view(&person, fixture_as(f, who), id), MQ_EDENIED);
        assert_refused(f, mq_person_status_set(fixture_as(f, who), id, MQ_PERSON_DISABLED),
                       MQ_EDENIED);
        assert_refused(f, mq_person_roles_set(fixture_as(f, who), id, 0, MQ_ROLE_ADMIN),
                       MQ_EDENIED);
        assert_refused(f, mq_person_sessions_end(fixture_as(f, who), id), MQ_EDENIED);
        assert_refused(f, mq_person_unlock(fixture_as(f, who), id), MQ_EDENIED);
    }
}

static void people_of_another_organisation_are_none(void **state)
{
    fixture_t *f = *state;
    const mq_id_t *id = &f->people[CLINICIAN];
    mq_person_t person;
    assert_int_equal(mq_person_view(&person, fixture_as(f, STRANGER), id), MQ_ENOTFOUND);
    assert_int_equal(mq_person_by_email(&person, fixture_as(f, STRANGER), fixture_email(CLINICIAN)),
                     MQ_ENOTFOUND);
    assert_int_equal(mq_person_status_set(fixture_as(f, STRANGER), id, MQ_PERSON_DISABLED),
                     MQ_ENOTFOUND);
    assert_int_equal(mq_person_roles_set(fixture_as(f, STRANGER), id, 0, MQ_ROLE_ADMIN),
                     MQ_ENOTFOUND);
    assert_int_equal(mq_person_sessions_end(fixture_as(f, STRANGER), id), MQ_ENOTFOUND);
    assert_int_equal(mq_person_unlock(fixture_as(f, STRANGER), id), MQ_ENOTFOUND);
    assert_int_equal(person_now(f, CLINICIAN).status, MQ_PERSON_ACTIVE);
}

static void the_list_is_of_this_organisation_in_the_order_of_addresses(void **state)
{
    static const fixture_person_t wanted[] = {ADMIN,     AUDITOR,    CLINICIAN,
                                              COLLEAGUE, FRONT_DESK, FOUNDER};
    fixture_t *f = *state;
    apr_array_header_t *people;
    int has_next;
    assert_ok(mq_people_page(&people, &has_next, fixture_as(f, ADMIN), NULL));
    assert_false(has_next);
    assert_int_equal(people->nelts, 6);
    for (int i = 0; i < people->nelts; i++) {
        assert_string_equal(APR_ARRAY_IDX(people, i, mq_person_t).email, fixture_email(wanted[i]));
    }
    assert_ok(mq_people_page(&people, &has_next, fixture_as(f, ADMIN), &f->people[COLLEAGUE]));
    assert_int_equal(people->nelts, 2);
}

static void an_address_is_found_however_it_is_written(void **state)
{
    fixture_t *f = *state;
    mq_person_t person;
    assert_ok(mq_person_by_email(&person, fixture_as(f, ADMIN), "Clinician@HARBOUR.example"));
    assert_memory_equal(&person.id, &f->people[CLINICIAN], sizeof person.id);
}

static void whoever_is_unlocked_may_try_again_at_once(void **state)
{
    fixture_t *f = *state;
    const char *counter = "a counter";
    int wait;
    for (int i = 0; i < f->core.failures_per_account; i++) {
        mq_throttle_end(fixture_visit(f), MQ_THROTTLE_ACCOUNT, counter, MQ_TRY_FAILED);
    }
    assert_int_equal(mq_throttle_check_person(&wait, fixture_visit(f), fixture_as(f, CLINICIAN),
                                              &f->people[CLINICIAN], MQ_THROTTLE_ACCOUNT, counter),
                     MQ_EBUSY);
    f->now++;
    assert_ok(mq_person_unlock(fixture_as(f, ADMIN), &f->people[CLINICIAN]));
    assert_event(f, MQ_ACTION_USER_UNLOCK, "Ada Admin");
    assert_ok(mq_throttle_check_person(&wait, fixture_visit(f), fixture_as(f, CLINICIAN),
                                       &f->people[CLINICIAN], MQ_THROTTLE_ACCOUNT, counter));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_last_active_administrator_cannot_be_disabled),
        TEST(the_last_active_administrator_keeps_the_role),
        TEST(of_two_administrators_one_may_go),
        TEST(a_name_is_corrected_and_the_trail_says_from_which),
        TEST(nobody_gives_themselves_access),
        TEST(another_administrator_made_first_lets_the_last_one_go),
        TEST(the_disabled_do_not_come_in_until_they_are_enabled),
        TEST(what_is_so_already_is_no_event),
        TEST(of_two_who_change_the_same_roles_the_later_is_told),
        TEST(no_role_and_unknown_roles_are_refused),
        TEST(only_administrators_manage_people),
        TEST(people_of_another_organisation_are_none),
        TEST(the_list_is_of_this_organisation_in_the_order_of_addresses),
        TEST(an_address_is_found_however_it_is_written),
        TEST(whoever_is_unlocked_may_try_again_at_once)};
    return FIXTURE_RUN(tests);
}
