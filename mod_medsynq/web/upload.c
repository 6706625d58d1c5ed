/* upload.c -- an uploaded file on its way from the body to a file without a name. */
#include "web/upload.h"

#include <apr_strings.h>
#include <string.h>

#include "base/multipart.h"
#include "base/text.h"
#include "web/csrf.h"
#include "web/refusals.h"

enum { FIELD_MOST = 4096, FILE_NAME_MOST = 120, DIGEST_PIECE = 64 * 1024 };

typedef struct upload_t {
    mq_request_t *rq;
    apr_array_header_t *fields; /* mq_form_field_t, of what is no file */
    const char *name;
    mq_buffer_t *value; /* of a field; NULL: the file, or another one that nobody asked for */
    int in_file;
    mq_upload_t *out;
    mq_multipart_t *reader;
} upload_t;

/* The token stands before the file in our form: nothing is stored for who does not have it. */
static apr_status_t token_check(const upload_t *upload)
{
    upload->rq->form = upload->fields;
    if (mq_csrf_check(upload->rq) == APR_SUCCESS) {
        return APR_SUCCESS;
    }
    mq_refusal_record(upload->rq, "csrf");
    return MQ_EDENIED;
}

/* A file that has no name from the start: it goes when it is closed, whoever dies. */
static apr_status_t file_open(apr_file_t **file_out, const mq_request_t *rq)
{
    char *path = apr_pstrcat(rq->pool, rq->app->upload_folder, "upload-XXXXXX", NULL);
    MQ_TRY(apr_file_mktemp(file_out, path,
                           APR_FOPEN_CREATE | APR_FOPEN_READ | APR_FOPEN_WRITE | APR_FOPEN_EXCL,
                           rq->pool));
    return apr_file_remove(path, rq->pool);
}

/* Some browsers send the path as well. */
static const char *base_name(const char *path, apr_pool_t *pool)
{
    const char *slash = strrchr(path, '/');
    const char *backslash = strrchr(path, '\\');
    const char *name = slash > backslash ? slash : backslash;
    const char *clean;
    if (mq_text_clean_line(&clean, name ? name + 1 : path, pool) != APR_SUCCESS ||
        mq_text_count(clean) > FILE_NAME_MOST) {
        return "";
    }
    return clean;
}

static apr_status_t part_begin(void *context, const char *name, const char *file)
{
    upload_t *upload = context;
    apr_pool_t *pool = upload->rq->pool;
    upload->value = NULL;
    upload->in_file = 0;
    if (!file) {
        upload->name = apr_pstrdup(pool, name);
        upload->value = mq_buffer_make(pool, 128);
    } else if (strcmp(name, "file") == 0 && *file && !upload->out->file) {
        MQ_TRY(token_check(upload));
        upload->out->name = base_name(file, pool);
        upload->in_file = 1;
        return file_open(&upload->out->file, upload->rq);
    }
    return APR_SUCCESS;
}

static apr_status_t part_data(void *context, const char *bytes, apr_size_t length)
{
    upload_t *upload = context;
    if (upload->in_file) {
        return apr_file_write_full(upload->out->file, bytes, length, NULL);
    }
    if (upload->value) {
        if (length > FIELD_MOST - upload->value->length) {
            return MQ_EINVALID;
        }
        mq_buffer_add(upload->value, bytes, length);
    }
    return APR_SUCCESS;
}

static apr_status_t part_end(void *context)
{
    upload_t *upload = context;
    if (upload->value) {
        mq_form_field_t *field = apr_array_push(upload->fields);
        memset(field, 0, sizeof *field);
        field->name = upload->name;
        field->value = mq_buffer_string(upload->value);
    }
    return APR_SUCCESS;
}

static apr_status_t piece(void *context, const char *data, apr_size_t length)
{
    upload_t *upload = context;
    return mq_multipart_push(upload->reader, data, length);
}

static apr_status_t file_read(mq_upload_t *upload_out, mq_request_t *rq, const mq_scope_t *sc)
{
    static const mq_multipart_calls_t calls = {part_begin, part_data, part_end};
    upload_t upload = {.rq = rq,
                       .out = upload_out,
                       .fields = apr_array_make(rq->pool, 4, sizeof(mq_form_field_t))};
    *upload_out = (mq_upload_t){0};
    MQ_TRY(mq_multipart_make(&upload.reader, rq->hooks->header(rq, "Content-Type"), &calls, &upload,
                             rq->pool));
    mq_db_give_back(sc); /* bodies may take minutes */
    MQ_TRY(rq->hooks->body_pieces(rq, rq->app->upload_limit, piece, &upload));
    MQ_TRY(mq_multipart_end(upload.reader));
    return upload_out->file ? APR_SUCCESS : token_check(&upload);
}

apr_status_t mq_upload_read(mq_upload_t *upload_out, int *status_out, mq_request_t *rq,
                            const mq_scope_t *sc)
{
    apr_status_t rv;
    *status_out = 415;
    if (rq->form) { /* dispatch has read it: it was no multipart body */
        return APR_SUCCESS;
    }
    rv = file_read(upload_out, rq, sc);
    *status_out = rv == MQ_EFULL ? 413 : 0;
    return rv == MQ_EFULL ? APR_SUCCESS : rv;
}

/* Piece by piece, each with the digest of what was before it. */
apr_status_t mq_upload_digest(unsigned char digest_out[MQ_SHA256_LENGTH], const mq_upload_t *upload,
                              apr_pool_t *pool)
{
    char *piece = apr_palloc(pool, DIGEST_PIECE);
    apr_off_t start = 0;
    apr_status_t rv = APR_SUCCESS;
    MQ_TRY(mq_sha256(digest_out, upload->name, strlen(upload->name)));
    MQ_TRY(apr_file_seek(upload->file, APR_SET, &start));
    while (rv == APR_SUCCESS) {
        apr_size_t length;
        rv = apr_file_read_full(upload->file, piece, DIGEST_PIECE, &length);
        if (rv != APR_SUCCESS && rv != APR_EOF) {
            return rv;
        }
        MQ_TRY(mq_sha256_parts(
            digest_out, (const mq_bytes_t[]){{digest_out, MQ_SHA256_LENGTH}, {piece, length}}, 2));
    }
    return APR_SUCCESS;
}
