/* patient_age.h -- how old somebody is, as everybody says it: the same in lists, banner, print and
 * label. */
#ifndef MQ_DOMAIN_PATIENT_AGE_H
#define MQ_DOMAIN_PATIENT_AGE_H

#include "base/date.h"

typedef enum { MQ_AGE_DAYS, MQ_AGE_WEEKS, MQ_AGE_MONTHS, MQ_AGE_YEARS } mq_age_unit_t;

/** Days to four weeks, weeks to three months, months to two years, then years. */
typedef struct mq_patient_age_t {
    int number;
    mq_age_unit_t unit;
    int is_about;    /* the day of birth, or of death, is not known */
    int is_at_death; /* of who has died */
} mq_patient_age_t;

/**
 * Reckon an age.
 * @param birth_date    ISO, perhaps without day or month; NULL: not known
 * @param is_deceased   the person has died: the age is that at death
 * @param deceased_date ISO likewise, or NULL
 * @param today         the organisation's day
 * @return MQ_EINVALID it cannot be known
 */
apr_status_t mq_patient_age(mq_patient_age_t *age_out, const char *birth_date, int is_deceased,
                            const char *deceased_date, const mq_day_t *today);

#endif
