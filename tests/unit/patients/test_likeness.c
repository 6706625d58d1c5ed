/* test_likeness.c -- which descriptions are alike enough to warn, and what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <apr_general.h>
#include <cmocka.h>

#include "domain/patients/likeness.h"

static apr_pool_t *pool;
static const mq_text_t *folding;

typedef struct pair_t {
    const char *a;
    const char *b;
    int fits;
} pair_t;

static int names_fit(const char *a, const char *b)
{
    return mq_names_fit(mq_text_words(mq_text_search_key(folding, a, pool), pool),
                        mq_text_words(mq_text_search_key(folding, b, pool), pool), pool);
}

static void names_fit_as_people_get_them_wrong(void **state)
{
    static const pair_t pairs[] = {{"Anna Müller", "müller, anna", MQ_SAME_NAME},
                                   {"Anna Maria Hoffmann", "Anna Hoffmann", MQ_SAME_NAME},
                                   {"Siobhan OConnor", "Siobhan O'Connor", MQ_SAME_NAME},
                                   {"Suharto", "Suharto", MQ_SAME_NAME},
                                   {"Newborn 2", "Newborn 2", MQ_SAME_NAME},
                                   {"Anna Muller", "Anna Mueller", MQ_SAME_NAME},
                                   {"محمد الخطيب", "محمود الخطيب", MQ_SIMILAR_NAME},
                                   {"محمد الخطيب", "احمد الخطيب", MQ_SIMILAR_NAME},
                                   {"Наталья Кузнецова", "Наталия Кузнецова", MQ_SIMILAR_NAME},
                                   {"김철수", "김철주", MQ_SIMILAR_NAME},
                                   {"김철수", "김영호", 0},
                                   {"李小龙", "李小虎", 0},
                                   {"Jona Smith", "Jonas Smiht", MQ_VAGUE_NAME},
                                   {"Marjorie Blenkinsop", "Marjory Blenkinsop", MQ_SIMILAR_NAME},
                                   {"Katherine Jones", "Catherine Jones", MQ_SIMILAR_NAME},
                                   {"Marjorie Blenkinsop", "Marjorie B.", MQ_VAGUE_NAME},
                                   {"Marjorie Blenkinsop", "M. Blenkinsop", MQ_VAGUE_NAME},
                                   {"Anna Hoffmann", "Berta Hoffmann", MQ_SHARED_NAME},
                                   {"Anna", "Anna Hoffmann", MQ_SHARED_NAME},
                                   {"Newborn 1", "Newborn 2", 0},
                                   {"Newborn 1", "Newborn 10", 0},
                                   {"Li Wu", "Lu Wa", 0},
                                   {"Anna Hoffmann", "Boris Petrov", 0},
                                   {"", "Anna", 0},
                                   {"", "", 0},
                                   {"Al", "Ali", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        print_message("%s | %s\n", pairs[i].a, pairs[i].b);
        assert_int_equal(names_fit(pairs[i].a, pairs[i].b), pairs[i].fits);
        assert_int_equal(names_fit(pairs[i].b, pairs[i].a), pairs[i].fits);
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
    assert_int_equal(names_fit(a, a), MQ_SAME_NAME);
    assert_int_equal(names_fit(a, b), 0);
}

static void dates_fit_as_people_get_them_wrong(void **state)
{
    static const pair_t pairs[] = {{"1984-03-04", "1984-03-04", MQ_SAME_BIRTH_DATE},
                                   {"1984-03-04", "1984-04-03", MQ_SWAPPED_BIRTH_DATE},
                                   {"1984-03-04", "1985-03-04", MQ_NEAR_BIRTH_DATE},
                                   {"1999-12-31", "2000-12-31", MQ_NEAR_BIRTH_DATE},
                                   {"1999-12-31", "2000-01-01", MQ_NEAR_BIRTH_DATE},
                                   {"1984-03-04", "1984-03-05", MQ_NEAR_BIRTH_DATE},
                                   {"1984-02-29", "1984-03-01", MQ_NEAR_BIRTH_DATE},
                                   {"1932-11-09", "1932-11-10", MQ_NEAR_BIRTH_DATE},
                                   {"1899-12-31", "1900-01-01", MQ_NEAR_BIRTH_DATE},
                                   {"1948-03-12", "1948-03-21", MQ_NEAR_BIRTH_DATE},
                                   {"1948-03-12", "1948-08-25", 0},
                                   {"1984-03-04", "1984", MQ_PARTIAL_BIRTH_DATE},
                                   {"1984-03-04", "1984-03", MQ_PARTIAL_BIRTH_DATE},
                                   {"1984", "1984", MQ_PARTIAL_BIRTH_DATE},
                                   {"1984-03-04", NULL, MQ_NO_BIRTH_DATE},
                                   {NULL, NULL, MQ_NO_BIRTH_DATE},
                                   {"1984-03-04", "1984-05", 0},
                                   {"1984-03-04", "1971-11-23", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(mq_birth_dates_fit(pairs[i].a, pairs[i].b, 0), pairs[i].fits);
        assert_int_equal(mq_birth_dates_fit(pairs[i].b, pairs[i].a, 0), pairs[i].fits);
    }
    assert_int_equal(mq_birth_dates_fit("1984-03-04", "1986", 1), MQ_PARTIAL_BIRTH_DATE);
    assert_int_equal(mq_birth_dates_fit("1984-03-04", "1987", 1), 0);
}

static int likeness(int *why, mq_patient_fields_t a, mq_patient_fields_t b)
{
    mq_person_t one;
    mq_person_t other;
    int back;
    mq_person_make(&one, folding, &a, pool);
    mq_person_make(&other, folding, &b, pool);
    assert_int_equal(mq_likeness(&back, &other, &one, pool), mq_likeness(why, &one, &other, pool));
    assert_int_equal(back, *why);
    return mq_likeness(why, &one, &other, pool);
}

static const mq_patient_fields_t aarav = {.name = "Aarav Mehta", .birth_date = "1984-03-04"};
static const mq_patient_fields_t hana = {.name = "Hana Sato", .birth_date = "1932-02-29"};
static const mq_patient_fields_t jurgen = {.name = "Jürgen Müller", .birth_date = "1955-02-28"};
static const mq_patient_fields_t marjorie = {.name = "Marjorie Blenkinsop",
                                             .birth_date = "1948-05-12",
                                             .phone1 = "+44 161 496 0000",
                                             .former_name = "Marjorie Pell",
                                             .address = "1 High Street\nLeeds"};

typedef struct case_t {
    const mq_patient_fields_t *registered;
    mq_patient_fields_t typed;
    int why;
} case_t;

static void each_single_slip_warns(void **state)
{
    static const case_t cases[] = {
        {&aarav, {.name = "Aarav Mehta", .birth_date = "1984-04-03"}, MQ_SWAPPED_BIRTH_DATE},
        {&aarav, {.name = "Aarav Mehta", .birth_date = "1985-03-04"}, MQ_NEAR_BIRTH_DATE},
        {&aarav, {.name = "Aarav Mehta", .birth_date = "1984"}, MQ_PARTIAL_BIRTH_DATE},
        {&aarav, {.name = "Aarav Mehta", .birth_date = "1984-03"}, MQ_PARTIAL_BIRTH_DATE},
        {&aarav, {.name = "Aarav Mehta"}, MQ_NO_BIRTH_DATE},
        {&aarav,
         {.name = "Aarav Mehta", .birth_date = "1985", .age_estimated = "1"},
         MQ_PARTIAL_BIRTH_DATE},
        {&aarav, {.name = "Aarav Mehta", .birth_date = "1948-03-04"}, MQ_NEAR_BIRTH_DATE},
        {&hana, {.name = "Hana Sato", .birth_date = "1932-03-01"}, MQ_NEAR_BIRTH_DATE},
        {&jurgen, {.name = "Juergen Mueller"}, MQ_SAME_NAME},
        {&aarav, {.name = "Mehta Aarav", .birth_date = "1984-03-04"}, MQ_SAME_NAME},
        {&marjorie, {.name = "Marjory Blenkinsop", .birth_date = "1948-05-12"}, MQ_SIMILAR_NAME},
        {&marjorie, {.name = "Marjorie Blenkinsop", .birth_date = "1948-05-13"}, MQ_SAME_NAME},
        {&marjorie, {.name = "Marjorie B", .birth_date = "1948-05-12"}, MQ_VAGUE_NAME},
        {&marjorie, {.name = "M. Blenkinsop", .phone1 = "0161 4960000"}, MQ_SAME_PHONE},
        {&marjorie, {.name = "Marjorie Pell", .birth_date = "1948-05-12"}, MQ_FORMER_NAME},
        {&marjorie, {.name = "Marjorie Wood", .birth_date = "1948-05-12"}, MQ_SHARED_NAME},
        {&marjorie,
         {.name = "Marjorie Blenkinsop", .birth_date = "1971-01-01", .phone1 = "01614960000"},
         MQ_SAME_PHONE}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int why;
        print_message("%s %s\n", cases[i].typed.name,
                      cases[i].typed.birth_date ? cases[i].typed.birth_date : "-");
        assert_true(likeness(&why, *cases[i].registered, cases[i].typed) >= MQ_LIKENESS_WARN);
        assert_true(why & cases[i].why);
    }
}

static void other_people_do_not(void **state)
{
    static const case_t cases[] = {{&aarav, {.name = "Aarav Mehta", .birth_date = "1962-11-23"}, 0},
                                   {&aarav, {.name = "Rohan Mehta", .birth_date = "1984-04-03"}, 0},
                                   {&aarav, {.name = "Mehta"}, 0},
                                   {&marjorie,
                                    {.name = "Brian Blenkinsop",
                                     .birth_date = "1946-01-30",
                                     .phone1 = "0161 496 0000",
                                     .address = "1 High Street, Leeds"},
                                    0},
                                   {&marjorie, {.name = "Marjorie Wood"}, 0},
                                   {&marjorie, {.name = "Marjorie Wood", .birth_date = "1948"}, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int why;
        print_message("%s\n", cases[i].typed.name);
        assert_true(likeness(&why, *cases[i].registered, cases[i].typed) < MQ_LIKENESS_WARN);
    }
}

static void an_identifier_decides_alone(void **state)
{
    int why;
    (void)state;
    assert_true(likeness(&why,
                         (mq_patient_fields_t){.name = "A B",
                                               .national_id = "943 476 5919",
                                               .birth_date = "1950-01-01"},
                         (mq_patient_fields_t){.name = "C D",
                                               .national_id = "943-476-5919",
                                               .birth_date = "1980-12-31"}) >= MQ_LIKENESS_WARN);
    assert_true(why & MQ_SAME_NATIONAL_ID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_fit_as_people_get_them_wrong),
                                       cmocka_unit_test(words_longer_than_any_name_do_no_harm),
                                       cmocka_unit_test(dates_fit_as_people_get_them_wrong),
                                       cmocka_unit_test(each_single_slip_warns),
                                       cmocka_unit_test(other_people_do_not),
                                       cmocka_unit_test(an_identifier_decides_alone)};
    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (mq_text_make(&folding, pool) != APR_SUCCESS) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
