/* engine.h -- what an engine gives to store/: a table of functions that open a connection, let an
 * organisation in, run a statement and say what went wrong. Each engine has a folder (sqlite/,
 * pgsql/), and nothing outside it knows more of it than this. For store/ and for glue/, which makes
 * connections; whoever has a scope includes store/db.h.
 *
 * An engine trusts its caller, who has checked the statement's kind and its parameters: the first
 * wall is above this table, the second one below it. */
#ifndef MQ_STORE_ENGINE_H
#define MQ_STORE_ENGINE_H

#include <apr_tables.h>

#include "store/connection.h"
#include "store/lock_order.h"

enum { MQ_NO_TENANT = -1 };

/** Whom a guest sees of an organisation, and what of them: MQ_SHARE_ bits. */
typedef struct mq_guest_key_t {
    mq_id_t patient;
    mq_id_t share; /* by which it is; a referral has its share's id */
    int parts;
} mq_guest_key_t;

/** A connection. The engine's own things follow in its memory. */
struct mq_db_t {
    const mq_engine_t *engine;
    apr_pool_t *pool;
    apr_int64_t tenant;  /* whose rows are visible; MQ_NO_TENANT: nobody's, or a guest's */
    mq_failure_t failed; /* what the engine said last, where the database itself is in trouble;
                          * whoever lends the connection clears it */
    mq_lock_order_t order;
};

/** What a transaction is for. */
typedef enum {
    MQ_BEGIN_READ, /* one state of the database in all SELECTs */
    MQ_BEGIN_WRITE
} mq_begin_t;

/** Who has a database open. */
typedef enum {
    MQ_USERS_NONE,
    MQ_USERS_SOME,
    MQ_USERS_STRANDED /* of another file than lies there now, which would be taken for theirs */
} mq_users_t;

/** What happens to the savepoint of a connection; there is one at a time. */
typedef enum { MQ_SAVEPOINT_SET, MQ_SAVEPOINT_UNDO, MQ_SAVEPOINT_RELEASE } mq_savepoint_t;

struct mq_engine_t {
    const char *driver;  /* as MedSynQDatabase names it, and apr_dbd does */
    const void *library; /* something in the engine's library, which is never unloaded */
    /* what stands beside a database's file while it is used: the ends of the names, ended by NULL;
     * in the first is what the file does not have yet */
    const char *const *companions;
    int has_file;  /* the parameters are its path; else it is a server's, and what belongs beside
                    * it lies beside the secret */
    int has_owner; /* whole databases are read, archived and erased: store/owner.h and so on */
    const char
        *roles; /* SQL that a superuser runs once for a new database; NULL: nothing is needed */
    int has_one_writer; /* of one database at a time: a process's writers take turns (writer.h) */

    /** @return why these parameters can never be right, for whoever has written them in the
     * configuration, or NULL */
    const char *(*parameters_fault)(const char *parameters, apr_pool_t *pool);
    /** Look at the database without opening, locking or making anything. @return why this program
     * under this user cannot use what is there, with the remedy, from pool; or NULL */
    const char *(*look)(const char *parameters, apr_pool_t *pool);
    /** As mq_db_open; error_out is not NULL. */
    apr_status_t (*open)(mq_db_t **db_out, const char *parameters, mq_db_purpose_t purpose,
                         const char **error_out, apr_pool_t *pool);
    void (*close)(mq_db_t *db);
    /** As mq_db_migrate. */
    apr_status_t (*migrate)(const char *parameters, apr_interval_time_t patience, int *from_out,
                            const char **error_out, apr_pool_t *pool);

    /** As mq_db_prove. */
    void (*prove)(mq_trouble_t *trouble_out, const char *parameters, apr_interval_time_t patience,
                  int thoroughly, const char **error_out, apr_pool_t *pool);
    /** Look whether the connection reads and writes the files that have the database's names now:
     * what is written to others is lost when they are closed. @return MQ_TROUBLE_NONE it does */
    mq_trouble_t (*place)(const mq_db_t *db);
    /** Put what was committed to a log that has lost its name into the database's file, before the
     * connection is closed; nothing where all is in place.
     * @return not APR_SUCCESS: it is not all there, and goes with the connection */
    apr_status_t (*rescue)(mq_db_t *db);
    /** Let what lies at the name of a log that was rescued not be taken for it. */
    void (*set_aside)(const char *parameters, apr_pool_t *pool);
    /** Ask who has the database open, without opening it: a process of one's own counts, and so do
     * those that have an earlier file of this name. */
    mq_users_t (*users)(const char *parameters);

    /** Show and take the rows of this organisation only, from now on; MQ_NO_TENANT: no rows. Called
     * outside of a transaction as well as inside, where a group's members take turns. */
    apr_status_t (*enter)(mq_db_t *db, apr_int64_t tenant);

    /** Show one patient of this organisation, in these parts, to guests' statements, and take no
     * row, until somebody else enters. */
    apr_status_t (*enter_guest)(mq_db_t *db, apr_int64_t tenant, const mq_guest_key_t *key);

    /** @return MQ_EFULL somebody else has a lock that does not come free */
    apr_status_t (*begin)(mq_db_t *db, mq_begin_t kind);
    /** Ends a transaction of either kind; if it fails one may still be open. */
    apr_status_t (*commit)(mq_db_t *db);
    apr_status_t (*roll_back)(mq_db_t *db);
    apr_status_t (*savepoint)(mq_db_t *db, mq_savepoint_t what);
    /** @return whether one is open: an error may have rolled back what was begun */
    int (*in_transaction)(const mq_db_t *db);

    /**
     * Begin a statement: bind the organisation, if it is of one, a guest's patient, and the
     * parameters.
     * @param guest NULL: nobody's
     * @param rows db and row are set; the engine keeps what it needs in statement
     */
    apr_status_t (*start)(mq_rows_t *rows, apr_int64_t tenant, const mq_guest_key_t *guest,
                          const mq_param_t *params);
    /** @return APR_SUCCESS a row is there; APR_EOF it has ended */
    apr_status_t (*step)(mq_rows_t *rows);
    /** @return how many rows an INSERT, UPDATE or DELETE has changed that has just ended */
    int (*changed)(const mq_rows_t *rows);
    /** End it, wherever it is; nothing of what was bound stays behind. */
    void (*finish)(mq_rows_t *rows);
    /** Read the integer in the first column of a statement's one row, of the organisation that was
     * entered, together with what is read next, at the latest when the transaction ends. NULL: it
     * would save nothing.
     * @param params    stay until then
     * @param value_out 0 where there is no row
     * @return MQ_EFULL it has to be read by itself */
    apr_status_t (*soon)(mq_db_t *db, int row, const mq_param_t *params, apr_int64_t *value_out);

    /* columns of the row, by the kind that they are read as; valid until the next step */
    const char *(*text)(const mq_rows_t *rows,
                        int column); /* without a NUL inside; NULL for NULL */
    apr_int64_t (*integer)(const mq_rows_t *rows, int column);
    const void *(*bytes)(const mq_rows_t *rows, int column, apr_size_t *length_out);

    /** @return the kind of what stands in a column: s, i, b as of a parameter, 0 for NULL, f for
     * what none of our columns holds */
    char (*kind)(const mq_rows_t *rows, int column);

    /** @return whether this thread may use a connection on which SELECTs are open: not if another
     * one does, as when a process that ends cleans up */
    int (*is_ours)(mq_db_t *db);
    /** SELECTs are open that nobody will end: the connection is only closed. */
    void (*abandon)(mq_db_t *db);

    /** Say what went wrong last on the connection. @param failure_out cause and code are set */
    void (*failure)(mq_failure_t *failure_out, const mq_db_t *db);
    /** @return the engine's own sentence on it, from pool: only for whoever owns the database */
    const char *(*said)(const mq_db_t *db, apr_pool_t *pool);

    /* a whole database, see store/owner.h; db is open for MQ_DB_OWNER */
    apr_status_t (*version)(int *version_out, mq_db_t *db, const char **error_out,
                            apr_pool_t *pool);
    int (*has_table)(mq_db_t *db, const char *table);
    apr_status_t (*check)(const char **fault_out, mq_db_t *db, mq_check_t what, apr_pool_t *pool);
    apr_status_t (*size)(apr_int64_t *bytes_out, mq_db_t *db, apr_pool_t *pool);
    apr_status_t (*copy)(mq_db_t *db, const char *file, mq_progress_t progress, void *context,
                         const char **error_out, apr_pool_t *pool);
    apr_status_t (*settle)(const char *parameters, const char **error_out, apr_pool_t *pool);

    /* moving old events to a file, see store/audit_archive.h; past the second wall */
    apr_status_t (*archive_copy)(apr_array_header_t **chains_out, apr_int64_t *events_out,
                                 const char *parameters, const char *file, apr_time_t before,
                                 mq_progress_t progress, void *context, const char **error_out,
                                 apr_pool_t *pool);
    apr_status_t (*archive_remove)(const char *parameters, const apr_array_header_t *chains,
                                   mq_progress_t progress, void *context, const char **error_out,
                                   apr_pool_t *pool);

    /* taking an organisation out, see store/tenant_rows.h; past the second wall */
    apr_status_t (*erase_rows)(apr_int64_t *rows_out, const char *parameters, apr_int64_t tenant,
                               mq_progress_t progress, void *context, const char **error_out,
                               apr_pool_t *pool);
    apr_status_t (*erase_sweep)(int *was_due_out, const char *parameters, const char **error_out,
                                apr_pool_t *pool);

    /* taking every row to a database of another engine, see store/moving.h; past the second wall */
    const struct mq_moving_engine_t *moving;

    /** Give back to the disk what the log of a database holds at which nobody has written for some
     * seconds, if that is much. Where somebody else is at it, nothing happens. NULL: it has no such
     * log.
     * @param bytes_out what was given back */
    apr_status_t (*log_trim)(apr_int64_t *bytes_out, const char *parameters, apr_pool_t *pool);
};

/** @return the engine of a driver, or NULL: there is none of that name */
const mq_engine_t *mq_engine_find(const char *driver);

/** The same with a sentence. @return MQ_EINVALID there is none of that name */
apr_status_t mq_engine_of(const mq_engine_t **engine_out, const char *driver,
                          const char **error_out, apr_pool_t *pool);

/** @return the engines there are, one after the other from place 0; NULL after the last */
const mq_engine_t *mq_engine_at(int place);

extern const mq_engine_t mq_sqlite_engine;
extern const mq_engine_t mq_pgsql_engine;

#endif
