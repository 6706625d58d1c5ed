/* sql_migrations.h -- the tables that the migrations make. */
#ifndef SQLGEN_SQL_MIGRATIONS_H
#define SQLGEN_SQL_MIGRATIONS_H

#include <stdio.h>

/** One table of the schema. */
typedef struct table_t {
    char name[64];
    int has_tenant;
} table_t;

/** Read the schema and write migrations_gen.c, and pgsql_schema.sql. */
void migrations_make(const char *folder, const char *output);

/** @return the table of that name, or NULL */
const table_t *table_find(const char *name);

/** @return the place of the table of that name, or -1 */
int table_place(const char *name);

/** @return the table at a place, from 0 on; NULL after the last */
const table_t *table_at(int place);

/** Write the rows of mq_sql_tables. */
void tables_write(FILE *out);

#endif
