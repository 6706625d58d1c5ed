/* routes.c -- the table of paths and finding a row of it. */
#include "web/routes.h"

#include <apr_strings.h>
#include <string.h>

#include "web/access/sign_in_pages.h"
#include "web/trail/audit_pages.h"
#include "web/organisations/dashboard_pages.h"
#include "web/patients/patient_export_pages.h"
#include "web/health_pages.h"
#include "web/patients/history_pages.h"
#include "web/home_pages.h"
#include "web/imports/import_pages.h"
#include "web/people/invitation_pages.h"
#include "web/access/account_pages.h"
#include "web/patients/note_pages.h"
#include "web/organisations/organisation_pages.h"
#include "web/access/parking_pages.h"
#include "web/patients/patient_edit_pages.h"
#include "web/patients/patient_list_pages.h"
#include "web/patients/patient_pages.h"
#include "web/access/session_pages.h"
#include "web/access/two_factor_pages.h"
#include "web/people/people_pages.h"

static const mq_route_t routes[] = {
    {MQ_GET, "/", .open = mq_home_page},
    {MQ_GET, "/register-tenant", .open = mq_register_page},
    {MQ_POST, "/register-tenant", .open = mq_register_post},
    {MQ_GET, "/login", .open = mq_login_page},
    {MQ_POST, "/login", .open = mq_login_post},
    {MQ_GET, "/logout", MQ_ACTION_SIGN_OUT, mq_logout_page},
    {MQ_POST, "/logout", MQ_ACTION_SIGN_OUT, mq_logout_post},
    {MQ_GET, "/dashboard", MQ_ACTION_DASHBOARD_VIEW, mq_dashboard_page},
    {MQ_GET, "/patients", MQ_ACTION_PATIENTS_LIST, mq_patients_page_show},
    {MQ_GET, "/patients/new", MQ_ACTION_PATIENT_ADD, mq_patient_new_page},
    {MQ_POST, "/patients/new", MQ_ACTION_PATIENT_ADD, mq_patient_new_post, .reviews = 1},
    {MQ_GET, "/patients/export.csv", MQ_ACTION_PATIENTS_EXPORT, mq_patients_export},
    {MQ_GET, "/patients/import", MQ_ACTION_PATIENTS_IMPORT, mq_imports_page},
    {MQ_POST, "/patients/import", MQ_ACTION_PATIENTS_IMPORT, mq_import_upload, .reads_upload = 1},
    {MQ_GET, "/patients/import/{id}", MQ_ACTION_PATIENTS_IMPORT, mq_import_page},
    {MQ_POST, "/patients/import/{id}/columns", MQ_ACTION_PATIENTS_IMPORT, mq_import_columns_post},
    {MQ_POST, "/patients/import/{id}/commit", MQ_ACTION_PATIENTS_IMPORT, mq_import_commit_post},
    {MQ_POST, "/patients/import/{id}/cancel", MQ_ACTION_PATIENTS_IMPORT, mq_import_cancel_post},
    {MQ_POST, "/patients/import/{id}/discard", MQ_ACTION_PATIENTS_IMPORT, mq_import_discard_post},
    {MQ_POST, "/patients/import/{id}/undo", MQ_ACTION_PATIENTS_IMPORT_UNDO, mq_import_undo_post},
    {MQ_GET, "/patients/import/{id}/errors.csv", MQ_ACTION_PATIENTS_IMPORT, mq_import_errors},
    {MQ_GET, "/audit", MQ_ACTION_AUDIT_VIEW, mq_audit_page_show},
    {MQ_GET, "/audit/export.csv", MQ_ACTION_AUDIT_EXPORT, mq_audit_export},
    {MQ_GET, "/patients/{id}/accesses", MQ_ACTION_PATIENT_ACCESSES, mq_accesses_page},
    {MQ_GET, "/patients/{id}", MQ_ACTION_PATIENT_VIEW, mq_patient_page},
    {MQ_GET, "/users", MQ_ACTION_USERS_LIST, mq_users_page},
    {MQ_GET, "/users/invite", MQ_ACTION_USER_INVITE, mq_invite_page},
    {MQ_POST, "/users/invite", MQ_ACTION_USER_INVITE, mq_invite_post, .repeats = "role",
     .reviews = 1},
    {MQ_POST, "/users/invitations/{id}/revoke", MQ_ACTION_INVITATION_REVOKE,
     mq_invitation_revoke_post},
    {MQ_GET, "/users/{id}", MQ_ACTION_USER_VIEW, mq_user_page},
    {MQ_POST, "/users/{id}/disable", MQ_ACTION_USER_DISABLE, mq_user_disable_post},
    {MQ_POST, "/users/{id}/enable", MQ_ACTION_USER_ENABLE, mq_user_enable_post},
    {MQ_POST, "/users/{id}/roles", MQ_ACTION_USER_ROLES, mq_user_roles_post, .repeats = "role"},
    {MQ_POST, "/users/{id}/reset", MQ_ACTION_USER_RESET, mq_user_reset_post},
    {MQ_GET, "/account", MQ_ACTION_ACCOUNT_VIEW, mq_account_page},
    {MQ_GET, "/account/sessions", MQ_ACTION_SESSIONS_VIEW, mq_sessions_page},
    {MQ_POST, "/account/sessions", MQ_ACTION_SESSION_END, mq_sessions_post},
    {MQ_GET, "/parked", MQ_ACTION_FORMS_PARKED, mq_parked_page},
    {MQ_POST, "/parked/{id}/discard", MQ_ACTION_FORM_UNPARK, mq_parked_discard_post},
    {MQ_GET, "/account/password", MQ_ACTION_PASSWORD_CHANGE, mq_password_page},
    {MQ_POST, "/account/password", MQ_ACTION_PASSWORD_CHANGE, mq_password_post},
    {MQ_POST, "/account/language", MQ_ACTION_LANGUAGE_CHOOSE, mq_language_post},
    {MQ_GET, "/login/code", .open = mq_code_page},
    {MQ_POST, "/login/code", .open = mq_code_post},
    {MQ_GET, "/account/two-factor", MQ_ACTION_TWO_FACTOR_VIEW, mq_two_factor_page},
    {MQ_POST, "/account/two-factor", MQ_ACTION_TWO_FACTOR_ON, mq_two_factor_post},
    {MQ_POST, "/account/two-factor/codes", MQ_ACTION_RECOVERY_CODES_NEW, mq_two_factor_codes_post},
    {MQ_POST, "/account/two-factor/off", MQ_ACTION_TWO_FACTOR_OFF, mq_two_factor_off_post},
    {MQ_POST, "/users/{id}/two-factor-off", MQ_ACTION_USER_TWO_FACTOR_OFF,
     mq_user_two_factor_off_post},
    {MQ_GET, "/organisation", MQ_ACTION_ORGANISATION_VIEW, mq_organisation_page},
    {MQ_POST, "/organisation", MQ_ACTION_ORGANISATION_CHANGE, mq_organisation_post, .reviews = 1},
    {MQ_GET, "/password-reset", .open = mq_reset_ask_page},
    {MQ_POST, "/password-reset", .open = mq_reset_ask_post},
    {MQ_GET, "/password-reset/{token}", .open = mq_reset_page},
    {MQ_POST, "/password-reset/{token}", .open = mq_reset_post},
    {MQ_POST, "/users/{id}/unlock", MQ_ACTION_USER_UNLOCK, mq_user_unlock_post},
    {MQ_POST, "/users/{id}/sessions-end", MQ_ACTION_USER_SESSIONS_END, mq_user_sessions_end_post},
    {MQ_GET, "/invitations/{token}", .open = mq_invitation_page},
    {MQ_POST, "/invitations/{token}", .open = mq_invitation_post},
    {MQ_GET, "/patients/{id}/edit", MQ_ACTION_PATIENT_EDIT, mq_patient_edit_page},
    {MQ_POST, "/patients/{id}/edit", MQ_ACTION_PATIENT_EDIT, mq_patient_edit_post, .reviews = 1},
    {MQ_POST, "/patients/{id}/archive", MQ_ACTION_PATIENT_ARCHIVE, mq_patient_archive_post,
     .reviews = 1},
    {MQ_POST, "/patients/{id}/restore", MQ_ACTION_PATIENT_RESTORE, mq_patient_restore_post},
    {MQ_GET, "/patients/{id}/history", MQ_ACTION_PATIENT_HISTORY, mq_history_page},
    {MQ_POST, "/patients/{id}/history/{version}/restore", MQ_ACTION_PATIENT_VERSION_RESTORE,
     mq_history_restore_post},
    {MQ_GET, "/patients/{id}/print", MQ_ACTION_PATIENT_PRINT, mq_print_page},
    {MQ_GET, "/patients/{id}/label", MQ_ACTION_PATIENT_PRINT, mq_label_page},
    {MQ_POST, "/patients/{id}/notes", MQ_ACTION_PATIENT_NOTE_ADD, mq_note_add_post, .reviews = 1},
    {MQ_POST, "/patients/{id}/notes/{note}", MQ_ACTION_PATIENT_NOTE_CHANGE, mq_note_change_post,
     .reviews = 1},
    {MQ_POST, "/patients/{id}/notes/{note}/sign", MQ_ACTION_PATIENT_NOTE_SIGN, mq_note_sign_post},
    {MQ_POST, "/patients/{id}/notes/{note}/addendum", MQ_ACTION_PATIENT_NOTE_ADDENDUM,
     mq_note_addendum_post, .reviews = 1},
    {MQ_POST, "/patients/{id}/notes/{note}/error", MQ_ACTION_PATIENT_NOTE_ERROR, mq_note_error_post,
     .reviews = 1},
    {MQ_GET, "/healthz", .open = mq_health_page},
    {MQ_GET, "/readyz", .open = mq_ready_page},
    {MQ_GET, NULL}};

const mq_route_t *mq_routes(void)
{
    return routes;
}

/* Compare segment by segment; starts and lengths of what {…} stand for go to the captures. */
static int pattern_fits(const char *pattern, const char *path, const char *starts[MQ_CAPTURES],
                        apr_size_t lengths[MQ_CAPTURES])
{
    int captured = 0;
    while (*pattern && *path) {
        if (*pattern == '{') {
            apr_size_t length = strcspn(path, "/");
            if (length == 0 || captured == MQ_CAPTURES) {
                return 0;
            }
            starts[captured] = path;
            lengths[captured++] = length;
            path += length;
            pattern += strcspn(pattern, "}") + 1;
        } else if (*pattern++ != *path++) {
            return 0;
        }
    }
    return *pattern == 0 && *path == 0;
}

const mq_route_t *mq_route_find(int *methods_out, const char *captures[MQ_CAPTURES],
                                const char *path, mq_method_t method, apr_pool_t *pool)
{
    const mq_route_t *found = NULL;
    const char *pattern = NULL; /* the first that fits: a literal row stands before a {…} one */
    const char *starts[MQ_CAPTURES] = {NULL};
    apr_size_t lengths[MQ_CAPTURES] = {0};
    *methods_out = 0;
    for (const mq_route_t *row = routes; row->pattern; row++) {
        if (pattern ? strcmp(pattern, row->pattern) != 0
                    : !pattern_fits(row->pattern, path, starts, lengths)) {
            continue;
        }
        pattern = row->pattern;
        *methods_out |= (int)row->method;
        if (row->method == method) {
            found = row;
        }
    }
    for (int i = 0; found && i < MQ_CAPTURES; i++) {
        captures[i] = starts[i] ? apr_pstrmemdup(pool, starts[i], lengths[i]) : NULL;
    }
    return found;
}

const char *mq_routes_check(apr_pool_t *pool)
{
    for (const mq_route_t *row = routes; row->pattern; row++) {
        const char *captures[MQ_CAPTURES];
        int methods;
        const mq_route_t *found =
            mq_route_find(&methods, captures, row->pattern, row->method, pool);
        if (found != row) {
            return apr_psprintf(pool, "route %s is unreachable or there twice", row->pattern);
        }
        if (!row->open == !row->handler) {
            return apr_psprintf(pool, "route %s has no handler, or two", row->pattern);
        }
        if (row->reviews && !row->handler) {
            return apr_psprintf(pool, "route %s reviews what is parked, but is open", row->pattern);
        }
        if (row->handler && !mq_policy(row->action)->name) {
            return apr_psprintf(pool, "route %s names an action without a policy", row->pattern);
        }
    }
    return NULL;
}
