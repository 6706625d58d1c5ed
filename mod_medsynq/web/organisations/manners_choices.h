/* manners_choices.h -- what to choose an organisation's dates and time zone from, when it is made
 * and in its settings. */
#ifndef MQ_WEB_MANNERS_CHOICES_H
#define MQ_WEB_MANNERS_CHOICES_H

#include "domain/field_kinds.h"
#include "web/request.h"

/** @return the ways to write a date, each shown by one, with its number as the value
 * @param first the label of the choice of none, or NULL: there is no such choice */
const mq_choice_t *mq_formats_offer(const mq_request_t *rq, const char *first);

/**
 * List the zones, those of the browser's country first.
 * @param first   as above
 * @param present a zone that is offered in any case, or NULL
 */
apr_status_t mq_zones_offer(const mq_choice_t **choices_out, const mq_request_t *rq,
                            const char *first, const char *present);

#endif
