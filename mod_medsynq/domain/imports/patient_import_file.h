/* patient_import_file.h -- an uploaded file as text: what it is, how it is encoded, and reading it
 * piece by piece. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_FILE_H
#define MQ_DOMAIN_PATIENT_IMPORT_FILE_H

#include <apr_file_io.h>

#include "base/csv.h"
#include "domain/imports/patient_import_rows.h"

/** A file that has been looked at. */
typedef struct mq_import_file_t {
    apr_file_t *file;
    mq_import_encoding_t encoding;
    apr_size_t mark; /* bytes of its byte order mark */
    int big_endian;  /* of MQ_IMPORT_UTF16 */
} mq_import_file_t;

/**
 * Look at a whole file.
 * @param fault_out what is to be done with what is no CSV (a workbook, a PDF …), a constant
 *                  sentence; valid only with MQ_EINVALID
 * @return MQ_EINVALID it is no text
 */
apr_status_t mq_import_file_look(mq_import_file_t *file_out, apr_file_t *file,
                                 const char **fault_out, apr_pool_t *pool);

/**
 * Push the file's text into a reader, to its end.
 * @param fault_out as above
 * @return MQ_EINVALID it cannot be decoded; or what the reader returns
 */
apr_status_t mq_import_file_feed(mq_csv_reader_t *reader, const mq_import_file_t *file,
                                 const char **fault_out, apr_pool_t *pool);

#endif
