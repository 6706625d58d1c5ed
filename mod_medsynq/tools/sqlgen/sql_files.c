/* sql_files.c -- reading folders, writing files that change only when what they say does, and the
 * one way to say a fault. */
#include "sql_files.h"

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

void text_write(FILE *out, const char *text)
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
