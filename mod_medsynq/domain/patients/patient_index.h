/* patient_index.h -- what a patient is found and counted by: words, dates, telephone numbers, and
 * the figures of the dashboard. Whoever changes a record takes it out of the index before and puts
 * it in again after, in the change's own transaction. */
#ifndef MQ_DOMAIN_PATIENT_INDEX_H
#define MQ_DOMAIN_PATIENT_INDEX_H

#include "domain/patients/patient_fields.h"
#include "store/db.h"

/** Put a stored record into the index and the figures, and have it compared with the others soon.
 * @return MQ_ENOTFOUND no such record */
apr_status_t mq_patient_index_add(const mq_scope_t *sc, const mq_id_t *patient);

/** Take a record out again, as it is stored now: before it changes. */
apr_status_t mq_patient_index_remove(const mq_scope_t *sc, const mq_id_t *patient);

/** @return the key under which a record of these fields stands in the index: its names and its date
 * of birth. From pool */
const char *mq_patient_index_key(const mq_scope_t *sc, const mq_patient_fields_t *fields,
                                 apr_pool_t *pool);

/** Count new registrations of a day; fewer than none takes them back. */
apr_status_t mq_patient_registered(const mq_scope_t *sc, apr_time_t at, apr_int64_t patients);

/** Remember that this person opened this record. */
apr_status_t mq_patient_opened(const mq_scope_t *sc, const mq_id_t *patient);

/** The names of the figures' counters; each is followed by a year, month or day. */
#define MQ_COUNTER_BIRTH "birth."        /* active patients born in a year, or "birth.none" */
#define MQ_COUNTER_MONTH "registered.m." /* registrations of an organisation's month */
#define MQ_COUNTER_DAY "registered.d."   /* registrations of a day, likewise */

/** The first characters of the index's words that are none of a name. */
enum { MQ_WORD_DATE = '@', MQ_WORD_PHONE = '#', MQ_WORD_PHONE_BACKWARDS = '~' };

/** Appended to a prefix: what comes after every word that begins with it (U+10FFFF, which no key
 * holds). */
#define MQ_WORD_END "\xf4\x8f\xbf\xbf"

/** @return a telephone number's digits without leading zeros, forwards or backwards */
const char *mq_phone_word(const char *digits, int backwards, apr_pool_t *pool);

#endif
