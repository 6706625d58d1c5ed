/* sqlgen.c -- build tool: reads store/statements and store/migrations, refuses what breaks the
 * rules of tenant isolation and portability, and writes the C tables that store/ is compiled with.
 *
 *   sqlgen statements-folder migrations-folder templates-folder output-folder
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
 *   guest   reads one patient of an organisation for somebody of another one: the store binds
 *           :patient as well, and each table but users brings "patient_id = :patient" (patients
 *           themselves "id = :patient"); const mq_guest_t *
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
 * Columns that several statements share are lists of sql_fields.c. sql_wall.c fills in the second
 * wall of PostgreSQL, whose templates are in store/pgsql. */
#include <stdio.h>

#include "sql_migrations.h"
#include "sql_statements.h"
#include "sql_wall.h"

int main(int argc, char **argv)
{
    if (argc != 5) {
        (void)fprintf(stderr, "usage: sqlgen statements-folder migrations-folder templates-folder "
                              "output-folder\n");
        return 2;
    }
    migrations_make(argv[2], argv[4]);
    statements_make(argv[1], argv[4]);
    wall_make(argv[3], argv[4]);
    return 0;
}
