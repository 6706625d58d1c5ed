/* patient_age.c -- ages in the units that matter for dosing: NHS CUI counts days, weeks and months
 * for the young. */
#include "domain/patients/patient_age.h"

enum { DAYS_MOST = 28, WEEKS_MOST = 91 /* days */, MONTHS_MOST = 24, MONTHS = 12, WEEK = 7 };

/* Days since 1 March of year 0, by which a year ends with the day that leaps. */
static int day_number(const mq_day_t *day)
{
    int year = day->year - (day->month < 3);
    int month = (day->month + 9) % MONTHS;
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day->day - 1;
}

/* Completed months; the most that are possible where a day is not known. */
static int months_between(const mq_day_t *from, const mq_day_t *to)
{
    int months = MONTHS * (to->year - from->year) + to->month - from->month;
    return months - (from->day && to->day && to->day < from->day);
}

static void years_reckon(mq_patient_age_t *age, const mq_day_t *from, const mq_day_t *to)
{
    age->unit = MQ_AGE_YEARS;
    age->number =
        from->month && to->month ? months_between(from, to) / MONTHS : to->year - from->year;
}

static void age_reckon(mq_patient_age_t *age, const mq_day_t *from, const mq_day_t *to)
{
    int days;
    age->is_about = !from->day || !to->day;
    if (!from->month || !to->month || months_between(from, to) >= MONTHS_MOST) {
        years_reckon(age, from, to);
        return;
    }
    if (age->is_about) {
        age->unit = MQ_AGE_MONTHS;
        age->number = months_between(from, to);
        return;
    }
    days = day_number(to) - day_number(from);
    if (days < DAYS_MOST) {
        age->unit = MQ_AGE_DAYS;
        age->number = days;
    } else if (days < WEEKS_MOST) {
        age->unit = MQ_AGE_WEEKS;
        age->number = days / WEEK;
    } else {
        age->unit = MQ_AGE_MONTHS;
        age->number = months_between(from, to);
    }
}

apr_status_t mq_patient_age(mq_patient_age_t *age_out, const char *birth_date, int is_deceased,
                            const char *deceased_date, const mq_day_t *today)
{
    mq_day_t from;
    mq_day_t to = *today;
    *age_out = (mq_patient_age_t){.is_at_death = is_deceased};
    if (!birth_date || mq_date_parse(&from, birth_date) != APR_SUCCESS) {
        return MQ_EINVALID;
    }
    if (is_deceased && (!deceased_date || mq_date_parse(&to, deceased_date) != APR_SUCCESS)) {
        return MQ_EINVALID;
    }
    age_reckon(age_out, &from, &to);
    return age_out->number >= 0 ? APR_SUCCESS : MQ_EINVALID;
}
