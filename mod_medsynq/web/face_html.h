/* face_html.h -- a browser and the person before it: a cookie, forms with a token, pages. */
#ifndef MQ_WEB_FACE_HTML_H
#define MQ_WEB_FACE_HTML_H

#include "web/face.h"

extern const mq_face_t mq_face_html;

#endif
