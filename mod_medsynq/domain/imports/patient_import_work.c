/* patient_import_work.c -- the long states of an import. A turn is one short transaction over some
 * rows, begun by the worker of jobs; it reads the state anew: a person may have cancelled. */
#include "domain/imports/patient_import_work.h"

#include <apr_strings.h>
#include <string.h>

#include "base/date.h"
#include "base/deadline.h"
#include "base/text.h"
#include "domain/core.h"
#include "domain/organisations/counters.h"
#include "domain/trail/audit.h"
#include "domain/patients/mrn.h"
#include "domain/imports/patient_import_doubles.h"
#include "domain/imports/patient_import_values.h"
#include "domain/patients/patient_index.h"
#include "domain/patients/patient_notes.h"
#include "domain/patients/patient_pairs.h"
#include "domain/patients/patient_parts.h"
#include "domain/patients/patient_versions.h"
#include "domain/patients/patients.h"
#include "domain/policy.h"

enum {
    ROWS_PER_READ = 100,
    TURN_MILLISECONDS = 20, /* how long others' writes wait for a turn, or a few rows more */
    YEAR = 4,
    YEARS_MOST = 300,
    VALUE_SHOWN = 200,   /* bytes of a faulty value that are kept */
    ROWS_FORGOTTEN = 200 /* at once */
};

/* import_rows.is_faulty */
typedef enum { ROW_GOOD = 0, ROW_FAULTY = 1, ROW_DOUBLE = 2, ROW_MENDABLE = 3 } row_state_t;

/* A stored row. */
typedef struct row_t {
    apr_int64_t number;
    apr_int64_t line;
    char *cells;
    apr_int64_t room; /* that a patient made of it counts as, whatever is stored of the cells */
    row_state_t state;
    int is_chosen;   /* of a double: it is added all the same */
    mq_id_t patient; /* null: none made of it */
} row_t;

/* A turn under way. */
typedef struct turn_t {
    const mq_scope_t *sc;
    mq_import_t *import;
    apr_pool_t *pool;       /* of the turn */
    mq_import_state_t next; /* where a row has sent the import, or 0 */
} turn_t;

static apr_status_t row_exists(int *there_out, const mq_scope_t *sc,
                               const mq_tenant_read_t *statement, const mq_param_t *params,
                               int count)
{
    mq_rows_t rows;
    apr_status_t rv = mq_db_select_one(&rows, sc, statement, params, count);
    *there_out = rv == APR_SUCCESS;
    if (rv == APR_SUCCESS) {
        mq_rows_close(&rows);
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

static apr_status_t mrn_check(mq_import_values_t *values, const turn_t *turn, const row_t *row)
{
    const mq_param_t mrn = mq_bind_text(values->mrn);
    int there = 0;
    if (!values->mrn) {
        return APR_SUCCESS;
    }
    MQ_TRY(row_exists(&there, turn->sc, MQ_SQL_PATIENT_BY_MRN, MQ_PARAMS(mrn)));
    if (there) {
        values->rules[MQ_IMPORT_MRN] = MQ_IMPORT_RULE_MRN_TAKEN;
        return APR_SUCCESS;
    }
    MQ_TRY(row_exists(&there, turn->sc, MQ_SQL_IMPORT_ROW_BY_MRN,
                      MQ_PARAMS(mq_bind_id(&turn->import->id), mrn, mq_bind_int(row->number))));
    if (there) {
        values->rules[MQ_IMPORT_MRN] = MQ_IMPORT_RULE_MRN_TWICE;
    }
    return APR_SUCCESS;
}

static apr_status_t fault_note(const turn_t *turn, const row_t *row, int field,
                               const mq_import_values_t *values)
{
    const char *value = values->raw[field] ? values->raw[field] : "";
    apr_size_t length = strlen(value);
    if (turn->import->faults++ >= MQ_IMPORT_FAULTS_KEPT) {
        return APR_SUCCESS;
    }
    if (length > VALUE_SHOWN) {
        for (length = VALUE_SHOWN; length && ((unsigned char)value[length] & 0xc0) == 0x80;) {
            length--; /* not within a character */
        }
    }
    return mq_db_change(NULL, turn->sc, MQ_SQL_IMPORT_FAULT_INSERT,
                        MQ_PARAMS(mq_bind_id(&turn->import->id), mq_bind_int(row->number),
                                  mq_bind_int(field), mq_bind_int(row->line),
                                  mq_bind_text(apr_pstrmemdup(turn->pool, value, length)),
                                  mq_bind_int(values->rules[field])));
}

/* What the figures will count a patient by; NULL: not at all, as the archived and deceased. */
static const char *birth_year(const mq_import_values_t *values, apr_pool_t *pool)
{
    if (values->is_archived || values->fields.is_deceased) {
        return NULL;
    }
    return values->fields.birth_date ? apr_pstrndup(pool, values->fields.birth_date, YEAR) : "none";
}

/* What the cells say by themselves, before others are looked at. */
static row_state_t row_judge(mq_import_values_t *values, const turn_t *turn)
{
    for (int field = 0; field < MQ_IMPORT_FIELDS; field++) {
        if (values->rules[field]) {
            return mq_import_values_mend(values, turn->pool) ? ROW_MENDABLE : ROW_FAULTY;
        }
    }
    return ROW_GOOD;
}

/* A row that is like somebody is left out, unless a person chooses it; one that lacks something as
 * well is left out in any case. */
static row_state_t double_note(mq_import_values_t *values, const mq_import_double_t *found,
                               row_state_t state)
{
    const mq_import_field_t field = mq_import_field_of(MQ_PATIENT_FIELD_NAME);
    if (!found->rule) {
        return state;
    }
    values->rules[field] = found->rule;
    if (!values->raw[field]) {
        values->raw[field] = values->fields.name;
    }
    return state == ROW_GOOD ? ROW_DOUBLE : ROW_FAULTY;
}

static apr_status_t row_checked(const turn_t *turn, const row_t *row,
                                const mq_import_values_t *values, const mq_import_keys_t *keys,
                                const mq_import_double_t *found, row_state_t state)
{
    return mq_db_change(
        NULL, turn->sc, MQ_SQL_IMPORT_ROW_CHECKED,
        MQ_PARAMS(mq_bind_text(values->mrn), mq_bind_text(birth_year(values, turn->pool)),
                  mq_bind_int(state), mq_bind_text(keys->person), mq_bind_text(keys->born),
                  mq_bind_text(keys->phone), mq_bind_text(keys->identifier),
                  mq_bind_id(found->patient), mq_bind_int(found->row), mq_bind_int(found->why),
                  mq_bind_id(&turn->import->id), mq_bind_int(row->number)));
}

static apr_status_t row_check(turn_t *turn, row_t *row)
{
    mq_import_double_t found = {NULL, 0, 0, 0};
    mq_import_keys_t keys = {NULL, NULL, NULL, NULL};
    mq_import_values_t values;
    row_state_t state;
    mq_import_values_read(&values, turn->sc, turn->import, row->cells, turn->pool);
    MQ_TRY(mrn_check(&values, turn, row));
    state = row_judge(&values, turn);
    if (state != ROW_FAULTY) {
        mq_import_keys(&keys, turn->sc, &values.fields, turn->pool);
        MQ_TRY(mq_import_double_find(&found, turn->sc, &turn->import->id, row->number,
                                     &values.fields, &keys, turn->pool));
        state = double_note(&values, &found, state);
    }
    for (int field = 0; field < MQ_IMPORT_FIELDS && state != ROW_GOOD; field++) {
        if (values.rules[field]) {
            MQ_TRY(fault_note(turn, row, field, &values));
        }
    }
    turn->import->faulty += state == ROW_FAULTY || state == ROW_MENDABLE;
    turn->import->mendable += state == ROW_MENDABLE;
    turn->import->doubles += state == ROW_DOUBLE;
    turn->import->unknowns += values.unknowns;
    return row_checked(turn, row, &values, &keys, &found, state);
}

static apr_status_t mrn_assign(const char **mrn_out, const turn_t *turn)
{
    apr_int64_t number;
    MQ_TRY(mq_counter_add(turn->sc, "mrn", 1));
    MQ_TRY(mq_counter_value(&number, turn->sc, "mrn"));
    *mrn_out = mq_mrn_format(number, turn->pool);
    return APR_SUCCESS;
}

/* What it becomes when it is shown is told by change_kind and is_deceased (row_show).
 * @return MQ_ECONFLICT the row's own number is another patient's by now */
static apr_status_t patient_insert(const mq_id_t *id, const turn_t *turn,
                                   const mq_import_values_t *values)
{
    const mq_scope_t *sc = turn->sc;
    const mq_patient_fields_t *fields = &values->fields;
    const mq_param_t now = mq_bind_int(mq_scope_now(sc));
    const mq_param_t user = mq_bind_id(mq_scope_user(sc));
    const mq_param_t name =
        mq_bind_text(mq_text_search_key(mq_scope_core(sc)->folding, fields->name, turn->pool));
    const mq_param_t family = mq_bind_text(mq_patient_family_key(sc, fields));
    const mq_param_t national_id =
        mq_bind_text(mq_national_id_key(fields->national_id, turn->pool));
    const mq_param_t kind = mq_bind_int(values->is_archived ? MQ_CHANGE_ARCHIVED : MQ_CHANGE_ADDED);
    int changed = 0;
    while (changed == 0) {
        const char *mrn = values->mrn;
        const mq_param_t *params;
        int count;
        if (!mrn) {
            MQ_TRY(mrn_assign(&mrn, turn));
        }
        params = mq_patient_fields_bind(&count,
                                        MQ_PARAMS(mq_bind_id(id), mq_bind_text(mrn), name, family,
                                                  national_id, now, user, now, user, kind),
                                        fields, MQ_NO_PARAMS, turn->pool);
        MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_IMPORT_PATIENT_INSERT, params, count));
        if (changed == 0 && values->mrn) {
            return MQ_ECONFLICT;
        }
    }
    return APR_SUCCESS;
}

/* It comes signed, by who imports it; who wrote it where it was, and when, is what the file says.
 */
static apr_status_t note_add(const turn_t *turn, const mq_id_t *patient,
                             const mq_import_values_t *values)
{
    const mq_scope_t *sc = turn->sc;
    const mq_param_t now = mq_bind_int(mq_scope_now(sc));
    mq_id_t note;
    if (!values->notes) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_id_make(&note));
    return mq_db_change(
        NULL, sc, MQ_SQL_IMPORT_NOTE_INSERT,
        MQ_PARAMS(mq_bind_id(patient), mq_bind_id(&note), mq_bind_id(mq_scope_user(sc)),
                  mq_bind_text(values->notes), now, now, mq_bind_text(mq_scope_user_name(sc)),
                  mq_bind_text(values->note_date), mq_bind_text(values->note_author)));
}

/* Whether a person has decided that a row is added. */
static int is_taken(const mq_import_t *import, const row_t *row)
{
    switch (row->state) {
    case ROW_GOOD:
        return 1;
    case ROW_DOUBLE:
        return import->with_doubles || row->is_chosen;
    case ROW_MENDABLE:
        return import->mend == MQ_IMPORT_BLANK;
    case ROW_FAULTY:
    default:
        return 0;
    }
}

static apr_status_t row_add(turn_t *turn, row_t *row)
{
    const mq_scope_t *sc = turn->sc;
    const apr_int64_t kept = mq_db_kept(sc);
    mq_import_values_t values;
    mq_id_t id;
    apr_status_t rv;
    if (!is_taken(turn->import, row)) {
        return APR_SUCCESS;
    }
    mq_import_values_read(&values, turn->sc, turn->import, row->cells, turn->pool);
    if (row->state == ROW_MENDABLE) {
        (void)mq_import_values_mend(&values, turn->pool);
    }
    MQ_TRY(mq_id_make(&id));
    rv = patient_insert(&id, turn, &values);
    if (rv == MQ_ECONFLICT) {
        turn->next = MQ_IMPORT_CLEANING;
        return APR_SUCCESS;
    }
    MQ_TRY(rv);
    MQ_TRY(mq_patient_index_add(sc, &id));
    MQ_TRY(note_add(turn, &id, &values));
    mq_db_kept_set(sc, kept + row->room);
    turn->import->added++;
    return mq_db_change(
        NULL, sc, MQ_SQL_IMPORT_ROW_ADDED,
        MQ_PARAMS(mq_bind_id(&id), mq_bind_id(&turn->import->id), mq_bind_int(row->number)));
}

/* change_kind is 1, or 3 for who comes archived: the statement reckons the list from it. */
static apr_status_t row_show(turn_t *turn, row_t *row)
{
    if (mq_id_is_nil(&row->patient)) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_db_change(NULL, turn->sc, MQ_SQL_IMPORT_PATIENT_SHOW,
                        MQ_PARAMS(mq_bind_id(&row->patient))));
    return mq_pairs_due(turn->sc, &row->patient);
}

static apr_status_t row_hide(turn_t *turn, row_t *row)
{
    int changed = 0;
    int touched = 0;
    if (mq_id_is_nil(&row->patient)) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_patient_parts_touched(&touched, turn->sc, &row->patient));
    if (!touched) {
        MQ_TRY(mq_db_change(&changed, turn->sc, MQ_SQL_IMPORT_PATIENT_HIDE,
                            MQ_PARAMS(mq_bind_id(&row->patient))));
    }
    if (changed == 0) {
        turn->next = MQ_IMPORT_SHOWING;
    }
    return APR_SUCCESS;
}

static apr_status_t row_remove(turn_t *turn, row_t *row)
{
    const mq_param_t patient = mq_bind_id(&row->patient);
    if (mq_id_is_nil(&row->patient)) {
        return APR_SUCCESS;
    }
    mq_db_kept_set(turn->sc, mq_db_kept(turn->sc) - row->room);
    MQ_TRY(mq_patient_index_remove(turn->sc, &row->patient));
    MQ_TRY(mq_patient_parts_remove(turn->sc, &row->patient));
    MQ_TRY(mq_pairs_done(turn->sc, &row->patient));
    MQ_TRY(mq_pairs_drop(turn->sc, &row->patient, MQ_PAIR_LIKELY));
    MQ_TRY(mq_pairs_drop(turn->sc, &row->patient, MQ_PAIR_APART));
    MQ_TRY(mq_db_change(NULL, turn->sc, MQ_SQL_IMPORT_RECENT_REMOVE, MQ_PARAMS(patient)));
    turn->import->added -= turn->import->state == MQ_IMPORT_CLEANING;
    MQ_TRY(mq_db_change(
        NULL, turn->sc, MQ_SQL_IMPORT_ROW_ADDED,
        MQ_PARAMS(mq_bind_id(NULL), mq_bind_id(&turn->import->id), mq_bind_int(row->number))));
    return mq_db_change(NULL, turn->sc, MQ_SQL_IMPORT_PATIENT_REMOVE, MQ_PARAMS(patient));
}

static apr_status_t rows_next(apr_array_header_t **rows_out, const mq_scope_t *sc,
                              const mq_import_t *import, apr_int64_t after, apr_pool_t *pool)
{
    apr_array_header_t *found = apr_array_make(pool, ROWS_PER_READ, sizeof(row_t));
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(
        &rows, sc, MQ_SQL_IMPORT_ROWS_NEXT,
        MQ_PARAMS(mq_bind_id(&import->id), mq_bind_int(after), mq_bind_int(ROWS_PER_READ))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        const char *cells = mq_rows_text(&rows, MQ_IMPORT_ROWS_NEXT_CELLS, pool);
        APR_ARRAY_PUSH(found, row_t) =
            (row_t){.number = mq_rows_int(&rows, MQ_IMPORT_ROWS_NEXT_NUMBER),
                    .line = mq_rows_int(&rows, MQ_IMPORT_ROWS_NEXT_LINE),
                    .cells = apr_pstrdup(pool, cells),
                    .room = MQ_IMPORT_ROOM_OF_ROW + (apr_int64_t)strlen(cells),
                    .state = (row_state_t)mq_rows_int(&rows, MQ_IMPORT_ROWS_NEXT_IS_FAULTY),
                    .is_chosen = (int)mq_rows_int(&rows, MQ_IMPORT_ROWS_NEXT_IS_CHOSEN),
                    .patient = mq_rows_id(&rows, MQ_IMPORT_ROWS_NEXT_PATIENT_ID)};
    }
    *rows_out = found;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_import_touched(const mq_scope_t *sc, const mq_import_t *import)
{
    apr_pool_t *pool;
    apr_array_header_t *rows;
    apr_int64_t after = 0;
    MQ_TRY(apr_pool_create(&pool, mq_scope_pool(sc)));
    do {
        apr_pool_clear(pool);
        MQ_TRY(rows_next(&rows, sc, import, after, pool));
        for (int i = 0; i < rows->nelts; i++) {
            const row_t *row = &APR_ARRAY_IDX(rows, i, row_t);
            int touched = 0;
            int is_as_added = 0;
            if (!mq_id_is_nil(&row->patient)) {
                MQ_TRY(mq_patient_parts_touched(&touched, sc, &row->patient));
                MQ_TRY(row_exists(&is_as_added, sc, MQ_SQL_IMPORT_PATIENT_UNTOUCHED,
                                  MQ_PARAMS(mq_bind_id(&row->patient))));
                if (touched || !is_as_added) {
                    return MQ_ECONFLICT;
                }
            }
            after = row->number;
        }
    } while (rows->nelts);
    return APR_SUCCESS;
}

/* Count the patients that become visible, or cease to be, all at once. */
static apr_status_t figures_move(const mq_scope_t *sc, const mq_import_t *import, int sign)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    struct figure_t {
        const char *name;
        apr_int64_t count;
    } figures[YEARS_MOST];
    apr_int64_t active = 0;
    mq_rows_t rows;
    apr_status_t rv;
    int count = 0;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_IMPORT_BIRTH_YEARS,
                        MQ_PARAMS(mq_bind_id(&import->id), mq_bind_int(YEARS_MOST))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        figures[count].name =
            apr_pstrcat(pool, MQ_COUNTER_BIRTH,
                        mq_rows_text(&rows, MQ_IMPORT_BIRTH_YEARS_BIRTH_YEAR, pool), NULL);
        figures[count].count = mq_rows_int(&rows, MQ_IMPORT_BIRTH_YEARS_COUNT);
        active += figures[count++].count;
    }
    if (rv != APR_EOF) {
        return rv;
    }
    for (int i = 0; i < count; i++) {
        MQ_TRY(mq_counter_add(sc, figures[i].name, sign * figures[i].count));
    }
    MQ_TRY(mq_counter_add(sc, MQ_COUNTER_ACTIVE, sign * active));
    return mq_patient_registered(sc, import->finished_at, sign * import->added);
}

apr_status_t mq_import_state_set(const mq_scope_t *sc, const mq_id_t *id, mq_import_state_t from,
                                 mq_import_state_t to, apr_time_t finished_at,
                                 mq_import_ending_t ending)
{
    int changed = 0;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_IMPORT_STATE_SET,
                        MQ_PARAMS(mq_bind_int(to), mq_bind_int(finished_at), mq_bind_int(ending),
                                  mq_bind_id(id), mq_bind_int(from))));
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

/* The long states: what is done to a row, and where they lead; and where who stops them. */
static const struct {
    apr_status_t (*row)(turn_t *turn, row_t *row);
    mq_import_state_t state;
    mq_import_state_t next;
    mq_import_state_t stopped; /* 0: it has been decided, and is completed */
} works[] = {{row_check, MQ_IMPORT_CHECKING, MQ_IMPORT_CHECKED, MQ_IMPORT_MAPPING},
             {row_add, MQ_IMPORT_ADDING, MQ_IMPORT_SHOWING, MQ_IMPORT_CLEANING},
             {row_show, MQ_IMPORT_SHOWING, MQ_IMPORT_DONE, 0},
             {row_hide, MQ_IMPORT_HIDING, MQ_IMPORT_REMOVING, 0},
             {row_remove, MQ_IMPORT_REMOVING, MQ_IMPORT_UNDONE, 0},
             {row_remove, MQ_IMPORT_CLEANING, MQ_IMPORT_FAILED, 0}};

static int work_find(const mq_import_t *import)
{
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        if (works[i].state == import->state) {
            return (int)i;
        }
    }
    return -1;
}

int mq_import_is_working(const mq_import_t *import)
{
    return work_find(import) >= 0;
}

int mq_import_is_undecided(const mq_import_t *import)
{
    return import->state == MQ_IMPORT_STAGING || import->state == MQ_IMPORT_MAPPING ||
           import->state == MQ_IMPORT_CHECKED;
}

mq_import_state_t mq_import_stopped(const mq_import_t *import)
{
    const int work = work_find(import);
    return work < 0 ? 0 : works[work].stopped;
}

/* As many rows as the time allows: fewer and larger transactions write each page of an index less
 * often, and wait less often for the disk. */
static apr_status_t rows_do(turn_t *turn, int work)
{
    const struct timespec until = mq_deadline_after(apr_time_from_msec(TURN_MILLISECONDS));
    mq_import_t *import = turn->import;
    apr_array_header_t *rows;
    do {
        MQ_TRY(rows_next(&rows, turn->sc, import, import->position, turn->pool));
        for (int i = 0; i < rows->nelts && !turn->next; i++) {
            row_t *row = &APR_ARRAY_IDX(rows, i, row_t);
            MQ_TRY(works[work].row(turn, row));
            import->position = row->number;
            if (i % 10 == 0 && mq_deadline_left(&until) == 0) {
                return APR_SUCCESS;
            }
        }
    } while (rows->nelts && !turn->next);
    return APR_SUCCESS;
}

/* Where a long state leads when all its rows have been gone through. */
static apr_status_t work_end(turn_t *turn, int work)
{
    mq_import_t *import = turn->import;
    turn->next = works[work].next;
    switch (import->state) {
    case MQ_IMPORT_ADDING:
        import->finished_at = mq_scope_now(turn->sc);
        return figures_move(turn->sc, import, 1);
    case MQ_IMPORT_HIDING:
        return figures_move(turn->sc, import, -1);
    case MQ_IMPORT_REMOVING:
        import->finished_at = mq_scope_now(turn->sc);
        return APR_SUCCESS;
    case MQ_IMPORT_CLEANING:
        import->finished_at = mq_scope_now(turn->sc);
        turn->next = import->ending == MQ_IMPORT_ORDINARY ? MQ_IMPORT_FAILED : MQ_IMPORT_CHECKED;
        return APR_SUCCESS;
    default:
        return APR_SUCCESS;
    }
}

static apr_status_t work_do(turn_t *turn, int work)
{
    mq_import_t *import = turn->import;
    const mq_scope_t *sc = turn->sc;
    MQ_TRY(rows_do(turn, work));
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_IMPORT_MOVED,
                        MQ_PARAMS(mq_bind_int(import->position), mq_bind_int(import->faulty),
                                  mq_bind_int(import->faults), mq_bind_int(import->added),
                                  mq_bind_int(import->doubles), mq_bind_int(import->mendable),
                                  mq_bind_int(import->unknowns), mq_bind_id(&import->id))));
    if (!turn->next && mq_import_rows_done(import) < import->rows) {
        return APR_SUCCESS;
    }
    if (!turn->next) {
        MQ_TRY(work_end(turn, work));
    }
    return mq_import_state_set(sc, &import->id, import->state, turn->next, import->finished_at,
                               import->ending);
}

/* Who has ordered it may no longer do so: it is as before that was begun, for somebody else to go
 * on with. */
static apr_status_t work_stop(const turn_t *turn, int work)
{
    const mq_import_t *import = turn->import;
    const mq_audit_event_t event = {.action = MQ_ACTION_PATIENTS_IMPORT,
                                    .outcome = MQ_OUTCOME_REFUSED,
                                    .object = &import->id,
                                    .reason = "stopped: its person may no longer import"};
    MQ_TRY(mq_import_state_set(turn->sc, &import->id, import->state, works[work].stopped,
                               import->finished_at, MQ_IMPORT_DISMISSED));
    return mq_audit_write(turn->sc, &event);
}

/* Nobody can go on with it or take it back any more: what the file said goes, some rows at a time.
 * @param done_out whether it has gone */
static apr_status_t rows_forget(int *done_out, const turn_t *turn)
{
    const struct timespec until = mq_deadline_after(apr_time_from_msec(TURN_MILLISECONDS));
    const mq_param_t id = mq_bind_id(&turn->import->id);
    do {
        mq_rows_t rows;
        apr_int64_t last;
        apr_status_t rv = mq_db_select_one(&rows, turn->sc, MQ_SQL_IMPORT_ROWS_FROM, MQ_PARAMS(id));
        if (rv == MQ_ENOTFOUND) {
            *done_out = 1;
            return mq_db_change(NULL, turn->sc, MQ_SQL_IMPORT_FAULTS_GONE, MQ_PARAMS(id));
        }
        MQ_TRY(rv);
        last = mq_rows_int(&rows, MQ_IMPORT_ROWS_FROM_NUMBER) + ROWS_FORGOTTEN - 1;
        mq_rows_close(&rows);
        MQ_TRY(mq_db_change(NULL, turn->sc, MQ_SQL_IMPORT_FAULTS_FORGET,
                            MQ_PARAMS(id, mq_bind_int(last))));
        MQ_TRY(mq_db_change(NULL, turn->sc, MQ_SQL_IMPORT_ROWS_FORGET,
                            MQ_PARAMS(id, mq_bind_int(last))));
    } while (mq_deadline_left(&until) > 0);
    return APR_SUCCESS;
}

/* Until when a resting import keeps the rows of its file; what was thrown away keeps nothing. */
static apr_time_t rest_until(const mq_import_t *import)
{
    if (import->state == MQ_IMPORT_FAILED && import->ending != MQ_IMPORT_ORDINARY) {
        return 0;
    }
    return mq_import_kept_until(mq_import_is_undecided(import) ? import->created_at
                                                               : import->finished_at);
}

static apr_status_t rest_do(const turn_t *turn, mq_job_turn_t *job)
{
    const apr_time_t now = mq_scope_now(turn->sc);
    const apr_time_t until = rest_until(turn->import);
    int done = 0;
    job->due_out = now;
    if (until > now) {
        job->due_out = until;
        return APR_SUCCESS;
    }
    if (mq_import_is_undecided(turn->import)) {
        return mq_import_state_set(turn->sc, &turn->import->id, turn->import->state,
                                   MQ_IMPORT_FAILED, now, MQ_IMPORT_UNDECIDED);
    }
    MQ_TRY(rows_forget(&done, turn));
    job->due_out = done ? 0 : now;
    return APR_SUCCESS;
}

static apr_status_t import_turn(const mq_scope_t *sc, mq_job_turn_t *job)
{
    mq_import_t import;
    turn_t turn = {sc, &import, job->pool, 0};
    apr_status_t rv = mq_import_load(&import, sc, &job->object);
    int work;
    if (rv == MQ_ENOTFOUND) {
        job->due_out = 0;
        return APR_SUCCESS;
    }
    MQ_TRY(rv);
    work = work_find(&import);
    job->due_out = mq_scope_now(sc); /* a state that rests says in its own turn for how long */
    if (work < 0) {
        return rest_do(&turn, job);
    }
    return !job->may && works[work].stopped ? work_stop(&turn, work) : work_do(&turn, work);
}

const mq_job_kind_t mq_import_job = {MQ_JOB_IMPORT, "import", MQ_ACTION_PATIENTS_IMPORT,
                                     import_turn,   0,        MQ_IMPORT_KEPT_DAYS * 24 * 3600};
