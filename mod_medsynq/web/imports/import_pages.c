/* import_pages.c -- importing patients, step by step; each step is a page that can be left and
 * found again. Rules are in domain/imports/patient_import.c. */

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "domain/imports/patient_import.h"
#include "domain/imports/patient_import_preview.h"
#include "domain/imports/patient_import_work.h"
#include "domain/keyset.h"
#include "web/dates.h"
#include "web/error_pages.h"
#include "web/imports/import_columns.h"
#include "web/imports/import_faults.h"
#include "web/once.h"
#include "web/paging.h"
#include "web/route_tables.h"
#include "web/upload.h"

enum { IMPORTS_SHOWN = 20 };

typedef struct job_t {
    const char *href;
    const char *file_name;
    const char *at_text;
    const char *at_iso;
    const char *state_text;
    apr_int64_t rows;
} job_t;

static const mq_slot_t job_slots[] = {MQ_TEXT(job_t, href),
                                      MQ_TEXT(job_t, file_name),
                                      MQ_TEXT(job_t, at_text),
                                      MQ_TEXT(job_t, at_iso),
                                      MQ_TEXT(job_t, state_text),
                                      MQ_INT(job_t, rows),
                                      MQ_SLOTS_END};

typedef struct imports_page_t {
    mq_frame_t frame;
    const char *upload_error;
    mq_paging_t paging;
    apr_int64_t upload_megabytes;
    mq_list_t jobs;
    int has_jobs;
} imports_page_t;

static const mq_slot_t imports_slots[] = {MQ_TEXT(imports_page_t, upload_error),
                                          MQ_INCLUDE(imports_page_t, paging, mq_paging_slots),
                                          MQ_INT(imports_page_t, upload_megabytes),
                                          MQ_LIST(imports_page_t, jobs, job_slots, job_t),
                                          MQ_FLAG(imports_page_t, has_jobs),
                                          MQ_INCLUDE(imports_page_t, frame, mq_frame_slots),
                                          MQ_SLOTS_END};

typedef struct import_page_t {
    mq_frame_t frame;
    const char *href;
    const char *file_name;
    const char *state_text;
    const char *stopped_text; /* why it is not further, or NULL */
    const char *problem;
    const char *rows_text;
    const char *import_text; /* what the button does; NULL: no row is good */
    const char *all_text;    /* what the other one does: doubles, too; NULL: there are none */
    const char *added_text;
    const char *left_out_text; /* NULL: all rows were good, or their errors are forgotten */
    const char *mended_text;   /* rows that are there without what was wrong, or NULL */
    const char *names_text;    /* how some names were put together, or NULL */
    const char *unknown_text;  /* cells that say that nothing is known, or NULL */
    const char *leave_text;    /* what leaving out the rows with errors leads to; NULL: nothing */
    const char *blank_text;    /* what leaving their cells empty leads to; NULL: not possible */
    apr_int64_t rows;
    apr_int64_t done; /* of the rows, in the present step */
    apr_int64_t good;
    apr_int64_t faulty;
    apr_int64_t doubles;
    int has_faults;
    int is_mapping;
    int is_working;
    int can_cancel;
    int can_discard;
    int is_checked;
    int is_done;
    int can_undo;
    mq_import_columns_t columns_form;
    mq_import_faults_t faults_view;
} import_page_t;

static const mq_slot_t import_slots[] = {
    MQ_TEXT(import_page_t, href),
    MQ_TEXT(import_page_t, file_name),
    MQ_TEXT(import_page_t, state_text),
    MQ_TEXT(import_page_t, stopped_text),
    MQ_TEXT(import_page_t, problem),
    MQ_TEXT(import_page_t, rows_text),
    MQ_TEXT(import_page_t, import_text),
    MQ_TEXT(import_page_t, all_text),
    MQ_TEXT(import_page_t, added_text),
    MQ_TEXT(import_page_t, left_out_text),
    MQ_TEXT(import_page_t, mended_text),
    MQ_TEXT(import_page_t, names_text),
    MQ_TEXT(import_page_t, unknown_text),
    MQ_TEXT(import_page_t, leave_text),
    MQ_TEXT(import_page_t, blank_text),
    MQ_INT(import_page_t, rows),
    MQ_INT(import_page_t, done),
    MQ_INT(import_page_t, good),
    MQ_INT(import_page_t, faulty),
    MQ_INT(import_page_t, doubles),
    MQ_FLAG(import_page_t, has_faults),
    MQ_FLAG(import_page_t, is_mapping),
    MQ_FLAG(import_page_t, is_working),
    MQ_FLAG(import_page_t, can_cancel),
    MQ_FLAG(import_page_t, can_discard),
    MQ_FLAG(import_page_t, is_checked),
    MQ_FLAG(import_page_t, is_done),
    MQ_FLAG(import_page_t, can_undo),
    MQ_INCLUDE(import_page_t, faults_view, mq_import_faults_slots),
    MQ_INCLUDE(import_page_t, columns_form, mq_import_columns_slots),
    MQ_INCLUDE(import_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t imports_template = {"imports.html", imports_slots, 1};
static const mq_page_t import_template = {"import.html", import_slots};

static const char *failed_text(const mq_request_t *rq, mq_import_ending_t ending)
{
    switch (ending) {
    case MQ_IMPORT_DISCARDED:
        return mq_say(rq, "Discarded; nothing was imported");
    case MQ_IMPORT_UNDECIDED:
        return mq_say(rq, "Not imported: nobody decided within seven days");
    case MQ_IMPORT_UNREADABLE:
        return mq_say(rq, "Not imported: the file could not be read");
    default:
        return mq_say(rq, "Not imported: a record number was given to somebody else meanwhile");
    }
}

static const char *state_text(const mq_request_t *rq, const mq_import_t *import)
{
    switch (import->state) {
    case MQ_IMPORT_STAGING:
        return mq_say(rq, "Upload not complete");
    case MQ_IMPORT_MAPPING:
        return mq_say(rq, "Columns not matched yet");
    case MQ_IMPORT_CHECKING:
        return mq_say(rq, "Checking the rows");
    case MQ_IMPORT_CHECKED:
        return mq_say(rq, "Checked; nothing imported yet");
    case MQ_IMPORT_ADDING:
    case MQ_IMPORT_SHOWING:
        return mq_say(rq, "Importing");
    case MQ_IMPORT_DONE:
        return mq_say(rq, "Imported");
    case MQ_IMPORT_HIDING:
    case MQ_IMPORT_REMOVING:
        return mq_say(rq, "Being undone");
    case MQ_IMPORT_UNDONE:
        return mq_say(rq, "Undone");
    case MQ_IMPORT_CLEANING:
        return import->ending == MQ_IMPORT_ORDINARY ? failed_text(rq, import->ending)
                                                    : mq_say(rq, "Being stopped");
    case MQ_IMPORT_FAILED:
    default:
        return failed_text(rq, import->ending);
    }
}

/* Why what somebody began has not been done. */
static const char *stopped_text(const mq_request_t *rq, const mq_import_t *import)
{
    switch (import->ending) {
    case MQ_IMPORT_CANCELLED:
        return mq_say(rq, "It was cancelled; nothing has been imported.");
    case MQ_IMPORT_DISMISSED:
        return mq_say(rq, "It was stopped, because the person who had started it may no longer "
                          "import; nothing has been imported. You can start it again.");
    default:
        return NULL;
    }
}

static const char *import_href(const mq_request_t *rq, const mq_id_t *id)
{
    return apr_pstrcat(rq->pool, "/patients/import/", mq_id_text(id, rq->pool), NULL);
}

static mq_list_t jobs_draw(const mq_request_t *rq, const apr_array_header_t *imports)
{
    job_t *jobs = apr_palloc(rq->pool, sizeof *jobs * (size_t)(imports->nelts + 1));
    for (int i = 0; i < imports->nelts; i++) {
        const mq_import_t *import = &APR_ARRAY_IDX(imports, i, mq_import_t);
        jobs[i] = (job_t){.href = import_href(rq, &import->id),
                          .file_name = *import->file_name ? import->file_name : "CSV",
                          .at_text = mq_time_say(rq, import->created_at),
                          .at_iso = mq_time_iso(import->created_at, rq->pool),
                          .state_text = state_text(rq, import),
                          .rows = import->rows};
    }
    return (mq_list_t){jobs, imports->nelts};
}

static apr_status_t imports_show(mq_request_t *rq, const mq_scope_t *sc, const char *error)
{
    imports_page_t page = {.frame.title = mq_say(rq, "Import patients"),
                           .upload_error = error,
                           .upload_megabytes = (apr_int64_t)(rq->app->upload_limit >> 20)};
    const mq_id_t *before = NULL;
    apr_array_header_t *imports;
    int has_older;
    if (rq->method == MQ_GET) {
        MQ_TRY(mq_paging_read(&before, rq, "before"));
    }
    MQ_TRY(mq_imports_newest(&imports, sc, before, IMPORTS_SHOWN + 1));
    has_older = mq_keyset_cut(imports, IMPORTS_SHOWN);
    page.paging = mq_paging(
        rq, "/patients/import", "before",
        has_older ? mq_id_text(&APR_ARRAY_IDX(imports, IMPORTS_SHOWN - 1, mq_import_t).id, rq->pool)
                  : NULL,
        imports->nelts, mq_say(rq, "Older imports"));
    page.jobs = jobs_draw(rq, imports);
    page.has_jobs = imports->nelts > 0;
    return mq_page_show(rq, error ? 422 : 200, &imports_template, &page);
}

static apr_status_t imports_page(mq_request_t *rq, const mq_scope_t *sc)
{
    return imports_show(rq, sc, NULL);
}

static apr_status_t import_upload_post(mq_request_t *rq, const mq_scope_t *sc)
{
    unsigned char digest[MQ_SHA256_LENGTH];
    mq_upload_t upload;
    const char *fault;
    apr_status_t rv;
    mq_id_t id;
    int status;
    int line;
    MQ_TRY(mq_upload_read(&upload, &status, rq, sc));
    if (status) {
        return mq_error_show(rq, status);
    }
    if (!upload.file) {
        return imports_show(rq, sc, mq_say(rq, "Choose a file."));
    }
    MQ_TRY(mq_upload_digest(digest, &upload, rq->pool));
    MQ_TRY(mq_once_scope(&sc, rq, sc, digest));
    rv = mq_import_stage(&id, sc, upload.name, upload.file, &fault, &line);
    if (rv == MQ_EINVALID && fault) {
        return imports_show(
            rq, sc, line ? mq_sayf(rq, "Line %d: %s", line, mq_say(rq, fault)) : mq_say(rq, fault));
    }
    MQ_TRY(rv);
    return mq_request_redirect(rq, import_href(rq, &id));
}

/* What can be done about rows with errors. */
static void faulty_say(import_page_t *page, const mq_request_t *rq, const mq_import_t *import)
{
    if (!import->faulty) {
        return;
    }
    if (page->good + page->doubles) {
        page->leave_text = mq_say_count(rq, "Leave this %d row out", "Leave these %d rows out",
                                        (int)import->faulty);
    }
    if (import->mendable) {
        page->blank_text =
            mq_say_count(rq, "Leave only the wrong cells empty, in %d row that can do without them",
                         "Leave only the wrong cells empty, in %d rows that can do without them",
                         (int)import->mendable);
    }
}

static void left_out_say(import_page_t *page, const mq_request_t *rq, const mq_import_t *import)
{
    int mended = import->mend == MQ_IMPORT_BLANK ? (int)import->mendable : 0;
    int faulty = (int)import->faulty - mended;
    if (!import->faults) {
        return;
    }
    if (import->doubles > import->chosen && !import->with_doubles) {
        page->left_out_text =
            mq_say_count(rq, "%d row with errors or of somebody registered was left out.",
                         "%d rows with errors or of somebody registered were left out.",
                         faulty + (int)(import->doubles - import->chosen));
    } else if (faulty) {
        page->left_out_text = mq_say_count(rq, "%d row with errors was left out.",
                                           "%d rows with errors were left out.", faulty);
    }
    if (mended) {
        page->mended_text =
            mq_say_count(rq, "%d row was imported without the cells with errors.",
                         "%d rows were imported without the cells with errors.", mended);
    }
}

static void counts_say(import_page_t *page, const mq_request_t *rq, const mq_import_t *import)
{
    int all = (int)(page->good + page->doubles);
    int good = (int)(page->good + import->chosen);
    page->rows_text = mq_say_count(rq, "The file has %d row. Match the columns.",
                                   "The file has %d rows. Match the columns.", (int)page->rows);
    page->import_text =
        good ? mq_say_count(rq, "Import %d patient", "Import %d patients", good) : NULL;
    page->added_text = mq_say_count(rq, "%d patient was imported.", "%d patients were imported.",
                                    (int)import->added);
    if (page->doubles > import->chosen) {
        page->all_text = mq_say_count(rq, "Import all %d, the likely duplicate as well",
                                      "Import all %d, the likely duplicates as well", all);
    }
    if (import->mendable) { /* how many they are depends on what is chosen */
        page->import_text = mq_say(rq, "Import");
        page->all_text = page->doubles ? mq_say(rq, "Import, the likely duplicates as well") : NULL;
    }
    if (import->unknowns) {
        page->unknown_text = mq_say_count(
            rq,
            "%d cell says that nothing is known (NULL, n/a, 0000-00-00 …): it is read as empty.",
            "%d cells say that nothing is known (NULL, n/a, 0000-00-00 …): they are read as empty.",
            (int)import->unknowns);
    }
    faulty_say(page, rq, import);
    left_out_say(page, rq, import);
}

static apr_status_t import_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                                const mq_import_t *import, const mq_import_choice_t *chosen,
                                const char *problem)
{
    import_page_t page = {.frame.title = mq_say(rq, "Import patients"),
                          .href = import_href(rq, &import->id),
                          .file_name = import->file_name,
                          .state_text = state_text(rq, import),
                          .stopped_text =
                              mq_import_is_undecided(import) ? stopped_text(rq, import) : NULL,
                          .problem = problem,
                          .rows = import->rows,
                          .done = mq_import_rows_done(import),
                          .good = import->rows - import->faulty - import->doubles,
                          .faulty = import->faulty,
                          .doubles = import->doubles,
                          .has_faults = import->faults > 0,
                          .is_mapping = import->state == MQ_IMPORT_MAPPING,
                          .is_working = mq_import_is_working(import),
                          .can_cancel = mq_import_stopped(import) != 0,
                          .can_discard = mq_import_is_undecided(import),
                          .is_checked = import->state == MQ_IMPORT_CHECKED,
                          .is_done = import->state == MQ_IMPORT_DONE,
                          .can_undo = import->can_undo};
    counts_say(&page, rq, import);
    if (page.is_mapping || page.is_checked) {
        MQ_TRY(mq_import_columns_draw(&page.columns_form, rq, sc, import, chosen));
    }
    if (page.is_checked) {
        MQ_TRY(mq_import_faults_draw(&page.faults_view, rq, sc, import));
        MQ_TRY(mq_import_names_read(&page.names_text, sc, import));
    }
    if (page.is_working) { /* in the header, for the page's own head is everybody's */
        apr_table_setn(rq->headers, "Refresh", "1");
    }
    return mq_page_show(rq, status, &import_template, &page);
}

static apr_status_t import_read(mq_import_t *import_out, mq_id_t *id_out, mq_request_t *rq,
                                const mq_scope_t *sc)
{
    MQ_TRY(mq_request_record(id_out, rq));
    return mq_import_read(import_out, sc, id_out);
}

/* Where it is; shows itself anew while a job is at it. */
static apr_status_t import_page(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_import_t import;
    mq_id_t id;
    MQ_TRY(import_read(&import, &id, rq, sc));
    return import_show(rq, sc, 200, &import, NULL, NULL);
}

/* Which row has the names, where that was asked. */
static apr_status_t import_head_post(mq_request_t *rq, const mq_scope_t *sc,
                                     const mq_import_t *import, const char *number)
{
    apr_status_t rv = mq_import_head_set(sc, import, apr_atoi64(number));
    if (rv == MQ_EINVALID || (rv == MQ_ECONFLICT && mq_import_is_undecided(import))) {
        return import_show(rq, sc, 422, import, NULL,
                           mq_say(rq, "That row cannot have the names of the columns."));
    }
    MQ_TRY(rv);
    return mq_request_redirect(rq, import_href(rq, &import->id));
}

static apr_status_t import_columns_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_import_choice_t choice;
    const char *problem;
    const char *head;
    mq_import_t import;
    mq_id_t id;
    MQ_TRY(import_read(&import, &id, rq, sc));
    head = mq_form_get(rq->form, "head", NULL);
    if (head && (apr_atoi64(head) != import.head || !mq_form_get(rq->form, "column_0", NULL))) {
        return import_head_post(rq, sc, &import, head);
    }
    problem = mq_import_choice_read(&choice, rq, sc, &import);
    if (problem && (import.state == MQ_IMPORT_MAPPING || import.state == MQ_IMPORT_CHECKED)) {
        return import_show(rq, sc, 422, &import, &choice, problem);
    }
    MQ_TRY(mq_import_map(sc, &import, choice.fields, choice.order));
    return mq_request_redirect(rq, import_href(rq, &id));
}

static int form_says(const mq_request_t *rq, const char *name, const char *value)
{
    const char *said = mq_form_get(rq->form, name, NULL);
    return said && strcmp(said, value) == 0;
}

static apr_status_t import_commit_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_import_mend_t mend;
    mq_import_t import;
    apr_status_t rv;
    mq_id_t id;
    MQ_TRY(import_read(&import, &id, rq, sc));
    mend = form_says(rq, "errors", "leave_out") ? MQ_IMPORT_LEAVE_OUT
           : form_says(rq, "errors", "blank")   ? MQ_IMPORT_BLANK
                                                : MQ_IMPORT_UNSAID;
    rv = mq_import_commit(sc, &import, form_says(rq, "doubles", "import"), mend);
    if (rv == MQ_EINVALID && import.state == MQ_IMPORT_CHECKED) {
        return import_show(rq, sc, 422, &import, NULL,
                           mq_say(rq, "Say what is to become of the rows with errors."));
    }
    MQ_TRY(rv == MQ_EINVALID ? MQ_ECONFLICT : rv);
    return mq_request_redirect(rq, import_href(rq, &id));
}

static apr_status_t import_cancel_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_import_t import;
    mq_id_t id;
    MQ_TRY(import_read(&import, &id, rq, sc));
    MQ_TRY(mq_import_cancel(sc, &import));
    return mq_request_redirect(rq, import_href(rq, &id));
}

static apr_status_t import_discard_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_import_t import;
    mq_id_t id;
    MQ_TRY(import_read(&import, &id, rq, sc));
    MQ_TRY(mq_import_discard(sc, &import));
    return mq_request_redirect(rq, import_href(rq, &id));
}

static apr_status_t import_undo_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_import_t import;
    apr_status_t rv;
    mq_id_t id;
    MQ_TRY(import_read(&import, &id, rq, sc));
    rv = mq_import_undo(sc, &import);
    if (rv == MQ_ECONFLICT && import.can_undo) {
        return import_show(rq, sc, 409, &import, NULL,
                           mq_say(rq, "It cannot be undone: some of its patients have been "
                                      "changed since. Archive them one by one instead."));
    }
    MQ_TRY(rv);
    return mq_request_redirect(rq, import_href(rq, &id));
}

static apr_status_t import_errors(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_import_t import;
    mq_id_t id;
    MQ_TRY(import_read(&import, &id, rq, sc));
    return mq_import_faults_stream(rq, sc, &import);
}

const mq_route_t mq_import_routes[] = {
    {MQ_GET, "/patients/import", MQ_ACTION_PATIENTS_IMPORT, imports_page,
     .page = &imports_template},
    {MQ_POST, "/patients/import", MQ_ACTION_PATIENTS_IMPORT, import_upload_post,
     .page = &imports_template, .reads_upload = 1, .once = "/patients/import/{result}"},
    {MQ_GET, "/patients/import/{id}", MQ_ACTION_PATIENTS_IMPORT, import_page,
     .page = &import_template},
    {MQ_POST, "/patients/import/{id}/columns", MQ_ACTION_PATIENTS_IMPORT, import_columns_post},
    {MQ_POST, "/patients/import/{id}/commit", MQ_ACTION_PATIENTS_IMPORT, import_commit_post},
    {MQ_POST, "/patients/import/{id}/cancel", MQ_ACTION_PATIENTS_IMPORT, import_cancel_post},
    {MQ_POST, "/patients/import/{id}/discard", MQ_ACTION_PATIENTS_IMPORT, import_discard_post},
    {MQ_POST, "/patients/import/{id}/undo", MQ_ACTION_PATIENTS_IMPORT_UNDO, import_undo_post},
    {MQ_GET, "/patients/import/{id}/errors.csv", MQ_ACTION_PATIENTS_IMPORT, import_errors},
    MQ_ROUTES_END};
