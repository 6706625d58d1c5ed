/* form.h -- forms as tables: one row a field, which validates what was typed, sets the attributes
 * of the input, and names the error. What a person typed wrong is no failure of the program: it is
 * a message on the form, with everything typed kept (never a password). */
#ifndef MQ_WEB_FORM_H
#define MQ_WEB_FORM_H

#include "web/pages.h"

typedef enum {
    MQ_FIELD_LINE,         /* one clean line */
    MQ_FIELD_EMAIL,        /* an address, as far as its form goes */
    MQ_FIELD_PASSWORD,     /* asked for, not judged */
    MQ_FIELD_NEW_PASSWORD, /* judged by length */
    MQ_FIELD_BIRTH_DATE,   /* as the organisation writes dates, or ISO; perhaps without day or month
                            * and day. The checked value, here and below, is ISO */
    MQ_FIELD_BLOCK,        /* text of many lines; its limit is in bytes of UTF-8 */
    MQ_FIELD_HIDDEN,       /* carried through, one clean line */
    MQ_FIELD_SELECT,       /* one of the row's options, or empty */
    MQ_FIELD_CHECKBOX,     /* "1" or empty */
    MQ_FIELD_PHONE,        /* a telephone number as people write it */
    MQ_FIELD_PAST_DATE,    /* the same, of any other event, not in the future */
    MQ_FIELD_AGE,          /* whole years */
    MQ_FIELD_DAY           /* a whole day, past or to come */
} mq_field_kind_t;

enum {
    MQ_LIMIT_NAME = 200,  /* characters (code points) */
    MQ_LIMIT_EMAIL = 254, /* RFC 5321, 4.5.3.1.3 */
    MQ_LIMIT_PASSWORD = 1000,
    MQ_LIMIT_PASSWORD_LEAST = 12,
    MQ_LIMIT_NOTES = 65536, /* bytes */
    MQ_LIMIT_PHONE_DIGITS_LEAST = 3,
    MQ_LIMIT_PHONE_DIGITS = 15, /* ITU-T E.164 */
    MQ_LIMIT_AGE = 130
};

/** One choice of an MQ_FIELD_SELECT; a list ends with a row whose value is NULL. */
typedef struct mq_choice_t {
    const char *value;
    const char *label; /* English; the catalogue translates */
} mq_choice_t;

/** One row of a form's table. */
typedef struct mq_field_t {
    const char *name;  /* of the parameter; also the id of the input */
    const char *label; /* English; the catalogue translates */
    mq_field_kind_t kind;
    int required;               /* 1: must be filled in; 2: looks so, but the page judges */
    int limit;                  /* most characters (MQ_FIELD_BLOCK: bytes; dates: none) */
    const char *autocomplete;   /* HTML's token */
    const char *hint;           /* or NULL; of a date it may have one %s, for an example */
    const char *missing;        /* what to say when a required field is empty */
    apr_size_t offset;          /* of the const char * in the struct that mq_form_read fills */
    const mq_choice_t *choices; /* of MQ_FIELD_SELECT */
    const char *group; /* NULL: always in sight; else the title of a part that unfolds. Rows of one
                        * group stand together */
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

/**
 * Read the fields of the POST and check each by its row.
 * @param into the struct that gets the checked values; an empty optional field gives NULL
 * @return MQ_EINVALID a field was sent twice: answer 400. Faults of the person are in the form:
 *         mq_form_faults
 */
apr_status_t mq_form_read(mq_form_t *form, void *into);

/** @return what was typed into a field of a date, as ISO; a text that is no date as it is */
const char *mq_form_date(const mq_form_t *form, const char *typed);

/** @return whether a field is a date */
int mq_field_is_date(const mq_field_t *field);

/** The hidden parameter that says how the dates of a form were written, for the setting may change
 * while somebody types. */
#define MQ_FORM_DATES "dates_as"

/** Another one: which parked form this was. */
#define MQ_FORM_PARKED "parked"

/** Add a fault that only the domain could find. */
void mq_form_fault(mq_form_t *form, const char *name, const char *message);

/** @return how many fields have a fault; one more when a parked form is shown again (review in
 * request.h), so that nothing is done until its person has confirmed it */
int mq_form_faults(const mq_form_t *form);

/** Draw the form with what was typed and the faults. */
mq_form_view_t mq_form_view(const mq_form_t *form, const char *form_error);

#endif
