/* test_merges.c -- two records of one person become one, and two again; nothing is lost, nobody is
 * there twice, and all of it is in the trail. */
#include "fixture.h"

#include <apr_strings.h>

#include "base/crypto.h"
#include "domain/patients/chart_changes.h"
#include "domain/patients/duplicates.h"
#include "domain/patients/merges.h"
#include "domain/patients/patient_history.h"
#include "domain/patients/patient_links.h"
#include "domain/patients/patient_lists.h"
#include "domain/patients/patient_notes.h"
#include "domain/patients/patient_search.h"
#include "domain/trail/record_views.h"

static mq_id_t added(fixture_t *f, const mq_patient_fields_t *fields, const char *notes)
{
    const mq_patient_new_t in = {.fields = *fields, .notes = notes};
    mq_id_t id;
    assert_ok(mq_patient_add(&id, fixture_as(f, CLINICIAN), &in));
    return id;
}

static void note(fixture_t *f, const mq_id_t *patient, const char *content)
{
    assert_ok(
        mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), patient, content, MQ_NOTE_SIGNED));
}

static mq_merge_t merge_of(fixture_t *f, const mq_id_t *target, const mq_id_t *source)
{
    mq_merge_t merge = {.target = *target, .source = *source};
    mq_patient_t patient;
    const mq_scope_t *sc = fixture_as(f, CLINICIAN);
    merge.target_version =
        mq_patient_read(&patient, sc, target) == APR_SUCCESS ? patient.version : 1;
    merge.source_version =
        mq_patient_read(&patient, sc, source) == APR_SUCCESS ? patient.version : 1;
    mq_db_give_back(sc);
    return merge;
}

static apr_status_t merged(fixture_t *f, const mq_id_t *target, const mq_id_t *source)
{
    const mq_merge_t merge = merge_of(f, target, source);
    return mq_merge(fixture_as(f, CLINICIAN), &merge);
}

/* Separate; what was added since goes where its text says: "other…" goes. */
static apr_status_t separated(fixture_t *f, const mq_id_t *target, const mq_id_t *source)
{
    mq_unmerge_view_t view;
    mq_unmerge_t unmerge = {.target = *target, .source = *source};
    MQ_TRY(mq_unmerge_view(&view, fixture_as(f, CLINICIAN), target, source));
    unmerge.target_version = view.target.version;
    unmerge.items = view.items;
    for (int i = 0; i < view.items->nelts; i++) {
        mq_unmerge_item_t *item = &APR_ARRAY_IDX(view.items, i, mq_unmerge_item_t);
        item->goes |= item->said && strncmp(item->said, "other", 5) == 0;
    }
    return mq_unmerge(fixture_as(f, CLINICIAN), &unmerge);
}

/* The notes of a record, the newest first, with bars between. */
static const char *notes_of(fixture_t *f, const mq_id_t *patient)
{
    apr_array_header_t *notes;
    const char *all = "";
    const mq_scope_t *sc = fixture_as(f, CLINICIAN);
    assert_ok(mq_patient_notes(&notes, sc, patient, NULL, 100));
    for (int i = 0; i < notes->nelts; i++) {
        all = apr_pstrcat(f->pool, all, *all ? "|" : "",
                          APR_ARRAY_IDX(notes, i, mq_patient_note_t).content, NULL);
    }
    mq_db_give_back(sc);
    return all;
}

static mq_search_found_t searched(fixture_t *f, const char *typed)
{
    mq_search_found_t found;
    assert_ok(mq_patients_search(&found, fixture_as(f, CLINICIAN), typed, NULL, 10));
    return found;
}

static void assert_finds(fixture_t *f, const char *typed, const mq_id_t *patient)
{
    const mq_search_found_t found = searched(f, typed);
    assert_int_equal(found.count, 1);
    assert_memory_equal(&found.rows[0].id, patient, sizeof *patient);
}

typedef struct two_t {
    mq_id_t ana;  /* stays */
    mq_id_t anna; /* is replaced */
} two_t;

static two_t two(fixture_t *f)
{
    two_t both;
    both.ana = added(f,
                     &(mq_patient_fields_t){
                         .name = "Ana Lima", .birth_date = "1980-04-03", .phone1 = "0161 496 0000"},
                     "Ana's first");
    fixture_wait(f, 1);
    both.anna =
        added(f,
              &(mq_patient_fields_t){
                  .name = "Anna Lyma", .birth_date = "1980-04-03", .national_id = "NP 77 88"},
              "Anna's first");
    fixture_wait(f, 1);
    return both;
}

static void the_target_has_what_both_had(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    mq_patient_t ana;
    assert_ok(merged(f, &both.ana, &both.anna));
    ana = fixture_read(f, &both.ana);
    assert_string_equal(ana.fields.name, "Ana Lima");
    assert_string_equal(ana.fields.national_id, "NP 77 88");
    assert_string_equal(ana.fields.phone1, "0161 496 0000");
    assert_int_equal(ana.version, 2);
    assert_int_equal(ana.change, MQ_CHANGE_MERGED);
    assert_string_equal(notes_of(f, &both.ana), "Anna's first|Ana's first");
}

static void an_addendum_comes_with_its_note(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    const mq_scope_t *sc = fixture_as(f, CLINICIAN);
    apr_array_header_t *notes;
    mq_id_t first;
    assert_ok(mq_patient_notes(&notes, sc, &both.anna, NULL, 10));
    first = APR_ARRAY_IDX(notes, 0, mq_patient_note_t).id;
    mq_db_give_back(sc);
    assert_ok(mq_patient_note_addendum(NULL, fixture_as(f, CLINICIAN), &both.anna, &first, "before",
                                       MQ_NOTE_SIGNED));
    assert_ok(merged(f, &both.ana, &both.anna));
    assert_ok(mq_patient_note_addendum(NULL, fixture_as(f, CLINICIAN), &both.ana, &first, "after",
                                       MQ_NOTE_SIGNED));
    assert_string_equal(notes_of(f, &both.ana), "Anna's first|before|after|Ana's first");
    assert_ok(separated(f, &both.ana, &both.anna));
    assert_string_equal(notes_of(f, &both.anna), "Anna's first|before|after");
    assert_string_equal(notes_of(f, &both.ana), "Ana's first");
}

static void the_source_is_in_no_list_count_or_warning(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    const mq_scope_t *sc;
    mq_patients_page_t page;
    apr_array_header_t *found;
    apr_int64_t total;
    const mq_patient_fields_t typed = {.name = "Anna Lyma", .birth_date = "1980-04-03"};
    mq_patient_t patient;
    assert_ok(merged(f, &both.ana, &both.anna));
    for (int listing = MQ_LISTING_ACTIVE; listing <= MQ_LISTING_DECEASED; listing++) {
        const mq_patients_choice_t choice = {MQ_SORT_NAME, (mq_listing_t)listing, 0};
        assert_ok(
            mq_patients_page(&page, fixture_as(f, CLINICIAN), &choice, MQ_PAGE_FIRST, NULL, NULL));
        assert_int_equal(page.count, listing == MQ_LISTING_ACTIVE);
    }
    sc = fixture_as(f, CLINICIAN);
    assert_ok(mq_patients_total(&total, sc));
    assert_int_equal(total, 1);
    assert_int_equal(mq_patient_read(&patient, sc, &both.anna), MQ_ENOTFOUND);
    mq_db_give_back(sc);
    sc = fixture_as(f, CLINICIAN);
    assert_ok(mq_duplicates_find(&found, sc, NULL, &typed));
    mq_db_give_back(sc);
    assert_int_equal(found->nelts, 1); /* whoever types her old name is warned of her record */
    assert_memory_equal(&APR_ARRAY_IDX(found, 0, mq_duplicate_t).patient.id, &both.ana,
                        sizeof both.ana);
}

static void the_old_number_name_and_identifier_find_the_target(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    const char *number = fixture_read(f, &both.anna).mrn;
    const mq_patient_new_t edit = {.fields = {.name = "Ana Costa", .birth_date = "1980-04-03"}};
    assert_ok(merged(f, &both.ana, &both.anna));
    assert_finds(f, "Lyma", &both.ana);
    assert_finds(f, "Anna Lyma 1980", &both.ana);
    assert_finds(f, "NP7788", &both.ana);
    assert_finds(f, number, &both.ana);
    assert_string_equal(searched(f, number).rows[0].replaced, number);
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), &both.ana, 2, &edit));
    assert_finds(f, "Lyma", &both.ana); /* also when she is called otherwise today */
    assert_finds(f, "Costa", &both.ana);
    assert_finds(f, number, &both.ana);
    assert_true(searched(f, "Lima").is_similar); /* to Lyma */
}

static void both_keep_their_history(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    apr_array_header_t *versions;
    mq_patient_t patient;
    const mq_patient_version_t *newest;
    const char *ana = fixture_read(f, &both.ana).mrn;
    const char *anna = fixture_read(f, &both.anna).mrn;
    assert_ok(merged(f, &both.ana, &both.anna));
    assert_ok(mq_patient_history(&versions, &patient, fixture_as(f, CLINICIAN), &both.ana, 0, 10));
    newest = &APR_ARRAY_IDX(versions, 0, mq_patient_version_t);
    assert_int_equal(versions->nelts, 2);
    assert_int_equal(newest->change, MQ_CHANGE_MERGED);
    assert_string_equal(newest->reason, anna);
    assert_ok(mq_patient_history(&versions, &patient, fixture_as(f, CLINICIAN), &both.anna, 0, 10));
    newest = &APR_ARRAY_IDX(versions, 0, mq_patient_version_t);
    assert_int_equal(versions->nelts, 2);
    assert_int_equal(newest->change, MQ_CHANGE_REPLACED);
    assert_string_equal(newest->reason, ana);
    assert_string_equal(newest->fields.name, "Anna Lyma");
}

static void the_trail_names_both_and_who_has_seen_either_is_found(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    const mq_audit_choice_t choice = {.patient = &both.ana};
    apr_array_header_t *entries;
    apr_int64_t next;
    mq_patient_t seen;
    int views = 0;
    int merges = 0;
    const mq_audit_entry_t *last = NULL;
    assert_ok(mq_patient_view(&seen, fixture_as(f, COLLEAGUE), &both.anna)); /* before */
    assert_ok(merged(f, &both.ana, &both.anna));
    assert_event(f, MQ_ACTION_PATIENT_MERGE, "Clara Clinician");
    assert_event_patient(f, &both.ana);
    assert_ok(mq_audit_rows(&entries, &next, fixture_as(f, AUDITOR), &choice, 50, f->pool));
    for (int i = 0; i < entries->nelts; i++) {
        const mq_audit_entry_t *entry = &APR_ARRAY_IDX(entries, i, mq_audit_entry_t);
        views +=
            entry->action == MQ_ACTION_PATIENT_VIEW && mq_id_equal(&entry->patient, &both.anna);
        merges += entry->action == MQ_ACTION_PATIENT_MERGE;
        assert_true(!last || last->number > entry->number); /* each once, the newest first */
        last = entry;
    }
    assert_int_equal(views, 1);
    assert_int_equal(merges,
                     2); /* one names her as the patient, one the record that was replaced */
}

static void an_event_that_shows_both_is_one_line(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    const mq_audit_choice_t choice = {.patient = &both.ana, .action = MQ_ACTION_PATIENTS_COMPARE};
    apr_array_header_t *entries;
    apr_int64_t next;
    mq_patient_t target;
    mq_patient_t source;
    assert_ok(mq_merge_view(&target, &source, fixture_as(f, CLINICIAN), &both.ana, &both.anna));
    assert_ok(merged(f, &both.ana, &both.anna));
    assert_ok(mq_audit_rows(&entries, &next, fixture_as(f, AUDITOR), &choice, 50, f->pool));
    assert_int_equal(entries->nelts, 1);
}

static void what_one_request_did_to_both_is_one_line(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    const mq_audit_choice_t choice = {.patient = &both.ana};
    mq_record_views_t views;
    const mq_record_view_t *newest;
    fixture_wait(f, 3600);
    assert_ok(merged(f, &both.ana, &both.anna));
    assert_ok(mq_record_views(&views, fixture_as(f, AUDITOR), &choice));
    newest = &APR_ARRAY_IDX(views.views, 0, mq_record_view_t);
    assert_int_equal(newest->actions->nelts, 1);
    assert_int_equal(APR_ARRAY_IDX(newest->actions, 0, mq_action_t), MQ_ACTION_PATIENT_MERGE);
    newest = &APR_ARRAY_IDX(views.views, 1, mq_record_view_t);
    assert_int_not_equal(APR_ARRAY_IDX(newest->actions, 0, mq_action_t), MQ_ACTION_PATIENT_MERGE);
}

static void nothing_is_written_into_the_source(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    const mq_patient_new_t edit = {.fields = {.name = "Anna Again"}, .notes = "Lost?"};
    assert_ok(merged(f, &both.ana, &both.anna));
    assert_refused(
        f, mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &both.anna, "Lost?", MQ_NOTE_SIGNED),
        MQ_ENOTFOUND);
    assert_refused(f, mq_patient_edit(fixture_as(f, CLINICIAN), &both.anna, 2, &edit),
                   MQ_ENOTFOUND);
    assert_refused(f, mq_patient_archive(fixture_as(f, CLINICIAN), &both.anna, 2, "why"),
                   MQ_ENOTFOUND);
    assert_refused(f, mq_patient_restore(fixture_as(f, ADMIN), &both.anna, 2, NULL), MQ_ENOTFOUND);
    assert_refused(f, mq_patient_version_restore(fixture_as(f, CLINICIAN), &both.anna, 1, 2),
                   MQ_ENOTFOUND);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patient_notes n JOIN patients p ON "
                                       "p.id = n.patient_id WHERE p.listing = 5"),
                     0);
}

static void chains_lead_to_the_last_and_circles_are_refused(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    mq_id_t third = fixture_patient(f, "Ana Maria Lima", "1980-04-03");
    const char *number = fixture_read(f, &both.anna).mrn;
    const mq_scope_t *sc;
    mq_id_t target;
    assert_ok(merged(f, &both.ana, &both.anna));
    assert_refused(f, merged(f, &both.anna, &both.ana), MQ_ENOTFOUND);
    assert_refused(f, merged(f, &third, &both.anna), MQ_ENOTFOUND); /* it was merged already */
    assert_refused(f, merged(f, &both.ana, &both.ana), MQ_ECONFLICT);
    assert_ok(merged(f, &third, &both.ana));
    sc = fixture_as(f, CLINICIAN);
    assert_ok(mq_patient_replaced_by(&target, sc, &both.anna));
    mq_db_give_back(sc);
    assert_memory_equal(&target, &third, sizeof third);
    assert_finds(f, number, &third);
    assert_finds(f, "Lyma", &third);
    assert_string_equal(notes_of(f, &third), "Anna's first|Ana's first");
    assert_refused(f, separated(f, &both.ana, &both.anna), MQ_ENOTFOUND); /* the last one first */
    assert_ok(separated(f, &third, &both.ana));
    assert_finds(f, "Lyma", &both.ana);
    assert_string_equal(notes_of(f, &third), "");
    assert_ok(separated(f, &both.ana, &both.anna));
    assert_string_equal(notes_of(f, &both.ana), "Ana's first");
    assert_string_equal(notes_of(f, &both.anna), "Anna's first");
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patient_merge_parts"), 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patient_merges"), 0);
}

static void whoever_saw_an_older_version_merges_nothing(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    const mq_patient_new_t edit = {.fields = {.name = "Anna Lyma", .sex = "female"}};
    const mq_merge_t merge = merge_of(f, &both.ana, &both.anna);
    assert_ok(mq_patient_edit(fixture_as(f, FRONT_DESK), &both.anna, 1, &edit));
    assert_refused(f, mq_merge(fixture_as(f, CLINICIAN), &merge), MQ_ECONFLICT);
    assert_string_equal(notes_of(f, &both.anna), "Anna's first");
}

static void an_archived_record_may_be_merged_but_takes_nobody(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    const mq_scope_t *sc;
    apr_int64_t total;
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &both.anna, 1, "moved"));
    assert_refused(f, merged(f, &both.anna, &both.ana), MQ_ECONFLICT);
    assert_ok(merged(f, &both.ana, &both.anna));
    sc = fixture_as(f, CLINICIAN);
    assert_ok(mq_patients_total(&total, sc));
    mq_db_give_back(sc);
    assert_int_equal(total, 1);
    assert_ok(separated(f, &both.ana, &both.anna));
    assert_int_equal(fixture_read(f, &both.anna).status, MQ_PATIENT_ARCHIVED); /* as it was */
}

static void fields_that_contradict_each_other_are_refused(void **state)
{
    fixture_t *f = *state;
    mq_id_t one =
        added(f, &(mq_patient_fields_t){.name = "Ana Lima", .birth_date = "2020-01-01"}, NULL);
    mq_id_t other = added(f,
                          &(mq_patient_fields_t){.name = "Ana Lima",
                                                 .birth_date = "1920-01-01",
                                                 .is_deceased = "1",
                                                 .deceased_date = "2001-01-01"},
                          NULL);
    assert_refused(f, merged(f, &one, &other), MQ_EINVALID);
}

static void who_may_not_merges_and_separates_nothing(void **state)
{
    static const fixture_person_t others[] = {ADMIN, FRONT_DESK, AUDITOR};
    fixture_t *f = *state;
    two_t both = two(f);
    const mq_merge_t merge = merge_of(f, &both.ana, &both.anna);
    mq_unmerge_t unmerge = {both.ana, 2, both.anna, apr_array_make(f->pool, 1, 8)};
    mq_unmerge_view_t view;
    mq_patient_t one;
    mq_patient_t other;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_refused(f,
                       mq_merge_view(&one, &other, fixture_as(f, others[i]), &both.ana, &both.anna),
                       MQ_EDENIED);
        assert_refused(f, mq_merge(fixture_as(f, others[i]), &merge), MQ_EDENIED);
    }
    assert_refused(f, mq_merge(fixture_as(f, STRANGER), &merge), MQ_ENOTFOUND);
    assert_refused(f, mq_merge_view(&one, &other, fixture_as(f, STRANGER), &both.ana, &both.anna),
                   MQ_ENOTFOUND);
    assert_ok(merged(f, &both.ana, &both.anna));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_refused(f, mq_unmerge_view(&view, fixture_as(f, others[i]), &both.ana, &both.anna),
                       MQ_EDENIED);
        assert_refused(f, mq_unmerge(fixture_as(f, others[i]), &unmerge), MQ_EDENIED);
    }
    assert_refused(f, mq_unmerge(fixture_as(f, STRANGER), &unmerge), MQ_ENOTFOUND);
    assert_refused(f, mq_unmerge_view(&view, fixture_as(f, STRANGER), &both.ana, &both.anna),
                   MQ_ENOTFOUND);
}

static void a_stranger_is_led_nowhere(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    const mq_scope_t *sc;
    apr_array_header_t *links;
    mq_id_t target;
    assert_ok(merged(f, &both.ana, &both.anna));
    sc = fixture_as(f, STRANGER);
    assert_int_equal(mq_patient_replaced_by(&target, sc, &both.anna), MQ_ENOTFOUND);
    assert_ok(mq_patient_replaces(&links, sc, &both.ana));
    assert_int_equal(links->nelts, 0);
    mq_db_give_back(sc);
    sc = fixture_as(f, CLINICIAN);
    assert_ok(mq_patient_replaces(&links, sc, &both.ana));
    assert_int_equal(links->nelts, 1);
    mq_db_give_back(sc);
}

static void separated_both_are_as_they_were(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    mq_patient_t ana;
    mq_patient_t anna;
    assert_ok(merged(f, &both.ana, &both.anna));
    fixture_wait(f, 60);
    assert_ok(separated(f, &both.ana, &both.anna));
    assert_event(f, MQ_ACTION_PATIENT_UNMERGE, "Clara Clinician");
    ana = fixture_read(f, &both.ana);
    anna = fixture_read(f, &both.anna);
    assert_null(ana.fields.national_id);
    assert_int_equal(ana.version, 3);
    assert_int_equal(ana.change, MQ_CHANGE_SEPARATED);
    assert_string_equal(anna.fields.name, "Anna Lyma");
    assert_string_equal(anna.fields.national_id, "NP 77 88");
    assert_int_equal(anna.status, MQ_PATIENT_ACTIVE);
    assert_int_equal(anna.change, MQ_CHANGE_SEPARATED);
    assert_string_equal(notes_of(f, &both.ana), "Ana's first");
    assert_string_equal(notes_of(f, &both.anna), "Anna's first");
    assert_finds(f, "Lyma", &both.anna);
    assert_finds(f, "Lima", &both.ana);
    assert_finds(f, anna.mrn, &both.anna);
    assert_int_equal(searched(f, "1980").count, 2);
    assert_ok(merged(f, &both.ana, &both.anna)); /* and together again, on purpose */
    assert_string_equal(notes_of(f, &both.ana), "Anna's first|Ana's first");
}

static void what_was_added_since_goes_where_it_is_said_to_go(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    const mq_patient_new_t edit = {.fields = {.name = "Ana Lima",
                                              .birth_date = "1980-04-03",
                                              .phone1 = "0161 496 0000",
                                              .national_id = "NP 77 88",
                                              .address = "1 Quay"}};
    assert_ok(merged(f, &both.ana, &both.anna));
    fixture_wait(f, 60);
    note(f, &both.ana, "one since");
    note(f, &both.ana, "other since");
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), &both.ana, 2, &edit));
    assert_ok(separated(f, &both.ana, &both.anna));
    assert_string_equal(notes_of(f, &both.ana), "one since|Ana's first");
    assert_string_equal(notes_of(f, &both.anna), "other since|Anna's first");
    assert_string_equal(fixture_read(f, &both.ana).fields.address, "1 Quay");
    assert_null(fixture_read(f, &both.ana).fields.national_id);
}

static void what_nobody_was_asked_about_stops_the_separation(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    mq_unmerge_t unmerge = {both.ana, 2, both.anna, NULL};
    mq_unmerge_view_t view;
    assert_ok(merged(f, &both.ana, &both.anna));
    fixture_wait(f, 60);
    assert_ok(mq_unmerge_view(&view, fixture_as(f, CLINICIAN), &both.ana, &both.anna));
    unmerge.items = view.items;
    note(f, &both.ana, "meanwhile");
    assert_refused(f, mq_unmerge(fixture_as(f, CLINICIAN), &unmerge), MQ_ECONFLICT);
    assert_string_equal(notes_of(f, &both.ana), "meanwhile|Anna's first|Ana's first");
}

static void a_draft_since_is_asked_about_and_not_read_to_others(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    mq_unmerge_view_t view;
    assert_ok(merged(f, &both.ana, &both.anna));
    fixture_wait(f, 60);
    assert_ok(
        mq_patient_note_add(NULL, fixture_as(f, COLLEAGUE), &both.ana, "Not yet", MQ_NOTE_DRAFT));
    assert_ok(mq_unmerge_view(&view, fixture_as(f, CLINICIAN), &both.ana, &both.anna));
    assert_int_equal(view.items->nelts, 1);
    assert_true(APR_ARRAY_IDX(view.items, 0, mq_unmerge_item_t).is_draft);
    assert_null(APR_ARRAY_IDX(view.items, 0, mq_unmerge_item_t).said);
}

static void two_merges_into_one_come_apart_in_any_order(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    mq_id_t third =
        added(f, &(mq_patient_fields_t){.name = "A Lima", .email = "a@example.org"}, "third's");
    assert_ok(merged(f, &both.ana, &both.anna));
    fixture_wait(f, 60);
    assert_ok(merged(f, &both.ana, &third));
    assert_ok(separated(f, &both.ana, &both.anna));
    assert_string_equal(notes_of(f, &both.anna), "Anna's first");
    assert_string_equal(notes_of(f, &both.ana), "third's|Ana's first");
    assert_string_equal(fixture_read(f, &both.ana).fields.email, "a@example.org");
    assert_ok(separated(f, &both.ana, &third));
    assert_string_equal(notes_of(f, &both.ana), "Ana's first");
    assert_null(fixture_read(f, &both.ana).fields.email);
}

static void an_allergy_comes_along_and_outweighs_that_there_are_none(void **state)
{
    static const char *const penicillin[MQ_CHART_FIELDS_MOST] = {"Penicillin", NULL, "severe",
                                                                 "active"};
    static const char *const resolved[MQ_CHART_FIELDS_MOST] = {"Penicillin", NULL, "severe",
                                                               "resolved"};
    const mq_chart_kind_t *allergies = mq_chart_kind(MQ_CHART_ALLERGIES);
    const mq_day_t today = {2026, 3, 2};
    fixture_t *f = *state;
    mq_id_t target = fixture_patient(f, "Ana Lima", "1980");
    mq_id_t source = fixture_patient(f, "Anna Lima", "1980");
    mq_patient_t record;
    mq_id_t id;
    assert_ok(mq_chart_add_none(fixture_as(f, CLINICIAN), &target, allergies));
    assert_ok(mq_chart_add(&id, fixture_as(f, CLINICIAN), &source, allergies, penicillin));
    assert_ok(merged(f, &target, &source));
    record = fixture_read(f, &target);
    assert_int_equal(record.chart->nelts, 1);
    assert_int_equal(mq_chart_summary(NULL, record.chart, allergies, &today), MQ_CHART_SOME);
    assert_ok(mq_chart_change(fixture_as(f, CLINICIAN), &target, allergies, &id, 1, resolved));
    record =
        fixture_read(f, &target); /* what one of the two was once said to be does not come back */
    assert_int_equal(mq_chart_summary(NULL, record.chart, allergies, &today), MQ_CHART_NO_CURRENT);
    assert_ok(separated(f, &target, &source));
    record = fixture_read(f, &target);
    assert_int_equal(mq_chart_summary(NULL, record.chart, allergies, &today), MQ_CHART_NONE);
    record = fixture_read(f, &source);
    assert_int_equal(mq_chart_summary(NULL, record.chart, allergies, &today), MQ_CHART_NO_CURRENT);
}

static void whoever_compares_two_records_has_viewed_both(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    const mq_id_t *ids[] = {&both.ana, &both.anna};
    mq_unmerge_view_t view;
    mq_patient_t target;
    mq_patient_t source;
    fixture_wait(f, 3600);
    assert_ok(mq_merge_view(&target, &source, fixture_as(f, COLLEAGUE), &both.ana, &both.anna));
    for (int i = 0; i < 2; i++) {
        const mq_audit_choice_t choice = {.patient = ids[i]};
        mq_record_views_t views;
        const mq_record_view_t *newest;
        assert_ok(mq_record_views(&views, fixture_as(f, AUDITOR), &choice));
        newest = &APR_ARRAY_IDX(views.views, 0, mq_record_view_t);
        assert_string_equal(newest->name, "Colin Colleague");
        assert_int_equal(APR_ARRAY_IDX(newest->actions, 0, mq_action_t),
                         MQ_ACTION_PATIENTS_COMPARE);
        assert_int_equal(views.listed, 0);
    }
    assert_ok(merged(f, &both.ana, &both.anna));
    assert_ok(mq_unmerge_view(&view, fixture_as(f, CLINICIAN), &both.ana, &both.anna));
    assert_event(f, MQ_ACTION_PATIENTS_COMPARE, "Clara Clinician");
}

static const char *const penicillin[MQ_CHART_FIELDS_MOST] = {"Penicillin", NULL, "severe",
                                                             "active"};

static mq_id_t allergy(fixture_t *f, const mq_id_t *patient, const char *const *values)
{
    mq_id_t id;
    assert_ok(mq_chart_add(&id, fixture_as(f, CLINICIAN), patient,
                           mq_chart_kind(MQ_CHART_ALLERGIES), values));
    return id;
}

static mq_chart_summary_t allergies_of(fixture_t *f, const mq_id_t *patient)
{
    const mq_day_t today = {2026, 3, 2};
    return mq_chart_summary(NULL, fixture_read(f, patient).chart, mq_chart_kind(MQ_CHART_ALLERGIES),
                            &today);
}

static void an_allergy_of_both_that_was_struck_once_is_of_both_again(void **state)
{
    fixture_t *f = *state;
    const mq_chart_kind_t *kind = mq_chart_kind(MQ_CHART_ALLERGIES);
    static const char *const small[MQ_CHART_FIELDS_MOST] = {"penicillin", NULL, NULL, "active"};
    for (int struck = 0; struck < 2; struck++) {
        two_t both = two(f);
        const mq_id_t ids[] = {allergy(f, &both.ana, penicillin), allergy(f, &both.anna, small)};
        assert_ok(merged(f, &both.ana, &both.anna));
        fixture_wait(f, 60);
        assert_ok(mq_chart_mark_error(fixture_as(f, CLINICIAN), &both.ana, kind, &ids[struck], 1,
                                      "twice"));
        assert_int_equal(fixture_read(f, &both.ana).chart->nelts, 1);
        fixture_wait(f, 60);
        assert_ok(separated(f, &both.ana, &both.anna));
        assert_int_equal(fixture_read(f, &both.ana).chart->nelts, 1);
        assert_int_equal(fixture_read(f, &both.anna).chart->nelts, 1);
        assert_int_equal(allergies_of(f, &both.ana), MQ_CHART_SOME);
        assert_int_equal(allergies_of(f, &both.anna), MQ_CHART_SOME);
    }
}

static void what_nobody_has_any_more_does_not_come_back(void **state)
{
    fixture_t *f = *state;
    const mq_chart_kind_t *kind = mq_chart_kind(MQ_CHART_ALLERGIES);
    two_t both = two(f);
    const mq_id_t mine = allergy(f, &both.ana, penicillin);
    const mq_id_t hers = allergy(f, &both.anna, penicillin);
    assert_ok(merged(f, &both.ana, &both.anna));
    fixture_wait(f, 60);
    assert_ok(mq_chart_mark_error(fixture_as(f, CLINICIAN), &both.ana, kind, &mine, 1, "wrong"));
    assert_ok(mq_chart_mark_error(fixture_as(f, CLINICIAN), &both.ana, kind, &hers, 1, "wrong"));
    assert_ok(separated(f, &both.ana, &both.anna));
    assert_int_equal(fixture_read(f, &both.ana).chart->nelts, 0);
    assert_int_equal(fixture_read(f, &both.anna).chart->nelts, 0);
}

static void no_statement_of_none_of_two_outlives_an_allergy(void **state)
{
    static const char *const resolved[MQ_CHART_FIELDS_MOST] = {"Penicillin", NULL, "severe",
                                                               "resolved"};
    fixture_t *f = *state;
    const mq_chart_kind_t *kind = mq_chart_kind(MQ_CHART_ALLERGIES);
    two_t both = two(f);
    mq_id_t id;
    assert_ok(mq_chart_add_none(fixture_as(f, CLINICIAN), &both.ana, kind));
    assert_ok(mq_chart_add_none(fixture_as(f, CLINICIAN), &both.anna, kind));
    assert_ok(merged(f, &both.ana, &both.anna));
    assert_int_equal(allergies_of(f, &both.ana), MQ_CHART_NONE);
    fixture_wait(f, 60);
    id = allergy(f, &both.ana, penicillin);
    assert_int_equal(fixture_read(f, &both.ana).chart->nelts, 1);
    assert_ok(mq_chart_change(fixture_as(f, CLINICIAN), &both.ana, kind, &id, 1, resolved));
    assert_int_equal(allergies_of(f, &both.ana), MQ_CHART_NO_CURRENT);
}

/* Written of one before the merge, written on of the other after it. */
static void what_was_changed_since_is_asked_about(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    mq_id_t drafts[2];
    apr_int64_t version;
    mq_unmerge_view_t view;
    mq_unmerge_t unmerge = {.target = both.ana, .source = both.anna};
    for (int i = 0; i < 2; i++) {
        assert_ok(mq_patient_note_add(&drafts[i], fixture_as(f, CLINICIAN),
                                      i ? &both.anna : &both.ana, "begun", MQ_NOTE_DRAFT));
    }
    fixture_wait(f, 60);
    assert_ok(merged(f, &both.ana, &both.anna));
    fixture_wait(f, 60);
    for (int i = 0; i < 2; i++) {
        version = 1;
        assert_ok(mq_patient_note_change(fixture_as(f, CLINICIAN), &both.ana, &drafts[i], &version,
                                         "gone on", MQ_DRAFT_SAVE));
    }
    assert_ok(mq_unmerge_view(&view, fixture_as(f, CLINICIAN), &both.ana, &both.anna));
    assert_int_equal(view.items->nelts, 2);
    for (int i = 0; i < 2; i++) {
        mq_unmerge_item_t *item = &APR_ARRAY_IDX(view.items, i, mq_unmerge_item_t);
        const int is_hers = mq_id_equal(&item->id, &drafts[1]);
        assert_int_equal(item->is_brought, is_hers);
        assert_int_equal(item->goes, is_hers);
        item->goes = !is_hers; /* each was gone on with about the other */
    }
    unmerge.target_version = view.target.version;
    unmerge.items = view.items;
    assert_ok(mq_unmerge(fixture_as(f, CLINICIAN), &unmerge));
    assert_string_equal(notes_of(f, &both.ana), "gone on|Ana's first");
    assert_string_equal(notes_of(f, &both.anna), "gone on|Anna's first");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            fixture_number(
                f, apr_psprintf(f->pool,
                                "SELECT count(*) FROM patient_notes WHERE id = x'%s' "
                                "AND patient_id = x'%s'",
                                mq_hex_encode(drafts[i].bytes, sizeof drafts[i].bytes, f->pool),
                                mq_hex_encode((i ? both.ana : both.anna).bytes,
                                              sizeof both.ana.bytes, f->pool))),
            1);
    }
}

static void a_note_marked_in_error_since_is_asked_about(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    mq_id_t id;
    mq_unmerge_view_t view;
    assert_ok(
        mq_patient_note_add(&id, fixture_as(f, CLINICIAN), &both.ana, "hers", MQ_NOTE_SIGNED));
    assert_ok(merged(f, &both.ana, &both.anna));
    fixture_wait(f, 60);
    assert_ok(mq_patient_note_mark_error(fixture_as(f, CLINICIAN), &both.ana, &id, "of another"));
    assert_ok(mq_unmerge_view(&view, fixture_as(f, CLINICIAN), &both.ana, &both.anna));
    assert_int_equal(view.items->nelts, 1);
}

/* Where it belongs is asked as long as it can come back. */
static void nobody_is_asked_about_a_draft_that_is_gone(void **state)
{
    fixture_t *f = *state;
    two_t both = two(f);
    mq_unmerge_view_t view;
    mq_id_t draft;
    assert_ok(merged(f, &both.ana, &both.anna));
    fixture_wait(f, 1);
    assert_ok(
        mq_patient_note_add(&draft, fixture_as(f, COLLEAGUE), &both.ana, "Hm.", MQ_NOTE_DRAFT));
    assert_ok(mq_patient_note_change(fixture_as(f, COLLEAGUE), &both.ana, &draft, &(apr_int64_t){1},
                                     NULL, MQ_DRAFT_DISCARD));
    assert_ok(mq_unmerge_view(&view, fixture_as(f, CLINICIAN), &both.ana, &both.anna));
    assert_int_equal(view.items->nelts, 1);
    fixture_wait(f, 3600); /* whether or not the job has come that removes it */
    assert_ok(mq_unmerge_view(&view, fixture_as(f, CLINICIAN), &both.ana, &both.anna));
    assert_int_equal(view.items->nelts, 0);
    assert_ok(separated(f, &both.ana, &both.anna));
}

/* Trail, copy and index are of all, and each can be separated again. */
static void a_record_stands_for_all_that_it_replaces(void **state)
{
    enum { REPLACED = 210 };
    fixture_t *f = *state;
    mq_id_t target = fixture_patient(f, "Ana Lima", "1980-04-03");
    apr_array_header_t *links;
    apr_array_header_t *ids;
    const mq_scope_t *sc;
    for (int i = 0; i < REPLACED; i++) {
        mq_id_t source = fixture_patient(f, "Ana Lima", "1980-04-03");
        assert_ok(merged(f, &target, &source));
    }
    sc = fixture_as(f, AUDITOR);
    assert_ok(mq_patient_stands_for(&ids, sc, &target));
    assert_int_equal(ids->nelts, REPLACED + 1);
    assert_ok(mq_patient_replaces(&links, sc, &target));
    assert_int_equal(links->nelts, REPLACED);
    mq_db_give_back(sc);
}

static void an_old_address_leads_on_however_often_its_record_was_replaced(void **state)
{
    enum { REPLACED = 210 };
    fixture_t *f = *state;
    const mq_id_t first = fixture_patient(f, "Ana Lima", "1980-04-03");
    mq_id_t last = first;
    mq_id_t found;
    const mq_scope_t *sc;
    for (int i = 0; i < REPLACED; i++) {
        mq_id_t target = fixture_patient(f, "Ana Lima", "1980-04-03");
        assert_ok(merged(f, &target, &last));
        last = target;
    }
    sc = fixture_as(f, AUDITOR);
    assert_ok(mq_patient_replaced_by(&found, sc, &first));
    assert_true(mq_id_equal(&found, &last));
    mq_db_give_back(sc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_allergy_comes_along_and_outweighs_that_there_are_none),
        TEST(the_target_has_what_both_had),
        TEST(an_addendum_comes_with_its_note),
        TEST(the_source_is_in_no_list_count_or_warning),
        TEST(the_old_number_name_and_identifier_find_the_target),
        TEST(both_keep_their_history),
        TEST(the_trail_names_both_and_who_has_seen_either_is_found),
        TEST(an_event_that_shows_both_is_one_line),
        TEST(what_one_request_did_to_both_is_one_line),
        TEST(nothing_is_written_into_the_source),
        TEST(chains_lead_to_the_last_and_circles_are_refused),
        TEST(whoever_saw_an_older_version_merges_nothing),
        TEST(an_archived_record_may_be_merged_but_takes_nobody),
        TEST(fields_that_contradict_each_other_are_refused),
        TEST(who_may_not_merges_and_separates_nothing),
        TEST(a_stranger_is_led_nowhere),
        TEST(separated_both_are_as_they_were),
        TEST(what_was_added_since_goes_where_it_is_said_to_go),
        TEST(what_nobody_was_asked_about_stops_the_separation),
        TEST(a_draft_since_is_asked_about_and_not_read_to_others),
        TEST(two_merges_into_one_come_apart_in_any_order),
        TEST(whoever_compares_two_records_has_viewed_both),
        TEST(an_allergy_of_both_that_was_struck_once_is_of_both_again),
        TEST(what_nobody_has_any_more_does_not_come_back),
        TEST(no_statement_of_none_of_two_outlives_an_allergy),
        TEST(what_was_changed_since_is_asked_about),
        TEST(a_note_marked_in_error_since_is_asked_about),
        TEST(nobody_is_asked_about_a_draft_that_is_gone),
        TEST(a_record_stands_for_all_that_it_replaces),
        TEST(an_old_address_leads_on_however_often_its_record_was_replaced)};
    return FIXTURE_RUN(tests);
}
