/* test_edit_merge.c -- two people change one record at once: what is kept without a word, what is
 * asked, and what comes of the answers. */
#include "fixture.h"

#include "domain/patients/edit_merge.h"

static const mq_patient_fields_t base = {.name = "Ana Lima",
                                         .given_name = "Ana",
                                         .family_name = "Lima",
                                         .birth_date = "1980",
                                         .age_estimated = "1",
                                         .phone1 = "1",
                                         .phone2 = "2",
                                         .contact_name = "Rui",
                                         .contact_phone = "3"};
static const mq_edit_answers_t none = {{MQ_EDIT_OPEN}};

static void what_only_one_has_touched_is_kept_without_a_question(void **state)
{
    mq_patient_fields_t mine = base;
    mq_patient_fields_t theirs = base;
    mq_edit_merge_t merge;
    (void)state;
    mine.phone1 = "11";
    mine.contact_name = NULL;
    mine.contact_phone = NULL;
    theirs.phone2 = "22";
    theirs.address = "2 Quay";
    mq_edit_merge(&merge, &base, &mine, &theirs, &none);
    assert_int_equal(merge.open, 0);
    assert_int_equal(merge.theirs, 2);
    assert_true(merge.is_news);
    assert_string_equal(merge.fields.phone1, "11");
    assert_string_equal(merge.fields.phone2, "22");
    assert_string_equal(merge.fields.address, "2 Quay");
    assert_null(merge.fields.contact_name);
    assert_null(merge.fields.contact_phone);
    assert_int_equal(merge.of[MQ_PATIENT_FIELD_PHONE1], MQ_EDIT_ONLY_MINE);
    assert_int_equal(merge.of[MQ_PATIENT_FIELD_PHONE2], MQ_EDIT_ONLY_THEIRS);
    assert_int_equal(merge.of[MQ_PATIENT_FIELD_SEX], MQ_EDIT_AGREED);
}

static void a_clash_is_open_until_it_is_answered(void **state)
{
    mq_patient_fields_t mine = base;
    mq_patient_fields_t theirs = base;
    mq_edit_answers_t answers = none;
    mq_edit_merge_t merge;
    (void)state;
    mine.phone1 = "11";
    theirs.phone1 = NULL;
    mq_edit_merge(&merge, &base, &mine, &theirs, &answers);
    assert_int_equal(merge.open, 1);
    assert_int_equal(merge.of[MQ_PATIENT_FIELD_PHONE1], MQ_EDIT_CLASH);
    assert_null(merge.fields.phone1);
    answers.of[MQ_PATIENT_FIELD_PHONE1] = MQ_EDIT_MINE;
    mq_edit_merge(&merge, &base, &mine, &theirs, &answers);
    assert_int_equal(merge.open, 0);
    assert_string_equal(merge.fields.phone1, "11");
    assert_true(merge.is_news);
    answers.of[MQ_PATIENT_FIELD_PHONE1] = MQ_EDIT_THEIRS;
    mq_edit_merge(&merge, &base, &mine, &theirs, &answers);
    assert_int_equal(merge.open, 0);
    assert_null(merge.fields.phone1);
    assert_false(merge.is_news);
}

/* "Ana" of one and "Costa" of the other would be a name that nobody has. */
static void a_name_a_date_and_a_contact_are_one_question_each(void **state)
{
    mq_patient_fields_t mine = base;
    mq_patient_fields_t theirs = base;
    mq_edit_answers_t answers = none;
    mq_edit_merge_t merge;
    (void)state;
    mine.name = "Anna Lima";
    mine.given_name = "Anna";
    theirs.name = "Ana Costa";
    theirs.family_name = "Costa";
    mine.birth_date = "1981";
    theirs.birth_date = "1980-04-03";
    theirs.age_estimated = NULL;
    mine.contact_name = "Eva";
    theirs.contact_phone = "33";
    mq_edit_merge(&merge, &base, &mine, &theirs, &answers);
    assert_int_equal(merge.open, 3);
    answers.of[MQ_PATIENT_FIELD_NAME] = MQ_EDIT_MINE;
    answers.of[MQ_PATIENT_FIELD_BIRTH_DATE] = MQ_EDIT_THEIRS;
    answers.of[MQ_PATIENT_FIELD_CONTACT_NAME] = MQ_EDIT_MINE;
    mq_edit_merge(&merge, &base, &mine, &theirs, &answers);
    assert_int_equal(merge.open, 0);
    assert_string_equal(merge.fields.name, "Anna Lima");
    assert_string_equal(merge.fields.family_name, "Lima");
    assert_string_equal(merge.fields.birth_date, "1980-04-03");
    assert_null(merge.fields.age_estimated);
    assert_string_equal(merge.fields.contact_name, "Eva");
    assert_string_equal(merge.fields.contact_phone, "3");
}

static void the_same_change_twice_is_no_clash_and_no_news(void **state)
{
    mq_patient_fields_t mine = base;
    mq_edit_merge_t merge;
    (void)state;
    mine.phone1 = "11";
    mq_edit_merge(&merge, &base, &mine, &mine, &none);
    assert_int_equal(merge.open + merge.theirs + merge.is_news, 0);
    mq_edit_merge(&merge, &base, &base, &mine, &none); /* I touched nothing */
    assert_int_equal(merge.open + merge.is_news, 0);
    assert_string_equal(merge.fields.phone1, "11");
    mine.sex = ""; /* empty as NULL is */
    mq_edit_merge(&merge, &mine, &mine, &mine, &none);
    assert_false(merge.is_news);
}

static void without_what_it_was_all_that_differs_is_asked(void **state)
{
    mq_patient_fields_t mine = base;
    mq_edit_merge_t merge;
    (void)state;
    mine.phone1 = "11";
    mine.email = "a@example.org";
    mq_edit_merge(&merge, NULL, &mine, &base, &none);
    assert_int_equal(merge.open, 2);
    assert_null(merge.fields.email);
}

/* A field that a question forgets would be nobody's. */
static void every_field_belongs_to_a_question(void **state)
{
    (void)state;
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        mq_patient_fields_t mine = base;
        mq_edit_merge_t merge;
        mq_patient_field_set(&mine, i, "x");
        mq_edit_merge(&merge, &base, &mine, &base, &none);
        assert_true(merge.is_news);
        assert_true(mq_edit_is_same(&merge.fields, &mine, i));
        assert_int_equal(merge.of[mq_edit_question_of(i)], MQ_EDIT_ONLY_MINE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(what_only_one_has_touched_is_kept_without_a_question),
                                       TEST(a_clash_is_open_until_it_is_answered),
                                       TEST(a_name_a_date_and_a_contact_are_one_question_each),
                                       TEST(the_same_change_twice_is_no_clash_and_no_news),
                                       TEST(without_what_it_was_all_that_differs_is_asked),
                                       TEST(every_field_belongs_to_a_question)};
    return FIXTURE_RUN(tests);
}
