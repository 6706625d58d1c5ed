/* form.h -- forms as tables: one row a field, which validates what was typed, sets the attributes
 * of the input, and names the error. What a person typed wrong is no failure of the program: it is
 * a message on the form, with everything typed kept (never a password). */
#ifndef MQ_WEB_FORM_H
#define MQ_WEB_FORM_H

#include "domain/field_kinds.h"
#include "web/pages.h"

/** One row of a form's table. */
typedef struct mq_field_t {
    const char *name;  /* of the parameter; also the id of the input, unless it has its own */
    const char *label; /* English; the catalogue translates */
    mq_field_kind_t kind;
    int required;               /* 1: must be filled in; 2: looks so, but the page judges */
    int limit;                  /* as in mq_field_rule_t */
    const char *autocomplete;   /* HTML's token */
    const char *hint;           /* or NULL; of a date it may have one %s, for an example */
    const char *missing;        /* what to say when a required field is empty */
    apr_size_t offset;          /* of the const char * in the struct that mq_form_read fills */
    const mq_choice_t *choices; /* of MQ_FIELD_SELECT */
    const char *group; /* NULL: always in sight; else the title of a part that unfolds. Rows of one
                        * group stand together */
    const char *id;    /* or NULL; for a page with two forms that have a parameter of one name */
} mq_field_t;

/** A form being shown or read. */
typedef struct mq_form_t mq_form_t;

/** What a page's struct includes to show a form: MQ_INCLUDE(page_t, form, mq_form_slots). */
typedef struct mq_form_view_t {
    mq_list_t fields;
    mq_list_t groups; /* of parts with title, fields, is_open */
    mq_list_t errors;
    const char *form_error;
    int has_errors; /* any of the two */
} mq_form_view_t;

extern const mq_slot_t mq_form_slots[];

/** An empty form. fields ends with a row whose name is NULL. */
mq_form_t *mq_form_make(mq_request_t *rq, const mq_field_t *fields);

/** Put a value in before the form is shown; dates are ISO. */
void mq_form_set(mq_form_t *form, const char *name, const char *value);

/** Say where typing begins, on a page that is there for this form alone and says nothing that a
 * person would have to read first. */
void mq_form_focus(mq_form_t *form, const char *name);

/**
 * Read the fields of the POST and check each by its row.
 * @param into the struct that gets the checked values; an empty optional field gives NULL
 * @return MQ_EINVALID a field was sent twice: answer 400. Faults of the person are in the form:
 *         mq_form_faults
 */
apr_status_t mq_form_read(mq_form_t *form, void *into);

/** The hidden parameter that says how the dates of a form were written, for the setting may change
 * while somebody types. */
#define MQ_FORM_DATES "dates_as"

/** Another one: which parked form this was. */
#define MQ_FORM_PARKED "parked"

/** Another one: "1" when nobody has sent the form, but the page saves what is typed by itself; it
 * is answered in JSON (note_pages.c). "before" in a form that the page has tried to save so, and
 * has had no answer about: what the form has made by then is what it goes on with. */
#define MQ_FORM_AUTOSAVE "autosave"

/** Add a fault that only the domain could find; the first one of a field stays. */
void mq_form_fault(mq_form_t *form, const char *name, const char *message);

/** The same, of a kind that the form knows how to say. */
void mq_form_fault_add(mq_form_t *form, const char *name, mq_field_fault_t fault);

/** @return how many fields have a fault; one more when a form comes back that had no effect, or
 * has been sent before (returned and repeated in request.h), so that nothing is done until its
 * person has confirmed it */
int mq_form_faults(const mq_form_t *form);

/** Draw the form with what was typed and the faults. */
mq_form_view_t mq_form_view(const mq_form_t *form, const char *form_error);

#endif
