/* export_json.c -- ids, instants and words. */
#include "domain/organisations/export_json.h"

#include "base/date.h"

void mq_export_id(mq_json_t *json, const char *name, const mq_rows_t *rows, int column,
                  apr_pool_t *pool)
{
    mq_id_t id = mq_rows_id(rows, column);
    mq_json_text(json, name, mq_id_is_nil(&id) ? NULL : mq_id_text(&id, pool));
}

void mq_export_time(mq_json_t *json, const char *name, const mq_rows_t *rows, int column,
                    apr_pool_t *pool)
{
    apr_time_t when = mq_rows_int(rows, column);
    mq_json_text(json, name, when ? mq_time_iso(when, pool) : NULL);
}

const char *mq_export_word(const char *const *words, int count, apr_int64_t value)
{
    return value > 0 && value < count && words[value] ? words[value] : "other";
}
