/* shared.h -- what other organisations share with one's own: the list, one patient read live, and
 * letting go. Nothing of a patient is kept here: what is shown are the owner's rows of that
 * instant, and each showing is written in both trails, in one commit, before it leaves. */
#ifndef MQ_DOMAIN_SHARING_SHARED_H
#define MQ_DOMAIN_SHARING_SHARED_H

#include "domain/change.h"
#include "domain/patients/patient_record.h"
#include "domain/sharing/guests.h"

enum {
    MQ_SHARED_PER_PAGE = 50,
    MQ_SHARED_LOOKED_AT = 200 /* for one page: some 20 ms, in which nobody else writes */
};

/** One line of the list. Texts are from the scope's pool. */
typedef struct mq_shared_row_t {
    mq_share_t share;
    const char *name;
    const char *birth_date; /* or NULL */
    const char *sex;        /* as in mq_patient_fields_t */
} mq_shared_row_t;

/** One patient. */
typedef struct mq_shared_t {
    mq_share_t share;
    mq_patient_t patient;      /* chart is empty where the lists are not shared */
    apr_array_header_t *notes; /* of mq_patient_note_t, all or those that were chosen; NULL: they
                                * are not shared */
} mq_shared_t;

/**
 * Read a page of what is shared with one's own organisation, the newest first.
 * @param list_out of mq_shared_row_t
 * @param next_out the last that was looked at, where there may be more; else NULL
 * @param before   the last of the page before, or NULL
 * @param typed    a part of the name, or what finds people in one's own register
 *                 (patient_search.h), the owner's record number being theirs; NULL: all
 * @param style    how dates in it are read
 * @return MQ_EDENIED
 */
apr_status_t mq_shared_page(apr_array_header_t **list_out, const mq_id_t **next_out,
                            const mq_scope_t *sc, const mq_id_t *before, const char *typed,
                            const mq_date_style_t *style);

/**
 * Open one.
 * @param before notes before this one, or NULL: the newest
 * @param limit  at most so many notes, one more than are shown; addenda do not count
 * @return MQ_ENOTFOUND there is none, or not any more: guests.h; MQ_EDENIED
 */
apr_status_t mq_shared_open(mq_shared_t *shared_out, const mq_scope_t *sc, const mq_id_t *id,
                            const mq_id_t *before, int limit);

/** What a reader's event of a list begins with; the number of organisations that were told
 * follows. */
#define MQ_SHARED_OWNERS "organisations "

/**
 * Tell each organisation that a page names somebody of, within that change.
 * @param event_io the reader's own event of the page
 * @param owners   of each patient; those of one organisation are the same
 */
apr_status_t mq_shared_owners_tell(mq_audit_event_t *event_io, const mq_scope_t *const *owners,
                                   const mq_id_t *patients, int count, apr_pool_t *pool);

/** End a share that a guest was not minted for because its time is over: where it is met first, for
 * there is no job for it. Within that change. */
apr_status_t mq_shared_over(const mq_scope_t *sc, const mq_share_t *share);

/** Let go of one, for good; also while the link rests. @return MQ_ENOTFOUND there is none, or it is
 * over; MQ_EDENIED */
apr_status_t mq_shared_let_go(const mq_scope_t *sc, const mq_id_t *id);

#endif
