/* totp.h -- one-time codes of authenticator apps (RFC 6238: SHA-1, 30 seconds, 6 digits), and
 * base32 (RFC 4648, 6), in which apps take the secret. Pure functions. */
#ifndef MQ_BASE_TOTP_H
#define MQ_BASE_TOTP_H

#include <apr_pools.h>
#include <apr_time.h>

#include "base/status.h"

enum {
    MQ_TOTP_SECRET_LENGTH = 20, /* RFC 4226, R6: 160 bits */
    MQ_TOTP_DIGITS = 6,
    MQ_TOTP_CODE_SIZE = MQ_TOTP_DIGITS + 1,
    MQ_TOTP_STEP = 30, /* seconds */
    MQ_TOTP_DRIFT = 1  /* steps that a clock may be fast or slow */
};

/** @return the number of the 30-second step of an instant */
apr_int64_t mq_totp_step(apr_time_t at);

/** @return the last step that can have been used by an instant; a later one was by a clock that was
 * wrong, and does not count */
apr_int64_t mq_totp_latest(apr_time_t at);

/** Write the code of a step: 6 digits and a NUL. @return MQ_EBUG libcrypto failed */
apr_status_t mq_totp_code(char code_out[MQ_TOTP_CODE_SIZE], const unsigned char *secret,
                          apr_size_t length, apr_int64_t step);

/**
 * Check what a person typed; blanks between digits are ignored.
 * @param step_out the step that it fits: keep it, and take none up to it again
 * @param last     the last step that was used
 * @return MQ_EDENIED it fits no step near the instant, or only used ones
 */
apr_status_t mq_totp_check(apr_int64_t *step_out, const char *typed, const unsigned char *secret,
                           apr_size_t length, apr_time_t now, apr_int64_t last);

/** @return base32 without padding, upper case, from pool */
const char *mq_base32_encode(const void *data, apr_size_t length, apr_pool_t *pool);

/**
 * Read base32 of either case, without padding; blanks and hyphens are ignored.
 * @param data_out from pool
 * @return MQ_EINVALID another character, or left-over bits that are not 0
 */
apr_status_t mq_base32_decode(const unsigned char **data_out, apr_size_t *length_out,
                              const char *text, apr_pool_t *pool);

#endif
