/* dashboard.c -- ranges of counters, which patient_index.c keeps. */
#include "domain/organisations/dashboard.h"

#include <apr_strings.h>
#include <string.h>

#include "base/date.h"
#include "domain/organisations/counters.h"
#include "domain/patients/patient_index.h"

enum { COUNTERS_MOST = 400, MONTHS_OF_YEAR = 12, DAYS_OF_WEEK = 7 };

typedef void (*counter_seen_t)(mq_dashboard_t *figures, const char *rest, apr_int64_t value,
                               int this_year);

/* Call back with each counter whose name begins so, from the one with this rest on. */
static apr_status_t counters_walk(mq_dashboard_t *figures, const mq_scope_t *sc, const char *prefix,
                                  const char *from, int this_year, counter_seen_t seen)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_size_t length = strlen(prefix);
    char *end = apr_pstrdup(pool, prefix);
    mq_rows_t rows;
    apr_status_t rv;
    end[length - 1]++; /* after every name with the prefix */
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_COUNTERS_RANGE,
                        MQ_PARAMS(mq_bind_text(apr_pstrcat(pool, prefix, from, NULL)),
                                  mq_bind_text(end), mq_bind_int(COUNTERS_MOST))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        seen(figures, mq_rows_text(&rows, MQ_COUNTERS_RANGE_NAME, pool) + length,
             mq_rows_int(&rows, MQ_COUNTERS_RANGE_VALUE), this_year);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static void birth_seen(mq_dashboard_t *figures, const char *rest, apr_int64_t value, int this_year)
{
    apr_int64_t year = apr_atoi64(rest);
    apr_int64_t band = (this_year - year) / MQ_DASHBOARD_BAND_YEARS;
    if (year == 0) { /* "none" */
        figures->age_unknown += value;
    } else {
        band = band < 0 ? 0 : band >= MQ_DASHBOARD_BANDS ? MQ_DASHBOARD_BANDS - 1 : band;
        figures->bands[band] += value;
    }
}

static void day_seen(mq_dashboard_t *figures, const char *rest, apr_int64_t value, int this_year)
{
    (void)rest;
    (void)this_year;
    figures->new_this_week += value;
}

static void month_seen(mq_dashboard_t *figures, const char *rest, apr_int64_t value, int this_year)
{
    (void)this_year;
    for (int i = 0; i < MQ_DASHBOARD_MONTHS; i++) {
        if (strcmp(figures->months[i], rest) == 0) {
            figures->registrations[i] = value;
        }
    }
}

static void months_name(mq_dashboard_t *figures, const mq_day_t *today)
{
    int last = today->year * MONTHS_OF_YEAR + today->month - 1;
    for (int i = 0; i < MQ_DASHBOARD_MONTHS; i++) {
        int month = last - (MQ_DASHBOARD_MONTHS - 1 - i);
        (void)apr_snprintf(figures->months[i], sizeof figures->months[i], "%04d-%02d",
                           month / MONTHS_OF_YEAR, month % MONTHS_OF_YEAR + 1);
    }
}

apr_status_t mq_dashboard_read(mq_dashboard_t *figures_out, const mq_scope_t *sc)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_time_t now = mq_scope_now(sc);
    mq_day_t today;
    mq_day_t week;
    memset(figures_out, 0, sizeof *figures_out);
    mq_date_today(&today, now, mq_scope_manners(sc)->zone); /* as patient_index.c counts */
    mq_date_today(&week, now - apr_time_from_sec((DAYS_OF_WEEK - 1) * 86400),
                  mq_scope_manners(sc)->zone);
    months_name(figures_out, &today);
    MQ_TRY(mq_counter_soon(&figures_out->active, sc, MQ_COUNTER_ACTIVE));
    MQ_TRY(counters_walk(figures_out, sc, MQ_COUNTER_BIRTH, "", today.year, birth_seen));
    MQ_TRY(counters_walk(figures_out, sc, MQ_COUNTER_DAY, mq_date_iso(&week, pool), today.year,
                         day_seen));
    return counters_walk(figures_out, sc, MQ_COUNTER_MONTH, figures_out->months[0], today.year,
                         month_seen);
}
