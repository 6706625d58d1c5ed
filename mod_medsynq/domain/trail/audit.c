/* audit.c -- appending to the chain. The arithmetic is in
 * audit_chain.c; medsynqctl audit verify checks it. */
#include "domain/trail/audit.h"

#include <string.h>

#include "domain/trail/audit_chain.h"
#include "domain/trail/audit_groups.h"

enum { DIGEST_LENGTH = MQ_AUDIT_DIGEST_LENGTH, SESSION_LENGTH = MQ_SESSION_NAME_LENGTH };

static mq_audit_value_t value_number(apr_int64_t number)
{
    return (mq_audit_value_t){.is_number = 1, .number = number};
}

static mq_audit_value_t value_bytes(const void *data, apr_size_t length)
{
    return (mq_audit_value_t){.bytes = {data, data ? length : 0}};
}

static mq_audit_value_t value_text(const char *text)
{
    return value_bytes(text, text ? strlen(text) : 0);
}

static mq_audit_value_t value_id(const mq_id_t *id)
{
    return value_bytes(id ? id->bytes : NULL, sizeof id->bytes);
}

apr_status_t mq_audit_head_read(mq_audit_head_t *head_out, const mq_scope_t *sc)
{
    mq_rows_t rows;
    apr_size_t length;
    const void *digest;
    apr_status_t rv = mq_db_select_one(&rows, sc, MQ_SQL_AUDIT_HEAD, MQ_NO_PARAMS);
    memset(head_out, 0, sizeof *head_out);
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    head_out->number = mq_rows_int(&rows, MQ_AUDIT_HEAD_NUMBER);
    head_out->stored = head_out->number;
    digest = mq_rows_bytes(&rows, MQ_AUDIT_HEAD_DIGEST, &length);
    if (length == DIGEST_LENGTH) {
        memcpy(head_out->digest, digest, DIGEST_LENGTH);
    }
    mq_rows_close(&rows);
    return length == DIGEST_LENGTH ? APR_SUCCESS : MQ_ECORRUPT;
}

apr_status_t mq_audit_head_move(const mq_scope_t *sc, const mq_audit_head_t *head)
{
    int changed = 0;
    if (head->stored == 0) {
        MQ_TRY(mq_db_change(
            &changed, sc, MQ_SQL_AUDIT_HEAD_START,
            MQ_PARAMS(mq_bind_int(head->number), mq_bind_bytes(head->digest, DIGEST_LENGTH))));
    } else {
        MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_AUDIT_HEAD_MOVE,
                            MQ_PARAMS(mq_bind_int(head->number),
                                      mq_bind_bytes(head->digest, DIGEST_LENGTH),
                                      mq_bind_int(head->stored))));
    }
    return changed == 1 ? APR_SUCCESS : MQ_ECONFLICT;
}

apr_status_t mq_audit_append(const mq_scope_t *sc, mq_audit_head_t *head,
                             const mq_audit_event_t *event)
{
    unsigned char digest[DIGEST_LENGTH];
    const mq_id_t *actor = mq_id_is_nil(mq_scope_user(sc)) ? NULL : mq_scope_user(sc);
    const char *name = mq_scope_user_name(sc); /* without an account: the administrator's command */
    const char *actor_name = actor || *name ? name : NULL;
    const mq_session_name_t *named = mq_scope_session(sc);
    const unsigned char *session = named ? named->bytes : NULL;
    const char *address = mq_scope_address(sc);
    apr_int64_t number = head->number + 1;

    if (event->shown) {
        MQ_TRY(mq_audit_group_keep(sc, event));
    }
    {
        const mq_audit_value_t values[MQ_AUDIT_COLUMNS] = {value_number(mq_scope_chain(sc)),
                                                           value_number(number),
                                                           value_number(mq_scope_now(sc)),
                                                           value_id(actor),
                                                           value_text(actor_name),
                                                           value_bytes(session, SESSION_LENGTH),
                                                           value_text(address),
                                                           value_number(event->action),
                                                           value_number(event->outcome),
                                                           value_id(event->object),
                                                           value_id(event->patient),
                                                           value_text(event->reason)};
        MQ_TRY(mq_audit_digest(digest, head->digest, values));
    }
    MQ_TRY(mq_db_change(
        NULL, sc, MQ_SQL_AUDIT_EVENT_INSERT,
        MQ_PARAMS(mq_bind_int(number), mq_bind_int(mq_scope_now(sc)), mq_bind_id(actor),
                  mq_bind_text(actor_name), mq_bind_bytes(session, SESSION_LENGTH),
                  mq_bind_text(address), mq_bind_int(event->action), mq_bind_int(event->outcome),
                  mq_bind_id(event->object), mq_bind_id(event->patient),
                  mq_bind_text(event->reason), mq_bind_bytes(digest, sizeof digest))));
    head->number = number;
    memcpy(head->digest, digest, DIGEST_LENGTH);
    return APR_SUCCESS;
}

apr_status_t mq_audit_write(const mq_scope_t *sc, const mq_audit_event_t *event)
{
    mq_audit_head_t head;
    MQ_TRY(mq_audit_head_read(&head, sc));
    MQ_TRY(mq_audit_append(sc, &head, event));
    return mq_audit_head_move(sc, &head);
}
