/* moving_ends.h -- the two ends of a move (store/moving.h), as their engines give them: a database
 * that is read, or written, whole and past the second wall. For store/moving.c and the engines.
 *
 * On its way a row is one piece of bytes, the same from whichever engine it comes, so that equal
 * rows have equal digests: the number of its columns in two bytes, and for each, in the order of
 * its table's columns, its length in four bytes (-1: NULL) and its value. Numbers are of 2 or 8
 * bytes, the most significant first, texts are UTF-8. That is what PostgreSQL calls a tuple of COPY
 * in binary, which takes and gives it as it is. */
#ifndef MQ_STORE_MOVING_ENDS_H
#define MQ_STORE_MOVING_ENDS_H

#include <apr_tables.h>

#include "store/moved.h"

typedef struct mq_moving_engine_t mq_moving_engine_t;

/** What is known of a table, by the database's own word. */
typedef struct mq_moving_table_t {
    const char *name;
    const char *columns; /* "id bytea, name text": those that are stored, by name */
    const char *key;     /* "tenant_id, id" */
    const char *names;   /* of the columns: "id, name" */
    const char *kinds;   /* and a letter for each: i bigint, h smallint, s text, b bytea */
    int is_its_own_parent;
    mq_moved_t moved;
} mq_moving_table_t;

/** A database at one end. The engine's own things follow in its memory. */
struct mq_mover_t {
    const mq_moving_engine_t *engine;
    apr_pool_t *pool;
    const char *name;  /* for people: a path, or a database and its host */
    const char *error; /* why the last thing failed, in words that follow a colon, and never a value
                        * of a row */
};

/** What an engine gives. */
struct mq_moving_engine_t {
    /** Connect. @param error_out why not, from pool */
    apr_status_t (*open)(mq_mover_t **mover_out, const char *parameters, const char **error_out,
                         apr_pool_t *pool);
    /** Whatever is under way is undone. */
    void (*close)(mq_mover_t *mover);
    /** Read the schema's version. */
    apr_status_t (*version)(int *version_out, mq_mover_t *mover);
    /** List the tables with name, columns, key and is_its_own_parent, in an order in which rows may
     * be put: none points to a later one. @param tables_out of mq_moving_table_t */
    apr_status_t (*tables)(apr_array_header_t **tables_out, mq_mover_t *mover);
    /** Let nobody else write, and see one state from now on; as the target nobody else read,
     * either. */
    apr_status_t (*begin)(mq_mover_t *mover, mq_moving_side_t side);
    /** Run SQL that was made of the names of tables and columns.
     * @param number_out the first row's first column; -1: there is no row */
    apr_status_t (*ask)(apr_int64_t *number_out, mq_mover_t *mover, const char *sql);
    /** Begin to read a table's rows by its key. */
    apr_status_t (*read)(mq_mover_t *mover, const mq_moving_table_t *table);
    /** @param row_out valid until the next call. @return APR_EOF there are no more */
    apr_status_t (*next)(const char **row_out, apr_size_t *length_out, mq_mover_t *mover);
    /** Begin to put rows, put one, and end. */
    apr_status_t (*write)(mq_mover_t *mover, const mq_moving_table_t *table);
    apr_status_t (*put)(mq_mover_t *mover, const char *row, apr_size_t length);
    apr_status_t (*written)(mq_mover_t *mover);
    /** Prove the keys between the rows, put the wall back, and commit.
     * @return APR_INCOMPLETE nobody knows whether it was */
    apr_status_t (*commit)(mq_mover_t *mover);
    /** What makes it quick, after the commit. */
    apr_status_t (*tidy)(mq_mover_t *mover);
};

/** The engines' parts. */
extern const mq_moving_engine_t mq_sqlite_moving;
extern const mq_moving_engine_t mq_pgsql_moving;

#endif
