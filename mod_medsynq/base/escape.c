/* escape.c -- runs of harmless bytes are copied whole; a table says which those are,
 * and most texts are seen to be harmless eight bytes at a time. */
#include "base/escape.h"

#include <string.h>
#include <strings.h>

enum { UNRESERVED = 1, STOP = 2 };

static const unsigned char classes[256] = {
    ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1,
    ['8'] = 1, ['9'] = 1, ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1,
    ['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1, ['N'] = 1,
    ['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1, ['V'] = 1,
    ['W'] = 1, ['X'] = 1, ['Y'] = 1, ['Z'] = 1, ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1,
    ['e'] = 1, ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1, ['l'] = 1,
    ['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1, ['t'] = 1,
    ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1, ['-'] = 1, ['.'] = 1,
    ['_'] = 1, ['~'] = 1, [0] = 2,   ['&'] = 2, ['<'] = 2, ['>'] = 2, ['"'] = 2, ['\''] = 2};

static const char *html_reference(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return "&#39;";
    }
}

#define EACH(byte) ((apr_uint64_t)(byte)*0x0101010101010101)
enum { WORD = 8 };

static apr_uint64_t word_of(const char *text)
{
    apr_uint64_t bytes;
    memcpy(&bytes, text, WORD);
    return bytes;
}

/* @return not 0 if one of eight bytes may be one that has a reference; # counts as one */
static apr_uint64_t word_suspects(apr_uint64_t bytes)
{
    apr_uint64_t quotes = (bytes & EACH(0xfa)) ^ EACH('"'); /* a byte is 0 for " & ' and # */
    apr_uint64_t angles = (bytes & EACH(0xfd)) ^ EACH('<'); /* likewise < and > */
    return (((quotes - EACH(1)) & ~quotes) | ((angles - EACH(1)) & ~angles)) & EACH(0x80);
}

/* Copy a text that needs no reference. @return 0 it may need one; what was copied is nothing then
 */
static int plain_copy(char *to, const char *text, apr_size_t length)
{
    apr_uint64_t last;
    if (length < WORD) {
        apr_size_t i = 0;
        for (; i < length && !(classes[(unsigned char)text[i]] & STOP); i++) {
            to[i] = text[i];
        }
        return i == length;
    }
    last = word_of(text + length - WORD);
    memcpy(to + length - WORD, &last, WORD);
    for (const char *end = text + length - WORD; text < end; text += WORD, to += WORD) {
        apr_uint64_t bytes = word_of(text);
        memcpy(to, &bytes, WORD); /* the one before the last may overlap it */
        if (word_suspects(bytes)) {
            return 0;
        }
    }
    return !word_suspects(last);
}

/* Apart, for most texts need none of it, and should not pay for its registers. */
__attribute__((noinline)) static void references_write(mq_buffer_t *out, const char *text)
{
    for (;;) {
        const char *run = text;
        while (!(classes[(unsigned char)*text] & STOP)) {
            text++;
        }
        mq_buffer_add(out, run, (apr_size_t)(text - run));
        if (!*text) {
            return;
        }
        mq_buffer_text(out, html_reference(*text++));
    }
}

void mq_escape_html(mq_buffer_t *out, const char *text)
{
    apr_size_t length = strlen(text);
    if (out->capacity - out->length < length) {
        mq_buffer_grow(out, length);
    }
    if (plain_copy(out->data + out->length, text, length)) {
        out->length += length;
    } else {
        references_write(out, text);
    }
}

static void percent_encode(mq_buffer_t *out, const char *text, char kept)
{
    static const char digits[] = "0123456789ABCDEF";
    for (;;) {
        const char *run = text;
        char encoded[3];
        while ((classes[(unsigned char)*text] & UNRESERVED) || (kept && *text == kept)) {
            text++;
        }
        mq_buffer_add(out, run, (apr_size_t)(text - run));
        if (!*text) {
            return;
        }
        encoded[0] = '%';
        encoded[1] = digits[(unsigned char)*text >> 4];
        encoded[2] = digits[(unsigned char)*text & 15];
        mq_buffer_add(out, encoded, sizeof encoded);
        text++;
    }
}

void mq_escape_url_segment(mq_buffer_t *out, const char *text)
{
    percent_encode(out, text, 0);
}

void mq_escape_url_query(mq_buffer_t *out, const char *text)
{
    percent_encode(out, text, '/');
}

static int has_safe_scheme(const char *url)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:", "tel:"};
    if (url[0] == '/') { /* nearly all: a path of ours, and no host's name */
        return url[1] != '/' && url[1] != '\\';
    }
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0) {
            return 1;
        }
    }
    /* relative: no colon before the first slash, question mark or number sign, and no control
     * character, which browsers drop while they look for a scheme */
    for (const char *s = url; *s && !strchr("/?#", *s); s++) {
        if (*s == ':' || (unsigned char)*s <= ' ') {
            return 0;
        }
    }
    return url[0] != '\\';
}

void mq_escape_url_whole(mq_buffer_t *out, const char *url)
{
    mq_escape_html(out, has_safe_scheme(url) ? url : "#");
}
