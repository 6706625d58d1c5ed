/* patient_versions.c -- keeping a version and writing the next. */
#include "domain/patients/patient_versions.h"

#include <apr_strings.h>
#include <string.h>

#include "base/name_order.h"
#include "base/text.h"
#include "domain/core.h"

const char *mq_patient_name_key(const mq_scope_t *sc, const mq_patient_fields_t *fields)
{
    return mq_text_search_key(mq_scope_core(sc)->folding, fields->name, mq_scope_pool(sc));
}

/* Who writes "García López, Ana" has said which is the family name; "Adams, Jr" has not. */
static const char *family_part(const mq_patient_fields_t *fields, apr_pool_t *pool)
{
    const char *comma = fields->name ? strchr(fields->name, ',') : NULL;
    if (fields->family_name || !comma || strchr(comma + 1, ',') ||
        mq_name_is_suffix(comma + 1 + strspn(comma + 1, " "))) {
        return fields->family_name;
    }
    return apr_pstrmemdup(pool, fields->name, (apr_size_t)(comma - fields->name));
}

const char *mq_patient_family_key(const mq_scope_t *sc, const mq_patient_fields_t *fields)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    const char *name = mq_patient_name_key(sc, fields);
    const char *part = family_part(fields, pool);
    const char *first = apr_pstrmemdup(pool, name, strcspn(name, " "));
    const char *family = part ? mq_text_search_key(mq_scope_core(sc)->folding, part, pool) : NULL;
    return mq_name_order(name, !part && mq_text_is_unspaced(first) ? first : family, pool);
}

mq_listing_t mq_patient_listing(mq_patient_status_t status, const mq_patient_fields_t *fields)
{
    if (status == MQ_PATIENT_HIDDEN) {
        return MQ_LISTING_REPLACED;
    }
    return status == MQ_PATIENT_ACTIVE && fields->is_deceased ? MQ_LISTING_DECEASED
                                                              : (mq_listing_t)status;
}

static apr_status_t version_keep(const mq_scope_t *sc, const mq_patient_t *old)
{
    return mq_db_change(
        NULL, sc, MQ_SQL_PATIENT_VERSION_INSERT,
        MQ_PARAMS(mq_bind_id(&old->id), mq_bind_int(old->version), mq_bind_int(old->updated_at),
                  mq_bind_id(&old->updated_by), mq_bind_int(old->change),
                  mq_bind_text(old->change_reason), mq_bind_int(old->status),
                  mq_bind_text(mq_patient_fields_encode(&old->fields, mq_scope_pool(sc)))));
}

apr_status_t mq_patient_next_write(const mq_scope_t *sc, const mq_patient_t *old,
                                   const mq_patient_next_t *next)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    const mq_patient_fields_t *fields = next->fields;
    int changed = 0;
    int count;
    const mq_param_t *params = mq_patient_fields_bind(
        &count,
        MQ_PARAMS(mq_bind_int(next->status), mq_bind_int(mq_patient_listing(next->status, fields)),
                  mq_bind_text(mq_patient_name_key(sc, fields)),
                  mq_bind_text(mq_patient_family_key(sc, fields)),
                  mq_bind_text(mq_national_id_key(fields->national_id, pool)),
                  mq_bind_int(mq_scope_now(sc)), mq_bind_id(mq_scope_user(sc)),
                  mq_bind_int(next->kind), mq_bind_text(next->reason)),
        fields, MQ_PARAMS(mq_bind_id(&old->id), mq_bind_int(old->version)), pool);
    MQ_TRY(version_keep(sc, old));
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_PATIENT_UPDATE, params, count));
    return changed == 1 ? APR_SUCCESS : MQ_ECONFLICT;
}

apr_status_t mq_patient_return_write(const mq_scope_t *sc, const mq_patient_t *old,
                                     mq_patient_status_t status, const char *reason)
{
    int changed = 0;
    MQ_TRY(version_keep(sc, old));
    MQ_TRY(mq_db_change(
        &changed, sc, MQ_SQL_PATIENT_RETURN,
        MQ_PARAMS(mq_bind_int(status), mq_bind_int(mq_patient_listing(status, &old->fields)),
                  mq_bind_int(mq_scope_now(sc)), mq_bind_id(mq_scope_user(sc)),
                  mq_bind_int(MQ_CHANGE_SEPARATED), mq_bind_text(reason), mq_bind_id(&old->id),
                  mq_bind_int(old->version), mq_bind_int(MQ_LISTING_REPLACED))));
    return changed == 1 ? APR_SUCCESS : MQ_ECONFLICT;
}
