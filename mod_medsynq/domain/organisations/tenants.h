/* tenants.h -- the life of an organisation: "Create Organisation" makes it and its first person. */
#ifndef MQ_DOMAIN_TENANTS_H
#define MQ_DOMAIN_TENANTS_H

#include "domain/core.h"
#include "domain/organisations/settings.h"
#include "domain/access/weak_passwords.h"

/** Checked input: clean single-line texts, none empty; the password as typed, in NFC. */
typedef struct mq_tenant_new_t {
    const char *tenant_name;
    const char *admin_name;
    const char *admin_email;
    const char *admin_password;
    mq_tenant_manners_t manners;
    mq_form_use_t *form; /* that was sent; NULL: it cannot be told from another */
} mq_tenant_new_t;

/**
 * Make the organisation and its first person, who is administrator and clinician, in one
 * transaction.
 * @param sc_out      the scope of that person in it
 * @param wait_out    seconds to wait, with MQ_EBUSY
 * @param verdict_out what is wrong with the password, with MQ_EINVALID
 * @return MQ_EINVALID the password is refused, or, where its verdict is MQ_PASSWORD_GOOD, a text
 * was not checked; MQ_ECONFLICT there is an organisation of that name; MQ_EBUSY too many from this
 * address; MQ_EFULL try again later
 */
apr_status_t mq_tenant_create(const mq_scope_t **sc_out, int *wait_out,
                              mq_password_verdict_t *verdict_out, const mq_visit_t *visit,
                              const mq_tenant_new_t *in);

/**
 * Where there is an organisation of that name: whether the very same form has made it, sent a
 * moment before, and then let its founder in by the password that it has.
 * @return MQ_ENOTFOUND it was another form, or something else was typed into it; else as
 *         mq_user_sign_in
 */
apr_status_t mq_tenant_created_before(const mq_scope_t **sc_out, int *wait_out,
                                      const mq_visit_t *visit, const mq_tenant_new_t *in);

/**
 * Store an organisation that begins, within its change.
 * @return MQ_ECONFLICT one is called so, or looks so; MQ_EINVALID the name was not checked, or
 *         nothing of it can be seen; or there is no such format or zone
 */
apr_status_t mq_tenant_insert(const mq_scope_t *sc, const char *name,
                              const mq_tenant_manners_t *manners);

typedef enum { MQ_TENANT_ACTIVE = 1, MQ_TENANT_SUSPENDED = 2 } mq_tenant_status_t;

/**
 * Make an organisation without people, and the invitation of its first one, who will be
 * administrator and clinician, in one transaction. For the administrator's command.
 * @param token_out the last segment of the invitation's link, from the scope's pool
 * @param sc        mq_scope_operator_new's
 * @param in        admin_password is not looked at
 * @return MQ_ECONFLICT there is an organisation of that name; MQ_EDENIED; MQ_EINVALID a text was
 * not checked
 */
apr_status_t mq_tenant_create_invited(const char **token_out, const mq_scope_t *sc,
                                      const mq_tenant_new_t *in);

/**
 * Suspend the scope's organisation, which ends all its sessions and lets nobody in, or let it in
 * again. Nothing is lost meanwhile. For the administrator's command.
 * @return MQ_ECONFLICT it is in this state already; MQ_ENOTFOUND its erasure has begun; MQ_EDENIED
 */
apr_status_t mq_tenant_status_set(const mq_scope_t *sc, mq_tenant_status_t status);

/**
 * Close the scope's organisation: as suspended, and with its date; mq_tenant_status_set opens it
 * again. A second closing keeps the first one's date. For the administrator's command.
 * @return MQ_ECONFLICT it is closed already; MQ_EDENIED
 */
apr_status_t mq_tenant_close(const mq_scope_t *sc);

/** Read when it was closed. @param closed_out 0: it is not */
apr_status_t mq_tenant_closed(apr_time_t *closed_out, const mq_scope_t *sc);

/**
 * Give the scope's organisation another name, by which its people log in from then on. What bears
 * the former one (trails, partners' lists) keeps it. For the administrator's command.
 * @param name clean, in NFC
 * @return MQ_ECONFLICT another one is called so, or looks so, or this one was renamed meanwhile;
 *         MQ_EINVALID; MQ_EDENIED
 */
apr_status_t mq_tenant_rename(const mq_scope_t *sc, const char *name);

#endif
