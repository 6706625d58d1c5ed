/* test_chart.c -- what is known of a patient item by item: recorded, changed, in error, and the
 * statement that there is nothing. */
#include "fixture.h"

#include <apr_strings.h>

#include "domain/patients/chart_changes.h"
#include "domain/patients/patient_parts.h"

#define ALLERGIES (&mq_chart_kinds[MQ_CHART_ALLERGIES - 1])
#define MEDICINES (&mq_chart_kinds[MQ_CHART_MEDICINES - 1])
#define PROBLEMS (&mq_chart_kinds[MQ_CHART_PROBLEMS - 1])

static const char *const penicillin[MQ_CHART_FIELDS_MOST] = {"Penicillin", "Anaphylaxis", "severe",
                                                             "active"};
static const char *const milder[MQ_CHART_FIELDS_MOST] = {"Penicillin", "Rash", "mild", "active"};
static const char *const outgrown[MQ_CHART_FIELDS_MOST] = {"Egg", NULL, NULL, "resolved"};
static const char *const asthma[MQ_CHART_FIELDS_MOST] = {"Asthma", "1998", "active"};
static const char *const aspirin[MQ_CHART_FIELDS_MOST] = {
    "Aspirin", "75 mg", "by mouth", "once a day", "2024-05", NULL, NULL};

static mq_chart_summary_t summary(fixture_t *f, const mq_id_t *patient, const mq_chart_kind_t *kind)
{
    const mq_day_t today = {2026, 3, 2};
    const mq_patient_t record = fixture_read(f, patient);
    return mq_chart_summary(NULL, record.chart, kind, &today);
}

static mq_chart_item_t item_of(fixture_t *f, const mq_id_t *patient, const mq_id_t *id)
{
    mq_chart_item_t item;
    assert_ok(mq_chart_item_read(&item, fixture_as(f, CLINICIAN), patient, id));
    return item;
}

static mq_id_t added(fixture_t *f, const mq_id_t *patient, const mq_chart_kind_t *kind,
                     const char *const *values)
{
    mq_id_t id;
    assert_ok(mq_chart_add(&id, fixture_as(f, CLINICIAN), patient, kind, values));
    return id;
}

static void none_known_is_not_the_same_as_not_asked(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    assert_int_equal(summary(f, &ana, ALLERGIES), MQ_CHART_NOT_ASKED);
    assert_ok(mq_chart_add_none(fixture_as(f, CLINICIAN), &ana, ALLERGIES));
    assert_event(f, MQ_ACTION_ALLERGY_ADD, "Clara Clinician");
    assert_event_patient(f, &ana);
    assert_string_equal(fixture_event(f).reason, "none");
    assert_int_equal(summary(f, &ana, ALLERGIES), MQ_CHART_NONE);
    assert_int_equal(summary(f, &ana, MEDICINES), MQ_CHART_NOT_ASKED);
    assert_refused(f, mq_chart_add_none(fixture_as(f, CLINICIAN), &ana, PROBLEMS), MQ_ECONFLICT);
}

static void the_first_item_overtakes_the_statement_of_none(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    assert_ok(mq_chart_add_none(fixture_as(f, CLINICIAN), &ana, ALLERGIES));
    (void)added(f, &ana, ALLERGIES, outgrown); /* past: there are still none */
    assert_int_equal(summary(f, &ana, ALLERGIES), MQ_CHART_NONE);
    (void)added(f, &ana, ALLERGIES, penicillin);
    assert_int_equal(summary(f, &ana, ALLERGIES), MQ_CHART_SOME);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM chart_items WHERE state = 3"), 1);
    assert_refused(f, mq_chart_add_none(fixture_as(f, CLINICIAN), &ana, ALLERGIES), MQ_ECONFLICT);
}

static void said_again_none_has_another_day(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    apr_array_header_t *items;
    assert_ok(mq_chart_add_none(fixture_as(f, CLINICIAN), &ana, MEDICINES));
    fixture_wait(f, 3600);
    assert_ok(mq_chart_add_none(fixture_as(f, COLLEAGUE), &ana, MEDICINES));
    assert_ok(mq_chart_items(&items, fixture_as(f, CLINICIAN), &ana, MEDICINES));
    assert_int_equal(items->nelts, 1);
    assert_int_equal(APR_ARRAY_IDX(items, 0, mq_chart_item_t).version, 2);
    assert_true(APR_ARRAY_IDX(items, 0, mq_chart_item_t).updated_at == f->now);
}

static void a_change_keeps_what_was_and_the_same_again_is_none(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t id = added(f, &ana, ALLERGIES, penicillin);
    mq_chart_item_t item = item_of(f, &ana, &id);
    apr_array_header_t *versions;
    assert_refused(f,
                   mq_chart_change(fixture_as(f, CLINICIAN), &ana, ALLERGIES, &id, 1, penicillin),
                   APR_SUCCESS);
    fixture_wait(f, 60);
    assert_ok(mq_chart_change(fixture_as(f, COLLEAGUE), &ana, ALLERGIES, &id, 1, milder));
    assert_int_equal(fixture_event(f).action, MQ_ACTION_ALLERGY_CHANGE);
    assert_ok(mq_chart_versions(&versions, fixture_as(f, CLINICIAN), &item));
    assert_int_equal(versions->nelts, 1);
    assert_string_equal(APR_ARRAY_IDX(versions, 0, mq_chart_version_t).values[MQ_ALLERGY_REACTION],
                        "Anaphylaxis");
    assert_string_equal(APR_ARRAY_IDX(versions, 0, mq_chart_version_t).changed_by,
                        "Clara Clinician");
    item = item_of(f, &ana, &id);
    assert_int_equal(item.version, 2);
    assert_string_equal(item.values[MQ_ALLERGY_REACTION], "Rash");
}

static void whoever_comes_second_changes_nothing(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t id = added(f, &ana, ALLERGIES, penicillin);
    assert_ok(mq_chart_change(fixture_as(f, COLLEAGUE), &ana, ALLERGIES, &id, 1, milder));
    assert_refused(f, mq_chart_change(fixture_as(f, CLINICIAN), &ana, ALLERGIES, &id, 1, outgrown),
                   MQ_ECONFLICT);
    assert_refused(f,
                   mq_chart_mark_error(fixture_as(f, CLINICIAN), &ana, ALLERGIES, &id, 1, "wrong"),
                   MQ_ECONFLICT);
    assert_string_equal(item_of(f, &ana, &id).values[MQ_ALLERGY_REACTION], "Rash");
}

static void in_error_it_stays_and_no_longer_counts(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t id = added(f, &ana, ALLERGIES, penicillin);
    assert_refused(f, mq_chart_mark_error(fixture_as(f, CLINICIAN), &ana, ALLERGIES, &id, 1, NULL),
                   MQ_EINVALID);
    assert_ok(
        mq_chart_mark_error(fixture_as(f, CLINICIAN), &ana, ALLERGIES, &id, 1, "another patient"));
    assert_event(f, MQ_ACTION_ALLERGY_ERROR, "Clara Clinician");
    assert_string_equal(fixture_event(f).reason, "another patient");
    assert_int_equal(summary(f, &ana, ALLERGIES), MQ_CHART_NOT_ASKED);
    assert_int_equal(item_of(f, &ana, &id).state, MQ_CHART_IN_ERROR);
    assert_string_equal(item_of(f, &ana, &id).values[0], "Penicillin");
    assert_refused(f, mq_chart_change(fixture_as(f, CLINICIAN), &ana, ALLERGIES, &id, 2, milder),
                   MQ_ECONFLICT);
}

static int like(fixture_t *f, const mq_id_t *patient, const mq_chart_kind_t *kind, const char *said,
                const mq_id_t *self)
{
    apr_array_header_t *found;
    assert_ok(mq_chart_like(&found, fixture_as(f, CLINICIAN), patient, kind, said, self));
    return found->nelts;
}

static void what_has_the_same_name_is_found_before_it_is_recorded_twice(void **state)
{
    fixture_t *f = *state;
    const char *const signs[MQ_CHART_FIELDS_MOST] = {"+", NULL, NULL, "active"};
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t bo = fixture_patient(f, "Bo Ek", NULL);
    mq_id_t id = added(f, &ana, ALLERGIES, penicillin);
    mq_id_t egg = added(f, &ana, ALLERGIES, outgrown);
    assert_ok(mq_chart_add_none(fixture_as(f, CLINICIAN), &ana, MEDICINES));
    assert_int_equal(like(f, &ana, ALLERGIES, " P\u00c9NICILLIN ", NULL), 1);
    assert_int_equal(like(f, &ana, ALLERGIES, "egg", NULL), 1); /* past, and one to know of */
    assert_int_equal(like(f, &ana, ALLERGIES, "Penicillin V", NULL), 0);
    assert_int_equal(like(f, &ana, PROBLEMS, "Penicillin", NULL), 0);
    assert_int_equal(like(f, &ana, MEDICINES, "Takes no medicines", NULL), 0);
    assert_int_equal(like(f, &bo, ALLERGIES, "Penicillin", NULL), 0);
    assert_int_equal(like(f, &ana, ALLERGIES, "Penicillin", &id), 0); /* itself */
    assert_int_equal(like(f, &ana, ALLERGIES, "Penicillin", &egg), 1);
    (void)added(f, &ana, ALLERGIES, signs);
    assert_int_equal(like(f, &ana, ALLERGIES, "+", NULL), 1);
    assert_int_equal(like(f, &ana, ALLERGIES, "-", NULL), 0);
    (void)added(f, &ana, ALLERGIES, milder); /* asked, and meant */
    assert_int_equal(like(f, &ana, ALLERGIES, "Penicillin", NULL), 2);
    assert_int_equal(like(f, &ana, ALLERGIES, "Penicillin", &id), 0); /* both were seen */
    assert_ok(mq_chart_mark_error(fixture_as(f, CLINICIAN), &ana, ALLERGIES, &id, 1, "twice"));
    assert_int_equal(like(f, &ana, ALLERGIES, "Penicillin", NULL), 1);
    for (int i = 0; i < MQ_CHART_LIKE_MOST; i++) {
        (void)added(f, &ana, ALLERGIES, milder);
    }
    assert_int_equal(like(f, &ana, ALLERGIES, "Penicillin", NULL), MQ_CHART_LIKE_MOST);
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &ana, 1, "moved"));
    assert_int_equal(like(f, &ana, ALLERGIES, "Penicillin", NULL), 0);
}

static void a_medicine_is_taken_again_without_a_question(void **state)
{
    fixture_t *f = *state;
    const char *const course[MQ_CHART_FIELDS_MOST] = {"Amoxicillin", NULL,      NULL, NULL,
                                                      "2020-01",     "2020-02", NULL};
    const char *const healed[MQ_CHART_FIELDS_MOST] = {"Otitis", "2019", "resolved"};
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    (void)added(f, &ana, MEDICINES, course);
    (void)added(f, &ana, MEDICINES, aspirin);
    (void)added(f, &ana, PROBLEMS, healed);
    (void)added(f, &ana, PROBLEMS, asthma);
    assert_int_equal(like(f, &ana, MEDICINES, "amoxicillin", NULL), 0);
    assert_int_equal(like(f, &ana, MEDICINES, "ASPIRIN", NULL), 1);
    assert_int_equal(like(f, &ana, PROBLEMS, "Otitis", NULL), 0);
    assert_int_equal(like(f, &ana, PROBLEMS, "asthma", NULL), 1);
}

static void an_item_of_another_kind_or_patient_is_not_found(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t bo = fixture_patient(f, "Bo Berg", NULL);
    mq_id_t id = added(f, &ana, ALLERGIES, penicillin);
    mq_chart_item_t item;
    assert_refused(f, mq_chart_change(fixture_as(f, CLINICIAN), &ana, PROBLEMS, &id, 1, asthma),
                   MQ_ENOTFOUND);
    assert_refused(f, mq_chart_change(fixture_as(f, CLINICIAN), &bo, ALLERGIES, &id, 1, milder),
                   MQ_ENOTFOUND);
    assert_int_equal(mq_chart_item_read(&item, fixture_as(f, STRANGER), &ana, &id), MQ_ENOTFOUND);
    assert_refused(f, mq_chart_change(fixture_as(f, STRANGER), &ana, ALLERGIES, &id, 1, milder),
                   MQ_ENOTFOUND);
}

static void only_clinicians_write_and_only_into_an_active_record(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t id;
    assert_refused(f, mq_chart_add(&id, fixture_as(f, FRONT_DESK), &ana, ALLERGIES, penicillin),
                   MQ_EDENIED);
    assert_refused(f, mq_chart_add(&id, fixture_as(f, AUDITOR), &ana, ALLERGIES, penicillin),
                   MQ_EDENIED);
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &ana, 1, "moved"));
    assert_refused(f, mq_chart_add(&id, fixture_as(f, CLINICIAN), &ana, ALLERGIES, penicillin),
                   MQ_ECONFLICT);
}

static void what_is_wrong_is_refused(void **state)
{
    static const char *const wrong[][MQ_CHART_FIELDS_MOST] = {{NULL, "Rash", NULL, "active"},
                                                              {"Nuts", NULL, "awful", "active"},
                                                              {"Nuts", NULL, NULL, NULL},
                                                              {"Nuts\n", NULL, NULL, "active"}};
    static const char *const backwards[MQ_CHART_FIELDS_MOST] = {
        "Aspirin", NULL, NULL, NULL, "2024-05-02", "2024-05-01", NULL};
    static const char *const causeless[MQ_CHART_FIELDS_MOST] = {"Aspirin", NULL, NULL,      NULL,
                                                                NULL,      NULL, "bleeding"};
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t id;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_refused(f, mq_chart_add(&id, fixture_as(f, CLINICIAN), &ana, ALLERGIES, wrong[i]),
                       MQ_EINVALID);
    }
    assert_refused(f, mq_chart_add(&id, fixture_as(f, CLINICIAN), &ana, MEDICINES, backwards),
                   MQ_EINVALID);
    assert_refused(f, mq_chart_add(&id, fixture_as(f, CLINICIAN), &ana, MEDICINES, causeless),
                   MQ_EINVALID);
}

static int is_past(const char *until, const char *reason)
{
    const char *const values[MQ_CHART_FIELDS_MOST] = {"Aspirin", NULL,  NULL,  NULL,
                                                      NULL,      until, reason};
    const mq_day_t today = {2026, 3, 2};
    return MEDICINES->is_past(values, &today);
}

static void a_medicine_is_taken_until_its_last_day(void **state)
{
    (void)state;
    assert_false(is_past(NULL, NULL));
    assert_false(is_past("2026-03-03", NULL));
    assert_false(is_past("2026-03-02", NULL));
    assert_true(is_past("2026-03-02", "bleeding"));
    assert_true(is_past("2026-03-01", NULL));
    assert_true(is_past("2026-03", NULL));
    assert_true(is_past("2025", NULL));
    assert_false(is_past("2027", NULL));
}

static void what_is_stored_comes_back_whatever_is_in_it(void **state)
{
    static const char *const odd[MQ_CHART_FIELDS_MOST] = {"A&B=C %41", "Ü + ;", "severe", "active"};
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t id = added(f, &ana, ALLERGIES, odd);
    mq_chart_item_t item = item_of(f, &ana, &id);
    assert_string_equal(item.values[0], odd[0]);
    assert_string_equal(item.values[1], odd[1]);
}

static apr_status_t parts_removed(fixture_t *f, const mq_id_t *patient)
{
    const mq_scope_t *sc = fixture_as(f, ADMIN);
    apr_status_t rv;
    assert_ok(mq_db_begin(sc));
    rv = mq_patient_parts_remove(sc, patient);
    if (rv == APR_SUCCESS) {
        assert_ok(mq_db_commit(sc));
    } else {
        mq_db_rollback(sc);
    }
    mq_db_give_back(sc);
    return rv;
}

static void a_chart_is_a_touch_and_goes_with_its_record(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    int touched = 1;
    assert_ok(mq_patient_parts_touched(&touched, fixture_as(f, ADMIN), &ana));
    assert_false(touched);
    fixture_wait(f, 1);
    for (int i = 0; i < 60; i++) {
        (void)added(f, &ana, MEDICINES, aspirin);
    }
    assert_ok(mq_patient_parts_touched(&touched, fixture_as(f, ADMIN), &ana));
    assert_true(touched);
    assert_ok(parts_removed(f, &ana));
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM chart_items"), 0);
}

static void what_was_changed_is_a_touch_and_never_removed(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t id = added(f, &ana, MEDICINES, aspirin);
    int touched = 1;
    assert_ok(mq_patient_parts_touched(&touched, fixture_as(f, ADMIN), &ana));
    assert_false(touched); /* as old as the record */
    assert_ok(mq_chart_mark_error(fixture_as(f, CLINICIAN), &ana, MEDICINES, &id, 1, "wrong"));
    assert_ok(mq_patient_parts_touched(&touched, fixture_as(f, ADMIN), &ana));
    assert_true(touched);
    assert_int_equal(parts_removed(f, &ana), MQ_ECONFLICT);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM chart_items"), 1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM chart_item_versions"), 1);
}

static void a_chart_has_an_end(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t id;
    for (int i = 0; i < MQ_CHART_STANDING_MOST; i++) {
        (void)added(f, &ana, PROBLEMS, asthma);
    }
    assert_refused(f, mq_chart_add(&id, fixture_as(f, CLINICIAN), &ana, PROBLEMS, asthma),
                   MQ_ECONFLICT);
}

static void each_kind_is_whole(void **state)
{
    (void)state;
    for (int i = 0; i < MQ_CHART_KINDS; i++) {
        const mq_chart_kind_t *kind = &mq_chart_kinds[i];
        int fields = 0;
        assert_int_equal(kind->number, i + 1);
        assert_ptr_equal(mq_chart_kind(kind->number), kind);
        assert_true(kind->name && kind->resource && kind->title && kind->add && kind->missing);
        assert_true(kind->not_asked && kind->no_current && kind->is_past);
        assert_true(mq_policy(kind->adding)->name && mq_policy(kind->changing)->name &&
                    mq_policy(kind->error)->name && mq_policy(kind->reading)->name);
        while (kind->fields[fields].name) {
            fields++;
        }
        assert_in_range(fields, 1, MQ_CHART_FIELDS_MOST);
        assert_true(kind->status < fields);
    }
    assert_null(mq_chart_kind(0));
    assert_null(mq_chart_kind(MQ_CHART_KINDS_END));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(none_known_is_not_the_same_as_not_asked),
        TEST(the_first_item_overtakes_the_statement_of_none),
        TEST(said_again_none_has_another_day),
        TEST(a_change_keeps_what_was_and_the_same_again_is_none),
        TEST(whoever_comes_second_changes_nothing),
        TEST(in_error_it_stays_and_no_longer_counts),
        TEST(what_has_the_same_name_is_found_before_it_is_recorded_twice),
        TEST(a_medicine_is_taken_again_without_a_question),
        TEST(an_item_of_another_kind_or_patient_is_not_found),
        TEST(only_clinicians_write_and_only_into_an_active_record),
        TEST(what_is_wrong_is_refused),
        TEST(a_medicine_is_taken_until_its_last_day),
        TEST(what_is_stored_comes_back_whatever_is_in_it),
        TEST(a_chart_is_a_touch_and_goes_with_its_record),
        TEST(what_was_changed_is_a_touch_and_never_removed),
        TEST(a_chart_has_an_end),
        TEST(each_kind_is_whole)};
    return FIXTURE_RUN(tests);
}
