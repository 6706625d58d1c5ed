/* owner.c -- a loan that is nobody's, on a connection of its own, for the statements of owner.sql.
 */
#define MQ_MAY_MINT_SCOPE
#include "store/owner.h"

#include "store/loan.h"

struct mq_owner_t {
    mq_db_t *db;
    mq_store_t store;
    mq_loan_t *loan;
    apr_pool_t *pool;
    int is_ours; /* the connection: it is closed with the owner */
};

static apr_status_t owner_lend(mq_db_t **db_out, void *lender)
{
    *db_out = ((mq_owner_t *)lender)->db;
    return APR_SUCCESS;
}

static void owner_take_back(mq_db_t *db, int broken, void *lender)
{
    (void)db;
    (void)broken;
    (void)lender;
}

static apr_status_t owner_close(void *data)
{
    mq_owner_t *owner = data;
    mq_loan_give_back(owner->loan);
    if (owner->is_ours) {
        mq_db_close(owner->db);
    }
    return APR_SUCCESS;
}

mq_owner_t *mq_owner_make(mq_db_t *db, apr_pool_t *pool)
{
    mq_owner_t *owner = apr_pcalloc(pool, sizeof *owner);
    owner->db = db;
    owner->pool = pool;
    owner->store = (mq_store_t){.lend = owner_lend, .take_back = owner_take_back, .lender = owner};
    owner->loan = mq_loan_make(&owner->store, MQ_NO_TENANT, pool);
    apr_pool_cleanup_register(pool, owner, owner_close, apr_pool_cleanup_null);
    return owner;
}

apr_status_t mq_owner_open(mq_owner_t **owner_out, const char *driver, const char *parameters,
                           const char **error_out, apr_pool_t *pool)
{
    mq_db_t *db;
    MQ_TRY(mq_db_open(&db, driver, parameters, MQ_DB_OWNER, error_out, pool));
    *owner_out = mq_owner_make(db, pool);
    (*owner_out)->is_ours = 1;
    return APR_SUCCESS;
}

void mq_owner_close(mq_owner_t *owner)
{
    if (owner) {
        (void)apr_pool_cleanup_run(owner->pool, owner, owner_close);
    }
}

apr_status_t mq_owner_select(mq_rows_t *rows_out, mq_owner_t *owner,
                             const mq_owner_read_t *statement, const mq_param_t *params, int count)
{
    return mq_loan_select_as_owner(rows_out, owner->loan, statement, params, count);
}

const char *mq_owner_failed(const mq_owner_t *owner, apr_pool_t *pool)
{
    return owner->db->engine->said(owner->db, pool);
}

apr_status_t mq_owner_version(int *version_out, const mq_owner_t *owner, const char **error_out,
                              apr_pool_t *pool)
{
    return owner->db->engine->version(version_out, owner->db, error_out, pool);
}

int mq_owner_has(const mq_owner_t *owner, const char *table)
{
    return owner->db->engine->has_table(owner->db, table);
}

apr_status_t mq_owner_check(const char **fault_out, const mq_owner_t *owner, mq_check_t what,
                            apr_pool_t *pool)
{
    return owner->db->engine->check(fault_out, owner->db, what, pool);
}

apr_status_t mq_owner_size(apr_int64_t *bytes_out, const mq_owner_t *owner, apr_pool_t *pool)
{
    return owner->db->engine->size(bytes_out, owner->db, pool);
}

const char *mq_owner_roles(const char *driver)
{
    const mq_engine_t *engine = mq_engine_find(driver);
    return engine ? engine->roles : NULL;
}

const char *const *mq_owner_companions(const char *driver)
{
    static const char *const none[] = {NULL};
    const mq_engine_t *engine = mq_engine_find(driver);
    return engine ? engine->companions : none;
}

apr_status_t mq_owner_copy(const mq_owner_t *owner, const char *file, mq_progress_t progress,
                           void *context, const char **error_out, apr_pool_t *pool)
{
    mq_loan_give_back(owner->loan); /* a state of its own */
    return owner->db->engine->copy(owner->db, file, progress, context, error_out, pool);
}

apr_status_t mq_owner_settle(const char *driver, const char *parameters, const char **error_out,
                             apr_pool_t *pool)
{
    const mq_engine_t *engine;
    MQ_TRY(mq_engine_of(&engine, driver, error_out, pool));
    return engine->settle(parameters, error_out, pool);
}
