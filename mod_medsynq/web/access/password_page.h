/* password_page.h -- the page on which a password is set or a link for that is asked for. */
#ifndef MQ_WEB_PASSWORD_PAGE_H
#define MQ_WEB_PASSWORD_PAGE_H

#include "web/form.h"

typedef struct mq_password_page_t {
    mq_frame_t frame;
    mq_form_view_t form;
    const char *action;
    const char *whose;   /* e-mail address and organisation, where nobody is signed in */
    const char *problem; /* why there is no form */
    const char *said;    /* what there is to say instead of the form */
    const char *button;
    const char *lead;
} mq_password_page_t;

extern const mq_page_t mq_password_template;

/** Stands below each field of a new password. */
#define MQ_NEW_PASSWORD_HINT                                                                       \
    MQ_SAY("At least 12 characters. Several words in a row are easy to remember and hard to "      \
           "guess.")

#endif
