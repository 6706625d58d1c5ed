/* test_duplicates.c -- whom a new or changed record may repeat, found through the index. */
#include "fixture.h"

#include "domain/patients/duplicate_queue.h"
#include "store/engine.h"

/* How many candidates there are, and why the first one is. */
static int candidates(int *why_out, fixture_t *f, fixture_person_t person,
                      const mq_patient_fields_t *fields)
{
    apr_array_header_t *found;
    assert_ok(mq_duplicates_find(&found, fixture_as(f, person), NULL, fields));
    *why_out = found->nelts ? APR_ARRAY_IDX(found, 0, mq_duplicate_t).why : 0;
    return found->nelts;
}

static mq_id_t ana_add(fixture_t *f)
{
    const mq_patient_new_t in = {.fields = {.name = "Ana Lima",
                                            .birth_date = "1980-04-03",
                                            .phone1 = "+351 912 345 678",
                                            .national_id = "AB 12-34"}};
    mq_id_t id;
    assert_ok(mq_patient_add(&id, fixture_as(f, CLINICIAN), &in));
    return id;
}

static void the_same_birth_date_and_a_similar_name_is_a_candidate(void **state)
{
    fixture_t *f = *state;
    int why;
    (void)ana_add(f);
    assert_int_equal(candidates(&why, f, FRONT_DESK,
                                &(mq_patient_fields_t){.given_name = "Anna",
                                                       .family_name = "Lima",
                                                       .birth_date = "1980-04-03"}),
                     1);
    assert_int_equal(why, MQ_SAME_BIRTH_DATE | MQ_SIMILAR_NAME);
    assert_int_equal(
        candidates(&why, f, FRONT_DESK,
                   &(mq_patient_fields_t){.name = "Ben Reed", .birth_date = "1980-04-03"}),
        0);
    assert_int_equal(
        candidates(&why, f, FRONT_DESK,
                   &(mq_patient_fields_t){.name = "Ana Lima", .birth_date = "1980-03-04"}),
        1);
    assert_int_equal(why, MQ_SWAPPED_BIRTH_DATE | MQ_SAME_NAME);
    assert_int_equal(
        candidates(&why, f, FRONT_DESK,
                   &(mq_patient_fields_t){.name = "Ana Lima", .birth_date = "1961-12-24"}),
        0);
}

static void the_same_national_identifier_is_enough(void **state)
{
    fixture_t *f = *state;
    int why;
    (void)ana_add(f);
    assert_int_equal(candidates(&why, f, CLINICIAN,
                                &(mq_patient_fields_t){.name = "Zoe", .national_id = "ab1234"}),
                     1);
    assert_true(why & MQ_SAME_NATIONAL_ID);
}

static void the_same_telephone_and_a_similar_name_is_a_candidate(void **state)
{
    fixture_t *f = *state;
    int why;
    (void)ana_add(f);
    assert_int_equal(
        candidates(&why, f, CLINICIAN,
                   &(mq_patient_fields_t){.name = "Lima Ana", .phone3 = "+351 912 345 678"}),
        1);
    assert_int_equal(why, MQ_SAME_PHONE | MQ_SAME_NAME | MQ_NO_BIRTH_DATE);
    assert_int_equal(
        candidates(&why, f, CLINICIAN,
                   &(mq_patient_fields_t){.name = "Rui Costa", .phone3 = "+351 912 345 678"}),
        0);
}

static void whoever_is_edited_is_no_double_of_their_own(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = ana_add(f);
    mq_patient_t ana;
    apr_array_header_t *found;
    assert_ok(mq_patient_read(&ana, fixture_as(f, CLINICIAN), &id));
    assert_ok(mq_duplicates_find(&found, fixture_as(f, CLINICIAN), &id, &ana.fields));
    assert_int_equal(found->nelts, 0);
}

static void nobody_of_another_organisation_is_a_candidate(void **state)
{
    fixture_t *f = *state;
    const mq_patient_fields_t fields = {
        .name = "Ana Lima", .birth_date = "1980-04-03", .national_id = "AB 12-34"};
    apr_array_header_t *found;
    int why;
    (void)ana_add(f);
    assert_int_equal(candidates(&why, f, STRANGER, &fields), 0);
    assert_refused(f, mq_duplicates_find(&found, fixture_as(f, AUDITOR), NULL, &fields),
                   MQ_EDENIED);
}

/* The engine of the fixture, which counts what asks about pairs and merges. */
static struct {
    const mq_store_t *inner;
    const mq_engine_t *engine;
    mq_engine_t copy;
    int asked;
} counted;

static apr_status_t counted_start(mq_rows_t *rows, apr_int64_t tenant, const mq_guest_key_t *guest,
                                  const mq_param_t *params)
{
    const char *label = mq_sql_rows[rows->row].label;
    counted.asked += strncmp(label, "patient_pair", strlen("patient_pair")) == 0 ||
                     strncmp(label, "patient_merge", strlen("patient_merge")) == 0;
    return counted.engine->start(rows, tenant, guest, params);
}

static apr_status_t counted_lend(mq_db_t **db_out, void *lender)
{
    MQ_TRY(counted.inner->lend(db_out, lender));
    counted.engine = (*db_out)->engine;
    counted.copy = *counted.engine;
    counted.copy.start = counted_start;
    (*db_out)->engine = &counted.copy;
    return APR_SUCCESS;
}

static void counted_take_back(mq_db_t *db, int broken, void *lender)
{
    db->engine = counted.engine;
    counted.inner->take_back(db, broken, lender);
}

/* @return how often pairs and merges are asked while a record's doubles are looked for */
static int asked(fixture_t *f, const mq_id_t *id, int wanted)
{
    const mq_patient_t patient = fixture_read(f, id);
    const mq_store_t *inner = f->core.store;
    mq_store_t store = *inner;
    const mq_scope_t *sc;
    apr_array_header_t *found;
    store.lend = counted_lend;
    store.take_back = counted_take_back;
    counted.inner = inner;
    counted.asked = 0;
    f->core.store = &store;
    sc = fixture_as(f, CLINICIAN);
    assert_ok(mq_duplicates_find(&found, sc, id, &patient.fields));
    mq_db_give_back(sc);
    f->core.store = inner;
    assert_int_equal(found->nelts, wanted);
    return counted.asked;
}

static void who_is_said_to_be_different_is_asked_once_for_all_candidates(void **state)
{
    fixture_t *f = *state;
    const mq_id_t id = ana_add(f);
    int of_one;
    (void)fixture_patient(f, "Ana Lima", "1980-04-03");
    of_one = asked(f, &id, 1);
    assert_true(of_one > 0);
    for (int i = 0; i < 10; i++) {
        (void)fixture_patient(f, "Ana Lima", "1980-04-03");
    }
    assert_int_equal(asked(f, &id, MQ_DUPLICATES_MOST), of_one);
}

static void who_is_known_to_be_somebody_else_takes_nobodys_place(void **state)
{
    enum { NAMESAKES = 20 };
    fixture_t *f = *state;
    const mq_id_t id = ana_add(f);
    const mq_patient_t ana = fixture_read(f, &id);
    apr_array_header_t *found;
    mq_id_t last;
    for (int i = 0; i < NAMESAKES; i++) {
        const mq_id_t other = fixture_patient(f, "Ana Lima", "1980-04-03");
        assert_ok(mq_duplicates_part(fixture_as(f, FRONT_DESK), &id, &other));
    }
    last = fixture_patient(f, "Ana Lima", "1980-04-03");
    assert_ok(mq_duplicates_find(&found, fixture_as(f, FRONT_DESK), &id, &ana.fields));
    assert_int_equal(found->nelts, 1);
    assert_memory_equal(&APR_ARRAY_IDX(found, 0, mq_duplicate_t).patient.id, &last, sizeof last);
}

static void showing_candidates_is_an_event_that_names_them(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = ana_add(f);
    apr_array_header_t *found;
    assert_ok(mq_duplicates_find(&found, fixture_as(f, CLINICIAN), NULL,
                                 &(mq_patient_fields_t){.name = "Zoe", .national_id = "ab1234"}));
    assert_ok(mq_duplicates_disclose(fixture_as(f, CLINICIAN), found));
    assert_event(f, MQ_ACTION_PATIENT_DUPLICATES, "Clara Clinician");
    assert_event_patient(f, &id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_birth_date_and_a_similar_name_is_a_candidate),
        TEST(the_same_national_identifier_is_enough),
        TEST(the_same_telephone_and_a_similar_name_is_a_candidate),
        TEST(whoever_is_edited_is_no_double_of_their_own),
        TEST(nobody_of_another_organisation_is_a_candidate),
        TEST(who_is_said_to_be_different_is_asked_once_for_all_candidates),
        TEST(who_is_known_to_be_somebody_else_takes_nobodys_place),
        TEST(showing_candidates_is_an_event_that_names_them)};
    return FIXTURE_RUN(tests);
}
