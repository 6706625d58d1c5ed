/* patient_import_preview.c -- names of the first rows as they will be, so that a person sees how
 * their parts came together before anything is imported. */
#include "domain/imports/patient_import_preview.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/core.h"
#include "domain/imports/patient_import_values.h"

enum { ROWS_READ = 50, NAMES_MOST = 3, CELLS_WHOLE = 4000 /* more are cut off */ };

#define RECORD(field) mq_import_field_of(MQ_PATIENT_FIELD_##field)

/* Which columns say something of this name, a bit for each. */
static int parts_of(const mq_import_values_t *values)
{
    const mq_import_field_t parts[] = {
        RECORD(NAME),          RECORD(GIVEN_NAME),      RECORD(FAMILY_NAME),
        MQ_IMPORT_GIVEN_AFTER, MQ_IMPORT_FAMILY_BEFORE, MQ_IMPORT_FAMILY_AFTER,
        MQ_IMPORT_INITIALS,    MQ_IMPORT_NAME_SUFFIX,   MQ_IMPORT_NAME_COMPONENTS};
    int said = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *text = values->raw[parts[i]];
        said |= (text && *text) << i;
    }
    return said;
}

static int is_among(const int *seen, int count, int parts)
{
    while (count > 0 && seen[count - 1] != parts) {
        count--;
    }
    return count > 0;
}

apr_status_t mq_import_names_read(const char **names_out, const mq_scope_t *sc,
                                  const mq_import_t *import)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    int seen[NAMES_MOST];
    int count = 0;
    mq_rows_t rows;
    apr_status_t rv;
    *names_out = NULL;
    MQ_TRY(mq_db_select(
        &rows, sc, MQ_SQL_IMPORT_ROWS_FIRST,
        MQ_PARAMS(mq_bind_id(&import->id), mq_bind_int(import->head), mq_bind_int(ROWS_READ))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        char *cells = apr_pstrdup(pool, mq_rows_text(&rows, MQ_IMPORT_ROWS_FIRST_CELLS, pool));
        mq_import_values_t values;
        int parts;
        if (count == NAMES_MOST || strlen(cells) >= CELLS_WHOLE) {
            continue;
        }
        mq_import_values_read(&values, sc, import, cells, pool);
        parts = parts_of(&values);
        if (values.fields.name && (parts & (parts - 1)) && !is_among(seen, count, parts)) {
            *names_out = count
                             ? apr_pstrcat(pool, *names_out, " \xc2\xb7 ", values.fields.name, NULL)
                             : values.fields.name;
            seen[count++] = parts;
        }
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}
