/* name_pages.c -- correcting the name of a member of staff: /users/{id}/name. It asks for the
 * administrator's own password, since notes will be signed with it. Rules are in
 * domain/people/accounts.c. */

#include <apr_strings.h>

#include "domain/people/accounts.h"
#include "web/access/proof.h"
#include "web/flash.h"
#include "web/route_tables.h"

typedef struct name_in_t {
    const char *seen;
    const char *name;
    const char *password;
} name_in_t;

static const mq_field_t name_fields[] = {
    {.name = "name_seen",
     .kind = MQ_FIELD_HIDDEN,
     .limit = MQ_LIMIT_NAME,
     .offset = offsetof(name_in_t, seen)},
    {"name", MQ_SAY("Name"), MQ_FIELD_LINE, 1, MQ_LIMIT_NAME, "off",
     MQ_SAY("For a spelling mistake, or a new name. What the person has signed keeps the name that "
            "it was signed with."),
     MQ_SAY("Enter the person's name."), offsetof(name_in_t, name)},
    MQ_PROOF_FIELD(name_in_t, password, NULL, NULL),
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

typedef struct name_page_t {
    mq_frame_t frame;
    mq_form_view_t form;
    const char *id;
    const char *email;
} name_page_t;

static const mq_slot_t name_slots[] = {MQ_TEXT(name_page_t, id), MQ_TEXT(name_page_t, email),
                                       MQ_INCLUDE(name_page_t, form, mq_form_slots),
                                       MQ_INCLUDE(name_page_t, frame, mq_frame_slots),
                                       MQ_SLOTS_END};

static const mq_page_t name_template = {"user_name.html", name_slots};

static apr_status_t name_show(mq_request_t *rq, int status, const mq_person_t *person,
                              const mq_form_t *form, const char *problem)
{
    name_page_t page = {.frame.title = mq_say(rq, "Correct the name"),
                        .form = mq_form_view(form, problem),
                        .id = mq_id_text(&person->id, rq->pool),
                        .email = person->email};
    return mq_page_show(rq, status, &name_template, &page);
}

static apr_status_t person_read(mq_person_t *person_out, mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    return mq_person_view(person_out, sc, &id);
}

static apr_status_t name_page(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, name_fields);
    mq_person_t person;
    MQ_TRY(person_read(&person, rq, sc));
    mq_form_set(form, "name_seen", person.name);
    mq_form_set(form, "name", person.name);
    return name_show(rq, 200, &person, form, NULL);
}

/* Two administrators at once: the later one is told what the earlier one has done, and may insist.
 */
static apr_status_t conflict_show(mq_request_t *rq, const mq_scope_t *sc, mq_form_t *form)
{
    mq_person_t person;
    MQ_TRY(person_read(&person, rq, sc));
    mq_form_set(form, "name_seen", person.name);
    return name_show(rq, 409, &person, form,
                     mq_sayf(rq,
                             "Somebody changed the name while you were here. It is now: %s. What "
                             "you typed is below and is not saved: send it again to save it.",
                             person.name));
}

static apr_status_t name_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, name_fields);
    name_in_t in = {0};
    mq_person_t person;
    int status;
    apr_status_t rv;
    MQ_TRY(person_read(&person, rq, sc)); /* there is one: 404 comes before all that is slow */
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return name_show(rq, 422, &person, form, NULL);
    }
    MQ_TRY(mq_proof_check(&status, rq, sc, form, &person.id, in.password));
    if (status) {
        return name_show(rq, status, &person, form, NULL);
    }
    rv = mq_person_rename(sc, &person.id, in.seen ? in.seen : person.name, in.name);
    if (rv == MQ_ECONFLICT) {
        return conflict_show(rq, sc, form);
    }
    MQ_TRY(rv);
    MQ_TRY(mq_flash_set(rq, &(mq_flash_t){mq_say(rq, "The name is corrected."), NULL, NULL}));
    return mq_request_redirect(
        rq, apr_pstrcat(rq->pool, "/users/", mq_id_text(&person.id, rq->pool), NULL));
}

const mq_route_t mq_name_routes[] = {
    {MQ_GET, "/users/{id}/name", MQ_ACTION_USER_VIEW, name_page, .page = &name_template},
    {MQ_POST, "/users/{id}/name", MQ_ACTION_USER_NAME, name_post, .reviews = 1},
    MQ_ROUTES_END};
