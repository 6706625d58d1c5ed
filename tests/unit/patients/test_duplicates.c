/* test_duplicates.c -- which names are alike enough to warn, and whom a new record may repeat. */
#include "fixture.h"

#include "domain/patients/duplicates.h"

typedef struct pair_t {
    const char *a;
    const char *b;
} pair_t;

static int alike(const pair_t *pair)
{
    apr_pool_t *pool;
    int answer;
    apr_pool_create(&pool, NULL);
    answer = mq_names_are_similar(pair->a, pair->b, pool);
    assert_int_equal(mq_names_are_similar(pair->b, pair->a, pool), answer);
    apr_pool_destroy(pool);
    return answer;
}

static void slips_of_the_keys_are_seen_through(void **state)
{
    static const pair_t pairs[] = {
        {"anna muller", "anna mueller"}, {"anna mueller", "mueller anna"},
        {"jona smith", "jonas smiht"},   {"newborn 2", "newborn 2"},
        {"anna", "anna mueller"},        {"maria del carmen ruiz", "carmen ruiz"},
        {"katherine", "catherine"}};
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(alike(&pairs[i]), 1);
    }
}

static void other_names_are_other_people(void **state)
{
    static const pair_t pairs[] = {{"anna mueller", "berta mueller"},
                                   {"newborn 1", "newborn 2"},
                                   {"li", "lu"},
                                   {"", "anna"},
                                   {"", ""},
                                   {"al", "ali"},
                                   {"maria del carmen ruiz", "jose del rio garcia"}};
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(alike(&pairs[i]), 0);
    }
}

static void words_longer_than_any_name_do_no_harm(void **state)
{
    char a[300];
    char b[300];
    (void)state;
    memset(a, 'a', sizeof a - 1);
    memset(b, 'b', sizeof b - 1);
    a[sizeof a - 1] = b[sizeof b - 1] = 0;
    assert_int_equal(alike(&(pair_t){a, a}), 1);
    assert_int_equal(alike(&(pair_t){a, b}), 0);
}

/* How many candidates there are, and why the first one is. */
static int candidates(int *why_out, fixture_t *f, fixture_person_t person,
                      const mq_patient_fields_t *fields)
{
    apr_array_header_t *found;
    assert_ok(mq_duplicates_find(&found, fixture_as(f, person), fields));
    *why_out = found->nelts ? APR_ARRAY_IDX(found, 0, mq_duplicate_t).why : 0;
    return found->nelts;
}

static mq_id_t ana_add(fixture_t *f)
{
    const mq_patient_new_t in = {.fields = {.name = "Ana Lima",
                                            .birth_date = "1980-04-03",
                                            .phone1 = "+351 912 345 678",
                                            .national_id = "AB 12-34"}};
    mq_id_t id;
    assert_ok(mq_patient_add(&id, fixture_as(f, CLINICIAN), &in));
    return id;
}

static void the_same_birth_date_and_a_similar_name_is_a_candidate(void **state)
{
    fixture_t *f = *state;
    int why;
    (void)ana_add(f);
    assert_int_equal(candidates(&why, f, FRONT_DESK,
                                &(mq_patient_fields_t){.given_name = "Anna",
                                                       .family_name = "Lima",
                                                       .birth_date = "1980-04-03"}),
                     1);
    assert_int_equal(why, MQ_SAME_BIRTH_DATE);
    assert_int_equal(
        candidates(&why, f, FRONT_DESK,
                   &(mq_patient_fields_t){.name = "Ben Reed", .birth_date = "1980-04-03"}),
        0);
    assert_int_equal(
        candidates(&why, f, FRONT_DESK,
                   &(mq_patient_fields_t){.name = "Ana Lima", .birth_date = "1980-04-04"}),
        0);
}

static void the_same_national_identifier_is_enough(void **state)
{
    fixture_t *f = *state;
    int why;
    (void)ana_add(f);
    assert_int_equal(candidates(&why, f, CLINICIAN,
                                &(mq_patient_fields_t){.name = "Zoe", .national_id = "ab1234"}),
                     1);
    assert_int_equal(why, MQ_SAME_NATIONAL_ID);
}

static void the_same_telephone_and_a_similar_name_is_a_candidate(void **state)
{
    fixture_t *f = *state;
    int why;
    (void)ana_add(f);
    assert_int_equal(
        candidates(&why, f, CLINICIAN,
                   &(mq_patient_fields_t){.name = "Lima Ana", .phone3 = "+351 912 345 678"}),
        1);
    assert_int_equal(why, MQ_SAME_PHONE);
    assert_int_equal(
        candidates(&why, f, CLINICIAN,
                   &(mq_patient_fields_t){.name = "Rui Costa", .phone3 = "+351 912 345 678"}),
        0);
}

static void nobody_of_another_organisation_is_a_candidate(void **state)
{
    fixture_t *f = *state;
    const mq_patient_fields_t fields = {
        .name = "Ana Lima", .birth_date = "1980-04-03", .national_id = "AB 12-34"};
    apr_array_header_t *found;
    int why;
    (void)ana_add(f);
    assert_int_equal(candidates(&why, f, STRANGER, &fields), 0);
    assert_refused(f, mq_duplicates_find(&found, fixture_as(f, AUDITOR), &fields), MQ_EDENIED);
}

static void showing_candidates_is_an_event_that_names_them(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = ana_add(f);
    apr_array_header_t *found;
    assert_ok(mq_duplicates_find(&found, fixture_as(f, CLINICIAN),
                                 &(mq_patient_fields_t){.name = "Zoe", .national_id = "ab1234"}));
    assert_ok(mq_duplicates_disclose(fixture_as(f, CLINICIAN), found));
    assert_event(f, MQ_ACTION_PATIENT_DUPLICATES, "Clara Clinician");
    assert_event_patient(f, &id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(slips_of_the_keys_are_seen_through),
                                       cmocka_unit_test(other_names_are_other_people),
                                       cmocka_unit_test(words_longer_than_any_name_do_no_harm),
                                       TEST(the_same_birth_date_and_a_similar_name_is_a_candidate),
                                       TEST(the_same_national_identifier_is_enough),
                                       TEST(the_same_telephone_and_a_similar_name_is_a_candidate),
                                       TEST(nobody_of_another_organisation_is_a_candidate),
                                       TEST(showing_candidates_is_an_event_that_names_them)};
    return FIXTURE_RUN(tests);
}
