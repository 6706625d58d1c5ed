/* patient_import_file.c -- what an uploaded file is. Spreadsheet programs write CSV as UTF-8 with a
 * mark or without, as windows-1252, and as UTF-16 ("Unicode text"); and people upload the workbook
 * itself, or a web page that calls itself one. */
#include "domain/imports/patient_import_file.h"

#include <apr_cstr.h>
#include <apr_strings.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/text.h"

enum { PIECE = 64 * 1024, LONGEST_SEQUENCE = 4, KEPT_MOST = 4 };

static const char not_csv[] =
    MQ_SAY("The file is not CSV: save it as CSV with the encoding UTF-8.");

/* Files that begin so are no CSV. */
static const struct {
    const char *magic;
    apr_size_t length;
    const char *within; /* what they have further on, NULL: anything */
    const char *fault;
} others[] = {
    {"PK\3\4", 4, "mimetypeapplication/vnd.oasis.opendocument",
     MQ_SAY("This is an OpenDocument spreadsheet (.ods). Open it in its program, choose Save as, "
            "then Text CSV, and upload that file.")},
    {"PK\3\4", 4, "xl/",
     MQ_SAY("This is an Excel workbook (.xlsx). Open it in Excel, choose Save as, then CSV UTF-8, "
            "and upload that file.")},
    {"PK\3\4", 4, NULL,
     MQ_SAY("This is a compressed file (.zip). Unpack it, and upload the CSV that is in it.")},
    {"\xd0\xcf\x11\xe0", 4, NULL,
     MQ_SAY("This is an old Excel workbook (.xls). Open it in a spreadsheet program, choose Save "
            "as, then CSV UTF-8, and upload that file.")},
    {"%PDF-", 5, NULL,
     MQ_SAY("This is a PDF, from which rows cannot be read. Have the program that made it export "
            "CSV, and upload that file.")},
    {"\x1f\x8b", 2, NULL,
     MQ_SAY("This is a compressed file (.gz). Unpack it, and upload the CSV that is in it.")}};

static const char *const pages[] = {"<!doctype", "<html", "<table", "<meta", "<?xml", "<workbook"};

static int has_within(const char *bytes, apr_size_t length, const char *within)
{
    apr_size_t size = strlen(within);
    for (apr_size_t i = 0; i + size <= length; i++) {
        if (bytes[i] == *within && memcmp(bytes + i, within, size) == 0) {
            return 1;
        }
    }
    return 0;
}

/* What is to be done with what is no CSV; NULL: it may be one. */
static const char *other_find(const char *bytes, apr_size_t length)
{
    apr_size_t start = 0;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (length >= others[i].length && memcmp(bytes, others[i].magic, others[i].length) == 0 &&
            (!others[i].within || has_within(bytes, length, others[i].within))) {
            return others[i].fault;
        }
    }
    while (start < length && strchr(" \t\r\n\xef\xbb\xbf", bytes[start])) {
        start++;
    }
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        apr_size_t size = strlen(pages[i]);
        if (length - start >= size && apr_cstr_casecmpn(bytes + start, pages[i], size) == 0) {
            return MQ_SAY("This is a web page, whatever its name says. Open it in a spreadsheet "
                          "program, choose Save as, then CSV UTF-8, and upload that file.");
        }
    }
    return NULL;
}

/* UTF-16 by its mark; without one, by a first character that is ASCII. */
static int is_utf16(mq_import_file_t *file_out, const char *bytes, apr_size_t length)
{
    int is_marked =
        length >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0);
    if (!is_marked && (length < 2 || !bytes[0] == !bytes[1])) {
        return 0;
    }
    file_out->encoding = MQ_IMPORT_UTF16;
    file_out->big_endian = is_marked ? bytes[0] == '\xfe' : !bytes[0];
    file_out->mark = is_marked ? 2 : 0;
    return 1;
}

/* How many of the last bytes are a character that has only begun. */
static apr_size_t bytes_begun(const char *bytes, apr_size_t length)
{
    for (apr_size_t n = 1; n < LONGEST_SEQUENCE && n <= length; n++) {
        unsigned char byte = (unsigned char)bytes[length - n];
        if (byte >= 0xc0) {
            return n;
        }
        if (byte < 0x80) {
            return 0;
        }
    }
    return 0;
}

static apr_status_t start_seek(apr_file_t *file)
{
    apr_off_t start = 0;
    return apr_file_seek(file, APR_SET, &start);
}

apr_status_t mq_import_file_look(mq_import_file_t *file_out, apr_file_t *file,
                                 const char **fault_out, apr_pool_t *pool)
{
    static const char mark[] = "\xef\xbb\xbf";
    char *bytes = apr_palloc(pool, PIECE);
    apr_size_t kept = 0;
    *file_out = (mq_import_file_t){.file = file, .encoding = MQ_IMPORT_UTF8};
    MQ_TRY(start_seek(file));
    for (int first = 1;; first = 0) {
        apr_size_t length = PIECE - kept;
        apr_status_t rv = apr_file_read(file, bytes + kept, &length);
        if (rv == APR_EOF) {
            file_out->encoding = kept ? MQ_IMPORT_WINDOWS : MQ_IMPORT_UTF8;
            return APR_SUCCESS;
        }
        MQ_TRY(rv);
        length += kept;
        if (first) {
            *fault_out = other_find(bytes, length);
            if (*fault_out) {
                return MQ_EINVALID;
            }
            if (is_utf16(file_out, bytes, length)) {
                return APR_SUCCESS;
            }
            file_out->mark = length >= sizeof mark - 1 && memcmp(bytes, mark, sizeof mark - 1) == 0
                                 ? sizeof mark - 1
                                 : 0;
        }
        kept = bytes_begun(bytes, length);
        if (!mq_text_is_utf8(bytes, length - kept)) {
            file_out->encoding = MQ_IMPORT_WINDOWS;
            return APR_SUCCESS;
        }
        memmove(bytes, bytes + length - kept, kept);
    }
}

/* Decode what has been read. @param used_out what the next piece need not have before it */
static apr_status_t piece_decode(const char **text_out, apr_size_t *used_out,
                                 const mq_import_file_t *file, const char *bytes, apr_size_t length,
                                 apr_pool_t *pool)
{
    *used_out = length;
    switch (file->encoding) {
    case MQ_IMPORT_UTF16:
        return mq_text_decode_utf16(text_out, used_out, bytes, length, file->big_endian, pool);
    case MQ_IMPORT_WINDOWS:
        return mq_text_decode_windows(text_out, bytes, length, pool);
    case MQ_IMPORT_UTF8:
    default:
        *text_out = apr_pstrmemdup(pool, bytes, length);
        return memchr(bytes, 0, length) ? MQ_EINVALID : APR_SUCCESS;
    }
}

apr_status_t mq_import_file_feed(mq_csv_reader_t *reader, const mq_import_file_t *file,
                                 const char **fault_out, apr_pool_t *pool)
{
    apr_off_t start = (apr_off_t)file->mark;
    char *bytes = apr_palloc(pool, PIECE + KEPT_MOST);
    apr_size_t kept = 0;
    apr_pool_t *piece_pool;
    MQ_TRY(apr_pool_create(&piece_pool, pool));
    MQ_TRY(apr_file_seek(file->file, APR_SET, &start));
    for (;;) {
        apr_size_t length = PIECE;
        const char *text;
        apr_size_t used;
        apr_status_t rv = apr_file_read(file->file, bytes + kept, &length);
        if (rv == APR_EOF) {
            *fault_out = kept ? not_csv : NULL;
            return kept ? MQ_EINVALID : mq_csv_end(reader);
        }
        MQ_TRY(rv);
        length += kept;
        apr_pool_clear(piece_pool);
        if (piece_decode(&text, &used, file, bytes, length, piece_pool) != APR_SUCCESS) {
            *fault_out = not_csv;
            return MQ_EINVALID;
        }
        MQ_TRY(mq_csv_push(reader, text, strlen(text)));
        kept = length - used;
        memmove(bytes, bytes + used, kept);
    }
}
