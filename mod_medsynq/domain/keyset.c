/* keyset.c -- where a page of a list begins, and whether it is the last. */
#include "domain/keyset.h"

const mq_id_t *mq_keyset_before(const mq_id_t *before)
{
    static const mq_id_t behind_all = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                        0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    return before ? before : &behind_all;
}

int mq_keyset_cut(apr_array_header_t *rows, int most)
{
    const int goes_on = rows->nelts > most;
    if (goes_on) {
        rows->nelts = most;
    }
    return goes_on;
}
