/* test_page_mark.c -- a page is known as its person's own, and as nobody else's, while it may be.
 */
#include "fixture.h"

#include <string.h>

#include "domain/access/page_mark.h"
#include "domain/people/accounts.h"

static const unsigned char nonce[MQ_PAGE_NONCE_LENGTH] = "a nonce of a pag";

typedef struct made_t {
    unsigned char mark[MQ_PAGE_MARK_LENGTH];
    unsigned char secret[MQ_PAGE_SECRET_LENGTH];
} made_t;

static made_t make(fixture_t *f, const mq_scope_t *sc)
{
    made_t made;
    assert_ok(mq_page_mark_make(made.mark, made.secret, fixture_visit(f), sc, nonce));
    return made;
}

static mq_page_mark_t read_back(fixture_t *f, const made_t *made)
{
    mq_page_mark_t mark;
    assert_ok(mq_page_mark_read(&mark, &f->core, made->mark));
    assert_memory_equal(mark.secret, made->secret, sizeof mark.secret);
    return mark;
}

static void a_mark_says_whose_page_it_was(void **state)
{
    fixture_t *f = *state;
    made_t made = make(f, fixture_as(f, CLINICIAN));
    mq_page_mark_t mark = read_back(f, &made);
    const mq_scope_t *sc;
    assert_true(mq_page_mark_has_person(&mark));
    assert_true(mq_page_mark_is_of(&mark, fixture_as(f, CLINICIAN)));
    assert_false(mq_page_mark_is_of(&mark, fixture_as(f, ADMIN)));
    assert_ok(mq_page_mark_person(&sc, fixture_visit(f), &mark));
    assert_string_equal(mq_scope_user_name(sc), "Clara Clinician");
    assert_string_equal(mq_scope_tenant_name(sc), FIXTURE_CLINIC);
    mq_db_give_back(sc);
}

static void a_page_of_nobody_is_nobodys(void **state)
{
    fixture_t *f = *state;
    made_t made = make(f, NULL);
    mq_page_mark_t mark = read_back(f, &made);
    const mq_scope_t *sc;
    assert_false(mq_page_mark_has_person(&mark));
    assert_int_equal(mq_page_mark_person(&sc, fixture_visit(f), &mark), MQ_ENOTFOUND);
}

static void no_bit_of_a_mark_may_be_another(void **state)
{
    fixture_t *f = *state;
    made_t made = make(f, fixture_as(f, CLINICIAN));
    mq_page_mark_t mark;
    for (size_t i = 0; i < 8 * sizeof made.mark; i++) {
        made_t changed = made;
        changed.mark[i / 8] ^= (unsigned char)(1 << i % 8);
        assert_int_equal(mq_page_mark_read(&mark, &f->core, changed.mark), MQ_EDENIED);
    }
}

static void a_mark_of_a_replaced_secret_is_read(void **state)
{
    fixture_t *f = *state;
    made_t made = make(f, fixture_as(f, CLINICIAN));
    mq_page_mark_t mark;
    memcpy(f->core.old_keys[0].csrf_key, f->core.csrf_key, MQ_KEY_LENGTH);
    f->core.old_keys[0].csrf = f->core.csrf_mac;
    f->core.old_keys_count = 1;
    memset(f->core.csrf_key, 7, MQ_KEY_LENGTH);
    assert_ok(mq_mac_key_make(&f->core.csrf_mac, f->core.csrf_key, MQ_KEY_LENGTH));
    mark = read_back(f, &made);
    assert_true(mq_page_mark_is_of(&mark, fixture_as(f, CLINICIAN)));
    f->core.old_keys_count = 0;
    assert_int_equal(mq_page_mark_read(&mark, &f->core, made.mark), MQ_EDENIED);
}

static void what_a_dismissed_person_typed_waits_for_nobody(void **state)
{
    fixture_t *f = *state;
    made_t made = make(f, fixture_as(f, CLINICIAN));
    mq_page_mark_t mark = read_back(f, &made);
    const mq_scope_t *sc;
    assert_ok(
        mq_person_status_set(fixture_as(f, ADMIN), &f->people[CLINICIAN], MQ_PERSON_DISABLED));
    assert_int_equal(mq_page_mark_person(&sc, fixture_visit(f), &mark), MQ_ENOTFOUND);
}

static void a_page_is_forgotten_half_a_day_after_the_longest_session(void **state)
{
    fixture_t *f = *state;
    made_t made = make(f, fixture_as(f, CLINICIAN));
    mq_page_mark_t mark = read_back(f, &made);
    const mq_scope_t *sc;
    fixture_wait(f, (int)apr_time_sec(f->core.absolute_limit) + MQ_PAGE_KEPT_HOURS * 3600);
    assert_ok(mq_page_mark_person(&sc, fixture_visit(f), &mark));
    mq_db_give_back(sc);
    fixture_wait(f, 1);
    assert_int_equal(mq_page_mark_person(&sc, fixture_visit(f), &mark), MQ_ENOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mark_says_whose_page_it_was),
        TEST(a_page_of_nobody_is_nobodys),
        TEST(no_bit_of_a_mark_may_be_another),
        TEST(a_mark_of_a_replaced_secret_is_read),
        TEST(what_a_dismissed_person_typed_waits_for_nobody),
        TEST(a_page_is_forgotten_half_a_day_after_the_longest_session)};
    return FIXTURE_RUN(tests);
}
