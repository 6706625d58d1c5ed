/* name_spellings.h -- one name as people spell it on other keyboards: "mueller" and "muller" are
 * Müller, "soeren" is Søren, "alrahman" in Arabic letters stands with its article or without. */
#ifndef MQ_DOMAIN_NAME_SPELLINGS_H
#define MQ_DOMAIN_NAME_SPELLINGS_H

#include <apr_pools.h>

/** @return a name, not folded yet, with umlauts and their like as two letters ("Müller" as
 * "Mueller"), from pool; itself where it has none */
const char *mq_name_spelt_out(const char *name, apr_pool_t *pool);

/** @return a word or a whole search key with two such letters as one ("mueller" as "muller"), as
 * the index has what was typed as one; from pool */
const char *mq_name_single_letters(const char *key, apr_pool_t *pool);

/**
 * @param word  of a search key
 * @param spelt the same word of the name spelt out
 * @return another spelling by which the index may have the word, or NULL
 */
const char *mq_other_spelling(const char *word, const char *spelt, apr_pool_t *pool);

/** @return a word with its beginning as it is written as well: "mcdonald" as "macdonald", "saint"
 * as "st"; from pool; NULL where there is none
 * @param joined whether it may be two words of the record: "stclair" as "saintclair" */
const char *mq_other_beginning(const char *word, int joined, apr_pool_t *pool);

/** @return whether two words of search keys differ in such letters at most */
int mq_words_are_spelt_alike(const char *a, const char *b);

#endif
