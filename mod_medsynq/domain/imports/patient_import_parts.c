/* patient_import_parts.c -- the parts of a name, put together. Which column is which part is
 * decided in patient_import_names.c, once for a file; here is what a single row says. Nothing is
 * taken for a given or a family name unless its column, or its place in the cell, says that it is
 * one. */
#include "domain/imports/patient_import_parts.h"

#include <apr_cstr.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "base/name_order.h"
#include "domain/patients/query_fillers.h"

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define RECORD(field) mq_import_field_of(MQ_PATIENT_FIELD_##field)

static int says(const char *text)
{
    return text && *text;
}

/* One part behind another, where there are two. */
static const char *with(const char *text, const char *part, apr_pool_t *pool)
{
    return !says(part) ? text : !says(text) ? part : apr_pstrcat(pool, text, " ", part, NULL);
}

static void parts_join(const char **raw, const mq_import_field_t *parts, int count,
                       mq_import_field_t field, apr_pool_t *pool)
{
    const char *whole = NULL;
    for (int i = 0; i < count; i++) {
        whole = whole ? with(whole, raw[parts[i]], pool) : raw[parts[i]];
    }
    raw[field] = whole;
}

/* "Jr." is "Jr", and "Dr." is "Dr". */
static apr_size_t bare_length(const char *text)
{
    const apr_size_t length = strlen(text);
    return length > 0 && text[length - 1] == '.' ? length - 1 : length;
}

/* --- "SMITH^MARY^A^JR^DR^MD^L", as HL7 and DICOM write names --- */

enum { FAMILY, GIVEN, FURTHER, SUFFIX, PREFIX, DEGREE, KIND, COMPONENTS };

/* A code, and no part of the name: legal, maiden, display. */
static int is_kind(const char *text)
{
    return strlen(text) <= 1;
}

/* A circumflex that was typed before its letter is within a name: "H^elene". */
static int has_stray(const char *cell)
{
    const char *at = cell;
    while (*at && !(*at == '^' && apr_islower(at[1]))) {
        at++;
    }
    return *at && strcspn(cell, CAPITALS) < strlen(cell);
}

/* @return whether the cell is written so, as far as this can read it; else it stays as it is */
static int components_split(const char *components_out[COMPONENTS], char *cell)
{
    int count = 0;
    if (!strchr(cell, '^') || strpbrk(cell, "~\\&=") || has_stray(cell)) {
        return 0;
    }
    while (count < COMPONENTS) {
        const apr_size_t length = strcspn(cell, "^");
        char *next = cell + length + (cell[length] == '^');
        cell[length] = 0;
        components_out[count++] = strcmp(cell, "\"\"") == 0 ? "" : cell; /* HL7's "nothing" */
        cell = next;
    }
    return is_kind(components_out[KIND]) && !cell[strspn(cell, "^")];
}

/* "Dr." */
static int is_title(const char *text, apr_pool_t *pool)
{
    const apr_size_t length = bare_length(text);
    char *key = apr_pstrmemdup(pool, text, length);
    for (apr_size_t i = 0; i < length; i++) {
        key[i] = (char)apr_tolower(key[i]);
    }
    return mq_filler_is_title(key);
}

/* The fourth and the fifth are the other way round in DICOM: what they say decides. */
static void components_take(const char **raw, const char *const *components, apr_pool_t *pool)
{
    const char *given = with(components[GIVEN], components[FURTHER], pool);
    const char *family = components[FAMILY];
    const char *before = "";
    const char *behind = "";
    for (int i = SUFFIX; i <= PREFIX; i++) {
        const int is_before =
            is_title(components[i], pool) || (i == PREFIX && !mq_name_is_suffix(components[i]));
        const char **to = mq_name_is_generation(components[i]) ? &family
                          : is_before                          ? &before
                                                               : &behind;
        *to = with(*to, components[i], pool);
    }
    behind = with(behind, components[DEGREE], pool);
    if (!says(raw[RECORD(NAME)])) {
        raw[RECORD(NAME)] = with(with(with(before, given, pool), family, pool), behind, pool);
    }
    if (!says(raw[RECORD(GIVEN_NAME)])) {
        raw[RECORD(GIVEN_NAME)] = given;
    }
    if (!says(raw[RECORD(FAMILY_NAME)])) {
        raw[RECORD(FAMILY_NAME)] = family;
    }
}

static void components_read(const char **raw, apr_pool_t *pool)
{
    const char *cell = raw[MQ_IMPORT_NAME_COMPONENTS];
    const char *components[COMPONENTS];
    if (cell && components_split(components, apr_pstrdup(pool, cell))) {
        components_take(raw, components, pool);
    } else if (cell) {
        raw[RECORD(NAME)] = with(raw[RECORD(NAME)], cell, pool);
    }
}

/* --- what stands behind a name --- */

static int ends_with(const char *text, const char *end)
{
    const apr_size_t length = bare_length(text);
    const apr_size_t end_length = bare_length(end);
    return length > end_length && text[length - end_length - 1] == ' ' &&
           apr_cstr_casecmpn(text + length - end_length, end, end_length) == 0;
}

/* Once, and so in "Smith Jr, John". */
static const char *with_suffix(const char *text, const char *suffix, apr_pool_t *pool)
{
    if (says(text) && (ends_with(text, suffix) ||
                       ends_with(apr_pstrmemdup(pool, text, strcspn(text, ",")), suffix))) {
        return text;
    }
    return with(text, suffix, pool);
}

/* "Jr" is part of the family name, as where a file has one column for both; "MD" is not. */
static void suffix_join(const char **raw, apr_pool_t *pool)
{
    const char *suffix = raw[MQ_IMPORT_NAME_SUFFIX];
    const char *given = raw[RECORD(GIVEN_NAME)];
    const char **whole = &raw[RECORD(NAME)];
    const char **family = &raw[RECORD(FAMILY_NAME)];
    const char *first;
    if (!says(suffix)) {
        return;
    }
    if (says(*whole)) {
        *whole = with_suffix(*whole, suffix, pool);
    } else if (says(*family)) {
        *whole = with(given, with_suffix(*family, suffix, pool), pool);
    } else if (says(given) || !mq_name_is_suffix(suffix)) {
        *whole = with_suffix(given, suffix, pool); /* by itself "Name 2" is a name, "Jr" is none */
    }
    first = apr_pstrmemdup(pool, suffix, strcspn(suffix, " ,"));
    if (says(*family) && mq_name_is_generation(first)) {
        *family = with_suffix(*family, first, pool);
    }
}

void mq_import_name_join(const char *raw_io[MQ_IMPORT_FIELDS], apr_pool_t *pool)
{
    const mq_import_field_t given[] = {RECORD(GIVEN_NAME), MQ_IMPORT_GIVEN_AFTER};
    const mq_import_field_t family[] = {MQ_IMPORT_FAMILY_BEFORE, RECORD(FAMILY_NAME),
                                        MQ_IMPORT_FAMILY_AFTER};
    parts_join(raw_io, given, 2, RECORD(GIVEN_NAME), pool);
    parts_join(raw_io, family, 3, RECORD(FAMILY_NAME), pool);
    if (!says(raw_io[RECORD(GIVEN_NAME)]) && says(raw_io[MQ_IMPORT_INITIALS])) {
        raw_io[RECORD(GIVEN_NAME)] = raw_io[MQ_IMPORT_INITIALS];
    }
    components_read(raw_io, pool);
    suffix_join(raw_io, pool);
}
