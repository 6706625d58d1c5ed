/* audit_read.c -- pages of the trail, by key. Appending is in audit.c. */
#include "domain/trail/audit_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "domain/patients/patient_links.h"
#include "domain/trail/disclosures.h"

/* An event's instant is when its request began, and it may have waited to be written: the instants
 * of a chain are in order but for this much. */
static const apr_time_t disorder = (apr_time_t)24 * 3600 * APR_USEC_PER_SEC;

/* The part of the chain that a page looks at: from first on, up to but not including end. */
typedef struct span_t {
    apr_int64_t lowest; /* what is asked for is not older than this */
    apr_int64_t first;
    apr_int64_t end;
} span_t;

static apr_status_t head_number(apr_int64_t *number_out, const mq_scope_t *sc)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_AUDIT_HEAD, MQ_NO_PARAMS));
    *number_out = mq_rows_int(&rows, MQ_AUDIT_HEAD_NUMBER);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

/* Narrow first and end, by halves, to the number where the instant was reached. */
static apr_status_t number_at(apr_int64_t *number_out, const mq_scope_t *sc, apr_int64_t end,
                              apr_time_t at)
{
    apr_int64_t first = 1;
    while (first < end) {
        apr_int64_t middle = first + (end - first) / 2;
        mq_rows_t rows;
        apr_time_t there;
        MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_AUDIT_EVENT_AT, MQ_PARAMS(mq_bind_int(middle))));
        there = mq_rows_int(&rows, MQ_AUDIT_EVENT_AT);
        mq_rows_close(&rows);
        if (there < at) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    *number_out = first;
    return APR_SUCCESS;
}

/* Where nothing narrows, the first events are the page; else a page looks only so far back. */
static apr_status_t span_find(span_t *span, const mq_scope_t *sc, const mq_audit_choice_t *choice)
{
    apr_int64_t head = 0;
    apr_status_t rv;
    *span = (span_t){1, 1, choice->before ? choice->before : APR_INT64_MAX};
    if (choice->patient || (!choice->action && !choice->actor && !choice->from && !choice->until)) {
        return APR_SUCCESS;
    }
    rv = head_number(&head, sc);
    if (rv != APR_SUCCESS && rv != MQ_ENOTFOUND) {
        return rv;
    }
    span->end = span->end > head ? head + 1 : span->end;
    if (choice->until && choice->until < APR_INT64_MAX - disorder) {
        MQ_TRY(number_at(&span->end, sc, span->end, choice->until + disorder));
    }
    if (choice->from) {
        MQ_TRY(number_at(&span->lowest, sc, span->end, choice->from - disorder));
    }
    span->first = span->end - MQ_AUDIT_LOOKED_AT_MOST;
    span->first = span->first < span->lowest ? span->lowest : span->first;
    return APR_SUCCESS;
}

static apr_status_t page_select(mq_rows_t *rows, const mq_scope_t *sc,
                                const mq_audit_choice_t *choice, const span_t *span, int most)
{
    const mq_param_t end = mq_bind_int(span->end);
    const mq_param_t from = mq_bind_int(choice->from);
    const mq_param_t until = mq_bind_int(choice->until ? choice->until : APR_INT64_MAX);
    const mq_param_t action = mq_bind_int(choice->action);
    const mq_param_t actor = mq_bind_id(choice->actor);
    const mq_param_t lists = mq_bind_int(choice->lists);
    if (choice->patient) {
        return mq_db_select(rows, sc, MQ_SQL_AUDIT_EVENTS_OF_PATIENT,
                            MQ_PARAMS(mq_bind_id(choice->patient), mq_bind_id(choice->patient), end,
                                      from, until, action, action, actor, actor, lists, lists,
                                      mq_bind_int(most)));
    }
    return mq_db_select(rows, sc, MQ_SQL_AUDIT_EVENTS_NEWEST,
                        MQ_PARAMS(end, mq_bind_int(span->first), from, until, action, action, actor,
                                  actor, mq_bind_int(most)));
}

/* Whose account it was done to, where that is not their own. */
static void concerned_read(mq_audit_entry_t *entry, const mq_rows_t *rows, apr_pool_t *pool)
{
    const mq_id_t concerned = mq_rows_id(rows, MQ_AUDIT_ENTRY_CONCERNED_ID);
    if (!mq_id_equal(&concerned, &entry->actor)) {
        entry->concerned_name = mq_rows_text(rows, MQ_AUDIT_ENTRY_CONCERNED_NAME, pool);
        entry->concerned_email = mq_rows_text(rows, MQ_AUDIT_ENTRY_CONCERNED_EMAIL, pool);
    }
}

static apr_status_t entries_read(apr_array_header_t *entries, const mq_scope_t *sc,
                                 const mq_audit_choice_t *choice, const span_t *span, int most,
                                 apr_pool_t *pool)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(page_select(&rows, sc, choice, span, most));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        mq_audit_entry_t *entry = apr_array_push(entries);
        *entry =
            (mq_audit_entry_t){.number = mq_rows_int(&rows, MQ_AUDIT_ENTRY_NUMBER),
                               .at = mq_rows_int(&rows, MQ_AUDIT_ENTRY_AT),
                               .actor = mq_rows_id(&rows, MQ_AUDIT_ENTRY_ACTOR_ID),
                               .actor_name = mq_rows_text(&rows, MQ_AUDIT_ENTRY_ACTOR_NAME, pool),
                               .address = mq_rows_text(&rows, MQ_AUDIT_ENTRY_ADDRESS, pool),
                               .action = (mq_action_t)mq_rows_int(&rows, MQ_AUDIT_ENTRY_ACTION),
                               .outcome = (mq_outcome_t)mq_rows_int(&rows, MQ_AUDIT_ENTRY_OUTCOME),
                               .reason = mq_rows_text(&rows, MQ_AUDIT_ENTRY_REASON, pool),
                               .patient = mq_rows_id(&rows, MQ_AUDIT_ENTRY_PATIENT_ID),
                               .mrn = mq_rows_text(&rows, MQ_AUDIT_ENTRY_MRN, pool)};
        concerned_read(entry, &rows, pool);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static int newest_first(const void *a, const void *b)
{
    const mq_audit_entry_t *one = a;
    const mq_audit_entry_t *other = b;
    return one->number < other->number ? 1 : -(one->number > other->number);
}

/* The newest of all whom a record stands for, each event once: a page may have shown two of them.
 */
static apr_status_t entries_of_patient(apr_array_header_t *entries, const mq_scope_t *sc,
                                       const mq_audit_choice_t *choice, const span_t *span,
                                       int most, apr_pool_t *pool)
{
    mq_audit_choice_t one = *choice;
    apr_array_header_t *ids;
    int kept = 0;
    MQ_TRY(mq_patient_stands_for(&ids, sc, choice->patient));
    for (int i = 0; i < ids->nelts; i++) {
        one.patient = &APR_ARRAY_IDX(ids, i, mq_id_t);
        MQ_TRY(entries_read(entries, sc, &one, span, most, pool));
    }
    if (ids->nelts == 1) {
        return APR_SUCCESS;
    }
    qsort(entries->elts, (size_t)entries->nelts, sizeof(mq_audit_entry_t), newest_first);
    for (int i = 0; i < entries->nelts && kept < most; i++) {
        const mq_audit_entry_t *entry = &APR_ARRAY_IDX(entries, i, mq_audit_entry_t);
        if (!kept || APR_ARRAY_IDX(entries, kept - 1, mq_audit_entry_t).number != entry->number) {
            APR_ARRAY_IDX(entries, kept++, mq_audit_entry_t) = *entry;
        }
    }
    entries->nelts = kept;
    return APR_SUCCESS;
}

apr_status_t mq_audit_rows(apr_array_header_t **entries_out, apr_int64_t *next_out,
                           const mq_scope_t *sc, const mq_audit_choice_t *choice, int most,
                           apr_pool_t *pool)
{
    apr_array_header_t *entries = apr_array_make(pool, most + 1, sizeof(mq_audit_entry_t));
    span_t span;
    MQ_TRY(span_find(&span, sc, choice));
    MQ_TRY(choice->patient ? entries_of_patient(entries, sc, choice, &span, most + 1, pool)
                           : entries_read(entries, sc, choice, &span, most + 1, pool));
    *next_out = span.first > span.lowest ? span.first : 0;
    if (entries->nelts > most) {
        entries->nelts = most;
        *next_out = APR_ARRAY_IDX(entries, most - 1, mq_audit_entry_t).number;
    }
    *entries_out = entries;
    return APR_SUCCESS;
}

apr_status_t mq_audit_page(apr_array_header_t **entries_out, apr_int64_t *next_out,
                           const mq_scope_t *sc, const mq_audit_choice_t *choice)
{
    mq_audit_event_t event = {
        .action = MQ_ACTION_AUDIT_VIEW, .outcome = MQ_OUTCOME_DONE, .object = choice->actor};
    if (!mq_policy_allows(MQ_ACTION_AUDIT_VIEW, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_audit_rows(entries_out, next_out, sc, choice, MQ_AUDIT_PER_PAGE, mq_scope_pool(sc)));
    return mq_disclose(sc, &event, NULL);
}

typedef struct keyed_person_t {
    mq_audit_person_t person;
    const char *key;
} keyed_person_t;

static int by_name(const void *a, const void *b)
{
    const keyed_person_t *one = a;
    const keyed_person_t *other = b;
    const int order = strcmp(one->key, other->key);
    return order ? order : strcmp(one->person.email, other->person.email);
}

static apr_status_t people_read(apr_array_header_t *people, apr_size_t *bytes_out,
                                const mq_scope_t *sc)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_rows_t rows;
    apr_status_t rv;
    *bytes_out = 0;
    MQ_TRY(
        mq_db_select(&rows, sc, MQ_SQL_USERS_FIRST, MQ_PARAMS(mq_bind_int(MQ_AUDIT_PEOPLE + 1))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        keyed_person_t *one = apr_array_push(people);
        one->person.email = mq_rows_text(&rows, MQ_USER_VIEW_EMAIL, pool);
        one->person.name = mq_rows_text(&rows, MQ_USER_VIEW_NAME, pool);
        one->key = mq_text_name_key(one->person.name, pool);
        *bytes_out += strlen(one->person.name) + strlen(one->person.email);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_audit_people(apr_array_header_t **people_out, const mq_scope_t *sc)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *people = apr_array_make(pool, 16, sizeof(keyed_person_t));
    apr_size_t bytes;
    *people_out = apr_array_make(pool, 16, sizeof(mq_audit_person_t));
    if (!mq_policy_allows(MQ_ACTION_AUDIT_VIEW, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(people_read(people, &bytes, sc));
    if (people->nelts > MQ_AUDIT_PEOPLE || bytes > MQ_AUDIT_PEOPLE_BYTES) {
        return APR_SUCCESS;
    }
    qsort(people->elts, (size_t)people->nelts, sizeof(keyed_person_t), by_name);
    for (int i = 0; i < people->nelts; i++) {
        APR_ARRAY_PUSH(*people_out, mq_audit_person_t) =
            APR_ARRAY_IDX(people, i, keyed_person_t).person;
    }
    return APR_SUCCESS;
}

static apr_status_t id_find(mq_id_t *id_out, const mq_scope_t *sc,
                            const mq_tenant_read_t *statement, int column, const char *key)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, statement, MQ_PARAMS(mq_bind_text(key))));
    *id_out = mq_rows_id(&rows, column);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

apr_status_t mq_audit_actor_find(mq_id_t *actor_out, const mq_scope_t *sc, const char *email)
{
    return id_find(actor_out, sc, MQ_SQL_USER_BY_EMAIL, MQ_USER_BY_EMAIL_ID,
                   mq_text_name_key(email, mq_scope_pool(sc)));
}

apr_status_t mq_audit_patient_find(mq_id_t *patient_out, const mq_scope_t *sc, const char *mrn)
{
    return id_find(patient_out, sc, MQ_SQL_PATIENT_BY_MRN, MQ_PATIENT_BY_MRN_ID, mrn);
}
