/* mrn.c -- the check digit of assigned record numbers. */
#include "domain/patients/mrn.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

enum { PREFIX = 'P', DIGITS = 7, MODULUS = 10 };

/* ISO/IEC 7064:2003, hybrid system MOD 11,10. */
static int check_digit(const char *digits, apr_size_t length)
{
    int product = MODULUS;
    for (apr_size_t i = 0; i < length; i++) {
        int sum = (product + digits[i] - '0') % MODULUS;
        product = (sum == 0 ? MODULUS : sum) * 2 % (MODULUS + 1);
    }
    return (MODULUS + 1 - product) % MODULUS;
}

const char *mq_mrn_format(apr_int64_t number, apr_pool_t *pool)
{
    const char *digits = apr_psprintf(pool, "%07" APR_INT64_T_FMT, number);
    return apr_psprintf(pool, "%c%s%d", PREFIX, digits, check_digit(digits, strlen(digits)));
}

/* Seven digits and the check digit, with the zeros that nobody says. */
static const char *whole(const char *digits, apr_pool_t *pool)
{
    apr_size_t length = strlen(digits);
    return apr_psprintf(pool, "%c%.*s%s", PREFIX,
                        length < DIGITS + 1 ? (int)(DIGITS + 1 - length) : 0, "00000000", digits);
}

/* What people say before a number: "MRN", "No.", "#". */
static const char *without_label(const char *typed)
{
    static const char *const labels[] = {"MRN",          "Record number", "Record no", "Record",
                                         "Patient",      "Number",        "No",        "Nr",
                                         "\xe2\x84\x96", "N\xc2\xb0"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        const apr_size_t length = strlen(labels[i]);
        if (strncasecmp(typed, labels[i], length) == 0 && !apr_islower(typed[length])) {
            typed += length;
            break;
        }
    }
    return typed + strspn(typed, " :.#");
}

const char *mq_mrn_read(mq_mrn_said_t *said_out, const char *typed, apr_pool_t *pool)
{
    const char *number;
    char *digits = apr_palloc(pool, strlen(typed) + 1);
    char *end = digits;
    int has_prefix;
    typed = without_label(typed);
    has_prefix = apr_toupper(*typed) == PREFIX;
    for (typed += has_prefix; *typed; typed++) {
        if (apr_isdigit(*typed)) {
            *end++ = *typed;
        } else if (*typed != ' ' && *typed != '-') {
            return NULL;
        }
    }
    *end = 0;
    if (end - digits < 2 || end - digits > DIGITS + 1) {
        return NULL;
    }
    number = whole(digits, pool);
    *said_out = has_prefix ? MQ_MRN_SAID : MQ_MRN_DIGITS;
    if (check_digit(number + 1, DIGITS) != number[1 + DIGITS] - '0') {
        *said_out = MQ_MRN_MISTYPED;
        return has_prefix ? number : NULL;
    }
    return number;
}
