/* policy.c -- the matrix of actions and roles. */
#include "domain/policy.h"

#include <stddef.h>

#include "base/catalogue.h"
#include "store/scope.h"

enum {
    CLINICAL = MQ_ROLE_CLINICIAN,
    DEMOGRAPHIC = MQ_ROLE_CLINICIAN | MQ_ROLE_FRONT_DESK,
    READERS = MQ_ROLE_CLINICIAN | MQ_ROLE_FRONT_DESK | MQ_ROLE_AUDITOR
};

static const mq_policy_t policies[] = {
    {MQ_ACTION_TENANT_CREATE, "tenant.create", MQ_SAY("Create the organisation"), MQ_ROLES_ALL},
    {MQ_ACTION_SIGN_IN, "sign-in", MQ_SAY("Log in"), MQ_ROLES_ALL},
    {MQ_ACTION_SIGN_OUT, "sign-out", MQ_SAY("Log out"), MQ_ROLES_ALL},
    {MQ_ACTION_DASHBOARD_VIEW, "dashboard.view", MQ_SAY("See the dashboard"), MQ_ROLES_ALL},
    {MQ_ACTION_PATIENTS_LIST, "patients.list", MQ_SAY("See the list of patients"), READERS},
    {MQ_ACTION_PATIENTS_SEARCH, "patients.search", MQ_SAY("Search for patients"), READERS},
    {MQ_ACTION_PATIENTS_EXPORT, "patients.export", MQ_SAY("Export patients"), MQ_ROLE_ADMIN},
    {MQ_ACTION_PATIENTS_IMPORT, "patients.import", MQ_SAY("Import patients"), MQ_ROLE_ADMIN},
    {MQ_ACTION_IMPORT_DOUBLES, "patients.import-doubles",
     MQ_SAY("Compare rows of a file with patients"), MQ_ROLE_ADMIN},
    {MQ_ACTION_IMPORT_CHOOSE, "patients.import-choose",
     MQ_SAY("Choose which likely duplicates are imported"), MQ_ROLE_ADMIN},
    {MQ_ACTION_PATIENTS_IMPORT_UNDO, "patients.import-undo", MQ_SAY("Undo an import"),
     MQ_ROLE_ADMIN},
    {MQ_ACTION_PATIENT_VIEW, "patient.view", MQ_SAY("Open a patient's record"), READERS},
    {MQ_ACTION_PATIENT_ADD, "patient.add", MQ_SAY("Add a patient"), DEMOGRAPHIC},
    {MQ_ACTION_PATIENT_EDIT, "patient.edit", MQ_SAY("Change a patient's record"), DEMOGRAPHIC},
    {MQ_ACTION_PATIENT_HISTORY, "patient.history", MQ_SAY("See earlier versions of a record"),
     READERS},
    {MQ_ACTION_PATIENT_DUPLICATES, "patient.duplicates", MQ_SAY("See likely duplicates"),
     DEMOGRAPHIC},
    {MQ_ACTION_PATIENTS_COMPARE, "patients.compare", MQ_SAY("Compare records side by side"),
     DEMOGRAPHIC},
    {MQ_ACTION_PATIENT_VERSION_RESTORE, "patient.version-restore",
     MQ_SAY("Restore an earlier version of a record"), DEMOGRAPHIC},
    {MQ_ACTION_PATIENT_ARCHIVE, "patient.archive", MQ_SAY("Archive a patient"), CLINICAL},
    {MQ_ACTION_PATIENT_RESTORE, "patient.restore", MQ_SAY("Restore an archived patient"),
     MQ_ROLE_ADMIN | CLINICAL}, /* a clinician, whom they archived: patients.h */
    {MQ_ACTION_PATIENTS_ARCHIVED, "patients.archived", MQ_SAY("See the list of archived patients"),
     MQ_ROLE_ADMIN},
    {MQ_ACTION_PATIENT_MERGE, "patient.merge", MQ_SAY("Merge two records of one person"), CLINICAL},
    {MQ_ACTION_PATIENT_UNMERGE, "patient.unmerge", MQ_SAY("Separate two records that were merged"),
     CLINICAL},
    {MQ_ACTION_PATIENTS_PART, "patients.part",
     MQ_SAY("Say that two records are of different people"), DEMOGRAPHIC},
    {MQ_ACTION_PATIENTS_PART_UNDO, "patients.part-undo",
     MQ_SAY("Take back that two records are of different people"), DEMOGRAPHIC},
    {MQ_ACTION_PATIENT_PRINT, "patient.print", MQ_SAY("Print a record"), READERS},
    {MQ_ACTION_PATIENT_EXPORT, "patient.export", MQ_SAY("Take a copy of a whole record"), CLINICAL},
    {MQ_ACTION_PATIENT_NOTE_CHANGE, "patient-note.change", MQ_SAY("Change a draft"), CLINICAL},
    {MQ_ACTION_PATIENT_NOTE_SIGN, "patient-note.sign", MQ_SAY("Sign a note"), CLINICAL},
    {MQ_ACTION_PATIENT_NOTE_ADDENDUM, "patient-note.addendum", MQ_SAY("Add to a signed note"),
     CLINICAL},
    {MQ_ACTION_PATIENT_NOTE_ERROR, "patient-note.error", MQ_SAY("Mark a note as entered in error"),
     CLINICAL},
    {MQ_ACTION_PATIENT_NOTE_ADD, "patient-note.add", MQ_SAY("Write a note"), CLINICAL},
    {MQ_ACTION_PATIENT_NOTES_READ, "patient-notes.read", MQ_SAY("Read a patient's notes"),
     MQ_ROLE_CLINICIAN | MQ_ROLE_AUDITOR},
    {MQ_ACTION_CHART_READ, "chart.read", MQ_SAY("Read a patient's medicines and problems"),
     MQ_ROLE_CLINICIAN | MQ_ROLE_AUDITOR},
    {MQ_ACTION_ALLERGY_ADD, "allergy.add", MQ_SAY("Record an allergy, or that there is none"),
     CLINICAL},
    {MQ_ACTION_ALLERGY_CHANGE, "allergy.change", MQ_SAY("Change an allergy"), CLINICAL},
    {MQ_ACTION_ALLERGY_ERROR, "allergy.error", MQ_SAY("Mark an allergy as entered in error"),
     CLINICAL},
    {MQ_ACTION_MEDICINE_ADD, "medicine.add", MQ_SAY("Record a medicine, or that there is none"),
     CLINICAL},
    {MQ_ACTION_MEDICINE_CHANGE, "medicine.change", MQ_SAY("Change a medicine"), CLINICAL},
    {MQ_ACTION_MEDICINE_ERROR, "medicine.error", MQ_SAY("Mark a medicine as entered in error"),
     CLINICAL},
    {MQ_ACTION_PROBLEM_ADD, "problem.add", MQ_SAY("Record a problem"), CLINICAL},
    {MQ_ACTION_PROBLEM_CHANGE, "problem.change", MQ_SAY("Change a problem"), CLINICAL},
    {MQ_ACTION_PROBLEM_ERROR, "problem.error", MQ_SAY("Mark a problem as entered in error"),
     CLINICAL},
    {MQ_ACTION_USERS_LIST, "users.list", MQ_SAY("See the list of staff"), MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_VIEW, "user.view", MQ_SAY("See a person's account"), MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_INVITE, "user.invite", MQ_SAY("Invite a person"), MQ_ROLE_ADMIN},
    {MQ_ACTION_INVITATION_REVOKE, "invitation.revoke", MQ_SAY("Withdraw an invitation"),
     MQ_ROLE_ADMIN},
    {MQ_ACTION_INVITATION_ACCEPT, "invitation.accept", MQ_SAY("Accept an invitation"),
     MQ_ROLES_ALL},
    {MQ_ACTION_USER_DISABLE, "user.disable", MQ_SAY("Disable an account"), MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_ENABLE, "user.enable", MQ_SAY("Enable an account"), MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_ROLES, "user.roles", MQ_SAY("Change a person's roles"), MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_NAME, "user.name", MQ_SAY("Correct a person's name"), MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_RESET, "user.reset", MQ_SAY("Create a link to set a new password"),
     MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_TWO_FACTOR_OFF, "user.two-factor-off",
     MQ_SAY("Turn off a person's two-step verification"), MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_UNLOCK, "user.unlock", MQ_SAY("Unlock a person's account"), MQ_ROLE_ADMIN},
    {MQ_ACTION_USER_SESSIONS_END, "user.sessions-end", MQ_SAY("End a person's sessions"),
     MQ_ROLE_ADMIN},
    {MQ_ACTION_PASSWORD_RESET_ASK, "password-reset.ask",
     MQ_SAY("Ask for a link to set a new password"), MQ_ROLES_ALL},
    {MQ_ACTION_PASSWORD_RESET, "password.reset", MQ_SAY("Set a new password by a link"),
     MQ_ROLES_ALL},
    {MQ_ACTION_ACCOUNT_VIEW, "account.view", MQ_SAY("See one's own account"), MQ_ROLES_ALL},
    {MQ_ACTION_PASSWORD_CHANGE, "password.change", MQ_SAY("Change one's own password"),
     MQ_ROLES_ALL},
    {MQ_ACTION_LANGUAGE_CHOOSE, "language.choose", MQ_SAY("Choose one's own language"),
     MQ_ROLES_ALL},
    {MQ_ACTION_TWO_FACTOR_VIEW, "two-factor.view", MQ_SAY("See one's own two-step verification"),
     MQ_ROLES_ALL},
    {MQ_ACTION_TWO_FACTOR_ON, "two-factor.on", MQ_SAY("Turn on one's own two-step verification"),
     MQ_ROLES_ALL},
    {MQ_ACTION_TWO_FACTOR_OFF, "two-factor.off", MQ_SAY("Turn off one's own two-step verification"),
     MQ_ROLES_ALL},
    {MQ_ACTION_RECOVERY_CODE_USE, "recovery-code.use", MQ_SAY("Log in with a recovery code"),
     MQ_ROLES_ALL},
    {MQ_ACTION_RECOVERY_CODES_NEW, "recovery-codes.new", MQ_SAY("Create new recovery codes"),
     MQ_ROLES_ALL},
    {MQ_ACTION_ORGANISATION_VIEW, "organisation.view", MQ_SAY("See the organisation's settings"),
     MQ_ROLE_ADMIN},
    {MQ_ACTION_ORGANISATION_CHANGE, "organisation.change",
     MQ_SAY("Change the organisation's settings"), MQ_ROLE_ADMIN},
    {MQ_ACTION_LOGO_CHANGE, "organisation.logo.change", MQ_SAY("Change the organisation's logo"),
     MQ_ROLE_ADMIN},
    {MQ_ACTION_LOGO_VIEW, "organisation.logo.view", MQ_SAY("See the organisation's logo"),
     MQ_ROLES_ALL},
    {MQ_ACTION_SESSIONS_VIEW, "sessions.view", MQ_SAY("See one's own sessions"), MQ_ROLES_ALL},
    {MQ_ACTION_SESSION_END, "session.end", MQ_SAY("End one's own sessions"), MQ_ROLES_ALL},
    {MQ_ACTION_ORGANISATION_SWITCH, "organisation.switch",
     MQ_SAY("Go on in another organisation of one's own"), MQ_ROLES_ALL},
    {MQ_ACTION_FORM_PARK, "form.park", MQ_SAY("Keep a form that came too late"), MQ_ROLES_ALL},
    {MQ_ACTION_FORM_UNPARK, "form.unpark", MQ_SAY("Use or discard a kept form"), MQ_ROLES_ALL},
    {MQ_ACTION_FORMS_PARKED, "forms.parked", MQ_SAY("See one's own kept forms"), MQ_ROLES_ALL},
    {MQ_ACTION_AUDIT_VIEW, "audit.view", MQ_SAY("Read the audit trail"),
     MQ_ROLE_ADMIN | MQ_ROLE_AUDITOR},
    {MQ_ACTION_AUDIT_EXPORT, "audit.export", MQ_SAY("Export the audit trail"),
     MQ_ROLE_ADMIN | MQ_ROLE_AUDITOR},
    {MQ_ACTION_PATIENT_ACCESSES, "patient.accesses", MQ_SAY("See who has viewed a record"),
     MQ_ROLE_CLINICIAN | MQ_ROLE_AUDITOR},
    {MQ_ACTION_ORGANISATION_SUSPEND, "organisation.suspend", MQ_SAY("Suspend the organisation"),
     MQ_ROLE_OPERATOR},
    {MQ_ACTION_ORGANISATION_RESUME, "organisation.resume", MQ_SAY("Let the organisation in again"),
     MQ_ROLE_OPERATOR},
    {MQ_ACTION_ORGANISATION_EXPORT, "organisation.export", MQ_SAY("Export the whole organisation"),
     MQ_ROLE_OPERATOR},
    {MQ_ACTION_ORGANISATION_RENAME, "organisation.rename", MQ_SAY("Rename the organisation"),
     MQ_ROLE_OPERATOR},
    {MQ_ACTION_ORGANISATION_CLOSE, "organisation.close", MQ_SAY("Close the organisation"),
     MQ_ROLE_OPERATOR},
    {MQ_ACTION_ORGANISATION_ERASE, "organisation.erase", MQ_SAY("Erase an organisation"),
     MQ_ROLE_OPERATOR},
    {MQ_ACTION_PARTNERS_VIEW, "partners.view", MQ_SAY("See linked organisations"), MQ_ROLE_ADMIN},
    {MQ_ACTION_CONNECTION_CODE_NEW, "connection-code.new", MQ_SAY("Renew the connection code"),
     MQ_ROLE_ADMIN},
    {MQ_ACTION_PARTNER_PROPOSE, "partner.propose", MQ_SAY("Propose a link to an organisation"),
     MQ_ROLE_ADMIN},
    {MQ_ACTION_PARTNER_ACCEPT, "partner.accept", MQ_SAY("Accept a link"), MQ_ROLE_ADMIN},
    {MQ_ACTION_PARTNER_DECLINE, "partner.decline", MQ_SAY("Decline a link"), MQ_ROLE_ADMIN},
    {MQ_ACTION_PARTNER_SUSPEND, "partner.suspend", MQ_SAY("Suspend a link"), MQ_ROLE_ADMIN},
    {MQ_ACTION_PARTNER_RESUME, "partner.resume", MQ_SAY("Resume a suspended link"), MQ_ROLE_ADMIN},
    {MQ_ACTION_PARTNER_END, "partner.end", MQ_SAY("End a link"), MQ_ROLE_ADMIN},
    {MQ_ACTION_CONSENTS_VIEW, "consents.view", MQ_SAY("See with whom a record is shared"), READERS},
    {MQ_ACTION_CONSENT_RECORD, "consent.record", MQ_SAY("Record a consent to share a record"),
     CLINICAL},
    {MQ_ACTION_CONSENT_WITHDRAW, "consent.withdraw", MQ_SAY("Withdraw a consent"), CLINICAL},
    {MQ_ACTION_SHARED_LIST, "shared.list", MQ_SAY("See which patients others share"), CLINICAL},
    {MQ_ACTION_SHARED_OPEN, "shared.open", MQ_SAY("Open a patient whom others share"), CLINICAL},
    {MQ_ACTION_SHARED_LET_GO, "shared.let-go", MQ_SAY("Let go of a patient whom others share"),
     CLINICAL},
    {MQ_ACTION_SHARE_LISTED, "share.listed", MQ_SAY("Another organisation lists shared patients"),
     0},
    {MQ_ACTION_SHARE_VIEWED, "share.viewed", MQ_SAY("Another organisation opens a shared record"),
     0},
    {MQ_ACTION_SHARE_EXPIRE, "share.expire", MQ_SAY("A share is over"), 0},
    {MQ_ACTION_REFERRALS_LIST, "referrals.list", MQ_SAY("See the list of referrals"), CLINICAL},
    {MQ_ACTION_REFERRAL_VIEW, "referral.view", MQ_SAY("Open a referral"), CLINICAL},
    {MQ_ACTION_REFERRAL_SEND, "referral.send", MQ_SAY("Refer a patient to a linked organisation"),
     CLINICAL},
    {MQ_ACTION_REFERRAL_ACCEPT, "referral.accept", MQ_SAY("Accept a referral"), CLINICAL},
    {MQ_ACTION_REFERRAL_DECLINE, "referral.decline", MQ_SAY("Decline a referral"), CLINICAL},
    {MQ_ACTION_REFERRAL_CANCEL, "referral.cancel", MQ_SAY("Cancel a referral"), CLINICAL},
    {MQ_ACTION_REFERRAL_START, "referral.start", MQ_SAY("Begin with a referral"), CLINICAL},
    {MQ_ACTION_REFERRAL_COMPLETE, "referral.complete", MQ_SAY("Complete a referral with a reply"),
     CLINICAL},
    {MQ_ACTION_REFERRAL_LINK, "referral.link", MQ_SAY("Link a referral with an own record"),
     CLINICAL},
    {MQ_ACTION_REFERRAL_UNLINK, "referral.unlink",
     MQ_SAY("Undo the link of a referral with an own record"), CLINICAL},
    {MQ_ACTION_REFERRAL_REGISTER, "referral.register", MQ_SAY("Register the patient of a referral"),
     CLINICAL},
    {MQ_ACTION_REFERRAL_VIEWED, "referral.viewed", MQ_SAY("Another organisation opens a referral"),
     0},
    {MQ_ACTION_PARTNER_EMERGENCY, "partner.emergency",
     MQ_SAY("Allow emergency access between linked organisations, or end it"), MQ_ROLE_ADMIN},
    {MQ_ACTION_EMERGENCY_OPEN, "emergency.open",
     MQ_SAY("Open a record of a linked organisation in an emergency"), CLINICAL},
    {MQ_ACTION_EMERGENCY_OPENED, "emergency.opened",
     MQ_SAY("Another organisation opens a record in an emergency"), 0},
    {MQ_ACTION_EMERGENCY_END, "emergency.end", MQ_SAY("An emergency access ends before its time"),
     0},
    {MQ_ACTION_EMERGENCIES_LIST, "emergencies.list", MQ_SAY("See the list of emergency accesses"),
     MQ_ROLE_ADMIN},
    {MQ_ACTION_EMERGENCY_VIEW, "emergency.view", MQ_SAY("Look at an emergency access"),
     MQ_ROLE_ADMIN},
    {MQ_ACTION_EMERGENCY_REVIEW, "emergency.review", MQ_SAY("Review an emergency access"),
     MQ_ROLE_ADMIN},
    {MQ_ACTION_SERVER_START, "server.start", MQ_SAY("Start the server"), 0},
    {MQ_ACTION_AUDIT_ARCHIVE, "audit.archive", MQ_SAY("Move old events to an archive"), 0},
    {MQ_ACTION_SCHEMA_MIGRATE, "schema.migrate", MQ_SAY("Migrate the database"), 0},
    {MQ_ACTION_COMMAND, "command", MQ_SAY("Run medsynqctl"), 0},
    {MQ_ACTION_REFUSED, "refused", MQ_SAY("Request refused"), MQ_ROLES_ALL},
    {MQ_ACTION_NONE, NULL, NULL, 0}};

const mq_policy_t *mq_policies(void)
{
    return policies;
}

enum { ACTIONS_MOST = 256, ROWS = sizeof policies / sizeof *policies };

_Static_assert(ROWS <= ACTIONS_MOST, "a place is one byte");

/* Where each action's row stands: a page asks for some thirty, and the table is in an order for
 * people. Written when the program or the module is loaded, before there are threads. */
static unsigned char places[ACTIONS_MOST];

__attribute__((constructor)) static void places_fill(void)
{
    for (int i = 0; i < ACTIONS_MOST; i++) {
        places[i] = ROWS - 1; /* the end, which has no name */
    }
    for (int i = 0; i < ROWS - 1; i++) {
        places[policies[i].action] = (unsigned char)i;
    }
}

const mq_policy_t *mq_policy(mq_action_t action)
{
    return &policies[(unsigned)action < ACTIONS_MOST ? places[action] : ROWS - 1];
}

int mq_policy_allows(mq_action_t action, int roles)
{
    return action == MQ_ACTION_NONE || (mq_policy(action)->roles & roles) != 0;
}
