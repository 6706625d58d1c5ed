/* public_files.c -- the static files in memory, each as it is, in gzip and in Brotli where that is
 * smaller. Browsers keep what they asked for by its version for a year, and ask after the rest. */
#include "glue/public_files.h"

#include <apr_buckets.h>
#include <apr_file_io.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>

#include "base/compress.h"
#include "base/crypto.h"
#include "base/id.h"

enum { FILE_SIZE_MOST = 4 * 1024 * 1024, FOLDERS_DEEP = 4, ETAG_BYTES = 12, VERSION_BYTES = 6 };

typedef enum { PLAIN, GZIP, BROTLI, CODINGS } coding_t;

typedef struct bytes_t {
    const char *data; /* NULL: not in this coding */
    apr_size_t length;
} bytes_t;

typedef struct public_file_t {
    const char *type;
    const char *digest; /* in hexadecimal, part of the ETag */
    bytes_t as[CODINGS];
} public_file_t;

struct mq_public_files_t {
    apr_hash_t *by_path;                    /* below MQ_PUBLIC_PATH to public_file_t */
    unsigned char digest[MQ_SHA256_LENGTH]; /* of all of them, whatever their order */
    const char *version;
    apr_pool_t *pool;
};

typedef struct kind_t {
    const char *ending;
    const char *type;
    int is_text; /* packing is worth it */
} kind_t;

static const kind_t kinds[] = {{".css", "text/css; charset=utf-8", 1},
                               {".js", "text/javascript; charset=utf-8", 1},
                               {".svg", "image/svg+xml", 1},
                               {".txt", "text/plain; charset=utf-8", 1},
                               {".json", "application/json", 1},
                               {".webmanifest", "application/manifest+json", 1},
                               {".png", "image/png", 0},
                               {".jpg", "image/jpeg", 0},
                               {".webp", "image/webp", 0},
                               {".ico", "image/vnd.microsoft.icon", 0},
                               {".woff2", "font/woff2", 0}};

static const char *const coding_names[CODINGS] = {NULL, "gzip", "br"};

static const kind_t *kind_of(const char *name)
{
    const char *ending = strrchr(name, '.');
    for (size_t i = 0; ending && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(ending, kinds[i].ending) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

static void file_pack(bytes_t *packed_out, const bytes_t *plain,
                      apr_status_t (*how)(const char **, apr_size_t *, const char *, apr_size_t,
                                          apr_pool_t *),
                      apr_pool_t *pool, apr_pool_t *scratch)
{
    bytes_t packed;
    if (how(&packed.data, &packed.length, plain->data, plain->length, scratch) == APR_SUCCESS &&
        packed.length < plain->length) {
        packed_out->data = apr_pmemdup(pool, packed.data, packed.length);
        packed_out->length = packed.length;
    }
}

static apr_status_t bytes_read(bytes_t *bytes_out, const char *path, const apr_finfo_t *info,
                               apr_pool_t *pool, apr_pool_t *scratch)
{
    char *data = apr_palloc(pool, (apr_size_t)info->size + 1);
    apr_file_t *file;
    MQ_TRY(apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY, 0, scratch));
    MQ_TRY(apr_file_read_full(file, data, (apr_size_t)info->size, &bytes_out->length));
    bytes_out->data = data;
    return apr_file_close(file);
}

/* The path is part of the digest: two files that change places are a change. */
static apr_status_t file_add(mq_public_files_t *files, const char *path, const char *name,
                             const kind_t *kind, const apr_finfo_t *info, apr_pool_t *scratch)
{
    public_file_t *file = apr_pcalloc(files->pool, sizeof *file);
    unsigned char digest[MQ_SHA256_LENGTH];
    MQ_TRY(bytes_read(&file->as[PLAIN], path, info, files->pool, scratch));
    file->type = kind->type;
    if (kind->is_text) {
        file_pack(&file->as[GZIP], &file->as[PLAIN], mq_gzip, files->pool, scratch);
        file_pack(&file->as[BROTLI], &file->as[PLAIN], mq_brotli, files->pool, scratch);
    }
    MQ_TRY(mq_sha256(digest, file->as[PLAIN].data, file->as[PLAIN].length));
    file->digest = mq_hex_encode(digest, ETAG_BYTES, files->pool);
    name = apr_pstrdup(files->pool, name);
    apr_hash_set(files->by_path, name, APR_HASH_KEY_STRING, file);
    MQ_TRY(mq_sha256(digest, apr_pstrcat(scratch, name, " ", file->digest, NULL),
                     strlen(name) + 1 + strlen(file->digest)));
    for (size_t i = 0; i < sizeof digest; i++) {
        files->digest[i] ^= digest[i];
    }
    return APR_SUCCESS;
}

static const char *folder_add(mq_public_files_t *files, const char *folder, const char *below,
                              int depth, apr_pool_t *scratch);

static const char *entry_add(mq_public_files_t *files, const char *folder, const char *below,
                             const char *entry, int depth, apr_pool_t *scratch)
{
    const char *path = apr_pstrcat(scratch, folder, "/", entry, NULL);
    const char *name = apr_pstrcat(scratch, below, entry, NULL);
    const kind_t *kind = kind_of(entry);
    apr_finfo_t info;
    apr_status_t rv = apr_stat(&info, path, APR_FINFO_TYPE | APR_FINFO_SIZE, scratch);
    char text[128];
    if (rv == APR_SUCCESS && info.filetype == APR_DIR && depth < FOLDERS_DEEP) {
        return folder_add(files, path, apr_pstrcat(scratch, name, "/", NULL), depth + 1, scratch);
    }
    if (rv == APR_SUCCESS && (info.filetype != APR_REG || !kind)) {
        return NULL;
    }
    if (rv == APR_SUCCESS && info.size > FILE_SIZE_MOST) {
        return apr_psprintf(files->pool, "the static file %s is larger than %d bytes", path,
                            FILE_SIZE_MOST);
    }
    if (rv == APR_SUCCESS) {
        rv = file_add(files, path, name, kind, &info, scratch);
    }
    return rv == APR_SUCCESS ? NULL
                             : apr_psprintf(files->pool, "the static file %s cannot be read: %s",
                                            path, apr_strerror(rv, text, sizeof text));
}

static const char *folder_add(mq_public_files_t *files, const char *folder, const char *below,
                              int depth, apr_pool_t *scratch)
{
    const char *fault = NULL;
    apr_finfo_t entry;
    apr_dir_t *open;
    apr_status_t rv = apr_dir_open(&open, folder, scratch);
    char text[128];
    if (rv != APR_SUCCESS) {
        return apr_psprintf(
            files->pool,
            "the folder of static files %s cannot be read (%s): MedSynQPublic names "
            "it, by default htdocs/public beside the folder of the templates",
            folder, apr_strerror(rv, text, sizeof text));
    }
    while (!fault && apr_dir_read(&entry, APR_FINFO_NAME, open) == APR_SUCCESS) {
        if (entry.name[0] != '.') {
            fault = entry_add(files, folder, below, entry.name, depth, scratch);
        }
    }
    (void)apr_dir_close(open);
    return fault;
}

const char *mq_public_files_read(mq_public_files_t **files_out, const char *folder,
                                 apr_pool_t *pool, apr_pool_t *scratch)
{
    mq_public_files_t *files = apr_pcalloc(pool, sizeof *files);
    const char *fault;
    files->by_path = apr_hash_make(pool);
    files->pool = pool;
    fault = folder_add(files, folder, "", 0, scratch);
    if (!fault && !apr_hash_get(files->by_path, "styles.css", APR_HASH_KEY_STRING)) {
        fault = apr_psprintf(pool,
                             "the folder of static files %s has no styles.css: name the one "
                             "that belongs to the templates",
                             folder);
    }
    files->version = mq_hex_encode(files->digest, VERSION_BYTES, pool);
    *files_out = files;
    return fault;
}

const char *mq_public_files_version(const mq_public_files_t *files)
{
    return files->version;
}

/* "gzip, br;q=0.5": whether it names the coding, and not only to refuse it. */
static int is_accepted(const request_rec *r, const char *coding)
{
    const char *rest = apr_table_get(r->headers_in, "Accept-Encoding");
    apr_size_t length = strlen(coding);
    const char *item;
    while (rest && (item = ap_get_list_item(r->pool, &rest)) != NULL) {
        if (strncmp(item, coding, length) == 0 && (item[length] == 0 || item[length] == ';')) {
            const char *q = strstr(item + length, "q=");
            return !q || strspn(q + 2, "0.") != strlen(q + 2);
        }
    }
    return 0;
}

static coding_t coding_choose(const request_rec *r, const public_file_t *file)
{
    for (coding_t coding = BROTLI; coding > PLAIN; coding--) {
        if (file->as[coding].data && is_accepted(r, coding_names[coding])) {
            return coding;
        }
    }
    return PLAIN;
}

static void headers_set(request_rec *r, const mq_public_files_t *files, const public_file_t *file,
                        coding_t coding)
{
    const char *name = coding_names[coding];
    int is_this_version =
        r->args && strncmp(r->args, "v=", 2) == 0 && strcmp(r->args + 2, files->version) == 0;
    ap_set_content_type(r, file->type);
    apr_table_setn(r->headers_out, "Cache-Control",
                   is_this_version ? "public, max-age=31536000, immutable" : "no-cache");
    apr_table_setn(
        r->headers_out, "ETag",
        apr_psprintf(r->pool, "\"%s%s%s\"", file->digest, name ? "-" : "", name ? name : ""));
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    if (file->as[GZIP].data || file->as[BROTLI].data) {
        apr_table_mergen(r->headers_out, "Vary", "Accept-Encoding");
    }
    if (name) {
        apr_table_setn(r->headers_out, "Content-Encoding", name);
    }
}

static int bytes_send(request_rec *r, const bytes_t *bytes)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, alloc);
    ap_set_content_length(r, (apr_off_t)bytes->length);
    ap_set_accept_ranges(r);
    /* the configuration's pool outlives the requests that it serves */
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_immortal_create(bytes->data, bytes->length, alloc));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    (void)ap_pass_brigade(r->output_filters, brigade);
    return OK;
}

int mq_public_files_own(const char *path)
{
    apr_size_t length = sizeof MQ_PUBLIC_PATH - 2; /* without its last slash */
    return strncmp(path, MQ_PUBLIC_PATH, length) == 0 && (!path[length] || path[length] == '/');
}

int mq_public_files_serve(request_rec *r, const mq_public_files_t *files)
{
    const public_file_t *file =
        strncmp(r->uri, MQ_PUBLIC_PATH, sizeof MQ_PUBLIC_PATH - 1) == 0
            ? apr_hash_get(files->by_path, r->uri + sizeof MQ_PUBLIC_PATH - 1, APR_HASH_KEY_STRING)
            : NULL;
    coding_t coding;
    int answer;
    if (!file) {
        return DECLINED;
    }
    if (r->method_number != M_GET) {
        ap_allow_methods(r, REPLACE_ALLOW, "GET", "HEAD", "OPTIONS", NULL);
        if (r->method_number == M_OPTIONS) {
            apr_table_setn(r->headers_out, "Allow", "GET, HEAD, OPTIONS");
            r->status = HTTP_NO_CONTENT;
            return OK;
        }
        return HTTP_METHOD_NOT_ALLOWED;
    }
    coding = coding_choose(r, file);
    headers_set(r, files, file, coding);
    answer = ap_meets_conditions(r);
    return answer == OK ? bytes_send(r, &file->as[coding]) : answer;
}
