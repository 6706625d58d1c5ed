/* route_tables.h -- the rows of every file of pages. A new file adds its line here and in
 * route_tables.c, where the order is that of the tabs. */
#ifndef MQ_WEB_ROUTE_TABLES_H
#define MQ_WEB_ROUTE_TABLES_H

#include "web/routes.h"

extern const mq_route_t mq_home_routes[];
extern const mq_route_t mq_sign_in_routes[];
extern const mq_route_t mq_dashboard_routes[];
extern const mq_route_t mq_patient_list_routes[];
extern const mq_route_t mq_patient_routes[];
extern const mq_route_t mq_archived_routes[];
extern const mq_route_t mq_patient_edit_routes[];
extern const mq_route_t mq_history_routes[];
extern const mq_route_t mq_print_routes[];
extern const mq_route_t mq_merge_routes[];
extern const mq_route_t mq_duplicate_routes[];
extern const mq_route_t mq_note_routes[];
extern const mq_route_t mq_chart_routes[];
extern const mq_route_t mq_patient_export_routes[];
extern const mq_route_t mq_import_routes[];
extern const mq_route_t mq_import_doubles_routes[];
extern const mq_route_t mq_people_routes[];
extern const mq_route_t mq_partner_routes[];
extern const mq_route_t mq_consent_routes[];
extern const mq_route_t mq_shared_routes[];
extern const mq_route_t mq_emergency_routes[];
extern const mq_route_t mq_emergency_review_routes[];
extern const mq_route_t mq_referral_new_routes[];
extern const mq_route_t mq_referral_routes[];
extern const mq_route_t mq_referral_list_routes[];
extern const mq_route_t mq_referral_match_routes[];
extern const mq_route_t mq_person_routes[];
extern const mq_route_t mq_name_routes[];
extern const mq_route_t mq_invitation_routes[];
extern const mq_route_t mq_audit_routes[];
extern const mq_route_t mq_record_view_routes[];
extern const mq_route_t mq_account_routes[];
extern const mq_route_t mq_password_link_routes[];
extern const mq_route_t mq_session_routes[];
extern const mq_route_t mq_switch_routes[];
extern const mq_route_t mq_two_factor_routes[];
extern const mq_route_t mq_parking_routes[];
extern const mq_route_t mq_organisation_routes[];
extern const mq_route_t mq_logo_routes[];
extern const mq_route_t mq_health_routes[];

/** All of them, for mq_routes_compile. */
extern const mq_route_table_t mq_route_tables[];

#endif
