/* keyset.h -- lists that go on after the last row that was shown, by its key: however far one goes,
 * a page costs the same, and none shows a row twice because another came meanwhile. A statement of
 * such a list compares with a key, and reads one row more than a page has; web/paging.h puts the
 * key into a path and reads it there. */
#ifndef MQ_DOMAIN_KEYSET_H
#define MQ_DOMAIN_KEYSET_H

#include <apr_tables.h>

#include "base/id.h"

/** @return what "id < ?" is to be compared with: before, or for the newest page (NULL) an id behind
 * every one that is made */
const mq_id_t *mq_keyset_before(const mq_id_t *before);

/** Take away the one row that is too many. @return whether it was there: the list goes on */
int mq_keyset_cut(apr_array_header_t *rows, int most);

#endif
