/* discarded_notes.h -- discarded drafts are removed when their hour is over: until then their
 * author can bring them back (patient_notes.h), and they are drafts to merging, separating and
 * undoing. */
#ifndef MQ_DOMAIN_DISCARDED_NOTES_H
#define MQ_DOMAIN_DISCARDED_NOTES_H

#include "domain/jobs/jobs.h"

/** Stored as gone_at of what is not discarded. */
#define MQ_NOTE_GONE_NEVER APR_INT64_MAX

/** The job that removes them; its object is nil. */
extern const mq_job_kind_t mq_discarded_job;

/** See to it that what is discarded goes then: inside the transaction that discards. */
apr_status_t mq_discarded_due(const mq_scope_t *sc, apr_time_t gone_at);

#endif
