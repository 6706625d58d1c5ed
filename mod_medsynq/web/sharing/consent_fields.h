/* consent_fields.h -- what is asked of whoever records a consent, alone or with a referral: the
 * fields, and from what was typed to a consent. */
#ifndef MQ_WEB_CONSENT_FIELDS_H
#define MQ_WEB_CONSENT_FIELDS_H

#include "domain/sharing/consents.h"
#include "web/form.h"
#include "web/sharing/consent_view.h"

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
} mq_consent_typed_t;

/** With whom something can be shared, as far as a form has them to choose from. */
typedef struct mq_consent_partners_t {
    int has_partners;      /* any at all */
    const char *more_href; /* of the form with those who were linked before these; or NULL */
} mq_consent_partners_t;

extern const mq_slot_t mq_consent_partners_slots[];

/**
 * Make the fields of a form that records a consent, with the organisations that there are to choose
 * from.
 * @param rows   ended by a row without a name; one that has nothing but a name, and maybe a label,
 *               is the consent's field of that name
 * @param offset where the typed struct begins in what the form is read into
 * @param path   of the page with the form
 */
apr_status_t mq_consent_fields(const mq_field_t **fields_out, mq_consent_partners_t *partners_out,
                               const mq_request_t *rq, const mq_scope_t *sc, const mq_field_t *rows,
                               size_t offset, const char *path);

/** Read what was typed; faults that only several fields together show are added to the form. */
void mq_consent_typed_read(mq_consent_new_t *out, mq_form_t *form, const mq_request_t *rq,
                           const mq_consent_typed_t *in);

#endif
