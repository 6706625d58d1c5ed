/* ctl.c -- what the commands share: output, options, identity, opening the database. */
#define MQ_MAY_MINT_SCOPE
#include "ctl/ctl.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unicode/utf8.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/text.h"
#include "domain/access/fingerprints.h"
#include "domain/trail/installation_events.h"
#include "domain/access/scope_minting.h"

enum { PROGRESS_STEP = 200000 /* microseconds */ };

/* Escape sequences, and what turns the direction of writing. A joiner is part of many scripts. */
static int is_harmful(UChar32 c)
{
    return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200b || c == 0x200e ||
           c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
           c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || c >= 0xe0000;
}

const char *ctl_harmless(const ctl_t *ctl, const char *text)
{
    const uint8_t *bytes = (const uint8_t *)text;
    int32_t length = (int32_t)strlen(text);
    char *harmless = apr_palloc(ctl->pool, (apr_size_t)length + 1);
    char *to = harmless;
    for (int32_t i = 0; i < length;) {
        int32_t from = i;
        UChar32 c;
        U8_NEXT(bytes, i, length, c);
        if (c == '\n' || c == '\t') {
            *to++ = ' ';
        } else if (is_harmful(c)) { /* below 0: no UTF-8 */
            *to++ = '?';
        } else {
            memcpy(to, text + from, (size_t)(i - from));
            to += i - from;
        }
    }
    *to = 0;
    return harmless;
}

int ctl_fail(const ctl_t *ctl, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fprintf(stderr, "medsynqctl: %s\n",
                  ctl_harmless(ctl, apr_pvsprintf(ctl->pool, format, arguments)));
    va_end(arguments);
    return CTL_FAILED;
}

int ctl_usage(const ctl_t *ctl, const char *sentence)
{
    (void)ctl_fail(ctl, "%s", sentence);
    return CTL_USAGE;
}

void ctl_print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vprintf(format, arguments);
    va_end(arguments);
}

void ctl_write(const mq_buffer_t *buffer)
{
    (void)fwrite(buffer->data, 1, buffer->length, stdout);
}

void ctl_progress(ctl_t *ctl, const char *what, apr_int64_t done, apr_int64_t total)
{
    apr_time_t now = apr_time_now();
    if (!ctl->progress || (done != total && now - ctl->shown < PROGRESS_STEP)) {
        return;
    }
    ctl->shown = now;
    (void)fprintf(stderr, "\r%s: %ld", what, (long)done);
    if (total) {
        (void)fprintf(stderr, " of %ld", (long)total);
    }
    if (done == total) {
        (void)fputc('\n', stderr);
    }
}

int ctl_option_is(const char *argument, const char *name, const char **value_out)
{
    size_t length = strlen(name);
    *value_out = NULL;
    if (strncmp(argument, name, length) != 0) {
        return 0;
    }
    if (argument[length] == '=') {
        *value_out = argument + length + 1;
    }
    return argument[length] == 0 || argument[length] == '=';
}

/* operands: of most places, the free ones NULL. */
static const char *read_options(const ctl_t *ctl, const ctl_option_t *options,
                                const char **operands, int most)
{
    int count = 0;
    for (int i = 0; i < ctl->argc; i++) {
        const ctl_option_t *row = options;
        const char *argument = ctl->argv[i];
        const char *value = NULL;
        while (row && row->name && !ctl_option_is(argument, row->name, &value)) {
            row++;
        }
        if (row && row->name && row->flag && !value) {
            *row->flag = 1;
        } else if (row && row->name && row->flag) {
            return apr_pstrcat(ctl->pool, row->name, " takes no value", NULL);
        } else if (row && row->name && value) {
            *row->value = value;
        } else if (row && row->name) {
            if (i + 1 == ctl->argc) {
                return apr_pstrcat(ctl->pool, argument, " needs a value", NULL);
            }
            *row->value = ctl->argv[++i];
        } else if (strncmp(argument, "--", 2) == 0) {
            return apr_pstrcat(ctl->pool, "there is no option ", argument, NULL);
        } else if (count == most) {
            return apr_pstrcat(ctl->pool, "one argument too many: ", argument, NULL);
        } else {
            operands[count++] = argument;
        }
    }
    return NULL;
}

const char *ctl_options(const ctl_t *ctl, const ctl_option_t *options, const char **operand)
{
    return read_options(ctl, options, operand, operand ? 1 : 0);
}

const char *ctl_operands(const ctl_t *ctl, const ctl_option_t *options, const char **operands,
                         const char *const *names)
{
    const char *wrong;
    int most = 0;
    while (names[most]) {
        operands[most++] = NULL;
    }
    wrong = read_options(ctl, options, operands, most);
    for (int i = 0; !wrong && i < most; i++) {
        if (!operands[i] || !*operands[i]) {
            wrong = apr_pstrcat(ctl->pool, names[i], " is missing", NULL);
        }
    }
    return wrong;
}

/* @return what the operator did wrong, or NULL */
static const char *line_read(const ctl_t *ctl, const char **line, const char *what,
                             const mq_field_rule_t *rule)
{
    const char *clean = NULL;
    mq_field_fault_t fault = mq_field_clean(&clean, rule, *line, ctl->pool);
    if (!fault && *clean) {
        *line = clean;
        fault = mq_field_judge(rule, clean, NULL, ctl->pool);
    } else if (!fault) {
        fault = MQ_FAULT_MISSING;
    }
    switch (fault) {
    case MQ_FAULT_NONE:
        return NULL;
    case MQ_FAULT_TOO_LONG:
        return apr_psprintf(ctl->pool, "%s has more than %d characters", what, mq_field_most(rule));
    case MQ_FAULT_MARKS:
        return apr_psprintf(ctl->pool, "%s has more than %d accents on one letter", what,
                            MQ_TEXT_MARKS_MOST);
    case MQ_FAULT_EMAIL:
        return apr_psprintf(ctl->pool, "%s looks like name@example.org", what);
    default:
        return apr_psprintf(ctl->pool, "%s is empty, no text in UTF-8, or has control characters",
                            what);
    }
}

int ctl_line(const ctl_t *ctl, const char **line, const char *what, const mq_field_rule_t *rule)
{
    const char *wrong = line_read(ctl, line, what, rule);
    return wrong ? ctl_usage(ctl, wrong) : CTL_DONE;
}

int ctl_email(const ctl_t *ctl, const char **line)
{
    return ctl_line(ctl, line, "the e-mail address", &mq_email_rule);
}

int ctl_done(const ctl_t *ctl, const char *format, ...)
{
    va_list arguments;
    if (ctl->json) {
        ctl_print("{\"done\":true}\n");
        return CTL_DONE;
    }
    va_start(arguments, format);
    ctl_print("%s\n", ctl_harmless(ctl, apr_pvsprintf(ctl->pool, format, arguments)));
    va_end(arguments);
    return CTL_DONE;
}

int ctl_would(const ctl_t *ctl, const char *format, ...)
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 256)};
    va_list arguments;
    const char *sentence;
    va_start(arguments, format);
    sentence = apr_pvsprintf(ctl->pool, format, arguments);
    va_end(arguments);
    if (!ctl->json) {
        ctl_print("would: %s\n", ctl_harmless(ctl, sentence));
        return CTL_DONE;
    }
    mq_json_object(&json, NULL);
    mq_json_flag(&json, "done", 0);
    mq_json_text(&json, "would", sentence);
    mq_json_object_end(&json);
    mq_buffer_text(json.out, "\n");
    ctl_write(json.out);
    return CTL_DONE;
}

int ctl_failed(const ctl_t *ctl, apr_status_t rv, const char *what)
{
    char text[128];
    switch (rv) {
    case MQ_EFULL:
        return ctl_fail(ctl, "%s: the database is busy; try again", what);
    case MQ_ECORRUPT:
        return ctl_fail(ctl, "%s: the database is damaged; medsynqctl check tells where", what);
    case APR_ENOSPC:
        return ctl_fail(ctl, "%s: the disk is full; make room", what);
    default:
        if (APR_STATUS_IS_EACCES(rv)) {
            return ctl_fail(ctl, "%s: %s cannot be written; run this as root or as its owner", what,
                            ctl->database);
        }
        return ctl_fail(ctl, "%s: %s (%d)", what, apr_strerror(rv, text, sizeof text), rv);
    }
}

int ctl_link(const ctl_t *ctl, const char *path, const char *token, const char *site,
             const char *valid)
{
    const char *link = apr_pstrcat(ctl->pool, site ? site : "", path, token, NULL);
    mq_json_t json = {mq_buffer_make(ctl->pool, 512)};
    if (!ctl->json) {
        ctl_print("This link works once, within %s%s:\n%s\n", valid,
                  site ? "" : "; put the site's address before it", link);
        return CTL_DONE;
    }
    mq_json_object(&json, NULL);
    mq_json_text(&json, "link", link);
    mq_json_text(&json, "valid", valid);
    mq_json_object_end(&json);
    mq_buffer_text(json.out, "\n");
    ctl_write(json.out);
    return CTL_DONE;
}

static const struct {
    int bit;
    const char *name;
} roles_named[] = {{MQ_ROLE_ADMIN, "admin"},
                   {MQ_ROLE_CLINICIAN, "clinician"},
                   {MQ_ROLE_FRONT_DESK, "front-desk"},
                   {MQ_ROLE_AUDITOR, "auditor"}};
enum { ROLES = sizeof roles_named / sizeof *roles_named };

void ctl_json_roles(mq_json_t *json, const char *name, int roles)
{
    mq_json_array(json, name);
    for (size_t i = 0; i < ROLES; i++) {
        if (roles & roles_named[i].bit) {
            mq_json_text(json, NULL, roles_named[i].name);
        }
    }
    mq_json_array_end(json);
}

const char *ctl_roles_text(const ctl_t *ctl, int roles)
{
    const char *text = "";
    for (size_t i = 0; i < ROLES; i++) {
        if (roles & roles_named[i].bit) {
            text = apr_pstrcat(ctl->pool, text, *text ? "," : "", roles_named[i].name, NULL);
        }
    }
    return text;
}

apr_int64_t ctl_number(const char *text, apr_int64_t least, apr_int64_t most)
{
    char *end;
    apr_int64_t value = apr_strtoi64(text, &end, 10);
    return end == text || *end || value < least || value > most ? -1 : value;
}

const char *ctl_absolute(const ctl_t *ctl, const char *path)
{
    char *full;
    return apr_filepath_merge(&full, NULL, path, APR_FILEPATH_NOTRELATIVE, ctl->pool) == APR_SUCCESS
               ? full
               : path;
}

static int identity_of_file(const ctl_t *ctl)
{
    struct stat info;
    const char *folder = apr_pstrndup(ctl->pool, ctl->database,
                                      (apr_size_t)(strrchr(ctl->database, '/') - ctl->database));
    if (stat(ctl->database, &info) != 0 && stat(*folder ? folder : "/", &info) != 0) {
        if (errno == EACCES) {
            (void)ctl_fail(ctl, "%s may be reached by its owner and by root alone", ctl->database);
        } else {
            (void)ctl_fail(ctl, "there is no folder %s: make it, and let the server's user own it",
                           folder);
        }
        return 0;
    }
    if (geteuid() == 0 && info.st_uid == 0 && S_ISDIR(info.st_mode)) {
        (void)ctl_fail(ctl,
                       "note: %s is root's, and so is the database that is made there: chown "
                       "both before a server of another user starts",
                       folder);
    }
    if (geteuid() != 0 || info.st_uid == 0) {
        return 1;
    }
    const struct passwd *owner = getpwuid(info.st_uid);
    if ((owner ? initgroups(owner->pw_name, info.st_gid) : setgroups(0, NULL)) != 0 ||
        setgid(info.st_gid) != 0 || setuid(info.st_uid) != 0) {
        (void)ctl_fail(ctl, "the identity of the database's owner cannot be taken on");
        return 0;
    }
    return 1;
}

int ctl_take_identity(const ctl_t *ctl)
{
    return ctl->is_on_server || identity_of_file(ctl); /* of the role that it connects as */
}

const char *ctl_unreadable(const ctl_t *ctl, const char *path, const char *said)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        return errno == ENOENT   ? "there is no such file; --database names another one"
               : errno == EACCES ? "you may not enter its folder: run this as its owner or as root"
                                 : apr_pstrdup(ctl->pool, strerror(errno));
    }
    if (access(path, R_OK) != 0) {
        return "you may not read it: run this as its owner or as root";
    }
    return said ? said : "it cannot be opened";
}

int ctl_owner_try(mq_owner_t **owner_out, const char **why_out, const char *path, const ctl_t *ctl)
{
    const char *said = NULL;
    if (ctl->is_on_server && path != ctl->database) {
        *why_out = "a file is looked at without --database pgsql:";
        return CTL_UNREADABLE;
    }
    if (mq_owner_open(owner_out, ctl->driver, path, &said, ctl->pool) == APR_SUCCESS) {
        return CTL_DONE;
    }
    *why_out = ctl->is_on_server ? said : ctl_unreadable(ctl, path, said);
    return CTL_UNREADABLE;
}

int ctl_owner_open(mq_owner_t **owner_out, const char *path, const ctl_t *ctl)
{
    const char *why;
    int code = ctl_owner_try(owner_out, &why, path, ctl);
    if (code != CTL_DONE) {
        (void)ctl_fail(ctl, "%s cannot be read: %s", path, why);
    }
    return code;
}

int ctl_owner_close(mq_owner_t *owner, const char *path, apr_status_t rv, const ctl_t *ctl)
{
    int code = CTL_DONE;
    if (rv != APR_SUCCESS && rv != APR_EOF) {
        (void)ctl_fail(ctl, "%s cannot be read: %s", path,
                       ctl->is_on_server
                           ? mq_owner_failed(owner, ctl->pool)
                           : ctl_unreadable(ctl, path, mq_owner_failed(owner, ctl->pool)));
        code = CTL_UNREADABLE;
    }
    mq_owner_close(owner);
    return code;
}

apr_int64_t ctl_organisations(mq_owner_t *owner)
{
    apr_int64_t count = -1;
    mq_rows_t rows;
    if (mq_owner_select(&rows, owner, MQ_SQL_OWNER_TENANTS_COUNT, MQ_NO_PARAMS) == APR_SUCCESS &&
        mq_rows_next(&rows) == APR_SUCCESS) {
        count = mq_rows_int(&rows, MQ_OWNER_TENANTS_COUNT_TENANTS_FOUND);
        mq_rows_close(&rows);
    }
    return count;
}

apr_int64_t ctl_organisations_in(const ctl_t *ctl, const char *path)
{
    const char *ignored;
    mq_owner_t *owner;
    apr_int64_t count;
    if (ctl_owner_try(&owner, &ignored, path, ctl) != CTL_DONE) {
        return -1;
    }
    count = ctl_organisations(owner);
    mq_owner_close(owner);
    return count;
}

/* What is sealed with another secret than the server's nobody can open. */
static int secret_check(const ctl_core_t *core, const ctl_t *ctl)
{
    const mq_visit_t visit = ctl_visit(core, ctl->pool);
    const char *fault;
    apr_status_t rv;
    if (ctl->keys.fingerprints_count == 0 || ctl->takes_any_secret) {
        return CTL_DONE;
    }
    rv = mq_fingerprints_check(&fault, &visit, ctl->operator, 0);
    if (rv != APR_SUCCESS) {
        return ctl_failed(ctl, rv, ctl->database);
    }
    return fault ? ctl_fail(ctl, "%s: %s", ctl->secret, fault) : CTL_DONE;
}

int ctl_core_open(ctl_core_t **core_out, const ctl_t *ctl)
{
    ctl_core_t *core = apr_pcalloc(ctl->pool, sizeof *core);
    const char *error = NULL;
    if (ctl->keys_fault) {
        (void)ctl_fail(ctl,
                       "%s; the server makes it at its first start, and this command must run as "
                       "its owner or as root",
                       ctl->keys_fault);
        return CTL_FAILED;
    }
    if (!ctl_take_identity(ctl)) {
        return CTL_FAILED;
    }
    if (mq_single_open(&core->single, ctl->driver, ctl->database, &error, ctl->pool) !=
        APR_SUCCESS) {
        (void)ctl_fail(ctl, "the database %s cannot be used: %s", ctl->database,
                       ctl->is_on_server || access(ctl->database, R_OK | W_OK) == 0
                           ? error
                           : ctl_unreadable(ctl, ctl->database, NULL));
        return CTL_FAILED;
    }
    core->core = ctl->keys;
    core->core.store = &core->single->store;
    core->core.password_cost = 12;
    core->core.is_dry = ctl->dry;
    if (mq_text_make(&core->core.folding, ctl->pool) != APR_SUCCESS) {
        (void)ctl_fail(ctl, "ICU's data is missing: install the package libicu");
        return CTL_FAILED;
    }
    core->pool = ctl->pool;
    *core_out = core;
    return secret_check(core, ctl);
}

void ctl_core_close(ctl_core_t *core)
{
    mq_single_close(core->single, core->pool);
}

int ctl_org_open(ctl_core_t **core_out, mq_visit_t *visit_out, const mq_scope_t **sc_out,
                 const ctl_t *ctl, const char *name)
{
    apr_status_t rv;
    int code = ctl_core_open(core_out, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    *visit_out = ctl_visit(*core_out, ctl->pool);
    rv = mq_scope_operator(sc_out, visit_out, name, ctl->operator);
    if (rv == APR_SUCCESS) {
        return CTL_DONE;
    }
    return rv == MQ_ENOTFOUND
               ? ctl_fail(ctl,
                          "there is no organisation \"%s\"; medsynqctl org list prints them all",
                          name)
               : ctl_failed(ctl, rv, "the organisation cannot be read");
}

int ctl_org_of_operand(const mq_scope_t **sc_out, const char **name_out, ctl_t *ctl)
{
    static const char *const names[] = {"the organisation's name", NULL};
    const char *wrong = ctl_operands(ctl, NULL, name_out, names);
    ctl_core_t *core;
    mq_visit_t visit;
    return wrong ? ctl_usage(ctl, wrong) : ctl_org_open(&core, &visit, sc_out, ctl, *name_out);
}

int ctl_record(const ctl_t *ctl, mq_action_t action, const char *format, ...)
{
    ctl_core_t *core = NULL;
    mq_visit_t visit;
    va_list arguments;
    const char *reason;
    apr_status_t rv;
    int code = ctl_core_open(&core, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    visit = ctl_visit(core, ctl->pool);
    va_start(arguments, format);
    reason = apr_pvsprintf(ctl->pool, format, arguments);
    va_end(arguments);
    rv = mq_installation_record(&visit, ctl->operator, action, reason);
    ctl_core_close(core);
    return rv == APR_SUCCESS
               ? CTL_DONE
               : ctl_failed(ctl, rv, "it was done, and cannot be recorded in the audit trail");
}

mq_visit_t ctl_visit(const ctl_core_t *core, apr_pool_t *pool)
{
    return (mq_visit_t){.core = &core->core,
                        .pool = pool,
                        .address = "",
                        .agent = "medsynqctl",
                        .now = apr_time_now()};
}
