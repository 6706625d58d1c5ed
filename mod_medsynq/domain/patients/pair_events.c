/* pair_events.c -- two events where a pair is changed, one where it is shown. */
#include "domain/patients/pair_events.h"

#include "domain/policy.h"
#include "domain/trail/audit_groups.h"
#include "domain/trail/disclosures.h"

apr_status_t mq_pair_record(mq_audit_event_t *event_io, const mq_scope_t *sc, const mq_id_t *one,
                            const char *one_mrn, const mq_id_t *other, const char *other_mrn)
{
    mq_audit_event_t of_other = *event_io;
    of_other.patient = other;
    of_other.object = one;
    of_other.reason = one_mrn;
    MQ_TRY(mq_audit_write(sc, &of_other));
    event_io->patient = one;
    event_io->object = other;
    event_io->reason = other_mrn;
    return APR_SUCCESS;
}

apr_status_t mq_pair_disclose(const mq_scope_t *sc, const mq_id_t *one, const mq_id_t *other)
{
    mq_audit_event_t event = {.action = MQ_ACTION_PATIENTS_COMPARE, .outcome = MQ_OUTCOME_DONE};
    const mq_id_t both[] = {*one, *other};
    MQ_TRY(mq_audit_show(&event, both, 2, mq_scope_pool(sc)));
    return mq_disclose(sc, &event, NULL);
}
