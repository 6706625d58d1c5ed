/* consents.h -- what a patient, or who speaks for them, agrees that another organisation sees:
 * what, what for, and until when. A consent is what shares; when it is withdrawn, or over, nothing
 * is shared. Who reads it over there is shared.h's. */
#ifndef MQ_DOMAIN_SHARING_CONSENTS_H
#define MQ_DOMAIN_SHARING_CONSENTS_H

#include <apr_tables.h>

#include "domain/change.h"
#include "domain/core.h"
#include "domain/field_kinds.h"
#include "domain/sharing/chosen_notes.h"

enum {
    MQ_CONSENTS_PER_PAGE = 50,
    MQ_CONSENT_PARTNERS_PER_PAGE = 200, /* to choose from */
    MQ_CONSENT_DAYS = 90,               /* unless another day is said */
    MQ_CONSENT_DAYS_MOST = 365
};

/** Who has agreed. The numbers are stored, here and below. */
typedef enum { MQ_GIVEN_BY_PATIENT = 1, MQ_GIVEN_BY_GUARDIAN = 2 } mq_giver_t;

typedef enum {
    MQ_GIVEN_IN_WRITING = 1,
    MQ_GIVEN_ORALLY = 2,
    MQ_GIVEN_ELECTRONICALLY = 3
} mq_giving_t;

/** How a consent is, and the share that it makes. One whose time is over counts as expired whatever
 * is stored: it is stored when somebody comes across it, so that no clock brings it back. */
typedef enum {
    MQ_CONSENT_ACTIVE = 1,
    MQ_CONSENT_WITHDRAWN = 2,
    MQ_CONSENT_LINK_ENDED = 3,
    MQ_CONSENT_LET_GO = 4, /* by the other organisation */
    MQ_CONSENT_EXPIRED = 5
} mq_consent_state_t;

/** What it is for: FHIR's PurposeOfUse, ended by a row without a value. */
extern const mq_choice_t mq_consent_purposes[];

/** What is asked of whoever records one; texts are clean. */
typedef struct mq_consent_new_t {
    mq_id_t partner;
    mq_giver_t given_by;
    const char *giver_name;     /* of a guardian; else NULL */
    const char *giver_relation; /* likewise */
    mq_giving_t method;
    int parts;            /* MQ_SHARE_ bits; each stands on those before it */
    const mq_id_t *notes; /* of MQ_SHARE_CHOSEN, else NULL; nothing of one that is read */
    int note_count;
    const char *purpose; /* a value of mq_consent_purposes */
    apr_time_t from;
    apr_time_t until;   /* the first instant at which it is over */
    const char *remark; /* or NULL */
} mq_consent_new_t;

/** One that was recorded. Texts are from the scope's pool. */
typedef struct mq_consent_t {
    mq_id_t patient;
    mq_id_t id;
    mq_id_t share;
    mq_consent_new_t said;
    const char *partner_name;
    mq_consent_state_t state;
    apr_time_t recorded_at;
    const char *recorded_by;
    apr_time_t ended_at; /* 0: it has not */
    const char *ended_by;
    const char *ended_reason;
    apr_array_header_t *notes; /* that were chosen, of mq_sharable_note_t; NULL: none are */
    int note_count;            /* of those, also for whoever may read no notes */
    int is_open;               /* the link is active, and the other organisation is not closed */
    int is_asleep;             /* the record was merged into the one that was asked for */
} mq_consent_t;

/** An organisation that something can be shared with. */
typedef struct mq_consent_partner_t {
    mq_id_t id;
    const char *name;
} mq_consent_partner_t;

/** @return whether parts are such as can be given: each stands on those before it */
int mq_consent_parts_hold(int parts);

/** @return parts as the trail says them, "person, lists, 2 chosen notes", from pool
 * @param chosen how many notes, with MQ_SHARE_CHOSEN */
const char *mq_consent_parts_say(int parts, int chosen, apr_pool_t *pool);

/**
 * Record a consent, which shares at once, or from its first day on.
 * @return MQ_ENOTFOUND no such patient; MQ_ECONFLICT the record is archived, or the organisation is
 *         not linked, or closed, or a note that was chosen cannot be shared; MQ_EINVALID;
 *         MQ_EDENIED; MQ_EREPEATED; MQ_EBUSY too many of this hour: wait_out says how long to wait
 */
apr_status_t mq_consent_record(mq_id_t *id_out, int *wait_out, const mq_visit_t *visit,
                               const mq_scope_t *sc, const mq_id_t *patient,
                               const mq_consent_new_t *in);

/**
 * Count what the other organisation is about to be told of, and has to keep: nobody fills its list
 * and its trail.
 * @param wait_out how many seconds to wait, with MQ_EBUSY
 */
apr_status_t mq_consent_reach(int *wait_out, const mq_visit_t *visit, const mq_scope_t *sc,
                              const mq_id_t *partner);

/**
 * The same within a change that is made on both sides, for what goes with it; both are told.
 * @param share_out  the share's id, which is all that the reader's rows may name of it
 * @param reader_out the other side
 */
apr_status_t mq_consent_record_within(mq_id_t *share_out, const mq_scope_t **reader_out,
                                      const mq_scope_t *sc, const mq_id_t *patient,
                                      const mq_consent_new_t *in);

/** Withdraw one. The next request over there is refused.
 * @param is_shared_still_out whether another one, to the same organisation, is not over
 * @param reason may be NULL
 * @return MQ_ENOTFOUND; MQ_ECONFLICT it has ended already; MQ_EDENIED */
apr_status_t mq_consent_withdraw(int *is_shared_still_out, const mq_scope_t *sc,
                                 const mq_id_t *patient, const mq_id_t *id, const char *reason);

/**
 * Read a page of a patient's consents, the newest first; before the first page those that would
 * share again if a record that was merged into this one were separated from it. Who looks at the
 * patient is recorded by the caller.
 * @param list_out of mq_consent_t
 * @param before   the last of the page before, or NULL
 * @return MQ_EDENIED
 */
apr_status_t mq_consents_page(apr_array_header_t **list_out, int *has_next_out,
                              const mq_scope_t *sc, const mq_id_t *patient, const mq_id_t *before);

/** Read one; is_open is not looked at. @return MQ_ENOTFOUND; MQ_EDENIED */
apr_status_t mq_consent_read(mq_consent_t *consent_out, const mq_scope_t *sc,
                             const mq_id_t *patient, const mq_id_t *id);

/** Read the language of one's own organisation, in which its papers are. @param tag_out NULL: none
 * is chosen */
apr_status_t mq_consent_language(const char **tag_out, const mq_scope_t *sc);

/**
 * Read a page of those with whom something can be shared, by the names of now, whoever was linked
 * last first.
 * @param list_out of mq_consent_partner_t
 * @param next_out the last of the page, where they go on; else NULL
 * @param before   the last of the page before, or NULL
 * @param chosen   who is to be among them in any case, if linked; NULL: nobody
 */
apr_status_t mq_consent_partners(apr_array_header_t **list_out, const mq_id_t **next_out,
                                 const mq_scope_t *sc, const mq_id_t *before,
                                 const mq_id_t *chosen);

/**
 * End a share with its consent, within a change that is made on both sides.
 * @param reader the other side, or NULL: it is gone
 * @param by     whose will it was, as the owner reads it; NULL: nobody's
 * @param reason may be NULL
 * @return MQ_ECONFLICT it has ended already
 */
apr_status_t mq_share_end(const mq_scope_t *owner, const mq_scope_t *reader, const mq_id_t *share,
                          mq_consent_state_t state, const char *by, const char *reason);

/** End all that goes from one side to the other, within the change that ends their link. To be
 * called for either side. @param by who ends it, as this side reads it */
apr_status_t mq_shares_end(const mq_scope_t *side, const mq_id_t *partner, const char *by,
                           const char *reason);

#endif
