/* chart_kinds.c -- the table of kinds, and what is judged by it. */
#include "domain/patients/chart_kinds.h"

#include <string.h>

#include "base/buffer.h"
#include "base/catalogue.h"
#include "base/escape.h"
#include "base/urlform.h"

/* AllergyIntolerance.reaction.severity; the later the worse, as lists are ordered by it */
static const mq_choice_t severities[] = {{"", MQ_SAY("Not known")},
                                         {"mild", MQ_SAY("Mild")},
                                         {"moderate", MQ_SAY("Moderate")},
                                         {"severe", MQ_SAY("Severe")},
                                         {NULL, NULL}};

/* clinicalStatus of AllergyIntolerance and of Condition */
static const mq_choice_t statuses[] = {{"active", MQ_SAY("Active")},
                                       {"inactive", MQ_SAY("Inactive")},
                                       {"resolved", MQ_SAY("Resolved")},
                                       {NULL, NULL}};

static const mq_chart_field_t allergy_fields[] = {
    [MQ_ALLERGY_SUBSTANCE] = {"substance",
                              MQ_SAY("Substance"),
                              NULL,
                              MQ_SAY("A medicine, a food, or anything else."),
                              {MQ_FIELD_LINE, MQ_LIMIT_NAME, NULL}},
    [MQ_ALLERGY_REACTION] =
        {"reaction", MQ_SAY("Reaction"), NULL, NULL, {MQ_FIELD_LINE, MQ_LIMIT_NAME, NULL}},
    [MQ_ALLERGY_SEVERITY] =
        {"severity", MQ_SAY("Severity"), NULL, NULL, {MQ_FIELD_SELECT, MQ_LIMIT_SHORT, severities}},
    [MQ_ALLERGY_STATUS] =
        {"status", MQ_SAY("Status"), NULL, NULL, {MQ_FIELD_SELECT, MQ_LIMIT_SHORT, statuses}},
    {.name = NULL}};

enum { STARTED = 4, STOPPED = 5, STOP_REASON = 6, PROBLEM_STATUS = 2 };

static const mq_chart_field_t medicine_fields[] = {
    {"name", MQ_SAY("Medicine"), NULL, NULL, {MQ_FIELD_LINE, MQ_LIMIT_NAME, NULL}},
    {"dose",
     MQ_SAY("Dose"),
     NULL,
     MQ_SAY("For example 500 mg."),
     {MQ_FIELD_LINE, MQ_LIMIT_SHORT, NULL}},
    {"route",
     MQ_SAY("Route"),
     NULL,
     MQ_SAY("For example by mouth."),
     {MQ_FIELD_LINE, MQ_LIMIT_SHORT, NULL}},
    {"frequency",
     MQ_SAY("Frequency"),
     NULL,
     MQ_SAY("For example twice a day."),
     {MQ_FIELD_LINE, MQ_LIMIT_SHORT, NULL}},
    [STARTED] =
        {"started", MQ_SAY("From"), MQ_SAY("from %s"), NULL, {MQ_FIELD_DATE, MQ_LIMIT_DATE, NULL}},
    [STOPPED] = {"stopped",
                 MQ_SAY("Until"),
                 MQ_SAY("until %s"),
                 NULL,
                 {MQ_FIELD_DATE, MQ_LIMIT_DATE, NULL}},
    [STOP_REASON] = {"stop_reason",
                     MQ_SAY("Why stopped"),
                     MQ_SAY("stopped: %s"),
                     NULL,
                     {MQ_FIELD_LINE, MQ_LIMIT_NAME, NULL}},
    {.name = NULL}};

static const mq_chart_field_t problem_fields[] = {
    {"description", MQ_SAY("Problem"), NULL, NULL, {MQ_FIELD_LINE, MQ_LIMIT_NAME, NULL}},
    {"onset", MQ_SAY("Since"), MQ_SAY("since %s"), NULL, {MQ_FIELD_PAST_DATE, MQ_LIMIT_DATE, NULL}},
    [PROBLEM_STATUS] =
        {"status", MQ_SAY("Status"), NULL, NULL, {MQ_FIELD_SELECT, MQ_LIMIT_SHORT, statuses}},
    {.name = NULL}};

static int allergy_is_past(const char *const *values, const mq_day_t *today)
{
    (void)today;
    return values[MQ_ALLERGY_STATUS] && strcmp(values[MQ_ALLERGY_STATUS], "active") != 0;
}

static int problem_is_past(const char *const *values, const mq_day_t *today)
{
    (void)today;
    return values[PROBLEM_STATUS] && strcmp(values[PROBLEM_STATUS], "active") != 0;
}

/* The part of two dates that both know; the rest says nothing. */
static int dates_compare(const mq_day_t *a, const mq_day_t *b)
{
    if (a->year != b->year) {
        return a->year - b->year;
    }
    if (a->month != b->month && a->month && b->month) {
        return a->month - b->month;
    }
    return a->month && b->month && a->day && b->day ? a->day - b->day : 0;
}

/* Until Friday means that it is taken on Friday still; who has stopped for a reason, or only knows
 * the month, has stopped. */
static int medicine_is_past(const char *const *values, const mq_day_t *today)
{
    mq_day_t until;
    int order;
    if (!values[STOPPED] || mq_date_parse(&until, values[STOPPED]) != APR_SUCCESS) {
        return 0;
    }
    order = dates_compare(&until, today);
    return order < 0 || (order == 0 && (values[STOP_REASON] || !until.day));
}

static void medicine_judge(mq_field_fault_t *faults, const char *const *values)
{
    mq_day_t from;
    mq_day_t until;
    if (values[STOP_REASON] && !values[STOPPED]) {
        faults[STOPPED] = MQ_FAULT_MISSING;
    } else if (values[STARTED] && values[STOPPED] && !faults[STOPPED] &&
               mq_date_parse(&from, values[STARTED]) == APR_SUCCESS &&
               mq_date_parse(&until, values[STOPPED]) == APR_SUCCESS &&
               dates_compare(&until, &from) < 0) {
        faults[STOPPED] = MQ_FAULT_ENDS_FIRST;
    }
}

const mq_chart_kind_t mq_chart_kinds[MQ_CHART_KINDS] = {
    {.number = MQ_CHART_ALLERGIES,
     .name = "allergies",
     .resource = "AllergyIntolerance",
     .title = MQ_SAY("Allergies and intolerances"),
     .add = MQ_SAY("Add an allergy or intolerance"),
     .missing = MQ_SAY("Say what causes it."),
     .none = MQ_SAY("No known allergies"),
     .not_asked = MQ_SAY("Not asked yet"),
     .no_current = MQ_SAY("None at present"),
     .reading = MQ_ACTION_PATIENT_VIEW,
     .adding = MQ_ACTION_ALLERGY_ADD,
     .changing = MQ_ACTION_ALLERGY_CHANGE,
     .error = MQ_ACTION_ALLERGY_ERROR,
     .fields = allergy_fields,
     .status = MQ_ALLERGY_STATUS,
     .is_past = allergy_is_past},
    {.number = MQ_CHART_MEDICINES,
     .name = "medicines",
     .resource = "MedicationStatement",
     .title = MQ_SAY("Medicines"),
     .add = MQ_SAY("Add a medicine"),
     .missing = MQ_SAY("Say which medicine."),
     .none = MQ_SAY("Takes no medicines"),
     .not_asked = MQ_SAY("Not asked yet"),
     .no_current = MQ_SAY("None at present"),
     .reading = MQ_ACTION_CHART_READ,
     .adding = MQ_ACTION_MEDICINE_ADD,
     .changing = MQ_ACTION_MEDICINE_CHANGE,
     .error = MQ_ACTION_MEDICINE_ERROR,
     .fields = medicine_fields,
     .status = -1,
     .is_past = medicine_is_past,
     .judge = medicine_judge},
    {.number = MQ_CHART_PROBLEMS,
     .name = "problems",
     .resource = "Condition",
     .title = MQ_SAY("Problems"),
     .add = MQ_SAY("Add a problem"),
     .missing = MQ_SAY("Say what the problem is."),
     .not_asked = MQ_SAY("None recorded"),
     .no_current = MQ_SAY("None at present"),
     .reading = MQ_ACTION_CHART_READ,
     .adding = MQ_ACTION_PROBLEM_ADD,
     .changing = MQ_ACTION_PROBLEM_CHANGE,
     .error = MQ_ACTION_PROBLEM_ERROR,
     .fields = problem_fields,
     .status = PROBLEM_STATUS,
     .is_past = problem_is_past}};

const mq_chart_kind_t *mq_chart_kind(apr_int64_t number)
{
    return number >= MQ_CHART_ALLERGIES && number < MQ_CHART_KINDS_END ? &mq_chart_kinds[number - 1]
                                                                       : NULL;
}

static int is_required(const mq_chart_kind_t *kind, int field)
{
    return field == 0 || field == kind->status;
}

apr_status_t mq_chart_check(mq_chart_faults_t *faults_out, const mq_chart_kind_t *kind,
                            const char *const *values, const mq_day_t *today, apr_pool_t *pool)
{
    int wrong = 0;
    *faults_out = (mq_chart_faults_t){{MQ_FAULT_NONE}};
    for (int i = 0; kind->fields[i].name; i++) {
        const char *value = values[i] && *values[i] ? values[i] : NULL;
        faults_out->of[i] = value || !is_required(kind, i)
                                ? mq_field_check(&kind->fields[i].rule, value, today, pool)
                                : MQ_FAULT_MISSING;
    }
    if (kind->judge) {
        kind->judge(faults_out->of, values);
    }
    for (int i = 0; kind->fields[i].name; i++) {
        wrong |= faults_out->of[i] != MQ_FAULT_NONE;
    }
    return wrong ? MQ_EINVALID : APR_SUCCESS;
}

const char *mq_chart_encode(const mq_chart_kind_t *kind, const char *const *values,
                            apr_pool_t *pool)
{
    mq_buffer_t *out = mq_buffer_make(pool, 128);
    for (int i = 0; kind->fields[i].name; i++) {
        if (values[i] && *values[i]) {
            mq_buffer_text(out, out->length ? "&" : "");
            mq_buffer_text(out, kind->fields[i].name);
            mq_buffer_text(out, "=");
            mq_escape_url_segment(out, values[i]);
        }
    }
    return mq_buffer_string(out);
}

apr_status_t mq_chart_decode(const char **values_out, const mq_chart_kind_t *kind, const char *text,
                             apr_pool_t *pool)
{
    const apr_array_header_t *fields;
    MQ_TRY(mq_form_parse(&fields, NULL, text, strlen(text), MQ_CHART_FIELDS_MOST, pool));
    memset(values_out, 0, sizeof *values_out * MQ_CHART_FIELDS_MOST);
    for (int i = 0; kind->fields[i].name; i++) {
        values_out[i] = mq_form_get(fields, kind->fields[i].name, NULL);
    }
    return APR_SUCCESS;
}
