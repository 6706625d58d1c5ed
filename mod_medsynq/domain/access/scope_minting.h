/* scope_minting.h -- scopes begin here and nowhere else: a person's standing (roles, disabled or
 * not, the organisation's state) is read anew at every request, and by standing.h within every
 * change and before every piece of an export. */
#ifndef MQ_DOMAIN_SCOPE_MINTING_H
#define MQ_DOMAIN_SCOPE_MINTING_H

#include "domain/core.h"

/** Mint a system scope: for what precedes an organisation. */
const mq_system_t *mq_system_mint(const mq_visit_t *visit);

/**
 * Mint the scope in which a new organisation begins: a fresh random tenant id, no person yet.
 */
const mq_scope_t *mq_scope_new(const mq_visit_t *visit, const char *tenant_name);

/**
 * Mint the scope in which somebody tries to log in: an organisation by its name, no person.
 * As it is called comes first, then as it looks.
 * An unknown name gives the scope of the installation itself, so that both take as long.
 * @param active_out whether there is such an organisation and it is not suspended
 */
apr_status_t mq_scope_anonymous(const mq_scope_t **sc_out, int *active_out, const mq_visit_t *visit,
                                const char *tenant_name);

#ifdef MQ_MAY_MINT_SCOPE
/**
 * Mint the scope of a person, as that person stands now.
 * @param session_key of the session that was found for them; NULL: none
 * @return MQ_ENOTFOUND gone or disabled; MQ_EDENIED the organisation is suspended
 */
apr_status_t mq_scope_of_person(mq_scope_t **sc_out, const mq_visit_t *visit, apr_int64_t tenant,
                                const mq_id_t *user, const unsigned char *session_key);

/**
 * Mint the scope in which the administrator's command acts for an organisation, suspended or not:
 * no account, every role and MQ_ROLE_OPERATOR.
 * @param tenant_name NULL: the installation itself
 * @param operator   what the trail says who it was
 * @return MQ_ENOTFOUND there is no such organisation
 */
apr_status_t mq_scope_operator(const mq_scope_t **sc_out, const mq_visit_t *visit,
                               const char *tenant_name, const char *operator);

/** The same for an organisation that does not exist yet: a fresh random tenant id. */
const mq_scope_t *mq_scope_operator_new(const mq_visit_t *visit, const char *tenant_name,
                                        const char *operator);

/** The same for an organisation that is known by its number: of a chain of the trail, which is all
 * that may be done with it. */
const mq_scope_t *mq_scope_operator_of(const mq_visit_t *visit, apr_int64_t tenant,
                                       const char *operator);

/** Mint a scope of an organisation whose number stood in a link that we sealed; no person.
 * @return MQ_ENOTFOUND it is suspended or gone */
apr_status_t mq_scope_anonymous_of(const mq_scope_t **sc_out, const mq_visit_t *visit,
                                   apr_int64_t tenant);

/**
 * Mint the scope of a job's turn, which shares the connection and the open transaction of nobody's:
 * the person who ordered the job, as that person stands in this transaction.
 * @param sc_out nobody's itself where there is no such person any more, or not one who may log in
 * @param nobody as mq_scope_anonymous_of has minted it
 * @return MQ_EDENIED the organisation is suspended
 */
apr_status_t mq_scope_job(const mq_scope_t **sc_out, const mq_scope_t *nobody, const mq_id_t *user);
#endif

/** The same scope with a person in it, whose password has just been verified or set.
 * @return MQ_ENOTFOUND the person is disabled; MQ_EDENIED the organisation is suspended */
apr_status_t mq_scope_enter(const mq_scope_t **sc_out, const mq_visit_t *visit,
                            const mq_scope_t *anonymous, const mq_id_t *user);

#endif
