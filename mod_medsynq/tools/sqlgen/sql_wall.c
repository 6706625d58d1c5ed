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
    const char *tenant;  /* the expression, of a setting */
    const char *printed; /* as PostgreSQL prints it */
} variant_t;

static const variant_t variants[] = {
    {"", "current_setting('%s')::bigint", "(current_setting('%s'::text))::bigint"},
    {"_sealed", "medsynq_lookup.tenant('%s')", "medsynq_lookup.tenant('%s'::text)"},
};

/* What guests see of which tables, as store/sqlite/sqlite_guard.c has it: whom the row is about, by
 * which share it is seen, the bits of the parts, and more of a condition, also as PostgreSQL prints
 * it. */
static const struct {
    const char *table;
    const char *patient; /* NULL: who has written something that is seen, by these policies again */
    const char *share;   /* NULL: by each of the patient's */
    int part;
    const char *more;
    const char *printed;
} guests[] = {{"patients", "id", NULL, 1, "", ""},
              {"chart_items", "patient_id", NULL, 2, "", ""},
              {"share_notes", "patient_id", "share_id", 8, "", ""},
              {"patient_notes", "patient_id", NULL, 12,
               " AND status <> 1 AND ((current_setting('medsynq.guest_parts')::bigint & 4) <> 0"
               " OR coalesce(parent_id, id) IN (SELECT note FROM public.share_notes))",
               " AND (status <> 1) AND ((((current_setting('medsynq.guest_parts'::text))"
               "::bigint & (4)::bigint) <> 0) OR (COALESCE(parent_id, id) IN "
               "( SELECT share_notes.note\n   FROM share_notes)))"},
              {"referrals", "patient_id", "id", 1, "", ""},
              {"referral_steps", "patient_id", "referral_id", 1, "", ""},
              {"users", NULL, NULL, 0,
               " AND (id IN (SELECT updated_by FROM public.patients)"
               " OR id IN (SELECT updated_by FROM public.chart_items)"
               " OR id IN (SELECT author_id FROM public.patient_notes))",
               " AND ((id IN ( SELECT patients.updated_by\n   FROM patients))"
               " OR (id IN ( SELECT chart_items.updated_by\n   FROM chart_items))"
               " OR (id IN ( SELECT patient_notes.author_id\n   FROM patient_notes)))"}};
enum { GUESTS = sizeof guests / sizeof *guests };

/* The columns of those tables that guests' statements name. */
static char guest_columns[GUESTS][2048];

static void list_add(char *list, size_t size, const char *word)
{
    char seen[2100];
    char sought[128];
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

/* The name by which a statement knows a table: "p" of "patients p", or its own. */
static const char *alias_at(int i)
{
    const char *next = token_at(i + 1);
    return islower((unsigned char)*next) ? next : token_at(i);
}

static int tables_count(void)
{
    int count = 0;
    for (int i = 0; i < token_count(); i++) {
        count += is_table_place(i);
    }
    return count;
}

/* A column has its table's alias in front, or there is one table. */
static void guest_table_learn(int place, char *columns, size_t size)
{
    for (int i = 0; i < token_count(); i++) {
        int is_its = token_is(i - 1, ".") ? token_is(i - 2, alias_at(place)) : tables_count() == 1;
        if (is_column(i) && is_its) {
            list_add(columns, size, token_at(i));
        }
    }
}

static void guest_learn(const row_t *row)
{
    for (int i = 0; i < token_count(); i++) {
        int g = 0;
        while (is_table_place(i) && g < GUESTS && !token_is(i, guests[g].table)) {
            g++;
        }
        if (g == GUESTS) {
            fault(row->line, "%s: guests see nothing of %s", row->label, token_at(i));
        }
        if (is_table_place(i)) {
            guest_table_learn(i, guest_columns[g], sizeof guest_columns[g]);
        }
    }
}

void wall_learn(const row_t *row)
{
    if (row->scope->is_guest) {
        guest_learn(row);
        return;
    }
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

static void tenant_fill(FILE *out, const char *expression, const char *setting)
{
    for (const char *s = expression; *s; s++) {
        if (strncmp(s, "%s", 2) == 0) {
            (void)fputs(setting, out);
            s++;
        } else {
            (void)fputc(*s, out);
        }
    }
}

/* That a column is the id in a setting, behind another condition; as PostgreSQL prints it that
 * one's parenthesis is open, and then this one's. */
static void id_compare(FILE *out, const char *column, const char *setting, int is_printed)
{
    if (column) {
        (void)fprintf(out,
                      is_printed ? ") AND (%s = decode(current_setting('medsynq.guest_%s'::text), "
                                   "'hex'::text)"
                                 : " AND %s = decode(current_setting('medsynq.guest_%s'), 'hex')",
                      column, setting);
    }
}

/* Of which rows of a table a guest sees something. */
static char *guest_condition(int g, const variant_t *variant, int is_printed)
{
    static char text[1024];
    FILE *out = fmemopen(text, sizeof text, "w");
    if (!out) {
        fault(1, "out of memory");
    }
    (void)fputs(is_printed ? "((tenant_id = " : "tenant_id = ", out);
    tenant_fill(out, is_printed ? variant->printed : variant->tenant, "medsynq.guest");
    id_compare(out, guests[g].patient, "patient", is_printed);
    id_compare(out, guests[g].share, "share", is_printed);
    if (guests[g].patient) {
        (void)fprintf(out,
                      is_printed
                          ? ") AND (((current_setting('medsynq.guest_parts'::text))"
                            "::bigint & (%d)::bigint) <> 0)"
                          : " AND (current_setting('medsynq.guest_parts')::bigint & %d) <> 0",
                      guests[g].part);
    } else {
        (void)fputs(is_printed ? ")" : "", out);
    }
    (void)fputs(is_printed ? guests[g].printed : guests[g].more, out);
    (void)fputs(is_printed ? ")" : "", out);
    (void)fclose(out);
    return text;
}

static void guests_fill(FILE *out, const char *begin, const char *end, const variant_t *variant)
{
    const char *between = "";
    for (int g = 0; g < GUESTS; g++) {
        if (*guest_columns[g]) {
            (void)fprintf(out, "%s        %s'%s', '%s', ", between, begin, guests[g].table,
                          guest_columns[g]);
            quoted_write(out, guest_condition(g, variant, *begin == '('));
            (void)fputs(end, out);
            between = ",\n";
        }
    }
    if (!*between) { /* an empty list is no SQL */
        (void)fprintf(out, "        %s'tenants', 'tenant_id', 'false'%s", begin, end);
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
    } else if (strcmp(name, "guests") == 0) {
        guests_fill(out, "ARRAY[", "]", variant);
    } else if (strcmp(name, "guest_rows") == 0) {
        guests_fill(out, "(", ")", variant);
    } else if (strcmp(name, "tenant") == 0) {
        tenant_fill(out, variant->tenant, "medsynq.tenant");
    } else if (strcmp(name, "tenant_printed") == 0) {
        tenant_fill(out, variant->printed, "medsynq.tenant");
    } else if (strcmp(name, "seal") == 0) {
        quoted_write(out, file_read_whole(seal, folder, "seal.sql"));
    } else {
        fault(1, "nobody knows what to fill in for {%s}", name);
    }
}

/* @return from malloc; a build tool ends with its memory */
static char *template_fill(const char *folder, const char *name, const variant_t *variant)
{
    static char text[TEXT_MOST];
    char *filled = NULL;
    char blank[32];
    size_t length;
    FILE *out = open_memstream(&filled, &length);
    if (!out) {
        fault(1, "out of memory");
    }
    for (const char *s = file_read_whole(text, folder, name); *s; s++) {
        if (sscanf(s, "{%31[a-z_]}", blank) == 1 && s[strlen(blank) + 1] == '}') {
            blank_fill(out, blank, variant, folder);
            s += strlen(blank) + 1;
        } else {
            (void)fputc(*s, out);
        }
    }
    (void)fclose(out);
    return filled;
}

static void sql_write(const char *output, const char *name, const variant_t *variant,
                      const char *text)
{
    char path[128];
    FILE *out;
    (void)snprintf(path, sizeof path, "pgsql_%s%s.sql", name, variant->suffix);
    out = output_begin(output, path);
    (void)fputs(text, out);
    output_end(out);
}

void wall_make(const char *folder, const char *output)
{
    static const char *const names[] = {"roles", "wall", "proof"};
    enum { NAMES = sizeof names / sizeof *names };
    char *texts[NAMES];
    FILE *out;
    for (size_t v = sizeof variants / sizeof *variants; v-- > 0;) { /* the last is the first one */
        for (size_t i = 0; i < NAMES; i++) {
            char path[64];
            (void)snprintf(path, sizeof path, "%s.sql", names[i]);
            texts[i] = template_fill(folder, path, &variants[v]);
            sql_write(output, names[i], &variants[v], texts[i]);
        }
    }
    out = output_begin(output, "pgsql_gen.c");
    (void)fputs("/* Made by sqlgen from store/pgsql. */\n#include \"store/pgsql/pgsql_schema.h\"\n",
                out);
    for (size_t i = 0; i < NAMES; i++) {
        (void)fprintf(out, "\nconst char mq_pgsql_%s[] =\n", names[i]);
        text_write(out, texts[i]);
        (void)fputs(";\n", out);
    }
    output_end(out);
}
