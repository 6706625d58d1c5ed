/* sql_columns.c -- what a SELECT gives has names in C: MQ_ADDRESS_STREET for the column "street" of
 * a statement "address". A column that is no plain name says its own with AS. Statements that are
 * read by the same code are of one shape; some may stop before its last columns. */
#include "sql_columns.h"

#include <ctype.h>
#include <string.h>

#include "sql_files.h"
#include "sql_tokens.h"

enum { NAME_MOST = 256 };

static int ends_column(int i)
{
    return i == token_count() || (token_depth(i) == 0 && (token_is(i, ",") || token_is(i, "from")));
}

/* "x", "a.x" or "anything AS x", from the place first to before end. */
static const char *column_name(int first, int end)
{
    int is_named = token_is(end - 2, "as") && end - 2 > first;
    int is_plain = end - first == 1 || (end - first == 3 && token_is(first + 1, "."));
    const char *name = token_at(end - 1);
    return (is_named || is_plain) && (islower((unsigned char)*name) || *name == '_') ? name : NULL;
}

static void column_add(row_t *row, const char *name, int line)
{
    if (!name) {
        fault(line, "%s: column %d has no name; write AS and one", row->label,
              row->column_count + 1);
    }
    for (int i = 0; i < row->column_count; i++) {
        if (strcmp(row->columns[i], name) == 0) {
            fault(line, "%s: two columns are called %s; write AS and another", row->label, name);
        }
    }
    if (row->column_count == COLUMNS_MOST) {
        fault(line, "%s: too many columns", row->label);
    }
    row->columns[row->column_count++] = strdup(name);
}

void columns_read(row_t *row)
{
    int first = 1;
    if (!token_is(0, "select")) {
        return;
    }
    for (int i = 1; i <= token_count(); i++) {
        if (ends_column(i)) {
            column_add(row, column_name(first, i), token_line(first));
            first = i + 1;
        }
        if (i == token_count() || (token_is(i, "from") && token_depth(i) == 0)) {
            return;
        }
    }
}

static const row_t *widest(const row_t *of, const row_t *rows, int count)
{
    const row_t *found = NULL;
    for (int i = 0; i < count; i++) {
        if (strcmp(rows[i].shape, of->shape) == 0 &&
            (!found || rows[i].column_count > found->column_count)) {
            found = &rows[i];
        }
    }
    return found;
}

static int is_written(const row_t *row, const row_t *rows, int count)
{
    return row->column_count && widest(row, rows, count) == row;
}

static void name_make(char *name, const row_t *row, const char *column)
{
    size_t length = strlen(row->shape);
    size_t end = strlen(column);
    int is_said = length > end && row->shape[length - end - 1] == '_' &&
                  strcmp(row->shape + length - end, column) == 0;
    (void)snprintf(name, NAME_MOST, "mq_%s%s%s", row->shape, is_said ? "" : "_",
                   is_said ? "" : column);
    for (; *name; name++) {
        *name = (char)toupper((unsigned char)*name);
    }
}

/* "a_b" with a column "c" and "a" with a column "b_c" would be called alike. */
static void name_check(const row_t *row, const char *column, const row_t *rows, int count)
{
    char name[NAME_MOST];
    char other[NAME_MOST];
    name_make(name, row, column);
    for (int i = 0; i < count && &rows[i] != row; i++) {
        for (int c = 0; is_written(&rows[i], rows, count) && c < rows[i].column_count; c++) {
            name_make(other, &rows[i], rows[i].columns[c]);
            if (strcmp(name, other) == 0) {
                fault(row->line, "%s: %s is a column of %s already; name a shape", row->label, name,
                      rows[i].label);
            }
        }
    }
}

void columns_check(const row_t *rows, int count)
{
    for (int i = 0; i < count; i++) {
        const row_t *all = widest(&rows[i], rows, count);
        fault_in(rows[i].folder, rows[i].file);
        for (int c = 0; c < rows[i].column_count; c++) {
            if (strcmp(rows[i].columns[c], all->columns[c]) != 0) {
                fault(rows[i].line, "%s: column %d is %s, but %s in %s, which is a %s too",
                      rows[i].label, c + 1, rows[i].columns[c], all->columns[c], all->label,
                      all->shape);
            }
            if (&rows[i] == all) {
                name_check(all, rows[i].columns[c], rows, count);
            }
        }
    }
}

void columns_write(FILE *out, const row_t *row, const row_t *rows, int count)
{
    char name[NAME_MOST];
    if (!is_written(row, rows, count)) {
        return;
    }
    (void)fputs("enum {\n", out);
    for (int c = 0; c < row->column_count; c++) {
        name_make(name, row, row->columns[c]);
        (void)fprintf(out, "    %s%s\n", name, c + 1 < row->column_count ? "," : "");
    }
    (void)fputs("};\n", out);
}
