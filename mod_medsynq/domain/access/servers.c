/* servers.c -- the servers of a database are entries of one row, beside the counters of tries: who
 * tells has the row alone, and puts itself in the place of what it said the last time. */
#include "domain/access/servers.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "domain/access/throttle_rows.h"

enum {
    SERVERS_MOST = 16, /* that are listed; a further one hears of these */
    ID_LENGTH = 16,
    GONE_SECONDS = 60,
    KEPT_SECONDS = 3600
};

typedef struct entry_t {
    unsigned char id[ID_LENGTH];
    apr_time_t seen;
    apr_int64_t is_shared;
} entry_t;

_Static_assert(SERVERS_MOST * sizeof(entry_t) <= MQ_TABLE_DATA_MAX, "all fit into one row");

typedef struct telling_t {
    entry_t own;
    int apart;
} telling_t;

static int is_there(const entry_t *entry, apr_time_t now)
{
    return entry->seen + apr_time_from_sec(GONE_SECONDS) > now &&
           !mq_clock_was_wrong(now, entry->seen);
}

static apr_status_t entries_edit(void *context, mq_table_record_t *record, int is_new)
{
    telling_t *telling = context;
    const entry_t *own = &telling->own;
    entry_t entries[SERVERS_MOST] = {*own};
    apr_uint32_t count = 1;
    (void)is_new;
    telling->apart = 0;
    for (apr_uint32_t at = 0; at + sizeof(entry_t) <= record->length; at += sizeof(entry_t)) {
        entry_t entry;
        memcpy(&entry, record->data + at, sizeof entry);
        if (memcmp(entry.id, own->id, sizeof entry.id) != 0 && is_there(&entry, own->seen)) {
            telling->apart |= !entry.is_shared || !own->is_shared;
            if (count < SERVERS_MOST) {
                entries[count++] = entry;
            }
        }
    }
    record->length = count * (apr_uint32_t)sizeof(entry_t);
    memcpy(record->data, entries, record->length);
    record->expires = own->seen + apr_time_from_sec(KEPT_SECONDS);
    return APR_SUCCESS;
}

apr_status_t mq_servers_tell(int *apart_out, const mq_visit_t *visit, const char *name,
                             int is_shared)
{
    static const char row[] = "medsynq servers 1"; /* counters have keyed hashes: never this one */
    telling_t telling = {.own = {.seen = visit->now, .is_shared = is_shared}};
    unsigned char key[MQ_SHA256_LENGTH];
    unsigned char id[MQ_SHA256_LENGTH];
    MQ_TRY(mq_sha256(key, row, sizeof row - 1));
    MQ_TRY(mq_sha256(id, name, strlen(name)));
    memcpy(telling.own.id, id, sizeof telling.own.id);
    MQ_TRY(mq_throttle_row_change(visit, key, 1, entries_edit, &telling));
    *apart_out = telling.apart;
    return APR_SUCCESS;
}
