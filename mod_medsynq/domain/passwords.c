/* passwords.c -- base/crypto.h's bcrypt behind the gate. No connection is on loan meanwhile. */
#include "domain/passwords.h"

#include <string.h>

#include "base/crypto.h"

enum { WAIT_SECONDS = 2 };

apr_status_t mq_passwords_hash(const char **stored_out, const mq_core_t *core, const char *password,
                               apr_pool_t *pool)
{
    apr_status_t rv;
    MQ_TRY(mq_gate_enter(core->hashing, apr_time_from_sec(WAIT_SECONDS)));
    rv = mq_password_hash(stored_out, password, strlen(password), core->password_cost, pool);
    mq_gate_leave(core->hashing);
    return rv;
}

apr_status_t mq_passwords_verify(const mq_core_t *core, const char *password, const char *stored)
{
    apr_status_t rv;
    MQ_TRY(mq_gate_enter(core->hashing, apr_time_from_sec(WAIT_SECONDS)));
    rv = mq_password_verify(password, strlen(password), stored);
    mq_gate_leave(core->hashing);
    return rv;
}
