/* test_parking.c -- a form that came too late waits for its person, in its browser, for an hour. */
#include "fixture.h"

#include <apr_strings.h>

#include "domain/access/parking.h"

static const unsigned char browser[MQ_PARKING_SECRET_LENGTH] = {1, 2, 3};
static const unsigned char other_browser[MQ_PARKING_SECRET_LENGTH] = {1, 2, 4};

static const apr_array_header_t *waiting(fixture_t *f, fixture_person_t person,
                                         const unsigned char *secret)
{
    apr_array_header_t *forms;
    const mq_scope_t *sc = fixture_as(f, person);
    assert_ok(mq_parking_list(&forms, sc, secret));
    mq_db_give_back(sc);
    return forms;
}

static apr_status_t park(fixture_t *f, fixture_person_t person, const char *body)
{
    return mq_parking_add(fixture_as(f, person), browser, "/patients/new", body);
}

static void it_waits_for_the_same_person_in_the_same_browser(void **state)
{
    fixture_t *f = *state;
    const mq_parked_t *form;
    assert_ok(park(f, CLINICIAN, "name=Ana+Lima"));
    assert_event(f, MQ_ACTION_FORM_PARK, "Clara Clinician");
    assert_int_equal(waiting(f, CLINICIAN, browser)->nelts, 1);
    form = &APR_ARRAY_IDX(waiting(f, CLINICIAN, browser), 0, mq_parked_t);
    assert_string_equal(form->path, "/patients/new");
    assert_string_equal(form->body, "name=Ana+Lima");
    assert_int_equal(waiting(f, CLINICIAN, other_browser)->nelts, 0);
    assert_int_equal(waiting(f, COLLEAGUE, browser)->nelts, 0);
    assert_int_equal(waiting(f, STRANGER, browser)->nelts, 0);
}

static void it_waits_for_an_hour(void **state)
{
    fixture_t *f = *state;
    assert_ok(park(f, CLINICIAN, "name=Ana+Lima"));
    fixture_wait(f, 3599);
    assert_int_equal(waiting(f, CLINICIAN, browser)->nelts, 1);
    fixture_wait(f, 1);
    assert_int_equal(waiting(f, CLINICIAN, browser)->nelts, 0);
    assert_ok(park(f, COLLEAGUE, "x=1")); /* whoever parks next clears away */
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM parked_forms"), 1);
}

static void the_same_form_twice_waits_once(void **state)
{
    fixture_t *f = *state;
    assert_ok(park(f, CLINICIAN, "name=Ana+Lima"));
    assert_refused(f, park(f, CLINICIAN, "name=Ana+Lima"), APR_SUCCESS);
    assert_ok(park(f, CLINICIAN, "name=Ben+Reed"));
    assert_int_equal(waiting(f, CLINICIAN, browser)->nelts, 2);
}

static void a_form_that_goes_on_takes_the_place_of_what_it_goes_on_from(void **state)
{
    fixture_t *f = *state;
    assert_ok(park(f, CLINICIAN, "name=Ana&"));
    assert_ok(park(f, CLINICIAN, "name=Ana+Lima&"));
    assert_ok(park(f, CLINICIAN, "name=Ana+Lima&sign=1&"));
    assert_int_equal(waiting(f, CLINICIAN, browser)->nelts, 1);
    assert_string_equal(APR_ARRAY_IDX(waiting(f, CLINICIAN, browser), 0, mq_parked_t).body,
                        "name=Ana+Lima&sign=1&");
    assert_ok(park(f, CLINICIAN, "name=Ana+Lopes&"));
    assert_ok(
        mq_parking_add(fixture_as(f, CLINICIAN), browser, "/patients/x", "name=Ana+Lopes&b=1&"));
    assert_int_equal(waiting(f, CLINICIAN, browser)->nelts, 3);
}

static void nobody_fills_the_disk(void **state)
{
    fixture_t *f = *state;
    char *long_body = apr_pcalloc(f->pool, MQ_PARKING_BYTES + 1);
    memset(long_body, 'x', MQ_PARKING_BYTES);
    assert_refused(f, park(f, CLINICIAN, long_body), MQ_EFULL);
    for (int i = 0; i < MQ_PARKING_OF_PERSON; i++) {
        assert_ok(park(f, CLINICIAN, apr_psprintf(f->pool, "n=%d", i)));
    }
    assert_refused(f, park(f, CLINICIAN, "n=one too many"), MQ_EFULL);
    assert_ok(park(f, COLLEAGUE, "n=1"));
}

static void what_was_used_or_discarded_says_which(void **state)
{
    fixture_t *f = *state;
    mq_id_t first;
    mq_id_t second;
    assert_ok(park(f, CLINICIAN, "n=1"));
    fixture_wait(f, 1);
    assert_ok(park(f, CLINICIAN, "n=2"));
    first = APR_ARRAY_IDX(waiting(f, CLINICIAN, browser), 0, mq_parked_t).id;
    second = APR_ARRAY_IDX(waiting(f, CLINICIAN, browser), 1, mq_parked_t).id;
    assert_refused(f, mq_parking_remove(fixture_as(f, COLLEAGUE), &first), MQ_ENOTFOUND);
    assert_ok(mq_parking_remove(fixture_as(f, CLINICIAN), &first));
    assert_event(f, MQ_ACTION_FORM_UNPARK, "Clara Clinician");
    assert_string_equal(fixture_event(f).reason, "used");
    assert_ok(mq_parking_discard(fixture_as(f, CLINICIAN), &second));
    assert_string_equal(fixture_event(f).reason, "discarded");
    assert_refused(f, mq_parking_remove(fixture_as(f, CLINICIAN), &first), MQ_ENOTFOUND);
}

static mq_parked_t only_one(fixture_t *f, int is_discarded)
{
    const apr_array_header_t *forms = waiting(f, CLINICIAN, browser);
    assert_int_equal(forms->nelts, 1);
    assert_int_equal(APR_ARRAY_IDX(forms, 0, mq_parked_t).is_discarded, is_discarded);
    return APR_ARRAY_IDX(forms, 0, mq_parked_t);
}

static void what_was_discarded_can_be_brought_back_for_an_hour(void **state)
{
    fixture_t *f = *state;
    mq_id_t id;
    assert_ok(park(f, CLINICIAN, "n=1"));
    id = only_one(f, 0).id;
    fixture_wait(f, 3000);
    assert_refused(f, mq_parking_bring_back(fixture_as(f, CLINICIAN), &id), MQ_ENOTFOUND);
    assert_refused(f, mq_parking_discard(fixture_as(f, COLLEAGUE), &id), MQ_ENOTFOUND);
    assert_ok(mq_parking_discard(fixture_as(f, CLINICIAN), &id));
    assert_refused(f, mq_parking_discard(fixture_as(f, CLINICIAN), &id), MQ_ENOTFOUND);
    fixture_wait(f, 3599);
    assert_true(only_one(f, 1).until == f->now + apr_time_from_sec(1));
    assert_refused(f, mq_parking_bring_back(fixture_as(f, COLLEAGUE), &id), MQ_ENOTFOUND);
    assert_ok(mq_parking_bring_back(fixture_as(f, CLINICIAN), &id));
    assert_event(f, MQ_ACTION_FORM_PARK, "Clara Clinician");
    assert_string_equal(fixture_event(f).reason, "brought back");
    assert_string_equal(only_one(f, 0).body, "n=1");
    assert_ok(mq_parking_discard(fixture_as(f, CLINICIAN), &id));
    fixture_wait(f, 3600);
    assert_refused(f, mq_parking_bring_back(fixture_as(f, CLINICIAN), &id), MQ_ENOTFOUND);
}

static void what_was_discarded_takes_no_room_and_is_not_much(void **state)
{
    fixture_t *f = *state;
    for (int i = 0; i < 3 * MQ_PARKING_OF_PERSON; i++) {
        const apr_array_header_t *forms;
        assert_ok(park(f, CLINICIAN, "the same"));
        forms = waiting(f, CLINICIAN, browser);
        assert_ok(mq_parking_discard(fixture_as(f, CLINICIAN),
                                     &APR_ARRAY_IDX(forms, forms->nelts - 1, mq_parked_t).id));
        fixture_wait(f, 1);
    }
    assert_int_equal(waiting(f, CLINICIAN, browser)->nelts, MQ_PARKING_OF_PERSON);
}

static void the_database_and_the_servers_secret_open_nothing(void **state)
{
    fixture_t *f = *state;
    assert_ok(park(f, CLINICIAN, "name=Ana+Lima"));
    assert_int_equal(
        fixture_number(f, "SELECT count(*) FROM parked_forms WHERE instr(sealed, 'Ana') > 0"), 0);
    f->core.data_key[0] ^= 1;
    assert_int_equal(waiting(f, CLINICIAN, browser)->nelts, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_waits_for_the_same_person_in_the_same_browser),
        TEST(it_waits_for_an_hour),
        TEST(the_same_form_twice_waits_once),
        TEST(a_form_that_goes_on_takes_the_place_of_what_it_goes_on_from),
        TEST(nobody_fills_the_disk),
        TEST(what_was_used_or_discarded_says_which),
        TEST(what_was_discarded_can_be_brought_back_for_an_hour),
        TEST(what_was_discarded_takes_no_room_and_is_not_much),
        TEST(the_database_and_the_servers_secret_open_nothing)};
    return FIXTURE_RUN(tests);
}
