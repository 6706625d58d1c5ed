/* patient_import_values.c -- the cells of a row, as fields of a record. The limits are those of the
 * form (web/patients/patient_form.c). */
#include "domain/imports/patient_import_values.h"

#include <apr_strings.h>
#include <string.h>

#include "base/csv.h"
#include "base/date.h"
#include "base/text.h"
#include "domain/core.h"
#include "domain/imports/patient_import_dates.h"
#include "domain/imports/patient_import_rows.h"

enum {
    NAME_MOST = 200, /* characters */
    SHORT_MOST = 100,
    MRN_MOST = 64,
    PHONE_MOST = 40,
    EMAIL_MOST = 254,
    ADDRESS_MOST = 1024, /* bytes */
    NOTES_MOST = 65536,  /* bytes */
    DIGITS_LEAST = 3,
    DIGITS_MOST = 15,
    YEAR = 4,
    OF_CHARACTER = 12, /* bytes that are looked at; cleaning makes them fewer, see web/form.c */
    OF_BYTE = 4,
    CELLS_MOST = 2 * MQ_IMPORT_COLUMNS_MOST /* of a row; what has more is full before */
};

/* A row being read. */
typedef struct reading_t {
    mq_import_values_t *values;
    const mq_scope_t *sc;
    apr_pool_t *pool;
    mq_date_style_t dates;      /* how they are read */
    mq_date_order_t date_order; /* that dates must not contradict; PLAIN: none */
} reading_t;

static void raw_add(const reading_t *reading, mq_import_field_t field, const char *cell)
{
    const char **raw = &reading->values->raw[field];
    if (!*raw || (field == MQ_IMPORT_ADDRESS && !**raw)) {
        *raw = cell;
    } else if (field == MQ_IMPORT_ADDRESS && *cell &&
               strlen(*raw) <= (size_t)ADDRESS_MOST * OF_BYTE) { /* what is longer has a fault */
        *raw = apr_pstrcat(reading->pool, *raw, "\n", cell, NULL);
    }
}

static void cells_read(const reading_t *reading, const mq_import_t *import, char *text)
{
    mq_import_values_t *values = reading->values;
    const char *cells[CELLS_MOST];
    int count = mq_import_cells(cells, CELLS_MOST, text);
    for (int i = 0; i < import->column_count; i++) {
        if (import->mapping[i]) {
            raw_add(reading, import->mapping[i], i < count ? mq_csv_plain(cells[i]) : "");
        }
    }
    /* a separator that was not quoted has shifted what follows: nobody knows which cell is which */
    for (int i = import->column_count; i < count && !values->raw[MQ_IMPORT_IGNORE]; i++) {
        if (*cells[i]) {
            values->raw[MQ_IMPORT_IGNORE] = cells[i];
            values->rules[MQ_IMPORT_IGNORE] = MQ_IMPORT_RULE_CELLS;
        }
    }
}

/* A clean line, or NULL when it is empty or has a fault. */
static const char *line_check(const reading_t *reading, mq_import_field_t field, int most)
{
    mq_import_values_t *values = reading->values;
    const char *line = NULL;
    if (!values->raw[field]) {
        return NULL;
    }
    if (strlen(values->raw[field]) > (apr_size_t)most * OF_CHARACTER) {
        values->rules[field] = MQ_IMPORT_RULE_TOO_LONG;
        return NULL;
    }
    if (mq_text_clean_line(&line, values->raw[field], reading->pool) != APR_SUCCESS) {
        values->rules[field] = MQ_IMPORT_RULE_CHARACTERS;
        return NULL;
    }
    if (mq_text_count(line) > (apr_size_t)most) {
        values->rules[field] = MQ_IMPORT_RULE_TOO_LONG;
        return NULL;
    }
    return *line ? line : NULL;
}

/* The same of several lines. */
static const char *block_check(const reading_t *reading, mq_import_field_t field, apr_size_t most)
{
    mq_import_values_t *values = reading->values;
    const char *block = NULL;
    if (!values->raw[field] || !*values->raw[field]) {
        return NULL;
    }
    if (strlen(values->raw[field]) > most * OF_BYTE) {
        values->rules[field] = MQ_IMPORT_RULE_TOO_LONG;
        return NULL;
    }
    if (mq_text_clean_block(&block, values->raw[field], reading->pool) != APR_SUCCESS) {
        values->rules[field] = MQ_IMPORT_RULE_CHARACTERS;
        return NULL;
    }
    if (strlen(block) > most) {
        values->rules[field] = MQ_IMPORT_RULE_TOO_LONG;
        return NULL;
    }
    return *block ? block : NULL;
}

static void names_check(const reading_t *reading)
{
    mq_import_values_t *values = reading->values;
    mq_patient_fields_t *fields = &values->fields;
    fields->name = line_check(reading, MQ_IMPORT_NAME, NAME_MOST);
    fields->given_name = line_check(reading, MQ_IMPORT_GIVEN_NAME, NAME_MOST);
    fields->family_name = line_check(reading, MQ_IMPORT_FAMILY_NAME, NAME_MOST);
    fields->former_name = line_check(reading, MQ_IMPORT_FORMER_NAME, NAME_MOST);
    fields->preferred_name = line_check(reading, MQ_IMPORT_PREFERRED_NAME, NAME_MOST);
    mq_patient_fields_name(fields, NULL, reading->pool);
    if (!fields->name && !values->rules[MQ_IMPORT_NAME] && !values->rules[MQ_IMPORT_GIVEN_NAME] &&
        !values->rules[MQ_IMPORT_FAMILY_NAME]) {
        values->rules[MQ_IMPORT_NAME] = MQ_IMPORT_RULE_MISSING;
    }
}

static const char *date_check(const reading_t *reading, mq_import_field_t field)
{
    static const mq_import_rule_t rules[] = {[MQ_BIRTH_DATE_OK] = MQ_IMPORT_RULE_NONE,
                                             [MQ_BIRTH_DATE_MALFORMED] = MQ_IMPORT_RULE_DATE,
                                             [MQ_BIRTH_DATE_NOT_IN_CALENDAR] = MQ_IMPORT_RULE_DATE,
                                             [MQ_BIRTH_DATE_IN_FUTURE] = MQ_IMPORT_RULE_FUTURE,
                                             [MQ_BIRTH_DATE_TOO_OLD] = MQ_IMPORT_RULE_TOO_OLD};
    const char *date = line_check(reading, field, MRN_MOST);
    const char *iso;
    mq_day_t today;
    mq_day_t day;
    mq_date_order_t order;
    if (!date) {
        return NULL;
    }
    iso = date = mq_import_date_text(date, reading->pool);
    order = mq_date_order(date);
    if (reading->date_order && order && order != MQ_DATE_ORDER_EITHER &&
        order != reading->date_order) {
        reading->values->rules[field] = MQ_IMPORT_RULE_ORDER;
        return NULL;
    }
    if (mq_date_parse(&day, date) != APR_SUCCESS &&
        mq_date_parse_typed(&iso, date, &reading->dates, reading->pool) != APR_SUCCESS) {
        reading->values->rules[field] = MQ_IMPORT_RULE_DATE;
        return NULL;
    }
    /* a day that has begun somewhere on earth */
    mq_date_today(&today, mq_scope_now(reading->sc) + apr_time_from_sec(14 * 3600), NULL);
    reading->values->rules[field] = rules[mq_birth_date_check(iso, &today)];
    return iso;
}

static const char *phone_check(const reading_t *reading, mq_import_field_t field)
{
    const char *phone = line_check(reading, field, PHONE_MOST);
    size_t digits = phone ? strlen(mq_text_digits(phone, reading->pool)) : DIGITS_LEAST;
    if (digits < DIGITS_LEAST || digits > DIGITS_MOST) {
        reading->values->rules[field] = MQ_IMPORT_RULE_PHONE;
    }
    return phone;
}

static const char *email_check(const reading_t *reading)
{
    const char *email = line_check(reading, MQ_IMPORT_EMAIL, EMAIL_MOST);
    if (email && !mq_text_is_email(email)) {
        reading->values->rules[MQ_IMPORT_EMAIL] = MQ_IMPORT_RULE_EMAIL;
    }
    return email;
}

/* A word of a list, folded as search keys are, and what it means. */
typedef struct word_t {
    const char *key;
    const char *meaning;
} word_t;

static const word_t sexes[] = {{"female", "female"},
                               {"f", "female"},
                               {"woman", "female"},
                               {"feminin", "female"},
                               {"femme", "female"},
                               {"w", "female"},
                               {"weiblich", "female"},
                               {"male", "male"},
                               {"m", "male"},
                               {"man", "male"},
                               {"masculin", "male"},
                               {"homme", "male"},
                               {"h", "male"},
                               {"mannlich", "male"},
                               {"other", "other"},
                               {"o", "other"},
                               {"x", "other"},
                               {"autre", "other"},
                               {"divers", "other"},
                               {"d", "other"},
                               {"unknown", "unknown"},
                               {"u", "unknown"},
                               {"inconnu", "unknown"},
                               {"unassigned", "unknown"},
                               {NULL, NULL}};

static const word_t flags[] = {
    {"1", "1"},      {"yes", "1"},  {"y", "1"},    {"true", "1"},  {"t", "1"},   {"oui", "1"},
    {"o", "1"},      {"vrai", "1"}, {"x", "1"},    {"0", NULL},    {"no", NULL}, {"n", NULL},
    {"false", NULL}, {"f", NULL},   {"non", NULL}, {"faux", NULL}, {NULL, NULL}};

static const word_t statuses[] = {{"active", ""},
                                  {"actif", ""},
                                  {"active patient", ""},
                                  {"archived", "archived"},
                                  {"archive", "archived"},
                                  {"inactive", "archived"},
                                  {"inactif", "archived"},
                                  {"deceased", "deceased"},
                                  {"decede", "deceased"},
                                  {"decedee", "deceased"},
                                  {NULL, NULL}};

static const char *word_check(const reading_t *reading, mq_import_field_t field,
                              mq_import_rule_t rule, const word_t *words)
{
    const char *line = line_check(reading, field, SHORT_MOST);
    const char *key =
        line ? mq_text_search_key(mq_scope_core(reading->sc)->folding, line, reading->pool) : NULL;
    for (const word_t *word = words; key && word->key; word++) {
        if (strcmp(word->key, key) == 0) {
            return word->meaning;
        }
    }
    if (key) {
        reading->values->rules[field] = rule;
    }
    return NULL;
}

static void death_check(const reading_t *reading)
{
    mq_import_values_t *values = reading->values;
    mq_patient_fields_t *fields = &values->fields;
    const char *status = word_check(reading, MQ_IMPORT_STATUS, MQ_IMPORT_RULE_STATUS, statuses);
    fields->is_deceased = word_check(reading, MQ_IMPORT_DECEASED, MQ_IMPORT_RULE_FLAG, flags);
    fields->deceased_date = date_check(reading, MQ_IMPORT_DECEASED_DATE);
    if (fields->deceased_date || (status && strcmp(status, "deceased") == 0)) {
        fields->is_deceased = "1";
    }
    values->is_archived = status && strcmp(status, "archived") == 0;
    if (fields->deceased_date && fields->birth_date) {
        size_t died = strlen(fields->deceased_date);
        size_t born = strlen(fields->birth_date);
        if (!values->rules[MQ_IMPORT_DECEASED_DATE] &&
            strncmp(fields->deceased_date, fields->birth_date, died < born ? died : born) < 0) {
            values->rules[MQ_IMPORT_DECEASED_DATE] = MQ_IMPORT_RULE_DEATH;
        }
    }
}

static void birth_check(const reading_t *reading)
{
    mq_patient_fields_t *fields = &reading->values->fields;
    fields->birth_date = date_check(reading, MQ_IMPORT_BIRTH_DATE);
    fields->age_estimated =
        word_check(reading, MQ_IMPORT_AGE_ESTIMATED, MQ_IMPORT_RULE_FLAG, flags);
    if (!fields->birth_date) {
        fields->age_estimated = NULL;
    } else if (fields->age_estimated) { /* a day that was made up is not kept as if it were known */
        fields->birth_date = apr_pstrndup(reading->pool, fields->birth_date, YEAR);
    }
}

static void person_check(const reading_t *reading)
{
    mq_patient_fields_t *fields = &reading->values->fields;
    fields->sex = word_check(reading, MQ_IMPORT_SEX, MQ_IMPORT_RULE_SEX, sexes);
    fields->pronouns = line_check(reading, MQ_IMPORT_PRONOUNS, SHORT_MOST);
    fields->phone1 = phone_check(reading, MQ_IMPORT_PHONE1);
    fields->phone2 = phone_check(reading, MQ_IMPORT_PHONE2);
    fields->phone3 = phone_check(reading, MQ_IMPORT_PHONE3);
    fields->email = email_check(reading);
    fields->address = block_check(reading, MQ_IMPORT_ADDRESS, ADDRESS_MOST);
    fields->national_id = line_check(reading, MQ_IMPORT_NATIONAL_ID, SHORT_MOST);
    fields->language = line_check(reading, MQ_IMPORT_LANGUAGE, SHORT_MOST);
    fields->contact_name = line_check(reading, MQ_IMPORT_CONTACT_NAME, NAME_MOST);
    fields->contact_relation = line_check(reading, MQ_IMPORT_CONTACT_RELATION, SHORT_MOST);
    fields->contact_phone = phone_check(reading, MQ_IMPORT_CONTACT_PHONE);
}

/* An import that was mapped before the order was asked for is read as the page had said then. */
static mq_date_style_t dates_style(const mq_scope_t *sc, const mq_import_t *import)
{
    mq_date_style_t style = {mq_scope_manners(sc)->date_format, mq_date_months_french};
    if (import->date_order) {
        style.format = import->date_order == MQ_DATE_ORDER_MONTH_FIRST ? MQ_DATE_MDY_SLASHES
                                                                       : MQ_DATE_DMY_SLASHES;
    }
    return style;
}

void mq_import_values_read(mq_import_values_t *values_out, const mq_scope_t *sc,
                           const mq_import_t *import, char *cells, apr_pool_t *pool)
{
    const reading_t reading = {values_out, sc, pool, dates_style(sc, import), import->date_order};
    memset(values_out, 0, sizeof *values_out);
    cells_read(&reading, import, cells);
    names_check(&reading);
    birth_check(&reading);
    person_check(&reading);
    death_check(&reading);
    values_out->notes = block_check(&reading, MQ_IMPORT_NOTES, NOTES_MOST);
    values_out->mrn = line_check(&reading, MQ_IMPORT_MRN, MRN_MOST);
}
