/* export_json.h -- columns of a row as members of an object of an export. */
#ifndef MQ_DOMAIN_EXPORT_JSON_H
#define MQ_DOMAIN_EXPORT_JSON_H

#include "base/json.h"
#include "store/db.h"

/** Write an id, or null where there is none. */
void mq_export_id(mq_json_t *json, const char *name, const mq_rows_t *rows, int column,
                  apr_pool_t *pool);

/** Write an instant as ISO 8601, or null for 0. */
void mq_export_time(mq_json_t *json, const char *name, const mq_rows_t *rows, int column,
                    apr_pool_t *pool);

/** @return the word for a stored number, "other" for one that has none */
const char *mq_export_word(const char *const *words, int count, apr_int64_t value);

/** The same for an array of words. */
#define MQ_EXPORT_WORD(words, value)                                                               \
    mq_export_word(words, (int)(sizeof(words) / sizeof *(words)), value)

#endif
