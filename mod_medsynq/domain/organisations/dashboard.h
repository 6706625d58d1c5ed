/* dashboard.h -- the figures of an organisation, from counters that are kept as patients come and
 * change: nothing is counted while a person waits. */
#ifndef MQ_DOMAIN_DASHBOARD_H
#define MQ_DOMAIN_DASHBOARD_H

#include "store/db.h"

enum { MQ_DASHBOARD_BANDS = 10, MQ_DASHBOARD_MONTHS = 12, MQ_DASHBOARD_BAND_YEARS = 10 };

typedef struct mq_dashboard_t {
    apr_int64_t active;                    /* patients */
    apr_int64_t new_this_week;             /* registrations of the last seven days */
    apr_int64_t bands[MQ_DASHBOARD_BANDS]; /* active ones by age: 0-9, 10-19 … 90 and more */
    apr_int64_t age_unknown;
    char months[MQ_DASHBOARD_MONTHS][8]; /* "2026-11", the oldest first */
    apr_int64_t registrations[MQ_DASHBOARD_MONTHS];
} mq_dashboard_t;

/** Read the figures. Ages are by the year of birth. */
apr_status_t mq_dashboard_read(mq_dashboard_t *figures_out, const mq_scope_t *sc);

#endif
