/* ctl_main.c -- medsynqctl: the table of commands, the command line. What they share is in ctl.c.
 */
#include <apr_dbd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "ctl/ctl.h"
#include "domain/access/secrets.h"
#include "domain/field_kinds.h"
#include "version_gen.h"

static const char default_state[] = "/var/lib/medsynq";

/* NEEDS_KEYS: the secret file is read before ctl_core_open gives the identity up. */
typedef enum { NEEDS_NOTHING, NEEDS_KEYS } needs_t;

/* DRY: says with --dry-run what it would do. */
typedef enum { WET, DRY } dryness_t;

typedef struct command_t {
    const char *noun;
    const char *verb; /* NULL: the noun is all */
    const char *usage;
    const char *help;
    ctl_run_t run;
    needs_t needs;
    dryness_t dryness;
    const char *asks; /* a person at a terminal is asked whether they mean it; NULL: is not */
} command_t;

static const command_t commands[] = {
    {"org", "list", "", "every organisation, its state and size", ctl_org_list, NEEDS_NOTHING},
    {"org", "create",
     "ORGANISATION --admin NAME --email ADDRESS [--zone ZONE] [--dates ORDER] [--site URL]",
     "found an organisation; prints its first administrator's invitation", ctl_org_create,
     NEEDS_KEYS},
    {"org", "suspend", "ORGANISATION", "let nobody of it in; its sessions end, its data stays",
     ctl_org_suspend, NEEDS_NOTHING, DRY, "All sessions of the organisation end at once."},
    {"org", "resume", "ORGANISATION", "let its people in again", ctl_org_resume, NEEDS_NOTHING,
     DRY},
    {"org", "rename", "ORGANISATION NAME", "call it otherwise; its people log in by that name then",
     ctl_org_rename, NEEDS_NOTHING, DRY},
    {"org", "close", "ORGANISATION",
     "suspend it for its end: its data stays, and may be erased after 30 days", ctl_org_close,
     NEEDS_NOTHING, DRY, "All sessions of the organisation end at once."},
    {"org", "erase", "ORGANISATION [--now]",
     "erase everything of a closed organisation, for good; prints a certificate", ctl_org_erase,
     NEEDS_NOTHING, DRY},
    {"org", "export", "ORGANISATION FOLDER",
     "everything of one organisation as lines of JSON, in a new folder", ctl_org_export,
     NEEDS_NOTHING},
    {"user", "list", "ORGANISATION", "its people, their roles and states", ctl_user_list,
     NEEDS_NOTHING},
    {"user", "invite", "ORGANISATION ADDRESS --name NAME --roles ROLE,... [--site URL]",
     "print a link that makes an account: admin, clinician, front-desk, auditor", ctl_user_invite,
     NEEDS_KEYS},
    {"user", "disable", "ORGANISATION ADDRESS", "end a person's sessions and let them in no more",
     ctl_user_disable, NEEDS_NOTHING, DRY, "All sessions of the person end at once."},
    {"user", "enable", "ORGANISATION ADDRESS", "let a person in again", ctl_user_enable,
     NEEDS_NOTHING, DRY},
    {"user", "unlock", "ORGANISATION ADDRESS",
     "let a person try again at once who has failed too often", ctl_user_unlock, NEEDS_NOTHING,
     DRY},
    {"user", "reset", "ORGANISATION ADDRESS [--site URL]", "print a link that sets a new password",
     ctl_user_reset, NEEDS_KEYS},
    {"user", "second-factor-off", "ORGANISATION ADDRESS",
     "remove a lost second factor; ends the person's sessions", ctl_user_second_factor_off,
     NEEDS_NOTHING, DRY, "The password alone lets the person in then."},
    {"audit", "verify", "[FILE] [--head FILE [--key KEY]] [--after ARCHIVE]",
     "prove the trail: 0 sound, 1 broken, 2 unreadable; needs no server", ctl_audit_verify,
     NEEDS_NOTHING},
    {"audit", "head", "[FILE]", "the heads of all chains, to be kept elsewhere", ctl_audit_head,
     NEEDS_NOTHING},
    {"audit", "sign", "[FILE]", "the same, signed with the server's secret", ctl_audit_sign,
     NEEDS_KEYS},
    {"audit", "archive", "--before DATE FILE",
     "move older events to a file that verifies by itself", ctl_audit_archive, NEEDS_NOTHING, WET,
     "Older events leave the database for the file."},
    {"audit", "export", "[FILE]", "all events as CSV", ctl_audit_export, NEEDS_NOTHING},
    {"backup", NULL, "FILE [--keep N] [--fewer]",
     "a consistent copy, also while the server runs, proved before it takes its name", ctl_backup,
     NEEDS_NOTHING},
    {"restore", NULL, "FILE", "put a backup in the database's place; the server is stopped",
     ctl_restore, NEEDS_NOTHING, DRY, "The database is replaced by the backup."},
    {"copy", NULL, "--from SOURCE --to TARGET",
     "move everything from a file to PostgreSQL or back: FILE or pgsql:PARAMETERS; TARGET is "
     "migrated and empty, the server is stopped",
     ctl_copy, NEEDS_NOTHING, DRY},
    {"status", NULL, "", "version, schema, organisations and sizes, at a glance", ctl_status,
     NEEDS_NOTHING},
    {"check", NULL, "[FILE] [--backups FILE [--hours N]] [--config FILE]",
     "database, keys, trail, permissions, secret, disk, jobs, backups, hosts; FILE: is that backup "
     "sound?",
     ctl_check, NEEDS_KEYS},
    {"jobs", NULL, "", "the work that goes on without a person: what is put off, and why", ctl_jobs,
     NEEDS_NOTHING},
    {"maintenance", "on", "[--message TEXT]",
     "answer all pages with 503 and this text, until it is off", ctl_maintenance_on, NEEDS_NOTHING,
     DRY, "Nobody can work until it is off."},
    {"maintenance", "off", "", "serve pages again", ctl_maintenance_off, NEEDS_NOTHING, DRY},
    {"secret", "rotate", "", "seal with a new secret; what the old ones sealed still opens",
     ctl_secret_rotate, NEEDS_NOTHING, DRY},
    {"secret", "retire", "", "seal second factors with the newest secret, and drop the old ones",
     ctl_secret_retire, NEEDS_KEYS, DRY, "What only the older secrets open is lost."},
    {"secret", "adopt", "", "use this secret file from now on, and say what is lost with the other",
     ctl_secret_adopt, NEEDS_KEYS, DRY,
     "Second factors that open with no secret of the file are taken off."},
    {"mail", "test", "ADDRESS [--sendmail COMMAND]",
     "does the command of MedSynQSendmail take a mail?", ctl_mail_test, NEEDS_NOTHING},
    {"explain", NULL, "[MSQnnnn]", "what a number of the error log means, and what to do",
     ctl_explain, NEEDS_NOTHING},
    {"routes", NULL, "", "every path of the server, who may use it", ctl_routes, NEEDS_NOTHING},
    {"migrate", NULL, "", "bring the database to this program's schema", ctl_migrate,
     NEEDS_NOTHING},
    {"roles", NULL, "", "the SQL that a superuser of PostgreSQL runs once for a new database",
     ctl_roles, NEEDS_NOTHING},
    {"import-seed", NULL, "FILE", "take over the proof of concept's SQLite database",
     ctl_import_seed, NEEDS_NOTHING},
    {"demo", NULL, "[--tenants N] [--patients N] [--first N] [--seed S]",
     "fill an empty database with invented organisations and patients", ctl_demo, NEEDS_NOTHING},
    {NULL, NULL, NULL, NULL, NULL, NEEDS_NOTHING}};

static void help(void)
{
    ctl_print("usage: medsynqctl [--database FILE|pgsql:PARAMETERS | --state DIR] [--secret FILE] "
              "[--json] COMMAND "
              "...\n\n");
    for (const command_t *row = commands; row->noun; row++) {
        ctl_print("  %s%s%s%s%s\n      %s\n", row->noun, row->verb ? " " : "",
                  row->verb ? row->verb : "", *row->usage ? " " : "", row->usage, row->help);
    }
    ctl_print("\nmedsynqctl COMMAND --help tells of one. --dry-run says what org, user, secret, "
              "restore "
              "and copy would do;\n--yes answers what a person at a terminal is asked.\n");
    ctl_print("The database is %s/medsynq.db unless told otherwise. See medsynqctl(8).\n",
              default_state);
}

static void usage_print(const command_t *row)
{
    ctl_print("usage: medsynqctl %s%s%s%s%s\n\n  %s\n", row->noun, row->verb ? " " : "",
              row->verb ? row->verb : "", *row->usage ? " " : "", row->usage, row->help);
    if (row->dryness == DRY) {
        ctl_print("  --dry-run: says what it would do, and does nothing\n");
    }
    if (row->asks) {
        ctl_print("  --yes: asks nobody. %s\n", row->asks);
    }
}

static const command_t *find(int *used_out, int argc, const char *const *argv)
{
    for (const command_t *row = commands; row->noun; row++) {
        if (argc > 0 && strcmp(row->noun, argv[0]) == 0 &&
            (!row->verb || (argc > 1 && strcmp(row->verb, argv[1]) == 0))) {
            *used_out = row->verb ? 2 : 1;
            return row;
        }
    }
    return NULL;
}

/* What to say of a command that there is not: which verbs the noun has. */
static const char *no_command(const ctl_t *ctl)
{
    const char *verbs = NULL;
    for (const command_t *row = commands; row->noun; row++) {
        if (row->verb && strcmp(row->noun, ctl->argv[0]) == 0) {
            verbs = apr_pstrcat(ctl->pool, verbs ? verbs : "", verbs ? ", " : "", row->verb, NULL);
        }
    }
    return verbs ? apr_psprintf(ctl->pool, "%s has the commands %s", ctl->argv[0], verbs)
           : strncmp(ctl->argv[0], "--", 2) == 0
               ? apr_psprintf(ctl->pool, "there is no option %s; medsynqctl --help lists them",
                              ctl->argv[0])
               : apr_psprintf(ctl->pool,
                              "there is no such command, %s; medsynqctl --help lists them",
                              ctl->argv[0]);
}

/* Beside the database, as MedSynQSecretFile's default; of STATE/data above it, where the server
 * cannot replace it. */
static const char *secret_of(const ctl_t *ctl)
{
    const char *folder = ctl_folder_of(ctl, ctl->database);
    const char *beside = apr_pstrcat(ctl->pool, folder, "/secret", NULL);
    const char *name = strrchr(folder, '/');
    return name && strcmp(name, "/data") == 0 && access(beside, F_OK) != 0
               ? apr_pstrcat(ctl->pool, ctl_folder_of(ctl, folder), "/secret", NULL)
               : beside;
}

/* Where the records and their secret are. @return what is wrong with it, or NULL */
static const char *place_settle(ctl_t *ctl, const char *state)
{
    const char *wrong;
    if (!ctl->database) {
        ctl->database = apr_pstrcat(ctl->pool, state, "/medsynq.db", NULL);
    }
    wrong = ctl_place(ctl, ctl->database);
    if (!ctl->secret) {
        ctl->secret =
            ctl->is_on_server ? apr_pstrcat(ctl->pool, state, "/secret", NULL) : secret_of(ctl);
    }
    return wrong;
}

/* Options before or after the command; what is left is the command's own. */
static int read_line(ctl_t *ctl, int argc, const char *const *argv)
{
    const char **rest = apr_palloc(ctl->pool, sizeof *rest * (size_t)(argc + 1));
    const char *state = default_state;
    const char *wrong;
    int count = 0;
    for (int i = 1; i < argc; i++) {
        const char *given = NULL;
        const char **value = ctl_option_is(argv[i], "--database", &given) ? &ctl->database
                             : ctl_option_is(argv[i], "--state", &given)  ? &state
                             : ctl_option_is(argv[i], "--secret", &given) ? &ctl->secret
                                                                          : NULL;
        if (value && !given && i + 1 == argc) {
            return ctl_usage(ctl, apr_pstrcat(ctl->pool, argv[i], " needs a value", NULL));
        }
        if (value) {
            *value = given ? given : argv[++i];
        } else if (strcmp(argv[i], "--json") == 0) {
            ctl->json = 1;
        } else if (strcmp(argv[i], "--dry-run") == 0) {
            ctl->dry = 1;
        } else if (strcmp(argv[i], "--yes") == 0) {
            ctl->yes = 1;
        } else {
            rest[count++] = argv[i];
        }
    }
    wrong = place_settle(ctl, state);
    ctl->argv = rest;
    ctl->argc = count;
    return wrong ? ctl_usage(ctl, wrong) : CTL_DONE;
}

/* "help backup", "backup --help", "org --help". @return whether it was asked for */
static int help_asked(int *code_out, const ctl_t *ctl)
{
    int is_word =
        ctl->argc > 0 && (strcmp(ctl->argv[0], "help") == 0 || strcmp(ctl->argv[0], "--help") == 0);
    int asked = is_word || ctl->argc == 0;
    int used;
    const command_t *command = find(&used, ctl->argc - is_word, ctl->argv + is_word);
    for (int i = 0; i < ctl->argc; i++) {
        asked |= strcmp(ctl->argv[i], "--help") == 0;
    }
    *code_out = ctl->argc == 0 ? CTL_USAGE : CTL_DONE;
    if (asked && command) {
        usage_print(command);
    } else if (asked) {
        help();
    }
    return asked;
}

/* A person is asked; a script, which has no terminal, means what it says. */
static int is_meant(const ctl_t *ctl, const command_t *command)
{
    char answer[8] = "";
    if (!command->asks || ctl->yes || ctl->dry || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        return 1;
    }
    (void)fprintf(stderr, "%s Go on? [y/N] ", command->asks);
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

/* The others go by a file. */
static int is_for_servers(const command_t *command)
{
    static const ctl_run_t for_servers[] = {
        ctl_org_list,    ctl_org_export,   ctl_check,
        ctl_status,      ctl_jobs,         ctl_audit_verify,
        ctl_audit_head,  ctl_audit_sign,   ctl_audit_export,
        ctl_migrate,     ctl_roles,        ctl_routes,
        ctl_explain,     ctl_mail_test,    ctl_org_create,
        ctl_org_suspend, ctl_org_resume,   ctl_org_rename,
        ctl_org_close,   ctl_org_erase,    ctl_user_list,
        ctl_user_invite, ctl_user_disable, ctl_user_enable,
        ctl_user_unlock, ctl_user_reset,   ctl_user_second_factor_off,
        ctl_copy};
    for (size_t i = 0; i < sizeof for_servers / sizeof *for_servers; i++) {
        if (command->run == for_servers[i]) {
            return 1;
        }
    }
    return 0;
}

static int run(ctl_t *ctl)
{
    int used = 0;
    const command_t *command = find(&used, ctl->argc, ctl->argv);
    int code;
    if (help_asked(&code, ctl)) {
        return code;
    }
    if (strcmp(ctl->argv[0], "--version") == 0) {
        ctl_print("medsynqctl " MEDSYNQ_VERSION "\n");
        return CTL_DONE;
    }
    if (!command) {
        return ctl_usage(ctl, no_command(ctl));
    }
    if (ctl->is_on_server && !is_for_servers(command)) {
        return ctl_fail(ctl, "this command is not there for PostgreSQL yet, and nothing was done");
    }
    if (ctl->dry && command->dryness == WET) {
        return ctl_usage(ctl, "this command has no --dry-run, and nothing was done");
    }
    ctl->argc -= used;
    ctl->argv += used;
    if (!is_meant(ctl, command)) {
        return ctl_fail(ctl, "nothing was done");
    }
    if (command->needs == NEEDS_KEYS) { /* told after what is wrong with the command line */
        ctl->keys_fault = mq_secret_take(&ctl->keys, ctl->secret, 0, ctl->pool);
    }
    return command->run(ctl);
}

/* Who types, as the system knows them; behind sudo also who began it. */
static const char *operator_name(apr_pool_t *pool)
{
    const struct passwd *who = getpwuid(getuid());
    const char *name = who ? who->pw_name : apr_psprintf(pool, "uid %ld", (long)getuid());
    const char *sudo = getuid() == 0 ? getenv("SUDO_USER") : NULL;
    name = sudo && mq_text_clean_line(&sudo, sudo, pool) == APR_SUCCESS && *sudo &&
                   mq_text_count(sudo) <= MQ_LIMIT_NAME
               ? apr_pstrcat(pool, name, ", sudo by ", sudo, NULL)
               : name;
    return apr_pstrcat(pool, "medsynqctl (", name, ")", NULL);
}

int main(int argc, const char *const *argv)
{
    ctl_t ctl = {.driver = "sqlite3"};
    int code;
    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&ctl.pool, NULL) != APR_SUCCESS ||
        apr_dbd_init(ctl.pool) != APR_SUCCESS) {
        return CTL_FAILED;
    }
    (void)umask(077); /* whatever it writes may hold patients */
    ctl.progress = isatty(STDERR_FILENO);
    ctl.operator= operator_name(ctl.pool);
    code = read_line(&ctl, argc, argv);
    if (code == CTL_DONE) {
        code = run(&ctl);
    }
    apr_pool_destroy(ctl.pool);
    apr_terminate();
    return code;
}
