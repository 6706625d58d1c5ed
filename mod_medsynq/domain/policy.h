/* policy.h -- the one table of who may do what: action -> roles, its number in the audit trail, its
 * words for people. Routes name an action; audit events carry its number. */
#ifndef MQ_DOMAIN_POLICY_H
#define MQ_DOMAIN_POLICY_H

/** What people and programs do. The numbers are stored in the audit trail: never change one. */
typedef enum {
    MQ_ACTION_NONE = 0, /* open to all, not recorded */
    MQ_ACTION_TENANT_CREATE = 1,
    MQ_ACTION_SIGN_IN = 2,
    MQ_ACTION_SIGN_OUT = 3,
    MQ_ACTION_DASHBOARD_VIEW = 4,
    MQ_ACTION_PATIENTS_LIST = 5,
    MQ_ACTION_PATIENT_VIEW = 6,
    MQ_ACTION_PATIENT_ADD = 7,
    MQ_ACTION_PATIENT_NOTE_ADD = 8,
    MQ_ACTION_REFUSED = 9, /* a request that the person's roles or a missing token stopped */
    MQ_ACTION_PATIENT_NOTES_READ = 10,
    MQ_ACTION_USERS_LIST = 20,
    MQ_ACTION_USER_VIEW = 21,
    MQ_ACTION_USER_INVITE = 22,
    MQ_ACTION_INVITATION_REVOKE = 23,
    MQ_ACTION_INVITATION_ACCEPT = 24,
    MQ_ACTION_USER_DISABLE = 25,
    MQ_ACTION_USER_ENABLE = 26,
    MQ_ACTION_USER_ROLES = 27,
    MQ_ACTION_USER_RESET = 28,
    MQ_ACTION_USER_TWO_FACTOR_OFF = 29,
    MQ_ACTION_USER_SESSIONS_END = 30,
    MQ_ACTION_PASSWORD_RESET_ASK = 31,
    MQ_ACTION_PASSWORD_RESET = 32,
    MQ_ACTION_ACCOUNT_VIEW = 33,
    MQ_ACTION_PASSWORD_CHANGE = 34,
    MQ_ACTION_TWO_FACTOR_VIEW = 35,
    MQ_ACTION_TWO_FACTOR_ON = 36,
    MQ_ACTION_TWO_FACTOR_OFF = 37,
    MQ_ACTION_RECOVERY_CODE_USE = 38,
    MQ_ACTION_RECOVERY_CODES_NEW = 39,
    MQ_ACTION_ORGANISATION_VIEW = 40,
    MQ_ACTION_ORGANISATION_CHANGE = 41,
    MQ_ACTION_SESSIONS_VIEW = 50,
    MQ_ACTION_SESSION_END = 51,
    MQ_ACTION_FORM_PARK = 52,
    MQ_ACTION_FORM_UNPARK = 53,
    MQ_ACTION_FORMS_PARKED = 54,
    MQ_ACTION_PATIENT_EDIT = 70,
    MQ_ACTION_PATIENT_HISTORY = 71,
    MQ_ACTION_PATIENT_DUPLICATES = 72,
    MQ_ACTION_PATIENT_VERSION_RESTORE = 73,
    MQ_ACTION_PATIENT_ARCHIVE = 74,
    MQ_ACTION_PATIENT_RESTORE = 75,
    MQ_ACTION_PATIENT_PRINT = 76,
    MQ_ACTION_PATIENT_NOTE_CHANGE = 77,
    MQ_ACTION_PATIENT_NOTE_SIGN = 78,
    MQ_ACTION_PATIENT_NOTE_ADDENDUM = 79,
    MQ_ACTION_PATIENT_NOTE_ERROR = 80,
    MQ_ACTION_PATIENTS_SEARCH = 90,
    MQ_ACTION_PATIENTS_EXPORT = 91,
    MQ_ACTION_PATIENTS_IMPORT = 92,
    MQ_ACTION_PATIENTS_IMPORT_UNDO = 93,
    MQ_ACTION_LANGUAGE_CHOOSE = 94,
    MQ_ACTION_PATIENT_MERGE = 95,
    MQ_ACTION_PATIENT_UNMERGE = 96,
    MQ_ACTION_PATIENT_EXPORT = 97,
    MQ_ACTION_PATIENTS_PART = 98, /* two records are of different people */
    MQ_ACTION_PATIENTS_PART_UNDO = 99,
    MQ_ACTION_PATIENTS_ARCHIVED = 175, /* the list of those who are archived */
    MQ_ACTION_AUDIT_VIEW = 110,
    MQ_ACTION_AUDIT_EXPORT = 111,
    MQ_ACTION_PATIENT_ACCESSES = 112,
    MQ_ACTION_ORGANISATION_SUSPEND = 113,
    MQ_ACTION_ORGANISATION_RESUME = 114,
    MQ_ACTION_ORGANISATION_EXPORT = 115,
    MQ_ACTION_SERVER_START = 116, /* the installation's own, like the next two */
    MQ_ACTION_SCHEMA_MIGRATE = 117,
    MQ_ACTION_COMMAND = 118,
    MQ_ACTION_USER_UNLOCK = 119,
    MQ_ACTION_AUDIT_ARCHIVE = 120, /* of each chain, and of the installation */
    MQ_ACTION_ORGANISATION_RENAME = 121,
    MQ_ACTION_ORGANISATION_CLOSE = 122,
    MQ_ACTION_ORGANISATION_ERASE = 123, /* of the chain that goes, and of the installation */
    MQ_ACTION_CHART_READ = 130, /* medicines and problems; allergies, whoever opens the record */
    MQ_ACTION_ALLERGY_ADD = 131,
    MQ_ACTION_ALLERGY_CHANGE = 132,
    MQ_ACTION_ALLERGY_ERROR = 133,
    MQ_ACTION_MEDICINE_ADD = 134,
    MQ_ACTION_MEDICINE_CHANGE = 135,
    MQ_ACTION_MEDICINE_ERROR = 136,
    MQ_ACTION_PROBLEM_ADD = 137,
    MQ_ACTION_PROBLEM_CHANGE = 138,
    MQ_ACTION_PROBLEM_ERROR = 139,
    MQ_ACTION_PARTNERS_VIEW = 150,
    MQ_ACTION_CONNECTION_CODE_NEW = 151,
    MQ_ACTION_PARTNER_PROPOSE = 152,
    MQ_ACTION_PARTNER_ACCEPT = 153,
    MQ_ACTION_PARTNER_DECLINE = 154,
    MQ_ACTION_PARTNER_SUSPEND = 155,
    MQ_ACTION_PARTNER_RESUME = 156,
    MQ_ACTION_PARTNER_END = 157,
    MQ_ACTION_CONSENTS_VIEW = 160,
    MQ_ACTION_CONSENT_RECORD = 161,
    MQ_ACTION_CONSENT_WITHDRAW = 162,
    MQ_ACTION_SHARED_LIST = 163, /* of what others share; 166 is what they are told of it */
    MQ_ACTION_SHARED_OPEN = 164, /* 167 likewise */
    MQ_ACTION_SHARED_LET_GO = 165,
    MQ_ACTION_SHARE_LISTED = 166,
    MQ_ACTION_SHARE_VIEWED = 167,
    MQ_ACTION_SHARE_EXPIRE = 168,
    MQ_ACTION_IMPORT_DOUBLES = 170,
    MQ_ACTION_IMPORT_CHOOSE = 171,
    MQ_ACTION_PATIENTS_COMPARE = 180, /* all that two records say, side by side */
    MQ_ACTION_REFERRALS_LIST = 190,
    MQ_ACTION_REFERRAL_VIEW = 191,
    MQ_ACTION_REFERRAL_SEND = 192,
    MQ_ACTION_REFERRAL_ACCEPT = 193,
    MQ_ACTION_REFERRAL_DECLINE = 194,
    MQ_ACTION_REFERRAL_CANCEL = 195,
    MQ_ACTION_REFERRAL_START = 196,
    MQ_ACTION_REFERRAL_COMPLETE = 197,
    MQ_ACTION_ORGANISATION_SWITCH = 204,
    MQ_ACTION_REFERRAL_LINK = 205, /* with an own record */
    MQ_ACTION_REFERRAL_MESSAGE = 206,
    MQ_ACTION_REFERRAL_UNLINK = 207,
    MQ_ACTION_REFERRAL_REGISTER = 208, /* an own record of its patient */
    MQ_ACTION_REFERRAL_VIEWED = 198,   /* what its owner is told of 191 */
    MQ_ACTION_PARTNER_EMERGENCY = 216,
    MQ_ACTION_EMERGENCY_OPEN = 217,   /* by somebody of this organisation, in another one */
    MQ_ACTION_EMERGENCY_OPENED = 218, /* what the owner is told of it */
    MQ_ACTION_EMERGENCY_END = 219,    /* before its time */
    MQ_ACTION_EMERGENCIES_LIST = 220,
    MQ_ACTION_EMERGENCY_VIEW = 221,
    MQ_ACTION_EMERGENCY_REVIEW = 222,
    MQ_ACTION_USER_NAME = 230,
    MQ_ACTION_LOGO_CHANGE = 247,
    MQ_ACTION_REFERRAL_MESSAGES_READ = 249, /* the first time, by the owner's side */
    MQ_ACTION_LOGO_VIEW = 248               /* on paper of one's own organisation: no event */
} mq_action_t;

/** One row of the matrix. */
typedef struct mq_policy_t {
    mq_action_t action;
    const char *name;  /* for programs: "patient.add" */
    const char *label; /* for people, English; the catalogue translates it */
    int roles;         /* any of these bits may; MQ_ROLES_ALL: everybody who is signed in;
                        * MQ_ROLE_OPERATOR alone: medsynqctl, never a page; 0: the installation */
} mq_policy_t;

enum { MQ_ROLES_ALL = 15 };

/** @return the row of an action; never NULL for a known one */
const mq_policy_t *mq_policy(mq_action_t action);

/** @return the table, ended by a row with name NULL: for the users page, the tests, medsynqctl */
const mq_policy_t *mq_policies(void);

/** @return whether a person with these roles may do it */
int mq_policy_allows(mq_action_t action, int roles);

#endif
