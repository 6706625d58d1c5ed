/* fixture.h -- a clinic for each test of a rule: a temporary database with the real migrations, an
 * organisation with one person of each role, another organisation beside it, sessions, counters and
 * a clock that stands still until the test moves it. No server: a test takes some milliseconds.
 *
 *   static void note_of_another_cannot_be_changed(void **state)
 *   {
 *       fixture_t *f = *state;
 *       const mq_scope_t *sc = fixture_as(f, CLINICIAN);
 *       ...
 *   }
 *   int main(void) { const struct CMUnitTest tests[] = {TEST(note_of_…)}; return
 * FIXTURE_RUN(tests); }
 *
 * Everybody here came in through the domain's own doors (mq_tenant_create, mq_invitation_accept): a
 * scope is never made by hand. */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <apr_tables.h>
#include <cmocka.h>

#include "domain/access/sessions.h"
#include "domain/core.h"
#include "domain/patients/patients.h"
#include "domain/trail/audit_read.h"

#define FIXTURE_PASSWORD "seven brown foxes juggle"
#define FIXTURE_CLINIC "Harbour Clinic"
#define FIXTURE_OTHER "Hill Practice"

/** The people. All but STRANGER are of FIXTURE_CLINIC. */
typedef enum {
    FOUNDER, /* administrator and clinician, as everybody who creates an organisation */
    ADMIN,   /* administrator and nothing else */
    CLINICIAN,
    COLLEAGUE, /* another clinician */
    FRONT_DESK,
    AUDITOR,
    STRANGER, /* founder of FIXTURE_OTHER */
    PEOPLE
} fixture_person_t;

/** What a test finds in *state. */
typedef struct fixture_t {
    apr_pool_t *pool; /* lives as long as the test */
    apr_pool_t *requests;
    apr_time_t now; /* of the next visit; a Monday, 2 March 2026, 09:00 UTC. Tests move it */
    mq_core_t core; /* what the test sets here, later visits have */
    mq_id_t people[PEOPLE];
    const char *database;
} fixture_t;

/** @return a request of somebody who is not known yet, at the fixture's instant */
const mq_visit_t *fixture_visit(fixture_t *f);

/** @return the scope of a person in a request of their own, as its handler gets it */
const mq_scope_t *fixture_as(fixture_t *f, fixture_person_t person);

/** The same where the visit is needed as well. */
const mq_scope_t *fixture_enter(const mq_visit_t *visit, const fixture_t *f,
                                fixture_person_t person);

/** @return the scope in which medsynqctl acts for FIXTURE_CLINIC */
const mq_scope_t *fixture_operator(fixture_t *f);

/** @return the cookie of a new session of this person */
const char *fixture_sign_in(fixture_t *f, fixture_person_t person);

/** @return an account's address, "clinician@harbour.example" */
const char *fixture_email(fixture_person_t person);

/** Let a worker do all jobs that are due. */
void fixture_jobs(fixture_t *f);

/** Move the clock. */
void fixture_wait(fixture_t *f, int seconds);

/** Register a patient as the clinician. @return the id */
mq_id_t fixture_patient(fixture_t *f, const char *name, const char *birth_date);

/** @return a record as it is stored now, without an event of its own */
mq_patient_t fixture_read(fixture_t *f, const mq_id_t *patient);

/** @return how many events the trail of FIXTURE_CLINIC has */
int fixture_events(fixture_t *f);

/** @return its newest event */
mq_audit_entry_t fixture_event(fixture_t *f);

/** @return the one number that a query of the owner's gives, past both walls */
apr_int64_t fixture_number(fixture_t *f, const char *sql);

/** What a test's functions return, said with the status's number when it is another. */
#define assert_ok(expression) assert_int_equal((expression), APR_SUCCESS)

/** The newest event is this one, of this person, and done. */
#define assert_event(f, wanted, name)                                                              \
    do {                                                                                           \
        mq_audit_entry_t event_ = fixture_event(f);                                                \
        assert_int_equal(event_.action, wanted);                                                   \
        assert_int_equal(event_.outcome, MQ_OUTCOME_DONE);                                         \
        assert_string_equal(event_.actor_name ? event_.actor_name : "", name);                     \
    } while (0)

/** The newest event is about this patient. */
#define assert_event_patient(f, id)                                                                \
    do {                                                                                           \
        mq_audit_entry_t event_ = fixture_event(f);                                                \
        assert_memory_equal(&event_.patient, id, sizeof event_.patient);                           \
    } while (0)

/** The expression gives this status, and the trail is as long as before. */
#define assert_refused(f, expression, status)                                                      \
    do {                                                                                           \
        int before_ = fixture_events(f);                                                           \
        assert_int_equal((expression), (status));                                                  \
        assert_int_equal(fixture_events(f), before_);                                              \
    } while (0)

int fixture_world_make(void **state);
int fixture_world_drop(void **state);
int fixture_setup(void **state);
int fixture_teardown(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
#define FIXTURE_RUN(tests) cmocka_run_group_tests(tests, fixture_world_make, fixture_world_drop)

#endif
