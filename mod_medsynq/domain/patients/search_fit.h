/* search_fit.h -- whether a record has what was typed, by its key in the index. */
#ifndef MQ_DOMAIN_SEARCH_FIT_H
#define MQ_DOMAIN_SEARCH_FIT_H

#include <apr.h>

#include "domain/patients/search_query.h"

/**
 * @param driver a term that is known to fit, or -1
 * @param key    of mq_patient_index_key, no NUL at its end
 * @return whether the key has all other terms. Telephone numbers are in no key: they fit
 */
int mq_search_fits(const mq_search_query_t *query, int driver, const char *key, apr_size_t length);

enum { MQ_SEARCH_PHONES = 3 };

/** A record that is compared itself, where no index is asked. */
typedef struct mq_search_record_t {
    const char *key; /* of mq_patient_index_key */
    const char *mrn;
    const char *national_id;              /* or NULL */
    const char *phones[MQ_SEARCH_PHONES]; /* each or NULL */
} mq_search_record_t;

/**
 * @param query without fillers
 * @param typed what it was read from, in plain digits
 * @return whether a search for it finds the record, but for slips and likenesses
 */
int mq_search_finds(const mq_search_query_t *query, const char *typed,
                    const mq_search_record_t *record);

#endif
