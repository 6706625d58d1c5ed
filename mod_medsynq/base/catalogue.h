/* catalogue.h -- the texts of another language: a file of gettext's PO format (msgid, msgid_plural,
 * msgstr, lines continued in quotes, comments, the header's Language, by which it counts). The
 * English text is the key. */
#ifndef MQ_BASE_CATALOGUE_H
#define MQ_BASE_CATALOGUE_H

#include <apr_pools.h>

#include "base/status.h"

/** Marks a text for people in a table, from which it reaches mq_say later: xgettext finds texts in
 * the calls of mq_say and in this. The English text itself. */
#define MQ_SAY(text) text

typedef struct mq_catalogue_t mq_catalogue_t;

/**
 * Load a catalogue.
 * @param catalogue_out lives as long as pool
 * @param error_out     one sentence with file and line
 * @return MQ_EINVALID the file is malformed; MQ_ENOTFOUND it cannot be read
 */
apr_status_t mq_catalogue_load(mq_catalogue_t **catalogue_out, const char *path, apr_pool_t *pool,
                               const char **error_out);

/** @return the translation of a text, or the text itself where there is none */
const char *mq_catalogue_say(const mq_catalogue_t *catalogue, const char *text);

/** @return the form of a text with a number that suits n, from msgid one and msgid_plural many; one
 * or many itself, as English counts, where there is none */
const char *mq_catalogue_say_count(const mq_catalogue_t *catalogue, const char *one,
                                   const char *many, int n);

#endif
