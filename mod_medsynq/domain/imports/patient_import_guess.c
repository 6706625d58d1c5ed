/* patient_import_guess.c -- which column of a file is what, by its name: the words of
 * patient_import_words.c, of the fields themselves, and what a person said the last time. */
#include "domain/imports/patient_import_guess.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "base/crypto.h"
#include "base/text.h"
#include "domain/core.h"
#include "domain/imports/patient_import_columns.h"
#include "domain/imports/patient_import_names.h"
#include "domain/imports/patient_import_values.h"
#include "domain/imports/patient_import_words.h"
#include "domain/patients/patient_fields.h"

/* How well a name fits. */
typedef enum { FITS_NOT, FITS_BARELY, FITS_PERHAPS, FITS } fit_t;

/* A field that a column may be. */
typedef struct match_t {
    mq_import_field_t field;
    fit_t fit;
} match_t;

/* Whether key is one of the words between bars, blanks in them left aside. */
static fit_t word_fit(const char *words, const char *key)
{
    while (words && *words) {
        const char *at = key;
        int doubts = (int)strspn(words, "?");
        words += doubts;
        while (*words && *words != '|' && (*words == ' ' || *words == *at)) {
            at += *words++ != ' ';
        }
        if ((!*words || *words == '|') && !*at) {
            return doubts == 0 ? FITS : doubts == 1 ? FITS_PERHAPS : FITS_BARELY;
        }
        words += strcspn(words, "|");
        words += *words == '|';
    }
    return FITS_NOT;
}

static char *compact(const mq_scope_t *sc, const char *text)
{
    char *key = apr_pstrdup(
        mq_scope_pool(sc), mq_text_search_key(mq_scope_core(sc)->folding, text, mq_scope_pool(sc)));
    char *end = key;
    for (const char *s = key; *s; s++) {
        if (*s != ' ') {
            *end++ = *s;
        }
    }
    *end = 0;
    return key;
}

/* A field's own name, label and words, as the export and the page have them; but "name". */
static match_t own_match(const mq_scope_t *sc, const char *key)
{
    for (int i = MQ_PATIENT_FIELD_NAME + 1; i < MQ_PATIENT_FIELDS; i++) {
        const mq_patient_field_t *field = &mq_patient_field_table[i];
        if (strcmp(key, compact(sc, field->name)) == 0 ||
            strcmp(key, compact(sc, field->label)) == 0 || word_fit(field->words, key)) {
            return (match_t){mq_import_field_of(i), FITS};
        }
    }
    return (match_t){MQ_IMPORT_IGNORE, FITS_NOT};
}

static match_t key_match(const char *key)
{
    for (const mq_import_words_t *row = mq_import_words; row->words && *key; row++) {
        fit_t fit = word_fit(row->words, key);
        if (fit) {
            return (match_t){row->of_record < 0 ? row->other : mq_import_field_of(row->of_record),
                             fit};
        }
    }
    return (match_t){MQ_IMPORT_IGNORE, FITS_NOT};
}

/* "name[0].given[1]" and "Address 2" without their numbers. */
static const char *without_digits(const char *key, apr_pool_t *pool)
{
    char *kept = apr_pstrdup(pool, key);
    char *end = kept;
    for (const char *s = key; *s; s++) {
        if (!apr_isdigit(*s)) {
            *end++ = *s;
        }
    }
    *end = 0;
    return kept;
}

/* "Patient_First_Name", "Client surname" without what all columns are of. */
static const char *without_owner(const char *key)
{
    static const char *const owners[] = {"patients", "patient",      "clients", "client",
                                         "person",   "demographics", "pat",     "pt"};
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++) {
        apr_size_t length = strlen(owners[i]);
        if (strncmp(key, owners[i], length) == 0 && key[length]) {
            return key + length;
        }
    }
    return "";
}

/* "Surname 2" is behind "Surname", wherever its column stands. */
static mq_import_field_t numbered(mq_import_field_t field, const char *key)
{
    const size_t length = strlen(key);
    if (!length || key[length - 1] < '2' || key[length - 1] > '9') {
        return field;
    }
    return field == mq_import_field_of(MQ_PATIENT_FIELD_FAMILY_NAME)  ? MQ_IMPORT_FAMILY_AFTER
           : field == mq_import_field_of(MQ_PATIENT_FIELD_GIVEN_NAME) ? MQ_IMPORT_GIVEN_AFTER
           : field == MQ_IMPORT_NAME_OR_HALF                          ? MQ_IMPORT_NAME_MORE
                                                                      : field;
}

/* The name of a column as it is, then with less and less of what may be beside the matter:
 * "Date of birth (DD/MM/YYYY)" is the date of birth. */
static match_t column_match(const mq_scope_t *sc, const char *column)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    const char *plain = apr_pstrmemdup(pool, column, strcspn(column, "("));
    const char *keys[4];
    match_t match = {MQ_IMPORT_IGNORE, FITS_NOT};
    if (strlen(column) > MQ_IMPORT_NAME_MOST) {
        return match;
    }
    keys[0] = compact(sc, column);
    keys[1] = compact(sc, plain);
    keys[2] = without_digits(keys[1], pool);
    keys[3] = without_owner(keys[2]);
    match = own_match(sc, keys[0]);
    for (size_t i = 0; i < sizeof keys / sizeof *keys && !match.fit; i++) {
        match = key_match(keys[i]);
    }
    match.field = numbered(match.field, keys[1]);
    return match;
}

/* Between two columns of one name a person has to choose. */
static int is_named_before(const mq_import_t *import, int column)
{
    for (int i = 0; i < column; i++) {
        if (strcmp(import->columns[i], import->columns[column]) == 0) {
            return 1;
        }
    }
    return 0;
}

/* A second telephone is the next one. */
static mq_import_field_t field_free(const mq_import_t *import, int column, mq_import_field_t field,
                                    const int *taken)
{
    const int first = MQ_PATIENT_FIELD_PHONE1;
    const int last = MQ_PATIENT_FIELD_PHONE3;
    int of_record = mq_import_record_field(field);
    if (!taken[field] || mq_import_is_joined(field) || is_named_before(import, column)) {
        return field;
    }
    for (int i = first; of_record >= first && of_record <= last && i <= last; i++) {
        if (!taken[mq_import_field_of(i)]) {
            return mq_import_field_of(i);
        }
    }
    return MQ_IMPORT_IGNORE;
}

/* A whole name that a program made of the parts beside it ("OLDFIELD,IMRE") says nothing more. */
static int is_made_of_parts(mq_import_field_t field, const int *taken)
{
    return (field == mq_import_field_of(MQ_PATIENT_FIELD_NAME) ||
            field == MQ_IMPORT_NAME_OR_HALF) &&
           taken[mq_import_field_of(MQ_PATIENT_FIELD_GIVEN_NAME)] &&
           taken[mq_import_field_of(MQ_PATIENT_FIELD_FAMILY_NAME)];
}

/* "status" is whether somebody is married in OpenEMR. */
static int fits_samples(const mq_scope_t *sc, const mq_import_t *import, int column,
                        mq_import_field_t field)
{
    const char *const *samples = &import->samples[column * MQ_IMPORT_SAMPLES];
    for (int i = 0; i < MQ_IMPORT_SAMPLES && field == MQ_IMPORT_STATUS; i++) {
        if (samples[i] && *samples[i] && !mq_import_is_status(sc, samples[i])) {
            return 0;
        }
    }
    return 1;
}

apr_status_t mq_import_guess(mq_import_field_t *fields_out, const mq_scope_t *sc,
                             const mq_import_t *import)
{
    const int count = import->column_count;
    match_t *matches = apr_palloc(mq_scope_pool(sc), sizeof *matches * (apr_size_t)(count + 1));
    int taken[MQ_IMPORT_FIELDS] = {0};
    for (int i = 0; i < count; i++) {
        matches[i] = column_match(sc, import->columns[i]);
        fields_out[i] = MQ_IMPORT_IGNORE;
    }
    for (fit_t fit = FITS; fit > FITS_NOT; fit--) {
        for (int i = 0; i < count; i++) {
            mq_import_field_t field = matches[i].field;
            if (matches[i].fit != fit || (fit != FITS && is_made_of_parts(field, taken)) ||
                (fit != FITS && taken[field]) || !fits_samples(sc, import, i, field)) {
                continue;
            }
            fields_out[i] = field_free(import, i, field, taken);
            taken[fields_out[i]]++;
        }
    }
    return mq_import_names_settle(fields_out, sc, import);
}

int mq_import_known(const mq_scope_t *sc, const char *const *columns, int count)
{
    int seen[MQ_IMPORT_FIELDS] = {0};
    int known = 0;
    for (int i = 0; i < count; i++) {
        match_t match = column_match(sc, columns[i]);
        known += match.fit && !seen[match.field]++;
    }
    return known;
}

static apr_status_t header_digest(unsigned char digest_out[MQ_SHA256_LENGTH],
                                  const mq_import_t *import, apr_pool_t *pool)
{
    const char *text = mq_import_cells_join(import->columns, import->column_count, pool);
    return mq_sha256(digest_out, text, strlen(text));
}

apr_status_t mq_import_remembered(mq_import_field_t *fields_out, const mq_scope_t *sc,
                                  const mq_import_t *import)
{
    unsigned char digest[MQ_SHA256_LENGTH];
    mq_rows_t rows;
    MQ_TRY(header_digest(digest, import, mq_scope_pool(sc)));
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_IMPORT_HEADER_READ,
                            MQ_PARAMS(mq_bind_bytes(digest, sizeof digest))));
    mq_import_mapping_read(fields_out, import->column_count,
                           mq_rows_text(&rows, MQ_IMPORT_HEADER_READ_MAPPING, mq_scope_pool(sc)));
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

apr_status_t mq_import_remember(const mq_scope_t *sc, const mq_import_t *import,
                                const char *mapping)
{
    unsigned char digest[MQ_SHA256_LENGTH];
    mq_param_t header = mq_bind_bytes(digest, sizeof digest);
    const mq_param_t text = mq_bind_text(mapping);
    const mq_param_t now = mq_bind_int(mq_scope_now(sc));
    int changed = 0;
    MQ_TRY(header_digest(digest, import, mq_scope_pool(sc)));
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_IMPORT_HEADER_UPDATE, MQ_PARAMS(text, now, header)));
    return changed
               ? APR_SUCCESS
               : mq_db_change(NULL, sc, MQ_SQL_IMPORT_HEADER_INSERT, MQ_PARAMS(header, text, now));
}
