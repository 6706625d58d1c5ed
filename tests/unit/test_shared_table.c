/* test_shared_table.c -- what base/shared_table.h promises: nobody living is lost, whatever is
 * full, expired, resized, hammered by many processes, or killed in the middle of a change. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <apr_general.h>

#include "base/shared_table.h"
#include "base/status.h"

#define NOW ((apr_time_t)1700000000 * 1000000)
#define LATER (NOW + 1000)
#define CHAINS_OFFSET 4096 /* the table's links begin after the page of its head */

static void *shared_memory(apr_size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(memory, MAP_FAILED);
    return memory;
}

static mq_table_t *table_make(apr_uint32_t capacity, apr_uint32_t data_size,
                              mq_table_full_t when_full)
{
    mq_table_shape_t shape = {capacity, data_size, when_full};
    apr_size_t size = mq_table_size(&shape);
    mq_table_t *table;

    assert_int_not_equal(size, 0);
    assert_int_equal(mq_table_create(&table, shared_memory(size), size, &shape), APR_SUCCESS);
    return table;
}

static void table_drop(mq_table_t *table)
{
    mq_table_shape_t shape = mq_table_shape(table);

    munmap(table, mq_table_size(&shape));
}

/* Well distributed, as digests are; the same number gives the same key. */
static const unsigned char *key_fill(unsigned char *key, apr_uint64_t number)
{
    int i;

    for (i = 0; i < 4; i++) {
        apr_uint64_t word = (number * 4 + (apr_uint64_t)i + 1) * UINT64_C(0xbf58476d1ce4e5b9);

        word ^= word >> 29;
        word *= UINT64_C(0x94d049bb133111eb);
        word ^= word >> 32;
        memcpy(key + 8 * i, &word, 8);
    }
    return key;
}

static apr_status_t put(mq_table_t *table, apr_uint64_t number, apr_time_t expires)
{
    unsigned char key[MQ_TABLE_KEY_SIZE];

    return mq_table_store(table, NOW, key_fill(key, number), expires, &number, sizeof number);
}

static apr_status_t look_at(mq_table_t *table, apr_uint64_t number, apr_time_t now)
{
    unsigned char key[MQ_TABLE_KEY_SIZE];
    mq_table_record_t record;
    apr_status_t rv = mq_table_find(&record, table, now, key_fill(key, number));

    if (rv == APR_SUCCESS) {
        assert_int_equal(record.length, sizeof number);
        assert_memory_equal(record.data, &number, sizeof number);
        assert_memory_equal(record.key, key, sizeof key);
    }
    return rv;
}

static apr_status_t look(mq_table_t *table, apr_uint64_t number)
{
    return look_at(table, number, NOW);
}

static apr_status_t drop(mq_table_t *table, apr_uint64_t number)
{
    unsigned char key[MQ_TABLE_KEY_SIZE];

    return mq_table_remove(table, key_fill(key, number));
}

static mq_table_counts_t counts_of(mq_table_t *table)
{
    mq_table_counts_t counts;

    assert_int_equal(mq_table_counts(&counts, table, NOW), APR_SUCCESS);
    return counts;
}

/* --- one record --- */

static void record_is_found_replaced_and_removed(void **state)
{
    mq_table_t *table = table_make(16, 64, MQ_TABLE_EXPIRED_ONLY);
    unsigned char key[MQ_TABLE_KEY_SIZE];
    mq_table_record_t record;

    (void)state;
    assert_int_equal(look(table, 1), APR_NOTFOUND);
    assert_int_equal(put(table, 1, LATER), APR_SUCCESS);
    assert_int_equal(look(table, 1), APR_SUCCESS);
    assert_int_equal(look(table, 2), APR_NOTFOUND);
    assert_int_equal(mq_table_store(table, NOW, key_fill(key, 1), LATER + 5, "other", 5),
                     APR_SUCCESS);
    assert_int_equal(mq_table_find(&record, table, NOW, key), APR_SUCCESS);
    assert_int_equal(record.expires, LATER + 5);
    assert_string_equal((char *)record.data, "other");
    assert_int_equal(counts_of(table).living, 1);
    assert_int_equal(drop(table, 1), APR_SUCCESS);
    assert_int_equal(drop(table, 1), APR_NOTFOUND);
    assert_int_equal(look(table, 1), APR_NOTFOUND);
    table_drop(table);
}

static void data_may_be_empty_or_as_large_as_the_shape_says(void **state)
{
    mq_table_t *table = table_make(4, 64, MQ_TABLE_EXPIRED_ONLY);
    unsigned char key[MQ_TABLE_KEY_SIZE], data[65];
    mq_table_record_t record;

    (void)state;
    memset(data, 7, sizeof data);
    key_fill(key, 1);
    assert_int_equal(mq_table_store(table, NOW, key, LATER, NULL, 0), APR_SUCCESS);
    assert_int_equal(mq_table_find(&record, table, NOW, key), APR_SUCCESS);
    assert_int_equal(record.length, 0);
    assert_int_equal(mq_table_store(table, NOW, key, LATER, data, 65), APR_EINVAL);
    assert_int_equal(mq_table_store(table, NOW, key, LATER, data, 64), APR_SUCCESS);
    assert_int_equal(mq_table_find(&record, table, NOW, key), APR_SUCCESS);
    assert_int_equal(record.length, 64);
    assert_memory_equal(record.data, data, 64);
    assert_int_equal(mq_table_store(table, NOW, key, 0, data, 1), APR_EINVAL);
    assert_int_equal(mq_table_store(table, NOW, key, -1, data, 1), APR_EINVAL);
    table_drop(table);
}

static void shape_out_of_bounds_is_refused(void **state)
{
    static const mq_table_shape_t bad[] = {
        {0, 8, MQ_TABLE_EXPIRED_ONLY}, {MQ_TABLE_CAPACITY_MAX + 1, 8, MQ_TABLE_EXPIRED_ONLY},
        {8, 0, MQ_TABLE_EXPIRED_ONLY}, {8, MQ_TABLE_DATA_MAX + 1, MQ_TABLE_EXPIRED_ONLY},
        {8, 8, (mq_table_full_t)2},
    };
    mq_table_shape_t good = {8, 8, MQ_TABLE_EXPIRED_ONLY};
    void *memory = shared_memory(65536);
    mq_table_t *table;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(mq_table_size(&bad[i]), 0);
        assert_int_equal(mq_table_create(&table, memory, 65536, &bad[i]), APR_EINVAL);
    }
    assert_int_equal(mq_table_create(&table, memory, mq_table_size(&good) - 1, &good), APR_EINVAL);
    munmap(memory, 65536);
}

static void table_is_taken_up_again_and_foreign_memory_is_not(void **state)
{
    mq_table_t *table = table_make(16, 64, MQ_TABLE_EXPIRED_ONLY);
    mq_table_shape_t shape = mq_table_shape(table);
    apr_size_t size = mq_table_size(&shape);
    mq_table_t *again;

    (void)state;
    assert_int_equal(put(table, 1, LATER), APR_SUCCESS);
    assert_int_equal(mq_table_attach(&again, table, size), APR_SUCCESS);
    assert_int_equal(look(again, 1), APR_SUCCESS);
    assert_int_equal(mq_table_attach(&again, table, size - 1), MQ_ECORRUPT);
    assert_int_equal(mq_table_attach(&again, table, 16), MQ_ECORRUPT);
    ((unsigned char *)table)[8] ^= 1; /* the version */
    assert_int_equal(mq_table_attach(&again, table, size), MQ_ECORRUPT);
    memset(table, 0, 4096);
    assert_int_equal(mq_table_attach(&again, table, size), MQ_ECORRUPT);
    munmap(table, size);
}

static void removed_data_leaves_no_copy_in_memory(void **state)
{
    static const char secret[] = "a secret of one session";
    mq_table_t *table = table_make(16, 64, MQ_TABLE_EXPIRED_ONLY);
    mq_table_shape_t shape = mq_table_shape(table);
    unsigned char key[MQ_TABLE_KEY_SIZE];

    (void)state;
    key_fill(key, 1);
    assert_int_equal(mq_table_store(table, NOW, key, LATER, secret, sizeof secret), APR_SUCCESS);
    assert_int_equal(mq_table_store(table, NOW, key, LATER, secret, sizeof secret), APR_SUCCESS);
    assert_non_null(memmem(table, mq_table_size(&shape), secret, sizeof secret));
    assert_int_equal(mq_table_remove(table, key), APR_SUCCESS);
    assert_null(memmem(table, mq_table_size(&shape), secret, sizeof secret));
    table_drop(table);
}

/* --- full and expired --- */

static void default_size_holds_fifty_thousand_living(void **state)
{
    mq_table_t *table = table_make(65536, 512, MQ_TABLE_EXPIRED_ONLY);
    apr_uint64_t i;

    (void)state;
    for (i = 0; i < 65536; i++) {
        assert_int_equal(put(table, i, LATER), APR_SUCCESS);
    }
    for (i = 0; i < 65536; i++) {
        assert_int_equal(look(table, i), APR_SUCCESS);
    }
    assert_int_equal(counts_of(table).living, 65536);
    assert_int_equal(counts_of(table).faults, 0);
    table_drop(table);
}

static void full_table_refuses_and_keeps_the_living(void **state)
{
    mq_table_t *table = table_make(100, 64, MQ_TABLE_EXPIRED_ONLY);
    apr_uint64_t i;

    (void)state;
    for (i = 0; i < 100; i++) {
        assert_int_equal(put(table, i, LATER + (apr_time_t)i), APR_SUCCESS);
    }
    for (i = 100; i < 200; i++) {
        assert_int_equal(put(table, i, LATER), APR_ENOSPC);
    }
    for (i = 0; i < 100; i++) {
        assert_int_equal(look(table, i), APR_SUCCESS);
    }
    assert_int_equal(put(table, 7, LATER + 9), APR_SUCCESS); /* replacing needs no room */
    assert_int_equal(drop(table, 50), APR_SUCCESS);
    assert_int_equal(put(table, 100, LATER), APR_SUCCESS);
    assert_int_equal(put(table, 101, LATER), APR_ENOSPC);
    assert_int_equal(counts_of(table).refused, 101);
    table_drop(table);
}

static void full_table_gives_way_as_soon_as_one_has_expired(void **state)
{
    mq_table_t *table = table_make(1000, 64, MQ_TABLE_EXPIRED_ONLY);
    unsigned char key[MQ_TABLE_KEY_SIZE];
    apr_uint64_t i;

    (void)state;
    for (i = 0; i < 1000; i++) {
        assert_int_equal(put(table, i, i == 777 ? NOW + 10 : LATER), APR_SUCCESS);
    }
    assert_int_equal(put(table, 2000, LATER), APR_ENOSPC);
    assert_int_equal(mq_table_store(table, NOW + 9, key_fill(key, 2000), LATER, "x", 1),
                     APR_ENOSPC);
    assert_int_equal(mq_table_store(table, NOW + 10, key, LATER, "x", 1), APR_SUCCESS);
    assert_int_equal(look(table, 777), APR_NOTFOUND);
    /* a record made to expire sooner while the table was full is found again too */
    assert_int_equal(put(table, 2001, LATER), APR_ENOSPC);
    assert_int_equal(put(table, 3, NOW + 20), APR_SUCCESS);
    assert_int_equal(mq_table_store(table, NOW + 20, key_fill(key, 2001), LATER, "x", 1),
                     APR_SUCCESS);
    table_drop(table);
}

static void expired_record_is_not_found_and_makes_room(void **state)
{
    mq_table_t *table = table_make(10, 64, MQ_TABLE_EXPIRED_ONLY);
    unsigned char key[MQ_TABLE_KEY_SIZE];
    apr_uint64_t i;

    (void)state;
    for (i = 0; i < 10; i++) {
        assert_int_equal(put(table, i, LATER), APR_SUCCESS);
    }
    assert_int_equal(look_at(table, 0, LATER - 1), APR_SUCCESS);
    assert_int_equal(look_at(table, 0, LATER), APR_NOTFOUND);
    assert_int_equal(look_at(table, 0, LATER - 1), APR_NOTFOUND); /* gone for good */
    for (i = 10; i < 20; i++) {
        assert_int_equal(mq_table_store(table, LATER, key_fill(key, i), LATER + 9, "x", 1),
                         APR_SUCCESS);
    }
    assert_int_equal(counts_of(table).living, 10);
    table_drop(table);
}

static void stores_sweep_the_expired_lazily(void **state)
{
    mq_table_t *table = table_make(1000, 64, MQ_TABLE_EXPIRED_ONLY);
    unsigned char key[MQ_TABLE_KEY_SIZE];
    mq_table_counts_t counts;
    apr_uint64_t i;

    (void)state;
    for (i = 0; i < 500; i++) {
        assert_int_equal(put(table, i, NOW + 1), APR_SUCCESS);
    }
    key_fill(key, 9999);
    for (i = 0; i < 100; i++) {
        assert_int_equal(mq_table_store(table, NOW + 1, key, LATER, "x", 1), APR_SUCCESS);
    }
    assert_int_equal(mq_table_counts(&counts, table, NOW + 1), APR_SUCCESS);
    assert_int_equal(counts.living, 1);
    assert_int_equal(counts.expired, 0);
    table_drop(table);
}

static void counters_push_out_the_one_that_expires_soonest(void **state)
{
    mq_table_t *table = table_make(50, 64, MQ_TABLE_EVICT_SOONEST);
    apr_uint64_t i;

    (void)state;
    for (i = 0; i < 50; i++) {
        assert_int_equal(put(table, i, LATER + (apr_time_t)((i * 7) % 50)), APR_SUCCESS);
    }
    assert_int_equal(put(table, 100, LATER + 1000), APR_SUCCESS);
    assert_int_equal(look(table, 0), APR_NOTFOUND);
    assert_int_equal(put(table, 101, LATER + 1000), APR_SUCCESS);
    assert_int_equal(look(table, 43), APR_NOTFOUND); /* 43 * 7 % 50 == 1 */
    assert_int_equal(counts_of(table).living, 50);
    assert_int_equal(counts_of(table).evicted, 2);
    table_drop(table);
}

/* --- change --- */

static apr_status_t count_up(void *context, mq_table_record_t *record, int is_new)
{
    apr_uint64_t count = 0;

    if (!is_new) {
        memcpy(&count, record->data, sizeof count);
    }
    count++;
    memcpy(record->data, &count, sizeof count);
    record->length = sizeof count;
    record->expires = LATER;
    if (context != NULL) {
        memcpy(context, &count, sizeof count);
    }
    return APR_SUCCESS;
}

static apr_status_t edit_refuses(void *context, mq_table_record_t *record, int is_new)
{
    (void)context;
    (void)is_new;
    memset(record, 0xff, sizeof *record);
    return MQ_EDENIED;
}

static apr_status_t edit_too_long(void *context, mq_table_record_t *record, int is_new)
{
    (void)context;
    (void)is_new;
    record->length = 65;
    record->expires = LATER;
    return APR_SUCCESS;
}

static apr_status_t edit_removes(void *context, mq_table_record_t *record, int is_new)
{
    (void)context;
    (void)is_new;
    record->expires = 0;
    return APR_SUCCESS;
}

static void change_counts_and_refuses_and_removes(void **state)
{
    mq_table_t *table = table_make(16, 64, MQ_TABLE_EXPIRED_ONLY);
    unsigned char key[MQ_TABLE_KEY_SIZE];
    apr_uint64_t count = 0;
    mq_table_record_t record;

    (void)state;
    key_fill(key, 1);
    assert_int_equal(mq_table_change(table, NOW, key, 0, count_up, &count), APR_NOTFOUND);
    assert_int_equal(mq_table_change(table, NOW, key, 1, count_up, &count), APR_SUCCESS);
    assert_int_equal(mq_table_change(table, NOW, key, 0, count_up, &count), APR_SUCCESS);
    assert_int_equal(count, 2);
    assert_int_equal(mq_table_change(table, NOW, key, 1, edit_refuses, NULL), MQ_EDENIED);
    assert_int_equal(mq_table_change(table, NOW, key, 1, edit_too_long, NULL), APR_EINVAL);
    assert_int_equal(mq_table_find(&record, table, NOW, key), APR_SUCCESS);
    assert_memory_equal(record.data, &count, sizeof count);
    assert_int_equal(mq_table_change(table, LATER, key, 0, count_up, &count), APR_NOTFOUND);
    assert_int_equal(mq_table_change(table, NOW, key, 1, count_up, &count), APR_SUCCESS);
    assert_int_equal(count, 1); /* an expired counter begins anew */
    assert_int_equal(mq_table_change(table, NOW, key, 0, edit_removes, NULL), APR_SUCCESS);
    assert_int_equal(mq_table_change(table, NOW, key, 1, edit_removes, NULL), APR_SUCCESS);
    assert_int_equal(counts_of(table).living, 0);
    table_drop(table);
}

/* --- all records --- */

typedef struct walk_t {
    mq_table_t *table;
    unsigned char seen[4096];
    int count;
    int stop_at;
} walk_t;

static apr_status_t see(void *context, const mq_table_record_t *record)
{
    walk_t *walk = context;
    apr_uint64_t number;

    memcpy(&number, record->data, sizeof number);
    walk->seen[number]++;
    walk->count++;
    return walk->count == walk->stop_at ? MQ_EDENIED : APR_SUCCESS;
}

static apr_status_t see_and_remove(void *context, const mq_table_record_t *record)
{
    walk_t *walk = context;

    MQ_TRY(mq_table_remove(walk->table, record->key));
    return see(context, record);
}

static int match_thirds(void *context, const unsigned char *data, apr_uint32_t length)
{
    apr_uint64_t number;

    (void)context;
    (void)length;
    memcpy(&number, data, sizeof number);
    return number % 3 == 0;
}

static void each_hands_out_every_living_record_once(void **state)
{
    mq_table_t *table = table_make(4096, 64, MQ_TABLE_EXPIRED_ONLY);
    walk_t walk = {table, {0}, 0, 0};
    apr_uint64_t i;

    (void)state;
    for (i = 0; i < 3000; i++) {
        assert_int_equal(put(table, i, i % 10 == 9 ? NOW : LATER), APR_SUCCESS);
    }
    for (i = 0; i < 3000; i += 10) {
        assert_int_equal(drop(table, i), APR_SUCCESS);
    }
    assert_int_equal(mq_table_each(table, NOW, NULL, see, &walk), APR_SUCCESS);
    for (i = 0; i < 4096; i++) {
        assert_int_equal(walk.seen[i], i < 3000 && i % 10 != 9 && i % 10 != 0);
    }
    table_drop(table);
}

static void each_matches_stops_and_lets_the_visitor_remove(void **state)
{
    mq_table_t *table = table_make(4096, 64, MQ_TABLE_EXPIRED_ONLY);
    walk_t walk = {table, {0}, 0, 5};
    apr_uint64_t i;

    (void)state;
    for (i = 0; i < 3000; i++) {
        assert_int_equal(put(table, i, LATER), APR_SUCCESS);
    }
    assert_int_equal(mq_table_each(table, NOW, NULL, see, &walk), MQ_EDENIED);
    assert_int_equal(walk.count, 5);
    memset(&walk, 0, sizeof walk);
    walk.table = table;
    assert_int_equal(mq_table_each(table, NOW, match_thirds, see_and_remove, &walk), APR_SUCCESS);
    assert_int_equal(walk.count, 1000);
    assert_int_equal(counts_of(table).living, 2000);
    assert_int_equal(look(table, 3), APR_NOTFOUND);
    assert_int_equal(look(table, 4), APR_SUCCESS);
    table_drop(table);
}

static void copy_takes_the_living_to_another_size(void **state)
{
    mq_table_t *from = table_make(1000, 64, MQ_TABLE_EXPIRED_ONLY);
    mq_table_t *larger = table_make(5000, 128, MQ_TABLE_EXPIRED_ONLY);
    mq_table_t *smaller = table_make(500, 64, MQ_TABLE_EXPIRED_ONLY);
    mq_table_t *too_small = table_make(499, 64, MQ_TABLE_EXPIRED_ONLY);
    mq_table_t *too_narrow = table_make(500, 4, MQ_TABLE_EXPIRED_ONLY);
    apr_uint32_t copied;
    apr_uint64_t i;

    (void)state;
    for (i = 0; i < 1000; i++) {
        assert_int_equal(put(from, i, i % 2 ? LATER : NOW), APR_SUCCESS);
    }
    assert_int_equal(mq_table_copy(&copied, larger, from, NOW), APR_SUCCESS);
    assert_int_equal(copied, 500);
    assert_int_equal(mq_table_copy(&copied, smaller, from, NOW), APR_SUCCESS);
    assert_int_equal(copied, 500);
    assert_int_equal(mq_table_copy(&copied, too_small, from, NOW), APR_ENOSPC);
    assert_int_equal(mq_table_copy(&copied, too_narrow, from, NOW), APR_ENOSPC);
    for (i = 0; i < 1000; i++) {
        assert_int_equal(look(larger, i), i % 2 ? APR_SUCCESS : APR_NOTFOUND);
        assert_int_equal(look(smaller, i), i % 2 ? APR_SUCCESS : APR_NOTFOUND);
    }
    assert_int_equal(counts_of(from).living, 500);
    table_drop(from);
    table_drop(larger);
    table_drop(smaller);
    table_drop(too_small);
    table_drop(too_narrow);
}

/* --- many threads, many processes, sudden death --- */

#define THREADS 8
#define OWN_KEYS 200
#define COUNTER_KEY 1000000u
#define COUNTS 2000

typedef struct hammer_t {
    mq_table_t *table;
    apr_uint64_t base; /* this thread's own keys begin here */
    int rounds;        /* negative: until killed */
    atomic_int *failures;
} hammer_t;

/* Own keys must behave as if nobody else were there; the shared counter must lose no count. */
static void *hammer(void *argument)
{
    hammer_t *own = argument;
    unsigned char counter[MQ_TABLE_KEY_SIZE], key[MQ_TABLE_KEY_SIZE];
    unsigned char held[OWN_KEYS] = {0};
    apr_uint64_t random = own->base * 2654435761u + 1;
    mq_table_record_t record;
    int i;

    key_fill(counter, COUNTER_KEY);
    for (i = 0; i != own->rounds; i++) {
        apr_uint64_t which, number;
        int wrong = 0;

        random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        which = (random >> 33) % OWN_KEYS;
        number = own->base + which;
        key_fill(key, number);
        switch ((random >> 50) % 3) {
        case 0:
            wrong = mq_table_store(own->table, NOW, key, LATER, &number, sizeof number);
            held[which] = 1;
            break;
        case 1:
            wrong = mq_table_remove(own->table, key) != (held[which] ? APR_SUCCESS : APR_NOTFOUND);
            held[which] = 0;
            break;
        default:
            wrong = mq_table_find(&record, own->table, NOW, key) !=
                    (held[which] ? APR_SUCCESS : APR_NOTFOUND);
            wrong |= held[which] && memcmp(record.data, &number, sizeof number) != 0;
        }
        if (own->rounds > 0 && i < COUNTS) {
            wrong |= mq_table_change(own->table, NOW, counter, 1, count_up, NULL);
        }
        if (wrong) {
            atomic_fetch_add(own->failures, 1);
        }
    }
    return NULL;
}

static void hammer_in_threads(mq_table_t *table, apr_uint64_t base, int rounds,
                              atomic_int *failures)
{
    pthread_t threads[THREADS];
    hammer_t own[THREADS];
    int i;

    for (i = 0; i < THREADS; i++) {
        own[i].table = table;
        own[i].base = base + (apr_uint64_t)i * 1000;
        own[i].rounds = rounds;
        own[i].failures = failures;
        pthread_create(&threads[i], NULL, hammer, &own[i]);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void threads_of_two_processes_do_not_disturb_each_other(void **state)
{
    mq_table_t *table = table_make(4096, 64, MQ_TABLE_EXPIRED_ONLY);
    atomic_int *failures = shared_memory(4096);
    unsigned char key[MQ_TABLE_KEY_SIZE];
    mq_table_record_t record;
    apr_uint64_t count;
    pid_t children[2];
    int i, status;

    (void)state;
    for (i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            hammer_in_threads(table, (apr_uint64_t)(i + 1) * 100000, 20000, failures);
            _exit(0);
        }
    }
    for (i = 0; i < 2; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(atomic_load(failures), 0);
    assert_int_equal(mq_table_find(&record, table, NOW, key_fill(key, COUNTER_KEY)), APR_SUCCESS);
    memcpy(&count, record.data, sizeof count);
    assert_int_equal(count, 2 * THREADS * COUNTS);
    assert_int_equal(counts_of(table).faults, 0);
    munmap(failures, 4096);
    table_drop(table);
}

static apr_status_t die_in_edit(void *context, mq_table_record_t *record, int is_new)
{
    (void)context;
    (void)is_new;
    memset(record->data, 0xee, 8);
    kill(getpid(), SIGKILL);
    return APR_SUCCESS;
}

static void holder_killed_in_a_change_leaves_the_old_record(void **state)
{
    mq_table_t *table = table_make(16, 64, MQ_TABLE_EXPIRED_ONLY);
    unsigned char key[MQ_TABLE_KEY_SIZE];
    apr_uint32_t recoveries = 0, faults = 0;
    pid_t child;

    (void)state;
    assert_int_equal(put(table, 1, LATER), APR_SUCCESS);
    assert_int_equal(mq_table_news(table, &recoveries, &faults), 0);
    child = fork();
    if (child == 0) {
        mq_table_change(table, NOW, key_fill(key, 1), 0, die_in_edit, NULL);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    assert_int_equal(look(table, 1), APR_SUCCESS);
    assert_int_equal(put(table, 2, LATER), APR_SUCCESS);
    assert_int_equal(counts_of(table).recoveries, 1);
    assert_int_not_equal(mq_table_news(table, &recoveries, &faults), 0);
    assert_int_equal(recoveries, 1);
    assert_int_equal(faults, 0);
    assert_int_equal(mq_table_news(table, &recoveries, &faults), 0); /* told once */
    table_drop(table);
}

static void sleep_nanoseconds(long nanoseconds)
{
    struct timespec time = {0, nanoseconds};

    nanosleep(&time, NULL);
}

/* Kill children that do nothing but change the table, many times over: some die in the middle of
 * a change. What they did not own is whole, what they owned is whole or absent, nothing leaks. */
static void processes_killed_at_random_break_nothing(void **state)
{
    mq_table_t *table = table_make(4096, 64, MQ_TABLE_EXPIRED_ONLY);
    atomic_int *failures = shared_memory(4096);
    walk_t walk = {table, {0}, 0, 0};
    apr_uint64_t i;
    int round;

    (void)state;
    for (i = 0; i < 500; i++) {
        assert_int_equal(put(table, i, LATER), APR_SUCCESS);
    }
    for (round = 0; round < 150; round++) {
        pid_t children[2];
        int c;

        for (c = 0; c < 2; c++) {
            children[c] = fork();
            if (children[c] == 0) {
                hammer_t own = {table, (apr_uint64_t)(c + 1) * 100000, -1, failures};

                hammer(&own);
            }
        }
        sleep_nanoseconds(1000000 + (round * 7919L) % 997 * 1000);
        for (c = 0; c < 2; c++) {
            kill(children[c], SIGKILL);
            waitpid(children[c], NULL, 0);
        }
        for (i = 0; i < 500; i += 7) {
            assert_int_equal(look(table, i), APR_SUCCESS);
        }
    }
    print_message("%u recoveries\n", counts_of(table).recoveries);
    assert_int_equal(counts_of(table).faults, 0);
    for (i = 0; i < 2 * OWN_KEYS; i++) {
        apr_uint64_t number = (i / OWN_KEYS + 1) * 100000 + i % OWN_KEYS;

        (void)look(table, number); /* checks the data when there is a record */
        (void)drop(table, number);
    }
    assert_int_equal(mq_table_each(table, NOW, NULL, see, &walk), APR_SUCCESS);
    assert_int_equal(walk.count, 500);
    for (i = 500; i < 4096; i++) { /* every other slot is free, none was lost */
        assert_int_equal(put(table, i, LATER), APR_SUCCESS);
    }
    assert_int_equal(put(table, 5000, LATER), APR_ENOSPC);
    assert_int_equal(counts_of(table).faults, 0);
    munmap(failures, 4096);
    table_drop(table);
}

static void replacing_is_whole_or_not_at_all_when_killed(void **state)
{
    mq_table_t *table = table_make(16, MQ_TABLE_DATA_MAX, MQ_TABLE_EXPIRED_ONLY);
    unsigned char key[MQ_TABLE_KEY_SIZE], data[MQ_TABLE_DATA_MAX];
    mq_table_record_t record;
    int round;

    (void)state;
    key_fill(key, 1);
    memset(data, 0, sizeof data);
    assert_int_equal(mq_table_store(table, NOW, key, LATER, data, sizeof data), APR_SUCCESS);
    for (round = 0; round < 150; round++) {
        pid_t child = fork();

        if (child == 0) {
            int value;

            for (value = round;; value++) {
                memset(data, value & 0xff, sizeof data);
                (void)mq_table_store(table, NOW, key, LATER + (value & 0xff), data, sizeof data);
            }
        }
        sleep_nanoseconds(1000000 + (round * 7919L) % 997 * 1000);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        assert_int_equal(mq_table_find(&record, table, NOW, key), APR_SUCCESS);
        assert_int_equal(record.length, sizeof data);
        memset(data, record.data[0], sizeof data);
        assert_memory_equal(record.data, data, sizeof data);
        assert_int_equal(record.expires, LATER + record.data[0]);
    }
    table_drop(table);
}

static void broken_chains_are_rebuilt_and_reported(void **state)
{
    static const unsigned char rubbish[] = {0x00, 0x01, 0x7f, 0xff};
    size_t r;

    (void)state;
    for (r = 0; r < sizeof rubbish; r++) {
        mq_table_t *table = table_make(1024, 64, MQ_TABLE_EXPIRED_ONLY);
        apr_uint64_t i;

        for (i = 0; i < 1000; i++) {
            assert_int_equal(put(table, i, LATER), APR_SUCCESS);
        }
        memset((unsigned char *)table + CHAINS_OFFSET, rubbish[r], 1024 * sizeof(apr_uint32_t));
        if (rubbish[r] == 0) { /* empty chains look sound until something is not where it was */
            assert_int_equal(look(table, 0), APR_NOTFOUND);
            assert_int_equal(look_at(table, 1, LATER), APR_NOTFOUND);
            assert_int_equal(put(table, 2000, LATER), APR_SUCCESS);
        } else {
            for (i = 0; i < 1000; i++) {
                assert_int_equal(look(table, i), APR_SUCCESS);
            }
            assert_true(counts_of(table).faults > 0);
            assert_int_equal(counts_of(table).living, 1000);
        }
        table_drop(table);
    }
}

static void chains_in_circles_end(void **state)
{
    mq_table_t *table = table_make(4, 64, MQ_TABLE_EXPIRED_ONLY);
    unsigned char *memory = (unsigned char *)table;
    apr_size_t slots = CHAINS_OFFSET + 64 + 64; /* four links, four expiries, each on a line */
    apr_uint64_t i;

    (void)state;
    for (i = 0; i < 4; i++) {
        apr_uint32_t link = 1;

        assert_int_equal(put(table, i, LATER), APR_SUCCESS);
        memcpy(memory + CHAINS_OFFSET + 4 * i, &link, sizeof link);
    }
    {
        apr_uint32_t link = 1; /* the first slot follows itself */

        memcpy(memory + slots + MQ_TABLE_KEY_SIZE, &link, sizeof link);
    }
    assert_int_equal(look(table, 77), APR_NOTFOUND);
    for (i = 0; i < 4; i++) {
        assert_int_equal(look(table, i), APR_SUCCESS);
    }
    assert_true(counts_of(table).faults > 0);
    table_drop(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_is_found_replaced_and_removed),
        cmocka_unit_test(data_may_be_empty_or_as_large_as_the_shape_says),
        cmocka_unit_test(shape_out_of_bounds_is_refused),
        cmocka_unit_test(table_is_taken_up_again_and_foreign_memory_is_not),
        cmocka_unit_test(removed_data_leaves_no_copy_in_memory),
        cmocka_unit_test(default_size_holds_fifty_thousand_living),
        cmocka_unit_test(full_table_refuses_and_keeps_the_living),
        cmocka_unit_test(full_table_gives_way_as_soon_as_one_has_expired),
        cmocka_unit_test(expired_record_is_not_found_and_makes_room),
        cmocka_unit_test(stores_sweep_the_expired_lazily),
        cmocka_unit_test(counters_push_out_the_one_that_expires_soonest),
        cmocka_unit_test(change_counts_and_refuses_and_removes),
        cmocka_unit_test(each_hands_out_every_living_record_once),
        cmocka_unit_test(each_matches_stops_and_lets_the_visitor_remove),
        cmocka_unit_test(copy_takes_the_living_to_another_size),
        cmocka_unit_test(threads_of_two_processes_do_not_disturb_each_other),
        cmocka_unit_test(holder_killed_in_a_change_leaves_the_old_record),
        cmocka_unit_test(processes_killed_at_random_break_nothing),
        cmocka_unit_test(replacing_is_whole_or_not_at_all_when_killed),
        cmocka_unit_test(broken_chains_are_rebuilt_and_reported),
        cmocka_unit_test(chains_in_circles_end),
    };
    int failed;

    apr_initialize();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}
