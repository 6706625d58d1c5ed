/* test_multipart.c -- uploads arrive whole, however they are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/buffer.h"
#include "base/multipart.h"

#define TYPE "multipart/form-data; boundary=\"x-y\""

static apr_pool_t *pool;

static int setup(void **state)
{
    (void)state;
    return apr_initialize() != APR_SUCCESS || apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static apr_status_t begin(void *context, const char *name, const char *file)
{
    mq_buffer_text(context,
                   apr_pstrcat(pool, "[", name, file ? "|" : "", file ? file : "", ":", NULL));
    return APR_SUCCESS;
}

static apr_status_t data(void *context, const char *bytes, apr_size_t length)
{
    mq_buffer_add(context, bytes, length);
    return APR_SUCCESS;
}

static apr_status_t end(void *context)
{
    mq_buffer_text(context, "]");
    return APR_SUCCESS;
}

static const mq_multipart_calls_t calls = {begin, data, end};

/* What the calls saw, with the body pushed in pieces of so many bytes; NULL: it was refused. */
static const char *seen(const char *body, apr_size_t length, apr_size_t piece)
{
    mq_buffer_t *out = mq_buffer_make(pool, 64);
    mq_multipart_t *reader;
    assert_int_equal(mq_multipart_make(&reader, TYPE, &calls, out, pool), APR_SUCCESS);
    for (apr_size_t i = 0; i < length; i += piece) {
        apr_size_t n = length - i < piece ? length - i : piece;
        if (mq_multipart_push(reader, body + i, n) != APR_SUCCESS) {
            return NULL;
        }
    }
    return mq_multipart_end(reader) == APR_SUCCESS ? mq_buffer_string(out) : NULL;
}

static const char sound[] =
    "--x-y\r\nContent-Disposition: form-data; name=\"csrf_token\"\r\n\r\nabc\r\n"
    "--x-y\r\nContent-Type: text/csv\r\ncontent-disposition: form-data; name=\"file\"; "
    "filename=\"a;b.csv\"\r\n\r\n1,2\r\n--x-\r\n\r\n--x-y--\r\n";

static void an_upload_arrives_whole_however_it_is_cut(void **state)
{
    (void)state;
    for (apr_size_t piece = 1; piece < sizeof sound; piece++) {
        assert_string_equal(seen(sound, sizeof sound - 1, piece),
                            "[csrf_token:abc][file|a;b.csv:1,2\r\n--x-\r\n]");
    }
}

static void a_file_larger_than_the_window_arrives_whole(void **state)
{
    static char body[300000];
    apr_size_t head = sizeof "--x-y\r\nContent-Disposition: form-data; name=f\r\n\r\n" - 1;
    const char *text;
    (void)state;
    memset(body, '\r', sizeof body);
    memcpy(body, "--x-y\r\nContent-Disposition: form-data; name=f\r\n\r\n", head);
    memcpy(body + sizeof body - 9, "\r\n--x-y--", 9);
    text = seen(body, sizeof body, 8191);
    assert_non_null(text);
    assert_int_equal(strlen(text), sizeof body - head - 9 + strlen("[f:]"));
}

static void what_is_malformed_is_refused(void **state)
{
    static const char *const bodies[] = {
        "",
        "--x-y--x",
        "--x-yz\r\n",
        "--x-y\r\n\r\n\r\nno headers\r\n--x-y--",
        "--x-y\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x-y--",
        "--x-y\r\nContent-Disposition: attachment; name=a\r\n\r\n\r\n--x-y--",
        "--x-y\r\nContent-Disposition: form-data; name=a\r\n\r\nno end\r\n--x-"};
    (void)state;
    assert_non_null(seen(bodies[1], strlen(bodies[1]), 3)); /* nothing in it, yet complete */
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        if (i != 1) {
            assert_null(seen(bodies[i], strlen(bodies[i]), 5));
        }
    }
}

static void another_type_is_refused(void **state)
{
    static const char *const types[] = {NULL,
                                        "",
                                        "text/plain",
                                        "multipart/form-data",
                                        "multipart/form-data; boundary=",
                                        "multipart/form-database; boundary=x"};
    mq_multipart_t *reader;
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        assert_int_equal(mq_multipart_make(&reader, types[i], &calls, NULL, pool), MQ_EINVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upload_arrives_whole_however_it_is_cut),
        cmocka_unit_test(a_file_larger_than_the_window_arrives_whole),
        cmocka_unit_test(what_is_malformed_is_refused), cmocka_unit_test(another_type_is_refused)};
    return cmocka_run_group_tests(tests, setup, NULL);
}
