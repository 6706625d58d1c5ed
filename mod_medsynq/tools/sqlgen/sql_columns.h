/* sql_columns.h -- the names of what a SELECT gives. */
#ifndef SQLGEN_SQL_COLUMNS_H
#define SQLGEN_SQL_COLUMNS_H

#include <stdio.h>
#include "sql_row.h"

/** Learn the names of the columns that a SELECT gives; a fault where one has none. */
void columns_read(row_t *row);

/** Hold the columns of all rows of a shape against each other, and their names in C. */
void columns_check(const row_t *rows, int count);

/** Write the enum of a row's columns, if it is the one of its shape that has all of them. */
void columns_write(FILE *out, const row_t *row, const row_t *rows, int count);

#endif
