/* logo_pages.c -- the picture at the head of the organisation's paper: shown to its own people, set
 * and taken away in the settings. Rules are in domain/organisations/logo.c. */
#include <apr_strings.h>

#include "domain/organisations/logo.h"
#include "web/error_pages.h"
#include "web/flash.h"
#include "web/organisations/organisation_pages.h"
#include "web/route_tables.h"
#include "web/upload.h"

static const char settings_path[] = "/organisation#logo-title";

/* Only as what its first bytes are: a browser that guesses is told not to (dispatch.c). */
static apr_status_t logo_show(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_logo_t logo;
    MQ_TRY(mq_logo_read(&logo, sc));
    rq->status = 200;
    rq->content_type = logo.type;
    rq->body = mq_buffer_make(rq->pool, logo.length);
    mq_buffer_add(rq->body, logo.bytes, logo.length);
    return APR_SUCCESS;
}

/* One byte more than may be tells that it is too large. */
static apr_status_t file_read(const char **bytes_out, apr_size_t *length_out,
                              const mq_upload_t *upload, apr_pool_t *pool)
{
    char *bytes = apr_palloc(pool, MQ_LOGO_BYTES_MOST + 1);
    apr_off_t start = 0;
    apr_status_t rv;
    MQ_TRY(apr_file_seek(upload->file, APR_SET, &start));
    rv = apr_file_read_full(upload->file, bytes, MQ_LOGO_BYTES_MOST + 1, length_out);
    *bytes_out = bytes;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static const char *fault_of(const mq_request_t *rq, const char *bytes, apr_size_t length)
{
    if (length > MQ_LOGO_BYTES_MOST) {
        return mq_sayf(rq, "The picture is too large: at most %d KB.", MQ_LOGO_BYTES_MOST / 1024);
    }
    return mq_logo_type(bytes, length) ? NULL : mq_say(rq, "Choose a PNG or JPEG picture.");
}

static apr_status_t logo_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_upload_t upload;
    const char *bytes;
    const char *fault;
    apr_size_t length;
    int status;
    MQ_TRY(mq_upload_read(&upload, &status, rq, sc));
    if (status) {
        return mq_error_show(rq, status);
    }
    if (!upload.file) {
        return mq_organisation_show_logo_fault(rq, sc, mq_say(rq, "Choose a file."));
    }
    MQ_TRY(file_read(&bytes, &length, &upload, rq->pool));
    fault = fault_of(rq, bytes, length);
    if (fault) {
        return mq_organisation_show_logo_fault(rq, sc, fault);
    }
    MQ_TRY(mq_logo_set(sc, bytes, length));
    return mq_flash_redirect(rq, settings_path, mq_say(rq, "The logo is saved."));
}

static apr_status_t logo_remove_post(mq_request_t *rq, const mq_scope_t *sc)
{
    MQ_TRY(mq_logo_remove(sc));
    return mq_flash_redirect(rq, settings_path, mq_say(rq, "The logo is removed."));
}

const mq_route_t mq_logo_routes[] = {
    {MQ_GET, "/organisation/logo", MQ_ACTION_LOGO_VIEW, logo_show},
    {MQ_POST, "/organisation/logo", MQ_ACTION_LOGO_CHANGE, logo_post, .reads_upload = 1},
    {MQ_POST, "/organisation/logo/remove", MQ_ACTION_LOGO_CHANGE, logo_remove_post},
    MQ_ROUTES_END};
