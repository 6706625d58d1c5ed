/* ctl_migrate.c -- medsynqctl migrate, which the server does itself where the database is a file;
 * and roles, which a superuser runs before the first one where it is a server's. */
#include <errno.h>
#include <unistd.h>

#include "ctl/ctl.h"

static int migrate(int *from_out, const ctl_t *ctl)
{
    const char *error = "it cannot be opened";
    if (!ctl_take_identity(ctl)) {
        return CTL_FAILED;
    }
    if (mq_db_migrate(ctl->driver, ctl->database, apr_time_from_sec(10), from_out, &error,
                      ctl->pool) != APR_SUCCESS) {
        int hidden = !ctl->is_on_server && access(ctl->database, F_OK) != 0 && errno == EACCES;
        return ctl_fail(ctl, "the database %s cannot be used: %s", ctl->database,
                        hidden ? ctl_unreadable(ctl, ctl->database, NULL) : error);
    }
    if (*from_out != mq_migration_count) {
        return ctl_record(ctl, MQ_ACTION_SCHEMA_MIGRATE, "from %d to %d", *from_out,
                          mq_migration_count);
    }
    return CTL_DONE;
}

int ctl_migrate_quietly(const ctl_t *ctl)
{
    int from;
    return migrate(&from, ctl);
}

int ctl_migrate(ctl_t *ctl)
{
    int from = 0;
    int code;
    if (ctl->argc > 0) {
        return ctl_usage(ctl, "migrate takes no arguments");
    }
    code = migrate(&from, ctl);
    if (code == CTL_DONE && ctl->json) {
        ctl_print("{\"from\":%d,\"to\":%d}\n", from, mq_migration_count);
    } else if (code == CTL_DONE) {
        ctl_print("schema %d, was %d\n", mq_migration_count, from);
    }
    return code;
}

int ctl_roles(ctl_t *ctl)
{
    if (ctl->argc > 0) {
        return ctl_usage(ctl, "roles takes no arguments");
    }
    if (!mq_owner_roles("pgsql")) {
        return ctl_fail(ctl, "this medsynqctl was built without libpq");
    }
    ctl_print("%s", mq_owner_roles("pgsql"));
    return CTL_DONE;
}
