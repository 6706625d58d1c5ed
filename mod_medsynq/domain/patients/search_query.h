/* search_query.h -- what was typed into the search box, as terms that the index of patient_index.c
 * is asked for. */
#ifndef MQ_DOMAIN_SEARCH_QUERY_H
#define MQ_DOMAIN_SEARCH_QUERY_H

#include "base/date.h"
#include "base/text.h"

enum { MQ_SEARCH_TERMS = 8 };

/** What was typed, as far as it can be carried over to the form for a new patient. */
typedef struct mq_search_typed_t {
    const char *name;            /* the words that are neither date nor number, or "" */
    const char *birth_date;      /* ISO; as typed where it has two readings; or NULL */
    const char *phone;           /* a number that is long enough to be one, as typed; or NULL */
    int is_number;               /* a record number: nothing of it is a name */
    const char *mistyped_number; /* one whose check digit does not fit, or NULL */
} mq_search_typed_t;

typedef struct mq_search_query_t {
    const char *terms[MQ_SEARCH_TERMS];  /* prefixes of words of the index */
    const char *others[MQ_SEARCH_TERMS]; /* another spelling of the term, or NULL */
    int count;
    const char *year;  /* its last two digits, or NULL */
    const char *alone; /* a date, as much as was typed of it, that was typed alone as digits: they
                        * may be a telephone number's as well; or NULL */
    int has_date;
    int is_loose; /* words need only be like the terms that do not drive */
    mq_search_typed_t typed;
    const mq_date_style_t *style;
    apr_pool_t *pool;
} mq_search_query_t;

/** Read one clean line into a query of which style and pool are set, all else is 0. */
void mq_search_query_read(mq_search_query_t *query, const mq_text_t *folding, const char *typed);

/** @return whether a term is a word of a name. Numbers and dates are not divided, joined or taken
 * for others that are like them. */
int mq_search_is_of_name(const char *term);

#endif
