/* json.c -- writing JSON values and escaping strings. */
#include "base/json.h"

#include <string.h>

#include "base/text_icu.h"

static void string_add(mq_buffer_t *out, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    apr_size_t length = strlen(text);
    apr_size_t i = 0;

    mq_buffer_add(out, "\"", 1);
    while (i < length) {
        apr_size_t start = i;
        UChar32 c = mq_utf8_next(text, &i, length);

        if (c < 0) {
            mq_buffer_add(out, "\xef\xbf\xbd", 3);
        } else if (c == '"' || c == '\\') {
            char escape[2] = {'\\', (char)c};

            mq_buffer_add(out, escape, sizeof escape);
        } else if (c == '\n') {
            mq_buffer_add(out, "\\n", 2);
        } else if (c < ' ' || c == 0x7f || c == '<') {
            char escape[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

            mq_buffer_add(out, escape, sizeof escape);
        } else {
            mq_buffer_add(out, text + start, i - start);
        }
    }
    mq_buffer_add(out, "\"", 1);
}

/** Write what stands before a value: the comma and the member's name. */
static void value_begin(mq_json_t *json, const char *name)
{
    if (json->comma) {
        mq_buffer_add(json->out, ",", 1);
    }
    if (name != NULL) {
        string_add(json->out, name);
        mq_buffer_add(json->out, ":", 1);
    }
    json->comma = 1;
}

static void bracket_open(mq_json_t *json, const char *name, const char *bracket)
{
    value_begin(json, name);
    mq_buffer_add(json->out, bracket, 1);
    json->comma = 0;
}

static void bracket_close(mq_json_t *json, const char *bracket)
{
    mq_buffer_add(json->out, bracket, 1);
    json->comma = 1;
}

void mq_json_object(mq_json_t *json, const char *name)
{
    bracket_open(json, name, "{");
}

void mq_json_object_end(mq_json_t *json)
{
    bracket_close(json, "}");
}

void mq_json_array(mq_json_t *json, const char *name)
{
    bracket_open(json, name, "[");
}

void mq_json_array_end(mq_json_t *json)
{
    bracket_close(json, "]");
}

void mq_json_text(mq_json_t *json, const char *name, const char *text)
{
    value_begin(json, name);
    if (text != NULL) {
        string_add(json->out, text);
    } else {
        mq_buffer_add(json->out, "null", 4);
    }
}

void mq_json_int(mq_json_t *json, const char *name, apr_int64_t value)
{
    value_begin(json, name);
    mq_buffer_int(json->out, value);
}

void mq_json_flag(mq_json_t *json, const char *name, int value)
{
    value_begin(json, name);
    mq_buffer_add(json->out, value ? "true" : "false", value ? 4 : 5);
}
