/* event_words.c -- the words of each action once it was done, by what it is about. */
#include "domain/trail/event_words.h"

#include <stddef.h>

#include "base/catalogue.h"

static const mq_event_words_t patients[] = {
    {MQ_ACTION_DASHBOARD_VIEW, MQ_SAY("Opened the dashboard")},
    {MQ_ACTION_PATIENTS_LIST, MQ_SAY("Opened the list of patients")},
    {MQ_ACTION_PATIENTS_SEARCH, MQ_SAY("Searched for patients")},
    {MQ_ACTION_PATIENT_VIEW, MQ_SAY("Opened the record")},
    {MQ_ACTION_PATIENT_ADD, MQ_SAY("Added the patient")},
    {MQ_ACTION_PATIENT_EDIT, MQ_SAY("Changed the record")},
    {MQ_ACTION_PATIENT_HISTORY, MQ_SAY("Looked at earlier versions of the record")},
    {MQ_ACTION_PATIENT_VERSION_RESTORE, MQ_SAY("Restored an earlier version of the record")},
    {MQ_ACTION_PATIENT_DUPLICATES, MQ_SAY("Looked at likely duplicates")},
    {MQ_ACTION_PATIENTS_COMPARE, MQ_SAY("Compared the record with another one")},
    {MQ_ACTION_PATIENT_MERGE, MQ_SAY("Merged two records of one person")},
    {MQ_ACTION_PATIENT_UNMERGE, MQ_SAY("Separated two merged records")},
    {MQ_ACTION_PATIENTS_PART, MQ_SAY("Said that two records are of different people")},
    {MQ_ACTION_PATIENTS_PART_UNDO, MQ_SAY("Took back that two records are of different people")},
    {MQ_ACTION_PATIENT_ARCHIVE, MQ_SAY("Archived the patient")},
    {MQ_ACTION_PATIENT_RESTORE, MQ_SAY("Restored the archived patient")},
    {MQ_ACTION_PATIENTS_ARCHIVED, MQ_SAY("Opened the list of archived patients")},
    {MQ_ACTION_PATIENT_PRINT, MQ_SAY("Printed the record")},
    {MQ_ACTION_PATIENT_EXPORT, MQ_SAY("Took a copy of the whole record")},
    {MQ_ACTION_PATIENTS_EXPORT, MQ_SAY("Exported patients")},
    {MQ_ACTION_PATIENT_ACCESSES, MQ_SAY("Looked at who has viewed the record")}};

static const mq_event_words_t imports[] = {
    {MQ_ACTION_PATIENTS_IMPORT, MQ_SAY("Imported patients")},
    {MQ_ACTION_IMPORT_DOUBLES, MQ_SAY("Compared rows of a file with patients")},
    {MQ_ACTION_IMPORT_CHOOSE, MQ_SAY("Chose which likely duplicates are imported")},
    {MQ_ACTION_PATIENTS_IMPORT_UNDO, MQ_SAY("Undid an import")}};

static const mq_event_words_t notes[] = {
    {MQ_ACTION_PATIENT_NOTE_ADD, MQ_SAY("Wrote a note")},
    {MQ_ACTION_PATIENT_NOTE_CHANGE, MQ_SAY("Changed a draft")},
    {MQ_ACTION_PATIENT_NOTE_SIGN, MQ_SAY("Signed a note")},
    {MQ_ACTION_PATIENT_NOTE_ADDENDUM, MQ_SAY("Added to a signed note")},
    {MQ_ACTION_PATIENT_NOTE_ERROR, MQ_SAY("Marked a note as entered in error")},
    {MQ_ACTION_PATIENT_NOTES_READ, MQ_SAY("Read the notes")}};

static const mq_event_words_t chart[] = {
    {MQ_ACTION_CHART_READ, MQ_SAY("Read the medicines and problems")},
    {MQ_ACTION_ALLERGY_ADD, MQ_SAY("Recorded an allergy, or that there is none")},
    {MQ_ACTION_ALLERGY_CHANGE, MQ_SAY("Changed an allergy")},
    {MQ_ACTION_ALLERGY_ERROR, MQ_SAY("Marked an allergy as entered in error")},
    {MQ_ACTION_MEDICINE_ADD, MQ_SAY("Recorded a medicine, or that there is none")},
    {MQ_ACTION_MEDICINE_CHANGE, MQ_SAY("Changed a medicine")},
    {MQ_ACTION_MEDICINE_ERROR, MQ_SAY("Marked a medicine as entered in error")},
    {MQ_ACTION_PROBLEM_ADD, MQ_SAY("Recorded a problem")},
    {MQ_ACTION_PROBLEM_CHANGE, MQ_SAY("Changed a problem")},
    {MQ_ACTION_PROBLEM_ERROR, MQ_SAY("Marked a problem as entered in error")}};

static const mq_event_words_t sharing[] = {
    {MQ_ACTION_PARTNERS_VIEW, MQ_SAY("Opened the list of linked organisations")},
    {MQ_ACTION_CONNECTION_CODE_NEW, MQ_SAY("Created a new connection code")},
    {MQ_ACTION_PARTNER_PROPOSE, MQ_SAY("Proposed a link to an organisation")},
    {MQ_ACTION_PARTNER_ACCEPT, MQ_SAY("Accepted a link")},
    {MQ_ACTION_PARTNER_DECLINE, MQ_SAY("Declined a link")},
    {MQ_ACTION_PARTNER_SUSPEND, MQ_SAY("Suspended a link")},
    {MQ_ACTION_PARTNER_RESUME, MQ_SAY("Resumed a suspended link")},
    {MQ_ACTION_PARTNER_END, MQ_SAY("Ended a link")},
    {MQ_ACTION_CONSENTS_VIEW, MQ_SAY("Looked at with whom the record is shared")},
    {MQ_ACTION_CONSENT_RECORD, MQ_SAY("Recorded a consent to share")},
    {MQ_ACTION_CONSENT_WITHDRAW, MQ_SAY("Withdrew a consent to share")},
    {MQ_ACTION_SHARED_LIST, MQ_SAY("Opened the list of what others share")},
    {MQ_ACTION_SHARED_OPEN, MQ_SAY("Opened a patient whom another organisation shares")},
    {MQ_ACTION_SHARED_LET_GO, MQ_SAY("Let go of what was shared")},
    {MQ_ACTION_SHARE_LISTED, MQ_SAY("Saw shared patients in a list")},
    {MQ_ACTION_SHARE_VIEWED, MQ_SAY("Opened the shared record")},
    {MQ_ACTION_SHARE_EXPIRE, MQ_SAY("Came across a share that was over")}};

static const mq_event_words_t referrals[] = {
    {MQ_ACTION_REFERRALS_LIST, MQ_SAY("Opened the list of referrals")},
    {MQ_ACTION_REFERRAL_VIEW, MQ_SAY("Opened a referral")},
    {MQ_ACTION_REFERRAL_SEND, MQ_SAY("Referred a patient")},
    {MQ_ACTION_REFERRAL_ACCEPT, MQ_SAY("Accepted a referral")},
    {MQ_ACTION_REFERRAL_DECLINE, MQ_SAY("Declined a referral")},
    {MQ_ACTION_REFERRAL_CANCEL, MQ_SAY("Cancelled a referral, or asked for it")},
    {MQ_ACTION_REFERRAL_START, MQ_SAY("Began with a referral")},
    {MQ_ACTION_REFERRAL_COMPLETE, MQ_SAY("Completed a referral")},
    {MQ_ACTION_REFERRAL_MESSAGE, MQ_SAY("Wrote a message on a referral")},
    {MQ_ACTION_REFERRAL_MESSAGES_READ, MQ_SAY("Saw the messages of a referral for the first time")},
    {MQ_ACTION_REFERRAL_LINK, MQ_SAY("Linked a referral with the record")},
    {MQ_ACTION_REFERRAL_UNLINK, MQ_SAY("Undid the link of a referral with the record")},
    {MQ_ACTION_REFERRAL_REGISTER, MQ_SAY("Registered the patient of a referral")},
    {MQ_ACTION_REFERRAL_VIEWED, MQ_SAY("Opened the referral of a patient")}};

static const mq_event_words_t emergencies[] = {
    {MQ_ACTION_PARTNER_EMERGENCY, MQ_SAY("Allowed emergency access for a link, or ended it")},
    {MQ_ACTION_EMERGENCY_OPEN, MQ_SAY("Opened a record of another organisation in an emergency")},
    {MQ_ACTION_EMERGENCY_OPENED, MQ_SAY("Got access to the record in an emergency")},
    {MQ_ACTION_EMERGENCY_END, MQ_SAY("Ended an emergency access before its time")},
    {MQ_ACTION_EMERGENCIES_LIST, MQ_SAY("Opened the list of emergency accesses")},
    {MQ_ACTION_EMERGENCY_VIEW, MQ_SAY("Looked at an emergency access to the record")},
    {MQ_ACTION_EMERGENCY_REVIEW, MQ_SAY("Reviewed an emergency access to the record")}};

static const mq_event_words_t staff[] = {
    {MQ_ACTION_USERS_LIST, MQ_SAY("Opened the list of staff")},
    {MQ_ACTION_USER_VIEW, MQ_SAY("Opened a person's account")},
    {MQ_ACTION_USER_INVITE, MQ_SAY("Invited a person")},
    {MQ_ACTION_INVITATION_REVOKE, MQ_SAY("Withdrew an invitation")},
    {MQ_ACTION_INVITATION_ACCEPT, MQ_SAY("Accepted an invitation")},
    {MQ_ACTION_USER_DISABLE, MQ_SAY("Disabled an account")},
    {MQ_ACTION_USER_ENABLE, MQ_SAY("Enabled an account")},
    {MQ_ACTION_USER_ROLES, MQ_SAY("Changed a person's roles")},
    {MQ_ACTION_USER_NAME, MQ_SAY("Corrected a person's name")},
    {MQ_ACTION_USER_RESET, MQ_SAY("Created a link to set a new password")},
    {MQ_ACTION_USER_TWO_FACTOR_OFF, MQ_SAY("Turned off a person's two-step verification")},
    {MQ_ACTION_USER_UNLOCK, MQ_SAY("Unlocked a person's account")},
    {MQ_ACTION_USER_SESSIONS_END, MQ_SAY("Ended a person's sessions")}};

static const mq_event_words_t own[] = {
    {MQ_ACTION_SIGN_IN, MQ_SAY("Logged in")},
    {MQ_ACTION_SIGN_OUT, MQ_SAY("Logged out")},
    {MQ_ACTION_RECOVERY_CODE_USE, MQ_SAY("Logged in with a recovery code")},
    {MQ_ACTION_PASSWORD_RESET_ASK, MQ_SAY("Asked for a link to set a new password")},
    {MQ_ACTION_PASSWORD_RESET, MQ_SAY("Used a link to set a new password")},
    {MQ_ACTION_ACCOUNT_VIEW, MQ_SAY("Opened their own account")},
    {MQ_ACTION_PASSWORD_CHANGE, MQ_SAY("Changed their own password")},
    {MQ_ACTION_LANGUAGE_CHOOSE, MQ_SAY("Chose their own language")},
    {MQ_ACTION_TWO_FACTOR_VIEW, MQ_SAY("Opened their own two-step verification")},
    {MQ_ACTION_TWO_FACTOR_ON, MQ_SAY("Turned on two-step verification")},
    {MQ_ACTION_TWO_FACTOR_OFF, MQ_SAY("Turned off two-step verification")},
    {MQ_ACTION_RECOVERY_CODES_NEW, MQ_SAY("Created new recovery codes")},
    {MQ_ACTION_SESSIONS_VIEW, MQ_SAY("Opened the list of their own sessions")},
    {MQ_ACTION_SESSION_END, MQ_SAY("Ended their own sessions")},
    {MQ_ACTION_ORGANISATION_SWITCH, MQ_SAY("Went on in another organisation of theirs")},
    {MQ_ACTION_FORM_PARK, MQ_SAY("Sent a form too late; it was kept")},
    {MQ_ACTION_FORM_UNPARK, MQ_SAY("Used or discarded a kept form")},
    {MQ_ACTION_FORMS_PARKED, MQ_SAY("Opened the list of their own kept forms")}};

static const mq_event_words_t organisation[] = {
    {MQ_ACTION_TENANT_CREATE, MQ_SAY("Created the organisation")},
    {MQ_ACTION_ORGANISATION_VIEW, MQ_SAY("Opened the organisation's settings")},
    {MQ_ACTION_ORGANISATION_CHANGE, MQ_SAY("Changed the organisation's settings")},
    {MQ_ACTION_LOGO_CHANGE, MQ_SAY("Changed the organisation's logo")},
    {MQ_ACTION_LOGO_VIEW, MQ_SAY("Looked at the organisation's logo")},
    {MQ_ACTION_ORGANISATION_SUSPEND, MQ_SAY("Suspended the organisation")},
    {MQ_ACTION_ORGANISATION_RESUME, MQ_SAY("Ended the suspension of the organisation")},
    {MQ_ACTION_ORGANISATION_EXPORT, MQ_SAY("Exported the whole organisation")},
    {MQ_ACTION_ORGANISATION_RENAME, MQ_SAY("Renamed the organisation")},
    {MQ_ACTION_ORGANISATION_CLOSE, MQ_SAY("Closed the organisation")},
    {MQ_ACTION_ORGANISATION_ERASE, MQ_SAY("Erased an organisation")}};

static const mq_event_words_t trail[] = {
    {MQ_ACTION_AUDIT_VIEW, MQ_SAY("Looked at the audit trail")},
    {MQ_ACTION_AUDIT_EXPORT, MQ_SAY("Exported the audit trail")},
    {MQ_ACTION_AUDIT_ARCHIVE, MQ_SAY("Moved old events to an archive")},
    {MQ_ACTION_REFUSED, MQ_SAY("Asked for something that was refused")}};

static const mq_event_words_t server[] = {
    {MQ_ACTION_SERVER_START, MQ_SAY("Started the server")},
    {MQ_ACTION_SCHEMA_MIGRATE, MQ_SAY("Migrated the database")},
    {MQ_ACTION_COMMAND, MQ_SAY("Ran medsynqctl")}};

#define GROUP(title, events)                                                                       \
    {                                                                                              \
        title, events, sizeof(events) / sizeof *(events)                                           \
    }

static const mq_event_group_t groups[] = {
    GROUP(MQ_SAY("Patients"), patients),
    GROUP(MQ_SAY("Imports"), imports),
    GROUP(MQ_SAY("Notes"), notes),
    GROUP(MQ_SAY("Allergies, medicines and problems"), chart),
    GROUP(MQ_SAY("Linked organisations and sharing"), sharing),
    GROUP(MQ_SAY("Referrals"), referrals),
    GROUP(MQ_SAY("Emergency access"), emergencies),
    GROUP(MQ_SAY("Staff"), staff),
    GROUP(MQ_SAY("Logging in and one's own account"), own),
    GROUP(MQ_SAY("Organisation"), organisation),
    GROUP(MQ_SAY("Audit trail"), trail),
    GROUP(MQ_SAY("Server"), server),
    {NULL, NULL, 0}};

const mq_event_group_t *mq_event_groups(void)
{
    return groups;
}

const char *mq_event_words(mq_action_t action)
{
    for (const mq_event_group_t *group = groups; group->title; group++) {
        for (int i = 0; i < group->count; i++) {
            if (group->events[i].action == action) {
                return group->events[i].words;
            }
        }
    }
    return MQ_SAY("Unknown action");
}
