/* test_patient_notes.c -- a note is its author's until it is signed, and everybody's from then on.
 */
#include "fixture.h"

#include "domain/patients/patient_notes.h"

static mq_patient_note_t note_of(fixture_t *f, fixture_person_t reader, const mq_id_t *patient,
                                 int index)
{
    apr_array_header_t *notes;
    assert_ok(mq_patient_notes(&notes, fixture_as(f, reader), patient, NULL, 20));
    assert_in_range(index, 0, notes->nelts - 1);
    return APR_ARRAY_IDX(notes, index, mq_patient_note_t);
}

static int notes_seen(fixture_t *f, fixture_person_t reader, const mq_id_t *patient)
{
    apr_array_header_t *notes;
    assert_ok(mq_patient_notes(&notes, fixture_as(f, reader), patient, NULL, 20));
    return notes->nelts;
}

static void a_draft_is_seen_and_changed_by_its_author_alone(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_note_t draft;
    assert_ok(mq_patient_note_add(fixture_as(f, CLINICIAN), &id, "Coughs.", MQ_NOTE_DRAFT));
    assert_int_equal(notes_seen(f, CLINICIAN, &id), 1);
    assert_int_equal(notes_seen(f, COLLEAGUE, &id), 0);
    assert_int_equal(notes_seen(f, AUDITOR, &id), 0);
    draft = note_of(f, CLINICIAN, &id, 0);
    assert_int_equal(draft.status, MQ_NOTE_DRAFT);
    assert_refused(f,
                   mq_patient_note_change(fixture_as(f, COLLEAGUE), &id, &draft.id, "Sneezes.", 1),
                   MQ_ENOTFOUND);
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &draft.id, "Coughs a lot.", 0));
    assert_event(f, MQ_ACTION_PATIENT_NOTE_CHANGE, "Clara Clinician");
    assert_string_equal(note_of(f, CLINICIAN, &id, 0).content, "Coughs a lot.");
}

static void what_is_signed_does_not_change(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_note_t note;
    assert_ok(mq_patient_note_add(fixture_as(f, CLINICIAN), &id, "Coughs.", MQ_NOTE_DRAFT));
    note = note_of(f, CLINICIAN, &id, 0);
    fixture_wait(f, 60);
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note.id, NULL, 1));
    assert_event(f, MQ_ACTION_PATIENT_NOTE_SIGN, "Clara Clinician");
    note = note_of(f, COLLEAGUE, &id, 0);
    assert_int_equal(note.status, MQ_NOTE_SIGNED);
    assert_true(note.signed_at == f->now);
    assert_string_equal(note.content, "Coughs.");
    assert_refused(f, mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note.id, "No.", 0),
                   MQ_ECONFLICT);
    assert_string_equal(note_of(f, CLINICIAN, &id, 0).content, "Coughs.");
}

static void a_signed_note_gets_addenda_and_an_addendum_none(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_note_t note;
    mq_patient_note_t addendum;
    assert_ok(mq_patient_note_add(fixture_as(f, CLINICIAN), &id, "Coughs.", MQ_NOTE_SIGNED));
    note = note_of(f, CLINICIAN, &id, 0);
    assert_ok(mq_patient_note_addendum(fixture_as(f, COLLEAGUE), &id, &note.id, "Since May."));
    addendum = note_of(f, AUDITOR, &id, 1);
    assert_string_equal(addendum.content, "Since May.");
    assert_string_equal(addendum.author, "Colin Colleague");
    assert_memory_equal(&addendum.parent, &note.id, sizeof note.id);
    assert_refused(f,
                   mq_patient_note_addendum(fixture_as(f, COLLEAGUE), &id, &addendum.id, "More."),
                   MQ_ECONFLICT);
}

static void a_draft_gets_no_addendum(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_note_t draft;
    assert_ok(mq_patient_note_add(fixture_as(f, CLINICIAN), &id, "Coughs.", MQ_NOTE_DRAFT));
    draft = note_of(f, CLINICIAN, &id, 0);
    assert_refused(f, mq_patient_note_addendum(fixture_as(f, CLINICIAN), &id, &draft.id, "More."),
                   MQ_ECONFLICT);
}

static void an_error_stays_readable_with_who_when_and_why(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_note_t note;
    assert_ok(mq_patient_note_add(fixture_as(f, CLINICIAN), &id, "Coughs.", MQ_NOTE_SIGNED));
    note = note_of(f, CLINICIAN, &id, 0);
    fixture_wait(f, 3600);
    assert_ok(
        mq_patient_note_mark_error(fixture_as(f, COLLEAGUE), &id, &note.id, "another patient"));
    assert_event(f, MQ_ACTION_PATIENT_NOTE_ERROR, "Colin Colleague");
    note = note_of(f, AUDITOR, &id, 0);
    assert_int_equal(note.status, MQ_NOTE_ERROR);
    assert_string_equal(note.content, "Coughs.");
    assert_string_equal(note.error_reason, "another patient");
    assert_string_equal(note.error_by, "Colin Colleague");
    assert_true(note.error_at == f->now);
    assert_refused(f, mq_patient_note_mark_error(fixture_as(f, CLINICIAN), &id, &note.id, "again"),
                   MQ_ECONFLICT);
}

static void the_front_desk_reads_and_writes_none(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    apr_array_header_t *notes;
    assert_refused(f, mq_patient_notes(&notes, fixture_as(f, FRONT_DESK), &id, NULL, 20),
                   MQ_EDENIED);
    assert_refused(f,
                   mq_patient_note_add(fixture_as(f, FRONT_DESK), &id, "Coughs.", MQ_NOTE_SIGNED),
                   MQ_EDENIED);
    assert_refused(f, mq_patient_note_add(fixture_as(f, AUDITOR), &id, "Hm.", MQ_NOTE_SIGNED),
                   MQ_EDENIED);
}

static void an_archived_patient_gets_no_notes(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &id, 1, NULL));
    assert_refused(f, mq_patient_note_add(fixture_as(f, CLINICIAN), &id, "Coughs.", MQ_NOTE_SIGNED),
                   MQ_ECONFLICT);
}

static void a_note_is_found_by_its_own_patient_only(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t ben = fixture_patient(f, "Ben Reed", NULL);
    mq_patient_note_t note;
    assert_ok(mq_patient_note_add(fixture_as(f, CLINICIAN), &ana, "Coughs.", MQ_NOTE_SIGNED));
    note = note_of(f, CLINICIAN, &ana, 0);
    assert_int_equal(notes_seen(f, CLINICIAN, &ben), 0);
    assert_refused(f, mq_patient_note_mark_error(fixture_as(f, CLINICIAN), &ben, &note.id, "wrong"),
                   MQ_ENOTFOUND);
    assert_refused(f, mq_patient_note_add(fixture_as(f, STRANGER), &ana, "x", MQ_NOTE_SIGNED),
                   MQ_ENOTFOUND);
    assert_int_equal(notes_seen(f, STRANGER, &ana), 0);
}

static void the_newest_come_first_and_older_ones_on_the_next_page(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    static const char *const texts[] = {"first", "second", "third"};
    apr_array_header_t *notes;
    mq_id_t last;
    for (int i = 0; i < 3; i++) {
        fixture_wait(f, 60);
        assert_ok(mq_patient_note_add(fixture_as(f, CLINICIAN), &id, texts[i], MQ_NOTE_SIGNED));
    }
    assert_ok(mq_patient_notes(&notes, fixture_as(f, CLINICIAN), &id, NULL, 2));
    assert_int_equal(notes->nelts, 2);
    assert_string_equal(APR_ARRAY_IDX(notes, 0, mq_patient_note_t).content, "third");
    last = APR_ARRAY_IDX(notes, 1, mq_patient_note_t).id;
    assert_ok(mq_patient_notes(&notes, fixture_as(f, CLINICIAN), &id, &last, 2));
    assert_int_equal(notes->nelts, 1);
    assert_string_equal(APR_ARRAY_IDX(notes, 0, mq_patient_note_t).content, "first");
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(a_draft_is_seen_and_changed_by_its_author_alone),
                                       TEST(what_is_signed_does_not_change),
                                       TEST(a_signed_note_gets_addenda_and_an_addendum_none),
                                       TEST(a_draft_gets_no_addendum),
                                       TEST(an_error_stays_readable_with_who_when_and_why),
                                       TEST(the_front_desk_reads_and_writes_none),
                                       TEST(an_archived_patient_gets_no_notes),
                                       TEST(a_note_is_found_by_its_own_patient_only),
                                       TEST(the_newest_come_first_and_older_ones_on_the_next_page)};
    return FIXTURE_RUN(tests);
}
