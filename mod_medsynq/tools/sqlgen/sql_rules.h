/* sql_rules.h -- what a statement must not say. */
#ifndef SQLGEN_SQL_RULES_H
#define SQLGEN_SQL_RULES_H

#include "sql_row.h"

/** Exit with a sentence if the statement breaks a rule; else note which table it writes. */
void rules_check(row_t *row);

#endif
