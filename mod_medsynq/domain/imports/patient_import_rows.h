/* patient_import_rows.h -- an import as it is stored: what its states, columns, faults and rows
 * are, and reading them. How it goes on is in patient_import.h, which draws its states. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_ROWS_H
#define MQ_DOMAIN_PATIENT_IMPORT_ROWS_H

#include "base/date.h"
#include "domain/patients/patient_fields.h"
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

/** Why it is where it is, if that is not by the ordinary way. The numbers are stored. */
typedef enum {
    MQ_IMPORT_ORDINARY = 0,  /* FAILED: a record number was taken meanwhile */
    MQ_IMPORT_CANCELLED = 1, /* MAPPING, CHECKED: a person stopped what was being done */
    MQ_IMPORT_DISMISSED = 2, /* likewise: who had ordered it may no longer import */
    MQ_IMPORT_DISCARDED = 3, /* FAILED: a person had it thrown away */
    MQ_IMPORT_UNDECIDED = 4, /* FAILED: nobody decided in MQ_IMPORT_KEPT_DAYS */
    MQ_IMPORT_UNREADABLE = 5 /* FAILED: the file is no table */
} mq_import_ending_t;

/** How the file is written. The numbers are stored. */
typedef enum {
    MQ_IMPORT_UTF8 = 0,
    MQ_IMPORT_WINDOWS = 1,
    MQ_IMPORT_UTF16 = 2
} mq_import_encoding_t;

/** What becomes of rows with errors, which a person says. The numbers are stored. */
typedef enum {
    MQ_IMPORT_UNSAID = 0,    /* nobody has said it yet */
    MQ_IMPORT_LEAVE_OUT = 1, /* the whole row */
    MQ_IMPORT_BLANK = 2      /* the cells alone that are wrong, where the row can do without them */
} mq_import_mend_t;

/** What a column may be: a number of mq_patient_field_table, or one of these. They are stored. */
typedef enum {
    MQ_IMPORT_IGNORE = 0,
    MQ_IMPORT_MRN = 5,
    MQ_IMPORT_NOTES = 6,
    MQ_IMPORT_STATUS = 24,
    MQ_IMPORT_NOTE_DATE = 26,     /* of the note in the same row */
    MQ_IMPORT_NOTE_AUTHOR = 27,   /* likewise */
    MQ_IMPORT_FAMILY_BEFORE = 28, /* part of the family name, and before it: van den */
    MQ_IMPORT_FAMILY_AFTER = 29,  /* likewise, and behind it, wherever its column stands */
    MQ_IMPORT_GIVEN_AFTER = 30,   /* further given names, likewise */
    MQ_IMPORT_NAME_OR_HALF = 31,  /* "Name", in the words of guesses alone: the whole name, or what
                                     no other column is; never stored, as 32 and 35 */
    MQ_IMPORT_CALLING_NAME = 32, /* by which somebody is called: the given name where no other is */
    MQ_IMPORT_INITIALS = 33,     /* the given names of a row that says no others */
    MQ_IMPORT_NAME_SUFFIX = 34,  /* what stands behind a name: Jr, III, MD */
    MQ_IMPORT_NAME_MORE = 35,    /* "Name 2": goes on where "Name" or "Name 1" ends */
    MQ_IMPORT_NAME_COMPONENTS = 36, /* the whole name as HL7 writes it: SMITH^MARY^A */
    MQ_IMPORT_FIELDS = 75 /* one more than the largest: each is a character from '0' to 'z' */
} mq_import_field_t;

/** @return what a column is that fills a field of a record */
static inline mq_import_field_t mq_import_field_of(int field)
{
    return (mq_import_field_t)mq_patient_field_table[field].import;
}

/** What only a file can have wrong, beside the faults of mq_field_fault_t. The numbers are stored.
 */
typedef enum {
    MQ_IMPORT_RULE_MRN_TAKEN = 7,   /* by a patient of this organisation */
    MQ_IMPORT_RULE_MRN_TWICE = 8,   /* in this file */
    MQ_IMPORT_RULE_CELLS = 9,       /* a row, as MQ_IMPORT_IGNORE, has more cells than the first */
    MQ_IMPORT_RULE_STATUS = 14,     /* none of ours */
    MQ_IMPORT_RULE_ORDER = 16,      /* day and month in the other order than is read */
    MQ_IMPORT_RULE_REGISTERED = 22, /* such a person is a patient already: the row is left out,
                                       unless a person has it added */
    MQ_IMPORT_RULE_LETTER = 24,     /* M of "sexo", which may be either */
    MQ_IMPORT_RULE_REPEATED = 23,   /* an earlier row is of such a person: likewise */
    MQ_IMPORT_RULE_ALIKE = 26,      /* a patient may be the same person, mistyped: likewise */
    MQ_IMPORT_RULE_ALIKE_ROW = 27   /* an earlier row may be: likewise */
} mq_import_rule_t;

enum {
    MQ_IMPORT_COLUMNS_MOST = 100,
    MQ_IMPORT_FAULTS_KEPT = 10000,
    MQ_IMPORT_KEPT_DAYS = 7,
    MQ_IMPORT_HEAD_MOST = 20,  /* rows of a file among which those with the names is looked for */
    MQ_IMPORT_SAMPLES = 3,     /* values of a column that are shown beside its choice */
    MQ_IMPORT_SAMPLE_MOST = 60 /* bytes of each */
};

/** An import; texts are from the scope's pool. */
typedef struct mq_import_t {
    mq_id_t id;
    mq_import_state_t state;
    mq_import_ending_t ending;
    const char *file_name;
    mq_import_encoding_t encoding;
    apr_int64_t head;                            /* the number of the row with the names: 0 if
                                                    nothing stands above it */
    const char *columns[MQ_IMPORT_COLUMNS_MOST]; /* the names in that row */
    const char *samples[MQ_IMPORT_COLUMNS_MOST * MQ_IMPORT_SAMPLES]; /* of each column, "": none */
    mq_import_field_t mapping[MQ_IMPORT_COLUMNS_MOST];
    int column_count;
    mq_date_order_t date_order; /* in which dates are read; PLAIN: nothing depended on it */
    const char *date_evidence;  /* for mq_import_dates */
    apr_int64_t rows;           /* of the file, below the names */
    apr_int64_t position;       /* the last row that the present state has gone through */
    apr_int64_t faulty;         /* rows with a fault */
    apr_int64_t mendable;       /* those of them that can do without the cells that are wrong */
    mq_import_mend_t mend;      /* what becomes of them */
    apr_int64_t unknowns;       /* cells that say that nothing is known: NULL, -, n/a */
    apr_int64_t doubles;        /* rows without one that are like a patient, or an earlier row */
    int with_doubles;           /* a person has decided that they are added, too */
    apr_int64_t chosen;         /* or these of them, one by one */
    apr_int64_t faults;
    apr_int64_t added; /* patients */
    apr_time_t created_at;
    apr_time_t finished_at;
    int can_undo;
} mq_import_t;

/** @return how many rows the present state has gone through */
static inline apr_int64_t mq_import_rows_done(const mq_import_t *import)
{
    return import->position - import->head;
}

/** @return how many rows would be added */
apr_int64_t mq_import_rows_good(const mq_import_t *import, int with_doubles, mq_import_mend_t mend);

enum { MQ_IMPORT_ROOM_OF_ROW = 400 /* bytes of a patient beside what the cells say */ };

/** What imports will take that are being added. */
typedef struct mq_imports_coming_t {
    apr_int64_t patients; /* who are not counted yet */
    apr_int64_t bytes;    /* of those who are not added yet; rather more than too few */
} mq_imports_coming_t;

/** Count what all imports will take that are being added. */
apr_status_t mq_imports_coming(mq_imports_coming_t *coming_out, const mq_scope_t *sc);

/** A fault of the dry run. */
typedef struct mq_import_fault_t {
    apr_int64_t number; /* of the row */
    apr_int64_t line;   /* where a spreadsheet shows it: the first row is 1, blank ones count */
    mq_import_field_t field;
    const char *value;
    int rule; /* mq_field_fault_t or mq_import_rule_t */
} mq_import_fault_t;

/** One of the rows among which a person may say which has the names. */
typedef struct mq_import_head_t {
    apr_int64_t number;
    apr_int64_t line;
    const char *text; /* the beginning of what it says */
} mq_import_head_t;

/** The first rows of a file. @param heads_out array of mq_import_head_t */
apr_status_t mq_import_heads(apr_array_header_t **heads_out, const mq_scope_t *sc,
                             const mq_id_t *id);

/** Read an import. @return MQ_ENOTFOUND; MQ_EDENIED the role may not import */
apr_status_t mq_import_read(mq_import_t *import_out, const mq_scope_t *sc, const mq_id_t *id);

/** The same for a job, whose person may have no role any more. */
apr_status_t mq_import_load(mq_import_t *import_out, const mq_scope_t *sc, const mq_id_t *id);

/** @return when what the file said is forgotten, if nothing happens from an instant on */
apr_time_t mq_import_kept_until(apr_time_t from);

enum { MQ_IMPORT_CELL_END = 0x1f /* "unit separator": ends each cell of a stored row */ };

/** @return cells as one text, from pool; what ends a cell does not occur in people's text */
const char *mq_import_cells_join(const char *const *fields, int count, apr_pool_t *pool);

/** @return a cell without what only protects it: an apostrophe before what a spreadsheet would take
 * for a formula, or those that some programs write round everything, who then double those
 * within; of nothing but apostrophes nothing is left */
const char *mq_import_cell_plain(const char *cell, apr_pool_t *pool);

/** Split what mq_import_cells_join joined; the cells are cut out of text.
 * @return how many there are, at most most */
int mq_import_cells(const char **cells_out, int most, char *text);

/** @return what columns are, as it is stored: a character each, from pool */
const char *mq_import_mapping_text(const mq_import_field_t *mapping, int count, apr_pool_t *pool);

/** Read it again. @param mapping_out of count columns; what the text does not say stays */
void mq_import_mapping_read(mq_import_field_t *mapping_out, int count, const char *text);

#endif
