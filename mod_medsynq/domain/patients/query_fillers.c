/* query_fillers.c -- tables of titles and of what announces a date of birth or a telephone number,
 * as search keys. */
#include "domain/patients/query_fillers.h"

#include <apr_strings.h>
#include <string.h>

enum { PARTS_MOST = 3 /* "date of birth" */ };

/* "née" is of a former name, too. */
static const char *const titles[] = {
    "nee",          "mr",       "mrs",    "ms",     "miss",    "mx",       "dr",       "prof",
    "professor",    "mister",   "doctor", "mme",    "mlle",    "madame",   "monsieur", "madam",
    "mademoiselle", "docteur",  "dre",    "السيد",  "السيده",  "السيدة",   "سيد",      "سيدة",
    "الانسة",       "انسة",     "دكتور",  "دكتورة", "الدكتور", "الدكتورة", "استاذ",    "استاذة",
    "الاستاذ",      "الاستاذة", "الحاج",  "الحاجة"};

static const char *const letters[] = {"m", "د"};

static const char *const births[] = {
    "born",       "born on",   "born in",       "dob",          "d o b",      "date of birth",
    "birth date", "birthdate", "birthday",      "ne",           "nee",        "ne le",
    "nee le",     "ne en",     "nee en",        "ne e",         "ne e le",    "date de naissance",
    "naissance",  "ddn",       "مواليد",        "من مواليد",    "ولد",        "ولدت",
    "ولد في",     "ولدت في",   "المولود",       "المولودة",     "المولود في", "المولودة في",
    "مولود",      "مولودة",    "تاريخ الميلاد", "تاريخ الولادة"};

static const char *const phones[] = {
    "tel",    "phone", "telephone", "phone number", "telephone number",
    "mobile", "mob",   "cell",      "fixe",         "portable",
    "gsm",    "هاتف",  "الهاتف",    "رقم الهاتف",   "تليفون",
    "جوال",   "الجوال"};

static int is_in(const char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (words[i][0] == word[0] && strcmp(words[i], word) == 0) {
            return 1;
        }
    }
    return 0;
}

int mq_filler_is_title(const char *word)
{
    return is_in(titles, sizeof titles / sizeof *titles, word);
}

int mq_filler_is_letter(const char *word)
{
    return is_in(letters, sizeof letters / sizeof *letters, word);
}

/* @return how many of the last parts are one of the words */
static int last_parts(const char *const *words, size_t count, const mq_text_t *folding,
                      const apr_array_header_t *parts, apr_pool_t *pool)
{
    const char *said = "";
    int most = 0;
    for (int n = 1; n <= PARTS_MOST && n <= parts->nelts; n++) {
        said = apr_pstrcat(pool, APR_ARRAY_IDX(parts, parts->nelts - n, const char *),
                           n > 1 ? " " : "", said, NULL);
        if (is_in(words, count, mq_text_search_key(folding, said, pool))) {
            most = n;
        }
    }
    return most;
}

int mq_filler_births(const mq_text_t *folding, const apr_array_header_t *parts, apr_pool_t *pool)
{
    return last_parts(births, sizeof births / sizeof *births, folding, parts, pool);
}

int mq_filler_phones(const mq_text_t *folding, const apr_array_header_t *parts, apr_pool_t *pool)
{
    return last_parts(phones, sizeof phones / sizeof *phones, folding, parts, pool);
}
