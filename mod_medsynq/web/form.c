/* form.c -- checking and drawing forms by their tables. */
#include "web/form.h"

#include <apr_strings.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"

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

static const mq_slot_t fault_slots[] = {MQ_TEXT(fault_t, field_id), MQ_TEXT(fault_t, message),
                                        MQ_SLOTS_END};

const mq_slot_t mq_form_slots[] = {MQ_LIST(mq_form_view_t, fields, input_slots, input_t),
                                   MQ_LIST(mq_form_view_t, errors, fault_slots, fault_t),
                                   MQ_TEXT(mq_form_view_t, form_error),
                                   MQ_FLAG(mq_form_view_t, has_errors), MQ_SLOTS_END};

mq_form_t *mq_form_make(mq_request_t *rq, const mq_field_t *fields)
{
    mq_form_t *form = apr_pcalloc(rq->pool, sizeof *form);
    form->rq = rq;
    form->fields = fields;
    while (fields[form->count].name) {
        form->count++;
    }
    form->typed = apr_pcalloc(rq->pool, sizeof *form->typed * (size_t)form->count);
    form->faults = apr_pcalloc(rq->pool, sizeof *form->faults * (size_t)form->count);
    return form;
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
        form->typed[i] = value;
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
    return form->fault_count;
}

static int is_email(const char *text)
{
    const char *at = strchr(text, '@');
    return at && at != text && at[1] && !strchr(at + 1, '@') && !strchr(text, ' ');
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
        return mq_say(rq, "Write the date of birth as year-month-day, such as 1975-04-03. The "
                          "month and the day may be left out.");
    }
}

/* The text as it will be stored, or NULL with the fault. */
static const char *clean(const mq_form_t *form, const mq_field_t *field, const char *typed,
                         const char **fault_out)
{
    apr_pool_t *pool = form->rq->pool;
    const char *text = typed;
    apr_status_t rv = APR_SUCCESS;
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
        return field->required ? mq_say(rq, field->missing) : NULL;
    }
    if (field->kind == MQ_FIELD_BLOCK) {
        return strlen(text) > (size_t)field->limit
                   ? mq_sayf(rq, "%s may have at most %d KB of text.", label, field->limit / 1024)
                   : NULL;
    }
    if (mq_text_count(text) > (size_t)field->limit) {
        return mq_sayf(rq, "%s may have at most %d characters.", label, field->limit);
    }
    switch (field->kind) {
    case MQ_FIELD_EMAIL:
        return is_email(text) ? NULL
                              : mq_say(rq, "Write the e-mail address as in name@example.org.");
    case MQ_FIELD_NEW_PASSWORD:
        return mq_text_count(text) >= MQ_LIMIT_PASSWORD_LEAST
                   ? NULL
                   : mq_sayf(rq, "%s must have at least %d characters.", label,
                             MQ_LIMIT_PASSWORD_LEAST);
    case MQ_FIELD_BIRTH_DATE:
        return birth_date_fault(rq, text);
    default:
        return NULL;
    }
}

apr_status_t mq_form_read(mq_form_t *form, void *into)
{
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

static input_t input_draw(const mq_form_t *form, int i)
{
    static const char *const types[] = {[MQ_FIELD_LINE] = "text",
                                        [MQ_FIELD_EMAIL] = "email",
                                        [MQ_FIELD_PASSWORD] = "password",
                                        [MQ_FIELD_NEW_PASSWORD] = "password",
                                        [MQ_FIELD_BIRTH_DATE] = "text",
                                        [MQ_FIELD_BLOCK] = "textarea",
                                        [MQ_FIELD_HIDDEN] = "hidden"};
    const mq_field_t *field = &form->fields[i];
    int secret = field->kind == MQ_FIELD_PASSWORD || field->kind == MQ_FIELD_NEW_PASSWORD;
    return (input_t){
        .name = field->name,
        .id = field->name,
        .label = field->label ? mq_say(form->rq, field->label) : NULL,
        .type = types[field->kind],
        .hint = field->hint ? mq_say(form->rq, field->hint) : NULL,
        .value = secret ? NULL : form->typed[i],
        .error = form->faults[i],
        .autocomplete = field->autocomplete,
        .required = field->required,
        .is_hidden = field->kind == MQ_FIELD_HIDDEN,
        .is_textarea = field->kind == MQ_FIELD_BLOCK,
        .is_text = field->kind != MQ_FIELD_HIDDEN && field->kind != MQ_FIELD_BLOCK,
        .spellcheck_off = field->kind != MQ_FIELD_BLOCK,
        .maxlength = field->kind == MQ_FIELD_HIDDEN ? 0 : field->limit,
        .minlength = field->kind == MQ_FIELD_NEW_PASSWORD ? MQ_LIMIT_PASSWORD_LEAST : 0,
        .rows = NOTE_ROWS};
}

mq_form_view_t mq_form_view(const mq_form_t *form, const char *form_error)
{
    apr_pool_t *pool = form->rq->pool;
    input_t *inputs = apr_palloc(pool, sizeof *inputs * (size_t)form->count);
    fault_t *faults = apr_palloc(pool, sizeof *faults * (size_t)(form->count + 1));
    int fault_count = 0;
    for (int i = 0; i < form->count; i++) {
        inputs[i] = input_draw(form, i);
        if (form->faults[i]) {
            faults[fault_count++] = (fault_t){inputs[i].id, form->faults[i]};
        }
    }
    return (mq_form_view_t){.fields = {inputs, form->count},
                            .errors = {faults, fault_count},
                            .form_error = form_error,
                            .has_errors = fault_count > 0 || form_error};
}
