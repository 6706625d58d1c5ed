/* patient_index.c -- deriving words and figures from a stored record. */
#include "domain/patients/patient_index.h"

#include <apr_strings.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "domain/core.h"
#include "domain/organisations/counters.h"
#include "domain/organisations/quotas.h"
#include "domain/patients/patient_links.h"
#include "domain/patients/patient_pairs.h"
#include "domain/patients/patient_record.h"

enum { PHONES = 3, NAMES = 5, YEAR = 4, MONTH = 7 };

/* What the index knows of a record. */
typedef struct entry_t {
    const char *key;           /* of patient_words */
    apr_array_header_t *words; /* const char * */
    const char *birth_date;    /* or NULL */
    int is_active;
    int is_incoming;
} entry_t;

const char *mq_phone_word(const char *digits, int backwards, apr_pool_t *pool)
{
    const char *start = digits + strspn(digits, "0");
    apr_size_t length = strlen(start);
    char *word = apr_palloc(pool, length + 2);
    word[0] = (char)(backwards ? MQ_WORD_PHONE_BACKWARDS : MQ_WORD_PHONE);
    for (apr_size_t i = 0; i < length; i++) {
        word[1 + i] = backwards ? start[length - 1 - i] : start[i];
    }
    word[1 + length] = 0;
    return word;
}

static void phone_words(apr_array_header_t *words, const char *phone, apr_pool_t *pool)
{
    const char *digits = mq_text_digits(phone ? phone : "", pool);
    if (*mq_phone_word(digits, 0, pool) && mq_phone_word(digits, 0, pool)[1]) {
        APR_ARRAY_PUSH(words, const char *) = mq_phone_word(digits, 0, pool);
        APR_ARRAY_PUSH(words, const char *) = mq_phone_word(digits, 1, pool);
    }
}

/* Whether a key begins somewhere in all at the start of a word: then it is found there already. */
static int key_is_in(const char *all, const char *key)
{
    const char *found = strstr(all, key);
    while (found && found != all && found[-1] != ' ') {
        found = strstr(found + 1, key);
    }
    return found != NULL;
}

/* The first name is the one that lists are ordered by, so the key begins with it. */
static const char *names_key(const mq_scope_t *sc, const char *const names[NAMES], apr_pool_t *pool)
{
    const char *all = "";
    for (int i = 0; i < NAMES; i++) {
        const char *key =
            names[i] ? mq_text_search_key(mq_scope_core(sc)->folding, names[i], pool) : "";
        if (*key && !key_is_in(all, key)) {
            all = *all ? apr_pstrcat(pool, all, " ", key, NULL) : key;
        }
    }
    return all;
}

static const char *date_word(const char *birth_date, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%c%s", MQ_WORD_DATE, birth_date);
}

const char *mq_patient_index_key(const mq_scope_t *sc, const mq_patient_fields_t *fields,
                                 apr_pool_t *pool)
{
    const char *const names[NAMES] = {fields->name, fields->former_name, fields->preferred_name,
                                      fields->given_name, fields->family_name};
    const char *all = names_key(sc, names, pool);
    return fields->birth_date
               ? apr_pstrcat(pool, all, " ", date_word(fields->birth_date, pool), NULL)
               : all;
}

static void entry_make(entry_t *entry_out, const mq_scope_t *sc, const char *const names[NAMES],
                       const char *const phones[PHONES], apr_pool_t *pool)
{
    const char *all = names_key(sc, names, pool);
    entry_out->words = mq_text_words(all, pool);
    for (int i = 0, count = entry_out->words->nelts; i < count; i++) {
        apr_array_cat(
            entry_out->words,
            mq_text_unspaced_ends(APR_ARRAY_IDX(entry_out->words, i, const char *), pool));
    }
    if (entry_out->birth_date) {
        const char *date = date_word(entry_out->birth_date, pool);
        APR_ARRAY_PUSH(entry_out->words, const char *) = date;
        all = apr_pstrcat(pool, all, " ", date, NULL);
    }
    for (int i = 0; i < PHONES; i++) {
        phone_words(entry_out->words, phones[i], pool);
    }
    entry_out->key = all;
}

static apr_status_t entry_read(entry_t *entry_out, const mq_scope_t *sc, const mq_id_t *patient)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    const char *names[NAMES] = {NULL};
    const char *phones[PHONES] = {NULL};
    mq_rows_t rows;
    MQ_TRY(
        mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_INDEX_SOURCE, MQ_PARAMS(mq_bind_id(patient))));
    entry_out->is_active = mq_rows_int(&rows, MQ_PATIENT_INDEX_SOURCE_LISTING) == MQ_LISTING_ACTIVE;
    entry_out->is_incoming =
        mq_rows_int(&rows, MQ_PATIENT_INDEX_SOURCE_LISTING) == MQ_LISTING_INCOMING;
    entry_out->birth_date = mq_rows_text(&rows, MQ_PATIENT_INDEX_SOURCE_BIRTH_DATE, pool);
    for (int i = 0; i < NAMES; i++) {
        names[i] = mq_rows_text(&rows, MQ_PATIENT_INDEX_SOURCE_NAME + i, pool);
    }
    for (int i = 0; i < PHONES; i++) {
        phones[i] = mq_rows_text(&rows, MQ_PATIENT_INDEX_SOURCE_PHONE1 + i, pool);
    }
    mq_rows_close(&rows);
    entry_make(entry_out, sc, names, phones, pool);
    return APR_SUCCESS;
}

static apr_status_t figures_add(const mq_scope_t *sc, const entry_t *entry, int step)
{
    const char *year =
        entry->birth_date ? apr_pstrndup(mq_scope_pool(sc), entry->birth_date, YEAR) : "none";
    if (!entry->is_active) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_counter_add(sc, MQ_COUNTER_ACTIVE, step));
    return mq_counter_add(sc, apr_pstrcat(mq_scope_pool(sc), MQ_COUNTER_BIRTH, year, NULL), step);
}

static apr_status_t words_change(const mq_scope_t *sc, const mq_id_t *patient, const entry_t *entry,
                                 const mq_tenant_write_t *statement)
{
    for (int i = 0; i < entry->words->nelts; i++) {
        MQ_TRY(mq_db_change(NULL, sc, statement,
                            MQ_PARAMS(mq_bind_text(APR_ARRAY_IDX(entry->words, i, const char *)),
                                      mq_bind_text(entry->key), mq_bind_id(patient))));
    }
    return APR_SUCCESS;
}

/* A record is also found by what the records said that it replaces. */
static apr_status_t entries_change(const mq_scope_t *sc, const mq_id_t *patient,
                                   const mq_tenant_write_t *statement, int step)
{
    apr_array_header_t *ids;
    entry_t entry;
    MQ_TRY(mq_patient_stands_for(&ids, sc, patient));
    for (int i = 1; i < ids->nelts; i++) {
        MQ_TRY(entry_read(&entry, sc, &APR_ARRAY_IDX(ids, i, mq_id_t)));
        MQ_TRY(words_change(sc, patient, &entry, statement));
    }
    MQ_TRY(entry_read(&entry, sc, patient));
    MQ_TRY(words_change(sc, patient, &entry, statement));
    if (step > 0 && !entry.is_incoming) { /* an import has them compared when it shows them */
        MQ_TRY(mq_pairs_due(sc, patient));
    }
    return figures_add(sc, &entry, step);
}

apr_status_t mq_patient_index_add(const mq_scope_t *sc, const mq_id_t *patient)
{
    return entries_change(sc, patient, MQ_SQL_PATIENT_WORD_INSERT, 1);
}

apr_status_t mq_patient_index_remove(const mq_scope_t *sc, const mq_id_t *patient)
{
    return entries_change(sc, patient, MQ_SQL_PATIENT_WORD_DELETE, -1);
}

apr_status_t mq_patient_registered(const mq_scope_t *sc, apr_time_t at, apr_int64_t patients)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_day_t day;
    const char *iso;
    mq_date_today(&day, at, mq_scope_manners(sc)->zone);
    iso = mq_date_iso(&day, pool);
    MQ_TRY(mq_counter_add(
        sc, apr_pstrcat(pool, MQ_COUNTER_MONTH, apr_pstrndup(pool, iso, MONTH), NULL), patients));
    MQ_TRY(mq_counter_add(sc, apr_pstrcat(pool, MQ_COUNTER_DAY, iso, NULL), patients));
    return mq_counter_add(sc, MQ_COUNTER_ROOM_PATIENTS, patients);
}

apr_status_t mq_patient_opened(const mq_scope_t *sc, const mq_id_t *patient)
{
    const mq_param_t at = mq_bind_int(mq_scope_now(sc));
    const mq_param_t user = mq_bind_id(mq_scope_user(sc));
    int changed = 0;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_RECENT_PATIENT_MOVE,
                        MQ_PARAMS(at, user, mq_bind_id(patient))));
    if (changed == 0) {
        MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_RECENT_PATIENT_INSERT,
                            MQ_PARAMS(user, mq_bind_id(patient), at)));
    }
    return APR_SUCCESS;
}
