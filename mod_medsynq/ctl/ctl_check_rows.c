/* ctl_check_rows.c -- the secret's fingerprint, and organisations that are to be erased. */
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

static int is_cut_off(mq_owner_t *owner)
{
    mq_rows_t rows;
    if (mq_owner_select(&rows, owner, MQ_SQL_OWNER_ERASING, MQ_NO_PARAMS) != APR_SUCCESS ||
        mq_rows_next(&rows) != APR_SUCCESS) {
        return 0;
    }
    mq_rows_close(&rows);
    return 1;
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
    apr_int64_t due;
    if (is_cut_off(owner)) {
        /* rows of an organisation that are gone may still be read in the file */
        return "one was cut off: medsynqctl org erase, with the same name, completes it";
    }
    due = due_count(owner);
    return due ? apr_psprintf(ctl->pool,
                              "ok: %" APR_INT64_T_FMT " organisations were closed %d days ago or "
                              "earlier, and wait for medsynqctl org erase",
                              due, MQ_ERASURE_HOLD_DAYS)
               : NULL;
}
