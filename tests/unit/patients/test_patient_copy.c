/* test_patient_copy.c -- a copy of a record has every kind of row of that patient and none of
 * another's, nobody else's draft, and is refused rather than half. */
#include "fixture.h"

#include <apr_strings.h>

#include "domain/patients/chart_changes.h"
#include "domain/patients/merges.h"
#include "domain/patients/patient_copy.h"
#include "domain/patients/patient_notes.h"
#include "domain/patients/record_rows.h"
#include "domain/sharing/chosen_notes.h"

static const char *const latex[MQ_CHART_FIELDS_MOST] = {
    [MQ_ALLERGY_SUBSTANCE] = "Latex", [MQ_ALLERGY_STATUS] = "active"};

static apr_status_t copy_end(const char **text_out, int *pieces_out, mq_patient_copy_t *copy,
                             apr_pool_t *pool)
{
    const char *text = "";
    int done = 0;
    for (*pieces_out = 0; !done; ++*pieces_out) {
        mq_buffer_t *piece = mq_buffer_make(pool, 1024);
        MQ_TRY(mq_patient_copy_next(piece, &done, copy));
        text = apr_pstrcat(pool, text, mq_buffer_string(piece), NULL);
    }
    *text_out = text;
    return APR_SUCCESS;
}

static const char *copied(fixture_t *f, fixture_person_t person, const mq_id_t *patient)
{
    const mq_scope_t *sc = fixture_as(f, person);
    mq_patient_copy_t *copy;
    const char *text = NULL;
    int pieces;
    assert_ok(mq_patient_copy_begin(&copy, sc, patient));
    assert_ok(copy_end(&text, &pieces, copy, f->pool));
    mq_db_give_back(sc);
    return text;
}

static int times_said(const char *text, const char *what)
{
    int n = 0;
    for (; (text = strstr(text, what)); text += strlen(what)) {
        n++;
    }
    return n;
}

static mq_id_t allergic(fixture_t *f, const mq_id_t *patient, const char *reason)
{
    mq_id_t item;
    assert_ok(mq_chart_add(&item, fixture_as(f, CLINICIAN), patient,
                           mq_chart_kind(MQ_CHART_ALLERGIES), latex));
    assert_ok(mq_chart_mark_error(fixture_as(f, CLINICIAN), patient,
                                  mq_chart_kind(MQ_CHART_ALLERGIES), &item, 1, reason));
    return item;
}

/* A consent as it is stored, of one note. */
static void shared(fixture_t *f, const mq_id_t *patient, const mq_id_t *note)
{
    const mq_id_t *by = &f->people[CLINICIAN];
    const mq_scope_t *sc = fixture_as(f, CLINICIAN);
    mq_id_t id;
    assert_ok(mq_id_make(&id));
    assert_ok(mq_db_begin(sc));
    assert_ok(mq_db_change(
        NULL, sc, MQ_SQL_PARTNER_INSERT,
        MQ_PARAMS(mq_bind_id(&id), mq_bind_text("Lyon"), mq_bind_int(1), mq_bind_int(1))));
    assert_ok(mq_db_change(
        NULL, sc, MQ_SQL_SHARE_INSERT,
        MQ_PARAMS(mq_bind_id(&id), mq_bind_id(patient), mq_bind_id(&id), mq_bind_int(1))));
    assert_ok(mq_db_change(NULL, sc, MQ_SQL_CONSENT_INSERT,
                           MQ_PARAMS(mq_bind_id(patient), mq_bind_id(&id), mq_bind_id(&id),
                                     mq_bind_id(&id), mq_bind_int(1), mq_bind_text(NULL),
                                     mq_bind_text(NULL), mq_bind_int(1),
                                     mq_bind_int(MQ_SHARE_ALL - MQ_SHARE_NOTES + MQ_SHARE_CHOSEN),
                                     mq_bind_text("TREAT"), mq_bind_int(1), mq_bind_int(2),
                                     mq_bind_text(NULL), mq_bind_int(1), mq_bind_id(by))));
    assert_ok(mq_chosen_notes_insert(sc, patient, &id, note, 1));
    assert_ok(mq_db_commit(sc));
}

static void each_kind_of_row_of_the_patient_is_there_and_of_nobody_else(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", "1980-04-03");
    mq_id_t bea = fixture_patient(f, "Bea Lima", "1981-04-03");
    mq_id_t note;
    const char *text;
    assert_ok(
        mq_patient_note_add(&note, fixture_as(f, CLINICIAN), &ana, "Coughs.", MQ_NOTE_SIGNED));
    assert_ok(
        mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &bea, "Sneezes.", MQ_NOTE_SIGNED));
    (void)allergic(f, &ana, "of the sister");
    (void)allergic(f, &bea, "of the other sister");
    shared(f, &ana, &note);
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &ana, 1, "moved away"));
    text = copied(f, COLLEAGUE, &ana);
    assert_event(f, MQ_ACTION_PATIENT_EXPORT, "Colin Colleague");
    assert_event_patient(f, &ana);
    for (int i = 0; mq_record_rows(i); i++) {
        const char *empty = apr_psprintf(f->pool, "\"%s\":[]", mq_record_rows(i)->name);
        assert_int_equal(
            times_said(text, apr_psprintf(f->pool, "\"%s\":[", mq_record_rows(i)->name)), 1);
        assert_null(strstr(text, empty));
    }
    assert_int_equal(times_said(text, "\"Ana Lima\""), 2); /* as it is, and as it was */
    assert_int_equal(times_said(text, "\"moved away\""), 1);
    assert_int_equal(times_said(text, "\"parts\":[\"person\",\"lists\",\"chosen notes\"]"), 1);
    assert_int_equal(times_said(text, mq_id_text(&note, f->pool)), 2); /* and that it was chosen */
    assert_int_equal(times_said(text, "\"Coughs.\""), 1);
    assert_int_equal(times_said(text, "\"substance\":\"Latex\""), 2);
    assert_int_equal(times_said(text, "\"of the sister\""), 1);
    assert_null(strstr(text, "Bea"));
    assert_null(strstr(text, "Sneezes"));
    assert_null(strstr(text, "of the other sister"));
}

static void a_draft_is_in_the_copy_of_its_author_alone(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    assert_ok(mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &ana, "Perhaps.", MQ_NOTE_DRAFT));
    assert_non_null(strstr(copied(f, CLINICIAN, &ana), "\"Perhaps.\""));
    assert_null(strstr(copied(f, COLLEAGUE, &ana), "Perhaps"));
}

static void what_was_merged_into_the_record_comes_along(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", "1980-04-03");
    mq_id_t twin = fixture_patient(f, "Anna Limah", "1980-04-03");
    mq_merge_t merge = {.target = ana, .source = twin, .target_version = 1, .source_version = 1};
    const char *text;
    assert_ok(
        mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &twin, "Coughs.", MQ_NOTE_SIGNED));
    assert_ok(mq_merge(fixture_as(f, CLINICIAN), &merge));
    text = copied(f, CLINICIAN, &ana);
    assert_int_equal(times_said(text, "\"Anna Limah\""), 2); /* replaced, and what it was before */
    assert_int_equal(times_said(text, "\"Coughs.\""), 1);
}

static void who_may_not_read_all_of_it_gets_none(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_copy_t *copy;
    for (fixture_person_t person = ADMIN; person < STRANGER; person++) {
        if (person != CLINICIAN && person != COLLEAGUE) {
            assert_refused(f, mq_patient_copy_begin(&copy, fixture_as(f, person), &ana),
                           MQ_EDENIED);
        }
    }
    assert_refused(f, mq_patient_copy_begin(&copy, fixture_as(f, STRANGER), &ana), MQ_ENOTFOUND);
}

/* Long notes, so that one piece does not hold them. */
static void notes_write(fixture_t *f, const mq_id_t *patient, int count)
{
    char *content = apr_palloc(f->pool, 3001);
    memset(content, 'x', 3000);
    content[3000] = 0;
    for (int i = 0; i < count; i++) {
        assert_ok(
            mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), patient, content, MQ_NOTE_SIGNED));
    }
}

static void more_than_a_piece_is_there_once(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    const mq_scope_t *sc = fixture_as(f, CLINICIAN);
    mq_patient_copy_t *copy;
    const char *text = NULL;
    int pieces;
    notes_write(f, &ana, 230);
    assert_ok(mq_patient_copy_begin(&copy, sc, &ana));
    assert_ok(copy_end(&text, &pieces, copy, f->pool));
    mq_db_give_back(sc);
    assert_int_equal(times_said(text, "\"content\""), 230);
    assert_in_range(pieces, 2, 230);
}

static void a_copy_of_two_states_is_none(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    const mq_scope_t *sc = fixture_as(f, CLINICIAN);
    mq_patient_copy_t *copy;
    mq_buffer_t *piece = mq_buffer_make(f->pool, 1024);
    int done = 1;
    notes_write(f, &ana, 150);
    assert_ok(mq_patient_copy_begin(&copy, sc, &ana));
    assert_ok(mq_patient_copy_next(piece, &done, copy));
    assert_false(done);
    mq_db_give_back(sc);
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &ana, 1, NULL));
    assert_int_equal(mq_patient_copy_next(piece, &done, copy), MQ_ECONFLICT);
    mq_db_give_back(sc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_kind_of_row_of_the_patient_is_there_and_of_nobody_else),
        TEST(a_draft_is_in_the_copy_of_its_author_alone),
        TEST(what_was_merged_into_the_record_comes_along),
        TEST(who_may_not_read_all_of_it_gets_none),
        TEST(more_than_a_piece_is_there_once),
        TEST(a_copy_of_two_states_is_none)};
    return FIXTURE_RUN(tests);
}
