/* partners.c -- the life of a partnership, as rows of a table: who may take which step from where.
 *
 * A code is the only way to another organisation, and it is an address and no key: who has it may
 * propose, and the other side decides. So a wrong code must say nothing. It is looked up like a
 * right one, in the same transaction, and answered like one's own; tries are counted for the
 * organisation that makes them.
 *
 * What one side says, the other one keeps. So what can be done again and again without the other's
 * will is counted, too, by whom it reaches. What ends something, or has it rest, is done once, and
 * nobody waits for that. */
#include "domain/sharing/partners.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "base/crypto.h"
#include "domain/access/throttle.h"
#include "domain/keyset.h"
#include "domain/sharing/consents.h"
#include "domain/sharing/emergencies.h"

enum { CODE_LENGTH = 20, CODE_GROUP = 5 };

/* --- connection codes --- */

/* 100 random bits, of signs that are not mistaken for another when they are read aloud. */
static apr_status_t code_make(const char **code_out, apr_pool_t *pool)
{
    static const char signs[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    unsigned char bytes[CODE_LENGTH];
    char *code = apr_palloc(pool, CODE_LENGTH + 1);
    MQ_TRY(mq_random(bytes, sizeof bytes));
    for (int i = 0; i < CODE_LENGTH; i++) {
        code[i] = signs[bytes[i] % (sizeof signs - 1)];
    }
    code[CODE_LENGTH] = 0;
    *code_out = code;
    return APR_SUCCESS;
}

/* As people write it: in groups. */
static const char *code_show(const char *code, apr_pool_t *pool)
{
    const char *shown = "";
    if (strlen(code) != CODE_LENGTH) {
        return code;
    }
    for (int i = 0; i < CODE_LENGTH; i += CODE_GROUP) {
        shown = apr_pstrcat(pool, shown, *shown ? "-" : "",
                            apr_pstrmemdup(pool, code + i, CODE_GROUP), NULL);
    }
    return shown;
}

/* Hyphens, blanks and small letters are how people type it. */
static const char *code_read(const char *typed, apr_pool_t *pool)
{
    char *code = apr_palloc(pool, strlen(typed) + 1);
    char *end = code;
    for (; *typed; typed++) {
        if (*typed != '-' && *typed != ' ') {
            *end++ = (char)apr_toupper(*typed);
        }
    }
    *end = 0;
    return code;
}

apr_status_t mq_connection_code(const char **code_out, const mq_scope_t *sc)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_rows_t rows;
    apr_status_t rv;
    *code_out = NULL;
    if (!mq_policy_allows(MQ_ACTION_PARTNERS_VIEW, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    rv = mq_db_select_one(&rows, sc, MQ_SQL_CONNECTION_CODE, MQ_NO_PARAMS);
    if (rv == MQ_ENOTFOUND) {
        return APR_SUCCESS;
    }
    MQ_TRY(rv);
    *code_out = code_show(mq_rows_text(&rows, MQ_CONNECTION_CODE_CONNECTION_CODE, pool), pool);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

apr_status_t mq_connection_code_set(const mq_scope_t *sc)
{
    const char *code;
    MQ_TRY(code_make(&code, mq_scope_pool(sc)));
    return mq_db_change(NULL, sc, MQ_SQL_CONNECTION_CODE_SET, MQ_PARAMS(mq_bind_text(code)));
}

static apr_status_t code_renew(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    (void)event_io;
    (void)data;
    return mq_connection_code_set(sc);
}

apr_status_t mq_connection_code_renew(const mq_scope_t *sc)
{
    return mq_change(sc, MQ_ACTION_CONNECTION_CODE_NEW, code_renew, NULL);
}

/* --- both sides --- */

typedef struct move_t {
    mq_id_t id;
    mq_partner_state_t state;
    const char *reason;
} move_t;

static apr_status_t step_write(const mq_scope_t *side, const move_t *move, const char *by_name,
                               int is_here)
{
    mq_id_t id;
    MQ_TRY(mq_id_make(&id));
    return mq_db_change(NULL, side, MQ_SQL_PARTNER_STEP_INSERT,
                        MQ_PARAMS(mq_bind_id(&move->id), mq_bind_id(&id),
                                  mq_bind_int(mq_scope_now(side)), mq_bind_int(move->state),
                                  mq_bind_text(by_name), mq_bind_int(is_here),
                                  mq_bind_text(move->reason)));
}

/* What the other side reads of it: the step, and the event in its own chain. One's own event the
 * bracket writes. */
static apr_status_t both_told(mq_audit_event_t *event_io, const mq_scope_t *sc,
                              const mq_scope_t *other, move_t *move)
{
    event_io->object = &move->id;
    event_io->reason = move->reason;
    MQ_TRY(step_write(sc, move, mq_scope_user_name(sc), 1));
    MQ_TRY(step_write(other, move, mq_side_actor(sc), 0));
    return mq_audit_write(other, event_io);
}

/* @param by the code or the link that the other organisation is reached by */
static apr_status_t reach_take(int *wait_out, const mq_visit_t *visit, const mq_scope_t *sc,
                               const char *by)
{
    mq_db_give_back(sc);
    return mq_throttle_take(wait_out, visit, MQ_THROTTLE_LINK,
                            apr_pstrcat(mq_scope_pool(sc), mq_side_counter(sc), " ", by, NULL));
}

/* --- proposing --- */

typedef struct proposal_t {
    move_t move;
    const char *code;
} proposal_t;

static apr_status_t side_insert(const mq_scope_t *side, const mq_id_t *id, const char *name,
                                int is_ours)
{
    int changed = 0;
    MQ_TRY(mq_db_change(
        &changed, side, MQ_SQL_PARTNER_INSERT,
        MQ_PARAMS(mq_bind_id(id), mq_bind_text(name), mq_bind_int(is_ours), mq_bind_int(is_ours))));
    return changed ? APR_SUCCESS : MQ_EBUG; /* an id that was there already */
}

static apr_status_t propose(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    proposal_t *proposal = data;
    const mq_id_t *id = &proposal->move.id;
    const mq_scope_t *other;
    MQ_TRY(mq_id_make(&proposal->move.id));
    MQ_TRY(mq_side_of_code(&other, sc, proposal->code));
    MQ_TRY(mq_side_join(sc, other, id));
    MQ_TRY(side_insert(sc, id, mq_scope_tenant_name(other), 1));
    MQ_TRY(side_insert(other, id, mq_scope_tenant_name(sc), 0));
    return both_told(event_io, sc, other, &proposal->move);
}

apr_status_t mq_partner_propose(mq_id_t *id_out, int *wait_out, const mq_visit_t *visit,
                                const mq_scope_t *sc, const char *code, const char *message)
{
    proposal_t proposal = {.move = {.state = MQ_PARTNER_PROPOSED, .reason = message},
                           .code = code_read(code, mq_scope_pool(sc))};
    const char *counter = mq_side_counter(sc);
    apr_status_t rv;
    mq_db_give_back(sc);
    MQ_TRY(mq_throttle_take(wait_out, visit, MQ_THROTTLE_PARTNER, counter));
    rv = reach_take(wait_out, visit, sc, proposal.code);
    if (rv == APR_SUCCESS) {
        rv = mq_change_beside_once(sc, MQ_ACTION_PARTNER_PROPOSE, propose, &proposal);
    }
    /* a right code forgives no wrong ones: whoever has one could guess for ever */
    mq_throttle_end(visit, MQ_THROTTLE_PARTNER, counter,
                    rv == MQ_ENOTFOUND ? MQ_TRY_FAILED : MQ_TRY_UNDECIDED);
    if (rv == MQ_ENOTFOUND) {
        MQ_TRY(mq_event_record(sc, &(mq_audit_event_t){.action = MQ_ACTION_PARTNER_PROPOSE,
                                                       .outcome = MQ_OUTCOME_FAILED,
                                                       .reason = "code"}));
    }
    *id_out = proposal.move.id;
    return rv;
}

/* --- steps --- */

/* Who may take a step. */
typedef enum { EITHER, ASKED, WHO_DID } whose_t;

static const struct {
    mq_partner_step_t step;
    mq_partner_state_t from;
    mq_partner_state_t to;
    whose_t whose;
    mq_action_t action;
} steps[] = {
    {MQ_PARTNER_ACCEPT, MQ_PARTNER_PROPOSED, MQ_PARTNER_ACTIVE, ASKED, MQ_ACTION_PARTNER_ACCEPT},
    {MQ_PARTNER_DECLINE, MQ_PARTNER_PROPOSED, MQ_PARTNER_DECLINED, ASKED,
     MQ_ACTION_PARTNER_DECLINE},
    {MQ_PARTNER_SUSPEND, MQ_PARTNER_ACTIVE, MQ_PARTNER_SUSPENDED, EITHER,
     MQ_ACTION_PARTNER_SUSPEND},
    /* one side's doubts are not for the other to lift */
    {MQ_PARTNER_RESUME, MQ_PARTNER_SUSPENDED, MQ_PARTNER_ACTIVE, WHO_DID, MQ_ACTION_PARTNER_RESUME},
    {MQ_PARTNER_END, MQ_PARTNER_PROPOSED, MQ_PARTNER_ENDED, WHO_DID, MQ_ACTION_PARTNER_END},
    {MQ_PARTNER_END, MQ_PARTNER_ACTIVE, MQ_PARTNER_ENDED, EITHER, MQ_ACTION_PARTNER_END},
    {MQ_PARTNER_END, MQ_PARTNER_SUSPENDED, MQ_PARTNER_ENDED, EITHER, MQ_ACTION_PARTNER_END}};

enum { STEPS = sizeof steps / sizeof *steps };

static int is_open(const mq_partner_t *partner, int row)
{
    int is_ones_own[] = {
        [EITHER] = 1, [ASKED] = !partner->is_ours, [WHO_DID] = partner->changed_here};
    return steps[row].from == partner->state && is_ones_own[steps[row].whose];
}

int mq_partner_steps(const mq_partner_t *partner)
{
    int open = 0;
    for (int i = 0; i < STEPS; i++) {
        open |= is_open(partner, i) ? (int)steps[i].step : 0;
    }
    return open;
}

static mq_partner_t partner_read(const mq_rows_t *rows, apr_pool_t *pool)
{
    return (mq_partner_t){.id = mq_rows_id(rows, MQ_PARTNER_ID),
                          .name = mq_rows_text(rows, MQ_PARTNER_NAME, pool),
                          .is_ours = (int)mq_rows_int(rows, MQ_PARTNER_IS_OURS),
                          .state = (mq_partner_state_t)mq_rows_int(rows, MQ_PARTNER_STATE),
                          .changed_here = (int)mq_rows_int(rows, MQ_PARTNER_CHANGED_HERE),
                          .allows_emergency = (int)mq_rows_int(rows, MQ_PARTNER_ALLOWS_EMERGENCY)};
}

static apr_status_t partner_find(mq_partner_t *partner_out, const mq_scope_t *sc, const mq_id_t *id)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PARTNER_BY_ID, MQ_PARAMS(mq_bind_id(id))));
    *partner_out = partner_read(&rows, mq_scope_pool(sc));
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static apr_status_t side_move(const mq_scope_t *side, const move_t *move, mq_partner_state_t from,
                              int is_here)
{
    int changed = 0;
    MQ_TRY(mq_db_change(&changed, side, MQ_SQL_PARTNER_STATE_SET,
                        MQ_PARAMS(mq_bind_int(move->state), mq_bind_int(is_here),
                                  mq_bind_id(&move->id), mq_bind_int(from))));
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

typedef struct taking_t {
    move_t move;
    mq_partner_step_t step;
} taking_t;

static apr_status_t take(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    taking_t *taking = data;
    move_t *move = &taking->move;
    mq_partner_state_t state;
    const mq_scope_t *other;
    mq_partner_t partner;
    int row = 0;
    MQ_TRY(partner_find(&partner, sc, &move->id));
    MQ_TRY(mq_side_of(&other, &state, sc, &move->id));
    while (row < STEPS && (steps[row].step != taking->step || !is_open(&partner, row))) {
        row++;
    }
    if (row == STEPS || state != steps[row].from) {
        return MQ_ECONFLICT;
    }
    move->state = steps[row].to;
    MQ_TRY(mq_side_move(sc, &move->id, state, move->state));
    MQ_TRY(side_move(sc, move, state, 1));
    MQ_TRY(side_move(other, move, state, 0));
    if (move->state != MQ_PARTNER_ACTIVE) { /* an emergency does not wait for it to be resumed */
        MQ_TRY(mq_emergencies_end(sc, other, &move->id));
    }
    if (move->state == MQ_PARTNER_ENDED) { /* and with it all that was shared */
        MQ_TRY(mq_shares_end(sc, &move->id, mq_scope_user_name(sc), move->reason));
        MQ_TRY(mq_shares_end(other, &move->id, mq_side_actor(sc), move->reason));
    }
    MQ_TRY(both_told(event_io, sc, other, move));
    if (move->state != MQ_PARTNER_ACTIVE) {
        mq_db_kept_set(sc, 0); /* whoever has no room left ends it, or lets it rest, all the same */
    }
    return APR_SUCCESS;
}

apr_status_t mq_partner_take(int *wait_out, const mq_visit_t *visit, const mq_scope_t *sc,
                             const mq_id_t *id, mq_partner_step_t step, const char *reason)
{
    taking_t taking = {.move = {.id = *id, .reason = reason}, .step = step};
    int row = 0;
    while (steps[row].step != step) {
        row++;
    }
    if (step == MQ_PARTNER_RESUME) { /* after which it can be suspended again */
        MQ_TRY(reach_take(wait_out, visit, sc, mq_id_text(id, mq_scope_pool(sc))));
    }
    return mq_change_beside(sc, steps[row].action, take, &taking);
}

/* --- reading --- */

/* What the others are called now is read where both can be read. */
typedef struct page_t {
    const mq_id_t *before;
    apr_array_header_t *list; /* of mq_partner_t */
    int has_next;
} page_t;

static apr_status_t page_read(const mq_scope_t *sc, void *data)
{
    page_t *page = data;
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *list = apr_array_make(pool, 8, sizeof(mq_partner_t));
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PARTNERS_BEFORE,
                        MQ_PARAMS(mq_bind_id(mq_keyset_before(page->before)),
                                  mq_bind_int(MQ_PARTNERS_PER_PAGE + 1))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(list, mq_partner_t) = partner_read(&rows, pool);
    }
    page->has_next = mq_keyset_cut(list, MQ_PARTNERS_PER_PAGE);
    page->list = list;
    for (int i = 0; rv == APR_EOF && i < list->nelts; i++) {
        mq_partner_t *partner = &APR_ARRAY_IDX(list, i, mq_partner_t);
        MQ_TRY(mq_side_name(&partner->name, sc, &partner->id));
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_partners_page(apr_array_header_t **list_out, int *has_next_out,
                              const mq_scope_t *sc, const mq_id_t *before)
{
    page_t page = {.before = before};
    MQ_TRY(mq_read_beside(sc, MQ_ACTION_PARTNERS_VIEW, page_read, &page));
    *list_out = page.list;
    *has_next_out = page.has_next;
    return APR_SUCCESS;
}

typedef struct view_t {
    const mq_id_t *id;
    const mq_id_t *before;
    mq_partner_t *partner;
    apr_array_header_t *past; /* of mq_partner_past_t */
} view_t;

static apr_status_t view_read(const mq_scope_t *sc, void *data)
{
    view_t *view = data;
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_rows_t rows;
    apr_status_t rv;
    view->past = apr_array_make(pool, 8, sizeof(mq_partner_past_t));
    MQ_TRY(partner_find(view->partner, sc, view->id));
    MQ_TRY(mq_side_name(&view->partner->name, sc, view->id));
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PARTNER_STEPS_BEFORE,
                        MQ_PARAMS(mq_bind_id(view->id), mq_bind_id(mq_keyset_before(view->before)),
                                  mq_bind_int(MQ_PARTNERS_PER_PAGE + 1))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(view->past, mq_partner_past_t) = (mq_partner_past_t){
            .id = mq_rows_id(&rows, MQ_PARTNER_STEPS_BEFORE_ID),
            .at = mq_rows_int(&rows, MQ_PARTNER_STEPS_BEFORE_AT),
            .state = (mq_partner_state_t)mq_rows_int(&rows, MQ_PARTNER_STEPS_BEFORE_STATE),
            .by_name = mq_rows_text(&rows, MQ_PARTNER_STEPS_BEFORE_BY_NAME, pool),
            .is_here = (int)mq_rows_int(&rows, MQ_PARTNER_STEPS_BEFORE_IS_HERE),
            .reason = mq_rows_text(&rows, MQ_PARTNER_STEPS_BEFORE_REASON, pool)};
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_partner_view(mq_partner_t *partner_out, apr_array_header_t **past_out,
                             int *has_next_out, const mq_scope_t *sc, const mq_id_t *id,
                             const mq_id_t *before)
{
    view_t view = {.id = id, .before = before, .partner = partner_out};
    MQ_TRY(mq_read_beside(sc, MQ_ACTION_PARTNERS_VIEW, view_read, &view));
    *has_next_out = mq_keyset_cut(view.past, MQ_PARTNERS_PER_PAGE);
    *past_out = view.past;
    return APR_SUCCESS;
}
