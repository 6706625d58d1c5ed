/* edit_conflict.c -- the page that asks about each clash, and the words for what was merged. */
#include "web/patients/edit_conflict.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/patients/patient_history.h"
#include "web/patients/patient_banner.h"
#include "web/patients/patient_values.h"

static const char parameter_of_theirs[] = "their_version";

/* What was, what I typed and what stands there; of something that is kept, only what is kept. */
typedef struct choice_t {
    const char *name; /* of the parameter of the answer */
    const char *label;
    const char *was; /* NULL: it was empty, or nobody knows */
    const char *mine;
    const char *theirs;
    int is_open; /* asked before, and not answered */
    int mine_chosen;
    int theirs_chosen;
    int is_mine; /* of something that is kept */
} choice_t;

typedef struct carried_t {
    const char *name;
    const char *value;
} carried_t;

typedef struct conflict_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_list_t choices;
    mq_list_t merged;
    mq_list_t carried;
    const char *action;
    const char *back_href;
    const char *their_name;
    apr_int64_t their_version;
    int has_was;
    int has_merged;
    int is_incomplete;
} conflict_page_t;

static const mq_slot_t choice_slots[] = {
    MQ_TEXT(choice_t, name),        MQ_TEXT(choice_t, label),
    MQ_TEXT(choice_t, was),         MQ_TEXT(choice_t, mine),
    MQ_TEXT(choice_t, theirs),      MQ_FLAG(choice_t, is_open),
    MQ_FLAG(choice_t, mine_chosen), MQ_FLAG(choice_t, theirs_chosen),
    MQ_FLAG(choice_t, is_mine),     MQ_SLOTS_END};

static const mq_slot_t carried_slots[] = {MQ_TEXT(carried_t, name), MQ_TEXT(carried_t, value),
                                          MQ_SLOTS_END};

static const mq_slot_t conflict_slots[] = {
    MQ_STRUCT(conflict_page_t, patient, mq_patient_banner_slots),
    MQ_LIST(conflict_page_t, choices, choice_slots, choice_t),
    MQ_LIST(conflict_page_t, merged, choice_slots, choice_t),
    MQ_LIST(conflict_page_t, carried, carried_slots, carried_t),
    MQ_TEXT(conflict_page_t, action),
    MQ_TEXT(conflict_page_t, back_href),
    MQ_TEXT(conflict_page_t, their_name),
    MQ_INT(conflict_page_t, their_version),
    MQ_FLAG(conflict_page_t, has_was),
    MQ_FLAG(conflict_page_t, has_merged),
    MQ_FLAG(conflict_page_t, is_incomplete),
    MQ_INCLUDE(conflict_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

const mq_page_t mq_edit_conflict_page = {"conflict.html", conflict_slots};

static const char *answer_name(const mq_request_t *rq, int field)
{
    return apr_pstrcat(rq->pool, "take_", mq_patient_field_table[field].name, NULL);
}

static mq_edit_side_t answer_read(const mq_request_t *rq, int field)
{
    const char *value = mq_form_get(rq->form, answer_name(rq, field), NULL);
    return !value                         ? MQ_EDIT_OPEN
           : strcmp(value, "mine") == 0   ? MQ_EDIT_MINE
           : strcmp(value, "theirs") == 0 ? MQ_EDIT_THEIRS
                                          : MQ_EDIT_OPEN;
}

/* Answers are about what was shown: once that has changed again, they are asked for again. */
static mq_edit_answers_t answers_read(int *given_out, const mq_request_t *rq, apr_int64_t version)
{
    mq_edit_answers_t answers = {{MQ_EDIT_OPEN}};
    const char *theirs = mq_form_get(rq->form, parameter_of_theirs, NULL);
    *given_out = theirs && apr_atoi64(theirs) == version;
    for (int i = 0; i < MQ_PATIENT_FIELDS && *given_out; i++) {
        answers.of[i] = answer_read(rq, i);
    }
    return answers;
}

/* What was opened, of this record or of the one that it has replaced. */
static apr_status_t base_read(mq_edit_t *edit, const mq_scope_t *sc, const mq_id_t *source)
{
    mq_patient_t replaced;
    mq_patient_version_t base;
    apr_status_t rv = edit->is_led ? mq_patient_read_replaced(&replaced, sc, source) : APR_SUCCESS;
    if (rv == APR_SUCCESS) {
        rv =
            mq_patient_version_read(&base, sc, edit->is_led ? &replaced : &edit->now, edit->opened);
    }
    edit->has_base = rv == APR_SUCCESS;
    if (edit->has_base) {
        edit->base = base.fields;
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

apr_status_t mq_edit_put_together(mq_edit_t *edit_out, const mq_request_t *rq, const mq_scope_t *sc,
                                  const mq_id_t *id, const mq_id_t *source, apr_int64_t opened,
                                  const mq_patient_fields_t *mine)
{
    mq_patient_fields_t settled = *mine;
    mq_edit_answers_t answers;
    *edit_out = (mq_edit_t){.opened = opened, .is_led = !mq_id_equal(id, source)};
    MQ_TRY(mq_patient_read(&edit_out->now, sc, id));
    if (edit_out->now.status != MQ_PATIENT_ACTIVE) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(base_read(edit_out, sc, source));
    answers = answers_read(&edit_out->is_answered, rq, edit_out->now.version);
    mq_patient_fields_settle(&settled, edit_out->has_base ? &edit_out->base : NULL, rq->pool);
    mq_edit_merge(&edit_out->merge, edit_out->has_base ? &edit_out->base : NULL, &settled,
                  &edit_out->now.fields, &answers);
    return APR_SUCCESS;
}

/* What a record says of a question: of one field its value, of several each with its label. */
static const char *question_say(const mq_request_t *rq, const mq_patient_fields_t *record,
                                const mq_edit_t *edit, const mq_patient_fields_t *mine,
                                int question)
{
    const mq_patient_fields_t *theirs = &edit->now.fields;
    const char *all = NULL;
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const char *value = mq_patient_field_say(rq, i, record);
        int is_other = !mq_edit_is_same(mine, theirs, i);
        if (mq_edit_question_of(i) != question || !value || (i != question && !is_other)) {
            continue;
        }
        if (i != question) {
            value = apr_pstrcat(rq->pool, mq_say(rq, mq_patient_field_table[i].label), ": ", value,
                                NULL);
        }
        all = all ? apr_pstrcat(rq->pool, all, "\n", value, NULL) : value;
    }
    return all;
}

static choice_t choice_make(const mq_request_t *rq, const mq_edit_t *edit,
                            const mq_patient_fields_t *mine, int question)
{
    const mq_edit_side_t side = edit->is_answered ? answer_read(rq, question) : MQ_EDIT_OPEN;
    return (choice_t){.name = answer_name(rq, question),
                      .label = mq_say(rq, mq_patient_field_table[question].label),
                      .was = edit->has_base ? question_say(rq, &edit->base, edit, mine, question)
                                            : NULL,
                      .mine = question_say(rq, mine, edit, mine, question),
                      .theirs = question_say(rq, &edit->now.fields, edit, mine, question),
                      .is_open = edit->is_answered && side == MQ_EDIT_OPEN,
                      .mine_chosen = side == MQ_EDIT_MINE,
                      .theirs_chosen = side == MQ_EDIT_THEIRS,
                      .is_mine = edit->merge.of[question] == MQ_EDIT_ONLY_MINE};
}

static void choices_draw(conflict_page_t *page, const mq_request_t *rq, const mq_edit_t *edit,
                         const mq_patient_fields_t *mine)
{
    choice_t *choices = apr_palloc(rq->pool, sizeof *choices * MQ_PATIENT_FIELDS);
    choice_t *merged = apr_palloc(rq->pool, sizeof *merged * MQ_PATIENT_FIELDS);
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (edit->merge.of[i] == MQ_EDIT_CLASH) {
            choices[page->choices.count++] = choice_make(rq, edit, mine, i);
        } else if (edit->merge.of[i] != MQ_EDIT_AGREED) {
            merged[page->merged.count++] = choice_make(rq, edit, mine, i);
        }
    }
    page->choices.items = choices;
    page->merged.items = merged;
    page->has_merged = page->merged.count > 0;
}

/* All that was typed goes along, as it was typed: nothing of it is decided yet. */
static mq_list_t carried_draw(const mq_request_t *rq, const mq_field_t *fields, apr_int64_t opened)
{
    carried_t *carried = apr_palloc(rq->pool, sizeof *carried * (MQ_PATIENT_FIELDS + 16));
    int count = 0;
    for (; fields->name; fields++) {
        const char *value = mq_form_get(rq->form, fields->name, NULL);
        if (value && *value && strcmp(fields->name, "version") != 0) {
            carried[count++] = (carried_t){fields->name, value};
        }
    }
    carried[count++] = (carried_t){"version", apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, opened)};
    carried[count++] = (carried_t){MQ_FORM_DATES, apr_itoa(rq->pool, (int)rq->dates.format)};
    return (mq_list_t){carried, count};
}

apr_status_t mq_edit_conflict_show(mq_request_t *rq, const mq_scope_t *sc, const mq_edit_t *edit,
                                   const mq_field_t *fields, const mq_patient_fields_t *mine)
{
    const mq_id_t *id = &edit->now.id;
    conflict_page_t page = {.frame.title = mq_say(rq, "Somebody else changed this record"),
                            .action = rq->path, /* the answers are about what was opened there */
                            .back_href = mq_patient_href(rq, id, ""),
                            .their_name = edit->now.updated_by_name,
                            .their_version = edit->now.version,
                            .has_was = edit->has_base,
                            .is_incomplete = edit->is_answered};
    mq_patient_fields_t settled = *mine;
    mq_patient_t shown;
    MQ_TRY(mq_patient_view(&shown, sc, id)); /* it is shown, and that is recorded */
    mq_patient_fields_settle(&settled, edit->has_base ? &edit->base : NULL, rq->pool);
    page.patient = mq_patient_banner(rq, &shown);
    choices_draw(&page, rq, edit, &settled);
    page.carried = carried_draw(rq, fields, edit->opened);
    return mq_page_show(rq, edit->is_answered ? 422 : 409, &mq_edit_conflict_page, &page);
}

static const char *theirs_say(const mq_request_t *rq, const mq_edit_merge_t *merge)
{
    const char *all = "";
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (merge->of[i] == MQ_EDIT_ONLY_THEIRS) {
            all = apr_pstrcat(rq->pool, all, *all ? "; " : "",
                              mq_say(rq, mq_patient_field_table[i].label), NULL);
        }
    }
    return all;
}

const char *mq_edit_said(const mq_request_t *rq, const mq_edit_t *edit, int is_saved)
{
    const char *said = is_saved ? mq_say(rq, "The record is saved.")
                                : mq_say(rq, "You changed nothing, so nothing was saved.");
    if (edit->merge.theirs == 0) {
        return said;
    }
    return apr_pstrcat(rq->pool, said, " ",
                       mq_sayf(rq, "%s changed something else meanwhile, and it is kept: %s.",
                               edit->now.updated_by_name, theirs_say(rq, &edit->merge)),
                       NULL);
}
