/* emergencies.h -- opening a record of a linked organisation in an emergency, without a consent:
 * one patient, all parts, an hour, where both sides allow it. It makes a share like any other,
 * which guests.h lets in and shared.h reads; what the owner makes of it is emergency_reviews.h's.
 */
#ifndef MQ_DOMAIN_SHARING_EMERGENCIES_H
#define MQ_DOMAIN_SHARING_EMERGENCIES_H

#include <apr_tables.h>

#include "domain/change.h"
#include "domain/core.h"

enum {
    MQ_EMERGENCY_MINUTES = 60,
    MQ_EMERGENCY_REASON_LEAST = 15,  /* characters */
    MQ_EMERGENCY_TOLD_MOST = 50,     /* administrators who get a mail */
    MQ_EMERGENCY_PARTNERS_MOST = 200 /* for which one's own allows it */
};

/** What of it is unusual. The bits are stored. */
enum {
    MQ_EMERGENCY_AGAIN_TODAY = 1, /* the second of that person in a day, or a later one */
    MQ_EMERGENCY_OFTEN = 2        /* the fifth in thirty days, or a later one */
};

/** @return the marks of one, by how many the same person has opened before it */
int mq_emergency_marks(int in_day, int in_month);

/** @return whether a reason says enough: what counts is seen, as mq_text_count_seen counts */
int mq_emergency_reason_holds(const char *reason);

/** What is asked of whoever opens one; texts are clean. */
typedef struct mq_emergency_new_t {
    mq_id_t partner;
    const char *identifier; /* the national number, or the owner's record number */
    const char *birth_date; /* ISO, a whole day */
    const char *reason;
} mq_emergency_new_t;

/** Whom the owner's side is told by mail, and in which language. */
typedef struct mq_emergency_told_t {
    apr_array_header_t *addresses; /* of const char * */
    const char *language;          /* the organisation's; NULL: none is chosen */
} mq_emergency_told_t;

/**
 * Open one. That the person has typed their password is the caller's. Each try counts before it is
 * made, for the person and for their organisation, and a right one forgives nothing.
 * @param id_out   of the share: shared.h opens it
 * @param told_out whom to mail to, once it is done
 * @param wait_out seconds, with MQ_EBUSY
 * @return MQ_ENOTFOUND no such patient, another date of birth, archived, several; the organisation
 *         does not allow it, or is suspended: one answer, after the same work;
 *         MQ_EBUSY too many tries; MQ_EINVALID the reason says too little; MQ_EDENIED; MQ_EREPEATED
 */
apr_status_t mq_emergency_open(mq_id_t *id_out, mq_emergency_told_t *told_out, int *wait_out,
                               const mq_visit_t *visit, const mq_scope_t *sc,
                               const mq_emergency_new_t *in);

/** Read of which organisations one's own allows it. @param list_out of mq_consent_partner_t */
apr_status_t mq_emergency_partners(apr_array_header_t **list_out, const mq_scope_t *sc);

/** Allow it for a link on one's own side, both ways, or end it there: what is open ends with it.
 * @return MQ_ENOTFOUND; MQ_ECONFLICT the link is over, or not accepted; MQ_EFULL it is allowed for
 *         as many as can be; MQ_EDENIED */
apr_status_t mq_emergency_allow(const mq_scope_t *sc, const mq_id_t *partner, int allow);

/** End what is open between the two, within a change that is made on both sides. */
apr_status_t mq_emergencies_end(const mq_scope_t *sc, const mq_scope_t *other,
                                const mq_id_t *partner);

#endif
