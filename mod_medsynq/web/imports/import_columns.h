/* import_columns.h -- which column of an imported file is what, and in which order its dates are
 * written: the form of templates/imports/import_columns.html. */
#ifndef MQ_WEB_IMPORT_COLUMNS_H
#define MQ_WEB_IMPORT_COLUMNS_H

#include "domain/imports/patient_import_rows.h"
#include "web/pages.h"

/** What a person says of the columns. */
typedef struct mq_import_choice_t {
    mq_import_field_t fields[MQ_IMPORT_COLUMNS_MOST];
    mq_date_order_t order; /* MQ_DATE_ORDER_PLAIN: nothing is said */
} mq_import_choice_t;

/** The form, as a part of the import's page; texts and lists live in the request's pool. */
typedef struct mq_import_columns_t {
    const char *dates_read_text; /* how dates were read; NULL: not yet, or there are none */
    const char *dates_text;      /* in which order they are read, and why; NULL: it is a choice */
    const char *encoding_text;   /* how the file is read, where that is not UTF-8; or NULL */
    int is_remembered;           /* the columns are as for the last file with the same names */
    int asks_head;
    mq_list_t heads; /* the rows among which the one with the names is chosen */
    int asks_order;
    int is_contrary; /* both orders are in the file: */
    const char *day_first;
    const char *month_first;
    mq_list_t columns;
    mq_list_t orders;
} mq_import_columns_t;

extern const mq_slot_t mq_import_columns_slots[];

/** Draw the form. @param chosen what was sent and could not be; NULL: what is kept, or a guess */
apr_status_t mq_import_columns_draw(mq_import_columns_t *form_out, const mq_request_t *rq,
                                    const mq_scope_t *sc, const mq_import_t *import,
                                    const mq_import_choice_t *chosen);

/** Read it. @return a sentence for the person when the choice cannot be, else NULL */
const char *mq_import_choice_read(mq_import_choice_t *choice_out, const mq_request_t *rq,
                                  const mq_scope_t *sc, const mq_import_t *import);

/** @return what a field is called on pages */
const char *mq_import_field_text(const mq_request_t *rq, mq_import_field_t field);

#endif
