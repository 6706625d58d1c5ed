/* search_query.h -- what was typed into the search box, as terms that the index of patient_index.c
 * is asked for. */
#ifndef MQ_DOMAIN_SEARCH_QUERY_H
#define MQ_DOMAIN_SEARCH_QUERY_H

#include "base/date.h"
#include "base/text.h"

enum {
    MQ_SEARCH_TERMS = 8,
    MQ_SEARCH_OTHERS = 3 /* of a date with a short year: day or month first, of either century */
};

/** Whether a word says something beside what narrows: "Mr", "born". */
typedef enum {
    MQ_FILLER_NONE,
    MQ_FILLER_WORD,  /* it fits whole words alone, and is left out where nobody has it */
    MQ_FILLER_LETTER /* "M.": left out where nobody has a name that begins so */
} mq_filler_t;

/** One thing that was typed. */
typedef struct mq_search_term_t {
    const char *word;                     /* prefix of a word of the index */
    const char *others[MQ_SEARCH_OTHERS]; /* other spellings or readings, then NULL */
    mq_filler_t filler;
} mq_search_term_t;

/** What was typed, as far as it can be carried over to the form for a new patient. */
typedef struct mq_search_typed_t {
    const char *name;            /* the words that are neither date nor number, or "" */
    const char *birth_date;      /* ISO; as typed where it has two readings; or NULL */
    int has_two_orders;          /* day and month may each be the first */
    const char *phone;           /* a number that is long enough to be one, as typed; or NULL */
    int is_number;               /* a record number: nothing of it is a name */
    const char *mistyped_number; /* one whose check digit does not fit, or NULL */
} mq_search_typed_t;

typedef struct mq_search_query_t {
    mq_search_term_t terms[MQ_SEARCH_TERMS];
    int count;
    apr_array_header_t *further; /* mq_search_term_t for which there was no room: nobody is looked
                                  * up by them, but whoever is found has them; or NULL */
    const char *year;            /* its last two digits, or NULL */
    mq_search_term_t alone;      /* a date that was typed as digits alone, which may be a telephone
                                  * number's as well; its word is NULL where there is none */
    int has_date;
    int is_loose; /* words need only be like the terms that do not drive */
    mq_search_typed_t typed;
    const mq_date_style_t *style;
    apr_pool_t *pool;
} mq_search_query_t;

/** The number of a telephone that nobody has: zeros alone. No word of the index begins so. Digits
 * behind it are looked for at the end of numbers alone. */
#define MQ_SEARCH_NO_NUMBER "#0"

/** Read one clean line into a query of which style and pool are set, all else is 0. */
void mq_search_query_read(mq_search_query_t *query, const mq_text_t *folding, const char *typed);

/** Add another spelling or reading, if there is room and it is none that is there.
 * @param other NULL adds nothing */
void mq_search_term_also(mq_search_term_t *term, const char *other);

/** @return which term is the first filler of a kind, or -1 */
int mq_search_filler(const mq_search_query_t *query, mq_filler_t filler);

/** Leave out all fillers of a kind. */
void mq_search_unfill(mq_search_query_t *query, mq_filler_t filler);

/** Make the words from first to last, all of names, one in the place of the first. */
void mq_search_join(mq_search_query_t *query, int first, int last);

/** @return the word of the index for the digits that decide, which are the last ones: +44 (0)161,
 * 0044 161 and 0161 are one number; from pool. NULL: there are none
 * @param number a term that is a telephone number */
const char *mq_search_last_digits(const mq_search_term_t *number, apr_pool_t *pool);

enum { MQ_SEARCH_IDENTIFIERS = 2 };

/** Read a national identifier, also behind what people say before it: "NHS 943 476 5919".
 * @param keys_out the keys by which it may stand in a record, the likelier first
 * @return how many */
int mq_search_identifiers(const char *keys_out[MQ_SEARCH_IDENTIFIERS], const char *typed,
                          apr_pool_t *pool);

/** @return which term is the longest telephone number, or -1 */
int mq_search_number(const mq_search_query_t *query);

/** @return whether a term is a word of a name. Numbers and dates are not divided, joined or taken
 * for others that are like them. */
int mq_search_is_of_name(const char *term);

#endif
