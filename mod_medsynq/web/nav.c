/* nav.c -- what templates may say of such links. */
#include "web/nav.h"

const mq_slot_t mq_nav_link_slots[] = {MQ_TEXT(mq_nav_link_t, label), MQ_TEXT(mq_nav_link_t, href),
                                       MQ_FLAG(mq_nav_link_t, is_here), MQ_SLOTS_END};

const mq_slot_t mq_nav_slots[] = {MQ_TEXT(mq_nav_t, name),
                                  MQ_LIST(mq_nav_t, links, mq_nav_link_slots, mq_nav_link_t),
                                  MQ_SLOTS_END};
