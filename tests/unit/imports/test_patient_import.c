/* test_patient_import.c -- a file from its upload to its undo: what is read from each cell, what is
 * found wrong and where, and that all rows become visible or none. */
#include "fixture.h"

#include <apr_file_io.h>
#include <apr_strings.h>

#include "domain/change.h"
#include "domain/imports/patient_import.h"
#include "domain/imports/patient_import_columns.h"
#include "domain/imports/patient_import_guess.h"
#include "domain/jobs/jobs.h"
#include "domain/patients/merges.h"
#include "domain/patients/patient_lists.h"
#include "domain/patients/patient_notes.h"
#include "domain/patients/patient_search.h"
#include "domain/people/accounts.h"

static apr_status_t stage(mq_id_t *id_out, fixture_t *f, const char *text, apr_size_t length,
                          const char **fault_out)
{
    char *name = apr_pstrcat(f->pool, f->database, "-upload-XXXXXX", NULL);
    apr_file_t *file;
    apr_status_t rv;
    int line;
    assert_ok(apr_file_mktemp(&file, name, 0, f->pool));
    assert_ok(apr_file_write_full(file, text, length, NULL));
    *fault_out = NULL;
    rv = mq_import_stage(id_out, fixture_as(f, ADMIN), "people.csv", file, fault_out, &line);
    (void)apr_file_close(file);
    return rv;
}

static mq_import_t import_now(fixture_t *f, const mq_id_t *id)
{
    mq_import_t import;
    const mq_scope_t *sc = fixture_as(f, ADMIN);
    assert_ok(mq_import_read(&import, sc, id));
    mq_db_give_back(sc);
    return import;
}

static mq_import_t worked(fixture_t *f, const mq_id_t *id)
{
    fixture_jobs(f);
    return import_now(f, id);
}

/* The columns as the page proposes them. */
static void columns_guess(fixture_t *f, mq_import_t *import)
{
    const mq_scope_t *sc = fixture_as(f, ADMIN);
    assert_ok(mq_import_guess(import->mapping, sc, import));
    mq_db_give_back(sc);
}

/* Stage a file, take the columns as guessed, and check it. */
static mq_id_t checked(fixture_t *f, const char *text, mq_date_order_t order)
{
    const char *fault;
    mq_import_t import;
    mq_id_t id;
    if (stage(&id, f, text, strlen(text), &fault) != APR_SUCCESS) {
        fail_msg("%s", fault ? fault : "?");
    }
    import = import_now(f, &id);
    columns_guess(f, &import);
    assert_ok(mq_import_map(fixture_as(f, ADMIN), &import, import.mapping, order));
    import = worked(f, &id);
    assert_int_equal(import.state, MQ_IMPORT_CHECKED);
    return id;
}

static void committed(fixture_t *f, const mq_id_t *id)
{
    mq_import_t import = import_now(f, id);
    assert_ok(mq_import_commit(fixture_as(f, ADMIN), &import, 0, MQ_IMPORT_LEAVE_OUT));
    import = worked(f, id);
    assert_int_equal(import.state, MQ_IMPORT_DONE);
}

static int in_list(fixture_t *f, mq_listing_t listing)
{
    const mq_patients_choice_t choice = {MQ_SORT_NAME, listing, 0};
    mq_patients_page_t page;
    assert_ok(
        mq_patients_page(&page, fixture_as(f, CLINICIAN), &choice, MQ_PAGE_FIRST, NULL, NULL));
    return page.count;
}

static mq_patient_t imported(fixture_t *f, const char *mrn)
{
    const mq_scope_t *sc = fixture_as(f, AUDITOR);
    mq_id_t id;
    assert_ok(mq_audit_patient_find(&id, sc, mrn));
    mq_db_give_back(sc);
    return fixture_read(f, &id);
}

static void a_row_becomes_a_record_with_all_that_it_says(void **state)
{
    static const char file[] =
        "MRN,First name,Last name,Date of birth,Sex,Phone,Email,National ID,Notes\r\n"
        "A-1,Ana,Lima,1980-04-03,F,+351 912 345 678,ana@example.org,AB 12,Coughs.\r\n";
    fixture_t *f = *state;
    mq_id_t id = checked(f, file, MQ_DATE_ORDER_PLAIN);
    apr_array_header_t *notes;
    mq_patient_t patient;
    assert_int_equal(in_list(f, MQ_LISTING_ACTIVE), 0);
    committed(f, &id);
    patient = imported(f, "A-1");
    assert_string_equal(patient.name, "Ana Lima");
    assert_string_equal(patient.fields.birth_date, "1980-04-03");
    assert_string_equal(patient.fields.sex, "female");
    assert_string_equal(patient.fields.phone1, "+351 912 345 678");
    assert_string_equal(patient.fields.email, "ana@example.org");
    assert_string_equal(patient.fields.national_id, "AB 12");
    assert_ok(mq_patient_notes(&notes, fixture_as(f, CLINICIAN), &patient.id, NULL, 5));
    assert_int_equal(notes->nelts, 1);
    assert_string_equal(APR_ARRAY_IDX(notes, 0, mq_patient_note_t).content, "Coughs.");
    assert_int_equal(in_list(f, MQ_LISTING_ACTIVE), 1);
}

static void columns_are_guessed_by_what_people_and_programs_call_them(void **state)
{
    static const struct {
        const char *column;
        int field; /* of a record; -1: none */
    } rows[] = {{"Last Name", MQ_PATIENT_FIELD_FAMILY_NAME},
                {"NACHNAME", MQ_PATIENT_FIELD_FAMILY_NAME},
                {"Prénom", MQ_PATIENT_FIELD_GIVEN_NAME},
                {"fname", MQ_PATIENT_FIELD_GIVEN_NAME},
                {"date de naissance", MQ_PATIENT_FIELD_BIRTH_DATE},
                {"DOB", MQ_PATIENT_FIELD_BIRTH_DATE},
                {"e-mail", MQ_PATIENT_FIELD_EMAIL},
                {"Médecin traitant", MQ_PATIENT_FIELD_GENERAL_PRACTITIONER},
                {"general_practitioner", MQ_PATIENT_FIELD_GENERAL_PRACTITIONER},
                {"Date of birth (DD/MM/YYYY)", MQ_PATIENT_FIELD_BIRTH_DATE},
                {"PatientLastName", MQ_PATIENT_FIELD_FAMILY_NAME},
                {"pat_first_name", MQ_PATIENT_FIELD_GIVEN_NAME},
                {"name[0].given[1]", MQ_PATIENT_FIELD_GIVEN_NAME},
                {"Apellido materno", MQ_PATIENT_FIELD_FAMILY_NAME},
                {"Phone (mobile)", MQ_PATIENT_FIELD_PHONE2},
                {"NHS No.", MQ_PATIENT_FIELD_NATIONAL_ID},
                {"Zip+4", MQ_PATIENT_FIELD_ADDRESS},
                {"DEATHDATE", MQ_PATIENT_FIELD_DECEASED_DATE},
                {"Patient", MQ_PATIENT_FIELD_NAME},
                {"pat", -1},
                {"|", -1},
                {"?id", -1},
                {"shoe size", -1},
                {"", -1}};
    fixture_t *f = *state;
    const mq_scope_t *sc = fixture_as(f, ADMIN);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const mq_import_t import = {.columns = {rows[i].column}, .column_count = 1};
        mq_import_field_t guessed;
        assert_ok(mq_import_guess(&guessed, sc, &import));
        if (mq_import_record_field(guessed) != rows[i].field) {
            fail_msg("%s", rows[i].column);
        }
    }
}

/* What the columns of a file are, seen together: each of "fields", by its label. */
static void guesses_are(fixture_t *f, const char *const *columns, const mq_import_field_t *fields)
{
    mq_import_t import = {.column_count = 0};
    while (columns[import.column_count]) {
        import.columns[import.column_count] = columns[import.column_count];
        import.column_count++;
    }
    assert_ok(mq_import_guess(import.mapping, fixture_as(f, ADMIN), &import));
    for (int i = 0; i < import.column_count; i++) {
        if (import.mapping[i] != fields[i]) {
            fail_msg("%s: %d", columns[i], (int)import.mapping[i]);
        }
    }
}

static void columns_are_seen_together(void **state)
{
    const mq_import_field_t name = mq_import_field_of(MQ_PATIENT_FIELD_NAME);
    const mq_import_field_t given = mq_import_field_of(MQ_PATIENT_FIELD_GIVEN_NAME);
    const mq_import_field_t family = mq_import_field_of(MQ_PATIENT_FIELD_FAMILY_NAME);
    const mq_import_field_t sex = mq_import_field_of(MQ_PATIENT_FIELD_SEX);
    const mq_import_field_t phone1 = mq_import_field_of(MQ_PATIENT_FIELD_PHONE1);
    const mq_import_field_t phone2 = mq_import_field_of(MQ_PATIENT_FIELD_PHONE2);
    const mq_import_field_t phone3 = mq_import_field_of(MQ_PATIENT_FIELD_PHONE3);
    guesses_are(*state, (const char *const[]){"Id", "MRN", "uuid", NULL},
                (const mq_import_field_t[]){MQ_IMPORT_IGNORE, MQ_IMPORT_MRN, MQ_IMPORT_IGNORE});
    guesses_are(*state, (const char *const[]){"Id", "Patient Id", NULL},
                (const mq_import_field_t[]){MQ_IMPORT_IGNORE, MQ_IMPORT_MRN});
    guesses_are(*state, (const char *const[]){"Id", "Full name", "Sex", "Gender", NULL},
                (const mq_import_field_t[]){MQ_IMPORT_MRN, name, sex, MQ_IMPORT_IGNORE});
    guesses_are(
        *state, (const char *const[]){"Full name", "First", "Middle", "Last", NULL},
        (const mq_import_field_t[]){MQ_IMPORT_IGNORE, given, MQ_IMPORT_GIVEN_AFTER, family});
    guesses_are(*state, (const char *const[]){"Telephone", "Phone", "Tel", "Phone no", NULL},
                (const mq_import_field_t[]){phone1, phone2, phone3, MQ_IMPORT_IGNORE});
    guesses_are(*state, (const char *const[]){"Name", "Vorname", "Name", NULL},
                (const mq_import_field_t[]){name, given, name});
    guesses_are(*state, (const char *const[]){"Sex", "Sex", NULL},
                (const mq_import_field_t[]){sex, sex});
}

static void each_fault_is_told_with_its_row_column_and_rule(void **state)
{
    static const char file[] = "mrn,name,date of birth,sex,phone,email,deceased date\n"
                               "1,Ana Lima,1980-02-30,,,,\n"
                               "2,Ben Reed,2031-01-01,,,,\n"
                               "3,Cy Young,1850-01-01,,,,\n"
                               "4,,,,,,\n"
                               "5,Di Nil,,maybe,,,\n"
                               "6,Ed Orr,,,12,,\n"
                               "7,Fi Poe,,,,nobody at home,\n"
                               "8,Gil Quy,1980,,,,1979-12-31\n"
                               "1,Twice,,,,,\n"
                               "9,Hal Right,1980,m,123456,h@example.org,1999\n";
    static const struct {
        apr_int64_t row;
        int field; /* of a record; -1: its number */
        int rule;
    } wanted[] = {{1, MQ_PATIENT_FIELD_BIRTH_DATE, MQ_FAULT_DATE},
                  {2, MQ_PATIENT_FIELD_BIRTH_DATE, MQ_FAULT_FUTURE},
                  {3, MQ_PATIENT_FIELD_BIRTH_DATE, MQ_FAULT_TOO_OLD},
                  {4, MQ_PATIENT_FIELD_NAME, MQ_FAULT_MISSING},
                  {5, MQ_PATIENT_FIELD_SEX, MQ_FAULT_CHOICE},
                  {6, MQ_PATIENT_FIELD_PHONE1, MQ_FAULT_PHONE},
                  {7, MQ_PATIENT_FIELD_EMAIL, MQ_FAULT_EMAIL},
                  {8, MQ_PATIENT_FIELD_DECEASED_DATE, MQ_FAULT_DEATH},
                  {9, -1, MQ_IMPORT_RULE_MRN_TWICE}};
    enum { FAULTS = sizeof wanted / sizeof *wanted };
    fixture_t *f = *state;
    mq_id_t id = checked(f, file, MQ_DATE_ORDER_PLAIN);
    mq_import_t import = import_now(f, &id);
    apr_array_header_t *faults;
    assert_int_equal(import.rows, 10);
    assert_int_equal(import.faulty, FAULTS);
    assert_ok(mq_import_faults(&faults, fixture_as(f, ADMIN), &id, 0, 50, f->pool));
    assert_int_equal(faults->nelts, FAULTS);
    for (int i = 0; i < FAULTS; i++) {
        const mq_import_fault_t *fault = &APR_ARRAY_IDX(faults, i, mq_import_fault_t);
        assert_int_equal(fault->number, wanted[i].row);
        assert_int_equal(fault->line, wanted[i].row + 1);
        assert_int_equal(mq_import_record_field(fault->field), wanted[i].field);
        assert_int_equal(fault->rule, wanted[i].rule);
    }
    committed(f, &id); /* the good row alone */
    assert_string_equal(imported(f, "9").fields.sex, "male");
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patients"), 1);
}

static void a_number_that_the_clinic_has_already_is_a_fault(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t id = checked(
        f, apr_pstrcat(f->pool, "mrn,name\n", fixture_read(f, &ana).mrn, ",Another\n", NULL),
        MQ_DATE_ORDER_PLAIN);
    apr_array_header_t *faults;
    assert_ok(mq_import_faults(&faults, fixture_as(f, ADMIN), &id, 0, 50, f->pool));
    assert_int_equal(faults->nelts, 1);
    assert_int_equal(APR_ARRAY_IDX(faults, 0, mq_import_fault_t).rule, MQ_IMPORT_RULE_MRN_TAKEN);
}

static void one_date_proves_the_order_of_all(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = checked(f, "mrn,name,date of birth\n1,Ana,04/03/1980\n2,Ben,12/31/1975\n",
                         MQ_DATE_ORDER_DAY_FIRST);
    committed(f, &id);
    assert_string_equal(imported(f, "1").birth_date, "1980-04-03");
    assert_string_equal(imported(f, "2").birth_date, "1975-12-31");
}

static void where_nothing_proves_the_order_a_person_says_it(void **state)
{
    static const char file[] = "mrn,name,date of birth\n1,Ana,04/03/1980\n";
    fixture_t *f = *state;
    const char *fault;
    mq_import_t import;
    mq_id_t id;
    assert_ok(stage(&id, f, file, strlen(file), &fault));
    import = import_now(f, &id);
    columns_guess(f, &import);
    assert_refused(
        f, mq_import_map(fixture_as(f, ADMIN), &import, import.mapping, MQ_DATE_ORDER_PLAIN),
        MQ_EINVALID);
    assert_ok(
        mq_import_map(fixture_as(f, ADMIN), &import, import.mapping, MQ_DATE_ORDER_DAY_FIRST));
    import = worked(f, &id);
    committed(f, &id);
    assert_string_equal(imported(f, "1").birth_date, "1980-03-04");
}

static void files_of_the_old_windows_and_with_semicolons_are_read(void **state)
{
    static const char file[] = "nom;pr\xe9nom;date de naissance\nMu\xf1oz;Jos\xe9;3.4.1980\n";
    fixture_t *f = *state;
    mq_id_t id = checked(f, file, MQ_DATE_ORDER_DAY_FIRST);
    mq_search_found_t found;
    committed(f, &id);
    assert_ok(mq_patients_search(&found, fixture_as(f, CLINICIAN), "munoz", NULL, 5));
    assert_int_equal(found.count, 1);
    assert_string_equal(found.rows[0].name, "José Muñoz");
}

static void the_deceased_and_the_archived_go_into_their_lists(void **state)
{
    fixture_t *f = *state;
    mq_id_t id =
        checked(f, "name,status\nAna,active\nBen,archived\nCy,deceased\n", MQ_DATE_ORDER_PLAIN);
    committed(f, &id);
    assert_int_equal(in_list(f, MQ_LISTING_ACTIVE), 1);
    assert_int_equal(in_list(f, MQ_LISTING_ARCHIVED), 1);
    assert_int_equal(in_list(f, MQ_LISTING_DECEASED), 1);
}

static void an_undone_import_leaves_nobody_behind(void **state)
{
    fixture_t *f = *state;
    mq_id_t mine = fixture_patient(f, "Zoe Ash", NULL);
    mq_id_t id = checked(f, "name,notes\nAna Lima,Coughs.\nBen Reed,\n", MQ_DATE_ORDER_PLAIN);
    mq_import_t import;
    apr_int64_t total;
    committed(f, &id);
    assert_int_equal(in_list(f, MQ_LISTING_ACTIVE), 3);
    import = import_now(f, &id);
    assert_true(import.can_undo);
    assert_ok(mq_import_undo(fixture_as(f, ADMIN), &import));
    import = worked(f, &id);
    assert_int_equal(import.state, MQ_IMPORT_UNDONE);
    assert_int_equal(in_list(f, MQ_LISTING_ACTIVE), 1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patients"), 1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patient_notes"), 0);
    assert_ok(mq_patients_total(&total, fixture_as(f, CLINICIAN)));
    assert_int_equal(total, 1);
    assert_string_equal(fixture_read(f, &mine).name, "Zoe Ash");
}

static void what_somebody_has_changed_since_is_not_undone(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = checked(f, "mrn,name\nA-1,Ana Lima\nA-2,Ben Reed\n", MQ_DATE_ORDER_PLAIN);
    const mq_patient_new_t in = {.fields = {.name = "Ana Costa"}};
    mq_patient_t patient;
    mq_import_t import;
    committed(f, &id);
    patient = imported(f, "A-1");
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), &patient.id, patient.version, &in));
    import = import_now(f, &id);
    assert_int_equal(mq_import_undo(fixture_as(f, ADMIN), &import), MQ_ECONFLICT);
    assert_int_equal(in_list(f, MQ_LISTING_ACTIVE), 2);
}

static void undo_is_refused(fixture_t *f, const mq_id_t *id)
{
    mq_import_t import = import_now(f, id);
    assert_int_equal(mq_import_undo(fixture_as(f, ADMIN), &import), MQ_ECONFLICT);
}

/* It went with the undo: a note that the record came with was taken for it. */
static void the_first_note_of_who_came_without_one_is_not_undone(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = checked(f, "mrn,name\nA-1,Ana Lima\n", MQ_DATE_ORDER_PLAIN);
    mq_patient_t patient;
    committed(f, &id);
    patient = imported(f, "A-1");
    fixture_wait(f, 1);
    assert_ok(mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &patient.id, "Seen today.",
                                  MQ_NOTE_SIGNED));
    undo_is_refused(f, &id);
}

/* As long as it can come back. */
static void a_draft_that_was_discarded_holds_an_undo_up_for_an_hour(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = checked(f, "mrn,name\nA-1,Ana Lima\n", MQ_DATE_ORDER_PLAIN);
    mq_patient_t patient;
    mq_import_t import;
    mq_id_t note;
    committed(f, &id);
    patient = imported(f, "A-1");
    fixture_wait(f, 1);
    assert_ok(mq_patient_note_add(&note, fixture_as(f, CLINICIAN), &patient.id, "Seen today.",
                                  MQ_NOTE_DRAFT));
    assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &patient.id, &note,
                                     &(apr_int64_t){1}, NULL, MQ_DRAFT_DISCARD));
    undo_is_refused(f, &id);
    fixture_wait(f, 3600);
    import = worked(f, &id);
    assert_ok(mq_import_undo(fixture_as(f, ADMIN), &import));
}

static void a_note_that_was_marked_since_is_not_undone(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = checked(f, "mrn,name,notes\nA-1,Ana Lima,Coughs.\n", MQ_DATE_ORDER_PLAIN);
    const mq_scope_t *sc;
    apr_array_header_t *notes;
    mq_patient_t patient;
    committed(f, &id);
    patient = imported(f, "A-1");
    sc = fixture_as(f, CLINICIAN);
    assert_ok(mq_patient_notes(&notes, sc, &patient.id, NULL, 10));
    mq_db_give_back(sc);
    assert_ok(mq_patient_note_mark_error(fixture_as(f, CLINICIAN), &patient.id,
                                         &APR_ARRAY_IDX(notes, 0, mq_patient_note_t).id, "why"));
    undo_is_refused(f, &id);
}

static void merge(fixture_t *f, const mq_id_t *target, const mq_id_t *source)
{
    const mq_merge_t merge = {
        .target = *target, .target_version = 1, .source = *source, .source_version = 1};
    assert_ok(mq_merge(fixture_as(f, CLINICIAN), &merge));
}

static void whoever_was_merged_since_is_not_undone(void **state)
{
    fixture_t *f = *state;
    mq_id_t mine = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t id = checked(f, "mrn,name\nA-1,Anna Lima\nA-2,Ben Reed\n", MQ_DATE_ORDER_PLAIN);
    mq_patient_t patient;
    committed(f, &id);
    patient = imported(f, "A-1");
    merge(f, &mine, &patient.id);
    undo_is_refused(f, &id);
}

/* Both came between the order and the turn that would have hidden them. */
static void an_undo_that_is_under_way_brings_back_nobody_who_was_replaced(void **state)
{
    fixture_t *f = *state;
    mq_id_t mine = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t id = checked(f, "mrn,name\nA-1,Anna Lima\nA-2,Ben Reed\n", MQ_DATE_ORDER_PLAIN);
    mq_import_t import;
    mq_patient_t patient;
    committed(f, &id);
    patient = imported(f, "A-1");
    import = import_now(f, &id);
    assert_ok(mq_import_undo(fixture_as(f, ADMIN), &import));
    merge(f, &mine, &patient.id);
    import = worked(f, &id);
    assert_int_equal(import.state, MQ_IMPORT_DONE);
    assert_int_equal(in_list(f, MQ_LISTING_ACTIVE), 2); /* Ana and Ben */
    assert_int_equal(fixture_number(f, "SELECT listing FROM patients WHERE mrn = 'A-1'"),
                     MQ_LISTING_REPLACED);
}

static void a_file_that_comes_again_adds_nobody_who_was_replaced(void **state)
{
    fixture_t *f = *state;
    mq_id_t mine = fixture_patient(f, "Ana Lima", "1980-04-03");
    mq_id_t other = fixture_patient(f, "Anna Lyma", "1980-04-03");
    mq_id_t id;
    merge(f, &mine, &other);
    id = checked(f, "name,date_of_birth\nAnna Lyma,1980-04-03\n", MQ_DATE_ORDER_PLAIN);
    assert_int_equal(import_now(f, &id).doubles, 1);
}

/* However many are called so: namesakes, born on other days, hide nobody. */
static void a_file_adds_nobody_whose_former_name_the_register_knows(void **state)
{
    fixture_t *f = *state;
    const mq_patient_new_t married = {
        .fields = {.name = "Ana Lima", .former_name = "Souza", .birth_date = "1980-04-03"}};
    mq_id_t id;
    for (int i = 0; i < 60; i++) {
        fixture_patient(f, "Ana Lima",
                        apr_psprintf(f->pool, "19%02d-01-%02d", 20 + i / 28, 1 + i % 28));
    }
    assert_ok(mq_patient_add(&id, fixture_as(f, CLINICIAN), &married));
    id = checked(f, "name,date_of_birth\nAna Lima,1980-04-03\nAna Lima,1990-08-21\n",
                 MQ_DATE_ORDER_PLAIN);
    assert_int_equal(import_now(f, &id).doubles, 1);
}

static void an_import_can_be_undone_for_seven_days(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = checked(f, "name\nAna Lima\n", MQ_DATE_ORDER_PLAIN);
    committed(f, &id);
    fixture_wait(f, MQ_IMPORT_KEPT_DAYS * 86400 - 1);
    assert_true(import_now(f, &id).can_undo);
    fixture_wait(f, 2);
    assert_false(import_now(f, &id).can_undo);
}

static void what_a_file_said_is_kept_for_seven_days(void **state)
{
    fixture_t *f = *state;
    mq_id_t done = checked(f, "name\nAna Lima\n", MQ_DATE_ORDER_PLAIN);
    mq_id_t undecided;
    committed(f, &done);
    undecided = checked(f, "name\nBen Reed\n\n,x\n", MQ_DATE_ORDER_PLAIN);
    fixture_wait(f, MQ_IMPORT_KEPT_DAYS * 86400 - 1);
    fixture_jobs(f);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM import_rows"), 5);
    fixture_wait(f, 1);
    assert_int_equal(worked(f, &done).state, MQ_IMPORT_DONE);
    assert_int_equal(import_now(f, &undecided).state, MQ_IMPORT_FAILED);
    assert_int_equal(import_now(f, &undecided).ending, MQ_IMPORT_UNDECIDED);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM import_rows"), 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM import_faults"), 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM jobs"), 0);
}

/* What has been decided is decided: no turn asks again. */
static void imports_under_way_have_their_places(void **state)
{
    fixture_t *f = *state;
    const mq_patient_new_t one = {.fields = {.name = "Zoe Ash"}};
    mq_import_t first;
    mq_import_t second;
    mq_id_t ids[2];
    ids[0] = checked(f, "name\nAna Lima\nBen Reed\nCy Cole\n", MQ_DATE_ORDER_PLAIN);
    ids[1] = checked(f, "name\nDi Dean\n,x\nEd East\nFay Field\n", MQ_DATE_ORDER_PLAIN);
    first = import_now(f, &ids[0]);
    second = import_now(f, &ids[1]);
    f->core.quotas[MQ_QUOTA_PATIENTS] = 5;
    assert_ok(mq_import_commit(fixture_as(f, ADMIN), &first, 0, MQ_IMPORT_UNSAID));
    assert_refused(f, mq_import_commit(fixture_as(f, ADMIN), &second, 0, MQ_IMPORT_LEAVE_OUT),
                   MQ_EQUOTA);
    assert_refused(f, mq_import_commit(fixture_as(f, ADMIN), &first, 0, MQ_IMPORT_UNSAID),
                   MQ_ECONFLICT);
    fixture_patient(f, "Gil Gray", NULL);
    fixture_patient(f, "Hal Hunt", NULL);
    assert_refused(f, mq_patient_add(NULL, fixture_as(f, CLINICIAN), &one), MQ_EQUOTA);
    first = import_now(f, &ids[0]);
    assert_ok(mq_import_cancel(fixture_as(f, ADMIN), &first));
    assert_ok(mq_import_commit(fixture_as(f, ADMIN), &second, 0, MQ_IMPORT_LEAVE_OUT));
    assert_int_equal(worked(f, &ids[1]).added, 3);
    assert_refused(f, mq_patient_add(NULL, fixture_as(f, CLINICIAN), &one), MQ_EQUOTA);
}

static void an_import_that_would_pass_the_bytes_adds_nobody(void **state)
{
    fixture_t *f = *state;
    char notes[2001] = "";
    mq_import_t import;
    mq_id_t id;
    memset(notes, 'n', 2000);
    id = checked(
        f, apr_pstrcat(f->pool, "name,notes\nAna Lima,", notes, "\nBen Reed,", notes, "\n", NULL),
        MQ_DATE_ORDER_PLAIN);
    import = import_now(f, &id);
    f->core.quotas[MQ_QUOTA_BYTES] =
        fixture_number(f, "SELECT max(value) FROM counters WHERE name = 'room.bytes'") + 2500;
    assert_refused(f, mq_import_commit(fixture_as(f, ADMIN), &import, 0, MQ_IMPORT_UNSAID),
                   MQ_EQUOTA);
    assert_int_equal(import_now(f, &id).state, MQ_IMPORT_CHECKED);
    f->core.quotas[MQ_QUOTA_BYTES] += 2500;
    assert_ok(mq_import_commit(fixture_as(f, ADMIN), &import, 0, MQ_IMPORT_UNSAID));
    assert_int_equal(worked(f, &id).added, 2);
}

static apr_status_t job_of_a_newer_program_order(mq_audit_event_t *event_io, const mq_scope_t *sc,
                                                 void *data)
{
    event_io->outcome = MQ_OUTCOME_NONE;
    return mq_job_order(sc, (mq_job_number_t)999, data, 1);
}

static void a_job_of_a_newer_program_holds_nobody_up(void **state)
{
    fixture_t *f = *state;
    mq_id_t object = {{9}};
    mq_id_t id;
    assert_ok(mq_change(fixture_as(f, ADMIN), MQ_ACTION_PATIENTS_IMPORT,
                        job_of_a_newer_program_order, &object));
    id = checked(f, "name\nAna Lima\n", MQ_DATE_ORDER_PLAIN);
    committed(f, &id);
    assert_int_equal(import_now(f, &id).state, MQ_IMPORT_DONE);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM jobs WHERE kind = 999"), 1);
}

static void who_may_no_longer_import_stops_it(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = checked(f, "name\nAna Lima\n", MQ_DATE_ORDER_PLAIN);
    mq_import_t import = import_now(f, &id);
    const mq_scope_t *sc;
    assert_ok(mq_import_commit(fixture_as(f, ADMIN), &import, 0, MQ_IMPORT_LEAVE_OUT));
    assert_ok(mq_person_roles_set(fixture_as(f, FOUNDER), &f->people[ADMIN], 0, MQ_ROLE_AUDITOR));
    fixture_jobs(f);
    sc = fixture_as(f, FOUNDER);
    assert_ok(mq_import_read(&import, sc, &id));
    assert_int_equal(import.state, MQ_IMPORT_CHECKED);
    assert_int_equal(import.ending, MQ_IMPORT_DISMISSED);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patients"), 0);
    assert_int_equal(fixture_event(f).outcome, MQ_OUTCOME_REFUSED);
    assert_ok(mq_import_commit(fixture_as(f, FOUNDER), &import, 0, MQ_IMPORT_UNSAID));
    fixture_jobs(f);
    assert_int_equal(in_list(f, MQ_LISTING_ACTIVE), 1);
}

static void only_administrators_import(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = checked(f, "name\nAna Lima\n", MQ_DATE_ORDER_PLAIN);
    mq_import_t import;
    assert_int_equal(mq_import_read(&import, fixture_as(f, CLINICIAN), &id), MQ_EDENIED);
    assert_int_equal(mq_import_read(&import, fixture_as(f, STRANGER), &id), MQ_ENOTFOUND);
    import = import_now(f, &id);
    assert_refused(f, mq_import_commit(fixture_as(f, CLINICIAN), &import, 0, MQ_IMPORT_UNSAID),
                   MQ_EDENIED);
}

static void what_is_no_table_is_refused_with_a_sentence(void **state)
{
    static const char nul[] = "name\nAna\0Lima\n";
    fixture_t *f = *state;
    const char *fault;
    mq_id_t id;
    assert_int_equal(stage(&id, f, "", 0, &fault), MQ_EINVALID);
    assert_non_null(fault);
    assert_int_equal(stage(&id, f, nul, sizeof nul - 1, &fault), MQ_EINVALID);
    assert_non_null(fault);
    assert_int_equal(stage(&id, f, "name\n\"open", 10, &fault), MQ_EINVALID);
    assert_non_null(fault);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_row_becomes_a_record_with_all_that_it_says),
        TEST(columns_are_guessed_by_what_people_and_programs_call_them),
        TEST(columns_are_seen_together),
        TEST(each_fault_is_told_with_its_row_column_and_rule),
        TEST(a_number_that_the_clinic_has_already_is_a_fault),
        TEST(one_date_proves_the_order_of_all),
        TEST(where_nothing_proves_the_order_a_person_says_it),
        TEST(files_of_the_old_windows_and_with_semicolons_are_read),
        TEST(the_deceased_and_the_archived_go_into_their_lists),
        TEST(an_undone_import_leaves_nobody_behind),
        TEST(what_somebody_has_changed_since_is_not_undone),
        TEST(the_first_note_of_who_came_without_one_is_not_undone),
        TEST(a_draft_that_was_discarded_holds_an_undo_up_for_an_hour),
        TEST(a_note_that_was_marked_since_is_not_undone),
        TEST(whoever_was_merged_since_is_not_undone),
        TEST(an_undo_that_is_under_way_brings_back_nobody_who_was_replaced),
        TEST(a_file_that_comes_again_adds_nobody_who_was_replaced),
        TEST(a_file_adds_nobody_whose_former_name_the_register_knows),
        TEST(an_import_can_be_undone_for_seven_days),
        TEST(what_a_file_said_is_kept_for_seven_days),
        TEST(imports_under_way_have_their_places),
        TEST(an_import_that_would_pass_the_bytes_adds_nobody),
        TEST(a_job_of_a_newer_program_holds_nobody_up),
        TEST(who_may_no_longer_import_stops_it),
        TEST(only_administrators_import),
        TEST(what_is_no_table_is_refused_with_a_sentence)};
    return FIXTURE_RUN(tests);
}
