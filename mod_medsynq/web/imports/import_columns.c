/* import_columns.c -- guessing which column is what, drawing that as a form, reading it again. */
#include "web/imports/import_columns.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/imports/patient_import_columns.h"
#include "domain/imports/patient_import_dates.h"
#include "domain/imports/patient_import_guess.h"
#include "domain/patients/patient_fields.h"
#include "domain/policy.h"
#include "web/dates.h"
#include "web/form.h"

typedef struct option_t {
    const char *value;
    const char *label;
    int selected;
} option_t;

static const mq_slot_t option_slots[] = {MQ_TEXT(option_t, value), MQ_TEXT(option_t, label),
                                         MQ_FLAG(option_t, selected), MQ_SLOTS_END};

typedef struct column_t {
    const char *id;
    const char *name;
    const char *samples; /* its first values, NULL: it is empty */
    mq_list_t options;
} column_t;

static const mq_slot_t column_slots[] = {
    MQ_TEXT(column_t, id), MQ_TEXT(column_t, name), MQ_TEXT(column_t, samples),
    MQ_LIST(column_t, options, option_slots, option_t), MQ_SLOTS_END};

const mq_slot_t mq_import_columns_slots[] = {
    MQ_TEXT(mq_import_columns_t, dates_text),
    MQ_TEXT(mq_import_columns_t, dates_read_text),
    MQ_TEXT(mq_import_columns_t, encoding_text),
    MQ_FLAG(mq_import_columns_t, is_remembered),
    MQ_FLAG(mq_import_columns_t, asks_head),
    MQ_LIST(mq_import_columns_t, heads, option_slots, option_t),
    MQ_FLAG(mq_import_columns_t, asks_order),
    MQ_FLAG(mq_import_columns_t, is_contrary),
    MQ_TEXT(mq_import_columns_t, day_first),
    MQ_TEXT(mq_import_columns_t, month_first),
    MQ_LIST(mq_import_columns_t, orders, option_slots, option_t),
    MQ_LIST(mq_import_columns_t, columns, column_slots, column_t),
    MQ_SLOTS_END};

const char *mq_import_field_text(const mq_request_t *rq, mq_import_field_t field)
{
    int of_record = mq_import_record_field(field);
    switch (field) {
    case MQ_IMPORT_FAMILY_BEFORE:
        return mq_say(rq, "Before the family name (van, de)");
    case MQ_IMPORT_FAMILY_AFTER:
        return mq_say(rq, "Second family name");
    case MQ_IMPORT_GIVEN_AFTER:
        return mq_say(rq, "Further given names");
    case MQ_IMPORT_INITIALS:
        return mq_say(rq, "Initials, where no given name is said");
    case MQ_IMPORT_NAME_SUFFIX:
        return mq_say(rq, "Behind the name (Jr, III)");
    case MQ_IMPORT_NAME_COMPONENTS:
        return mq_say(rq, "Name as SMITH^MARY^A");
    case MQ_IMPORT_MRN:
        return mq_say(rq, "Record number");
    case MQ_IMPORT_NOTES:
        return mq_say(rq, "Notes");
    case MQ_IMPORT_STATUS:
        return mq_say(rq, "Active, archived or deceased");
    case MQ_IMPORT_NOTE_DATE:
        return mq_say(rq, "Date of the note");
    case MQ_IMPORT_NOTE_AUTHOR:
        return mq_say(rq, "Author of the note");
    default:
        return of_record >= 0 ? mq_say(rq, mq_patient_field_table[of_record].label)
                              : mq_say(rq, "Leave out");
    }
}

static int is_of_note(int field)
{
    return field == MQ_IMPORT_NOTES || field == MQ_IMPORT_NOTE_DATE ||
           field == MQ_IMPORT_NOTE_AUTHOR;
}

static mq_list_t options_draw(const mq_request_t *rq, const mq_scope_t *sc,
                              mq_import_field_t chosen)
{
    int has_notes = mq_policy_allows(MQ_ACTION_PATIENT_NOTE_ADD, mq_scope_roles(sc));
    option_t *options = apr_palloc(rq->pool, sizeof *options * MQ_IMPORT_FIELDS);
    int count = 0;
    for (int field = 0; field < MQ_IMPORT_FIELDS; field++) {
        if (mq_import_is_field(field) && (!is_of_note(field) || has_notes)) {
            options[count++] = (option_t){apr_itoa(rq->pool, field),
                                          mq_import_field_text(rq, (mq_import_field_t)field),
                                          field == (int)chosen};
        }
    }
    return (mq_list_t){options, count};
}

/* What is chosen before a person has chosen: as for the last file with these names, or a guess. */
static apr_status_t choice_guess(mq_import_choice_t *choice_out, int *is_remembered_out,
                                 const mq_scope_t *sc, const mq_import_t *import)
{
    apr_status_t rv;
    choice_out->order = import->date_order;
    *is_remembered_out = 0;
    if (import->state != MQ_IMPORT_MAPPING) {
        memcpy(choice_out->fields, import->mapping, sizeof import->mapping);
        return APR_SUCCESS;
    }
    rv = mq_import_remembered(choice_out->fields, sc, import);
    if (rv == MQ_ENOTFOUND) {
        return mq_import_guess(choice_out->fields, sc, import);
    }
    *is_remembered_out = rv == APR_SUCCESS;
    return rv;
}

static const char *samples_text(const mq_request_t *rq, const char *const *samples)
{
    const char *text = NULL;
    for (int i = 0; i < MQ_IMPORT_SAMPLES && *samples[i]; i++) {
        text = text ? apr_pstrcat(rq->pool, text, " \xc2\xb7 ", samples[i], NULL) : samples[i];
    }
    return text;
}

static mq_list_t columns_draw(const mq_request_t *rq, const mq_scope_t *sc,
                              const mq_import_t *import, const mq_import_choice_t *choice)
{
    column_t *columns = apr_palloc(rq->pool, sizeof *columns * MQ_IMPORT_COLUMNS_MOST);
    for (int i = 0; i < import->column_count; i++) {
        columns[i] = (column_t){
            .id = apr_psprintf(rq->pool, "column_%d", i),
            .name = *import->columns[i] ? import->columns[i] : mq_sayf(rq, "Column %d", i + 1),
            .samples = samples_text(rq, &import->samples[i * MQ_IMPORT_SAMPLES]),
            .options = options_draw(rq, sc, choice->fields[i])};
    }
    return (mq_list_t){columns, import->column_count};
}

/* Which row has the names is asked where none was sure to, or something stands above it. */
static apr_status_t heads_draw(mq_import_columns_t *form, const mq_request_t *rq,
                               const mq_scope_t *sc, const mq_import_t *import)
{
    enum { NAMES_SURE = 2 };
    apr_array_header_t *heads;
    option_t *options;
    if (!import->head && mq_import_known(sc, import->columns, import->column_count) >= NAMES_SURE) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_import_heads(&heads, sc, &import->id));
    options = apr_palloc(rq->pool, sizeof *options * (apr_size_t)(heads->nelts + 1));
    for (int i = 0; i < heads->nelts; i++) {
        const mq_import_head_t *head = &APR_ARRAY_IDX(heads, i, mq_import_head_t);
        options[i] = (option_t){
            .value = apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, head->number),
            .label = apr_psprintf(rq->pool, "%" APR_INT64_T_FMT ": %s", head->line, head->text),
            .selected = head->number == import->head};
    }
    form->asks_head = heads->nelts > 1;
    form->heads = (mq_list_t){options, heads->nelts};
    return APR_SUCCESS;
}

static const char *encoding_text(const mq_request_t *rq, const mq_import_t *import)
{
    switch (import->encoding) {
    case MQ_IMPORT_WINDOWS:
        return mq_say(rq, "The file is not UTF-8: it is read as Windows-1252. If letters with "
                          "accents look wrong here, save it again as CSV UTF-8.");
    case MQ_IMPORT_UTF16:
        return mq_say(rq, "The file is read as UTF-16, which Excel calls Unicode text.");
    case MQ_IMPORT_UTF8:
    default:
        return NULL;
    }
}

/* A date as it would be read, with the month's name: 3 Apr 1980. */
static const char *reading_text(const mq_request_t *rq, const char *typed, mq_date_order_t order)
{
    const mq_date_style_t read = {
        order == MQ_DATE_ORDER_MONTH_FIRST ? MQ_DATE_MDY_SLASHES : MQ_DATE_DMY_SLASHES, NULL};
    const char *iso;
    return mq_date_parse_typed(&iso, typed, &read, rq->pool) == APR_SUCCESS
               ? mq_date_say_words(rq, iso)
               : typed;
}

static option_t order_draw(const mq_request_t *rq, const mq_import_dates_t *dates,
                           mq_date_order_t order, mq_date_order_t chosen)
{
    const char *example = dates->examples[MQ_DATE_ORDER_EITHER];
    int is_month_first = order == MQ_DATE_ORDER_MONTH_FIRST;
    option_t option = {.value = is_month_first ? "month_first" : "day_first",
                       .label =
                           is_month_first ? mq_say(rq, "Month first") : mq_say(rq, "Day first"),
                       .selected = order == chosen};
    if (example && is_month_first) {
        option.label =
            mq_sayf(rq, "Month first: %s is %s", example, reading_text(rq, example, order));
    } else if (example) {
        option.label =
            mq_sayf(rq, "Day first: %s is %s", example, reading_text(rq, example, order));
    }
    return option;
}

/* The order that is offered first: what most of the file shows, else the organisation's. */
static mq_date_order_t order_offered(const mq_request_t *rq, const mq_import_dates_t *dates)
{
    apr_int64_t day_first = dates->counts[MQ_DATE_ORDER_DAY_FIRST];
    apr_int64_t month_first = dates->counts[MQ_DATE_ORDER_MONTH_FIRST];
    if (day_first == month_first) {
        return rq->dates.format == MQ_DATE_MDY_SLASHES ? MQ_DATE_ORDER_MONTH_FIRST
                                                       : MQ_DATE_ORDER_DAY_FIRST;
    }
    return day_first > month_first ? MQ_DATE_ORDER_DAY_FIRST : MQ_DATE_ORDER_MONTH_FIRST;
}

static void dates_draw(mq_import_columns_t *form, const mq_request_t *rq, const mq_import_t *import,
                       const mq_import_choice_t *choice)
{
    option_t *options = apr_palloc(rq->pool, sizeof *options * 2);
    mq_import_dates_t dates;
    mq_date_order_t chosen;
    mq_import_dates(&dates, import, choice->fields, rq->pool);
    form->day_first = dates.examples[MQ_DATE_ORDER_DAY_FIRST];
    form->month_first = dates.examples[MQ_DATE_ORDER_MONTH_FIRST];
    switch (dates.order) {
    case MQ_DATE_ORDER_DAY_FIRST:
        form->dates_text = mq_sayf(rq,
                                   "In this file the day comes before the month: %s can be read "
                                   "in no other way.",
                                   form->day_first);
        break;
    case MQ_DATE_ORDER_MONTH_FIRST:
        form->dates_text = mq_sayf(rq,
                                   "In this file the month comes before the day: %s can be read "
                                   "in no other way.",
                                   form->month_first);
        break;
    case MQ_DATE_ORDER_EITHER:
        chosen = choice->order ? choice->order : order_offered(rq, &dates);
        form->asks_order = 1;
        form->is_contrary = form->day_first && form->month_first;
        options[0] = order_draw(rq, &dates, MQ_DATE_ORDER_DAY_FIRST, chosen);
        options[1] = order_draw(rq, &dates, MQ_DATE_ORDER_MONTH_FIRST, chosen);
        form->orders = (mq_list_t){options, 2};
        break;
    case MQ_DATE_ORDER_PLAIN:
    default:
        break;
    }
}

/* How dates were read, once they were. */
static const char *dates_read_text(const mq_request_t *rq, const mq_import_t *import)
{
    const char *example;
    mq_import_dates_t dates;
    mq_import_dates(&dates, import, import->mapping, rq->pool);
    example = dates.examples[MQ_DATE_ORDER_EITHER] ? dates.examples[MQ_DATE_ORDER_EITHER]
                                                   : dates.examples[import->date_order];
    if (!import->date_order || !example) {
        return NULL;
    }
    return import->date_order == MQ_DATE_ORDER_MONTH_FIRST
               ? mq_sayf(rq, "Dates are read with the month first: %s is %s.", example,
                         reading_text(rq, example, import->date_order))
               : mq_sayf(rq, "Dates are read with the day first: %s is %s.", example,
                         reading_text(rq, example, import->date_order));
}

apr_status_t mq_import_columns_draw(mq_import_columns_t *form_out, const mq_request_t *rq,
                                    const mq_scope_t *sc, const mq_import_t *import,
                                    const mq_import_choice_t *chosen)
{
    mq_import_choice_t guessed = {.order = MQ_DATE_ORDER_PLAIN};
    int is_remembered = 0;
    if (!chosen) {
        MQ_TRY(choice_guess(&guessed, &is_remembered, sc, import));
        chosen = &guessed;
    }
    *form_out = (mq_import_columns_t){.columns = columns_draw(rq, sc, import, chosen),
                                      .encoding_text = encoding_text(rq, import),
                                      .is_remembered = is_remembered};
    MQ_TRY(heads_draw(form_out, rq, sc, import));
    dates_draw(form_out, rq, import, chosen);
    if (import->state == MQ_IMPORT_CHECKED) {
        form_out->dates_read_text = dates_read_text(rq, import);
    }
    return APR_SUCCESS;
}

static int has_name(const mq_import_field_t *fields, int count)
{
    int has = 0;
    for (int i = 0; i < count && !has; i++) {
        const int of_record = mq_import_record_field(fields[i]);
        has = of_record == MQ_PATIENT_FIELD_NAME || of_record == MQ_PATIENT_FIELD_GIVEN_NAME ||
              of_record == MQ_PATIENT_FIELD_FAMILY_NAME || fields[i] == MQ_IMPORT_NAME_COMPONENTS;
    }
    return has;
}

const char *mq_import_choice_read(mq_import_choice_t *choice_out, const mq_request_t *rq,
                                  const mq_scope_t *sc, const mq_import_t *import)
{
    const char *order = mq_form_get(rq->form, "date_order", NULL);
    mq_import_field_t *chosen = choice_out->fields;
    mq_import_dates_t dates;
    int seen[MQ_IMPORT_FIELDS] = {0};
    const char *problem = NULL;
    *choice_out = (mq_import_choice_t){.order = MQ_DATE_ORDER_PLAIN};
    order = order ? order : "";
    choice_out->order = strcmp(order, "day_first") == 0     ? MQ_DATE_ORDER_DAY_FIRST
                        : strcmp(order, "month_first") == 0 ? MQ_DATE_ORDER_MONTH_FIRST
                                                            : MQ_DATE_ORDER_PLAIN;
    for (int i = 0; i < import->column_count; i++) {
        const char *value = mq_form_get(rq->form, apr_psprintf(rq->pool, "column_%d", i), NULL);
        apr_int64_t field = mq_request_number_of(value);
        chosen[i] = field > 0 && field < MQ_IMPORT_FIELDS && mq_import_is_field((int)field)
                        ? (mq_import_field_t)field
                        : MQ_IMPORT_IGNORE;
        if (is_of_note((int)chosen[i]) &&
            !mq_policy_allows(MQ_ACTION_PATIENT_NOTE_ADD, mq_scope_roles(sc))) {
            chosen[i] = MQ_IMPORT_IGNORE;
        }
        if (chosen[i] && seen[chosen[i]]++ && !mq_import_is_joined(chosen[i])) {
            problem =
                mq_sayf(rq, "Two columns cannot both be: %s", mq_import_field_text(rq, chosen[i]));
        }
    }
    if (!problem && !has_name(chosen, import->column_count)) {
        problem = mq_say(rq, "Say which column has the names.");
    }
    if (!problem && !seen[MQ_IMPORT_NOTES] &&
        (seen[MQ_IMPORT_NOTE_DATE] || seen[MQ_IMPORT_NOTE_AUTHOR])) {
        problem = mq_say(rq, "Say which column has the notes of this date or author.");
    }
    mq_import_dates(&dates, import, chosen, rq->pool);
    if (!problem && dates.order == MQ_DATE_ORDER_EITHER && !choice_out->order) {
        problem = mq_say(rq, "Say in which order the dates of the file are written.");
    }
    return problem;
}
