/* script.h -- how a language is written: which way it runs, and with which digits. Knowledge of
 * languages is ICU's. */
#ifndef MQ_BASE_SCRIPT_H
#define MQ_BASE_SCRIPT_H

#include <apr_pools.h>

/** How a language is written. */
typedef struct mq_script_t {
    int is_right_to_left;
    const char *digits; /* ten of its own, "٠١٢٣٤٥٦٧٨٩", each of as many bytes; NULL: 0 to 9 */
} mq_script_t;

/** @return how "ar" or "he-IL" is written, digits from pool; as English where nobody knows */
mq_script_t mq_script_of(const char *tag, apr_pool_t *pool);

/** @return a text whose 0 to 9 are a script's digits; text itself where digits is NULL */
const char *mq_script_with_digits(const char *text, const char *digits, apr_pool_t *pool);

#endif
