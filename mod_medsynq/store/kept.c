/* kept.c -- which tables grow for good. */
#include "store/kept.h"

#include <string.h>

enum { ROW_BYTES = 64, NUMBER_BYTES = 8 };

/* An UPDATE of a record writes its former version besides, copied inside the engine: so the new
 * values count once more. One without a text moves or shows a row. */
static const char *const tables[] = {
    "patients",    "patient_versions", "patient_notes", "chart_items",    "chart_item_versions",
    "invitations", "imports",          "partners",      "partner_steps",  "consents",
    "shares",      "share_notes",      "referrals",     "referral_steps", "referral_words"};

static int is_kept(const char *table)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (strcmp(tables[i], table) == 0) {
            return 1;
        }
    }
    return 0;
}

static int grows(const mq_sql_row_t *row)
{
    return strncmp(row->sqlite, "INSERT", 6) == 0 ||
           (strncmp(row->sqlite, "UPDATE", 6) == 0 && strchr(row->kinds, 's'));
}

apr_int64_t mq_kept_bytes(const mq_sql_row_t *row, const mq_param_t *params, int count)
{
    apr_int64_t bytes = ROW_BYTES;
    if (!is_kept(row->writes) || !grows(row)) {
        return 0;
    }
    for (int i = 0; i < count; i++) {
        const mq_param_t *param = &params[i];
        if (param->kind == 'i') {
            bytes += NUMBER_BYTES;
        } else if (param->data) {
            bytes += (apr_int64_t)(param->kind == 's' ? strlen(param->data) : param->length);
        }
    }
    return bytes;
}
