/* test_settings.c -- what an organisation chooses for all, and a person for themselves. */
#include "fixture.h"

#include "domain/organisations/settings.h"

static mq_settings_t read_now(fixture_t *f)
{
    mq_settings_t settings;
    assert_ok(mq_settings_read(&settings, fixture_as(f, ADMIN)));
    return settings;
}

static void they_act_on_everybodys_next_request(void **state)
{
    fixture_t *f = *state;
    mq_settings_t settings = read_now(f);
    const mq_manners_t *manners;
    settings.date_format = MQ_DATE_DMY_DOTS;
    settings.time_zone = "Europe/Lisbon";
    settings.language = "fr";
    assert_ok(mq_settings_save(fixture_as(f, ADMIN), &settings));
    assert_event(f, MQ_ACTION_ORGANISATION_CHANGE, "Ada Admin");
    assert_string_equal(fixture_event(f).reason,
                        "two-factor-from never, dates d.m.y, time-zone Europe/Lisbon, language fr, "
                        "digits latn");
    manners = mq_scope_manners(fixture_as(f, CLINICIAN));
    assert_int_equal(manners->date_format, MQ_DATE_DMY_DOTS);
    assert_string_equal(manners->time_zone, "Europe/Lisbon");
    assert_string_equal(manners->language, "fr");
    assert_null(mq_scope_manners(fixture_as(f, STRANGER))->language);
}

static void whoever_saw_older_ones_changes_nothing(void **state)
{
    fixture_t *f = *state;
    mq_settings_t mine = read_now(f);
    mq_settings_t theirs = mine;
    mine.language = "fr";
    theirs.language = "en";
    assert_ok(mq_settings_save(fixture_as(f, ADMIN), &mine));
    assert_refused(f, mq_settings_save(fixture_as(f, FOUNDER), &theirs), MQ_ECONFLICT);
    assert_string_equal(read_now(f).language, "fr");
}

static void what_does_not_exist_is_refused(void **state)
{
    fixture_t *f = *state;
    const mq_settings_t good = read_now(f);
    mq_settings_t wrong = good;
    wrong.time_zone = "Mars/Olympus";
    assert_refused(f, mq_settings_save(fixture_as(f, ADMIN), &wrong), MQ_EINVALID);
    wrong = good;
    wrong.date_format = MQ_DATE_FORMATS;
    assert_refused(f, mq_settings_save(fixture_as(f, ADMIN), &wrong), MQ_EINVALID);
    wrong = good;
    wrong.language = "fr; DROP";
    assert_refused(f, mq_settings_save(fixture_as(f, ADMIN), &wrong), MQ_EINVALID);
    wrong.language = "";
    assert_refused(f, mq_settings_save(fixture_as(f, ADMIN), &wrong), MQ_EINVALID);
}

static void only_administrators_change_them(void **state)
{
    static const fixture_person_t others[] = {CLINICIAN, FRONT_DESK, AUDITOR};
    fixture_t *f = *state;
    mq_settings_t settings = read_now(f);
    settings.language = "fr";
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_refused(f, mq_settings_save(fixture_as(f, others[i]), &settings), MQ_EDENIED);
    }
}

static void a_second_factor_is_owed_from_its_day_on(void **state)
{
    fixture_t *f = *state;
    mq_settings_t settings = read_now(f);
    settings.two_factor_from = "2026-03-03"; /* the fixture begins on the 2nd */
    assert_ok(mq_settings_save(fixture_as(f, ADMIN), &settings));
    assert_false(mq_scope_owes_second_factor(fixture_as(f, CLINICIAN)));
    fixture_wait(f, 15 * 3600);
    assert_true(mq_scope_owes_second_factor(fixture_as(f, CLINICIAN)));
    assert_false(mq_scope_owes_second_factor(fixture_as(f, STRANGER)));
}

static void ones_own_language_goes_before_the_organisations(void **state)
{
    fixture_t *f = *state;
    mq_settings_t settings = read_now(f);
    settings.language = "fr";
    settings.digits = MQ_DIGITS_NATIVE;
    assert_ok(mq_settings_save(fixture_as(f, ADMIN), &settings));
    assert_string_equal(mq_scope_manners(fixture_as(f, CLINICIAN))->digits, MQ_DIGITS_NATIVE);
    assert_ok(mq_language_choose(fixture_as(f, CLINICIAN), "en", MQ_DIGITS_LATIN));
    assert_event(f, MQ_ACTION_LANGUAGE_CHOOSE, "Clara Clinician");
    assert_string_equal(mq_scope_manners(fixture_as(f, CLINICIAN))->language, "en");
    assert_string_equal(mq_scope_manners(fixture_as(f, COLLEAGUE))->language, "fr");
    assert_string_equal(mq_scope_manners(fixture_as(f, CLINICIAN))->digits, MQ_DIGITS_LATIN);
    assert_string_equal(mq_scope_manners(fixture_as(f, COLLEAGUE))->digits, MQ_DIGITS_NATIVE);
    assert_ok(mq_language_choose(fixture_as(f, CLINICIAN), NULL, NULL));
    assert_string_equal(mq_scope_manners(fixture_as(f, CLINICIAN))->digits, MQ_DIGITS_NATIVE);
    assert_string_equal(mq_scope_manners(fixture_as(f, CLINICIAN))->language, "fr");
    assert_refused(f, mq_language_choose(fixture_as(f, CLINICIAN), "e n", NULL), MQ_EINVALID);
    assert_refused(f, mq_language_choose(fixture_as(f, CLINICIAN), "en", "roman"), MQ_EINVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(they_act_on_everybodys_next_request),
                                       TEST(whoever_saw_older_ones_changes_nothing),
                                       TEST(what_does_not_exist_is_refused),
                                       TEST(only_administrators_change_them),
                                       TEST(a_second_factor_is_owed_from_its_day_on),
                                       TEST(ones_own_language_goes_before_the_organisations)};
    return FIXTURE_RUN(tests);
}
