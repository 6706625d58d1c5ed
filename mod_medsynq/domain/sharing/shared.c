/* shared.c -- reading what is shared, as a guest, and writing down in both trails who has.
 *
 * All of it is one transaction on one connection: whether it is shared now, what it says, that it
 * was seen. So it is written even where nothing is changed, and a withdrawal is either before it or
 * after it. The reader's own event names the share and nothing of the patient. */
#include "domain/sharing/shared.h"

#include <apr_strings.h>
#include <string.h>

#include "base/text.h"
#include "domain/core.h"
#include "domain/keyset.h"
#include "domain/patients/patient_index.h"
#include "domain/patients/patient_notes.h"
#include "domain/patients/search_fit.h"
#include "domain/sharing/consents.h"
#include "domain/trail/audit_groups.h"

static int tells_nothing(mq_audit_event_t *event_io, const mq_scope_t *sc)
{
    if (mq_scope_shows_nothing(sc)) {
        event_io->outcome = MQ_OUTCOME_NONE;
    }
    return mq_scope_shows_nothing(sc);
}

apr_status_t mq_shared_over(const mq_scope_t *sc, const mq_share_t *share)
{
    const mq_audit_event_t event = {
        .action = MQ_ACTION_SHARE_EXPIRE, .outcome = MQ_OUTCOME_DONE, .object = &share->id};
    MQ_TRY(mq_share_end(share->owner, sc, &share->id, MQ_CONSENT_EXPIRED, NULL, NULL));
    MQ_TRY(mq_audit_write(share->owner, &event));
    return mq_audit_write(sc, &event);
}

/* --- one --- */

typedef struct opening_t {
    mq_shared_t *shared;
    mq_id_t id;
    const mq_id_t *before;
    int limit;
    int is_there;
} opening_t;

static apr_status_t as_guest(opening_t *opening, const mq_guest_t *guest)
{
    mq_shared_t *shared = opening->shared;
    MQ_TRY(mq_patient_read_as_guest(&shared->patient, guest));
    if (shared->share.parts & MQ_SHARE_CHOSEN) {
        return mq_patient_chosen_notes_as_guest(&shared->notes, guest, &opening->id,
                                                opening->before, opening->limit);
    }
    return shared->share.parts & MQ_SHARE_NOTES
               ? mq_patient_notes_as_guest(&shared->notes, guest, opening->before, opening->limit)
               : APR_SUCCESS;
}

/* How many notes are shown: one more is read, and addenda do not count. */
static int notes_shown(const opening_t *opening)
{
    const apr_array_header_t *notes = opening->shared->notes;
    int count = 0;
    for (int i = 0; notes && i < notes->nelts; i++) {
        count += mq_id_is_nil(&APR_ARRAY_IDX(notes, i, mq_patient_note_t).parent);
    }
    return count < opening->limit ? count : opening->limit - 1;
}

static apr_status_t open_one(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    opening_t *opening = data;
    mq_shared_t *shared = opening->shared;
    const mq_guest_t *guest;
    mq_audit_event_t theirs;
    apr_status_t rv;
    *shared = (mq_shared_t){.notes = NULL};
    opening->is_there = 0;
    rv = mq_guest_mint(&guest, &shared->share, mq_guest_sides_make(mq_scope_pool(sc)), sc,
                       &opening->id);
    if (rv == MQ_ENOTFOUND && shared->share.is_over) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return mq_shared_over(sc, &shared->share);
    }
    MQ_TRY(rv);
    MQ_TRY(as_guest(opening, guest));
    opening->is_there = 1;
    if (tells_nothing(event_io, sc)) {
        return APR_SUCCESS;
    }
    event_io->object = &opening->id;
    event_io->reason =
        mq_consent_parts_say(shared->share.parts, notes_shown(opening), mq_scope_pool(sc));
    theirs = *event_io;
    theirs.action = MQ_ACTION_SHARE_VIEWED;
    theirs.patient = &shared->patient.id;
    return mq_audit_write(shared->share.owner, &theirs);
}

apr_status_t mq_shared_open(mq_shared_t *shared_out, const mq_scope_t *sc, const mq_id_t *id,
                            const mq_id_t *before, int limit)
{
    opening_t opening = {.shared = shared_out, .id = *id, .before = before, .limit = limit};
    MQ_TRY(mq_change_beside(sc, MQ_ACTION_SHARED_OPEN, open_one, &opening));
    return opening.is_there ? APR_SUCCESS : MQ_ENOTFOUND;
}

/* --- the list --- */

typedef struct listing_t {
    const mq_id_t *before;
    const char *typed;  /* "": all */
    const char *wanted; /* as names are compared */
    mq_search_query_t query;
    apr_array_header_t *rows;
    apr_array_header_t *patients; /* of the rows, mq_id_t */
    apr_array_header_t *owners;   /* likewise, const mq_scope_t * */
    mq_id_t last;                 /* that was looked at */
    int looked_at;
    int has_more;
} listing_t;

static const char *key_of(const mq_scope_t *sc, const char *text)
{
    return mq_text_search_key(mq_scope_core(sc)->folding, text, mq_scope_pool(sc));
}

static const char *text_of(const mq_rows_t *rows, int column, const mq_scope_t *sc)
{
    return mq_rows_text(rows, column, mq_scope_pool(sc));
}

/* As in one's own register; and by any part of the name. */
static int is_wanted(const listing_t *listing, const mq_scope_t *sc, const mq_rows_t *rows,
                     const char *name)
{
    const mq_patient_fields_t fields = {
        .name = name,
        .former_name = text_of(rows, MQ_GUEST_BRIEF_FORMER_NAME, sc),
        .preferred_name = text_of(rows, MQ_GUEST_BRIEF_PREFERRED_NAME, sc),
        .given_name = text_of(rows, MQ_GUEST_BRIEF_GIVEN_NAME, sc),
        .family_name = text_of(rows, MQ_GUEST_BRIEF_FAMILY_NAME, sc),
        .birth_date = text_of(rows, MQ_GUEST_BRIEF_BIRTH_DATE, sc)};
    const mq_search_record_t record = {.key = mq_patient_index_key(sc, &fields, mq_scope_pool(sc)),
                                       .mrn = text_of(rows, MQ_GUEST_BRIEF_MRN, sc),
                                       .national_id = text_of(rows, MQ_GUEST_BRIEF_NATIONAL_ID, sc),
                                       .phones = {text_of(rows, MQ_GUEST_BRIEF_PHONE1, sc),
                                                  text_of(rows, MQ_GUEST_BRIEF_PHONE2, sc),
                                                  text_of(rows, MQ_GUEST_BRIEF_PHONE3, sc)}};
    return (*listing->wanted && strstr(key_of(sc, name), listing->wanted)) ||
           mq_search_finds(&listing->query, listing->typed, &record);
}

static apr_status_t row_read(listing_t *listing, const mq_scope_t *sc, const mq_guest_t *guest,
                             const mq_share_t *share)
{
    mq_shared_row_t row = {.share = *share};
    mq_rows_t rows;
    int is_shown;
    apr_status_t rv;
    MQ_TRY(mq_db_guest_select(&rows, guest, MQ_SQL_GUEST_BRIEF, MQ_NO_PARAMS));
    rv = mq_rows_next(&rows);
    if (rv != APR_SUCCESS) { /* the record was merged into another, which is another consent's */
        return rv == APR_EOF ? APR_SUCCESS : rv;
    }
    row.name = text_of(&rows, MQ_GUEST_BRIEF_NAME, sc);
    row.birth_date = text_of(&rows, MQ_GUEST_BRIEF_BIRTH_DATE, sc);
    row.sex = text_of(&rows, MQ_GUEST_BRIEF_SEX, sc);
    is_shown = !*listing->typed || is_wanted(listing, sc, &rows, row.name);
    mq_rows_close(&rows);
    if (is_shown) {
        APR_ARRAY_PUSH(listing->rows, mq_shared_row_t) = row;
        APR_ARRAY_PUSH(listing->patients, mq_id_t) = *mq_guest_patient(guest);
        APR_ARRAY_PUSH(listing->owners, const mq_scope_t *) = share->owner;
    }
    return APR_SUCCESS;
}

static apr_status_t link_look(listing_t *listing, mq_guest_sides_t *sides, const mq_scope_t *sc,
                              const mq_guest_link_t *link)
{
    const mq_guest_t *guest;
    mq_share_t share;
    apr_status_t rv = mq_guest_mint_link(&guest, &share, sides, sc, link);
    if (rv == MQ_ENOTFOUND) {
        return share.is_over ? mq_shared_over(sc, &share) : APR_SUCCESS;
    }
    MQ_TRY(rv);
    return row_read(listing, sc, guest, &share);
}

/* One page of links at a time, until a page is full, or enough was looked at. */
static apr_status_t links_look(listing_t *listing, const mq_scope_t *sc)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *links =
        apr_array_make(pool, MQ_SHARED_PER_PAGE + 1, sizeof(mq_guest_link_t));
    mq_guest_sides_t *sides = mq_guest_sides_make(pool);
    const mq_id_t *before = listing->before;
    do {
        MQ_TRY(mq_guest_links_read(links, sides, sc, before, MQ_SHARED_PER_PAGE + 1));
        listing->has_more = mq_keyset_cut(links, MQ_SHARED_PER_PAGE);
        for (int i = 0; i < links->nelts; i++) {
            const mq_guest_link_t *link = &APR_ARRAY_IDX(links, i, mq_guest_link_t);
            if (listing->rows->nelts == MQ_SHARED_PER_PAGE) {
                listing->has_more = 1;
                return APR_SUCCESS;
            }
            listing->last = link->id;
            MQ_TRY(link_look(listing, sides, sc, link));
            listing->looked_at++;
        }
        before = &listing->last;
    } while (listing->has_more && listing->rows->nelts < MQ_SHARED_PER_PAGE &&
             listing->looked_at < MQ_SHARED_LOOKED_AT);
    return APR_SUCCESS;
}

/* One event for each organisation that the page names somebody of. All of them and the reader's
 * own name the same list, and the reader's says how many they are: so one that is missing is found
 * (ctl_trail_views.c). */
apr_status_t mq_shared_owners_tell(mq_audit_event_t *event_io, const mq_scope_t *const *owners,
                                   const mq_id_t *patients, int count, apr_pool_t *pool)
{
    char *is_told = apr_pcalloc(pool, (apr_size_t)count + 1);
    mq_id_t *theirs = apr_palloc(pool, sizeof *theirs * ((apr_size_t)count + 1));
    mq_id_t *list = apr_palloc(pool, sizeof *list);
    int told = 0;
    MQ_TRY(mq_id_make(list));
    for (int i = 0; i < count; i++) {
        mq_audit_event_t event = {
            .action = MQ_ACTION_SHARE_LISTED, .outcome = MQ_OUTCOME_DONE, .object = list};
        int named = 0;
        for (int j = i; j < count && !is_told[i]; j++) {
            if (owners[j] == owners[i]) {
                theirs[named++] = patients[j];
                is_told[j] = j > i;
            }
        }
        if (named) {
            MQ_TRY(mq_audit_show(&event, theirs, named, pool));
            MQ_TRY(mq_audit_write(owners[i], &event));
            told++;
        }
    }
    if (told) {
        event_io->object = list;
        event_io->reason = apr_psprintf(pool, MQ_SHARED_OWNERS "%d", told);
    }
    return APR_SUCCESS;
}

static apr_status_t list(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    listing_t *listing = data;
    apr_pool_t *pool = mq_scope_pool(sc);
    listing->rows = apr_array_make(pool, 8, sizeof(mq_shared_row_t));
    listing->patients = apr_array_make(pool, 8, sizeof(mq_id_t));
    listing->owners = apr_array_make(pool, 8, sizeof(const mq_scope_t *));
    listing->looked_at = 0;
    MQ_TRY(links_look(listing, sc));
    return tells_nothing(event_io, sc)
               ? APR_SUCCESS
               : mq_shared_owners_tell(event_io, (const mq_scope_t *const *)listing->owners->elts,
                                       (const mq_id_t *)listing->patients->elts,
                                       listing->owners->nelts, pool);
}

apr_status_t mq_shared_page(apr_array_header_t **list_out, const mq_id_t **next_out,
                            const mq_scope_t *sc, const mq_id_t *before, const char *typed,
                            const mq_date_style_t *style)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    listing_t listing = {.before = before,
                         .typed = mq_text_plain_digits(typed ? typed : "", pool),
                         .query = {.style = style, .pool = pool}};
    listing.wanted = key_of(sc, listing.typed);
    mq_search_query_read(&listing.query, mq_scope_core(sc)->folding, listing.typed);
    mq_search_unfill(&listing.query, MQ_FILLER_WORD);
    mq_search_unfill(&listing.query, MQ_FILLER_LETTER);
    MQ_TRY(mq_change_beside(sc, MQ_ACTION_SHARED_LIST, list, &listing));
    *list_out = listing.rows;
    *next_out = listing.has_more ? apr_pmemdup(pool, &listing.last, sizeof listing.last) : NULL;
    return APR_SUCCESS;
}

/* --- letting go --- */

typedef struct letting_go_t {
    mq_id_t id;
    int is_over; /* already, and nobody's will any more */
} letting_go_t;

static apr_status_t over_look(letting_go_t *letting_go, mq_audit_event_t *event_io,
                              const mq_scope_t *sc)
{
    const mq_guest_t *guest;
    mq_share_t share;
    apr_status_t rv =
        mq_guest_mint(&guest, &share, mq_guest_sides_make(mq_scope_pool(sc)), sc, &letting_go->id);
    letting_go->is_over = rv == MQ_ENOTFOUND && share.is_over;
    if (letting_go->is_over) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return mq_shared_over(sc, &share);
    }
    if (rv == MQ_ENOTFOUND && share.is_anothers) {
        return rv; /* there is none for whoever asks */
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv; /* what rests is let go of as well */
}

static apr_status_t let_go(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    letting_go_t *letting_go = data;
    const mq_id_t *id = &letting_go->id;
    mq_audit_event_t theirs;
    mq_partner_state_t state;
    const mq_scope_t *owner;
    mq_id_t partner;
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_SHARED_LINK_BY_ID, MQ_PARAMS(mq_bind_id(id))));
    partner = mq_rows_id(&rows, MQ_SHARED_LINK_BY_ID_PARTNER_ID);
    mq_rows_close(&rows);
    MQ_TRY(over_look(letting_go, event_io, sc));
    if (letting_go->is_over) {
        return APR_SUCCESS;
    }
    event_io->object = id;
    theirs = *event_io;
    rv = mq_side_of(&owner, &state, sc, &partner);
    if (rv == MQ_ENOTFOUND) { /* the owner is erased */
        return mq_db_change(NULL, sc, MQ_SQL_SHARED_LINK_DELETE, MQ_PARAMS(mq_bind_id(id)));
    }
    MQ_TRY(rv);
    MQ_TRY(mq_share_end(owner, sc, id, MQ_CONSENT_LET_GO, mq_scope_user_name(owner), NULL));
    return mq_audit_write(owner, &theirs);
}

apr_status_t mq_shared_let_go(const mq_scope_t *sc, const mq_id_t *id)
{
    letting_go_t letting_go = {.id = *id};
    MQ_TRY(mq_change_beside(sc, MQ_ACTION_SHARED_LET_GO, let_go, &letting_go));
    return letting_go.is_over ? MQ_ENOTFOUND : APR_SUCCESS;
}
