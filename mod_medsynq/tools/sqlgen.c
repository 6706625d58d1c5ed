/* sqlgen.c -- build tool: reads store/statements.sql and store/migrations, refuses what breaks the
 * rules of tenant isolation and portability, and writes the C tables that store/ is compiled with.
 *
 *   sqlgen statements.sql migrations-folder output-folder
 *
 * Runs on the build machine only, on two trusted inputs; it allocates nothing and exits at the
 * first fault with "file:line: sentence". */
#include <ctype.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TOKENS = 2048, MAX_TEXT = 65536, MAX_TABLES = 64, MAX_ROWS = 512, MAX_FILES = 99 };

typedef struct {
    char text[96];
    int line;
    int depth; /* of parentheses */
} token_t;

typedef struct {
    char name[64];
    int has_tenant;
} table_t;

typedef struct {
    char label[64];
    char kinds[64];
    char writes[64];
    int tenant;
    int line;
} row_t;

static table_t tables[MAX_TABLES];
static int table_count;
static row_t rows[MAX_ROWS];
static int row_count;
static token_t tokens[MAX_TOKENS];
static int token_count;
static const char *file_name;

static void fault(int line, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

static void fault(int line, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    (void)fprintf(stderr, "%s:%d: ", file_name, line);
    (void)vfprintf(stderr, format, ap);
    (void)fputc('\n', stderr);
    va_end(ap);
    exit(1);
}

static int is_word(const char *token, const char *word)
{
    for (; *token && *word; token++, word++) {
        if (tolower((unsigned char)*token) != tolower((unsigned char)*word)) {
            return 0;
        }
    }
    return *token == *word;
}

static const char *token_at(int i)
{
    return i >= 0 && i < token_count ? tokens[i].text : "";
}

static int token_is(int i, const char *word)
{
    return is_word(token_at(i), word);
}

static const table_t *table_find(const char *name)
{
    for (int i = 0; i < table_count; i++) {
        if (is_word(tables[i].name, name)) {
            return &tables[i];
        }
    }
    return NULL;
}

static int is_name(int c)
{
    return isalnum(c) || c == '_';
}

/* Split one statement into words, literals, parameters and punctuation. */
static void tokenize(const char *sql, int line)
{
    int depth = 0;
    token_count = 0;
    for (const char *s = sql; *s;) {
        const char *start = s;
        if (*s == '\n') {
            line++;
        }
        if (isspace((unsigned char)*s)) {
            s++;
            continue;
        }
        if (is_name((unsigned char)*s)) {
            while (is_name((unsigned char)*s)) {
                s++;
            }
        } else if (*s == '\'') {
            for (s++; *s && !(*s == '\'' && s[1] != '\''); s += *s == '\'' ? 2 : 1) {
            }
            if (!*s) {
                fault(line, "unclosed text literal");
            }
            s++;
        } else if (*s == ':' && is_name((unsigned char)s[1])) {
            for (s++; is_name((unsigned char)*s); s++) {
            }
        } else if (*s == '%') {
            static const char *const kinds[] = {"%lld", "%pDb", "%s", "%d", "%%"};
            for (size_t k = 0; k < sizeof kinds / sizeof *kinds && s == start; k++) {
                if (strncmp(s, kinds[k], strlen(kinds[k])) == 0) {
                    s += strlen(kinds[k]);
                }
            }
            if (s == start) {
                fault(line, "unknown parameter: use %%s, %%d, %%lld, %%pDb or %%%%");
            }
        } else if (strncmp(s, "<=", 2) == 0 || strncmp(s, ">=", 2) == 0 ||
                   strncmp(s, "<>", 2) == 0 || strncmp(s, "||", 2) == 0) {
            s += 2;
        } else {
            if (!strchr("(),.=<>+-*/", *s)) {
                fault(line, "'%c' is not used in our SQL", *s);
            }
            s++;
        }
        if (token_count == MAX_TOKENS || (size_t)(s - start) >= sizeof tokens->text) {
            fault(line, "statement too long");
        }
        depth -= *start == ')';
        tokens[token_count].line = line;
        tokens[token_count].depth = depth;
        (void)snprintf(tokens[token_count].text, sizeof tokens->text, "%.*s", (int)(s - start),
                       start);
        depth += *start == '(';
        token_count++;
    }
}

/* A name stands in the place of a table after these words. */
static int is_table_place(int i)
{
    return token_is(i - 1, "from") || token_is(i - 1, "join") || token_is(i - 1, "into") ||
           (token_is(i - 1, "update") && i == 1);
}

static int is_write_target(int i)
{
    return (i == 2 && token_is(0, "insert") && token_is(1, "into")) ||
           (i == 1 && token_is(0, "update")) ||
           (i == 2 && token_is(0, "delete") && token_is(1, "from"));
}

/* The name by which the rest of the statement knows the table at place i. */
static const char *alias_of(int i)
{
    static const char *const ends[] = {"join",  "on",    "where",  "set",   "order", "left",
                                       "inner", "limit", "values", "group", "select"};
    int next = i + 1 + token_is(i + 1, "as");
    if (!isalpha((unsigned char)token_at(next)[0])) {
        return token_at(i);
    }
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
        if (token_is(next, ends[k])) {
            return token_at(i);
        }
    }
    return token_at(next);
}

/* What follows "= :tenant" must not reach back over it: "tenant_id = :tenant IS NULL" is another
 * condition. */
static int ends_condition(int i)
{
    static const char *const ends[] = {"and",  "where", "order", "group", "limit", "join",
                                       "left", "inner", "on",    ")",     ""};
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
        if (token_is(i, ends[k])) {
            return 1;
        }
    }
    return 0;
}

/* The SELECT, UPDATE or DELETE that the token at i belongs to: what stands between its
 * parentheses. */
static void find_block(int i, int *first_out, int *end_out)
{
    int depth = tokens[i].depth;
    for (*first_out = i; *first_out > 0 && tokens[*first_out - 1].depth >= depth; --*first_out) {
    }
    for (*end_out = i; *end_out < token_count && tokens[*end_out].depth >= depth; ++*end_out) {
    }
}

static int begins_clause(int i)
{
    return token_is(i, "set") || token_is(i, "from") || token_is(i, "join") ||
           token_is(i, "order") || token_is(i, "group") || token_is(i, "limit") ||
           token_is(i, "values") || token_is(i, "select") || token_is(i, "having");
}

/* The condition joined by AND to the WHERE of the table's own SELECT, UPDATE or DELETE, or to the
 * ON of its own JOIN, so that nothing can take it away: "alias.tenant_id = :tenant", or without the
 * alias where only one table is named. An ON does not restrict the table that it joins to. */
static int has_tenant_predicate(int place, const char *alias, int unqualified_allowed)
{
    int first;
    int end;
    int on_of = -1; /* the table that the ON belongs to in which i stands */
    int in_where = 0;
    find_block(place, &first, &end);
    for (int i = first; i < end; i++) {
        int start = i;
        if (tokens[i].depth != tokens[place].depth) {
            continue;
        }
        if (begins_clause(i)) {
            in_where = 0;
            on_of = token_is(i, "join") ? i + 1 : -1;
        }
        in_where |= token_is(i, "where");
        on_of = token_is(i, "where") ? -1 : on_of;
        if (!token_is(i, "tenant_id") || !token_is(i + 1, "=") || !token_is(i + 2, ":tenant") ||
            !ends_condition(i + 3) || (!in_where && on_of != place)) {
            continue;
        }
        if (token_is(i - 1, ".")) {
            if (!token_is(i - 2, alias)) {
                continue;
            }
            start = i - 2;
        } else if (!unqualified_allowed) {
            continue;
        }
        if (token_is(start - 1, "where") || token_is(start - 1, "on") ||
            token_is(start - 1, "and")) {
            return 1;
        }
    }
    return 0;
}

static void lint_words(const row_t *row)
{
    static const char *const refused[] = {
        "replace",   "rowid",  "autoincrement", "pragma",        "attach",  "detach",
        "glob",      "ifnull", "datetime",      "strftime",      "date",    "julianday",
        "returning", "with",   "main",          "temp",          "like",    "union",
        "intersect", "except", "using",         "natural",       "offset",  "or",
        "create",    "drop",   "alter",         "vacuum",        "indexed", "collate",
        "ilike",     "now",    "random",        "total_changes", "between", "case",
        "window",    "over",   "recursive",     "right",         "full",    "cross",
        "outer"};
    for (int i = 0; i < token_count; i++) {
        for (size_t k = 0; k < sizeof refused / sizeof *refused; k++) {
            if (token_is(i, refused[k]) && !(token_is(i, "or") && tokens[i].depth > 0)) {
                fault(tokens[i].line, "%s: '%s' is not portable or not safe here", row->label,
                      token_at(i));
            }
        }
        if (token_is(i, "*") && (token_is(i - 1, "select") || token_is(i - 1, "."))) {
            fault(tokens[i].line, "%s: name the columns instead of *", row->label);
        }
    }
}

static void lint_limit(const row_t *row)
{
    if (!token_is(0, "select")) {
        return;
    }
    for (int i = 0; i < token_count; i++) {
        if (token_is(i, "limit") && tokens[i].depth == 0) {
            return;
        }
    }
    fault(row->line, "%s: a SELECT needs a LIMIT", row->label);
}

/* Every mention of tenant_id must be a column list or "= :tenant". */
static void lint_tenant_uses(const row_t *row)
{
    for (int i = 0; i < token_count; i++) {
        if (token_is(i, "tenant_id") && row->tenant) {
            int in_columns = tokens[i].depth > 0 && token_is(i - 1, "(") &&
                             (token_is(i + 1, ",") || token_is(i + 1, ")"));
            int compared = token_is(i + 1, "=") && token_is(i + 2, ":tenant");
            if (!in_columns && !compared) {
                fault(tokens[i].line,
                      "%s: tenant_id is only compared with :tenant, which the store binds",
                      row->label);
            }
        }
        if (token_at(i)[0] == ':' && !token_is(i, ":tenant")) {
            fault(tokens[i].line, "%s: unknown name %s", row->label, token_at(i));
        }
        if (token_is(i, ":tenant") && !row->tenant) {
            fault(tokens[i].line, "%s: a system statement has no tenant", row->label);
        }
    }
}

static void lint_insert(const row_t *row)
{
    int good = 0;
    for (int i = 3; i < token_count; i++) {
        int values = token_is(i, "values") && tokens[i].depth == 0;
        if (((values && token_is(i + 1, "(") && token_is(i + 2, ":tenant")) ||
             (token_is(i, "select") && tokens[i].depth == 0 && token_is(i + 1, ":tenant"))) &&
            token_is(i + 2 + values, ",")) {
            good |= token_is(3, "(") && token_is(4, "tenant_id");
        }
        if (token_is(i, ")") && token_is(i + 1, ",") && tokens[i].depth == 0) {
            fault(tokens[i].line, "%s: an INSERT has one row of VALUES", row->label);
        }
    }
    if (!good) {
        fault(row->line,
              "%s: an INSERT begins its columns with tenant_id and its values with :tenant",
              row->label);
    }
}

static void lint_tables(row_t *row)
{
    int readers = 0;
    for (int i = 0; i < token_count; i++) {
        if (is_table_place(i) && !token_is(0, "insert")) {
            readers++;
        }
    }
    for (int i = 0; i < token_count; i++) {
        const table_t *table = table_find(token_at(i));
        if (table && !is_table_place(i) && !token_is(i + 1, ".")) {
            fault(tokens[i].line, "%s: write JOIN before table %s", row->label, token_at(i));
        }
        if (!is_table_place(i) || token_is(i, "(")) {
            continue;
        }
        if (!table) {
            fault(tokens[i].line, "%s: no migration creates a table %s", row->label, token_at(i));
        }
        if (is_write_target(i)) {
            (void)snprintf(row->writes, sizeof row->writes, "%s", table->name);
        }
        if (!row->tenant) {
            if (table->has_tenant && strcmp(table->name, "tenants") != 0) {
                fault(tokens[i].line, "%s: a system statement may not touch %s", row->label,
                      table->name);
            }
        } else if (table->has_tenant && is_write_target(i) && token_is(0, "insert")) {
            lint_insert(row);
        } else if (table->has_tenant && !has_tenant_predicate(i, alias_of(i), readers == 1)) {
            fault(tokens[i].line, "%s: table %s is reached without its own tenant_id = :tenant",
                  row->label, table->name);
        }
    }
}

/* Write the statement as SQLite takes it: numbered parameters, ?1 for the tenant; the target of
 * a write is the table itself (main.x), everything read resolves to the connection's TEMP views. */
static void write_sqlite(FILE *out, row_t *row)
{
    int parameter = row->tenant ? 1 : 0;
    size_t kinds = 0;
    (void)fputs("\"", out);
    for (int i = 0; i < token_count; i++) {
        const char *text = token_at(i);
        int glued =
            i == 0 || strchr(".,)", text[0]) || token_is(i - 1, ".") || (token_is(i - 1, "("));
        if (!glued) {
            (void)fputc(' ', out);
        }
        if (is_word(text, ":tenant")) {
            (void)fputs("?1", out);
        } else if (text[0] == '%' && text[1] != '%') {
            if (kinds + 1 >= sizeof row->kinds) {
                fault(row->line, "%s: too many parameters", row->label);
            }
            row->kinds[kinds++] = (char)(text[1] == 's' ? 's' : text[1] == 'p' ? 'b' : 'i');
            (void)fprintf(out, "?%d", ++parameter);
        } else if (text[0] == '%') {
            (void)fputc('%', out);
        } else {
            if (is_table_place(i) && table_find(text) && (!row->tenant || is_write_target(i))) {
                (void)fputs("main.", out);
            }
            for (const char *s = text; *s; s++) {
                if (*s == '"' || *s == '\\') {
                    (void)fputc('\\', out);
                }
                (void)fputc(*s, out);
            }
        }
    }
    (void)fputs("\"", out);
}

static void statement(FILE *out, const char *sql, row_t *row)
{
    for (int i = 0; i < row_count - 1; i++) {
        if (strcmp(rows[i].label, row->label) == 0) {
            fault(row->line, "%s: two statements have this label", row->label);
        }
    }
    tokenize(sql, row->line + 1);
    if (token_count == 0) {
        fault(row->line, "%s: empty statement", row->label);
    }
    lint_words(row);
    lint_limit(row);
    lint_tenant_uses(row);
    lint_tables(row);
    (void)fprintf(out, "    {\"%s\", ", row->label);
    write_sqlite(out, row);
    (void)fprintf(out, ", \"%s\", \"%s\", %d},\n", row->kinds, row->writes, row->tenant);
}

static FILE *open_file(const char *folder, const char *name, const char *mode)
{
    char path[4096];
    FILE *f;
    (void)snprintf(path, sizeof path, "%s%s%s", folder, *folder ? "/" : "", name);
    f = fopen(path, mode);
    if (!f) {
        perror(path);
        exit(1);
    }
    return f;
}

/* A comment of the form "-- label tenant" or "-- label system" begins a statement. */
static int is_header(const char *line, row_t *row)
{
    char scope[16];
    char rest[2];
    if (sscanf(line, "-- %63[a-z0-9_] %15[a-z] %1s", row->label, scope, rest) != 2) {
        return 0;
    }
    row->tenant = strcmp(scope, "tenant") == 0;
    return row->tenant || strcmp(scope, "system") == 0;
}

static void read_statements(const char *path, FILE *out)
{
    char line[4096];
    static char sql[MAX_TEXT];
    size_t length = 0;
    int number = 0;
    FILE *in = open_file("", path, "r");
    file_name = path;
    while (fgets(line, sizeof line, in)) {
        row_t row = {0};
        number++;
        if (is_header(line, &row)) {
            if (row_count) {
                statement(out, sql, &rows[row_count - 1]);
            }
            if (row_count == MAX_ROWS) {
                fault(number, "too many statements");
            }
            row.line = number;
            rows[row_count++] = row;
            length = 0;
            sql[0] = 0;
        } else if (strncmp(line, "--", 2) != 0 && row_count) {
            size_t n = strlen(line);
            if (length + n >= sizeof sql) {
                fault(number, "statement too long");
            }
            memcpy(sql + length, line, n + 1);
            length += n;
        } else if (strncmp(line, "--", 2) != 0 && strspn(line, " \n") != strlen(line)) {
            fault(number, "SQL before the first '-- label tenant|system'");
        }
    }
    if (row_count) {
        statement(out, sql, &rows[row_count - 1]);
    }
    (void)fclose(in);
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
        if (table_count == MAX_TABLES) {
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

/* Keys and indexes of a migration: each that is of organisations' data begins
 * with tenant_id, or a link across organisations could be stored. */
static void lint_keys(const char *sql)
{
    static const char *const keys[] = {"PRIMARY KEY (", "FOREIGN KEY (", "UNIQUE ("};
    char name[64];
    char table[64];
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        for (const char *s = strstr(sql, keys[k]); s; s = strstr(s + 1, keys[k])) {
            if (strncmp(s + strlen(keys[k]), "tenant_id", 9) != 0) {
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
            (strcmp(column, "tenant_id") != 0 && strcmp(name, "tenants_by_name") != 0)) {
            fault(line_of(sql, s), "an index begins with tenant_id");
        }
    }
    if (strstr(sql, "ADD COLUMN tenant_id")) {
        fault(1, "tenant_id is there from CREATE TABLE on");
    }
}

static void write_text(FILE *out, const char *text)
{
    (void)fputs("    \"", out);
    for (; *text; text++) {
        if (*text == '\n') {
            (void)fputs("\\n\"\n    \"", out);
        } else {
            if (*text == '"' || *text == '\\') {
                (void)fputc('\\', out);
            }
            (void)fputc(*text, out);
        }
    }
    (void)fputs("\"", out);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void read_migrations(const char *folder, FILE *out)
{
    static char names[MAX_FILES][128];
    static char sql[MAX_TEXT];
    int count = 0;
    DIR *d = opendir(folder);
    if (!d) {
        perror(folder);
        exit(1);
    }
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        size_t n = strlen(e->d_name);
        if (n > 4 && n < sizeof *names && strcmp(e->d_name + n - 4, ".sql") == 0 &&
            count < MAX_FILES) {
            memcpy(names[count++], e->d_name, n + 1);
        }
    }
    (void)closedir(d);
    qsort(names, (size_t)count, sizeof *names, by_name);
    (void)fputs("/* Made by sqlgen from store/migrations. */\n#include \"statements_gen.h\"\n\n"
                "const mq_migration_t mq_migrations[] = {\n",
                out);
    for (int i = 0; i < count; i++) {
        FILE *in = open_file(folder, names[i], "r");
        size_t n = fread(sql, 1, sizeof sql - 1, in);
        (void)fclose(in);
        file_name = names[i];
        if (atoi(names[i]) != i + 1) {
            fault(1, "migrations are numbered 001, 002, ... without a gap");
        }
        if (n == sizeof sql - 1) {
            fault(1, "migration too long");
        }
        sql[n] = 0;
        read_tables(sql);
        rename_tables(sql);
        lint_keys(sql);
        (void)fprintf(out, "    {%d, \"%s\",\n", i + 1, names[i]);
        write_text(out, sql);
        (void)fputs("},\n", out);
    }
    (void)fprintf(out, "};\nconst int mq_migration_count = %d;\n", count);
}

static void write_header(FILE *out)
{
    (void)fputs("/* Made by sqlgen from store/statements.sql; types are in store/statements.h. */\n"
                "#ifndef MQ_STATEMENTS_GEN_H\n#define MQ_STATEMENTS_GEN_H\n\n"
                "#include \"store/statements.h\"\n\nenum {\n",
                out);
    for (int i = 0; i < row_count; i++) {
        (void)fputs("    MQ_SQL_", out);
        for (const char *s = rows[i].label; *s; s++) {
            (void)fputc(toupper((unsigned char)*s), out);
        }
        (void)fputs(",\n", out);
    }
    (void)fputs("    MQ_SQL_COUNT\n};\n\n#endif\n", out);
}

int main(int argc, char **argv)
{
    FILE *out;
    if (argc != 4) {
        (void)fprintf(stderr, "usage: sqlgen statements.sql migrations-folder output-folder\n");
        return 2;
    }
    out = open_file(argv[3], "migrations_gen.c", "w");
    read_migrations(argv[2], out);
    (void)fclose(out);
    out = open_file(argv[3], "statements_gen.c", "w");
    (void)fputs("/* Made by sqlgen from store/statements.sql. */\n#include \"statements_gen.h\"\n\n"
                "const mq_sql_row_t mq_sql_rows[] = {\n",
                out);
    read_statements(argv[1], out);
    (void)fputs("};\nconst int mq_sql_count = MQ_SQL_COUNT;\n\n"
                "const mq_sql_table_t mq_sql_tables[] = {\n",
                out);
    for (int i = 0; i < table_count; i++) {
        (void)fprintf(out, "    {\"%s\", %d},\n", tables[i].name, tables[i].has_tenant);
    }
    (void)fprintf(out, "};\nconst int mq_sql_table_count = %d;\n", table_count);
    (void)fclose(out);
    out = open_file(argv[3], "statements_gen.h", "w");
    write_header(out);
    return fclose(out) != 0;
}
