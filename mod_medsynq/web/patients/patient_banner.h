/* patient_banner.h -- who a page is about: shown by patient_banner.html on every page about one
 * patient, so that nobody reads or writes in the wrong record. */
#ifndef MQ_WEB_PATIENT_BANNER_H
#define MQ_WEB_PATIENT_BANNER_H

#include "domain/patients/patients.h"
#include "web/patients/chart_view.h"
#include "web/patients/patient_href.h"

/** The banner's slots: MQ_STRUCT(page_t, patient, mq_patient_banner_slots). */
typedef struct mq_patient_banner_t {
    const char *id;
    const char *name;
    const char *preferred_name; /* these may be NULL */
    const char *pronouns;
    const char *birth_date;
    const char *birth_date_text;
    const char *age;
    const char *mrn;
    const char *sex;
    const char *deceased_on; /* a date, or NULL */
    apr_int64_t version;
    mq_list_t allergies; /* current ones, the worst first; all severe ones, of the others not all,
                            if many */
    const char *more_allergies; /* how many are left out, or NULL */
    const char *no_allergies;   /* what is said where there are none */
    int is_allergic;
    int is_archived;
    int is_deceased;
} mq_patient_banner_t;

extern const mq_slot_t mq_patient_banner_slots[];

/** @return the banner of a record, from the request's pool */
const mq_patient_banner_t *mq_patient_banner(const mq_request_t *rq, const mq_patient_t *patient);

#endif
