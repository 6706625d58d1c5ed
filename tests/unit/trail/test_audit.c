/* test_audit.c -- the trail: each organisation's chain is whole, each change has its event in it,
 * and reading it is an event too. */
#include "fixture.h"

#include <sqlite3.h>

#include "domain/change.h"
#include "domain/patients/patient_lists.h"
#include "domain/trail/audit_chain.h"
#include "domain/trail/audit_groups.h"

static mq_audit_value_t value_of(sqlite3_stmt *row, int column)
{
    if (sqlite3_column_type(row, column) == SQLITE_INTEGER) {
        return (mq_audit_value_t){.is_number = 1, .number = sqlite3_column_int64(row, column)};
    }
    return (mq_audit_value_t){
        .bytes = {sqlite3_column_blob(row, column), (apr_size_t)sqlite3_column_bytes(row, column)}};
}

/* Reckons every chain anew from the stored columns. @return how many events there are */
static int chains_check(fixture_t *f)
{
    unsigned char last[MQ_AUDIT_DIGEST_LENGTH];
    sqlite3_int64 tenant = -1;
    sqlite3_int64 number = 0;
    sqlite3 *sqlite;
    sqlite3_stmt *row;
    int events = 0;
    assert_int_equal(sqlite3_open_v2(f->database, &sqlite, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(sqlite,
                           "SELECT tenant_id, number, at, actor_id, actor_name, session, address, "
                           "action, outcome, object_id, patient_id, reason, digest FROM "
                           "audit_events ORDER BY tenant_id, number",
                           -1, &row, NULL),
        SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW) {
        mq_audit_value_t values[MQ_AUDIT_COLUMNS];
        unsigned char digest[MQ_AUDIT_DIGEST_LENGTH];
        for (int i = 0; i < MQ_AUDIT_COLUMNS; i++) {
            values[i] = value_of(row, i);
        }
        if (values[0].number != tenant) {
            tenant = values[0].number;
            number = 0;
            memset(last, 0, sizeof last);
        }
        assert_int_equal(values[1].number, ++number);
        assert_ok(mq_audit_digest(digest, last, values));
        assert_memory_equal(digest, sqlite3_column_blob(row, MQ_AUDIT_COLUMNS), sizeof digest);
        memcpy(last, digest, sizeof last);
        events++;
    }
    (void)sqlite3_finalize(row);
    (void)sqlite3_close(sqlite);
    return events;
}

static apr_array_header_t *entries_of(fixture_t *f, const mq_audit_choice_t *choice)
{
    const mq_scope_t *sc = fixture_as(f, AUDITOR);
    apr_array_header_t *entries;
    apr_int64_t next;
    assert_ok(mq_audit_rows(&entries, &next, sc, choice, 100, mq_scope_pool(sc)));
    mq_db_give_back(sc);
    return entries;
}

static void every_event_follows_from_the_one_before(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_patient_t patient;
    int before = chains_check(f);
    assert_true(before > 10);
    assert_ok(mq_patient_view(&patient, fixture_as(f, AUDITOR), &id));
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &id, 1, "left"));
    assert_int_equal(chains_check(f), before + 2);
}

static void an_event_that_cannot_be_written_undoes_its_change(void **state)
{
    fixture_t *f = *state;
    const mq_patient_new_t in = {.fields = {.name = "Ana Lima"}};
    sqlite3 *sqlite;
    mq_id_t id;
    int events = fixture_events(f);
    assert_int_equal(sqlite3_open(f->database, &sqlite), SQLITE_OK);
    assert_int_equal(sqlite3_exec(sqlite,
                                  "CREATE TRIGGER broken BEFORE INSERT ON audit_events BEGIN "
                                  "SELECT RAISE(ABORT, 'the disk is on fire'); END",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_not_equal(mq_patient_add(&id, fixture_as(f, CLINICIAN), &in), APR_SUCCESS);
    assert_int_equal(sqlite3_exec(sqlite, "DROP TRIGGER broken", NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(sqlite);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patients"), 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patient_words"), 0);
    assert_int_equal(fixture_events(f), events);
    assert_ok(mq_patient_add(&id, fixture_as(f, CLINICIAN), &in));
    assert_string_equal(fixture_read(f, &id).mrn, "P00000015"); /* no number was used up */
    (void)chains_check(f);
}

static void an_event_needs_a_transaction(void **state)
{
    fixture_t *f = *state;
    const mq_audit_event_t event = {.action = MQ_ACTION_PATIENT_VIEW, .outcome = MQ_OUTCOME_DONE};
    assert_refused(f, mq_audit_write(fixture_as(f, CLINICIAN), &event), MQ_EBUG);
    assert_ok(mq_event_record(fixture_as(f, CLINICIAN), &event));
    assert_event(f, MQ_ACTION_PATIENT_VIEW, "Clara Clinician");
}

static void who_where_and_when_come_from_the_request(void **state)
{
    fixture_t *f = *state;
    mq_audit_entry_t event;
    fixture_wait(f, 77);
    (void)fixture_patient(f, "Ana Lima", NULL);
    event = fixture_event(f);
    assert_true(event.at == f->now);
    assert_string_equal(event.address, "192.0.2.1");
    assert_string_equal(event.actor_name, "Clara Clinician");
    assert_non_null(event.mrn);
}

static void each_organisation_reads_its_own_chain(void **state)
{
    fixture_t *f = *state;
    const mq_audit_choice_t choice = {0};
    apr_array_header_t *entries;
    apr_int64_t next;
    (void)fixture_patient(f, "Ana Lima", NULL);
    assert_ok(mq_audit_page(&entries, &next, fixture_as(f, STRANGER), &choice));
    for (int i = 0; i < entries->nelts; i++) {
        const mq_audit_entry_t *entry = &APR_ARRAY_IDX(entries, i, mq_audit_entry_t);
        assert_int_not_equal(entry->action, MQ_ACTION_PATIENT_ADD);
        assert_true(!entry->actor_name || strcmp(entry->actor_name, "Stan Stranger") == 0);
    }
}

static void reading_the_trail_is_an_event(void **state)
{
    fixture_t *f = *state;
    const mq_audit_choice_t choice = {0};
    apr_array_header_t *entries;
    apr_int64_t next;
    assert_ok(mq_audit_page(&entries, &next, fixture_as(f, AUDITOR), &choice));
    assert_event(f, MQ_ACTION_AUDIT_VIEW, "Aud Auditor");
    assert_refused(f, mq_audit_page(&entries, &next, fixture_as(f, CLINICIAN), &choice),
                   MQ_EDENIED);
    assert_refused(f, mq_audit_page(&entries, &next, fixture_as(f, FRONT_DESK), &choice),
                   MQ_EDENIED);
}

static void what_is_asked_for_narrows(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t ben = fixture_patient(f, "Ben Reed", NULL);
    mq_audit_choice_t choice = {.patient = &ana};
    apr_array_header_t *entries;
    mq_patient_t patient;
    assert_ok(mq_patient_view(&patient, fixture_as(f, FRONT_DESK), &ben));
    fixture_wait(f, 3 * 86400);
    assert_ok(mq_patient_view(&patient, fixture_as(f, FRONT_DESK), &ana));
    entries = entries_of(f, &choice);
    assert_int_equal(entries->nelts, 2);
    assert_int_equal(APR_ARRAY_IDX(entries, 0, mq_audit_entry_t).action, MQ_ACTION_PATIENT_VIEW);
    assert_int_equal(APR_ARRAY_IDX(entries, 1, mq_audit_entry_t).action, MQ_ACTION_PATIENT_ADD);
    choice = (mq_audit_choice_t){.actor = &f->people[FRONT_DESK]};
    assert_int_equal(entries_of(f, &choice)->nelts, 2);
    choice.from = f->now;
    assert_int_equal(entries_of(f, &choice)->nelts, 1);
    choice = (mq_audit_choice_t){.action = MQ_ACTION_PATIENT_ADD, .until = f->now};
    assert_int_equal(entries_of(f, &choice)->nelts, 2);
    choice.until = f->now - apr_time_from_sec(3 * 86400);
    assert_int_equal(entries_of(f, &choice)->nelts, 0);
}

static void whom_a_list_showed_is_found_by_the_patient(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    const mq_patients_choice_t all = MQ_PATIENTS_ACTIVE;
    const mq_audit_choice_t choice = {.patient = &ana};
    mq_patients_page_t page;
    apr_array_header_t *entries;
    apr_int64_t next;
    (void)fixture_patient(f, "Ben Reed", NULL);
    assert_ok(mq_patients_page(&page, fixture_as(f, COLLEAGUE), &all, MQ_PAGE_FIRST, NULL, NULL));
    assert_ok(mq_audit_rows(&entries, &next, fixture_as(f, AUDITOR), &choice, 50, f->pool));
    assert_int_equal(entries->nelts, 2);
    assert_string_equal(APR_ARRAY_IDX(entries, 0, mq_audit_entry_t).actor_name, "Colin Colleague");
    assert_int_equal(APR_ARRAY_IDX(entries, 0, mq_audit_entry_t).action, MQ_ACTION_PATIENTS_LIST);
}

static void a_group_is_named_by_its_members_in_any_order(void **state)
{
    fixture_t *f = *state;
    mq_id_t ids[3] = {{{3}}, {{1}}, {{2}}};
    mq_id_t same[4] = {{{1}}, {{2}}, {{3}}, {{1}}};
    mq_audit_event_t a = {0};
    mq_audit_event_t b = {0};
    mq_audit_event_t c = {0};
    mq_audit_event_t alone = {0};
    assert_ok(mq_audit_show(&a, ids, 3, f->pool));
    assert_ok(mq_audit_show(&b, same, 4, f->pool));
    assert_ok(mq_audit_show(&c, ids, 2, f->pool));
    assert_int_equal(b.shown_count, 3);
    assert_memory_equal(a.patient, b.patient, sizeof *a.patient);
    assert_memory_not_equal(a.patient, c.patient, sizeof *a.patient);
    assert_true(mq_audit_is_group(a.patient));
    assert_ok(mq_audit_show(&alone, ids, 1, f->pool));
    assert_memory_equal(alone.patient, ids, sizeof *ids);
    assert_false(mq_audit_is_group(alone.patient));
    assert_null(alone.shown);
}

static void of_a_head_request_nothing_is_disclosed(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_visit_t visit = *fixture_visit(f);
    mq_patient_t patient;
    visit.shows_nothing = 1;
    assert_refused(f, mq_patient_view(&patient, fixture_enter(&visit, f, CLINICIAN), &id),
                   APR_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(every_event_follows_from_the_one_before),
                                       TEST(an_event_that_cannot_be_written_undoes_its_change),
                                       TEST(an_event_needs_a_transaction),
                                       TEST(who_where_and_when_come_from_the_request),
                                       TEST(each_organisation_reads_its_own_chain),
                                       TEST(reading_the_trail_is_an_event),
                                       TEST(what_is_asked_for_narrows),
                                       TEST(whom_a_list_showed_is_found_by_the_patient),
                                       TEST(a_group_is_named_by_its_members_in_any_order),
                                       TEST(of_a_head_request_nothing_is_disclosed)};
    return FIXTURE_RUN(tests);
}
