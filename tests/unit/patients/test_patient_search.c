/* test_patient_search.c -- what finds whom, from one box, and what the trail keeps of the search.
 */
#include "fixture.h"

#include <apr_strings.h>

#include "domain/patients/patient_search.h"
#include "domain/patients/similar_words.h"

static const mq_date_style_t *const day_first = NULL;

/* The names found, in their order, with commas. */
static const char *found_by(fixture_t *f, fixture_person_t person, const char *typed)
{
    mq_search_found_t found;
    const char *names = "";
    assert_ok(mq_patients_search(&found, fixture_as(f, person), typed, day_first, MQ_SEARCH_STEP));
    for (int i = 0; i < found.count; i++) {
        names = apr_pstrcat(f->pool, names, i ? "," : "", found.rows[i].name, NULL);
    }
    return names;
}

static mq_id_t registered(fixture_t *f, const mq_patient_fields_t *fields)
{
    const mq_patient_new_t in = {.fields = *fields};
    mq_id_t id;
    assert_ok(mq_patient_add(&id, fixture_as(f, CLINICIAN), &in));
    return id;
}

static void beginnings_of_words_find_in_any_order_without_accents(void **state)
{
    fixture_t *f = *state;
    (void)fixture_patient(f, "José Muñoz Lima", "1980-04-03");
    (void)fixture_patient(f, "Anna Müller", NULL);
    assert_string_equal(found_by(f, CLINICIAN, "munoz"), "José Muñoz Lima");
    assert_string_equal(found_by(f, CLINICIAN, "LIMA jos"), "José Muñoz Lima");
    assert_string_equal(found_by(f, CLINICIAN, "Mul"), "Anna Müller");
    assert_string_equal(found_by(f, CLINICIAN, "anna lima"), "");
    assert_string_equal(found_by(f, CLINICIAN, "ullxx"), "");
}

static void former_and_preferred_names_find_too(void **state)
{
    fixture_t *f = *state;
    (void)registered(f, &(mq_patient_fields_t){
                            .name = "Ana Costa", .former_name = "Lima", .preferred_name = "Nini"});
    assert_string_equal(found_by(f, CLINICIAN, "lima"), "Ana Costa");
    assert_string_equal(found_by(f, CLINICIAN, "nini costa"), "Ana Costa");
}

static void a_date_of_birth_finds_in_both_ways_of_writing_it(void **state)
{
    fixture_t *f = *state;
    (void)fixture_patient(f, "Ana Lima", "1980-04-03");
    (void)fixture_patient(f, "Ben Reed", "1980-03-04");
    assert_string_equal(found_by(f, CLINICIAN, "3.4.1980"), "Ana Lima");
    assert_string_equal(found_by(f, CLINICIAN, "1980-04-03"), "Ana Lima");
    assert_string_equal(found_by(f, CLINICIAN, "ana 03/04/1980"), "Ana Lima");
    assert_string_equal(found_by(f, CLINICIAN, "ana 03/04/80"), "Ana Lima");
    assert_string_equal(found_by(f, CLINICIAN, "ana '80"), "Ana Lima");
    assert_string_equal(found_by(f, CLINICIAN, "03041980"),
                        "Ana Lima,Ben Reed"); /* no order said */
    assert_string_equal(found_by(f, CLINICIAN, "19800403"), "Ana Lima");
}

/* An organisation that has not said how it writes dates is asked back in forms; here both are
 * found. */
static void a_date_of_two_readings_finds_both_until_the_order_is_said(void **state)
{
    fixture_t *f = *state;
    mq_search_found_t found;
    (void)fixture_patient(f, "Ana Lima", "1980-04-03");
    (void)fixture_patient(f, "Ben Reed", "1980-03-04");
    (void)fixture_patient(f, "Cleo Dix", "1980-04-23");
    assert_ok(mq_patients_search(&found, fixture_as(f, CLINICIAN), "03/04/1980", NULL, 5));
    assert_int_equal(found.count, 2);
    assert_string_equal(found.typed.birth_date, "03/04/1980");
    assert_ok(mq_patients_search(&found, fixture_as(f, CLINICIAN), "04/23/1980", NULL, 5));
    assert_int_equal(found.count, 1);
    assert_string_equal(found.typed.birth_date, "1980-04-23");
    assert_ok(mq_patients_search(&found, fixture_as(f, CLINICIAN), "03.04.1980", NULL, 5));
    assert_int_equal(found.count, 1);
}

static void a_short_year_finds_in_both_orders_of_both_centuries(void **state)
{
    static const char *const born[] = {"1921-04-03", "1921-03-04", "2021-04-03", "2021-03-04"};
    fixture_t *f = *state;
    mq_search_found_t found;
    for (size_t i = 0; i < sizeof born / sizeof *born; i++) {
        (void)fixture_patient(f, "Ann Stevenson", born[i]);
    }
    (void)fixture_patient(f, "Ann Stevenson", "1921-04-04");
    assert_ok(mq_patients_search(&found, fixture_as(f, CLINICIAN), "stevenson 04/03/21", NULL, 9));
    assert_int_equal(found.count, 4);
    assert_true(found.typed.has_two_orders);
    assert_ok(mq_patients_search(&found, fixture_as(f, CLINICIAN), "04/03/21", NULL, 9));
    assert_int_equal(found.count, 4);
    assert_ok(mq_patients_search(&found, fixture_as(f, CLINICIAN), "stevenson 040321", NULL, 9));
    assert_int_equal(found.count, 4);
    assert_ok(mq_patients_search(&found, fixture_as(f, CLINICIAN), "04/03/21",
                                 &(mq_date_style_t){MQ_DATE_DMY_SLASHES, NULL}, 9));
    assert_int_equal(found.count, 2);
    assert_false(found.typed.has_two_orders);
}

static void what_means_nothing_finds_nobody(void **state)
{
    static const char *const typed[] = {"000", "0/0/00",   "0000000",      "%",     "~", "#", "@",
                                        "- /", "lima 000", "ana lima 000", "(0) 00"};
    fixture_t *f = *state;
    (void)registered(f, &(mq_patient_fields_t){.name = "Ana Lima", .phone1 = "0161 496 0123"});
    (void)registered(f, &(mq_patient_fields_t){.name = "Analima", .phone1 = "0161 496 0124"});
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        print_message("%s\n", typed[i]);
        assert_string_equal(found_by(f, CLINICIAN, typed[i]), "");
    }
}

static void a_name_is_found_as_it_is_spelt_elsewhere(void **state)
{
    static const char *const cases[][2] = {{"Juergen Mueller", "Jürgen Müller"},
                                           {"Søren Kjær", "soeren kjaer"},
                                           {"Greta McDonald", "mc donald"},
                                           {"Iris Desouza", "de souza iris"},
                                           {"Noor Delafontaine", "de la fontaine"},
                                           {"Jan van den Berg", "vandenberg"},
                                           {"Piet Van Den Bosch", "piet vandenbosch"},
                                           {"Kees van der Wal", "vanderwal"},
                                           {"Ann St. Clair", "saint clair"},
                                           {"Bob St Pierre", "saintpierre"},
                                           {"Cat Saint Denis", "st denis"},
                                           {"Dan Saint-Ives", "stives"},
                                           {"Eve Saintmarie", "st marie"},
                                           {"Flo McGregor", "mac gregor"},
                                           {"Gil MacIntyre", "mc intyre"},
                                           {"Hal Mac Arthur", "mcarthur"},
                                           {"Ian McKenzie", "mackenzie"},
                                           {"Jo Mc Millan", "macmillan"},
                                           {"Ana De La Cruz", "delacruz"},
                                           {"Ben Delavega", "de la vega"},
                                           {"Cy De La Rosa", "dela rosa"},
                                           {"Di de la Torre", "di delatorre"},
                                           {"Ed O'Brien-Smythe", "obriensmythe"},
                                           {"حسن", "الحسن"},
                                           {"الرحمن", "رحمن"}};
    fixture_t *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)fixture_patient(f, cases[i][0], NULL);
        print_message("%s\n", cases[i][1]);
        assert_string_equal(found_by(f, CLINICIAN, cases[i][1]), cases[i][0]);
    }
}

static void fillers_are_left_out_where_nobody_is_called_so(void **state)
{
    static const char *const cases[][2] = {{"Mr Stevenson", "Drake Stevenson,Jo Stevenson"},
                                           {"Dr Stevenson", "Drake Stevenson,Jo Stevenson"},
                                           {"Stevenson born 1961", "Jo Stevenson"},
                                           {"mme stevenson nee le 4.3.1961", "Jo Stevenson"},
                                           {"M. Stevenson", "Drake Stevenson,Jo Stevenson"},
                                           {"M. Born", "Max Born,Max Bornemann"},
                                           {"Max Born", "Max Born,Max Bornemann"},
                                           {"Max Born 1961", "Max Born"},
                                           {"born 1961", "Max Born"}, /* and no other of 1961 */
                                           {"born 1962", "Max Bornemann"},
                                           {"Born", "Max Born,Max Bornemann,Ida Bornstein"},
                                           {"Born Stein", "Ida Bornstein"},
                                           {"السيد محمد", "محمد علي"},
                                           {"السيد علي", "السيد علي"},
                                           {"Mr Mc Donald", "Greta McDonald"},
                                           {"Mrs Stevenson born 1977", ""}};
    fixture_t *f = *state;
    (void)fixture_patient(f, "Jo Stevenson", "1961-03-04");
    (void)fixture_patient(f, "Drake Stevenson", "1950");
    (void)fixture_patient(f, "Max Born", "1961");
    (void)fixture_patient(f, "Max Bornemann", "1962");
    (void)fixture_patient(f, "Ida Bornstein", NULL);
    (void)fixture_patient(f, "محمد علي", NULL);
    (void)fixture_patient(f, "السيد علي", NULL);
    (void)fixture_patient(f, "Greta McDonald", NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("%s\n", cases[i][0]);
        assert_string_equal(found_by(f, CLINICIAN, cases[i][0]), cases[i][1]);
    }
}

static const char *like(fixture_t *f, const char *typed)
{
    mq_search_found_t found;
    assert_ok(mq_patients_search(&found, fixture_as(f, CLINICIAN), typed, day_first, 5));
    return found.count && found.is_similar ? found.rows[0].name : "";
}

static void where_nobody_is_found_the_first_letter_may_be_wrong_too(void **state)
{
    static const char *const cases[][2] = {{"Catherine Bianchi", "katherine"},
                                           {"Catherine Bianchi", "ianchi"},
                                           {"Catherine Bianchi", "nianchi"},
                                           {"Catherine Bianchi", "cbianchi"},
                                           {"Catherine Bianchi", "ibanchi"},
                                           {"Catherine Bianchi", "anch"},
                                           {"Geoffrey Yusuf", "jeffrey"},
                                           {"Geoffrey Yusuf", "jusuf"},
                                           {"Philippa Hannah", "filippa"},
                                           {"Philippa Hannah", "annah"},
                                           {"Mohammed Hussain", "mohamed hussein"},
                                           /* one letter of another script */
                                           {"محمد الخطيب", "محمود"},
                                           {"محمد الخطيب", "الخطيت"},
                                           {"سليمان يوسف", "شليمان"},
                                           {"سليمان يوسف", "ليمان"},
                                           {"Παπαδοπούλου Ελένη", "παπαδοπουλος"},
                                           {"Παπαδοπούλου Ελένη", "ταπαδοπουλου"},
                                           {"Наталья Кузнецова", "кузнецава"},
                                           {"Наталья Кузнецова", "нотаиья"},
                                           {"Наталья Кузнецова", "гузнецова"},
                                           {"שושנה כהן", "שושמה"},
                                           {"김철수", "김철주"},
                                           {"김철수", "깁철수"},
                                           {"박지훈", "팍지훈"}};
    fixture_t *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)fixture_patient(f, cases[i][0], NULL);
        print_message("%s\n", cases[i][1]);
        assert_string_equal(like(f, cases[i][1]), cases[i][0]);
    }
    assert_string_equal(like(f, "qqqq"), "");
    assert_string_equal(like(f, "김영호"), ""); /* another name */
    assert_string_equal(like(f, "عمر"), "");
    (void)fixture_patient(f, "李小龙", NULL);
    assert_string_equal(like(f, "李小虎"), "");
    assert_string_equal(like(f, "李小龍王"), "");
}

static void a_family_name_is_said_first_wherever_a_form_has_put_it(void **state)
{
    static const char *const cases[][3] = {{"小龙 李", "李小龙", "李小虎"},
                                           {"철수 김", "김철수", "이영호"},
                                           {"さくら 山田", "山田さくら", "田山さくら"},
                                           {"娜 欧阳", "欧阳娜", "欧娜"}};
    fixture_t *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)fixture_patient(f, cases[i][0], NULL);
        print_message("%s\n", cases[i][1]);
        assert_string_equal(found_by(f, CLINICIAN, cases[i][1]), cases[i][0]);
        assert_string_equal(found_by(f, CLINICIAN, cases[i][0]), cases[i][0]);
        assert_string_equal(found_by(f, CLINICIAN, cases[i][2]), "");
    }
    assert_string_equal(found_by(f, CLINICIAN, "李小"), "小龙 李"); /* as far as it is typed */
}

static void numbers_are_found_with_what_people_say_before_them(void **state)
{
    static const char *const said[] = {"NHS 943 476 5919", "NHS no: 943-476-5919",
                                       "SSN 9434765919"};
    fixture_t *f = *state;
    mq_id_t id =
        registered(f, &(mq_patient_fields_t){.name = "Ana", .national_id = "943 476 5919"});
    mq_patient_t patient;
    assert_ok(mq_patient_read(&patient, fixture_as(f, CLINICIAN), &id));
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        assert_string_equal(found_by(f, CLINICIAN, said[i]), "Ana");
    }
    static const char *const labels[] = {"#", "No. ", "Nr ", "MRN: ", "Patient ", "record number "};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        assert_string_equal(
            found_by(f, CLINICIAN, apr_pstrcat(f->pool, labels[i], patient.mrn, NULL)), "Ana");
    }
}

static void the_last_digits_of_a_telephone_number_find(void **state)
{
    fixture_t *f = *state;
    (void)registered(f, &(mq_patient_fields_t){.name = "Ana Lima", .phone2 = "+351 912 345 678"});
    assert_string_equal(found_by(f, CLINICIAN, "912345678"), "Ana Lima");
    assert_string_equal(found_by(f, CLINICIAN, "345678"), "Ana Lima");
    assert_string_equal(found_by(f, CLINICIAN, "345679"), "");
}

static void a_record_number_finds_its_record_in_small_letters_too(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    const char *mrn = fixture_read(f, &id).mrn;
    char *small = apr_pstrdup(f->pool, mrn);
    (void)fixture_patient(f, "Ben Reed", NULL);
    small[0] = 'p';
    assert_string_equal(found_by(f, CLINICIAN, mrn), "Ana Lima");
    assert_string_equal(found_by(f, CLINICIAN, small), "Ana Lima");
}

static void a_changed_name_is_found_by_the_new_one_only(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    const mq_patient_new_t in = {.fields = {.name = "Ana Costa"}};
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), &id, 1, &in));
    assert_string_equal(found_by(f, CLINICIAN, "costa"), "Ana Costa");
    assert_string_equal(found_by(f, CLINICIAN, "lima"), "");
}

static void the_archived_are_found_and_marked(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    mq_search_found_t found;
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &id, 1, NULL));
    assert_ok(mq_patients_search(&found, fixture_as(f, FRONT_DESK), "lima", day_first, 5));
    assert_int_equal(found.count, 1);
    assert_true(found.rows[0].is_archived);
}

static void nobody_of_another_organisation_is_found(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", "1980-04-03");
    const char *mrn = fixture_read(f, &id).mrn;
    assert_string_equal(found_by(f, STRANGER, "lima"), "");
    assert_string_equal(found_by(f, STRANGER, "1980-04-03"), "");
    assert_string_equal(found_by(f, STRANGER, mrn), "");
}

static void the_trail_has_a_digest_and_never_what_was_typed(void **state)
{
    fixture_t *f = *state;
    const char *first;
    mq_id_t id = fixture_patient(f, "Ana Lima", NULL);
    (void)found_by(f, CLINICIAN, "Lima");
    assert_event(f, MQ_ACTION_PATIENTS_SEARCH, "Clara Clinician");
    assert_event_patient(f, &id);
    first = fixture_event(f).reason;
    assert_null(strstr(first, "ima"));
    (void)found_by(f, COLLEAGUE, "lima");
    assert_string_equal(fixture_event(f).reason, first);
    (void)found_by(f, COLLEAGUE, "limb");
    assert_string_not_equal(fixture_event(f).reason, first);
}

static void administrators_do_not_search(void **state)
{
    fixture_t *f = *state;
    mq_search_found_t found;
    assert_refused(f, mq_patients_search(&found, fixture_as(f, ADMIN), "lima", day_first, 5),
                   MQ_EDENIED);
}

static void more_than_was_asked_for_is_said(void **state)
{
    fixture_t *f = *state;
    mq_search_found_t found;
    for (int i = 0; i < 3; i++) {
        (void)fixture_patient(f, "Ana Lima", NULL);
    }
    assert_ok(mq_patients_search(&found, fixture_as(f, CLINICIAN), "lima", day_first, 2));
    assert_int_equal(found.count, 2);
    assert_true(found.has_more);
    assert_ok(mq_patients_search(&found, fixture_as(f, CLINICIAN), "lima", day_first, 4));
    assert_int_equal(found.count, 3);
    assert_false(found.has_more);
}

static void what_was_typed_is_carried_over_to_a_new_record(void **state)
{
    fixture_t *f = *state;
    mq_search_found_t found;
    assert_ok(
        mq_patients_search(&found, fixture_as(f, CLINICIAN), "Ana Lima 3.4.1980", day_first, 5));
    assert_int_equal(found.count, 0);
    assert_string_equal(found.typed.name, "Ana Lima");
    assert_string_equal(found.typed.birth_date, "1980-04-03");
}

static void what_one_opened_last_comes_first_and_is_ones_own(void **state)
{
    fixture_t *f = *state;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t ben = fixture_patient(f, "Ben Reed", NULL);
    mq_search_found_t found;
    mq_patient_t patient;
    assert_ok(mq_patient_view(&patient, fixture_as(f, CLINICIAN), &ben));
    fixture_wait(f, 60);
    assert_ok(mq_patient_view(&patient, fixture_as(f, CLINICIAN), &ana));
    assert_ok(mq_patients_recent(&found, fixture_as(f, CLINICIAN), 5, 0));
    assert_int_equal(found.count, 2);
    assert_string_equal(found.rows[0].name, "Ana Lima");
    assert_ok(mq_patients_recent(&found, fixture_as(f, COLLEAGUE), 5, 0));
    assert_int_equal(found.count, 0);
}

static void a_number_that_nobody_has_finds_nobody(void **state)
{
    fixture_t *f = *state;
    (void)registered(f, &(mq_patient_fields_t){.name = "Ana Lima", .phone1 = "0161 496 0123"});
    assert_string_equal(found_by(f, CLINICIAN, "0161 496 0123"), "Ana Lima");
    assert_string_equal(found_by(f, CLINICIAN, "0161 496 0999"), "");
    assert_string_equal(found_by(f, CLINICIAN, "0161 777 8888"), "");
    assert_string_equal(found_by(f, CLINICIAN, "lima 0161 496 0999"), "");
    (void)registered(f, &(mq_patient_fields_t){.name = "Greta McDonald", .phone1 = "0161 4960124"});
    assert_string_equal(found_by(f, CLINICIAN, "mc donald 0161 496 0124"), "Greta McDonald");
    assert_string_equal(found_by(f, CLINICIAN, "mc donald 0161 496 0999"), "");
}

/* Each word of the index is looked at once, however many people have it. */
static void each_word_is_read_once_on_the_way_to_one_that_is_like(void **state)
{
    static const int people[] = {1, 1, 1, 12, 1, 2, 1, 1, 1, 1, 1, 9, 3, 1, 30, 1, 1, 1, 1, 1, 1};
    enum { WORDS = sizeof people / sizeof *people };
    fixture_t *f = *state;
    apr_array_header_t *words;
    for (int i = 0; i < WORDS; i++) {
        for (int n = 0; n < people[i]; n++) {
            (void)fixture_patient(f, apr_psprintf(f->pool, "K%cb Otis", 'a' + i), NULL);
        }
    }
    (void)fixture_patient(f, "Kzaverij Otis", NULL);
    for (int steps = 1; steps < WORDS + 4; steps++) {
        int left = steps;
        assert_ok(mq_similar_words(&words, &left, fixture_as(f, CLINICIAN), "kzaveril", f->pool));
        assert_int_equal(words->nelts, steps > WORDS);
        assert_true(words->nelts == 0 || left == steps - WORDS - 2); /* and that none comes after */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(beginnings_of_words_find_in_any_order_without_accents),
        TEST(former_and_preferred_names_find_too),
        TEST(a_date_of_birth_finds_in_both_ways_of_writing_it),
        TEST(a_date_of_two_readings_finds_both_until_the_order_is_said),
        TEST(a_short_year_finds_in_both_orders_of_both_centuries),
        TEST(what_means_nothing_finds_nobody),
        TEST(a_name_is_found_as_it_is_spelt_elsewhere),
        TEST(fillers_are_left_out_where_nobody_is_called_so),
        TEST(where_nobody_is_found_the_first_letter_may_be_wrong_too),
        TEST(each_word_is_read_once_on_the_way_to_one_that_is_like),
        TEST(a_family_name_is_said_first_wherever_a_form_has_put_it),
        TEST(numbers_are_found_with_what_people_say_before_them),
        TEST(the_last_digits_of_a_telephone_number_find),
        TEST(a_number_that_nobody_has_finds_nobody),
        TEST(a_record_number_finds_its_record_in_small_letters_too),
        TEST(a_changed_name_is_found_by_the_new_one_only),
        TEST(the_archived_are_found_and_marked),
        TEST(nobody_of_another_organisation_is_found),
        TEST(the_trail_has_a_digest_and_never_what_was_typed),
        TEST(administrators_do_not_search),
        TEST(more_than_was_asked_for_is_said),
        TEST(what_was_typed_is_carried_over_to_a_new_record),
        TEST(what_one_opened_last_comes_first_and_is_ones_own)};
    return FIXTURE_RUN(tests);
}
