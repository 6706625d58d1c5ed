/* duplicates.c -- candidates come from the search index, so that one range of it is read for each
 * rule, however large the register is. */
#include "domain/patients/duplicates.h"

#include <apr_strings.h>
#include <string.h>

#include "base/text.h"
#include "domain/trail/audit_groups.h"
#include "domain/core.h"
#include "domain/trail/disclosures.h"
#include "domain/patients/patient_index.h"

enum {
    WORD_MOST = 40, /* longer words are compared by their beginning */
    SLIP_FROM = 3,  /* words shorter than this must be equal */
    TWO_SLIPS_FROM = 8,
    READ_MOST = 500, /* of one birth date: registers are full of 1 January */
    PHONES = 3
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, changes and swaps of neighbours (optimal string alignment), in bytes. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][WORD_MOST + 1];
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t *now = rows[i % 3];
        const size_t *last = rows[(i + 2) % 3];
        const size_t *before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = least(now[j], before[j - 2] + 1);
            }
        }
    }
    return rows[a_length % 3][b_length];
}

static int words_are_similar(const char *a, const char *b)
{
    size_t a_length = least(strlen(a), WORD_MOST);
    size_t b_length = least(strlen(b), WORD_MOST);
    size_t shorter = least(a_length, b_length);
    size_t longer = a_length + b_length - shorter;
    size_t slips = shorter < SLIP_FROM ? 0 : shorter < TWO_SLIPS_FROM ? 1 : 2;
    if (strcmp(a, b) == 0) {
        return 1;
    }
    if (a[strcspn(a, "0123456789")] || b[strcspn(b, "0123456789")]) {
        return 0;
    }
    return slips > 0 && longer - shorter <= slips && distance(a, a_length, b, b_length) <= slips;
}

static int has_word(const apr_array_header_t *words, const char *word)
{
    for (int i = 0; i < words->nelts; i++) {
        if (words_are_similar(APR_ARRAY_IDX(words, i, const char *), word)) {
            return 1;
        }
    }
    return 0;
}

int mq_names_are_similar(const char *a, const char *b, apr_pool_t *pool)
{
    const apr_array_header_t *mine = mq_text_words(a, pool);
    const apr_array_header_t *theirs = mq_text_words(b, pool);
    const apr_array_header_t *shorter = mine->nelts <= theirs->nelts ? mine : theirs;
    const apr_array_header_t *longer = shorter == mine ? theirs : mine;
    int common = 0;
    for (int i = 0; i < shorter->nelts; i++) {
        const char *word = APR_ARRAY_IDX(shorter, i, const char *);
        int found = has_word(longer, word);
        if (!found && word[strcspn(word, "0123456789")]) {
            return 0; /* numbered names, such as "Newborn 2", differ in their numbers only */
        }
        common += found;
    }
    return common * 2 > shorter->nelts;
}

static void remember(apr_array_header_t *found, const mq_id_t *id, int why)
{
    for (int i = 0; i < found->nelts; i++) {
        mq_duplicate_t *one = &APR_ARRAY_IDX(found, i, mq_duplicate_t);
        if (mq_id_equal(&one->patient.id, id)) {
            one->why |= why;
            return;
        }
    }
    if (found->nelts < MQ_DUPLICATES_MOST) {
        APR_ARRAY_PUSH(found, mq_duplicate_t) = (mq_duplicate_t){.patient.id = *id, .why = why};
    }
}

/* All names of the person as one key; the index's keys hold all names of a patient, too. */
static const char *names_key(const mq_scope_t *sc, const mq_patient_fields_t *fields)
{
    const char *const names[] = {fields->name, fields->given_name, fields->family_name,
                                 fields->former_name, fields->preferred_name};
    apr_pool_t *pool = mq_scope_pool(sc);
    const char *all = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        all = apr_pstrcat(pool, all, names[i] ? names[i] : "", " ", NULL);
    }
    return mq_text_search_key(mq_scope_core(sc)->folding, all, pool);
}

static apr_status_t by_word(apr_array_header_t *found, const mq_scope_t *sc, const char *word,
                            const char *names, int why)
{
    apr_pool_t *pool;
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENTS_BY_WORD,
                        MQ_PARAMS(mq_bind_text(word), mq_bind_int(READ_MOST))));
    apr_pool_create(&pool, mq_scope_pool(sc));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        const char *key = mq_rows_text(&rows, MQ_PATIENTS_BY_WORD_KEY, pool);
        const char *date = strstr(key, " @"); /* the key ends with the date of birth */
        mq_id_t id = mq_rows_id(&rows, MQ_PATIENTS_BY_WORD_PATIENT_ID);
        key = date ? apr_pstrndup(pool, key, (apr_size_t)(date - key)) : key;
        if (mq_names_are_similar(names, key, pool)) {
            remember(found, &id, why);
        }
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t by_national_id(apr_array_header_t *found, const mq_scope_t *sc,
                                   const char *national_id)
{
    const char *key = mq_national_id_key(national_id, mq_scope_pool(sc));
    mq_rows_t rows;
    apr_status_t rv;
    if (!key) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENTS_BY_NATIONAL_ID,
                        MQ_PARAMS(mq_bind_text(key), mq_bind_int(MQ_DUPLICATES_MOST))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        mq_id_t id = mq_rows_id(&rows, MQ_PATIENTS_BY_NATIONAL_ID);
        remember(found, &id, MQ_SAME_NATIONAL_ID);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t by_phones(apr_array_header_t *found, const mq_scope_t *sc,
                              const mq_patient_fields_t *fields, const char *names)
{
    const char *const phones[PHONES] = {fields->phone1, fields->phone2, fields->phone3};
    apr_pool_t *pool = mq_scope_pool(sc);
    for (int i = 0; i < PHONES; i++) {
        if (phones[i]) {
            const char *word = mq_phone_word(mq_text_digits(phones[i], pool), 0, pool);
            MQ_TRY(by_word(found, sc, word, names, MQ_SAME_PHONE));
        }
    }
    return APR_SUCCESS;
}

/* The candidates' records; one that an import has not shown yet is left out. */
static apr_status_t read_all(apr_array_header_t *found, const mq_scope_t *sc)
{
    int kept = 0;
    for (int i = 0; i < found->nelts; i++) {
        mq_duplicate_t one = APR_ARRAY_IDX(found, i, mq_duplicate_t);
        mq_id_t id = one.patient.id;
        apr_status_t rv = mq_patient_read(&one.patient, sc, &id);
        if (rv == APR_SUCCESS) {
            APR_ARRAY_IDX(found, kept++, mq_duplicate_t) = one;
        } else if (rv != MQ_ENOTFOUND) {
            return rv;
        }
    }
    found->nelts = kept;
    return APR_SUCCESS;
}

apr_status_t mq_duplicates_disclose(const mq_scope_t *sc, const apr_array_header_t *found)
{
    mq_audit_event_t event = {.action = MQ_ACTION_PATIENT_DUPLICATES, .outcome = MQ_OUTCOME_DONE};
    mq_id_t *ids = apr_palloc(mq_scope_pool(sc), sizeof *ids * (size_t)(found->nelts + 1));
    for (int i = 0; i < found->nelts; i++) {
        ids[i] = APR_ARRAY_IDX(found, i, mq_duplicate_t).patient.id;
    }
    MQ_TRY(mq_audit_show(&event, ids, found->nelts, mq_scope_pool(sc)));
    return mq_disclose(sc, &event, NULL);
}

apr_status_t mq_duplicates_find(apr_array_header_t **found_out, const mq_scope_t *sc,
                                const mq_patient_fields_t *fields)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *found = apr_array_make(pool, MQ_DUPLICATES_MOST, sizeof(mq_duplicate_t));
    const char *names;
    if (!mq_policy_allows(MQ_ACTION_PATIENT_DUPLICATES, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    names = names_key(sc, fields);
    MQ_TRY(by_national_id(found, sc, fields->national_id));
    MQ_TRY(by_phones(found, sc, fields, names));
    if (fields->birth_date && !fields->age_estimated) {
        const char *word = apr_psprintf(pool, "%c%s", MQ_WORD_DATE, fields->birth_date);
        MQ_TRY(by_word(found, sc, word, names, MQ_SAME_BIRTH_DATE));
    }
    MQ_TRY(read_all(found, sc));
    *found_out = found;
    return APR_SUCCESS;
}
