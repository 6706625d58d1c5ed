/* import_pages.c -- importing patients, step by step; each step is a page that can be left and
 * found again. Rules are in domain/patient_import.c. */
#include "web/import_pages.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "domain/patient_fields.h"
#include "domain/patient_import.h"
#include "domain/policy.h"
#include "web/dates.h"
#include "web/error_pages.h"
#include "web/import_upload.h"

enum { IMPORTS_SHOWN = 20, FAULTS_SHOWN = 20, FAULTS_PER_PIECE = 500, SLICE_MILLISECONDS = 1500 };

typedef struct job_t {
    const char *href;
    const char *file_name;
    const char *at_text;
    const char *at_iso;
    const char *state_text;
    apr_int64_t rows;
} job_t;

static const mq_slot_t job_slots[] = {MQ_TEXT(job_t, href),
                                      MQ_TEXT(job_t, file_name),
                                      MQ_TEXT(job_t, at_text),
                                      MQ_TEXT(job_t, at_iso),
                                      MQ_TEXT(job_t, state_text),
                                      MQ_INT(job_t, rows),
                                      MQ_SLOTS_END};

typedef struct imports_page_t {
    mq_frame_t frame;
    const char *upload_error;
    apr_int64_t upload_megabytes;
    mq_list_t jobs;
    int has_jobs;
} imports_page_t;

static const mq_slot_t imports_slots[] = {MQ_TEXT(imports_page_t, upload_error),
                                          MQ_INT(imports_page_t, upload_megabytes),
                                          MQ_LIST(imports_page_t, jobs, job_slots, job_t),
                                          MQ_FLAG(imports_page_t, has_jobs),
                                          MQ_INCLUDE(imports_page_t, frame, mq_frame_slots),
                                          MQ_SLOTS_END};

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
    mq_list_t options;
} column_t;

static const mq_slot_t column_slots[] = {MQ_TEXT(column_t, id), MQ_TEXT(column_t, name),
                                         MQ_LIST(column_t, options, option_slots, option_t),
                                         MQ_SLOTS_END};

typedef struct fault_t {
    apr_int64_t line;
    const char *column;
    const char *value;
    const char *rule;
} fault_t;

static const mq_slot_t fault_slots[] = {MQ_INT(fault_t, line), MQ_TEXT(fault_t, column),
                                        MQ_TEXT(fault_t, value), MQ_TEXT(fault_t, rule),
                                        MQ_SLOTS_END};

typedef struct import_page_t {
    mq_frame_t frame;
    const char *href;
    const char *file_name;
    const char *state_text;
    const char *problem;
    const char *rows_text;
    const char *dates_read_text;
    const char *dates_text; /* in which order dates are read, and why; NULL: it is a choice */
    int asks_order;
    int is_contrary; /* both orders are in the file: */
    const char *day_first;
    const char *month_first;
    const char *import_text; /* what the button does; NULL: no row is good */
    const char *added_text;
    const char *left_out_text; /* NULL: all rows were good, or their errors are forgotten */
    apr_int64_t rows;
    apr_int64_t done; /* of the rows, in the present step */
    apr_int64_t good;
    apr_int64_t faulty;
    int is_mapping;
    int is_working;
    int is_checked;
    int is_done;
    int can_undo;
    int more_faults;
    mq_list_t columns;
    mq_list_t orders;
    mq_list_t faults;
} import_page_t;

/* What a person says of the columns. */
typedef struct choice_t {
    mq_import_field_t fields[MQ_IMPORT_COLUMNS_MOST];
    mq_date_order_t order;
} choice_t;

static const mq_slot_t import_slots[] = {MQ_TEXT(import_page_t, href),
                                         MQ_TEXT(import_page_t, file_name),
                                         MQ_TEXT(import_page_t, state_text),
                                         MQ_TEXT(import_page_t, problem),
                                         MQ_TEXT(import_page_t, dates_text),
                                         MQ_TEXT(import_page_t, dates_read_text),
                                         MQ_FLAG(import_page_t, asks_order),
                                         MQ_FLAG(import_page_t, is_contrary),
                                         MQ_TEXT(import_page_t, day_first),
                                         MQ_TEXT(import_page_t, month_first),
                                         MQ_LIST(import_page_t, orders, option_slots, option_t),
                                         MQ_TEXT(import_page_t, rows_text),
                                         MQ_TEXT(import_page_t, import_text),
                                         MQ_TEXT(import_page_t, added_text),
                                         MQ_TEXT(import_page_t, left_out_text),
                                         MQ_INT(import_page_t, rows),
                                         MQ_INT(import_page_t, done),
                                         MQ_INT(import_page_t, good),
                                         MQ_INT(import_page_t, faulty),
                                         MQ_FLAG(import_page_t, is_mapping),
                                         MQ_FLAG(import_page_t, is_working),
                                         MQ_FLAG(import_page_t, is_checked),
                                         MQ_FLAG(import_page_t, is_done),
                                         MQ_FLAG(import_page_t, can_undo),
                                         MQ_FLAG(import_page_t, more_faults),
                                         MQ_LIST(import_page_t, columns, column_slots, column_t),
                                         MQ_LIST(import_page_t, faults, fault_slots, fault_t),
                                         MQ_INCLUDE(import_page_t, frame, mq_frame_slots),
                                         MQ_SLOTS_END};

const mq_page_t mq_imports_page_template = {"imports.html", imports_slots};
const mq_page_t mq_import_page_template = {"import.html", import_slots};

static const char *state_text(const mq_request_t *rq, mq_import_state_t state)
{
    switch (state) {
    case MQ_IMPORT_STAGING:
        return mq_say(rq, "Upload not complete");
    case MQ_IMPORT_MAPPING:
        return mq_say(rq, "Waiting for its columns");
    case MQ_IMPORT_CHECKING:
        return mq_say(rq, "Checking the rows");
    case MQ_IMPORT_CHECKED:
        return mq_say(rq, "Checked; nothing imported yet");
    case MQ_IMPORT_ADDING:
    case MQ_IMPORT_SHOWING:
        return mq_say(rq, "Importing");
    case MQ_IMPORT_DONE:
        return mq_say(rq, "Imported");
    case MQ_IMPORT_HIDING:
    case MQ_IMPORT_REMOVING:
        return mq_say(rq, "Being undone");
    case MQ_IMPORT_UNDONE:
        return mq_say(rq, "Undone");
    case MQ_IMPORT_CLEANING:
    case MQ_IMPORT_FAILED:
    default:
        return mq_say(rq, "Not imported: a record number was given to somebody else meanwhile");
    }
}

static const char *field_text(const mq_request_t *rq, mq_import_field_t field)
{
    int of_record = mq_import_record_field(field);
    if (of_record >= 0) {
        return mq_say(rq, mq_patient_field_table[of_record].label);
    }
    switch (field) {
    case MQ_IMPORT_MRN:
        return mq_say(rq, "Record number");
    case MQ_IMPORT_NOTES:
        return mq_say(rq, "Notes");
    case MQ_IMPORT_STATUS:
        return mq_say(rq, "Active, archived or deceased");
    default:
        return mq_say(rq, "Leave out");
    }
}

static const char *rule_text(const mq_request_t *rq, mq_import_rule_t rule)
{
    switch (rule) {
    case MQ_IMPORT_RULE_MISSING:
        return mq_say(rq, "There is no name.");
    case MQ_IMPORT_RULE_CHARACTERS:
        return mq_say(rq, "It contains characters that cannot be shown.");
    case MQ_IMPORT_RULE_TOO_LONG:
        return mq_say(rq, "It is too long.");
    case MQ_IMPORT_RULE_DATE:
        return mq_say(rq, "It is no date of the calendar.");
    case MQ_IMPORT_RULE_FUTURE:
        return mq_say(rq, "The date is in the future.");
    case MQ_IMPORT_RULE_TOO_OLD:
        return mq_say(rq, "The date is more than 140 years ago.");
    case MQ_IMPORT_RULE_MRN_TAKEN:
        return mq_say(rq, "Another patient has this record number.");
    case MQ_IMPORT_RULE_MRN_TWICE:
        return mq_say(rq, "An earlier row of the file has this record number.");
    case MQ_IMPORT_RULE_CELLS:
        return mq_say(rq, "The row has more cells than the first row: is a separator not quoted?");
    case MQ_IMPORT_RULE_PHONE:
        return mq_say(rq, "A telephone number has 3 to 15 digits.");
    case MQ_IMPORT_RULE_EMAIL:
        return mq_say(rq, "It is no e-mail address.");
    case MQ_IMPORT_RULE_SEX:
        return mq_say(rq, "It is none of female, male, other and unknown.");
    case MQ_IMPORT_RULE_FLAG:
        return mq_say(rq, "It is neither yes nor no.");
    case MQ_IMPORT_RULE_STATUS:
        return mq_say(rq, "It is none of active, archived and deceased.");
    case MQ_IMPORT_RULE_DEATH:
        return mq_say(rq, "The date of death is before the date of birth.");
    case MQ_IMPORT_RULE_ORDER:
        return mq_say(rq, "Its day and month are the other way round than dates are read here.");
    case MQ_IMPORT_RULE_NONE:
    default:
        return "";
    }
}

static const char *import_href(const mq_request_t *rq, const mq_id_t *id)
{
    return apr_pstrcat(rq->pool, "/patients/import/", mq_id_text(id, rq->pool), NULL);
}

static mq_list_t jobs_draw(const mq_request_t *rq, const apr_array_header_t *imports)
{
    job_t *jobs = apr_palloc(rq->pool, sizeof *jobs * (size_t)(imports->nelts + 1));
    for (int i = 0; i < imports->nelts; i++) {
        const mq_import_t *import = &APR_ARRAY_IDX(imports, i, mq_import_t);
        jobs[i] = (job_t){.href = import_href(rq, &import->id),
                          .file_name = *import->file_name ? import->file_name : "CSV",
                          .at_text = mq_time_say(rq, import->created_at),
                          .at_iso = mq_time_iso(import->created_at, rq->pool),
                          .state_text = state_text(rq, import->state),
                          .rows = import->rows};
    }
    return (mq_list_t){jobs, imports->nelts};
}

static apr_status_t imports_show(mq_request_t *rq, const char *error)
{
    imports_page_t page = {.frame.title = mq_say(rq, "Import patients"),
                           .upload_error = error,
                           .upload_megabytes = (apr_int64_t)(rq->app->upload_limit >> 20)};
    apr_array_header_t *imports;
    MQ_TRY(mq_imports_newest(&imports, mq_request_scope(rq), IMPORTS_SHOWN));
    page.jobs = jobs_draw(rq, imports);
    page.has_jobs = imports->nelts > 0;
    return mq_page_show(rq, error ? 422 : 200, &mq_imports_page_template, &page);
}

apr_status_t mq_imports_page(mq_request_t *rq)
{
    return imports_show(rq, NULL);
}

apr_status_t mq_import_upload(mq_request_t *rq)
{
    mq_upload_t upload;
    const char *fault;
    apr_status_t rv;
    mq_id_t id;
    int line;
    if (rq->form) { /* dispatch has read it: it was no multipart body */
        return mq_error_show(rq, 415);
    }
    rv = mq_upload_read(&upload, rq);
    if (rv == MQ_EFULL) {
        return mq_error_show(rq, 413);
    }
    MQ_TRY(rv);
    if (!upload.file) {
        return imports_show(rq, mq_say(rq, "Choose a file."));
    }
    rv = mq_import_stage(&id, mq_request_scope(rq), upload.name, upload.file, &fault, &line);
    if (rv == MQ_EINVALID && fault) {
        return imports_show(rq, line ? mq_sayf(rq, "Line %d: %s", line, mq_say(rq, fault))
                                     : mq_say(rq, fault));
    }
    MQ_TRY(rv);
    return mq_request_redirect(rq, import_href(rq, &id));
}

static mq_list_t options_draw(const mq_request_t *rq, mq_import_field_t chosen)
{
    int has_notes =
        mq_policy_allows(MQ_ACTION_PATIENT_NOTE_ADD, mq_scope_roles(mq_request_scope(rq)));
    option_t *options = apr_palloc(rq->pool, sizeof *options * MQ_IMPORT_FIELDS);
    int count = 0;
    for (int field = 0; field < MQ_IMPORT_FIELDS; field++) {
        if (field != MQ_IMPORT_NOTES || has_notes) {
            options[count++] =
                (option_t){apr_itoa(rq->pool, field), field_text(rq, (mq_import_field_t)field),
                           field == (int)chosen};
        }
    }
    return (mq_list_t){options, count};
}

/* What is chosen before a person has chosen. */
static void choice_guess(choice_t *choice_out, const mq_request_t *rq, const mq_import_t *import)
{
    choice_out->order = import->date_order;
    for (int i = 0; i < import->column_count; i++) {
        choice_out->fields[i] = import->state == MQ_IMPORT_MAPPING
                                    ? mq_import_guess(mq_request_scope(rq), import->columns[i])
                                    : import->mapping[i];
    }
}

static mq_list_t columns_draw(const mq_request_t *rq, const mq_import_t *import,
                              const choice_t *choice)
{
    column_t *columns = apr_palloc(rq->pool, sizeof *columns * MQ_IMPORT_COLUMNS_MOST);
    for (int i = 0; i < import->column_count; i++) {
        columns[i] = (column_t){.id = apr_psprintf(rq->pool, "column_%d", i),
                                .name = *import->columns[i] ? import->columns[i]
                                                            : mq_sayf(rq, "Column %d", i + 1),
                                .options = options_draw(rq, choice->fields[i])};
    }
    return (mq_list_t){columns, import->column_count};
}

/* A date as it would be read, with the month's name: 3 Apr 1980. */
static const char *reading_text(const mq_request_t *rq, const char *typed, mq_date_order_t order)
{
    const mq_date_style_t read = {
        order == MQ_DATE_ORDER_MONTH_FIRST ? MQ_DATE_MDY_SLASHES : MQ_DATE_DMY_SLASHES, NULL};
    const mq_date_style_t said = {MQ_DATE_WORDS, rq->dates.months};
    const char *iso;
    return mq_date_parse_typed(&iso, typed, &read, rq->pool) == APR_SUCCESS
               ? mq_date_format(iso, &said, rq->pool)
               : typed;
}

static option_t order_draw(const mq_request_t *rq, const mq_import_dates_t *dates,
                           mq_date_order_t order, mq_date_order_t chosen)
{
    const char *example = dates->examples[MQ_DATE_ORDER_EITHER];
    int is_month_first = order == MQ_DATE_ORDER_MONTH_FIRST;
    option_t option = {.value = is_month_first ? "month_first" : "day_first",
                       .label = is_month_first ? mq_say(rq, "Month first")
                                               : mq_say(rq, "Day first"),
                       .selected = order == chosen};
    if (example && is_month_first) {
        option.label = mq_sayf(rq, "Month first: %s is %s", example,
                               reading_text(rq, example, order));
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

static void dates_draw(import_page_t *page, const mq_request_t *rq, const mq_import_t *import,
                       const choice_t *choice)
{
    option_t *options = apr_palloc(rq->pool, sizeof *options * 2);
    mq_import_dates_t dates;
    mq_date_order_t chosen;
    mq_import_dates(&dates, import, choice->fields, rq->pool);
    page->day_first = dates.examples[MQ_DATE_ORDER_DAY_FIRST];
    page->month_first = dates.examples[MQ_DATE_ORDER_MONTH_FIRST];
    switch (dates.order) {
    case MQ_DATE_ORDER_DAY_FIRST:
        page->dates_text = mq_sayf(rq,
                                   "In this file the day comes before the month: %s can be read "
                                   "in no other way.",
                                   page->day_first);
        break;
    case MQ_DATE_ORDER_MONTH_FIRST:
        page->dates_text = mq_sayf(rq,
                                   "In this file the month comes before the day: %s can be read "
                                   "in no other way.",
                                   page->month_first);
        break;
    case MQ_DATE_ORDER_EITHER:
        chosen = choice->order ? choice->order : order_offered(rq, &dates);
        page->asks_order = 1;
        page->is_contrary = page->day_first && page->month_first;
        options[0] = order_draw(rq, &dates, MQ_DATE_ORDER_DAY_FIRST, chosen);
        options[1] = order_draw(rq, &dates, MQ_DATE_ORDER_MONTH_FIRST, chosen);
        page->orders = (mq_list_t){options, 2};
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

static const char *column_name(const mq_import_t *import, mq_import_field_t field)
{
    for (int i = 0; i < import->column_count; i++) {
        if (import->mapping[i] == field) {
            return import->columns[i];
        }
    }
    return "";
}

static fault_t fault_draw(const mq_request_t *rq, const mq_import_t *import,
                          const mq_import_fault_t *fault)
{
    const char *column =
        fault->field ? column_name(import, fault->field) : mq_say(rq, "The whole row");
    return (fault_t){.line = fault->line,
                     .column = *column ? column : field_text(rq, fault->field),
                     .value = fault->value,
                     .rule = rule_text(rq, fault->rule)};
}

static apr_status_t faults_draw(import_page_t *page, const mq_request_t *rq,
                                const mq_import_t *import)
{
    apr_array_header_t *found;
    fault_t *faults;
    MQ_TRY(mq_import_faults(&found, mq_request_scope(rq), &import->id, 0, FAULTS_SHOWN, rq->pool));
    faults = apr_palloc(rq->pool, sizeof *faults * (size_t)(found->nelts + 1));
    for (int i = 0; i < found->nelts; i++) {
        faults[i] = fault_draw(rq, import, &APR_ARRAY_IDX(found, i, mq_import_fault_t));
    }
    page->faults = (mq_list_t){faults, found->nelts};
    page->more_faults = import->faults > found->nelts;
    return APR_SUCCESS;
}

static void counts_say(import_page_t *page, const mq_request_t *rq, const mq_import_t *import)
{
    page->rows_text = mq_say_count(rq, "The file has %d row. Which column is what?",
                                   "The file has %d rows. Which column is what?", (int)page->rows);
    page->import_text =
        page->good ? mq_say_count(rq, "Import %d patient", "Import %d patients", (int)page->good)
                   : NULL;
    page->added_text = mq_say_count(rq, "%d patient was imported.", "%d patients were imported.",
                                    (int)import->added);
    if (import->faults) {
        page->left_out_text =
            mq_say_count(rq, "%d row with errors was left out.",
                         "%d rows with errors were left out.", (int)import->faulty);
    }
}

static apr_status_t import_show(mq_request_t *rq, int status, const mq_import_t *import,
                                const choice_t *chosen, const char *problem)
{
    choice_t guessed = {0};
    import_page_t page = {.frame.title = mq_say(rq, "Import patients"),
                          .href = import_href(rq, &import->id),
                          .file_name = import->file_name,
                          .state_text = state_text(rq, import->state),
                          .problem = problem,
                          .rows = import->rows,
                          .done = import->position,
                          .good = import->rows - import->faulty,
                          .faulty = import->faulty,
                          .is_mapping = import->state == MQ_IMPORT_MAPPING,
                          .is_working = mq_import_is_working(import),
                          .is_checked = import->state == MQ_IMPORT_CHECKED,
                          .is_done = import->state == MQ_IMPORT_DONE,
                          .can_undo = import->can_undo};
    counts_say(&page, rq, import);
    if (page.is_mapping || page.is_checked) {
        choice_guess(&guessed, rq, import);
        page.columns = columns_draw(rq, import, chosen ? chosen : &guessed);
        dates_draw(&page, rq, import, chosen ? chosen : &guessed);
    }
    if (page.is_checked) {
        page.dates_read_text = dates_read_text(rq, import);
        MQ_TRY(faults_draw(&page, rq, import));
    }
    if (page.is_working) { /* in the header, for the page's own head is everybody's */
        apr_table_setn(rq->headers, "Refresh", "1");
    }
    return mq_page_show(rq, status, &mq_import_page_template, &page);
}

static apr_status_t import_read(mq_import_t *import_out, mq_id_t *id_out, mq_request_t *rq)
{
    MQ_TRY(mq_request_record(id_out, rq));
    return mq_import_read(import_out, mq_request_scope(rq), id_out);
}

/* The work is done by whoever looks: no thread that could be left behind, and a kill at any time
 * leaves a state from which the next look goes on. */
apr_status_t mq_import_page(mq_request_t *rq)
{
    mq_import_t import;
    mq_id_t id;
    MQ_TRY(import_read(&import, &id, rq));
    if (mq_import_is_working(&import) && strcmp(rq->method_name, "HEAD") != 0) {
        MQ_TRY(mq_import_work(&import, mq_request_scope(rq), &id,
                              apr_time_now() + apr_time_from_msec(SLICE_MILLISECONDS)));
    }
    return import_show(rq, 200, &import, NULL, NULL);
}

/* @return a sentence when the choice cannot be, else NULL */
static const char *choice_read(choice_t *choice_out, const mq_request_t *rq,
                               const mq_import_t *import)
{
    const char *order = mq_form_get(rq->form, "date_order", NULL);
    mq_import_field_t *chosen = choice_out->fields;
    mq_import_dates_t dates;
    int seen[MQ_IMPORT_FIELDS] = {0};
    const char *problem = NULL;
    order = order ? order : "";
    choice_out->order = strcmp(order, "day_first") == 0     ? MQ_DATE_ORDER_DAY_FIRST
                        : strcmp(order, "month_first") == 0 ? MQ_DATE_ORDER_MONTH_FIRST
                                                            : MQ_DATE_ORDER_PLAIN;
    for (int i = 0; i < import->column_count; i++) {
        const char *value = mq_form_get(rq->form, apr_psprintf(rq->pool, "column_%d", i), NULL);
        apr_int64_t field = value ? apr_atoi64(value) : 0;
        chosen[i] =
            field > 0 && field < MQ_IMPORT_FIELDS ? (mq_import_field_t)field : MQ_IMPORT_IGNORE;
        if (chosen[i] == MQ_IMPORT_NOTES &&
            !mq_policy_allows(MQ_ACTION_PATIENT_NOTE_ADD, mq_scope_roles(mq_request_scope(rq)))) {
            chosen[i] = MQ_IMPORT_IGNORE;
        }
        if (chosen[i] && seen[chosen[i]]++ && chosen[i] != MQ_IMPORT_ADDRESS) {
            problem = mq_sayf(rq, "Two columns cannot both be: %s", field_text(rq, chosen[i]));
        }
    }
    if (!problem && !seen[MQ_IMPORT_NAME] && !seen[MQ_IMPORT_GIVEN_NAME] &&
        !seen[MQ_IMPORT_FAMILY_NAME]) {
        problem = mq_say(rq, "Say which column has the names.");
    }
    mq_import_dates(&dates, import, chosen, rq->pool);
    if (!problem && dates.order == MQ_DATE_ORDER_EITHER && !choice_out->order) {
        problem = mq_say(rq, "Say in which order the dates of the file are written.");
    }
    return problem;
}

apr_status_t mq_import_columns_post(mq_request_t *rq)
{
    choice_t choice = {0};
    const char *problem;
    mq_import_t import;
    mq_id_t id;
    MQ_TRY(import_read(&import, &id, rq));
    problem = choice_read(&choice, rq, &import);
    if (problem && (import.state == MQ_IMPORT_MAPPING || import.state == MQ_IMPORT_CHECKED)) {
        return import_show(rq, 422, &import, &choice, problem);
    }
    MQ_TRY(mq_import_map(mq_request_scope(rq), &import, choice.fields, choice.order));
    return mq_request_redirect(rq, import_href(rq, &id));
}

apr_status_t mq_import_commit_post(mq_request_t *rq)
{
    mq_import_t import;
    mq_id_t id;
    MQ_TRY(import_read(&import, &id, rq));
    MQ_TRY(mq_import_commit(mq_request_scope(rq), &import));
    return mq_request_redirect(rq, import_href(rq, &id));
}

apr_status_t mq_import_undo_post(mq_request_t *rq)
{
    mq_import_t import;
    apr_status_t rv;
    mq_id_t id;
    MQ_TRY(import_read(&import, &id, rq));
    rv = mq_import_undo(mq_request_scope(rq), &import);
    if (rv == MQ_ECONFLICT && import.can_undo) {
        return import_show(rq, 409, &import, NULL,
                           mq_say(rq, "It cannot be undone: some of its patients have been "
                                      "changed since. Archive them one by one instead."));
    }
    MQ_TRY(rv);
    return mq_request_redirect(rq, import_href(rq, &id));
}

/* The list of faults under way to a file. */
typedef struct errors_t {
    mq_request_t *rq;
    mq_import_t import;
    apr_pool_t *pool;
    apr_int64_t after;
    int has_begun;
} errors_t;

static apr_status_t errors_piece(mq_buffer_t *out, int *done_out, void *context)
{
    errors_t *errors = context;
    const mq_request_t *rq = errors->rq;
    mq_csv_writer_t writer = {out};
    apr_array_header_t *found;
    apr_status_t rv;
    apr_pool_clear(errors->pool);
    if (!errors->has_begun) {
        const char *const names[] = {mq_say(rq, "Row"), mq_say(rq, "Column"), mq_say(rq, "Value"),
                                     mq_say(rq, "Rule")};
        mq_buffer_text(out, "\xef\xbb\xbf");
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            mq_csv_add(&writer, names[i]);
        }
        mq_csv_row_end(&writer);
        errors->has_begun = 1;
    }
    rv = mq_import_faults(&found, mq_request_scope(rq), &errors->import.id, errors->after,
                          FAULTS_PER_PIECE, errors->pool);
    mq_db_give_back(mq_request_scope(rq));
    MQ_TRY(rv);
    *done_out = found->nelts < FAULTS_PER_PIECE;
    for (int i = 0; i < found->nelts; i++) {
        const mq_import_fault_t *fault = &APR_ARRAY_IDX(found, i, mq_import_fault_t);
        fault_t drawn = fault_draw(rq, &errors->import, fault);
        if (!*done_out &&
            fault->number == APR_ARRAY_IDX(found, found->nelts - 1, mq_import_fault_t).number) {
            break; /* the next piece has this row whole */
        }
        mq_csv_add(&writer, apr_psprintf(errors->pool, "%" APR_INT64_T_FMT, drawn.line));
        mq_csv_add(&writer, drawn.column);
        mq_csv_add(&writer, drawn.value);
        mq_csv_add(&writer, drawn.rule);
        mq_csv_row_end(&writer);
        errors->after = fault->number;
    }
    return APR_SUCCESS;
}

apr_status_t mq_import_errors(mq_request_t *rq)
{
    errors_t *errors = apr_pcalloc(rq->pool, sizeof *errors);
    mq_id_t id;
    MQ_TRY(import_read(&errors->import, &id, rq));
    MQ_TRY(apr_pool_create(&errors->pool, rq->pool));
    errors->rq = rq;
    apr_table_setn(rq->headers, "Content-Disposition", "attachment; filename=\"errors.csv\"");
    rq->status = 200;
    rq->content_type = "text/csv; charset=utf-8";
    rq->stream = errors_piece;
    rq->stream_context = errors;
    return APR_SUCCESS;
}
