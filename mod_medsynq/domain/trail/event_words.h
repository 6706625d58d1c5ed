/* event_words.h -- what an event says to people: what somebody did, in the past ("Opened the
 * record"). What a role may do is said in policy.c. */
#ifndef MQ_DOMAIN_EVENT_WORDS_H
#define MQ_DOMAIN_EVENT_WORDS_H

#include "domain/policy.h"

/** @return English, for the catalogue to translate; "Unknown action" for a number that no action
 * has, as after a newer program */
const char *mq_event_words(mq_action_t action);

#endif
