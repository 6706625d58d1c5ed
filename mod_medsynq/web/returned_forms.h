/* returned_forms.h -- a form that had no effect comes back with all that was typed into it, a fresh
 * token and one sentence that says why: as itself where its handler can show it, else field by
 * field. Never to anybody but the person to whom its page was shown. */
#ifndef MQ_WEB_RETURNED_FORMS_H
#define MQ_WEB_RETURNED_FORMS_H

#include "web/pages.h"
#include "web/routes.h"

extern const mq_page_t mq_returned_page;

/** One field, for {{>returned_fields}}. */
typedef struct mq_returned_value_t {
    const char *id;
    const char *name;
    const char *label;
    const char *value;
    int is_hidden;
    int is_line;
} mq_returned_value_t;

extern const mq_slot_t mq_returned_value_slots[];

/** Draw fields of a form, without its proofs. @param number tells forms of one page apart */
mq_list_t mq_returned_values(const mq_request_t *rq, const apr_array_header_t *fields, int number);

/** @return whether a form carries it for the program, so that it is sent along and not shown */
int mq_returned_is_carried(const char *name);

/** @return whether it is a proof or a secret, which never comes back and is never stored */
int mq_returned_is_secret(const char *name);

/** @return the value that a field comes back with: a page that comes back is sent by a person, and
 * goes on with what its page has saved by itself */
const char *mq_returned_value(const mq_form_field_t *field);

/** @return whether a person typed or chose anything in the form */
int mq_returned_is_typed(const apr_array_header_t *fields);

/** @return what people call a parameter of ours */
const char *mq_returned_label(const mq_request_t *rq, const char *name);

/** Show a form that was sent to a path as the form that it was: its handler reads it and finds that
 * nobody has confirmed it. rq->returned says why it comes back.
 * @return 0 that cannot be, and nothing has been shown */
int mq_returned_as_itself(mq_request_t *rq, const char *path, const apr_array_header_t *fields);

/** Answer a POST that was refused or failed with its form.
 * @param why one sentence for people; NULL: what the status says
 * @return MQ_ENOTFOUND there is nothing that could come back, or not to this person: show the error
 */
apr_status_t mq_form_return(mq_request_t *rq, int status, const char *why);

#endif
