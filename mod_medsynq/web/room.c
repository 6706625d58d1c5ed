/* room.c -- words for limits. The limits are in domain/organisations/quotas.c. */
#include "web/room.h"

#include <apr_strings.h>

#include "web/dates.h"

static const struct {
    const char *name;
    const char *reached; /* %s: the limit */
    const char *near;    /* what there is, %s of the limit, %s */
} words[MQ_QUOTAS] = {
    [MQ_QUOTA_PATIENTS] = {MQ_SAY("Patients"),
                           MQ_SAY("Your organisation has %s patients, as many as this server lets "
                                  "it have."),
                           MQ_SAY("Your organisation has %s patients of the %s that this server "
                                  "lets it have.")},
    [MQ_QUOTA_PEOPLE] = {MQ_SAY("Staff"),
                         MQ_SAY("Your organisation has %s people, as many as this server lets it "
                                "have."),
                         MQ_SAY("Your organisation has %s people of the %s that this server lets "
                                "it have.")},
    [MQ_QUOTA_FILES] = {MQ_SAY("Files that wait to be imported"),
                        MQ_SAY(
                            "Your organisation has %s files that wait to be imported, as many as "
                            "this server lets it have. Finish or discard one; its rows go "
                            "seven days after its end, and at once when it is discarded."),
                        MQ_SAY("Your organisation has %s files that wait to be imported of the %s "
                               "that this server lets it have.")},
    [MQ_QUOTA_BYTES] = {MQ_SAY("Stored"),
                        MQ_SAY("Your organisation has stored all of the %s that this server lets "
                               "it store."),
                        MQ_SAY("Your organisation has stored %s of the %s that this server lets it "
                               "store.")}};

const char *mq_room_name(const mq_request_t *rq, mq_quota_t what)
{
    return mq_say(rq, words[what].name);
}

const char *mq_room_figure(const mq_request_t *rq, mq_quota_t what, apr_int64_t figure)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    apr_int64_t tenths = figure * 10 / 1024;
    size_t i = 0;
    if (what != MQ_QUOTA_BYTES) {
        return mq_digits_say(rq, apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, figure));
    }
    while (tenths >= 10240 && i + 1 < sizeof units / sizeof *units) {
        tenths /= 1024;
        i++;
    }
    return mq_digits_say(rq, apr_psprintf(rq->pool, "%" APR_INT64_T_FMT ".%d %s", tenths / 10,
                                          (int)(tenths % 10), units[i]));
}

const char *mq_room_refusal(const mq_request_t *rq)
{
    const mq_quota_use_t *use = mq_quota_reached(rq->pool);
    return use ? apr_pstrcat(
                     rq->pool,
                     mq_sayf(rq, words[use->what].reached,
                             mq_room_figure(rq, use->what, use->limit)),
                     " ",
                     mq_say(rq, "Nothing has been saved. An administrator of your organisation can "
                                "ask whoever runs this server for more."),
                     NULL)
               : NULL;
}

const char *mq_room_warning(const mq_request_t *rq, const mq_quota_use_t uses[MQ_QUOTAS])
{
    const char *warning = NULL;
    for (int i = 0; i < MQ_QUOTAS; i++) {
        if (mq_quota_is_near(&uses[i])) {
            const char *one =
                mq_sayf(rq, words[i].near, mq_room_figure(rq, (mq_quota_t)i, uses[i].used),
                        mq_room_figure(rq, (mq_quota_t)i, uses[i].limit));
            warning = warning ? apr_pstrcat(rq->pool, warning, " ", one, NULL) : one;
        }
    }
    return warning ? apr_pstrcat(rq->pool, warning, " ",
                                 mq_say(rq, "At the limit nothing more can be added: an "
                                            "administrator of your organisation can ask whoever "
                                            "runs this server for more."),
                                 NULL)
                   : NULL;
}
