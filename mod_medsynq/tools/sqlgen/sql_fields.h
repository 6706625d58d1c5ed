/* sql_fields.h -- lists of columns that statements share. */
#ifndef SQLGEN_SQL_FIELDS_H
#define SQLGEN_SQL_FIELDS_H

#include <stddef.h>
#include <stdio.h>

/** Read the lists of columns. */
void fields_read(const char *folder);

/** Put the columns of a list, or their parameters, where a statement names it in braces. */
void fields_expand(char *out, size_t size, const char *sql, int line);

/** Write the enum of each list. */
void fields_write(FILE *out);

#endif
