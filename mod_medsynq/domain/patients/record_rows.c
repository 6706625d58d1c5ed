/* record_rows.c -- the record and its versions as rows of an export, and the list of all kinds. */
#include "domain/patients/record_rows.h"

#include "domain/organisations/export_json.h"
#include "domain/patients/patient_fields.h"
#include "domain/patients/patient_parts.h"

static const char *const states[] = {NULL, "active", "archived", "replaced"};
static const char *const changes[] = {NULL,       "added",    "edited",
                                      "archived", "restored", "earlier version again",
                                      "merged",   "replaced", "separated"};

static void fields_write(mq_json_t *json, const mq_patient_fields_t *record)
{
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const char *value = mq_patient_field(record, i);
        if (mq_patient_field_is_flag(i)) {
            mq_json_flag(json, mq_patient_field_table[i].name, value != NULL);
        } else if (value) {
            mq_json_text(json, mq_patient_field_table[i].name, value);
        }
    }
}

static void patient_write(mq_json_t *json, mq_row_place_t *place_out, const mq_rows_t *rows,
                          apr_pool_t *pool)
{
    mq_patient_fields_t fields;
    place_out->patient = mq_rows_id(rows, MQ_EXPORT_PATIENTS_ID);
    mq_export_id(json, "id", rows, MQ_EXPORT_PATIENTS_ID, pool);
    mq_json_int(json, "version", mq_rows_int(rows, MQ_EXPORT_PATIENTS_VERSION));
    mq_json_text(json, "mrn", mq_rows_text(rows, MQ_EXPORT_PATIENTS_MRN, pool));
    mq_json_text(json, "status",
                 MQ_EXPORT_WORD(states, mq_rows_int(rows, MQ_EXPORT_PATIENTS_STATUS)));
    mq_export_time(json, "created_at", rows, MQ_EXPORT_PATIENTS_CREATED_AT, pool);
    mq_export_id(json, "created_by", rows, MQ_EXPORT_PATIENTS_CREATED_BY, pool);
    mq_export_time(json, "updated_at", rows, MQ_EXPORT_PATIENTS_UPDATED_AT, pool);
    mq_export_id(json, "updated_by", rows, MQ_EXPORT_PATIENTS_UPDATED_BY, pool);
    mq_export_id(json, "replaced_by", rows, MQ_EXPORT_PATIENTS_TARGET_ID, pool);
    mq_export_time(json, "replaced_at", rows, MQ_EXPORT_PATIENTS_MERGED_AT, pool);
    mq_json_text(json, "change",
                 MQ_EXPORT_WORD(changes, mq_rows_int(rows, MQ_EXPORT_PATIENTS_CHANGE_KIND)));
    mq_json_text(json, "change_reason", mq_rows_text(rows, MQ_EXPORT_PATIENTS_CHANGE_REASON, pool));
    mq_patient_fields_read(&fields, rows, MQ_EXPORT_PATIENTS_NAME, pool);
    fields_write(json, &fields);
}

static const mq_record_rows_t records = {.name = "patients",
                                         .key = MQ_KEY_PATIENT,
                                         .all = MQ_SQL_EXPORT_PATIENTS,
                                         .of_patient = MQ_SQL_EXPORT_PATIENTS_ONE,
                                         .write = patient_write};

static void version_write(mq_json_t *json, mq_row_place_t *place_out, const mq_rows_t *rows,
                          apr_pool_t *pool)
{
    mq_patient_fields_t fields = {0};
    place_out->patient = mq_rows_id(rows, MQ_EXPORT_PATIENT_VERSIONS_PATIENT_ID);
    place_out->number = mq_rows_int(rows, MQ_EXPORT_PATIENT_VERSIONS_VERSION);
    mq_export_id(json, "patient_id", rows, MQ_EXPORT_PATIENT_VERSIONS_PATIENT_ID, pool);
    mq_json_int(json, "version", place_out->number);
    mq_export_time(json, "changed_at", rows, MQ_EXPORT_PATIENT_VERSIONS_CHANGED_AT, pool);
    mq_export_id(json, "changed_by", rows, MQ_EXPORT_PATIENT_VERSIONS_CHANGED_BY, pool);
    mq_json_text(
        json, "change",
        MQ_EXPORT_WORD(changes, mq_rows_int(rows, MQ_EXPORT_PATIENT_VERSIONS_CHANGE_KIND)));
    mq_json_text(json, "change_reason",
                 mq_rows_text(rows, MQ_EXPORT_PATIENT_VERSIONS_CHANGE_REASON, pool));
    mq_json_text(json, "status",
                 MQ_EXPORT_WORD(states, mq_rows_int(rows, MQ_EXPORT_PATIENT_VERSIONS_STATUS)));
    if (mq_patient_fields_decode(&fields,
                                 mq_rows_text(rows, MQ_EXPORT_PATIENT_VERSIONS_FIELDS, pool),
                                 pool) == APR_SUCCESS) {
        fields_write(json, &fields);
    } else { /* somebody has changed the file: what is there is still theirs */
        mq_json_text(json, "unreadable",
                     mq_rows_text(rows, MQ_EXPORT_PATIENT_VERSIONS_FIELDS, pool));
    }
}

static const mq_record_rows_t versions = {.name = "patient_versions",
                                          .key = MQ_KEY_PATIENT | MQ_KEY_NUMBER,
                                          .all = MQ_SQL_EXPORT_PATIENT_VERSIONS,
                                          .of_patient = MQ_SQL_EXPORT_PATIENT_VERSIONS_ONE,
                                          .write = version_write};

static const char *const givers[] = {NULL, "patient", "guardian"};
static const char *const methods[] = {NULL, "in writing", "orally", "electronically"};
static const char *const consent_states[] = {NULL,         "active", "withdrawn",
                                             "link ended", "let go", "expired"};

static void consent_write(mq_json_t *json, mq_row_place_t *place_out, const mq_rows_t *rows,
                          apr_pool_t *pool)
{
    const int parts = (int)mq_rows_int(rows, MQ_EXPORT_CONSENTS_PARTS);
    place_out->patient = mq_rows_id(rows, MQ_EXPORT_CONSENTS_PATIENT_ID);
    place_out->item = mq_rows_id(rows, MQ_EXPORT_CONSENTS_ID);
    mq_export_id(json, "patient_id", rows, MQ_EXPORT_CONSENTS_PATIENT_ID, pool);
    mq_export_id(json, "id", rows, MQ_EXPORT_CONSENTS_ID, pool);
    mq_json_text(json, "organisation", mq_rows_text(rows, MQ_EXPORT_CONSENTS_PARTNER_NAME, pool));
    mq_json_text(json, "given_by",
                 MQ_EXPORT_WORD(givers, mq_rows_int(rows, MQ_EXPORT_CONSENTS_GIVEN_BY)));
    mq_json_text(json, "giver_name", mq_rows_text(rows, MQ_EXPORT_CONSENTS_GIVER_NAME, pool));
    mq_json_text(json, "giver_relation",
                 mq_rows_text(rows, MQ_EXPORT_CONSENTS_GIVER_RELATION, pool));
    mq_json_text(json, "method",
                 MQ_EXPORT_WORD(methods, mq_rows_int(rows, MQ_EXPORT_CONSENTS_METHOD)));
    mq_json_array(json, "parts");
    mq_json_text(json, NULL, "person");
    if (parts & MQ_SHARE_LISTS) {
        mq_json_text(json, NULL, "lists");
    }
    if (parts & MQ_SHARE_NOTES) {
        mq_json_text(json, NULL, "notes");
    }
    if (parts & MQ_SHARE_CHOSEN) {
        mq_json_text(json, NULL, "chosen notes");
    }
    mq_json_array_end(json);
    mq_json_text(json, "purpose", mq_rows_text(rows, MQ_EXPORT_CONSENTS_PURPOSE, pool));
    mq_export_time(json, "from", rows, MQ_EXPORT_CONSENTS_FROM_AT, pool);
    mq_export_time(json, "until", rows, MQ_EXPORT_CONSENTS_UNTIL_AT, pool);
    mq_json_text(json, "remark", mq_rows_text(rows, MQ_EXPORT_CONSENTS_REMARK, pool));
    mq_json_text(json, "status",
                 MQ_EXPORT_WORD(consent_states, mq_rows_int(rows, MQ_EXPORT_CONSENTS_STATE)));
    mq_export_time(json, "recorded_at", rows, MQ_EXPORT_CONSENTS_RECORDED_AT, pool);
    mq_export_id(json, "recorded_by", rows, MQ_EXPORT_CONSENTS_RECORDED_BY, pool);
    mq_export_time(json, "ended_at", rows, MQ_EXPORT_CONSENTS_ENDED_AT, pool);
    mq_json_text(json, "ended_by", mq_rows_text(rows, MQ_EXPORT_CONSENTS_ENDED_BY_NAME, pool));
    mq_json_text(json, "ended_reason", mq_rows_text(rows, MQ_EXPORT_CONSENTS_ENDED_REASON, pool));
}

static const mq_record_rows_t consents = {.name = "consents",
                                          .key = MQ_KEY_PATIENT | MQ_KEY_ITEM,
                                          .all = MQ_SQL_EXPORT_CONSENTS,
                                          .of_patient = MQ_SQL_EXPORT_CONSENTS_ONE,
                                          .write = consent_write};

static void share_note_write(mq_json_t *json, mq_row_place_t *place_out, const mq_rows_t *rows,
                             apr_pool_t *pool)
{
    place_out->patient = mq_rows_id(rows, MQ_EXPORT_SHARE_NOTES_PATIENT_ID);
    place_out->item = mq_rows_id(rows, MQ_EXPORT_SHARE_NOTES_ID);
    mq_export_id(json, "patient_id", rows, MQ_EXPORT_SHARE_NOTES_PATIENT_ID, pool);
    mq_export_id(json, "id", rows, MQ_EXPORT_SHARE_NOTES_ID, pool);
    mq_export_id(json, "consent_id", rows, MQ_EXPORT_SHARE_NOTES_CONSENT_ID, pool);
    mq_export_id(json, "note_id", rows, MQ_EXPORT_SHARE_NOTES_NOTE, pool);
    mq_export_time(json, "note_at", rows, MQ_EXPORT_SHARE_NOTES_NOTE_AT, pool);
    mq_json_text(json, "note_written_on", mq_rows_text(rows, MQ_EXPORT_SHARE_NOTES_NOTE_DAY, pool));
}

static const mq_record_rows_t share_notes = {.name = "share_notes",
                                             .key = MQ_KEY_PATIENT | MQ_KEY_ITEM,
                                             .all = MQ_SQL_EXPORT_SHARE_NOTES,
                                             .of_patient = MQ_SQL_EXPORT_SHARE_NOTES_ONE,
                                             .write = share_note_write};

const mq_record_rows_t *mq_record_rows(int i)
{
    static const mq_record_rows_t *const first[] = {&records, &versions, &consents, &share_notes};
    const int firsts = (int)(sizeof first / sizeof *first);
    if (i < firsts) {
        return first[i];
    }
    i -= firsts;
    for (int part = 0; part < MQ_PATIENT_PARTS; part++) {
        const mq_record_rows_t *const both[] = {mq_patient_parts[part]->rows,
                                                mq_patient_parts[part]->versions};
        for (int j = 0; j < 2; j++) {
            if (both[j] && i-- == 0) {
                return both[j];
            }
        }
    }
    return NULL;
}

apr_status_t mq_record_rows_select(mq_rows_t *rows_out, const mq_record_rows_t *kind,
                                   const mq_scope_t *sc, const mq_id_t *patient,
                                   const mq_row_place_t *last, int limit)
{
    mq_param_t params[5];
    int count = 0;
    if (patient || kind->key & MQ_KEY_PATIENT) {
        params[count++] = mq_bind_id(patient ? patient : &last->patient);
    }
    if (kind->key & MQ_KEY_ITEM) {
        params[count++] = mq_bind_id(&last->item);
    }
    if (kind->key & MQ_KEY_NUMBER) {
        params[count++] = mq_bind_int(last->number);
    }
    if (patient && kind->has_private) {
        params[count++] = mq_bind_id(mq_scope_user(sc));
    }
    params[count++] = mq_bind_int(limit);
    return mq_db_select(rows_out, sc, patient ? kind->of_patient : kind->all, params, count);
}
