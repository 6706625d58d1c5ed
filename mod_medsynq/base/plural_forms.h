/* plural_forms.h -- which form of a noun goes with which number in a language: "1 car, 2 cars". The
 * rules are ICU's, which keeps those of Unicode's CLDR; we know none by heart. */
#ifndef MQ_BASE_PLURAL_FORMS_H
#define MQ_BASE_PLURAL_FORMS_H

#include "base/status.h"

enum { MQ_PLURAL_FORMS_MOST = 6, MQ_PLURAL_NUMBERS = 200 };

/** The forms of a language. Numbers from 200 on have the form of their last two digits with 100
 * before them: 1003 that of 103. */
typedef struct mq_plural_forms_t {
    int count;                             /* 1 to MQ_PLURAL_FORMS_MOST */
    unsigned char form[MQ_PLURAL_NUMBERS]; /* by the number, 0 to count - 1 */
} mq_plural_forms_t;

/**
 * Learn the forms of a language, in the order zero, one, two, few, many, other, those left out that
 * no whole number below 200 has: the order in which msgstr[0], msgstr[1] … stand.
 * @param language a tag as "fr", "pt_BR" or "sr-Latn"; one that ICU does not know has one form
 * @return MQ_EINVALID it is no tag; MQ_EBUG ICU's data is missing
 */
apr_status_t mq_plural_forms_learn(mq_plural_forms_t *forms_out, const char *language);

/** @return the form that goes with n, without its sign */
int mq_plural_form(const mq_plural_forms_t *forms, int n);

#endif
