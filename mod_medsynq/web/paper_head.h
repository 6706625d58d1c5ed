/* paper_head.h -- the head of an organisation's paper: what a page's struct includes for
 * {{>letterhead}}. */
#ifndef MQ_WEB_PAPER_HEAD_H
#define MQ_WEB_PAPER_HEAD_H

#include "base/template.h"
#include "domain/organisations/letterhead.h"

/** MQ_INCLUDE(page_t, letterhead, mq_letterhead_slots), filled by mq_letterhead_read. */
extern const mq_slot_t mq_letterhead_slots[];

#endif
