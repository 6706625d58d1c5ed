/* csv_reader.c -- reading CSV as it arrives, in the memory of one row. The writer is in csv.c. */
#include <string.h>

#include <apr_cstr.h>
#include <apr_tables.h>

#include "base/catalogue.h"
#include "base/csv.h"

/** Between two bytes. */
typedef enum {
    AT_FIELD_START,
    IN_PLAIN_FIELD,
    IN_QUOTED_FIELD,
    AFTER_QUOTE, /* in a quoted field: its end, or the first of two */
    AFTER_FIELD  /* blanks between the end of a quoted field and the delimiter */
} place_t;

/** Bytes that grow by doubling, so that all its copies together take twice the longest. */
typedef struct bytes_t {
    char *data;
    apr_size_t length;
    apr_size_t capacity;
} bytes_t;

struct mq_csv_reader_t {
    apr_pool_t *pool;
    mq_csv_limits_t limits;
    mq_csv_row_t row_seen;
    void *context;

    char delimiter;
    char quote;            /* a quotation mark, or the apostrophe that some programs use for it */
    bytes_t first_rows;    /* kept back until the delimiter is known */
    int first_rows_count;  /* of those that are complete and not blank */
    int first_rows_quoted; /* an odd number of quotes so far */

    place_t place;
    bytes_t row;            /* fields, each with its NUL */
    apr_size_t field_start; /* in row */
    apr_array_header_t *field_starts;
    apr_array_header_t *fields; /* pointers for the call, made of field_starts */
    int field_is_blank;         /* so far: a quote may still begin it, ' "b"' */
    int row_has_text;           /* a quote or a delimiter, so that the row is not blank */

    int line;
    int row_line;
    int after_return; /* the byte before was CR: an LF belongs to it */
    const char *fault;
    apr_status_t status; /* why reading ended */
};

mq_csv_reader_t *mq_csv_reader_make(mq_csv_limits_t limits, mq_csv_row_t row, void *context,
                                    apr_pool_t *pool)
{
    mq_csv_reader_t *reader = apr_pcalloc(pool, sizeof *reader);

    reader->pool = pool;
    reader->quote = '"';
    reader->limits = limits;
    reader->row_seen = row;
    reader->context = context;
    reader->field_starts = apr_array_make(pool, 16, sizeof(apr_size_t));
    reader->fields = apr_array_make(pool, 16, sizeof(const char *));
    reader->line = 1;
    reader->row_line = 1;
    return reader;
}

static void bytes_add(bytes_t *bytes, char c, apr_pool_t *pool)
{
    if (bytes->length == bytes->capacity) {
        apr_size_t capacity = bytes->capacity > 0 ? 2 * bytes->capacity : 1024;
        char *data = apr_palloc(pool, capacity);

        if (bytes->length > 0) {
            memcpy(data, bytes->data, bytes->length);
        }
        bytes->data = data;
        bytes->capacity = capacity;
    }
    bytes->data[bytes->length++] = c;
}

static apr_status_t reader_fail(mq_csv_reader_t *reader, const char *fault)
{
    reader->fault = fault;
    return MQ_EINVALID;
}

static apr_status_t field_add(mq_csv_reader_t *reader, char c)
{
    if (reader->row.length - reader->field_start >= reader->limits.field_length) {
        return reader_fail(reader, MQ_SAY("A field is too long."));
    }
    if (reader->row.length >= reader->limits.row_length) {
        return reader_fail(reader, MQ_SAY("The row is too long."));
    }
    bytes_add(&reader->row, c, reader->pool);
    return APR_SUCCESS;
}

static apr_status_t field_end(mq_csv_reader_t *reader)
{
    if (reader->field_starts->nelts >= reader->limits.fields) {
        return reader_fail(reader, MQ_SAY("The row has too many fields."));
    }
    bytes_add(&reader->row, '\0', reader->pool);
    APR_ARRAY_PUSH(reader->field_starts, apr_size_t) = reader->field_start;
    reader->field_start = reader->row.length;
    reader->field_is_blank = 0;
    reader->place = AT_FIELD_START;
    return APR_SUCCESS;
}

static apr_status_t row_end(mq_csv_reader_t *reader)
{
    apr_status_t rv = APR_SUCCESS;

    if (reader->row.length > 0 || reader->row_has_text) {
        MQ_TRY(field_end(reader));
        apr_array_clear(reader->fields);
        for (int i = 0; i < reader->field_starts->nelts; i++) {
            APR_ARRAY_PUSH(reader->fields, const char *) =
                reader->row.data + APR_ARRAY_IDX(reader->field_starts, i, apr_size_t);
        }
        rv = reader->row_seen(reader->context, reader->row_line,
                              (const char *const *)reader->fields->elts, reader->fields->nelts);
    }
    apr_array_clear(reader->field_starts);
    reader->row.length = 0;
    reader->field_start = 0;
    reader->row_has_text = 0;
    reader->field_is_blank = 0;
    reader->place = AT_FIELD_START;
    return rv;
}

/** Count lines, whether they end in LF, CR LF or CR. */
static void line_count(mq_csv_reader_t *reader, char c)
{
    if (c == '\r' || (c == '\n' && !reader->after_return)) {
        reader->line++;
    }
}

/** Read one byte outside quotes. */
static apr_status_t plain_read(mq_csv_reader_t *reader, char c)
{
    if (c == reader->delimiter) {
        reader->row_has_text = 1;
        return field_end(reader);
    }
    if (c == '\r' || c == '\n') {
        if (c == '\r' || !reader->after_return) {
            MQ_TRY(row_end(reader));
        }
        reader->row_line = reader->line;
        return APR_SUCCESS;
    }
    if (reader->place == AFTER_QUOTE && reader->quote == '\'') { /* O'Neil, who was not doubled */
        reader->place = IN_QUOTED_FIELD;
        MQ_TRY(field_add(reader, '\''));
        return field_add(reader, c);
    }
    if (c == ' ' && (reader->place == AFTER_QUOTE || reader->place == AFTER_FIELD)) {
        reader->place = AFTER_FIELD;
        return APR_SUCCESS;
    }
    if (reader->place == AFTER_QUOTE || reader->place == AFTER_FIELD) {
        return reader_fail(reader, MQ_SAY("There is text after a closing quotation mark."));
    }
    if (c == reader->quote &&
        (reader->place == AT_FIELD_START || (c == '"' && reader->field_is_blank))) {
        reader->row.length = reader->field_start;
        reader->field_is_blank = 0;
        reader->row_has_text = 1;
        reader->place = IN_QUOTED_FIELD;
        return APR_SUCCESS;
    }
    reader->field_is_blank =
        c == ' ' && (reader->place == AT_FIELD_START || reader->field_is_blank);
    reader->place = IN_PLAIN_FIELD; /* a quotation mark inside is a character: 5" */
    return field_add(reader, c);
}

static apr_status_t byte_read(mq_csv_reader_t *reader, char c)
{
    apr_status_t rv = APR_SUCCESS;

    if (c == '\0') {
        return reader_fail(reader, MQ_SAY("The file has a NUL character."));
    }
    line_count(reader, c);
    if (reader->place == IN_QUOTED_FIELD && c == reader->quote) {
        reader->place = AFTER_QUOTE;
    } else if (reader->place == IN_QUOTED_FIELD ||
               (reader->place == AFTER_QUOTE && c == reader->quote)) {
        reader->place = IN_QUOTED_FIELD;
        rv = field_add(reader, c);
    } else {
        rv = plain_read(reader, c);
    }
    reader->after_return = c == '\r';
    return rv;
}

enum { ROWS_WEIGHED = 10, DELIMITERS = 4 };
static const char delimiters[DELIMITERS + 1] = ",;\t|";

/** Count each delimiter outside quotes, row by row. @return how many rows are not blank */
static int delimiters_count(int counts[ROWS_WEIGHED + 1][DELIMITERS], const bytes_t *rows)
{
    int quoted = 0;
    int row = 0;
    int blank = 1;

    memset(counts, 0, sizeof(int) * (ROWS_WEIGHED + 1) * DELIMITERS);
    for (apr_size_t i = 0; i < rows->length; i++) {
        char c = rows->data[i];
        const char *known = memchr(delimiters, c, DELIMITERS);

        quoted ^= c == '"';
        if ((c == '\r' || c == '\n') && !quoted) {
            row += !blank && row < ROWS_WEIGHED;
            blank = 1;
            continue;
        }
        blank = 0;
        if (known != NULL && !quoted) {
            counts[row][known - delimiters]++;
        }
    }
    return row + !blank;
}

/** @return the delimiter that most rows have the same number of times; of two such, the one that is
 * there more often. What stands above a table, as its title, has other numbers of them. */
static char delimiter_find(const bytes_t *rows)
{
    int counts[ROWS_WEIGHED + 1][DELIMITERS];
    int count = delimiters_count(counts, rows);
    int best = 0;
    int best_alike = 0;
    int best_count = 0;

    for (int d = 0; d < DELIMITERS; d++) {
        for (int i = 0; i < count; i++) {
            int alike = 0;

            for (int j = 0; j < count && counts[i][d] > 0; j++) {
                alike += counts[j][d] == counts[i][d];
            }
            if (alike > best_alike || (alike == best_alike && counts[i][d] > best_count)) {
                best = d;
                best_alike = alike;
                best_count = counts[i][d];
            }
        }
    }
    return delimiters[best];
}

/** Excel's line "sep=;" says the delimiter, which may be any. @return how long it is, 0: none */
static apr_size_t delimiter_line(char *delimiter_out, const bytes_t *rows)
{
    static const char name[] = "sep=";
    apr_size_t length = sizeof name - 1;
    apr_size_t quote = rows->length > 0 && *rows->data == '"';

    if (rows->length < quote + length + 1 ||
        apr_cstr_casecmpn(rows->data + quote, name, length) != 0 ||
        strchr("\r\n\"", rows->data[quote + length]) != NULL) {
        return 0;
    }
    *delimiter_out = rows->data[quote + length];
    length += 2 * quote + 1;
    if (rows->length < length || (quote && rows->data[length - 1] != '"') ||
        (rows->length > length && strchr("\r\n", rows->data[length]) == NULL)) {
        return 0;
    }
    return length;
}

/** @return whether all fields of the first row, two at least, stand between apostrophes */
static int is_apostrophed(const bytes_t *rows, apr_size_t start, char delimiter)
{
    int fields = 0;

    while (start < rows->length && strchr("\r\n", rows->data[start]) != NULL) {
        start++;
    }
    for (apr_size_t i = start; i <= rows->length; i++) {
        int ends = i == rows->length || strchr("\r\n", rows->data[i]) != NULL;

        if (!ends && rows->data[i] != delimiter) {
            continue;
        }
        if (i < start + 2 || rows->data[start] != '\'' || rows->data[i - 1] != '\'') {
            return 0;
        }
        fields++;
        if (ends) {
            break;
        }
        start = i + 1;
    }
    return fields > 1;
}

static apr_status_t first_rows_replay(mq_csv_reader_t *reader)
{
    apr_size_t start = delimiter_line(&reader->delimiter, &reader->first_rows);

    if (start == 0) {
        reader->delimiter = delimiter_find(&reader->first_rows);
    }
    if (is_apostrophed(&reader->first_rows, start, reader->delimiter)) {
        reader->quote = '\'';
    }
    for (apr_size_t i = start; i < reader->first_rows.length; i++) {
        MQ_TRY(byte_read(reader, reader->first_rows.data[i]));
    }
    return APR_SUCCESS;
}

/** Keep a byte of the first rows back; when there are enough of them, read them. Blank lines are
 * kept along. */
static apr_status_t first_rows_read(mq_csv_reader_t *reader, char c)
{
    int blank = reader->first_rows.length == 0 ||
                strchr("\r\n", reader->first_rows.data[reader->first_rows.length - 1]) != NULL;

    bytes_add(&reader->first_rows, c, reader->pool);
    reader->first_rows_quoted ^= c == '"';
    reader->first_rows_count += (c == '\n' || c == '\r') && !reader->first_rows_quoted && !blank;
    return reader->first_rows_count >= ROWS_WEIGHED ||
                   reader->first_rows.length > reader->limits.row_length
               ? first_rows_replay(reader)
               : APR_SUCCESS;
}

apr_status_t mq_csv_push(mq_csv_reader_t *reader, const char *bytes, apr_size_t length)
{
    for (apr_size_t i = 0; i < length && reader->status == APR_SUCCESS; i++) {
        reader->status = reader->delimiter != '\0' ? byte_read(reader, bytes[i])
                                                   : first_rows_read(reader, bytes[i]);
    }
    return reader->status;
}

apr_status_t mq_csv_end(mq_csv_reader_t *reader)
{
    if (reader->status == APR_SUCCESS && reader->delimiter == '\0') {
        reader->status = first_rows_replay(reader);
    }
    if (reader->status == APR_SUCCESS) {
        reader->status = reader->place == IN_QUOTED_FIELD
                             ? reader_fail(reader, MQ_SAY("A closing quotation mark is missing."))
                             : row_end(reader);
    }
    return reader->status;
}

const char *mq_csv_fault(const mq_csv_reader_t *reader, int *line_out)
{
    *line_out = reader->row_line;
    return reader->fault;
}

char mq_csv_delimiter(const mq_csv_reader_t *reader)
{
    return reader->delimiter;
}
