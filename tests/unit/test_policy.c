/* test_policy.c -- the matrix of who may do what, read row by row. What a role may do stands here a
 * second time on purpose: who changes the table says so twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain/policy.h"
#include "domain/trail/event_words.h"
#include "store/scope.h"

static void each_row_has_a_number_a_name_and_words_of_its_own(void **state)
{
    (void)state;
    for (const mq_policy_t *a = mq_policies(); a->name; a++) {
        assert_ptr_equal(mq_policy(a->action), a);
        assert_true(a->action == MQ_ACTION_REFUSED || *a->label);
        for (const mq_policy_t *b = a + 1; b->name; b++) {
            assert_int_not_equal(a->action, b->action);
            assert_string_not_equal(a->name, b->name);
            assert_string_not_equal(a->label, b->label);
        }
    }
}

static void nobody_without_a_role_may_anything_that_needs_one(void **state)
{
    (void)state;
    for (const mq_policy_t *row = mq_policies(); row->name; row++) {
        assert_false(row->action != MQ_ACTION_NONE && mq_policy_allows(row->action, 0));
    }
}

static void whatever_a_person_may_each_of_their_roles_or_one_of_them_allows(void **state)
{
    (void)state;
    for (const mq_policy_t *row = mq_policies(); row->name; row++) {
        for (int roles = 0; roles <= MQ_ROLES_ALL; roles++) {
            int any = 0;
            for (int bit = 1; bit <= MQ_ROLE_AUDITOR; bit <<= 1) {
                any |= (roles & bit) && mq_policy_allows(row->action, bit);
            }
            assert_int_equal(mq_policy_allows(row->action, roles), any);
        }
    }
}

/* The doors that patients rely on. */
static void what_counts_most_is_as_the_clinic_was_told(void **state)
{
    enum {
        A = MQ_ROLE_ADMIN,
        C = MQ_ROLE_CLINICIAN,
        D = MQ_ROLE_FRONT_DESK,
        U = MQ_ROLE_AUDITOR,
        EVERYBODY = A | C | D | U
    };
    static const struct {
        mq_action_t action;
        int roles;
    } rows[] = {{MQ_ACTION_PATIENT_VIEW, C | D | U},
                {MQ_ACTION_PATIENTS_LIST, C | D | U},
                {MQ_ACTION_PATIENTS_SEARCH, C | D | U},
                {MQ_ACTION_PATIENT_HISTORY, C | D | U},
                {MQ_ACTION_PATIENT_PRINT, C | D | U},
                {MQ_ACTION_PATIENT_ADD, C | D},
                {MQ_ACTION_PATIENT_EDIT, C | D},
                {MQ_ACTION_PATIENT_DUPLICATES, C | D},
                {MQ_ACTION_PATIENT_EXPORT, C},
                {MQ_ACTION_PATIENT_ARCHIVE, C},
                {MQ_ACTION_PATIENT_RESTORE, A | C},
                {MQ_ACTION_PATIENTS_ARCHIVED, A},
                {MQ_ACTION_PATIENT_NOTES_READ, C | U},
                {MQ_ACTION_PATIENT_NOTE_ADD, C},
                {MQ_ACTION_PATIENT_NOTE_SIGN, C},
                {MQ_ACTION_PATIENT_NOTE_ERROR, C},
                {MQ_ACTION_PATIENTS_EXPORT, A},
                {MQ_ACTION_PATIENTS_IMPORT, A},
                {MQ_ACTION_PATIENTS_IMPORT_UNDO, A},
                {MQ_ACTION_USERS_LIST, A},
                {MQ_ACTION_USER_INVITE, A},
                {MQ_ACTION_USER_DISABLE, A},
                {MQ_ACTION_USER_ROLES, A},
                {MQ_ACTION_USER_NAME, A},
                {MQ_ACTION_USER_RESET, A},
                {MQ_ACTION_USER_TWO_FACTOR_OFF, A},
                {MQ_ACTION_ORGANISATION_CHANGE, A},
                {MQ_ACTION_AUDIT_VIEW, A | U},
                {MQ_ACTION_ORGANISATION_SUSPEND, 0},
                {MQ_ACTION_ORGANISATION_RESUME, 0},
                {MQ_ACTION_ACCOUNT_VIEW, EVERYBODY},
                {MQ_ACTION_PASSWORD_CHANGE, EVERYBODY}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int bit = 1; bit <= MQ_ROLE_AUDITOR; bit <<= 1) {
            if (mq_policy_allows(rows[i].action, bit) != ((rows[i].roles & bit) != 0)) {
                fail_msg("%s and role %d", mq_policy(rows[i].action)->name, bit);
            }
        }
    }
}

static void each_row_has_words_for_when_it_was_done(void **state)
{
    (void)state;
    for (const mq_policy_t *row = mq_policies(); row->name; row++) {
        const char *words = mq_event_words(row->action);
        if (strcmp(words, mq_event_words(MQ_ACTION_NONE)) == 0) {
            fail_msg("%s has no words in event_words.c", row->name);
        }
        if (strcmp(words, row->label) == 0) {
            fail_msg("%s was done: \"%s\" is what a role may", row->name, words);
        }
        for (const mq_policy_t *other = mq_policies(); other != row; other++) {
            if (strcmp(words, mq_event_words(other->action)) == 0) {
                fail_msg("%s and %s say the same", row->name, other->name);
            }
        }
    }
}

static void each_row_is_in_one_group_of_events(void **state)
{
    (void)state;
    for (const mq_policy_t *row = mq_policies(); row->name; row++) {
        int found = 0;
        for (const mq_event_group_t *group = mq_event_groups(); group->title; group++) {
            for (int i = 0; i < group->count; i++) {
                found += group->events[i].action == row->action;
            }
        }
        if (found != 1) {
            fail_msg("%s stands %d times in event_words.c", row->name, found);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_has_a_number_a_name_and_words_of_its_own),
        cmocka_unit_test(each_row_has_words_for_when_it_was_done),
        cmocka_unit_test(each_row_is_in_one_group_of_events),
        cmocka_unit_test(nobody_without_a_role_may_anything_that_needs_one),
        cmocka_unit_test(whatever_a_person_may_each_of_their_roles_or_one_of_them_allows),
        cmocka_unit_test(what_counts_most_is_as_the_clinic_was_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
