/* fuzz_search.c -- anything typed into the search box: never a crash, never more terms than there
 * is room for, and none that every record of the index has. */
#include <string.h>

#include <apr_strings.h>

#include "domain/patients/patient_index.h"
#include "domain/patients/search_fit.h"
#include "folding.h"

static void word_check(const char *word)
{
    mq_day_t day;
    check(mq_text_is_utf8(word, strlen(word)) && !strchr(word, ' ') && *word);
    if (!mq_search_is_of_name(word)) {
        check(word[1] != 0); /* the mark alone is the beginning of all */
    }
    if (word[0] == MQ_WORD_DATE) {
        check(mq_date_parse(&day, word + 1) == APR_SUCCESS);
    }
}

static void term_check(const mq_search_term_t *term)
{
    int is_last = 0;
    word_check(term->word);
    for (int i = 0; i < MQ_SEARCH_OTHERS; i++) {
        check(!(is_last && term->others[i])); /* no gaps */
        is_last = !term->others[i];
        if (term->others[i]) {
            word_check(term->others[i]);
            check(strcmp(term->others[i], term->word) != 0);
        }
    }
}

static void query_check(const char *line, const mq_date_style_t *style, apr_pool_t *pool)
{
    static const char key[] = "san van den berg o grady @1961-04-03";
    mq_search_query_t query = {.style = style, .pool = pool};
    mq_search_query_read(&query, folding, line);
    check(query.count >= 0 && query.count <= MQ_SEARCH_TERMS);
    for (int i = 0; i < query.count; i++) {
        term_check(&query.terms[i]);
    }
    if (query.alone.word) {
        term_check(&query.alone);
    }
    (void)mq_search_fits(&query, -1, key, sizeof key - 1);
    query.is_loose = 1;
    (void)mq_search_fits(&query, 0, key, sizeof key - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *line;
    apr_pool_t *pool;
    if (apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        abort();
    }
    if (mq_text_clean_line(&line, apr_pstrmemdup(pool, (const char *)data, size), pool) ==
        APR_SUCCESS) {
        line = mq_text_plain_digits(line, pool);
        for (int format = 0; format < MQ_DATE_FORMATS; format++) {
            const mq_date_style_t style = {(mq_date_format_t)format, NULL};
            query_check(line, &style, pool);
        }
        query_check(line, NULL, pool);
    }
    apr_pool_destroy(pool);
    return 0;
}
