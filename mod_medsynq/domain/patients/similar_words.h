/* similar_words.h -- words of the search index that somebody may have meant who found nobody: heard
 * and not read ("Bianki" for Bianchi), or with a slip of the keys. */
#ifndef MQ_DOMAIN_SIMILAR_WORDS_H
#define MQ_DOMAIN_SIMILAR_WORDS_H

#include "store/db.h"

enum { MQ_SIMILAR_LEAST = 4 /* letters: shorter words are like too many */, MQ_SIMILAR_MOST = 8 };

/**
 * Find the words of the organisation's index that begin with the same letter and are like a word.
 * Each word is read once, however many people have it, and some thousand of them at most.
 * @param words_out array of const char *, from pool, at most MQ_SIMILAR_MOST
 * @param word      of a search key
 */
apr_status_t mq_similar_words(apr_array_header_t **words_out, const mq_scope_t *sc,
                              const char *word, apr_pool_t *pool);

/** @return what a word sounds like to somebody who writes it down: two that sound alike are equal;
 * from pool */
const char *mq_word_sound(const char *word, apr_pool_t *pool);

#endif
