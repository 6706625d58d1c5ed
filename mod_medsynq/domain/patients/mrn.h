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

/** @return whether text has the form of a number that we assign and its check digit is right */
int mq_mrn_is_sound(const char *text);

#endif
