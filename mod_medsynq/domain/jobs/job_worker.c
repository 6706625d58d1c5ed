/* job_worker.c -- claims, turns, and giving back. All that passes from one transaction to the next
 * is which job it is; what it says is read anew each time. */
#define MQ_MAY_MINT_SCOPE
#include "domain/jobs/job_worker.h"

#include "base/deadline.h"
#include "domain/access/scope_minting.h"
#include "domain/change.h"
#include "domain/imports/patient_import_work.h"
#include "domain/jobs/jobs.h"
#include "domain/patients/discarded_notes.h"
#include "domain/patients/duplicate_queue.h"

enum {
    CLAIM_SECONDS = 3, /* without a turn, then the worker is dead */
    SLICE_MILLISECONDS = 1000,
    TENANTS_MOST = 1000,
    TENANTS_AT_ONCE = 100, /* whose jobs are looked through */
    TERM_LEAST = 600,      /* seconds; of claims and of tries after a failure, and more */
    LOOK_MINUTES = 10,     /* between two looks for what a clock has put off */
    FAILURES_COUNTED = 8   /* 256 s: no longer than that between two tries */
};

static const mq_job_kind_t *const kinds[] = {&mq_import_job, &mq_duplicates_job, &mq_discarded_job};

/* The job that the worker has. */
typedef struct claim_t {
    mq_job_worker_t *worker;
    apr_int64_t tenant;
    const mq_job_kind_t *kind;
    mq_id_t object;
    mq_id_t user; /* nil: nobody has ordered it */
    apr_int64_t failures;
    apr_time_t due; /* when it is to go on; 0: it has ended */
    int is_mine;    /* after a turn: the next one is due at once */
    int is_lost;    /* taken over, or ordered anew */
} claim_t;

static const mq_job_kind_t *kind_find(apr_int64_t number)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i]->number == number) {
            return kinds[i];
        }
    }
    return NULL;
}

const char *mq_job_kind_name(apr_int64_t number)
{
    const mq_job_kind_t *kind = kind_find(number);
    return kind ? kind->name : NULL;
}

static int kind_last(void)
{
    int last = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        last = (int)kinds[i]->number > last ? (int)kinds[i]->number : last;
    }
    return last;
}

static mq_visit_t visit_make(const mq_job_worker_t *worker, apr_pool_t *pool)
{
    return (mq_visit_t){.core = worker->core,
                        .pool = pool,
                        .address = "",
                        .agent = "",
                        .now = worker->now ? worker->now : apr_time_now()};
}

static apr_time_t claim_until(const mq_scope_t *sc)
{
    return mq_scope_now(sc) + apr_time_from_sec(CLAIM_SECONDS);
}

/* Of those that this program knows: a newer one may have left others, which wait for it and hold
 * nobody up. Read first: another process has most of what is found, and a turn to write is not for
 * looking. */
static apr_status_t job_find(claim_t *claim, const mq_scope_t *sc)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_JOB_NEXT,
                            MQ_PARAMS(mq_bind_int(mq_scope_now(sc)), mq_bind_int(kind_last()))));
    claim->kind = kind_find(mq_rows_int(&rows, MQ_JOB_NEXT_KIND));
    claim->object = mq_rows_id(&rows, MQ_JOB_NEXT_OBJECT);
    mq_rows_close(&rows);
    mq_db_give_back(sc);
    return claim->kind ? APR_SUCCESS : MQ_ENOTFOUND;
}

/* The works of the bracket: all that is written of a job is written in one of them. */

/* Who has ordered it is read with the claim: somebody else may have, while the turn to write was
 * waited for, and nobody's work is done in another's name. */
static apr_status_t claim_read(claim_t *claim, const mq_scope_t *sc)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_JOB_CLAIMED,
                            MQ_PARAMS(mq_bind_int(claim->kind->number), mq_bind_id(&claim->object),
                                      mq_bind_id(&claim->worker->id))));
    claim->user = mq_rows_id(&rows, MQ_JOB_CLAIMED_USER_ID);
    claim->failures = mq_rows_int(&rows, MQ_JOB_CLAIMED_FAILURES);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static apr_status_t job_claim(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    claim_t *claim = data;
    int changed = 0;
    event_io->outcome = MQ_OUTCOME_NONE;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_JOB_CLAIM,
                        MQ_PARAMS(mq_bind_id(&claim->worker->id), mq_bind_int(claim_until(sc)),
                                  mq_bind_int(claim->kind->number), mq_bind_id(&claim->object),
                                  mq_bind_int(mq_scope_now(sc)))));
    if (!changed) {
        return MQ_ECONFLICT; /* somebody was faster */
    }
    MQ_TRY(claim_read(claim, sc));
    return mq_jobs_due(sc);
}

/* Let others have it when it is due again. */
static apr_status_t job_release(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const claim_t *claim = data;
    event_io->outcome = MQ_OUTCOME_NONE;
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_JOB_RELEASE,
                        MQ_PARAMS(mq_bind_int(claim->due), mq_bind_int(claim->failures),
                                  mq_bind_int(claim->kind->number), mq_bind_id(&claim->object),
                                  mq_bind_id(&claim->worker->id))));
    return mq_jobs_due(sc);
}

static apr_status_t job_end(const claim_t *claim, const mq_scope_t *sc)
{
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_JOB_END,
                        MQ_PARAMS(mq_bind_int(claim->kind->number), mq_bind_id(&claim->object),
                                  mq_bind_id(&claim->worker->id))));
    return mq_jobs_due(sc);
}

static apr_status_t job_keep(claim_t *claim, const mq_scope_t *sc)
{
    int changed = 0;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_JOB_KEEP,
                        MQ_PARAMS(mq_bind_int(claim_until(sc)), mq_bind_int(claim->kind->number),
                                  mq_bind_id(&claim->object), mq_bind_id(&claim->worker->id))));
    claim->is_lost = changed == 0;
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

/* One turn; the claim ends with it where the next one is not yet due. */
static apr_status_t job_turn(mq_audit_event_t *event_io, const mq_scope_t *nobody, void *data)
{
    claim_t *claim = data;
    mq_job_turn_t turn = {.object = claim->object, .pool = mq_scope_pool(nobody)};
    const mq_scope_t *sc = nobody;
    event_io->outcome = MQ_OUTCOME_NONE;
    MQ_TRY(job_keep(claim, nobody));
    if (!mq_id_is_nil(&claim->user)) {
        MQ_TRY(mq_scope_job(&sc, nobody, &claim->user));
    }
    turn.may = mq_policy_allows(claim->kind->action, mq_scope_roles(sc));
    MQ_TRY(claim->kind->turn(sc, &turn));
    claim->due = turn.due_out;
    claim->failures = 0;
    claim->is_mine = claim->due != 0 && claim->due <= mq_scope_now(sc);
    if (claim->due == 0) {
        return job_end(claim, nobody);
    }
    return claim->is_mine ? APR_SUCCESS : job_release(event_io, nobody, claim);
}

/* --- what a worker does --- */

static apr_status_t turn_run(claim_t *claim, apr_pool_t *pool)
{
    const mq_visit_t visit = visit_make(claim->worker, pool);
    const mq_scope_t *sc;
    MQ_TRY(mq_scope_anonymous_of(&sc, &visit, claim->tenant));
    return mq_change_by_job(sc, job_turn, claim);
}

/* If that fails, the claim runs out by itself. */
static void give_back(claim_t *claim, int seconds, apr_pool_t *pool)
{
    const mq_visit_t visit = visit_make(claim->worker, pool);
    const mq_scope_t *sc;
    claim->due = visit.now + apr_time_from_sec(seconds);
    if (mq_scope_anonymous_of(&sc, &visit, claim->tenant) == APR_SUCCESS) {
        (void)mq_change_by_job(sc, job_release, claim);
    }
}

/* What broke may be mended by the next try, or by a person: others go on meanwhile. */
static void failure_note(claim_t *claim, apr_status_t rv, apr_pool_t *pool)
{
    const mq_job_worker_t *worker = claim->worker;
    const int seconds =
        1 << (claim->failures < FAILURES_COUNTED ? claim->failures : FAILURES_COUNTED);
    worker->tell(claim->kind->name, rv, mq_db_failed(pool), seconds, worker->tell_context);
    claim->failures++;
    give_back(claim, seconds, pool);
}

/* Turns until the job has had its time, rests, or is somebody else's. */
static void slice_do(claim_t *claim, apr_pool_t *pool)
{
    const struct timespec until = mq_deadline_after(apr_time_from_msec(SLICE_MILLISECONDS));
    apr_int64_t failures = claim->failures;
    apr_status_t rv = APR_SUCCESS;
    claim->is_mine = 1;
    while (rv == APR_SUCCESS && claim->is_mine && !claim->worker->is_ending &&
           mq_deadline_left(&until) > 0) {
        apr_pool_clear(pool);
        failures = claim->failures;
        rv = turn_run(claim, pool);
    }
    if (claim->is_lost || rv == MQ_ENOTFOUND || rv == MQ_EDENIED) {
        return; /* another's; or of an organisation that is suspended */
    }
    if (rv != APR_SUCCESS) {
        claim->failures = failures; /* what the turn said of itself was undone with it */
        failure_note(claim, rv, pool);
    } else if (claim->is_mine) {
        give_back(claim, claim->kind->rest, pool);
    }
}

/* @return whether there was a job to do */
static int tenant_work(mq_job_worker_t *worker, apr_int64_t tenant, apr_pool_t *pool)
{
    const mq_visit_t visit = visit_make(worker, pool);
    claim_t claim = {.worker = worker, .tenant = tenant};
    const mq_scope_t *sc;
    if (mq_scope_anonymous_of(&sc, &visit, tenant) != APR_SUCCESS ||
        job_find(&claim, sc) != APR_SUCCESS ||
        mq_change_by_job(sc, job_claim, &claim) != APR_SUCCESS) {
        return 0;
    }
    slice_do(&claim, pool);
    return 1;
}

/* The organisations that have something to do; the one that waits longest first. */
static apr_array_header_t *tenants_find(const mq_job_worker_t *worker, apr_pool_t *pool)
{
    const mq_visit_t visit = visit_make(worker, pool);
    const mq_system_t *system = mq_system_mint(&visit);
    apr_array_header_t *tenants = apr_array_make(pool, 8, sizeof(apr_int64_t));
    mq_rows_t rows;
    if (mq_db_system_select(&rows, system, MQ_SQL_TENANTS_WITH_JOBS,
                            MQ_PARAMS(mq_bind_int(visit.now), mq_bind_int(TENANTS_MOST))) ==
        APR_SUCCESS) {
        while (mq_rows_next(&rows) == APR_SUCCESS) {
            APR_ARRAY_PUSH(tenants, apr_int64_t) =
                mq_rows_int(&rows, MQ_TENANTS_WITH_JOBS_TENANT_ID);
        }
    }
    mq_db_system_give_back(system);
    return tenants;
}

/* --- what a clock that was ahead has put off --- */

/* @return whether a job is due later than one of its kind ever is */
static int is_void(const mq_scope_t *sc, const mq_job_kind_t *kind, const mq_param_t *last)
{
    mq_rows_t rows;
    if (!kind->term ||
        mq_db_select_one(&rows, sc, MQ_SQL_JOB_LATER,
                         MQ_PARAMS(mq_bind_int(kind->number), *last)) != APR_SUCCESS) {
        return 0;
    }
    mq_rows_close(&rows);
    return 1;
}

static mq_param_t last_of(const mq_scope_t *sc, const mq_job_kind_t *kind)
{
    const int term = kind->term > TERM_LEAST ? kind->term : TERM_LEAST;
    return mq_bind_int(mq_scope_now(sc) + apr_time_from_sec((apr_int64_t)term));
}

/* Due at once: the turn finds out when it really is. */
static apr_status_t jobs_advance(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    (void)data;
    event_io->outcome = MQ_OUTCOME_NONE;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i]->term) {
            MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_JOB_ADVANCE,
                                MQ_PARAMS(mq_bind_int(mq_scope_now(sc)),
                                          mq_bind_int(kinds[i]->number), last_of(sc, kinds[i]))));
        }
    }
    return mq_jobs_due(sc);
}

static void tenant_look(const mq_job_worker_t *worker, apr_int64_t tenant, apr_pool_t *pool)
{
    const mq_visit_t visit = visit_make(worker, pool);
    const mq_scope_t *sc;
    int some = 0;
    if (mq_scope_anonymous_of(&sc, &visit, tenant) != APR_SUCCESS) {
        return;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !some; i++) {
        const mq_param_t last = last_of(sc, kinds[i]);
        some = is_void(sc, kinds[i], &last);
    }
    mq_db_give_back(sc);
    if (some) { /* if that fails, the next look finds it again */
        (void)mq_change_by_job(sc, jobs_advance, NULL);
    }
}

/* Where a look through the organisations has come to: they are in the order of what is due first.
 */
typedef struct looked_t {
    apr_int64_t due_at;
    apr_int64_t last; /* of those due at that time */
} looked_t;

/* @param io the last organisation; moved on @return how many there were */
static int tenants_look(const mq_job_worker_t *worker, looked_t *io, apr_pool_t *pool)
{
    const mq_visit_t visit = visit_make(worker, pool);
    const mq_system_t *system = mq_system_mint(&visit);
    apr_int64_t tenants[TENANTS_AT_ONCE];
    apr_pool_t *turn_pool;
    int count = 0;
    mq_rows_t rows;
    if (mq_db_system_select(&rows, system, MQ_SQL_TENANTS_WITH_JOBS_AFTER,
                            MQ_PARAMS(mq_bind_int(io->due_at), mq_bind_int(io->last),
                                      mq_bind_int(TENANTS_AT_ONCE))) == APR_SUCCESS) {
        while (count < TENANTS_AT_ONCE && mq_rows_next(&rows) == APR_SUCCESS) {
            tenants[count++] = mq_rows_int(&rows, MQ_TENANTS_WITH_JOBS_AFTER_TENANT_ID);
            *io = (looked_t){mq_rows_int(&rows, MQ_TENANTS_WITH_JOBS_AFTER_JOBS_DUE_AT),
                             tenants[count - 1]};
        }
        mq_rows_close(&rows);
    }
    mq_db_system_give_back(system);
    for (int i = 0; i < count && !worker->is_ending; i++) {
        if (apr_pool_create(&turn_pool, pool) == APR_SUCCESS) {
            tenant_look(worker, tenants[i], turn_pool);
            apr_pool_destroy(turn_pool);
        }
    }
    return count;
}

/* Now and then, a page of organisations at a time. */
static void voids_look(mq_job_worker_t *worker, apr_pool_t *pool)
{
    looked_t looked = {0, 0};
    if (mq_deadline_left(&worker->look_again) > 0) {
        return;
    }
    worker->look_again = mq_deadline_after(apr_time_from_sec(60 * (apr_int64_t)LOOK_MINUTES));
    while (!worker->is_ending && tenants_look(worker, &looked, pool) == TENANTS_AT_ONCE) {
        apr_pool_clear(pool);
    }
}

void mq_job_worker_work(mq_job_worker_t *worker, apr_pool_t *pool)
{
    apr_pool_t *turn_pool;
    int some = 1;
    voids_look(worker, pool);
    while (some && !worker->is_ending) {
        apr_array_header_t *tenants;
        apr_pool_clear(pool);
        if (apr_pool_create(&turn_pool, pool) != APR_SUCCESS) {
            return;
        }
        some = 0;
        tenants = tenants_find(worker, pool);
        for (int i = 0; i < tenants->nelts && !worker->is_ending; i++) {
            apr_pool_clear(turn_pool);
            some |= tenant_work(worker, APR_ARRAY_IDX(tenants, i, apr_int64_t), turn_pool);
        }
    }
}
