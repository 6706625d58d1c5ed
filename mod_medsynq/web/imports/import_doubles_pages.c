/* import_doubles_pages.c -- rows of a file that are like a patient or an earlier row, side by side:
 * /patients/import/{id}/doubles. Rules are in domain/imports/patient_import_doubles.c. */

#include <apr_strings.h>
#include <string.h>

#include "domain/imports/patient_import.h"
#include "domain/imports/patient_import_doubles.h"
#include "web/dates.h"
#include "web/form.h"
#include "web/patients/double_warning.h"
#include "web/patients/patient_values.h"
#include "web/route_tables.h"

/* One of the two people of a pair. */
typedef struct side_t {
    const char *where; /* "Row 12", or a record number */
    const char *name;
    const char *birth_date;
    const char *birth_date_text;
    const char *sex;
    const char *phone;
    const char *address;
} side_t;

#define SIDE_SLOTS                                                                                 \
    MQ_TEXT(side_t, where), MQ_TEXT(side_t, name), MQ_TEXT(side_t, birth_date),                    \
        MQ_TEXT(side_t, birth_date_text), MQ_TEXT(side_t, sex), MQ_TEXT(side_t, phone),            \
        MQ_TEXT(side_t, address), MQ_SLOTS_END

static const mq_slot_t side_slots[] = {SIDE_SLOTS};

typedef struct pair_t {
    const char *number; /* of the row */
    const char *label;  /* of its box */
    const char *why;
    mq_list_t sides;
    int is_chosen;
} pair_t;

static const mq_slot_t pair_slots[] = {
    MQ_TEXT(pair_t, number),    MQ_TEXT(pair_t, label),
    MQ_TEXT(pair_t, why),       MQ_LIST(pair_t, sides, side_slots, side_t),
    MQ_FLAG(pair_t, is_chosen), MQ_SLOTS_END};

typedef struct doubles_page_t {
    mq_frame_t frame;
    const char *href; /* of the import */
    const char *file_name;
    const char *after; /* the row before this page's */
    mq_list_t pairs;
    int has_more;
    int can_choose;
} doubles_page_t;

static const mq_slot_t doubles_slots[] = {MQ_TEXT(doubles_page_t, href),
                                          MQ_TEXT(doubles_page_t, file_name),
                                          MQ_TEXT(doubles_page_t, after),
                                          MQ_LIST(doubles_page_t, pairs, pair_slots, pair_t),
                                          MQ_FLAG(doubles_page_t, has_more),
                                          MQ_FLAG(doubles_page_t, can_choose),
                                          MQ_INCLUDE(doubles_page_t, frame, mq_frame_slots),
                                          MQ_SLOTS_END};

static const mq_page_t doubles_template = {"import_doubles.html", doubles_slots};

static const char *import_href(const mq_request_t *rq, const mq_id_t *id)
{
    return apr_pstrcat(rq->pool, "/patients/import/", mq_id_text(id, rq->pool), NULL);
}

static side_t side_draw(const mq_request_t *rq, const char *where,
                        const mq_patient_fields_t *fields)
{
    return (side_t){.where = where,
                    .name = fields->name,
                    .birth_date = fields->birth_date,
                    .birth_date_text = mq_date_say(rq, fields->birth_date),
                    .sex = mq_patient_field_say(rq, MQ_PATIENT_FIELD_SEX, fields),
                    .phone = fields->phone1,
                    .address = fields->address};
}

static const char *row_say(const mq_request_t *rq, apr_int64_t line)
{
    return mq_sayf(rq, "Row %d of the file", (int)line);
}

static pair_t pair_draw(const mq_request_t *rq, const mq_import_pair_t *pair)
{
    side_t *sides = apr_pcalloc(rq->pool, sizeof *sides * 2);
    int count = 0;
    sides[count++] = side_draw(rq, row_say(rq, pair->line), &pair->fields);
    if (pair->has_patient) {
        sides[count++] = side_draw(rq, pair->patient.mrn, &pair->patient.fields);
    } else if (pair->other_line) {
        sides[count++] = side_draw(rq, row_say(rq, pair->other_line), &pair->others);
    }
    return (pair_t){.number = apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, pair->number),
                    .label = mq_sayf(rq, "Import row %d as a patient of its own", (int)pair->line),
                    .why = mq_double_why(rq, pair->why),
                    .sides = {sides, count},
                    .is_chosen = pair->is_chosen};
}

static apr_status_t doubles_read(apr_array_header_t **pairs_out, int *more_out,
                                 mq_import_t *import_out, apr_int64_t after, mq_request_t *rq,
                                 const mq_scope_t *sc)
{
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_import_read(import_out, sc, &id));
    return mq_import_pairs(pairs_out, more_out, sc, import_out, after);
}

static apr_status_t doubles_page(mq_request_t *rq, const mq_scope_t *sc)
{
    doubles_page_t page = {.frame.title = mq_say(rq, "Likely duplicates in the file")};
    apr_array_header_t *pairs;
    apr_int64_t after;
    mq_import_t import;
    pair_t *rows;
    MQ_TRY(mq_request_number(&after, rq, "after"));
    MQ_TRY(doubles_read(&pairs, &page.has_more, &import, after, rq, sc));
    rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(pairs->nelts + 1));
    for (int i = 0; i < pairs->nelts; i++) {
        rows[i] = pair_draw(rq, &APR_ARRAY_IDX(pairs, i, mq_import_pair_t));
    }
    page.pairs = (mq_list_t){rows, pairs->nelts};
    page.href = import_href(rq, &import.id);
    page.file_name = import.file_name;
    page.after = apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, after);
    page.can_choose = import.state == MQ_IMPORT_CHECKED;
    return mq_page_show(rq, 200, &doubles_template, &page);
}

/* The page has each row's number, so that what it did not show stays as it was. */
static apr_array_header_t *chosen_read(apr_int64_t *last_out, const mq_request_t *rq,
                                       const apr_array_header_t *pairs)
{
    apr_array_header_t *rows =
        apr_array_make(rq->pool, MQ_IMPORT_PAIRS_SHOWN, sizeof(mq_import_chosen_t));
    for (int i = 0; i < pairs->nelts; i++) {
        const apr_int64_t number = APR_ARRAY_IDX(pairs, i, mq_import_pair_t).number;
        const char *text = apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, number);
        const char *shown = apr_pstrcat(rq->pool, "shown_", text, NULL);
        const char *chosen = apr_pstrcat(rq->pool, "row_", text, NULL);
        *last_out = number;
        if (mq_form_get(rq->form, shown, NULL)) {
            APR_ARRAY_PUSH(rows, mq_import_chosen_t) =
                (mq_import_chosen_t){number, mq_form_get(rq->form, chosen, NULL) != NULL};
        }
    }
    return rows;
}

/* Another place would be another page's rows, and what was chosen on this one be lost. */
static apr_status_t place_sent(apr_int64_t *after_out, const mq_request_t *rq)
{
    const char *text = mq_form_get(rq->form, "after", NULL);
    *after_out = mq_request_number_of(text);
    return text && *after_out == 0 && strcmp(text, "0") != 0 ? MQ_EINVALID : APR_SUCCESS;
}

static apr_status_t doubles_post(mq_request_t *rq, const mq_scope_t *sc)
{
    apr_int64_t after;
    apr_array_header_t *pairs;
    apr_int64_t last;
    mq_import_t import;
    const char *href;
    int more;
    MQ_TRY(place_sent(&after, rq));
    last = after;
    MQ_TRY(doubles_read(&pairs, &more, &import, after, rq, sc));
    MQ_TRY(mq_import_choose(sc, &import, chosen_read(&last, rq, pairs)));
    href = import_href(rq, &import.id);
    return mq_request_redirect(
        rq, more ? apr_psprintf(rq->pool, "%s/doubles?after=%" APR_INT64_T_FMT, href, last) : href);
}

const mq_route_t mq_import_doubles_routes[] = {
    {MQ_GET, "/patients/import/{id}/doubles", MQ_ACTION_IMPORT_DOUBLES, doubles_page,
     .page = &doubles_template},
    {MQ_POST, "/patients/import/{id}/doubles", MQ_ACTION_IMPORT_CHOOSE, doubles_post},
    MQ_ROUTES_END};
