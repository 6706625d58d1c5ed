/* patient_import_values.c -- the cells of a row, as fields of a record. What a field may hold
 * stands in domain/patients/patient_fields.c; here are the ways in which other registers write it.
 */
#include "domain/imports/patient_import_values.h"

#include <apr_cstr.h>
#include <apr_strings.h>
#include <string.h>

#include "base/csv.h"
#include "base/date.h"
#include "base/name_order.h"
#include "base/text.h"
#include "domain/core.h"
#include "domain/imports/patient_import_columns.h"
#include "domain/imports/patient_import_dates.h"
#include "domain/imports/patient_import_parts.h"
#include "domain/imports/patient_import_rows.h"

enum {
    MRN_MOST = 64,
    PHONE_LEAST = 6,                         /* digits of one of two numbers in a cell */
    JOINED_MOST = 4 * MQ_LIMIT_ADDRESS,      /* bytes of a cell made of several */
    CELLS_MOST = 2 * MQ_IMPORT_COLUMNS_MOST, /* of a row; what has more is full before */
    UNKNOWN_MOST = 24                        /* bytes of a cell that says that nothing is known */
};

/* A row being read. */
typedef struct reading_t {
    mq_import_values_t *values;
    const mq_import_t *import;
    const mq_scope_t *sc;
    apr_pool_t *pool;
    mq_date_style_t dates;      /* how they are read */
    mq_date_order_t date_order; /* that dates must not contradict; PLAIN: none */
} reading_t;

/* How databases and people write that nothing is known. NULL is the name of some people. */
typedef enum { ANYWHERE = 1, NO_NAME = 2, A_DATE = 4, A_CONTACT = 8 } place_t;

static const struct {
    const char *text;
    int places;
} unknowns[] = {{"\\N", ANYWHERE},
                {"-", ANYWHERE},
                {"--", ANYWHERE},
                {"NULL", NO_NAME},
                {"(null)", NO_NAME},
                {"n/a", NO_NAME},
                {"#N/A", NO_NAME},
                {"?", ANYWHERE},
                {".", NO_NAME},
                {"n.a.", NO_NAME},
                {"<null>", NO_NAME},
                {"[null]", NO_NAME},
                {"#VALUE!", NO_NAME},
                {"na", A_DATE | A_CONTACT},
                {"nan", A_DATE | A_CONTACT},
                {"nil", A_DATE | A_CONTACT},
                {"not available", A_DATE | A_CONTACT},
                {"none", A_DATE | A_CONTACT},
                {"unknown", A_DATE | A_CONTACT},
                {"not known", A_DATE | A_CONTACT},
                {"inconnu", A_DATE | A_CONTACT},
                {"inconnue", A_DATE | A_CONTACT},
                {"aucun", A_DATE | A_CONTACT},
                {"unbekannt", A_DATE | A_CONTACT},
                {"keine", A_DATE | A_CONTACT},
                {"desconocido", A_DATE | A_CONTACT},
                {"ninguno", A_DATE | A_CONTACT},
                {"sin datos", A_DATE | A_CONTACT},
                {"0", A_CONTACT},
                {"0000-00-00", A_DATE},
                {"0001-01-01", A_DATE},
                {"00/00/0000", A_DATE},
                {"00.00.0000", A_DATE}};

static int places_of(mq_import_field_t field)
{
    int of_record = mq_import_record_field(field);
    const mq_field_rule_t *rule =
        of_record < 0 ? &mq_notes_rule : &mq_patient_field_table[of_record].rule;
    if (of_record == MQ_PATIENT_FIELD_NAME || of_record == MQ_PATIENT_FIELD_FAMILY_NAME ||
        of_record == MQ_PATIENT_FIELD_GIVEN_NAME || of_record == MQ_PATIENT_FIELD_FORMER_NAME ||
        field == MQ_IMPORT_NAME_COMPONENTS || field == MQ_IMPORT_INITIALS) {
        return ANYWHERE;
    }
    if (mq_field_is_date(rule->kind) || field == MQ_IMPORT_NOTE_DATE) {
        return ANYWHERE | NO_NAME | A_DATE;
    }
    return rule->kind == MQ_FIELD_PHONE || rule->kind == MQ_FIELD_EMAIL
               ? ANYWHERE | NO_NAME | A_CONTACT
               : ANYWHERE | NO_NAME;
}

static int is_unknown(const reading_t *reading, mq_import_field_t field, const char *cell)
{
    const char *text = cell + strspn(cell, " ");
    apr_size_t length = strcspn(text, " ");
    int places;
    if (!*text || strlen(text) > UNKNOWN_MOST) {
        return 0;
    }
    places = places_of(field);
    if (!(places & A_DATE) || strncmp(text + length, " 00:00", 6) != 0) {
        length = strlen(text);
    }
    for (size_t i = 0; i < sizeof unknowns / sizeof *unknowns; i++) {
        if ((unknowns[i].places & places) && strlen(unknowns[i].text) == length &&
            apr_cstr_casecmpn(text, unknowns[i].text, length) == 0) {
            reading->values->unknowns++;
            return 1;
        }
    }
    return 0;
}

/* Several columns may be the lines of an address, or the parts of a name. */
static void raw_add(const reading_t *reading, mq_import_field_t field, const char *cell)
{
    const char **raw = &reading->values->raw[field];
    int is_joined = *raw && **raw && mq_import_is_joined(field);
    const char *between = field == mq_import_field_of(MQ_PATIENT_FIELD_ADDRESS) ? "\n" : " ";
    if (is_unknown(reading, field, cell)) {
        cell = "";
    }
    if (!*raw || !**raw) {
        *raw = cell;
    } else if (is_joined && field == mq_import_field_of(MQ_PATIENT_FIELD_FAMILY_NAME) &&
               mq_name_is_particles(cell) && !mq_name_is_particles(*raw)) {
        *raw = apr_pstrcat(reading->pool, cell, " ", *raw, NULL);
    } else if (is_joined && *cell && strlen(*raw) <= JOINED_MOST) { /* more is too long anyway */
        *raw = apr_pstrcat(reading->pool, *raw, between, cell, NULL);
    }
}

static void cells_read(const reading_t *reading, char *text)
{
    const mq_import_t *import = reading->import;
    mq_import_values_t *values = reading->values;
    const char *cells[CELLS_MOST];
    int count = mq_import_cells(cells, CELLS_MOST, text);
    for (int i = 0; i < import->column_count; i++) {
        if (import->mapping[i]) {
            raw_add(reading, import->mapping[i],
                    i < count ? mq_import_cell_plain(cells[i], reading->pool) : "");
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
                               {"feminine", "female"},
                               {"femenino", "female"},
                               {"feminino", "female"},
                               {"mujer", "female"},
                               {"mulher", "female"},
                               {"femmina", "female"},
                               {"girl", "female"},
                               {"femme", "female"},
                               {"w", "female"},
                               {"weiblich", "female"},
                               {"vrouw", "female"},
                               {"kvinna", "female"},
                               {"kvinne", "female"},
                               {"kvinde", "female"},
                               {"kobieta", "female"},
                               {"hembra", "female"},
                               {"fille", "female"},
                               {"انثى", "female"},
                               {"жен", "female"},
                               {"женскии", "female"},
                               {"nainen", "female"},
                               {"2", "female"}, /* ISO 5218 */
                               {"1", "male"},
                               {"0", "unknown"},
                               {"9", "unknown"},
                               {"male", "male"},
                               {"m", "male"},
                               {"man", "male"},
                               {"masculin", "male"},
                               {"masculine", "male"},
                               {"masculino", "male"},
                               {"hombre", "male"},
                               {"homem", "male"},
                               {"maschio", "male"},
                               {"boy", "male"},
                               {"homme", "male"},
                               {"h", "male"},
                               {"mannlich", "male"},
                               {"ذكر", "male"},
                               {"муж", "male"},
                               {"мужскои", "male"},
                               {"mies", "male"},
                               {"varon", "male"},
                               {"garcon", "male"},
                               {"mann", "male"},
                               {"mand", "male"},
                               {"mezczyzna", "male"},
                               {"other", "other"},
                               {"non binary", "other"},
                               {"nonbinary", "other"},
                               {"intersex", "other"},
                               {"indeterminate", "other"},
                               {"ambiguous", "other"}, /* HL7 */
                               {"o", "other"},
                               {"x", "other"},
                               {"autre", "other"},
                               {"divers", "other"},
                               {"d", "other"},
                               {"unknown", "unknown"},
                               {"u", "unknown"},
                               {"inconnu", "unknown"},
                               {"unassigned", "unknown"},
                               {"not known", "unknown"},
                               {"not specified", "unknown"},
                               {"undetermined", "unknown"},
                               {"unbekannt", "unknown"},
                               {"desconocido", "unknown"},
                               {NULL, NULL}};

static const word_t flags[] = {
    {"1", "1"},      {"yes", "1"},   {"y", "1"},    {"true", "1"},  {"t", "1"},
    {"oui", "1"},    {"نعم", "1"},   {"si", "1"},   {"ja", "1"},    {"sim", "1"},
    {"لا", NULL},    {"nein", NULL}, {"nee", NULL}, {"nao", NULL},  {"o", "1"},
    {"vrai", "1"},   {"x", "1"},     {"0", NULL},   {"no", NULL},   {"n", NULL},
    {"false", NULL}, {"f", NULL},    {"non", NULL}, {"faux", NULL}, {NULL, NULL}};

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

static const word_t *word_find(const mq_scope_t *sc, const word_t *words, const char *line,
                               apr_pool_t *pool)
{
    const char *key = mq_text_search_key(mq_scope_core(sc)->folding, line, pool);
    while (words->key && strcmp(words->key, key) != 0) {
        words++;
    }
    return words->key ? words : NULL;
}

int mq_import_is_status(const mq_scope_t *sc, const char *line)
{
    return word_find(sc, statuses, line, mq_scope_pool(sc)) != NULL;
}

static const char *word_read(const reading_t *reading, mq_import_field_t field, int rule,
                             const word_t *words)
{
    static const mq_field_rule_t line_rule = {MQ_FIELD_LINE, MQ_LIMIT_SHORT, NULL};
    const char *line = text_read(reading, field, &line_rule);
    const word_t *word = line ? word_find(reading->sc, words, line, reading->pool) : NULL;
    if (line && !word) {
        reading->values->rules[field] = rule;
    }
    return word ? word->meaning : NULL;
}

/* M is mujer where H is hombre, and masculino where F is femenino. */
static int is_letter_unclear(const mq_import_t *import, mq_import_field_t field, const char *cell)
{
    if (!cell || apr_cstr_casecmp(cell, "m") != 0) {
        return 0;
    }
    for (int i = 0; i < import->column_count; i++) {
        if (import->mapping[i] == field && (apr_cstr_casecmp(import->columns[i], "sexo") == 0 ||
                                            apr_cstr_casecmp(import->columns[i], "genero") == 0 ||
                                            strcmp(import->columns[i], "G\xc3\xa9nero") == 0)) {
            return 1;
        }
    }
    return 0;
}

static const char *sex_read(const reading_t *reading, mq_import_field_t field)
{
    if (is_letter_unclear(reading->import, field, reading->values->raw[field])) {
        reading->values->rules[field] = MQ_IMPORT_RULE_LETTER;
        return NULL;
    }
    return word_read(reading, field, MQ_FAULT_CHOICE, sexes);
}

static const char *field_read(const reading_t *reading, int of_record)
{
    const mq_field_rule_t *rule = &mq_patient_field_table[of_record].rule;
    mq_import_field_t field = mq_import_field_of(of_record);
    if (mq_patient_field_is_flag(of_record)) {
        return word_read(reading, field, MQ_FAULT_FLAG, flags);
    }
    if (of_record == MQ_PATIENT_FIELD_SEX) {
        return sex_read(reading, field);
    }
    return mq_field_is_date(rule->kind) ? date_read(reading, field, rule)
                                        : text_read(reading, field, rule);
}

/* Where one of several numbers in a cell ends: "0161 496 0123 / 07700 900123". */
static const char *phone_end(const char *text, apr_size_t *between_out)
{
    static const char *const betweens[] = {"/", ",", ";", "|", " or ", " ou ", " y "};
    const char *end = NULL;
    for (size_t i = 0; i < sizeof betweens / sizeof *betweens; i++) {
        const char *found = strstr(text, betweens[i]);
        if (found && (!end || found < end)) {
            end = found;
            *between_out = strlen(betweens[i]);
        }
    }
    return end;
}

static int is_whole_phone(const char *text, apr_pool_t *pool)
{
    const apr_size_t digits = strlen(mq_text_digits(text, pool));
    return digits >= PHONE_LEAST && digits <= MQ_LIMIT_PHONE_DIGITS;
}

/* A cell with two numbers fills two fields, if the second has room. */
static void phones_part(const reading_t *reading)
{
    static const int phones[] = {MQ_PATIENT_FIELD_PHONE1, MQ_PATIENT_FIELD_PHONE2,
                                 MQ_PATIENT_FIELD_PHONE3};
    mq_patient_fields_t *fields = &reading->values->fields;
    for (size_t i = 0; i + 1 < sizeof phones / sizeof *phones; i++) {
        const char *both = mq_patient_field(fields, phones[i]);
        apr_size_t between = 0;
        const char *end = both ? phone_end(both, &between) : NULL;
        size_t to = i + 1;
        const char *first;
        if (!end || strlen(mq_text_digits(both, reading->pool)) <= MQ_LIMIT_PHONE_DIGITS) {
            continue;
        }
        while (to < sizeof phones / sizeof *phones && mq_patient_field(fields, phones[to])) {
            to++;
        }
        first = apr_pstrmemdup(reading->pool, both, (apr_size_t)(end - both));
        if (to < sizeof phones / sizeof *phones && is_whole_phone(first, reading->pool)) {
            const char *rest = end + between;
            (void)mq_text_clean_line(&first, first, reading->pool);
            (void)mq_text_clean_line(&rest, rest, reading->pool);
            mq_patient_field_set(fields, phones[i], first);
            mq_patient_field_set(fields, phones[to], *rest ? rest : NULL);
        }
    }
}

static void status_read(const reading_t *reading)
{
    const char *status = word_read(reading, MQ_IMPORT_STATUS, MQ_IMPORT_RULE_STATUS, statuses);
    reading->values->is_archived = status && strcmp(status, "archived") == 0;
    if (status && strcmp(status, "deceased") == 0) {
        reading->values->fields.is_deceased = "1";
    }
}

/* Who has a date of death has died, also where nobody can read it. */
static void death_read(const reading_t *reading)
{
    const char *raw = reading->values->raw[mq_import_field_of(MQ_PATIENT_FIELD_DECEASED_DATE)];
    if (raw && *raw) {
        reading->values->fields.is_deceased = "1";
    }
}

/* Who is called by the name of birth has no other in some registers. */
static void birth_name_take(const reading_t *reading)
{
    mq_patient_fields_t *fields = &reading->values->fields;
    if (fields->given_name && fields->former_name && !fields->name && !fields->family_name &&
        !reading->values->rules[mq_import_field_of(MQ_PATIENT_FIELD_FAMILY_NAME)]) {
        fields->family_name = fields->former_name;
        fields->former_name = NULL;
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
    mq_scope_today(&today, reading->sc);
    (void)mq_patient_check(&faults, &values->fields, &today, reading->pool);
    if (has_faulty_name(values)) {
        faults.of[MQ_PATIENT_FIELD_NAME] = MQ_FAULT_NONE;
    }
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        int *rule = &values->rules[mq_import_field_of(i)];
        *rule = *rule ? *rule : (int)faults.of[i];
    }
}

static const char *note_date_read(const reading_t *reading)
{
    static const mq_field_rule_t rule = {MQ_FIELD_PAST_DATE, 0, NULL};
    const char *date = date_read(reading, MQ_IMPORT_NOTE_DATE, &rule);
    mq_day_t today;
    mq_field_fault_t fault;
    mq_scope_today(&today, reading->sc);
    fault = mq_field_check(&rule, date, &today, reading->pool);
    if (fault) {
        reading->values->rules[MQ_IMPORT_NOTE_DATE] = (int)fault;
        return NULL;
    }
    return date;
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
    static const mq_field_rule_t author_rule = {MQ_FIELD_LINE, MQ_LIMIT_NAME, NULL};
    const reading_t reading = {values_out,        import, sc, pool, dates_style(sc, import),
                               import->date_order};
    memset(values_out, 0, sizeof *values_out);
    cells_read(&reading, cells);
    mq_import_name_join(values_out->raw, pool);
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        mq_patient_field_set(&values_out->fields, i, field_read(&reading, i));
    }
    phones_part(&reading);
    status_read(&reading);
    death_read(&reading);
    birth_name_take(&reading);
    record_check(&reading);
    values_out->notes = text_read(&reading, MQ_IMPORT_NOTES, &mq_notes_rule);
    values_out->note_date = note_date_read(&reading);
    values_out->note_author = text_read(&reading, MQ_IMPORT_NOTE_AUTHOR, &author_rule);
    values_out->mrn = text_read(&reading, MQ_IMPORT_MRN, &mrn_rule);
}

/* A name, a number and a note are nothing that a row can do without. */
static int is_optional(int field)
{
    int of_record = mq_import_record_field((mq_import_field_t)field);
    return field == MQ_IMPORT_NOTE_DATE || field == MQ_IMPORT_NOTE_AUTHOR ||
           (of_record >= 0 && of_record != MQ_PATIENT_FIELD_NAME &&
            of_record != MQ_PATIENT_FIELD_GIVEN_NAME && of_record != MQ_PATIENT_FIELD_FAMILY_NAME);
}

int mq_import_values_mend(mq_import_values_t *values, apr_pool_t *pool)
{
    for (int field = 0; field < MQ_IMPORT_FIELDS; field++) {
        if (values->rules[field] && !is_optional(field)) {
            return 0;
        }
    }
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (values->rules[mq_import_field_of(i)]) {
            mq_patient_field_set(&values->fields, i, NULL);
        }
    }
    mq_patient_fields_settle(&values->fields, NULL, pool);
    return 1;
}
