/* paper_head.c -- its slots. */
#include "web/paper_head.h"

const mq_slot_t mq_letterhead_slots[] = {MQ_TEXT(mq_letterhead_t, address),
                                         MQ_TEXT(mq_letterhead_t, phone),
                                         MQ_FLAG(mq_letterhead_t, has_logo), MQ_SLOTS_END};
