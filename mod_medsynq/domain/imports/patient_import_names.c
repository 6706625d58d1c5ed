/* patient_import_names.c -- the columns of names, seen together. "Name" beside "Vorname" is the
 * family name, beside "Surname" the given name, and beside either the whole name where the rows say
 * the other half in it once more: "Smith, John" beside "John". What is taken for a half shows all
 * that it says; what is taken for a whole is all that is shown. */
#include "domain/imports/patient_import_names.h"

#include <apr_strings.h>
#include <string.h>

#include "base/text.h"
#include "domain/core.h"
#include "domain/imports/patient_import_columns.h"

enum { ROWS_READ = 50, NONE = -1 };

#define RECORD(field) mq_import_field_of(MQ_PATIENT_FIELD_##field)

typedef struct names_t {
    const mq_scope_t *sc;
    const mq_import_t *import;
    mq_import_field_t *fields;
    const char *cells[ROWS_READ][MQ_IMPORT_COLUMNS_MOST];
    int rows; /* 0: only the names of the columns are known */
} names_t;

static apr_status_t rows_read(names_t *names)
{
    const mq_import_t *import = names->import;
    apr_pool_t *pool = mq_scope_pool(names->sc);
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(
        &rows, names->sc, MQ_SQL_IMPORT_ROWS_FIRST,
        MQ_PARAMS(mq_bind_id(&import->id), mq_bind_int(import->head), mq_bind_int(ROWS_READ))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        const char **cells = names->cells[names->rows++];
        char *text = apr_pstrdup(pool, mq_rows_text(&rows, MQ_IMPORT_ROWS_FIRST_CELLS, pool));
        for (int i = mq_import_cells(cells, MQ_IMPORT_COLUMNS_MOST, text);
             i < MQ_IMPORT_COLUMNS_MOST; i++) {
            cells[i] = "";
        }
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static const char *cell_key(const names_t *names, int row, int column)
{
    return mq_text_search_key(mq_scope_core(names->sc)->folding, names->cells[row][column],
                              mq_scope_pool(names->sc));
}

/* A column in which nobody has anything is none. */
static int is_filled(const names_t *names, int column)
{
    for (int i = 0; i < names->rows; i++) {
        if (*cell_key(names, i, column)) {
            return 1;
        }
    }
    return !names->rows;
}

static int column_of(const names_t *names, mq_import_field_t field)
{
    for (int i = 0; i < names->import->column_count; i++) {
        if (names->fields[i] == field && is_filled(names, i)) {
            return i;
        }
    }
    return NONE;
}

static int count_of(const names_t *names, mq_import_field_t field)
{
    int count = 0;
    for (int i = 0; i < names->import->column_count; i++) {
        count += names->fields[i] == field;
    }
    return count;
}

static void field_turn(const names_t *names, mq_import_field_t from, mq_import_field_t to)
{
    for (int i = 0; i < names->import->column_count; i++) {
        if (names->fields[i] == from) {
            names->fields[i] = to;
        }
    }
}

static int has_words(const char *whole, const char *part, apr_pool_t *pool)
{
    const char *within = apr_pstrcat(pool, " ", whole, " ", NULL);
    for (const char *word = part; *word; word += *word == ' ') {
        const char *end = word + strcspn(word, " ");
        const char *padded =
            apr_pstrcat(pool, " ", apr_pstrmemdup(pool, word, (apr_size_t)(end - word)), " ", NULL);
        if (!strstr(within, padded)) {
            return 0;
        }
        word = end;
    }
    return 1;
}

/* Whether most rows say one column's words in the other, too. */
static int is_within(const names_t *names, int part, int whole)
{
    apr_pool_t *pool = mq_scope_pool(names->sc);
    int both = 0;
    int within = 0;
    for (int i = 0; part != NONE && i < names->rows; i++) {
        const char *part_key = cell_key(names, i, part);
        const char *whole_key = cell_key(names, i, whole);
        if (*part_key && *whole_key) {
            both++;
            within += has_words(whole_key, part_key, pool);
        }
    }
    return within > 0 && 2 * within >= both;
}

static int is_of_words(const names_t *names, int column)
{
    int filled = 0;
    int several = 0;
    for (int i = 0; i < names->rows; i++) {
        const char *key = cell_key(names, i, column);
        filled += *key != 0;
        several += strchr(key, ' ') && strpbrk(names->cells[i][column], " ^"); /* D'Arcy is one */
    }
    return several > 0 && 2 * several >= filled;
}

/* Who has only one name of birth and no other is called so. */
static void lone_settle(const names_t *names)
{
    const int has_whole =
        column_of(names, RECORD(NAME)) != NONE || column_of(names, MQ_IMPORT_NAME_OR_HALF) != NONE;
    if (!has_whole && column_of(names, RECORD(GIVEN_NAME)) != NONE &&
        column_of(names, RECORD(FAMILY_NAME)) == NONE) {
        field_turn(names, RECORD(FORMER_NAME), RECORD(FAMILY_NAME));
    }
    if (!has_whole && column_of(names, RECORD(GIVEN_NAME)) == NONE) {
        field_turn(names, RECORD(PREFERRED_NAME), RECORD(GIVEN_NAME));
    }
}

/* The only column of names, with several words, has whole ones: "Nom", "Nombre". */
static void only_settle(const names_t *names)
{
    int only = NONE;
    for (int i = 0; i < names->import->column_count; i++) {
        const int of_record = mq_import_record_field(names->fields[i]);
        const int is_name = of_record == MQ_PATIENT_FIELD_NAME ||
                            of_record == MQ_PATIENT_FIELD_GIVEN_NAME ||
                            of_record == MQ_PATIENT_FIELD_FAMILY_NAME;
        if (is_name && is_filled(names, i)) {
            if (only != NONE) {
                return;
            }
            only = i;
        }
    }
    if (only != NONE && is_of_words(names, only)) {
        names->fields[only] = RECORD(NAME);
    }
}

/* Initials beside given names are for those of whom the file says nothing else. "Name" of single
 * words beside them has family names. */
static void initials_settle(const names_t *names)
{
    const int name = column_of(names, MQ_IMPORT_NAME_OR_HALF);
    const int has_family = column_of(names, RECORD(FAMILY_NAME)) != NONE ||
                           column_of(names, MQ_IMPORT_FAMILY_BEFORE) != NONE ||
                           (name != NONE && !is_of_words(names, name));
    if (!has_family) {
        field_turn(names, MQ_IMPORT_INITIALS, MQ_IMPORT_IGNORE);
    } else if (column_of(names, RECORD(GIVEN_NAME)) == NONE) {
        field_turn(names, MQ_IMPORT_INITIALS, RECORD(GIVEN_NAME));
    }
}

static void calling_settle(const names_t *names)
{
    mq_import_field_t to = RECORD(GIVEN_NAME);
    if (column_of(names, RECORD(GIVEN_NAME)) != NONE) {
        to = column_of(names, RECORD(PREFERRED_NAME)) == NONE ? RECORD(PREFERRED_NAME)
                                                              : MQ_IMPORT_IGNORE;
    }
    field_turn(names, MQ_IMPORT_CALLING_NAME, to);
    initials_settle(names);
}

/* "Name" of single words beside further given names is the first of them. */
static int is_given(const names_t *names, int whole)
{
    const int further = column_of(names, MQ_IMPORT_GIVEN_AFTER);
    return further != NONE && !is_of_words(names, whole) && !is_within(names, further, whole);
}

/* What "Name" is. */
static mq_import_field_t half_of(const names_t *names, int whole)
{
    const int given = column_of(names, RECORD(GIVEN_NAME));
    const int family = column_of(names, RECORD(FAMILY_NAME));
    const int before = column_of(names, MQ_IMPORT_FAMILY_BEFORE);
    const int after = column_of(names, MQ_IMPORT_FAMILY_AFTER);
    const int has_further = before != NONE || after != NONE;
    if (given != NONE && family != NONE) {
        return is_within(names, whole, given) || is_within(names, whole, family) ? MQ_IMPORT_IGNORE
                                                                                 : RECORD(NAME);
    }
    if (is_within(names, given, whole) || is_within(names, family, whole)) {
        return RECORD(NAME);
    }
    if (given != NONE) {
        return RECORD(FAMILY_NAME);
    }
    if (family == NONE &&
        (!has_further || is_within(names, before, whole) || is_within(names, after, whole))) {
        return has_further || !is_given(names, whole) ? RECORD(NAME) : RECORD(GIVEN_NAME);
    }
    return family == NONE && before != NONE ? RECORD(FAMILY_NAME) : RECORD(GIVEN_NAME);
}

/* What the whole name says already would be a family name by itself. */
static void further_leave(const names_t *names, mq_import_field_t field, int whole)
{
    if (whole != NONE && is_within(names, column_of(names, field), whole)) {
        field_turn(names, field, MQ_IMPORT_IGNORE);
    }
}

/* "Name 2" beside "Name 1", or alone. What no half goes on with stands behind the whole. */
static void more_settle(const names_t *names, mq_import_field_t name)
{
    mq_import_field_t is = MQ_IMPORT_NAME_SUFFIX;
    if (name == RECORD(FAMILY_NAME)) {
        is = MQ_IMPORT_FAMILY_AFTER;
    } else if (name == RECORD(GIVEN_NAME)) {
        is = MQ_IMPORT_GIVEN_AFTER;
    } else if (name == MQ_IMPORT_IGNORE) {
        is = MQ_IMPORT_IGNORE; /* as the name that it goes on with */
    }
    field_turn(names, MQ_IMPORT_NAME_MORE, is);
}

static void name_settle(const names_t *names)
{
    const int whole = column_of(names, MQ_IMPORT_NAME_OR_HALF);
    mq_import_field_t is = RECORD(NAME);
    if (whole != NONE && count_of(names, MQ_IMPORT_NAME_OR_HALF) == 1) { /* of two, a person says */
        is = half_of(names, whole);
    }
    if (is == RECORD(NAME) && column_of(names, RECORD(NAME)) != NONE) {
        is = MQ_IMPORT_IGNORE; /* the other one says that it is the whole */
    }
    if (is == RECORD(NAME) && column_of(names, RECORD(FAMILY_NAME)) == NONE) {
        further_leave(names, MQ_IMPORT_FAMILY_BEFORE, whole);
        further_leave(names, MQ_IMPORT_FAMILY_AFTER, whole);
    }
    field_turn(names, MQ_IMPORT_NAME_OR_HALF, is);
    more_settle(names, is);
}

/* Where most have it, a circumflex stands between the parts of a name. */
static void components_settle(const names_t *names)
{
    const int whole = column_of(names, RECORD(NAME));
    int filled = 0;
    int divided = 0;
    for (int i = 0; whole != NONE && i < names->rows; i++) {
        filled += *names->cells[i][whole] != 0;
        divided += strchr(names->cells[i][whole], '^') != NULL;
    }
    if (divided > 0 && 2 * divided >= filled) {
        field_turn(names, RECORD(NAME), MQ_IMPORT_NAME_COMPONENTS);
    }
}

apr_status_t mq_import_names_settle(mq_import_field_t *fields_io, const mq_scope_t *sc,
                                    const mq_import_t *import)
{
    names_t *names = apr_pcalloc(mq_scope_pool(sc), sizeof *names);
    *names = (names_t){.sc = sc, .import = import, .fields = fields_io};
    MQ_TRY(rows_read(names));
    calling_settle(names);
    lone_settle(names);
    name_settle(names);
    only_settle(names);
    components_settle(names);
    return APR_SUCCESS;
}
