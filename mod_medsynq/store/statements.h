/* statements.h -- what the build tool sqlgen makes of statements/ and migrations/: one row a
 * statement, one row a migration, one row a table. The labels are in statements_gen.h. */
#ifndef MQ_STORE_STATEMENTS_H
#define MQ_STORE_STATEMENTS_H

/** One statement, checked and rewritten at build time. */
typedef struct mq_sql_row_t {
    const char *label;
    const char *sqlite; /* ?1 is the tenant of a tenant statement, the others follow in order */
    const char *kinds;  /* of the caller's parameters: s text, i integer, b bytes */
    const char *writes; /* the table that it changes, "" for a read */
    int tenant;         /* 1: runs in a scope; 0: a system statement */
} mq_sql_row_t;

/** One step of the schema, forward only. */
typedef struct mq_migration_t {
    int number;
    const char *name;
    const char *sql;
} mq_migration_t;

/** One table of the schema; tenant tables are guarded on every connection. */
typedef struct mq_sql_table_t {
    const char *name;
    int tenant;
} mq_sql_table_t;

extern const mq_sql_row_t mq_sql_rows[];
extern const int mq_sql_count;
extern const mq_migration_t mq_migrations[];
extern const int mq_migration_count;
extern const mq_sql_table_t mq_sql_tables[];
extern const int mq_sql_table_count;

#endif
