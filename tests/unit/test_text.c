/* test_text.c -- what base/text.h promises of checking, cleaning and decoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <unicode/unorm2.h>

#include "base/script.h"
#include "base/text.h"
#include "base/text_icu.h"

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static void utf8_is_told_from_other_bytes(void **state)
{
    static const char *const good[] = {"",
                                       "plain",
                                       "Ren\xc3\xa9",
                                       "\xe1\xbb\x85",
                                       "\xf0\x9f\x98\x80",
                                       "\xef\xbf\xbf",
                                       "\xf4\x8f\xbf\xbf",
                                       "a long enough run of ASCII, then \xc3\xa9"};
    static const char *const bad[] = {"\x80",         "\xc3",
                                      "\xc0\xaf",     "\xc1\xbf",
                                      "\xe0\x80\xaf", "\xed\xa0\x80",
                                      "\xed\xbf\xbf", "\xf0\x80\x80\xaf",
                                      "\xff",         "\xf4\x90\x80\x80",
                                      "\xe1\xbb",     "eight by\xc3",
                                      "\xfe\xfe",     "\xf8\x88\x80\x80\x80"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(mq_text_is_utf8(good[i], strlen(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(mq_text_is_utf8(bad[i], strlen(bad[i])));
    }
    assert_true(mq_text_is_utf8("a\0b", 3));
}

static void composed_and_decomposed_are_one_text(void **state)
{
    const char *plain = "plain";

    assert_ptr_equal(mq_text_nfc(plain, *state), plain);
    assert_string_equal(mq_text_nfc("e\xcc\x81", *state), "\xc3\xa9");
    assert_string_equal(mq_text_nfc("\xc3\xa9", *state), "\xc3\xa9");
    assert_string_equal(mq_text_nfc("\xe2\x84\xab", *state), "\xc3\x85"); /* angstrom sign */
    assert_string_equal(mq_text_nfc("\xf0\x9f\x98\x80 e\xcc\x81", *state),
                        "\xf0\x9f\x98\x80 \xc3\xa9");
}

static void a_line_is_trimmed_and_folded(void **state)
{
    static const char *const pairs[][2] = {
        {"", ""},
        {"   ", ""},
        {"\n", ""},
        {"Anna", "Anna"},
        {"  Anna   Maria ", "Anna Maria"},
        {"Anna\tMaria\r\n", "Anna Maria"},
        {"\xc2\xa0"
         "Anna\xe3\x80\x80\xe2\x80\x89Maria\xc2\xa0",
         "Anna Maria"},
        {"e\xcc\x81 e", "\xc3\xa9 e"},
        {"An\xe2\x80\x8bna", "Anna"},      /* zero-width space */
        {"e\xc2\xad\xcc\x81", "\xc3\xa9"}, /* a soft hyphen before the accent */
        {"\xd9\x85\xe2\x80\x8c\xd8\xa7", "\xd9\x85\xe2\x80\x8c\xd8\xa7"}, /* Persian non-joiner */
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const char *line;

        assert_int_equal(mq_text_clean_line(&line, pairs[i][0], *state), APR_SUCCESS);
        assert_string_equal(line, pairs[i][1]);
    }
}

static void a_line_that_could_deceive_is_refused(void **state)
{
    static const char *const wrong[] = {
        "Anna\nMaria",
        "Anna\rMaria",
        "a\x01",
        "\x1b[31mAnna",
        "a\x7f",
        "a\xc2\x9b",
        "a\xe2\x80\xa8"
        "b",
        "a\xc2\x85"
        "b",
        "Anna \xe2\x80\xae"
        "airaM",
        "\xe2\x80\xaa"
        "a",
        "\xe2\x81\xa6"
        "a",
        "a\xe2\x81\xa9",
        "a\xff",
        "a\xed\xa0\x80",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *line;

        assert_int_equal(mq_text_clean_line(&line, wrong[i], *state), MQ_EINVALID);
    }
}

static void a_block_keeps_its_lines_and_blanks(void **state)
{
    const char *block;

    assert_int_equal(mq_text_clean_block(&block, "", *state), APR_SUCCESS);
    assert_string_equal(block, "");
    assert_int_equal(mq_text_clean_block(&block, " a\r\n\r\n\tb \rc\n\r", *state), APR_SUCCESS);
    assert_string_equal(block, " a\n\n\tb \nc\n\n");
    assert_int_equal(mq_text_clean_block(&block, "e\xcc\x81\r\n", *state), APR_SUCCESS);
    assert_string_equal(block, "\xc3\xa9\n");
    assert_int_equal(mq_text_clean_block(&block, "a\x01", *state), MQ_EINVALID);
    assert_int_equal(mq_text_clean_block(&block, "a\x7f", *state), MQ_EINVALID);
    assert_int_equal(mq_text_clean_block(&block, "a\xc2\x80", *state), MQ_EINVALID);
    assert_int_equal(mq_text_clean_block(&block, "a\xc3", *state), MQ_EINVALID);
}

/** @return a letter and count marks, which come by turns from a pattern of some bytes each */
static const char *marked(const char *pattern, int count, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, strlen(pattern) * (apr_size_t)count + 3);
    char *end = text;

    *end++ = 'a';
    for (int i = 0; i < count; i++) {
        end = apr_cpystrn(end, pattern, strlen(pattern) + 1);
    }
    (void)apr_cpystrn(end, "b", 2);
    return text;
}

static void more_marks_than_a_language_has_are_refused(void **state)
{
    static const char *const rows[] = {
        "\xcc\x81",             /* acute */
        "\xcc\x81\xe2\x80\x8b", /* with zero-width spaces, which a clean line leaves out */
        "\xcc\x81\xc2\xad",     /* with soft hyphens */
        "\xe0\xbd\xb3",         /* a Tibetan vowel: two marks when decomposed */
        "\xef\xbe\x9e",         /* a half-width sound mark: a mark in compatibility forms */
        "\xd6\xb0",             /* a Hebrew point */
    };
    const char *text;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *fit = marked(rows[i], MQ_TEXT_MARKS_MOST, *state);
        const char *unfit = marked(rows[i], MQ_TEXT_MARKS_MOST + 1, *state);

        assert_true(mq_text_is_stream_safe(fit));
        assert_false(mq_text_is_stream_safe(unfit));
        assert_int_equal(mq_text_clean_line(&text, fit, *state), APR_SUCCESS);
        assert_int_equal(mq_text_clean_block(&text, fit, *state), APR_SUCCESS);
        assert_int_equal(mq_text_clean_line(&text, unfit, *state), MQ_EINVALID);
        assert_int_equal(mq_text_clean_block(&text, unfit, *state), MQ_EINVALID);
    }
    assert_true(mq_text_is_stream_safe(""));
    assert_true(mq_text_is_stream_safe(marked("e\xcc\x81\xcc\xa3", 1000, *state)));
}

static void every_mark_of_every_form_is_counted(void **state)
{
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2 *nfkd = unorm2_getNFKDInstance(&error);

    (void)state;
    for (UChar32 c = 0; c <= 0x10ffff; c++) {
        UChar units[64];
        UChar32 first = c;
        int run = 0;
        int counted;

        if (unorm2_getRawDecomposition(nfkd, c, units, 64, &error) > 0) {
            int32_t i = 0;
            mq_utf16_t whole = {units, unorm2_getDecomposition(nfkd, c, units, 64, &error)};

            first = mq_utf16_next(&whole, &i);
        }
        counted = mq_marks_fit(&run, c) && run == 1;
        assert_int_equal(error, U_ZERO_ERROR);
        assert_int_equal(counted, u_getCombiningClass(first) != 0);
    }
}

static void length_is_counted_in_code_points(void **state)
{
    (void)state;
    assert_int_equal(mq_text_count(""), 0);
    assert_int_equal(mq_text_count("Ren\xc3\xa9"), 4);
    assert_int_equal(mq_text_count("\xf0\x9f\x98\x80\xe1\xbb\x85"), 2);
}

static void digits_of_all_scripts_are_found(void **state)
{
    assert_string_equal(mq_text_digits("+49 (0)30 / 12-34", *state), "490301234");
    assert_string_equal(mq_text_digits("\xd9\xa0\xd9\xa1\xd9\xa9 \xdb\xb5", *state), "0195");
    assert_string_equal(mq_text_digits("\xe0\xa5\xa7 \xef\xbc\x97", *state), "17");
    assert_string_equal(mq_text_digits("\xc2\xb2 \xe2\x85\xa7 x\xff", *state), "");
}

static void files_are_read_as_utf8_or_windows_1252(void **state)
{
    static const struct {
        const char *bytes;
        apr_size_t length;
        const char *text; /* NULL: refused */
    } cases[] = {
        {"", 0, ""},
        {"name\r\n", 6, "name\r\n"},
        {"\xef\xbb\xbfname", 7, "name"},
        {"\xef\xbb\xbf", 3, ""},
        {"Ren\xc3\xa9", 5, "Ren\xc3\xa9"},
        {"Ren\xe9", 4, "Ren\xc3\xa9"},
        {"\x80 \x96 \xff", 5, "\xe2\x82\xac \xe2\x80\x93 \xc3\xbf"},
        {"\xef\xbb\xbfRen\xe9", 7, NULL},
        {"a\x81", 2, NULL},
        {"a\0b", 3, NULL},
        {"\xff\xfe"
         "a\0",
         4, NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *text;
        apr_status_t rv = mq_text_decode(&text, cases[i].bytes, cases[i].length, *state);

        if (cases[i].text == NULL) {
            assert_int_equal(rv, MQ_EINVALID);
        } else {
            assert_int_equal(rv, APR_SUCCESS);
            assert_string_equal(text, cases[i].text);
        }
    }
}

static void a_block_keeps_what_right_to_left_needs_and_shows_what_turns_letters_round(void **state)
{
    static const struct {
        const char *typed;
        const char *kept;
    } cases[] = {{"a\u200e \u05d0\u200f\u061c", "a\u200e \u05d0\u200f\u061c"}, /* marks */
                 {"\u2067\u05d0 5 mg\u2069 b", "\u2067\u05d0 5 mg\u2069 b"},
                 {"\u2067open\nnext", "\u2067open\u2069\nnext"}, /* not over the line's end */
                 {"\u2066a\u2067b\r\nc", "\u2066a\u2067b\u2069\u2069\nc"},
                 {"a\u2069\u202c b", "a b"}, /* closes nothing */
                 {"\u202a+49 30 1\u202c", "\u2066+49 30 1\u2069"},
                 {"\u202bx", "\u2067x\u2069"},
                 {"take \u202e5 mg\u202c", "take \ufffd5 mg"},
                 {"\u202dx", "\ufffdx"}};
    const char *block;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(mq_text_clean_block(&block, cases[i].typed, *state), APR_SUCCESS);
        assert_string_equal(block, cases[i].kept);
        assert_int_equal(mq_text_clean_block(&block, block, *state), APR_SUCCESS);
        assert_string_equal(block, cases[i].kept); /* cleaned twice as once */
    }
}

static void digits_of_dates_are_plain_and_marks_of_direction_are_gone(void **state)
{
    static const char bytes[] = "19\xff";
    const char *ascii = "1961-04-03";
    assert_ptr_equal(mq_text_plain_digits(ascii, *state), ascii);
    assert_string_equal(mq_text_plain_digits("٠٣/٠٤/١٩٦١", *state), "03/04/1961");
    assert_string_equal(mq_text_plain_digits("۳ avril", *state), "3 avril");
    assert_string_equal(mq_text_plain_digits("\u20661961-04-03\u2069\u200f", *state), ascii);
    assert_string_equal(mq_text_plain_digits("3 février", *state), "3 février");
    assert_ptr_equal(mq_text_plain_digits(bytes, *state), bytes);
}

static void scripts_run_left_or_right_and_have_digits_or_none(void **state)
{
    static const struct {
        const char *tag;
        mq_script_t script;
    } rows[] = {{"ar", {1, "٠١٢٣٤٥٦٧٨٩"}},
                {"fa", {1, "۰۱۲۳۴۵۶۷۸۹"}},
                {"hi", {0, "०१२३४५६७८९"}},
                {"he-IL", {1, NULL}},
                {"fr", {0, NULL}},
                {"en", {0, NULL}},
                {"zh", {0, "〇一二三四五六七八九"}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mq_script_t script = mq_script_of(rows[i].tag, *state);
        assert_int_equal(script.is_right_to_left, rows[i].script.is_right_to_left);
        if (rows[i].script.digits) {
            assert_string_equal(script.digits, rows[i].script.digits);
        } else {
            assert_null(script.digits);
        }
    }
}

static void numbers_are_written_with_the_digits_of_a_script(void **state)
{
    const char *plain = "1975-04-23 (51)";
    assert_ptr_equal(mq_script_with_digits(plain, NULL, *state), plain);
    assert_string_equal(mq_script_with_digits(plain, "٠١٢٣٤٥٦٧٨٩", *state), "١٩٧٥-٠٤-٢٣ (٥١)");
    assert_string_equal(mq_script_with_digits("90+", "०१२३४५६७८९", *state), "९०+");
    assert_string_equal(mq_script_with_digits("", "٠١٢٣٤٥٦٧٨٩", *state), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_keeps_what_right_to_left_needs_and_shows_what_turns_letters_round),
        cmocka_unit_test(digits_of_dates_are_plain_and_marks_of_direction_are_gone),
        cmocka_unit_test(scripts_run_left_or_right_and_have_digits_or_none),
        cmocka_unit_test(numbers_are_written_with_the_digits_of_a_script),
        cmocka_unit_test(utf8_is_told_from_other_bytes),
        cmocka_unit_test(composed_and_decomposed_are_one_text),
        cmocka_unit_test(a_line_is_trimmed_and_folded),
        cmocka_unit_test(a_line_that_could_deceive_is_refused),
        cmocka_unit_test(a_block_keeps_its_lines_and_blanks),
        cmocka_unit_test(more_marks_than_a_language_has_are_refused),
        cmocka_unit_test(every_mark_of_every_form_is_counted),
        cmocka_unit_test(length_is_counted_in_code_points),
        cmocka_unit_test(digits_of_all_scripts_are_found),
        cmocka_unit_test(files_are_read_as_utf8_or_windows_1252),
    };

    apr_initialize();
    return cmocka_run_group_tests_name("base/text", tests, pool_open, pool_close);
}
