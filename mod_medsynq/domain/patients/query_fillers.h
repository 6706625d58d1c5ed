/* query_fillers.h -- what people say around a name and before a date of birth, in the languages of
 * the pages: "Mr", "Mme", "born", "né le". Nobody is called so but for those who are. */
#ifndef MQ_DOMAIN_QUERY_FILLERS_H
#define MQ_DOMAIN_QUERY_FILLERS_H

#include "base/text.h"

/** @return whether a word of a search key is a title */
int mq_filler_is_title(const char *word);

/** @return whether it is one letter that stands for a title, or for a name: "M." */
int mq_filler_is_letter(const char *word);

/**
 * What stands before a date.
 * @param parts const char *, as typed
 * @return how many of the last ones say that a date of birth follows
 */
int mq_filler_births(const mq_text_t *folding, const apr_array_header_t *parts, apr_pool_t *pool);

/** The same of a telephone number. */
int mq_filler_phones(const mq_text_t *folding, const apr_array_header_t *parts, apr_pool_t *pool);

#endif
