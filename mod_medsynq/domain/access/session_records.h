/* session_records.h -- the record of a session in core.h's cache, and a walk over those that live.
 * For sessions.c and session_rows.c alone. */
#ifndef MQ_DOMAIN_SESSION_RECORDS_H
#define MQ_DOMAIN_SESSION_RECORDS_H

#include "domain/core.h"

enum { MQ_SESSION_RECORD_VERSION = 2 };

/** Newer code reads what older code wrote: version first. Nothing about what the person may. */
typedef struct mq_session_record_t {
    apr_uint32_t version;
    char agent[132];
    char address[48];
    apr_int64_t tenant;
    mq_id_t user;
    apr_int64_t epoch; /* users.session_epoch when it began: a newer one ends it */
    apr_time_t began;
    apr_time_t seen;
    apr_int64_t roles;                        /* when it began: other ones now want a new token */
    unsigned char form[MQ_VISIT_FORM_LENGTH]; /* that began it; zero: none */
} mq_session_record_t;

/** @return whose it is */
mq_session_owner_t mq_session_record_owner(const mq_session_record_t *record);

/** @return when it ends by itself: the idle limit or the absolute one */
apr_time_t mq_session_record_expires(const mq_core_t *core, const mq_session_record_t *record);

/** @return whether it has not ended. One that says it was seen in the future lives no longer: else
 *          a clock that was ahead for a moment would give it as much time as it was ahead. */
int mq_session_record_lives(const mq_core_t *core, const mq_session_record_t *record,
                            apr_time_t now);

/** Store it; where there is no room, what has expired makes some. @return MQ_EFULL nothing has */
apr_status_t mq_session_record_put(const mq_visit_t *visit,
                                   const unsigned char key[MQ_SESSION_KEY_LENGTH],
                                   const mq_session_record_t *record, apr_time_t until);

/** What a walk looks for, and what it has found: nothing is dropped meanwhile. */
typedef struct mq_session_walk_t {
    const mq_visit_t *visit;
    apr_int64_t tenant;
    mq_id_t user;
    apr_int64_t epoch;
    apr_array_header_t *found; /* of mq_session_found_t: all of them, however many are shown */
    apr_uint32_t living;       /* of everybody */
    apr_uint32_t of_tenant;
} mq_session_walk_t;

typedef struct mq_session_found_t {
    unsigned char key[MQ_SESSION_KEY_LENGTH];
    mq_session_record_t record;
    int is_this;
} mq_session_found_t;

/**
 * Find all living sessions of a person, this very one first, then the one last seen.
 * @param walk_io whose: tenant, user, epoch
 * @param key     of this very one; NULL: none is it
 */
apr_status_t mq_session_walk(mq_session_walk_t *walk_io, const mq_visit_t *visit,
                             const unsigned char *key);

#endif
