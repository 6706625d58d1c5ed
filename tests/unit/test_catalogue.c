/* test_catalogue.c -- reading PO files: continued lines, numbers in their forms, faults with a
 * line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_general.h>
#include <cmocka.h>

#include "base/catalogue.h"

static apr_status_t load(mq_catalogue_t **catalogue_out, const char *text, apr_pool_t *pool,
                         const char **error_out)
{
    char name[] = "/tmp/medsynq-catalogue-XXXXXX";
    apr_file_t *file;
    apr_status_t rv;
    assert_int_equal(apr_file_mktemp(&file, name, APR_FOPEN_CREATE | APR_FOPEN_WRITE, pool), 0);
    assert_int_equal(apr_file_puts(text, file), 0);
    assert_int_equal(apr_file_close(file), 0);
    rv = mq_catalogue_load(catalogue_out, name, pool, error_out);
    assert_int_equal(apr_file_remove(name, pool), 0);
    return rv;
}

#define HEADER(plural)                                                                             \
    "msgid \"\"\nmsgstr \"\"\n\"Language: xx\\n\"\n\"Plural-Forms: " plural "\\n\"\n\n"
#define CARS                                                                                       \
    "msgid \"%d car\"\nmsgid_plural \"%d cars\"\n"                                                 \
    "msgstr[0] \"A\"\nmsgstr[1] \"B\"\nmsgstr[2] \"\"\n\"C\"\n"

static const char *forms_of(const char *text, const int *numbers, int count, apr_pool_t *pool)
{
    mq_catalogue_t *catalogue;
    const char *error = NULL;
    char *said = apr_pcalloc(pool, (apr_size_t)count + 1);
    assert_int_equal(load(&catalogue, text, pool, &error), APR_SUCCESS);
    for (int i = 0; i < count; i++) {
        said[i] = *mq_catalogue_say_count(catalogue, "%d car", "%d cars", numbers[i]);
    }
    return said;
}

static void lines_may_be_continued_and_escaped(void **state)
{
    apr_pool_t *pool = *state;
    mq_catalogue_t *catalogue;
    const char *error;
    assert_int_equal(load(&catalogue,
                          "# a comment\nmsgid \"a \"\n\"\\\"b\\\"\"\nmsgstr \"\"\n\"c\\n\"\n\"d\"\n"
                          "\nmsgid \"empty\"\nmsgstr \"\"\n",
                          pool, &error),
                     APR_SUCCESS);
    assert_string_equal(mq_catalogue_say(catalogue, "a \"b\""), "c\nd");
    assert_string_equal(mq_catalogue_say(catalogue, "empty"), "empty");
    assert_string_equal(mq_catalogue_say(catalogue, "unknown"), "unknown");
    assert_string_equal(mq_catalogue_say(NULL, "English"), "English");
}

static void a_number_has_the_form_of_its_language(void **state)
{
    static const int numbers[] = {0, 1, 2, 5, 12, 21, 22, 112};
    assert_string_equal(forms_of(HEADER("nplurals=2; plural=(n > 1);") CARS, numbers, 8, *state),
                        "AABBBBBB");
    assert_string_equal(forms_of(HEADER("nplurals=2; plural=n != 1;") CARS, numbers, 8, *state),
                        "BABBBBBB");
    assert_string_equal(forms_of(HEADER("nplurals=1; plural=0;") CARS, numbers, 8, *state),
                        "AAAAAAAA");
    assert_string_equal(
        forms_of(HEADER("nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || "
                        "n%100>=20) ? 1 : 2);") CARS,
                 numbers, 8, *state),
        "CABCCCBC");
    assert_string_equal(
        forms_of(HEADER("nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && "
                        "(n%100<10 || n%100>=20) ? 1 : 2);") CARS,
                 numbers, 8, *state),
        "CABCCABC");
}

static void english_counts_without_a_catalogue(void **state)
{
    (void)state;
    assert_string_equal(mq_catalogue_say_count(NULL, "one", "many", 1), "one");
    assert_string_equal(mq_catalogue_say_count(NULL, "one", "many", 0), "many");
}

static void faults_are_told(void **state)
{
    apr_pool_t *pool = *state;
    mq_catalogue_t *catalogue;
    const char *error = NULL;
    assert_int_equal(load(&catalogue, HEADER("nplurals=2; plural=n%7;"), pool, &error),
                     MQ_EINVALID);
    assert_non_null(strstr(error, "Plural-Forms"));
    assert_int_equal(load(&catalogue, "msgid \"a\"\nmsgstr no quotes\n", pool, &error),
                     MQ_EINVALID);
    assert_non_null(strstr(error, ":2:"));
    assert_int_equal(load(&catalogue, "msgid \"a\"\nmsgstr[0] \"x\"\n", pool, &error),
                     MQ_EINVALID); /* a form without msgid_plural */
    assert_int_equal(
        load(&catalogue, "msgid \"a\"\nmsgid_plural \"b\"\nmsgstr[3] \"x\"\n", pool, &error),
        MQ_EINVALID);
}

static int setup(void **state)
{
    apr_initialize();
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int teardown(void **state)
{
    apr_pool_destroy(*state);
    apr_terminate();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_may_be_continued_and_escaped),
                                       cmocka_unit_test(a_number_has_the_form_of_its_language),
                                       cmocka_unit_test(english_counts_without_a_catalogue),
                                       cmocka_unit_test(faults_are_told)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
