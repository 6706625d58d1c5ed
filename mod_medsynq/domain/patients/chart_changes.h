/* chart_changes.h -- the life of an item of a patient's chart, whatever its kind: recorded, changed
 * with a version, entered in error with a reason; never removed. And the statement that there are
 * none, which the first item overtakes. Each change has its event. */
#ifndef MQ_DOMAIN_CHART_CHANGES_H
#define MQ_DOMAIN_CHART_CHANGES_H

#include "domain/patients/chart_items.h"
#include "domain/patients/patient_part.h"

/** The chart among a patient's parts. */
extern const mq_patient_part_t mq_chart_part;

/**
 * Record an item.
 * @param id_out what was made
 * @param values MQ_CHART_FIELDS_MOST, in the order of the kind's fields, clean; NULL is empty
 * @return MQ_EINVALID a value is wrong; MQ_ENOTFOUND; MQ_EDENIED; MQ_ECONFLICT the record is not
 *         active, or has MQ_CHART_STANDING_MOST items; MQ_EREPEATED
 */
apr_status_t mq_chart_add(mq_id_t *id_out, const mq_scope_t *sc, const mq_id_t *patient,
                          const mq_chart_kind_t *kind, const char *const *values);

/** Say that there are none, or say it again today. @return as mq_chart_add; MQ_ECONFLICT also where
 * there is one, or the kind knows no such statement */
apr_status_t mq_chart_add_none(const mq_scope_t *sc, const mq_id_t *patient,
                               const mq_chart_kind_t *kind);

/** Change an item that stands. The same values make no version.
 * @return as mq_chart_add; MQ_ECONFLICT also where it is of another version or does not stand */
apr_status_t mq_chart_change(const mq_scope_t *sc, const mq_id_t *patient,
                             const mq_chart_kind_t *kind, const mq_id_t *id, apr_int64_t version,
                             const char *const *values);

/** Mark an item as entered in error. @param reason not empty @return as mq_chart_change */
apr_status_t mq_chart_mark_error(const mq_scope_t *sc, const mq_id_t *patient,
                                 const mq_chart_kind_t *kind, const mq_id_t *id,
                                 apr_int64_t version, const char *reason);

enum { MQ_CHART_LIKE_MOST = 20 };

/**
 * Find what a patient has of the same name already, whatever its capitals, accents and blanks: it
 * is a reason to ask, not to refuse. A medicine is taken again, and a problem comes back: of them
 * only what is current counts. An allergy that was is one to know of.
 * @param like_out of mq_chart_item_t, at most MQ_CHART_LIKE_MOST; none where the record is not
 *                 active
 * @param said     the first of the values
 * @param self     the item that is changed, or NULL; one that keeps its name is like nothing
 * @return MQ_ENOTFOUND there is no such patient
 */
apr_status_t mq_chart_like(apr_array_header_t **like_out, const mq_scope_t *sc,
                           const mq_id_t *patient, const mq_chart_kind_t *kind, const char *said,
                           const mq_id_t *self);

/** Two records are one: who was said to have none in one of them, and has one in the other, no
 * longer has none. Inside the merge's transaction. */
apr_status_t mq_chart_merged(const mq_scope_t *sc, const mq_id_t *patient);

/** They are two again: what the merge overtook stands again, where there is none; and what stood
 * twice in the one, and was marked in error once for that, stands in both.
 * @param other the other one; both have their parts */
apr_status_t mq_chart_separated(const mq_scope_t *sc, const mq_id_t *patient, const mq_id_t *other,
                                apr_time_t merged_at);

#endif
