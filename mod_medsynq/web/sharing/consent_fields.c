/* consent_fields.c -- from what was typed to a consent.
 *
 * Notes that are shared one by one have a box each, whose parameter names the note. Those on
 * another page of the list that were ticked stand on the next one, too; what is sent and has no box
 * by then is no note of the patient's that can be shared, and is asked back, never left out. */
#include "web/sharing/consent_fields.h"

#include <apr_strings.h>
#include <string.h>

#include "web/dates.h"
#include "web/paging.h"

static const mq_field_t consent_fields[] = {
    {"partner", MQ_SAY("Organisation"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off", NULL,
     MQ_SAY("Choose the organisation."), offsetof(mq_consent_typed_t, partner)},
    {"scope", MQ_SAY("What is shared"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off",
     MQ_SAY(
         "What is added to these parts later is shared as well; of notes chosen one by one, what "
         "is added to each of them, and no other note."),
     MQ_SAY("Choose what is shared."), offsetof(mq_consent_typed_t, scope), mq_consent_scopes},
    {"purpose", MQ_SAY("Purpose"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off", NULL,
     MQ_SAY("Choose the purpose."), offsetof(mq_consent_typed_t, purpose), mq_consent_purposes},
    {"given_by", MQ_SAY("Consent given by"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off", NULL,
     MQ_SAY("Choose who has given the consent."), offsetof(mq_consent_typed_t, given_by),
     mq_consent_givers},
    {"giver_name", MQ_SAY("Name of the guardian"), MQ_FIELD_LINE, 0, MQ_LIMIT_NAME, "off", NULL,
     NULL, offsetof(mq_consent_typed_t, giver_name)},
    {"relation", MQ_SAY("Relationship of the guardian to the patient"), MQ_FIELD_LINE, 0,
     MQ_LIMIT_SHORT, "off", NULL, NULL, offsetof(mq_consent_typed_t, relation)},
    {"method", MQ_SAY("How it was given"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off", NULL,
     MQ_SAY("Choose how the consent was given."), offsetof(mq_consent_typed_t, method),
     mq_consent_methods},
    {"from", MQ_SAY("From"), MQ_FIELD_DAY, 0, 0, "off", MQ_SAY("Empty: from now on."), NULL,
     offsetof(mq_consent_typed_t, from)},
    {"until", MQ_SAY("Until"), MQ_FIELD_DAY, 0, 0, "off",
     MQ_SAY("The last day. Empty: 90 days. At most 365 days."), NULL,
     offsetof(mq_consent_typed_t, until)}};

#define LINKED_BEFORE "linked_before"
#define NOTES_BEFORE "notes_before"

const mq_slot_t mq_consent_offer_slots[] = {MQ_FLAG(mq_consent_offer_t, has_partners),
                                            MQ_TEXT(mq_consent_offer_t, more_href),
                                            MQ_TEXT(mq_consent_offer_t, older_href), MQ_SLOTS_END};

static const char box_prefix[] = "note_"; /* and the note's id */

enum {
    CONSENT_FIELDS = sizeof consent_fields / sizeof *consent_fields,
    NOTE_SHOWN = 100 /* bytes of a note by which it is told from others */
};

/* The one that a form says which was sent: it may stand on another page of them than the first. */
static const mq_id_t *partner_sent(const mq_request_t *rq)
{
    const char *sent = rq->form ? mq_form_get(rq->form, "partner", NULL) : NULL;
    mq_id_t *id = apr_palloc(rq->pool, sizeof *id);
    return sent && mq_id_parse(id, sent) == APR_SUCCESS ? id : NULL;
}

static apr_status_t partner_choices(const mq_choice_t **choices_out, const mq_id_t **next_out,
                                    const mq_request_t *rq, const mq_scope_t *sc)
{
    apr_array_header_t *partners;
    const mq_id_t *before;
    mq_choice_t *choices;
    MQ_TRY(mq_paging_read(&before, rq, LINKED_BEFORE));
    MQ_TRY(mq_consent_partners(&partners, next_out, sc, before, partner_sent(rq)));
    choices = apr_pcalloc(rq->pool, sizeof *choices * (apr_size_t)(partners->nelts + 1));
    for (int i = 0; i < partners->nelts; i++) {
        const mq_consent_partner_t *partner = &APR_ARRAY_IDX(partners, i, mq_consent_partner_t);
        choices[i] = (mq_choice_t){mq_id_text(&partner->id, rq->pool), partner->name};
    }
    *choices_out = choices;
    return APR_SUCCESS;
}

/* --- notes --- */

/* The notes whose boxes were ticked in a form that was sent. */
static int notes_sent(mq_id_t *notes, int most, mq_consent_offer_t *offer, const mq_request_t *rq)
{
    int count = 0;
    for (int i = 0; rq->form && i < rq->form->nelts; i++) {
        const mq_form_field_t *field = &APR_ARRAY_IDX(rq->form, i, mq_form_field_t);
        if (strncmp(field->name, box_prefix, sizeof box_prefix - 1) != 0 || !*field->value) {
            continue;
        }
        if (count == most ||
            mq_id_parse(&notes[count], field->name + sizeof box_prefix - 1) != APR_SUCCESS) {
            offer->is_lost = 1;
        } else {
            count++;
        }
    }
    return count;
}

/* One line of it, never half a character. */
static const char *note_begin(const mq_request_t *rq, const char *content)
{
    apr_size_t length = strlen(content);
    int is_all = length <= NOTE_SHOWN;
    char *line;
    for (length = is_all ? length : NOTE_SHOWN;
         !is_all && length && ((unsigned char)content[length] & 0xc0) == 0x80;) {
        length--;
    }
    line = apr_pstrmemdup(rq->pool, content, length);
    for (char *s = line; *s; s++) {
        *s = *s == '\n' || *s == '\t' ? ' ' : *s;
    }
    return is_all ? line : apr_pstrcat(rq->pool, line, "…", NULL);
}

static const char *box_name(const mq_request_t *rq, const mq_id_t *note)
{
    return apr_pstrcat(rq->pool, box_prefix, mq_id_text(note, rq->pool), NULL);
}

/* What people wrote stands apart from the rest in either direction of writing. */
static mq_field_t box_make(const mq_request_t *rq, const mq_sharable_note_t *note, size_t offset)
{
    return (mq_field_t){.name = box_name(rq, &note->id),
                        .label = apr_pstrcat(rq->pool, mq_consent_note_day(rq, note), " · \u2068",
                                             note->author, "\u2069: \u2068",
                                             note_begin(rq, note->content), "\u2069", NULL),
                        .kind = MQ_FIELD_CHECKBOX,
                        .limit = MQ_LIMIT_SHORT,
                        .offset = offset,
                        .group = MQ_SAY("Notes to choose one by one")};
}

static int is_offered(const mq_consent_offer_t *offer, const mq_id_t *id)
{
    int i = 0;
    while (i < offer->note_count && !mq_id_equal(&offer->notes[i], id)) {
        i++;
    }
    return i < offer->note_count;
}

/* A box for each note of the page, and for each that was ticked on another one. */
static apr_status_t boxes_make(apr_array_header_t *fields, mq_consent_offer_t *offer,
                               const mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *patient,
                               size_t offset, const char *path)
{
    mq_id_t sent[MQ_CONSENT_BOXES];
    apr_array_header_t *notes;
    const mq_id_t *before;
    const mq_id_t *next;
    int count = notes_sent(sent, MQ_CONSENT_BOXES, offer, rq);
    MQ_TRY(mq_paging_read(&before, rq, NOTES_BEFORE));
    MQ_TRY(mq_sharable_notes(&notes, &next, sc, patient, before, sent, count));
    offer->notes = apr_palloc(rq->pool, sizeof *offer->notes * MQ_CONSENT_BOXES);
    for (int i = 0; i < notes->nelts && i < MQ_CONSENT_BOXES; i++) {
        const mq_sharable_note_t *note = &APR_ARRAY_IDX(notes, i, mq_sharable_note_t);
        offer->notes[offer->note_count++] = note->id;
        APR_ARRAY_PUSH(fields, mq_field_t) =
            box_make(rq, note, offset + (size_t)i * sizeof(const char *));
    }
    for (int i = 0; i < count; i++) {
        offer->is_lost |= !is_offered(offer, &sent[i]);
    }
    offer->older_href = next ? mq_paging_href_id(rq, path, NOTES_BEFORE, next, "") : NULL;
    return APR_SUCCESS;
}

/* --- all of it --- */

static void row_fill(mq_field_t *row, size_t offset)
{
    const char *label = row->label;
    for (int i = 0; i < CONSENT_FIELDS; i++) {
        if (strcmp(row->name, consent_fields[i].name) == 0) {
            *row = consent_fields[i];
            row->offset += offset;
            row->label = label ? label : row->label;
            return;
        }
    }
}

apr_status_t mq_consent_fields(const mq_field_t **fields_out, mq_consent_offer_t *offer_out,
                               const mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *patient,
                               const mq_field_t *rows, size_t offset, const char *path)
{
    apr_array_header_t *fields = apr_array_make(rq->pool, 16, sizeof(mq_field_t));
    const mq_choice_t *partners;
    const mq_id_t *next;
    *offer_out = (mq_consent_offer_t){.notes = NULL};
    MQ_TRY(partner_choices(&partners, &next, rq, sc));
    for (; rows->name; rows++) {
        mq_field_t *row = &APR_ARRAY_PUSH(fields, mq_field_t);
        *row = *rows;
        if (!row->autocomplete) {
            row_fill(row, offset);
            row->choices = row->choices || row->kind != MQ_FIELD_SELECT ? row->choices : partners;
        }
    }
    MQ_TRY(boxes_make(fields, offer_out, rq, sc, patient,
                      offset + offsetof(mq_consent_typed_t, notes), path));
    APR_ARRAY_PUSH(fields, mq_field_t) = *rows;
    *fields_out = (const mq_field_t *)fields->elts;
    offer_out->has_partners = partners[0].value != NULL;
    offer_out->more_href = next ? mq_paging_href_id(rq, path, LINKED_BEFORE, next, "") : NULL;
    return APR_SUCCESS;
}

/* @param later days after it; the last day of all is a whole one */
static apr_time_t begins(const mq_request_t *rq, mq_day_t day, int later)
{
    day.day += later; /* the calendar goes on with the next month */
    return mq_date_begins(&day, rq->zone);
}

/* From and until: from now on, or from the beginning of a day, to the end of one. What is no day
 * has its fault from the field, and nothing else is blamed for it. */
static void period_read(mq_consent_new_t *out, mq_form_t *form, const mq_request_t *rq,
                        const mq_consent_typed_t *in)
{
    const mq_day_t today = mq_today(rq);
    mq_day_t from = today;
    mq_day_t until;
    out->from = rq->now;
    if (in->from) {
        if (mq_date_parse(&from, in->from) != APR_SUCCESS || !from.day) {
            return;
        }
        out->from = begins(rq, from, 0);
    }
    if (out->from > begins(rq, today, MQ_CONSENT_DAYS_MOST)) {
        mq_form_fault(form, "from", mq_say(rq, "A consent begins within 365 days."));
        return;
    }
    out->until = begins(rq, from, MQ_CONSENT_DAYS + 1);
    if (in->until && mq_date_parse(&until, in->until) == APR_SUCCESS) {
        out->until = begins(rq, until, 1);
    }
    if (in->from && out->until <= out->from) {
        mq_form_fault_add(form, "until", MQ_FAULT_ENDS_FIRST);
    } else if (out->until <= rq->now) {
        mq_form_fault(form, "until", mq_say(rq, "This day is over."));
    } else if (out->until > begins(rq, from, MQ_CONSENT_DAYS_MOST + 1)) {
        mq_form_fault(form, "until", mq_say(rq, "A consent is for 365 days at most."));
    }
}

static void guardian_read(mq_consent_new_t *out, mq_form_t *form, const mq_request_t *rq,
                          const mq_consent_typed_t *in)
{
    out->giver_name = in->giver_name;
    out->giver_relation = in->relation;
    if (!in->giver_name) {
        mq_form_fault(form, "giver_name", mq_say(rq, "Enter the name of the guardian."));
    }
    if (!in->relation) {
        mq_form_fault(form, "relation",
                      mq_say(rq, "Enter how the guardian is related to the patient."));
    }
}

/* Whoever ticks notes and shares all of them, or none, is asked which of the two is meant. */
static void notes_read(mq_consent_new_t *out, mq_form_t *form, const mq_request_t *rq,
                       const mq_consent_typed_t *in, const mq_consent_offer_t *offer)
{
    mq_id_t *notes = apr_palloc(rq->pool, sizeof *notes * MQ_CONSENT_BOXES);
    int is_chosen = (out->parts & MQ_SHARE_CHOSEN) != 0;
    for (int i = 0; i < offer->note_count; i++) {
        if (in->notes[i]) {
            notes[out->note_count++] = offer->notes[i];
        }
    }
    out->notes = notes;
    if (offer->is_lost) {
        mq_form_fault(form, "scope",
                      mq_say(rq, "A note that was ticked cannot be shared any more: it may have "
                                 "been marked as an error. Look at those that are left."));
    } else if (is_chosen && !offer->note_count) {
        mq_form_fault(form, "scope", mq_say(rq, "There is no signed note to choose."));
    } else if (is_chosen && !out->note_count) {
        /* at the first of them, so that they are unfolded */
        mq_form_fault(form, box_name(rq, &offer->notes[0]),
                      mq_say(rq, "Tick the notes that are shared."));
    } else if (!is_chosen && out->parts && out->note_count) {
        mq_form_fault(form, "scope",
                      mq_say(rq, "Notes are ticked below: share notes chosen one by one, or take "
                                 "the ticks away."));
    } else if (out->note_count > MQ_CHOSEN_NOTES_MOST) {
        mq_form_fault(form, "scope",
                      mq_sayf(rq, "One consent names %d notes at most.", MQ_CHOSEN_NOTES_MOST));
    }
}

void mq_consent_typed_read(mq_consent_new_t *out, mq_form_t *form, const mq_request_t *rq,
                           const mq_consent_typed_t *in, const mq_consent_offer_t *offer)
{
    *out = (mq_consent_new_t){
        .given_by = (mq_giver_t)mq_consent_number(mq_consent_givers, in->given_by),
        .method = (mq_giving_t)mq_consent_number(mq_consent_methods, in->method),
        .parts = mq_consent_parts_of(in->scope),
        .purpose = in->purpose};
    (void)mq_id_parse(&out->partner, in->partner);
    if (out->given_by == MQ_GIVEN_BY_GUARDIAN) {
        guardian_read(out, form, rq, in);
    }
    notes_read(out, form, rq, in, offer);
    period_read(out, form, rq, in);
}
