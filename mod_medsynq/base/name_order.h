/* name_order.h -- which part of a name people are sorted by: the family name, if somebody has said
 * which it is, or what is most likely it. */
#ifndef MQ_BASE_NAME_ORDER_H
#define MQ_BASE_NAME_ORDER_H

#include <apr_pools.h>

/**
 * @param name_key   the whole name as a search key: "ana de souza"
 * @param family_key what was entered as family name, likewise; "" or NULL: nothing was
 * @return the key to sort by, from pool: the family name, a blank, the whole name. Of a name in one
 *         field the last word is the family name, but for what stands behind names ("jr", "iii"),
 *         with what belongs before it: "de souza ana de souza", "o connor siobhan o connor"
 */
const char *mq_name_order(const char *name_key, const char *family_key, apr_pool_t *pool);

/** @return whether a text is nothing but what belongs to the name behind it, in small letters: "van
 * den", "d'" */
int mq_name_is_particles(const char *text);

/** @return whether a text is, but for its case and a full stop, what stands behind names: "Jr." */
int mq_name_is_suffix(const char *text);

/** @return whether it is one that is part of the name: "III", but not "MD" */
int mq_name_is_generation(const char *text);

#endif
