/* test_two_factor.c -- codes work once, recovery codes once each, and nobody guesses quickly. */
#include "fixture.h"

#include <apr_strings.h>

#include "domain/access/two_factor.h"

/* A person in a session, as the page that sets up a second factor has it. */
typedef struct place_t {
    const mq_visit_t *visit;
    const mq_scope_t *sc;
} place_t;

static place_t place_of(fixture_t *f, const char *cookie)
{
    place_t place = {.visit = fixture_visit(f)};
    mq_session_t *session;
    assert_ok(mq_session_resolve(&session, place.visit, cookie));
    mq_db_give_back(session->scope);
    place.sc = session->scope;
    return place;
}

static const char *code_at(fixture_t *f, const unsigned char *secret, int steps)
{
    char code[MQ_TOTP_CODE_SIZE];
    assert_ok(mq_totp_code(code, secret, MQ_TOTP_SECRET_LENGTH, mq_totp_step(f->now) + steps));
    return apr_pstrdup(f->pool, code);
}

/* Set up for the clinician. @param secret_out what the app has */
static mq_recovery_codes_t turned_on(unsigned char *secret_out, fixture_t *f)
{
    place_t place = place_of(f, fixture_sign_in(f, CLINICIAN));
    mq_recovery_codes_t codes;
    int wait;
    assert_ok(mq_two_factor_offer(secret_out, place.sc));
    mq_db_give_back(place.sc);
    assert_ok(mq_two_factor_on(&codes, &wait, place.visit, place.sc, code_at(f, secret_out, 0)));
    return codes;
}

static apr_status_t checked(fixture_t *f, const char *code)
{
    const mq_visit_t *visit = fixture_visit(f);
    int wait;
    return mq_two_factor_check(&wait, visit, fixture_enter(visit, f, CLINICIAN), code);
}

static void the_offer_is_the_same_throughout_a_session_and_another_in_the_next(void **state)
{
    fixture_t *f = *state;
    const char *cookie = fixture_sign_in(f, CLINICIAN);
    unsigned char first[MQ_TOTP_SECRET_LENGTH];
    unsigned char again[MQ_TOTP_SECRET_LENGTH];
    unsigned char other[MQ_TOTP_SECRET_LENGTH];
    assert_ok(mq_two_factor_offer(first, place_of(f, cookie).sc));
    assert_ok(mq_two_factor_offer(again, place_of(f, cookie).sc));
    assert_ok(mq_two_factor_offer(other, place_of(f, fixture_sign_in(f, CLINICIAN)).sc));
    assert_memory_equal(first, again, sizeof first);
    assert_memory_not_equal(first, other, sizeof first);
}

static void a_first_code_turns_it_on_and_is_an_event(void **state)
{
    fixture_t *f = *state;
    unsigned char secret[MQ_TOTP_SECRET_LENGTH];
    mq_recovery_codes_t codes = turned_on(secret, f);
    int left;
    assert_event(f, MQ_ACTION_TWO_FACTOR_ON, "Clara Clinician");
    assert_true(mq_scope_has_second_factor(fixture_as(f, CLINICIAN)));
    assert_false(mq_scope_has_second_factor(fixture_as(f, COLLEAGUE)));
    assert_ok(mq_recovery_codes_left(&left, fixture_as(f, CLINICIAN)));
    assert_int_equal(left, MQ_RECOVERY_CODES);
    for (int i = 0; i < MQ_RECOVERY_CODES; i++) {
        assert_int_equal(strlen(codes.codes[i]), 14);
    }
}

static void a_wrong_first_code_turns_nothing_on(void **state)
{
    fixture_t *f = *state;
    place_t place = place_of(f, fixture_sign_in(f, CLINICIAN));
    unsigned char secret[MQ_TOTP_SECRET_LENGTH];
    mq_recovery_codes_t codes;
    int wait;
    assert_ok(mq_two_factor_offer(secret, place.sc));
    mq_db_give_back(place.sc);
    assert_refused(f, mq_two_factor_on(&codes, &wait, place.visit, place.sc, code_at(f, secret, 9)),
                   MQ_EDENIED);
    assert_false(mq_scope_has_second_factor(fixture_as(f, CLINICIAN)));
}

static void a_code_works_once(void **state)
{
    fixture_t *f = *state;
    unsigned char secret[MQ_TOTP_SECRET_LENGTH];
    (void)turned_on(secret, f);
    assert_int_equal(checked(f, code_at(f, secret, 0)), MQ_EDENIED); /* it has turned it on */
    fixture_wait(f, MQ_TOTP_STEP);
    assert_ok(checked(f, code_at(f, secret, 0)));
    assert_int_equal(checked(f, code_at(f, secret, 0)), MQ_EDENIED);
    assert_int_equal(checked(f, code_at(f, secret, -1)), MQ_EDENIED);
    fixture_wait(f, MQ_TOTP_STEP);
    assert_ok(checked(f, code_at(f, secret, 0)));
}

static void a_clock_may_be_one_step_off_and_not_two(void **state)
{
    fixture_t *f = *state;
    unsigned char secret[MQ_TOTP_SECRET_LENGTH];
    (void)turned_on(secret, f);
    fixture_wait(f, 10 * MQ_TOTP_STEP);
    assert_int_equal(checked(f, code_at(f, secret, -2)), MQ_EDENIED);
    assert_int_equal(checked(f, code_at(f, secret, 2)), MQ_EDENIED);
    assert_ok(checked(f, code_at(f, secret, -1)));
    assert_ok(checked(f, code_at(f, secret, 1)));
}

static void a_recovery_code_works_once_however_it_is_typed(void **state)
{
    fixture_t *f = *state;
    unsigned char secret[MQ_TOTP_SECRET_LENGTH];
    mq_recovery_codes_t codes = turned_on(secret, f);
    char *typed = apr_pstrdup(f->pool, codes.codes[3]);
    int left;
    for (char *s = typed; *s; s++) {
        *s = *s == '-' ? ' ' : (char)(*s >= 'A' && *s <= 'Z' ? *s + 32 : *s);
    }
    assert_ok(checked(f, typed));
    assert_event(f, MQ_ACTION_RECOVERY_CODE_USE, "Clara Clinician");
    assert_int_equal(checked(f, codes.codes[3]), MQ_EDENIED);
    assert_ok(mq_recovery_codes_left(&left, fixture_as(f, CLINICIAN)));
    assert_int_equal(left, MQ_RECOVERY_CODES - 1);
    assert_ok(checked(f, codes.codes[4]));
}

static void new_recovery_codes_make_the_old_ones_worthless(void **state)
{
    fixture_t *f = *state;
    unsigned char secret[MQ_TOTP_SECRET_LENGTH];
    mq_recovery_codes_t old = turned_on(secret, f);
    mq_recovery_codes_t codes;
    const mq_visit_t *visit;
    int wait;
    fixture_wait(f, MQ_TOTP_STEP);
    visit = fixture_visit(f);
    assert_ok(mq_recovery_codes_renew(&codes, &wait, visit, fixture_enter(visit, f, CLINICIAN),
                                      code_at(f, secret, 0)));
    assert_event(f, MQ_ACTION_RECOVERY_CODES_NEW, "Clara Clinician");
    assert_int_equal(checked(f, old.codes[0]), MQ_EDENIED);
    assert_ok(checked(f, codes.codes[0]));
}

static void guessing_waits(void **state)
{
    fixture_t *f = *state;
    unsigned char secret[MQ_TOTP_SECRET_LENGTH];
    (void)turned_on(secret, f);
    fixture_wait(f, MQ_TOTP_STEP);
    for (int i = 0; i < f->core.failures_per_account; i++) {
        assert_int_equal(checked(f, code_at(f, secret, 100 + i)), MQ_EDENIED);
    }
    assert_int_equal(checked(f, code_at(f, secret, 0)), MQ_EBUSY);
    fixture_wait(f, 3);
    assert_ok(checked(f, code_at(f, secret, 0)));
}

static void removing_it_takes_a_code_and_the_next_offer_is_another(void **state)
{
    fixture_t *f = *state;
    const char *cookie = fixture_sign_in(f, CLINICIAN);
    unsigned char before[MQ_TOTP_SECRET_LENGTH];
    unsigned char secret[MQ_TOTP_SECRET_LENGTH];
    const mq_visit_t *visit;
    int wait;
    assert_ok(mq_two_factor_offer(before, place_of(f, cookie).sc));
    (void)turned_on(secret, f);
    fixture_wait(f, MQ_TOTP_STEP);
    visit = fixture_visit(f);
    assert_refused(f, mq_two_factor_off(&wait, visit, fixture_enter(visit, f, CLINICIAN), "000000"),
                   MQ_EDENIED);
    assert_ok(
        mq_two_factor_off(&wait, visit, fixture_enter(visit, f, CLINICIAN), code_at(f, secret, 0)));
    assert_event(f, MQ_ACTION_TWO_FACTOR_OFF, "Clara Clinician");
    assert_false(mq_scope_has_second_factor(fixture_as(f, CLINICIAN)));
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM recovery_codes"), 0);
    assert_int_equal(checked(f, code_at(f, secret, 1)), MQ_EDENIED);
}

static void an_administrator_resets_it_and_nobody_else(void **state)
{
    fixture_t *f = *state;
    unsigned char secret[MQ_TOTP_SECRET_LENGTH];
    (void)turned_on(secret, f);
    assert_refused(f, mq_two_factor_reset(fixture_as(f, COLLEAGUE), &f->people[CLINICIAN]),
                   MQ_EDENIED);
    assert_refused(f, mq_two_factor_reset(fixture_as(f, STRANGER), &f->people[CLINICIAN]),
                   MQ_ENOTFOUND);
    assert_refused(f, mq_two_factor_reset(fixture_as(f, ADMIN), &f->people[ADMIN]), MQ_EDENIED);
    assert_ok(mq_two_factor_reset(fixture_as(f, ADMIN), &f->people[CLINICIAN]));
    assert_event(f, MQ_ACTION_USER_TWO_FACTOR_OFF, "Ada Admin");
    assert_false(mq_scope_has_second_factor(fixture_as(f, CLINICIAN)));
}

static void the_database_alone_makes_no_code(void **state)
{
    fixture_t *f = *state;
    unsigned char secret[MQ_TOTP_SECRET_LENGTH];
    (void)turned_on(secret, f);
    assert_int_equal(fixture_number(f, apr_psprintf(f->pool,
                                                    "SELECT count(*) FROM two_factors WHERE "
                                                    "instr(hex(secret), '%s') > 0",
                                                    mq_hex_encode(secret, sizeof secret, f->pool))),
                     0);
    f->core.data_key[0] ^= 1; /* another server's secret */
    fixture_wait(f, MQ_TOTP_STEP);
    assert_int_not_equal(checked(f, code_at(f, secret, 0)), APR_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_offer_is_the_same_throughout_a_session_and_another_in_the_next),
        TEST(a_first_code_turns_it_on_and_is_an_event),
        TEST(a_wrong_first_code_turns_nothing_on),
        TEST(a_code_works_once),
        TEST(a_clock_may_be_one_step_off_and_not_two),
        TEST(a_recovery_code_works_once_however_it_is_typed),
        TEST(new_recovery_codes_make_the_old_ones_worthless),
        TEST(guessing_waits),
        TEST(removing_it_takes_a_code_and_the_next_offer_is_another),
        TEST(an_administrator_resets_it_and_nobody_else),
        TEST(the_database_alone_makes_no_code)};
    return FIXTURE_RUN(tests);
}
