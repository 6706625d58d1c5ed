/* sql_fields.c -- lists of columns that several statements share, one NAME.list a list: a column
 * and the parameter that writes it on each line, # begins a comment. In a statement
 *
 *     {patient_fields}     stands for   name, given_name, …
 *     {p.patient_fields}                p.name, p.given_name, …
 *     {%patient_fields}                 %s, %s, …
 *     {patient_fields=%}                name = %s, given_name = %s, …
 *
 * In C the list is an enum: MQ_PATIENT_FIELD_NAME, …, and MQ_PATIENT_FIELDS, how many there are. */
#include "sql_fields.h"

#include <ctype.h>
#include <string.h>

#include "sql_files.h"

enum { LISTS_MOST = 8, FIELDS_MOST = 64, NAME_MOST = 64 };

typedef struct {
    char column[NAME_MOST];
    char parameter[8];
} field_t;

typedef struct {
    char name[NAME_MOST];
    field_t fields[FIELDS_MOST];
    int count;
} list_t;

static list_t lists[LISTS_MOST];
static int list_count;

static void list_read(list_t *list, const char *folder, const char *name)
{
    char line[256];
    FILE *in = file_open(folder, name);
    fault_in(folder, name);
    (void)snprintf(list->name, sizeof list->name, "%.*s", (int)strcspn(name, "."), name);
    for (int number = 1; fgets(line, sizeof line, in); number++) {
        field_t *field = &list->fields[list->count];
        char rest[2];
        if (line[0] == '#' || strspn(line, " \n") == strlen(line)) {
            continue;
        }
        if (list->count == FIELDS_MOST || sscanf(line, "%63[a-z0-9_] %7[%a-zA-Z] %1s",
                                                 field->column, field->parameter, rest) != 2) {
            fault(number, "write a column and its parameter, as in: name %%s");
        }
        list->count++;
    }
    (void)fclose(in);
}

void fields_read(const char *folder)
{
    int count;
    char **names = folder_read(folder, ".list", &count);
    for (int i = 0; i < count; i++) {
        if (list_count == LISTS_MOST) {
            fault_in(folder, names[i]);
            fault(1, "too many lists");
        }
        list_read(&lists[list_count++], folder, names[i]);
    }
}

static const list_t *list_find(const char *name, size_t length)
{
    for (const list_t *list = lists; list < lists + list_count; list++) {
        if (strlen(list->name) == length && strncmp(list->name, name, length) == 0) {
            return list;
        }
    }
    return NULL;
}

/* What stands between the braces, from start to before end. @return where the written text ends */
static char *list_write(char *to, const char *last, const char *start, const char *end, int line)
{
    const char *dot = memchr(start, '.', (size_t)(end - start));
    const char *name = *start == '%' ? start + 1 : dot ? dot + 1 : start;
    int is_set = end - name > 2 && strncmp(end - 2, "=%", 2) == 0;
    const list_t *list = list_find(name, (size_t)(end - name) - (is_set ? 2 : 0));
    if (!list || (is_set && name != start)) {
        fault(line, "there is no list {%.*s}", (int)(end - start), start);
    }
    for (const field_t *field = list->fields; field < list->fields + list->count; field++) {
        int is_first = field == list->fields;
        to += snprintf(to, (size_t)(last - to), "%s%.*s%s%s%s", is_first ? "" : ", ",
                       dot ? (int)(name - start) : 0, start, *start == '%' ? "" : field->column,
                       is_set ? " = " : "", is_set || *start == '%' ? field->parameter : "");
        if (to >= last) {
            fault(line, "statement too long");
        }
    }
    return to;
}

void fields_expand(char *out, size_t size, const char *sql, int line)
{
    const char *last = out + size;
    while (*sql) {
        const char *end = *sql == '{' ? strpbrk(sql, "}\n") : NULL;
        if (out + 1 >= last) {
            fault(line, "statement too long");
        }
        if (*sql == '{' && (!end || *end != '}')) {
            fault(line, "a { without its }");
        }
        if (end) {
            out = list_write(out, last, sql + 1, end, line);
            sql = end + 1;
        } else {
            line += *sql == '\n';
            *out++ = *sql++;
        }
    }
    *out = 0;
}

static void word_write(FILE *out, const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        (void)fputc(toupper((unsigned char)word[i]), out);
    }
}

void fields_write(FILE *out)
{
    for (const list_t *list = lists; list < lists + list_count; list++) {
        size_t length = strlen(list->name);
        (void)fprintf(out, "\n/* ---- %s.list ---- */\n\nenum {\n", list->name);
        for (const field_t *field = list->fields; field < list->fields + list->count; field++) {
            (void)fputs("    MQ_", out);
            word_write(out, list->name, length - 1);
            (void)fputc('_', out);
            word_write(out, field->column, strlen(field->column));
            (void)fputs(",\n", out);
        }
        (void)fputs("    MQ_", out);
        word_write(out, list->name, length);
        (void)fputs("\n};\n", out);
    }
}
