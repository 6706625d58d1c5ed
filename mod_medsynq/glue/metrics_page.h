/* metrics_page.h -- all databases of the server on one page: for Prometheus, and for mod_status. */
#ifndef MQ_GLUE_METRICS_PAGE_H
#define MQ_GLUE_METRICS_PAGE_H

#include <httpd.h>

/** What SetHandler says. */
#define MQ_METRICS_HANDLER "medsynq-metrics"

/** Answer in Prometheus's text format 0.0.4, to whom MedSynQMetrics admits. */
int mq_metrics_page(request_rec *r);

/** Add to mod_status's page, wherever it is asked. @param flags AP_STATUS_SHORT: "?auto" */
void mq_metrics_status(request_rec *r, int flags);

#endif
