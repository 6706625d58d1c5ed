/* similar_words.h -- words of the search index that somebody may have meant who found nobody: heard
 * and not read ("Bianki" for Bianchi), or with a slip of the keys. */
#ifndef MQ_DOMAIN_SIMILAR_WORDS_H
#define MQ_DOMAIN_SIMILAR_WORDS_H

#include "store/db.h"

enum {
    MQ_SIMILAR_LEAST = 4, /* letters: shorter words are like too many */
    MQ_SIMILAR_MOST = 8,
    MQ_SIMILAR_STEPS = 12000 /* words of the index that one search looks at */
};

/**
 * Find the words of the organisation's index that are like a word: those that begin with the same
 * letter; if there is none, those that begin with one that is heard as it ("Katherine" for
 * Catherine), or lack it or have another ("ianchi", "Vianchi" for Bianchi); if there is none, those
 * that have it within, where the organisation has few enough words to look at all. Each word is
 * read once, however many people have it.
 * @param words_out array of const char *, from pool, at most MQ_SIMILAR_MOST
 * @param steps_io  how many words may be looked at; what is left of them
 * @param word      of a search key
 */
apr_status_t mq_similar_words(apr_array_header_t **words_out, int *steps_io, const mq_scope_t *sc,
                              const char *word, apr_pool_t *pool);

/** @return what a word sounds like to somebody who writes it down: two that sound alike are equal;
 * from pool */
const char *mq_word_sound(const char *word, apr_pool_t *pool);

#endif
