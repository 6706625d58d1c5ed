/* plural_forms.c -- a language's plural forms, asked of ICU once when the server starts and kept as
 * a table, so that saying a number costs a look-up and no thread shares an object of ICU's.
 *
 * Whole numbers alone are asked for: the form of "1.5 cars" has a keyword of its own in some
 * languages, which gettext does not count. Nor does it count the form of round millions, as in
 * French "un million de dossiers"; which is why the numbers asked for end before them. */
#include "base/plural_forms.h"

#include <string.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

enum { KEYWORD_LIMIT = 16 };

static const char *const keywords[MQ_PLURAL_FORMS_MOST] = {"zero", "one",  "two",
                                                           "few",  "many", "other"};

static apr_status_t keyword_ask(int *keyword_out, const UPluralRules *rules, int n)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar said[KEYWORD_LIMIT];
    char word[KEYWORD_LIMIT];
    int32_t length = uplrules_select(rules, n, said, KEYWORD_LIMIT, &error);
    if (U_FAILURE(error) || length >= KEYWORD_LIMIT) {
        return MQ_EBUG;
    }
    u_UCharsToChars(said, word, length);
    word[length] = 0;
    for (int i = 0; i < MQ_PLURAL_FORMS_MOST; i++) {
        if (strcmp(word, keywords[i]) == 0) {
            *keyword_out = i;
            return APR_SUCCESS;
        }
    }
    return MQ_EBUG;
}

/* From ICU's keywords to places among those that are used. */
static void forms_number(mq_plural_forms_t *forms, const int *keyword)
{
    int place[MQ_PLURAL_FORMS_MOST] = {0};
    int is_used[MQ_PLURAL_FORMS_MOST] = {0};
    for (int n = 0; n < MQ_PLURAL_NUMBERS; n++) {
        is_used[keyword[n]] = 1;
    }
    forms->count = 0;
    for (int i = 0; i < MQ_PLURAL_FORMS_MOST; i++) {
        place[i] = forms->count;
        forms->count += is_used[i];
    }
    for (int n = 0; n < MQ_PLURAL_NUMBERS; n++) {
        forms->form[n] = (unsigned char)place[keyword[n]];
    }
}

apr_status_t mq_plural_forms_learn(mq_plural_forms_t *forms_out, const char *language)
{
    UErrorCode error = U_ZERO_ERROR;
    UPluralRules *rules = uplrules_open(language, &error);
    int keyword[MQ_PLURAL_NUMBERS];
    apr_status_t rv = APR_SUCCESS;
    if (U_FAILURE(error)) {
        return error == U_ILLEGAL_ARGUMENT_ERROR ? MQ_EINVALID : MQ_EBUG;
    }
    for (int n = 0; rv == APR_SUCCESS && n < MQ_PLURAL_NUMBERS; n++) {
        rv = keyword_ask(&keyword[n], rules, n);
    }
    uplrules_close(rules);
    if (rv == APR_SUCCESS) {
        forms_number(forms_out, keyword);
    }
    return rv;
}

int mq_plural_form(const mq_plural_forms_t *forms, int n)
{
    unsigned number = n < 0 ? 0U - (unsigned)n : (unsigned)n;
    return forms->form[number < MQ_PLURAL_NUMBERS ? number : 100 + number % 100];
}
