/* form.c -- checking and drawing forms by their tables.
 *
 * Whoever types all day loses trust in a form that loses what was typed. So a form is one thing
 * from its first showing to its last: what was typed, what is wrong with it and how it is drawn
 * stand together, and a page that must ask again shows the same struct, each text in its place and
 * each fault beside its field and once more, as a link, at the top. Passwords alone come back
 * empty.
 *
 * Rules beside the markup and in the check were tried first, and again in the import and the
 * command: four copies of each limit, kept alike by hand. Now a row says a field once; maxlength,
 * the check and the sentence are made from it, and what is right is judged by domain/field_kinds.c,
 * which imports and commands ask as well. This file only knows people: their sentences, their
 * language, their way of writing dates.
 *
 * Dates are the hard part. 03/04/1975 is two days, and a wrong day of birth is another patient. A
 * form carries how its dates were written when it was shown, since an administrator may change the
 * setting while somebody types; and where the organisation has not said which number comes first,
 * a date that can be read two ways is asked back with both days in words. Nothing is guessed.
 *
 * What must stay true: a fault of the person is never a failure of the program, and the first one
 * of a field stays; a parameter sent twice is no person's doing, and answered 400; a page
 * asks mq_form_faults before it hands the values on, and the domain judges them once more; and a
 * form that was parked (its session had ended) counts as faulty until its person has confirmed it,
 * because nobody should save what they do not see. */
#include "web/form.h"

#include <apr_strings.h>
#include <string.h>

#include "base/text.h"
#include "web/dates.h"

enum { NOTE_ROWS = 6 };

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
    const char *focus;     /* the field that typing begins in, or NULL */
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

/* An organisation that writes dates as 1975-04-23, as each does at first, or with the month in
 * letters has not said which number comes first: the file of a clinic in Leeds and the clerk in
 * Boston mean different days. Dots are day first everywhere. */
static int order_is_known(const mq_form_t *form, const char *typed)
{
    return (form->dates.format != MQ_DATE_ISO && form->dates.format != MQ_DATE_WORDS) ||
           strchr(typed, '.');
}

static const char *date_in_order(const mq_form_t *form, const char *typed, mq_date_format_t format)
{
    const mq_date_style_t style = {format, form->dates.months};
    const char *iso;
    (void)mq_date_parse_typed(&iso, typed, &style, form->rq->pool);
    return iso ? iso : typed;
}

static const char *form_date(const mq_form_t *form, const char *typed)
{
    mq_day_t day;
    if (mq_date_parse(&day, typed) == APR_SUCCESS) {
        return typed;
    }
    return date_in_order(form, typed,
                         !order_is_known(form, typed) &&
                                 mq_date_order(typed) == MQ_DATE_ORDER_MONTH_FIRST
                             ? MQ_DATE_MDY_SLASHES
                             : form->dates.format);
}

/* Both days, with the months in letters. */
static const char *order_say(const mq_form_t *form, const char *typed)
{
    const mq_request_t *rq = form->rq;
    typed = mq_text_plain_digits(typed, rq->pool);
    return mq_sayf(rq, "Is this %s or %s? Write the month in letters, as here.",
                   mq_date_say_words(rq, date_in_order(form, typed, MQ_DATE_DMY_SLASHES)),
                   mq_date_say_words(rq, date_in_order(form, typed, MQ_DATE_MDY_SLASHES)));
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
        form->typed[i] = mq_field_is_date(form->fields[i].kind) && value
                             ? mq_date_format(value, &form->dates, form->rq->pool)
                             : value;
    }
}

void mq_form_focus(mq_form_t *form, const char *name)
{
    form->focus = name;
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
    return form->fault_count + (form->rq->returned || form->rq->repeated ? 1 : 0);
}

static const char *birth_date_say(const mq_request_t *rq, mq_field_fault_t fault)
{
    switch (fault) {
    case MQ_FAULT_FUTURE:
        return mq_say(rq, "The date of birth is in the future.");
    case MQ_FAULT_TOO_OLD:
        return mq_say(rq, "The date of birth is more than 140 years ago.");
    case MQ_FAULT_CALENDAR:
        return mq_say(rq, "This date does not exist. Check day and month.");
    default:
        return mq_sayf(
            rq, "Enter the date of birth like this: %s. If you only know the year, enter that.",
            mq_date_example(rq));
    }
}

static const char *too_long_say(const mq_request_t *rq, const char *label,
                                const mq_field_rule_t *rule)
{
    int most = mq_field_most(rule);
    return rule->kind == MQ_FIELD_BLOCK
               ? mq_sayf(rq, "%s may have at most %d KB of text.", label, most / 1024)
               : mq_sayf(rq, "%s may have at most %d characters.", label, most);
}

static mq_field_rule_t rule_of(const mq_field_t *field)
{
    return (mq_field_rule_t){field->kind, field->limit, field->choices};
}

static const char *date_say(const mq_request_t *rq, const mq_field_t *field, mq_field_fault_t fault)
{
    const char *label = mq_say(rq, field->label);
    return field->kind == MQ_FIELD_BIRTH_DATE ? birth_date_say(rq, fault)
           : fault == MQ_FAULT_FUTURE         ? mq_sayf(rq, "%s is in the future.", label)
                                      : mq_sayf(rq, "%s is not a date. Enter it like this: %s.",
                                                label, mq_date_example(rq));
}

/* What people are told. */
static const char *fault_say(const mq_request_t *rq, const mq_field_t *field,
                             mq_field_fault_t fault)
{
    const mq_field_rule_t rule = rule_of(field);
    const char *label = mq_say(rq, field->label);
    switch (fault) {
    case MQ_FAULT_MISSING:
        return mq_say(rq, field->missing);
    case MQ_FAULT_CHARACTERS:
        return mq_sayf(rq, "%s contains characters that cannot be shown.", label);
    case MQ_FAULT_MARKS:
        return mq_sayf(rq, "%s has more than %d accents on one letter.", label, MQ_TEXT_MARKS_MOST);
    case MQ_FAULT_TOO_LONG:
        return too_long_say(rq, label, &rule);
    case MQ_FAULT_SHORT:
        return mq_sayf(rq, "%s must have at least %d characters.", label, MQ_LIMIT_PASSWORD_LEAST);
    case MQ_FAULT_PHONE:
        return mq_sayf(rq, "%s must have %d to %d digits.", label, MQ_LIMIT_PHONE_DIGITS_LEAST,
                       MQ_LIMIT_PHONE_DIGITS);
    case MQ_FAULT_EMAIL:
        return mq_say(rq, "Enter the e-mail address like this: name@example.org.");
    case MQ_FAULT_CHOICE:
        return mq_sayf(rq, "%s: choose one of the list.", label);
    case MQ_FAULT_FLAG:
        return mq_sayf(rq, "%s: tick it or not.", label);
    case MQ_FAULT_AGE:
        return mq_sayf(rq, "Enter the age in whole years, 0 to %d.", MQ_LIMIT_AGE);
    case MQ_FAULT_DEATH:
        return mq_say(rq, "The date of death is before the date of birth.");
    case MQ_FAULT_ENDS_FIRST:
        return mq_say(rq, "The end is before the beginning.");
    case MQ_FAULT_DATE:
    case MQ_FAULT_CALENDAR:
    case MQ_FAULT_FUTURE:
    case MQ_FAULT_TOO_OLD:
        return date_say(rq, field, fault);
    case MQ_FAULT_ORDER: /* order_say */
    case MQ_FAULT_NONE:
    default:
        return NULL;
    }
}

void mq_form_fault_add(mq_form_t *form, const char *name, mq_field_fault_t fault)
{
    int i = field_index(form, name);
    if (i < form->count && fault) {
        mq_form_fault(form, name,
                      fault == MQ_FAULT_ORDER ? order_say(form, form->typed[i])
                                              : fault_say(form->rq, &form->fields[i], fault));
    }
}

/* @param text_out as it is stored; NULL when it cannot be */
static mq_field_fault_t field_read(const char **text_out, const mq_form_t *form,
                                   const mq_field_t *field, const char *typed,
                                   const mq_day_t *today)
{
    const mq_field_rule_t rule = rule_of(field);
    mq_field_fault_t fault = mq_field_clean(text_out, &rule, typed, form->rq->pool);
    if (fault) {
        return fault;
    }
    if (!**text_out) {
        return field->required == 1 ? MQ_FAULT_MISSING : MQ_FAULT_NONE;
    }
    if (mq_field_is_date(field->kind)) {
        if (!order_is_known(form, *text_out) && mq_date_order(*text_out) == MQ_DATE_ORDER_EITHER) {
            return MQ_FAULT_ORDER;
        }
        *text_out = form_date(form, *text_out);
    }
    return mq_field_judge(&rule, *text_out, today, form->rq->pool);
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
    const mq_day_t today = mq_today(form->rq);
    dates_read(form);
    for (int i = 0; i < form->count; i++) {
        const mq_field_t *field = &form->fields[i];
        int twice = 0;
        const char *typed = mq_form_get(form->rq->form, field->name, &twice);
        const char *text;
        if (twice) {
            return MQ_EINVALID;
        }
        form->typed[i] = typed ? typed : "";
        mq_form_fault_add(form, field->name,
                          field_read(&text, form, field, form->typed[i], &today));
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
             [MQ_FIELD_DAY] = {"text", NULL},          [MQ_FIELD_DATE] = {"text", NULL}};

static int has_length(mq_field_kind_t kind)
{
    return kind != MQ_FIELD_HIDDEN && kind != MQ_FIELD_SELECT && kind != MQ_FIELD_CHECKBOX;
}

static const char *hint_say(const mq_form_t *form, const mq_field_t *field)
{
    if (!field->hint) {
        return NULL;
    }
    return mq_field_is_date(field->kind) && strstr(field->hint, "%s")
               ? mq_sayf(form->rq, field->hint, mq_date_example(form->rq))
               : mq_say(form->rq, field->hint);
}

static input_t input_draw(const mq_form_t *form, int i)
{
    const mq_field_t *field = &form->fields[i];
    mq_field_kind_t kind = field->kind;
    const mq_field_rule_t rule = rule_of(field);
    int secret = kind == MQ_FIELD_PASSWORD || kind == MQ_FIELD_NEW_PASSWORD;
    return (input_t){.name = field->name,
                     .id = field->id ? field->id : field->name,
                     .label = field->label ? mq_say(form->rq, field->label) : NULL,
                     .type = looks[kind].type,
                     .inputmode = looks[kind].inputmode,
                     .hint = hint_say(form, field),
                     .value = secret ? NULL : form->typed[i],
                     .error = form->faults[i],
                     .autocomplete = field->autocomplete,
                     .required = field->required,
                     .autofocus = form->focus && strcmp(form->focus, field->name) == 0,
                     .is_hidden = kind == MQ_FIELD_HIDDEN,
                     .is_password = secret,
                     .is_textarea = kind == MQ_FIELD_BLOCK,
                     .is_select = kind == MQ_FIELD_SELECT,
                     .is_checkbox = kind == MQ_FIELD_CHECKBOX,
                     .is_text = kind != MQ_FIELD_BLOCK && has_length(kind),
                     .spellcheck_off = kind != MQ_FIELD_BLOCK && has_length(kind),
                     .options = options_draw(form, field, form->typed[i]),
                     .maxlength = has_length(kind) ? mq_field_most(&rule) : 0,
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
        dates |= mq_field_is_date(form->fields[i].kind);
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
