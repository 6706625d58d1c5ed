/* parking.h -- forms that arrived after their session had expired wait here for the same person.
 * The key is made of a secret that only the browser keeps and one of the server's: the database
 * alone, even with the secret file, opens nothing. */
#ifndef MQ_DOMAIN_PARKING_H
#define MQ_DOMAIN_PARKING_H

#include "domain/core.h"

enum {
    MQ_PARKING_SECRET_LENGTH = 32,
    MQ_PARKING_BYTES = 131072, /* of one form, as it is sent */
    MQ_PARKING_OF_PERSON = 5,  /* and as many that are discarded */
    MQ_PARKING_OF_TENANT = 200
};

/** One form that waits. */
typedef struct mq_parked_t {
    mq_id_t id;
    const char *path; /* where it was sent */
    const char *body; /* application/x-www-form-urlencoded, without tokens and passwords */
    apr_time_t until; /* when it is gone */
    int is_discarded; /* it waits for nothing, but can be brought back */
} mq_parked_t;

/**
 * Park a form for the person of the scope, for an hour; recorded. The same form twice waits once,
 * and one that goes on where a waiting one ends takes its place.
 * @param secret the browser's half of the key
 * @return MQ_EFULL it is too long, or too many wait already
 */
apr_status_t mq_parking_add(const mq_scope_t *sc,
                            const unsigned char secret[MQ_PARKING_SECRET_LENGTH], const char *path,
                            const char *body);

/**
 * What waits for the person of the scope in the browser that has the secret, and what was discarded
 * there within the hour; the oldest first.
 * @param forms_out of mq_parked_t, from the scope's pool
 */
apr_status_t mq_parking_list(apr_array_header_t **forms_out, const mq_scope_t *sc,
                             const unsigned char secret[MQ_PARKING_SECRET_LENGTH]);

/** A parked form was used: gone; recorded. @return MQ_ENOTFOUND the person has no such form */
apr_status_t mq_parking_remove(const mq_scope_t *sc, const mq_id_t *id);

/** Discard a parked form, or bring it back; within an hour of either. Recorded.
 * @return MQ_ENOTFOUND the person has no such form that waits, or none that is discarded */
apr_status_t mq_parking_discard(const mq_scope_t *sc, const mq_id_t *id);
apr_status_t mq_parking_bring_back(const mq_scope_t *sc, const mq_id_t *id);

#endif
