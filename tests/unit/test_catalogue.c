/* test_catalogue.c -- reading PO files: continued lines, numbers in their forms, faults with a
 * line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
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

#define HEADER(language, plural)                                                                   \
    "msgid \"\"\nmsgstr \"\"\n\"Language: " language "\\n\"\n\"Plural-Forms: " plural "\\n\"\n\n"

/* The forms that a language has for some numbers: A for msgstr[0], B for msgstr[1] … */
static const char *forms_of(const char *language, int count, const int *numbers, apr_pool_t *pool)
{
    mq_catalogue_t *catalogue;
    const char *error = NULL;
    char *said = apr_pcalloc(pool, 32);
    const char *text =
        apr_psprintf(pool,
                     HEADER("%s", "nplurals=%d; plural=0;") "msgid \"%%d car\"\n"
                                                            "msgid_plural \"%%d cars\"\n",
                     language, count);
    for (int form = 0; form < count; form++) {
        text = apr_psprintf(pool, "%smsgstr[%d] \"\"\n\"%c\"\n", text, form, 'A' + form);
    }
    if (load(&catalogue, text, pool, &error) != APR_SUCCESS) {
        fail_msg("%s: %s", language, error);
    }
    for (int i = 0; numbers[i] >= 0; i++) {
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
    static const int numbers[] = {0,  1,   2,   3,   5,   11,   12,      21,
                                  22, 100, 101, 111, 112, 1003, 1000000, -1};
    assert_string_equal(forms_of("en", 2, numbers, *state), "BABBBBBBBBBBBBB");
    assert_string_equal(forms_of("fr", 2, numbers, *state), "AABBBBBBBBBBBBB");
    assert_string_equal(forms_of("pl", 3, numbers, *state), "CABBCCCCBCCCCBC");
    assert_string_equal(forms_of("ar", 6, numbers, *state), "ABCDDEEEEFFEEDF");
    assert_string_equal(forms_of("ru", 3, numbers, *state), "CABBCCCABCACCBC");
    assert_string_equal(forms_of("ja", 1, numbers, *state), "AAAAAAAAAAAAAAA");
    assert_string_equal(forms_of(" pt_BR ", 2, numbers, *state), "AABBBBBBBBBBBBB");
}

static void a_negative_number_counts_as_its_positive(void **state)
{
    apr_pool_t *pool = *state;
    mq_catalogue_t *catalogue;
    const char *error;
    assert_int_equal(load(&catalogue,
                          "msgid \"%d car\"\nmsgid_plural \"%d cars\"\n"
                          "msgstr[0] \"A\"\nmsgstr[1] \"B\"\n",
                          pool, &error),
                     APR_SUCCESS);
    assert_string_equal(mq_catalogue_say_count(catalogue, "%d car", "%d cars", -1), "A");
    assert_string_equal(mq_catalogue_say_count(catalogue, "%d car", "%d cars", -2147483647 - 1),
                        "B");
}

static void english_counts_without_a_catalogue(void **state)
{
    (void)state;
    assert_string_equal(mq_catalogue_say_count(NULL, "one", "many", 1), "one");
    assert_string_equal(mq_catalogue_say_count(NULL, "one", "many", 0), "many");
}

/* A rule that the header and ICU do not share would put the translator's forms at wrong numbers. */
static void a_header_that_counts_otherwise_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {HEADER("pl", "nplurals=2; plural=n != 1;"), "pl has 3 forms of a noun, so nplurals is 3"},
        {HEADER("ja", "nplurals=2; plural=n != 1;"), "ja has 1 form of a noun, so nplurals is 1"},
        {HEADER("fr", "plural=n > 1;"), "so nplurals is 2, not 0"},
        {HEADER("", "nplurals=2; plural=n != 1;"), "no Language:"},
        {HEADER("@@", "nplurals=2; plural=n != 1;"), "@@"},
        {"msgid \"\"\nmsgstr \"X-Language: fr\\n\"\n", "no Language:"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mq_catalogue_t *catalogue;
        const char *error = "";
        assert_int_equal(load(&catalogue, cases[i][0], *state, &error), MQ_EINVALID);
        if (!strstr(error, cases[i][1]) || !strstr(error, "/tmp/medsynq-catalogue-")) {
            fail_msg("%s: %s", cases[i][0], error);
        }
    }
}

static void faults_are_told(void **state)
{
    apr_pool_t *pool = *state;
    mq_catalogue_t *catalogue;
    const char *error = NULL;
    assert_int_equal(load(&catalogue, "msgid \"a\"\nmsgstr no quotes\n", pool, &error),
                     MQ_EINVALID);
    assert_non_null(strstr(error, ":2:"));
    assert_int_equal(load(&catalogue, "msgid \"a\"\nmsgstr[0] \"x\"\n", pool, &error),
                     MQ_EINVALID); /* a form without msgid_plural */
    assert_int_equal(
        load(&catalogue, "msgid \"a\"\nmsgid_plural \"b\"\nmsgstr[2] \"x\"\n", pool, &error),
        MQ_EINVALID); /* English has two */
    assert_non_null(strstr(error, ":3:"));
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
                                       cmocka_unit_test(a_negative_number_counts_as_its_positive),
                                       cmocka_unit_test(a_header_that_counts_otherwise_is_refused),
                                       cmocka_unit_test(english_counts_without_a_catalogue),
                                       cmocka_unit_test(faults_are_told)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
