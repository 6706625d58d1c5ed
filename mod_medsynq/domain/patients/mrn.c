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

int mq_mrn_is_sound(const char *text)
{
    apr_size_t length = strlen(text);
    if (length < 2 + DIGITS || apr_toupper(text[0]) != PREFIX ||
        strspn(text + 1, "0123456789") != length - 1) {
        return 0;
    }
    return check_digit(text + 1, length - 2) == text[length - 1] - '0';
}
