/* logo.c -- judging, reading and changing the picture; SQL is in store/statements/tenants.sql. */
#include "domain/organisations/logo.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/change.h"

static apr_size_t big_endian(const unsigned char *bytes)
{
    return (apr_size_t)bytes[0] << 24 | (apr_size_t)bytes[1] << 16 | (apr_size_t)bytes[2] << 8 |
           bytes[3];
}

/* Its first block has to be the one that says how wide and high it is. */
static int is_png(const unsigned char *bytes, apr_size_t length)
{
    static const char begins[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    enum { WIDTH = sizeof begins - 1, HEIGHT = WIDTH + 4, HEAD = HEIGHT + 4 };
    return length > HEAD && memcmp(bytes, begins, WIDTH) == 0 &&
           big_endian(bytes + WIDTH) - 1 < MQ_LOGO_SIDE_MOST &&
           big_endian(bytes + HEIGHT) - 1 < MQ_LOGO_SIDE_MOST;
}

const char *mq_logo_type(const void *bytes, apr_size_t length)
{
    static const char jpeg[] = "\xff\xd8\xff";
    if (is_png(bytes, length)) {
        return "image/png";
    }
    return length > sizeof jpeg && memcmp(bytes, jpeg, sizeof jpeg - 1) == 0 ? "image/jpeg" : NULL;
}

apr_status_t mq_logo_read(mq_logo_t *logo_out, const mq_scope_t *sc)
{
    const void *bytes;
    mq_rows_t rows;
    *logo_out = (mq_logo_t){0};
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_TENANT_LOGO, MQ_NO_PARAMS));
    bytes = mq_rows_bytes(&rows, MQ_TENANT_LOGO_LETTER_LOGO, &logo_out->length);
    if (bytes) {
        logo_out->bytes = apr_pmemdup(mq_scope_pool(sc), bytes, logo_out->length);
        logo_out->type = mq_logo_type(bytes, logo_out->length);
    }
    mq_rows_close(&rows);
    return logo_out->type ? APR_SUCCESS : MQ_ENOTFOUND;
}

static apr_status_t logo_save(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const mq_logo_t *logo = data;
    int changed;
    event_io->reason = logo->bytes
                           ? apr_psprintf(mq_scope_pool(sc), "%s, %" APR_SIZE_T_FMT " bytes",
                                          logo->type, logo->length)
                           : "removed";
    if (logo->bytes) {
        return mq_db_change(NULL, sc, MQ_SQL_TENANT_LOGO_SET,
                            MQ_PARAMS(mq_bind_bytes(logo->bytes, logo->length)));
    }
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_TENANT_LOGO_REMOVE, MQ_NO_PARAMS));
    if (!changed) {
        event_io->outcome = MQ_OUTCOME_NONE;
    }
    return APR_SUCCESS;
}

apr_status_t mq_logo_set(const mq_scope_t *sc, const void *bytes, apr_size_t length)
{
    mq_logo_t logo = {bytes, length, mq_logo_type(bytes, length)};
    if (!logo.type || length > MQ_LOGO_BYTES_MOST) {
        return MQ_EINVALID;
    }
    return mq_change(sc, MQ_ACTION_LOGO_CHANGE, logo_save, &logo);
}

apr_status_t mq_logo_remove(const mq_scope_t *sc)
{
    mq_logo_t none = {0};
    return mq_change(sc, MQ_ACTION_LOGO_CHANGE, logo_save, &none);
}
