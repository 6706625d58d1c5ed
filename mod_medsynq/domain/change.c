/* change.c -- the bracket of every change.
 *
 * A change and its event are one transaction, or the trail is a matter of discipline. So the
 * transaction is begun and ended here alone, and what happens in it is handed in. Whatever must
 * hold for all changes has its place here: that the one who acts may still do so when the change is
 * made, that the event is written, that a change which another one has thwarted is tried again. An
 * engine with one writer never asks for
 * that; one with many does, by MQ_EAGAIN, and may be taken at its word because a work can be run
 * twice. */
#include "domain/change.h"

#include "domain/access/standing.h"
#include "domain/core.h"
#include "domain/form_use.h"
#include "domain/organisations/quotas.h"

/* Each try on both sides may find one more organisation that it has to wait for. */
enum { TRIES_MOST = 5, BESIDE_TRIES_MOST = TRIES_MOST + 8 };

/* Who is asked whether they may. */
typedef enum { OF_PERSON, OF_NOBODY, UNASKED } kind_t;

typedef struct bracket_t {
    kind_t kind;
    mq_action_t action;
    mq_change_work_t work;
    void *data;
    int is_long;
    int is_once;   /* for the scope's form */
    int is_beside; /* what it does to other organisations is part of the transaction */
} bracket_t;

/* Who somebody was, the request has asked before its body was read. That was minutes ago, perhaps.
 */
static apr_status_t standing_check(const mq_scope_t **now_out, const mq_scope_t *sc,
                                   const bracket_t *bracket)
{
    *now_out = sc;
    if (bracket->kind == OF_NOBODY) {
        return mq_standing_check_nobody(sc);
    }
    if (bracket->kind == UNASKED) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_standing_check(now_out, sc));
    return mq_policy_allows(bracket->action, mq_scope_roles(*now_out)) ? APR_SUCCESS : MQ_ESTANDING;
}

/* The token first: whoever comes second learns that, and not what the first one has left behind. */
static apr_status_t work_once(mq_audit_event_t *event_io, const mq_scope_t *sc,
                              const bracket_t *bracket)
{
    MQ_TRY(mq_form_use_claim(sc));
    MQ_TRY(bracket->work(event_io, sc, bracket->data));
    return mq_form_use_keep(sc, event_io->object ? event_io->object : event_io->patient);
}

/* What ends something or takes it back is never refused for want of room: who has none left must be
 * able to leave a partner, and to mark what is wrong as wrong. Nor is an emergency. */
static int asks_for_room(const bracket_t *bracket)
{
    static const mq_action_t endings[] = {
        MQ_ACTION_PARTNER_DECLINE,    MQ_ACTION_PARTNER_SUSPEND, MQ_ACTION_PARTNER_END,
        MQ_ACTION_REFERRAL_DECLINE,   MQ_ACTION_REFERRAL_CANCEL, MQ_ACTION_INVITATION_REVOKE,
        MQ_ACTION_PATIENT_NOTE_ERROR, MQ_ACTION_ALLERGY_ERROR,   MQ_ACTION_MEDICINE_ERROR,
        MQ_ACTION_PROBLEM_ERROR,      MQ_ACTION_PATIENT_UNMERGE, MQ_ACTION_CONNECTION_CODE_NEW,
        MQ_ACTION_PATIENTS_PART,      MQ_ACTION_USER_DISABLE,    MQ_ACTION_PARTNER_EMERGENCY,
        MQ_ACTION_EMERGENCY_OPEN,     MQ_ACTION_EMERGENCY_REVIEW};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (endings[i] == bracket->action) {
            return 0;
        }
    }
    return bracket->kind == OF_PERSON;
}

/* What is written into another organisation's rows takes of its room. It is counted there, and
 * refused by nobody: how full another one is, nobody learns. */
static apr_status_t rooms_count(const mq_scope_t *sc, const bracket_t *bracket)
{
    const mq_scope_t *side = NULL;
    MQ_TRY(mq_quota_count(sc, asks_for_room(bracket)));
    while ((side = mq_db_side_next(sc, side)) != NULL) {
        MQ_TRY(mq_quota_count(side, 0));
    }
    return APR_SUCCESS;
}

static apr_status_t inside(const mq_scope_t *sc, const bracket_t *bracket)
{
    mq_audit_event_t event = {.action = bracket->action, .outcome = MQ_OUTCOME_DONE};
    MQ_TRY(standing_check(&sc, sc, bracket));
    MQ_TRY(bracket->is_once ? work_once(&event, sc, bracket)
                            : bracket->work(&event, sc, bracket->data));
    MQ_TRY(rooms_count(sc, bracket));
    return event.outcome == MQ_OUTCOME_NONE ? APR_SUCCESS : mq_audit_write(sc, &event);
}

static apr_status_t bracket_try(const mq_scope_t *sc, const bracket_t *bracket)
{
    apr_status_t rv;
    MQ_TRY(bracket->is_long ? mq_db_begin_long(sc) : mq_db_begin(sc));
    mq_db_changed(sc);
    rv = inside(sc, bracket);
    if (bracket->is_beside) {
        mq_db_sides_end(sc, rv == APR_SUCCESS);
    }
    if (mq_scope_core(sc)->is_dry) {
        (void)mq_db_rollback(sc);
        return rv;
    }
    if (rv != APR_SUCCESS) {
        /* why it does not work was read beside others: it is told once what they did is kept */
        return mq_db_rollback(sc) == APR_SUCCESS ? rv : MQ_EAGAIN;
    }
    return mq_db_commit(sc);
}

static apr_status_t bracket_run(const mq_scope_t *sc, const bracket_t *bracket)
{
    apr_status_t rv = MQ_EAGAIN;
    for (int tries = 0; rv == MQ_EAGAIN && tries < TRIES_MOST; tries++) {
        rv = bracket_try(sc, bracket);
    }
    return rv == MQ_EAGAIN ? MQ_EFULL : rv;
}

static apr_status_t change(const mq_scope_t *sc, const bracket_t *bracket)
{
    /* before the turn to write is waited for */
    if (!mq_policy_allows(bracket->action, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    return bracket_run(sc, bracket);
}

apr_status_t mq_change(const mq_scope_t *sc, mq_action_t action, mq_change_work_t work, void *data)
{
    return change(sc, &(bracket_t){OF_PERSON, action, work, data, 0, 0, 0});
}

/* The form that is worked on has had its effect once the change is done. */
static apr_status_t once(apr_status_t (*run)(const mq_scope_t *sc, const bracket_t *bracket),
                         const mq_scope_t *sc, bracket_t bracket)
{
    mq_form_use_t *form = mq_scope_form(sc);
    bracket.is_once = form != NULL;
    MQ_TRY(run(sc, &bracket));
    if (form) {
        form->is_used = 1;
    }
    return APR_SUCCESS;
}

apr_status_t mq_change_once(const mq_scope_t *sc, mq_action_t action, mq_change_work_t work,
                            void *data)
{
    return once(change, sc, (bracket_t){OF_PERSON, action, work, data, 0, 0, 0});
}

apr_status_t mq_change_long(const mq_scope_t *sc, mq_action_t action, mq_change_work_t work,
                            void *data)
{
    return change(sc, &(bracket_t){OF_PERSON, action, work, data, 1, 0, 0});
}

/* A group of one, whom others join: each statement runs as its own organisation, and one commit
 * ends all. */
static apr_status_t beside_try(mq_group_t **group_io, const mq_scope_t *sc,
                               const bracket_t *bracket)
{
    apr_status_t rv;
    apr_status_t end;
    mq_db_give_back(sc);
    MQ_TRY(mq_db_group_begin_anew(group_io, mq_scope_core(sc)->store, mq_scope_pool(sc)));
    mq_db_group_join(*group_io, sc);
    rv = bracket_try(sc, bracket);
    mq_db_group_leave(sc);
    end = mq_db_group_end(*group_io, rv == APR_SUCCESS);
    return end == APR_SUCCESS ? rv : end;
}

static apr_status_t change_beside(const mq_scope_t *sc, const bracket_t *bracket)
{
    mq_group_t *group = NULL;
    apr_status_t rv = MQ_EAGAIN;
    if (!mq_policy_allows(bracket->action, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    if (mq_scope_core(sc)->store->group) { /* a command's, which all of its scopes are in */
        return bracket_run(sc, bracket);
    }
    for (int tries = 0; rv == MQ_EAGAIN && tries < BESIDE_TRIES_MOST; tries++) {
        rv = beside_try(&group, sc, bracket);
    }
    return rv == MQ_EAGAIN ? MQ_EFULL : rv;
}

apr_status_t mq_change_beside(const mq_scope_t *sc, mq_action_t action, mq_change_work_t work,
                              void *data)
{
    return change_beside(sc, &(bracket_t){OF_PERSON, action, work, data, 0, 0, 1});
}

apr_status_t mq_change_beside_once(const mq_scope_t *sc, mq_action_t action, mq_change_work_t work,
                                   void *data)
{
    return once(change_beside, sc, (bracket_t){OF_PERSON, action, work, data, 0, 0, 1});
}

static apr_status_t reading_inside(const mq_scope_t *sc, mq_action_t action, mq_reading_t read,
                                   void *data)
{
    MQ_TRY(standing_check(&sc, sc, &(bracket_t){.kind = OF_PERSON, .action = action}));
    return read(sc, data);
}

apr_status_t mq_read_beside(const mq_scope_t *sc, mq_action_t action, mq_reading_t read, void *data)
{
    mq_group_t *group;
    apr_status_t rv;
    if (!mq_policy_allows(action, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    mq_db_give_back(sc); /* nobody has two connections */
    MQ_TRY(mq_db_group_read_begin(&group, sc));
    mq_db_group_join(group, sc);
    rv = reading_inside(sc, action, read, data);
    mq_db_sides_end(sc, 1);
    mq_db_group_leave(sc);
    mq_db_group_read_end(group);
    return rv;
}

static int somebody_acts(const mq_scope_t *sc)
{
    return !mq_id_is_nil(mq_scope_user(sc)) || mq_scope_roles(sc);
}

apr_status_t mq_change_by_nobody(const mq_scope_t *sc, mq_action_t action, mq_change_work_t work,
                                 void *data)
{
    return somebody_acts(sc)
               ? MQ_EBUG
               : bracket_run(sc, &(bracket_t){OF_NOBODY, action, work, data, 0, 0, 0});
}

apr_status_t mq_change_asked_for(const mq_scope_t *sc, mq_action_t action, mq_change_work_t work,
                                 void *data)
{
    return somebody_acts(sc) ? MQ_EBUG
                             : bracket_run(sc, &(bracket_t){UNASKED, action, work, data, 0, 0, 0});
}

apr_status_t mq_change_by_job(const mq_scope_t *sc, mq_change_work_t work, void *data)
{
    return somebody_acts(sc)
               ? MQ_EBUG
               : bracket_run(sc, &(bracket_t){UNASKED, MQ_ACTION_NONE, work, data, 1, 0, 0});
}

static apr_status_t event_only(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const mq_audit_event_t *event = data;
    (void)sc;
    *event_io = *event;
    return APR_SUCCESS;
}

apr_status_t mq_event_record(const mq_scope_t *sc, const mq_audit_event_t *event)
{
    mq_audit_event_t copy = *event;
    return bracket_run(sc, &(bracket_t){UNASKED, event->action, event_only, &copy, 0, 0, 0});
}
