/* sql_row.h -- one statement, as all parts of the build tool know it. */
#ifndef SQLGEN_SQL_ROW_H
#define SQLGEN_SQL_ROW_H

enum { COLUMNS_MOST = 64 };

/** In whose name a statement runs, and what C calls such a statement. */
typedef struct scope_t {
    const char *word; /* in the header line */
    const char *read; /* type of a SELECT */
    const char *write;
    int is_tenant;
    int is_owner; /* sees all organisations, and only reads */
    int is_guest; /* sees one patient of an organisation, and only reads */
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
    char *look; /* what the function does that its text for PostgreSQL calls; NULL: it calls none */
} row_t;

#endif
