/* likeness.c -- comparing two people, as they are mistyped at a desk.
 *
 * What goes wrong is known: day and month change places, a digit slips, a year is all that is
 * known, a name is heard and not read, half of it is left out, it has changed with a marriage,
 * given and family name change places. Each of these costs something, each thing that fits adds
 * something, and the sum decides. The weights are chosen so that no single weak sign warns (a
 * family name without a date, a telephone shared by a household) and that each single slip beside
 * an otherwise equal person does. tests/web/patients/test_doubles.py measures what they find and
 * what they say in vain. */
#include "domain/patients/likeness.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "domain/patients/name_spellings.h"

enum {
    WORD_MOST = 40,  /* longer words are compared by their beginning */
    WORDS_MOST = 12, /* of a name that are compared, each with each */
    SLIP_FROM = 3,   /* words shorter than this must be equal */
    TWO_SLIPS_FROM = 7,
    JOINED_LEAST = 6, /* letters of "oconnor" beside "o connor" */
    SHARED_LEAST = 3, /* letters of a word that says something */
    PHONES = 3,
    PHONE_LAST = 9, /* digits: what country codes and zeros leave alone */
    PHONE_LEAST = 6,
    ESTIMATE_YEARS = 2
};

/* ---- words ---- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, changes and swaps of neighbours (optimal string alignment). */
static size_t distance(const int *a, size_t a_length, const int *b, size_t b_length)
{
    size_t rows[3][WORD_MOST + 1];
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t *now = rows[i % 3];
        const size_t *last = rows[(i + 2) % 3];
        const size_t *before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = least(now[j], before[j - 2] + 1);
            }
        }
    }
    return rows[a_length % 3][b_length];
}

/* The letters of a word, those of Hangul's syllables each; a slip is one of them, however many
 * bytes it has. @return how many, at most WORD_MOST */
static size_t letters_of(int letters[WORD_MOST], const char *word)
{
    size_t count = 0;
    for (; *word && count < WORD_MOST; word++) {
        const int byte = (unsigned char)*word;
        if ((byte & 0xc0) != 0x80) {
            letters[count++] = byte;
        } else if (count > 0) {
            letters[count - 1] = letters[count - 1] << 6 | (byte & 0x3f);
        }
    }
    return count;
}

static int has_digit(const char *word)
{
    return word[strcspn(word, "0123456789")] != 0;
}

/* How many slips a word of so many letters may have. A character of Han or kana is another word or
 * another name; three syllables of Hangul are eight letters and a whole name. */
static size_t slips_of(const char *word, size_t letters)
{
    static const unsigned char east_asia = 0xe1; /* the first byte of Hangul, below Han's */
    if (letters < SLIP_FROM) {
        return 0;
    }
    if ((unsigned char)*word >= east_asia && mq_text_is_unspaced(word)) {
        return (unsigned char)*word == east_asia ? 1 : 0;
    }
    return letters < TWO_SLIPS_FROM ? 1 : 2;
}

int mq_words_are_similar(const char *a, const char *b)
{
    int a_letters[WORD_MOST];
    int b_letters[WORD_MOST];
    const size_t a_length = letters_of(a_letters, a);
    const size_t b_length = letters_of(b_letters, b);
    const size_t shorter = least(a_length, b_length);
    const size_t longer = a_length + b_length - shorter;
    const size_t slips = slips_of(a, shorter);
    if (slips == 0 || longer - shorter > slips || has_digit(a) || has_digit(b)) {
        return 0;
    }
    return distance(a_letters, a_length, b_letters, b_length) <= slips;
}

typedef enum { WORD_NONE, WORD_INITIAL, WORD_SIMILAR, WORD_SAME } word_fit_t;

static word_fit_t word_fit(const char *a, const char *b)
{
    if (mq_words_are_spelt_alike(a, b)) {
        return WORD_SAME;
    }
    if (mq_words_are_similar(a, b)) {
        return WORD_SIMILAR;
    }
    /* a figure is no initial: "Newborn 1" is not "Newborn 10" */
    return *a == *b && (!a[1] || !b[1]) && !has_digit(a) ? WORD_INITIAL : WORD_NONE;
}

/* The word of a name that fits best, each taken once. @param taken flags of the words of name */
static word_fit_t word_take(const char *word, const apr_array_header_t *name, char *taken)
{
    word_fit_t best = WORD_NONE;
    int place = -1;
    for (int i = 0; i < name->nelts; i++) {
        word_fit_t fit =
            taken[i] ? WORD_NONE : word_fit(word, APR_ARRAY_IDX(name, i, const char *));
        if (fit > best) {
            best = fit;
            place = i;
        }
    }
    if (place >= 0) {
        taken[place] = 1;
    }
    return best;
}

static const char *joined(const apr_array_header_t *name, apr_pool_t *pool)
{
    return apr_array_pstrcat(pool, name, 0);
}

/* "oconnor" and "o connor", "almehdi" and "al mehdi": where the blank is says nothing. */
static int are_joined_alike(const apr_array_header_t *a, const apr_array_header_t *b,
                            apr_pool_t *pool)
{
    const char *one = joined(a, pool);
    const char *other = joined(b, pool);
    return a->nelts != b->nelts && strlen(one) >= JOINED_LEAST && strcmp(one, other) == 0;
}

static int few_names_fit(const apr_array_header_t *a, const apr_array_header_t *b, apr_pool_t *pool)
{
    const apr_array_header_t *shorter = a->nelts <= b->nelts ? a : b;
    const apr_array_header_t *longer = shorter == a ? b : a;
    char *taken = apr_pcalloc(pool, (apr_size_t)longer->nelts + 1);
    int counts[WORD_SAME + 1] = {0};
    int says_something = 0; /* a word of some length fits */
    int is_shared = 0;      /* and to the letter */
    if (shorter->nelts == 0) {
        return 0;
    }
    for (int i = 0; i < shorter->nelts; i++) {
        const char *word = APR_ARRAY_IDX(shorter, i, const char *);
        word_fit_t fit = word_take(word, longer, taken);
        if (fit == WORD_NONE && has_digit(word)) {
            return 0;
        }
        counts[fit]++;
        says_something |= fit >= WORD_SIMILAR && strlen(word) >= SHARED_LEAST;
        is_shared |= fit == WORD_SAME && strlen(word) >= SHARED_LEAST;
    }
    if (are_joined_alike(a, b, pool)) {
        return MQ_SAME_NAME;
    }
    if (shorter->nelts > 1 || longer->nelts == 1) { /* half a name says less */
        if (counts[WORD_SAME] == shorter->nelts) {
            return MQ_SAME_NAME;
        }
        if (counts[WORD_NONE] == 0 && counts[WORD_INITIAL] == 0 &&
            (counts[WORD_SAME] || shorter->nelts == 1)) {
            return MQ_SIMILAR_NAME;
        }
        if (counts[WORD_NONE] == 0 && says_something) {
            return MQ_VAGUE_NAME;
        }
    }
    return is_shared ? MQ_SHARED_NAME : 0;
}

int mq_names_fit(const apr_array_header_t *a, const apr_array_header_t *b, apr_pool_t *pool)
{
    apr_array_header_t one = *a;
    apr_array_header_t other = *b;
    one.nelts = one.nelts < WORDS_MOST ? one.nelts : WORDS_MOST;
    other.nelts = other.nelts < WORDS_MOST ? other.nelts : WORDS_MOST;
    return few_names_fit(&one, &other, pool);
}

/* ---- dates ---- */

/* Days since some day long ago; APR counts from 1970. A year begins in March, so that its leap day
 * is the last. */
static int days_of(const mq_day_t *day)
{
    const int months = (day->month + 9) % 12; /* since March */
    const int years = day->year - (day->month <= 2);
    return years * 365 + years / 4 - years / 100 + years / 400 + (months * 153 + 2) / 5 + day->day;
}

static int are_neighbours(const char *a, const char *b, const mq_day_t *one, const mq_day_t *other)
{
    int digits = 0;
    int swapped = 0; /* neighbours that have changed places: 12 and 21 */
    for (int i = 0; a[i] && b[i]; i++) {
        digits += a[i] != b[i];
        swapped |= a[i] != b[i] && a[i] == b[i + 1] && a[i + 1] == b[i];
    }
    return digits == 1 || (digits == 2 && swapped) || abs(days_of(one) - days_of(other)) == 1 ||
           (abs(one->year - other->year) == 1 && one->month == other->month &&
            one->day == other->day);
}

int mq_birth_dates_fit(const char *a, const char *b, int estimated)
{
    mq_day_t one;
    mq_day_t other;
    int years;
    if (!a || !b || mq_date_parse(&one, a) != APR_SUCCESS ||
        mq_date_parse(&other, b) != APR_SUCCESS) {
        return MQ_NO_BIRTH_DATE;
    }
    years = abs(one.year - other.year);
    if (estimated) {
        return years <= ESTIMATE_YEARS ? MQ_PARTIAL_BIRTH_DATE : 0;
    }
    if (!one.day || !other.day) {
        return years == 0 && (!one.month || !other.month || one.month == other.month)
                   ? MQ_PARTIAL_BIRTH_DATE
                   : 0;
    }
    if (strcmp(a, b) == 0) {
        return MQ_SAME_BIRTH_DATE;
    }
    if (years == 0 && one.month == other.day && one.day == other.month) {
        return MQ_SWAPPED_BIRTH_DATE;
    }
    return are_neighbours(a, b, &one, &other) ? MQ_NEAR_BIRTH_DATE : 0;
}

/* ---- people ---- */

/* The digits that decide, whatever stands before them: +44 161, 0044 161, 0161. */
const char *mq_phone_last(const char *phone, apr_pool_t *pool)
{
    const char *digits = mq_text_digits(phone ? phone : "", pool);
    apr_size_t length = strlen(digits);
    if (length < PHONE_LEAST) {
        return NULL;
    }
    return length > PHONE_LAST ? digits + length - PHONE_LAST : digits;
}

void mq_person_make(mq_person_t *person_out, const mq_text_t *folding,
                    const mq_patient_fields_t *fields, apr_pool_t *pool)
{
    const char *const others[] = {fields->given_name, fields->family_name, fields->former_name,
                                  fields->preferred_name};
    const char *name = mq_text_search_key(folding, fields->name ? fields->name : "", pool);
    const char *all = name;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i]) {
            all = apr_pstrcat(pool, all, *all ? " " : "",
                              mq_text_search_key(folding, others[i], pool), NULL);
        }
    }
    *person_out = (mq_person_t){
        .name = mq_text_words(name, pool),
        .names = mq_text_words(all, pool),
        .birth_date = fields->birth_date,
        .age_estimated = fields->age_estimated != NULL,
        .national_id = mq_national_id_key(fields->national_id, pool),
        .phones = {mq_phone_last(fields->phone1, pool), mq_phone_last(fields->phone2, pool),
                   mq_phone_last(fields->phone3, pool)},
        .address = mq_text_search_key(folding, fields->address ? fields->address : "", pool)};
}

/* One number ends with the other: one may lack its area code. */
static int phones_fit(const char *a, const char *b)
{
    apr_size_t a_length = a ? strlen(a) : 0;
    apr_size_t b_length = b ? strlen(b) : 0;
    apr_size_t known = least(a_length, b_length);
    return known > 0 && strcmp(a + a_length - known, b + b_length - known) == 0;
}

static int have_phone_in_common(const mq_person_t *a, const mq_person_t *b)
{
    for (int i = 0; i < PHONES; i++) {
        for (int j = 0; j < PHONES; j++) {
            if (phones_fit(a->phones[i], b->phones[j])) {
                return 1;
            }
        }
    }
    return 0;
}

/* The names that lists show are compared first; a former one counts where it fits better. */
static int all_names_fit(const mq_person_t *a, const mq_person_t *b, apr_pool_t *pool)
{
    int shown = mq_names_fit(a->name, b->name, pool);
    int mine = mq_names_fit(a->names, b->name, pool);
    int theirs = mq_names_fit(a->name, b->names, pool);
    int best =
        mine && (!theirs || mine < theirs) ? mine : theirs; /* the better has the lower bit */
    return best && (!shown || best < shown) ? best | MQ_FORMER_NAME : shown;
}

static int what_fits(const mq_person_t *a, const mq_person_t *b, apr_pool_t *pool)
{
    int why = all_names_fit(a, b, pool) | mq_birth_dates_fit(a->birth_date, b->birth_date,
                                                             a->age_estimated || b->age_estimated);
    if (a->national_id && b->national_id && strcmp(a->national_id, b->national_id) == 0) {
        why |= MQ_SAME_NATIONAL_ID;
    }
    if (have_phone_in_common(a, b)) {
        why |= MQ_SAME_PHONE;
    }
    if (*a->address && strcmp(a->address, b->address) == 0) {
        why |= MQ_SAME_ADDRESS;
    }
    return why;
}

int mq_likeness(int *why_out, const mq_person_t *a, const mq_person_t *b, apr_pool_t *pool)
{
    enum {
        CONTRADICTION = -25,
        DATES = MQ_SAME_BIRTH_DATE | MQ_SWAPPED_BIRTH_DATE | MQ_NEAR_BIRTH_DATE |
                MQ_PARTIAL_BIRTH_DATE | MQ_NO_BIRTH_DATE
    };
    static const struct {
        int why;
        int weight;
    } weights[] = {
        {MQ_SAME_NAME, 40},         {MQ_SIMILAR_NAME, 31},       {MQ_VAGUE_NAME, 20},
        {MQ_SHARED_NAME, 10},       {MQ_SAME_BIRTH_DATE, 40},    {MQ_SWAPPED_BIRTH_DATE, 24},
        {MQ_NEAR_BIRTH_DATE, 24},   {MQ_PARTIAL_BIRTH_DATE, 20}, {MQ_NO_BIRTH_DATE, 5},
        {MQ_SAME_NATIONAL_ID, 100}, {MQ_SAME_PHONE, 39},         {MQ_SAME_ADDRESS, 10}};
    int why = what_fits(a, b, pool);
    int score = (why & DATES) ? 0 : CONTRADICTION;
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
        score += (why & weights[i].why) ? weights[i].weight : 0;
    }
    if (why_out) {
        *why_out = why;
    }
    return score;
}
