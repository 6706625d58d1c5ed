/* partners.h -- organisations that are linked: proposed with the other's connection code, accepted
 * or declined there, suspended and resumed by either, ended by either and for good. Each step is
 * told on both sides, in one commit. There is no list of organisations and no search for one. */
#ifndef MQ_DOMAIN_SHARING_PARTNERS_H
#define MQ_DOMAIN_SHARING_PARTNERS_H

#include <apr_tables.h>

#include "domain/change.h"
#include "domain/core.h"
#include "domain/sharing/sides.h"

enum { MQ_PARTNERS_PER_PAGE = 50, MQ_CODE_MOST = 60 };

/** What is to be decided, and by which of the two: a set of these is what may be done now. */
typedef enum {
    MQ_PARTNER_ACCEPT = 1,
    MQ_PARTNER_DECLINE = 2,
    MQ_PARTNER_SUSPEND = 4,
    MQ_PARTNER_RESUME = 8,
    MQ_PARTNER_END = 16
} mq_partner_step_t;

/** Another organisation, as one's own sees it. Texts are from the scope's pool. */
typedef struct mq_partner_t {
    mq_id_t id;
    const char *name; /* of now; of one that has ended, of then */
    int is_ours;      /* proposed here */
    mq_partner_state_t state;
    int changed_here;     /* the last step was taken here */
    int allows_emergency; /* on one's own side: emergencies.h */
} mq_partner_t;

/** One step of its life. */
typedef struct mq_partner_past_t {
    mq_id_t id;
    apr_time_t at;
    mq_partner_state_t state; /* that it led to */
    const char *by_name;
    int is_here;
    const char *reason; /* or the message of a proposal; NULL: none */
} mq_partner_past_t;

/** @return the organisation's own connection code, from the scope's pool, or NULL: it has none yet
 */
apr_status_t mq_connection_code(const char **code_out, const mq_scope_t *sc);

/** Make a new one, which makes the former worthless. Proposals made with that stay.
 * @return MQ_EDENIED */
apr_status_t mq_connection_code_renew(const mq_scope_t *sc);

/** Give a new organisation its first one, in the transaction that founds it. */
apr_status_t mq_connection_code_set(const mq_scope_t *sc);

/**
 * Propose to the organisation of a code that the two be linked.
 * @param id_out   the partnership's
 * @param wait_out seconds, with MQ_EBUSY
 * @param message  for the other's administrator; may be NULL
 * @return MQ_ENOTFOUND the code is wrong, renewed, one's own: one answer, and it counts as a try;
 *         MQ_ECONFLICT the two are linked, or it is proposed; MQ_EBUSY too many wrong ones, or
 *         too many proposals with this one; MQ_EDENIED; MQ_EREPEATED
 */
apr_status_t mq_partner_propose(mq_id_t *id_out, int *wait_out, const mq_visit_t *visit,
                                const mq_scope_t *sc, const char *code, const char *message);

/**
 * Take a step.
 * @param wait_out seconds, with MQ_EBUSY
 * @param reason   may be NULL
 * @return MQ_ENOTFOUND no partnership of one's own; MQ_ECONFLICT the step is not open now;
 *         MQ_EBUSY it was resumed too often; MQ_EDENIED
 */
apr_status_t mq_partner_take(int *wait_out, const mq_visit_t *visit, const mq_scope_t *sc,
                             const mq_id_t *id, mq_partner_step_t step, const char *reason);

/** @return which steps are open to one's own organisation, a set of mq_partner_step_t */
int mq_partner_steps(const mq_partner_t *partner);

/**
 * Read a page of them, the newest first.
 * @param list_out of mq_partner_t
 * @param before   the last of the page before, or NULL
 * @return MQ_EDENIED
 */
apr_status_t mq_partners_page(apr_array_header_t **list_out, int *has_next_out,
                              const mq_scope_t *sc, const mq_id_t *before);

/**
 * Read one, and a page of its steps, the newest first.
 * @param past_out of mq_partner_past_t
 * @return MQ_ENOTFOUND; MQ_EDENIED
 */
apr_status_t mq_partner_view(mq_partner_t *partner_out, apr_array_header_t **past_out,
                             int *has_next_out, const mq_scope_t *sc, const mq_id_t *id,
                             const mq_id_t *before);

#endif
