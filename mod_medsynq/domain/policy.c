/* policy.c -- the matrix of actions and roles. */
#include "domain/policy.h"

#include <stddef.h>

#include "store/scope.h"

enum {
    CLINICAL = MQ_ROLE_CLINICIAN,
    DEMOGRAPHIC = MQ_ROLE_CLINICIAN | MQ_ROLE_FRONT_DESK,
    READERS = MQ_ROLE_CLINICIAN | MQ_ROLE_FRONT_DESK | MQ_ROLE_AUDITOR
};

static const mq_policy_t policies[] = {
    {MQ_ACTION_TENANT_CREATE, "tenant.create", "Create the organisation", MQ_ROLES_ALL},
    {MQ_ACTION_SIGN_IN, "sign-in", "Log in", MQ_ROLES_ALL},
    {MQ_ACTION_SIGN_OUT, "sign-out", "Log out", MQ_ROLES_ALL},
    {MQ_ACTION_DASHBOARD_VIEW, "dashboard.view", "See the dashboard", MQ_ROLES_ALL},
    {MQ_ACTION_PATIENTS_LIST, "patients.list", "See the list of patients", READERS},
    {MQ_ACTION_PATIENTS_SEARCH, "patients.search", "Search for patients", READERS},
    {MQ_ACTION_PATIENTS_EXPORT, "patients.export", "Export patients", MQ_ROLE_ADMIN},
    {MQ_ACTION_PATIENTS_IMPORT, "patients.import", "Import patients", MQ_ROLE_ADMIN},
    {MQ_ACTION_PATIENTS_IMPORT_UNDO, "patients.import-undo", "Undo an import", MQ_ROLE_ADMIN},
    {MQ_ACTION_PATIENT_VIEW, "patient.view", "Open a patient's record", READERS},
    {MQ_ACTION_PATIENT_ADD, "patient.add", "Add a patient", DEMOGRAPHIC},
    {MQ_ACTION_PATIENT_EDIT, "patient.edit", "Change a patient's record", DEMOGRAPHIC},
    {MQ_ACTION_PATIENT_HISTORY, "patient.history", "See earlier versions of a record", READERS},
    {MQ_ACTION_PATIENT_DUPLICATES, "patient.duplicates", "See likely duplicates", DEMOGRAPHIC},
    {MQ_ACTION_PATIENT_VERSION_RESTORE, "patient.version-restore",
     "Bring back an earlier version of a record", DEMOGRAPHIC},
    {MQ_ACTION_PATIENT_ARCHIVE, "patient.archive", "Archive a patient", CLINICAL},
    {MQ_ACTION_PATIENT_RESTORE, "patient.restore", "Restore an archived patient", MQ_ROLE_ADMIN},
    {MQ_ACTION_PATIENT_PRINT, "patient.print", "Print a record", READERS},
    {MQ_ACTION_PATIENT_NOTE_CHANGE, "patient-note.change", "Change a draft", CLINICAL},
    {MQ_ACTION_PATIENT_NOTE_SIGN, "patient-note.sign", "Sign a note", CLINICAL},
    {MQ_ACTION_PATIENT_NOTE_ADDENDUM, "patient-note.addendum", "Add to a signed note", CLINICAL},
    {MQ_ACTION_PATIENT_NOTE_ERROR, "patient-note.error", "Mark a note as entered in error",
     CLINICAL},
    {MQ_ACTION_PATIENT_NOTE_ADD, "patient-note.add", "Write a note", CLINICAL},
    {MQ_ACTION_PATIENT_NOTES_READ, "patient-notes.read", "Read a patient's notes",
     MQ_ROLE_CLINICIAN | MQ_ROLE_AUDITOR},
    {MQ_ACTION_USERS_LIST, "users.list", "See the list of people", MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_VIEW, "user.view", "See a person's account", MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_INVITE, "user.invite", "Invite a person", MQ_ROLE_ADMIN},
    {MQ_ACTION_INVITATION_REVOKE, "invitation.revoke", "Withdraw an invitation", MQ_ROLE_ADMIN},
    {MQ_ACTION_INVITATION_ACCEPT, "invitation.accept", "Accept an invitation", MQ_ROLES_ALL},
    {MQ_ACTION_USER_DISABLE, "user.disable", "Disable an account", MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_ENABLE, "user.enable", "Enable an account", MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_ROLES, "user.roles", "Change a person's roles", MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_RESET, "user.reset", "Make a link to set a new password", MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_TWO_FACTOR_OFF, "user.two-factor-off", "Reset a person's second factor",
     MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_UNLOCK, "user.unlock", "Let a person try to log in again", MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_SESSIONS_END, "user.sessions-end", "End a person's sessions", MQ_ROLE_ADMIN},
    {MQ_ACTION_PASSWORD_RESET_ASK, "password-reset.ask", "Ask for a link to set a new password",
     MQ_ROLES_ALL},
    {MQ_ACTION_PASSWORD_RESET, "password.reset", "Set a new password by a link", MQ_ROLES_ALL},
    {MQ_ACTION_ACCOUNT_VIEW, "account.view", "See one's own account", MQ_ROLES_ALL},
    {MQ_ACTION_PASSWORD_CHANGE, "password.change", "Change one's own password", MQ_ROLES_ALL},
    {MQ_ACTION_LANGUAGE_CHOOSE, "language.choose", "Choose one's own language", MQ_ROLES_ALL},
    {MQ_ACTION_TWO_FACTOR_VIEW, "two-factor.view", "See one's own second factor", MQ_ROLES_ALL},
    {MQ_ACTION_TWO_FACTOR_ON, "two-factor.on", "Set up one's own second factor", MQ_ROLES_ALL},
    {MQ_ACTION_TWO_FACTOR_OFF, "two-factor.off", "Remove one's own second factor", MQ_ROLES_ALL},
    {MQ_ACTION_RECOVERY_CODE_USE, "recovery-code.use", "Log in with a recovery code", MQ_ROLES_ALL},
    {MQ_ACTION_RECOVERY_CODES_NEW, "recovery-codes.new", "Make new recovery codes", MQ_ROLES_ALL},
    {MQ_ACTION_ORGANISATION_VIEW, "organisation.view", "See the organisation's settings",
     MQ_ROLE_ADMIN},
    {MQ_ACTION_ORGANISATION_CHANGE, "organisation.change", "Change the organisation's settings",
     MQ_ROLE_ADMIN},
    {MQ_ACTION_SESSIONS_VIEW, "sessions.view", "See one's own sessions", MQ_ROLES_ALL},
    {MQ_ACTION_SESSION_END, "session.end", "End one's own sessions", MQ_ROLES_ALL},
    {MQ_ACTION_FORM_PARK, "form.park", "Keep a form that came too late", MQ_ROLES_ALL},
    {MQ_ACTION_FORM_UNPARK, "form.unpark", "Use or throw away a kept form", MQ_ROLES_ALL},
    {MQ_ACTION_FORMS_PARKED, "forms.parked", "See one's own kept forms", MQ_ROLES_ALL},
    {MQ_ACTION_AUDIT_VIEW, "audit.view", "Read the audit trail", MQ_ROLE_ADMIN | MQ_ROLE_AUDITOR},
    {MQ_ACTION_AUDIT_EXPORT, "audit.export", "Export the audit trail",
     MQ_ROLE_ADMIN | MQ_ROLE_AUDITOR},
    {MQ_ACTION_PATIENT_ACCESSES, "patient.accesses", "See who has seen a record",
     MQ_ROLE_CLINICIAN | MQ_ROLE_AUDITOR},
    {MQ_ACTION_ORGANISATION_SUSPEND, "organisation.suspend", "Suspend the organisation",
     MQ_ROLE_OPERATOR},
    {MQ_ACTION_ORGANISATION_RESUME, "organisation.resume", "Let the organisation in again",
     MQ_ROLE_OPERATOR},
    {MQ_ACTION_ORGANISATION_EXPORT, "organisation.export", "Export the whole organisation",
     MQ_ROLE_OPERATOR},
    {MQ_ACTION_SERVER_START, "server.start", "Start the server", 0},
    {MQ_ACTION_AUDIT_ARCHIVE, "audit.archive", "Move old events to an archive", 0},
    {MQ_ACTION_SCHEMA_MIGRATE, "schema.migrate", "Migrate the database", 0},
    {MQ_ACTION_COMMAND, "command", "Run medsynqctl", 0},
    {MQ_ACTION_REFUSED, "refused", "Request refused", MQ_ROLES_ALL},
    {MQ_ACTION_NONE, NULL, NULL, 0}};

const mq_policy_t *mq_policies(void)
{
    return policies;
}

const mq_policy_t *mq_policy(mq_action_t action)
{
    const mq_policy_t *row = policies;
    while (row->name && row->action != action) {
        row++;
    }
    return row;
}

int mq_policy_allows(mq_action_t action, int roles)
{
    return action == MQ_ACTION_NONE || (mq_policy(action)->roles & roles) != 0;
}
