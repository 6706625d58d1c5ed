/* import_faults.c -- the words for each rule, the table and the file. */
#include "web/imports/import_faults.h"

#include <apr_strings.h>

#include "base/csv.h"
#include "base/text.h"
#include "domain/imports/patient_import_faults.h"
#include "web/imports/import_columns.h"

enum { FAULTS_SHOWN = 20, FAULTS_PER_PIECE = 500 };

/* One row of the page's table. */
typedef struct fault_t {
    const char *lines;
    const char *rows_text; /* how many rows have it; NULL: one */
    const char *column;
    const char *value;
    const char *rule;
} fault_t;

static const mq_slot_t fault_slots[] = {MQ_TEXT(fault_t, lines),  MQ_TEXT(fault_t, rows_text),
                                        MQ_TEXT(fault_t, column), MQ_TEXT(fault_t, value),
                                        MQ_TEXT(fault_t, rule),   MQ_SLOTS_END};

const mq_slot_t mq_import_faults_slots[] = {
    MQ_LIST(mq_import_faults_t, faults, fault_slots, fault_t),
    MQ_FLAG(mq_import_faults_t, more_faults), MQ_SLOTS_END};

typedef struct rule_words_t {
    int rule;
    const char *text;
} rule_words_t;

static const rule_words_t rule_words[] = {
    {MQ_FAULT_MISSING, MQ_SAY("The name is missing.")},
    {MQ_FAULT_CHARACTERS, MQ_SAY("It contains characters that cannot be shown.")},
    {MQ_FAULT_TOO_LONG, MQ_SAY("It is too long.")},
    {MQ_FAULT_DATE, MQ_SAY("Not a valid date.")},
    {MQ_FAULT_CALENDAR, MQ_SAY("Not a valid date.")},
    {MQ_FAULT_FUTURE, MQ_SAY("The date is in the future.")},
    {MQ_FAULT_TOO_OLD, MQ_SAY("The date is more than 140 years ago.")},
    {MQ_IMPORT_RULE_MRN_TAKEN, MQ_SAY("Another patient has this record number.")},
    {MQ_IMPORT_RULE_MRN_TWICE, MQ_SAY("An earlier row of the file has this record number.")},
    {MQ_IMPORT_RULE_CELLS,
     MQ_SAY("The row has more cells than the first row: is a separator not quoted?")},
    {MQ_FAULT_PHONE, MQ_SAY("A phone number has 3 to 15 digits.")},
    {MQ_FAULT_EMAIL, MQ_SAY("Not a valid e-mail address.")},
    {MQ_FAULT_CHOICE, MQ_SAY("Sex must be female, male, other or unknown.")},
    {MQ_IMPORT_RULE_LETTER,
     MQ_SAY("M is mujer (female) in some files and masculino (male) in others: the "
            "file should have the whole word.")},
    {MQ_FAULT_FLAG, MQ_SAY("It must be yes or no.")},
    {MQ_IMPORT_RULE_STATUS, MQ_SAY("The status must be active, archived or deceased.")},
    {MQ_FAULT_DEATH, MQ_SAY("The date of death is before the date of birth.")},
    {MQ_IMPORT_RULE_REGISTERED,
     MQ_SAY("Somebody like this is registered already. The row is left out.")},
    {MQ_IMPORT_RULE_REPEATED,
     MQ_SAY("An earlier row is of somebody like this. The row is left out.")},
    {MQ_IMPORT_RULE_ALIKE,
     MQ_SAY("Somebody registered may be the same person. The row is left out.")},
    {MQ_IMPORT_RULE_ALIKE_ROW,
     MQ_SAY("An earlier row may be of the same person. The row is left out.")},
    {MQ_IMPORT_RULE_ORDER,
     MQ_SAY("Its day and month are the other way round than dates are read here.")},
};

static const char *rule_text(const mq_request_t *rq, int rule)
{
    if (rule == MQ_FAULT_MARKS) {
        return mq_sayf(rq, "It has more than %d accents on one letter.", MQ_TEXT_MARKS_MOST);
    }
    for (size_t i = 0; i < sizeof rule_words / sizeof *rule_words; i++) {
        if (rule_words[i].rule == rule) {
            return mq_say(rq, rule_words[i].text);
        }
    }
    return "";
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

static const char *column_say(const mq_request_t *rq, const mq_import_t *import,
                              mq_import_field_t field)
{
    const char *column = field ? column_name(import, field) : mq_say(rq, "The whole row");
    return *column ? column : mq_import_field_text(rq, field);
}

/* "2, 5, 9 …" */
static const char *lines_say(const mq_request_t *rq, const mq_import_fault_group_t *group)
{
    const char *text = "";
    for (int i = 0; i < group->line_count; i++) {
        text =
            apr_psprintf(rq->pool, "%s%s%" APR_INT64_T_FMT, text, i ? ", " : "", group->lines[i]);
    }
    return group->count > group->line_count ? apr_pstrcat(rq->pool, text, " …", NULL) : text;
}

static const char *values_say(const mq_request_t *rq, const mq_import_fault_group_t *group)
{
    const char *text = "";
    for (int i = 0; i < group->value_count; i++) {
        text = apr_pstrcat(rq->pool, text, i ? ", " : "", group->values[i], NULL);
    }
    return group->has_more_values ? apr_pstrcat(rq->pool, text, " …", NULL) : text;
}

apr_status_t mq_import_faults_draw(mq_import_faults_t *view_out, const mq_request_t *rq,
                                   const mq_scope_t *sc, const mq_import_t *import)
{
    apr_array_header_t *groups;
    apr_int64_t shown = 0;
    fault_t *faults;
    MQ_TRY(mq_import_fault_groups(&groups, sc, &import->id, FAULTS_SHOWN, rq->pool));
    faults = apr_palloc(rq->pool, sizeof *faults * (size_t)(groups->nelts + 1));
    for (int i = 0; i < groups->nelts; i++) {
        const mq_import_fault_group_t *group = &APR_ARRAY_IDX(groups, i, mq_import_fault_group_t);
        faults[i] = (fault_t){
            .lines = lines_say(rq, group),
            .rows_text =
                group->count > 1 ? mq_say_count(rq, "%d row", "%d rows", (int)group->count) : NULL,
            .column = column_say(rq, import, group->field),
            .value = values_say(rq, group),
            .rule = rule_text(rq, group->rule)};
        shown += group->count;
    }
    view_out->faults = (mq_list_t){faults, groups->nelts};
    view_out->more_faults = import->faults > shown;
    return APR_SUCCESS;
}

/* The list of faults under way to a file. */
typedef struct errors_t {
    mq_request_t *rq;
    const mq_scope_t *sc;
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
    rv = mq_import_faults(&found, errors->sc, &errors->import.id, errors->after, FAULTS_PER_PIECE,
                          errors->pool);
    mq_db_give_back(errors->sc);
    MQ_TRY(rv);
    *done_out = found->nelts < FAULTS_PER_PIECE;
    for (int i = 0; i < found->nelts; i++) {
        const mq_import_fault_t *fault = &APR_ARRAY_IDX(found, i, mq_import_fault_t);
        if (!*done_out &&
            fault->number == APR_ARRAY_IDX(found, found->nelts - 1, mq_import_fault_t).number) {
            break; /* the next piece has this row whole */
        }
        mq_csv_add(&writer, apr_psprintf(errors->pool, "%" APR_INT64_T_FMT, fault->line));
        mq_csv_add(&writer, column_say(rq, &errors->import, fault->field));
        mq_csv_add(&writer, fault->value);
        mq_csv_add(&writer, rule_text(rq, fault->rule));
        mq_csv_row_end(&writer);
        errors->after = fault->number;
    }
    return APR_SUCCESS;
}

apr_status_t mq_import_faults_stream(mq_request_t *rq, const mq_scope_t *sc,
                                     const mq_import_t *import)
{
    errors_t *errors = apr_pcalloc(rq->pool, sizeof *errors);
    MQ_TRY(apr_pool_create(&errors->pool, rq->pool));
    rq->script.digits = NULL; /* other programs read it */
    errors->rq = rq;
    errors->sc = sc;
    errors->import = *import;
    apr_table_setn(rq->headers, "Content-Disposition", "attachment; filename=\"errors.csv\"");
    rq->status = 200;
    rq->content_type = "text/csv; charset=utf-8";
    rq->stream = errors_piece;
    rq->stream_context = errors;
    return APR_SUCCESS;
}
