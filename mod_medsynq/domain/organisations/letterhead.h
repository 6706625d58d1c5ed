/* letterhead.h -- what stands at the head of an organisation's paper, beside its name: set with the
 * settings (settings.h), read by everybody who prints. */
#ifndef MQ_DOMAIN_LETTERHEAD_H
#define MQ_DOMAIN_LETTERHEAD_H

#include "domain/field_kinds.h"
#include "store/db.h"

typedef struct mq_letterhead_t {
    const char *address; /* of several lines; or NULL */
    const char *phone;   /* or NULL */
    int has_logo;        /* logo.h */
} mq_letterhead_t;

/** How each is judged. */
extern const mq_field_rule_t mq_letter_address_rule;
extern const mq_field_rule_t mq_letter_phone_rule;

/** Read it, texts from the scope's pool. It is on paper that leaves the house: no role is asked. */
apr_status_t mq_letterhead_read(mq_letterhead_t *letterhead_out, const mq_scope_t *sc);

#endif
