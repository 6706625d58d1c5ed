/* form.c -- checking and drawing forms by their tables. */
#include "web/form.h"

#include <apr_strings.h>
#include <string.h>

#include "base/text.h"
#include "web/dates.h"

enum { NOTE_ROWS = 6, DATE_TYPED_MOST = 30 /* "23 septembre 1975" and some blanks */ };

/* One input as fields.html draws it. */
typedef struct input_t {
    const char *name;
    const char *id;
    const char *label;
    const char *type;
    const char *hint;
    const char *value;
    const char *error;
    const char *autocomplete;
    const char *inputmode;
    int required;
    int autofocus;
    int is_text;
    int is_password;
    int is_textarea;
    int is_select;
    int is_checkbox;
    int is_hidden;
    int spellcheck_off;
    mq_list_t options;
    apr_int64_t maxlength;
    apr_int64_t minlength;
    apr_int64_t rows;
} input_t;

typedef struct option_t {
    const char *value;
    const char *label;
    int selected;
} option_t;

/* A part of a form that unfolds. */
typedef struct group_t {
    const char *title;
    mq_list_t fields;
    int is_open;
} group_t;

typedef struct fault_t {
    const char *field_id;
    const char *message;
} fault_t;

struct mq_form_t {
    mq_request_t *rq;
    const mq_field_t *fields;
    int count;
    const char **typed;
    const char **faults;
    int fault_count;
    mq_date_style_t dates; /* how the dates in it are written */
};

static const mq_slot_t option_slots[] = {MQ_TEXT(option_t, value), MQ_TEXT(option_t, label),
                                         MQ_FLAG(option_t, selected), MQ_SLOTS_END};

static const mq_slot_t input_slots[] = {MQ_TEXT(input_t, name),
                                        MQ_TEXT(input_t, id),
                                        MQ_TEXT(input_t, label),
                                        MQ_TEXT(input_t, type),
                                        MQ_TEXT(input_t, hint),
                                        MQ_TEXT(input_t, value),
                                        MQ_TEXT(input_t, error),
                                        MQ_TEXT(input_t, autocomplete),
                                        MQ_TEXT(input_t, inputmode),
                                        MQ_FLAG(input_t, required),
                                        MQ_FLAG(input_t, autofocus),
                                        MQ_FLAG(input_t, is_text),
                                        MQ_FLAG(input_t, is_password),
                                        MQ_FLAG(input_t, is_textarea),
                                        MQ_FLAG(input_t, is_select),
                                        MQ_FLAG(input_t, is_checkbox),
                                        MQ_FLAG(input_t, is_hidden),
                                        MQ_FLAG(input_t, spellcheck_off),
                                        MQ_LIST(input_t, options, option_slots, option_t),
                                        MQ_INT(input_t, maxlength),
                                        MQ_INT(input_t, minlength),
                                        MQ_INT(input_t, rows),
                                        MQ_SLOTS_END};

static const mq_slot_t group_slots[] = {MQ_TEXT(group_t, title),
                                        MQ_LIST(group_t, fields, input_slots, input_t),
                                        MQ_FLAG(group_t, is_open), MQ_SLOTS_END};

static const mq_slot_t fault_slots[] = {MQ_TEXT(fault_t, field_id), MQ_TEXT(fault_t, message),
                                        MQ_SLOTS_END};

const mq_slot_t mq_form_slots[] = {MQ_LIST(mq_form_view_t, fields, input_slots, input_t),
                                   MQ_LIST(mq_form_view_t, groups, group_slots, group_t),
                                   MQ_LIST(mq_form_view_t, errors, fault_slots, fault_t),
                                   MQ_TEXT(mq_form_view_t, form_error),
                                   MQ_FLAG(mq_form_view_t, has_errors),
                                   MQ_SLOTS_END};

mq_form_t *mq_form_make(mq_request_t *rq, const mq_field_t *fields)
{
    mq_form_t *form = apr_pcalloc(rq->pool, sizeof *form);
    form->rq = rq;
    form->dates = rq->dates;
    form->fields = fields;
    while (fields[form->count].name) {
        form->count++;
    }
    form->typed = apr_pcalloc(rq->pool, sizeof *form->typed * (size_t)form->count);
    form->faults = apr_pcalloc(rq->pool, sizeof *form->faults * (size_t)form->count);
    return form;
}

int mq_field_is_date(const mq_field_t *field)
{
    return field->kind == MQ_FIELD_BIRTH_DATE || field->kind == MQ_FIELD_PAST_DATE ||
           field->kind == MQ_FIELD_DAY;
}

const char *mq_form_date(const mq_form_t *form, const char *typed)
{
    mq_day_t day;
    const char *iso;
    if (mq_date_parse(&day, typed) == APR_SUCCESS) {
        return typed;
    }
    (void)mq_date_parse_typed(&iso, typed, &form->dates, form->rq->pool);
    return iso ? iso : typed;
}

static int field_index(const mq_form_t *form, const char *name)
{
    int i = 0;
    while (i < form->count && strcmp(form->fields[i].name, name) != 0) {
        i++;
    }
    return i;
}

void mq_form_set(mq_form_t *form, const char *name, const char *value)
{
    int i = field_index(form, name);
    if (i < form->count) {
        form->typed[i] = mq_field_is_date(&form->fields[i]) && value
                             ? mq_date_format(value, &form->dates, form->rq->pool)
                             : value;
    }
}

void mq_form_fault(mq_form_t *form, const char *name, const char *message)
{
    int i = field_index(form, name);
    if (i < form->count && !form->faults[i]) {
        form->faults[i] = message;
        form->fault_count++;
    }
}

int mq_form_faults(const mq_form_t *form)
{
    return form->fault_count + (form->rq->review ? 1 : 0);
}

static const char *birth_date_fault(const mq_request_t *rq, const char *text)
{
    mq_day_t today;
    mq_date_today(&today, rq->now + apr_time_from_sec(14 * 3600), NULL); /* the earliest zone */
    switch (mq_birth_date_check(text, &today)) {
    case MQ_BIRTH_DATE_OK:
        return NULL;
    case MQ_BIRTH_DATE_IN_FUTURE:
        return mq_say(rq, "The date of birth is in the future.");
    case MQ_BIRTH_DATE_TOO_OLD:
        return mq_say(rq, "The date of birth is more than 140 years ago.");
    case MQ_BIRTH_DATE_NOT_IN_CALENDAR:
        return mq_say(rq, "There is no such day in the calendar.");
    case MQ_BIRTH_DATE_MALFORMED:
    default:
        return mq_sayf(rq,
                       "Write the date of birth as in %s. The day, or the month and the day, may "
                       "be left out.",
                       mq_date_example(rq));
    }
}

static const char *phone_fault(const mq_form_t *form, const mq_field_t *field, const char *text)
{
    size_t digits = strlen(mq_text_digits(text, form->rq->pool));
    return digits >= MQ_LIMIT_PHONE_DIGITS_LEAST && digits <= MQ_LIMIT_PHONE_DIGITS
               ? NULL
               : mq_sayf(form->rq, "%s must have %d to %d digits.", mq_say(form->rq, field->label),
                         MQ_LIMIT_PHONE_DIGITS_LEAST, MQ_LIMIT_PHONE_DIGITS);
}

static const char *age_fault(const mq_request_t *rq, const char *text)
{
    apr_int64_t age = strspn(text, "0123456789") == strlen(text) ? apr_atoi64(text) : -1;
    return age >= 0 && age <= MQ_LIMIT_AGE
               ? NULL
               : mq_sayf(rq, "Write the age in whole years, 0 to %d.", MQ_LIMIT_AGE);
}

static const char *past_date_fault(const mq_form_t *form, const mq_field_t *field, const char *text)
{
    const char *label = mq_say(form->rq, field->label);
    mq_day_t today;
    mq_date_today(&today, form->rq->now + apr_time_from_sec(14 * 3600), NULL);
    switch (mq_birth_date_check(text, &today)) {
    case MQ_BIRTH_DATE_OK:
        return NULL;
    case MQ_BIRTH_DATE_IN_FUTURE:
        return mq_sayf(form->rq, "%s is in the future.", label);
    default:
        return mq_sayf(form->rq, "%s is no date. Write it as in %s.", label,
                       mq_date_example(form->rq));
    }
}

static const char *day_fault(const mq_form_t *form, const mq_field_t *field, const char *text)
{
    mq_day_t day;
    if (mq_date_parse(&day, text) == APR_SUCCESS && day.day) {
        return NULL;
    }
    return mq_sayf(form->rq, "%s is no date. Write it as in %s.", mq_say(form->rq, field->label),
                   mq_date_example(form->rq));
}

static const char *choice_fault(const mq_form_t *form, const mq_field_t *field, const char *text)
{
    for (const mq_choice_t *choice = field->choices; choice->value; choice++) {
        if (strcmp(choice->value, text) == 0) {
            return NULL;
        }
    }
    return mq_sayf(form->rq, "%s: choose one of the list.", mq_say(form->rq, field->label));
}

static const char *too_long(const mq_form_t *form, const mq_field_t *field)
{
    const char *label = mq_say(form->rq, field->label);
    return field->kind == MQ_FIELD_BLOCK
               ? mq_sayf(form->rq, "%s may have at most %d KB of text.", label, field->limit / 1024)
               : mq_sayf(form->rq, "%s may have at most %d characters.", label,
                         mq_field_is_date(field) ? DATE_TYPED_MOST : field->limit);
}

/* How many bytes are looked at. Cleaning leaves out blanks and puts letters and marks together, so
 * that more may be typed than is kept; but not without end. */
static apr_size_t bytes_most(const mq_field_t *field)
{
    enum { OF_CHARACTER = 12, OF_BYTE = 4 };
    int limit = mq_field_is_date(field) ? DATE_TYPED_MOST : field->limit;
    return (apr_size_t)limit * (field->kind == MQ_FIELD_BLOCK ? OF_BYTE : OF_CHARACTER);
}

/* The text as it will be stored, or NULL with the fault. */
static const char *clean(const mq_form_t *form, const mq_field_t *field, const char *typed,
                         const char **fault_out)
{
    apr_pool_t *pool = form->rq->pool;
    const char *text = typed;
    apr_status_t rv = APR_SUCCESS;
    if (strlen(typed) > bytes_most(field)) {
        *fault_out = too_long(form, field);
        return NULL;
    }
    if (!mq_text_is_stream_safe(typed)) {
        *fault_out = mq_sayf(form->rq, "%s has more than %d accents on one letter.",
                             mq_say(form->rq, field->label), MQ_TEXT_MARKS_MOST);
        return NULL;
    }
    switch (field->kind) {
    case MQ_FIELD_PASSWORD:
    case MQ_FIELD_NEW_PASSWORD:
        text = mq_text_nfc(typed, pool);
        break;
    case MQ_FIELD_BLOCK:
        rv = mq_text_clean_block(&text, typed, pool);
        break;
    default:
        rv = mq_text_clean_line(&text, typed, pool);
    }
    if (rv != APR_SUCCESS) {
        *fault_out = mq_sayf(form->rq, "%s contains characters that cannot be shown.",
                             mq_say(form->rq, field->label));
        return NULL;
    }
    return text;
}

static const char *judge(const mq_form_t *form, const mq_field_t *field, const char *text)
{
    mq_request_t *rq = form->rq;
    const char *label = mq_say(rq, field->label);
    if (!*text) {
        return field->required == 1 ? mq_say(rq, field->missing) : NULL;
    }
    if (field->kind == MQ_FIELD_BLOCK) {
        return strlen(text) > (size_t)field->limit ? too_long(form, field) : NULL;
    }
    if (!mq_field_is_date(field) && mq_text_count(text) > (size_t)field->limit) {
        return too_long(form, field);
    }
    switch (field->kind) {
    case MQ_FIELD_EMAIL:
        return mq_text_is_email(text)
                   ? NULL
                   : mq_say(rq, "Write the e-mail address as in name@example.org.");
    case MQ_FIELD_NEW_PASSWORD:
        return mq_text_count(text) >= MQ_LIMIT_PASSWORD_LEAST
                   ? NULL
                   : mq_sayf(rq, "%s must have at least %d characters.", label,
                             MQ_LIMIT_PASSWORD_LEAST);
    case MQ_FIELD_BIRTH_DATE:
        return birth_date_fault(rq, text);
    case MQ_FIELD_PAST_DATE:
        return past_date_fault(form, field, text);
    case MQ_FIELD_DAY:
        return day_fault(form, field, text);
    case MQ_FIELD_PHONE:
        return phone_fault(form, field, text);
    case MQ_FIELD_AGE:
        return age_fault(rq, text);
    case MQ_FIELD_SELECT:
        return choice_fault(form, field, text);
    case MQ_FIELD_CHECKBOX:
        return strcmp(text, "1") == 0 ? NULL : mq_sayf(rq, "%s: tick it or not.", label);
    default:
        return NULL;
    }
}

/* The dates are read as the form said that they are written. */
static void dates_read(mq_form_t *form)
{
    const char *format = mq_form_get(form->rq->form, MQ_FORM_DATES, NULL);
    if (format && *format >= '0' && *format < '0' + MQ_DATE_FORMATS && !format[1]) {
        form->dates.format = (mq_date_format_t)(*format - '0');
    }
}

apr_status_t mq_form_read(mq_form_t *form, void *into)
{
    dates_read(form);
    for (int i = 0; i < form->count; i++) {
        const mq_field_t *field = &form->fields[i];
        int twice = 0;
        const char *fault = NULL;
        const char *typed = mq_form_get(form->rq->form, field->name, &twice);
        const char *text;
        if (twice) {
            return MQ_EINVALID;
        }
        form->typed[i] = typed ? typed : "";
        text = clean(form, field, form->typed[i], &fault);
        if (text && *text && mq_field_is_date(field)) {
            text = mq_form_date(form, text);
        }
        if (text) {
            fault = judge(form, field, text);
        }
        if (fault) {
            mq_form_fault(form, field->name, fault);
        }
        *(const char **)((char *)into + field->offset) = text && *text ? text : NULL;
    }
    return APR_SUCCESS;
}

static mq_list_t options_draw(const mq_form_t *form, const mq_field_t *field, const char *value)
{
    option_t *options;
    int count = 0;
    while (field->choices && field->choices[count].value) {
        count++;
    }
    options = apr_palloc(form->rq->pool, sizeof *options * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        const mq_choice_t *choice = &field->choices[i];
        options[i] = (option_t){choice->value, mq_say(form->rq, choice->label),
                                strcmp(choice->value, value ? value : "") == 0};
    }
    return (mq_list_t){options, count};
}

/* How each kind is drawn; what is none of select, checkbox, textarea and hidden is an input. */
static const struct {
    const char *type;
    const char *inputmode;
} looks[] = {[MQ_FIELD_LINE] = {"text", NULL},         [MQ_FIELD_EMAIL] = {"email", NULL},
             [MQ_FIELD_PASSWORD] = {"password", NULL}, [MQ_FIELD_NEW_PASSWORD] = {"password", NULL},
             [MQ_FIELD_BIRTH_DATE] = {"text", NULL},   [MQ_FIELD_BLOCK] = {"textarea", NULL},
             [MQ_FIELD_HIDDEN] = {"hidden", NULL},     [MQ_FIELD_SELECT] = {"select", NULL},
             [MQ_FIELD_CHECKBOX] = {"checkbox", NULL}, [MQ_FIELD_PHONE] = {"tel", NULL},
             [MQ_FIELD_PAST_DATE] = {"text", NULL},    [MQ_FIELD_AGE] = {"text", "numeric"},
             [MQ_FIELD_DAY] = {"text", NULL}};

static int has_length(mq_field_kind_t kind)
{
    return kind != MQ_FIELD_HIDDEN && kind != MQ_FIELD_SELECT && kind != MQ_FIELD_CHECKBOX;
}

static const char *hint_say(const mq_form_t *form, const mq_field_t *field)
{
    if (!field->hint) {
        return NULL;
    }
    return mq_field_is_date(field) && strstr(field->hint, "%s")
               ? mq_sayf(form->rq, field->hint, mq_date_example(form->rq))
               : mq_say(form->rq, field->hint);
}

static input_t input_draw(const mq_form_t *form, int i)
{
    const mq_field_t *field = &form->fields[i];
    mq_field_kind_t kind = field->kind;
    int secret = kind == MQ_FIELD_PASSWORD || kind == MQ_FIELD_NEW_PASSWORD;
    return (input_t){.name = field->name,
                     .id = field->name,
                     .label = field->label ? mq_say(form->rq, field->label) : NULL,
                     .type = looks[kind].type,
                     .inputmode = looks[kind].inputmode,
                     .hint = hint_say(form, field),
                     .value = secret ? NULL : form->typed[i],
                     .error = form->faults[i],
                     .autocomplete = field->autocomplete,
                     .required = field->required,
                     .is_hidden = kind == MQ_FIELD_HIDDEN,
                     .is_password = secret,
                     .is_textarea = kind == MQ_FIELD_BLOCK,
                     .is_select = kind == MQ_FIELD_SELECT,
                     .is_checkbox = kind == MQ_FIELD_CHECKBOX,
                     .is_text = kind != MQ_FIELD_BLOCK && has_length(kind),
                     .spellcheck_off = kind != MQ_FIELD_BLOCK && has_length(kind),
                     .options = options_draw(form, field, form->typed[i]),
                     .maxlength = mq_field_is_date(field) ? DATE_TYPED_MOST
                                  : has_length(kind)      ? field->limit
                                                          : 0,
                     .minlength = kind == MQ_FIELD_NEW_PASSWORD ? MQ_LIMIT_PASSWORD_LEAST : 0,
                     .rows = NOTE_ROWS};
}

/* Whether a part is shown unfolded: something in it is wrong or was typed. */
static int is_filled(const mq_form_t *form, int i)
{
    return form->faults[i] || (form->typed[i] && *form->typed[i]);
}

static mq_list_t groups_draw(const mq_form_t *form, const input_t *inputs, int first)
{
    group_t *groups = apr_palloc(form->rq->pool, sizeof *groups * (size_t)(form->count + 1));
    const char *open = NULL; /* the group that the fields are being added to */
    int count = 0;
    for (int i = first; i < form->count && form->fields[i].group; i++) {
        if (!open || strcmp(form->fields[i].group, open) != 0) {
            open = form->fields[i].group;
            groups[count++] = (group_t){.title = mq_say(form->rq, open), .fields = {inputs + i, 0}};
        }
        groups[count - 1].fields.count++;
        groups[count - 1].is_open |= is_filled(form, i);
    }
    return (mq_list_t){groups, count};
}

mq_form_view_t mq_form_view(const mq_form_t *form, const char *form_error)
{
    apr_pool_t *pool = form->rq->pool;
    input_t *inputs = (input_t *)apr_palloc(pool, sizeof *inputs * (size_t)(form->count + 2)) + 2;
    input_t *first = inputs; /* before them stand up to two hidden ones */
    int dates = 0;
    fault_t *faults = apr_palloc(pool, sizeof *faults * (size_t)(form->count + 1));
    int fault_count = 0;
    int plain = 0; /* the fields without a group stand first */
    for (int i = 0; i < form->count; i++) {
        inputs[i] = input_draw(form, i);
        if (form->faults[i]) {
            faults[fault_count++] = (fault_t){inputs[i].id, form->faults[i]};
        }
        plain += !form->fields[i].group;
        dates |= mq_field_is_date(&form->fields[i]);
    }
    if (dates) {
        *--first = (input_t){.name = MQ_FORM_DATES,
                             .value = apr_itoa(pool, (int)form->dates.format),
                             .is_hidden = 1};
    }
    if (form->rq->review) {
        *--first = (input_t){.name = MQ_FORM_PARKED, .value = form->rq->review, .is_hidden = 1};
    }
    return (mq_form_view_t){.fields = {first, plain + (int)(inputs - first)},
                            .groups = groups_draw(form, inputs, plain),
                            .errors = {faults, fault_count},
                            .form_error = form_error,
                            .has_errors = fault_count > 0 || form_error};
}
