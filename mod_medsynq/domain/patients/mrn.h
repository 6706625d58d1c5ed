/* mrn.h -- medical record numbers that we assign: a prefix, seven digits and a check digit, so that
 * a slip of the finger is no other patient. */
#ifndef MQ_DOMAIN_MRN_H
#define MQ_DOMAIN_MRN_H

#include <apr_pools.h>

/**
 * Format a running number: "P0000001" and its check digit by ISO/IEC 7064 MOD 11,10, which finds
 * every single wrong digit and nearly every swap of neighbours.
 * @param number 1 to 9,999,999; beyond that the digits grow
 * @return from pool
 */
const char *mq_mrn_format(apr_int64_t number, apr_pool_t *pool);

/** How a number was said. */
typedef enum {
    MQ_MRN_SAID,    /* with its letter: it is nothing else */
    MQ_MRN_DIGITS,  /* digits alone: they may be something else */
    MQ_MRN_MISTYPED /* with its letter, and a check digit that does not fit */
} mq_mrn_said_t;

/**
 * Read a number as people say it: "P00000314", "p314", "314", "P000 00314", "MRN P00000314".
 * @return the number as mq_mrn_format writes it, from pool; NULL: typed is none
 */
const char *mq_mrn_read(mq_mrn_said_t *said_out, const char *typed, apr_pool_t *pool);

#endif
