/* weak_passwords.h -- which passwords are refused: those that everybody tries first, and the names
 * of those who choose them. Length is the form's affair; hashing is in password_hashing.h.
 * ASVS 5.0, 6.2.4, 6.2.11, 6.2.12. */
#ifndef MQ_DOMAIN_WEAK_PASSWORDS_H
#define MQ_DOMAIN_WEAK_PASSWORDS_H

#include <apr_pools.h>

typedef enum {
    MQ_PASSWORD_GOOD,
    MQ_PASSWORD_COMMON, /* one of the 10,000, also lengthened with digits or by repeating it */
    MQ_PASSWORD_NAMED   /* little more than a name or an address of the person or organisation */
} mq_password_verdict_t;

/** Each common password between two line feeds, lower case; made from common_passwords.txt. */
extern const char mq_common_passwords[];

/**
 * Judge a new password.
 * @param names names and addresses that must not be all there is to it, ended by NULL
 * @param pool  for scratch
 */
mq_password_verdict_t mq_password_judge(const char *password, const char *const *names,
                                        apr_pool_t *pool);

#endif
