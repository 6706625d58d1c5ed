/* merges.h -- two records of one person become one, and two again. The words are those of FHIR's
 * $merge: the source is replaced by the target. The target gets the fields that were chosen and all
 * parts; the source keeps its number, fields and versions, and no list, search or form has it any
 * more: whoever asks for it is led to the target (patient_links.h). */
#ifndef MQ_DOMAIN_MERGES_H
#define MQ_DOMAIN_MERGES_H

#include "domain/patients/merge_fields.h"
#include "domain/patients/patient_record.h"

/** What is to be merged, and what the person saw of it. */
typedef struct mq_merge_t {
    mq_id_t target;
    apr_int64_t target_version;
    mq_id_t source;
    apr_int64_t source_version;
    mq_merge_answers_t answers;
} mq_merge_t;

/**
 * Read two records to be shown side by side; one disclosure of both.
 * @return MQ_ENOTFOUND one of them is not in use here; MQ_EDENIED
 */
apr_status_t mq_merge_view(mq_patient_t *target_out, mq_patient_t *source_out, const mq_scope_t *sc,
                           const mq_id_t *target, const mq_id_t *source);

/**
 * Merge, in one transaction.
 * @return MQ_ENOTFOUND one of them is not in use here, or was merged meanwhile; MQ_ECONFLICT one
 * has another version now, they are the same, or the target is archived; MQ_EINVALID the chosen
 *         fields do not go together, as a death before the birth; MQ_EDENIED; MQ_EREPEATED
 */
apr_status_t mq_merge(const mq_scope_t *sc, const mq_merge_t *merge);

enum { MQ_UNMERGE_ASKED_MOST = 200 };

/** Something that was written or changed in the record since the merge, and may be either person's.
 * Texts are from the scope's pool. */
typedef struct mq_unmerge_item_t {
    const char *part; /* its table */
    mq_id_t id;
    apr_time_t created_at;
    const char *author;
    const char *said; /* NULL: a draft, or not for this person's eyes */
    int is_draft;
    int is_brought; /* it came from the source, and was changed since */
    int goes;       /* to the record that comes back; else it stays */
} mq_unmerge_item_t;

/** What separating will do. */
typedef struct mq_unmerge_view_t {
    mq_patient_t target;        /* as it is now */
    mq_patient_t source;        /* as it will be again */
    mq_patient_fields_t fields; /* what the target will say */
    apr_array_header_t *items;  /* of mq_unmerge_item_t, the chart first, by time */
    int has_more;               /* than MQ_UNMERGE_ASKED_MOST: those stay where they came to */
} mq_unmerge_view_t;

/** Read what separating a record from the one that replaced it will do; disclosed. @return
 * MQ_ENOTFOUND it was not merged into this one, or this one is not in use; MQ_EDENIED */
apr_status_t mq_unmerge_view(mq_unmerge_view_t *view_out, const mq_scope_t *sc,
                             const mq_id_t *target, const mq_id_t *source);

/** What is to be separated. */
typedef struct mq_unmerge_t {
    mq_id_t target;
    apr_int64_t target_version;
    mq_id_t source;
    const apr_array_header_t *items; /* of mq_unmerge_item_t: part, id and goes of each */
} mq_unmerge_t;

/**
 * Separate, in one transaction: the source is as it was, with the parts that came from it; the
 * target gives back the fields that the merge brought, unless they were changed since.
 * @return as mq_unmerge_view; MQ_ECONFLICT the target has another version now, or something was
 *         added about which nobody was asked; MQ_EREPEATED. That they are different people is
 *         remembered (patient_pairs.h)
 */
apr_status_t mq_unmerge(const mq_scope_t *sc, const mq_unmerge_t *unmerge);

#endif
