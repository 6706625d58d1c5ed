/* patients_table.h -- the table of patients as the dashboard and the list show it. */
#ifndef MQ_WEB_PATIENTS_TABLE_H
#define MQ_WEB_PATIENTS_TABLE_H

#include "domain/patients/patient_lists.h"
#include "web/pages.h"
#include "web/paging.h"

/** What a page's struct includes to show the table. */
typedef struct mq_patients_table_t {
    mq_list_t patients;
    int has_patients;
    int shows_change; /* the column of the last change */
    mq_paging_t paging;
} mq_patients_table_t;

extern const mq_slot_t mq_patients_table_slots[];

/**
 * Prepare a page of records for show.
 * @param choice what the links to the other pages carry on
 * @param total  of the choice, where it is kept; -1
 */
mq_patients_table_t mq_patients_table(const mq_request_t *rq, const mq_patients_page_t *page,
                                      const mq_patients_choice_t *choice, apr_int64_t total);

/** @return a path with a choice as its parameters: "/patients?sort=updated"; those that it has by
 * itself are left out */
const char *mq_patients_choice_href(const mq_request_t *rq, const char *path,
                                    const mq_patients_choice_t *choice);

/** @return somebody's age as lists, banner, print and label have it ("12 days", "about 7 months",
 * "81 at death"), NULL when it is not known; from the request's pool */
const char *mq_age_text(const mq_request_t *rq, const char *birth_date, int is_deceased,
                        const char *deceased_date, const mq_day_t *today);

#endif
