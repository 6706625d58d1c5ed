/* patient_import.h -- many patients from a file, all or none.
 *
 *   STAGING   rows of the file are being stored           (patient_import.c)
 *   MAPPING   a person says which column is what
 *   CHECKING  each row is checked: the dry run            (patient_import_work.c)
 *   CHECKED   a person looks at the counts and decides
 *   ADDING    patients are made, with a status that no page shows
 *   SHOWING   all are there: they become visible, which cannot fail any more
 *   DONE      for seven days it can be undone
 *   HIDING    undo: they become invisible again; one that was touched turns it back to SHOWING
 *   REMOVING  undo: they are deleted                      -> UNDONE
 *   CLEANING  a record number was taken meanwhile: what was added is deleted -> FAILED
 *
 * The long states work in slices, each in short transactions, so that others' writes pass between;
 * any request may do the next slice. After a kill the start of the server completes SHOWING and
 * turns back HIDING (store/schema.c); all other states show nothing or everything. It also lets go
 * of what a file said once nobody can undo or go on with it: MQ_IMPORT_UNDO_DAYS after its end, or
 * after its upload when nobody decided. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_H
#define MQ_DOMAIN_PATIENT_IMPORT_H

#include <apr_file_io.h>
#include <apr_tables.h>

#include "base/date.h"
#include "store/db.h"

typedef enum {
    MQ_IMPORT_STAGING = 1,
    MQ_IMPORT_MAPPING,
    MQ_IMPORT_CHECKING,
    MQ_IMPORT_CHECKED,
    MQ_IMPORT_ADDING,
    MQ_IMPORT_SHOWING,
    MQ_IMPORT_DONE,
    MQ_IMPORT_HIDING,
    MQ_IMPORT_REMOVING,
    MQ_IMPORT_UNDONE,
    MQ_IMPORT_CLEANING,
    MQ_IMPORT_FAILED
} mq_import_state_t;

/** What a column may be. The numbers are stored. */
typedef enum {
    MQ_IMPORT_IGNORE = 0,
    MQ_IMPORT_NAME = 1,
    MQ_IMPORT_GIVEN_NAME = 2,
    MQ_IMPORT_FAMILY_NAME = 3,
    MQ_IMPORT_BIRTH_DATE = 4,
    MQ_IMPORT_MRN = 5,
    MQ_IMPORT_NOTES = 6,
    MQ_IMPORT_FORMER_NAME = 7,
    MQ_IMPORT_PREFERRED_NAME = 8,
    MQ_IMPORT_SEX = 9,
    MQ_IMPORT_PRONOUNS = 10,
    MQ_IMPORT_PHONE1 = 11,
    MQ_IMPORT_PHONE2 = 12,
    MQ_IMPORT_PHONE3 = 13,
    MQ_IMPORT_EMAIL = 14,
    MQ_IMPORT_ADDRESS = 15, /* several columns may be lines of it */
    MQ_IMPORT_NATIONAL_ID = 16,
    MQ_IMPORT_LANGUAGE = 17,
    MQ_IMPORT_CONTACT_NAME = 18,
    MQ_IMPORT_CONTACT_RELATION = 19,
    MQ_IMPORT_CONTACT_PHONE = 20,
    MQ_IMPORT_DECEASED = 21,
    MQ_IMPORT_DECEASED_DATE = 22,
    MQ_IMPORT_AGE_ESTIMATED = 23,
    MQ_IMPORT_STATUS = 24,
    MQ_IMPORT_FIELDS
} mq_import_field_t;

/** What can be wrong with a cell. The numbers are stored. */
typedef enum {
    MQ_IMPORT_RULE_NONE = 0,
    MQ_IMPORT_RULE_MISSING = 1,    /* no name */
    MQ_IMPORT_RULE_CHARACTERS = 2, /* such as cannot be shown */
    MQ_IMPORT_RULE_TOO_LONG = 3,
    MQ_IMPORT_RULE_DATE = 4, /* none of the calendar */
    MQ_IMPORT_RULE_FUTURE = 5,
    MQ_IMPORT_RULE_TOO_OLD = 6,
    MQ_IMPORT_RULE_MRN_TAKEN = 7, /* by a patient of this organisation */
    MQ_IMPORT_RULE_MRN_TWICE = 8, /* in this file */
    MQ_IMPORT_RULE_CELLS = 9,     /* a row, as MQ_IMPORT_IGNORE, has more cells than the first */
    MQ_IMPORT_RULE_PHONE = 10,    /* too few or too many digits */
    MQ_IMPORT_RULE_EMAIL = 11,
    MQ_IMPORT_RULE_SEX = 12,    /* no word for one that we know */
    MQ_IMPORT_RULE_FLAG = 13,   /* neither yes nor no */
    MQ_IMPORT_RULE_STATUS = 14, /* none of ours */
    MQ_IMPORT_RULE_DEATH = 15,  /* before birth */
    MQ_IMPORT_RULE_ORDER = 16   /* day and month in the other order than is read */
} mq_import_rule_t;

enum { MQ_IMPORT_COLUMNS_MOST = 100, MQ_IMPORT_FAULTS_KEPT = 10000, MQ_IMPORT_UNDO_DAYS = 7 };

/** An import; texts are from the scope's pool. */
typedef struct mq_import_t {
    mq_id_t id;
    mq_import_state_t state;
    const char *file_name;
    const char *columns[MQ_IMPORT_COLUMNS_MOST]; /* the names in the file's first row */
    mq_import_field_t mapping[MQ_IMPORT_COLUMNS_MOST];
    int column_count;
    mq_date_order_t date_order; /* in which dates are read; PLAIN: nothing depended on it */
    const char *date_evidence;  /* for mq_import_dates */
    apr_int64_t rows;           /* of the file, without the first */
    apr_int64_t position;       /* how many the present state has gone through */
    apr_int64_t faulty;         /* rows with a fault */
    apr_int64_t faults;
    apr_int64_t added; /* patients */
    apr_time_t created_at;
    apr_time_t finished_at;
    int can_undo;
} mq_import_t;

/** A fault of the dry run. */
typedef struct mq_import_fault_t {
    apr_int64_t number; /* of the row */
    apr_int64_t line;   /* where a spreadsheet shows it: the first row is 1, blank ones count */
    mq_import_field_t field;
    const char *value;
    mq_import_rule_t rule;
} mq_import_fault_t;

/**
 * Store the rows of a CSV file: UTF-8 with or without a mark, or windows-1252; comma, semicolon or
 * tab; the first row names the columns.
 * @param id_out    the import, in the state MAPPING
 * @param file      read from its beginning, in pieces
 * @param fault_out what is wrong with the file, a constant sentence
 * @param line_out  and where, 0: everywhere
 * @return MQ_EINVALID the file cannot be read as such; MQ_EDENIED the role may not import
 */
apr_status_t mq_import_stage(mq_id_t *id_out, const mq_scope_t *sc, const char *file_name,
                             apr_file_t *file, const char **fault_out, int *line_out);

/** Read an import. @return MQ_ENOTFOUND */
apr_status_t mq_import_read(mq_import_t *import_out, const mq_scope_t *sc, const mq_id_t *id);

/** The latest imports. @param imports_out array of mq_import_t, without columns */
apr_status_t mq_imports_newest(apr_array_header_t **imports_out, const mq_scope_t *sc, int limit);

/** @return what a column of this name most likely is, by the words of our own and of other
 * registers' exports, in English and French and a little German */
mq_import_field_t mq_import_guess(const mq_scope_t *sc, const char *column);

/** @return which row of mq_patient_field_table a column fills, -1: none */
int mq_import_record_field(mq_import_field_t field);

/** What the dates of a file show of their order, given which columns are dates. */
typedef struct mq_import_dates_t {
    mq_date_order_t order; /* proven; PLAIN: nothing depends on it; EITHER: a person has to say,
                            * since nothing proves one, or both are */
    apr_int64_t counts[MQ_DATE_ORDER_EITHER + 1];   /* dates, by what they prove */
    const char *examples[MQ_DATE_ORDER_EITHER + 1]; /* one of each, or NULL */
} mq_import_dates_t;

/** Weigh what a file shows. @param dates_out texts are from pool */
void mq_import_dates(mq_import_dates_t *dates_out, const mq_import_t *import,
                     const mq_import_field_t *mapping, apr_pool_t *pool);

/**
 * Say which column is what, and begin the dry run, or begin it again.
 * @param chosen how a person says that dates are ordered; what the file proves counts before it
 * @return MQ_EINVALID it has to be said and is not; MQ_ECONFLICT not in this state
 */
apr_status_t mq_import_map(const mq_scope_t *sc, const mq_import_t *import,
                           const mq_import_field_t *mapping, mq_date_order_t chosen);

/** Begin to add the rows without faults. @return MQ_ECONFLICT not in this state */
apr_status_t mq_import_commit(const mq_scope_t *sc, const mq_import_t *import);

/** Begin to take the import back. @return MQ_ECONFLICT too late, a record has been changed since,
 * or not in this state */
apr_status_t mq_import_undo(const mq_scope_t *sc, const mq_import_t *import);

/**
 * Work on an import until an instant at most; transactions are short all the while.
 * @param import_out how far it is now
 */
apr_status_t mq_import_work(mq_import_t *import_out, const mq_scope_t *sc, const mq_id_t *id,
                            apr_time_t until);

/** @return whether there is more to do without a person */
int mq_import_is_working(const mq_import_t *import);

/** Faults in the order of rows, after a row. @param faults_out array of mq_import_fault_t */
apr_status_t mq_import_faults(apr_array_header_t **faults_out, const mq_scope_t *sc,
                              const mq_id_t *id, apr_int64_t after, int limit, apr_pool_t *pool);

#endif
