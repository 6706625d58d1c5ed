/* patients.c -- adding, reading and changing patient records. Every change and every disclosure is
 * recorded in the trail; a change keeps the version that it replaces. SQL is in
 * store/statements/, lists are in patient_lists.c. */
#include "domain/patients/patients.h"

#include <apr_strings.h>
#include <string.h>

#include "base/text.h"
#include "domain/change.h"
#include "domain/core.h"
#include "domain/organisations/counters.h"
#include "domain/organisations/quotas.h"
#include "domain/trail/disclosures.h"
#include "domain/patients/edit_merge.h"
#include "domain/patients/mrn.h"
#include "domain/patients/patient_index.h"
#include "domain/patients/patient_notes.h"
#include "domain/patients/patient_versions.h"
#include "domain/policy.h"

static const char counter_mrn[] = "mrn";

apr_status_t mq_patients_prepare(const mq_scope_t *sc)
{
    MQ_TRY(mq_counter_add(sc, counter_mrn, 0));
    return mq_counter_add(sc, MQ_COUNTER_ACTIVE, 0);
}

static apr_status_t patient_insert(mq_id_t *id_out, const mq_scope_t *sc,
                                   const mq_patient_fields_t *fields)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    const mq_param_t at = mq_bind_int(mq_scope_now(sc));
    const mq_param_t user = mq_bind_id(mq_scope_user(sc));
    const mq_param_t name = mq_bind_text(mq_patient_name_key(sc, fields));
    const mq_param_t family = mq_bind_text(mq_patient_family_key(sc, fields));
    const mq_param_t national_id = mq_bind_text(mq_national_id_key(fields->national_id, pool));
    const mq_param_t listing = mq_bind_int(mq_patient_listing(MQ_PATIENT_ACTIVE, fields));
    int changed = 0;
    MQ_TRY(mq_id_make(id_out));
    while (changed == 0) { /* a number that an import has taken is passed over */
        const mq_param_t *params;
        apr_int64_t number;
        int count;
        MQ_TRY(mq_counter_add(sc, counter_mrn, 1));
        MQ_TRY(mq_counter_value(&number, sc, counter_mrn));
        params = mq_patient_fields_bind(&count,
                                        MQ_PARAMS(mq_bind_id(id_out),
                                                  mq_bind_text(mq_mrn_format(number, pool)), name,
                                                  family, national_id, listing, at, user, at, user),
                                        fields, MQ_NO_PARAMS, pool);
        MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_PATIENT_INSERT, params, count));
    }
    MQ_TRY(mq_patient_index_add(sc, id_out));
    return mq_patient_registered(sc, mq_scope_now(sc), 1);
}

/* A first note comes signed: whoever fills in the form has nothing else to do with it. */
static apr_status_t note_add(const mq_scope_t *sc, const mq_id_t *patient, const char *notes)
{
    mq_id_t note;
    return notes && !mq_text_is_unseen(notes)
               ? mq_patient_note_insert(&note, sc, patient, NULL, notes, MQ_NOTE_SIGNED)
               : APR_SUCCESS;
}

/* Whoever may save a record need not be allowed to write its notes. */
static int may_save(const mq_scope_t *sc, const mq_patient_new_t *in)
{
    return !in->notes || !*in->notes ||
           mq_policy_allows(MQ_ACTION_PATIENT_NOTE_ADD, mq_scope_roles(sc));
}

/* Form, import and command have judged it and told a person; who comes by another way is only
 * refused. */
static apr_status_t fields_check(const mq_scope_t *sc, const mq_patient_fields_t *fields)
{
    mq_patient_faults_t faults;
    mq_day_t today;
    mq_scope_today(&today, sc);
    return mq_patient_check(&faults, fields, &today, mq_scope_pool(sc));
}

static apr_status_t notes_check(const mq_scope_t *sc, const char *notes)
{
    return mq_field_check(&mq_notes_rule, notes, NULL, mq_scope_pool(sc)) ? MQ_EINVALID
                                                                          : APR_SUCCESS;
}

/* A, B, ... Z, AA, AB: enough for a ward full of people that arrived within one minute. */
static const char *letters_say(int number, apr_pool_t *pool)
{
    enum { LETTERS = 26 };
    return number < LETTERS
               ? apr_psprintf(pool, "%c", 'A' + number)
               : apr_psprintf(pool, "%c%c", 'A' + number / LETTERS - 1, 'A' + number % LETTERS);
}

/* Whether somebody's name, or one of their names, begins so. */
static apr_status_t is_named(int *there_out, const mq_scope_t *sc, const char *name)
{
    const char *key = mq_text_search_key(mq_scope_core(sc)->folding, name, mq_scope_pool(sc));
    const char *word = apr_pstrndup(mq_scope_pool(sc), key, strcspn(key, " "));
    apr_size_t length = strlen(key);
    mq_rows_t rows;
    apr_status_t rv =
        mq_db_select_one(&rows, sc, MQ_SQL_PATIENTS_BY_WORD_FROM,
                         MQ_PARAMS(mq_bind_text(word), mq_bind_text(key), mq_bind_int(1)));
    *there_out = 0;
    if (rv == APR_SUCCESS) {
        const char *found = mq_rows_text(&rows, MQ_PATIENT_MATCH_KEY, mq_scope_pool(sc));
        *there_out = strncmp(found, key, length) == 0 && (!found[length] || found[length] == ' ');
        mq_rows_close(&rows);
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

static apr_status_t name_make(const char **name_out, const mq_scope_t *sc, const char *unnamed)
{
    enum { LETTERS_MOST = 700 };
    int there = 1;
    for (int i = 0; there && i < LETTERS_MOST; i++) {
        *name_out =
            apr_pstrcat(mq_scope_pool(sc), unnamed, ", ", letters_say(i, mq_scope_pool(sc)), NULL);
        MQ_TRY(is_named(&there, sc, *name_out));
    }
    return there ? MQ_ECONFLICT : APR_SUCCESS;
}

typedef struct patient_add_t {
    mq_id_t *id_out;
    const mq_patient_new_t *in;
} patient_add_t;

static apr_status_t patient_add(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const patient_add_t *add = data;
    mq_patient_fields_t fields = add->in->fields;
    if (!may_save(sc, add->in)) {
        return MQ_EDENIED;
    }
    if (add->in->unnamed) {
        MQ_TRY(name_make(&fields.name, sc, add->in->unnamed));
    }
    mq_patient_fields_settle(&fields, NULL, mq_scope_pool(sc));
    MQ_TRY(fields_check(sc, &fields));
    MQ_TRY(notes_check(sc, add->in->notes));
    MQ_TRY(mq_quota_admit(sc, MQ_QUOTA_PATIENTS, 1));
    MQ_TRY(patient_insert(add->id_out, sc, &fields));
    event_io->patient = add->id_out;
    MQ_TRY(mq_audit_write(sc, event_io)); /* before its note's */
    event_io->outcome = MQ_OUTCOME_NONE;
    return note_add(sc, add->id_out, add->in->notes);
}

apr_status_t mq_patient_add(mq_id_t *id_out, const mq_scope_t *sc, const mq_patient_new_t *in)
{
    patient_add_t add = {id_out, in};
    return mq_change_once(sc, MQ_ACTION_PATIENT_ADD, patient_add, &add);
}

apr_status_t mq_patient_add_within(mq_id_t *id_out, const mq_scope_t *sc,
                                   const mq_patient_new_t *in)
{
    patient_add_t add = {id_out, in};
    mq_audit_event_t event = {.action = MQ_ACTION_PATIENT_ADD, .outcome = MQ_OUTCOME_DONE};
    return mq_policy_allows(MQ_ACTION_PATIENT_ADD, mq_scope_roles(sc))
               ? patient_add(&event, sc, &add)
               : MQ_EDENIED;
}

static int may_view(const mq_scope_t *sc, mq_action_t action)
{
    return mq_policy_allows(MQ_ACTION_PATIENT_VIEW, mq_scope_roles(sc)) &&
           mq_policy_allows(action, mq_scope_roles(sc));
}

apr_status_t mq_patient_view_for(mq_patient_t *patient_out, const mq_scope_t *sc, const mq_id_t *id,
                                 mq_action_t action)
{
    mq_audit_event_t event = {.action = action, .outcome = MQ_OUTCOME_DONE, .patient = id};
    if (!may_view(sc, action)) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_patient_read(patient_out, sc, id));
    return mq_disclose(sc, &event, mq_patient_opened);
}

apr_status_t mq_patient_view_replaced(mq_patient_t *patient_out, const mq_scope_t *sc,
                                      const mq_id_t *id, mq_action_t action)
{
    mq_audit_event_t event = {.action = action, .outcome = MQ_OUTCOME_DONE, .patient = id};
    if (!may_view(sc, action)) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_patient_read_replaced(patient_out, sc, id));
    return mq_disclose(sc, &event, NULL); /* not among those whom somebody has opened */
}

apr_status_t mq_patient_view(mq_patient_t *patient_out, const mq_scope_t *sc, const mq_id_t *id)
{
    return mq_patient_view_for(patient_out, sc, id, MQ_ACTION_PATIENT_VIEW);
}

/* One change of a record: what it becomes. */
typedef struct change_t {
    const mq_id_t *id;
    apr_int64_t version;
    mq_patient_change_t kind;
    mq_patient_status_t from; /* what it must be now */
    mq_patient_status_t to;
    const char *reason;
    const mq_patient_fields_t *fields; /* NULL: they stay */
    int keeps_former;                  /* a family name that goes becomes the former name */
} change_t;

static int is_other(const char *name, const char *old)
{
    return old && *old && strcmp(old, name ? name : "") != 0;
}

/* The name before a marriage. Who is known by one name alone had that one; what a person writes as
 * the former name stands. */
static void former_keep(mq_patient_fields_t *made, const mq_patient_fields_t *old, apr_pool_t *pool)
{
    const char *former = old->former_name ? old->former_name : "";
    const char *gone = is_other(made->family_name, old->family_name)          ? old->family_name
                       : !old->family_name && is_other(made->name, old->name) ? old->name
                                                                              : NULL;
    if (!gone || strcmp(former, made->former_name ? made->former_name : "") != 0) {
        return;
    }
    former = *former ? apr_pstrcat(pool, gone, ", ", former, NULL) : gone;
    if (mq_text_count(former) <= MQ_LIMIT_NAME) {
        made->former_name = former;
    }
}

static int are_same(const mq_patient_fields_t *a, const mq_patient_fields_t *b)
{
    int same = 1;
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        same &= mq_edit_is_same(a, b, i);
    }
    return same;
}

static apr_status_t patient_change(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const change_t *change = data;
    mq_patient_t old;
    mq_patient_fields_t made;
    event_io->patient = change->id;
    event_io->reason = change->reason;
    MQ_TRY(mq_patient_read(&old, sc, change->id));
    if (old.version != change->version || old.status != change->from) {
        return MQ_ECONFLICT;
    }
    if (change->kind == MQ_CHANGE_RESTORED && !mq_patient_may_restore(sc, &old)) {
        return MQ_EDENIED;
    }
    made = change->fields ? *change->fields : old.fields;
    mq_patient_fields_settle(&made, &old.fields, mq_scope_pool(sc));
    if (change->keeps_former) {
        former_keep(&made, &old.fields, mq_scope_pool(sc));
    }
    if (change->kind == MQ_CHANGE_EDITED) { /* what was stored once was right then */
        MQ_TRY(fields_check(sc, &made));
        if (are_same(&made, &old.fields)) { /* no version that says nothing */
            event_io->outcome = MQ_OUTCOME_NONE;
            return APR_SUCCESS;
        }
    }
    MQ_TRY(mq_patient_index_remove(sc, change->id));
    MQ_TRY(mq_patient_next_write(
        sc, &old, &(mq_patient_next_t){change->kind, change->to, change->reason, &made}));
    return mq_patient_index_add(sc, change->id);
}

typedef struct patient_edit_t {
    change_t change;
    const mq_patient_new_t *in;
} patient_edit_t;

static apr_status_t patient_edit(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    patient_edit_t *edit = data;
    if (!may_save(sc, edit->in)) {
        return MQ_EDENIED;
    }
    MQ_TRY(notes_check(sc, edit->in->notes));
    MQ_TRY(patient_change(event_io, sc, &edit->change));
    if (event_io->outcome != MQ_OUTCOME_NONE) {
        MQ_TRY(mq_audit_write(sc, event_io)); /* before its note's */
    }
    event_io->outcome = MQ_OUTCOME_NONE;
    return note_add(sc, edit->change.id, edit->in->notes);
}

apr_status_t mq_patient_edit(const mq_scope_t *sc, const mq_id_t *id, apr_int64_t version,
                             const mq_patient_new_t *in)
{
    patient_edit_t edit = {{.id = id,
                            .version = version,
                            .kind = MQ_CHANGE_EDITED,
                            .from = MQ_PATIENT_ACTIVE,
                            .to = MQ_PATIENT_ACTIVE,
                            .fields = &in->fields,
                            .keeps_former = in->keeps_former != NULL},
                           in};
    return mq_change(sc, MQ_ACTION_PATIENT_EDIT, patient_edit, &edit);
}

apr_status_t mq_patient_archive(const mq_scope_t *sc, const mq_id_t *id, apr_int64_t version,
                                const char *reason)
{
    change_t change = {.id = id,
                       .version = version,
                       .kind = MQ_CHANGE_ARCHIVED,
                       .from = MQ_PATIENT_ACTIVE,
                       .to = MQ_PATIENT_ARCHIVED,
                       .reason = reason};
    return mq_change(sc, MQ_ACTION_PATIENT_ARCHIVE, patient_change, &change);
}

int mq_patient_may_restore(const mq_scope_t *sc, const mq_patient_t *patient)
{
    const int roles = mq_scope_roles(sc);
    return patient->status == MQ_PATIENT_ARCHIVED &&
           mq_policy_allows(MQ_ACTION_PATIENT_RESTORE, roles) &&
           ((roles & MQ_ROLE_ADMIN) || (patient->change == MQ_CHANGE_ARCHIVED &&
                                        mq_id_equal(&patient->updated_by, mq_scope_user(sc))));
}

apr_status_t mq_patient_restore(const mq_scope_t *sc, const mq_id_t *id, apr_int64_t version,
                                const char *reason)
{
    change_t change = {.id = id,
                       .version = version,
                       .kind = MQ_CHANGE_RESTORED,
                       .from = MQ_PATIENT_ARCHIVED,
                       .to = MQ_PATIENT_ACTIVE,
                       .reason = reason};
    return mq_change(sc, MQ_ACTION_PATIENT_RESTORE, patient_change, &change);
}

apr_status_t mq_patient_revert(const mq_scope_t *sc, const mq_id_t *id, apr_int64_t version,
                               const mq_patient_fields_t *fields, const char *reason)
{
    change_t change = {.id = id,
                       .version = version,
                       .kind = MQ_CHANGE_REVERTED,
                       .from = MQ_PATIENT_ACTIVE,
                       .to = MQ_PATIENT_ACTIVE,
                       .reason = reason,
                       .fields = fields};
    return mq_change(sc, MQ_ACTION_PATIENT_VERSION_RESTORE, patient_change, &change);
}
