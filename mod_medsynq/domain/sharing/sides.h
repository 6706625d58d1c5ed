/* sides.h -- the other side of a partnership, within a change that is made on both
 * (mq_change_beside). For domain/sharing/ only: what it mints may do whatever the other
 * organisation's own people may. */
#ifndef MQ_DOMAIN_SHARING_SIDES_H
#define MQ_DOMAIN_SHARING_SIDES_H

#include "store/db.h"

/** How it is between two organisations. The numbers are stored. */
typedef enum {
    MQ_PARTNER_PROPOSED = 1,
    MQ_PARTNER_ACTIVE = 2,
    MQ_PARTNER_SUSPENDED = 3,
    MQ_PARTNER_ENDED = 4,
    MQ_PARTNER_DECLINED = 5
} mq_partner_state_t;

/**
 * Find the organisation that a connection code is of.
 * @param other_out acts for the person of sc, by name and organisation, on the other side
 * @return MQ_ENOTFOUND no code, a renewed one, a suspended organisation's, one's own: all the same
 */
apr_status_t mq_side_of_code(const mq_scope_t **other_out, const mq_scope_t *sc, const char *code);

/** Join the two. @return MQ_ECONFLICT they are joined already, or it was proposed */
apr_status_t mq_side_join(const mq_scope_t *sc, const mq_scope_t *other, const mq_id_t *id);

/**
 * Find the other side of one's own partnership, and how it is.
 * @param other_out as above
 * @return MQ_ENOTFOUND it is none of one's own
 */
apr_status_t mq_side_of(const mq_scope_t **other_out, mq_partner_state_t *state_out,
                        const mq_scope_t *sc, const mq_id_t *id);

/** Find what an organisation is called now, by a link that lives. What has ended, or was declined,
 * keeps the name of then: what becomes of the other one is nobody's business here any more.
 * @param name_io what it was called when the two were linked */
apr_status_t mq_side_name(const char **name_io, const mq_scope_t *sc, const mq_id_t *partner);

/** Change how it is. @return MQ_ECONFLICT it is not as it was */
apr_status_t mq_side_move(const mq_scope_t *sc, const mq_id_t *id, mq_partner_state_t from,
                          mq_partner_state_t to);

/** @return by what name the other side knows who acts. The command's names an account of the
 * server, too, which is nobody's business there. */
const char *mq_side_actor(const mq_scope_t *sc);

/** @return what tries of a code are counted by: one's own organisation; from the scope's pool */
const char *mq_side_counter(const mq_scope_t *sc);

#endif
