/* fingerprints.c -- rows of the installation, one for each secret there has been.
 *
 * A secret is expected before its file has it, used from the first start with it, and let go before
 * it leaves the file: whenever a command is killed in between, a server with the file before or
 * after starts. Refused are a newest secret that nobody has told of, and a file without one that is
 * used. */
#define MQ_MAY_MINT_SCOPE
#include "domain/access/fingerprints.h"

#include <string.h>

#include "domain/access/scope_minting.h"
#include "domain/change.h"

/* What the rows say of the core's secrets. */
typedef struct known_t {
    int count;
    int has_newest;
    int are_used; /* of the core's */
    int missing;  /* that are used, and that the core has not */
} known_t;

static int place_of(const mq_core_t *core, const void *fingerprint, apr_size_t length)
{
    for (int i = 0; length == MQ_KEY_LENGTH && i < core->fingerprints_count; i++) {
        if (memcmp(core->fingerprints[i], fingerprint, MQ_KEY_LENGTH) == 0) {
            return i;
        }
    }
    return -1;
}

static apr_status_t known_read(known_t *known_out, mq_rows_t *rows, const mq_core_t *core)
{
    apr_status_t rv;
    *known_out = (known_t){0};
    while ((rv = mq_rows_next(rows)) == APR_SUCCESS) {
        apr_size_t length;
        const void *bytes = mq_rows_bytes(rows, MQ_KNOWN_SECRET_FINGERPRINT, &length);
        int is_used = mq_rows_int(rows, MQ_KNOWN_SECRET_IS_USED) != 0;
        int place = place_of(core, bytes, length);
        known_out->count++;
        known_out->has_newest |= place == 0;
        known_out->are_used += place >= 0 && is_used;
        known_out->missing += place < 0 && is_used;
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t use_set(const mq_scope_t *sc, const unsigned char *fingerprint, int is_used)
{
    int changed = 0;
    MQ_TRY(
        mq_db_change(&changed, sc, MQ_SQL_FINGERPRINT_USE_SET,
                     MQ_PARAMS(mq_bind_int(is_used), mq_bind_bytes(fingerprint, MQ_KEY_LENGTH))));
    return changed ? APR_SUCCESS
                   : mq_db_change(NULL, sc, MQ_SQL_FINGERPRINT_INSERT,
                                  MQ_PARAMS(mq_bind_bytes(fingerprint, MQ_KEY_LENGTH),
                                            mq_bind_int(is_used)));
}

/* No events of their own: the start, or the command, is one. */

static apr_status_t own_use(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const mq_core_t *core = data;
    event_io->outcome = MQ_OUTCOME_NONE;
    for (int i = 0; i < core->fingerprints_count; i++) {
        MQ_TRY(use_set(sc, core->fingerprints[i], 1));
    }
    return APR_SUCCESS;
}

static apr_status_t one_expect(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    event_io->outcome = MQ_OUTCOME_NONE;
    return mq_db_change(NULL, sc, MQ_SQL_FINGERPRINT_INSERT,
                        MQ_PARAMS(mq_bind_bytes(data, MQ_KEY_LENGTH), mq_bind_int(0)));
}

/* @param data how many of the core's stay in use */
static apr_status_t others_release(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const int stay = *(const int *)data;
    apr_array_header_t *others =
        apr_array_make(mq_scope_pool(sc), 4, MQ_KEY_LENGTH * sizeof(unsigned char));
    mq_rows_t rows;
    apr_status_t rv;
    event_io->outcome = MQ_OUTCOME_NONE;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_FINGERPRINTS, MQ_NO_PARAMS));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        apr_size_t length;
        const void *bytes = mq_rows_bytes(&rows, MQ_KNOWN_SECRET_FINGERPRINT, &length);
        int place = place_of(mq_scope_core(sc), bytes, length);
        if (length == MQ_KEY_LENGTH && (place < 0 || place >= stay)) {
            memcpy(apr_array_push(others), bytes, MQ_KEY_LENGTH);
        }
    }
    for (int i = 0; rv == APR_EOF && i < others->nelts; i++) {
        MQ_TRY(use_set(sc, (unsigned char *)others->elts + (size_t)i * MQ_KEY_LENGTH, 0));
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t all_adopt(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    mq_core_t *core = data;
    MQ_TRY(others_release(event_io, sc, &core->fingerprints_count));
    return own_use(event_io, sc, core);
}

static apr_status_t installation_change(const mq_visit_t *visit, const char *agent,
                                        mq_change_work_t work, void *data)
{
    const mq_scope_t *sc;
    apr_status_t rv;
    MQ_TRY(mq_scope_operator(&sc, visit, NULL, agent));
    rv = mq_change(sc, MQ_ACTION_NONE, work, data);
    mq_db_give_back(sc);
    return rv;
}

static const char *known_fault(const known_t *known)
{
    return known->count && (known->missing || !known->has_newest)
               ? "the secret file is not the one that this database was used with: put that one "
                 "back and reload, or let 'medsynqctl secret adopt' take this one, which says what "
                 "is lost with the other"
               : NULL;
}

apr_status_t mq_fingerprints_judge(const char **fault_out, mq_rows_t *rows, const mq_core_t *core)
{
    known_t known;
    apr_status_t rv = known_read(&known, rows, core);
    *fault_out = rv == APR_SUCCESS ? known_fault(&known) : NULL;
    return rv;
}

apr_status_t mq_fingerprints_check(const char **fault_out, const mq_visit_t *visit,
                                   const char *agent, int is_used_now)
{
    const mq_scope_t *sc;
    known_t known = {.count = 0};
    mq_rows_t rows;
    apr_status_t rv;
    *fault_out = NULL;
    MQ_TRY(mq_scope_operator(&sc, visit, NULL, agent));
    rv = mq_db_select(&rows, sc, MQ_SQL_FINGERPRINTS, MQ_NO_PARAMS);
    if (rv == APR_SUCCESS) {
        rv = known_read(&known, &rows, visit->core);
    }
    mq_db_give_back(sc);
    MQ_TRY(rv);
    *fault_out = known_fault(&known);
    return *fault_out || !is_used_now || known.are_used == visit->core->fingerprints_count
               ? APR_SUCCESS
               : installation_change(visit, agent, own_use, (void *)(uintptr_t)visit->core);
}

apr_status_t mq_fingerprint_expect(const mq_visit_t *visit, const char *agent,
                                   const unsigned char fingerprint[MQ_KEY_LENGTH])
{
    return installation_change(visit, agent, one_expect, (void *)(uintptr_t)fingerprint);
}

apr_status_t mq_fingerprints_release(const mq_visit_t *visit, const char *agent)
{
    int stay = 1;
    return installation_change(visit, agent, others_release, &stay);
}

apr_status_t mq_fingerprints_adopt(const mq_visit_t *visit, const char *agent)
{
    return installation_change(visit, agent, all_adopt, (void *)(uintptr_t)visit->core);
}
