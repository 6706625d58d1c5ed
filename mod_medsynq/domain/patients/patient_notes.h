/* patient_notes.h -- the timeline of notes: draft, signed, entered in error. What is signed never
 * changes: it gets addenda, or is marked as an error with a reason and stays readable. */
#ifndef MQ_DOMAIN_PATIENT_NOTES_H
#define MQ_DOMAIN_PATIENT_NOTES_H

#include <apr_tables.h>

#include "domain/patients/patient_part.h"
#include "store/db.h"

/** The numbers are stored. */
typedef enum { MQ_NOTE_DRAFT = 1, MQ_NOTE_SIGNED = 2, MQ_NOTE_ERROR = 3 } mq_note_status_t;

/** What a draft is begun with. */
enum { MQ_NOTE_VERSION_FIRST = 1 };

/** Notes among a patient's parts. */
extern const mq_patient_part_t mq_patient_notes_part;

/** One entry of the timeline. */
typedef struct mq_patient_note_t {
    mq_id_t id;
    const char *content;
    const char *author;
    apr_time_t created_at;
    mq_note_status_t status;
    apr_time_t signed_at; /* 0: not, or with created_at */
    mq_id_t parent;       /* the note that it adds to; null: none */
    const char *error_reason;
    const char *error_by;
    apr_time_t error_at;
    const char *written_on; /* ISO day on which it was written elsewhere, or NULL */
    const char *written_by; /* and who wrote it, as a file said; or NULL */
    apr_int64_t version;    /* of a draft: another one after each saving */
    apr_time_t saved_at;    /* 0: not since it was begun */
    apr_time_t gone_at;     /* until when a discarded draft can be brought back; 0: it is none */
} mq_patient_note_t;

/**
 * Read a patient's notes, drafts of others left out.
 * @param notes_out array of mq_patient_note_t, newest first, each followed by its addenda, which
 *                  stand in the order of time
 * @param before    those older than this note, or NULL: the newest
 * @param limit     at most so many notes; addenda do not count
 * @return MQ_EDENIED the role may not read notes
 */
apr_status_t mq_patient_notes(apr_array_header_t **notes_out, const mq_scope_t *sc,
                              const mq_id_t *patient, const mq_id_t *before, int limit);

/** The same of what a guest looks at, without any draft: nothing, where notes are not shared. */
apr_status_t mq_patient_notes_as_guest(apr_array_header_t **notes_out, const mq_guest_t *guest,
                                       const mq_id_t *before, int limit);

/** The same where notes were chosen one by one, by that share: these, and what is added to them. */
apr_status_t mq_patient_chosen_notes_as_guest(apr_array_header_t **notes_out,
                                              const mq_guest_t *guest, const mq_id_t *share,
                                              const mq_id_t *before, int limit);

/** Write a note inside the open transaction and record it; for whoever has checked the role.
 * @param parent the note that it adds to, or NULL */
apr_status_t mq_patient_note_insert(mq_id_t *id_out, const mq_scope_t *sc, const mq_id_t *patient,
                                    const mq_id_t *parent, const char *content,
                                    mq_note_status_t status);

/**
 * Write a note.
 * @param id_out  the new note, or NULL
 * @param content clean text, not empty
 * @param status  MQ_NOTE_DRAFT or MQ_NOTE_SIGNED
 * @return MQ_ENOTFOUND no such patient; MQ_EDENIED; MQ_ECONFLICT the patient is archived
 */
apr_status_t mq_patient_note_add(mq_id_t *id_out, const mq_scope_t *sc, const mq_id_t *patient,
                                 const char *content, mq_note_status_t status);

/** What is done to a draft. */
typedef enum {
    MQ_DRAFT_SAVE,
    MQ_DRAFT_AUTOSAVE, /* by the page while somebody types: one event, until ten minutes pause */
    MQ_DRAFT_SIGN,
    MQ_DRAFT_DISCARD /* it is seen by nobody any more, but for an hour as what can be brought
                      * back; then it is removed (discarded_notes.h) */
} mq_draft_step_t;

/**
 * Change one's own draft, and perhaps sign or discard it. Whoever asks again whose answer was lost
 * has the version from before: what stands there already is no conflict.
 * @param version_io of the draft that the person had before them, and then of what it has become
 * @param content    NULL: as it is
 * @return MQ_ENOTFOUND no such note, or another's draft; MQ_EDENIED; MQ_ECONFLICT it is no draft,
 *         or was saved or discarded since: nothing has changed
 */
apr_status_t mq_patient_note_change(const mq_scope_t *sc, const mq_id_t *patient,
                                    const mq_id_t *note, apr_int64_t *version_io,
                                    const char *content, mq_draft_step_t step);

/**
 * Read what stands in a note, for whoever sends one that has changed meanwhile.
 * @param note_out its content, status, version, parent, saved_at and gone_at
 * @return MQ_ENOTFOUND no such note, or another's draft; MQ_EDENIED the role may not read notes
 */
apr_status_t mq_patient_note_read(mq_patient_note_t *note_out, const mq_scope_t *sc,
                                  const mq_id_t *patient, const mq_id_t *note);

/** Bring back one's own draft, discarded within the hour.
 * @return MQ_ENOTFOUND no such note any more, or another's draft; MQ_EDENIED; MQ_ECONFLICT it is
 * not discarded, or for too long */
apr_status_t mq_patient_note_bring_back(const mq_scope_t *sc, const mq_id_t *patient,
                                        const mq_id_t *note);

/** Add to a signed note. @param id_out the addendum, or NULL
 * @param status as for mq_patient_note_add: a draft is changed and signed as any other
 * @return as mq_patient_note_change; MQ_ECONFLICT it is not signed */
apr_status_t mq_patient_note_addendum(mq_id_t *id_out, const mq_scope_t *sc, const mq_id_t *patient,
                                      const mq_id_t *note, const char *content,
                                      mq_note_status_t status);

/** Mark a note as entered in error.
 * @return MQ_ENOTFOUND; MQ_EDENIED; MQ_ECONFLICT it is already, or is a draft that was discarded */
apr_status_t mq_patient_note_mark_error(const mq_scope_t *sc, const mq_id_t *patient,
                                        const mq_id_t *note, const char *reason);

#endif
