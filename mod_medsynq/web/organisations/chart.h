/* chart.h -- bar charts as SVG, drawn by the server: no script, no image, colours from the style
 * sheet. Each stands beside a table that says the same. */
#ifndef MQ_WEB_CHART_H
#define MQ_WEB_CHART_H

#include "base/script.h"
#include "base/template.h"

/** One bar. */
typedef struct mq_bar_t {
    const char *label;
    apr_int64_t value;
} mq_bar_t;

extern const mq_slot_t mq_bar_slots[];

/**
 * Draw bars side by side, the highest at full height.
 * @param title  what screen readers say of the whole
 * @param script of the page: the first bar stands where one begins to read
 * @return from pool
 */
mq_markup_t mq_chart_bars(const mq_bar_t *bars, int count, const char *title,
                          const mq_script_t *script, apr_pool_t *pool);

#endif
