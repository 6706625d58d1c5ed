/* label_view.h -- which allergies a label has room for. A label shows as many as are sure to fit,
 * the worst first, and says how many it leaves out: nothing is cut off in silence. */
#ifndef MQ_WEB_LABEL_VIEW_H
#define MQ_WEB_LABEL_VIEW_H

#include "web/patients/patient_banner.h"

/** The slots of label.html: MQ_INCLUDE(page_t, label, mq_label_slots). */
typedef struct mq_label_view_t {
    mq_list_t on_label;       /* of mq_chart_line_t, the first of all */
    apr_int64_t lines;        /* that they take at most */
    const char *not_on_label; /* how many are left out, and of them severe; or NULL */
} mq_label_view_t;

extern const mq_slot_t mq_label_slots[];

/** @return what of a patient's allergies a label shows, from the request's pool. @param who what
 * stands above them */
mq_label_view_t mq_label_view(const mq_request_t *rq, const mq_patient_t *patient,
                              const mq_patient_banner_t *who);

#endif
