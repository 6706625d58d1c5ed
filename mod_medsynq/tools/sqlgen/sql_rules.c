/* sql_rules.c -- what a statement must not say: the first wall's part that is about SQL, and what
 * only one of the engines would take. Each rule has its case in tests/isolation/test_lint.py. */
#include "sql_rules.h"

#include <ctype.h>
#include <string.h>

#include "sql_files.h"
#include "sql_migrations.h"
#include "sql_tokens.h"

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
    int depth = token_depth(i);
    for (*first_out = i; *first_out > 0 && token_depth(*first_out - 1) >= depth; --*first_out) {
    }
    for (*end_out = i; *end_out < token_count() && token_depth(*end_out) >= depth; ++*end_out) {
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
static int has_predicate(int place, int unqualified_allowed, const char *column, const char *name)
{
    const char *alias = alias_of(place);
    int first;
    int end;
    int on_of = -1; /* the table that the ON belongs to in which i stands */
    int in_where = 0;
    find_block(place, &first, &end);
    for (int i = first; i < end; i++) {
        int start = i;
        if (token_depth(i) != token_depth(place)) {
            continue;
        }
        if (begins_clause(i)) {
            in_where = 0;
            on_of = token_is(i, "join") ? i + 1 : -1;
        }
        in_where |= token_is(i, "where");
        on_of = token_is(i, "where") ? -1 : on_of;
        if (!token_is(i, column) || !token_is(i + 1, "=") || !token_is(i + 2, name) ||
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
    for (int i = 0; i < token_count(); i++) {
        for (size_t k = 0; k < sizeof refused / sizeof *refused; k++) {
            if (token_is(i, refused[k]) && !(token_is(i, "or") && token_depth(i) > 0)) {
                fault(token_line(i), "%s: '%s' is not portable or not safe here", row->label,
                      token_at(i));
            }
        }
        if (token_is(i, "*") && (token_is(i - 1, "select") || token_is(i - 1, "."))) {
            fault(token_line(i), "%s: name the columns instead of *", row->label);
        }
    }
}

static void lint_limit(const row_t *row)
{
    if (!token_is(0, "select") || row->scope->is_owner) {
        return;
    }
    for (int i = 0; i < token_count(); i++) {
        if (token_is(i, "limit") && token_depth(i) == 0) {
            return;
        }
    }
    fault(row->line, "%s: a SELECT needs a LIMIT", row->label);
}

/* Every mention of tenant_id must be a column list or "= :tenant". */
static void lint_tenant_uses(const row_t *row)
{
    for (int i = 0; i < token_count(); i++) {
        if (token_is(i, "tenant_id") && row->scope->is_tenant) {
            int in_columns = token_depth(i) > 0 && token_is(i - 1, "(") &&
                             (token_is(i + 1, ",") || token_is(i + 1, ")"));
            int compared = token_is(i + 1, "=") && token_is(i + 2, ":tenant");
            if (!in_columns && !compared) {
                fault(token_line(i),
                      "%s: tenant_id is only compared with :tenant, which the store binds",
                      row->label);
            }
        }
        if (token_at(i)[0] == ':' && !token_is(i, ":tenant") &&
            !(token_is(i, ":patient") && row->scope->is_guest)) {
            fault(token_line(i), "%s: unknown name %s", row->label, token_at(i));
        }
        if (token_is(i, ":tenant") && !row->scope->is_tenant) {
            fault(token_line(i), "%s: a statement of %s has no tenant", row->label,
                  row->scope->word);
        }
    }
}

static void lint_insert(const row_t *row)
{
    int good = 0;
    for (int i = 3; i < token_count(); i++) {
        int values = token_is(i, "values") && token_depth(i) == 0;
        if (((values && token_is(i + 1, "(") && token_is(i + 2, ":tenant")) ||
             (token_is(i, "select") && token_depth(i) == 0 && token_is(i + 1, ":tenant"))) &&
            token_is(i + 2 + values, ",")) {
            good |= token_is(3, "(") && token_is(4, "tenant_id");
        }
        if (token_is(i, ")") && token_is(i + 1, ",") && token_depth(i) == 0) {
            fault(token_line(i), "%s: an INSERT has one row of VALUES", row->label);
        }
    }
    if (!good) {
        fault(row->line,
              "%s: an INSERT begins its columns with tenant_id and its values with :tenant",
              row->label);
    }
}

/* A guest sees one patient. Who has written something is named by users, which have none. */
static void lint_guest(const row_t *row, int i, int unqualified_allowed)
{
    const char *column = token_is(i, "patients") ? "id" : "patient_id";
    if (!token_is(i, "users") && !has_predicate(i, unqualified_allowed, column, ":patient")) {
        fault(token_line(i), "%s: table %s is reached without its own %s = :patient", row->label,
              token_at(i), column);
    }
}

static void lint_system_table(const row_t *row, int i, const table_t *table)
{
    if (table->has_tenant && strcmp(table->name, "tenants") != 0 &&
        strcmp(table->name, "sessions") != 0) { /* whose a token is */
        fault(token_line(i), "%s: a system statement may not touch %s", row->label, table->name);
    }
    if (table->has_tenant && is_write_target(i)) {
        fault(token_line(i), "%s: a system statement only reads %s", row->label, table->name);
    }
}

static void lint_tenant_table(const row_t *row, int i, const table_t *table, int is_only_reader)
{
    if (!table->has_tenant) {
        fault(token_line(i), "%s: table %s is nobody's: only a system statement may touch it",
              row->label, table->name);
    } else if (is_write_target(i) && token_is(0, "insert")) {
        lint_insert(row);
    } else if (!has_predicate(i, is_only_reader, "tenant_id", ":tenant")) {
        fault(token_line(i), "%s: table %s is reached without its own tenant_id = :tenant",
              row->label, table->name);
    } else if (row->scope->is_guest) {
        lint_guest(row, i, is_only_reader);
    }
}

static int tables_read(void)
{
    int readers = 0;
    for (int i = 0; i < token_count(); i++) {
        readers += is_table_place(i) && !token_is(0, "insert");
    }
    return readers;
}

static void lint_tables(row_t *row)
{
    int is_only_reader = tables_read() == 1;
    for (int i = 0; i < token_count(); i++) {
        const table_t *table = table_find(token_at(i));
        if (table && !is_table_place(i) && !token_is(i + 1, ".")) {
            fault(token_line(i), "%s: write JOIN before table %s", row->label, token_at(i));
        }
        if (!is_table_place(i) || token_is(i, "(")) {
            continue;
        }
        if (!table) {
            fault(token_line(i), "%s: no migration creates a table %s", row->label, token_at(i));
        }
        if (is_write_target(i)) {
            (void)snprintf(row->writes, sizeof row->writes, "%s", table->name);
        }
        if (row->scope->is_tenant) {
            lint_tenant_table(row, i, table, is_only_reader);
        } else if (!row->scope->is_owner) {
            lint_system_table(row, i, table);
        }
    }
}

void rules_check(row_t *row)
{
    lint_words(row);
    lint_limit(row);
    lint_tenant_uses(row);
    lint_tables(row);
}
