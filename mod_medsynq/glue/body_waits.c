/* body_waits.c -- two counters of a process. Who is not signed in takes of both: neither they nor
 * the signed in can have more than the half together. */
#include "glue/body_waits.h"

#include <stdatomic.h>

#include <ap_mpm.h>

typedef struct places_t {
    atomic_int taken;
    int most; /* at least 1: under prefork a process is one thread */
} places_t;

struct mq_body_waits_t {
    places_t everybodys;
    places_t strangers;
};

mq_body_waits_t *mq_body_waits_make(apr_pool_t *pchild)
{
    mq_body_waits_t *waits = apr_pcalloc(pchild, sizeof *waits);
    int threads = 0;
    if (ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads) != APR_SUCCESS) {
        threads = 0;
    }
    waits->everybodys.most = threads < 2 ? 1 : threads / 2;
    waits->strangers.most = threads < 4 ? 1 : threads / 4;
    return waits;
}

static int place_take(places_t *places)
{
    if (atomic_fetch_add(&places->taken, 1) < places->most) {
        return 1;
    }
    atomic_fetch_sub(&places->taken, 1);
    return 0;
}

int mq_body_wait_begin(mq_body_waits_t *waits, int is_signed_in)
{
    if (!is_signed_in && !place_take(&waits->strangers)) {
        return 0;
    }
    if (place_take(&waits->everybodys)) {
        return 1;
    }
    if (!is_signed_in) {
        atomic_fetch_sub(&waits->strangers.taken, 1);
    }
    return 0;
}

void mq_body_wait_end(mq_body_waits_t *waits, int is_signed_in)
{
    atomic_fetch_sub(&waits->everybodys.taken, 1);
    if (!is_signed_in) {
        atomic_fetch_sub(&waits->strangers.taken, 1);
    }
}
