/* sql_dialects.c -- the text of a statement and of a migration for each engine, and the kinds of
 * parameters. On PostgreSQL a system statement that looks among organisations is a function: no
 * policy lets the server look there itself (store/pgsql/wall.sql). */
#include "sql_dialects.h"

#include <string.h>

#include "sql_files.h"
#include "sql_migrations.h"
#include "sql_tokens.h"

enum { TEXT_MOST = 65536 };

/* How an engine wants a statement written. */
typedef struct dialect_t {
    char mark;          /* before the number of a parameter */
    const char *target; /* before the table that is written, or that a system statement reads */
    const char *guests; /* before a table that a guest reads */
} dialect_t;

/* On SQLite a write's target is the table itself, and everything read resolves to the connection's
 * TEMP views; on PostgreSQL the policies are on the tables, and guests have views of their own. */
static const dialect_t sqlite = {'?', "main.", "guest_"};
static const dialect_t pgsql = {'$', "", "medsynq_guest."};

static int is_parameter(const char *text)
{
    return text[0] == '%' && text[1] != '%';
}

/* Tables that are clustered by their key, and how a column that follows from others can be added.
 */
static const struct {
    const char *sqlite;
    const char *pgsql;
} differences[] = {{" WITHOUT ROWID", ""}, {") VIRTUAL", ") STORED"}};

const char *migration_translate(const char *sql)
{
    static char text[TEXT_MOST];
    size_t length = 0;
    while (*sql) {
        size_t skipped = 0;
        for (size_t i = 0; i < sizeof differences / sizeof *differences && !skipped; i++) {
            if (strncmp(sql, differences[i].sqlite, strlen(differences[i].sqlite)) == 0) {
                skipped = strlen(differences[i].sqlite);
                memcpy(text + length, differences[i].pgsql, strlen(differences[i].pgsql));
                length += strlen(differences[i].pgsql);
            }
        }
        if (!skipped) {
            text[length++] = *sql;
            skipped = 1;
        }
        sql += skipped;
    }
    text[length] = 0; /* never longer than what it was made of */
    return text;
}

void kinds_write(FILE *out, const row_t *row)
{
    for (const char *kind = row->kinds; *kind; kind++) {
        (void)fprintf(out, "%s%s", kind > row->kinds ? ", " : "",
                      *kind == 's'   ? "text"
                      : *kind == 'b' ? "bytea"
                                     : "bigint");
    }
}

static void kinds_read(row_t *row)
{
    size_t kinds = 0;
    for (int i = 0; i < token_count(); i++) {
        const char *text = token_at(i);
        if (is_parameter(text)) {
            if (kinds + 1 >= sizeof row->kinds) {
                fault(row->line, "%s: too many parameters", row->label);
            }
            row->kinds[kinds++] = (char)(text[1] == 's' ? 's' : text[1] == 'p' ? 'b' : 'i');
        }
    }
}

static void dialect_write(FILE *out, const row_t *row, const dialect_t *dialect)
{
    /* the tenant is the first, the guest's patient the second */
    int parameter = row->scope->is_tenant + row->scope->is_guest;
    for (int i = 0; i < token_count(); i++) {
        const char *text = token_at(i);
        if (i > 0 && !strchr(".,)", text[0]) && !token_is(i - 1, ".") && !token_is(i - 1, "(")) {
            (void)fputc(' ', out);
        }
        if (is_word(text, ":tenant")) {
            (void)fprintf(out, "%c1", dialect->mark);
        } else if (is_word(text, ":patient")) {
            (void)fprintf(out, "%c2", dialect->mark);
        } else if (is_parameter(text)) {
            (void)fprintf(out, "%c%d", dialect->mark, ++parameter);
        } else if (row->scope->is_guest && is_table_place(i) && table_find(text)) {
            (void)fprintf(out, "%s%s", dialect->guests, text);
        } else if (is_table_place(i) && table_find(text) &&
                   (!row->scope->is_tenant || is_write_target(i))) {
            (void)fprintf(out, "%s%s", dialect->target, text);
        } else {
            (void)fputs(text[0] == '%' ? "%" : text, out);
        }
    }
}

static char *text_make(const row_t *row, const dialect_t *dialect)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (!out) {
        fault(row->line, "out of memory");
    }
    dialect_write(out, row, dialect);
    (void)fclose(out);
    return text;
}

/* A SELECT among organisations in nobody's name. */
static int is_look(const row_t *row)
{
    for (int i = 0; i < token_count() && !row->scope->is_tenant && !row->scope->is_owner; i++) {
        const table_t *table = is_table_place(i) ? table_find(token_at(i)) : NULL;
        if (table && table->has_tenant) {
            return 1;
        }
    }
    return 0;
}

/* The call of the function that the look is. */
static char *call_make(const row_t *row)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (!out) {
        fault(row->line, "out of memory");
    }
    for (int c = 0; c < row->column_count; c++) {
        (void)fprintf(out, "%s %s", c ? "," : "SELECT", row->columns[c]);
    }
    (void)fprintf(out, " FROM medsynq_lookup.%s(", row->label);
    for (size_t i = 0; row->kinds[i]; i++) {
        (void)fprintf(out, "%s$%zu", i ? ", " : "", i + 1);
    }
    (void)fputc(')', out);
    (void)fclose(out);
    return text;
}

void texts_make(row_t *row)
{
    kinds_read(row);
    row->sqlite = text_make(row, &sqlite);
    row->pgsql = text_make(row, &pgsql);
    if (is_look(row)) {
        row->look = row->pgsql;
        row->pgsql = call_make(row);
    }
}
