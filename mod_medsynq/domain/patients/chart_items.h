/* chart_items.h -- reading the items of a patient's chart. Changing them is in chart_changes.h, the
 * kinds are in chart_kinds.h. Whoever reads has asked who may, and records the disclosure. */
#ifndef MQ_DOMAIN_CHART_ITEMS_H
#define MQ_DOMAIN_CHART_ITEMS_H

#include <apr_tables.h>

#include "domain/patients/chart_kinds.h"
#include "base/json.h"
#include "store/db.h"

/** The numbers are stored. */
typedef enum {
    MQ_CHART_STANDS = 1,
    MQ_CHART_IN_ERROR = 2,
    MQ_CHART_OVERTAKEN = 3 /* it said that there are none, and then there was one */
} mq_chart_state_t;

enum {
    MQ_CHART_STANDING_MOST = 200 /* items of one patient: more are not added; two who are merged
                                    may have them together, and all are shown */
};

/** One item as it is. Texts are from the scope's pool. */
typedef struct mq_chart_item_t {
    mq_id_t id;
    const mq_chart_kind_t *kind;
    int is_none; /* says that there are none; has no values */
    apr_int64_t version;
    mq_chart_state_t state;
    apr_time_t created_at;
    apr_time_t updated_at;
    mq_id_t updated_by;
    const char *updated_by_name;
    const char *reason; /* why it was entered in error, or NULL */
    const char *values[MQ_CHART_FIELDS_MOST];
} mq_chart_item_t;

/** An earlier version of an item. */
typedef struct mq_chart_version_t {
    apr_int64_t version;
    mq_chart_state_t state;
    apr_time_t changed_at;
    const char *changed_by;
    const char *reason;
    const char *values[MQ_CHART_FIELDS_MOST];
} mq_chart_version_t;

/** What can be said of the items of one kind, all together. */
typedef enum {
    MQ_CHART_NOT_ASKED,  /* nothing is recorded */
    MQ_CHART_NONE,       /* somebody has said that there are none */
    MQ_CHART_NO_CURRENT, /* only past ones are */
    MQ_CHART_SOME
} mq_chart_summary_t;

/** All that stands in a patient's chart, of every kind, the oldest first; one statement.
 * @param items_out of mq_chart_item_t, from the scope's pool */
apr_status_t mq_chart_standing(apr_array_header_t **items_out, const mq_scope_t *sc,
                               const mq_id_t *patient);

/** The same for a guest: nothing, where the lists are not shared. */
apr_status_t mq_chart_as_guest(apr_array_header_t **items_out, const mq_guest_t *guest);

/** Whatever was ever recorded of one kind, the newest first. */
apr_status_t mq_chart_items(apr_array_header_t **items_out, const mq_scope_t *sc,
                            const mq_id_t *patient, const mq_chart_kind_t *kind);

/** Read one item. @return MQ_ENOTFOUND the patient has none of that id */
apr_status_t mq_chart_item_read(mq_chart_item_t *item_out, const mq_scope_t *sc,
                                const mq_id_t *patient, const mq_id_t *id);

/** The versions that an item was before, the newest first. @param versions_out mq_chart_version_t
 */
apr_status_t mq_chart_versions(apr_array_header_t **versions_out, const mq_scope_t *sc,
                               const mq_chart_item_t *item);

/** @return whether an item stands and is current: neither past nor the statement of none */
int mq_chart_is_current(const mq_chart_item_t *item, const mq_day_t *today);

/** Say of standing items what holds of a kind. A statement of none counts for nothing where there
 * is one after all, as when two records were merged.
 * @param none_out the statement, with MQ_CHART_NONE; may be NULL */
mq_chart_summary_t mq_chart_summary(const mq_chart_item_t **none_out,
                                    const apr_array_header_t *standing, const mq_chart_kind_t *kind,
                                    const mq_day_t *today);

/** @return a state's word in an export */
const char *mq_chart_state_word(apr_int64_t state);

/** Write stored fields as members of the object that is open. @param kind NULL: not known here */
void mq_chart_values_export(mq_json_t *json, const mq_chart_kind_t *kind, const char *fields,
                            apr_pool_t *pool);

#endif
