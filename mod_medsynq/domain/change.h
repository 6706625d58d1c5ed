/* change.h -- the bracket of every change: begin, may they, do, record, commit or roll back.
 * Nothing in domain/ writes an organisation's rows in another way; a lint looks for who tries. */
#ifndef MQ_DOMAIN_CHANGE_H
#define MQ_DOMAIN_CHANGE_H

#include "domain/trail/audit.h"

/**
 * What a change does, inside its transaction. It reads there what it depends on, and it can be run
 * again from its beginning after all that it did was undone: what it leaves in data it sets afresh.
 * @param event_io says action and MQ_OUTCOME_DONE; the work adds to what and why. It is written
 *                 when the work has succeeded. MQ_OUTCOME_NONE: nothing has changed, or another
 * event tells it. What else is to be told the work writes itself (mq_audit_write).
 * @param sc       the acting person; asked for their roles, it knows those of now
 * @param data     the caller's: input and outputs
 * @return anything but APR_SUCCESS undoes the whole change, and is what the caller gets
 */
typedef apr_status_t (*mq_change_work_t)(mq_audit_event_t *event_io, const mq_scope_t *sc,
                                         void *data);

/**
 * Change something for the person of the scope. No SELECT of theirs is open.
 * @param action what policy is asked about, and what the event is called unless the work says else
 * @return MQ_EDENIED the roles do not allow it; MQ_ESTANDING they did when the request came, or the
 *         account was disabled, the session ended, the organisation suspended meanwhile, and
 *         MQ_EQUOTA the organisation has no room left (a handler hands both on: dispatch answers);
 * MQ_EFULL the turn to write did not come in time; what the work returned
 */
apr_status_t mq_change(const mq_scope_t *sc, mq_action_t action, mq_change_work_t work, void *data);

/**
 * The same for a change that creates: where the scope has a form (form_use.h), it is made once,
 * however often the form is sent. What the form has made is the object of the event, else its
 * patient: the work sets them also when it writes the event itself.
 * @return MQ_EREPEATED the form had its effect before, and nothing was done: a handler hands it on,
 *         and dispatch leads to what was made; else as mq_change
 */
apr_status_t mq_change_once(const mq_scope_t *sc, mq_action_t action, mq_change_work_t work,
                            void *data);

/** The same as mq_change for a change that takes longer than a request should: it shares its commit
 * with nobody, so that those who have done their part need not wait for it. */
apr_status_t mq_change_long(const mq_scope_t *sc, mq_action_t action, mq_change_work_t work,
                            void *data);

/**
 * The same as mq_change and mq_change_once for what is done on both sides of a partnership: the
 * work reaches the other organisation by sharing/sides.h, and one commit ends all of it, with an
 * event in each chain.
 */
apr_status_t mq_change_beside(const mq_scope_t *sc, mq_action_t action, mq_change_work_t work,
                              void *data);
apr_status_t mq_change_beside_once(const mq_scope_t *sc, mq_action_t action, mq_change_work_t work,
                                   void *data);

/** What is read on both sides of a partnership. It writes nothing, and what it does is no
 * disclosure of another organisation's patient: such a one is an event on either side, and a
 * change. @param sc as above */
typedef apr_status_t (*mq_reading_t)(const mq_scope_t *sc, void *data);

/**
 * Read what is to be seen on both sides of a partnership, in one state of the database: the reading
 * reaches the other organisation by sharing/sides.h. No turn to write is waited for.
 * @return MQ_EDENIED, MQ_ESTANDING as mq_change; what the reading returned
 */
apr_status_t mq_read_beside(const mq_scope_t *sc, mq_action_t action, mq_reading_t read,
                            void *data);

/**
 * Change something where no person is known yet, and no roles can be asked for: an organisation
 * begins, a one-time link is used. That it may happen, the work has to prove by what it reads.
 * @return MQ_ENOTFOUND the organisation is suspended; MQ_EBUG somebody acts in the scope: mq_change
 *         is for them
 */
apr_status_t mq_change_by_nobody(const mq_scope_t *sc, mq_action_t action, mq_change_work_t work,
                                 void *data);

/**
 * The same where whoever asks must not learn, from the time it takes, whether there was anything to
 * change: the work does the same in every case, asks itself whether the organisation is suspended
 * (mq_standing_check_nobody), and says in its event what came of it.
 * @return MQ_EBUG somebody acts in the scope
 */
apr_status_t mq_change_asked_for(const mq_scope_t *sc, mq_action_t action, mq_change_work_t work,
                                 void *data);

/**
 * Do a turn of a job: a long change that nobody has begun, without an event but what the work
 * writes. As whom it acts, and whether that one may, the work finds out in its transaction
 * (mq_scope_job).
 * @return MQ_EBUG somebody acts in the scope
 */
apr_status_t mq_change_by_job(const mq_scope_t *sc, mq_change_work_t work, void *data);

/** Record an event that comes with no change: a refusal, a log-in, an export that begins. Roles are
 * not asked. */
apr_status_t mq_event_record(const mq_scope_t *sc, const mq_audit_event_t *event);

#endif
