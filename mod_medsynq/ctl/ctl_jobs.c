/* ctl_jobs.c -- medsynqctl jobs: the work that goes on without a person, and what holds it up. */
#include "ctl/ctl_jobs.h"

#include <apr_strings.h>

#include "base/date.h"
#include "base/folder_lock.h"
#include "domain/jobs/job_worker.h"
#include "domain/organisations/tenants.h"

enum {
    STILL_SECONDS = 600, /* due for so long, and nobody has begun */
    FAILURES_MOST = 3    /* in a row, then it is no passing matter */
};

typedef enum { JOB_WAITS, JOB_DUE, JOB_RUNS, JOB_PUT_OFF, JOB_HELD, JOB_UNKNOWN } state_t;

static const struct {
    const char *name;
    const char *why; /* for people and scripts; NULL: there is nothing in its way */
} states[] = {[JOB_WAITS] = {"waits", NULL},
              [JOB_DUE] = {"due", NULL},
              [JOB_RUNS] = {"runs", NULL},
              [JOB_PUT_OFF] = {"put off", "it failed: MSQ0034 in the error log says why"},
              [JOB_HELD] = {"held", "its organisation is suspended or closed"},
              [JOB_UNKNOWN] = {"unknown", "a newer MedSynQ ordered it, and will do it"}};

typedef struct job_t {
    const char *organisation;
    const char *kind;
    apr_time_t due;
    apr_int64_t failures;
    state_t state;
} job_t;

static job_t job_read(const mq_rows_t *rows, apr_time_t now, apr_pool_t *pool)
{
    apr_size_t worker = 0;
    job_t job = {.organisation = mq_rows_text(rows, MQ_OWNER_JOBS_NAME, pool),
                 .kind = mq_job_kind_name(mq_rows_int(rows, MQ_OWNER_JOBS_KIND)),
                 .due = mq_rows_int(rows, MQ_OWNER_JOBS_DUE_AT),
                 .failures = mq_rows_int(rows, MQ_OWNER_JOBS_FAILURES)};
    (void)mq_rows_bytes(rows, MQ_OWNER_JOBS_WORKER, &worker);
    job.state = !job.kind                                                     ? JOB_UNKNOWN
                : mq_rows_int(rows, MQ_OWNER_JOBS_STATUS) != MQ_TENANT_ACTIVE ? JOB_HELD
                : job.due > now && worker                                     ? JOB_RUNS
                : job.failures                                                ? JOB_PUT_OFF
                : job.due > now                                               ? JOB_WAITS
                                                                              : JOB_DUE;
    return job;
}

static void job_json(mq_json_t *json, const job_t *job, apr_pool_t *pool)
{
    mq_json_object(json, NULL);
    mq_json_text(json, "organisation", job->organisation);
    mq_json_text(json, "job", job->kind ? job->kind : "unknown");
    mq_json_text(json, "state", states[job->state].name);
    mq_json_text(json, "due", mq_time_iso(job->due, pool));
    mq_json_int(json, "failures", job->failures);
    if (states[job->state].why) {
        mq_json_text(json, "why", states[job->state].why);
    }
    mq_json_object_end(json);
}

static void job_print(const ctl_t *ctl, const job_t *job)
{
    const char *why = states[job->state].why;
    ctl_print("%-8s %s %-18s %3ld failures  %s%s%s\n", states[job->state].name,
              mq_time_iso(job->due, ctl->pool), job->kind ? job->kind : "unknown",
              (long)job->failures, ctl_harmless(ctl, job->organisation), why ? ": " : "",
              why ? why : "");
}

static apr_status_t jobs_print(const ctl_t *ctl, mq_rows_t *rows)
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 4096)};
    const apr_time_t now = apr_time_now();
    apr_status_t rv;
    mq_json_array(&json, NULL);
    while ((rv = mq_rows_next(rows)) == APR_SUCCESS) {
        job_t job = job_read(rows, now, ctl->pool);
        if (ctl->json) {
            job_json(&json, &job, ctl->pool);
        } else {
            job_print(ctl, &job);
        }
    }
    mq_json_array_end(&json);
    mq_buffer_text(json.out, "\n");
    if (ctl->json && rv == APR_EOF) {
        ctl_write(json.out);
    }
    return rv;
}

int ctl_jobs(ctl_t *ctl)
{
    mq_owner_t *owner;
    mq_rows_t rows;
    apr_status_t rv;
    int code;
    if (ctl->argc > 0) {
        return ctl_usage(ctl, "jobs takes no arguments");
    }
    code = ctl_owner_open(&owner, ctl->database, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    rv = mq_owner_select(&rows, owner, MQ_SQL_OWNER_JOBS, MQ_NO_PARAMS);
    if (rv == APR_SUCCESS) {
        rv = jobs_print(ctl, &rows);
    }
    return ctl_owner_close(owner, ctl->database, rv, ctl);
}

/* Held for an instant, which a server that starts waits for (base/folder_lock.h). */
static int server_runs(const ctl_t *ctl)
{
    apr_pool_t *pool;
    int runs = 0;
    if (apr_pool_create(&pool, ctl->pool) == APR_SUCCESS) {
        runs = mq_folder_lock(ctl->database, 1, pool) == MQ_EFULL;
        apr_pool_destroy(pool);
    }
    return runs;
}

const char *jobs_fault(const ctl_t *ctl, mq_owner_t *owner)
{
    const apr_time_t now = apr_time_now();
    apr_time_t since = now;
    int standing = 0;
    int failing = 0;
    mq_rows_t rows;
    if (!mq_owner_has(owner, "jobs") ||
        mq_owner_select(&rows, owner, MQ_SQL_OWNER_JOBS, MQ_NO_PARAMS) != APR_SUCCESS) {
        return NULL;
    }
    while (mq_rows_next(&rows) == APR_SUCCESS) {
        job_t job = job_read(&rows, now, ctl->pool);
        failing += job.state == JOB_PUT_OFF && job.failures >= FAILURES_MOST;
        if ((job.state == JOB_DUE || job.state == JOB_PUT_OFF) &&
            job.due < now - apr_time_from_sec(STILL_SECONDS)) {
            since = job.due < since ? job.due : since;
            standing++;
        }
    }
    if (failing) {
        return apr_psprintf(ctl->pool,
                            "%d failed %d times in a row or more: MSQ0034 in the error log says "
                            "why, medsynqctl jobs which",
                            failing, FAILURES_MOST);
    }
    return standing == 0 ? NULL
           : ctl->is_on_server
               ? apr_psprintf(ctl->pool,
                              "%d have been due since %s: see whether an httpd of this database "
                              "runs, its error log, and medsynqctl jobs",
                              standing, mq_time_iso(since, ctl->pool))
           : server_runs(ctl)
               ? apr_psprintf(ctl->pool,
                              "%d have been due since %s, and the server does not do them: see "
                              "its error log, and medsynqctl jobs",
                              standing, mq_time_iso(since, ctl->pool))
               : apr_psprintf(ctl->pool, "ok: %d wait for the server, which does not run",
                              standing);
}
