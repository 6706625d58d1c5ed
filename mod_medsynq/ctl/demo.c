/* demo.c -- medsynqctl demo: organisations and patients that nobody is, through the same domain
 * functions as the pages. The same seed gives the same people; ids and instants differ. */
#define MQ_MAY_MINT_SCOPE
#include <apr_strings.h>
#include <string.h>

#include "ctl/ctl.h"
#include "domain/patients.h"
#include "domain/sessions.h"
#include "domain/tenants.h"
#include "store/scope_mint.h"

enum {
    TENANTS_MOST = 100000,
    PATIENTS_MOST = 100000000,
    CHUNK = 5000, /* what one transaction holds: a patient is 1 */
    TENANT_WEIGHT = 20,
    DEMO_COST = 4, /* of the passwords: everybody knows them */
    PAST_DAYS = 700
};

static const char demo_password[] = "lanterns over quiet water";

static const char *const given[] = {
    "Anna",    "Bernard", "Chidi",  "Dolores", "Emeka",   "Fatima",  "Georg",  "Hanna",
    "Ingrid",  "Jürgen",  "Kasia",  "Léa",     "Mateo",   "Ngozi",   "Oscar",  "Priya",
    "Quentin", "Rosa",    "Søren",  "Tatiana", "Umar",    "Valérie", "Wei",    "Ximena",
    "Yusuf",   "Zoë",     "Amélie", "Benoît",  "Carmen",  "Dmitri",  "Elif",   "Françoise",
    "Giulia",  "Håkon",   "Isabel", "Jonas",   "Katrin",  "Lorenzo", "Maryam", "Nadia",
    "Olga",    "Paulo",   "Renée",  "Samuel",  "Thérèse", "Uta",     "Viktor", "Yuki"};

static const char *const family[] = {
    "Almeida",  "Bauer",    "Castillo",  "Dubois",   "Eriksson", "Fischer",   "García",
    "Haddad",   "Ivanov",   "Jansen",    "Kowalski", "Lefèvre",  "Müller",    "Nakamura",
    "Okafor",   "Petrov",   "Quispe",    "Rossi",    "Schmidt",  "Tanaka",    "Ueda",
    "Vargas",   "Weiß",     "Xu",        "Yıldız",   "Zhang",    "Andersson", "Brodeur",
    "Çelik",    "Díaz",     "Evans",     "Ferreira", "Gruber",   "Hernández", "Ibrahim",
    "Johansen", "Khan",     "Lindqvist", "Moreau",   "Novák",    "O'Connor",  "Popescu",
    "Rahman",   "Sørensen", "Traoré",    "Ulrich",   "Virtanen", "Wójcik",    "Abebe",
    "Bianchi",  "Cohen",    "Dvořák",    "Fontaine", "Gupta",    "Hoffmann",  "Jensen",
    "Keller",   "Larsen",   "Martins",   "Nguyen",   "Olsen",    "Pereira",   "Richter",
    "Silva"};

static const char *const towns[] = {
    "Aldbourne", "Brenzone", "Castelnau", "Drøbak", "Eltville", "Fjærland", "Guarda", "Honfleur",
    "Inari",     "Jelenia",  "Kilkee",    "Lindau", "Morella",  "Nafplio",  "Osuna",  "Pärnu"};

static const char *const kinds[] = {"Family Practice", "Clinic", "Health Centre", "Hospital"};

static const char *const notes[] = {
    "Came for the yearly check. Blood pressure 128/82, nothing else to report.",
    "Cough for two weeks, lungs clear. To come back if it lasts another week.",
    "Asked about travel vaccinations; booklet checked, one refresher given.",
    "Sprained left ankle while hiking. Cold pack, rest, elastic bandage.",
    "Repeat prescription reviewed, dose unchanged.",
    "Telephone call: results within the normal range."};

#define COUNT(table) ((apr_uint64_t)(sizeof(table) / sizeof *(table)))
#define PICK(table, state) (table)[draw(state) % COUNT(table)]

/* splitmix64: small, fast, the same everywhere. Nothing secret comes from it. */
static apr_uint64_t draw(apr_uint64_t *state)
{
    apr_uint64_t z = (*state += APR_UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * APR_UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * APR_UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

typedef struct demo_t {
    ctl_t *ctl;
    ctl_core_t *core;
    apr_uint64_t random;
    apr_int64_t tenants;
    apr_int64_t patients;
    apr_int64_t tenant_done;
    apr_int64_t patient_done;
    mq_group_t *group;
    int weight;       /* of what the open transaction holds */
    apr_pool_t *pool; /* of the transaction: cleared after it */
    apr_time_t start; /* of the invented past, which ends now */
    apr_interval_time_t step;
    apr_int64_t tenant; /* whose patients are being made */
    mq_id_t user;
    const mq_scope_t *sc; /* lives as long as the transaction */
} demo_t;

static apr_status_t chunk_begin(demo_t *demo)
{
    apr_pool_clear(demo->pool);
    demo->core->single->store.group = NULL;
    MQ_TRY(mq_db_group_begin(&demo->group, &demo->core->single->store, demo->ctl->pool));
    demo->core->single->store.group = demo->group;
    return APR_SUCCESS;
}

static apr_status_t chunk_end(demo_t *demo)
{
    apr_pool_clear(demo->pool); /* the scopes leave before the group ends */
    demo->core->single->store.group = NULL;
    return mq_db_group_end(demo->group, 1);
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
    MQ_TRY(mq_scope_nobody(&nobody, &visit, demo->tenant));
    return mq_scope_enter(&demo->sc, &visit, nobody, &demo->user);
}

static apr_status_t chunk_turn(demo_t *demo, int weight)
{
    demo->weight += weight;
    if (demo->weight < CHUNK) {
        return APR_SUCCESS;
    }
    demo->weight = 0;
    MQ_TRY(chunk_end(demo));
    MQ_TRY(chunk_begin(demo));
    return scope_renew(demo);
}

static apr_status_t patient_make(demo_t *demo)
{
    mq_scope_t sc = *demo->sc; /* the same person, some time later */
    apr_pool_t *pool = mq_scope_pool(&sc);
    const char *first = PICK(given, &demo->random);
    const char *middle = draw(&demo->random) % 4 == 0 ? PICK(given, &demo->random) : NULL;
    const char *last = PICK(family, &demo->random);
    mq_patient_new_t in = {.fields.name = apr_pstrcat(pool, first, middle ? " " : "",
                                                      middle ? middle : "", " ", last, NULL),
                           .fields.birth_date = birth_date(demo, pool)};
    mq_id_t id;
    if (draw(&demo->random) % 5 == 0) {
        in.notes = PICK(notes, &demo->random);
    }
    sc.now = demo->start + demo->step * demo->patient_done++;
    MQ_TRY(mq_patient_add(&id, &sc, &in));
    return chunk_turn(demo, 1);
}

static apr_status_t tenant_make(demo_t *demo)
{
    mq_visit_t visit = ctl_visit(demo->core, demo->pool);
    mq_password_verdict_t verdict;
    mq_tenant_new_t in;
    int wait;
    apr_int64_t number = ++demo->tenant_done;
    const char *town = PICK(towns, &demo->random);
    const char *kind = PICK(kinds, &demo->random);
    const char *first = PICK(given, &demo->random);
    in.tenant_name = apr_psprintf(demo->pool, "%s %s %" APR_INT64_T_FMT, town, kind, number);
    in.admin_name = apr_pstrcat(demo->pool, first, " ", PICK(family, &demo->random), NULL);
    in.admin_email = apr_psprintf(demo->pool, "admin%" APR_INT64_T_FMT "@demo.example", number);
    in.admin_password = demo_password;
    visit.now = demo->start;
    MQ_TRY(mq_tenant_create(&demo->sc, &wait, &verdict, &visit, &in));
    demo->tenant = demo->sc->loan->tenant;
    demo->user = demo->sc->user;
    if (number == 1 && demo->ctl->json) {
        mq_json_t json = {mq_buffer_make(demo->ctl->pool, 256)};
        mq_json_object(&json, NULL);
        mq_json_int(&json, "tenants", demo->tenants);
        mq_json_int(&json, "patients", demo->patients);
        mq_json_text(&json, "first_tenant", in.tenant_name);
        mq_json_text(&json, "email", in.admin_email);
        mq_json_text(&json, "password", demo_password);
        mq_json_object_end(&json);
        mq_buffer_text(json.out, "\n");
        ctl_write(json.out);
    } else if (number == 1) {
        ctl_print("log in as: organisation \"%s\", e-mail %s, password \"%s\"\n", in.tenant_name,
                  in.admin_email, demo_password);
    }
    return chunk_turn(demo, TENANT_WEIGHT);
}

static apr_status_t fill(demo_t *demo)
{
    MQ_TRY(chunk_begin(demo));
    for (apr_int64_t i = 0; i < demo->tenants; i++) {
        apr_int64_t until =
            demo->patients / demo->tenants * (i + 1) +
            (i < demo->patients % demo->tenants ? i + 1 : demo->patients % demo->tenants);
        MQ_TRY(tenant_make(demo));
        while (demo->patient_done < until) {
            MQ_TRY(patient_make(demo));
            ctl_progress(demo->ctl, "patients", demo->patient_done, demo->patients);
        }
    }
    return chunk_end(demo);
}

static apr_int64_t tenant_count(const ctl_t *ctl)
{
    sqlite3 *sqlite;
    sqlite3_stmt *statement = NULL;
    apr_int64_t count = -1;
    if (ctl_sqlite_read(&sqlite, ctl->database, ctl) == SQLITE_OK &&
        sqlite3_prepare_v2(sqlite, "SELECT COUNT(*) FROM tenants WHERE tenant_id <> 0", -1,
                           &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        count = sqlite3_column_int64(statement, 0);
    }
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(sqlite);
    return count;
}

static int demo_run(demo_t *demo)
{
    apr_status_t rv;
    char text[128];
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
    return rv == APR_SUCCESS
               ? ctl_record(demo->ctl, MQ_ACTION_COMMAND, "demo")
               : ctl_fail(demo->ctl, "stopped after %ld patients: %s", (long)demo->patient_done,
                          apr_strerror(rv, text, sizeof text));
}

int ctl_demo(ctl_t *ctl)
{
    const char *tenants = "3";
    const char *patients = "300";
    const char *seed = "1";
    const ctl_option_t options[] = {
        {"--tenants", &tenants}, {"--patients", &patients}, {"--seed", &seed}, {NULL, NULL}};
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
    code = ctl_migrate_quietly(ctl);
    if (code != CTL_DONE) {
        return code;
    }
    if (tenant_count(ctl) != 0) {
        return ctl_fail(ctl, "the database %s has organisations already: demo fills an empty one",
                        ctl->database);
    }
    return demo_run(&demo);
}
