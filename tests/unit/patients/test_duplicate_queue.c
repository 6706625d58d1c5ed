/* test_duplicate_queue.c -- the register is gone through for likely doubles by itself; what people
 * say of a pair is remembered and can be taken back; merging and separating keep the list right. */
#include "fixture.h"

#include <apr_strings.h>

#include "domain/change.h"
#include "domain/patients/duplicate_queue.h"
#include "domain/patients/merges.h"
#include "domain/patients/patient_pairs.h"

static mq_pairs_page_t page_of(fixture_t *f, mq_pair_state_t state)
{
    const mq_scope_t *sc = fixture_as(f, FRONT_DESK);
    mq_pairs_page_t page;
    assert_ok(mq_pairs_page(&page, sc, state, NULL));
    return page;
}

/* On a machine that is busy the job takes several seconds, and rests after each. */
static void all_compare(fixture_t *f)
{
    fixture_jobs(f);
    for (int i = 0; i < 60 && fixture_number(f, "SELECT count(*) FROM patients_due") > 0; i++) {
        fixture_wait(f, 1);
        fixture_jobs(f);
    }
}

/* @return how many likely pairs there are, when all have been compared */
static int likely(fixture_t *f)
{
    mq_pairs_page_t page;
    all_compare(f);
    page = page_of(f, MQ_PAIR_LIKELY);
    assert_false(page.is_at_work);
    return page.pairs->nelts;
}

static int apart(fixture_t *f)
{
    return page_of(f, MQ_PAIR_APART).pairs->nelts;
}

typedef struct two_t {
    mq_id_t ana;
    mq_id_t anna;
} two_t;

static two_t two(fixture_t *f)
{
    two_t both = {.ana = fixture_patient(f, "Ana Lima", "1980-04-03")};
    fixture_wait(f, 1);
    both.anna = fixture_patient(f, "Anna Lima", "1980-04-03");
    fixture_wait(f, 1);
    return both;
}

static void whoever_is_registered_is_compared_with_all(void **state)
{
    fixture_t *f = *state;
    const two_t both = two(f);
    mq_pairs_page_t page = page_of(f, MQ_PAIR_LIKELY);
    const mq_pair_t *pair;
    assert_true(page.is_at_work);
    assert_int_equal(page.pairs->nelts, 0);
    fixture_patient(f, "Zoe Ash", "1955-12-01");
    assert_int_equal(likely(f), 1);
    page = page_of(f, MQ_PAIR_LIKELY);
    assert_event(f, MQ_ACTION_PATIENTS_COMPARE, "Fred Desk");
    pair = &APR_ARRAY_IDX(page.pairs, 0, mq_pair_t);
    assert_true(pair->why & MQ_SAME_BIRTH_DATE);
    assert_null(pair->said_by);
    assert_memory_equal(&pair->one.id, &both.ana, sizeof both.ana);
    assert_memory_equal(&pair->other.id, &both.anna, sizeof both.anna);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patients_due"), 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM jobs"), 0);
}

static void edit(fixture_t *f, const mq_id_t *id, const char *name, const char *birth_date)
{
    const mq_patient_t old = fixture_read(f, id);
    const mq_patient_new_t in = {
        .fields = {.name = name,
                   .birth_date = birth_date,
                   .pronouns = apr_psprintf(f->pool, "of %d", (int)old.version)}};
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), id, old.version, &in));
    fixture_wait(f, 1);
}

static void an_edit_of_either_compares_anew(void **state)
{
    fixture_t *f = *state;
    const two_t both = two(f);
    assert_int_equal(likely(f), 1);
    edit(f, &both.anna, "Bo Weyland", "1941-11-29");
    assert_int_equal(likely(f), 0);
    edit(f, &both.ana, "Bo Weyland", "1941-11-29");
    assert_int_equal(likely(f), 1);
}

/* @return whether two are a likely pair, once all have been compared */
static int are_likely(fixture_t *f, const mq_id_t *one, const mq_id_t *other)
{
    const char *ids = apr_psprintf(
        f->pool, "(x'%s', x'%s')", mq_hex_encode((const unsigned char *)one, sizeof *one, f->pool),
        mq_hex_encode((const unsigned char *)other, sizeof *other, f->pool));
    all_compare(f);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM patients_due"), 0);
    return fixture_number(f, apr_pstrcat(f->pool,
                                         "SELECT count(*) FROM patient_pairs WHERE state = 1"
                                         " AND one_id IN ",
                                         ids, " AND other_id IN ", ids, NULL)) != 0;
}

/* By date of birth they stand between 1950 and 1970: what is read of their name ends there. */
static void namesakes_add(fixture_t *f)
{
    enum { NAMESAKES = 201 };
    for (int i = 0; i < NAMESAKES; i++) {
        (void)fixture_patient(
            f, "Maria Silva",
            apr_psprintf(f->pool, "19%d-%02d-%02d", 51 + i % 20, 5 + i % 8, 10 + i % 19));
    }
}

static void a_pair_that_one_side_alone_finds_is_kept_while_they_are_alike(void **state)
{
    fixture_t *f = *state;
    const mq_id_t first = fixture_patient(f, "Maria Silva", "1930-04-03");
    mq_id_t last;
    namesakes_add(f);
    fixture_jobs(f);
    last = fixture_patient(f, "Maria Silva", "1980-04-03");
    assert_true(are_likely(f, &first, &last));
    edit(f, &first, "Maria Silva", "1930-04-03");
    assert_true(are_likely(f, &first, &last));
    edit(f, &first, "Maria Silva", "1931-12-28");
    assert_false(are_likely(f, &first, &last));
}

static void who_are_said_to_be_different_are_so_for_good(void **state)
{
    fixture_t *f = *state;
    const two_t both = two(f);
    apr_array_header_t *found;
    mq_patient_t ana;
    const mq_pair_t *pair;
    mq_pairs_page_t page;
    int before;
    assert_int_equal(likely(f), 1);
    before = fixture_events(f);
    assert_ok(mq_duplicates_part(fixture_as(f, CLINICIAN), &both.anna, &both.ana));
    assert_int_equal(fixture_events(f), before + 2); /* of each of the two */
    assert_event(f, MQ_ACTION_PATIENTS_PART, "Clara Clinician");
    assert_event_patient(f, &both.anna);
    edit(f, &both.anna, "Anna Lima", "1980-04-03");
    assert_int_equal(likely(f), 0);
    page = page_of(f, MQ_PAIR_APART);
    assert_int_equal(page.pairs->nelts, 1);
    pair = &APR_ARRAY_IDX(page.pairs, 0, mq_pair_t);
    assert_string_equal(pair->said_by, "Clara Clinician");
    assert_int_equal(pair->said_at, f->now - apr_time_from_sec(1));
    ana = fixture_read(f, &both.ana);
    assert_ok(mq_duplicates_find(&found, fixture_as(f, FRONT_DESK), &both.ana, &ana.fields));
    assert_int_equal(found->nelts, 0); /* nor does a form ask about them */
    assert_ok(mq_duplicates_find(&found, fixture_as(f, FRONT_DESK), NULL, &ana.fields));
    assert_int_equal(found->nelts, 2);
    before = fixture_events(f);
    assert_ok(mq_duplicates_part(fixture_as(f, COLLEAGUE), &both.ana, &both.anna));
    assert_int_equal(fixture_events(f), before); /* said twice, once */
}

static void what_was_said_is_taken_back(void **state)
{
    fixture_t *f = *state;
    const two_t both = two(f);
    assert_int_equal(likely(f), 1);
    assert_refused(f, mq_duplicates_join(fixture_as(f, FRONT_DESK), &both.ana, &both.anna),
                   MQ_ENOTFOUND);
    assert_ok(mq_duplicates_part(fixture_as(f, FRONT_DESK), &both.ana, &both.anna));
    assert_int_equal(likely(f), 0);
    assert_ok(mq_duplicates_join(fixture_as(f, FRONT_DESK), &both.anna, &both.ana));
    assert_event(f, MQ_ACTION_PATIENTS_PART_UNDO, "Fred Desk");
    assert_int_equal(apart(f), 0);
    assert_int_equal(likely(f), 1);
}

static void only_those_who_register_people_go_through_the_list(void **state)
{
    fixture_t *f = *state;
    const two_t both = two(f);
    mq_pairs_page_t page;
    mq_id_t stranger;
    const mq_patient_new_t in = {.fields = {.name = "Ana Lima", .birth_date = "1980-04-03"}};
    assert_refused(f, mq_duplicates_part(fixture_as(f, AUDITOR), &both.ana, &both.anna),
                   MQ_EDENIED);
    assert_refused(f, mq_pairs_page(&page, fixture_as(f, ADMIN), MQ_PAIR_LIKELY, NULL), MQ_EDENIED);
    assert_refused(f, mq_duplicates_part(fixture_as(f, CLINICIAN), &both.ana, &both.ana),
                   MQ_EINVALID);
    assert_ok(mq_patient_add(&stranger, fixture_as(f, STRANGER), &in));
    assert_refused(f, mq_duplicates_part(fixture_as(f, CLINICIAN), &both.ana, &stranger),
                   MQ_ENOTFOUND);
    assert_int_equal(likely(f), 1);
    assert_ok(mq_pairs_page(&page, fixture_as(f, STRANGER), MQ_PAIR_LIKELY, NULL));
    assert_int_equal(page.pairs->nelts, 0);
}

static void merge(fixture_t *f, const mq_id_t *target, const mq_id_t *source)
{
    const mq_merge_t merge = {.target = *target,
                              .target_version = fixture_read(f, target).version,
                              .source = *source,
                              .source_version = fixture_read(f, source).version};
    assert_ok(mq_merge(fixture_as(f, CLINICIAN), &merge));
    fixture_wait(f, 1);
}

static void separate(fixture_t *f, const mq_id_t *target, const mq_id_t *source)
{
    mq_unmerge_view_t view;
    mq_unmerge_t unmerge = {.target = *target, .source = *source};
    assert_ok(mq_unmerge_view(&view, fixture_as(f, CLINICIAN), target, source));
    unmerge.target_version = view.target.version;
    unmerge.items = view.items;
    assert_ok(mq_unmerge(fixture_as(f, CLINICIAN), &unmerge));
    fixture_wait(f, 1);
}

static void who_are_merged_leave_the_list_and_who_are_separated_are_different(void **state)
{
    fixture_t *f = *state;
    const two_t both = two(f);
    mq_id_t third = fixture_patient(f, "Ana Lima", "1980-04-03");
    assert_int_equal(likely(f), 3);
    merge(f, &both.ana, &both.anna);
    assert_int_equal(page_of(f, MQ_PAIR_LIKELY).pairs->nelts, 1); /* at once */
    assert_int_equal(likely(f), 1);
    separate(f, &both.ana, &both.anna);
    assert_int_equal(likely(f), 2); /* each of them and the third */
    assert_int_equal(apart(f), 1);
    merge(f, &third, &both.anna);
    assert_int_equal(likely(f), 0); /* for the third stands for one who is not Ana */
    assert_int_equal(apart(f), 0);  /* while the one is not in use */
    separate(f, &third, &both.anna);
    assert_int_equal(apart(f), 2);
    assert_int_equal(likely(f), 1); /* Ana and the third */
}

/* The one side alone finds the other, and knows nothing of the merge. */
static void what_the_other_side_finds_comes_along_with_a_merge_and_goes_with_its_undo(void **state)
{
    fixture_t *f = *state;
    const mq_id_t source = fixture_patient(f, "Maria Silva", "1930-04-03");
    const mq_id_t target = fixture_patient(f, "Maria Silva", "1940-12-28");
    mq_id_t last;
    mq_merge_t choice = {
        .target = target, .target_version = 1, .source = source, .source_version = 1};
    namesakes_add(f);
    fixture_jobs(f);
    last = fixture_patient(f, "Maria Silva", "1980-04-03");
    assert_true(are_likely(f, &source, &last));
    assert_false(are_likely(f, &target, &last));
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        choice.answers.of[i] = MQ_SIDE_SOURCE;
    }
    assert_ok(mq_merge(fixture_as(f, CLINICIAN), &choice));
    assert_true(are_likely(f, &target, &last));
    fixture_wait(f, 1);
    separate(f, &target, &source);
    assert_false(are_likely(f, &target, &last));
    assert_true(are_likely(f, &source, &last));
}

static void a_long_list_is_read_page_by_page_without_gaps(void **state)
{
    enum { ALIKE = 7 };
    fixture_t *f = *state;
    mq_pairs_page_t page = {.has_more = 1};
    mq_pair_place_t after;
    const mq_pair_place_t *from = NULL;
    apr_int64_t seen = 0;
    apr_int64_t all;
    for (int i = 0; i < ALIKE; i++) {
        fixture_patient(f, "Ana Lima", "1980-04-03");
    }
    (void)likely(f);
    all = fixture_number(f, "SELECT count(*) FROM patient_pairs");
    assert_true(all > MQ_PAIRS_SHOWN);
    while (page.has_more) {
        assert_ok(mq_pairs_page(&page, fixture_as(f, CLINICIAN), MQ_PAIR_LIKELY, from));
        assert_true(page.pairs->nelts > 0);
        seen += page.pairs->nelts;
        after = page.last;
        from = &after;
    }
    assert_int_equal(seen, all);
}

typedef struct crowd_t {
    mq_id_t one;
    apr_array_header_t *others;
} crowd_t;

static apr_status_t pairs_note(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const crowd_t *crowd = data;
    event_io->outcome = MQ_OUTCOME_NONE;
    for (int i = 0; i < crowd->others->nelts; i++) {
        MQ_TRY(
            mq_pair_note(sc, &crowd->one, &APR_ARRAY_IDX(crowd->others, i, mq_id_t), 500 + i, 1));
    }
    return APR_SUCCESS;
}

/* Whoever drops the pairs of a record judges the others anew: one that was not read is lost. */
static void all_pairs_of_a_record_are_read(void **state)
{
    enum { OTHERS = 510 };
    fixture_t *f = *state;
    crowd_t crowd = {.one = fixture_patient(f, "Zoe Ash", "1955-12-01"),
                     .others = apr_array_make(f->pool, OTHERS, sizeof(mq_id_t))};
    apr_array_header_t *ids;
    const mq_scope_t *sc;
    for (int i = 0; i < OTHERS; i++) {
        const char *name = apr_psprintf(f->pool, "Person %c%c", 'A' + i % 26, 'A' + i / 26);
        APR_ARRAY_PUSH(crowd.others, mq_id_t) = fixture_patient(f, name, NULL);
    }
    assert_ok(mq_change(fixture_as(f, FRONT_DESK), MQ_ACTION_NONE, pairs_note, &crowd));
    sc = fixture_as(f, FRONT_DESK);
    assert_ok(mq_pairs_of(&ids, sc, &crowd.one, MQ_PAIR_LIKELY));
    assert_int_equal(ids->nelts, OTHERS);
    mq_db_give_back(sc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whoever_is_registered_is_compared_with_all),
        TEST(an_edit_of_either_compares_anew),
        TEST(a_pair_that_one_side_alone_finds_is_kept_while_they_are_alike),
        TEST(who_are_said_to_be_different_are_so_for_good),
        TEST(what_was_said_is_taken_back),
        TEST(only_those_who_register_people_go_through_the_list),
        TEST(who_are_merged_leave_the_list_and_who_are_separated_are_different),
        TEST(what_the_other_side_finds_comes_along_with_a_merge_and_goes_with_its_undo),
        TEST(a_long_list_is_read_page_by_page_without_gaps),
        TEST(all_pairs_of_a_record_are_read)};
    return FIXTURE_RUN(tests);
}
