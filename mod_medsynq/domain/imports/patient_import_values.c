/* patient_import_values.c -- the cells of a row, as fields of a record. What a field may hold
 * stands in domain/patients/patient_fields.c; here are the ways in which other registers write it.
 */
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
    MRN_MOST = 64,
    JOINED_MOST = 4 * MQ_LIMIT_ADDRESS,     /* bytes of a cell made of several */
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

/* Several columns may be the lines of an address. */
static void raw_add(const reading_t *reading, mq_import_field_t field, const char *cell)
{
    const char **raw = &reading->values->raw[field];
    int is_joined = field == mq_import_field_of(MQ_PATIENT_FIELD_ADDRESS);
    if (!*raw || (is_joined && !**raw)) {
        *raw = cell;
    } else if (is_joined && *cell && strlen(*raw) <= JOINED_MOST) { /* more is too long anyway */
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

/* A clean text, or NULL when it is empty or has a fault. */
static const char *text_read(const reading_t *reading, mq_import_field_t field,
                             const mq_field_rule_t *rule)
{
    mq_import_values_t *values = reading->values;
    const char *text = NULL;
    if (values->raw[field]) {
        values->rules[field] = (int)mq_field_clean(&text, rule, values->raw[field], reading->pool);
    }
    return text && *text ? text : NULL;
}

/* @return ISO, or NULL */
static const char *date_read(const reading_t *reading, mq_import_field_t field,
                             const mq_field_rule_t *rule)
{
    const char *date = text_read(reading, field, rule);
    const char *iso;
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
        reading->values->rules[field] = MQ_FAULT_DATE;
        return NULL;
    }
    return iso;
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

static const char *word_read(const reading_t *reading, mq_import_field_t field, int rule,
                             const word_t *words)
{
    static const mq_field_rule_t line_rule = {MQ_FIELD_LINE, MQ_LIMIT_SHORT, NULL};
    const char *line = text_read(reading, field, &line_rule);
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

static const char *field_read(const reading_t *reading, int of_record)
{
    const mq_field_rule_t *rule = &mq_patient_field_table[of_record].rule;
    mq_import_field_t field = mq_import_field_of(of_record);
    if (mq_patient_field_is_flag(of_record)) {
        return word_read(reading, field, MQ_FAULT_FLAG, flags);
    }
    if (of_record == MQ_PATIENT_FIELD_SEX) {
        return word_read(reading, field, MQ_FAULT_CHOICE, sexes);
    }
    return mq_field_is_date(rule->kind) ? date_read(reading, field, rule)
                                        : text_read(reading, field, rule);
}

static void status_read(const reading_t *reading)
{
    const char *status = word_read(reading, MQ_IMPORT_STATUS, MQ_IMPORT_RULE_STATUS, statuses);
    reading->values->is_archived = status && strcmp(status, "archived") == 0;
    if (status && strcmp(status, "deceased") == 0) {
        reading->values->fields.is_deceased = "1";
    }
}

/* There may be a name, but one that could not be read. */
static int has_faulty_name(const mq_import_values_t *values)
{
    return values->rules[mq_import_field_of(MQ_PATIENT_FIELD_NAME)] ||
           values->rules[mq_import_field_of(MQ_PATIENT_FIELD_GIVEN_NAME)] ||
           values->rules[mq_import_field_of(MQ_PATIENT_FIELD_FAMILY_NAME)];
}

/* What a cell's own reading has found stays. */
static void record_check(const reading_t *reading)
{
    mq_import_values_t *values = reading->values;
    mq_patient_faults_t faults;
    mq_day_t today;
    mq_patient_fields_settle(&values->fields, NULL, reading->pool);
    mq_field_today(&today, mq_scope_now(reading->sc));
    (void)mq_patient_check(&faults, &values->fields, &today, reading->pool);
    if (has_faulty_name(values)) {
        faults.of[MQ_PATIENT_FIELD_NAME] = MQ_FAULT_NONE;
    }
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        int *rule = &values->rules[mq_import_field_of(i)];
        *rule = *rule ? *rule : (int)faults.of[i];
    }
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
    static const mq_field_rule_t mrn_rule = {MQ_FIELD_LINE, MRN_MOST, NULL};
    const reading_t reading = {values_out, sc, pool, dates_style(sc, import), import->date_order};
    memset(values_out, 0, sizeof *values_out);
    cells_read(&reading, import, cells);
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        mq_patient_field_set(&values_out->fields, i, field_read(&reading, i));
    }
    status_read(&reading);
    record_check(&reading);
    values_out->notes = text_read(&reading, MQ_IMPORT_NOTES, &mq_notes_rule);
    values_out->mrn = text_read(&reading, MQ_IMPORT_MRN, &mrn_rule);
}
