/* sql_statements.h -- the statements, read, judged and written as C. */
#ifndef SQLGEN_SQL_STATEMENTS_H
#define SQLGEN_SQL_STATEMENTS_H

/** Read the statements and write statements_gen.c and statements_gen.h. */
void statements_make(const char *folder, const char *output);

#endif
