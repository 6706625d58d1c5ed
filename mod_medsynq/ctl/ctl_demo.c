/* ctl_demo.c -- medsynqctl demo: organisations, their people and patients that nobody is, through
 * the same domain functions as the pages. The same seed gives the same people, histories and notes;
 * ids and instants differ. What they are called and what is written of them is in ctl_demo_words.c.
 */
#define MQ_MAY_MINT_SCOPE
#include <apr_strings.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/ctl_demo_sharing.h"
#include "ctl/ctl_demo_words.h"
#include "domain/people/invitations.h"
#include "domain/patients/chart_changes.h"
#include "domain/patients/patient_notes.h"
#include "domain/patients/patients.h"
#include "domain/access/scope_minting.h"
#include "domain/organisations/tenants.h"
#include "store/scope_mint.h"

enum {
    TENANTS_MOST = 100000,
    PATIENTS_MOST = 100000000,
    CHUNK = 5000, /* what one transaction holds: a patient is 1 */
    TENANT_WEIGHT = 60,
    DEMO_COST = 4, /* of the passwords: everybody knows them */
    PAST_DAYS = 700
};

static const char demo_password[] = "lanterns over quiet water";

/* splitmix64: small, fast, the same everywhere. Nothing secret comes from it. */
static apr_uint64_t draw(apr_uint64_t *state)
{
    apr_uint64_t z = (*state += APR_UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * APR_UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * APR_UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static const char *pick(const char *const *list, apr_uint64_t *state)
{
    apr_uint64_t count = 1;
    while (list[count]) {
        count++;
    }
    return list[draw(state) % count];
}

/* Whoever works there besides the founder. */
static const struct {
    const char *address;
    int roles;
} staff[] = {{"doctor", MQ_ROLE_CLINICIAN},
             {"nurse", MQ_ROLE_CLINICIAN},
             {"desk", MQ_ROLE_FRONT_DESK},
             {"auditor", MQ_ROLE_AUDITOR}};
enum { STAFF = sizeof staff / sizeof *staff, CLINICIANS = 2 };

typedef struct demo_t {
    ctl_t *ctl;
    ctl_core_t *core;
    apr_uint64_t random;
    apr_int64_t tenants;
    apr_int64_t patients;
    apr_int64_t first; /* so many of them are in the first organisation */
    apr_int64_t tenant_done;
    apr_int64_t patient_done;
    apr_int64_t patient_kept; /* committed */
    const char *first_name;   /* of the first organisation, and its administrator's address */
    const char *first_email;
    mq_group_t *group;
    int weight;       /* of what the open transaction holds */
    apr_pool_t *pool; /* of the transaction: cleared after it */
    apr_time_t start; /* of the invented past, which ends now */
    apr_interval_time_t step;
    apr_int64_t tenant; /* whose patients are being made */
    mq_id_t user;
    mq_id_t clinicians[CLINICIANS];
    const char *clinician_names[CLINICIANS];
    const mq_scope_t *sc; /* lives as long as the transaction */
    demo_house_t houses[DEMO_LINKED];
} demo_t;

static apr_status_t chunk_begin(demo_t *demo)
{
    apr_pool_clear(demo->pool);
    demo->core->single->store.group = NULL;
    MQ_TRY(mq_db_group_begin(&demo->group, &demo->core->single->store, demo->ctl->pool));
    demo->core->single->store.group = demo->group;
    return APR_SUCCESS;
}

/* Whatever fails, the group ends while its connection is open. */
static apr_status_t chunk_end(demo_t *demo, int is_whole)
{
    mq_group_t *group = demo->group;
    apr_pool_clear(demo->pool); /* the scopes leave before the group ends */
    demo->core->single->store.group = NULL;
    demo->group = NULL;
    if (group) {
        MQ_TRY(mq_db_group_end(group, is_whole));
    }
    demo->patient_kept = is_whole ? demo->patient_done : demo->patient_kept;
    return APR_SUCCESS;
}

static const char *birth_date(demo_t *demo, apr_pool_t *pool)
{
    apr_uint64_t n = draw(&demo->random);
    int year = 1930 + (int)(n % 95);
    int month = 1 + (int)((n >> 8) % 12);
    int day = 1 + (int)((n >> 16) % 28);
    if ((n >> 24) % 40 == 0) {
        return apr_psprintf(pool, "%d", year);
    }
    return (n >> 32) % 50 == 0 ? NULL : apr_psprintf(pool, "%d-%02d-%02d", year, month, day);
}

static apr_status_t scope_renew(demo_t *demo)
{
    mq_visit_t visit = ctl_visit(demo->core, demo->pool);
    const mq_scope_t *nobody;
    MQ_TRY(mq_scope_anonymous_of(&nobody, &visit, demo->tenant));
    return mq_scope_enter(&demo->sc, &visit, nobody, &demo->user);
}

static apr_status_t chunk_turn(demo_t *demo, int weight)
{
    demo->weight += weight;
    if (demo->weight < CHUNK) {
        return APR_SUCCESS;
    }
    demo->weight = 0;
    MQ_TRY(chunk_end(demo, 1));
    MQ_TRY(chunk_begin(demo));
    return scope_renew(demo);
}

static const char *phone_number(demo_t *demo, apr_pool_t *pool)
{
    return apr_psprintf(pool, "+44 1632 960%03d", (int)(draw(&demo->random) % 1000)); /* Ofcom's for
                                                                                       * drama */
}

/* Not everybody has everything: as in a register that has grown. */
static void fields_make(mq_patient_fields_t *fields, demo_t *demo, apr_pool_t *pool)
{
    const char *first = pick(demo_given, &demo->random);
    const char *middle = draw(&demo->random) % 4 == 0 ? pick(demo_given, &demo->random) : NULL;
    const char *last = pick(demo_family, &demo->random);
    apr_uint64_t has = draw(&demo->random);
    fields->name =
        apr_pstrcat(pool, first, middle ? " " : "", middle ? middle : "", " ", last, NULL);
    fields->birth_date = birth_date(demo, pool);
    if (has % 3 == 0) {
        fields->phone1 = phone_number(demo, pool);
        fields->address = apr_psprintf(pool, "%d %s Street\n%s", (int)(has >> 8 & 127) + 1, last,
                                       pick(demo_towns, &demo->random));
    }
    if ((has >> 16) % 8 == 0) {
        fields->contact_name = apr_pstrcat(pool, pick(demo_given, &demo->random), " ", last, NULL);
        fields->contact_relation = pick(demo_relations, &demo->random);
        fields->contact_phone = phone_number(demo, pool);
    }
}

/* One of the clinicians, some time after the patient came. */
static mq_scope_t clinician(const demo_t *demo, const mq_scope_t *sc, apr_uint64_t n)
{
    mq_scope_t other = *sc;
    other.actor.user = demo->clinicians[n % CLINICIANS];
    other.actor.name = demo->clinician_names[n % CLINICIANS];
    other.actor.roles = MQ_ROLE_CLINICIAN;
    other.now = sc->now + demo->step / 2;
    return other;
}

/* A list that was never asked about, one that is empty, one with an item. */
static apr_status_t list_make(demo_t *demo, const mq_scope_t *sc, const mq_id_t *id,
                              mq_chart_number_t number,
                              const char *const items[][MQ_CHART_FIELDS_MOST], apr_uint64_t n)
{
    const mq_chart_kind_t *kind = mq_chart_kind(number);
    apr_uint64_t count = 1;
    mq_id_t made;
    while (items[count][0]) {
        count++;
    }
    if (n % 4 == 0) {
        demo->weight++;
        return mq_chart_add(&made, sc, id, kind, items[(n >> 4) % count]);
    }
    if (n % 4 == 1 && kind->none) {
        demo->weight++;
        return mq_chart_add_none(sc, id, kind);
    }
    return APR_SUCCESS;
}

/* From a source of its own: whoever was drawn for a seed before there was a chart is drawn still.
 */
static apr_status_t chart_make(demo_t *demo, const mq_scope_t *sc, const mq_id_t *id,
                               apr_uint64_t seed)
{
    MQ_TRY(list_make(demo, sc, id, MQ_CHART_ALLERGIES, demo_allergies, draw(&seed)));
    MQ_TRY(list_make(demo, sc, id, MQ_CHART_MEDICINES, demo_medicines, draw(&seed)));
    return list_make(demo, sc, id, MQ_CHART_PROBLEMS, demo_problems, draw(&seed));
}

/* What happened to the record since: a further note, a change of address, the archive. */
static apr_status_t history_make(demo_t *demo, const mq_scope_t *sc, const mq_id_t *id,
                                 const mq_patient_new_t *in)
{
    apr_uint64_t n = draw(&demo->random);
    mq_scope_t other = clinician(demo, sc, n);
    mq_patient_new_t changed = {.fields = in->fields};
    apr_int64_t version = 1;
    MQ_TRY(chart_make(demo, &other, id, n));
    if ((n >> 8) % 10 == 0) {
        MQ_TRY(
            mq_patient_note_add(NULL, &other, id, pick(demo_notes, &demo->random), MQ_NOTE_SIGNED));
        demo->weight++;
    }
    if ((n >> 16) % 12 == 0) {
        changed.fields.phone2 = phone_number(demo, mq_scope_pool(sc));
        MQ_TRY(mq_patient_edit(&other, id, version++, &changed));
        demo->weight++;
    }
    if ((n >> 24) % 60 == 0) {
        demo->weight++;
        return mq_patient_archive(&other, id, version, pick(demo_reasons, &demo->random));
    }
    return APR_SUCCESS;
}

/* The first patients of the first organisations are those who are shared. */
static void house_note(demo_t *demo, const mq_id_t *patient)
{
    demo_house_t *house =
        demo->tenant_done <= DEMO_LINKED ? &demo->houses[demo->tenant_done - 1] : NULL;
    if (house && house->count < DEMO_SHARED) {
        house->patients[house->count++] = *patient;
    }
}

static apr_status_t patient_make(demo_t *demo)
{
    mq_scope_t sc = *demo->sc; /* the same person, some time later */
    mq_patient_new_t in = {0};
    mq_id_t id;
    fields_make(&in.fields, demo, mq_scope_pool(&sc));
    if (draw(&demo->random) % 5 == 0) {
        in.notes = pick(demo_notes, &demo->random);
    }
    sc.now = demo->start + demo->step * demo->patient_done++;
    MQ_TRY(mq_patient_add(&id, &sc, &in));
    house_note(demo, &id);
    MQ_TRY(history_make(demo, &sc, &id, &in));
    return chunk_turn(demo, 1);
}

/* Through their invitations, as everybody comes into an organisation. */
static apr_status_t staff_make(demo_t *demo, const mq_visit_t *visit, apr_int64_t number)
{
    for (int i = 0; i < STAFF; i++) {
        mq_password_verdict_t verdict;
        const mq_scope_t *person;
        const char *token;
        const char *first = pick(demo_given, &demo->random);
        const char *name =
            apr_pstrcat(demo->ctl->pool, first, " ", pick(demo_family, &demo->random), NULL);
        const char *email = apr_psprintf(demo->pool, "%s%" APR_INT64_T_FMT "@demo.example",
                                         staff[i].address, number);
        MQ_TRY(mq_invitation_make(&token, demo->sc, email, name, staff[i].roles));
        MQ_TRY(mq_invitation_accept(&person, &verdict, visit, token, name, demo_password));
        if (i < CLINICIANS) {
            demo->clinicians[i] = *mq_scope_user(person);
            demo->clinician_names[i] = name;
        }
    }
    return APR_SUCCESS;
}

static apr_status_t tenant_make(demo_t *demo)
{
    mq_visit_t visit = ctl_visit(demo->core, demo->pool);
    mq_password_verdict_t verdict;
    mq_tenant_new_t in = {0};
    int wait;
    apr_int64_t number = ++demo->tenant_done;
    const char *town = pick(demo_towns, &demo->random);
    const char *kind = pick(demo_kinds, &demo->random);
    const char *first = pick(demo_given, &demo->random);
    in.tenant_name = apr_psprintf(demo->pool, "%s %s %" APR_INT64_T_FMT, town, kind, number);
    in.admin_name = apr_pstrcat(demo->pool, first, " ", pick(demo_family, &demo->random), NULL);
    in.admin_email = apr_psprintf(demo->pool, "admin%" APR_INT64_T_FMT "@demo.example", number);
    in.admin_password = demo_password;
    visit.now = demo->start;
    MQ_TRY(mq_tenant_create(&demo->sc, &wait, &verdict, &visit, &in));
    demo->tenant = demo->sc->place.loan->tenant;
    demo->user = demo->sc->actor.user;
    MQ_TRY(staff_make(demo, &visit, number));
    if (number <= DEMO_LINKED) {
        demo->houses[number - 1] = (demo_house_t){
            .tenant = demo->tenant, .admin = demo->user, .doctor = demo->clinicians[0]};
    }
    if (number == 1) {
        demo->first_name = apr_pstrdup(demo->ctl->pool, in.tenant_name);
        demo->first_email = apr_pstrdup(demo->ctl->pool, in.admin_email);
    }
    return chunk_turn(demo, TENANT_WEIGHT);
}

/* How one gets in, once somebody can. */
static void way_in_tell(const demo_t *demo)
{
    mq_json_t json = {mq_buffer_make(demo->ctl->pool, 256)};
    if (!demo->ctl->json) {
        ctl_print("log in as: organisation \"%s\", e-mail %s, password \"%s\"\n"
                  "or as doctor1, nurse1, desk1, auditor1@demo.example, with the same password\n",
                  demo->first_name, demo->first_email, demo_password);
        return;
    }
    mq_json_object(&json, NULL);
    mq_json_int(&json, "tenants", demo->tenants);
    mq_json_int(&json, "patients", demo->patients);
    mq_json_text(&json, "first_tenant", demo->first_name);
    mq_json_text(&json, "email", demo->first_email);
    mq_json_array(&json, "staff");
    for (int i = 0; i < STAFF; i++) {
        mq_json_text(&json, NULL,
                     apr_pstrcat(demo->ctl->pool, staff[i].address, "1@demo.example", NULL));
    }
    mq_json_array_end(&json);
    mq_json_text(&json, "password", demo_password);
    mq_json_object_end(&json);
    mq_buffer_text(json.out, "\n");
    ctl_write(json.out);
}

/* How many patients there are when the organisation of this number is full. */
static apr_int64_t patients_until(const demo_t *demo, apr_int64_t number)
{
    apr_int64_t rest = demo->patients - demo->first;
    apr_int64_t others = demo->tenants - 1;
    if (number == 0 || others == 0) {
        return others == 0 ? demo->patients : demo->first;
    }
    return demo->first + rest / others * number + (number < rest % others ? number : rest % others);
}

static apr_status_t tenants_make(demo_t *demo)
{
    mq_visit_t visit;
    for (apr_int64_t i = 0; i < demo->tenants; i++) {
        apr_int64_t until = patients_until(demo, i);
        MQ_TRY(tenant_make(demo));
        while (demo->patient_done < until) {
            MQ_TRY(patient_make(demo));
            ctl_progress(demo->ctl, "patients", demo->patient_done, demo->patients);
        }
    }
    visit = ctl_visit(demo->core, demo->pool);
    return demo_houses_share(&visit, demo->houses,
                             (int)(demo->tenants < DEMO_LINKED ? demo->tenants : DEMO_LINKED));
}

static apr_status_t fill(demo_t *demo)
{
    apr_status_t rv = chunk_begin(demo);
    if (rv == APR_SUCCESS) {
        rv = tenants_make(demo);
    }
    if (rv != APR_SUCCESS) {
        (void)chunk_end(demo, 0);
        return rv;
    }
    return chunk_end(demo, 1);
}

static int demo_run(demo_t *demo)
{
    apr_status_t rv;
    int code = ctl_core_open(&demo->core, demo->ctl);
    if (code != CTL_DONE) {
        return code;
    }
    demo->core->core.password_cost = DEMO_COST;
    demo->step = apr_time_from_sec(PAST_DAYS * 86400) / (demo->patients + 1);
    demo->start = apr_time_now() - demo->step * (demo->patients + 1);
    (void)apr_pool_create(&demo->pool, demo->ctl->pool);
    rv = fill(demo);
    apr_pool_destroy(demo->pool);
    demo->core->single->store.group = NULL;
    ctl_core_close(demo->core);
    if (rv != APR_SUCCESS) {
        return ctl_failed(demo->ctl, rv,
                          apr_psprintf(demo->ctl->pool,
                                       "stopped, with %" APR_INT64_T_FMT
                                       " patients of %" APR_INT64_T_FMT,
                                       demo->patient_kept, demo->patients));
    }
    way_in_tell(demo);
    return ctl_record(demo->ctl, MQ_ACTION_COMMAND, "demo");
}

int ctl_demo(ctl_t *ctl)
{
    const char *tenants = "3";
    const char *patients = "300";
    const char *seed = "1";
    const char *first = NULL;
    const ctl_option_t options[] = {{"--tenants", &tenants},
                                    {"--patients", &patients},
                                    {"--seed", &seed},
                                    {"--first", &first},
                                    {NULL, NULL}};
    const char *fault = ctl_options(ctl, options, NULL);
    demo_t demo = {.ctl = ctl};
    int code;
    if (fault) {
        return ctl_usage(ctl, fault);
    }
    demo.tenants = ctl_number(tenants, 1, TENANTS_MOST);
    demo.patients = ctl_number(patients, 0, PATIENTS_MOST);
    demo.random = (apr_uint64_t)ctl_number(seed, 0, APR_INT64_MAX);
    if (demo.tenants < 0 || demo.patients < 0 || ctl_number(seed, 0, APR_INT64_MAX) < 0) {
        return ctl_usage(ctl, "demo: --tenants 1 to 100000, --patients 0 to 100000000, --seed any "
                              "whole number");
    }
    demo.first = first ? ctl_number(first, 0, demo.patients)
                       : (demo.patients + demo.tenants - 1) / demo.tenants;
    if (demo.first < 0) {
        return ctl_usage(ctl, "demo: --first is how many of --patients the first organisation has");
    }
    code = ctl_migrate_quietly(ctl);
    if (code != CTL_DONE) {
        return code;
    }
    if (ctl_organisations_in(ctl, ctl->database) != 0) {
        return ctl_fail(ctl, "the database %s has organisations already: demo fills an empty one",
                        ctl->database);
    }
    return demo_run(&demo);
}
