/* test_emergencies.c -- which emergency accesses are marked, what a reason and a review must say;
 * that one is opened where both sides allow it alone, and that whoever asks in vain has asked for
 * the same statements whatever is wrong. Mutants of the checks must be noticed here
 * (tests/isolation/source_mutants.py). */
#include "fixture.h"

#include <apr_strings.h>
#include <sqlite3.h>

#include "domain/sharing/emergency_reviews.h"
#include "domain/sharing/partners.h"
#include "domain/sharing/shared.h"

enum { GUESSES = 10000 };

#define BORN "1980-02-03"
#define REASON "Unconscious, brought in by the ambulance."
#define NATIONAL "AB 123-456"
#define OWNERS "(SELECT tenant_id FROM tenants WHERE name = '" FIXTURE_CLINIC "')"
#define READERS "(SELECT tenant_id FROM tenants WHERE name = '" FIXTURE_OTHER "')"

/* ---- what the database is asked ---- */

static apr_array_header_t *asked; /* texts of statements, or NULL: nobody listens */

static int statement_heard(unsigned type, void *context, void *statement, void *text)
{
    const char *sql = text;
    (void)type;
    (void)context;
    (void)statement;
    if (asked && strncmp(sql, "--", 2) != 0) { /* else what a trigger does */
        APR_ARRAY_PUSH(asked, const char *) = apr_pstrdup(asked->pool, sql);
    }
    return 0;
}

static int connection_listen(sqlite3 *sqlite, const char **error, const void *routines)
{
    (void)error;
    (void)routines;
    return sqlite3_trace_v2(sqlite, SQLITE_TRACE_STMT, statement_heard, NULL);
}

/* ---- two organisations: the reader's is the stranger's ---- */

typedef struct house_t {
    fixture_t *f;
    mq_id_t link;
    mq_id_t patient;
    const char *mrn;
} house_t;

static void by_hand(fixture_t *f, const char *sql)
{
    sqlite3 *sqlite;
    char *error = NULL;
    assert_int_equal(sqlite3_open(f->database, &sqlite), SQLITE_OK);
    if (sqlite3_exec(sqlite, sql, NULL, NULL, &error) != SQLITE_OK) {
        fail_msg("%s: %s", sql, error);
    }
    (void)sqlite3_close(sqlite);
}

static mq_id_t patient_add_as(fixture_t *f, fixture_person_t person, const char *name,
                              const char *national)
{
    const mq_patient_new_t in = {
        .fields = {.name = name, .birth_date = BORN, .national_id = national}};
    mq_id_t id;
    assert_ok(mq_patient_add(&id, fixture_as(f, person), &in));
    return id;
}

static mq_id_t patient_add(fixture_t *f, const char *name, const char *national)
{
    return patient_add_as(f, CLINICIAN, name, national);
}

static void step_take(const house_t *house, fixture_person_t person, mq_partner_step_t step)
{
    const mq_visit_t *visit = fixture_visit(house->f);
    int wait;
    assert_ok(mq_partner_take(&wait, visit, fixture_enter(visit, house->f, person), &house->link,
                              step, NULL));
}

static house_t house_make(fixture_t *f)
{
    house_t house = {.f = f, .patient = patient_add(f, "Ana Lima", NATIONAL)};
    const mq_visit_t *visit = fixture_visit(f);
    const char *code;
    int wait;
    house.mrn = fixture_read(f, &house.patient).mrn;
    assert_ok(mq_connection_code(&code, fixture_as(f, FOUNDER)));
    assert_ok(mq_partner_propose(&house.link, &wait, visit, fixture_enter(visit, f, STRANGER), code,
                                 NULL));
    step_take(&house, FOUNDER, MQ_PARTNER_ACCEPT);
    assert_ok(mq_emergency_allow(fixture_as(f, FOUNDER), &house.link, 1));
    assert_ok(mq_emergency_allow(fixture_as(f, STRANGER), &house.link, 1));
    return house;
}

static apr_status_t ask(mq_id_t *id_out, const house_t *house, const char *number,
                        const char *birth_date)
{
    const mq_emergency_new_t in = {house->link, number, birth_date, REASON};
    const mq_visit_t *visit = fixture_visit(house->f);
    mq_emergency_told_t told;
    int wait;
    return mq_emergency_open(id_out, &told, &wait, visit, fixture_enter(visit, house->f, STRANGER),
                             &in);
}

static apr_status_t look(const house_t *house, const mq_id_t *id)
{
    mq_shared_t shared;
    return mq_shared_open(&shared, fixture_as(house->f, STRANGER), id, NULL, 20);
}

static int opened(const house_t *house)
{
    return (int)fixture_number(house->f, "SELECT count(*) FROM emergencies");
}

static void the_second_in_a_day_and_the_fifth_in_a_month_are_marked(void **state)
{
    (void)state;
    assert_int_equal(mq_emergency_marks(0, 0), 0);
    assert_int_equal(mq_emergency_marks(0, 3), 0);
    assert_int_equal(mq_emergency_marks(1, 1), MQ_EMERGENCY_AGAIN_TODAY);
    assert_int_equal(mq_emergency_marks(2, 3), MQ_EMERGENCY_AGAIN_TODAY);
    assert_int_equal(mq_emergency_marks(0, 4), MQ_EMERGENCY_OFTEN);
    assert_int_equal(mq_emergency_marks(1, 9), MQ_EMERGENCY_AGAIN_TODAY | MQ_EMERGENCY_OFTEN);
}

static void a_reason_has_fifteen_characters(void **state)
{
    (void)state;
    assert_false(mq_emergency_reason_holds(NULL));
    assert_false(mq_emergency_reason_holds(""));
    assert_false(mq_emergency_reason_holds("fourteen signs"));
    assert_true(mq_emergency_reason_holds("fifteen of them"));
    assert_false(mq_emergency_reason_holds("a              b"));
    assert_false(mq_emergency_reason_holds("a\n\n\n\n\n\n\n\n\n\n\n\n\n\nb"));
    assert_false(mq_emergency_reason_holds(
        "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301"));
    assert_false(
        mq_emergency_reason_holds("hurt\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b"
                                  "\u200b\u200b\u200b"));
    assert_true(mq_emergency_reason_holds("\u0641\u0627\u0642\u062f \u0627\u0644\u0648\u0639\u064a "
                                          "\u062a\u0645\u0627\u0645\u0627"));
    assert_false(mq_emergency_reason_holds("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"));
}

static void what_was_not_justified_says_what_was_done(void **state)
{
    (void)state;
    assert_true(mq_emergency_review_holds(MQ_EMERGENCY_JUSTIFIED, NULL));
    assert_true(mq_emergency_review_holds(MQ_EMERGENCY_UNJUSTIFIED, "told them"));
    assert_false(mq_emergency_review_holds(MQ_EMERGENCY_UNJUSTIFIED, NULL));
    assert_false(mq_emergency_review_holds(MQ_EMERGENCY_UNJUSTIFIED, ""));
    assert_false(mq_emergency_review_holds(MQ_EMERGENCY_UNJUSTIFIED, "\u0301 \u200b"));
    assert_false(mq_emergency_review_holds(MQ_EMERGENCY_WAITS, "later"));
}

static void both_sides_have_it_at_once_and_the_hour_ends_it(void **state)
{
    fixture_t *f = *state;
    const house_t house = house_make(f);
    mq_id_t id;
    assert_ok(ask(&id, &house, house.mrn, BORN));
    assert_event(f, MQ_ACTION_EMERGENCY_OPENED, "Stan Stranger, " FIXTURE_OTHER);
    assert_event_patient(f, &house.patient);
    assert_int_equal(opened(&house), 1);
    fixture_wait(f, MQ_EMERGENCY_MINUTES * 60 - 1);
    assert_ok(look(&house, &id));
    fixture_wait(f, 1);
    assert_int_equal(look(&house, &id), MQ_ENOTFOUND);
    fixture_wait(f, -60);
    assert_int_equal(look(&house, &id), MQ_ENOTFOUND);
}

static void a_reason_that_says_too_little_opens_nothing(void **state)
{
    fixture_t *f = *state;
    const house_t house = house_make(f);
    const mq_emergency_new_t in = {house.link, house.mrn, BORN, "too short"};
    const mq_visit_t *visit = fixture_visit(f);
    mq_emergency_told_t told;
    mq_id_t id;
    int wait;
    assert_refused(
        f, mq_emergency_open(&id, &told, &wait, visit, fixture_enter(visit, f, STRANGER), &in),
        MQ_EINVALID);
    assert_int_equal(opened(&house), 0);
}

/* The record number with the digits that an Arabic keyboard has. */
static const char *in_arabic(const char *number, apr_pool_t *pool)
{
    const char *arabic = "";
    for (; *number; number++) {
        const char digit[] = {'\xd9', (char)('\xa0' + (*number - '0')), 0};
        arabic = *number < '0' || *number > '9' ? apr_psprintf(pool, "%s%c", arabic, *number)
                                                : apr_pstrcat(pool, arabic, digit, NULL);
    }
    return arabic;
}

static void digits_of_another_script_are_the_same_number(void **state)
{
    fixture_t *f = *state;
    const house_t house = house_make(f);
    mq_id_t id;
    assert_ok(ask(&id, &house, in_arabic(house.mrn, f->pool), BORN));
    assert_ok(ask(&id, &house, in_arabic(NATIONAL, f->pool), BORN));
    (void)patient_add(f, "Zahra Lima", in_arabic("77-88", f->pool)); /* as it was stored, too */
    assert_ok(ask(&id, &house, in_arabic("7788", f->pool), BORN));
    assert_int_equal(opened(&house), 3);
}

static void each_number_opens_it_and_of_several_nobody_is_meant(void **state)
{
    fixture_t *f = *state;
    const house_t house = house_make(f);
    mq_id_t id;
    assert_ok(ask(&id, &house, "ab123456", BORN));
    assert_ok(ask(&id, &house, house.mrn, BORN));
    (void)patient_add(f, "Twin Lima", "AB123456");
    assert_int_equal(ask(&id, &house, "ab123456", BORN), MQ_ENOTFOUND);
    assert_ok(ask(&id, &house, house.mrn, BORN));
    (void)patient_add(f, "Third Lima", house.mrn); /* one's number is another's national one */
    assert_int_equal(ask(&id, &house, house.mrn, BORN), MQ_ENOTFOUND);
    assert_int_equal(opened(&house), 3);
}

/* ---- asking in vain ---- */

static const struct {
    const char *sql; /* what makes it wrong, or NULL: what is typed is */
    const char *number;
    const char *birth_date;
} wrongs[] = {
    {NULL, "P99999999", BORN},
    {NULL, NULL, "1980-02-04"},
    {NULL, "Ana Lima", BORN},
    {NULL, "%", BORN},
    {NULL, "", BORN},
    {"UPDATE patients SET status = 2", NULL, BORN},
    {"UPDATE patients SET status = 3", NULL, BORN},
    {"UPDATE partners SET allows_emergency = 0 WHERE tenant_id = " OWNERS, NULL, BORN},
    {"UPDATE partners SET allows_emergency = 0 WHERE tenant_id = " READERS, NULL, BORN},
    {"UPDATE partners SET state = 3 WHERE tenant_id = " OWNERS, NULL, BORN},
    {"UPDATE partners SET state = 3 WHERE tenant_id = " READERS, NULL, BORN},
    {"UPDATE partnerships SET state = 3", NULL, BORN},
    {"UPDATE partnerships SET state = 4", NULL, BORN},
    {"UPDATE tenants SET status = 2 WHERE name = '" FIXTURE_CLINIC "'", NULL, BORN},
};

enum { WRONGS = sizeof wrongs / sizeof *wrongs };

static void whatever_is_wrong_the_same_is_asked_and_nothing_is_kept(void **state)
{
    fixture_t *f = *state;
    const house_t house = house_make(f);
    apr_array_header_t *first = NULL;
    mq_id_t id;
    (void)patient_add_as(f, STRANGER, "Ana of the reader", NATIONAL); /* whom nobody means */
    f->core.failures_per_account = 0; /* else the fifth is asked to wait */
    f->core.failures_per_address = 0;
    assert_int_equal(ask(&id, &house, "P0", BORN), MQ_ENOTFOUND); /* all is prepared */
    for (int i = 0; i < WRONGS; i++) {
        int events =
            (int)fixture_number(f, "SELECT number FROM audit_heads WHERE tenant_id = " OWNERS);
        by_hand(f, wrongs[i].sql ? wrongs[i].sql : "");
        asked = apr_array_make(f->pool, 64, sizeof(const char *));
        assert_int_equal(
            ask(&id, &house, wrongs[i].number ? wrongs[i].number : house.mrn, wrongs[i].birth_date),
            MQ_ENOTFOUND);
        first = first ? first : asked;
        assert_int_equal(asked->nelts, first->nelts);
        for (int n = 0; n < first->nelts; n++) {
            assert_string_equal(APR_ARRAY_IDX(asked, n, const char *),
                                APR_ARRAY_IDX(first, n, const char *));
        }
        asked = NULL;
        by_hand(f, "UPDATE patients SET status = 1; UPDATE partners SET allows_emergency = 1, "
                   "state = 2; UPDATE partnerships SET state = 2; UPDATE tenants SET status = 1 "
                   "WHERE tenant_id > 0");
        assert_int_equal(
            fixture_number(f, "SELECT number FROM audit_heads WHERE tenant_id = " OWNERS), events);
    }
    assert_true(first->nelts > 10);
    assert_int_equal(opened(&house), 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM shares"), 0);
    assert_ok(ask(&id, &house, house.mrn, BORN));
}

static void ten_thousand_guesses_find_nothing(void **state)
{
    fixture_t *f = *state;
    const house_t house = house_make(f);
    int tried = 0;
    mq_id_t id;
    for (int i = 0; i < GUESSES; i++) { /* one a second, for hours; the last ones would be right */
        apr_status_t rv = ask(
            &id, &house, i < GUESSES / 2 ? apr_psprintf(f->pool, "P%08d", 50000 + i) : house.mrn,
            i < GUESSES / 2 ? BORN : apr_psprintf(f->pool, "1981-01-%02d", 1 + i % 28));
        assert_true(rv == MQ_ENOTFOUND || rv == MQ_EBUSY);
        tried += rv == MQ_ENOTFOUND;
        fixture_wait(f, 1);
        if (i % 500 == 0) {
            apr_pool_clear(f->requests);
        }
    }
    assert_in_range(tried, 5, 40);
    assert_int_equal(ask(&id, &house, house.mrn, BORN), MQ_EBUSY); /* not even who is right */
    assert_int_equal(opened(&house), 0);
}

/* ---- ending ---- */

/* Suspending is no end of a link, but an hour that is interrupted does not go on. */
static void what_a_suspended_link_has_ended_is_over_for_good(void **state)
{
    fixture_t *f = *state;
    const house_t house = house_make(f);
    mq_id_t id;
    assert_ok(ask(&id, &house, house.mrn, BORN));
    step_take(&house, STRANGER, MQ_PARTNER_SUSPEND);
    assert_int_equal(look(&house, &id), MQ_ENOTFOUND);
    assert_int_equal(ask(&id, &house, house.mrn, BORN), MQ_ENOTFOUND);
    step_take(&house, STRANGER, MQ_PARTNER_RESUME);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM shares WHERE state = 1"), 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM shared_links"), 0);
    assert_ok(ask(&id, &house, house.mrn, BORN)); /* the permission is as it was */
    assert_ok(look(&house, &id));
    assert_ok(mq_emergency_allow(fixture_as(f, FOUNDER), &house.link, 0));
    assert_int_equal(look(&house, &id), MQ_ENOTFOUND);
    assert_ok(mq_emergency_allow(fixture_as(f, FOUNDER), &house.link, 1));
    assert_int_equal(look(&house, &id), MQ_ENOTFOUND);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM emergencies WHERE state = 1"), 2);
}

/* Those of the other direction stay no more than those of one's own. */
static void allowing_it_no_more_ends_what_is_open_both_ways(void **state)
{
    fixture_t *f = *state;
    const house_t house = house_make(f);
    mq_id_t id;
    assert_ok(ask(&id, &house, house.mrn, BORN));
    assert_ok(mq_emergency_allow(fixture_as(f, STRANGER), &house.link, 0));
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM shares WHERE state = 1"), 0);
    assert_event(f, MQ_ACTION_EMERGENCY_END, "Stan Stranger, " FIXTURE_OTHER);
}

/* ---- reviewing ---- */

static void a_review_is_the_owners_says_what_it_must_and_is_made_once(void **state)
{
    fixture_t *f = *state;
    const house_t house = house_make(f);
    apr_array_header_t *waiting;
    mq_id_t id;
    assert_ok(ask(&id, &house, house.mrn, BORN));
    assert_ok(mq_emergencies_waiting(&waiting, fixture_as(f, ADMIN)));
    assert_int_equal(waiting->nelts, 1);
    assert_refused(f, mq_emergency_review(fixture_as(f, ADMIN), &id, MQ_EMERGENCY_UNJUSTIFIED, ""),
                   MQ_EINVALID);
    assert_refused(f, mq_emergency_review(fixture_as(f, ADMIN), &id, MQ_EMERGENCY_WAITS, "later"),
                   MQ_EINVALID);
    assert_refused(f,
                   mq_emergency_review(fixture_as(f, CLINICIAN), &id, MQ_EMERGENCY_JUSTIFIED, NULL),
                   MQ_EDENIED);
    assert_refused(f,
                   mq_emergency_review(fixture_as(f, STRANGER), &id, MQ_EMERGENCY_JUSTIFIED, NULL),
                   MQ_ENOTFOUND);
    assert_ok(mq_emergency_review(fixture_as(f, ADMIN), &id, MQ_EMERGENCY_UNJUSTIFIED, "Told."));
    assert_event(f, MQ_ACTION_EMERGENCY_REVIEW, "Ada Admin");
    assert_refused(f, mq_emergency_review(fixture_as(f, ADMIN), &id, MQ_EMERGENCY_JUSTIFIED, NULL),
                   MQ_ECONFLICT);
    assert_ok(mq_emergencies_waiting(&waiting, fixture_as(f, ADMIN)));
    assert_int_equal(waiting->nelts, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(both_sides_have_it_at_once_and_the_hour_ends_it),
        TEST(a_reason_that_says_too_little_opens_nothing),
        TEST(each_number_opens_it_and_of_several_nobody_is_meant),
        TEST(digits_of_another_script_are_the_same_number),
        TEST(whatever_is_wrong_the_same_is_asked_and_nothing_is_kept),
        TEST(ten_thousand_guesses_find_nothing),
        TEST(what_a_suspended_link_has_ended_is_over_for_good),
        TEST(allowing_it_no_more_ends_what_is_open_both_ways),
        TEST(a_review_is_the_owners_says_what_it_must_and_is_made_once),
        cmocka_unit_test(the_second_in_a_day_and_the_fifth_in_a_month_are_marked),
        cmocka_unit_test(a_reason_has_fifteen_characters),
        cmocka_unit_test(what_was_not_justified_says_what_was_done),
    };
    (void)sqlite3_auto_extension((void (*)(void))(uintptr_t)connection_listen);
    return FIXTURE_RUN(tests);
}
