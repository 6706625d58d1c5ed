/* password_page.c -- the slots of password.html. */
#include "web/access/password_page.h"

static const mq_slot_t password_slots[] = {MQ_TEXT(mq_password_page_t, action),
                                           MQ_TEXT(mq_password_page_t, whose),
                                           MQ_TEXT(mq_password_page_t, problem),
                                           MQ_TEXT(mq_password_page_t, said),
                                           MQ_TEXT(mq_password_page_t, button),
                                           MQ_TEXT(mq_password_page_t, lead),
                                           MQ_INCLUDE(mq_password_page_t, form, mq_form_slots),
                                           MQ_INCLUDE(mq_password_page_t, frame, mq_frame_slots),
                                           MQ_SLOTS_END};

const mq_page_t mq_password_template = {"password.html", password_slots};
