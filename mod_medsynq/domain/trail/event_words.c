/* event_words.c -- the words of each action once it was done. */
#include "domain/trail/event_words.h"

#include <stddef.h>

#include "base/catalogue.h"

static const struct {
    mq_action_t action;
    const char *words;
} events[] = {
    {MQ_ACTION_TENANT_CREATE, MQ_SAY("Created the organisation")},
    {MQ_ACTION_SIGN_IN, MQ_SAY("Logged in")},
    {MQ_ACTION_SIGN_OUT, MQ_SAY("Logged out")},
    {MQ_ACTION_DASHBOARD_VIEW, MQ_SAY("Opened the dashboard")},
    {MQ_ACTION_PATIENTS_LIST, MQ_SAY("Opened the list of patients")},
    {MQ_ACTION_PATIENTS_SEARCH, MQ_SAY("Searched for patients")},
    {MQ_ACTION_PATIENTS_EXPORT, MQ_SAY("Exported patients")},
    {MQ_ACTION_PATIENT_EXPORT, MQ_SAY("Took a copy of the whole record")},
    {MQ_ACTION_PATIENTS_IMPORT, MQ_SAY("Imported patients")},
    {MQ_ACTION_PATIENTS_IMPORT_UNDO, MQ_SAY("Undid an import")},
    {MQ_ACTION_PATIENT_VIEW, MQ_SAY("Opened the record")},
    {MQ_ACTION_PATIENT_ADD, MQ_SAY("Added the patient")},
    {MQ_ACTION_PATIENT_EDIT, MQ_SAY("Changed the record")},
    {MQ_ACTION_PATIENT_HISTORY, MQ_SAY("Looked at earlier versions of the record")},
    {MQ_ACTION_PATIENT_DUPLICATES, MQ_SAY("Looked at likely duplicates")},
    {MQ_ACTION_PATIENT_VERSION_RESTORE, MQ_SAY("Restored an earlier version of the record")},
    {MQ_ACTION_PATIENT_ARCHIVE, MQ_SAY("Archived the patient")},
    {MQ_ACTION_PATIENT_RESTORE, MQ_SAY("Restored the archived patient")},
    {MQ_ACTION_PATIENT_MERGE, MQ_SAY("Merged two records of one person")},
    {MQ_ACTION_PATIENT_UNMERGE, MQ_SAY("Separated two merged records")},
    {MQ_ACTION_PATIENT_PRINT, MQ_SAY("Printed the record")},
    {MQ_ACTION_PATIENT_NOTE_ADD, MQ_SAY("Wrote a note")},
    {MQ_ACTION_PATIENT_NOTE_CHANGE, MQ_SAY("Changed a draft")},
    {MQ_ACTION_PATIENT_NOTE_SIGN, MQ_SAY("Signed a note")},
    {MQ_ACTION_PATIENT_NOTE_ADDENDUM, MQ_SAY("Added to a signed note")},
    {MQ_ACTION_PATIENT_NOTE_ERROR, MQ_SAY("Marked a note as entered in error")},
    {MQ_ACTION_PATIENT_NOTES_READ, MQ_SAY("Read the notes")},
    {MQ_ACTION_CHART_READ, MQ_SAY("Read the medicines and problems")},
    {MQ_ACTION_ALLERGY_ADD, MQ_SAY("Recorded an allergy, or that there is none")},
    {MQ_ACTION_ALLERGY_CHANGE, MQ_SAY("Changed an allergy")},
    {MQ_ACTION_ALLERGY_ERROR, MQ_SAY("Marked an allergy as entered in error")},
    {MQ_ACTION_MEDICINE_ADD, MQ_SAY("Recorded a medicine, or that there is none")},
    {MQ_ACTION_MEDICINE_CHANGE, MQ_SAY("Changed a medicine")},
    {MQ_ACTION_MEDICINE_ERROR, MQ_SAY("Marked a medicine as entered in error")},
    {MQ_ACTION_PROBLEM_ADD, MQ_SAY("Recorded a problem")},
    {MQ_ACTION_PROBLEM_CHANGE, MQ_SAY("Changed a problem")},
    {MQ_ACTION_PROBLEM_ERROR, MQ_SAY("Marked a problem as entered in error")},
    {MQ_ACTION_USERS_LIST, MQ_SAY("Opened the list of staff")},
    {MQ_ACTION_USER_VIEW, MQ_SAY("Opened a person's account")},
    {MQ_ACTION_USER_INVITE, MQ_SAY("Invited a person")},
    {MQ_ACTION_INVITATION_REVOKE, MQ_SAY("Withdrew an invitation")},
    {MQ_ACTION_INVITATION_ACCEPT, MQ_SAY("Accepted an invitation")},
    {MQ_ACTION_USER_DISABLE, MQ_SAY("Disabled an account")},
    {MQ_ACTION_USER_ENABLE, MQ_SAY("Enabled an account")},
    {MQ_ACTION_USER_ROLES, MQ_SAY("Changed a person's roles")},
    {MQ_ACTION_USER_RESET, MQ_SAY("Created a link to set a new password")},
    {MQ_ACTION_USER_TWO_FACTOR_OFF, MQ_SAY("Turned off a person's two-step verification")},
    {MQ_ACTION_USER_UNLOCK, MQ_SAY("Unlocked a person's account")},
    {MQ_ACTION_USER_SESSIONS_END, MQ_SAY("Ended a person's sessions")},
    {MQ_ACTION_PASSWORD_RESET_ASK, MQ_SAY("Asked for a link to set a new password")},
    {MQ_ACTION_PASSWORD_RESET, MQ_SAY("Used a link to set a new password")},
    {MQ_ACTION_ACCOUNT_VIEW, MQ_SAY("Opened their own account")},
    {MQ_ACTION_PASSWORD_CHANGE, MQ_SAY("Changed their own password")},
    {MQ_ACTION_LANGUAGE_CHOOSE, MQ_SAY("Chose their own language")},
    {MQ_ACTION_TWO_FACTOR_VIEW, MQ_SAY("Opened their own two-step verification")},
    {MQ_ACTION_TWO_FACTOR_ON, MQ_SAY("Turned on two-step verification")},
    {MQ_ACTION_TWO_FACTOR_OFF, MQ_SAY("Turned off two-step verification")},
    {MQ_ACTION_RECOVERY_CODE_USE, MQ_SAY("Logged in with a recovery code")},
    {MQ_ACTION_RECOVERY_CODES_NEW, MQ_SAY("Created new recovery codes")},
    {MQ_ACTION_ORGANISATION_VIEW, MQ_SAY("Opened the organisation's settings")},
    {MQ_ACTION_ORGANISATION_CHANGE, MQ_SAY("Changed the organisation's settings")},
    {MQ_ACTION_SESSIONS_VIEW, MQ_SAY("Opened the list of their own sessions")},
    {MQ_ACTION_SESSION_END, MQ_SAY("Ended their own sessions")},
    {MQ_ACTION_FORM_PARK, MQ_SAY("Sent a form too late; it was kept")},
    {MQ_ACTION_FORM_UNPARK, MQ_SAY("Used or discarded a kept form")},
    {MQ_ACTION_FORMS_PARKED, MQ_SAY("Opened the list of their own kept forms")},
    {MQ_ACTION_AUDIT_VIEW, MQ_SAY("Looked at the audit trail")},
    {MQ_ACTION_AUDIT_EXPORT, MQ_SAY("Exported the audit trail")},
    {MQ_ACTION_PATIENT_ACCESSES, MQ_SAY("Looked at who has viewed the record")},
    {MQ_ACTION_PARTNERS_VIEW, MQ_SAY("Opened the list of linked organisations")},
    {MQ_ACTION_CONNECTION_CODE_NEW, MQ_SAY("Created a new connection code")},
    {MQ_ACTION_PARTNER_PROPOSE, MQ_SAY("Proposed a link to an organisation")},
    {MQ_ACTION_PARTNER_ACCEPT, MQ_SAY("Accepted a link")},
    {MQ_ACTION_PARTNER_DECLINE, MQ_SAY("Declined a link")},
    {MQ_ACTION_PARTNER_SUSPEND, MQ_SAY("Suspended a link")},
    {MQ_ACTION_PARTNER_RESUME, MQ_SAY("Resumed a suspended link")},
    {MQ_ACTION_PARTNER_END, MQ_SAY("Ended a link")},
    {MQ_ACTION_ORGANISATION_SUSPEND, MQ_SAY("Suspended the organisation")},
    {MQ_ACTION_ORGANISATION_RESUME, MQ_SAY("Ended the suspension of the organisation")},
    {MQ_ACTION_ORGANISATION_EXPORT, MQ_SAY("Exported the whole organisation")},
    {MQ_ACTION_ORGANISATION_RENAME, MQ_SAY("Renamed the organisation")},
    {MQ_ACTION_ORGANISATION_CLOSE, MQ_SAY("Closed the organisation")},
    {MQ_ACTION_ORGANISATION_ERASE, MQ_SAY("Erased an organisation")},
    {MQ_ACTION_SERVER_START, MQ_SAY("Started the server")},
    {MQ_ACTION_AUDIT_ARCHIVE, MQ_SAY("Moved old events to an archive")},
    {MQ_ACTION_SCHEMA_MIGRATE, MQ_SAY("Migrated the database")},
    {MQ_ACTION_COMMAND, MQ_SAY("Ran medsynqctl")},
    {MQ_ACTION_REFUSED, MQ_SAY("Asked for something that was refused")},
    {MQ_ACTION_NONE, MQ_SAY("Unknown action")}};

const char *mq_event_words(mq_action_t action)
{
    size_t i = 0;
    while (events[i].action != MQ_ACTION_NONE && events[i].action != action) {
        i++;
    }
    return events[i].words;
}
