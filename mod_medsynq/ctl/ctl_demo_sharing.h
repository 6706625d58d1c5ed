/* ctl_demo_sharing.h -- what the organisations of a demo share: links, consents, and a referral in
 * each state. */
#ifndef MQ_CTL_CTL_DEMO_SHARING_H
#define MQ_CTL_CTL_DEMO_SHARING_H

#include "domain/access/scope_minting.h"

enum {
    DEMO_LINKED = 3 /* organisations, each with the next */,
    DEMO_SHARED = 4 /* patients of each */
};

/** One of the organisations that are linked. */
typedef struct demo_house_t {
    apr_int64_t tenant;
    mq_id_t admin;
    mq_id_t doctor;
    mq_id_t patients[DEMO_SHARED];
    int count;
} demo_house_t;

/** Link each of them with the next, where there are several; share, and refer. */
apr_status_t demo_houses_share(const mq_visit_t *visit, const demo_house_t *houses, int count);

#endif
