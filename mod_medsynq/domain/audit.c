/* audit.c -- appending to the chain. Verifying it is another program's job: medsynqctl audit. */
#include "domain/audit.h"

#include <string.h>

#include "base/crypto.h"

enum { DIGEST_LENGTH = 32, SESSION_LENGTH = 8, COLUMNS = 11 };

/* The canonical form of audit.h, gathered without copying: a length and the bytes, per column. */
typedef struct canon_t {
    mq_bytes_t parts[1 + 2 * COLUMNS];
    unsigned char lengths[COLUMNS][8];
    unsigned char numbers[COLUMNS][8];
    int columns;
} canon_t;

static void put_64(unsigned char out[8], apr_uint64_t value)
{
    for (int i = 7; i >= 0; i--) {
        out[i] = (unsigned char)(value & 0xff);
        value >>= 8;
    }
}

static void canon_bytes(canon_t *canon, const void *data, apr_size_t length)
{
    int n = canon->columns++;
    put_64(canon->lengths[n], data ? length : APR_UINT64_MAX);
    canon->parts[1 + 2 * n] = (mq_bytes_t){canon->lengths[n], sizeof canon->lengths[n]};
    canon->parts[2 + 2 * n] = (mq_bytes_t){data, data ? length : 0};
}

static void canon_text(canon_t *canon, const char *text)
{
    canon_bytes(canon, text, text ? strlen(text) : 0);
}

static void canon_id(canon_t *canon, const mq_id_t *id)
{
    canon_bytes(canon, id ? id->bytes : NULL, sizeof id->bytes);
}

static void canon_number(canon_t *canon, apr_int64_t value)
{
    unsigned char *bytes = canon->numbers[canon->columns];
    put_64(bytes, (apr_uint64_t)value);
    canon_bytes(canon, bytes, sizeof canon->numbers[0]);
}

/* The head of the chain: 0 and zeros before the first event. */
static apr_status_t head_read(apr_int64_t *number_out, unsigned char digest_out[DIGEST_LENGTH],
                              const mq_scope_t *sc)
{
    mq_rows_t rows;
    apr_size_t length;
    const void *digest;
    apr_status_t rv = mq_db_select_one(&rows, sc, MQ_SQL_AUDIT_HEAD, MQ_NO_PARAMS);
    *number_out = 0;
    memset(digest_out, 0, DIGEST_LENGTH);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    *number_out = mq_rows_int(&rows, 0);
    digest = mq_rows_bytes(&rows, 1, &length);
    if (length == DIGEST_LENGTH) {
        memcpy(digest_out, digest, DIGEST_LENGTH);
    }
    mq_rows_close(&rows);
    return length == DIGEST_LENGTH ? APR_SUCCESS : MQ_ECORRUPT;
}

static apr_status_t head_move(const mq_scope_t *sc, apr_int64_t number,
                              const unsigned char digest[DIGEST_LENGTH])
{
    int changed = 0;
    if (number == 1) {
        MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_AUDIT_HEAD_START,
                            MQ_PARAMS(mq_bind_int(number), mq_bind_bytes(digest, DIGEST_LENGTH))));
    } else {
        MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_AUDIT_HEAD_MOVE,
                            MQ_PARAMS(mq_bind_int(number), mq_bind_bytes(digest, DIGEST_LENGTH),
                                      mq_bind_int(number - 1))));
    }
    return changed == 1 ? APR_SUCCESS : MQ_ECONFLICT;
}

apr_status_t mq_audit_write(const mq_scope_t *sc, const mq_audit_event_t *event)
{
    unsigned char previous[DIGEST_LENGTH];
    unsigned char digest[DIGEST_LENGTH];
    const mq_id_t *actor = mq_id_is_nil(mq_scope_user(sc)) ? NULL : mq_scope_user(sc);
    const char *actor_name = actor ? mq_scope_user_name(sc) : NULL;
    const unsigned char *session = mq_scope_session(sc);
    const char *address = mq_scope_address(sc);
    apr_int64_t number;
    canon_t canon = {.parts = {{previous, sizeof previous}}};
    apr_status_t rv = head_read(&number, previous, sc);

    if (rv != APR_SUCCESS && rv != MQ_ENOTFOUND) {
        return rv;
    }
    number++;
    canon_number(&canon, number);
    canon_number(&canon, mq_scope_now(sc));
    canon_id(&canon, actor);
    canon_text(&canon, actor_name);
    canon_bytes(&canon, session, SESSION_LENGTH);
    canon_text(&canon, address);
    canon_number(&canon, event->action);
    canon_number(&canon, event->outcome);
    canon_id(&canon, event->object);
    canon_id(&canon, event->patient);
    canon_text(&canon, event->reason);
    MQ_TRY(mq_sha256_parts(digest, canon.parts, 1 + 2 * canon.columns));
    MQ_TRY(mq_db_change(
        NULL, sc, MQ_SQL_AUDIT_EVENT_INSERT,
        MQ_PARAMS(mq_bind_int(number), mq_bind_int(mq_scope_now(sc)), mq_bind_id(actor),
                  mq_bind_text(actor_name), mq_bind_bytes(session, SESSION_LENGTH),
                  mq_bind_text(address), mq_bind_int(event->action), mq_bind_int(event->outcome),
                  mq_bind_id(event->object), mq_bind_id(event->patient),
                  mq_bind_text(event->reason), mq_bind_bytes(previous, sizeof previous),
                  mq_bind_bytes(digest, sizeof digest))));
    return head_move(sc, number, digest);
}

apr_status_t mq_audit_record(const mq_scope_t *sc, const mq_audit_event_t *event)
{
    apr_status_t rv;
    MQ_TRY(mq_db_begin(sc));
    rv = mq_audit_write(sc, event);
    if (rv != APR_SUCCESS) {
        mq_db_rollback(sc);
        return rv;
    }
    return mq_db_commit(sc);
}
