/* urlform.c -- parsing application/x-www-form-urlencoded: pairs are split first and decoded
 * afterwards, so that an encoded '&' or '=' is a character of the value. */
#include "base/urlform.h"

#include <string.h>

#include <apr_strings.h>

#include "base/text.h"

/** @return 0 to 15, or -1 */
static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/** Decode one name or value. @return what is wrong with it, or NULL */
static const char *part_decode(const char **text_out, apr_size_t *length_out, const char *data,
                               apr_size_t length, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, length + 1);
    apr_size_t written = 0;

    for (apr_size_t i = 0; i < length; i++) {
        char c = data[i] == '+' ? ' ' : data[i];

        if (c == '%') {
            int high = length - i > 2 ? hex_value(data[i + 1]) : -1;
            int low = length - i > 2 ? hex_value(data[i + 2]) : -1;

            if (high < 0 || low < 0) {
                return "The request has a malformed percent-encoding.";
            }
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0') {
            return "The request has a NUL character.";
        }
        text[written++] = c;
    }
    text[written] = '\0';
    if (!mq_text_is_utf8(text, written)) {
        return "The request has text that is not UTF-8.";
    }
    *text_out = text;
    *length_out = written;
    return NULL;
}

/** Add the field of one pair. @return what is wrong with it, or NULL */
static const char *pair_add(apr_array_header_t *fields, const char *pair, apr_size_t length,
                            apr_pool_t *pool)
{
    const char *equals = memchr(pair, '=', length);
    apr_size_t name_length = equals != NULL ? (apr_size_t)(equals - pair) : length;
    mq_form_field_t field = {NULL, "", 0};
    apr_size_t decoded_length;
    const char *wrong = name_length > MQ_FORM_NAME_MOST
                            ? "The request has a field with a very long name."
                            : part_decode(&field.name, &decoded_length, pair, name_length, pool);

    if (wrong == NULL && equals != NULL) {
        wrong = part_decode(&field.value, &field.value_length, equals + 1, length - name_length - 1,
                            pool);
    }
    if (wrong == NULL) {
        APR_ARRAY_PUSH(fields, mq_form_field_t) = field;
    }
    return wrong;
}

apr_status_t mq_form_parse(const apr_array_header_t **fields_out, const char **reason_out,
                           const char *data, apr_size_t length, int limit, apr_pool_t *pool)
{
    apr_array_header_t *fields = apr_array_make(pool, 8, sizeof(mq_form_field_t));
    const char *wrong = NULL;

    while (length > 0 && wrong == NULL) {
        const char *ampersand = memchr(data, '&', length);
        apr_size_t pair_length = ampersand != NULL ? (apr_size_t)(ampersand - data) : length;

        if (pair_length > 0 && fields->nelts >= limit) {
            wrong = "The request has too many fields.";
        } else if (pair_length > 0) {
            wrong = pair_add(fields, data, pair_length, pool);
        }
        data += pair_length + (ampersand != NULL);
        length -= pair_length + (ampersand != NULL);
    }
    *fields_out = wrong == NULL ? fields : apr_array_make(pool, 1, sizeof(mq_form_field_t));
    if (reason_out != NULL) {
        *reason_out = wrong;
    }
    return wrong == NULL ? APR_SUCCESS : MQ_EINVALID;
}

const char *mq_form_get(const apr_array_header_t *fields, const char *name, int *duplicate_out)
{
    const char *value = NULL;
    int count = 0;

    for (int i = 0; i < fields->nelts; i++) {
        const mq_form_field_t *field = &APR_ARRAY_IDX(fields, i, mq_form_field_t);

        if (strcmp(field->name, name) == 0 && count++ == 0) {
            value = field->value;
        }
    }
    if (duplicate_out != NULL) {
        *duplicate_out = count > 1;
    }
    return value;
}

int mq_form_repeats(const apr_array_header_t *fields, const char *except)
{
    for (int i = 0; i < fields->nelts; i++) {
        const char *name = APR_ARRAY_IDX(fields, i, mq_form_field_t).name;
        int twice = 0;
        (void)mq_form_get(fields, name, &twice);
        if (twice && (!except || strcmp(name, except) != 0)) {
            return 1;
        }
    }
    return 0;
}
