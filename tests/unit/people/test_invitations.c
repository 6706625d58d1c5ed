/* test_invitations.c -- a link works once, for 72 hours, for the person and roles it was made for.
 */
#include "fixture.h"

#include "domain/people/accounts.h"
#include "domain/people/invitations.h"

static const char good[] = "nine violet kites hum";

static const char *invited(fixture_t *f, const char *email, int roles)
{
    const char *token;
    assert_ok(mq_invitation_make(&token, fixture_as(f, ADMIN), email, "Nora New", roles));
    return token;
}

static apr_status_t accepted(const mq_scope_t **sc_out, fixture_t *f, const char *token,
                             const char *password)
{
    mq_password_verdict_t verdict;
    return mq_invitation_accept(sc_out, &verdict, fixture_visit(f), token, "Nora Newman", password);
}

static void whoever_accepts_has_the_roles_and_the_name_they_chose(void **state)
{
    fixture_t *f = *state;
    const char *token = invited(f, "nora@harbour.example", MQ_ROLE_FRONT_DESK);
    const mq_scope_t *sc;
    assert_event(f, MQ_ACTION_USER_INVITE, "Ada Admin");
    assert_ok(accepted(&sc, f, token, good));
    assert_int_equal(mq_scope_roles(sc), MQ_ROLE_FRONT_DESK);
    assert_string_equal(mq_scope_user_name(sc), "Nora Newman");
    assert_string_equal(mq_scope_tenant_name(sc), FIXTURE_CLINIC);
    assert_int_equal(fixture_event(f).action, MQ_ACTION_INVITATION_ACCEPT);
    assert_int_equal(
        fixture_number(f, "SELECT count(*) FROM users WHERE email = 'nora@harbour.example'"), 1);
}

static void what_nobody_has_checked_invites_nobody(void **state)
{
    fixture_t *f = *state;
    const mq_scope_t *sc = fixture_as(f, ADMIN);
    const char *token;
    int before = (int)fixture_number(f, "SELECT count(*) FROM invitations");
    assert_int_equal(mq_invitation_make(&token, sc, "no address", "Nora", 1), MQ_EINVALID);
    assert_int_equal(mq_invitation_make(&token, sc, "", "Nora", 1), MQ_EINVALID);
    assert_int_equal(mq_invitation_make(&token, sc, "n@harbour.example", "No\tra", 1), MQ_EINVALID);
    assert_int_equal(mq_invitation_make(&token, sc, "n@harbour.example", "Nora", 0), MQ_EINVALID);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM invitations"), before);
}

static void a_link_works_once(void **state)
{
    fixture_t *f = *state;
    const char *token = invited(f, "nora@harbour.example", MQ_ROLE_CLINICIAN);
    mq_invitation_t invitation;
    const mq_scope_t *sc;
    assert_ok(accepted(&sc, f, token, good));
    assert_int_equal(accepted(&sc, f, token, good), MQ_ECONFLICT);
    assert_ok(mq_invitation_open(&invitation, NULL, fixture_visit(f), token));
    assert_int_equal(invitation.state, MQ_INVITATION_ACCEPTED);
    assert_int_equal(
        fixture_number(f, "SELECT count(*) FROM users WHERE email = 'nora@harbour.example'"), 1);
}

static void a_link_is_good_for_72_hours_and_no_microsecond_more(void **state)
{
    fixture_t *f = *state;
    const char *token = invited(f, "nora@harbour.example", MQ_ROLE_CLINICIAN);
    mq_invitation_t invitation;
    const mq_scope_t *sc;
    fixture_wait(f, MQ_INVITATION_HOURS * 3600);
    f->now--;
    assert_ok(mq_invitation_open(&invitation, NULL, fixture_visit(f), token));
    assert_int_equal(invitation.state, MQ_INVITATION_PENDING);
    f->now++;
    assert_ok(mq_invitation_open(&invitation, NULL, fixture_visit(f), token));
    assert_int_equal(invitation.state, MQ_INVITATION_EXPIRED);
    assert_int_equal(accepted(&sc, f, token, good), MQ_ECONFLICT);
}

static void a_newer_invitation_of_the_address_withdraws_the_older(void **state)
{
    fixture_t *f = *state;
    const char *older = invited(f, "nora@harbour.example", MQ_ROLE_ADMIN);
    const char *newer = invited(f, "Nora@Harbour.example", MQ_ROLE_AUDITOR);
    const mq_scope_t *sc;
    assert_int_equal(accepted(&sc, f, older, good), MQ_ECONFLICT);
    assert_ok(accepted(&sc, f, newer, good));
    assert_int_equal(mq_scope_roles(sc), MQ_ROLE_AUDITOR);
}

static void a_withdrawn_invitation_opens_nothing(void **state)
{
    fixture_t *f = *state;
    const char *token = invited(f, "nora@harbour.example", MQ_ROLE_CLINICIAN);
    mq_invitation_t invitation;
    const mq_scope_t *sc;
    assert_ok(mq_invitation_open(&invitation, NULL, fixture_visit(f), token));
    assert_refused(f, mq_invitation_revoke(fixture_as(f, AUDITOR), &invitation.id), MQ_EDENIED);
    assert_refused(f, mq_invitation_revoke(fixture_as(f, STRANGER), &invitation.id), MQ_ENOTFOUND);
    assert_ok(mq_invitation_revoke(fixture_as(f, ADMIN), &invitation.id));
    assert_event(f, MQ_ACTION_INVITATION_REVOKE, "Ada Admin");
    assert_int_equal(accepted(&sc, f, token, good), MQ_ECONFLICT);
    assert_refused(f, mq_invitation_revoke(fixture_as(f, ADMIN), &invitation.id), MQ_ECONFLICT);
}

static void an_address_that_has_an_account_is_not_invited(void **state)
{
    fixture_t *f = *state;
    const char *token;
    assert_refused(f,
                   mq_invitation_make(&token, fixture_as(f, ADMIN), "CLINICIAN@harbour.example",
                                      "Clara", MQ_ROLE_ADMIN),
                   MQ_ECONFLICT);
    assert_ok(mq_invitation_make(&token, fixture_as(f, STRANGER), fixture_email(CLINICIAN), "Clara",
                                 MQ_ROLE_CLINICIAN));
}

static void only_administrators_invite(void **state)
{
    static const fixture_person_t others[] = {CLINICIAN, FRONT_DESK, AUDITOR};
    fixture_t *f = *state;
    const char *token;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_refused(f,
                       mq_invitation_make(&token, fixture_as(f, others[i]), "nora@harbour.example",
                                          "Nora", MQ_ROLE_CLINICIAN),
                       MQ_EDENIED);
    }
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM invitations WHERE email LIKE 'nora%'"),
                     0);
}

static void a_changed_link_opens_nothing(void **state)
{
    fixture_t *f = *state;
    char *token = (char *)(uintptr_t)invited(f, "nora@harbour.example", MQ_ROLE_CLINICIAN);
    mq_invitation_t invitation;
    const size_t length = strlen(token);
    for (size_t i = 0; i < length; i += 7) {
        char right = token[i];
        token[i] = right == 'A' ? 'B' : 'A';
        assert_int_equal(mq_invitation_open(&invitation, NULL, fixture_visit(f), token),
                         MQ_ENOTFOUND);
        token[i] = right;
    }
    assert_ok(mq_invitation_open(&invitation, NULL, fixture_visit(f), token));
}

static void a_weak_password_leaves_the_link_good(void **state)
{
    fixture_t *f = *state;
    const char *token = invited(f, "nora@harbour.example", MQ_ROLE_CLINICIAN);
    mq_password_verdict_t verdict;
    const mq_scope_t *sc;
    assert_refused(
        f,
        mq_invitation_accept(&sc, &verdict, fixture_visit(f), token, "Nora Newman", "password1234"),
        MQ_EINVALID);
    assert_int_equal(verdict, MQ_PASSWORD_COMMON);
    assert_refused(f,
                   mq_invitation_accept(&sc, &verdict, fixture_visit(f), token, "Nora Newman",
                                        "HarbourClinic2026"),
                   MQ_EINVALID);
    assert_int_equal(verdict, MQ_PASSWORD_NAMED);
    assert_ok(accepted(&sc, f, token, good));
}

static void the_database_keeps_no_link(void **state)
{
    fixture_t *f = *state;
    (void)invited(f, "nora@harbour.example", MQ_ROLE_CLINICIAN);
    assert_int_equal(fixture_number(f, "SELECT length(secret_hash) FROM invitations WHERE email = "
                                       "'nora@harbour.example'"),
                     32);
}

static void the_newest_invitations_come_first(void **state)
{
    fixture_t *f = *state;
    apr_array_header_t *list;
    int has_next;
    (void)invited(f, "nora@harbour.example", MQ_ROLE_CLINICIAN);
    (void)invited(f, "otto@harbour.example", MQ_ROLE_AUDITOR);
    assert_ok(mq_invitations_page(&list, &has_next, fixture_as(f, ADMIN), NULL));
    assert_string_equal(APR_ARRAY_IDX(list, 0, mq_invitation_t).email, "otto@harbour.example");
    assert_string_equal(APR_ARRAY_IDX(list, 1, mq_invitation_t).email, "nora@harbour.example");
    assert_int_equal(APR_ARRAY_IDX(list, 0, mq_invitation_t).state, MQ_INVITATION_PENDING);
    for (int i = 0; i < list->nelts; i++) { /* who has come is among the staff */
        assert_int_not_equal(APR_ARRAY_IDX(list, i, mq_invitation_t).state, MQ_INVITATION_ACCEPTED);
    }
    assert_refused(f, mq_invitations_page(&list, &has_next, fixture_as(f, CLINICIAN), NULL),
                   MQ_EDENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(whoever_accepts_has_the_roles_and_the_name_they_chose),
                                       TEST(what_nobody_has_checked_invites_nobody),
                                       TEST(a_link_works_once),
                                       TEST(a_link_is_good_for_72_hours_and_no_microsecond_more),
                                       TEST(a_newer_invitation_of_the_address_withdraws_the_older),
                                       TEST(a_withdrawn_invitation_opens_nothing),
                                       TEST(an_address_that_has_an_account_is_not_invited),
                                       TEST(only_administrators_invite),
                                       TEST(a_changed_link_opens_nothing),
                                       TEST(a_weak_password_leaves_the_link_good),
                                       TEST(the_database_keeps_no_link),
                                       TEST(the_newest_invitations_come_first)};
    return FIXTURE_RUN(tests);
}
