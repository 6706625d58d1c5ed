/* patient_lists.h -- pages of the table of patients, each continuing from a row of the last. */
#ifndef MQ_DOMAIN_PATIENT_LISTS_H
#define MQ_DOMAIN_PATIENT_LISTS_H

#include "domain/trail/audit_groups.h"
#include "domain/patients/patients.h"

enum { MQ_PATIENTS_PER_PAGE = 50 };

/** The order of the table. */
typedef enum {
    MQ_SORT_NAME,
    MQ_SORT_FAMILY,
    MQ_SORT_BIRTH_DATE,
    MQ_SORT_UPDATED,
    MQ_SORTS
} mq_patients_sort_t;

/** Which patients, in which order. */
typedef struct mq_patients_choice_t {
    mq_patients_sort_t sort;
    mq_listing_t listing;
    apr_time_t since; /* changed at this instant or later; 0: all. Only with MQ_SORT_UPDATED */
    int most;         /* rows of a page; 0: MQ_PATIENTS_PER_PAGE */
} mq_patients_choice_t;

/** All that are active, by name: what /patients begins with. */
#define MQ_PATIENTS_ACTIVE ((mq_patients_choice_t){MQ_SORT_NAME, MQ_LISTING_ACTIVE, 0, 0})

/** Where a page of the table begins: after or before a row, or at the start. */
typedef enum { MQ_PAGE_FIRST, MQ_PAGE_AFTER, MQ_PAGE_BEFORE } mq_page_place_t;

/** What a table tells of one patient; the texts live as long as the rows. */
typedef struct mq_patient_row_t {
    mq_id_t id;
    const char *name;
    const char *birth_date; /* or NULL */
    const char *mrn;
    const char *former_name; /* these may be NULL */
    const char *preferred_name;
    const char *sex;
    const char *phone;
    const char *address;
    const char *deceased_date;
    apr_time_t updated_at; /* when the table is sorted by it, else 0 */
    const char *replaced;  /* the number that was asked for, of a record that this one replaces; or
                              NULL */
    int is_archived;
    int is_deceased;
} mq_patient_row_t;

/** One page of the table. */
typedef struct mq_patients_page_t {
    mq_patient_row_t *rows;
    int count;
    int has_previous;
    int has_next;
} mq_patients_page_t;

/**
 * Read a page of the table; the disclosure is recorded.
 * @param anchor the row that the page continues from; not used for MQ_PAGE_FIRST
 * @param beside who else stands on the page, outside the table; may be NULL
 * @return MQ_ENOTFOUND there is no such row in this organisation
 */
apr_status_t mq_patients_page(mq_patients_page_t *page_out, const mq_scope_t *sc,
                              const mq_patients_choice_t *choice, mq_page_place_t place,
                              const mq_id_t *anchor, const mq_patients_page_t *beside);

/**
 * Say in an event whom a page shows.
 * @param beside may be NULL
 * @return MQ_EBUG libcrypto failed
 */
apr_status_t mq_patients_show(mq_audit_event_t *event, const mq_patients_page_t *page,
                              const mq_patients_page_t *beside, apr_pool_t *pool);

/**
 * Read rows for whoever records the disclosure himself, as an export does.
 * @param most how many rows
 * @param pool for the rows and their texts
 * @return as mq_patients_page
 */
apr_status_t mq_patients_rows(mq_patients_page_t *page_out, const mq_scope_t *sc,
                              const mq_patients_choice_t *choice, mq_page_place_t place,
                              const mq_id_t *anchor, int most, apr_pool_t *pool);

/** The number of active patients, kept rather than counted. @param total_out as mq_db_soon */
apr_status_t mq_patients_total(apr_int64_t *total_out, const mq_scope_t *sc);

#endif
