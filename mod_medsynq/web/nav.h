/* nav.h -- links of which one is where the reader is: the tabs, how a list is sorted, which of its
 * lists a page shows. The last two are drawn by templates/nav.html. */
#ifndef MQ_WEB_NAV_H
#define MQ_WEB_NAV_H

#include "base/template.h"

/** One of them. */
typedef struct mq_nav_link_t {
    const char *label;
    const char *href;
    int is_here;
} mq_nav_link_t;

extern const mq_slot_t mq_nav_link_slots[];

/** Those that belong together. */
typedef struct mq_nav_t {
    const char *name; /* of all, "Sort by" */
    mq_list_t links;  /* of mq_nav_link_t */
} mq_nav_t;

extern const mq_slot_t mq_nav_slots[];

#endif
