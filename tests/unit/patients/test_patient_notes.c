/* test_patient_notes.c -- a note is its author's until it is signed, and everybody's from then on.
 */
#include "fixture.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/patients/patient_notes.h"
#include "domain/people/accounts.h"

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

static mq_id_t draft_begun(fixture_t *f, const mq_id_t *patient)
{
    mq_id_t note;
    assert_ok(
        mq_patient_note_add(&note, fixture_as(f, CLINICIAN), patient, "Coughs.", MQ_NOTE_DRAFT));
    return note;
}

static mq_id_t discarded(fixture_t *f, const mq_id_t *patient)
{
    mq_id_t note = draft_begun(f, patient);
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), patient, &note, &(apr_int64_t){1},
                                     NULL, MQ_DRAFT_DISCARD));
    return note;
}

static void what_is_signed_keeps_the_name_that_it_was_signed_with(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_note_t draft;
    assert_ok(mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &id, "Coughs.", MQ_NOTE_SIGNED));
    assert_ok(mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &id, "Sneezes.", MQ_NOTE_DRAFT));
    assert_ok(mq_person_rename(fixture_as(f, ADMIN), &f->people[CLINICIAN], "Clara Clinician",
                               "Klara Clinician"));
    draft = note_of(f, CLINICIAN, &id, 0);
    assert_string_equal(draft.author, "Klara Clinician");
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &draft.id, &(apr_int64_t){1},
                                     "Sneezes.", MQ_DRAFT_SIGN));
    assert_ok(mq_person_rename(fixture_as(f, ADMIN), &f->people[CLINICIAN], "Klara Clinician",
                               "Klara Klein"));
    assert_string_equal(note_of(f, COLLEAGUE, &id, 0).author, "Klara Clinician");
    assert_string_equal(note_of(f, COLLEAGUE, &id, 1).author, "Clara Clinician");
}

static void a_draft_is_seen_and_changed_by_its_author_alone(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_note_t draft;
    assert_ok(mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &id, "Coughs.", MQ_NOTE_DRAFT));
    assert_int_equal(notes_seen(f, CLINICIAN, &id), 1);
    assert_int_equal(notes_seen(f, COLLEAGUE, &id), 0);
    assert_int_equal(notes_seen(f, AUDITOR, &id), 0);
    draft = note_of(f, CLINICIAN, &id, 0);
    assert_int_equal(draft.status, MQ_NOTE_DRAFT);
    assert_refused(f,
                   mq_patient_note_change(fixture_as(f, COLLEAGUE), &id, &draft.id,
                                          &(apr_int64_t){1}, "Sneezes.", MQ_DRAFT_SIGN),
                   MQ_ENOTFOUND);
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &draft.id, &(apr_int64_t){1},
                                     "Coughs a lot.", MQ_DRAFT_SAVE));
    assert_event(f, MQ_ACTION_PATIENT_NOTE_CHANGE, "Clara Clinician");
    assert_string_equal(note_of(f, CLINICIAN, &id, 0).content, "Coughs a lot.");
}

static void a_draft_of_two_windows_is_overwritten_by_neither(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t note = draft_begun(f, &id);
    apr_int64_t here = 1;
    apr_int64_t there = 1;
    mq_patient_note_t draft;
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &here, "Coughs a lot.",
                                     MQ_DRAFT_SAVE));
    assert_int_equal(here, 2);
    for (mq_draft_step_t step = MQ_DRAFT_SAVE; step <= MQ_DRAFT_DISCARD; step++) {
        assert_refused(
            f,
            mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &there, "Sneezes.", step),
            MQ_ECONFLICT);
        assert_refused(f,
                       mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note,
                                              &(apr_int64_t){3}, "Sneezes.", step),
                       MQ_ECONFLICT);
    }
    assert_refused(
        f,
        mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &there, NULL, MQ_DRAFT_SIGN),
        MQ_ECONFLICT);
    draft = note_of(f, CLINICIAN, &id, 0);
    assert_string_equal(draft.content, "Coughs a lot.");
    assert_int_equal(draft.version, 2);
    assert_true(draft.saved_at == f->now);
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &here, "Coughs less.",
                                     MQ_DRAFT_SIGN));
    assert_string_equal(note_of(f, COLLEAGUE, &id, 0).content, "Coughs less.");
}

static void a_discarded_draft_comes_back_within_the_hour_with_what_was_typed_last(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t note = draft_begun(f, &id);
    apr_int64_t version = 1;
    assert_refused(f, mq_patient_note_bring_back(fixture_as(f, CLINICIAN), &id, &note),
                   MQ_ECONFLICT);
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &version,
                                     "Coughs, never mind.", MQ_DRAFT_DISCARD));
    assert_event(f, MQ_ACTION_PATIENT_NOTE_CHANGE, "Clara Clinician");
    assert_string_equal(fixture_event(f).reason, "discarded");
    assert_true(note_of(f, CLINICIAN, &id, 0).gone_at == f->now + apr_time_from_sec(3600));
    version = note_of(f, CLINICIAN, &id, 0).version;
    for (mq_draft_step_t step = MQ_DRAFT_SAVE; step <= MQ_DRAFT_DISCARD; step++) {
        assert_refused(
            f, mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &version, "More", step),
            MQ_ECONFLICT);
    }
    fixture_wait(f, 3599);
    assert_refused(f, mq_patient_note_bring_back(fixture_as(f, COLLEAGUE), &id, &note),
                   MQ_ENOTFOUND);
    assert_ok(mq_patient_note_bring_back(fixture_as(f, CLINICIAN), &id, &note));
    assert_string_equal(note_of(f, CLINICIAN, &id, 0).content, "Coughs, never mind.");
    version = note_of(f, CLINICIAN, &id, 0).version;
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &version, NULL,
                                     MQ_DRAFT_DISCARD));
    fixture_wait(f, 3600);
    assert_int_equal(notes_seen(f, CLINICIAN, &id), 0);
    assert_refused(f, mq_patient_note_bring_back(fixture_as(f, CLINICIAN), &id, &note),
                   MQ_ECONFLICT);
}

/* As an error it would be read by everybody for the rest of the hour, and then by nobody. */
static void a_discarded_draft_is_no_error_of_anybodys(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t note = discarded(f, &id);
    for (int i = 0; i < 2; i++) {
        assert_refused(f,
                       mq_patient_note_mark_error(fixture_as(f, CLINICIAN), &id, &note, "not hers"),
                       MQ_ECONFLICT);
        assert_int_equal(notes_seen(f, COLLEAGUE, &id), 0);
        fixture_wait(f, 3600);
    }
}

static apr_int64_t notes_stored(fixture_t *f)
{
    return fixture_number(f, "SELECT count(*) FROM patient_notes");
}

static void what_is_discarded_is_removed_when_its_hour_is_over(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t first;
    mq_id_t second;
    assert_ok(mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &id, "Kept.", MQ_NOTE_DRAFT));
    first = discarded(f, &id);
    fixture_wait(f, 1800);
    second = discarded(f, &id);
    fixture_wait(f, 1799);
    fixture_jobs(f);
    assert_int_equal(notes_stored(f), 3);
    fixture_wait(f, 1);
    fixture_jobs(f);
    assert_int_equal(notes_stored(f), 2);
    assert_refused(f, mq_patient_note_bring_back(fixture_as(f, CLINICIAN), &id, &first),
                   MQ_ENOTFOUND);
    assert_ok(mq_patient_note_bring_back(fixture_as(f, CLINICIAN), &id, &second));
    fixture_wait(f, 3600);
    fixture_jobs(f);
    assert_int_equal(notes_stored(f), 2);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM jobs"), 0);
}

static void a_clock_that_was_ahead_puts_nothing_off(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    const int days = 30 * 24 * 3600;
    fixture_wait(f, days);
    (void)discarded(f, &id); /* and with it the job is put off by a month */
    fixture_wait(f, -days);
    (void)discarded(f, &id);
    assert_int_equal(notes_stored(f), 2);
    fixture_wait(f, 3600);
    fixture_jobs(f);
    assert_int_equal(notes_stored(f), 1);
}

static void as_many_as_were_discarded_are_removed(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    for (int i = 0; i < 101; i++) {
        discarded(f, &id);
        f->now++;
    }
    fixture_wait(f, 3600);
    fixture_jobs(f);
    assert_int_equal(notes_stored(f), 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM jobs"), 0);
}

static apr_int64_t changes_told(fixture_t *f)
{
    return fixture_number(f, apr_psprintf(f->pool,
                                          "SELECT count(*) FROM audit_events WHERE action = %d",
                                          MQ_ACTION_PATIENT_NOTE_CHANGE));
}

static void what_a_page_saves_by_itself_is_told_once_until_a_pause(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t note = draft_begun(f, &id);
    apr_int64_t version = 1;
    for (int i = 0; i < 80; i++) { /* twenty minutes */
        fixture_wait(f, 15);
        assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &version,
                                         apr_psprintf(f->pool, "Coughs %d", i), MQ_DRAFT_AUTOSAVE));
    }
    assert_int_equal(version, 81);
    assert_int_equal(changes_told(f), 1);
    fixture_wait(f, 600);
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &version, "Coughs.",
                                     MQ_DRAFT_AUTOSAVE));
    assert_int_equal(changes_told(f), 2);
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &version, "Sneezes.",
                                     MQ_DRAFT_SAVE));
    assert_int_equal(changes_told(f), 3);
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &version, "Sneezes.",
                                     MQ_DRAFT_SAVE)); /* it says the same: nothing has changed */
    assert_int_equal(version, 83);
    assert_int_equal(changes_told(f), 3);
}

static apr_int64_t room(fixture_t *f)
{
    return fixture_number(f, "SELECT value FROM counters WHERE name = 'room.bytes' "
                             "AND tenant_id > 0 ORDER BY value DESC");
}

static void a_draft_takes_room_once_however_often_it_is_saved(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    const apr_int64_t before = room(f);
    mq_id_t note = draft_begun(f, &id);
    const apr_int64_t begun = room(f);
    apr_int64_t version = 1;
    char text[1001] = "";
    memset(text, 'x', 1000);
    for (int i = 0; i < 50; i++) {
        fixture_wait(f, 15);
        text[i] = 'y';
        assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &version, text,
                                         MQ_DRAFT_AUTOSAVE));
    }
    assert_true(room(f) > begun && room(f) < begun + 1000);
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &version, NULL,
                                     MQ_DRAFT_DISCARD));
    fixture_wait(f, 3600);
    fixture_jobs(f);
    assert_int_equal(room(f), before); /* and gives it back */
}

static void nobody_signs_what_nobody_can_read(void **state)
{
    static const char *const blank[] = {" ", "\n \t", "\u00a0", "\u200b\u2060", "\u3000"};
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t note = draft_begun(f, &id);
    mq_id_t signed_note;
    assert_ok(
        mq_patient_note_add(&signed_note, fixture_as(f, CLINICIAN), &id, "Well.", MQ_NOTE_SIGNED));
    for (size_t i = 0; i < sizeof blank / sizeof *blank; i++) {
        apr_int64_t version = 1;
        const char *cleaned;
        assert_int_equal(mq_field_clean(&cleaned, &mq_notes_rule, blank[i], f->pool),
                         MQ_FAULT_NONE);
        assert_string_equal(cleaned, ""); /* and so a form asks for it */
        assert_refused(
            f, mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &id, blank[i], MQ_NOTE_SIGNED),
            MQ_EINVALID);
        assert_refused(f,
                       mq_patient_note_addendum(NULL, fixture_as(f, CLINICIAN), &id, &signed_note,
                                                blank[i], MQ_NOTE_SIGNED),
                       MQ_EINVALID);
        assert_refused(f,
                       mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &version,
                                              blank[i], MQ_DRAFT_SIGN),
                       MQ_EINVALID);
    }
}

/* Whoever asks again whose answer was lost still has the version from before. */
static void what_stands_there_already_is_no_conflict(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t note = draft_begun(f, &id);
    apr_int64_t version = 1;
    for (int i = 0; i < 2; i++) {
        version = 1;
        assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &version, "Coughs",
                                         MQ_DRAFT_AUTOSAVE));
        assert_int_equal(version, 2);
    }
    version = 1;
    assert_refused(f,
                   mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &version, "Coughs.",
                                          MQ_DRAFT_AUTOSAVE),
                   MQ_ECONFLICT);
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &version, "Coughs",
                                     MQ_DRAFT_SAVE));
    assert_int_equal(version, 2);
    version = 1;
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note, &version, "Coughs",
                                     MQ_DRAFT_SIGN));
    assert_string_equal(note_of(f, CLINICIAN, &id, 0).content, "Coughs");
    assert_int_equal(note_of(f, CLINICIAN, &id, 0).status, MQ_NOTE_SIGNED);
}

static void what_is_signed_does_not_change(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_note_t note;
    assert_ok(mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &id, "Coughs.", MQ_NOTE_DRAFT));
    note = note_of(f, CLINICIAN, &id, 0);
    fixture_wait(f, 60);
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note.id, &(apr_int64_t){1},
                                     NULL, MQ_DRAFT_SIGN));
    assert_event(f, MQ_ACTION_PATIENT_NOTE_SIGN, "Clara Clinician");
    note = note_of(f, COLLEAGUE, &id, 0);
    assert_int_equal(note.status, MQ_NOTE_SIGNED);
    assert_true(note.signed_at == f->now);
    assert_string_equal(note.content, "Coughs.");
    assert_refused(f,
                   mq_patient_note_change(fixture_as(f, CLINICIAN), &id, &note.id,
                                          &(apr_int64_t){1}, "No.", MQ_DRAFT_SAVE),
                   MQ_ECONFLICT);
    assert_string_equal(note_of(f, CLINICIAN, &id, 0).content, "Coughs.");
}

static void a_signed_note_gets_addenda_and_an_addendum_none(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_note_t note;
    mq_patient_note_t addendum;
    assert_ok(mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &id, "Coughs.", MQ_NOTE_SIGNED));
    note = note_of(f, CLINICIAN, &id, 0);
    assert_ok(mq_patient_note_addendum(NULL, fixture_as(f, COLLEAGUE), &id, &note.id, "Since May.",
                                       MQ_NOTE_SIGNED));
    addendum = note_of(f, AUDITOR, &id, 1);
    assert_string_equal(addendum.content, "Since May.");
    assert_string_equal(addendum.author, "Colin Colleague");
    assert_memory_equal(&addendum.parent, &note.id, sizeof note.id);
    assert_refused(f,
                   mq_patient_note_addendum(NULL, fixture_as(f, COLLEAGUE), &id, &addendum.id,
                                            "More.", MQ_NOTE_SIGNED),
                   MQ_ECONFLICT);
}

static void an_addendum_begins_as_a_draft_that_is_nobody_elses_affair(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    apr_int64_t version = MQ_NOTE_VERSION_FIRST;
    mq_patient_note_t read;
    mq_id_t note;
    mq_id_t added;
    assert_ok(mq_patient_note_add(&note, fixture_as(f, CLINICIAN), &id, "Seen.", MQ_NOTE_SIGNED));
    assert_ok(mq_patient_note_addendum(&added, fixture_as(f, COLLEAGUE), &id, &note, "Since",
                                       MQ_NOTE_DRAFT));
    assert_int_equal(notes_seen(f, CLINICIAN, &id), 1);
    assert_int_equal(notes_seen(f, COLLEAGUE, &id), 2);
    assert_ok(mq_patient_note_change(fixture_as(f, COLLEAGUE), &id, &added, &version, "Since May.",
                                     MQ_DRAFT_SIGN));
    assert_int_equal(notes_seen(f, CLINICIAN, &id), 2);
    read = note_of(f, CLINICIAN, &id, 1);
    assert_string_equal(read.content, "Since May.");
    assert_true(mq_id_equal(&read.parent, &note));
}

static void a_draft_gets_no_addendum(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_note_t draft;
    assert_ok(mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &id, "Coughs.", MQ_NOTE_DRAFT));
    draft = note_of(f, CLINICIAN, &id, 0);
    assert_refused(f,
                   mq_patient_note_addendum(NULL, fixture_as(f, CLINICIAN), &id, &draft.id, "More.",
                                            MQ_NOTE_SIGNED),
                   MQ_ECONFLICT);
}

static void an_error_stays_readable_with_who_when_and_why(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_note_t note;
    assert_ok(mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &id, "Coughs.", MQ_NOTE_SIGNED));
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
    assert_refused(
        f, mq_patient_note_add(NULL, fixture_as(f, FRONT_DESK), &id, "Coughs.", MQ_NOTE_SIGNED),
        MQ_EDENIED);
    assert_refused(f, mq_patient_note_add(NULL, fixture_as(f, AUDITOR), &id, "Hm.", MQ_NOTE_SIGNED),
                   MQ_EDENIED);
}

static void an_archived_patient_gets_no_notes(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &id, 1, NULL));
    assert_refused(
        f, mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &id, "Coughs.", MQ_NOTE_SIGNED),
        MQ_ECONFLICT);
}

static void a_note_is_found_by_its_own_patient_only(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t ben = fixture_patient(f, "Ben Reed", NULL);
    mq_patient_note_t note;
    assert_ok(mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &ana, "Coughs.", MQ_NOTE_SIGNED));
    note = note_of(f, CLINICIAN, &ana, 0);
    assert_int_equal(notes_seen(f, CLINICIAN, &ben), 0);
    assert_refused(f, mq_patient_note_mark_error(fixture_as(f, CLINICIAN), &ben, &note.id, "wrong"),
                   MQ_ENOTFOUND);
    assert_refused(f, mq_patient_note_add(NULL, fixture_as(f, STRANGER), &ana, "x", MQ_NOTE_SIGNED),
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
        assert_ok(
            mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &id, texts[i], MQ_NOTE_SIGNED));
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
    const struct CMUnitTest tests[] = {
        TEST(what_is_signed_keeps_the_name_that_it_was_signed_with),
        TEST(a_draft_is_seen_and_changed_by_its_author_alone),
        TEST(a_draft_of_two_windows_is_overwritten_by_neither),
        TEST(a_discarded_draft_comes_back_within_the_hour_with_what_was_typed_last),
        TEST(a_discarded_draft_is_no_error_of_anybodys),
        TEST(what_is_discarded_is_removed_when_its_hour_is_over),
        TEST(a_clock_that_was_ahead_puts_nothing_off),
        TEST(as_many_as_were_discarded_are_removed),
        TEST(a_draft_takes_room_once_however_often_it_is_saved),
        TEST(nobody_signs_what_nobody_can_read),
        TEST(what_a_page_saves_by_itself_is_told_once_until_a_pause),
        TEST(what_stands_there_already_is_no_conflict),
        TEST(what_is_signed_does_not_change),
        TEST(a_signed_note_gets_addenda_and_an_addendum_none),
        TEST(an_addendum_begins_as_a_draft_that_is_nobody_elses_affair),
        TEST(a_draft_gets_no_addendum),
        TEST(an_error_stays_readable_with_who_when_and_why),
        TEST(the_front_desk_reads_and_writes_none),
        TEST(an_archived_patient_gets_no_notes),
        TEST(a_note_is_found_by_its_own_patient_only),
        TEST(the_newest_come_first_and_older_ones_on_the_next_page)};
    return FIXTURE_RUN(tests);
}
