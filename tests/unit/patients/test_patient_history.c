/* test_patient_history.c -- earlier versions of a record: who reads them, and bringing one back. */
#include "fixture.h"

#include "domain/patients/patient_history.h"

/* Three versions: Ana Lima by the clinician, Ana Costa by the desk, Ana Silva by the colleague. */
static mq_id_t thrice_named(fixture_t *f)
{
    mq_id_t id = fixture_patient(f, "Ana Lima", "1980");
    mq_patient_new_t in = {.fields = {.name = "Ana Costa", .birth_date = "1980-04"}};
    fixture_wait(f, 60);
    assert_ok(mq_patient_edit(fixture_as(f, FRONT_DESK), &id, 1, &in));
    in.fields.name = "Ana Silva";
    fixture_wait(f, 60);
    assert_ok(mq_patient_edit(fixture_as(f, COLLEAGUE), &id, 2, &in));
    return id;
}

static void the_history_begins_with_the_record_as_it_is(void **state)
{
    static const struct {
        apr_int64_t version;
        const char *name;
        const char *birth_date;
        const char *by;
        mq_patient_change_t change;
    } wanted[] = {{3, "Ana Silva", "1980-04", "Colin Colleague", MQ_CHANGE_EDITED},
                  {2, "Ana Costa", "1980-04", "Fred Desk", MQ_CHANGE_EDITED},
                  {1, "Ana Lima", "1980", "Clara Clinician", MQ_CHANGE_ADDED}};
    fixture_t *f = *state;
    mq_id_t id = thrice_named(f);
    apr_array_header_t *versions;
    mq_patient_t patient;
    assert_ok(mq_patient_history(&versions, &patient, fixture_as(f, AUDITOR), &id, 0, 10));
    assert_event(f, MQ_ACTION_PATIENT_HISTORY, "Aud Auditor");
    assert_event_patient(f, &id);
    assert_int_equal(versions->nelts, 3);
    for (int i = 0; i < 3; i++) {
        const mq_patient_version_t *version = &APR_ARRAY_IDX(versions, i, mq_patient_version_t);
        assert_int_equal(version->version, wanted[i].version);
        assert_string_equal(version->fields.name, wanted[i].name);
        assert_string_equal(version->fields.birth_date, wanted[i].birth_date);
        assert_string_equal(version->changed_by, wanted[i].by);
        assert_int_equal(version->change, wanted[i].change);
        assert_true(version->changed_at == f->now - apr_time_from_sec(60 * i));
    }
}

static void a_page_of_it_goes_on_below_a_version(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = thrice_named(f);
    apr_array_header_t *versions;
    mq_patient_t patient;
    assert_ok(mq_patient_history(&versions, &patient, fixture_as(f, CLINICIAN), &id, 3, 1));
    assert_int_equal(versions->nelts, 1);
    assert_int_equal(APR_ARRAY_IDX(versions, 0, mq_patient_version_t).version, 2);
}

static void administrators_and_strangers_read_none(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = thrice_named(f);
    apr_array_header_t *versions;
    mq_patient_t patient;
    assert_refused(f, mq_patient_history(&versions, &patient, fixture_as(f, ADMIN), &id, 0, 10),
                   MQ_EDENIED);
    assert_refused(f, mq_patient_history(&versions, &patient, fixture_as(f, STRANGER), &id, 0, 10),
                   MQ_ENOTFOUND);
}

static void an_earlier_version_comes_back_as_a_new_one(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = thrice_named(f);
    mq_patient_t patient;
    assert_ok(mq_patient_version_restore(fixture_as(f, FRONT_DESK), &id, 1, 3));
    assert_event(f, MQ_ACTION_PATIENT_VERSION_RESTORE, "Fred Desk");
    assert_string_equal(fixture_event(f).reason, "version 1");
    patient = fixture_read(f, &id);
    assert_int_equal(patient.version, 4);
    assert_string_equal(patient.name, "Ana Lima");
    assert_string_equal(patient.birth_date, "1980");
    assert_int_equal(patient.change, MQ_CHANGE_REVERTED);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patient_versions"), 3);
}

static void a_version_that_is_not_there_does_not_come_back(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = thrice_named(f);
    assert_refused(f, mq_patient_version_restore(fixture_as(f, CLINICIAN), &id, 9, 3),
                   MQ_ENOTFOUND);
    assert_refused(f, mq_patient_version_restore(fixture_as(f, CLINICIAN), &id, 0, 3),
                   MQ_ENOTFOUND);
    assert_refused(f, mq_patient_version_restore(fixture_as(f, AUDITOR), &id, 1, 3), MQ_EDENIED);
    assert_string_equal(fixture_read(f, &id).name, "Ana Silva");
}

static void what_nobody_has_seen_is_not_replaced(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = thrice_named(f);
    for (apr_int64_t seen = -1; seen <= 4; seen++) {
        if (seen != 3) {
            assert_refused(f, mq_patient_version_restore(fixture_as(f, CLINICIAN), &id, 1, seen),
                           MQ_ECONFLICT);
        }
    }
    assert_string_equal(fixture_read(f, &id).name, "Ana Silva");
}

static void an_archived_record_gets_no_earlier_version(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = thrice_named(f);
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &id, 3, NULL));
    assert_refused(f, mq_patient_version_restore(fixture_as(f, CLINICIAN), &id, 1, 4),
                   MQ_ECONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(the_history_begins_with_the_record_as_it_is),
                                       TEST(a_page_of_it_goes_on_below_a_version),
                                       TEST(administrators_and_strangers_read_none),
                                       TEST(an_earlier_version_comes_back_as_a_new_one),
                                       TEST(a_version_that_is_not_there_does_not_come_back),
                                       TEST(what_nobody_has_seen_is_not_replaced),
                                       TEST(an_archived_record_gets_no_earlier_version)};
    return FIXTURE_RUN(tests);
}
