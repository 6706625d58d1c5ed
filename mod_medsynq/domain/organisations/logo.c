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

static apr_size_t big_endian_short(const unsigned char *bytes)
{
    return (apr_size_t)bytes[0] << 8 | bytes[1];
}

static int is_side(apr_size_t dots)
{
    return dots > 0 && dots <= MQ_LOGO_SIDE_MOST;
}

/* Whether its blocks follow each other to the one that ends it: else it is cut off. */
static int png_is_whole(const unsigned char *bytes, apr_size_t length)
{
    enum { SIGNATURE = 8, AROUND = 12 /* of a block: its length, its kind, its sum */ };
    for (apr_size_t at = SIGNATURE; at + AROUND <= length;) {
        const apr_size_t size = big_endian(bytes + at);
        if (size > length - at - AROUND) {
            return 0;
        }
        if (memcmp(bytes + at + 4, "IEND", 4) == 0) {
            return 1;
        }
        at += AROUND + size;
    }
    return 0;
}

/* Its first block has to be the one that says how wide and high it is. */
static int is_png(const unsigned char *bytes, apr_size_t length)
{
    static const char begins[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    enum { WIDTH = sizeof begins - 1, HEIGHT = WIDTH + 4, HEAD = HEIGHT + 4 };
    return length > HEAD && memcmp(bytes, begins, WIDTH) == 0 &&
           is_side(big_endian(bytes + WIDTH)) && is_side(big_endian(bytes + HEIGHT)) &&
           png_is_whole(bytes, length);
}

/* Where the segment of a JPEG is that says how wide and high it is; 0: none comes before its dots
 */
static apr_size_t jpeg_frame(const unsigned char *bytes, apr_size_t length)
{
    enum {
        MARK = 0xff,
        FRAME = 0xc0,
        TABLES = 0xc4,
        MORE = 0xc8,
        CODING = 0xcc,
        END = 0xd9,
        DOTS = 0xda,
        SEGMENT = 9 /* as far as its sides */
    };
    for (apr_size_t at = 2; at + SEGMENT <= length && bytes[at] == MARK;) {
        const int kind = bytes[at + 1];
        if (kind == MARK) { /* it may be repeated */
            at++;
            continue;
        }
        if (kind == DOTS || kind == END || big_endian_short(bytes + at + 2) < 2) {
            return 0;
        }
        if ((kind & 0xf0) == FRAME && kind != TABLES && kind != MORE && kind != CODING) {
            return at;
        }
        at += 2 + big_endian_short(bytes + at + 2);
    }
    return 0;
}

static int is_jpeg(const unsigned char *bytes, apr_size_t length)
{
    enum { HEIGHT = 5, WIDTH = 7 };
    const apr_size_t frame =
        length > 2 && memcmp(bytes, "\xff\xd8", 2) == 0 ? jpeg_frame(bytes, length) : 0;
    if (!frame || !is_side(big_endian_short(bytes + frame + HEIGHT)) ||
        !is_side(big_endian_short(bytes + frame + WIDTH))) {
        return 0;
    }
    for (apr_size_t at = frame; at + 1 < length;
         at++) { /* no dots hold its end: it is not cut off */
        if (bytes[at] == 0xff && bytes[at + 1] == 0xd9) {
            return 1;
        }
    }
    return 0;
}

const char *mq_logo_type(const void *bytes, apr_size_t length)
{
    return is_png(bytes, length) ? "image/png" : is_jpeg(bytes, length) ? "image/jpeg" : NULL;
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
