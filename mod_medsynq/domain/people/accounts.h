/* accounts.h -- an administrator's view of the people of the organisation: who there is, who may
 * what, who is out. The last active administrator stays one, whoever asks at the same time. */
#ifndef MQ_DOMAIN_ACCOUNTS_H
#define MQ_DOMAIN_ACCOUNTS_H

#include <apr_tables.h>

#include "domain/field_kinds.h"
#include "store/db.h"

enum { MQ_PEOPLE_PER_PAGE = 25 };

typedef enum { MQ_PERSON_ACTIVE = 1, MQ_PERSON_DISABLED = 2 } mq_person_status_t;

/** One account. Texts are from the scope's pool. */
typedef struct mq_person_t {
    mq_id_t id;
    const char *email;
    const char *name;
    int roles; /* MQ_ROLE_ bits */
    mq_person_status_t status;
    apr_time_t created_at;
    int has_second_factor;
} mq_person_t;

/**
 * Read a page of the list, in the order of e-mail addresses.
 * @param people_out array of mq_person_t
 * @param after      the last person of the page before, or NULL
 * @return MQ_ENOTFOUND there is no such person
 */
apr_status_t mq_people_page(apr_array_header_t **people_out, int *has_next_out,
                            const mq_scope_t *sc, const mq_id_t *after);

/** How many there are, disabled ones, too: a number that is kept, nothing is counted. */
apr_status_t mq_people_total(apr_int64_t *total_out, const mq_scope_t *sc);

/** Read one account. @return MQ_ENOTFOUND none in this organisation */
apr_status_t mq_person_view(mq_person_t *person_out, const mq_scope_t *sc, const mq_id_t *id);

/** An account to be made. */
typedef struct mq_person_new_t {
    const char *email; /* clean, like name */
    const char *name;
    int roles;
    const char *password; /* hashed */
} mq_person_new_t;

/**
 * Make an account, within the change of which it is a part.
 * @return MQ_EINVALID a text is not clean, empty or too long, or there is no role; MQ_ECONFLICT
 *         somebody here has this address
 */
apr_status_t mq_person_insert(mq_id_t *id_out, const mq_scope_t *sc, const mq_person_new_t *in);

/** What people sign in with who come from another program: whatever it was there. */
extern const mq_field_rule_t mq_old_address_rule;

/**
 * Make an account as it was in another program, within the change of which it is a part: its
 * address keeps mq_old_address_rule alone, and no quota turns it away.
 * @return as mq_person_insert()
 */
apr_status_t mq_person_take_over(mq_id_t *id_out, const mq_scope_t *sc, const mq_person_new_t *in);

/** Find an account by its e-mail address. @return MQ_ENOTFOUND none in this organisation */
apr_status_t mq_person_by_email(mq_person_t *person_out, const mq_scope_t *sc, const char *email);

/**
 * Refuse what gives access or takes the place of somebody's proof, where it is of the one who acts:
 * a stolen session is not to become the account. For oneself there is the account's own page, which
 * asks for the password or a code.
 * @return MQ_EDENIED it is the person of the scope
 */
apr_status_t mq_person_spare_oneself(const mq_scope_t *sc, const mq_id_t *id);

/**
 * Disable or enable an account; acts on the person's next request.
 * @return MQ_ECONFLICT it is the last active administrator; MQ_ENOTFOUND; MQ_EDENIED enabling
 *         oneself
 */
apr_status_t mq_person_status_set(const mq_scope_t *sc, const mq_id_t *id,
                                  mq_person_status_t status);

/**
 * Give a person these roles and no others; acts on the person's next request.
 * @param seen  those that the person had when this was decided; 0: whatever they are
 * @param roles MQ_ROLE_ bits, at least one
 * @return MQ_ECONFLICT they are others by now, or it is the last active administrator;
 *         MQ_ENOTFOUND; MQ_EINVALID no role; MQ_EDENIED oneself, with a role that one does not have
 */
apr_status_t mq_person_roles_set(const mq_scope_t *sc, const mq_id_t *id, int seen, int roles);

/**
 * Correct the name of a person; shown from their next request on. What they have signed keeps the
 * name that it was signed with.
 * @param seen the name that is corrected
 * @return MQ_ECONFLICT it is another one by now; MQ_ENOTFOUND; MQ_EINVALID the new one is not
 *         clean, empty or too long
 */
apr_status_t mq_person_rename(const mq_scope_t *sc, const mq_id_t *id, const char *seen,
                              const char *name);

/**
 * Let a person try again at once who has failed too often: with the password, with a code. It acts
 * on their next attempt, in the server that counts, wherever this is called.
 * @return MQ_ENOTFOUND; MQ_EDENIED it is oneself
 */
apr_status_t mq_person_unlock(const mq_scope_t *sc, const mq_id_t *id);

/** End all sessions of a person. @return MQ_ENOTFOUND */
apr_status_t mq_person_sessions_end(const mq_scope_t *sc, const mq_id_t *id);

#endif
