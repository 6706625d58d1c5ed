/* field_kinds.h -- what a field may hold, said once: its kind and its limit clean and judge what a
 * form, a file or a command brings. What is wrong comes back as a code; each of them says it in its
 * own way. The fields of a patient stand in patients/patient_fields.h. */
#ifndef MQ_DOMAIN_FIELD_KINDS_H
#define MQ_DOMAIN_FIELD_KINDS_H

#include <apr_pools.h>

#include "base/date.h"
#include "base/status.h"

typedef enum {
    MQ_FIELD_LINE,         /* one clean line */
    MQ_FIELD_EMAIL,        /* an address, as far as its form goes */
    MQ_FIELD_PASSWORD,     /* asked for, not judged */
    MQ_FIELD_NEW_PASSWORD, /* judged by length */
    MQ_FIELD_BIRTH_DATE,   /* ISO, perhaps without day or month and day */
    MQ_FIELD_BLOCK,        /* text of many lines; its limit is in bytes of UTF-8 */
    MQ_FIELD_HIDDEN,       /* carried through a form, one clean line */
    MQ_FIELD_SELECT,       /* one of the choices */
    MQ_FIELD_CHECKBOX,     /* "1" or empty */
    MQ_FIELD_PHONE,        /* a telephone number as people write it */
    MQ_FIELD_PAST_DATE,    /* as a date of birth, of any other event, not in the future */
    MQ_FIELD_AGE,          /* whole years */
    MQ_FIELD_DAY,          /* a whole day, past or to come; ISO */
    MQ_FIELD_DATE          /* the same, perhaps without day or month and day */
} mq_field_kind_t;

enum {
    MQ_LIMIT_NAME = 200, /* characters (code points) */
    MQ_LIMIT_SHORT = 100,
    MQ_LIMIT_EMAIL = 254, /* RFC 5321, 4.5.3.1.3 */
    MQ_LIMIT_PHONE = 40,
    MQ_LIMIT_REASON = 500,
    MQ_LIMIT_DATE = 30, /* "23 septembre 1975" and some blanks */
    MQ_LIMIT_PASSWORD = 1000,
    MQ_LIMIT_PASSWORD_LEAST = 12,
    MQ_LIMIT_ADDRESS = 1024, /* bytes */
    MQ_LIMIT_NOTES = 65536,  /* bytes */
    MQ_LIMIT_PHONE_DIGITS_LEAST = 3,
    MQ_LIMIT_PHONE_DIGITS = 15, /* ITU-T E.164 */
    MQ_LIMIT_AGE = 130
};

/** One choice of an MQ_FIELD_SELECT; a list ends with a row whose value is NULL. */
typedef struct mq_choice_t {
    const char *value;
    const char *label; /* English; the catalogue translates */
} mq_choice_t;

/** What a field may hold. */
typedef struct mq_field_rule_t {
    mq_field_kind_t kind;
    int limit;                  /* most characters (MQ_FIELD_BLOCK: bytes; dates: their own) */
    const mq_choice_t *choices; /* of MQ_FIELD_SELECT */
} mq_field_rule_t;

/** What can be wrong with it. The numbers are stored as the faults of imports, which have 7 to 9,
 * 14 and 16 for what only a file can have. */
typedef enum {
    MQ_FAULT_NONE = 0,
    MQ_FAULT_MISSING = 1,
    MQ_FAULT_CHARACTERS = 2, /* such as cannot be shown */
    MQ_FAULT_TOO_LONG = 3,
    MQ_FAULT_DATE = 4, /* not written as one */
    MQ_FAULT_FUTURE = 5,
    MQ_FAULT_TOO_OLD = 6,
    MQ_FAULT_PHONE = 10, /* too few or too many digits */
    MQ_FAULT_EMAIL = 11,
    MQ_FAULT_CHOICE = 12,   /* none of the list */
    MQ_FAULT_FLAG = 13,     /* neither yes nor no */
    MQ_FAULT_DEATH = 15,    /* before birth */
    MQ_FAULT_MARKS = 17,    /* more on one letter than MQ_TEXT_MARKS_MOST */
    MQ_FAULT_CALENDAR = 18, /* it has no such day */
    MQ_FAULT_AGE = 19,
    MQ_FAULT_SHORT = 20,
    MQ_FAULT_ORDER = 21,     /* a date whose day and month may be either way round */
    MQ_FAULT_ENDS_FIRST = 22 /* before it begins */
} mq_field_fault_t;

/** @return whether values of a kind are dates */
int mq_field_is_date(mq_field_kind_t kind);

/** @return the most characters, or bytes, that may be typed; 0: the kind has no limit of its own */
int mq_field_most(const mq_field_rule_t *rule);

/**
 * Bring what was typed into the form in which it is stored. Bytes are bounded before they are
 * looked at. A date stays as it was typed: the caller knows how dates are written there.
 * @param text_out NULL with a fault
 * @return CHARACTERS, MARKS, TOO_LONG or none
 */
mq_field_fault_t mq_field_clean(const char **text_out, const mq_field_rule_t *rule,
                                const char *typed, apr_pool_t *pool);

/** Judge a clean text. @param today of mq_field_today @return what is wrong with it; an empty text
 * is right */
mq_field_fault_t mq_field_judge(const mq_field_rule_t *rule, const char *text,
                                const mq_day_t *today, apr_pool_t *pool);

/** Both, of a text that is said to be clean already; NULL is empty. */
mq_field_fault_t mq_field_check(const mq_field_rule_t *rule, const char *text,
                                const mq_day_t *today, apr_pool_t *pool);

/** @return whether a text that must not be empty is clean and right: what a domain asks of a caller
 * who was to check it */
int mq_field_holds(const mq_field_rule_t *rule, const char *text, apr_pool_t *pool);

/** The day that has begun somewhere on earth, for who has no organisation to ask: nothing after it
 * has happened. In an organisation its own day counts, mq_scope_today. */
void mq_field_today(mq_day_t *today_out, apr_time_t now);

/** What an organisation is called, a person, and where a person is written to. */
extern const mq_field_rule_t mq_name_rule;
extern const mq_field_rule_t mq_email_rule;

/** A text of the timeline. */
extern const mq_field_rule_t mq_notes_rule;

#endif
