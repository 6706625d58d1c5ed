/* consents.c -- recording and withdrawing consents; SQL is in store/statements/consents.sql.
 *
 * A consent is the owner's, and so is the share that it makes: a row with its own life, which names
 * the patient, and which no statement of the reader's ever sees. What the reader's organisation
 * gets is the share's id and whose it is. Both rows come and go in one commit, so that what ended
 * stands in no list.
 *
 * What must stay true: nothing is shared but with an organisation that is linked now; what is ended
 * once stays ended. */
#include "domain/sharing/consents.h"

#include <apr_strings.h>
#include <string.h>

#include "base/catalogue.h"
#include "domain/access/standing.h"
#include "domain/access/throttle.h"
#include "domain/keyset.h"
#include "domain/patients/patient_links.h"
#include "domain/patients/patient_record.h"
#include "domain/sharing/sides.h"

static const apr_interval_time_t day = (apr_interval_time_t)24 * 3600 * APR_USEC_PER_SEC;

const mq_choice_t mq_consent_purposes[] = {{"TREAT", MQ_SAY("Treatment")},
                                           {"ETREAT", MQ_SAY("Emergency treatment")},
                                           {"CAREMGT", MQ_SAY("Care management")},
                                           {"HOPERAT", MQ_SAY("Healthcare operations")},
                                           {"PATRQT", MQ_SAY("Patient requested")},
                                           {"FAMRQT", MQ_SAY("Family requested")},
                                           {"PUBHLTH", MQ_SAY("Public health")},
                                           {"HPAYMT", MQ_SAY("Healthcare payment")},
                                           {"HRESCH", MQ_SAY("Healthcare research")},
                                           {NULL, NULL}};

int mq_consent_parts_hold(int parts)
{
    return parts == MQ_SHARE_PERSON || parts == (MQ_SHARE_PERSON | MQ_SHARE_LISTS) ||
           parts == MQ_SHARE_ALL || parts == (MQ_SHARE_PERSON | MQ_SHARE_LISTS | MQ_SHARE_CHOSEN);
}

const char *mq_consent_parts_say(int parts, int chosen, apr_pool_t *pool)
{
    const char *notes = parts & MQ_SHARE_CHOSEN  ? apr_psprintf(pool, ", %d chosen note%s", chosen,
                                                               chosen == 1 ? "" : "s")
                        : parts & MQ_SHARE_NOTES ? ", notes"
                                                 : "";
    return apr_pstrcat(pool, "person", parts & MQ_SHARE_LISTS ? ", lists" : "", notes, NULL);
}

static int is_purpose(const char *purpose)
{
    const mq_choice_t *row = mq_consent_purposes;
    while (row->value && (!purpose || strcmp(row->value, purpose) != 0)) {
        row++;
    }
    return row->value != NULL;
}

/* Notes are named where they are chosen, and nowhere else. */
static int notes_hold(const mq_consent_new_t *in)
{
    return in->parts & MQ_SHARE_CHOSEN
               ? in->note_count > 0 && in->note_count <= MQ_CHOSEN_NOTES_MOST
               : in->note_count == 0;
}

/* A day more than may be said: both days count, and one of them may have 25 hours. */
static int holds(const mq_consent_new_t *in)
{
    int named = in->giver_name && in->giver_relation;
    return (in->given_by == MQ_GIVEN_BY_PATIENT ||
            (in->given_by == MQ_GIVEN_BY_GUARDIAN && named)) &&
           in->method >= MQ_GIVEN_IN_WRITING && in->method <= MQ_GIVEN_ELECTRONICALLY &&
           mq_consent_parts_hold(in->parts) && notes_hold(in) && is_purpose(in->purpose) &&
           in->until > in->from && in->until - in->from < (MQ_CONSENT_DAYS_MOST + 2) * day;
}

/* --- recording --- */

typedef struct recording_t {
    const mq_id_t *patient;
    const mq_consent_new_t *in;
    mq_id_t id;
    mq_id_t share;
} recording_t;

/* The organisation that something is shared with, if it is linked, and there. */
static apr_status_t reader_find(const mq_scope_t **reader_out, const mq_scope_t *sc,
                                const mq_id_t *partner)
{
    mq_partner_state_t state = MQ_PARTNER_ENDED;
    apr_status_t rv = mq_side_of(reader_out, &state, sc, partner);
    if (rv == APR_SUCCESS && state != MQ_PARTNER_ACTIVE) {
        rv = MQ_ENOTFOUND;
    }
    if (rv == APR_SUCCESS) {
        rv = mq_standing_check_nobody(*reader_out);
    }
    return rv == MQ_ENOTFOUND ? MQ_ECONFLICT : rv;
}

static apr_status_t patient_check(const mq_scope_t *sc, const mq_id_t *id)
{
    mq_rows_t rows;
    int is_active;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_BRIEF, MQ_PARAMS(mq_bind_id(id))));
    is_active = mq_rows_int(&rows, MQ_PATIENT_BRIEF_STATUS) == MQ_PATIENT_ACTIVE;
    mq_rows_close(&rows);
    return is_active ? APR_SUCCESS : MQ_ECONFLICT;
}

static apr_status_t rows_insert(const mq_scope_t *sc, const recording_t *recording)
{
    const mq_consent_new_t *in = recording->in;
    int changed = 0;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_SHARE_INSERT,
                        MQ_PARAMS(mq_bind_id(&recording->share), mq_bind_id(recording->patient),
                                  mq_bind_id(&in->partner), mq_bind_int(mq_scope_now(sc)))));
    if (!changed) {
        return MQ_EBUG; /* an id that was there already */
    }
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_CONSENT_INSERT,
                        MQ_PARAMS(mq_bind_id(recording->patient), mq_bind_id(&recording->id),
                                  mq_bind_id(&recording->share), mq_bind_id(&in->partner),
                                  mq_bind_int(in->given_by), mq_bind_text(in->giver_name),
                                  mq_bind_text(in->giver_relation), mq_bind_int(in->method),
                                  mq_bind_int(in->parts), mq_bind_text(in->purpose),
                                  mq_bind_int(in->from), mq_bind_int(in->until),
                                  mq_bind_text(in->remark), mq_bind_int(mq_scope_now(sc)),
                                  mq_bind_id(mq_scope_user(sc)))));
    return changed ? mq_chosen_notes_insert(sc, recording->patient, &recording->share, in->notes,
                                            in->note_count)
                   : MQ_EBUG;
}

static apr_status_t record_on_both(mq_audit_event_t *event_io, const mq_scope_t **reader_out,
                                   const mq_scope_t *sc, recording_t *recording)
{
    const mq_scope_t *reader;
    mq_audit_event_t theirs = *event_io;
    MQ_TRY(patient_check(sc, recording->patient));
    MQ_TRY(reader_find(&reader, sc, &recording->in->partner));
    MQ_TRY(mq_id_make(&recording->id));
    MQ_TRY(mq_id_make(&recording->share));
    MQ_TRY(rows_insert(sc, recording));
    MQ_TRY(mq_db_change(
        NULL, reader, MQ_SQL_SHARED_LINK_INSERT,
        MQ_PARAMS(mq_bind_id(&recording->share), mq_bind_id(&recording->in->partner))));
    event_io->object = &recording->id;
    event_io->patient = recording->patient;
    event_io->reason =
        mq_consent_parts_say(recording->in->parts, recording->in->note_count, mq_scope_pool(sc));
    theirs.object = &recording->share; /* nothing of the patient */
    *reader_out = reader;
    return mq_audit_write(reader, &theirs);
}

static apr_status_t record(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const mq_scope_t *reader;
    return record_on_both(event_io, &reader, sc, data);
}

apr_status_t mq_consent_record_within(mq_id_t *share_out, const mq_scope_t **reader_out,
                                      const mq_scope_t *sc, const mq_id_t *patient,
                                      const mq_consent_new_t *in)
{
    recording_t recording = {.patient = patient, .in = in};
    mq_audit_event_t event = {.action = MQ_ACTION_CONSENT_RECORD, .outcome = MQ_OUTCOME_DONE};
    if (!holds(in)) {
        return MQ_EINVALID;
    }
    MQ_TRY(record_on_both(&event, reader_out, sc, &recording));
    *share_out = recording.share;
    return mq_audit_write(sc, &event);
}

apr_status_t mq_consent_reach(int *wait_out, const mq_visit_t *visit, const mq_scope_t *sc,
                              const mq_id_t *partner)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_db_give_back(sc);
    return mq_throttle_take(
        wait_out, visit, MQ_THROTTLE_SHARE,
        apr_pstrcat(pool, mq_side_counter(sc), " ", mq_id_text(partner, pool), NULL));
}

apr_status_t mq_consent_record(mq_id_t *id_out, int *wait_out, const mq_visit_t *visit,
                               const mq_scope_t *sc, const mq_id_t *patient,
                               const mq_consent_new_t *in)
{
    recording_t recording = {.patient = patient, .in = in};
    if (!holds(in)) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_consent_reach(wait_out, visit, sc, &in->partner));
    MQ_TRY(mq_change_beside_once(sc, MQ_ACTION_CONSENT_RECORD, record, &recording));
    *id_out = recording.id;
    return APR_SUCCESS;
}

/* --- ending --- */

apr_status_t mq_share_end(const mq_scope_t *owner, const mq_scope_t *reader, const mq_id_t *share,
                          mq_consent_state_t state, const char *by, const char *reason)
{
    const apr_time_t now = mq_scope_now(owner);
    int changed = 0;
    MQ_TRY(mq_db_change(&changed, owner, MQ_SQL_SHARE_END,
                        MQ_PARAMS(mq_bind_int(state), mq_bind_int(now), mq_bind_id(share))));
    if (!changed) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(mq_db_change(NULL, owner, MQ_SQL_CONSENT_END,
                        MQ_PARAMS(mq_bind_int(state), mq_bind_int(now), mq_bind_text(by),
                                  mq_bind_text(reason), mq_bind_id(share))));
    mq_db_kept_set(owner, 0); /* whoever has no room left ends it all the same */
    return reader
               ? mq_db_change(NULL, reader, MQ_SQL_SHARED_LINK_DELETE, MQ_PARAMS(mq_bind_id(share)))
               : APR_SUCCESS;
}

apr_status_t mq_shares_end(const mq_scope_t *side, const mq_id_t *partner, const char *by,
                           const char *reason)
{
    const apr_time_t now = mq_scope_now(side);
    MQ_TRY(mq_db_change(
        NULL, side, MQ_SQL_SHARES_END_OF_PARTNER,
        MQ_PARAMS(mq_bind_int(MQ_CONSENT_LINK_ENDED), mq_bind_int(now), mq_bind_id(partner))));
    MQ_TRY(mq_db_change(NULL, side, MQ_SQL_CONSENTS_END_OF_PARTNER,
                        MQ_PARAMS(mq_bind_int(MQ_CONSENT_LINK_ENDED), mq_bind_int(now),
                                  mq_bind_text(by), mq_bind_text(reason), mq_bind_id(partner))));
    return mq_db_change(NULL, side, MQ_SQL_SHARED_LINKS_DELETE_OF_PARTNER,
                        MQ_PARAMS(mq_bind_id(partner)));
}

static mq_consent_t consent_row(const mq_rows_t *rows, apr_pool_t *pool)
{
    return (mq_consent_t){
        .id = mq_rows_id(rows, MQ_CONSENT_ID),
        .share = mq_rows_id(rows, MQ_CONSENT_SHARE_ID),
        .said = {.partner = mq_rows_id(rows, MQ_CONSENT_PARTNER_ID),
                 .given_by = (mq_giver_t)mq_rows_int(rows, MQ_CONSENT_GIVEN_BY),
                 .giver_name = mq_rows_text(rows, MQ_CONSENT_GIVER_NAME, pool),
                 .giver_relation = mq_rows_text(rows, MQ_CONSENT_GIVER_RELATION, pool),
                 .method = (mq_giving_t)mq_rows_int(rows, MQ_CONSENT_METHOD),
                 .parts = (int)mq_rows_int(rows, MQ_CONSENT_PARTS),
                 .purpose = mq_rows_text(rows, MQ_CONSENT_PURPOSE, pool),
                 .from = mq_rows_int(rows, MQ_CONSENT_FROM_AT),
                 .until = mq_rows_int(rows, MQ_CONSENT_UNTIL_AT),
                 .remark = mq_rows_text(rows, MQ_CONSENT_REMARK, pool)},
        .partner_name = mq_rows_text(rows, MQ_CONSENT_PARTNER_NAME, pool),
        .state = (mq_consent_state_t)mq_rows_int(rows, MQ_CONSENT_STATE),
        .recorded_at = mq_rows_int(rows, MQ_CONSENT_RECORDED_AT),
        .recorded_by = mq_rows_text(rows, MQ_CONSENT_RECORDED_BY_NAME, pool),
        .ended_at = mq_rows_int(rows, MQ_CONSENT_ENDED_AT),
        .ended_by = mq_rows_text(rows, MQ_CONSENT_ENDED_BY_NAME, pool),
        .ended_reason = mq_rows_text(rows, MQ_CONSENT_ENDED_REASON, pool)};
}

/* Whatever is stored, what is over is over. */
static void state_settle(mq_consent_t *consent, const mq_scope_t *sc)
{
    if (consent->state == MQ_CONSENT_ACTIVE && consent->said.until <= mq_scope_now(sc)) {
        consent->state = MQ_CONSENT_EXPIRED;
    }
}

/* Which notes were chosen, where some were. */
static apr_status_t notes_look(mq_consent_t *consent, const mq_scope_t *sc)
{
    if (!(consent->said.parts & MQ_SHARE_CHOSEN)) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_chosen_notes_count(&consent->note_count, sc, &consent->share));
    return mq_chosen_notes_of(&consent->notes, sc, &consent->share);
}

/* The patient's, or that of a record which was merged into theirs. */
static apr_status_t consent_find(mq_consent_t *consent_out, const mq_scope_t *sc,
                                 const mq_id_t *patient, const mq_id_t *id)
{
    apr_array_header_t *ids;
    apr_status_t rv = MQ_ENOTFOUND;
    MQ_TRY(mq_patient_stands_for(&ids, sc, patient));
    for (int i = 0; i < ids->nelts && rv == MQ_ENOTFOUND; i++) {
        const mq_id_t *of = &APR_ARRAY_IDX(ids, i, mq_id_t);
        mq_rows_t rows;
        rv = mq_db_select_one(&rows, sc, MQ_SQL_CONSENT_BY_ID,
                              MQ_PARAMS(mq_bind_id(of), mq_bind_id(id)));
        if (rv == APR_SUCCESS) {
            *consent_out = consent_row(&rows, mq_scope_pool(sc));
            consent_out->patient = *of;
            mq_rows_close(&rows);
        }
    }
    return rv;
}

typedef struct withdrawal_t {
    const mq_id_t *patient;
    const mq_id_t *id;
    const char *reason;
    mq_id_t of; /* the patient, or whoever was merged into them */
    mq_id_t share;
    int is_shared_still;
} withdrawal_t;

/* By another consent, to the same organisation: of which whoever withdraws this one must know. */
static apr_status_t others_look(withdrawal_t *withdrawal, const mq_scope_t *sc,
                                const mq_id_t *partner)
{
    mq_rows_t rows;
    apr_status_t rv =
        mq_db_select_one(&rows, sc, MQ_SQL_CONSENT_OPEN_OF_PARTNER,
                         MQ_PARAMS(mq_bind_id(withdrawal->patient), mq_bind_id(partner),
                                   mq_bind_int(mq_scope_now(sc))));
    withdrawal->is_shared_still = rv == APR_SUCCESS;
    if (rv == APR_SUCCESS) {
        mq_rows_close(&rows);
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

static apr_status_t withdraw(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    withdrawal_t *withdrawal = data;
    mq_audit_event_t theirs = *event_io;
    const mq_scope_t *reader = NULL;
    mq_partner_state_t state;
    mq_consent_t consent;
    apr_status_t rv;
    MQ_TRY(consent_find(&consent, sc, withdrawal->patient, withdrawal->id));
    withdrawal->of = consent.patient;
    withdrawal->share = consent.share;
    rv = mq_side_of(&reader, &state, sc, &consent.said.partner);
    if (rv != APR_SUCCESS && rv != MQ_ENOTFOUND) {
        return rv;
    }
    reader = rv == APR_SUCCESS ? reader : NULL; /* else it is erased */
    MQ_TRY(mq_share_end(sc, reader, &withdrawal->share, MQ_CONSENT_WITHDRAWN,
                        mq_scope_user_name(sc), withdrawal->reason));
    MQ_TRY(others_look(withdrawal, sc, &consent.said.partner));
    event_io->object = withdrawal->id;
    event_io->patient = &withdrawal->of;
    event_io->reason = withdrawal->reason;
    theirs.object = &withdrawal->share;
    return reader ? mq_audit_write(reader, &theirs) : APR_SUCCESS;
}

apr_status_t mq_consent_withdraw(int *is_shared_still_out, const mq_scope_t *sc,
                                 const mq_id_t *patient, const mq_id_t *id, const char *reason)
{
    withdrawal_t withdrawal = {.patient = patient, .id = id, .reason = reason};
    MQ_TRY(mq_change_beside(sc, MQ_ACTION_CONSENT_WITHDRAW, withdraw, &withdrawal));
    *is_shared_still_out = withdrawal.is_shared_still;
    return APR_SUCCESS;
}

/* --- reading --- */

typedef struct page_t {
    const mq_id_t *patient;
    const mq_id_t *before;
    apr_array_header_t *list;
    int has_next;
} page_t;

/* Whether the other side is there is read where both can be read. */
static apr_status_t open_look(const mq_scope_t *sc, apr_array_header_t *list)
{
    for (int i = 0; i < list->nelts; i++) {
        mq_consent_t *consent = &APR_ARRAY_IDX(list, i, mq_consent_t);
        const mq_scope_t *reader;
        apr_status_t rv;
        MQ_TRY(mq_side_name(&consent->partner_name, sc, &consent->said.partner));
        MQ_TRY(notes_look(consent, sc));
        state_settle(consent, sc);
        if (consent->state != MQ_CONSENT_ACTIVE || consent->is_asleep) {
            continue;
        }
        rv = reader_find(&reader, sc, &consent->said.partner);
        if (rv != APR_SUCCESS && rv != MQ_ECONFLICT) {
            return rv;
        }
        consent->is_open = rv == APR_SUCCESS;
    }
    return APR_SUCCESS;
}

static apr_status_t rows_read(apr_array_header_t *list, const mq_scope_t *sc,
                              const mq_id_t *patient, const mq_id_t *before)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_CONSENTS_BEFORE,
                        MQ_PARAMS(mq_bind_id(patient), mq_bind_id(mq_keyset_before(before)),
                                  mq_bind_int(MQ_CONSENTS_PER_PAGE + 1))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        mq_consent_t *row = &APR_ARRAY_PUSH(list, mq_consent_t);
        *row = consent_row(&rows, mq_scope_pool(sc));
        row->patient = *patient;
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* What nobody sees could not be withdrawn, and would share again one day. */
static apr_status_t asleep_read(apr_array_header_t *list, const mq_scope_t *sc,
                                const mq_id_t *patient)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *all = apr_array_make(pool, 8, sizeof(mq_consent_t));
    apr_array_header_t *ids;
    MQ_TRY(mq_patient_stands_for(&ids, sc, patient));
    for (int i = 1; i < ids->nelts; i++) { /* the first is the patient */
        MQ_TRY(rows_read(all, sc, &APR_ARRAY_IDX(ids, i, mq_id_t), NULL));
    }
    for (int i = 0; i < all->nelts; i++) {
        mq_consent_t *consent = &APR_ARRAY_IDX(all, i, mq_consent_t);
        state_settle(consent, sc);
        if (consent->state == MQ_CONSENT_ACTIVE) {
            consent->is_asleep = 1;
            APR_ARRAY_PUSH(list, mq_consent_t) = *consent;
        }
    }
    return APR_SUCCESS;
}

static apr_status_t page_read(const mq_scope_t *sc, void *data)
{
    page_t *page = data;
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *own = apr_array_make(pool, 8, sizeof(mq_consent_t));
    page->list = apr_array_make(pool, 8, sizeof(mq_consent_t));
    if (!page->before) {
        MQ_TRY(asleep_read(page->list, sc, page->patient));
    }
    MQ_TRY(rows_read(own, sc, page->patient, page->before));
    page->has_next = mq_keyset_cut(own, MQ_CONSENTS_PER_PAGE);
    apr_array_cat(page->list, own);
    return open_look(sc, page->list);
}

apr_status_t mq_consents_page(apr_array_header_t **list_out, int *has_next_out,
                              const mq_scope_t *sc, const mq_id_t *patient, const mq_id_t *before)
{
    page_t page = {.patient = patient, .before = before};
    MQ_TRY(mq_read_beside(sc, MQ_ACTION_CONSENTS_VIEW, page_read, &page));
    *list_out = page.list;
    *has_next_out = page.has_next;
    return APR_SUCCESS;
}

typedef struct reading_t {
    mq_consent_t *consent;
    const mq_id_t *patient;
    const mq_id_t *id;
} reading_t;

/* What the other one is called is read where both can be read. */
static apr_status_t read_one(const mq_scope_t *sc, void *data)
{
    const reading_t *reading = data;
    mq_consent_t *consent = reading->consent;
    MQ_TRY(consent_find(consent, sc, reading->patient, reading->id));
    state_settle(consent, sc);
    MQ_TRY(notes_look(consent, sc));
    return mq_side_name(&consent->partner_name, sc, &consent->said.partner);
}

apr_status_t mq_consent_read(mq_consent_t *consent_out, const mq_scope_t *sc,
                             const mq_id_t *patient, const mq_id_t *id)
{
    reading_t reading = {.consent = consent_out, .patient = patient, .id = id};
    return mq_read_beside(sc, MQ_ACTION_CONSENTS_VIEW, read_one, &reading);
}

typedef struct choosing_t {
    const mq_id_t *before;
    const mq_id_t *chosen;
    apr_array_header_t *list;
    const mq_id_t *next;
} choosing_t;

/* What was chosen on another page of them is chosen on this one as well. */
static apr_status_t chosen_add(const choosing_t *choosing, const mq_scope_t *sc)
{
    mq_rows_t rows;
    apr_status_t rv;
    for (int i = 0; i < choosing->list->nelts; i++) {
        const mq_id_t *id = &APR_ARRAY_IDX(choosing->list, i, mq_consent_partner_t).id;
        if (mq_id_equal(id, choosing->chosen)) {
            return APR_SUCCESS;
        }
    }
    rv = mq_db_select_one(&rows, sc, MQ_SQL_PARTNER_BY_ID, MQ_PARAMS(mq_bind_id(choosing->chosen)));
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    if (mq_rows_int(&rows, MQ_PARTNER_STATE) == MQ_PARTNER_ACTIVE) {
        APR_ARRAY_PUSH(choosing->list, mq_consent_partner_t) =
            (mq_consent_partner_t){.id = *choosing->chosen,
                                   .name = mq_rows_text(&rows, MQ_PARTNER_NAME, mq_scope_pool(sc))};
    }
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static apr_status_t partners_read(const mq_scope_t *sc, void *data)
{
    choosing_t *choosing = data;
    apr_array_header_t *list = choosing->list;
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PARTNERS_LINKED_BEFORE,
                        MQ_PARAMS(mq_bind_id(mq_keyset_before(choosing->before)),
                                  mq_bind_int(MQ_CONSENT_PARTNERS_PER_PAGE + 1))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(list, mq_consent_partner_t) = (mq_consent_partner_t){
            .id = mq_rows_id(&rows, MQ_PARTNERS_LINKED_BEFORE_ID),
            .name = mq_rows_text(&rows, MQ_PARTNERS_LINKED_BEFORE_NAME, mq_scope_pool(sc))};
    }
    if (mq_keyset_cut(list, MQ_CONSENT_PARTNERS_PER_PAGE)) {
        choosing->next = apr_pmemdup(mq_scope_pool(sc),
                                     &APR_ARRAY_IDX(list, list->nelts - 1, mq_consent_partner_t).id,
                                     sizeof *choosing->next);
    }
    if (rv == APR_EOF) {
        rv = choosing->chosen ? chosen_add(choosing, sc) : APR_SUCCESS;
    }
    for (int i = 0; rv == APR_SUCCESS && i < list->nelts; i++) {
        mq_consent_partner_t *partner = &APR_ARRAY_IDX(list, i, mq_consent_partner_t);
        rv = mq_side_name(&partner->name, sc, &partner->id);
    }
    return rv;
}

apr_status_t mq_consent_partners(apr_array_header_t **list_out, const mq_id_t **next_out,
                                 const mq_scope_t *sc, const mq_id_t *before, const mq_id_t *chosen)
{
    choosing_t choosing = {.before = before, .chosen = chosen};
    choosing.list = apr_array_make(mq_scope_pool(sc), 8, sizeof(mq_consent_partner_t));
    MQ_TRY(mq_read_beside(sc, MQ_ACTION_CONSENTS_VIEW, partners_read, &choosing));
    *list_out = choosing.list;
    *next_out = choosing.next;
    return APR_SUCCESS;
}

apr_status_t mq_consent_language(const char **tag_out, const mq_scope_t *sc)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_TENANT_STATE, MQ_NO_PARAMS));
    *tag_out = mq_rows_text(&rows, MQ_TENANT_STATE_LANGUAGE, mq_scope_pool(sc));
    mq_rows_close(&rows);
    return APR_SUCCESS;
}
