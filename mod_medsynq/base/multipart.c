/* multipart.c -- a window over the body, in which delimiters and headers are looked for. What lies
 * before a place where a delimiter could still begin is handed on at once. */
#include "base/multipart.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "base/text.h"

enum { BOUNDARY_MOST = 70, WINDOW = 32 * 1024, HEADERS_MOST = 8 * 1024, PARTS_MOST = 100 };

typedef enum {
    BEFORE,    /* the first delimiter */
    DELIMITER, /* just read: "--" or a line end follows */
    HEADERS,
    BODY,
    AFTER /* the last delimiter: whatever follows is ignored */
} place_t;

struct mq_multipart_t {
    const mq_multipart_calls_t *calls;
    void *context;
    apr_pool_t *part_pool;
    place_t place;
    int parts;
    apr_status_t failed;               /* the same at each further push */
    char delimiter[BOUNDARY_MOST + 5]; /* CR LF -- boundary */
    apr_size_t delimiter_length;
    apr_size_t length;   /* of what is in the window */
    apr_size_t searched; /* of it, in which no end of headers begins: bytes may come one by one */
    char window[WINDOW];
};

/* A parameter of a header's value: name="…" or name=token. @return NULL it is not there */
static const char *parameter_find(const char *value, const char *name, apr_pool_t *pool)
{
    apr_size_t length = strlen(name);
    const char *s = value + strcspn(value, ";");
    while (*s == ';') {
        const char *start;
        s += 1 + strspn(s + 1, " \t");
        start = s;
        s += strcspn(s, "=;");
        if (*s != '=') {
            continue;
        }
        if ((apr_size_t)(s - start) == length && strncasecmp(start, name, length) == 0) {
            s++;
            return *s == '"' ? apr_pstrmemdup(pool, s + 1, strcspn(s + 1, "\""))
                             : apr_pstrmemdup(pool, s, strcspn(s, "; \t"));
        }
        s++;
        if (*s == '"') {
            s += 1 + strcspn(s + 1, "\"");
            s += *s == '"';
        }
        s += strcspn(s, ";");
    }
    return NULL;
}

apr_status_t mq_multipart_make(mq_multipart_t **reader_out, const char *content_type,
                               const mq_multipart_calls_t *calls, void *context, apr_pool_t *pool)
{
    static const char type[] = "multipart/form-data";
    mq_multipart_t *reader;
    const char *boundary;
    if (!content_type || strncasecmp(content_type, type, sizeof type - 1) != 0 ||
        !strchr("; \t", content_type[sizeof type - 1])) {
        return MQ_EINVALID;
    }
    boundary = parameter_find(content_type, "boundary", pool);
    if (!boundary || !*boundary || strlen(boundary) > BOUNDARY_MOST) {
        return MQ_EINVALID;
    }
    reader = apr_palloc(pool, sizeof *reader);
    MQ_TRY(apr_pool_create(&reader->part_pool, pool));
    reader->calls = calls;
    reader->context = context;
    reader->place = BEFORE;
    reader->parts = 0;
    reader->searched = 0;
    reader->failed = APR_SUCCESS;
    reader->delimiter_length =
        (apr_size_t)apr_snprintf(reader->delimiter, sizeof reader->delimiter, "\r\n--%s", boundary);
    memcpy(reader->window, "\r\n", 2); /* the first delimiter has no line before it */
    reader->length = 2;
    *reader_out = reader;
    return APR_SUCCESS;
}

static void window_consume(mq_multipart_t *reader, apr_size_t length)
{
    reader->length -= length;
    reader->searched = 0;
    memmove(reader->window, reader->window + length, reader->length);
}

/* Of one part's headers only Content-Disposition matters. */
static apr_status_t part_begin(mq_multipart_t *reader, const char *headers)
{
    static const char disposition[] = "Content-Disposition:";
    apr_pool_t *pool = reader->part_pool;
    for (const char *line = headers; *line;) {
        apr_size_t length = strcspn(line, "\r\n");
        if (strncasecmp(line, disposition, sizeof disposition - 1) == 0) {
            const char *value = apr_pstrmemdup(pool, line, length);
            const char *name;
            value += sizeof disposition - 1;
            value += strspn(value, " \t");
            name = parameter_find(value, "name", pool);
            if (strncasecmp(value, "form-data", 9) != 0 || !name) {
                return MQ_EINVALID;
            }
            return reader->calls->begin(reader->context, name,
                                        parameter_find(value, "filename", pool));
        }
        line += length;
        line += strspn(line, "\r\n");
    }
    return MQ_EINVALID;
}

/* @return APR_INCOMPLETE when more bytes are needed, here and below */
static apr_status_t headers_read(mq_multipart_t *reader)
{
    const char *end =
        memmem(reader->window + reader->searched, reader->length - reader->searched, "\r\n\r\n", 4);
    apr_size_t length;
    const char *headers;
    if (!end) {
        reader->searched = reader->length > 3 ? reader->length - 3 : 0;
        return reader->length > HEADERS_MOST ? MQ_EINVALID : APR_INCOMPLETE;
    }
    length = (apr_size_t)(end - reader->window);
    if (length > HEADERS_MOST || memchr(reader->window, 0, length) ||
        !mq_text_is_utf8(reader->window, length)) {
        return MQ_EINVALID;
    }
    apr_pool_clear(reader->part_pool);
    headers = apr_pstrmemdup(reader->part_pool, reader->window, length);
    window_consume(reader, length + 4);
    reader->place = BODY;
    return part_begin(reader, headers);
}

static apr_status_t delimiter_read(mq_multipart_t *reader)
{
    if (reader->length < 2) {
        return APR_INCOMPLETE;
    }
    if (memcmp(reader->window, "--", 2) == 0) {
        reader->place = AFTER;
        return APR_SUCCESS;
    }
    if (memcmp(reader->window, "\r\n", 2) != 0 || ++reader->parts > PARTS_MOST) {
        return MQ_EINVALID;
    }
    reader->place = HEADERS;
    /* a part without any header has its empty line at once: not one of ours */
    window_consume(reader, 2);
    return APR_SUCCESS;
}

static apr_status_t body_read(mq_multipart_t *reader)
{
    const char *found =
        memmem(reader->window, reader->length, reader->delimiter, reader->delimiter_length);
    apr_size_t ready = found ? (apr_size_t)(found - reader->window)
                       : reader->length >= reader->delimiter_length
                           ? reader->length - reader->delimiter_length + 1
                           : 0;
    if (reader->place == BODY && ready) {
        MQ_TRY(reader->calls->data(reader->context, reader->window, ready));
    }
    if (!found) {
        window_consume(reader, ready);
        return APR_INCOMPLETE;
    }
    if (reader->place == BODY) {
        MQ_TRY(reader->calls->end(reader->context));
    }
    window_consume(reader, ready + reader->delimiter_length);
    reader->place = DELIMITER;
    return APR_SUCCESS;
}

static apr_status_t window_read(mq_multipart_t *reader)
{
    for (;;) {
        switch (reader->place) {
        case HEADERS:
            MQ_TRY(headers_read(reader));
            break;
        case DELIMITER:
            MQ_TRY(delimiter_read(reader));
            break;
        case AFTER:
            reader->length = 0;
            return APR_INCOMPLETE;
        case BEFORE:
        case BODY:
        default:
            MQ_TRY(body_read(reader));
        }
    }
}

apr_status_t mq_multipart_push(mq_multipart_t *reader, const char *bytes, apr_size_t length)
{
    while (length && reader->failed == APR_SUCCESS) {
        apr_size_t room = sizeof reader->window - reader->length;
        apr_size_t n = length < room ? length : room;
        apr_status_t rv;
        memcpy(reader->window + reader->length, bytes, n);
        reader->length += n;
        bytes += n;
        length -= n;
        rv = window_read(reader);
        reader->failed = rv == APR_INCOMPLETE ? APR_SUCCESS : rv;
    }
    return reader->failed;
}

apr_status_t mq_multipart_end(mq_multipart_t *reader)
{
    return reader->failed != APR_SUCCESS ? reader->failed
           : reader->place == AFTER      ? APR_SUCCESS
                                         : MQ_EINVALID;
}
