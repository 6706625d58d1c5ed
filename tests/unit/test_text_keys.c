/* test_text_keys.c -- what base/text.h promises of comparing and searching. The test's text is
 * UTF-8 as people type it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "base/text.h"

typedef struct fixture_t {
    apr_pool_t *pool;
    const mq_text_t *folding;
} fixture_t;

static int fixture_open(void **state)
{
    apr_pool_t *pool;
    fixture_t *fixture;

    if (apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        return -1;
    }
    fixture = apr_pcalloc(pool, sizeof *fixture);
    fixture->pool = pool;
    *state = fixture;
    return mq_text_make(&fixture->folding, pool);
}

static int fixture_close(void **state)
{
    fixture_t *fixture = *state;

    apr_pool_destroy(fixture->pool);
    return 0;
}

static void names_that_look_the_same_are_the_same(void **state)
{
    static const char *const pairs[][2] = {
        {"", ""},
        {"City Clinic", "  city\tCLINIC "},
        {"Straße 1", "STRASSE 1"},
        {"Łódź", "łóDŹ"},
        {"René", "RENE\xcc\x81"},
        {"ΟΔΥΣΣΕΥΣ", "οδυσσευς"},
        {"City\xc2\xa0"
         "Clinic",
         "City\xe3\x80\x80"
         "Clinic"},
        {"Clinic", "Cli\xe2\x80\x8b"
                   "nic"},
        {"Clinic", "Cli\xe2\x80\x8dnic\xe2\x80\x8f"},
        {"ﬃ", "FFI"},
    };
    fixture_t *fixture = *state;

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_string_equal(mq_text_name_key(pairs[i][0], fixture->pool),
                            mq_text_name_key(pairs[i][1], fixture->pool));
    }
}

static void names_that_differ_stay_different(void **state)
{
    static const char *const pairs[][2] = {
        {"René", "Rene"}, {"Łódź", "Lodz"}, {"City Clinic", "CityClinic"}, {"x²", "x2"}};
    fixture_t *fixture = *state;

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_string_not_equal(mq_text_name_key(pairs[i][0], fixture->pool),
                                mq_text_name_key(pairs[i][1], fixture->pool));
    }
}

static void a_name_key_of_a_key_is_the_key(void **state)
{
    static const char *const names[] = {"Straße", "ΟΔΥΣΣΕΥΣ", "İstanbul", "ŉ", "ᾳ\xcc\x81", "ﬃ x"};
    fixture_t *fixture = *state;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *key = mq_text_name_key(names[i], fixture->pool);

        assert_string_equal(mq_text_name_key(key, fixture->pool), key);
    }
}

static void any_keyboard_finds_a_name(void **state)
{
    static const char *const pairs[][2] = {
        {"", ""},
        {"  ", ""},
        {"...", ""},
        {"Smith", "smith"},
        {"Smith-Jones", "smith jones"},
        {"O'Brien", "o brien"},
        {"O’Brien", "o brien"},
        {"Oʼbrien", "o brien"},
        {"Müller, J.", "muller j"},
        {"Wałęsa", "walesa"},
        {"ŁÓDŹ", "lodz"},
        {"Strauß", "strauss"},
        {"STRAUẞ", "strauss"},
        {"Søren Æbelø", "soren aebelo"},
        {"Đorđević", "dordevic"},
        {"Þórður", "thordur"},
        {"Nguyễn Thị Đào", "nguyen thi dao"},
        {"Nguye\xcc\x82\xcc\x83n", "nguyen"},
        {"Παπαδόπουλος", "παπαδοπουλοσ"},
        {"ΠΑΠΑΔΟΠΟΥΛΟΣ", "παπαδοπουλοσ"},
        {"Ёлкин", "елкин"},
        {"İPEK Işık", "ipek isik"},
        {"مُحَمَّد", "محمد"},
        {"محـــمد", "محمد"},
        {"أحمد", "احمد"},
        {"יוֹסֵף", "יוסף"},
        {"Ｗａｎｇ　Ｗｅｉ", "wang wei"},
        {"王 偉", "王 偉"},
        {"ﬃ", "ffi"},
        {"٣", "3"},
        {"a\xe2\x80\x8b"
         "b",
         "ab"},
    };
    fixture_t *fixture = *state;

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_string_equal(mq_text_search_key(fixture->folding, pairs[i][0], fixture->pool),
                            pairs[i][1]);
    }
}

static void a_search_key_of_a_key_is_the_key(void **state)
{
    static const char *const names[] = {"Strauß", "Þórður", "Παπαδόπουλος",
                                        "مُحَمَّد",   "한국어", "हिन्दी"};
    fixture_t *fixture = *state;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *key = mq_text_search_key(fixture->folding, names[i], fixture->pool);

        assert_string_equal(mq_text_search_key(fixture->folding, key, fixture->pool), key);
        assert_true(key[0] != '\0');
    }
}

static void bytes_that_are_no_text_do_no_harm(void **state)
{
    fixture_t *fixture = *state;
    const char *key =
        mq_text_search_key(fixture->folding, "a\xff\xc3(\xed\xa0\x80z", fixture->pool);

    assert_true(mq_text_is_utf8(key, strlen(key)));
    key = mq_text_name_key("a\xff\xc3(\xed\xa0\x80z", fixture->pool);
    assert_true(mq_text_is_utf8(key, strlen(key)));
}

static void words_are_listed_once(void **state)
{
    fixture_t *fixture = *state;
    apr_array_header_t *words = mq_text_words("anna maria anna ann", fixture->pool);

    assert_int_equal(words->nelts, 3);
    assert_string_equal(APR_ARRAY_IDX(words, 0, const char *), "anna");
    assert_string_equal(APR_ARRAY_IDX(words, 1, const char *), "maria");
    assert_string_equal(APR_ARRAY_IDX(words, 2, const char *), "ann");
    assert_int_equal(mq_text_words("", fixture->pool)->nelts, 0);
    assert_int_equal(mq_text_words("  ", fixture->pool)->nelts, 0);
}

static void a_hostile_search_has_a_bounded_number_of_words(void **state)
{
    fixture_t *fixture = *state;
    const char *search = "";

    for (int i = 0; i < 100; i++) {
        search = apr_psprintf(fixture->pool, "%s %d", search, i);
    }
    assert_int_equal(mq_text_words(search, fixture->pool)->nelts, MQ_TEXT_WORDS_MAX);
}

static void *APR_THREAD_FUNC search_many(apr_thread_t *thread, void *data)
{
    fixture_t *fixture = data;
    apr_status_t rv = APR_SUCCESS;
    apr_pool_t *pool;

    apr_pool_create(&pool, NULL);
    for (int i = 0; i < 500; i++) {
        apr_pool_clear(pool);
        if (strcmp(mq_text_search_key(fixture->folding, "Nguyễn Łódź Straße", pool),
                   "nguyen lodz strasse") != 0) {
            rv = APR_EGENERAL;
        }
    }
    apr_pool_destroy(pool);
    apr_thread_exit(thread, rv);
    return NULL;
}

static void threads_share_one_folding(void **state)
{
    fixture_t *fixture = *state;
    apr_thread_t *threads[8];

    for (int i = 0; i < 8; i++) {
        assert_int_equal(apr_thread_create(&threads[i], NULL, search_many, fixture, fixture->pool),
                         APR_SUCCESS);
    }
    for (int i = 0; i < 8; i++) {
        apr_status_t rv;

        assert_int_equal(apr_thread_join(&rv, threads[i]), APR_SUCCESS);
        assert_int_equal(rv, APR_SUCCESS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_look_the_same_are_the_same),
        cmocka_unit_test(names_that_differ_stay_different),
        cmocka_unit_test(a_name_key_of_a_key_is_the_key),
        cmocka_unit_test(any_keyboard_finds_a_name),
        cmocka_unit_test(a_search_key_of_a_key_is_the_key),
        cmocka_unit_test(bytes_that_are_no_text_do_no_harm),
        cmocka_unit_test(words_are_listed_once),
        cmocka_unit_test(a_hostile_search_has_a_bounded_number_of_words),
        cmocka_unit_test(threads_share_one_folding),
    };

    apr_initialize();
    return cmocka_run_group_tests_name("base/text_keys", tests, fixture_open, fixture_close);
}
