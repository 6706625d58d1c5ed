/* manners_choices.c -- the lists of date formats and time zones. Formats are base/date.h's, zones
 * ICU's. */
#include "web/organisations/manners_choices.h"

#include <apr_strings.h>
#include <string.h>

#include "web/dates.h"

const mq_choice_t *mq_formats_offer(const mq_request_t *rq, const char *first)
{
    mq_choice_t *choices = apr_pcalloc(rq->pool, sizeof *choices * (MQ_DATE_FORMATS + 2));
    mq_choice_t *at = choices;
    if (first) {
        *at++ = (mq_choice_t){"", first};
    }
    for (int i = 0; i < MQ_DATE_FORMATS; i++) {
        const mq_date_style_t style = {(mq_date_format_t)i, rq->dates.months};
        *at++ =
            (mq_choice_t){apr_itoa(rq->pool, i), mq_date_format("1975-04-23", &style, rq->pool)};
    }
    return choices;
}

apr_status_t mq_zones_offer(const mq_choice_t **choices_out, const mq_request_t *rq,
                            const char *first, const char *present)
{
    apr_array_header_t *names;
    mq_choice_t *choices;
    mq_choice_t *at;
    MQ_TRY(mq_zone_names(&names, rq->hooks->header(rq, "Accept-Language"), rq->pool));
    choices = at = apr_pcalloc(rq->pool, sizeof *choices * (size_t)(names->nelts + 3));
    if (first) {
        *at++ = (mq_choice_t){"", first};
    }
    for (int i = 0; i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);
        *at++ = (mq_choice_t){name, name};
        present = present && strcmp(name, present) == 0 ? NULL : present;
    }
    if (present) { /* known to former or later data of ICU's */
        *at = (mq_choice_t){present, present};
    }
    *choices_out = choices;
    return APR_SUCCESS;
}
