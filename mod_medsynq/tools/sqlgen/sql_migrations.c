/* sql_migrations.c -- the schema: which tables there are, which of them hold organisations' data,
 * and what a key may look like. */
#include "sql_migrations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql_dialects.h"
#include "sql_files.h"
#include "sql_tokens.h"

enum { TABLES_MOST = 128, TEXT_MOST = 65536 };

static table_t tables[TABLES_MOST];
static int table_count;

int table_place(const char *name)
{
    for (int i = 0; i < table_count; i++) {
        if (is_word(tables[i].name, name)) {
            return i;
        }
    }
    return -1;
}

const table_t *table_at(int place)
{
    return place >= 0 && place < table_count ? &tables[place] : NULL;
}

const table_t *table_find(const char *name)
{
    return table_at(table_place(name));
}

static int line_of(const char *text, const char *place)
{
    int line = 1;
    for (; text < place; text++) {
        line += *text == '\n';
    }
    return line;
}

/* Learn the tables of a migration: its name, and whether it holds tenants' data. */
static void read_tables(const char *sql)
{
    static const char create[] = "CREATE TABLE ";
    for (const char *s = strstr(sql, create); s; s = strstr(s + 1, create)) {
        const char *end = strchr(s, ';');
        const char *mention = strstr(s, "tenant_id");
        table_t table = {0};
        if (sscanf(s + sizeof create - 1, "%63[a-z0-9_]", table.name) != 1) {
            fault(1, "CREATE TABLE without a lower-case name");
        }
        table.has_tenant = mention && end && mention < end;
        if (table_count == TABLES_MOST) {
            fault(1, "too many tables");
        }
        tables[table_count++] = table;
    }
}

/* A table that is made anew, as SQLite needs it for another key, takes the old one's name. */
static void rename_tables(const char *sql)
{
    static const char alter[] = "ALTER TABLE ";
    for (const char *s = strstr(sql, alter); s; s = strstr(s + 1, alter)) {
        char from[64];
        char to[64];
        table_t *made = NULL;
        table_t *kept = NULL;
        if (sscanf(s, "ALTER TABLE %63[a-z0-9_] RENAME TO %63[a-z0-9_]", from, to) != 2) {
            continue;
        }
        for (int i = 0; i < table_count; i++) {
            made = strcmp(tables[i].name, from) == 0 ? &tables[i] : made;
            kept = strcmp(tables[i].name, to) == 0 ? &tables[i] : kept;
        }
        if (!made || !kept || made->has_tenant != kept->has_tenant) {
            fault(line_of(sql, s), "a table is renamed to that which it takes the place of");
        }
        *made = tables[--table_count];
    }
}

/* The tables of rows that are nobody's: which two organisations a link joins, and who tries what
 * how often, which precedes any. */
static int is_nobodys_name(const char *name, size_t length)
{
    static const char *const nobodys[] = {"partnerships", "throttles"};
    for (size_t i = 0; i < sizeof nobodys / sizeof *nobodys; i++) {
        if (strlen(nobodys[i]) == length && strncmp(name, nobodys[i], length) == 0) {
            return 1;
        }
    }
    return 0;
}

/* What is looked for before its organisation is known: by an index of its own. */
static int is_looked_for(const char *table, const char *column)
{
    return strcmp(table, "tenants") == 0 || is_nobodys_name(table, strlen(table)) ||
           (strcmp(table, "sessions") == 0 && strcmp(column, "key") == 0);
}

/* Whether a place in a migration stands within a table that is nobody's. */
static int is_nobodys(const char *sql, const char *place)
{
    static const char create[] = "CREATE TABLE ";
    const char *within = NULL;
    for (const char *s = strstr(sql, create); s && s < place; s = strstr(s + 1, create)) {
        within = s + sizeof create - 1;
    }
    return within && is_nobodys_name(within, strcspn(within, " ")) &&
           !memchr(within, ';', (size_t)(place - within));
}

/* Keys and indexes of a migration: each that is of organisations' data begins with tenant_id, or a
 * link across organisations could be stored. Organisations themselves are looked for by others. */
static void lint_keys(const char *sql)
{
    static const char *const keys[] = {"PRIMARY KEY (", "FOREIGN KEY (", "UNIQUE ("};
    char name[64];
    char table[64];
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        for (const char *s = strstr(sql, keys[k]); s; s = strstr(s + 1, keys[k])) {
            if (strncmp(s + strlen(keys[k]), "tenant_id", 9) != 0 && !is_nobodys(sql, s)) {
                fault(line_of(sql, s), "a key begins with tenant_id");
            }
        }
    }
    for (const char *s = strstr(sql, "REFERENCES "); s; s = strstr(s + 1, "REFERENCES ")) {
        if (sscanf(s, "REFERENCES %63[a-z0-9_] (%63[a-z0-9_]", table, name) != 2 ||
            strcmp(name, "tenant_id") != 0) {
            fault(line_of(sql, s), "REFERENCES names the columns, tenant_id first");
        }
    }
    for (const char *s = strstr(sql, "INDEX "); s; s = strstr(s + 1, "INDEX ")) {
        char column[64];
        if (s - sql >= 5 && strncmp(s - 5, "DROP ", 5) == 0) {
            continue;
        }
        if (sscanf(s, "INDEX %63[a-z0-9_] ON %63[a-z0-9_] (%63[a-z0-9_]", name, table, column) !=
                3 ||
            (strcmp(column, "tenant_id") != 0 && !is_looked_for(table, column))) {
            fault(line_of(sql, s), "an index begins with tenant_id");
        }
    }
    if (strstr(sql, "ADD COLUMN tenant_id")) {
        fault(1, "tenant_id is there from CREATE TABLE on");
    }
}

/* The oldest program that works on the schema from this migration on: itself, unless a line of it
 * says
 * "-- oldest: NNN". */
static int oldest_read(const char *sql, int number)
{
    static const char says[] = "\n-- oldest: ";
    const char *s = strstr(sql, says);
    int oldest = s ? atoi(s + sizeof says - 1) : number;
    if (oldest < 1 || oldest > number) {
        fault(line_of(sql, s + 1), "the oldest program is one of those before");
    }
    return oldest;
}

void tables_write(FILE *out)
{
    for (int i = 0; i < table_count; i++) {
        (void)fprintf(out, "    {\"%s\", %d},\n", tables[i].name, tables[i].has_tenant);
    }
}

static void migration_read(char *sql, const char *folder, const char *name, int number)
{
    FILE *in = file_open(folder, name);
    size_t n = fread(sql, 1, TEXT_MOST - 1, in);
    (void)fclose(in);
    fault_in(folder, name);
    if (atoi(name) != number) {
        fault(1, "migrations are numbered 001, 002, ... without a gap");
    }
    if (n == TEXT_MOST - 1) {
        fault(1, "migration too long");
    }
    sql[n] = 0;
    read_tables(sql);
    rename_tables(sql);
    lint_keys(sql);
}

void migrations_make(const char *folder, const char *output)
{
    static char sql[TEXT_MOST];
    int count;
    int oldest = 0;
    char **names = folder_read(folder, ".sql", &count);
    FILE *schema = tmpfile();
    FILE *out = output_begin(output, "migrations_gen.c");
    if (!schema) {
        fault(1, "no place for a temporary file");
    }
    (void)fputs("/* Made by sqlgen from store/migrations. */\n#include \"statements_gen.h\"\n\n"
                "const mq_migration_t mq_migrations[] = {\n",
                out);
    for (int i = 0; i < count; i++) {
        migration_read(sql, folder, names[i], i + 1);
        oldest = oldest_read(sql, i + 1) > oldest ? oldest_read(sql, i + 1) : oldest;
        (void)fprintf(out, "    {%d, \"%s\",\n", i + 1, names[i]);
        text_write(out, sql);
        (void)fputs(",\n", out);
        text_write(out, migration_translate(sql));
        (void)fputs("},\n", out);
        (void)fputs(migration_translate(sql), schema);
    }
    (void)fprintf(out, "};\nconst int mq_migration_count = %d;\nconst int mq_schema_oldest = %d;\n",
                  count, oldest);
    output_end(out);
    out = output_begin(output, "pgsql_schema.sql");
    rewind(schema);
    for (int c; (c = getc(schema)) != EOF;) {
        (void)putc(c, out);
    }
    (void)fclose(schema);
    output_end(out);
}
