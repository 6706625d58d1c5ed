/* ctl.h -- medsynqctl, the administrator's command: what its nouns share. ctl_main.c reads the
 * command line and becomes the server's user; each noun has a file: ctl_routes.c, ctl_demo.c,
 * ctl_audit.c, ... */
#ifndef MQ_CTL_CTL_H
#define MQ_CTL_CTL_H

#include <apr_file_io.h>
#include <apr_pools.h>

#include "base/buffer.h"
#include "base/json.h"
#include "domain/core.h"
#include "domain/field_kinds.h"
#include "domain/policy.h"
#include "store/owner.h"
#include "store/single.h"

/** How the program ends. */
enum { CTL_DONE = 0, CTL_FAILED = 1, CTL_UNREADABLE = 2, CTL_USAGE = 64 };

/** One run of the program. */
typedef struct ctl_t {
    apr_pool_t *pool;
    const char *driver;     /* of the engine: "sqlite3" */
    int is_on_server;       /* the database: it is no file, and database says how to connect */
    const char *database;   /* absolute path, or how to connect */
    const char *secret;     /* the server's secret file */
    int takes_any_secret;   /* whichever the database was used with */
    const char *operator;   /* what the trail says who it was: "medsynqctl (root)" */
    mq_core_t keys;         /* the keys of that file, for NEEDS_KEYS; nothing else of it is set */
    const char *keys_fault; /* why it could not be read, or NULL */
    int json;               /* answer for scripts */
    int progress;           /* somebody looks at the screen */
    int dry;                /* say what would be done, and do nothing */
    int yes;                /* nobody is asked */
    apr_time_t shown;       /* when progress was shown last */
    int argc;               /* what follows noun and verb */
    const char *const *argv;
} ctl_t;

/** One command. @return one of the CTL_ codes */
typedef int (*ctl_run_t)(ctl_t *ctl);

int ctl_routes(ctl_t *ctl);
int ctl_demo(ctl_t *ctl);
int ctl_import_seed(ctl_t *ctl);
int ctl_jobs(ctl_t *ctl);
int ctl_migrate(ctl_t *ctl);
int ctl_roles(ctl_t *ctl);
int ctl_audit_verify(ctl_t *ctl);
int ctl_audit_head(ctl_t *ctl);
int ctl_audit_sign(ctl_t *ctl);
int ctl_audit_export(ctl_t *ctl);
int ctl_audit_archive(ctl_t *ctl);
int ctl_backup(ctl_t *ctl);
int ctl_restore(ctl_t *ctl);
int ctl_copy(ctl_t *ctl);
int ctl_check(ctl_t *ctl);
int ctl_explain(ctl_t *ctl);
int ctl_status(ctl_t *ctl);
int ctl_mail_test(ctl_t *ctl);
int ctl_maintenance_on(ctl_t *ctl);
int ctl_maintenance_off(ctl_t *ctl);
int ctl_org_list(ctl_t *ctl);
int ctl_org_create(ctl_t *ctl);
int ctl_org_suspend(ctl_t *ctl);
int ctl_org_resume(ctl_t *ctl);
int ctl_org_export(ctl_t *ctl);
int ctl_org_rename(ctl_t *ctl);
int ctl_org_close(ctl_t *ctl);
int ctl_org_erase(ctl_t *ctl);
int ctl_secret_rotate(ctl_t *ctl);
int ctl_secret_retire(ctl_t *ctl);
int ctl_secret_adopt(ctl_t *ctl);
int ctl_user_list(ctl_t *ctl);
int ctl_user_invite(ctl_t *ctl);
int ctl_user_disable(ctl_t *ctl);
int ctl_user_enable(ctl_t *ctl);
int ctl_user_unlock(ctl_t *ctl);
int ctl_user_reset(ctl_t *ctl);
int ctl_user_second_factor_off(ctl_t *ctl);

/** Take "pgsql:PARAMETERS", or a file's path, for the database that the command is about.
 * @return what is wrong with it, one sentence; NULL: nothing */
const char *ctl_place(ctl_t *ctl, const char *text);

/** @return the folder of an absolute path, from the command's pool */
const char *ctl_folder_of(const ctl_t *ctl, const char *path);

/** Say what went wrong, one sentence, to the error output. @return CTL_FAILED */
int ctl_fail(const ctl_t *ctl, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Tell how to use the command. @return CTL_USAGE */
int ctl_usage(const ctl_t *ctl, const char *sentence);

/** @return a text of somebody else's for a terminal, from the command's pool: what is no letter,
 * figure or sign stands as "?", and what ends a line as a blank */
const char *ctl_harmless(const ctl_t *ctl, const char *text);

/** Write to the standard output. */
void ctl_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ctl_write(const mq_buffer_t *buffer);

/** Show how far a long task is, at most some times a second; done == total ends the line.
 * @param total 0: nobody knows yet */
void ctl_progress(ctl_t *ctl, const char *what, apr_int64_t done, apr_int64_t total);

/**
 * Take "--name value" (or "--name=value") out of a command's arguments.
 * @param rest   the arguments that are none; NULL: there may be none
 * @return a sentence about the first wrong one, or NULL
 */
typedef struct ctl_option_t {
    const char *name;   /* "--seed"; NULL ends the table */
    const char **value; /* set when it is there; NULL: it has none, and */
    int *flag;          /* this is 1 then */
} ctl_option_t;
const char *ctl_options(const ctl_t *ctl, const ctl_option_t *options, const char **operand);

/** @return whether an argument is an option. @param value_out after "=", or NULL */
int ctl_option_is(const char *argument, const char *name, const char **value_out);

/** The same with several operands, each of which must be there.
 * @param names what they are called, ended by NULL: "ORGANISATION", "E-MAIL" */
const char *ctl_operands(const ctl_t *ctl, const ctl_option_t *options, const char **operands,
                         const char *const *names);

/**
 * Check a line that was given on the command line as the pages check it.
 * @param line  in: as typed; out: clean, in NFC
 * @param what  it is, for the sentence: "the name"
 * @param most  characters
 * @return CTL_DONE, or CTL_USAGE and it has been told
 */
int ctl_line(const ctl_t *ctl, const char **line, const char *what, const mq_field_rule_t *rule);
int ctl_email(const ctl_t *ctl, const char **line);

/** Tell that a change went through: a sentence, or {"done":true}. @return CTL_DONE */
int ctl_done(const ctl_t *ctl, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** With --dry-run, after everything was looked at: tell what would be done. @return CTL_DONE */
int ctl_would(const ctl_t *ctl, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Tell why a change did not go through. @return CTL_FAILED */
int ctl_failed(const ctl_t *ctl, apr_status_t rv, const char *what);

/**
 * Print a one-time link that was made just now: the only time that anybody sees it.
 * @param path  "/invitations/"
 * @param site  "https://clinic.example" to begin it with, or NULL
 * @param valid "72 hours"
 */
int ctl_link(const ctl_t *ctl, const char *path, const char *token, const char *site,
             const char *valid);

/** An array of the roles' names. */
void ctl_json_roles(mq_json_t *json, const char *name, int roles);

/** @return the roles' names with commas between them */
const char *ctl_roles_text(const ctl_t *ctl, int roles);

/** A whole number in a range. @return -1 it is none */
apr_int64_t ctl_number(const char *text, apr_int64_t least, apr_int64_t most);

/** The core of a command: one guarded connection, no sessions. */
typedef struct ctl_core_t {
    mq_core_t core;
    mq_single_t *single;
    apr_pool_t *pool; /* which closes it at the latest */
} ctl_core_t;

/** Open the database behind both walls, as its owner. @return CTL_DONE, or a failure that has been
 * told */
int ctl_core_open(ctl_core_t **core_out, const ctl_t *ctl);

/** Close it before the command ends. Everything that has borrowed must be gone: the command's pool
 * closes in the right order by itself. */
void ctl_core_close(ctl_core_t *core);

/**
 * Open the database and find an organisation by its name, to act in it as the command.
 * @param visit_out whose pool is the command's
 * @return CTL_DONE, or a failure that has been told and nothing is open
 */
int ctl_org_open(ctl_core_t **core_out, mq_visit_t *visit_out, const mq_scope_t **sc_out,
                 const ctl_t *ctl, const char *name);

/** The same where its name is the command's only operand. @param name_out as it was typed */
int ctl_org_of_operand(const mq_scope_t **sc_out, const char **name_out, ctl_t *ctl);

/** Record in the installation's own trail what the command has done.
 * @return CTL_DONE, or a failure that has been told */
int ctl_record(const ctl_t *ctl, mq_action_t action, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Where a command's requests come from, at an instant. */
mq_visit_t ctl_visit(const ctl_core_t *core, apr_pool_t *pool);

/** Open a database to read all of it, also while a server writes or where its folder may not be
 * written. @return CTL_DONE, or CTL_UNREADABLE and it has been told; nothing is open then */
int ctl_owner_open(mq_owner_t **owner_out, const char *path, const ctl_t *ctl);

/** The same for who tells it in other words. @param why_out why it could not be opened */
int ctl_owner_try(mq_owner_t **owner_out, const char **why_out, const char *path, const ctl_t *ctl);

/** Close it: a reading ended so. @return CTL_DONE, or CTL_UNREADABLE and it has been told
 * @param rv APR_EOF and APR_SUCCESS are well */
int ctl_owner_close(mq_owner_t *owner, const char *path, apr_status_t rv, const ctl_t *ctl);

/** @return how many organisations a database has, -1: they cannot be counted */
apr_int64_t ctl_organisations(mq_owner_t *owner);
apr_int64_t ctl_organisations_in(const ctl_t *ctl, const char *path);

/** @return the file whose being there means maintenance; from the command's pool */
const char *ctl_maintenance_file(const ctl_t *ctl);

/** @return why a file could not be read, and what to do; from the command's pool
 * @param said what the engine says, or NULL */
const char *ctl_unreadable(const ctl_t *ctl, const char *path, const char *said);

/** Make the database, or bring it to this program's schema. @return CTL_DONE, or a told failure */
int ctl_migrate_quietly(const ctl_t *ctl);

/** @return the path made absolute, before the identity and so the rights change */
const char *ctl_absolute(const ctl_t *ctl, const char *path);

/** Become the owner of the database, so that no file is left which the server cannot write. Done by
 * whatever opens it to write; harmless a second time.
 * @return 0 it cannot be done, and has been told */
int ctl_take_identity(const ctl_t *ctl);

#endif
