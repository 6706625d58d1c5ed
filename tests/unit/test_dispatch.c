/* test_dispatch.c -- the one way of every request, with a face, routes and handlers of the test's
 * own: which of them is asked, in which order, and that no handler runs for whom it is not. */
#include "fixture.h"

#include <apr_strings.h>

#include "domain/policy.h"
#include "web/dispatch.h"
#include "web/face.h"
#include "web/pages.h"
#include "web/routes.h"

/* What a request met on its way; the pool of the test has it, rq->glue leads there. */
typedef struct way_t {
    const mq_scope_t *person; /* who sends it; NULL: nobody */
    const mq_scope_t *later;  /* and who it is when asked again */
    apr_status_t who;         /* what asking gives */
    apr_status_t handled;     /* what the handler gives */
    apr_status_t told;        /* what the face's error gives */
    int read;                 /* what reading the body gives */
    int asked;                /* how often the face was asked who it is */
    int bodies;               /* how often a body was read */
    int handlers;             /* how often a handler ran */
    int answered;
    const char *said; /* by the face, instead of a handler's answer */
    int error;
    mq_session_t session;
} way_t;

static way_t *way_of(const mq_request_t *rq)
{
    return rq->glue;
}

static apr_status_t face_who(mq_request_t *rq)
{
    way_t *way = way_of(rq);
    way->session.scope = way->asked++ ? way->later : way->person;
    rq->session = way->session.scope ? &way->session : NULL;
    return way->who;
}

static apr_status_t face_ask_who(mq_request_t *rq)
{
    way_of(rq)->said = "who";
    rq->status = 303;
    return APR_SUCCESS;
}

static apr_status_t face_ask_second_factor(mq_request_t *rq)
{
    way_of(rq)->said = "second factor";
    return APR_SUCCESS;
}

static int face_read(mq_request_t *rq)
{
    way_of(rq)->bodies++;
    return way_of(rq)->read;
}

static void face_answered(mq_request_t *rq)
{
    way_of(rq)->answered++;
}

static apr_status_t face_error(mq_request_t *rq, int status)
{
    way_of(rq)->said = "error";
    way_of(rq)->error = rq->status = status;
    return way_of(rq)->told;
}

static apr_status_t face_suspended(mq_request_t *rq)
{
    way_of(rq)->said = "suspended";
    return APR_SUCCESS;
}

static apr_status_t face_outage(mq_request_t *rq, mq_trouble_t trouble)
{
    (void)trouble;
    way_of(rq)->said = "outage";
    return APR_SUCCESS;
}

static const mq_face_t face = {.who = face_who,
                               .ask_who = face_ask_who,
                               .ask_second_factor = face_ask_second_factor,
                               .read = face_read,
                               .answered = face_answered,
                               .error = face_error,
                               .suspended = face_suspended,
                               .outage = face_outage};

static apr_status_t page_of_all(mq_request_t *rq)
{
    way_of(rq)->handlers++;
    rq->status = 200;
    return way_of(rq)->handled;
}

static apr_status_t page_of_one(mq_request_t *rq, const mq_scope_t *sc)
{
    assert_ptr_equal(sc, way_of(rq)->person);
    return page_of_all(rq);
}

static const mq_route_t rows[] = {{MQ_GET, "/open", .open = page_of_all},
                                  {MQ_GET, "/things", MQ_ACTION_PATIENTS_LIST, page_of_one},
                                  {MQ_POST, "/things", MQ_ACTION_PATIENT_ADD, page_of_one},
                                  {MQ_POST, "/notes", MQ_ACTION_PATIENT_NOTE_ADD, page_of_one},
                                  {MQ_GET, "/people", MQ_ACTION_USERS_LIST, page_of_one},
                                  {MQ_POST, "/people", MQ_ACTION_USER_INVITE, page_of_one},
                                  {MQ_GET, "/trail", MQ_ACTION_AUDIT_VIEW, page_of_one},
                                  {MQ_GET, "/own", MQ_ACTION_ACCOUNT_VIEW, page_of_one},
                                  MQ_ROUTES_END};
static const mq_route_table_t tables[] = {{&face, rows}, {NULL, NULL}};

static const char *no_header(const mq_request_t *rq, const char *name)
{
    (void)rq;
    (void)name;
    return NULL;
}

static void no_log(const mq_request_t *rq, const char *tag, apr_status_t rv, const char *text)
{
    (void)rq;
    (void)tag;
    (void)rv;
    (void)text;
}

static const mq_request_hooks_t hooks = {.header = no_header, .log = no_log};

static const mq_app_t *app_of(fixture_t *f)
{
    static const mq_page_t *const no_pages[] = {NULL};
    mq_app_t *app = apr_pcalloc(f->pool, sizeof *app);
    const char *fault = "";
    app->core = &f->core;
    assert_ok(mq_routes_compile(&app->routes, tables, &fault, f->pool));
    assert_ok(mq_pages_compile(&app->pages, no_pages, "templates", &fault, f->pool));
    return app;
}

/* Send it, and see what becomes of it. */
static mq_request_t *sent(fixture_t *f, way_t *way, const char *method, const char *path)
{
    mq_request_t *rq = apr_pcalloc(f->pool, sizeof *rq);
    char *query = strchr(path, '?');
    rq->app = app_of(f);
    rq->hooks = &hooks;
    rq->glue = way;
    rq->pool = f->pool;
    rq->method = strcmp(method, "POST") == 0                                 ? MQ_POST
                 : strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ? MQ_GET
                                                                             : MQ_OTHER_METHOD;
    rq->method_name = method;
    rq->query = query ? query + 1 : NULL;
    rq->path = query ? apr_pstrmemdup(f->pool, path, (apr_size_t)(query - path)) : path;
    rq->id = "request";
    rq->address = "192.0.2.7";
    rq->now = f->now;
    rq->headers = apr_table_make(f->pool, 8);
    mq_dispatch(rq);
    return rq;
}

static way_t way_by(fixture_t *f, fixture_person_t person)
{
    return (way_t){.person = fixture_as(f, person)};
}

static void a_path_that_is_not_there_is_404_and_a_method_405_for_everybody(void **state)
{
    fixture_t *f = *state;
    way_t nobody = {0};
    way_t somebody = way_by(f, CLINICIAN);
    way_t *const ways[] = {&nobody, &somebody};
    for (int i = 0; i < 2; i++) {
        mq_request_t *rq;
        (void)sent(f, ways[i], "GET", "/nothing");
        assert_int_equal(ways[i]->error, 404);
        rq = sent(f, ways[i], "PUT", "/things");
        assert_int_equal(ways[i]->error, 405);
        assert_string_equal(apr_table_get(rq->headers, "Allow"), "GET, HEAD, POST, OPTIONS");
        rq = sent(f, ways[i], "POST", "/trail");
        assert_int_equal(ways[i]->error, 405);
        assert_string_equal(apr_table_get(rq->headers, "Allow"), "GET, HEAD, OPTIONS");
        rq = sent(f, ways[i], "OPTIONS", "/notes");
        assert_int_equal(rq->status, 204);
        assert_string_equal(apr_table_get(rq->headers, "Allow"), "POST, OPTIONS");
        assert_int_equal(ways[i]->handlers + ways[i]->bodies, 0);
    }
}

static void nobody_gets_only_what_is_open_and_no_body_is_read(void **state)
{
    fixture_t *f = *state;
    for (const mq_route_t *row = rows; row->pattern; row++) {
        way_t way = {0};
        (void)sent(f, &way, row->method == MQ_POST ? "POST" : "GET", row->pattern);
        assert_int_equal(way.handlers, row->open != NULL);
        assert_int_equal(way.bodies, 0);
        assert_string_equal(way.said ? way.said : "", row->open ? "" : "who");
    }
}

static void each_role_gets_what_the_policy_says_and_a_refusal_is_in_the_trail(void **state)
{
    fixture_t *f = *state;
    int refused = 0;
    for (fixture_person_t person = FOUNDER; person < STRANGER; person++) {
        for (const mq_route_t *row = rows; row->pattern; row++) {
            way_t way = way_by(f, person);
            int may = row->open || mq_policy_allows(row->action, mq_scope_roles(way.person));
            int before = fixture_events(f);
            mq_request_t *rq = sent(f, &way, row->method == MQ_POST ? "POST" : "GET", row->pattern);
            assert_int_equal(way.handlers, may);
            assert_int_equal(way.answered, may);
            assert_int_equal(way.error, may ? 0 : 403);
            assert_int_equal(rq->refusal, may ? MQ_REFUSAL_NONE : MQ_REFUSAL_ROLE);
            assert_int_equal(fixture_events(f), before + !may);
            if (!may) {
                refused++;
                assert_int_equal(fixture_event(f).action, MQ_ACTION_REFUSED);
                assert_string_equal(fixture_event(f).reason, mq_policy(row->action)->name);
                fixture_wait(f, 60); /* so many of one minute are not all recorded */
            }
        }
    }
    assert_in_range(refused, 10, 40);
}

static void what_is_wrong_with_the_body_comes_before_the_role(void **state)
{
    fixture_t *f = *state;
    way_t way = way_by(f, ADMIN);
    int before = fixture_events(f);
    way.read = 413;
    (void)sent(f, &way, "POST", "/notes");
    assert_int_equal(way.error, 413);
    assert_int_equal(way.handlers, 0);
    assert_int_equal(fixture_events(f), before);
}

static void a_query_that_says_a_thing_twice_reaches_no_handler(void **state)
{
    fixture_t *f = *state;
    way_t way = way_by(f, CLINICIAN);
    (void)sent(f, &way, "GET", "/things?a=1&a=2");
    assert_int_equal(way.error, 400);
    assert_int_equal(way.handlers, 0);
}

static void of_a_suspended_organisation_nobody_gets_anything(void **state)
{
    fixture_t *f = *state;
    way_t way = way_by(f, CLINICIAN);
    way.who = MQ_EDENIED;
    (void)sent(f, &way, "GET", "/things");
    assert_string_equal(way.said, "suspended");
    assert_int_equal(way.handlers, 0);
}

static void each_kind_of_failure_has_its_status(void **state)
{
    static const struct {
        apr_status_t rv;
        int status;
    } kinds[] = {{MQ_EINVALID, 400}, {MQ_EDENIED, 403},  {MQ_ENOTFOUND, 404}, {MQ_ECONFLICT, 409},
                 {MQ_EBUSY, 429},    {MQ_EFULL, 503},    {APR_EAGAIN, 503},   {APR_ENOSPC, 503},
                 {MQ_EBUG, 500},     {MQ_ECORRUPT, 500}, {APR_EGENERAL, 500}};
    fixture_t *f = *state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        way_t way = {.handled = kinds[i].rv};
        (void)sent(f, &way, "GET", "/open");
        assert_int_equal(way.handlers, 1);
        assert_int_equal(way.answered, 0);
        assert_int_equal(way.error, kinds[i].status);
    }
}

static void a_failure_that_cannot_even_be_said_is_plain_text(void **state)
{
    fixture_t *f = *state;
    way_t way = {.handled = MQ_EBUG, .told = MQ_EBUG};
    mq_request_t *rq = sent(f, &way, "GET", "/open");
    assert_int_equal(rq->status, 500);
    assert_string_equal(rq->content_type, "text/plain; charset=utf-8");
    assert_true(rq->body->length > 0);
}

static void whose_standing_changed_meanwhile_is_asked_again_and_recorded(void **state)
{
    fixture_t *f = *state;
    way_t gone = way_by(f, CLINICIAN);
    way_t there = way_by(f, CLINICIAN);
    int before = fixture_events(f);
    gone.handled = there.handled = MQ_ESTANDING;
    (void)sent(f, &gone, "POST", "/things");
    assert_int_equal(gone.asked, 2);
    assert_string_equal(gone.said, "who");
    there.later = there.person;
    (void)sent(f, &there, "POST", "/things");
    assert_int_equal(there.error, 403);
    assert_int_equal(fixture_events(f), before + 2);
    assert_string_equal(fixture_event(f).reason, "patient.add, no longer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_path_that_is_not_there_is_404_and_a_method_405_for_everybody),
        TEST(nobody_gets_only_what_is_open_and_no_body_is_read),
        TEST(each_role_gets_what_the_policy_says_and_a_refusal_is_in_the_trail),
        TEST(what_is_wrong_with_the_body_comes_before_the_role),
        TEST(a_query_that_says_a_thing_twice_reaches_no_handler),
        TEST(of_a_suspended_organisation_nobody_gets_anything),
        TEST(each_kind_of_failure_has_its_status),
        TEST(a_failure_that_cannot_even_be_said_is_plain_text),
        TEST(whose_standing_changed_meanwhile_is_asked_again_and_recorded)};
    return FIXTURE_RUN(tests);
}
