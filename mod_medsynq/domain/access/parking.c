/* parking.c -- sealing, finding and removing parked forms. */
#include "domain/access/parking.h"

#include <apr_strings.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "domain/change.h"
#include "domain/access/secrets.h"

static const apr_interval_time_t age_most = apr_time_from_sec(3600);

/* What ends later, a clock has parked that was wrong. */
static apr_time_t latest_end(const mq_scope_t *sc)
{
    return mq_scope_now(sc) + age_most + MQ_CLOCK_SLACK;
}

/* The browser's half. The server's is the outer seal, which a rotated secret still opens. */
static apr_status_t key_make(unsigned char key_out[MQ_SEAL_KEY_LENGTH],
                             const unsigned char secret[MQ_PARKING_SECRET_LENGTH])
{
    return mq_key_derive(key_out, MQ_SEAL_KEY_LENGTH, secret, MQ_PARKING_SECRET_LENGTH,
                         "medsynq parking 1");
}

static mq_bytes_t form_bound(const mq_scope_t *sc, const mq_id_t *id)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    const char *text =
        apr_pstrcat(pool, "parked_forms sealed ", mq_id_text(mq_scope_user(sc), pool), " ",
                    mq_id_text(id, pool), NULL);
    return (mq_bytes_t){text, strlen(text)};
}

/* Path, a line feed, body. What another browser has parked does not open, and is not listed. */
static void parked_open(apr_array_header_t *forms, const mq_scope_t *sc,
                        const unsigned char key[MQ_SEAL_KEY_LENGTH], const mq_rows_t *rows)
{
    mq_id_t id = mq_rows_id(rows, MQ_PARKED_FORMS_OF_USER_ID);
    mq_bytes_t sealed;
    const unsigned char *data;
    apr_size_t length;
    char *text;
    char *end;
    sealed.data = mq_rows_bytes(rows, MQ_PARKED_FORMS_OF_USER_SEALED, &sealed.length);
    if (mq_secret_open(&data, &length, mq_scope_core(sc), form_bound(sc, &id), sealed,
                       mq_scope_pool(sc)) != APR_SUCCESS ||
        mq_open(&data, &length, key, form_bound(sc, &id), (mq_bytes_t){data, length},
                mq_scope_pool(sc)) != APR_SUCCESS) {
        return;
    }
    text = apr_pstrmemdup(mq_scope_pool(sc), (const char *)data, length);
    end = strchr(text, '\n');
    if (end) {
        *end = 0;
        *(mq_parked_t *)apr_array_push(forms) =
            (mq_parked_t){id, text, end + 1, mq_rows_int(rows, MQ_PARKED_FORMS_OF_USER_EXPIRES_AT),
                          (int)mq_rows_int(rows, MQ_PARKED_FORMS_OF_USER_DISCARDED)};
    }
}

static apr_status_t forms_select(mq_rows_t *rows, const mq_scope_t *sc)
{
    return mq_db_select(rows, sc, MQ_SQL_PARKED_FORMS_OF_USER,
                        MQ_PARAMS(mq_bind_id(mq_scope_user(sc)), mq_bind_int(mq_scope_now(sc)),
                                  mq_bind_int(latest_end(sc)),
                                  mq_bind_int((apr_int64_t)3 * MQ_PARKING_OF_PERSON)));
}

static apr_status_t forms_list(apr_array_header_t **forms_out, const mq_scope_t *sc,
                               const unsigned char key[MQ_SEAL_KEY_LENGTH])
{
    mq_rows_t rows;
    apr_status_t rv;
    *forms_out = apr_array_make(mq_scope_pool(sc), MQ_PARKING_OF_PERSON, sizeof(mq_parked_t));
    MQ_TRY(forms_select(&rows, sc));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        parked_open(*forms_out, sc, key, &rows);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_parking_list(apr_array_header_t **forms_out, const mq_scope_t *sc,
                             const unsigned char secret[MQ_PARKING_SECRET_LENGTH])
{
    unsigned char key[MQ_SEAL_KEY_LENGTH];
    apr_status_t rv;
    MQ_TRY(key_make(key, secret));
    rv = forms_list(forms_out, sc, key);
    mq_wipe(key, sizeof key);
    return rv;
}

/* @return MQ_EFULL the person or the organisation has as many as may wait */
static apr_status_t room_check(const mq_scope_t *sc)
{
    mq_rows_t rows;
    apr_status_t rv;
    int all = 0;
    int own = 0;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PARKED_FORMS_OWNERS,
                        MQ_PARAMS(mq_bind_int((apr_int64_t)3 * MQ_PARKING_OF_TENANT))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        mq_id_t owner = mq_rows_id(&rows, MQ_PARKED_FORMS_OWNERS_USER_ID);
        int waits = mq_rows_int(&rows, MQ_PARKED_FORMS_OWNERS_DISCARDED) == 0;
        all += waits;
        own += waits && mq_id_equal(&owner, mq_scope_user(sc));
    }
    if (rv != APR_EOF) {
        return rv;
    }
    return all >= MQ_PARKING_OF_TENANT || own >= MQ_PARKING_OF_PERSON ? MQ_EFULL : APR_SUCCESS;
}

static apr_status_t form_delete(int *changed_out, const mq_scope_t *sc, const mq_id_t *id)
{
    return mq_db_change(changed_out, sc, MQ_SQL_PARKED_FORM_DELETE,
                        MQ_PARAMS(mq_bind_id(mq_scope_user(sc)), mq_bind_id(id)));
}

/* Without the '&' behind the last field, so that more may have been typed into it since. */
static int goes_on(const char *body, const char *before)
{
    apr_size_t length = strlen(before);
    return strncmp(body, before, length && before[length - 1] == '&' ? length - 1 : length) == 0;
}

/* The same form with more typed into it, or with a button that was pressed, takes the place of the
 * one that waits: the page had saved that by itself.
 * @param is_there_out it waits already as it is */
static apr_status_t forms_replace(int *is_there_out, const mq_scope_t *sc,
                                  const apr_array_header_t *forms, const char *path,
                                  const char *body)
{
    *is_there_out = 0;
    for (int i = 0; i < forms->nelts; i++) {
        const mq_parked_t *form = &APR_ARRAY_IDX(forms, i, mq_parked_t);
        if (form->is_discarded || strcmp(form->path, path) != 0 || !goes_on(body, form->body)) {
            continue;
        }
        if (strcmp(form->body, body) == 0) {
            *is_there_out = 1;
            return APR_SUCCESS;
        }
        MQ_TRY(form_delete(NULL, sc, &form->id));
    }
    return APR_SUCCESS;
}

/* A form that is put aside, or one that is taken from there. */
typedef struct parking_work_t {
    const unsigned char *key;
    const char *path;
    const char *body;
    mq_id_t id;
    int discards; /* else it brings back */
} parking_work_t;

static apr_status_t form_park(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    parking_work_t *work = data;
    const char *text = apr_pstrcat(mq_scope_pool(sc), work->path, "\n", work->body, NULL);
    const unsigned char *sealed;
    apr_size_t length;
    apr_array_header_t *forms;
    int is_there;
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_PARKED_FORMS_PURGE,
                        MQ_PARAMS(mq_bind_int(mq_scope_now(sc)), mq_bind_int(latest_end(sc)))));
    MQ_TRY(forms_list(&forms, sc, work->key));
    MQ_TRY(forms_replace(&is_there, sc, forms, work->path, work->body));
    if (is_there) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return APR_SUCCESS;
    }
    MQ_TRY(room_check(sc));
    MQ_TRY(mq_id_make(&work->id));
    event_io->object = &work->id;
    MQ_TRY(mq_seal(&sealed, &length, work->key, form_bound(sc, &work->id),
                   (mq_bytes_t){text, strlen(text)}, mq_scope_pool(sc)));
    MQ_TRY(mq_seal(&sealed, &length, mq_scope_core(sc)->data_key, form_bound(sc, &work->id),
                   (mq_bytes_t){sealed, length}, mq_scope_pool(sc)));
    return mq_db_change(NULL, sc, MQ_SQL_PARKED_FORM_INSERT,
                        MQ_PARAMS(mq_bind_id(mq_scope_user(sc)), mq_bind_id(&work->id),
                                  mq_bind_int(mq_scope_now(sc) + age_most),
                                  mq_bind_bytes(sealed, length)));
}

apr_status_t mq_parking_add(const mq_scope_t *sc,
                            const unsigned char secret[MQ_PARKING_SECRET_LENGTH], const char *path,
                            const char *body)
{
    unsigned char key[MQ_SEAL_KEY_LENGTH];
    parking_work_t work = {.key = key, .path = path, .body = body};
    apr_status_t rv;
    if (strlen(path) + strlen(body) > MQ_PARKING_BYTES) {
        return MQ_EFULL;
    }
    MQ_TRY(key_make(key, secret));
    rv = mq_change(sc, MQ_ACTION_FORM_PARK, form_park, &work);
    mq_wipe(key, sizeof key);
    return rv;
}

static apr_status_t form_unpark(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const parking_work_t *work = data;
    int changed = 0;
    event_io->object = &work->id;
    event_io->reason = "used";
    MQ_TRY(form_delete(&changed, sc, &work->id));
    return changed ? APR_SUCCESS : MQ_ENOTFOUND;
}

apr_status_t mq_parking_remove(const mq_scope_t *sc, const mq_id_t *id)
{
    parking_work_t work = {.id = *id};
    return mq_change(sc, MQ_ACTION_FORM_UNPARK, form_unpark, &work);
}

/* What the person has, whichever browser it came from.
 * @param oldest_out of what is discarded, where there is no more room for that; else null
 * @return MQ_ENOTFOUND there is no such form in this state */
static apr_status_t form_find(mq_id_t *oldest_out, const mq_scope_t *sc, const mq_id_t *id,
                              int is_discarded)
{
    mq_rows_t rows;
    apr_status_t rv;
    mq_id_t oldest = {{0}};
    int discarded = 0;
    int found = 0;
    MQ_TRY(forms_select(&rows, sc));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        mq_id_t one = mq_rows_id(&rows, MQ_PARKED_FORMS_OF_USER_ID);
        int is = mq_rows_int(&rows, MQ_PARKED_FORMS_OF_USER_DISCARDED) != 0;
        found |= is == is_discarded && mq_id_equal(&one, id);
        if (is && discarded++ == 0) {
            oldest = one;
        }
    }
    *oldest_out = discarded >= MQ_PARKING_OF_PERSON ? oldest : (mq_id_t){{0}};
    return rv != APR_EOF ? rv : found ? APR_SUCCESS : MQ_ENOTFOUND;
}

static apr_status_t form_discard(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const parking_work_t *work = data;
    mq_id_t oldest;
    event_io->object = &work->id;
    event_io->reason = work->discards ? "discarded" : "brought back";
    MQ_TRY(form_find(&oldest, sc, &work->id, !work->discards));
    if (work->discards && !mq_id_is_nil(&oldest)) {
        MQ_TRY(form_delete(NULL, sc, &oldest));
    }
    return mq_db_change(NULL, sc, MQ_SQL_PARKED_FORM_DISCARD,
                        MQ_PARAMS(mq_bind_int(work->discards),
                                  mq_bind_int(mq_scope_now(sc) + age_most),
                                  mq_bind_id(mq_scope_user(sc)), mq_bind_id(&work->id)));
}

apr_status_t mq_parking_discard(const mq_scope_t *sc, const mq_id_t *id)
{
    parking_work_t work = {.id = *id, .discards = 1};
    return mq_change(sc, MQ_ACTION_FORM_UNPARK, form_discard, &work);
}

apr_status_t mq_parking_bring_back(const mq_scope_t *sc, const mq_id_t *id)
{
    parking_work_t work = {.id = *id};
    return mq_change(sc, MQ_ACTION_FORM_PARK, form_discard, &work);
}
