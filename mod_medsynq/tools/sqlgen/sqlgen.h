/* sqlgen.h -- what the files of the build tool share: a statement's row, its words, the tables that
 * the migrations make, and how a fault is said. */
#ifndef SQLGEN_H
#define SQLGEN_H

#include <stddef.h>
#include <stdio.h>

enum { COLUMNS_MOST = 64 };

/** In whose name a statement runs, and what C calls such a statement. */
typedef struct scope_t {
    const char *word; /* in the header line */
    const char *read; /* type of a SELECT */
    const char *write;
    int is_tenant;
    int is_owner; /* sees all organisations, and only reads */
} scope_t;

/** One statement: what its header line says, and what is made of its SQL. */
typedef struct row_t {
    char label[64];
    char shape[64]; /* whose name its columns bear; the label where the header says no other */
    const char *folder;
    const char *file;
    int line; /* of the header */
    const scope_t *scope;
    char kinds[64];  /* of the caller's parameters: s text, i integer, b bytes */
    char writes[64]; /* the table that it changes, "" for a read */
    char *columns[COLUMNS_MOST];
    int column_count;
    char *sqlite; /* its text for each engine */
    char *pgsql;
} row_t;

/** One table of the schema. */
typedef struct table_t {
    char name[64];
    int has_tenant;
} table_t;

/** Name the file that faults are about from here on. */
void fault_in(const char *folder, const char *name);

/** Say "file:line: sentence" and exit. */
void fault(int line, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));

/** The sorted names of a folder's files that end so; count_out of them. */
char **folder_read(const char *folder, const char *ending, int *count_out);

/** Open a file that is read, or exit. */
FILE *file_open(const char *folder, const char *name);

/** Begin a file of the output folder, under a name of its own until it is whole; the former one
 * stays till then. */
FILE *output_begin(const char *folder, const char *name);

/** Let the file take its name; one that says what it said before is left as it was, so that nobody
 * compiles it again. */
void output_end(FILE *out);

/* sql_tokens.c: the statement that was split last */

/** Split a statement; line is that on which it begins. */
void tokens_read(const char *sql, int line);
int token_count(void);

/** @return the word at place i, "" before the first and after the last */
const char *token_at(int i);

/** @return whether that is what stands there, in large or small letters */
int token_is(int i, const char *word);
int token_line(int i);

/** @return how many parentheses are open around it */
int token_depth(int i);

/** The same for any two words. */
int is_word(const char *token, const char *word);

/** @return whether a name at place i is a table's: it stands after FROM, JOIN, INTO, UPDATE */
int is_table_place(int i);

/** @return whether that table is the one that the statement changes */
int is_write_target(int i);

/* sql_migrations.c */

/** Read the schema and write migrations_gen.c. */
void migrations_make(const char *folder, const char *output);

/** @return the table of that name, or NULL */
const table_t *table_find(const char *name);

/** Write the rows of mq_sql_tables. */
void tables_write(FILE *out);

/* sql_rules.c */

/** Exit with a sentence if the statement breaks a rule; else note which table it writes. */
void rules_check(row_t *row);

/* sql_dialects.c */

/** Make the text for each engine, and learn the kinds of the parameters. */
void texts_make(row_t *row);

/* sql_columns.c */

/** Learn the names of the columns that a SELECT gives; a fault where one has none. */
void columns_read(row_t *row);

/** Hold the columns of all rows of a shape against each other, and their names in C. */
void columns_check(const row_t *rows, int count);

/** Write the enum of a row's columns, if it is the one of its shape that has all of them. */
void columns_write(FILE *out, const row_t *row, const row_t *rows, int count);

/* sql_fields.c */

/** Read the lists of columns. */
void fields_read(const char *folder);

/** Put the columns of a list, or their parameters, where a statement names it in braces. */
void fields_expand(char *out, size_t size, const char *sql, int line);

/** Write the enum of each list. */
void fields_write(FILE *out);

/* sql_statements.c */

/** Read the statements and write statements_gen.c and statements_gen.h. */
void statements_make(const char *folder, const char *output);

#endif
