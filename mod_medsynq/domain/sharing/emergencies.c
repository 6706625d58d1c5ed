/* emergencies.c -- opening a record of a linked organisation in an emergency.
 *
 * Nobody has agreed to it, so all rests on who asks, and on what the owner is told. The owner's
 * row, the share, the reader's link and an event in each trail are one commit, before anything is
 * shown; each look is then recorded as one at any share.
 *
 * Whoever asks must learn nothing by asking. The same statements run whether there is such a
 * patient, or an organisation that allows it: where it does not, they run among one's own, and what
 * they find is thrown away. Whatever is wrong, nothing is kept but one's own event, which says that
 * a try has failed. */
#include "domain/sharing/emergencies.h"

#include <apr_strings.h>

#include "base/text.h"
#include "domain/access/standing.h"
#include "domain/access/throttle.h"
#include "domain/patients/mrn.h"
#include "domain/patients/patient_fields.h"
#include "domain/sharing/consents.h"
#include "domain/sharing/sides.h"

enum { END_AT_ONCE = 100, OFTEN = 5, DAYS_OF_MONTH = 30 };

static const apr_interval_time_t term =
    (apr_interval_time_t)MQ_EMERGENCY_MINUTES * 60 * APR_USEC_PER_SEC;
static const apr_interval_time_t day = (apr_interval_time_t)24 * 3600 * APR_USEC_PER_SEC;

int mq_emergency_marks(int in_day, int in_month)
{
    return (in_day >= 1 ? MQ_EMERGENCY_AGAIN_TODAY : 0) |
           (in_month >= OFTEN - 1 ? MQ_EMERGENCY_OFTEN : 0);
}

int mq_emergency_reason_holds(const char *reason)
{
    return reason && mq_text_count_seen(reason) >= MQ_EMERGENCY_REASON_LEAST;
}

/* --- whom it is of --- */

typedef struct opening_t {
    const mq_emergency_new_t *in;
    mq_id_t id;
    mq_id_t patient;
    int marks;
    mq_emergency_told_t *told;
} opening_t;

/* Whether one side lets it: the link is active as it sees it, and the setting is on. */
static apr_status_t side_allows(int *allows_out, const mq_scope_t *side, const mq_id_t *partner)
{
    mq_rows_t rows;
    apr_status_t rv =
        mq_db_select_one(&rows, side, MQ_SQL_EMERGENCY_PARTNER, MQ_PARAMS(mq_bind_id(partner)));
    *allows_out = 0;
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    *allows_out = mq_rows_int(&rows, MQ_EMERGENCY_PARTNER_STATE) == MQ_PARTNER_ACTIVE &&
                  mq_rows_int(&rows, MQ_EMERGENCY_PARTNER_ALLOWS_EMERGENCY) != 0;
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

/* @param is_let_out whether there is an owner who lets it; what is done until then is the same */
static apr_status_t owner_find(const mq_scope_t **owner_out, int *is_let_out, const mq_scope_t *sc,
                               const mq_id_t *partner)
{
    mq_partner_state_t state = MQ_PARTNER_ENDED;
    int here;
    int there;
    apr_status_t rv;
    *is_let_out = 0;
    MQ_TRY(side_allows(&here, sc, partner));
    rv = mq_side_of(owner_out, &state, sc, partner);
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    MQ_TRY(side_allows(&there, *owner_out, partner));
    rv = mq_standing_check_nobody(*owner_out);
    *is_let_out = here && there && state == MQ_PARTNER_ACTIVE && rv == APR_SUCCESS;
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

static apr_status_t found_add(apr_array_header_t *found, const mq_scope_t *side,
                              const mq_tenant_read_t *statement, const char *key, const char *birth)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, side, statement, MQ_PARAMS(mq_bind_text(key), mq_bind_text(birth))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        const mq_id_t id = mq_rows_id(&rows, MQ_EMERGENCY_FOUND_ID);
        if (found->nelts == 0 || !mq_id_equal(&APR_ARRAY_IDX(found, 0, mq_id_t), &id)) {
            APR_ARRAY_PUSH(found, mq_id_t) = id;
        }
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* As the owner writes it; with its letter it is a record number however it was typed. */
static const char *mrn_of(const char *typed, apr_pool_t *pool)
{
    mq_mrn_said_t said;
    const char *mrn = mq_mrn_read(&said, typed, pool);
    return mrn && said == MQ_MRN_SAID ? mrn : typed;
}

static apr_status_t number_find(apr_array_header_t *found, const mq_scope_t *side,
                                const char *number, const char *birth)
{
    apr_pool_t *pool = mq_scope_pool(side);
    const char *national = mq_national_id_key(number, pool);
    MQ_TRY(found_add(found, side, MQ_SQL_EMERGENCY_BY_MRN, mrn_of(number, pool), birth));
    return found_add(found, side, MQ_SQL_EMERGENCY_BY_NATIONAL_ID, national ? national : "", birth);
}

/* Both numbers are looked for, always, as they were typed and with the digits that most are stored
 * with. Of several nobody could tell which one is meant. */
static apr_status_t patient_find(int *is_found_out, opening_t *opening, const mq_scope_t *side)
{
    apr_pool_t *pool = mq_scope_pool(side);
    apr_array_header_t *found = apr_array_make(pool, 8, sizeof(mq_id_t));
    const mq_emergency_new_t *in = opening->in;
    MQ_TRY(number_find(found, side, in->identifier, in->birth_date));
    MQ_TRY(number_find(found, side, mq_text_plain_digits(in->identifier, pool), in->birth_date));
    *is_found_out = found->nelts == 1;
    if (*is_found_out) {
        opening->patient = APR_ARRAY_IDX(found, 0, mq_id_t);
    }
    return APR_SUCCESS;
}

/* --- what is kept of it --- */

static apr_status_t uses_count(int *count_out, const mq_scope_t *sc, apr_time_t since)
{
    mq_rows_t rows;
    apr_status_t rv;
    *count_out = 0;
    MQ_TRY(mq_db_select(
        &rows, sc, MQ_SQL_EMERGENCY_USES_SINCE,
        MQ_PARAMS(mq_bind_id(mq_scope_user(sc)), mq_bind_int(since), mq_bind_int(OFTEN))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        (*count_out)++;
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t account_version(apr_int64_t *version_out, const mq_scope_t *sc)
{
    mq_rows_t rows;
    MQ_TRY(
        mq_db_select_one(&rows, sc, MQ_SQL_USER_VERSION, MQ_PARAMS(mq_bind_id(mq_scope_user(sc)))));
    *version_out = mq_rows_int(&rows, MQ_USER_VERSION);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

/* Nothing of the patient: that somebody has done it, and in whose records. */
static apr_status_t reader_keeps(const mq_scope_t *sc, const opening_t *opening)
{
    const mq_id_t *partner = &opening->in->partner;
    apr_int64_t version;
    int changed = 0;
    MQ_TRY(account_version(&version, sc));
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_SHARED_LINK_INSERT,
                        MQ_PARAMS(mq_bind_id(&opening->id), mq_bind_id(partner))));
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_EMERGENCY_USE_INSERT,
                        MQ_PARAMS(mq_bind_id(&opening->id), mq_bind_id(partner),
                                  mq_bind_id(mq_scope_user(sc)), mq_bind_int(version),
                                  mq_bind_int(mq_scope_now(sc)))));
    return changed ? APR_SUCCESS : MQ_EBUG;
}

static apr_status_t owner_keeps(const mq_scope_t *owner, const opening_t *opening)
{
    const mq_emergency_new_t *in = opening->in;
    const apr_time_t now = mq_scope_now(owner);
    int changed = 0;
    MQ_TRY(mq_db_change(&changed, owner, MQ_SQL_SHARE_INSERT,
                        MQ_PARAMS(mq_bind_id(&opening->id), mq_bind_id(&opening->patient),
                                  mq_bind_id(&in->partner), mq_bind_int(now))));
    if (!changed) {
        return MQ_EBUG; /* an id that was there already */
    }
    MQ_TRY(mq_db_change(&changed, owner, MQ_SQL_EMERGENCY_INSERT,
                        MQ_PARAMS(mq_bind_id(&opening->id), mq_bind_id(&opening->patient),
                                  mq_bind_id(&in->partner), mq_bind_text(mq_scope_user_name(owner)),
                                  mq_bind_text(in->reason), mq_bind_int(now),
                                  mq_bind_int(now + term), mq_bind_int(opening->marks))));
    return changed ? APR_SUCCESS : MQ_EBUG;
}

static apr_status_t told_read(mq_emergency_told_t *told, const mq_scope_t *owner)
{
    apr_pool_t *pool = mq_scope_pool(owner);
    mq_rows_t rows;
    apr_status_t rv;
    told->addresses = apr_array_make(pool, 4, sizeof(const char *));
    MQ_TRY(mq_consent_language(&told->language, owner));
    MQ_TRY(mq_db_select(&rows, owner, MQ_SQL_EMERGENCY_TOLD,
                        MQ_PARAMS(mq_bind_int(MQ_EMERGENCY_TOLD_MOST))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(told->addresses, const char *) =
            mq_rows_text(&rows, MQ_EMERGENCY_TOLD_EMAIL, pool);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t open_one(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    opening_t *opening = data;
    const apr_time_t now = mq_scope_now(sc);
    mq_audit_event_t theirs;
    const mq_scope_t *owner = NULL;
    int is_let;
    int is_found;
    int in_day;
    int in_month;
    MQ_TRY(owner_find(&owner, &is_let, sc, &opening->in->partner));
    MQ_TRY(patient_find(&is_found, opening, is_let ? owner : sc));
    if (!is_let || !is_found) {
        return MQ_ENOTFOUND;
    }
    MQ_TRY(uses_count(&in_day, sc, now - day));
    MQ_TRY(uses_count(&in_month, sc, now - DAYS_OF_MONTH * day));
    opening->marks = mq_emergency_marks(in_day, in_month);
    MQ_TRY(mq_id_make(&opening->id));
    MQ_TRY(owner_keeps(owner, opening));
    MQ_TRY(reader_keeps(sc, opening));
    MQ_TRY(told_read(opening->told, owner));
    event_io->object = &opening->id;
    theirs = *event_io;
    theirs.action = MQ_ACTION_EMERGENCY_OPENED;
    theirs.patient = &opening->patient;
    theirs.reason = opening->in->reason;
    return mq_audit_write(owner, &theirs);
}

/* --- tries --- */

static const char *person_counter(const mq_scope_t *sc)
{
    return mq_id_text(mq_scope_user(sc), mq_scope_pool(sc));
}

static void tries_end(const mq_visit_t *visit, const mq_scope_t *sc, mq_try_end_t end)
{
    mq_throttle_end(visit, MQ_THROTTLE_EMERGENCY, person_counter(sc), end);
    mq_throttle_end(visit, MQ_THROTTLE_EMERGENCY_HOUSE, mq_side_counter(sc), end);
}

static apr_status_t tries_take(int *wait_out, const mq_visit_t *visit, const mq_scope_t *sc)
{
    apr_status_t rv;
    mq_db_give_back(sc);
    MQ_TRY(mq_throttle_take(wait_out, visit, MQ_THROTTLE_EMERGENCY, person_counter(sc)));
    rv = mq_throttle_take(wait_out, visit, MQ_THROTTLE_EMERGENCY_HOUSE, mq_side_counter(sc));
    if (rv != APR_SUCCESS) {
        mq_throttle_end(visit, MQ_THROTTLE_EMERGENCY, person_counter(sc), MQ_TRY_UNDECIDED);
    }
    return rv;
}

apr_status_t mq_emergency_open(mq_id_t *id_out, mq_emergency_told_t *told_out, int *wait_out,
                               const mq_visit_t *visit, const mq_scope_t *sc,
                               const mq_emergency_new_t *in)
{
    opening_t opening = {.in = in, .told = told_out};
    apr_status_t rv;
    if (!mq_emergency_reason_holds(in->reason)) {
        return MQ_EINVALID;
    }
    MQ_TRY(tries_take(wait_out, visit, sc));
    rv = mq_change_beside_once(sc, MQ_ACTION_EMERGENCY_OPEN, open_one, &opening);
    tries_end(visit, sc, rv == MQ_ENOTFOUND ? MQ_TRY_FAILED : MQ_TRY_UNDECIDED);
    if (rv == MQ_ENOTFOUND) {
        MQ_TRY(mq_event_record(sc, &(mq_audit_event_t){.action = MQ_ACTION_EMERGENCY_OPEN,
                                                       .outcome = MQ_OUTCOME_FAILED,
                                                       .reason = "identifier"}));
    }
    *id_out = opening.id;
    return rv;
}

/* By the names that they have now, which only their own rows know. */
static apr_status_t partners_read(const mq_scope_t *sc, void *data)
{
    apr_array_header_t *list = data;
    mq_rows_t rows;
    apr_status_t rv;
    apr_array_clear(list);
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_EMERGENCY_PARTNERS,
                        MQ_PARAMS(mq_bind_int(MQ_EMERGENCY_PARTNERS_MOST))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(list, mq_consent_partner_t) = (mq_consent_partner_t){
            .id = mq_rows_id(&rows, MQ_EMERGENCY_PARTNERS_ID),
            .name = mq_rows_text(&rows, MQ_EMERGENCY_PARTNERS_NAME, mq_scope_pool(sc))};
    }
    for (int i = 0; rv == APR_EOF && i < list->nelts; i++) {
        mq_consent_partner_t *partner = &APR_ARRAY_IDX(list, i, mq_consent_partner_t);
        MQ_TRY(mq_side_name(&partner->name, sc, &partner->id));
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_emergency_partners(apr_array_header_t **list_out, const mq_scope_t *sc)
{
    *list_out = apr_array_make(mq_scope_pool(sc), 4, sizeof(mq_consent_partner_t));
    return mq_read_beside(sc, MQ_ACTION_EMERGENCY_OPEN, partners_read, *list_out);
}

/* --- ending --- */

static apr_status_t open_read(apr_array_header_t *ids, const mq_scope_t *owner,
                              const mq_id_t *partner, const mq_id_t *after)
{
    mq_rows_t rows;
    apr_status_t rv;
    apr_array_clear(ids);
    MQ_TRY(mq_db_select(&rows, owner, MQ_SQL_EMERGENCIES_OPEN,
                        MQ_PARAMS(mq_bind_id(partner), mq_bind_id(after),
                                  mq_bind_int(mq_scope_now(owner)), mq_bind_int(END_AT_ONCE))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(ids, mq_id_t) = mq_rows_id(&rows, MQ_EMERGENCIES_OPEN_ID);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t end_one(const mq_scope_t *owner, const mq_scope_t *reader, const mq_id_t *id)
{
    const mq_audit_event_t event = {
        .action = MQ_ACTION_EMERGENCY_END, .outcome = MQ_OUTCOME_DONE, .object = id};
    apr_status_t rv = mq_share_end(owner, reader, id, MQ_CONSENT_LINK_ENDED, NULL, NULL);
    if (rv != APR_SUCCESS) {
        return rv == MQ_ECONFLICT ? APR_SUCCESS : rv; /* it has ended already */
    }
    MQ_TRY(mq_audit_write(owner, &event));
    return mq_audit_write(reader, &event);
}

static apr_status_t end_all(const mq_scope_t *owner, const mq_scope_t *reader,
                            const mq_id_t *partner)
{
    apr_array_header_t *ids = apr_array_make(mq_scope_pool(owner), 4, sizeof(mq_id_t));
    mq_id_t after = {{0}};
    do {
        MQ_TRY(open_read(ids, owner, partner, &after));
        for (int i = 0; i < ids->nelts; i++) {
            after = APR_ARRAY_IDX(ids, i, mq_id_t);
            MQ_TRY(end_one(owner, reader, &after));
        }
    } while (ids->nelts == END_AT_ONCE);
    return APR_SUCCESS;
}

apr_status_t mq_emergencies_end(const mq_scope_t *sc, const mq_scope_t *other,
                                const mq_id_t *partner)
{
    MQ_TRY(end_all(sc, other, partner));
    return end_all(other, sc, partner);
}

/* --- the setting --- */

typedef struct setting_t {
    const mq_id_t *partner;
    int allow;
} setting_t;

/* All of them are shown where one is chosen. */
static apr_status_t room_check(const mq_scope_t *sc)
{
    mq_rows_t rows;
    apr_status_t rv;
    int count = 0;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_EMERGENCY_PARTNERS,
                        MQ_PARAMS(mq_bind_int(MQ_EMERGENCY_PARTNERS_MOST))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        count++;
    }
    return rv != APR_EOF ? rv : count < MQ_EMERGENCY_PARTNERS_MOST ? APR_SUCCESS : MQ_EFULL;
}

static apr_status_t set(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const setting_t *setting = data;
    mq_partner_state_t state;
    const mq_scope_t *other;
    mq_rows_t rows;
    int changed = 0;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_EMERGENCY_PARTNER,
                            MQ_PARAMS(mq_bind_id(setting->partner))));
    mq_rows_close(&rows);
    MQ_TRY(setting->allow ? room_check(sc) : APR_SUCCESS);
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_EMERGENCY_ALLOW,
                        MQ_PARAMS(mq_bind_int(setting->allow), mq_bind_id(setting->partner))));
    if (!changed) {
        return MQ_ECONFLICT;
    }
    event_io->object = setting->partner;
    event_io->reason = setting->allow ? "on" : "off";
    if (setting->allow) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_side_of(&other, &state, sc, setting->partner));
    return mq_emergencies_end(sc, other, setting->partner);
}

apr_status_t mq_emergency_allow(const mq_scope_t *sc, const mq_id_t *partner, int allow)
{
    setting_t setting = {.partner = partner, .allow = allow != 0};
    return mq_change_beside(sc, MQ_ACTION_PARTNER_EMERGENCY, set, &setting);
}
