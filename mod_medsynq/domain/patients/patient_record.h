/* patient_record.h -- one patient's record as it is stored, and reading it. What may be done with
 * it is in patients.h. */
#ifndef MQ_DOMAIN_PATIENT_RECORD_H
#define MQ_DOMAIN_PATIENT_RECORD_H

#include "domain/patients/chart_items.h"
#include "domain/patients/patient_fields.h"
#include "store/db.h"

typedef enum {
    MQ_PATIENT_ACTIVE = 1,
    MQ_PATIENT_ARCHIVED = 2,
    MQ_PATIENT_HIDDEN = 3 /* no page shows it: of an import under way, or replaced by another */
} mq_patient_status_t;

/** The list that a patient stands in, one at a time. The numbers are stored. */
typedef enum {
    MQ_LISTING_ACTIVE = 1,
    MQ_LISTING_ARCHIVED = 2,
    MQ_LISTING_INCOMING = 3,
    MQ_LISTING_DECEASED = 4, /* and not archived */
    MQ_LISTING_REPLACED = 5  /* by the record that it was merged into (merges.h) */
} mq_listing_t;

/** What made a version. The numbers are stored. */
typedef enum {
    MQ_CHANGE_ADDED = 1,
    MQ_CHANGE_EDITED = 2,
    MQ_CHANGE_ARCHIVED = 3,
    MQ_CHANGE_RESTORED = 4, /* from the archive */
    MQ_CHANGE_REVERTED = 5, /* an earlier version's fields again */
    MQ_CHANGE_MERGED = 6,   /* another record was merged into this one; the reason is its number */
    MQ_CHANGE_REPLACED = 7, /* this one was merged into another; the reason is its number */
    MQ_CHANGE_SEPARATED = 8 /* a merge was undone, seen from either side; likewise */
} mq_patient_change_t;

/** One record. Texts are from the scope's pool. */
typedef struct mq_patient_t {
    mq_id_t id;
    apr_int64_t version;
    const char *mrn;
    const char *name;       /* as in fields */
    const char *birth_date; /* as in fields; or NULL */
    mq_patient_status_t status;
    apr_time_t created_at;
    apr_time_t updated_at;
    /* not in lists: */
    mq_id_t updated_by;
    const char *updated_by_name;
    mq_patient_change_t change;
    const char *change_reason; /* or NULL */
    mq_patient_fields_t fields;
    const apr_array_header_t *chart; /* of mq_chart_item_t that stand: no page about a patient can
                                      * forget an allergy */
} mq_patient_t;

/** Read a record for whoever records the disclosure, or makes the change, himself.
 * @return MQ_ENOTFOUND */
apr_status_t mq_patient_read(mq_patient_t *patient_out, const mq_scope_t *sc, const mq_id_t *id);

/** The same of a record that another has replaced, which nothing else shows. @return MQ_ENOTFOUND
 * there is none, or it is in use */
apr_status_t mq_patient_read_replaced(mq_patient_t *patient_out, const mq_scope_t *sc,
                                      const mq_id_t *id);

/**
 * The same of what a guest looks at. Where its lists are not shared, chart is empty: whoever shows
 * it says that they are not, and never that there is nothing.
 * @return MQ_ENOTFOUND it was replaced by another record, or merged
 */
apr_status_t mq_patient_read_as_guest(mq_patient_t *patient_out, const mq_guest_t *guest);

#endif
