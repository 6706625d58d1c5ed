/* sqlgen.c -- build tool: reads store/statements and store/migrations, refuses what breaks the
 * rules of tenant isolation and portability, and writes the C tables that store/ is compiled with.
 *
 *   sqlgen statements-folder migrations-folder output-folder
 *
 * A statement begins with a line that gives its label, its scope and, where several statements are
 * read by the same code, the name of their rows' shape:
 *
 *   -- user_view tenant
 *   SELECT u.id, u.name, f.confirmed_at AS second_factor_at FROM users u ... LIMIT 1
 *
 *   -- users_first tenant user_view
 *   SELECT u.id, u.name, f.confirmed_at AS second_factor_at FROM users u ... LIMIT %d
 *
 *   tenant  the store binds :tenant from the scope, and each table named brings its own
 *           "tenant_id = :tenant"; only reached with a const mq_scope_t *
 *   system  the few that precede an organisation; const mq_system_t *
 *   owner   reads all organisations, for the administrator's command and the server's own chores;
 *           refused on a connection that serves; mq_owner_t *
 *   %s text  %d int  %lld 64-bit  %pDb bytes; a literal per cent sign is %%
 *
 * Every SELECT but an owner's has a LIMIT, and the words are those that SQLite and PostgreSQL
 * share: the text for each is made from them. Which file of the folder a statement stands in makes
 * no difference; by custom it is that of the noun.
 *
 * In C the first is MQ_SQL_USER_VIEW, of a type that only a function for a tenant's SELECT takes:
 * an INSERT, a system statement or the number of a row in its place does not compile. Its columns
 * are MQ_USER_VIEW_ID, MQ_USER_VIEW_NAME and MQ_USER_VIEW_SECOND_FACTOR_AT, and so are those of the
 * second; a bare number is not used (tests/lint/columns.py).
 *
 * Runs on the build machine only, on trusted input, and exits at the first fault with "file:line:
 * sentence"; the files that it made before are left as they were. sql_migrations.c learns the
 * tables, sql_tokens.c splits a statement, sql_rules.c judges it, sql_columns.c names what it
 * gives, sql_dialects.c says it as each engine wants it, and sql_statements.c writes the tables.
 * Columns that several statements share are lists of sql_fields.c. */
#include "sqlgen.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char file_name[4096];
static char output_name[4096];
static char output_path[4200]; /* the same, while it is being written */

void fault_in(const char *folder, const char *name)
{
    (void)snprintf(file_name, sizeof file_name, "%s/%s", folder, name);
}

void fault(int line, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    (void)fprintf(stderr, "%s:%d: ", file_name, line);
    (void)vfprintf(stderr, format, ap);
    (void)fputc('\n', stderr);
    va_end(ap);
    (void)unlink(output_path);
    exit(1);
}

static void broken(const char *path)
{
    perror(path);
    (void)unlink(output_path);
    exit(1);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **folder_read(const char *folder, const char *ending, int *count_out)
{
    enum { FILES_MOST = 512 };
    char **names = calloc(FILES_MOST, sizeof *names);
    int count = 0;
    DIR *d = opendir(folder);
    if (!d || !names) {
        broken(folder);
    }
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        size_t n = strlen(e->d_name);
        size_t m = strlen(ending);
        if (n > m && strcmp(e->d_name + n - m, ending) == 0 && e->d_name[0] != '.') {
            names[count] = count < FILES_MOST ? strdup(e->d_name) : NULL;
            if (!names[count++]) {
                broken(folder);
            }
        }
    }
    (void)closedir(d);
    qsort(names, (size_t)count, sizeof *names, by_name);
    *count_out = count;
    return names;
}

FILE *file_open(const char *folder, const char *name)
{
    char path[4096];
    FILE *f;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "r");
    if (!f) {
        broken(path);
    }
    return f;
}

FILE *output_begin(const char *folder, const char *name)
{
    FILE *out;
    (void)snprintf(output_name, sizeof output_name, "%s/%s", folder, name);
    (void)snprintf(output_path, sizeof output_path, "%s.%d", output_name, (int)getpid());
    out = fopen(output_path, "w+");
    if (!out) {
        broken(output_path);
    }
    return out;
}

static int says_the_same(FILE *out, const char *path)
{
    FILE *former = fopen(path, "r");
    int a = former ? 0 : EOF;
    int b = 0;
    if (!former) {
        return 0;
    }
    rewind(out);
    while (a == b && a != EOF) {
        a = getc(out);
        b = getc(former);
    }
    (void)fclose(former);
    return a == b;
}

void output_end(FILE *out)
{
    int is_same = fflush(out) == 0 && says_the_same(out, output_name);
    if (ferror(out) || fclose(out) != 0 ||
        (is_same ? unlink(output_path) : rename(output_path, output_name)) != 0) {
        broken(output_path);
    }
    output_path[0] = 0;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: sqlgen statements-folder migrations-folder output-folder\n");
        return 2;
    }
    migrations_make(argv[2], argv[3]);
    statements_make(argv[1], argv[3]);
    return 0;
}
