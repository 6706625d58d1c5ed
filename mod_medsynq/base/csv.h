/* csv.h -- comma-separated values (RFC 4180): a reader that is pushed bytes as they arrive and
 * calls back with each row, and a writer whose cells no spreadsheet takes for a formula. */
#ifndef MQ_BASE_CSV_H
#define MQ_BASE_CSV_H

#include <apr_pools.h>

#include "base/buffer.h"
#include "base/status.h"

/** Bounds of what a reader keeps in memory. */
typedef struct mq_csv_limits_t {
    apr_size_t field_length; /* most bytes of one field */
    apr_size_t row_length;   /* most bytes of one row's fields together */
    int fields;              /* most fields of one row */
} mq_csv_limits_t;

/** What a row may hold of a patient's record: one note of 64 KB and many short fields. */
#define MQ_CSV_LIMITS_DEFAULT ((mq_csv_limits_t){256 * 1024, 1024 * 1024, 256})

/**
 * Called with each row that is not blank.
 * @param context as given to mq_csv_reader_make
 * @param line    the line of the file at which the row begins, from 1
 * @param fields  NUL-terminated, valid during the call only
 * @return anything but APR_SUCCESS ends the reading and is what mq_csv_push returns
 */
typedef apr_status_t (*mq_csv_row_t)(void *context, int line, const char *const *fields, int count);

typedef struct mq_csv_reader_t mq_csv_reader_t;

/**
 * Begin to read. The delimiter is what Excel's line "sep=;" says, which is no row; else comma,
 * semicolon, tab or bar, whichever the first ten rows have the same number of times; comma where
 * there is none. Where all fields of the first row stand between apostrophes, these are the quotes
 * of the file; one that is neither doubled nor ends a field is then a character.
 * @return the reader, from pool, which also holds one row at its longest
 */
mq_csv_reader_t *mq_csv_reader_make(mq_csv_limits_t limits, mq_csv_row_t row, void *context,
                                    apr_pool_t *pool);

/**
 * Read the next bytes, cut anywhere. They should be UTF-8 without a byte order mark
 * (mq_text_decode); other bytes pass through as they are.
 * @return MQ_EINVALID the file is no CSV or is beyond a limit: see mq_csv_fault; the same again at
 *         each further push. Or what the row function returned
 */
apr_status_t mq_csv_push(mq_csv_reader_t *reader, const char *bytes, apr_size_t length);

/** The file ends here: reads the last row. @return as mq_csv_push */
apr_status_t mq_csv_end(mq_csv_reader_t *reader);

/** @return what was wrong, a constant sentence, and the line where its row begins; NULL: nothing */
const char *mq_csv_fault(const mq_csv_reader_t *reader, int *line_out);

/** @return the delimiter found; 0 before the first ten rows, or the end */
char mq_csv_delimiter(const mq_csv_reader_t *reader);

/** Where a row is being written; start it as {out}. */
typedef struct mq_csv_writer_t {
    mq_buffer_t *out;
    int fields; /* written in this row */
} mq_csv_writer_t;

/** Write a field, quoted where needed. A text that begins as a formula does (= + - @ TAB CR LF and
 * the full-width forms), or as one with apostrophes before it, gets a leading apostrophe. text NULL
 * is an empty field. */
void mq_csv_add(mq_csv_writer_t *writer, const char *text);

/** @return a cell without the apostrophe that mq_csv_add put before it, cut out of cell */
const char *mq_csv_plain(const char *cell);

/** End the row with CR LF. */
void mq_csv_row_end(mq_csv_writer_t *writer);

#endif
