/* organisation_export.c -- rows of the tables as lines of JSON, by key. The organisation's own
 * tables stand here: how each goes on after the last row, and how a row is written; what patients
 * have is listed in domain/patients/record_rows.c. */
#include "domain/organisations/organisation_export.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "domain/change.h"
#include "domain/organisations/export_json.h"
#include "domain/patients/record_rows.h"
#include "domain/people/accounts.h"

enum { LINES_PER_PIECE = 500 };

/* The last row that was written. */
typedef struct place_t {
    mq_id_t record;
    mq_row_place_t of_patient;
    apr_int64_t number;
    int has_begun;
} place_t;

struct mq_organisation_export_t {
    const mq_scope_t *sc;
    apr_pool_t *pool; /* cleared for each piece */
    place_t *places;  /* of each part */
};

typedef struct part_t {
    const char *name;
    apr_status_t (*select)(mq_rows_t *rows_out, mq_organisation_export_t *job, const place_t *last);
    void (*write)(mq_json_t *json, place_t *place_out, const mq_rows_t *rows, apr_pool_t *pool);
} part_t;

static void bytes_write(mq_json_t *json, const char *name, const mq_rows_t *rows, int column,
                        apr_pool_t *pool)
{
    apr_size_t length;
    const void *bytes = mq_rows_bytes(rows, column, &length);
    mq_json_text(json, name, bytes ? mq_hex_encode(bytes, length, pool) : NULL);
}

static const char *const account_states[] = {NULL, "active", "disabled"};
static const char *const outcomes[] = {NULL, "done", "refused", "failed"};

static void roles_write(mq_json_t *json, int roles)
{
    mq_json_array(json, "roles");
    for (int bit = MQ_ROLE_ADMIN; bit <= MQ_ROLE_AUDITOR; bit <<= 1) {
        if (roles & bit) {
            mq_json_text(json, NULL,
                         bit == MQ_ROLE_ADMIN        ? "admin"
                         : bit == MQ_ROLE_CLINICIAN  ? "clinician"
                         : bit == MQ_ROLE_FRONT_DESK ? "front-desk"
                                                     : "auditor");
        }
    }
    mq_json_array_end(json);
}

static apr_status_t people_select(mq_rows_t *rows_out, mq_organisation_export_t *job,
                                  const place_t *last)
{
    mq_person_t person;
    if (!last->has_begun) {
        return mq_db_select(rows_out, job->sc, MQ_SQL_USERS_FIRST,
                            MQ_PARAMS(mq_bind_int(LINES_PER_PIECE)));
    }
    MQ_TRY(mq_person_view(&person, job->sc, &last->record));
    return mq_db_select(rows_out, job->sc, MQ_SQL_USERS_AFTER,
                        MQ_PARAMS(mq_bind_text(mq_text_name_key(person.email, job->pool)),
                                  mq_bind_int(LINES_PER_PIECE)));
}

static void person_write(mq_json_t *json, place_t *place_out, const mq_rows_t *rows,
                         apr_pool_t *pool)
{
    place_out->record = mq_rows_id(rows, MQ_USER_VIEW_ID);
    mq_export_id(json, "id", rows, MQ_USER_VIEW_ID, pool);
    mq_json_text(json, "email", mq_rows_text(rows, MQ_USER_VIEW_EMAIL, pool));
    mq_json_text(json, "name", mq_rows_text(rows, MQ_USER_VIEW_NAME, pool));
    roles_write(json, (int)mq_rows_int(rows, MQ_USER_VIEW_ROLES));
    mq_json_text(json, "status",
                 MQ_EXPORT_WORD(account_states, mq_rows_int(rows, MQ_USER_VIEW_STATUS)));
    mq_export_time(json, "created_at", rows, MQ_USER_VIEW_CREATED_AT, pool);
    mq_json_flag(json, "second_factor", mq_rows_int(rows, MQ_USER_VIEW_SECOND_FACTOR_AT) != 0);
}

static apr_status_t events_select(mq_rows_t *rows_out, mq_organisation_export_t *job,
                                  const place_t *last)
{
    return mq_db_select(rows_out, job->sc, MQ_SQL_EXPORT_AUDIT_EVENTS,
                        MQ_PARAMS(mq_bind_int(last->number), mq_bind_int(LINES_PER_PIECE)));
}

static void event_write(mq_json_t *json, place_t *place_out, const mq_rows_t *rows,
                        apr_pool_t *pool)
{
    const char *name =
        mq_policy((mq_action_t)mq_rows_int(rows, MQ_EXPORT_AUDIT_EVENTS_ACTION))->name;
    place_out->number = mq_rows_int(rows, MQ_EXPORT_AUDIT_EVENTS_NUMBER);
    mq_json_int(json, "number", place_out->number);
    mq_export_time(json, "at", rows, MQ_EXPORT_AUDIT_EVENTS_AT, pool);
    mq_export_id(json, "actor_id", rows, MQ_EXPORT_AUDIT_EVENTS_ACTOR_ID, pool);
    mq_json_text(json, "actor_name", mq_rows_text(rows, MQ_EXPORT_AUDIT_EVENTS_ACTOR_NAME, pool));
    bytes_write(json, "session", rows, MQ_EXPORT_AUDIT_EVENTS_SESSION, pool);
    mq_json_text(json, "address", mq_rows_text(rows, MQ_EXPORT_AUDIT_EVENTS_ADDRESS, pool));
    mq_json_text(json, "action", name ? name : "other");
    mq_json_int(json, "action_number", mq_rows_int(rows, MQ_EXPORT_AUDIT_EVENTS_ACTION));
    mq_json_text(json, "outcome",
                 MQ_EXPORT_WORD(outcomes, mq_rows_int(rows, MQ_EXPORT_AUDIT_EVENTS_OUTCOME)));
    mq_export_id(json, "object_id", rows, MQ_EXPORT_AUDIT_EVENTS_OBJECT_ID, pool);
    mq_export_id(json, "patient_id", rows, MQ_EXPORT_AUDIT_EVENTS_PATIENT_ID, pool);
    mq_json_text(json, "reason", mq_rows_text(rows, MQ_EXPORT_AUDIT_EVENTS_REASON, pool));
    bytes_write(json, "digest", rows, MQ_EXPORT_AUDIT_EVENTS_DIGEST, pool);
}

static apr_status_t groups_select(mq_rows_t *rows_out, mq_organisation_export_t *job,
                                  const place_t *last)
{
    return mq_db_select(rows_out, job->sc, MQ_SQL_EXPORT_AUDIT_GROUPS,
                        MQ_PARAMS(mq_bind_id(&last->record), mq_bind_int(LINES_PER_PIECE)));
}

static void group_write(mq_json_t *json, place_t *place_out, const mq_rows_t *rows,
                        apr_pool_t *pool)
{
    apr_size_t length;
    const unsigned char *members = mq_rows_bytes(rows, MQ_EXPORT_AUDIT_GROUPS_MEMBERS, &length);
    place_out->record = mq_rows_id(rows, MQ_EXPORT_AUDIT_GROUPS_ID);
    mq_export_id(json, "id", rows, MQ_EXPORT_AUDIT_GROUPS_ID, pool);
    mq_json_array(json, "patients");
    for (apr_size_t at = 0; at + sizeof(mq_id_t) <= length; at += sizeof(mq_id_t)) {
        mq_id_t member;
        memcpy(member.bytes, members + at, sizeof member.bytes);
        mq_json_text(json, NULL, mq_id_text(&member, pool));
    }
    mq_json_array_end(json);
}

/* The organisation's own parts: this many of them before those of its patients. */
enum { BEFORE_PATIENTS = 1 };

static const part_t parts[] = {{"people", people_select, person_write},
                               {"audit_events", events_select, event_write},
                               {"audit_groups", groups_select, group_write}};

static int record_rows_number(void)
{
    int n = 0;
    while (mq_record_rows(n)) {
        n++;
    }
    return n;
}

/* @return NULL: it is none of a patient's */
static const mq_record_rows_t *record_part(int part)
{
    return part < BEFORE_PATIENTS ? NULL : mq_record_rows(part - BEFORE_PATIENTS);
}

static const part_t *own_part(int part)
{
    return &parts[part < BEFORE_PATIENTS ? part : part - record_rows_number()];
}

int mq_organisation_export_parts(void)
{
    return record_rows_number() + (int)(sizeof parts / sizeof *parts);
}

const char *mq_organisation_export_name(int part)
{
    const mq_record_rows_t *of_patient = record_part(part);
    return of_patient ? of_patient->name : own_part(part)->name;
}

apr_status_t mq_organisation_export_begin(mq_organisation_export_t **export_out,
                                          const mq_scope_t *sc)
{
    mq_organisation_export_t *job = apr_pcalloc(mq_scope_pool(sc), sizeof *job);
    mq_audit_event_t event = {.action = MQ_ACTION_ORGANISATION_EXPORT, .outcome = MQ_OUTCOME_DONE};
    if (!mq_policy_allows(MQ_ACTION_ORGANISATION_EXPORT, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    job->sc = sc;
    job->places = apr_pcalloc(mq_scope_pool(sc),
                              sizeof *job->places * (apr_size_t)mq_organisation_export_parts());
    MQ_TRY(apr_pool_create(&job->pool, mq_scope_pool(sc)));
    MQ_TRY(mq_event_record(sc, &event)); /* before the first line leaves */
    *export_out = job;
    return mq_db_snapshot(sc);
}

static apr_status_t rows_select(mq_rows_t *rows_out, mq_organisation_export_t *job, int part)
{
    const mq_record_rows_t *of_patient = record_part(part);
    const place_t *last = &job->places[part];
    return of_patient ? mq_record_rows_select(rows_out, of_patient, job->sc, NULL,
                                              &last->of_patient, LINES_PER_PIECE)
                      : own_part(part)->select(rows_out, job, last);
}

static void row_write(mq_buffer_t *out, mq_organisation_export_t *job, int part,
                      const mq_rows_t *rows)
{
    const mq_record_rows_t *of_patient = record_part(part);
    place_t *place = &job->places[part];
    mq_json_t json = {out};
    mq_json_object(&json, NULL);
    if (of_patient) {
        of_patient->write(&json, &place->of_patient, rows, job->pool);
    } else {
        own_part(part)->write(&json, place, rows, job->pool);
    }
    mq_json_object_end(&json);
    mq_buffer_text(out, "\n");
    place->has_begun = 1;
}

apr_status_t mq_organisation_export_next(mq_buffer_t *out, int *count_out, int *done_out,
                                         mq_organisation_export_t *job, int part)
{
    mq_rows_t rows;
    apr_status_t rv;
    *count_out = 0;
    apr_pool_clear(job->pool);
    MQ_TRY(rows_select(&rows, job, part));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        row_write(out, job, part, &rows);
        ++*count_out;
    }
    *done_out = *count_out < LINES_PER_PIECE;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}
