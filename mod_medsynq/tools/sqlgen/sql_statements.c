/* sql_statements.c -- the statements: read from a folder, held against the rules, and written as C.
 */
#include "sql_statements.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sql_columns.h"
#include "sql_dialects.h"
#include "sql_fields.h"
#include "sql_files.h"
#include "sql_migrations.h"
#include "sql_row.h"
#include "sql_rules.h"
#include "sql_tokens.h"
#include "sql_wall.h"

enum { ROWS_MOST = 1024, TEXT_MOST = 65536 };

static const scope_t scopes[] = {
    {"tenant", "mq_tenant_read_t", "mq_tenant_write_t", 1, 0, 0},
    {"system", "mq_system_read_t", "mq_system_write_t", 0, 0, 0},
    {"owner", "mq_owner_read_t", NULL, 0, 1, 0},
    {"guest", "mq_guest_read_t", NULL, 1, 0, 1},
};

static row_t rows[ROWS_MOST];
static int row_count;

static void statement_end(row_t *row, const char *written)
{
    static char sql[TEXT_MOST];
    for (const row_t *other = rows; other < row; other++) {
        if (strcmp(other->label, row->label) == 0) {
            fault(row->line, "%s: two statements have this label, the other is in %s", row->label,
                  other->file);
        }
    }
    fields_expand(sql, sizeof sql, written, row->line + 1);
    tokens_read(sql, row->line + 1);
    if (token_count() == 0) {
        fault(row->line, "%s: empty statement", row->label);
    }
    rules_check(row);
    if (*row->writes && !row->scope->write) {
        fault(row->line, "%s: a %s statement only reads", row->label, row->scope->word);
    }
    columns_read(row);
    texts_make(row);
    wall_learn(row);
}

/* A comment "-- label tenant", "-- label system", "-- label owner", "-- label guest" or "-- label
 * tenant shape" begins a statement. */
static int is_header(const char *line, row_t *row, int number)
{
    char word[16];
    char rest[2];
    int words = sscanf(line, "-- %63[a-z0-9_] %15[a-z] %63[a-z0-9_] %1s", row->label, word,
                       row->shape, rest);
    for (size_t i = 0; (words == 2 || words == 3) && i < sizeof scopes / sizeof *scopes; i++) {
        if (strcmp(word, scopes[i].word) == 0) {
            row->scope = &scopes[i];
        }
    }
    if (words == 2 && !row->scope) {
        fault(number, "%s: '%s' is no scope: write tenant, system, owner or guest", row->label,
              word);
    }
    if (words == 2) {
        (void)snprintf(row->shape, sizeof row->shape, "%s", row->label);
    }
    return row->scope != NULL;
}

static row_t *statement_begin(const row_t *header, const char *folder, const char *file, int line)
{
    if (row_count == ROWS_MOST) {
        fault(line, "too many statements");
    }
    rows[row_count] = *header;
    rows[row_count].folder = folder;
    rows[row_count].file = file;
    rows[row_count].line = line;
    return &rows[row_count++];
}

static void file_read(const char *folder, const char *name)
{
    static char sql[TEXT_MOST];
    char line[4096];
    size_t length = 0;
    row_t *row = NULL;
    FILE *in = file_open(folder, name);
    fault_in(folder, name);
    for (int number = 1; fgets(line, sizeof line, in); number++) {
        row_t header = {0};
        size_t n = strlen(line);
        if (is_header(line, &header, number)) {
            if (row) {
                statement_end(row, sql);
            }
            row = statement_begin(&header, folder, name, number);
            length = 0;
            sql[0] = 0;
        } else if (strncmp(line, "--", 2) != 0 && row) {
            if (length + n >= sizeof sql) {
                fault(number, "statement too long");
            }
            memcpy(sql + length, line, n + 1);
            length += n;
        } else if (strncmp(line, "--", 2) != 0 && strspn(line, " \n") != n) {
            fault(number, "SQL before the first '-- label tenant|system|owner|guest'");
        }
    }
    if (row) {
        statement_end(row, sql);
    }
    (void)fclose(in);
}

static void literal_write(FILE *out, const char *text)
{
    (void)fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            (void)fputc('\\', out);
        }
        (void)fputc(*text, out);
    }
    (void)fputc('"', out);
}

static void table_write(FILE *out)
{
    (void)fputs("/* Made by sqlgen from store/statements. */\n#include \"statements_gen.h\"\n\n"
                "const mq_sql_row_t mq_sql_rows[] = {\n",
                out);
    for (const row_t *row = rows; row < rows + row_count; row++) {
        (void)fprintf(out, "    {\"%s\", ", row->label);
        literal_write(out, row->sqlite);
        (void)fputs(",\n     ", out);
        literal_write(out, row->pgsql);
        (void)fprintf(out, ",\n     \"%s\", \"%s\", %d, %d, %d},\n", row->kinds, row->writes,
                      row->scope->is_tenant, row->scope->is_owner, row->scope->is_guest);
    }
    (void)fputs("};\nconst int mq_sql_count = sizeof mq_sql_rows / sizeof *mq_sql_rows;\n\n"
                "const mq_sql_table_t mq_sql_tables[] = {\n",
                out);
    tables_write(out);
    (void)fputs(
        "};\nconst int mq_sql_table_count = sizeof mq_sql_tables / sizeof *mq_sql_tables;\n", out);
}

static void name_write(FILE *out, const row_t *row)
{
    (void)fputs("#define MQ_SQL_", out);
    for (const char *s = row->label; *s; s++) {
        (void)fputc(toupper((unsigned char)*s), out);
    }
    (void)fprintf(out, " MQ_SQL_ROW(%s, %d)", *row->writes ? row->scope->write : row->scope->read,
                  (int)(row - rows));
    (void)fprintf(out, strcmp(row->label, row->shape) == 0 ? "\n" : " /* a %s */\n", row->shape);
}

static void header_write(FILE *out)
{
    const char *file = "";
    (void)fputs(
        "/* Made by sqlgen from store/statements; types are in store/statements.h. A statement's\n"
        " * name, then those of the columns that it gives. */\n"
        "#ifndef MQ_STATEMENTS_GEN_H\n#define MQ_STATEMENTS_GEN_H\n\n"
        "#include \"store/statements.h\"\n",
        out);
    for (const row_t *row = rows; row < rows + row_count; row++) {
        if (strcmp(file, row->file) != 0) {
            file = row->file;
            (void)fprintf(out, "\n/* ---- %s ---- */\n\n", file);
        }
        name_write(out, row);
        columns_write(out, row, rows, row_count);
    }
    fields_write(out);
    (void)fputs("\n#endif\n", out);
}

void statements_make(const char *folder, const char *output)
{
    FILE *out;
    int count;
    char **names = folder_read(folder, ".sql", &count);
    fields_read(folder);
    for (int i = 0; i < count; i++) {
        file_read(folder, names[i]);
    }
    columns_check(rows, row_count);
    out = output_begin(output, "statements_gen.c");
    table_write(out);
    output_end(out);
    out = output_begin(output, "statements_gen.h");
    header_write(out);
    output_end(out);
}
