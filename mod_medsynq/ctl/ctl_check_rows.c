/* ctl_check_rows.c -- the secret's fingerprint, organisations that are to be erased, emergency
 * accesses that nobody has reviewed. */
#include "ctl/ctl_check_rows.h"

#include <apr_strings.h>
#include <errno.h>
#include <unistd.h>

#include "domain/access/fingerprints.h"
#include "domain/organisations/erasure.h"

enum { DAY_SECONDS = 86400 };

/* The file is root's, or the server's: whoever else checks is told what was not looked at. */
static int may_not_look(const ctl_t *ctl)
{
    return ctl->keys_fault && access(ctl->secret, R_OK) != 0 && errno == EACCES;
}

const char *rows_secret_fault(const ctl_t *ctl, mq_owner_t *owner)
{
    const char *fault = NULL;
    mq_rows_t rows;
    if (may_not_look(ctl)) {
        return apr_psprintf(ctl->pool, "ok: not compared, you may not read %s", ctl->secret);
    }
    if (!mq_owner_has(owner, "fingerprints") ||
        mq_owner_select(&rows, owner, MQ_SQL_OWNER_FINGERPRINTS, MQ_NO_PARAMS) != APR_SUCCESS ||
        mq_fingerprints_judge(&fault, &rows, &ctl->keys) != APR_SUCCESS || !fault) {
        return NULL; /* a database that no server has used yet has no secret of its own */
    }
    return ctl->keys_fault
               ? apr_pstrcat(ctl->pool, ctl->keys_fault,
                             "; this database was used with one, which second factors and links "
                             "need: put it back from its backup",
                             NULL)
               : fault;
}

/* One that has begun leaves half an organisation, and rows that are gone may still be read in the
 * file; a copy has both as they were. */
static const char *cut_off_fault(const ctl_t *ctl, mq_owner_t *owner)
{
    const char *name;
    mq_rows_t rows;
    if (mq_owner_select(&rows, owner, MQ_SQL_OWNER_ERASING, MQ_NO_PARAMS) != APR_SUCCESS ||
        mq_rows_next(&rows) != APR_SUCCESS) {
        return NULL;
    }
    name = mq_rows_text(&rows, MQ_OWNER_ERASING_NAME, ctl->pool);
    mq_rows_close(&rows);
    return name ? apr_psprintf(ctl->pool,
                               "that of \"%s\" has begun: medsynqctl org erase completes it",
                               ctl_harmless(ctl, name))
                : "one was cut off: medsynqctl org erase, with the same name, completes it";
}

static apr_int64_t due_count(mq_owner_t *owner)
{
    const apr_time_t before =
        apr_time_now() - apr_time_from_sec((apr_time_t)MQ_ERASURE_HOLD_DAYS * DAY_SECONDS);
    apr_int64_t count = 0;
    mq_rows_t rows;
    if (mq_owner_select(&rows, owner, MQ_SQL_OWNER_CLOSED, MQ_PARAMS(mq_bind_int(before))) ==
            APR_SUCCESS &&
        mq_rows_next(&rows) == APR_SUCCESS) {
        count = mq_rows_int(&rows, MQ_OWNER_CLOSED_TENANTS_FOUND);
        mq_rows_close(&rows);
    }
    return count;
}

const char *rows_erasure_fault(const ctl_t *ctl, mq_owner_t *owner)
{
    const char *fault = cut_off_fault(ctl, owner);
    apr_int64_t due;
    if (fault) {
        return fault;
    }
    due = due_count(owner);
    return due ? apr_psprintf(ctl->pool,
                              "ok: %" APR_INT64_T_FMT " organisations were closed %d days ago or "
                              "earlier, and wait for medsynqctl org erase",
                              due, MQ_ERASURE_HOLD_DAYS)
               : NULL;
}

const char *rows_emergencies_fault(const ctl_t *ctl, mq_owner_t *owner)
{
    apr_int64_t count = 0;
    mq_rows_t rows;
    if (!mq_owner_has(owner, "emergencies") ||
        mq_owner_select(&rows, owner, MQ_SQL_OWNER_EMERGENCIES, MQ_NO_PARAMS) != APR_SUCCESS) {
        return NULL; /* of a former version */
    }
    if (mq_rows_next(&rows) == APR_SUCCESS) {
        count = mq_rows_int(&rows, MQ_OWNER_EMERGENCIES_EMERGENCIES_FOUND);
        mq_rows_close(&rows);
    }
    return count ? apr_psprintf(ctl->pool,
                                "ok: %" APR_INT64_T_FMT " wait for a review by an administrator "
                                "of the organisation whose record was opened",
                                count)
                 : NULL;
}
