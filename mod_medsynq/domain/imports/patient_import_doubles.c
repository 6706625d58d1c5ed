/* patient_import_doubles.c -- finding whom a row is like, and the page of such rows. Who is
 * compared with whom in the register is domain/patients/duplicates.c's affair; how alike two are,
 * likeness.c's. */
#include "domain/imports/patient_import_doubles.h"

#include <apr_strings.h>
#include <limits.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "domain/change.h"
#include "domain/core.h"
#include "domain/imports/patient_import_values.h"
#include "domain/patients/duplicates.h"
#include "domain/patients/patient_index.h"
#include "domain/policy.h"
#include "domain/trail/audit_groups.h"
#include "domain/trail/disclosures.h"

enum { NAMESAKES_MOST = 50, ROWS_MOST = 20, DAYS = 6 };

/* A row under comparison with earlier ones. */
typedef struct search_t {
    const mq_scope_t *sc;
    const mq_id_t *import;
    apr_int64_t number;
    mq_person_t person;
    apr_int64_t best_row;
    int best_score;
    int best_why;
    apr_pool_t *pool;
    apr_pool_t *turn; /* cleared for each row */
} search_t;

static const char *name_key(const mq_scope_t *sc, const mq_patient_fields_t *fields,
                            apr_pool_t *pool)
{
    return mq_text_search_key(mq_scope_core(sc)->folding, fields->name, pool);
}

void mq_import_keys(mq_import_keys_t *keys_out, const mq_scope_t *sc,
                    const mq_patient_fields_t *fields, apr_pool_t *pool)
{
    const char *birth_date = fields->birth_date ? fields->birth_date : "";
    *keys_out = (mq_import_keys_t){
        .person = apr_pstrcat(pool, name_key(sc, fields, pool), " @", birth_date, NULL),
        .born = fields->birth_date,
        .phone = mq_phone_last(fields->phone1, pool),
        .identifier = mq_national_id_key(fields->national_id, pool)};
}

/* --- to the letter --- */

static apr_status_t one_row(apr_int64_t *number_out, const mq_scope_t *sc,
                            const mq_tenant_read_t *statement, const mq_param_t *params, int count)
{
    mq_rows_t rows;
    apr_status_t rv = mq_db_select_one(&rows, sc, statement, params, count);
    *number_out = 0;
    if (rv == APR_SUCCESS) {
        *number_out = mq_rows_int(&rows, MQ_IMPORT_ROW_BY_PERSON_NUMBER);
        mq_rows_close(&rows);
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

/* Whether a key of the index is of somebody whose name begins so, born on this day; or on an
 * unknown one, where it has none either. */
static int key_is_of(const char *key, const char *name, const char *birth_date)
{
    apr_size_t length = strlen(name);
    const char *date = strchr(key, MQ_WORD_DATE);
    return strncmp(key, name, length) == 0 && (!key[length] || key[length] == ' ') &&
           strcmp(date ? date + 1 : "", birth_date ? birth_date : "") == 0;
}

/* Whether the index has this very key. */
static apr_status_t is_indexed(int *there_out, const mq_scope_t *sc, const char *word,
                               const char *key, apr_pool_t *pool)
{
    mq_rows_t rows;
    apr_status_t rv =
        mq_db_select_one(&rows, sc, MQ_SQL_PATIENTS_BY_WORD_FROM,
                         MQ_PARAMS(mq_bind_text(word), mq_bind_text(key), mq_bind_int(1)));
    *there_out = 0;
    if (rv == APR_SUCCESS) {
        *there_out = strcmp(mq_rows_text(&rows, MQ_PATIENT_MATCH_KEY, pool), key) == 0;
        mq_rows_close(&rows);
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

static apr_status_t has_identifier(int *there_out, const mq_scope_t *sc, const char *identifier)
{
    mq_rows_t rows;
    apr_status_t rv = APR_EOF;
    *there_out = 0;
    if (identifier) {
        MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENTS_BY_NATIONAL_ID,
                            MQ_PARAMS(mq_bind_text(identifier), mq_bind_int(1))));
        rv = mq_rows_next(&rows);
        *there_out = rv == APR_SUCCESS;
        mq_rows_close(&rows);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* Whether the register has somebody whose names begin so and go on, as whose former name it knows
 * and the file does not. Who was born on that day is read, all of them, and not who is called so: a
 * name has thousands of namesakes. Without a day the namesakes are read, after those of whom one is
 * born on any. */
static apr_status_t is_registered_longer(int *there_out, const mq_scope_t *sc, const char *name,
                                         const char *birth_date, apr_pool_t *pool)
{
    enum { LONGER_MOST = 1000 };
    const char *word = birth_date ? apr_psprintf(pool, "%c%s", MQ_WORD_DATE, birth_date)
                                  : apr_pstrndup(pool, name, strcspn(name, " "));
    const char *from = birth_date ? name : apr_psprintf(pool, "%s %c", name, MQ_WORD_DATE + 1);
    mq_rows_t rows;
    apr_status_t rv = APR_SUCCESS;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENTS_BY_WORD_FROM,
                        MQ_PARAMS(mq_bind_text(word), mq_bind_text(from),
                                  mq_bind_int(birth_date ? INT_MAX : LONGER_MOST))));
    while (!*there_out && (rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        const char *key = mq_rows_text(&rows, MQ_PATIENT_MATCH_KEY, pool);
        *there_out = key_is_of(key, name, birth_date);
        if (strncmp(key, name, strlen(name)) != 0) {
            break;
        }
    }
    mq_rows_close(&rows);
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* Whether somebody of this name, born on this day, is in the register. The same names and day are
 * one look-up, however many namesakes there are. */
static apr_status_t is_registered(int *there_out, const mq_scope_t *sc,
                                  const mq_patient_fields_t *fields, const mq_import_keys_t *keys,
                                  apr_pool_t *pool)
{
    const char *name = name_key(sc, fields, pool);
    const char *word = apr_pstrndup(pool, name, strcspn(name, " "));
    MQ_TRY(has_identifier(there_out, sc, keys->identifier));
    if (!*there_out && *word) {
        MQ_TRY(is_indexed(there_out, sc, word, mq_patient_index_key(sc, fields, pool), pool));
    }
    return *there_out || !*word
               ? APR_SUCCESS
               : is_registered_longer(there_out, sc, name, fields->birth_date, pool);
}

/* --- as people are mistyped --- */

/* @param known what the look-up itself has found to be the same */
static apr_status_t rows_weigh(search_t *search, mq_rows_t *rows, int known)
{
    apr_status_t rv;
    while ((rv = mq_rows_next(rows)) == APR_SUCCESS) {
        apr_int64_t number = mq_rows_int(rows, MQ_IMPORT_ROW_MATCH_NUMBER);
        const char *key = mq_rows_text(rows, MQ_IMPORT_ROW_MATCH_PERSON, search->turn);
        mq_person_t person;
        int score;
        int why;
        if (!key || number >= search->number) {
            continue;
        }
        mq_duplicate_key_read(&person, key, search->turn);
        person.phones[0] = known & MQ_SAME_PHONE ? search->person.phones[0] : NULL;
        score = mq_likeness(&why, &search->person, &person, search->turn);
        if (score >= MQ_LIKENESS_WARN && score > search->best_score) {
            search->best_score = score;
            search->best_row = number;
            search->best_why = why;
        }
        apr_pool_clear(search->turn);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* Those whose names begin with these words, whatever their dates. */
static apr_status_t by_name(search_t *search, const char *name)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select(&rows, search->sc, MQ_SQL_IMPORT_ROWS_BY_PERSON_FROM,
                        MQ_PARAMS(mq_bind_id(search->import), mq_bind_text(name),
                                  mq_bind_text(apr_pstrcat(search->pool, name, MQ_WORD_END, NULL)),
                                  mq_bind_int(NAMESAKES_MOST))));
    return rows_weigh(search, &rows, 0);
}

static apr_status_t by_key(search_t *search, const mq_tenant_read_t *statement, const char *key,
                           int known)
{
    mq_rows_t rows;
    if (!key) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_db_select(&rows, search->sc, statement,
                        MQ_PARAMS(mq_bind_id(search->import), mq_bind_text(key),
                                  mq_bind_int(search->number), mq_bind_int(ROWS_MOST))));
    return rows_weigh(search, &rows, known);
}

static apr_status_t by_days(search_t *search, const char *birth_date)
{
    const char *days[DAYS];
    int count = mq_duplicate_days(days, birth_date, search->pool);
    for (int i = 0; i < count; i++) {
        MQ_TRY(by_key(search, MQ_SQL_IMPORT_ROWS_BY_BIRTH, days[i], 0));
    }
    return APR_SUCCESS;
}

static apr_status_t rows_compare(mq_import_double_t *found_out, search_t *search,
                                 const mq_patient_fields_t *fields, const mq_import_keys_t *keys)
{
    const char *name = name_key(search->sc, fields, search->pool);
    mq_person_make(&search->person, mq_scope_core(search->sc)->folding, fields, search->pool);
    MQ_TRY(apr_pool_create(&search->turn, search->pool));
    if (*name) {
        MQ_TRY(by_name(search, name));
        MQ_TRY(by_name(search, mq_duplicate_turned(search->person.name, search->pool)));
    }
    MQ_TRY(by_days(search, fields->birth_date));
    MQ_TRY(by_key(search, MQ_SQL_IMPORT_ROWS_BY_PHONE, keys->phone, MQ_SAME_PHONE));
    apr_pool_destroy(search->turn);
    if (search->best_row) {
        found_out->row = search->best_row;
        found_out->why = search->best_why;
        found_out->rule = MQ_IMPORT_RULE_ALIKE_ROW;
    }
    return APR_SUCCESS;
}

static apr_status_t same_row(mq_import_double_t *found_out, const mq_scope_t *sc,
                             const mq_id_t *import, apr_int64_t number,
                             const mq_import_keys_t *keys)
{
    const mq_param_t id = mq_bind_id(import);
    const mq_param_t before = mq_bind_int(number);
    MQ_TRY(one_row(&found_out->row, sc, MQ_SQL_IMPORT_ROW_BY_PERSON,
                   MQ_PARAMS(id, mq_bind_text(keys->person), before)));
    found_out->why = MQ_SAME_NAME | (keys->born ? MQ_SAME_BIRTH_DATE : MQ_NO_BIRTH_DATE);
    if (!found_out->row && keys->identifier) {
        MQ_TRY(one_row(&found_out->row, sc, MQ_SQL_IMPORT_ROW_BY_IDENTIFIER,
                       MQ_PARAMS(id, mq_bind_text(keys->identifier), before)));
        found_out->why = MQ_SAME_NATIONAL_ID;
    }
    found_out->rule = found_out->row ? MQ_IMPORT_RULE_REPEATED : 0;
    return APR_SUCCESS;
}

apr_status_t mq_import_double_find(mq_import_double_t *found_out, const mq_scope_t *sc,
                                   const mq_id_t *import, apr_int64_t number,
                                   const mq_patient_fields_t *fields, const mq_import_keys_t *keys,
                                   apr_pool_t *pool)
{
    search_t search = {.sc = sc, .import = import, .number = number, .pool = pool};
    mq_duplicate_t likely;
    int there;
    *found_out = (mq_import_double_t){NULL, 0, 0, 0};
    MQ_TRY(is_registered(&there, sc, fields, keys, pool));
    MQ_TRY(mq_duplicate_likeliest(&likely, sc, fields));
    if (likely.score) {
        found_out->patient = apr_pmemdup(pool, &likely.patient.id, sizeof likely.patient.id);
        found_out->why = likely.why;
    }
    if (there || likely.score) {
        found_out->rule = there ? MQ_IMPORT_RULE_REGISTERED : MQ_IMPORT_RULE_ALIKE;
        return APR_SUCCESS;
    }
    MQ_TRY(same_row(found_out, sc, import, number, keys));
    return found_out->rule ? APR_SUCCESS : rows_compare(found_out, &search, fields, keys);
}

/* --- for reading --- */

static apr_status_t row_say(mq_patient_fields_t *fields_out, const char **mrn_out,
                            const mq_rows_t *rows, const mq_scope_t *sc, const mq_import_t *import)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_import_values_t values;
    mq_import_values_read(&values, sc, import,
                          apr_pstrdup(pool, mq_rows_text(rows, MQ_IMPORT_ROW_ALIKE_CELLS, pool)),
                          pool);
    *fields_out = values.fields;
    *mrn_out = values.mrn;
    return APR_SUCCESS;
}

/* What a pair is, before the other side of it is read. */
typedef struct half_t {
    mq_import_pair_t pair;
    mq_id_t patient; /* nil: none */
    apr_int64_t row;
} half_t;

static apr_status_t halves_read(apr_array_header_t **halves_out, const mq_scope_t *sc,
                                const mq_import_t *import, apr_int64_t after)
{
    apr_array_header_t *halves =
        apr_array_make(mq_scope_pool(sc), MQ_IMPORT_PAIRS_SHOWN + 1, sizeof(half_t));
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_IMPORT_ROWS_ALIKE,
                        MQ_PARAMS(mq_bind_id(&import->id), mq_bind_int(after),
                                  mq_bind_int(MQ_IMPORT_PAIRS_SHOWN + 1))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        half_t *half = apr_array_push(halves);
        *half =
            (half_t){.pair = {.number = mq_rows_int(&rows, MQ_IMPORT_ROW_ALIKE_NUMBER),
                              .line = mq_rows_int(&rows, MQ_IMPORT_ROW_ALIKE_LINE),
                              .why = (int)mq_rows_int(&rows, MQ_IMPORT_ROW_ALIKE_LIKE_WHY),
                              .is_chosen = mq_rows_int(&rows, MQ_IMPORT_ROW_ALIKE_IS_CHOSEN) != 0},
                     .patient = mq_rows_id(&rows, MQ_IMPORT_ROW_ALIKE_LIKE_PATIENT),
                     .row = mq_rows_int(&rows, MQ_IMPORT_ROW_ALIKE_LIKE_ROW)};
        MQ_TRY(row_say(&half->pair.fields, &half->pair.mrn, &rows, sc, import));
    }
    *halves_out = halves;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* Who has been merged or erased meanwhile is not shown any more. */
static apr_status_t half_complete(half_t *half, const mq_scope_t *sc, const mq_import_t *import)
{
    mq_import_pair_t *pair = &half->pair;
    const char *mrn;
    mq_rows_t rows;
    apr_status_t rv = MQ_ENOTFOUND;
    if (!mq_id_is_nil(&half->patient)) {
        rv = mq_patient_read(&pair->patient, sc, &half->patient);
        pair->has_patient = rv == APR_SUCCESS;
    } else if (half->row) {
        rv = mq_db_select_one(&rows, sc, MQ_SQL_IMPORT_ROW_ONE,
                              MQ_PARAMS(mq_bind_id(&import->id), mq_bind_int(half->row)));
        if (rv == APR_SUCCESS) {
            pair->other_line = mq_rows_int(&rows, MQ_IMPORT_ROW_ALIKE_LINE);
            rv = row_say(&pair->others, &mrn, &rows, sc, import);
            mq_rows_close(&rows);
        }
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

static apr_status_t pairs_disclose(const mq_scope_t *sc, const mq_import_t *import,
                                   const apr_array_header_t *pairs)
{
    mq_audit_event_t event = {
        .action = MQ_ACTION_IMPORT_DOUBLES, .outcome = MQ_OUTCOME_DONE, .object = &import->id};
    mq_id_t ids[MQ_IMPORT_PAIRS_SHOWN];
    int count = 0;
    for (int i = 0; i < pairs->nelts; i++) {
        const mq_import_pair_t *pair = &APR_ARRAY_IDX(pairs, i, mq_import_pair_t);
        if (pair->has_patient) {
            ids[count++] = pair->patient.id;
        }
    }
    if (count == 0) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_audit_show(&event, ids, count, mq_scope_pool(sc)));
    return mq_disclose(sc, &event, NULL);
}

apr_status_t mq_import_pairs(apr_array_header_t **pairs_out, int *more_out, const mq_scope_t *sc,
                             const mq_import_t *import, apr_int64_t after)
{
    apr_array_header_t *pairs =
        apr_array_make(mq_scope_pool(sc), MQ_IMPORT_PAIRS_SHOWN, sizeof(mq_import_pair_t));
    apr_array_header_t *halves;
    if (!mq_policy_allows(MQ_ACTION_IMPORT_DOUBLES, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(halves_read(&halves, sc, import, after));
    *more_out = halves->nelts > MQ_IMPORT_PAIRS_SHOWN;
    for (int i = 0; i < halves->nelts && i < MQ_IMPORT_PAIRS_SHOWN; i++) {
        half_t *half = &APR_ARRAY_IDX(halves, i, half_t);
        MQ_TRY(half_complete(half, sc, import));
        APR_ARRAY_PUSH(pairs, mq_import_pair_t) = half->pair;
    }
    *pairs_out = pairs;
    return pairs_disclose(sc, import, pairs);
}

/* --- choosing --- */

typedef struct choosing_t {
    const mq_id_t *import;
    const apr_array_header_t *rows;
} choosing_t;

static apr_status_t choose(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const choosing_t *choosing = data;
    const mq_param_t id = mq_bind_id(choosing->import);
    apr_int64_t step = 0;
    int changed = 0;
    event_io->object = choosing->import;
    for (int i = 0; i < choosing->rows->nelts; i++) {
        const mq_import_chosen_t *row = &APR_ARRAY_IDX(choosing->rows, i, mq_import_chosen_t);
        const mq_param_t is_chosen = mq_bind_int(row->is_chosen);
        MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_IMPORT_ROW_CHOOSE,
                            MQ_PARAMS(is_chosen, id, mq_bind_int(row->number), is_chosen)));
        step += row->is_chosen ? changed : -changed;
    }
    event_io->reason = apr_psprintf(mq_scope_pool(sc), "%+" APR_INT64_T_FMT " rows", step);
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_IMPORT_CHOSEN_ADD, MQ_PARAMS(mq_bind_int(step), id)));
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

apr_status_t mq_import_choose(const mq_scope_t *sc, const mq_import_t *import,
                              const apr_array_header_t *rows)
{
    return mq_change(sc, MQ_ACTION_IMPORT_CHOOSE, choose, &(choosing_t){&import->id, rows});
}
