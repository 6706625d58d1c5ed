/* shared_table.c -- the shared table's records, chains and recovery; see shared_table.h.
 *
 * Memory: head | first (a chain's first slot) | expires | slots (key, next) | data.
 * A link is a slot's number + 1, so zeroed memory is an empty table. The truth is in `expires`: a
 * slot is in use when it is not 0, and everything else (chains, free list, fill) can be rebuilt
 * from expires and keys. It stands apart so that a search for the expired reads few cache lines.
 *
 * A process may be killed between any two instructions:
 * - `changing` is set round every change of chains, free list or fill; the next owner of the lock
 *   rebuilds them when he finds it set.
 * - A new record becomes one by the single write of its expiry, after all else of it is written.
 * - A replacement is written beside the record first (`pending`), then copied over it, and the
 *   next owner of the lock copies it again when he finds `pending_slot` set.
 * The kernel hands the lock on after the dead process's last write, so the order that counts is
 * the compiler's: `in_order`. */
#include "base/shared_table.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <apr_general.h>

#include "base/status.h"

#define TABLE_MAGIC UINT64_C(0x6d7173685461626c)
#define TABLE_VERSION 2 /* raise it with every change of the layout: reloads meet old memory */
#define HEAD_SIZE ((apr_size_t)4096) /* a page */
#define LINE_SIZE ((apr_size_t)64)   /* of the cache */

#define NO_SLOT UINT32_MAX
#define SWEEP_STEP 8    /* slots that each store looks at for expired records */
#define SLICE_SLOTS 512 /* slots that one turn of the lock walks over; some 50 µs at worst */
#define SLICE_RECORDS 8 /* records that one turn of the lock copies out */
#define COUNT_SLICE 16384

typedef struct slot_t {
    unsigned char key[MQ_TABLE_KEY_SIZE];
    apr_uint32_t next; /* link: in its chain, or in the free list */
    apr_uint32_t length;
} slot_t;

typedef struct layout_t {
    apr_uint32_t chain_count;                     /* a power of two */
    apr_size_t first, expires, slots, data, size; /* offsets, bytes */
} layout_t;

struct mq_table_t {
    apr_uint64_t magic;
    apr_uint32_t version;
    mq_table_shape_t shape;
    layout_t at;
    apr_uint64_t seed;
    pthread_mutex_t lock;
    atomic_uint unreported; /* recoveries and faults that nobody has logged yet */

    apr_uint32_t changing;     /* chains, free list or fill may be inconsistent */
    apr_uint32_t pending_slot; /* link: the slot that gets the pending record */
    apr_uint32_t used;         /* slots in use, living or expired */
    apr_uint32_t fresh;        /* slots from here on were never used */
    apr_uint32_t free_first;   /* link: slots given back */
    apr_uint32_t hand;         /* where the lazy sweep goes on */
    apr_time_t soonest;        /* no record expires before; 0 = not known */
    apr_uint64_t found, missed, stored, refused, evicted;
    atomic_uint recoveries, faults;

    mq_table_record_t pending;
};

_Static_assert(sizeof(struct mq_table_t) <= HEAD_SIZE, "the head has its page");

/* Keep the compiler from moving writes across this point. */
static inline void in_order(void)
{
    atomic_signal_fence(memory_order_seq_cst);
}

/* --- where things are --- */

static int shape_valid(const mq_table_shape_t *shape)
{
    return shape->capacity >= 1 && shape->capacity <= MQ_TABLE_CAPACITY_MAX &&
           shape->data_size >= 1 && shape->data_size <= MQ_TABLE_DATA_MAX &&
           (shape->when_full == MQ_TABLE_EXPIRED_ONLY ||
            shape->when_full == MQ_TABLE_EVICT_SOONEST);
}

static layout_t layout_of(const mq_table_shape_t *shape)
{
    layout_t at;

    memset(&at, 0, sizeof at); /* the padding too: two layouts are compared as bytes */
    at.chain_count = 1;
    while (at.chain_count < shape->capacity) {
        at.chain_count *= 2;
    }
    at.first = HEAD_SIZE;
    at.expires = APR_ALIGN(at.first + at.chain_count * sizeof(apr_uint32_t), LINE_SIZE);
    at.slots = APR_ALIGN(at.expires + shape->capacity * sizeof(apr_time_t), LINE_SIZE);
    at.data = APR_ALIGN(at.slots + shape->capacity * sizeof(slot_t), LINE_SIZE);
    at.size = APR_ALIGN(at.data + (apr_size_t)shape->capacity * shape->data_size, HEAD_SIZE);
    return at;
}

/* The table's parts where this process has them mapped. */
typedef struct parts_t {
    apr_uint32_t *first;
    apr_time_t *expires;
    slot_t *slots;
    unsigned char *data;
} parts_t;

static parts_t parts_of(mq_table_t *table)
{
    unsigned char *base = (unsigned char *)table;
    parts_t parts;

    parts.first = (void *)(base + table->at.first);
    parts.expires = (void *)(base + table->at.expires);
    parts.slots = (void *)(base + table->at.slots);
    parts.data = base + table->at.data;
    return parts;
}

static unsigned char *data_of(const mq_table_t *table, const parts_t *parts, apr_uint32_t slot)
{
    return parts->data + (apr_size_t)slot * table->shape.data_size;
}

static apr_uint32_t *chain_of(const mq_table_t *table, const parts_t *parts,
                              const unsigned char *key)
{
    apr_uint64_t words[MQ_TABLE_KEY_SIZE / sizeof(apr_uint64_t)];
    apr_uint64_t hash = table->seed;
    size_t i;

    memcpy(words, key, sizeof words);
    for (i = 0; i < sizeof words / sizeof words[0]; i++) {
        hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return &parts->first[hash & (table->at.chain_count - 1)];
}

/* Slots from here on were never used. */
static apr_uint32_t slots_end(const mq_table_t *table)
{
    return table->fresh <= table->shape.capacity ? table->fresh : table->shape.capacity;
}

static apr_uint32_t length_of(const mq_table_t *table, const parts_t *parts, apr_uint32_t slot)
{
    apr_uint32_t length = parts->slots[slot].length;

    return length <= table->shape.data_size ? length : table->shape.data_size;
}

/* --- putting in order --- */

/* Make chains, free list and fill anew from what the slots say. */
static void table_rebuild(mq_table_t *table, const parts_t *parts)
{
    apr_uint32_t slot;

    table->changing = 1;
    in_order();
    memset(parts->first, 0, table->at.chain_count * sizeof parts->first[0]);
    table->free_first = 0;
    table->used = 0;
    table->soonest = 0;
    table->fresh = slots_end(table);
    /* downwards, so that the free list begins with the lowest slots */
    for (slot = table->fresh; slot-- > 0;) {
        apr_uint32_t *link = &table->free_first;

        if (parts->expires[slot] != 0) {
            link = chain_of(table, parts, parts->slots[slot].key);
            table->used++;
        }
        parts->slots[slot].next = *link;
        *link = slot + 1;
    }
    in_order();
    table->changing = 0;
}

static void table_heal(mq_table_t *table, const parts_t *parts)
{
    table->faults++;
    atomic_fetch_add(&table->unreported, 1);
    table_rebuild(table, parts);
}

static void pending_apply(mq_table_t *table, const parts_t *parts)
{
    apr_uint32_t slot = table->pending_slot - 1;

    if (slot < table->shape.capacity && table->pending.length <= table->shape.data_size) {
        parts->slots[slot].length = table->pending.length;
        memcpy(data_of(table, parts, slot), table->pending.data, table->pending.length);
        parts->expires[slot] = table->pending.expires;
    }
    in_order();
    table->pending_slot = 0;
}

static apr_status_t table_lock(mq_table_t *table, const parts_t *parts)
{
    int rv = pthread_mutex_lock(&table->lock);

    if (rv == EOWNERDEAD) {
        (void)pthread_mutex_consistent(&table->lock);
        table->recoveries++;
        atomic_fetch_add(&table->unreported, 1);
        if (table->pending_slot != 0) {
            pending_apply(table, parts);
        }
        if (table->changing) {
            table_rebuild(table, parts);
        }
        rv = 0;
    }
    return rv;
}

static void table_unlock(mq_table_t *table)
{
    (void)pthread_mutex_unlock(&table->lock);
}

/* --- records, under the lock --- */

/* The slot with this key, living or expired, or NO_SLOT. A chain that leads nowhere or in circles
 * is rebuilt, and searched once more. */
static apr_uint32_t slot_find(mq_table_t *table, const parts_t *parts, const unsigned char *key)
{
    int tries;

    for (tries = 0; tries < 2; tries++) {
        apr_uint32_t link = *chain_of(table, parts, key);
        apr_uint32_t steps = 0;

        while (link != 0 && link <= slots_end(table) && steps++ < table->shape.capacity) {
            const slot_t *slot = &parts->slots[link - 1];

            if (memcmp(slot->key, key, MQ_TABLE_KEY_SIZE) == 0 && parts->expires[link - 1] != 0) {
                return link - 1;
            }
            link = slot->next;
        }
        if (link == 0) {
            return NO_SLOT;
        }
        table_heal(table, parts);
    }
    return NO_SLOT;
}

static void slot_release(mq_table_t *table, const parts_t *parts, apr_uint32_t slot)
{
    slot_t *record = &parts->slots[slot];
    apr_uint32_t *link = chain_of(table, parts, record->key);
    apr_uint32_t steps = 0;

    table->changing = 1;
    in_order();
    parts->expires[slot] = 0;
    while (*link != slot + 1 && *link != 0 && *link <= table->shape.capacity &&
           steps++ < table->shape.capacity) {
        link = &parts->slots[*link - 1].next;
    }
    memset(data_of(table, parts, slot), 0, table->shape.data_size);
    if (*link != slot + 1) {
        table_heal(table, parts); /* also takes the slot into the free list */
        return;
    }
    *link = record->next;
    record->next = table->free_first;
    table->free_first = slot + 1;
    table->used--;
    in_order();
    table->changing = 0;
}

static void sweep_step(mq_table_t *table, const parts_t *parts, apr_time_t now)
{
    int i;

    for (i = 0; i < SWEEP_STEP; i++) {
        if (table->hand >= slots_end(table)) {
            table->hand = 0;
            if (table->used == 0) {
                return;
            }
        }
        if (parts->expires[table->hand] != 0 && parts->expires[table->hand] <= now) {
            slot_release(table, parts, table->hand);
        }
        table->hand++;
    }
}

static int is_over(const mq_table_t *table, apr_time_t expires, apr_time_t now)
{
    return expires <= now || (table->shape.stays != 0 && expires - now > 2 * table->shape.stays);
}

/* In a full table, give back one expired record, or the one that expires soonest where the living
 * may be pushed out. While nothing can have expired since the last search, none is made: being
 * full must not cost every log-in a walk over the table. */
static void make_room(mq_table_t *table, const parts_t *parts, apr_time_t now)
{
    apr_uint32_t soonest = 0;
    apr_uint32_t i, slot = table->hand;

    if (table->shape.when_full == MQ_TABLE_EXPIRED_ONLY && table->soonest > now) {
        return;
    }
    for (i = 0; i < table->shape.capacity; i++, slot++) {
        if (slot >= table->shape.capacity) {
            slot = 0;
        }
        if (is_over(table, parts->expires[slot], now)) {
            table->hand = slot;
            slot_release(table, parts, slot);
            return;
        }
        if (i == 0 || parts->expires[slot] < parts->expires[soonest]) {
            soonest = slot;
        }
    }
    table->soonest = parts->expires[soonest];
    if (table->shape.when_full == MQ_TABLE_EVICT_SOONEST &&
        (table->shape.stays == 0 || parts->expires[soonest] <= now + table->shape.stays)) {
        slot_release(table, parts, soonest);
        table->evicted++;
    }
}

static int table_full(const mq_table_t *table)
{
    return table->free_first == 0 && table->fresh >= table->shape.capacity;
}

/* Make the pending record one of the table. */
static apr_status_t pending_insert(mq_table_t *table, const parts_t *parts, apr_time_t now)
{
    apr_uint32_t slot;
    apr_uint32_t *chain;

    if (table_full(table)) {
        make_room(table, parts, now);
        if (table_full(table)) {
            table->refused++;
            return APR_ENOSPC;
        }
    }
    if (table->free_first > slots_end(table) ||
        (table->free_first != 0 && parts->expires[table->free_first - 1] != 0)) {
        table_heal(table, parts);
        if (table_full(table)) {
            return APR_ENOSPC;
        }
    }

    table->changing = 1;
    in_order();
    if (table->free_first != 0) {
        slot = table->free_first - 1;
        table->free_first = parts->slots[slot].next;
    } else {
        slot = table->fresh++;
    }
    memcpy(parts->slots[slot].key, table->pending.key, MQ_TABLE_KEY_SIZE);
    parts->slots[slot].length = table->pending.length;
    memcpy(data_of(table, parts, slot), table->pending.data, table->pending.length);
    chain = chain_of(table, parts, table->pending.key);
    parts->slots[slot].next = *chain;
    *chain = slot + 1;
    table->used++;
    in_order();
    parts->expires[slot] = table->pending.expires;
    in_order();
    table->changing = 0;
    return APR_SUCCESS;
}

/* Put the pending record into its slot, or a free one when it has none (NO_SLOT). */
static apr_status_t pending_keep(mq_table_t *table, const parts_t *parts, apr_uint32_t slot,
                                 apr_time_t now)
{
    apr_status_t rv = APR_SUCCESS;

    if (table->pending.expires < table->soonest) {
        table->soonest = table->pending.expires;
    }
    if (slot == NO_SLOT) {
        rv = pending_insert(table, parts, now);
    } else {
        in_order();
        table->pending_slot = slot + 1;
        in_order();
        pending_apply(table, parts);
    }
    table->stored += rv == APR_SUCCESS;
    memset(table->pending.data, 0, table->pending.length); /* no copy outlives its session */
    return rv;
}

static void record_read(mq_table_record_t *record_out, const mq_table_t *table,
                        const parts_t *parts, apr_uint32_t slot)
{
    record_out->length = length_of(table, parts, slot);
    record_out->expires = parts->expires[slot];
    memcpy(record_out->key, parts->slots[slot].key, MQ_TABLE_KEY_SIZE);
    memcpy(record_out->data, data_of(table, parts, slot), record_out->length);
    record_out->data[record_out->length] = 0;
}

/* --- making and taking up --- */

apr_size_t mq_table_size(const mq_table_shape_t *shape)
{
    return shape_valid(shape) ? layout_of(shape).size : 0;
}

static apr_status_t lock_make(pthread_mutex_t *lock)
{
    pthread_mutexattr_t kind;

    MQ_TRY(pthread_mutexattr_init(&kind));
    MQ_TRY(pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED));
    MQ_TRY(pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST));
    MQ_TRY(pthread_mutex_init(lock, &kind));
    return pthread_mutexattr_destroy(&kind);
}

apr_status_t mq_table_create(mq_table_t **table_out, void *memory, apr_size_t size,
                             const mq_table_shape_t *shape)
{
    mq_table_t *table = memory;

    if (!shape_valid(shape) || size < layout_of(shape).size) {
        return APR_EINVAL;
    }
    table->shape = *shape;
    table->at = layout_of(shape);
    table->version = TABLE_VERSION;
    MQ_TRY(apr_generate_random_bytes((unsigned char *)&table->seed, sizeof table->seed));
    MQ_TRY(lock_make(&table->lock));
    in_order();
    table->magic = TABLE_MAGIC;
    *table_out = table;
    return APR_SUCCESS;
}

apr_status_t mq_table_attach(mq_table_t **table_out, void *memory, apr_size_t size)
{
    mq_table_t *table = memory;
    layout_t at;

    if (size < HEAD_SIZE || table->magic != TABLE_MAGIC || table->version != TABLE_VERSION ||
        !shape_valid(&table->shape)) {
        return MQ_ECORRUPT;
    }
    at = layout_of(&table->shape);
    if (at.size > size || memcmp(&at, &table->at, sizeof at) != 0) {
        return MQ_ECORRUPT;
    }
    *table_out = table;
    return APR_SUCCESS;
}

mq_table_shape_t mq_table_shape(const mq_table_t *table)
{
    return table->shape;
}

/* --- one record --- */

apr_status_t mq_table_store(mq_table_t *table, apr_time_t now, const unsigned char *key,
                            apr_time_t expires, const void *data, apr_uint32_t length)
{
    parts_t parts = parts_of(table);
    apr_status_t rv;

    if (length > table->shape.data_size || expires <= 0) {
        return APR_EINVAL;
    }
    MQ_TRY(table_lock(table, &parts));
    sweep_step(table, &parts, now);
    memcpy(table->pending.key, key, MQ_TABLE_KEY_SIZE);
    table->pending.expires = expires;
    table->pending.length = length;
    if (length > 0) {
        memcpy(table->pending.data, data, length);
    }
    rv = pending_keep(table, &parts, slot_find(table, &parts, key), now);
    table_unlock(table);
    return rv;
}

apr_status_t mq_table_find(mq_table_record_t *record_out, mq_table_t *table, apr_time_t now,
                           const unsigned char *key)
{
    parts_t parts = parts_of(table);
    apr_uint32_t slot;
    apr_status_t rv = APR_NOTFOUND;

    MQ_TRY(table_lock(table, &parts));
    slot = slot_find(table, &parts, key);
    if (slot != NO_SLOT && parts.expires[slot] <= now) {
        slot_release(table, &parts, slot);
        slot = NO_SLOT;
    }
    if (slot != NO_SLOT) {
        record_read(record_out, table, &parts, slot);
        table->found++;
        rv = APR_SUCCESS;
    } else {
        table->missed++;
    }
    table_unlock(table);
    return rv;
}

/* Let edit work on the pending record, a copy of the slot's or an empty one. */
static apr_status_t change_locked(mq_table_t *table, const parts_t *parts, apr_time_t now,
                                  const unsigned char *key, int create, mq_table_edit_t *edit,
                                  void *context)
{
    apr_uint32_t slot = slot_find(table, parts, key);
    mq_table_record_t *record = &table->pending;

    if (slot != NO_SLOT && parts->expires[slot] <= now) {
        slot_release(table, parts, slot);
        slot = NO_SLOT;
    }
    if (slot != NO_SLOT) {
        record_read(record, table, parts, slot);
        memset(record->data + record->length, 0, sizeof record->data - record->length);
    } else if (create) {
        memset(record, 0, sizeof *record);
    } else {
        return APR_NOTFOUND;
    }
    MQ_TRY(edit(context, record, slot == NO_SLOT));
    memcpy(record->key, key, MQ_TABLE_KEY_SIZE);
    if (record->length > table->shape.data_size || record->expires < 0) {
        return APR_EINVAL;
    }
    if (record->expires != 0) {
        return pending_keep(table, parts, slot, now);
    }
    if (slot != NO_SLOT) {
        slot_release(table, parts, slot);
    }
    return APR_SUCCESS;
}

apr_status_t mq_table_change(mq_table_t *table, apr_time_t now, const unsigned char *key,
                             int create, mq_table_edit_t *edit, void *context)
{
    parts_t parts = parts_of(table);
    apr_status_t rv;

    MQ_TRY(table_lock(table, &parts));
    sweep_step(table, &parts, now);
    rv = change_locked(table, &parts, now, key, create, edit, context);
    table_unlock(table);
    return rv;
}

apr_status_t mq_table_remove(mq_table_t *table, const unsigned char *key)
{
    parts_t parts = parts_of(table);
    apr_uint32_t slot;

    MQ_TRY(table_lock(table, &parts));
    slot = slot_find(table, &parts, key);
    if (slot != NO_SLOT) {
        slot_release(table, &parts, slot);
    }
    table_unlock(table);
    return slot != NO_SLOT ? APR_SUCCESS : APR_NOTFOUND;
}

/* --- all records --- */

/* Copy matching records out until the slice's slots or places are used up.
 * Moves *slot_io on, to the capacity when the walk has ended. */
static int slice_read(mq_table_record_t *records, apr_uint32_t *slot_io, const mq_table_t *table,
                      const parts_t *parts, apr_time_t now, mq_table_match_t *match, void *context)
{
    apr_uint32_t slot = *slot_io;
    apr_uint32_t end = slot + SLICE_SLOTS;
    int count = 0;

    for (; slot < end && slot < slots_end(table) && count < SLICE_RECORDS; slot++) {
        if (parts->expires[slot] > now &&
            (match == NULL ||
             match(context, data_of(table, parts, slot), length_of(table, parts, slot)))) {
            record_read(&records[count++], table, parts, slot);
        }
    }
    *slot_io = slot < slots_end(table) ? slot : table->shape.capacity;
    return count;
}

apr_status_t mq_table_each(mq_table_t *table, apr_time_t now, mq_table_match_t *match,
                           mq_table_visit_t *visit, void *context)
{
    parts_t parts = parts_of(table);
    mq_table_record_t records[SLICE_RECORDS];
    apr_uint32_t slot = 0;

    while (slot < table->shape.capacity) {
        int i, count;

        MQ_TRY(table_lock(table, &parts));
        count = slice_read(records, &slot, table, &parts, now, match, context);
        table_unlock(table);
        for (i = 0; i < count; i++) {
            MQ_TRY(visit(context, &records[i]));
        }
    }
    return APR_SUCCESS;
}

typedef struct copying_t {
    mq_table_t *to;
    apr_time_t now;
    apr_uint32_t copied;
} copying_t;

static apr_status_t copy_one(void *context, const mq_table_record_t *record)
{
    copying_t *copying = context;

    if (record->length > mq_table_shape(copying->to).data_size) {
        return APR_ENOSPC;
    }
    MQ_TRY(mq_table_store(copying->to, copying->now, record->key, record->expires, record->data,
                          record->length));
    copying->copied++;
    return APR_SUCCESS;
}

apr_status_t mq_table_copy(apr_uint32_t *copied_out, mq_table_t *to, mq_table_t *from,
                           apr_time_t now)
{
    copying_t copying = {to, now, 0};
    apr_status_t rv = mq_table_each(from, now, NULL, copy_one, &copying);

    *copied_out = copying.copied;
    return rv;
}

apr_status_t mq_table_counts(mq_table_counts_t *counts_out, mq_table_t *table, apr_time_t now)
{
    parts_t parts = parts_of(table);
    apr_uint32_t slot = 0;

    memset(counts_out, 0, sizeof *counts_out);
    counts_out->capacity = table->shape.capacity;
    counts_out->data_size = table->shape.data_size;
    do {
        apr_uint32_t end = slot + COUNT_SLICE;

        MQ_TRY(table_lock(table, &parts));
        for (; slot < end && slot < slots_end(table); slot++) {
            counts_out->living += parts.expires[slot] > now;
            counts_out->expired += parts.expires[slot] != 0 && parts.expires[slot] <= now;
        }
        if (slot >= slots_end(table)) {
            slot = table->shape.capacity;
        }
        counts_out->found = table->found;
        counts_out->missed = table->missed;
        counts_out->stored = table->stored;
        counts_out->refused = table->refused;
        counts_out->evicted = table->evicted;
        counts_out->recoveries = table->recoveries;
        counts_out->faults = table->faults;
        table_unlock(table);
    } while (slot < table->shape.capacity);
    return APR_SUCCESS;
}

int mq_table_news(mq_table_t *table, apr_uint32_t *recoveries_out, apr_uint32_t *faults_out)
{
    if (atomic_load_explicit(&table->unreported, memory_order_relaxed) == 0 ||
        atomic_exchange(&table->unreported, 0) == 0) {
        return 0;
    }
    *recoveries_out = table->recoveries;
    *faults_out = table->faults;
    return 1;
}
