/* likeness.h -- how likely two descriptions are of one person: names, date of birth, telephone,
 * national identifier and address, each compared as people get them wrong. Pure: no database; who
 * is compared with whom is duplicates.c's affair. A help for the eye: it never decides. */
#ifndef MQ_DOMAIN_LIKENESS_H
#define MQ_DOMAIN_LIKENESS_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "base/text.h"
#include "domain/patients/patient_fields.h"

/** What two descriptions have in common; a set. Of the names one at most, of the dates one. */
enum {
    MQ_SAME_NAME = 1,        /* every word, in any order */
    MQ_SIMILAR_NAME = 2,     /* every word, one to the letter, others up to slips of the keys */
    MQ_VAGUE_NAME = 4,       /* every word up to slips, or the first letter of some */
    MQ_SHARED_NAME = 8,      /* some words, to the letter */
    MQ_SAME_BIRTH_DATE = 16, /* to the day */
    MQ_SWAPPED_BIRTH_DATE = 32,
    MQ_NEAR_BIRTH_DATE = 64,     /* one digit, one day or one year apart */
    MQ_PARTIAL_BIRTH_DATE = 128, /* as far as both are known, or estimated */
    MQ_NO_BIRTH_DATE = 256,      /* of one of them, or of both */
    MQ_SAME_NATIONAL_ID = 512,
    MQ_SAME_PHONE = 1024, /* in the digits that decide: the last nine */
    MQ_SAME_ADDRESS = 2048,
    MQ_FORMER_NAME = 4096 /* the names fit by a former or preferred one */
};

/** A description made ready to be compared. */
typedef struct mq_person_t {
    const apr_array_header_t *name;  /* const char *: words of the name that lists show */
    const apr_array_header_t *names; /* words of all names, the name's first */
    const char *birth_date;          /* YYYY, YYYY-MM or YYYY-MM-DD, or NULL */
    int age_estimated;
    const char *national_id; /* its key, or NULL */
    const char *phones[3];   /* the last digits, or NULL */
    const char *address;     /* search key, or "" */
} mq_person_t;

/**
 * Make a description ready. @param person_out its texts live in pool
 * @param fields name must be set (mq_patient_fields_settle)
 */
void mq_person_make(mq_person_t *person_out, const mq_text_t *folding,
                    const mq_patient_fields_t *fields, apr_pool_t *pool);

/**
 * Compare two people.
 * @param why_out what they have in common; may be NULL
 * @return a score: MQ_LIKENESS_WARN and above is worth a warning, more is likelier
 */
int mq_likeness(int *why_out, const mq_person_t *a, const mq_person_t *b, apr_pool_t *pool);

enum { MQ_LIKENESS_WARN = 45 };

/**
 * How the words of two names fit.
 * @param a, b arrays of const char *, words of search keys
 * @return MQ_SAME_NAME, MQ_SIMILAR_NAME, MQ_VAGUE_NAME, MQ_SHARED_NAME or 0. Words with digits
 *         must be equal: "Newborn 2" and "Newborn 3" have nothing in common
 */
int mq_names_fit(const apr_array_header_t *a, const apr_array_header_t *b, apr_pool_t *pool);

/** @return whether a word is another one up to slips of the keys: one letter of any script, or two
 * in longer words */
int mq_words_are_similar(const char *a, const char *b);

/** @return the digits of a number by which it is compared, or NULL: there are too few; from pool */
const char *mq_phone_last(const char *phone, apr_pool_t *pool);

/** How two dates of birth fit. @return one of MQ_…_BIRTH_DATE, or 0: they contradict each other
 * @param estimated whether one of them is a year reckoned from an age */
int mq_birth_dates_fit(const char *a, const char *b, int estimated);

#endif
