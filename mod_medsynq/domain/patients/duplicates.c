/* duplicates.c -- who may be the same person. Candidates come from the search index: whoever has a
 * word of the name, the date of birth or what it is mistaken for, the telephone number, the
 * national identifier. Ranges of the index are read, never the register, and no more of each than a
 * person who waits would notice; likeness.c then says how alike each is. */
#include "domain/patients/duplicates.h"

#include <apr_strings.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "domain/core.h"
#include "domain/patients/likeness.h"
#include "domain/patients/name_spellings.h"
#include "domain/patients/patient_index.h"
#include "domain/patients/patient_pairs.h"
#include "domain/trail/audit_groups.h"
#include "domain/trail/disclosures.h"

enum {
    READ_MOST = 2000,     /* of one word: half a register may be called Nguyen */
    QUEUE_MOST = 200,     /* the same where all are looked at, one after the other */
    ROWS_MOST = 8000,     /* in all: a person waits */
    NAMESAKES_MOST = 100, /* of one whole name */
    BRIEF_MOST = 20,      /* the same for a row of a file */
    CANDIDATES_MOST = 20, /* whose records are read */
    WORDS_MOST = 6,
    PHONES = 3,
    /* what the key of the index does not hold may still be added: the address */
    LIKELY = MQ_LIKENESS_WARN - 10
};

typedef struct candidate_t {
    mq_id_t id;
    int score;
} candidate_t;

typedef struct search_t {
    const mq_scope_t *sc;
    const mq_id_t *self;       /* who is being edited, or NULL */
    apr_array_header_t *apart; /* of mq_id_t: who is known to be somebody else than self, or NULL */
    mq_person_t person;
    const char *name_key;
    const char *spellings[2]; /* the same as other keyboards write it, or NULL */
    candidate_t candidates[CANDIDATES_MOST];
    int count;
    int word_most;    /* rows read of one word */
    int rows;         /* read so far */
    apr_pool_t *turn; /* cleared for each row */
} search_t;

static int is_apart(const search_t *search, const mq_id_t *other)
{
    for (int i = 0; search->apart && i < search->apart->nelts; i++) {
        if (mq_id_equal(&APR_ARRAY_IDX(search->apart, i, mq_id_t), other)) {
            return 1;
        }
    }
    return 0;
}

/* The likeliest stay. */
static void candidate_add(search_t *search, const mq_id_t *id, int score)
{
    candidate_t *place = search->candidates;
    if ((search->self && mq_id_equal(search->self, id)) || is_apart(search, id)) {
        return;
    }
    for (int i = 0; i < search->count; i++) {
        candidate_t *one = &search->candidates[i];
        if (mq_id_equal(&one->id, id)) {
            one->score = one->score > score ? one->score : score;
            return;
        }
        place = one->score < place->score ? one : place;
    }
    if (search->count < CANDIDATES_MOST) {
        search->candidates[search->count++] = (candidate_t){*id, score};
    } else if (place->score < score) {
        *place = (candidate_t){*id, score};
    }
}

void mq_duplicate_key_read(mq_person_t *person_out, const char *key, apr_pool_t *pool)
{
    const char *date = strstr(key, " @");
    *person_out = (mq_person_t){.address = ""};
    person_out->names =
        mq_text_words(date ? apr_pstrndup(pool, key, (apr_size_t)(date - key)) : key, pool);
    person_out->name = person_out->names;
    person_out->birth_date = date ? date + 2 : NULL;
}

static int key_score(const search_t *search, const char *key)
{
    mq_person_t person;
    mq_duplicate_key_read(&person, key, search->turn);
    return mq_likeness(NULL, &search->person, &person, search->turn);
}

/* @param head what the keys of the rows begin with, or NULL: any
 * @param least_score who fits less is passed over */
static apr_status_t rows_read(search_t *search, mq_rows_t *rows, const char *head, int least_score)
{
    apr_status_t rv;
    while ((rv = mq_rows_next(rows)) == APR_SUCCESS) {
        const char *key = mq_rows_text(rows, MQ_PATIENT_MATCH_KEY, search->turn);
        mq_id_t id = mq_rows_id(rows, MQ_PATIENT_MATCH_PATIENT_ID);
        int score;
        if (search->rows++ >= ROWS_MOST || (head && strncmp(key, head, strlen(head)) != 0)) {
            mq_rows_close(rows);
            return APR_SUCCESS;
        }
        score = key_score(search, key);
        if (score >= least_score) {
            candidate_add(search, &id, score);
        }
        apr_pool_clear(search->turn);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t by_word(search_t *search, const char *word, int least_score)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select(&rows, search->sc, MQ_SQL_PATIENTS_BY_WORD,
                        MQ_PARAMS(mq_bind_text(word), mq_bind_int(search->word_most))));
    return rows_read(search, &rows, NULL, least_score);
}

/* Namesakes stand side by side, so that a common first word does not hide them. */
static apr_status_t by_whole_name(search_t *search, const char *name, int most)
{
    const char *word = apr_pstrndup(mq_scope_pool(search->sc), name, strcspn(name, " "));
    mq_rows_t rows;
    if (!*word) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_db_select(&rows, search->sc, MQ_SQL_PATIENTS_BY_WORD_FROM,
                        MQ_PARAMS(mq_bind_text(word), mq_bind_text(name), mq_bind_int(most))));
    return rows_read(search, &rows, name, LIKELY);
}

/* As it was typed, and "Müller" as "Mueller" and the other way round. */
static apr_status_t by_spellings(search_t *search, int most)
{
    MQ_TRY(by_whole_name(search, search->name_key, most));
    for (int i = 0; i < 2; i++) {
        if (search->spellings[i]) {
            MQ_TRY(by_whole_name(search, search->spellings[i], most));
        }
    }
    return APR_SUCCESS;
}

static apr_status_t by_words(search_t *search)
{
    const apr_array_header_t *words = search->person.names;
    for (int i = 0; i < words->nelts && i < WORDS_MOST; i++) {
        MQ_TRY(by_word(search, APR_ARRAY_IDX(words, i, const char *), LIKELY));
    }
    return APR_SUCCESS;
}

static apr_status_t by_date(search_t *search, const mq_day_t *day)
{
    const char *iso = mq_date_iso(day, mq_scope_pool(search->sc));
    mq_day_t sound;
    if (mq_date_parse(&sound, iso) != APR_SUCCESS) {
        return APR_SUCCESS;
    }
    return by_word(search, apr_psprintf(mq_scope_pool(search->sc), "%c%s", MQ_WORD_DATE, iso),
                   LIKELY);
}

/* The day, and the days that it is most often mistaken for: then no word of the name need fit. */
static apr_status_t by_dates(search_t *search)
{
    mq_day_t day;
    if (!search->person.birth_date || search->person.age_estimated ||
        mq_date_parse(&day, search->person.birth_date) != APR_SUCCESS || !day.day) {
        return APR_SUCCESS;
    }
    MQ_TRY(by_date(search, &day));
    MQ_TRY(by_date(search, &(mq_day_t){day.year, day.day, day.month}));
    MQ_TRY(by_date(search, &(mq_day_t){day.year - 1, day.month, day.day}));
    MQ_TRY(by_date(search, &(mq_day_t){day.year + 1, day.month, day.day}));
    MQ_TRY(by_date(search, &(mq_day_t){day.year, day.month, day.day - 1}));
    return by_date(search, &(mq_day_t){day.year, day.month, day.day + 1});
}

/* Backwards, a number begins with the digits that decide. */
static apr_status_t by_phones(search_t *search)
{
    apr_pool_t *pool = mq_scope_pool(search->sc);
    for (int i = 0; i < PHONES; i++) {
        mq_rows_t rows;
        const char *word;
        if (!search->person.phones[i]) {
            continue;
        }
        word = mq_phone_word(search->person.phones[i], 1, pool);
        MQ_TRY(mq_db_select(&rows, search->sc, MQ_SQL_PATIENT_WORDS_RANGE,
                            MQ_PARAMS(mq_bind_text(word),
                                      mq_bind_text(apr_pstrcat(pool, word, MQ_WORD_END, NULL)),
                                      mq_bind_int(NAMESAKES_MOST))));
        MQ_TRY(rows_read(search, &rows, NULL, MQ_LIKENESS_WARN - 39 - 10));
    }
    return APR_SUCCESS;
}

static apr_status_t by_national_id(search_t *search)
{
    mq_rows_t rows;
    apr_status_t rv;
    if (!search->person.national_id) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_db_select(
        &rows, search->sc, MQ_SQL_PATIENTS_BY_NATIONAL_ID,
        MQ_PARAMS(mq_bind_text(search->person.national_id), mq_bind_int(MQ_DUPLICATES_MOST + 1))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        mq_id_t id = mq_rows_id(&rows, MQ_PATIENTS_BY_NATIONAL_ID);
        candidate_add(search, &id, 1000);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* Into its place: the likeliest first. */
static void duplicate_add(apr_array_header_t *found, const mq_duplicate_t *duplicate)
{
    int place = found->nelts;
    (void)apr_array_push(found);
    while (place > 0 && APR_ARRAY_IDX(found, place - 1, mq_duplicate_t).score < duplicate->score) {
        APR_ARRAY_IDX(found, place, mq_duplicate_t) =
            APR_ARRAY_IDX(found, place - 1, mq_duplicate_t);
        place--;
    }
    APR_ARRAY_IDX(found, place, mq_duplicate_t) = *duplicate;
}

/* Whole records decide; one that an import has not shown yet is left out. */
static apr_status_t candidate_judge(apr_array_header_t *found, const search_t *search,
                                    const mq_id_t *id)
{
    apr_pool_t *pool = mq_scope_pool(search->sc);
    mq_duplicate_t one = {.why = 0};
    mq_person_t person;
    apr_status_t rv = mq_patient_read(&one.patient, search->sc, id);
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    mq_person_make(&person, mq_scope_core(search->sc)->folding, &one.patient.fields, pool);
    one.score = mq_likeness(&one.why, &search->person, &person, pool);
    if (one.score >= MQ_LIKENESS_WARN) {
        duplicate_add(found, &one);
    }
    return APR_SUCCESS;
}

static apr_status_t candidates_judge(apr_array_header_t *found, const search_t *search)
{
    for (int i = 0; i < search->count; i++) {
        MQ_TRY(candidate_judge(found, search, &search->candidates[i].id));
    }
    found->nelts = found->nelts < MQ_DUPLICATES_MOST ? found->nelts : MQ_DUPLICATES_MOST;
    return APR_SUCCESS;
}

static int is_found(const apr_array_header_t *found, const mq_id_t *id)
{
    for (int i = 0; i < found->nelts; i++) {
        if (mq_id_equal(&APR_ARRAY_IDX(found, i, mq_duplicate_t).patient.id, id)) {
            return 1;
        }
    }
    return 0;
}

static apr_status_t partners_judge(apr_array_header_t *found, const search_t *search,
                                   const apr_array_header_t *partners)
{
    for (int i = 0; i < partners->nelts; i++) {
        const mq_id_t *id = &APR_ARRAY_IDX(partners, i, mq_id_t);
        if (!is_found(found, id) && !is_apart(search, id)) {
            MQ_TRY(candidate_judge(found, search, id));
        }
    }
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

static void spellings_make(search_t *search, const mq_text_t *folding, const char *name)
{
    apr_pool_t *pool = mq_scope_pool(search->sc);
    const char *const spellings[] = {
        mq_name_single_letters(search->name_key, pool),
        mq_text_search_key(folding, mq_name_spelt_out(name, pool), pool)};
    for (int i = 0; i < 2; i++) {
        search->spellings[i] = strcmp(spellings[i], search->name_key) ? spellings[i] : NULL;
    }
}

static apr_status_t search_begin(apr_array_header_t **found_out, search_t *search,
                                 const mq_patient_fields_t *fields)
{
    const mq_text_t *folding = mq_scope_core(search->sc)->folding;
    apr_pool_t *pool = mq_scope_pool(search->sc);
    mq_patient_fields_t named = *fields;
    *found_out = apr_array_make(pool, CANDIDATES_MOST, sizeof(mq_duplicate_t));
    mq_patient_fields_settle(&named, NULL, pool);
    mq_person_make(&search->person, folding, &named, pool);
    search->name_key = mq_text_search_key(folding, named.name ? named.name : "", pool);
    spellings_make(search, folding, named.name ? named.name : "");
    return apr_pool_create(&search->turn, pool);
}

static apr_status_t search_do(apr_array_header_t **found_out, search_t *search,
                              const mq_patient_fields_t *fields)
{
    MQ_TRY(search_begin(found_out, search, fields));
    if (search->self) {
        MQ_TRY(mq_pairs_apart(&search->apart, search->sc, search->self));
    }
    MQ_TRY(by_national_id(search));
    MQ_TRY(by_phones(search));
    MQ_TRY(by_spellings(search, NAMESAKES_MOST));
    MQ_TRY(by_dates(search)); /* few rows: before common words have used up what may be read */
    MQ_TRY(by_words(search));
    apr_pool_destroy(search->turn);
    return candidates_judge(*found_out, search);
}

apr_status_t mq_duplicates_find(apr_array_header_t **found_out, const mq_scope_t *sc,
                                const mq_id_t *self, const mq_patient_fields_t *fields)
{
    search_t search = {.sc = sc, .self = self, .word_most = READ_MOST};
    if (!mq_policy_allows(MQ_ACTION_PATIENT_DUPLICATES, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    return search_do(found_out, &search, fields);
}

apr_status_t mq_duplicates_of(apr_array_header_t **found_out, const mq_scope_t *sc,
                              const mq_patient_t *patient, const apr_array_header_t *partners)
{
    search_t search = {.sc = sc, .self = &patient->id, .word_most = QUEUE_MOST};
    MQ_TRY(search_do(found_out, &search, &patient->fields));
    return partners_judge(*found_out, &search, partners);
}

/* --- in brief --- */

int mq_duplicate_days(const char *days[MQ_DUPLICATE_DAYS], const char *birth_date, apr_pool_t *pool)
{
    mq_day_t day;
    int count = 0;
    if (!birth_date || mq_date_parse(&day, birth_date) != APR_SUCCESS || !day.day) {
        return 0;
    }
    const mq_day_t all[MQ_DUPLICATE_DAYS] = {day,
                                             {day.year, day.day, day.month},
                                             {day.year - 1, day.month, day.day},
                                             {day.year + 1, day.month, day.day},
                                             {day.year, day.month, day.day - 1},
                                             {day.year, day.month, day.day + 1}};
    for (int i = 0; i < MQ_DUPLICATE_DAYS; i++) {
        const char *iso = mq_date_iso(&all[i], pool);
        mq_day_t sound;
        if (mq_date_parse(&sound, iso) == APR_SUCCESS && sound.day &&
            (!count || strcmp(iso, days[0]) != 0)) {
            days[count++] = iso;
        }
    }
    return count;
}

const char *mq_duplicate_turned(const apr_array_header_t *words, apr_pool_t *pool)
{
    const char *turned = words->nelts ? APR_ARRAY_IDX(words, words->nelts - 1, const char *) : "";
    for (int i = 0; i < words->nelts - 1; i++) {
        turned = apr_pstrcat(pool, turned, " ", APR_ARRAY_IDX(words, i, const char *), NULL);
    }
    return turned;
}

/* All days in one look-up; then no word of the name need fit, but the name has to. */
static apr_status_t by_days_at_once(search_t *search)
{
    apr_pool_t *pool = mq_scope_pool(search->sc);
    const char *days[MQ_DUPLICATE_DAYS];
    mq_param_t params[MQ_DUPLICATE_DAYS + 1];
    mq_rows_t rows;
    int count =
        search->person.age_estimated ? 0 : mq_duplicate_days(days, search->person.birth_date, pool);
    if (count == 0) {
        return APR_SUCCESS;
    }
    for (int i = 0; i < MQ_DUPLICATE_DAYS; i++) {
        params[i] = mq_bind_text(apr_psprintf(pool, "%c%s", MQ_WORD_DATE, days[i < count ? i : 0]));
    }
    params[MQ_DUPLICATE_DAYS] = mq_bind_int(QUEUE_MOST);
    MQ_TRY(mq_db_select(&rows, search->sc, MQ_SQL_PATIENTS_BY_DAYS, params, MQ_DUPLICATE_DAYS + 1));
    return rows_read(search, &rows, NULL, MQ_LIKENESS_WARN);
}

/* The few best candidates, for each costs a record. */
static void candidates_cut(search_t *search, int most)
{
    for (int i = 0; i < search->count && i < most; i++) {
        for (int j = i + 1; j < search->count; j++) {
            if (search->candidates[j].score > search->candidates[i].score) {
                candidate_t one = search->candidates[i];
                search->candidates[i] = search->candidates[j];
                search->candidates[j] = one;
            }
        }
    }
    search->count = search->count < most ? search->count : most;
}

apr_status_t mq_duplicate_likeliest(mq_duplicate_t *likeliest_out, const mq_scope_t *sc,
                                    const mq_patient_fields_t *fields)
{
    search_t search = {.sc = sc, .word_most = QUEUE_MOST};
    apr_array_header_t *found;
    *likeliest_out = (mq_duplicate_t){.why = 0, .score = 0};
    MQ_TRY(search_begin(&found, &search, fields));
    MQ_TRY(by_national_id(&search));
    MQ_TRY(by_phones(&search));
    MQ_TRY(by_spellings(&search, BRIEF_MOST));
    if (search.person.name->nelts > 1) {
        MQ_TRY(by_whole_name(&search, mq_duplicate_turned(search.person.name, mq_scope_pool(sc)),
                             BRIEF_MOST));
    }
    MQ_TRY(by_days_at_once(&search));
    apr_pool_destroy(search.turn);
    candidates_cut(&search, MQ_DUPLICATES_MOST);
    MQ_TRY(candidates_judge(found, &search));
    if (found->nelts) {
        *likeliest_out = APR_ARRAY_IDX(found, 0, mq_duplicate_t);
    }
    return APR_SUCCESS;
}
