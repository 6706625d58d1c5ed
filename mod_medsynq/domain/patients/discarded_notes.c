/* discarded_notes.c -- removing discarded drafts. That they were discarded, the trail says. */
#include "domain/patients/discarded_notes.h"

#include <string.h>

enum {
    REMOVED_AT_ONCE = 100, /* or a few more, of the same instant */
    ROW_BYTES = 136        /* beside its text, as store/kept.c counts one that is added */
};

apr_status_t mq_discarded_due(const mq_scope_t *sc, apr_time_t gone_at)
{
    static const mq_id_t all = {{0}};
    return mq_job_ensure(sc, MQ_JOB_DISCARDED, &all, gone_at);
}

/* @param last_out when the last one goes of those whose hour is over; 0: there is none
 * @param room_out the bytes that they have taken
 * @param due_out  when to look again; 0: nothing is discarded any more */
static apr_status_t due_read(apr_time_t *last_out, apr_int64_t *room_out, apr_time_t *due_out,
                             const mq_scope_t *sc)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    const apr_time_t now = mq_scope_now(sc);
    int count = 0;
    mq_rows_t rows;
    apr_status_t rv;
    *last_out = 0;
    *room_out = 0;
    *due_out = 0;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENT_NOTES_DISCARDED,
                        MQ_PARAMS(mq_bind_int(MQ_NOTE_GONE_NEVER), mq_bind_int(REMOVED_AT_ONCE))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        apr_time_t gone_at = mq_rows_int(&rows, MQ_PATIENT_NOTES_DISCARDED_GONE_AT);
        if (gone_at > now) {
            *due_out = gone_at;
            mq_rows_close(&rows);
            return APR_SUCCESS;
        }
        *last_out = gone_at;
        *room_out += ROW_BYTES + (apr_int64_t)strlen(
                                     mq_rows_text(&rows, MQ_PATIENT_NOTES_DISCARDED_CONTENT, pool));
        count++;
    }
    *due_out = count == REMOVED_AT_ONCE ? now : 0;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t discarded_turn(const mq_scope_t *sc, mq_job_turn_t *turn)
{
    apr_int64_t room;
    apr_time_t last;
    MQ_TRY(due_read(&last, &room, &turn->due_out, sc));
    if (last) {
        MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_PATIENT_NOTES_DISCARDED_REMOVE,
                            MQ_PARAMS(mq_bind_int(last))));
        mq_db_kept_set(sc, mq_db_kept(sc) - room);
    }
    return APR_SUCCESS;
}

const mq_job_kind_t mq_discarded_job = {
    MQ_JOB_DISCARDED, "discarded drafts", MQ_ACTION_PATIENT_NOTE_CHANGE, discarded_turn, 0, 3600};
