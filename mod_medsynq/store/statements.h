/* statements.h -- what the build tool sqlgen makes of statements/ and migrations/: one row a
 * statement, one row a migration, one row a table. The labels, and the names of columns, are in
 * statements_gen.h; how statements are written is in tools/sqlgen/sqlgen.c. */
#ifndef MQ_STORE_STATEMENTS_H
#define MQ_STORE_STATEMENTS_H

/** One statement, checked and rewritten at build time. */
typedef struct mq_sql_row_t {
    const char *label;
    const char *sqlite; /* ?1 is the tenant of a tenant statement, the others follow in order */
    const char *pgsql;  /* the same with $1; the tenant and every i are bigint, s text, b bytea */
    const char *kinds;  /* of the caller's parameters: s text, i integer, b bytes */
    const char *writes; /* the table that it changes, "" for a read */
    int tenant;         /* 1: runs in a scope; 0: a system's or the owner's statement */
    int owner;          /* 1: reads all organisations, past both walls; store/owner.h */
    int guest;          /* 1: reads one patient, who is ?2; tenant is 1, too */
} mq_sql_row_t;

/** The same to those who run one: MQ_SQL_PATIENT_BY_ID is a const mq_tenant_read_t *, and a
 * function takes the one type of statement that it is for, so that a write, or a system's
 * statement, in the place of an organisation's SELECT does not compile. Nothing is inside. */
typedef struct mq_tenant_read_t mq_tenant_read_t;
typedef struct mq_tenant_write_t mq_tenant_write_t;
typedef struct mq_system_read_t mq_system_read_t;
typedef struct mq_system_write_t mq_system_write_t;
typedef struct mq_owner_read_t mq_owner_read_t;
typedef struct mq_guest_read_t mq_guest_read_t;

/** For statements_gen.h. */
#define MQ_SQL_ROW(type, number) ((const type *)&mq_sql_rows[number])

/** One step of the schema, forward only. */
typedef struct mq_migration_t {
    int number;
    const char *name;
    const char *sqlite;
    const char *pgsql;
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
/* The number of migrations that a program knows which still works on this schema. */
extern const int mq_schema_oldest;
extern const mq_sql_table_t mq_sql_tables[];
extern const int mq_sql_table_count;

#endif
