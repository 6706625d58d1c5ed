/* sqlite_status.h -- what SQLite's codes mean to us, and to an administrator. */
#ifndef MQ_STORE_SQLITE_STATUS_H
#define MQ_STORE_SQLITE_STATUS_H

#include <sqlite3.h>

#include "store/db.h"

/** Set an SQLite result as one of our codes: what a caller can do about it, no more. */
apr_status_t mq_sqlite_status(int code);

/** @return what a code means, in words that follow a colon: "the disk is full"; static */
const char *mq_sqlite_cause(int code);

/** @return whether a code says that the database itself is in trouble.
 * @param system_error errno of what failed, as sqlite3_system_errno has it, or 0 */
mq_trouble_t mq_sqlite_trouble(int code, int system_error);

/** @return what has just failed, as a sentence's end for an administrator; until the next call */
const char *mq_sqlite_words(sqlite3 *sqlite);

#endif
