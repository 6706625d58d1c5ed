/* route_tables.c -- every table of paths, each with its face. */
#include "web/route_tables.h"

#include "web/face_html.h"

const mq_route_table_t mq_route_tables[] = {
    {&mq_face_html, mq_home_routes},           {&mq_face_html, mq_archived_routes},
    {&mq_face_html, mq_sign_in_routes},        {&mq_face_html, mq_dashboard_routes},
    {&mq_face_html, mq_patient_list_routes},   {&mq_face_html, mq_patient_routes},
    {&mq_face_html, mq_patient_edit_routes},   {&mq_face_html, mq_history_routes},
    {&mq_face_html, mq_print_routes},          {&mq_face_html, mq_note_routes},
    {&mq_face_html, mq_chart_routes},          {&mq_face_html, mq_merge_routes},
    {&mq_face_html, mq_duplicate_routes},      {&mq_face_html, mq_patient_export_routes},
    {&mq_face_html, mq_consent_routes},        {&mq_face_html, mq_shared_routes},
    {&mq_face_html, mq_emergency_routes},      {&mq_face_html, mq_emergency_review_routes},
    {&mq_face_html, mq_referral_routes},       {&mq_face_html, mq_referral_list_routes},
    {&mq_face_html, mq_referral_match_routes}, {&mq_face_html, mq_import_routes},
    {&mq_face_html, mq_import_doubles_routes}, {&mq_face_html, mq_people_routes},
    {&mq_face_html, mq_person_routes},         {&mq_face_html, mq_name_routes},
    {&mq_face_html, mq_invitation_routes},     {&mq_face_html, mq_partner_routes},
    {&mq_face_html, mq_audit_routes},          {&mq_face_html, mq_record_view_routes},
    {&mq_face_html, mq_account_routes},        {&mq_face_html, mq_password_link_routes},
    {&mq_face_html, mq_session_routes},        {&mq_face_html, mq_two_factor_routes},
    {&mq_face_html, mq_parking_routes},        {&mq_face_html, mq_organisation_routes},
    {&mq_face_html, mq_logo_routes},           {&mq_face_html, mq_switch_routes},
    {&mq_face_html, mq_health_routes},         {NULL, NULL}};
