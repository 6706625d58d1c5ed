/* patient_import_dates.h -- in which order a file writes its dates: what each column shows of it
 * while the file is stored, and what follows from it. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_DATES_H
#define MQ_DOMAIN_PATIENT_IMPORT_DATES_H

#include "domain/imports/patient_import_rows.h"

/** What the cells of a column show, by mq_date_order_t; zero at first. */
typedef struct mq_import_evidence_t {
    apr_int64_t counts[MQ_DATE_ORDER_EITHER + 1];
    const char *examples[MQ_DATE_ORDER_EITHER + 1]; /* the first of each kind, or NULL */
} mq_import_evidence_t;

/**
 * Note what a cell shows.
 * @param scratch   for the time of the call
 * @param kept_pool where an example goes
 */
void mq_import_evidence_note(mq_import_evidence_t *evidence, const char *cell, apr_pool_t *scratch,
                             apr_pool_t *kept_pool);

/** @return the columns' evidence as it is stored, from pool */
const char *mq_import_evidence_text(const mq_import_evidence_t *columns, int count,
                                    apr_pool_t *pool);

/** @return a cell's date without the midnight that databases and spreadsheets write behind it
 * ("1980-04-03 00:00:00"), from pool or as it was; another hour stays, and makes it no date */
const char *mq_import_date_text(const char *line, apr_pool_t *pool);

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

#endif
