/* chart_view.h -- a patient's chart for reading: the cards on the record and on paper, one list,
 * the line of allergies that the banner has. Kinds are in domain/patients/chart_kinds.h, changing
 * in chart_pages.c. */
#ifndef MQ_WEB_CHART_VIEW_H
#define MQ_WEB_CHART_VIEW_H

#include "domain/patients/patients.h"
#include "web/pages.h"

/** One item, drawn. */
typedef struct mq_chart_line_t {
    const char *said;     /* what it is */
    const char *details;  /* the rest of its fields, in words; or NULL */
    const char *severity; /* of an allergy, or NULL */
    const char *at_text;  /* NULL on cards and in banners, like the rest of these: */
    const char *at_iso;
    const char *by;
    const char *since_text; /* when it was recorded first */
    const char *reason;     /* why it was entered in error, or NULL */
    const char *href;       /* of its own page */
    int is_severe;
    int can_change;
} mq_chart_line_t;

/** What is current of one kind. */
typedef struct mq_chart_said_t {
    mq_list_t lines;
    const char *nothing;    /* what is said where there is no line */
    const char *nothing_by; /* who has said that there is none, and when; or NULL */
    const char *nothing_at;
} mq_chart_said_t;

/** A list of one kind: MQ_LIST(page_t, charts, mq_chart_card_slots, mq_chart_card_t). */
typedef struct mq_chart_card_t {
    const char *list_title;
    const char *href;
    const char *add;   /* what leads to the form, NULL: the person may not */
    const char *first; /* the box of the form in which typing begins */
    mq_chart_said_t now;
} mq_chart_card_t;

extern const mq_slot_t mq_chart_line_slots[];
extern const mq_slot_t mq_chart_card_slots[];

/** @return whether the person may read the kind */
int mq_chart_may_read(const mq_scope_t *sc, const mq_chart_kind_t *kind);

/** @return the cards of all kinds that the person may read, from the request's pool */
mq_list_t mq_chart_cards(const mq_request_t *rq, const mq_scope_t *sc, const mq_patient_t *patient);

/** @return what is current of one kind, in brief */
mq_chart_said_t mq_chart_said(const mq_request_t *rq, const mq_patient_t *patient,
                              const mq_chart_kind_t *kind);

/** @return the list of one kind, with who recorded each line last, and when */
mq_chart_card_t mq_chart_list(const mq_request_t *rq, const mq_patient_t *patient,
                              const mq_chart_kind_t *kind, int can_add);

/** @return one item as a line of such a list. @param list_href of mq_chart_href */
mq_chart_line_t mq_chart_line(const mq_request_t *rq, const char *list_href,
                              const mq_chart_item_t *item);

/** @return a value in words, NULL for an empty one */
const char *mq_chart_value_say(const mq_request_t *rq, const mq_chart_field_t *field,
                               const char *value);

/** @return "/patients/{id}/allergies" and what follows it */
const char *mq_chart_href(const mq_request_t *rq, const mq_id_t *patient,
                          const mq_chart_kind_t *kind, const char *rest);

#endif
