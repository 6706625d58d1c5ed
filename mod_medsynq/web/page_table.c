/* page_table.c -- every page there is; mq_pages_compile compiles them in this order. */
#include "web/access/sign_in_pages.h"
#include "web/trail/audit_pages.h"
#include "web/organisations/dashboard_pages.h"
#include "web/error_pages.h"
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

const mq_page_t *const mq_page_table[] = {&mq_home_page_template,
                                          &mq_register_page_template,
                                          &mq_login_page_template,
                                          &mq_logout_page_template,
                                          &mq_dashboard_page_template,
                                          &mq_patients_page_template,
                                          &mq_patient_form_template,
                                          &mq_patient_page_template,
                                          &mq_users_page_template,
                                          &mq_user_page_template,
                                          &mq_invite_page_template,
                                          &mq_invitation_page_template,
                                          &mq_imports_page_template,
                                          &mq_import_page_template,
                                          &mq_account_page_template,
                                          &mq_sessions_page_template,
                                          &mq_parked_page_template,
                                          &mq_password_page_template,
                                          &mq_note_form_template,
                                          &mq_conflict_page_template,
                                          &mq_history_page_template,
                                          &mq_print_page_template,
                                          &mq_label_page_template,
                                          &mq_code_page_template,
                                          &mq_two_factor_page_template,
                                          &mq_organisation_page_template,
                                          &mq_audit_page_template,
                                          &mq_accesses_page_template,
                                          &mq_error_page,
                                          NULL};
