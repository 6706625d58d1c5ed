/* record_views.h -- who has viewed a patient's record, told so that the patient understands it:
 * each line is one visit to the record or one change of it. That the patient stood in lists is
 * counted, and told apart. Asking is itself an event. */
#ifndef MQ_DOMAIN_RECORD_VIEWS_H
#define MQ_DOMAIN_RECORD_VIEWS_H

#include "domain/trail/audit_read.h"

enum {
    MQ_VIEWS_PER_PAGE = 50,
    MQ_VIEWS_COUNTED_MOST = 1000, /* times in a list; more are said to be more */
    MQ_VIEWS_JOINED_MINUTES = 10  /* between two looks that are one visit */
};

/** One line. Texts are from the scope's pool. */
typedef struct mq_record_view_t {
    apr_time_t from;
    apr_time_t until; /* the last look of a visit; else as from */
    mq_id_t actor;
    const char *name;            /* as the person was called then; NULL: the system */
    int roles;                   /* today's MQ_ROLE_ bits; 0: not known here */
    apr_array_header_t *actions; /* of mq_action_t, each once, the first first */
    mq_outcome_t outcome;
} mq_record_view_t;

/** Somebody who has viewed it, to choose by. */
typedef struct mq_viewer_t {
    mq_id_t id;
    const char *name; /* as the person is called today */
    const char *key;  /* folded, to sort by */
    int roles;
} mq_viewer_t;

/** A page of it. */
typedef struct mq_record_views_t {
    apr_array_header_t *views;  /* of mq_record_view_t, the newest first */
    apr_int64_t next;           /* the choice's before for the next page; 0: there is none */
    apr_array_header_t *people; /* of mq_viewer_t, by name */
    int listed;                 /* times in a list, as far as they are counted; 0 where the
                                 * choice is the lists themselves */
} mq_record_views_t;

/**
 * Who has opened or changed a patient's record and those that it replaces, or, with lists
 * MQ_AUDIT_LISTS_ONLY, who has had the patient in a list; recorded.
 * @param choice its patient is not NULL
 * @return MQ_ENOTFOUND none in this organisation; MQ_EDENIED the role may not know
 */
apr_status_t mq_record_views(mq_record_views_t *views_out, const mq_scope_t *sc,
                             const mq_audit_choice_t *choice);

#endif
