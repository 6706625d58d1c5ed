/* ctl_secret.c -- medsynqctl secret: the server's secret file. */
#define MQ_MAY_MINT_SCOPE
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "domain/access/fingerprints.h"
#include "domain/access/secrets.h"
#include "domain/access/scope_minting.h"
#include "domain/access/two_factor.h"

/* In a process of its own: it becomes the database's owner for good, who may not be the one that
 * can replace the secret file. */
static int apart(int (*work)(const ctl_t *ctl, const void *data), const ctl_t *ctl,
                 const void *data)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit(work(ctl, data));
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status)
               ? WEXITSTATUS(status)
               : ctl_fail(ctl, "the process that was to work on the database did not end well");
}

static int fingerprint_expect(const ctl_t *ctl, const void *data)
{
    ctl_core_t *core;
    mq_visit_t visit;
    apr_status_t rv;
    int code = ctl_core_open(&core, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    visit = ctl_visit(core, ctl->pool);
    rv = mq_fingerprint_expect(&visit, ctl->operator, data);
    return rv == APR_SUCCESS ? CTL_DONE : ctl_failed(ctl, rv, ctl->database);
}

static const char *secret_coming(void *context, const unsigned char fingerprint[MQ_KEY_LENGTH])
{
    return apart(fingerprint_expect, context, fingerprint) == CTL_DONE
               ? NULL
               : "the secret file is as it was: the database could not be told of a new one";
}

int ctl_secret_rotate(ctl_t *ctl)
{
    const char *fault;
    int count = 0;
    int code;
    if (ctl->argc > 0) {
        return ctl_usage(ctl, "secret rotate takes no arguments");
    }
    if (access(ctl->database, F_OK) != 0) { /* whose trail could not tell of it */
        return ctl_fail(ctl, "the database %s cannot be found: %s", ctl->database, strerror(errno));
    }
    if (ctl->dry) {
        return ctl_would(ctl, "put a new secret in front of those of %s", ctl->secret);
    }
    fault = mq_secret_rotate(&count, ctl->secret, secret_coming, ctl, ctl->pool);
    if (fault) {
        return ctl_fail(ctl, "%s", fault);
    }
    code = ctl_record(ctl, MQ_ACTION_COMMAND, "secret rotate, %d secrets now", count);
    return code == CTL_DONE
               ? ctl_done(ctl, "%s has %d secrets now; reload the server to seal with the new one",
                          ctl->secret, count)
               : code;
}

/* @param lost_io of all organisations, which are then taken off; NULL: they stay, and are told */
static int organisation_reseal(int *lost_io, const ctl_t *ctl, const ctl_core_t *core,
                               const char *name, const char *key)
{
    mq_visit_t visit;
    const mq_scope_t *sc;
    apr_pool_t *pool;
    apr_status_t rv = apr_pool_create(&pool, ctl->pool);
    int lost = 0;
    if (rv == APR_SUCCESS) {
        visit = ctl_visit(core, pool);
        rv = mq_scope_operator(&sc, &visit, key, ctl->operator);
    }
    if (rv == APR_SUCCESS) {
        rv = mq_two_factors_reseal(&lost, lost_io != NULL, sc);
    }
    if (rv != APR_SUCCESS) {
        return ctl_failed(ctl, rv, name);
    }
    if (lost_io) {
        *lost_io += lost;
    } else if (lost) {
        (void)ctl_fail(ctl, "note: %d second factors of \"%s\" open with no secret of the file",
                       lost, name);
    }
    apr_pool_destroy(pool);
    return CTL_DONE;
}

static int organisations_reseal(int *lost_io, const ctl_t *ctl, const ctl_core_t *core)
{
    mq_owner_t *owner;
    mq_rows_t names;
    apr_status_t rv;
    int closed;
    int result = ctl_owner_open(&owner, ctl->database, ctl);
    if (result != CTL_DONE) {
        return result;
    }
    rv = mq_owner_select(&names, owner, MQ_SQL_OWNER_TENANT_NAMES, MQ_NO_PARAMS);
    while (rv == APR_SUCCESS && result == CTL_DONE && (rv = mq_rows_next(&names)) == APR_SUCCESS) {
        result = organisation_reseal(
            lost_io, ctl, core, mq_rows_text(&names, MQ_OWNER_TENANT_NAMES_NAME, ctl->pool),
            mq_rows_text(&names, MQ_OWNER_TENANT_NAMES_NAME_KEY, ctl->pool));
    }
    closed = ctl_owner_close(owner, ctl->database, rv, ctl);
    return result == CTL_DONE ? closed : result;
}

static int retire_apart(const ctl_t *ctl, const void *data)
{
    ctl_core_t *core;
    mq_visit_t visit;
    apr_status_t rv;
    int code = ctl_core_open(&core, ctl);
    (void)data;
    if (code != CTL_DONE || (code = organisations_reseal(NULL, ctl, core)) != CTL_DONE) {
        return code;
    }
    visit = ctl_visit(core, ctl->pool);
    rv = mq_fingerprints_release(&visit, ctl->operator);
    return rv == APR_SUCCESS ? CTL_DONE : ctl_failed(ctl, rv, ctl->database);
}

int ctl_secret_retire(ctl_t *ctl)
{
    const char *fault;
    int count = 0;
    int code;
    if (ctl->argc > 0) {
        return ctl_usage(ctl, "secret retire takes no arguments");
    }
    if (access(ctl->database, F_OK) != 0) {
        return ctl_fail(ctl, "the database %s cannot be found: %s", ctl->database, strerror(errno));
    }
    if (ctl->dry && ctl->keys_fault) {
        return ctl_fail(ctl, "%s", ctl->keys_fault);
    }
    if (ctl->dry) {
        return ctl_would(ctl,
                         "seal all second factors with the newest secret and drop %d older "
                         "ones from %s",
                         ctl->keys.old_keys_count, ctl->secret);
    }
    code = apart(retire_apart, ctl, NULL);
    if (code != CTL_DONE) {
        return code;
    }
    fault = mq_secret_retire(&count, ctl->secret, ctl->pool);
    if (fault) {
        return ctl_fail(ctl, "%s", fault);
    }
    code = ctl_record(ctl, MQ_ACTION_COMMAND, "secret retire, %d secrets dropped", count);
    return code == CTL_DONE ? ctl_done(ctl, "%d old secrets are gone from %s; reload the server",
                                       count, ctl->secret)
                            : code;
}

int ctl_secret_adopt(ctl_t *ctl)
{
    ctl_core_t *core;
    mq_visit_t visit;
    apr_status_t rv;
    int lost = 0;
    int code;
    if (ctl->argc > 0) {
        return ctl_usage(ctl, "secret adopt takes no arguments");
    }
    if (ctl->dry) {
        return ctl_would(ctl,
                         "take %s for the database's secret, and take off the second factors that "
                         "open with none of its secrets",
                         ctl->secret);
    }
    ctl->takes_any_secret = 1;
    code = ctl_core_open(&core, ctl);
    if (code != CTL_DONE || (code = organisations_reseal(&lost, ctl, core)) != CTL_DONE) {
        return code;
    }
    visit = ctl_visit(core, ctl->pool);
    rv = mq_fingerprints_adopt(&visit, ctl->operator);
    if (rv != APR_SUCCESS) {
        return ctl_failed(ctl, rv, ctl->database);
    }
    ctl_core_close(core);
    code = ctl_record(ctl, MQ_ACTION_COMMAND, "secret adopt, %d second factors dropped", lost);
    return code == CTL_DONE
               ? ctl_done(ctl,
                          "%s is the database's secret now. Dropped with the former one: %d second "
                          "factors, whose people log in with the password alone until they set one "
                          "up again. Links that were sent, pages that are open, and forms that "
                          "waited for a log-in work no more; signed heads can be verified with the "
                          "former secret alone. Reload the server",
                          ctl->secret, lost)
               : code;
}
