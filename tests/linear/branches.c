/* branches.c -- what strangers may ask about an account, once for each way that it can be there or
 * not. Run under callgrind by test_branches.py: each case is a dump of its own, whose trigger names
 * it. */
#include "fixture.h"

#include <apr_strings.h>
#include <valgrind/callgrind.h>

#include "domain/access/password_changes.h"
#include "domain/access/sign_in.h"
#include "domain/organisations/tenants.h"
#include "domain/people/accounts.h"

enum { WARM = 10, COUNTED = 100 };

typedef struct case_t {
    const char *name;
    const char *organisation;
    const char *email;
    const char *password; /* that does not open it */
} case_t;

static void reset_ask(fixture_t *f, const case_t *in)
{
    mq_reset_asked_t asked;
    assert_ok(mq_reset_ask(&asked, fixture_visit(f), in->organisation, in->email));
}

static void sign_in(fixture_t *f, const case_t *in)
{
    const mq_sign_in_t typed = {in->organisation, in->email, in->password};
    const mq_scope_t *sc;
    int wait;
    assert_int_equal(mq_user_sign_in(&sc, &wait, fixture_visit(f), &typed), MQ_EDENIED);
}

static void counted(fixture_t *f, const case_t *in, const char *what,
                    void (*ask)(fixture_t *f, const case_t *in), int times)
{
    for (int n = 0; n < WARM; n++) {
        ask(f, in);
    }
    CALLGRIND_ZERO_STATS;
    for (int n = 0; n < times; n++) {
        ask(f, in);
    }
    CALLGRIND_DUMP_STATS_AT(apr_psprintf(f->pool, "%s/%s", what, in->name));
}

static void each_asked(fixture_t *f, const case_t *in)
{
    counted(f, in, "reset", reset_ask, COUNTED);
    counted(f, in, "log-in", sign_in, WARM);
}

static void every_branch_is_asked_for(void **state)
{
    static const char wrong[] = "not the right words";
    fixture_t *f = *state;
    const case_t cases[] = {
        {"active", FIXTURE_CLINIC, fixture_email(CLINICIAN), wrong},
        {"disabled", FIXTURE_CLINIC, fixture_email(COLLEAGUE), FIXTURE_PASSWORD},
        {"no account", FIXTURE_CLINIC, "nobody@harbour.example", wrong},
        {"no organisation", "Harbour Clinik", fixture_email(CLINICIAN), wrong}};
    const case_t suspended = {"suspended", FIXTURE_CLINIC, fixture_email(CLINICIAN), wrong};
    f->core.failures_per_account = 0;
    f->core.failures_per_address = 0;
    assert_ok(
        mq_person_status_set(fixture_as(f, ADMIN), &f->people[COLLEAGUE], MQ_PERSON_DISABLED));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        each_asked(f, &cases[i]);
    }
    assert_ok(mq_tenant_status_set(fixture_operator(f), MQ_TENANT_SUSPENDED));
    each_asked(f, &suspended);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(every_branch_is_asked_for)};
    return FIXTURE_RUN(tests);
}
