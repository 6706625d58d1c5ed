/* sql_wall.c -- fills in the templates of store/pgsql: the second wall and what proves it know
 * every table, what the server's statements do with each, and the looks that precede an
 * organisation. Nobody lists them by hand: a statement that goes takes its rights with it. */
#include "sql_wall.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sql_dialects.h"
#include "sql_files.h"
#include "sql_migrations.h"
#include "sql_tokens.h"

enum { TABLES_MOST = 128, LOOKS_MOST = 32, TEXT_MOST = 65536 };

/* What may be granted, in the order in which the templates say it. */
static const char *const rights[] = {"SELECT", "INSERT", "UPDATE", "DELETE"};
enum { SELECTED = 1, RIGHTS = sizeof rights / sizeof *rights };

/* What is done with a table, by its place in the schema; a set of bits. */
static unsigned used[TABLES_MOST];

/* A look that precedes an organisation. */
typedef struct {
    const row_t *row;
    char table[64];
    char reads[512]; /* its columns, separated by ", " */
} look_t;

static look_t looks[LOOKS_MOST];
static int look_count;

/* How the organisation is known: said by whoever is connected, or sealed with a key, too. */
typedef struct {
    const char *suffix;  /* of the files' names */
    const char *tenant;  /* the expression */
    const char *printed; /* as PostgreSQL prints it */
} variant_t;

static const variant_t variants[] = {
    {"", "current_setting('medsynq.tenant')::bigint",
     "(current_setting('medsynq.tenant'::text))::bigint"},
    {"_sealed", "medsynq_lookup.tenant()", "medsynq_lookup.tenant()"},
};

static void list_add(char *list, size_t size, const char *word)
{
    char seen[600];
    char sought[80];
    (void)snprintf(seen, sizeof seen, ", %s, ", list);
    (void)snprintf(sought, sizeof sought, ", %s, ", word);
    if (!strstr(seen, sought)) {
        (void)strncat(list, *list ? ", " : "", size - strlen(list) - 1);
        (void)strncat(list, word, size - strlen(list) - 1);
    }
}

/* Words of our own are in small letters, those of SQL in capitals. */
static int is_column(int i)
{
    return islower((unsigned char)token_at(i)[0]) && !is_table_place(i) && !is_table_place(i - 1) &&
           !token_is(i - 1, "as") && !token_is(i + 1, "(") && !token_is(i + 1, ".");
}

static void look_learn(const row_t *row)
{
    look_t *look = &looks[look_count];
    if (look_count == LOOKS_MOST) {
        fault(row->line, "%s: too many system statements", row->label);
    }
    look->row = row;
    look_count++;
    for (int i = 0; i < token_count(); i++) {
        if (is_table_place(i)) {
            if (*look->table) {
                fault(row->line, "%s: a system statement looks in one table", row->label);
            }
            (void)snprintf(look->table, sizeof look->table, "%s", token_at(i));
        } else if (is_column(i)) {
            list_add(look->reads, sizeof look->reads, token_at(i));
        }
    }
}

void wall_learn(const row_t *row)
{
    if (row->look) {
        look_learn(row);
        return;
    }
    for (int i = 0; i < token_count() && !row->scope->is_owner; i++) {
        int place = is_table_place(i) ? table_place(token_at(i)) : -1;
        if (place < 0) {
            continue;
        }
        if (is_write_target(i)) {
            for (unsigned r = 0; r < RIGHTS; r++) {
                used[place] |= token_is(0, rights[r]) ? 1U << r : 0;
            }
        }
        used[place] |= is_write_target(i) && token_is(0, "insert") ? 0 : SELECTED;
    }
}

static void rights_write(FILE *out, unsigned set)
{
    const char *between = "";
    for (unsigned r = 0; r < RIGHTS; r++) {
        if (set & 1U << r) {
            (void)fprintf(out, "%s%s", between, rights[r]);
            between = ", ";
        }
    }
}

static void quoted_write(FILE *out, const char *text)
{
    (void)fputc('\'', out);
    for (; *text; text++) {
        (void)fputs(*text == '\'' ? "'" : "", out);
        (void)fputc(*text, out);
    }
    (void)fputc('\'', out);
}

static void tables_fill(FILE *out, const char *begin, const char *end)
{
    const table_t *table;
    for (int i = 0; (table = table_at(i)) != NULL; i++) {
        (void)fprintf(out, "%s        %s'%s', '%s', '", i ? ",\n" : "", begin, table->name,
                      table->has_tenant ? "tenant" : "nobody");
        rights_write(out, used[i]);
        (void)fprintf(out, "'%s", end);
    }
}

static void looks_fill(FILE *out, const char *begin, const char *end)
{
    for (int i = 0; i < look_count; i++) {
        const row_t *row = looks[i].row;
        (void)fprintf(out, "%s        %s'%s', '", i ? ",\n" : "", begin, row->label);
        kinds_write(out, row);
        (void)fprintf(out, "', '%s', '", looks[i].table);
        for (int c = 0; c < row->column_count; c++) {
            (void)fprintf(out, "%s%s", c ? ", " : "", row->columns[c]);
        }
        (void)fprintf(out, "', '%s', ", looks[i].reads);
        quoted_write(out, row->look);
        (void)fputs(end, out);
    }
}

static char *file_read_whole(char *text, const char *folder, const char *name)
{
    FILE *in = file_open(folder, name);
    size_t n = fread(text, 1, TEXT_MOST - 1, in);
    (void)fclose(in);
    fault_in(folder, name);
    if (n == TEXT_MOST - 1) {
        fault(1, "too long");
    }
    text[n] = 0;
    return text;
}

static void blank_fill(FILE *out, const char *name, const variant_t *variant, const char *folder)
{
    static char seal[TEXT_MOST];
    if (strcmp(name, "tables") == 0) {
        tables_fill(out, "ARRAY[", "]");
    } else if (strcmp(name, "table_rows") == 0) {
        tables_fill(out, "(", ")");
    } else if (strcmp(name, "looks") == 0) {
        looks_fill(out, "ARRAY[", "]");
    } else if (strcmp(name, "look_rows") == 0) {
        looks_fill(out, "(", ")");
    } else if (strcmp(name, "tenant_condition") == 0) {
        (void)fprintf(out, "tenant_id = %s", variant->tenant);
    } else if (strcmp(name, "nobody_condition") == 0) {
        (void)fprintf(out, "%s = '-1'::bigint", variant->tenant);
    } else if (strcmp(name, "tenant_printed") == 0) {
        (void)fprintf(out, "(tenant_id = %s)", variant->printed);
    } else if (strcmp(name, "nobody_printed") == 0) {
        (void)fprintf(out, "(%s = '-1'::bigint)", variant->printed);
    } else if (strcmp(name, "seal") == 0) {
        quoted_write(out, file_read_whole(seal, folder, "seal.sql"));
    } else {
        fault(1, "nobody knows what to fill in for {%s}", name);
    }
}

static void template_fill(const char *folder, const char *output, const char *name,
                          const variant_t *variant)
{
    static char text[TEXT_MOST];
    char path[128];
    char blank[32];
    FILE *out;
    (void)snprintf(path, sizeof path, "pgsql_%s%s.sql", name, variant->suffix);
    out = output_begin(output, path);
    (void)snprintf(path, sizeof path, "%s.sql", name);
    for (const char *s = file_read_whole(text, folder, path); *s; s++) {
        if (sscanf(s, "{%31[a-z_]}", blank) == 1 && s[strlen(blank) + 1] == '}') {
            blank_fill(out, blank, variant, folder);
            s += strlen(blank) + 1;
        } else {
            (void)fputc(*s, out);
        }
    }
    output_end(out);
}

void wall_make(const char *folder, const char *output)
{
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        template_fill(folder, output, "wall", &variants[i]);
        template_fill(folder, output, "proof", &variants[i]);
    }
}
