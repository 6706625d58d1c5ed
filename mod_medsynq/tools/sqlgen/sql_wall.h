/* sql_wall.h -- the second wall on PostgreSQL, filled in from the tables and the statements. */
#ifndef SQLGEN_SQL_WALL_H
#define SQLGEN_SQL_WALL_H

#include "sql_row.h"

/** Note what the statement that was split last does with which tables. */
void wall_learn(const row_t *row);

/** Fill in the templates of a folder, store/pgsql, and write them to another. */
void wall_make(const char *folder, const char *output);

#endif
