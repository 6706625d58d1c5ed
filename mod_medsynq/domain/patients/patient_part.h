/* patient_part.h -- what a kind of part of a patient is to the rooms that must not forget any:
 * undoing an import, exports, merging two records. A kind is one row of this
 * type, in the file of its own rules (patient_notes.c); patient_parts.c lists them all.
 *
 * A new kind: its table names the patient in a foreign key, its rows have created_at and are never
 * removed but with an import that is undone; a row in patient_parts.c. A test of the schema fails
 * until it is there. How it is shown is a row in web/patients/part_views.c. */
#ifndef MQ_DOMAIN_PATIENT_PART_H
#define MQ_DOMAIN_PATIENT_PART_H

#include "base/json.h"
#include "domain/policy.h"
#include "store/db.h"

/** What identifies a row, and so its place among the others; a kind of row has two of these or one.
 * Rows are in their order. */
typedef enum { MQ_KEY_PATIENT = 1, MQ_KEY_ITEM = 2, MQ_KEY_NUMBER = 4 } mq_row_key_t;

/** The last row that was written. */
typedef struct mq_row_place_t {
    mq_id_t patient;
    mq_id_t item;
    apr_int64_t number; /* of the version */
} mq_row_place_t;

/** A kind of row, as exports take it along (record_rows.h). */
typedef struct mq_record_rows_t {
    const char *name; /* of its table, and of its file or member in an export */
    unsigned key;     /* mq_row_key_t, several */
    /** All rows of the organisation: after a key; a limit. */
    const mq_tenant_read_t *all;
    /** The same columns of one patient: the patient, after the rest of the key; the reader, where
     * rows may be there for their writer alone; a limit. */
    const mq_tenant_read_t *of_patient;
    int has_private; /* there are such rows */
    /** Write the row as members of the object that is open, and its key to place_out. */
    void (*write)(mq_json_t *json, mq_row_place_t *place_out, const mq_rows_t *rows,
                  apr_pool_t *pool);
} mq_record_rows_t;

/** A kind of part. */
typedef struct mq_patient_part_t {
    const char *name; /* of its table, and of its file in an export */
    /** Finds a row that was added or changed after the patient's record was made, of one patient;
     * what was discarded and is gone by an instant is none. */
    const mq_tenant_read_t *touched;
    /** Removes all rows of one patient, whose record goes with them. */
    const mq_tenant_write_t *remove;
    /** Where that is NULL: removes one, of a patient, the item. What has been changed since it was
     * made has earlier versions, and is not removed: its key refuses. */
    const mq_tenant_write_t *remove_one;
    mq_action_t reading; /* who may read it, by the policy */
    /* When one record replaces another (merges.c); what adds to a row goes where that row goes. */
    /** The items of a patient, one column: of a patient, after an item; a limit. */
    const mq_tenant_read_t *items;
    /** Moves all rows: to a patient, from a patient. */
    const mq_tenant_write_t *move;
    /** Moves one row: to a patient, from a patient, the item. */
    const mq_tenant_write_t *move_one;
    /** Where rows add to others, whether anything adds to one: of a patient, the item; and moves it
     * with all that does, as move_one moves what nothing adds to. Else NULL. */
    const mq_tenant_read_t *added_to;
    const mq_tenant_write_t *move_thread;
    /** Rows that may be about either person after a merge, as part_item: what came since and was
     * not brought by one, and whatever was changed since; not what was discarded and is gone. Of
     * the source, the name, the target; now; since, twice; the name; a limit. */
    const mq_tenant_read_t *since;
    const mq_record_rows_t *rows;     /* its rows, as exports take them along */
    const mq_record_rows_t *versions; /* what they were before; NULL: the rows say it themselves */
} mq_patient_part_t;

#endif
