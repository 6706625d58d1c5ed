/* consent_fields.h -- what is asked of whoever records a consent, alone or with a referral: the
 * fields, and from what was typed to a consent. */
#ifndef MQ_WEB_CONSENT_FIELDS_H
#define MQ_WEB_CONSENT_FIELDS_H

#include "domain/sharing/consents.h"
#include "web/form.h"
#include "web/sharing/consent_view.h"

enum { MQ_CONSENT_BOXES = MQ_SHARABLE_PER_PAGE + MQ_CHOSEN_NOTES_MOST };

/** What was typed; a member of the struct that a form is read into. */
typedef struct mq_consent_typed_t {
    const char *partner;
    const char *scope;
    const char *purpose;
    const char *given_by;
    const char *giver_name;
    const char *relation;
    const char *method;
    const char *from;
    const char *until;
    const char *notes[MQ_CONSENT_BOXES]; /* "1" where one is ticked, in the order of the offer */
} mq_consent_typed_t;

/** What a form has to choose from: with whom something can be shared, and which notes. */
typedef struct mq_consent_offer_t {
    int has_partners;       /* any at all */
    const char *more_href;  /* of the form with those who were linked before these; or NULL */
    const char *older_href; /* of the form with older notes than these; or NULL */
    mq_id_t *notes;         /* of which there is a box to tick each */
    int note_count;
    int is_lost; /* what was sent names a note that cannot be shared, or more than can be */
} mq_consent_offer_t;

extern const mq_slot_t mq_consent_offer_slots[];

/**
 * Make the fields of a form that records a consent, with the organisations and the patient's notes
 * that there are to choose from.
 * @param rows   ended by a row without a name; one that has nothing but a name, and maybe a label,
 *               is the consent's field of that name
 * @param offset where the typed struct begins in what the form is read into
 * @param path   of the page with the form
 */
apr_status_t mq_consent_fields(const mq_field_t **fields_out, mq_consent_offer_t *offer_out,
                               const mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *patient,
                               const mq_field_t *rows, size_t offset, const char *path);

/** Read what was typed; faults that only several fields together show are added to the form. */
void mq_consent_typed_read(mq_consent_new_t *out, mq_form_t *form, const mq_request_t *rq,
                           const mq_consent_typed_t *in, const mq_consent_offer_t *offer);

#endif
