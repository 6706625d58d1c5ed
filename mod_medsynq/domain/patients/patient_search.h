/* patient_search.h -- finding a person from one box: words of the names in any order, the date of
 * birth or a year of it, the record number as people say it, the national identifier, digits of a
 * telephone number. */
#ifndef MQ_DOMAIN_PATIENT_SEARCH_H
#define MQ_DOMAIN_PATIENT_SEARCH_H

#include "base/date.h"
#include "domain/patients/patient_lists.h"
#include "domain/patients/search_query.h"

enum { MQ_SEARCH_STEP = 20, MQ_SEARCH_MOST = 200 };

/** The people found; texts are from the scope's pool. */
typedef struct mq_search_found_t {
    mq_patient_row_t *rows;
    int count;
    int has_more;
    int is_similar; /* nobody has what was typed, but these have names like it */
    mq_search_typed_t typed;
} mq_search_found_t;

/**
 * Search all records, archived ones too. A record whose number is exactly what was typed comes
 * first. The disclosure is recorded with a keyed digest of what was typed, never its text.
 * @param typed one clean line
 * @param style how dates in it are read; NULL: day first, or ISO
 * @param most  how many rows to give, 1 to MQ_SEARCH_MOST
 * @return MQ_EDENIED the role may not search
 */
apr_status_t mq_patients_search(mq_search_found_t *found_out, const mq_scope_t *sc,
                                const char *typed, const mq_date_style_t *style, int most);

/**
 * The records that this person opened last, the latest first.
 * @param record whether this is an event of the trail; not where it is part of another disclosure
 */
apr_status_t mq_patients_recent(mq_search_found_t *found_out, const mq_scope_t *sc, int most,
                                int record);

#endif
