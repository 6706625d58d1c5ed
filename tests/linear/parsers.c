/* parsers.c -- every parser of what strangers send, fed with patterns that are mean to it, once at
 * a length and once at double the length. Run under callgrind by test_linear.py: each run is a dump
 * of its own, whose trigger names parser, pattern and length. */
#include <stdio.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <valgrind/callgrind.h>

#include "base/cookie.h"
#include "base/csv.h"
#include "base/date.h"
#include "base/escape.h"
#include "base/id.h"
#include "base/multipart.h"
#include "base/name_order.h"
#include "base/script.h"
#include "base/text.h"
#include "base/totp.h"
#include "base/urlform.h"
#include "domain/patients/likeness.h"
#include "web/pages.h"

enum { LENGTH = 8 * 1024 };

/* What the parsers share; of the program, which has one thread. */
typedef struct shared_t {
    const mq_text_t *folding;
    const mq_pages_t *pages;
} shared_t;

typedef void (*parser_t)(const shared_t *shared, const char *text, apr_pool_t *pool);

static void text_nfc(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    (void)shared;
    (void)mq_text_nfc(text, pool);
}

static void text_line(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    const char *line;
    (void)shared;
    (void)mq_text_clean_line(&line, text, pool);
}

static void text_block(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    const char *block;
    (void)shared;
    (void)mq_text_clean_block(&block, text, pool);
}

static void text_name_key(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    (void)shared;
    (void)mq_text_name_key(text, pool);
}

static void text_search(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    (void)mq_text_words(mq_text_search_key(shared->folding, text, pool), pool);
}

/* Whatever a name, or a number, is looked at for besides. */
static void text_looks(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    static const char arabic[] = "\xd9\xa0\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6\xd9\xa7"
                                 "\xd9\xa8\xd9\xa9";
    const char *look;
    (void)shared;
    (void)mq_text_look_key(&look, text, pool);
    (void)mq_text_plain_digits(text, pool);
    (void)mq_script_with_digits(text, arabic, pool);
    (void)mq_name_order(text, NULL, pool);
    (void)mq_name_is_suffix(text);
}

static void text_decode(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    const char *decoded;
    (void)shared;
    (void)mq_text_decode(&decoded, text, strlen(text), pool);
    (void)mq_text_decode_windows(&decoded, text, strlen(text), pool);
    (void)mq_text_digits(text, pool);
    (void)mq_text_is_email(text);
}

static void names_fit(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    const char *key = mq_text_search_key(shared->folding, text, pool);
    (void)mq_names_fit(mq_text_words(key, pool),
                       mq_text_words(apr_pstrcat(pool, "x", key, NULL), pool), pool);
}

static void form(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    const apr_array_header_t *fields;
    (void)shared;
    (void)mq_form_parse(&fields, NULL, text, strlen(text), MQ_FORM_FIELDS_DEFAULT, pool);
    for (int i = 0; i < fields->nelts; i++) {
        (void)mq_form_get(fields, APR_ARRAY_IDX(fields, i, mq_form_field_t).name, NULL);
    }
}

static void cookie(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    (void)shared;
    (void)mq_cookie_get(text, "medsynq", pool);
}

static void language(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    (void)pool;
    (void)mq_pages_language(shared->pages, text);
}

static void date(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    const char *iso;
    mq_day_t day;
    (void)shared;
    (void)mq_date_parse(&day, text);
    (void)mq_date_parse_typed(&iso, text, NULL, pool);
    (void)mq_date_order(text);
}

static void id(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    const unsigned char *data;
    apr_size_t length;
    mq_id_t parsed;
    (void)shared;
    (void)mq_id_parse(&parsed, text);
    (void)mq_base64url_decode(&data, &length, text, pool);
    (void)mq_base32_decode(&data, &length, text, pool);
}

static void escape(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    mq_buffer_t *out = mq_buffer_make(pool, 64);
    mq_csv_writer_t csv = {out, 0};
    (void)shared;
    mq_escape_html(out, text);
    mq_escape_url_segment(out, text);
    mq_escape_url_whole(out, text);
    mq_csv_add(&csv, text);
    (void)mq_csv_plain(text);
}

static apr_status_t csv_row(void *context, int line, const char *const *fields, int count)
{
    (void)context;
    (void)line;
    (void)fields;
    (void)count;
    return APR_SUCCESS;
}

static void csv(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    mq_csv_reader_t *reader = mq_csv_reader_make(MQ_CSV_LIMITS_DEFAULT, csv_row, NULL, pool);
    (void)shared;
    (void)mq_csv_push(reader, text, strlen(text));
    (void)mq_csv_end(reader);
}

static apr_status_t part_begin(void *context, const char *name, const char *file)
{
    (void)context;
    (void)name;
    (void)file;
    return APR_SUCCESS;
}

static apr_status_t part_data(void *context, const char *bytes, apr_size_t length)
{
    (void)context;
    (void)bytes;
    (void)length;
    return APR_SUCCESS;
}

static apr_status_t part_end(void *context)
{
    (void)context;
    return APR_SUCCESS;
}

static void multipart_feed(const char *begin, const char *text, apr_pool_t *pool)
{
    static const mq_multipart_calls_t calls = {part_begin, part_data, part_end};
    mq_multipart_t *reader;
    (void)mq_multipart_make(&reader, "multipart/form-data; boundary=b", &calls, NULL, pool);
    (void)mq_multipart_push(reader, begin, strlen(begin));
    for (; *text; text++) { /* as slowly as a body can come */
        (void)mq_multipart_push(reader, text, 1);
    }
    (void)mq_multipart_end(reader);
}

static void multipart(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    (void)shared;
    multipart_feed("", text, pool);
    multipart_feed("--b\r\nContent-Disposition: form-data; name=n\r\n\r\n", text, pool);
}

static void multipart_headers(const shared_t *shared, const char *text, apr_pool_t *pool)
{
    (void)shared;
    multipart_feed("--b\r\n", apr_pstrmemdup(pool, text, strlen(text) / 3), pool);
    (void)mq_multipart_make(&(mq_multipart_t *){NULL},
                            apr_pstrcat(pool, "multipart/form-data; ", text, NULL), NULL, NULL,
                            pool);
}

static const struct {
    const char *name;
    parser_t run;
    const char *patterns[24];
} parsers[] = {
#define TEXTS                                                                                      \
    "a", " ", "a b ", "\xc3\xa9", "e\xcc\x81", /* and now marks: above and below by turns */       \
        "\xcc\x81\xcc\xa3", "\xcc\x81\xe2\x80\x8b\xcc\xa3\xe2\x80\x8b", /* and zero-width */       \
        "\xe0\xbd\xb3\xe0\xbd\xb1",             /* Tibetan: no mark, but two of them */            \
        "\xef\xbe\x9e\xd6\xb0",                 /* half-width: a mark in compatibility forms */    \
        "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8", /* jamo */                                         \
        "\xe0\xad\x87\xe0\xac\xbe", "\xe0\xac\xbe", /* Oriya: starters that combine */             \
        "\xef\xb7\xba", "\xce\x90", "\xc3\x9f",     /* what grows: 18 letters, 3, 2 */             \
        "\xcd\x85\xcc\xa3", "\xf0\x9f\x98\x80", "\r\n"
    {"nfc", text_nfc, {TEXTS}},
    {"line", text_line, {TEXTS}},
    {"block", text_block, {TEXTS}},
    {"name key", text_name_key, {TEXTS}},
    {"search", text_search, {TEXTS}},
    {"looks", text_looks, {TEXTS, "1", "\xd9\xa3"}},
    {"decode", text_decode, {"a", "\xc3\xa9", "\xe9", "1@"}},
    {"names fit", names_fit, {"a", "a b ", "ab cd ef ", "1 "}},
    {"form", form, {"a", "=", "&", "a=b&", "%41", "a=%C3%A9&", "%", "+"}},
    {"cookie", cookie, {"a", ";", "=", "medsynq=a;", "medsynq;", " ", " ;", "= "}},
    {"language", language, {"a", ",", ";", "fr,", "fr;q=0.8,", "fr-CH;q=", "q", "en;", "-", " "}},
    {"date", date, {"1", "/", "1/", "1 ", "a", "may ", "0", ".", ", "}},
    {"id", id, {"a", "A", "-", "=", "01234567-", " "}},
    {"escape", escape, {"a", "&", "\"", "\xc3\xa9", "'", "=", "%"}},
    {"csv", csv, {"a", ",", "\"", "\"\"", "\n", "a\n", "a,b\n", "\r", "\"a\",", ";,\t"}},
    {"multipart", multipart, {"a", "\r\n", "\r\n--", "\r\n--b", "\r", "-", "\r\n--b\r\n"}},
    {"multipart headers",
     multipart_headers,
     {"a", "\r\n", "a: b\r\n", ";", "=", ";a", ";a=\"", "\r"}},
};

static const char *text_make(const char *pattern, apr_size_t length, apr_pool_t *pool)
{
    apr_size_t whole = strlen(pattern);
    apr_size_t count = length / whole;
    char *text = apr_palloc(pool, count * whole + 1);
    for (apr_size_t i = 0; i < count; i++) {
        memcpy(text + i * whole, pattern, whole);
    }
    text[count * whole] = 0;
    return text;
}

static void parser_measure(const shared_t *shared, size_t parser, int pattern, apr_size_t length,
                           apr_pool_t *parent)
{
    char trigger[64];
    apr_pool_t *pool;
    const char *text;
    (void)apr_pool_create(&pool, parent);
    text = text_make(parsers[parser].patterns[pattern], length, pool);
    (void)apr_snprintf(trigger, sizeof trigger, "%s/%d/%d", parsers[parser].name, pattern,
                       (int)length);
    CALLGRIND_ZERO_STATS;
    parsers[parser].run(shared, text, pool);
    CALLGRIND_DUMP_STATS_AT(trigger);
    apr_pool_destroy(pool);
}

int main(int argc, char **argv)
{
    static const mq_page_t *const no_page[] = {NULL}; /* the languages are enough */
    apr_pool_t *pool;
    shared_t shared;
    const char *error = "";
    (void)apr_initialize();
    (void)apr_pool_create(&pool, NULL);
    if (argc != 2 || mq_text_make(&shared.folding, pool) != APR_SUCCESS ||
        mq_pages_compile(&shared.pages, no_page, argv[1], &error, pool) != APR_SUCCESS) {
        (void)fprintf(stderr, "parsers TEMPLATES: %s\n", error);
        return 2;
    }
    for (size_t i = 0; i < sizeof parsers / sizeof *parsers; i++) {
        for (int j = 0; parsers[i].patterns[j]; j++) {
            parsers[i].run(&shared, text_make(parsers[i].patterns[j], 64, pool), pool);
            parser_measure(&shared, i, j, LENGTH, pool);
            parser_measure(&shared, i, j, (apr_size_t)2 * LENGTH, pool);
        }
    }
    return 0;
}
