/* patient_pages.h -- adding a patient, one record. Editing: patient_edit_pages.h. */
#ifndef MQ_WEB_PATIENT_PAGES_H
#define MQ_WEB_PATIENT_PAGES_H

#include "web/pages.h"
#include "web/patients/patient_banner.h"
#include "web/patients/patient_form.h"

extern const mq_page_t mq_patient_form_template;

/** The struct of patient_form.html, for adding and editing. */
typedef struct mq_patient_form_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient; /* NULL: a new one */
    mq_form_view_t form;
    const char *action;
    const char *back_href;
    int is_new;
    int has_duplicates;
    mq_list_t duplicates;
} mq_patient_form_page_t;

#endif
