/* audit_groups.c -- naming a set of patients by what is in it, and keeping it once. */
#include "domain/trail/audit_groups.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

enum { VERSION_BYTE = 6, VERSION = 8, VARIANT_BYTE = 8 };

static int id_compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(mq_id_t));
}

static int members_sort(mq_id_t *members, int count)
{
    int kept = 0;
    qsort(members, (size_t)count, sizeof *members, id_compare);
    for (int i = 0; i < count; i++) {
        if (kept == 0 || !mq_id_equal(&members[kept - 1], &members[i])) {
            members[kept++] = members[i];
        }
    }
    return kept;
}

apr_status_t mq_audit_group_id(mq_id_t *id_out, const mq_id_t *members, int count)
{
    unsigned char digest[MQ_SHA256_LENGTH];
    MQ_TRY(mq_sha256(digest, members, sizeof *members * (apr_size_t)count));
    memcpy(id_out->bytes, digest, sizeof id_out->bytes);
    id_out->bytes[VERSION_BYTE] =
        (unsigned char)((id_out->bytes[VERSION_BYTE] & 0x0f) | VERSION << 4);
    id_out->bytes[VARIANT_BYTE] = (unsigned char)((id_out->bytes[VARIANT_BYTE] & 0x3f) | 0x80);
    return APR_SUCCESS;
}

int mq_audit_is_group(const mq_id_t *id)
{
    return id->bytes[VERSION_BYTE] >> 4 == VERSION;
}

apr_status_t mq_audit_show(mq_audit_event_t *event, const mq_id_t *patients, int count,
                           apr_pool_t *pool)
{
    mq_id_t *members;
    mq_id_t *group;
    if (count == 0) {
        return APR_SUCCESS;
    }
    members = apr_pmemdup(pool, patients, sizeof *members * (apr_size_t)count);
    count = members_sort(members, count);
    event->patient = members;
    if (count > 1) {
        group = apr_palloc(pool, sizeof *group);
        MQ_TRY(mq_audit_group_id(group, members, count));
        event->patient = group;
        event->shown = members;
        event->shown_count = count;
    }
    return APR_SUCCESS;
}

int mq_audit_group_is_same(const mq_scope_t *a_sc, const mq_audit_event_t *a,
                           const mq_scope_t *b_sc, const mq_audit_event_t *b)
{
    return a->shown && b->shown && mq_id_equal(a->patient, b->patient) &&
           mq_scope_chain(a_sc) == mq_scope_chain(b_sc);
}

apr_status_t mq_audit_group_keep(const mq_scope_t *sc, const mq_audit_event_t *event)
{
    int is_new = 0;
    MQ_TRY(
        mq_db_change(&is_new, sc, MQ_SQL_AUDIT_GROUP_INSERT,
                     MQ_PARAMS(mq_bind_id(event->patient),
                               mq_bind_bytes(event->shown, sizeof *event->shown *
                                                               (apr_size_t)event->shown_count))));
    for (int i = 0; is_new && i < event->shown_count; i++) {
        MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_AUDIT_GROUP_PATIENT_INSERT,
                            MQ_PARAMS(mq_bind_id(&event->shown[i]), mq_bind_id(event->patient))));
    }
    return APR_SUCCESS;
}
