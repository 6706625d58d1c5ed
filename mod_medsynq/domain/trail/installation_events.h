/* installation_events.h -- what happens to the installation as a whole: starts, migrations,
 * backups. Its trail is a chain of its own, that of organisation 0, which nobody can log in to. */
#ifndef MQ_DOMAIN_INSTALLATION_EVENTS_H
#define MQ_DOMAIN_INSTALLATION_EVENTS_H

#include "domain/core.h"
#include "domain/policy.h"
#include "store/audit_archive.h"

/**
 * Record what was done to the installation, in a transaction of its own.
 * @param agent  which program did it, and for whom: "httpd", "medsynqctl (root)"
 * @param reason what exactly; no host's name, nothing of a patient
 */
apr_status_t mq_installation_record(const mq_visit_t *visit, const char *agent, mq_action_t action,
                                    const char *reason);

/** Record that a request was refused before anybody had logged in: of whose organisation it was
 * meant to be, nobody knows. @param reason a pattern of ours, nothing that was sent */
apr_status_t mq_installation_refused(const mq_visit_t *visit, const char *reason);

/** Record that a database was brought to another schema; nothing when from is the present one. */
apr_status_t mq_installation_migrated(const mq_visit_t *visit, const char *agent, int from);

/** What was moved to an archive. */
typedef struct mq_archived_t {
    apr_int64_t events;
    apr_int64_t chains;
} mq_archived_t;

/**
 * Move what the trail says of the time before an instant to a file: all of store/audit_archive.h,
 * with an event in each chain that was shortened (its last archived number and digest, see
 * audit_chain.h) and one in the installation's own.
 * @param progress  may be NULL; called for copying, then for removing
 * @param error_out on failure one sentence, from the visit's pool
 * @return MQ_ENOTFOUND nothing is that old; MQ_ECONFLICT the file exists; MQ_ECORRUPT the trail is
 *         not what was copied
 */
apr_status_t mq_installation_archive(mq_archived_t *archived_out, const mq_visit_t *visit,
                                     const char *agent, const char *driver, const char *database,
                                     const char *file, apr_time_t before, mq_progress_t progress,
                                     void *context, const char **error_out);

#endif
