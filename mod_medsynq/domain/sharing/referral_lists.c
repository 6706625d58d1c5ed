/* referral_lists.c -- the two boxes. What was sent are one's own rows; what came is a row of one's
 * own for each, without a name, and the rest is read as a guest, each as it is shared now. */
#include "domain/sharing/referral_lists.h"

#include <apr_strings.h>

#include "domain/keyset.h"
#include "domain/sharing/shared.h"
#include "domain/trail/audit_groups.h"
#include "domain/trail/disclosures.h"

typedef struct listing_t {
    mq_referral_state_t state;
    const mq_id_t *before;
    mq_referral_page_t *page;
    apr_array_header_t *patients; /* of the rows, mq_id_t */
    apr_array_header_t *owners;   /* of the rows that came, const mq_scope_t * */
} listing_t;

/* What is stored of a state, and when one of it expires: later than the first, not than the second.
 */
typedef struct filter_t {
    mq_referral_state_t stored;
    apr_time_t later_than;
    apr_time_t not_later_than;
} filter_t;

static filter_t filter_of(const mq_scope_t *sc, mq_referral_state_t state)
{
    const apr_time_t now = mq_scope_now(sc);
    if (state == MQ_REFERRAL_EXPIRED) {
        return (filter_t){MQ_REFERRAL_SENT, -1, now};
    }
    return (filter_t){state, state == MQ_REFERRAL_SENT ? now : -1, APR_INT64_MAX};
}

static apr_status_t keys_select(mq_rows_t *rows, const mq_scope_t *sc, const listing_t *listing,
                                const mq_tenant_read_t *all, const mq_tenant_read_t *of_state)
{
    const filter_t filter = filter_of(sc, listing->state);
    const mq_param_t before = mq_bind_id(mq_keyset_before(listing->before));
    const mq_param_t most = mq_bind_int(MQ_REFERRALS_PER_PAGE + 1);
    return listing->state ? mq_db_select(rows, sc, of_state,
                                         MQ_PARAMS(before, mq_bind_int(filter.stored),
                                                   mq_bind_int(filter.later_than),
                                                   mq_bind_int(filter.not_later_than), most))
                          : mq_db_select(rows, sc, all, MQ_PARAMS(before, most));
}

static void next_set(listing_t *listing, const mq_scope_t *sc, int has_more, const mq_id_t *last)
{
    if (has_more) {
        listing->page->next = apr_pmemdup(mq_scope_pool(sc), last, sizeof *last);
    }
}

/* Also one that waits for an answer calls, but not for ever. */
static int is_unread(apr_time_t calls_until)
{
    return calls_until == MQ_REFERRAL_UNREAD;
}

/* What a partner is called now; one that has just been asked for is the same. */
typedef struct named_t {
    mq_id_t partner;
    const char *name;
} named_t;

static apr_status_t name_now(const char **name_io, named_t *last, const mq_scope_t *sc,
                             const mq_id_t *partner)
{
    if (!last->name || !mq_id_equal(&last->partner, partner)) {
        MQ_TRY(mq_side_name(name_io, sc, partner));
        *last = (named_t){*partner, *name_io};
    }
    *name_io = last->name;
    return APR_SUCCESS;
}

/* --- sent --- */

static apr_status_t out_read(listing_t *listing, const mq_scope_t *sc)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *list = listing->page->rows;
    apr_array_header_t *partners = apr_array_make(pool, 8, sizeof(mq_id_t));
    named_t last = {.name = NULL};
    mq_rows_t rows;
    apr_status_t rv;
    int has_more;
    MQ_TRY(
        keys_select(&rows, sc, listing, MQ_SQL_REFERRALS_BEFORE, MQ_SQL_REFERRALS_OF_STATE_BEFORE));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        apr_time_t expires_at = mq_rows_int(&rows, MQ_REFERRAL_ROW_EXPIRES_AT);
        mq_referral_state_t stored = (mq_referral_state_t)mq_rows_int(&rows, MQ_REFERRAL_ROW_STATE);
        APR_ARRAY_PUSH(listing->patients, mq_id_t) = mq_rows_id(&rows, MQ_REFERRAL_ROW_PATIENT_ID);
        APR_ARRAY_PUSH(partners, mq_id_t) = mq_rows_id(&rows, MQ_REFERRAL_ROW_PARTNER_ID);
        APR_ARRAY_PUSH(list, mq_referral_row_t) = (mq_referral_row_t){
            .id = mq_rows_id(&rows, MQ_REFERRAL_ROW_ID),
            .name = mq_rows_text(&rows, MQ_REFERRAL_ROW_NAME, pool),
            .birth_date = mq_rows_text(&rows, MQ_REFERRAL_ROW_BIRTH_DATE, pool),
            .partner = mq_rows_text(&rows, MQ_REFERRAL_ROW_PARTNER_NAME, pool),
            .urgency = (mq_urgency_t)mq_rows_int(&rows, MQ_REFERRAL_ROW_URGENCY),
            .state = mq_referral_now(stored, expires_at, mq_scope_now(sc)),
            .sent_at = mq_rows_int(&rows, MQ_REFERRAL_ROW_SENT_AT),
            .is_unread = is_unread(mq_rows_int(&rows, MQ_REFERRAL_ROW_CALLS_UNTIL))};
    }
    has_more = mq_keyset_cut(list, MQ_REFERRALS_PER_PAGE);
    (void)mq_keyset_cut(listing->patients, MQ_REFERRALS_PER_PAGE);
    for (int i = 0; i < list->nelts; i++) {
        MQ_TRY(name_now(&APR_ARRAY_IDX(list, i, mq_referral_row_t).partner, &last, sc,
                        &APR_ARRAY_IDX(partners, i, mq_id_t)));
    }
    if (list->nelts) {
        next_set(listing, sc, has_more,
                 &APR_ARRAY_IDX(list, list->nelts - 1, mq_referral_row_t).id);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* --- came --- */

typedef struct link_t {
    mq_id_t id;
    int is_unread;
} link_t;

static apr_status_t links_read(apr_array_header_t *links, const mq_scope_t *sc,
                               const listing_t *listing)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(keys_select(&rows, sc, listing, MQ_SQL_REFERRAL_LINKS_BEFORE,
                       MQ_SQL_REFERRAL_LINKS_OF_STATE_BEFORE));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(links, link_t) =
            (link_t){.id = mq_rows_id(&rows, MQ_REFERRAL_LINK_ID),
                     .is_unread = is_unread(mq_rows_int(&rows, MQ_REFERRAL_LINK_CALLS_UNTIL))};
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* @return MQ_ENOTFOUND the record was merged into another, which is another consent's */
static apr_status_t brief_read(mq_referral_row_t *row, const mq_guest_t *guest)
{
    apr_pool_t *pool = mq_guest_pool(guest);
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_guest_select(&rows, guest, MQ_SQL_GUEST_BRIEF, MQ_NO_PARAMS));
    rv = mq_rows_next(&rows);
    if (rv != APR_SUCCESS) {
        return rv == APR_EOF ? MQ_ENOTFOUND : rv;
    }
    row->name = mq_rows_text(&rows, MQ_GUEST_BRIEF_NAME, pool);
    row->birth_date = mq_rows_text(&rows, MQ_GUEST_BRIEF_BIRTH_DATE, pool);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static apr_status_t row_read(mq_referral_row_t *row, const mq_scope_t *sc, const mq_guest_t *guest)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(brief_read(row, guest));
    MQ_TRY(
        mq_db_guest_select(&rows, guest, MQ_SQL_GUEST_REFERRAL, MQ_PARAMS(mq_bind_id(&row->id))));
    rv = mq_rows_next(&rows);
    if (rv != APR_SUCCESS) {
        return rv == APR_EOF ? MQ_ENOTFOUND : rv;
    }
    row->urgency = (mq_urgency_t)mq_rows_int(&rows, MQ_GUEST_REFERRAL_URGENCY);
    row->sent_at = mq_rows_int(&rows, MQ_GUEST_REFERRAL_SENT_AT);
    row->state =
        mq_referral_now((mq_referral_state_t)mq_rows_int(&rows, MQ_GUEST_REFERRAL_STATE),
                        mq_rows_int(&rows, MQ_GUEST_REFERRAL_EXPIRES_AT), mq_scope_now(sc));
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static apr_status_t link_look(listing_t *listing, mq_guest_sides_t *sides, const mq_scope_t *sc,
                              const link_t *link)
{
    mq_referral_row_t row = {.id = link->id, .is_unread = link->is_unread};
    const mq_guest_t *guest;
    mq_share_t share;
    apr_status_t rv = mq_guest_mint(&guest, &share, sides, sc, &link->id);
    if (rv == MQ_ENOTFOUND && share.is_over) {
        return mq_shared_over(sc, &share);
    }
    if (rv == APR_SUCCESS) {
        rv = row_read(&row, sc, guest);
    }
    if (rv == MQ_ENOTFOUND) {
        listing->page->hidden++;
        return APR_SUCCESS;
    }
    MQ_TRY(rv);
    row.partner = share.owner_name;
    APR_ARRAY_PUSH(listing->page->rows, mq_referral_row_t) = row;
    APR_ARRAY_PUSH(listing->patients, mq_id_t) = *mq_guest_patient(guest);
    APR_ARRAY_PUSH(listing->owners, const mq_scope_t *) = share.owner;
    return APR_SUCCESS;
}

static apr_status_t in_read(listing_t *listing, const mq_scope_t *sc)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *links = apr_array_make(pool, MQ_REFERRALS_PER_PAGE + 1, sizeof(link_t));
    mq_guest_sides_t *sides = mq_guest_sides_make(pool);
    int has_more;
    MQ_TRY(links_read(links, sc, listing));
    has_more = mq_keyset_cut(links, MQ_REFERRALS_PER_PAGE);
    for (int i = 0; i < links->nelts; i++) {
        MQ_TRY(link_look(listing, sides, sc, &APR_ARRAY_IDX(links, i, link_t)));
    }
    if (links->nelts) {
        next_set(listing, sc, has_more, &APR_ARRAY_IDX(links, links->nelts - 1, link_t).id);
    }
    return APR_SUCCESS;
}

static apr_status_t rows_count(apr_int64_t *count_out, const mq_scope_t *sc,
                               const mq_tenant_read_t *statement)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, statement, MQ_PARAMS(mq_bind_int(mq_scope_now(sc)))));
    *count_out = mq_rows_int(&rows, MQ_REFERRAL_COUNT);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

void mq_referrals_calling(apr_int64_t *came_out, apr_int64_t *sent_out, const mq_scope_t *sc)
{
    const mq_param_t now = mq_bind_int(mq_scope_now(sc));
    *came_out = -1;
    *sent_out = -1;
    if (mq_policy_allows(MQ_ACTION_REFERRALS_LIST, mq_scope_roles(sc))) {
        (void)mq_db_soon(came_out, sc, MQ_SQL_REFERRAL_LINKS_CALLING, MQ_PARAMS(now));
        (void)mq_db_soon(sent_out, sc, MQ_SQL_REFERRALS_CALLING, MQ_PARAMS(now));
    }
}

static apr_status_t both_read(listing_t *listing, const mq_scope_t *sc,
                              apr_status_t (*box_read)(listing_t *listing, const mq_scope_t *sc))
{
    mq_referral_page_t *page = listing->page;
    apr_pool_t *pool = mq_scope_pool(sc);
    *page = (mq_referral_page_t){.rows = apr_array_make(pool, 8, sizeof(mq_referral_row_t))};
    listing->patients = apr_array_make(pool, 8, sizeof(mq_id_t));
    listing->owners = apr_array_make(pool, 8, sizeof(const mq_scope_t *));
    MQ_TRY(box_read(listing, sc));
    MQ_TRY(rows_count(&page->in_waiting, sc, MQ_SQL_REFERRAL_LINKS_WAITING));
    return rows_count(&page->out_waiting, sc, MQ_SQL_REFERRALS_WAITING);
}

static apr_status_t list_out(const mq_scope_t *sc, void *data)
{
    return both_read(data, sc, out_read);
}

/* Whom it names stands in the trails of all their organisations before it is shown. */
static apr_status_t list_in(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    listing_t *listing = data;
    MQ_TRY(both_read(listing, sc, in_read));
    if (mq_scope_shows_nothing(sc)) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return APR_SUCCESS;
    }
    return mq_shared_owners_tell(event_io, (const mq_scope_t *const *)listing->owners->elts,
                                 (const mq_id_t *)listing->patients->elts, listing->owners->nelts,
                                 mq_scope_pool(sc));
}

apr_status_t mq_referrals_page(mq_referral_page_t *page_out, const mq_scope_t *sc, int is_out,
                               mq_referral_state_t state, const mq_id_t *before)
{
    listing_t listing = {.state = state, .before = before, .page = page_out};
    mq_audit_event_t event = {.action = MQ_ACTION_REFERRALS_LIST, .outcome = MQ_OUTCOME_DONE};
    if (!is_out) {
        return mq_change_beside(sc, MQ_ACTION_REFERRALS_LIST, list_in, &listing);
    }
    MQ_TRY(mq_read_beside(sc, MQ_ACTION_REFERRALS_LIST, list_out, &listing));
    MQ_TRY(mq_audit_show(&event, (const mq_id_t *)listing.patients->elts, listing.patients->nelts,
                         mq_scope_pool(sc)));
    return mq_disclose(sc, &event, NULL);
}

/* --- own words --- */

typedef struct words_t {
    const mq_id_t *before;
    apr_array_header_t *list;
} words_t;

static apr_status_t words_read(const mq_scope_t *sc, void *data)
{
    words_t *words = data;
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *partners = apr_array_make(pool, 8, sizeof(mq_id_t));
    named_t last = {.name = NULL};
    mq_rows_t rows;
    apr_status_t rv;
    words->list = apr_array_make(pool, 8, sizeof(mq_referral_words_t));
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_REFERRAL_WORDS_BEFORE,
                        MQ_PARAMS(mq_bind_id(mq_keyset_before(words->before)),
                                  mq_bind_int(MQ_REFERRALS_PER_PAGE + 1))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(partners, mq_id_t) = mq_rows_id(&rows, MQ_REFERRAL_WORDS_BEFORE_PARTNER_ID);
        APR_ARRAY_PUSH(words->list, mq_referral_words_t) = (mq_referral_words_t){
            .id = mq_rows_id(&rows, MQ_REFERRAL_WORDS_BEFORE_ID),
            .partner = mq_rows_text(&rows, MQ_REFERRAL_WORDS_BEFORE_PARTNER_NAME, pool),
            .author = mq_rows_text(&rows, MQ_REFERRAL_WORDS_BEFORE_AUTHOR_NAME, pool),
            .at = mq_rows_int(&rows, MQ_REFERRAL_WORDS_BEFORE_AT),
            .state = (mq_referral_state_t)mq_rows_int(&rows, MQ_REFERRAL_WORDS_BEFORE_STATE),
            .said = mq_rows_text(&rows, MQ_REFERRAL_WORDS_BEFORE_SAID, pool),
            .next_step = mq_rows_text(&rows, MQ_REFERRAL_WORDS_BEFORE_NEXT_STEP, pool)};
    }
    for (int i = 0; rv == APR_EOF && i < partners->nelts; i++) {
        MQ_TRY(name_now(&APR_ARRAY_IDX(words->list, i, mq_referral_words_t).partner, &last, sc,
                        &APR_ARRAY_IDX(partners, i, mq_id_t)));
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_referral_words_page(apr_array_header_t **list_out, int *has_next_out,
                                    const mq_scope_t *sc, const mq_id_t *before)
{
    words_t words = {.before = before};
    const mq_audit_event_t event = {.action = MQ_ACTION_REFERRALS_LIST, .outcome = MQ_OUTCOME_DONE};
    MQ_TRY(mq_read_beside(sc, MQ_ACTION_REFERRALS_LIST, words_read, &words));
    MQ_TRY(mq_disclose(sc, &event, NULL));
    *has_next_out = mq_keyset_cut(words.list, MQ_REFERRALS_PER_PAGE);
    *list_out = words.list;
    return APR_SUCCESS;
}
