/* seed_import.c -- one organisation after the other, in a group of its own (store/db.h). */
#include "domain/organisations/seed_import.h"

#include <apr_strings.h>
#include <string.h>

#include "base/crypto.h"
#include "base/date.h"
#include "base/text.h"
#include "domain/change.h"
#include "domain/organisations/tenants.h"
#include "domain/patients/patients.h"
#include "domain/people/accounts.h"
#include "domain/policy.h"
#include "domain/access/scope_minting.h"
#include "store/seed_reader.h"

/* The take-over of one organisation. */
typedef struct work_t {
    mq_seed_report_t *report;
    mq_visit_t visit;     /* with the pool of this organisation */
    const mq_scope_t *sc; /* of nobody yet, then of its first person */
    mq_id_t first_user;
    apr_int64_t users;
    apr_int64_t patients;
    apr_pool_t *row_pool;
    const mq_seed_watch_t *watch;
} work_t;

static void tell(const work_t *work)
{
    if (work->watch) {
        work->watch->seen(work->watch->context, work->report->users + work->report->patients +
                                                    work->users + work->patients);
    }
}

static void problem(const work_t *work, const char *table, const char *id, const char *sentence)
{
    apr_pool_t *pool = work->report->problems->pool;
    APR_ARRAY_PUSH(work->report->problems, const char *) =
        apr_psprintf(pool, "%s %s: %s", table, id ? id : "?", sentence);
}

/* A text as it is stored, or NULL when there is none that can be. */
static const char *value_read(const char *text, const mq_field_rule_t *rule, apr_pool_t *pool)
{
    const char *clean = NULL;
    if (!text || mq_field_clean(&clean, rule, text, pool) ||
        mq_field_judge(rule, clean, NULL, pool)) {
        return NULL;
    }
    return *clean ? clean : NULL;
}

/* Whoever came first, or is called an administrator there, administers here, too. */
static int roles_of(const work_t *work, const mq_seed_row_t *row)
{
    int is_admin = work->users == 0 || (row->role && strstr(row->role, "dmin"));
    return MQ_ROLE_CLINICIAN | (is_admin ? MQ_ROLE_ADMIN : 0);
}

static apr_status_t user_take(void *context, const mq_seed_row_t *row)
{
    work_t *work = context;
    apr_pool_t *pool = work->visit.pool;
    const char *email = value_read(row->email, &mq_old_address_rule, pool);
    const char *name = value_read(row->name, &mq_name_rule, pool);
    mq_person_new_t in = {email, name ? name : email, roles_of(work, row), NULL};
    const char *password;
    mq_id_t id;
    apr_status_t rv;
    if (!email || !row->password || !*row->password) {
        problem(work, "users", row->id, "it has no e-mail address or no password");
        return APR_SUCCESS;
    }
    password = mq_text_nfc(row->password, pool);
    MQ_TRY(mq_password_hash(&in.password, password, strlen(password),
                            work->visit.core->password_cost, pool));
    rv = mq_person_take_over(&id, work->sc, &in);
    if (rv == MQ_ECONFLICT) {
        problem(work, "users", row->id, "another person has the same e-mail address");
        return APR_SUCCESS;
    }
    MQ_TRY(rv);
    if (work->users++ == 0) {
        work->first_user = id;
    }
    tell(work);
    return APR_SUCCESS;
}

/* @return an ISO date, or NULL with what was written there added to the notes */
static const char *date_read(work_t *work, const mq_seed_row_t *row, const char **notes)
{
    apr_pool_t *pool = work->row_pool;
    const char *written = value_read(row->birth_date, &mq_name_rule, pool);
    const char *iso = written;
    const char *more;
    mq_day_t today;
    mq_day_t day;
    if (!written) {
        return NULL;
    }
    mq_field_today(&today, work->visit.now);
    if ((mq_date_parse(&day, written) == APR_SUCCESS ||
         mq_date_parse_typed(&iso, written, NULL, pool) == APR_SUCCESS) &&
        mq_birth_date_check(iso, &today) == MQ_BIRTH_DATE_OK) {
        return iso;
    }
    problem(work, "patients", row->id,
            "its date of birth is none; what was written is in the notes");
    more = apr_pstrcat(pool, *notes ? *notes : "", *notes ? "\n" : "",
                       "Date of birth as written before: ", written, NULL);
    *notes = strlen(more) <= MQ_LIMIT_NOTES ? more : *notes;
    return NULL;
}

static apr_status_t patient_take(void *context, const mq_seed_row_t *row)
{
    work_t *work = context;
    mq_patient_new_t in = {0};
    mq_id_t id;
    apr_pool_clear(work->row_pool);
    in.fields.name = value_read(row->name, &mq_name_rule, work->row_pool);
    if (!in.fields.name) {
        problem(work, "patients", row->id, "it has no name that can be stored");
        return APR_SUCCESS;
    }
    in.notes = value_read(row->notes, &mq_notes_rule, work->row_pool);
    if (row->notes && *row->notes && !in.notes) {
        problem(work, "patients", row->id, "its notes are too long or no text");
    }
    in.fields.birth_date = date_read(work, row, &in.notes);
    MQ_TRY(mq_patient_add(&id, work->sc, &in));
    work->patients++;
    tell(work);
    return APR_SUCCESS;
}

/* What founding an organisation reads of the old database. */
typedef struct old_tenant_t {
    work_t *work;
    mq_seed_t *seed;
    const char *name;
    const char *id;
    int problems; /* that were there before */
} old_tenant_t;

static apr_status_t tenant_insert(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const old_tenant_t *old = data;
    work_t *work = old->work;
    event_io->reason = "taken over";
    work->users = 0;
    work->report->problems->nelts = old->problems;
    MQ_TRY(mq_tenant_insert(sc, old->name, &(mq_tenant_manners_t){NULL, NULL}));
    MQ_TRY(mq_seed_each(old->seed, MQ_SEED_USERS, old->id, user_take, work));
    return work->users ? mq_patients_prepare(sc) : MQ_ENOTFOUND;
}

static apr_status_t tenant_rows(work_t *work, mq_seed_t *seed, const char *name, const char *old_id)
{
    old_tenant_t old = {work, seed, name, old_id, work->report->problems->nelts};
    MQ_TRY(mq_change_by_nobody(work->sc, MQ_ACTION_TENANT_CREATE, tenant_insert, &old));
    mq_db_give_back(work->sc);
    MQ_TRY(mq_scope_enter(&work->sc, &work->visit, work->sc, &work->first_user));
    return mq_seed_each(seed, MQ_SEED_PATIENTS, old_id, patient_take, work);
}

/* What reading the tenants needs in each step. */
typedef struct take_over_t {
    mq_seed_report_t *report;
    const mq_visit_t *visit;
    mq_store_t *store;
    mq_seed_t *seed;
    const mq_seed_watch_t *watch;
} take_over_t;

static apr_status_t tenant_group(work_t *work, take_over_t *all, const char *name,
                                 const char *old_id)
{
    mq_group_t *group;
    apr_status_t rv;
    apr_status_t end;
    MQ_TRY(mq_db_group_begin(&group, all->store, all->visit->pool));
    all->store->group = group;
    work->sc = mq_scope_new(&work->visit, name);
    rv = tenant_rows(work, all->seed, name, old_id);
    apr_pool_destroy(work->visit.pool); /* the scopes leave before the group ends */
    all->store->group = NULL;
    end = mq_db_group_end(group, rv == APR_SUCCESS);
    return rv == APR_SUCCESS ? end : rv;
}

static apr_status_t tenant_take(void *context, const mq_seed_row_t *row)
{
    take_over_t *all = context;
    work_t work = {.report = all->report, .visit = *all->visit, .watch = all->watch};
    const char *name = value_read(row->name, &mq_name_rule, all->visit->pool);
    apr_status_t rv;
    if (!name || !row->id) {
        problem(&work, "tenants", row->id, "it has no name that can be stored");
        return APR_SUCCESS;
    }
    MQ_TRY(apr_pool_create(&work.visit.pool, all->visit->pool));
    MQ_TRY(apr_pool_create(&work.row_pool, work.visit.pool));
    rv = tenant_group(&work, all, name, apr_pstrdup(all->visit->pool, row->id));
    if (rv == MQ_ECONFLICT || rv == MQ_ENOTFOUND) {
        problem(&work, "tenants", row->id,
                rv == MQ_ECONFLICT ? "there is an organisation of this name already"
                                   : "none of its people could be taken over");
        return APR_SUCCESS;
    }
    MQ_TRY(rv);
    all->report->tenants++;
    all->report->users += work.users;
    all->report->patients += work.patients;
    return APR_SUCCESS;
}

static apr_status_t orphans_report(const take_over_t *all, mq_seed_table_t table, const char *name)
{
    apr_int64_t count;
    MQ_TRY(mq_seed_orphans(&count, all->seed, table));
    if (count) {
        APR_ARRAY_PUSH(all->report->problems, const char *) = apr_psprintf(
            all->visit->pool, "%s: %" APR_INT64_T_FMT " belong to no tenant", name, count);
    }
    return APR_SUCCESS;
}

apr_status_t mq_seed_import(mq_seed_report_t *report_out, const mq_visit_t *visit,
                            mq_store_t *store, const char *path, const mq_seed_watch_t *watch,
                            const char **error_out)
{
    take_over_t all = {report_out, visit, store, NULL, watch};
    *report_out =
        (mq_seed_report_t){.problems = apr_array_make(visit->pool, 16, sizeof(const char *))};
    MQ_TRY(mq_seed_open(&all.seed, path, error_out, visit->pool));
    MQ_TRY(mq_seed_each(all.seed, MQ_SEED_TENANTS, NULL, tenant_take, &all));
    MQ_TRY(orphans_report(&all, MQ_SEED_USERS, "users"));
    return orphans_report(&all, MQ_SEED_PATIENTS, "patients");
}
