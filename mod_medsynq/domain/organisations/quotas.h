/* quotas.h -- how much an organisation may keep, so that one cannot fill the disk of all. What is
 * counted is its own alone: how full another one is, or the disk, nobody learns from it.
 *
 * Whoever adds a patient, a person or a file asks first, and is refused where a limit is reached.
 * An import is asked for once, when it is decided: its rows have their places from then on.
 * What belongs to patients who are there (notes, lists, changes of a record) goes on for a tenth
 * more of the bytes: who imports a lot must not keep others from writing down what they have done.
 * The bracket of every change sees to that (change.c). */
#ifndef MQ_DOMAIN_QUOTAS_H
#define MQ_DOMAIN_QUOTAS_H

#include "domain/core.h"
#include "store/db.h"

#define MQ_COUNTER_ROOM_PATIENTS "room.patients"
#define MQ_COUNTER_ROOM_PEOPLE "room.people"
#define MQ_COUNTER_ROOM_BYTES "room.bytes"

/** From here on, in per cent, its people are told. */
enum { MQ_QUOTA_WARNS = 80 };

/** What an organisation keeps of one kind. */
typedef struct mq_quota_use_t {
    mq_quota_t what;
    apr_int64_t used;
    apr_int64_t limit; /* 0: none */
} mq_quota_use_t;

/** Read what the organisation keeps of each kind, in the order of mq_quota_t. */
apr_status_t mq_quotas_read(mq_quota_use_t uses_out[MQ_QUOTAS], const mq_scope_t *sc);

/** @return whether so much is kept that its people should know */
int mq_quota_is_near(const mq_quota_use_t *use);

/**
 * Ask, inside the transaction that adds them, whether there is room for some more, and for any
 * byte. The administrator's command is not asked.
 * @return MQ_EQUOTA there is none; mq_quota_reached says which limit it was
 */
apr_status_t mq_quota_admit(const mq_scope_t *sc, mq_quota_t what, apr_int64_t more);

/**
 * Count the bytes that the open transaction has added, at its end.
 * @param binds whether it may be refused: a person's may, a job goes on with what was decided
 * @return MQ_EQUOTA more than a tenth beyond the limit
 */
apr_status_t mq_quota_count(const mq_scope_t *sc, int binds);

/** @return the limit that was reached in a request with this pool, or NULL */
const mq_quota_use_t *mq_quota_reached(apr_pool_t *pool);

#endif
