/* test_patients.c -- the life of a record: who may add, change, archive and restore one, what a
 * change keeps, and that each leaves one event of its own or nothing at all. */
#include "fixture.h"

#include "domain/patients/patient_history.h"
#include "domain/patients/patient_lists.h"
#include "domain/patients/patient_notes.h"

static mq_patient_new_t named(const char *name)
{
    return (mq_patient_new_t){.fields = {.name = name}};
}

static void who_did_not_check_is_refused(void **state)
{
    fixture_t *f = *state;
    const mq_patient_new_t wrong[] = {{.fields = {.name = " Ana"}},
                                      {.fields = {.name = ""}},
                                      {.fields = {.name = "Ana", .sex = "f"}},
                                      {.fields = {.name = "Ana", .birth_date = "2026-03-09"}},
                                      {.fields = {.name = "Ana"}, .notes = "\x01"}};
    const mq_id_t patient = fixture_patient(f, "Ana Lima", "1980");
    mq_id_t id;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_refused(f, mq_patient_add(&id, fixture_as(f, CLINICIAN), &wrong[i]), MQ_EINVALID);
        assert_refused(f, mq_patient_edit(fixture_as(f, CLINICIAN), &patient, 1, &wrong[i]),
                       MQ_EINVALID);
    }
    assert_string_equal(fixture_read(f, &patient).name, "Ana Lima");
}

static void an_added_patient_has_what_was_typed_and_a_number(void **state)
{
    fixture_t *f = *state;
    const mq_patient_new_t in = {.fields = {.given_name = "Ana",
                                            .family_name = "Lima",
                                            .birth_date = "1980-04",
                                            .sex = "female",
                                            .phone1 = "+351 912 345 678",
                                            .address = "1 Quay\nHarbour"}};
    mq_id_t id;
    mq_patient_t patient;
    assert_ok(mq_patient_add(&id, fixture_as(f, FRONT_DESK), &in));
    patient = fixture_read(f, &id);
    assert_string_equal(patient.name, "Ana Lima");
    assert_string_equal(patient.mrn, "P00000015");
    assert_int_equal(patient.version, 1);
    assert_int_equal(patient.status, MQ_PATIENT_ACTIVE);
    assert_int_equal(patient.change, MQ_CHANGE_ADDED);
    assert_true(patient.created_at == f->now && patient.updated_at == f->now);
    assert_string_equal(patient.updated_by_name, "Fred Desk");
    assert_string_equal(patient.fields.birth_date, "1980-04");
    assert_string_equal(patient.fields.sex, "female");
    assert_string_equal(patient.fields.phone1, "+351 912 345 678");
    assert_string_equal(patient.fields.address, "1 Quay\nHarbour");
    assert_null(patient.fields.former_name);
    assert_event(f, MQ_ACTION_PATIENT_ADD, "Fred Desk");
    assert_event_patient(f, &id);
}

static void each_patient_has_another_number(void **state)
{
    fixture_t *f = *state;
    mq_id_t first = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t second = fixture_patient(f, "Ana Lima", NULL);
    assert_string_not_equal(fixture_read(f, &first).mrn, fixture_read(f, &second).mrn);
    assert_int_equal(fixture_number(f, "SELECT count(DISTINCT mrn) FROM patients"), 2);
}

static void only_clinical_staff_and_the_front_desk_add(void **state)
{
    fixture_t *f = *state;
    const mq_patient_new_t in = named("Ana Lima");
    mq_id_t id;
    assert_refused(f, mq_patient_add(&id, fixture_as(f, ADMIN), &in), MQ_EDENIED);
    assert_refused(f, mq_patient_add(&id, fixture_as(f, AUDITOR), &in), MQ_EDENIED);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patients"), 0);
    assert_ok(mq_patient_add(&id, fixture_as(f, FRONT_DESK), &in));
    assert_ok(mq_patient_add(&id, fixture_as(f, CLINICIAN), &in));
}

static void the_front_desk_writes_no_note_with_a_new_patient(void **state)
{
    fixture_t *f = *state;
    const mq_patient_new_t in = {.fields = {.name = "Ana Lima"}, .notes = "Coughs."};
    mq_id_t id;
    assert_refused(f, mq_patient_add(&id, fixture_as(f, FRONT_DESK), &in), MQ_EDENIED);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patients"), 0);
}

static void a_note_of_a_new_patient_is_signed_and_has_its_event(void **state)
{
    fixture_t *f = *state;
    const mq_patient_new_t in = {.fields = {.name = "Ana Lima"}, .notes = "Coughs."};
    const mq_patient_note_t *note;
    apr_array_header_t *notes;
    int before = fixture_events(f);
    mq_id_t id;
    assert_ok(mq_patient_add(&id, fixture_as(f, CLINICIAN), &in));
    assert_int_equal(fixture_events(f), before + 2);
    assert_event(f, MQ_ACTION_PATIENT_NOTE_ADD, "Clara Clinician");
    assert_ok(mq_patient_notes(&notes, fixture_as(f, COLLEAGUE), &id, NULL, 10));
    assert_int_equal(notes->nelts, 1);
    note = &APR_ARRAY_IDX(notes, 0, mq_patient_note_t);
    assert_string_equal(note->content, "Coughs.");
    assert_string_equal(note->author, "Clara Clinician");
    assert_int_equal(note->status, MQ_NOTE_SIGNED);
}

static void a_change_makes_a_version_and_keeps_the_one_before(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", "1980-04-03");
    const mq_patient_new_t in = {.fields = {.name = "Ana Lima-Costa", .birth_date = "1980-04-03"}};
    mq_patient_version_t old;
    mq_patient_t now;
    const mq_scope_t *sc;
    fixture_wait(f, 60);
    assert_ok(mq_patient_edit(fixture_as(f, FRONT_DESK), &id, 1, &in));
    assert_event(f, MQ_ACTION_PATIENT_EDIT, "Fred Desk");
    now = fixture_read(f, &id);
    assert_int_equal(now.version, 2);
    assert_string_equal(now.name, "Ana Lima-Costa");
    assert_true(now.updated_at == f->now && now.created_at == f->now - apr_time_from_sec(60));
    sc = fixture_as(f, CLINICIAN);
    assert_ok(mq_patient_version_read(&old, sc, &now, 1));
    assert_string_equal(old.fields.name, "Ana Lima");
    assert_string_equal(old.changed_by, "Clara Clinician");
}

static void whoever_saw_an_older_version_changes_nothing(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    const mq_patient_new_t mine = named("Ana of the clinician");
    const mq_patient_new_t theirs = named("Ana of the desk");
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), &id, 1, &mine));
    assert_refused(f, mq_patient_edit(fixture_as(f, FRONT_DESK), &id, 1, &theirs), MQ_ECONFLICT);
    assert_refused(f, mq_patient_edit(fixture_as(f, FRONT_DESK), &id, 3, &theirs), MQ_ECONFLICT);
    assert_string_equal(fixture_read(f, &id).name, "Ana of the clinician");
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patient_versions"), 1);
}

static void a_record_of_another_organisation_is_none(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t nowhere;
    const mq_patient_new_t in = named("Mine now");
    mq_patient_t patient;
    assert_ok(mq_id_make(&nowhere));
    assert_int_equal(mq_patient_view(&patient, fixture_as(f, STRANGER), &id), MQ_ENOTFOUND);
    assert_int_equal(mq_patient_view(&patient, fixture_as(f, STRANGER), &nowhere), MQ_ENOTFOUND);
    assert_int_equal(mq_patient_edit(fixture_as(f, STRANGER), &id, 1, &in), MQ_ENOTFOUND);
    assert_int_equal(mq_patient_archive(fixture_as(f, STRANGER), &id, 1, NULL), MQ_ENOTFOUND);
    assert_string_equal(fixture_read(f, &id).name, "Ana Lima");
}

static void opening_a_record_is_an_event_and_is_remembered(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_t patient;
    assert_ok(mq_patient_view(&patient, fixture_as(f, AUDITOR), &id));
    assert_event(f, MQ_ACTION_PATIENT_VIEW, "Aud Auditor");
    assert_string_equal(patient.name, "Ana Lima");
    assert_refused(f, mq_patient_view(&patient, fixture_as(f, ADMIN), &id), MQ_EDENIED);
}

static void printing_is_another_event_than_opening(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_t patient;
    assert_ok(
        mq_patient_view_for(&patient, fixture_as(f, CLINICIAN), &id, MQ_ACTION_PATIENT_PRINT));
    assert_event(f, MQ_ACTION_PATIENT_PRINT, "Clara Clinician");
}

static void an_archived_record_cannot_be_changed_until_it_is_restored(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    const mq_patient_new_t in = named("Ana Costa");
    mq_patient_t patient;
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &id, 1, "moved away"));
    assert_event(f, MQ_ACTION_PATIENT_ARCHIVE, "Clara Clinician");
    assert_string_equal(fixture_event(f).reason, "moved away");
    patient = fixture_read(f, &id);
    assert_int_equal(patient.status, MQ_PATIENT_ARCHIVED);
    assert_string_equal(patient.change_reason, "moved away");
    assert_refused(f, mq_patient_edit(fixture_as(f, CLINICIAN), &id, 2, &in), MQ_ECONFLICT);
    assert_refused(f, mq_patient_archive(fixture_as(f, CLINICIAN), &id, 2, NULL), MQ_ECONFLICT);
    assert_ok(mq_patient_restore(fixture_as(f, ADMIN), &id, 2, "came back"));
    assert_event(f, MQ_ACTION_PATIENT_RESTORE, "Ada Admin");
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), &id, 3, &in));
    assert_string_equal(fixture_read(f, &id).name, "Ana Costa");
}

static void archiving_is_clinical_and_undone_by_who_did_it_or_an_administrator(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    assert_refused(f, mq_patient_archive(fixture_as(f, FRONT_DESK), &id, 1, NULL), MQ_EDENIED);
    assert_refused(f, mq_patient_archive(fixture_as(f, ADMIN), &id, 1, NULL), MQ_EDENIED);
    assert_ok(mq_patient_archive(fixture_as(f, FOUNDER), &id, 1, NULL));
    assert_refused(f, mq_patient_restore(fixture_as(f, CLINICIAN), &id, 2, NULL), MQ_EDENIED);
    assert_ok(mq_patient_restore(fixture_as(f, FOUNDER), &id, 2, NULL));
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &id, 3, NULL));
    assert_refused(f, mq_patient_restore(fixture_as(f, FRONT_DESK), &id, 4, NULL), MQ_EDENIED);
    assert_ok(mq_patient_restore(fixture_as(f, CLINICIAN), &id, 4, NULL));
    assert_event(f, MQ_ACTION_PATIENT_RESTORE, "Clara Clinician");
}

static void an_edit_that_changes_nothing_leaves_no_version_and_no_event(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    const mq_patient_new_t same = {.fields = {.name = "Ana Lima"}};
    const mq_patient_new_t noted = {.fields = {.name = "Ana Lima"}, .notes = "seen"};
    int events = fixture_events(f);
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), &id, 1, &same));
    assert_int_equal(fixture_read(f, &id).version, 1);
    assert_int_equal(fixture_events(f), events);
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), &id, 1, &noted)); /* but for its note */
    assert_int_equal(fixture_read(f, &id).version, 1);
    assert_int_equal(fixture_events(f), events + 1);
    assert_event(f, MQ_ACTION_PATIENT_NOTE_ADD, "Clara Clinician");
}

static void the_number_of_active_patients_follows_the_archive(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    apr_int64_t total;
    (void)fixture_patient(f, "Ben Reed", NULL);
    assert_ok(mq_patients_total(&total, fixture_as(f, CLINICIAN)));
    assert_int_equal(total, 2);
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &id, 1, NULL));
    assert_ok(mq_patients_total(&total, fixture_as(f, CLINICIAN)));
    assert_int_equal(total, 1);
    assert_ok(mq_patient_restore(fixture_as(f, ADMIN), &id, 2, NULL));
    assert_ok(mq_patients_total(&total, fixture_as(f, CLINICIAN)));
    assert_int_equal(total, 2);
    assert_ok(mq_patients_total(&total, fixture_as(f, STRANGER)));
    assert_int_equal(total, 0);
}

static void a_made_name_follows_its_parts_and_a_given_one_stays(void **state)
{
    fixture_t *f = *state;
    mq_patient_new_t in = {.fields = {.given_name = "Ana", .family_name = "Lima"}};
    mq_patient_t patient;
    mq_id_t id;
    assert_ok(mq_patient_add(&id, fixture_as(f, CLINICIAN), &in));
    patient = fixture_read(f, &id);
    in.fields = patient.fields; /* as the form sends them back: with the name that was made */
    in.fields.family_name = "Costa";
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), &id, 1, &in));
    patient = fixture_read(f, &id);
    assert_string_equal(patient.name, "Ana Costa");
    in.fields = patient.fields;
    in.fields.name = "Dr Ana Costa";
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), &id, 2, &in));
    in.fields.family_name = "Silva";
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), &id, 3, &in));
    assert_string_equal(fixture_read(f, &id).name, "Dr Ana Costa");
}

static void who_is_not_known_gets_a_name_that_nobody_has(void **state)
{
    static const char *const names[] = {"Unknown male, 1 Mar 2026 14:05, A",
                                        "Unknown male, 1 Mar 2026 14:05, B",
                                        "Unknown male, 1 Mar 2026 14:05, C"};
    fixture_t *f = *state;
    const mq_patient_new_t in = {.fields.sex = "male", .unnamed = "Unknown male, 1 Mar 2026 14:05"};
    mq_id_t id;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_ok(mq_patient_add(&id, fixture_as(f, CLINICIAN), &in));
        assert_string_equal(fixture_read(f, &id).name, names[i]);
    }
    assert_ok(mq_patient_add(&id, fixture_as(f, STRANGER), &in));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_did_not_check_is_refused),
        TEST(an_added_patient_has_what_was_typed_and_a_number),
        TEST(each_patient_has_another_number),
        TEST(only_clinical_staff_and_the_front_desk_add),
        TEST(the_front_desk_writes_no_note_with_a_new_patient),
        TEST(a_note_of_a_new_patient_is_signed_and_has_its_event),
        TEST(a_change_makes_a_version_and_keeps_the_one_before),
        TEST(whoever_saw_an_older_version_changes_nothing),
        TEST(a_record_of_another_organisation_is_none),
        TEST(opening_a_record_is_an_event_and_is_remembered),
        TEST(printing_is_another_event_than_opening),
        TEST(an_archived_record_cannot_be_changed_until_it_is_restored),
        TEST(archiving_is_clinical_and_undone_by_who_did_it_or_an_administrator),
        TEST(an_edit_that_changes_nothing_leaves_no_version_and_no_event),
        TEST(the_number_of_active_patients_follows_the_archive),
        TEST(a_made_name_follows_its_parts_and_a_given_one_stays),
        TEST(who_is_not_known_gets_a_name_that_nobody_has)};
    return FIXTURE_RUN(tests);
}
