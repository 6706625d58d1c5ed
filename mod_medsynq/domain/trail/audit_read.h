/* audit_read.h -- reading the trail. Reading is itself an event. Who has viewed a record, as it is
 * told to its patient, is in record_views.h. */
#ifndef MQ_DOMAIN_AUDIT_READ_H
#define MQ_DOMAIN_AUDIT_READ_H

#include <apr_tables.h>

#include "domain/trail/audit.h"

enum {
    MQ_AUDIT_PER_PAGE = 50,
    MQ_AUDIT_LOOKED_AT_MOST = 20000 /* events behind one page, however rare what is asked for */
};

/** Whether events count that showed the patient as one of a list: the dashboard, a list, a search,
 * likely duplicates. Of whoever asks for a patient alone. */
typedef enum { MQ_AUDIT_LISTS_TOO, MQ_AUDIT_LISTS_ONLY, MQ_AUDIT_LISTS_NOT } mq_audit_lists_t;

/** Which events; what is 0 or NULL does not narrow. */
typedef struct mq_audit_choice_t {
    const mq_id_t *actor;
    const mq_id_t *patient; /* and whom that record replaces */
    mq_action_t action;
    mq_audit_lists_t lists;
    apr_time_t from;    /* included */
    apr_time_t until;   /* not included; 0: no end */
    apr_int64_t before; /* older than this event; 0: from the newest on */
} mq_audit_choice_t;

/** One event. Texts are from the pool that was given. */
typedef struct mq_audit_entry_t {
    apr_int64_t number;
    apr_time_t at;
    mq_id_t actor;          /* null: nobody was signed in */
    const char *actor_name; /* NULL: nobody was signed in */
    const char *address;
    mq_action_t action;
    mq_outcome_t outcome;
    const char *reason;
    mq_id_t patient;            /* null: none */
    const char *mrn;            /* its record number, or NULL */
    const char *concerned_name; /* of the member of staff to whose account it was done, or NULL */
    const char *concerned_email;
} mq_audit_entry_t;

/**
 * Read a page of events, the newest first, and record that they were read. A page may be short, or
 * empty, and have a next one: what is asked for is rare, and the page has looked far enough back.
 * @param entries_out array of mq_audit_entry_t
 * @param next_out    the choice's before for the next page, 0 when there is none
 * @return MQ_EDENIED the role may not read the trail
 */
apr_status_t mq_audit_page(apr_array_header_t **entries_out, apr_int64_t *next_out,
                           const mq_scope_t *sc, const mq_audit_choice_t *choice);

/** The same without an event of its own: the further pieces of a file that was begun.
 * @param pool for the entries */
apr_status_t mq_audit_rows(apr_array_header_t **entries_out, apr_int64_t *next_out,
                           const mq_scope_t *sc, const mq_audit_choice_t *choice, int most,
                           apr_pool_t *pool);

/* Who can be chosen is on every page of the trail, and a page is light. */
enum { MQ_AUDIT_PEOPLE = 100, MQ_AUDIT_PEOPLE_BYTES = 3072 };

/** Somebody to choose. Texts are from the scope's pool. */
typedef struct mq_audit_person_t {
    const char *email;
    const char *name;
} mq_audit_person_t;

/**
 * Those who can be chosen, in the order of their names; also who is disabled.
 * @param people_out of mq_audit_person_t; empty where there are more than MQ_AUDIT_PEOPLE, or their
 *                   names and addresses are longer than MQ_AUDIT_PEOPLE_BYTES: then they are asked
 *                   for by e-mail address
 * @return MQ_EDENIED the role may not read the trail
 */
apr_status_t mq_audit_people(apr_array_header_t **people_out, const mq_scope_t *sc);

/** Find a person by e-mail address for a choice. @return MQ_ENOTFOUND */
apr_status_t mq_audit_actor_find(mq_id_t *actor_out, const mq_scope_t *sc, const char *email);

/** Find a patient by record number for a choice. @return MQ_ENOTFOUND */
apr_status_t mq_audit_patient_find(mq_id_t *patient_out, const mq_scope_t *sc, const char *mrn);

#endif
