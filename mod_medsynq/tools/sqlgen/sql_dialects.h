/* sql_dialects.h -- statements and migrations as each engine wants them. */
#ifndef SQLGEN_SQL_DIALECTS_H
#define SQLGEN_SQL_DIALECTS_H

#include <stdio.h>

#include "sql_row.h"

/** Make the text for each engine, and learn the kinds of the parameters. The columns are known. */
void texts_make(row_t *row);

/** Write the types of a statement's parameters, as PostgreSQL names them. */
void kinds_write(FILE *out, const row_t *row);

/** @return a migration, which is as SQLite wants it, as PostgreSQL does; until the next one */
const char *migration_translate(const char *sql);

#endif
