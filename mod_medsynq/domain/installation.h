/* installation.h -- what happens to the installation as a whole: starts, migrations, backups. Its
 * trail is a chain of its own, that of organisation 0, which nobody can log in to. */
#ifndef MQ_DOMAIN_INSTALLATION_H
#define MQ_DOMAIN_INSTALLATION_H

#include "domain/core.h"
#include "domain/policy.h"

/**
 * Record what was done to the installation, in a transaction of its own.
 * @param agent  which program did it, and for whom: "httpd", "medsynqctl (root)"
 * @param reason what exactly; no host's name, nothing of a patient
 */
apr_status_t mq_installation_record(const mq_visit_t *visit, const char *agent, mq_action_t action,
                                    const char *reason);

/** Record that a database was brought to another schema; nothing when from is the present one. */
apr_status_t mq_installation_migrated(const mq_visit_t *visit, const char *agent, int from);

#endif
