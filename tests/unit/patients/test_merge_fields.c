/* test_merge_fields.c -- what is asked of whoever merges two records, what is suggested, and what
 * comes of the answers. */
#include "fixture.h"

#include "domain/patients/merge_fields.h"

static const mq_merge_question_t *question(const apr_array_header_t *questions, int field)
{
    for (int i = 0; i < questions->nelts; i++) {
        if (APR_ARRAY_IDX(questions, i, mq_merge_question_t).field == field) {
            return &APR_ARRAY_IDX(questions, i, mq_merge_question_t);
        }
    }
    return NULL;
}

static void only_what_differs_is_asked_and_what_belongs_together_once(void **state)
{
    fixture_t *f = *state;
    const mq_patient_fields_t a = {.name = "Ana Lima",
                                   .given_name = "Ana",
                                   .family_name = "Lima",
                                   .sex = "female",
                                   .email = "ana@example.org"};
    const mq_patient_fields_t b = {.name = "Ana Costa",
                                   .given_name = "Ana",
                                   .family_name = "Costa",
                                   .sex = "female",
                                   .email = "ana@example.com"};
    const apr_array_header_t *questions = mq_merge_questions(&a, &b, f->pool);
    assert_int_equal(questions->nelts, 2);
    assert_non_null(question(questions, MQ_PATIENT_FIELD_NAME));
    assert_non_null(question(questions, MQ_PATIENT_FIELD_EMAIL));
    assert_int_equal(question(questions, MQ_PATIENT_FIELD_NAME)->suggested, MQ_SIDE_TARGET);
    assert_false(question(questions, MQ_PATIENT_FIELD_EMAIL)->has_both);
}

static void what_one_record_alone_says_is_suggested(void **state)
{
    fixture_t *f = *state;
    const mq_patient_fields_t a = {.name = "Ana Lima", .birth_date = "1980", .sex = "female"};
    const mq_patient_fields_t b = {.name = "Ana Lima",
                                   .given_name = "Ana",
                                   .family_name = "Lima",
                                   .birth_date = "1980-04-03",
                                   .national_id = "AB 12",
                                   .is_deceased = "1",
                                   .deceased_date = "2026-01-02"};
    mq_merge_answers_t answers = {{MQ_SIDE_SUGGESTED}};
    mq_patient_fields_t made;
    mq_merge_fields(&made, &a, &b, &answers, f->pool);
    assert_string_equal(made.family_name, "Lima");
    assert_string_equal(made.birth_date, "1980-04-03");
    assert_string_equal(made.sex, "female");
    assert_string_equal(made.national_id, "AB 12");
    assert_string_equal(made.deceased_date, "2026-01-02");
    assert_non_null(made.is_deceased);
    mq_merge_fields(&made, &b, &a, &answers, f->pool); /* the other way round: the same */
    assert_string_equal(made.birth_date, "1980-04-03");
    assert_string_equal(made.sex, "female");
    assert_string_equal(made.deceased_date, "2026-01-02");
}

static void a_day_that_is_known_goes_before_an_age_that_was_guessed(void **state)
{
    fixture_t *f = *state;
    const mq_patient_fields_t guessed = {
        .name = "Ana Lima", .birth_date = "1979", .age_estimated = "1"};
    const mq_patient_fields_t known = {.name = "Ana Lima", .birth_date = "1980-04-03"};
    const mq_merge_answers_t answers = {{MQ_SIDE_SUGGESTED}};
    mq_patient_fields_t made;
    mq_merge_fields(&made, &guessed, &known, &answers, f->pool);
    assert_string_equal(made.birth_date, "1980-04-03");
    assert_null(made.age_estimated);
    mq_merge_fields(&made, &known, &guessed, &answers, f->pool);
    assert_string_equal(made.birth_date, "1980-04-03");
    assert_null(made.age_estimated);
}

static void telephone_numbers_of_both_are_kept_as_long_as_there_is_room(void **state)
{
    fixture_t *f = *state;
    const mq_patient_fields_t a = {
        .name = "A", .phone1 = "07700 900123", .phone2 = "0161 496 0000"};
    const mq_patient_fields_t b = {.name = "A", .phone1 = "07700900123", .phone2 = "0131 496 0001"};
    const mq_patient_fields_t full = {
        .name = "A", .phone1 = "0111", .phone2 = "0222", .phone3 = "0333"};
    mq_merge_answers_t answers = {{MQ_SIDE_SUGGESTED}};
    mq_patient_fields_t made;
    mq_merge_fields(&made, &a, &b, &answers, f->pool);
    assert_string_equal(made.phone1, "07700 900123");
    assert_string_equal(made.phone2, "0161 496 0000");
    assert_string_equal(made.phone3, "0131 496 0001");
    assert_false(
        question(mq_merge_questions(&a, &full, f->pool), MQ_PATIENT_FIELD_PHONE1)->has_both);
    answers.of[MQ_PATIENT_FIELD_PHONE1] = MQ_SIDE_BOTH; /* there is no such choice */
    mq_merge_fields(&made, &a, &full, &answers, f->pool);
    assert_string_equal(made.phone1, "07700 900123");
    assert_null(made.phone3);
}

static void an_answer_takes_all_that_belongs_together(void **state)
{
    fixture_t *f = *state;
    const mq_patient_fields_t a = {
        .name = "Ana Lima", .contact_name = "Rui", .contact_phone = "0111"};
    const mq_patient_fields_t b = {
        .name = "Ana Lima", .contact_name = "Eva", .contact_relation = "sister"};
    mq_merge_answers_t answers = {{MQ_SIDE_SUGGESTED}};
    mq_patient_fields_t made;
    answers.of[MQ_PATIENT_FIELD_CONTACT_NAME] = MQ_SIDE_SOURCE;
    mq_merge_fields(&made, &a, &b, &answers, f->pool);
    assert_string_equal(made.contact_name, "Eva");
    assert_string_equal(made.contact_relation, "sister");
    assert_null(made.contact_phone); /* that is Rui's */
}

static void undoing_takes_back_what_the_merge_brought_and_nobody_has_changed(void **state)
{
    const mq_patient_fields_t before = {.name = "Ana Lima", .sex = "female"};
    const mq_patient_fields_t merged = {
        .name = "Ana Lima", .sex = "female", .email = "ana@example.org", .phone1 = "0111"};
    const mq_patient_fields_t now = {.name = "Ana Costa",
                                     .sex = "female",
                                     .email = "ana@example.org",
                                     .phone1 = "0222",
                                     .address = "1 Quay"};
    mq_patient_fields_t made;
    (void)state;
    mq_merge_undo(&made, &before, &merged, &now);
    assert_null(made.email);
    assert_string_equal(made.name, "Ana Costa");
    assert_string_equal(made.phone1, "0222");
    assert_string_equal(made.address, "1 Quay");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_what_differs_is_asked_and_what_belongs_together_once),
        TEST(what_one_record_alone_says_is_suggested),
        TEST(a_day_that_is_known_goes_before_an_age_that_was_guessed),
        TEST(telephone_numbers_of_both_are_kept_as_long_as_there_is_room),
        TEST(an_answer_takes_all_that_belongs_together),
        TEST(undoing_takes_back_what_the_merge_brought_and_nobody_has_changed)};
    return FIXTURE_RUN(tests);
}
