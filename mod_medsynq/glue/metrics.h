/* metrics.h -- what is counted: requests and their time by route, lines of the error log by number,
 * and of each process how its queues stand. In shared memory, one piece for each database, kept
 * over reloads. Nothing in it is an organisation's or a person's. It is shown by metrics_page.c. */
#ifndef MQ_GLUE_METRICS_H
#define MQ_GLUE_METRICS_H

#include <httpd.h>

#include "base/status.h"
#include "web/routes.h"

enum { MQ_METRICS_BUCKETS = 10, MQ_METRICS_CLASSES = 4, MQ_METRICS_TAGS = 100 };

/** The upper ends of all buckets but the last, in seconds. */
extern const char *const mq_metrics_end_names[MQ_METRICS_BUCKETS];

/** One database's counters. */
typedef struct mq_metrics_t mq_metrics_t;

/** The counters of one process; NULL where there was no place for one. */
typedef struct mq_metrics_child_t mq_metrics_child_t;

/** How a process stands. */
typedef struct mq_metrics_gauges_t {
    int lent;    /* connections that somebody has */
    int idle;    /* that nobody has */
    int hashing; /* people who wait for their password's turn */
    int events;  /* of the trail that wait to be written */
} mq_metrics_gauges_t;

/** What was counted of one route. */
typedef struct mq_metrics_row_t {
    apr_uint64_t within[MQ_METRICS_BUCKETS + 1]; /* answered in this time, and not in a shorter */
    apr_uint64_t microseconds;                   /* in all */
    apr_uint64_t classes[MQ_METRICS_CLASSES];    /* 2xx to 5xx */
} mq_metrics_row_t;

/**
 * Open the counters of a database: those from before the reload where the routes are the same.
 * @return the operating system's error when there is no memory
 */
apr_status_t mq_metrics_open(mq_metrics_t **metrics_out, server_rec *main_server,
                             const char *database, const mq_routes_t *routes);

/** Take a place for this process, until its pool goes. */
mq_metrics_child_t *mq_metrics_child_begin(mq_metrics_t *metrics, apr_pool_t *pchild);

/** Say how this process stands. @param child may be NULL */
void mq_metrics_child_say(mq_metrics_child_t *child, const mq_metrics_gauges_t *gauges);

/** Count an answer. @param row of the routes; NULL: no route's path
 * @param took until its first byte could be sent */
void mq_metrics_answered(mq_metrics_t *metrics, const mq_routes_t *routes, const mq_route_t *row,
                         int status, apr_interval_time_t took);

/** Count a line of the error log, written or not. @param tag of base/messages.h */
void mq_metrics_told(mq_metrics_t *metrics, const char *tag);

/** Read the counters of a route. @param row -1: of what is no route's */
void mq_metrics_row(mq_metrics_row_t *row_out, mq_metrics_t *metrics, int row);

/** @return how many lines of a number there were */
apr_uint64_t mq_metrics_tag(mq_metrics_t *metrics, const char *tag);

/** Add up how the living processes stand. @return how many they are */
int mq_metrics_gauges(mq_metrics_gauges_t *gauges_out, mq_metrics_t *metrics);

#endif
