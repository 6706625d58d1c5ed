/* sql_dialects.h -- a statement as each engine wants it. */
#ifndef SQLGEN_SQL_DIALECTS_H
#define SQLGEN_SQL_DIALECTS_H

#include "sql_row.h"

/** Make the text for each engine, and learn the kinds of the parameters. */
void texts_make(row_t *row);

#endif
