/* test_patient_parts.c -- no kind of part is forgotten: each table that names a patient is one, or
 * is known to be none; and what is done to all of them is done to each. */
#include "fixture.h"

#include <apr_strings.h>

#include "domain/patients/patient_notes.h"
#include "domain/patients/patient_parts.h"
#include "domain/patients/record_rows.h"

/* The record's own versions, what is found by, who has opened it last, rows of a file, which record
 * replaces which, which may be of one person; with whom it is shared, by whose consent, or why
 * without one; which referral it is the patient of. */
#define NO_PARTS                                                                                   \
    "'patient_versions', 'patient_words', 'recent_patients', 'import_rows', 'patient_merges', "    \
    "'patient_merge_parts', 'patients_due', 'patient_pairs', 'shares', 'share_notes', "            \
    "'consents', "                                                                                 \
    "'referrals', 'referral_steps', 'emergencies', "                                               \
    "'referral_matches'"

static const char *names_quoted(fixture_t *f)
{
    const char *names = NO_PARTS;
    for (int i = 0; i < MQ_PATIENT_PARTS; i++) {
        names = apr_pstrcat(f->pool, names, ", '", mq_patient_parts[i]->name, "'", NULL);
    }
    return names;
}

static void each_table_of_a_patient_is_a_part_or_known_to_be_none(void **state)
{
    fixture_t *f = *state;
    const char *of_patients = "FROM sqlite_schema m, pragma_foreign_key_list(m.name) k "
                              "WHERE m.type = 'table' AND k.\"table\" = 'patients' AND k.seq = 0";
    assert_int_equal(
        fixture_number(f, apr_pstrcat(f->pool, "SELECT count(*) ", of_patients,
                                      " AND m.name NOT IN (", names_quoted(f), ")", NULL)),
        0);
    assert_int_equal(fixture_number(f, apr_pstrcat(f->pool, "SELECT count(DISTINCT m.name) ",
                                                   of_patients, NULL)),
                     15 + MQ_PATIENT_PARTS);
}

static void each_part_says_what_is_done_to_all(void **state)
{
    (void)state;
    for (int i = 0; i < MQ_PATIENT_PARTS; i++) {
        const mq_patient_part_t *part = mq_patient_parts[i];
        assert_true(part->touched && (part->remove || part->remove_one) && part->rows);
        assert_true(part->items && part->move && part->since && part->move_one);
        assert_true(part->reading != MQ_ACTION_NONE);
    }
}

static const char *tables_of_patients(fixture_t *f, int *count)
{
    const char *names = "''";
    for (*count = 0; mq_record_rows(*count); ++*count) {
        names = apr_pstrcat(f->pool, names, ", '", mq_record_rows(*count)->name, "'", NULL);
    }
    return names;
}

/* "versions" in a table's name: what its rows were before. Such a table forgotten in a part's row
 * would be missing in every export. */
static void what_rows_were_before_is_taken_along_as_they_are(void **state)
{
    fixture_t *f = *state;
    int count;
    const char *names = tables_of_patients(f, &count);
    for (int i = 0; i < MQ_PATIENT_PARTS; i++) {
        assert_string_equal(mq_patient_parts[i]->rows->name, mq_patient_parts[i]->name);
    }
    assert_int_equal(
        fixture_number(f, apr_pstrcat(f->pool,
                                      "SELECT count(*) FROM sqlite_schema WHERE type = 'table' "
                                      "AND name LIKE '%versions%' AND name NOT IN (",
                                      names, ")", NULL)),
        0);
    assert_int_equal(
        fixture_number(f, apr_pstrcat(f->pool,
                                      "SELECT count(*) FROM sqlite_schema WHERE type = 'table' "
                                      "AND name IN (",
                                      names, ")", NULL)),
        count);
}

static int is_touched(fixture_t *f, const mq_id_t *patient)
{
    const mq_scope_t *sc = fixture_as(f, ADMIN);
    int touched = -1;
    assert_ok(mq_patient_parts_touched(&touched, sc, patient));
    mq_db_give_back(sc);
    return touched;
}

static void what_came_with_the_record_is_no_touch_and_what_came_later_is(void **state)
{
    fixture_t *f = *state;
    const mq_patient_new_t in = {.fields = {.name = "Ana Lima"}, .notes = "Coughs."};
    mq_id_t ana;
    assert_ok(mq_patient_add(&ana, fixture_as(f, CLINICIAN), &in));
    assert_false(is_touched(f, &ana));
    fixture_wait(f, 1);
    assert_ok(
        mq_patient_note_add(NULL, fixture_as(f, CLINICIAN), &ana, "Seen today.", MQ_NOTE_DRAFT));
    assert_true(is_touched(f, &ana));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_table_of_a_patient_is_a_part_or_known_to_be_none),
        TEST(each_part_says_what_is_done_to_all),
        TEST(what_rows_were_before_is_taken_along_as_they_are),
        TEST(what_came_with_the_record_is_no_touch_and_what_came_later_is)};
    return FIXTURE_RUN(tests);
}
