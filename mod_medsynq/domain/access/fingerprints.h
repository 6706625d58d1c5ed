/* fingerprints.h -- which secrets a database was used with. What was sealed with a lost secret
 * opens with no other: a server that is given the wrong one does not serve, and says what to do. */
#ifndef MQ_DOMAIN_FINGERPRINTS_H
#define MQ_DOMAIN_FINGERPRINTS_H

#include "domain/core.h"
#include "store/db.h"

/**
 * Look whether the core's secrets are those of the database. The first ones that a database is used
 * with are its own.
 * @param fault_out NULL they are; else a sentence with the remedy
 * @param agent     which program asks
 * @param is_used_now whether they are used from here on, as by a server
 */
apr_status_t mq_fingerprints_check(const char **fault_out, const mq_visit_t *visit,
                                   const char *agent, int is_used_now);

/**
 * The same without a server, of rows of the shape known_secret.
 * @param core has the keys of a secret file; one that has none is a database's that has none
 */
apr_status_t mq_fingerprints_judge(const char **fault_out, mq_rows_t *rows, const mq_core_t *core);

/** A secret will come: a server may have it, and needs not. For mq_secret_rotate. */
apr_status_t mq_fingerprint_expect(const mq_visit_t *visit, const char *agent,
                                   const unsigned char fingerprint[MQ_KEY_LENGTH]);

/** All secrets but the core's newest may go: nothing that stays is sealed with them. */
apr_status_t mq_fingerprints_release(const mq_visit_t *visit, const char *agent);

/** The core's secrets are those of the database from here on, whatever it was used with. */
apr_status_t mq_fingerprints_adopt(const mq_visit_t *visit, const char *agent);

#endif
