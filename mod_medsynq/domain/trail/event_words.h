/* event_words.h -- what an event says to people: what somebody did, in the past ("Opened the
 * record"). What a role may do is said in policy.c. */
#ifndef MQ_DOMAIN_EVENT_WORDS_H
#define MQ_DOMAIN_EVENT_WORDS_H

#include "domain/policy.h"

/** One action and what is said of it; English, for the catalogue to translate. */
typedef struct mq_event_words_t {
    mq_action_t action;
    const char *words;
} mq_event_words_t;

/** Actions about the same thing, in the order in which people choose from them. */
typedef struct mq_event_group_t {
    const char *title;
    const mq_event_words_t *events;
    int count;
} mq_event_group_t;

/** @return all groups, ended by one without a title; each action is in one of them */
const mq_event_group_t *mq_event_groups(void);

/** @return English, for the catalogue to translate; "Unknown action" for a number that no action
 * has, as after a newer program */
const char *mq_event_words(mq_action_t action);

#endif
