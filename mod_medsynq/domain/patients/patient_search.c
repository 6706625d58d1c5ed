/* patient_search.c -- walking the index of patient_index.c for what search_query.c has read. One
 * term drives: its range of the index is read in order; the others are checked in each row's key.
 *
 * People type what they hear. A word may stand for two of the record ("ogrady" for O'Grady, which
 * the index has as "o grady"), two for one ("mc donald"), or one for the letters of another
 * alphabet
 * ("mueller" for Müller, indexed as "muller"). None of it is in the index a second time, or it
 * would grow for everybody: the first two are tried where nothing was found, the third is read as
 * another range. */
#include "domain/patients/patient_search.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "base/crypto.h"
#include "domain/trail/disclosures.h"
#include "domain/core.h"
#include "domain/patients/mrn.h"
#include "domain/patients/name_spellings.h"
#include "domain/patients/patient_index.h"
#include "domain/patients/patient_links.h"
#include "domain/patients/search_fit.h"
#include "domain/patients/similar_words.h"
#include "domain/policy.h"

enum {
    SPLIT_LEAST = 4,   /* letters of a word that may be two */
    END_LEAST = 3,     /* letters of the shorter part of it */
    SPLIT_SCAN = 5000, /* rows read for each place where it may be divided */
    LOOSE_SCAN = 5000, /* rows read for each word that is like one of several */
    SAMPLE = 200,      /* rows read to learn how common a term is */
    SCAN_MOST = 1000000
};

/* @param end what comes after the words that are meant: MQ_WORD_END after all that begin so */
static apr_status_t range_open(mq_rows_t *rows_out, const mq_scope_t *sc,
                               const mq_search_query_t *query, const mq_tenant_read_t *statement,
                               const char *term, const char *end, int limit)
{
    return mq_db_select(rows_out, sc, statement,
                        MQ_PARAMS(mq_bind_text(term),
                                  mq_bind_text(apr_pstrcat(query->pool, term, end, NULL)),
                                  mq_bind_int(limit)));
}

/* The term with the fewest rows, as far as a sample tells; a telephone number always drives, for
 * keys do not hold it.
 * @param but not this one; -1: any */
static apr_status_t driver_choose(int *driver_out, const mq_scope_t *sc,
                                  const mq_search_query_t *query, int but)
{
    const int phone = mq_search_number(query);
    int fewest = SAMPLE + 1;
    *driver_out = phone < 0 ? but == 0 : phone;
    for (int i = 0; i < query->count && query->count > 1 + (but >= 0) && phone < 0; i++) {
        mq_rows_t rows;
        apr_status_t rv;
        int count = 0;
        if (i == but) {
            continue;
        }
        MQ_TRY(range_open(&rows, sc, query, MQ_SQL_PATIENT_WORDS_RANGE, query->terms[i].word,
                          MQ_WORD_END, SAMPLE));
        while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
            count++;
        }
        if (rv != APR_EOF) {
            return rv;
        }
        if (count < fewest) {
            fewest = count;
            *driver_out = i;
        }
    }
    return APR_SUCCESS;
}

/* What is found, as long as one row more than asked for is not there: it tells that there is more.
 */
typedef struct finds_t {
    mq_patient_row_t *rows; /* room for most + 1 */
    int count;
    int most;
} finds_t;

static finds_t finds_make(const mq_scope_t *sc, int most)
{
    finds_t finds = {.most = most};
    finds.rows = apr_palloc(mq_scope_pool(sc), sizeof *finds.rows * (size_t)(most + 1));
    return finds;
}

static int is_full(const finds_t *finds)
{
    return finds->count > finds->most;
}

static int is_found(const finds_t *finds, const mq_id_t *id)
{
    for (int i = finds->count - 1; i >= 0; i--) {
        if (mq_id_equal(&finds->rows[i].id, id)) {
            return 1;
        }
    }
    return 0;
}

/* The columns of patient_brief, the first of which is the given one. */
static void row_add(finds_t *finds, const mq_scope_t *sc, const mq_id_t *id, const mq_rows_t *rows,
                    int column)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    finds->rows[finds->count++] = (mq_patient_row_t){
        .id = *id,
        .name = mq_rows_text(rows, column + MQ_PATIENT_BRIEF_NAME, pool),
        .birth_date = mq_rows_text(rows, column + MQ_PATIENT_BRIEF_BIRTH_DATE, pool),
        .mrn = mq_rows_text(rows, column + MQ_PATIENT_BRIEF_MRN, pool),
        .former_name = mq_rows_text(rows, column + MQ_PATIENT_BRIEF_FORMER_NAME, pool),
        .preferred_name = mq_rows_text(rows, column + MQ_PATIENT_BRIEF_PREFERRED_NAME, pool),
        .sex = mq_rows_text(rows, column + MQ_PATIENT_BRIEF_SEX, pool),
        .phone = mq_rows_text(rows, column + MQ_PATIENT_BRIEF_PHONE1, pool),
        .address = mq_rows_text(rows, column + MQ_PATIENT_BRIEF_ADDRESS, pool),
        .deceased_date = mq_rows_text(rows, column + MQ_PATIENT_BRIEF_DECEASED_DATE, pool),
        .is_archived = mq_rows_int(rows, column + MQ_PATIENT_BRIEF_STATUS) == MQ_PATIENT_ARCHIVED,
        .is_deceased = mq_rows_int(rows, column + MQ_PATIENT_BRIEF_IS_DECEASED) != 0};
}

/* Words of an import under way are in the index before its patients are visible. */
static apr_status_t add_if_shown(finds_t *finds, const mq_scope_t *sc, const mq_id_t *id)
{
    mq_rows_t rows;
    apr_status_t rv = mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_BRIEF, MQ_PARAMS(mq_bind_id(id)));
    if (rv == APR_SUCCESS) {
        row_add(finds, sc, id, &rows, MQ_PATIENT_BRIEF_NAME);
        mq_rows_close(&rows);
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

/* A single term is joined with its patients, half the work for each. */
static apr_status_t joined_walk(finds_t *finds, const mq_scope_t *sc,
                                const mq_search_query_t *query, const char *term)
{
    mq_rows_t rows;
    apr_status_t rv = APR_SUCCESS;
    MQ_TRY(range_open(&rows, sc, query, MQ_SQL_PATIENTS_BY_WORDS, term, MQ_WORD_END, SCAN_MOST));
    while (!is_full(finds) && (rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        mq_id_t id = mq_rows_id(&rows, MQ_PATIENTS_BY_WORDS_PATIENT_ID);
        if (!is_found(finds, &id)) {
            row_add(finds, sc, &id, &rows, MQ_PATIENTS_BY_WORDS_NAME);
        }
    }
    mq_rows_close(&rows);
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* Of several terms most rows of the index are passed over, and only those that fit are looked up.
 * @param driver the term that each row of the range has, or -1 */
static apr_status_t fitting_walk(finds_t *finds, const mq_scope_t *sc,
                                 const mq_search_query_t *query, int driver, const char *term,
                                 const char *end, int limit)
{
    mq_rows_t rows;
    apr_status_t rv = APR_SUCCESS;
    MQ_TRY(range_open(&rows, sc, query, MQ_SQL_PATIENT_WORDS_RANGE, term, end, limit));
    while (!is_full(finds) && (rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        apr_size_t length;
        const char *key = mq_rows_bytes(&rows, MQ_PATIENT_MATCH_KEY, &length);
        if (key && mq_search_fits(query, driver, key, length)) {
            mq_id_t id = mq_rows_id(&rows, MQ_PATIENT_MATCH_PATIENT_ID);
            MQ_TRY(is_found(finds, &id) ? APR_SUCCESS : add_if_shown(finds, sc, &id));
        }
    }
    mq_rows_close(&rows);
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t index_walk(finds_t *finds, const mq_scope_t *sc, const mq_search_query_t *query,
                               int driver, const char *term)
{
    return query->count == 1 && !query->year
               ? joined_walk(finds, sc, query, term)
               : fitting_walk(finds, sc, query, driver, term, MQ_WORD_END,
                              query->is_loose ? LOOSE_SCAN : SCAN_MOST);
}

/* Somebody whose record another has replaced is found by the old number, in the record that stays.
 * @param number the old one, to be shown beside; or NULL */
static apr_status_t add_or_lead(finds_t *finds, const mq_scope_t *sc, const mq_id_t *id,
                                const char *number)
{
    const int before = finds->count;
    mq_id_t target;
    apr_status_t rv;
    MQ_TRY(add_if_shown(finds, sc, id));
    if (finds->count > before) {
        return APR_SUCCESS;
    }
    rv = mq_patient_replaced_by(&target, sc, id);
    if (rv != APR_SUCCESS || is_found(finds, &target)) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    MQ_TRY(add_if_shown(finds, sc, &target));
    if (finds->count > before) {
        finds->rows[before].replaced = number;
    }
    return APR_SUCCESS;
}

static apr_status_t number_spelt_find(finds_t *finds, const mq_scope_t *sc, const char *number)
{
    mq_rows_t rows;
    mq_id_t id;
    apr_status_t rv =
        mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_BY_MRN, MQ_PARAMS(mq_bind_text(number)));
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    id = mq_rows_id(&rows, MQ_PATIENT_BY_MRN_ID);
    mq_rows_close(&rows);
    return add_or_lead(finds, sc, &id, number);
}

/* The record whose number this is: assigned ones in capitals and as people say them, own ones as
 * imported. */
static apr_status_t number_find(finds_t *finds, mq_search_typed_t *typed_out, const mq_scope_t *sc,
                                const char *typed)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    char *capitals = apr_pstrdup(pool, typed);
    mq_mrn_said_t said;
    const char *number = mq_mrn_read(&said, typed, pool);
    for (char *s = capitals; *s; s++) {
        *s = (char)apr_toupper(*s);
    }
    MQ_TRY(number_spelt_find(finds, sc, typed));
    if (!finds->count && strcmp(typed, capitals) != 0) {
        MQ_TRY(number_spelt_find(finds, sc, capitals));
    }
    if (!finds->count && number && said != MQ_MRN_MISTYPED) {
        MQ_TRY(number_spelt_find(finds, sc, number));
    }
    typed_out->is_number = finds->count > 0 || (number && said != MQ_MRN_DIGITS);
    typed_out->mistyped_number = !finds->count && number && said == MQ_MRN_MISTYPED ? number : NULL;
    return APR_SUCCESS;
}

static apr_status_t identifier_find(finds_t *finds, const mq_scope_t *sc, const char *key)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENTS_BY_NATIONAL_ID,
                        MQ_PARAMS(mq_bind_text(key), mq_bind_int(finds->most))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        mq_id_t id = mq_rows_id(&rows, MQ_PATIENTS_BY_NATIONAL_ID);
        if (!is_found(finds, &id) && !is_full(finds)) {
            MQ_TRY(add_or_lead(finds, sc, &id, NULL));
        }
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* With what people say before it: "NHS 943 476 5919". */
static apr_status_t national_id_find(finds_t *finds, const mq_scope_t *sc, const char *typed)
{
    const int before = finds->count;
    const char *keys[MQ_SEARCH_IDENTIFIERS];
    const int count = mq_search_identifiers(keys, typed, mq_scope_pool(sc));
    for (int i = 0; i < count && finds->count == before; i++) {
        MQ_TRY(identifier_find(finds, sc, keys[i]));
    }
    return APR_SUCCESS;
}

static apr_status_t phone_find(finds_t *finds, const mq_scope_t *sc, const mq_search_query_t *query,
                               int driver)
{
    const char *word = mq_search_last_digits(&query->terms[driver], query->pool);
    return word ? index_walk(finds, sc, query, driver, word) : APR_SUCCESS;
}

/* The end of a word that was typed for several of the record: "berg" of "vandenberg". A short one
 * is the whole of the last word, or half the register would be read. */
static apr_status_t end_walk(finds_t *finds, const mq_scope_t *sc, const mq_search_query_t *query,
                             const char *term, apr_size_t at)
{
    const apr_size_t length = strlen(term);
    if (at * 2 > length && length - at < END_LEAST) {
        return APR_SUCCESS;
    }
    return fitting_walk(finds, sc, query, -1, term + at, at * 2 > length ? " " : MQ_WORD_END,
                        SPLIT_SCAN);
}

/* One word that was typed for several of the record: wherever it may be divided, its end or its
 * longer beginning is looked up, and the key must have all. */
static apr_status_t divided_find(finds_t *finds, const mq_scope_t *sc,
                                 const mq_search_query_t *query, int driver)
{
    mq_search_query_t other = *query;
    const char *term = query->terms[driver].word;
    apr_size_t length = strlen(term);
    mq_search_term_also(&other.terms[driver], mq_other_beginning(term, 1, query->pool));
    for (apr_size_t at = 1; length >= SPLIT_LEAST && at < length && !is_full(finds); at++) {
        if ((term[at] & 0xc0) == 0x80) {
            continue; /* within a character */
        }
        MQ_TRY(end_walk(finds, sc, &other, term, at));
        if (at * 2 > length) {
            MQ_TRY(fitting_walk(finds, sc, &other, -1, apr_pstrndup(query->pool, term, at),
                                MQ_WORD_END, SPLIT_SCAN));
        }
    }
    return APR_SUCCESS;
}

/* By the term with the next fewest rows: the key has both, wherever blanks are in it. */
static apr_status_t second_find(finds_t *finds, const mq_scope_t *sc,
                                const mq_search_query_t *query, int driver)
{
    mq_search_query_t other = *query;
    int second;
    if (query->count < 2) {
        return APR_SUCCESS;
    }
    mq_search_term_also(&other.terms[driver],
                        mq_other_beginning(query->terms[driver].word, 1, query->pool));
    MQ_TRY(driver_choose(&second, sc, query, driver));
    return fitting_walk(finds, sc, &other, -1, query->terms[second].word, MQ_WORD_END, SPLIT_SCAN);
}

static apr_status_t readings_walk(finds_t *finds, const mq_scope_t *sc,
                                  const mq_search_query_t *query, int driver,
                                  const mq_search_term_t *term)
{
    MQ_TRY(index_walk(finds, sc, query, driver, term->word));
    for (int i = 0; i < MQ_SEARCH_OTHERS && term->others[i] && !is_full(finds); i++) {
        MQ_TRY(index_walk(finds, sc, query, driver, term->others[i]));
    }
    return APR_SUCCESS;
}

/* In all ways in which the driving term may be meant. */
static apr_status_t meanings_walk(finds_t *finds, const mq_scope_t *sc,
                                  const mq_search_query_t *query, int driver)
{
    const mq_search_term_t *term = &query->terms[driver];
    MQ_TRY(readings_walk(finds, sc, query, driver, term));
    if (term->word[0] != MQ_WORD_PHONE || is_full(finds)) {
        return APR_SUCCESS;
    }
    MQ_TRY(phone_find(finds, sc, query, driver));
    return finds->count == 0 && query->alone.word
               ? readings_walk(finds, sc, query, driver, &query->alone)
               : APR_SUCCESS;
}

static void rows_keep(finds_t *finds, int first, const finds_t *others)
{
    int kept = first;
    for (int i = first; i < finds->count; i++) {
        if (is_found(others, &finds->rows[i].id)) {
            finds->rows[kept++] = finds->rows[i];
        }
    }
    finds->count = kept;
}

/* Of several telephone numbers one drives; whoever is found has the others, too. */
static apr_status_t term_walk(finds_t *finds, const mq_scope_t *sc, const mq_search_query_t *query,
                              int driver)
{
    const int before = finds->count;
    MQ_TRY(meanings_walk(finds, sc, query, driver));
    for (int i = 0; i < query->count && finds->count > before && !is_full(finds); i++) {
        finds_t others;
        if (i == driver || query->terms[i].word[0] != MQ_WORD_PHONE) {
            continue;
        }
        others = finds_make(sc, finds->most);
        MQ_TRY(meanings_walk(&others, sc, query, i));
        if (!is_full(&others)) { /* else nobody knows who else has it */
            rows_keep(finds, before, &others);
        }
    }
    return APR_SUCCESS;
}

static apr_status_t terms_find(finds_t *finds, const mq_scope_t *sc, const mq_search_query_t *query)
{
    int driver;
    MQ_TRY(driver_choose(&driver, sc, query, -1));
    MQ_TRY(term_walk(finds, sc, query, driver));
    if (finds->count == 0 && mq_search_is_of_name(query->terms[driver].word)) {
        MQ_TRY(second_find(finds, sc, query, driver));
        return finds->count == 0 ? divided_find(finds, sc, query, driver) : APR_SUCCESS;
    }
    return APR_SUCCESS;
}

/* Words side by side that are one in the record: "mc donald" for McDonald. */
static apr_status_t joined_find(finds_t *finds, const mq_scope_t *sc,
                                const mq_search_query_t *query)
{
    for (int first = 0; first < query->count; first++) {
        for (int last = first + 1; last < query->count && finds->count == 0; last++) {
            mq_search_query_t other = *query;
            int number;
            if (!mq_search_is_of_name(query->terms[first].word) ||
                !mq_search_is_of_name(query->terms[last].word)) {
                break;
            }
            mq_search_join(&other, first, last);
            number = mq_search_number(&other);
            MQ_TRY(term_walk(finds, sc, &other, number < 0 ? first : number));
        }
    }
    return APR_SUCCESS;
}

static apr_status_t instead_find(finds_t *finds, const mq_scope_t *sc, mq_search_query_t *other,
                                 int place, const apr_array_header_t *words)
{
    for (int i = 0; i < words->nelts && !is_full(finds); i++) {
        other->terms[place] = (mq_search_term_t){.word = APR_ARRAY_IDX(words, i, const char *)};
        MQ_TRY(index_walk(finds, sc, other, place, other->terms[place].word));
    }
    return APR_SUCCESS;
}

/* Where nobody was found: one word of the name is taken for each of those that it is like; if that
 * is not enough, the others need only be like what they stand for. A number that was typed beside
 * it is in no key, and decides. */
static apr_status_t similar_find(finds_t *finds, const mq_scope_t *sc,
                                 const mq_search_query_t *query)
{
    apr_array_header_t *words[MQ_SEARCH_TERMS] = {NULL}; /* what each is like, once it was asked */
    int steps = MQ_SIMILAR_STEPS;
    if (mq_search_number(query) >= 0) {
        return APR_SUCCESS;
    }
    for (int loose = 0; loose < 2 && finds->count == 0; loose++) {
        for (int i = 0; i < query->count && finds->count == 0; i++) {
            mq_search_query_t other = *query;
            other.is_loose = loose;
            if (!mq_search_is_of_name(query->terms[i].word)) {
                continue;
            }
            if (!words[i]) {
                MQ_TRY(mq_similar_words(&words[i], &steps, sc, query->terms[i].word, query->pool));
            }
            MQ_TRY(instead_find(finds, sc, &other, i, words[i]));
        }
    }
    return APR_SUCCESS;
}

/* Those whose names are the fillers themselves: "Max Born", "Born 1961". */
static apr_status_t filler_find(finds_t *finds, const mq_scope_t *sc,
                                const mq_search_query_t *query, int filler)
{
    const mq_search_term_t *term = &query->terms[filler];
    MQ_TRY(fitting_walk(finds, sc, query, filler, term->word, " ", SCAN_MOST));
    for (int i = 0; i < MQ_SEARCH_OTHERS && term->others[i]; i++) {
        MQ_TRY(fitting_walk(finds, sc, query, filler, term->others[i], " ", SCAN_MOST));
    }
    return APR_SUCCESS;
}

/* Fillers are left out, one kind after the other, where nobody has them. */
static apr_status_t filled_find(finds_t *finds, const mq_scope_t *sc, mq_search_query_t *query)
{
    const int filler = mq_search_filler(query, MQ_FILLER_WORD);
    if (filler >= 0 && mq_search_number(query) < 0) {
        MQ_TRY(filler_find(finds, sc, query, filler));
        if (finds->count > 0) {
            return APR_SUCCESS;
        }
    }
    mq_search_unfill(query, MQ_FILLER_WORD);
    MQ_TRY(terms_find(finds, sc, query));
    if (finds->count == 0 && mq_search_filler(query, MQ_FILLER_LETTER) >= 0) {
        mq_search_unfill(query, MQ_FILLER_LETTER);
        return terms_find(finds, sc, query);
    }
    return APR_SUCCESS;
}

/* What was searched for can be recognised by who knows it and the secret; it cannot be read. */
static apr_status_t search_record(const mq_scope_t *sc, const char *typed,
                                  const mq_search_found_t *found)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    unsigned char digest[MQ_SHA256_LENGTH];
    mq_audit_event_t event = {.action = MQ_ACTION_PATIENTS_SEARCH, .outcome = MQ_OUTCOME_DONE};
    const mq_patients_page_t page = {.rows = found->rows, .count = found->count};
    const char *folded;
    if (!mq_discloses(sc)) {
        return APR_SUCCESS;
    }
    folded = mq_text_search_key(mq_scope_core(sc)->folding, typed, pool);
    MQ_TRY(mq_hmac_sha256(digest, mq_scope_core(sc)->search_key, MQ_KEY_LENGTH, folded,
                          strlen(folded)));
    event.reason = apr_pstrcat(pool, "terms ", mq_hex_encode(digest, 16, pool), NULL);
    MQ_TRY(mq_patients_show(&event, &page, NULL, pool));
    return mq_disclose(sc, &event, NULL);
}

apr_status_t mq_patients_search(mq_search_found_t *found_out, const mq_scope_t *sc,
                                const char *typed, const mq_date_style_t *style, int most)
{
    mq_search_query_t query = {.style = style, .pool = mq_scope_pool(sc)};
    finds_t finds = finds_make(sc, most);
    int is_similar = 0;
    if (!mq_policy_allows(MQ_ACTION_PATIENTS_SEARCH, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    typed = mq_text_plain_digits(typed, query.pool);
    mq_search_query_read(&query, mq_scope_core(sc)->folding, typed);
    if (mq_scope_shows_nothing(sc)) { /* and leaves no event: its time tells nothing either */
        *found_out = (mq_search_found_t){.rows = finds.rows, .typed = query.typed};
        return APR_SUCCESS;
    }
    MQ_TRY(number_find(&finds, &query.typed, sc, typed));
    MQ_TRY(national_id_find(&finds, sc, typed));
    if (query.count && !query.typed.mistyped_number) {
        MQ_TRY(filled_find(&finds, sc, &query));
    }
    if (finds.count == 0 && !query.typed.is_number) {
        MQ_TRY(joined_find(&finds, sc, &query));
    }
    if (finds.count == 0 && !query.typed.is_number) {
        MQ_TRY(similar_find(&finds, sc, &query));
        is_similar = finds.count > 0;
    }
    *found_out = (mq_search_found_t){.rows = finds.rows,
                                     .is_similar = is_similar,
                                     .count = is_full(&finds) ? most : finds.count,
                                     .has_more = is_full(&finds),
                                     .typed = query.typed};
    return search_record(sc, typed, found_out);
}

apr_status_t mq_patients_recent(mq_search_found_t *found_out, const mq_scope_t *sc, int most,
                                int record_it)
{
    finds_t finds = finds_make(sc, most);
    mq_audit_event_t event = {
        .action = MQ_ACTION_PATIENTS_LIST, .outcome = MQ_OUTCOME_DONE, .reason = "recent"};
    mq_patients_page_t page;
    mq_rows_t rows;
    apr_status_t rv;
    if (!mq_policy_allows(MQ_ACTION_PATIENTS_LIST, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    mq_disclosures_settle(sc);
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_RECENT_PATIENTS_NEWEST,
                        MQ_PARAMS(mq_bind_id(mq_scope_user(sc)), mq_bind_int(most))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        mq_id_t id = mq_rows_id(&rows, MQ_RECENT_PATIENTS_NEWEST_PATIENT_ID);
        MQ_TRY(add_if_shown(&finds, sc, &id));
    }
    if (rv != APR_EOF) {
        return rv;
    }
    *found_out =
        (mq_search_found_t){.rows = finds.rows, .count = finds.count, .typed = {.name = ""}};
    page = (mq_patients_page_t){.rows = finds.rows, .count = finds.count};
    MQ_TRY(mq_patients_show(&event, &page, NULL, mq_scope_pool(sc)));
    return record_it ? mq_disclose(sc, &event, NULL) : APR_SUCCESS;
}
