/* test_import_names.c -- the columns of names, however many and whatever they are called: no word
 * of a name is lost unless the page says that its column is left out, and the parts are in the
 * order of a name. */
#include "fixture.h"

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "base/text.h"
#include "domain/imports/patient_import.h"
#include "domain/imports/patient_import_columns.h"
#include "domain/imports/patient_import_guess.h"
#include "domain/imports/patient_import_values.h"
#include "domain/imports/patient_import_words.h"

enum { COLUMNS_MOST = 8, ROWS = 6 };

static const char *key_of(fixture_t *f, const char *text)
{
    return mq_text_search_key(f->core.folding, text, f->pool);
}

/* A file that has been handed in, with its columns as the page proposes them. */
static mq_import_t handed_in(fixture_t *f, const char *text)
{
    char *name = apr_pstrcat(f->pool, f->database, "-upload-XXXXXX", NULL);
    const mq_scope_t *sc;
    const char *fault = NULL;
    apr_file_t *file;
    mq_import_t import;
    mq_id_t id;
    int line;
    assert_ok(apr_file_mktemp(&file, name, 0, f->pool));
    assert_ok(apr_file_write_full(file, text, strlen(text), NULL));
    if (mq_import_stage(&id, fixture_as(f, ADMIN), "people.csv", file, &fault, &line)) {
        fail_msg("%s: %s", text, fault ? fault : "?");
    }
    (void)apr_file_close(file);
    sc = fixture_as(f, ADMIN);
    assert_ok(mq_import_read(&import, sc, &id));
    assert_ok(mq_import_guess(import.mapping, sc, &import));
    mq_db_give_back(sc);
    return import;
}

static mq_import_values_t row_read(fixture_t *f, const mq_import_t *import,
                                   const char *const *cells, int count)
{
    mq_import_values_t values;
    mq_import_values_read(&values, fixture_as(f, ADMIN), import,
                          apr_pstrdup(f->pool, mq_import_cells_join(cells, count, f->pool)),
                          f->pool);
    return values;
}

static int cells_split(const char **cells_out, const char *text, apr_pool_t *pool)
{
    char *rest = apr_pstrdup(pool, text);
    int count = 0;
    for (char *end; count < COLUMNS_MOST; rest = end + 1) {
        cells_out[count++] = rest;
        end = strchr(rest, ';');
        if (!end) {
            break;
        }
        *end = 0;
    }
    return count;
}

static void each_word_of_the_table_is_what_it_is_compared_with(fixture_t *f, const char *words)
{
    char *state;
    for (char *word = apr_strtok(apr_pstrdup(f->pool, words), "|", &state); word;
         word = apr_strtok(NULL, "|", &state)) {
        char *plain = apr_collapse_spaces(apr_pstrdup(f->pool, word), word + strspn(word, "?"));
        const char *key = key_of(f, word);
        (void)plain;
        if (strcmp(apr_collapse_spaces(apr_pstrdup(f->pool, key), key), plain) != 0) {
            fail_msg("\"%s\" is never found: its key is \"%s\"", word, key);
        }
    }
}

static void no_word_of_the_table_is_in_vain(void **state)
{
    fixture_t *f = *state;
    for (const mq_import_words_t *row = mq_import_words; row->words; row++) {
        each_word_of_the_table_is_what_it_is_compared_with(f, row->words);
    }
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (mq_patient_field_table[i].words) {
            each_word_of_the_table_is_what_it_is_compared_with(f, mq_patient_field_table[i].words);
        }
    }
}

static void said(const char *what, const char *is, const char *wanted, const char *header)
{
    if (strcmp(is ? is : "", wanted) != 0) {
        fail_msg("%s: %s is \"%s\" and not \"%s\"", header, what, is ? is : "", wanted);
    }
}

static void parts_are_put_together_in_the_order_of_a_name(void **state)
{
    static const struct {
        const char *header;
        const char *row;
        const char *name;
        const char *given;
        const char *family;
    } cases[] = {
        {"Voornaam;Tussenvoegsel;Naam", "Jan;van den;Berg", "Jan van den Berg", "Jan",
         "van den Berg"},
        {"Naam;Tussenvoegsel;Voornaam", "Berg;van den;Jan", "Jan van den Berg", "Jan",
         "van den Berg"},
        {"Naam;Tussenvoegsel;Voornaam", "Groot Wassink;;Jan", "Jan Groot Wassink", "Jan",
         "Groot Wassink"},
        {"Naam;Tussenvoegsel;Voorletters", "Berg;van den;J.", "J. van den Berg", "J.",
         "van den Berg"},
        {"Naam;Tussenvoegsel", "Jan van den Berg;van den", "Jan van den Berg", "", ""},
        {"Roepnaam;Voornamen;Tussenvoegsel;Achternaam", "Jan;Johannes Maria;De;Vries",
         "Johannes Maria De Vries", "Johannes Maria", "De Vries"},
        {"Roepnaam;Achternaam", "Jan;Berg", "Jan Berg", "Jan", "Berg"},
        {"Nombre;Apellido1;Apellido2",
         "ana;garc\xc3\xad"
         "a;l\xc3\xb3pez",
         "ana garc\xc3\xad"
         "a l\xc3\xb3pez",
         "ana",
         "garc\xc3\xad"
         "a l\xc3\xb3pez"},
        {"Apellido2;Apellido1;Nombre",
         "L\xc3\xb3pez;Garc\xc3\xad"
         "a;Ana",
         "Ana Garc\xc3\xad"
         "a L\xc3\xb3pez",
         "Ana",
         "Garc\xc3\xad"
         "a L\xc3\xb3pez"},
        {"Name;Middle Name", "Suharto;", "Suharto", "", ""},
        {"Name;Middle Name", "Madonna;Louise", "Madonna Louise", "Madonna Louise", ""},
        {"Name;Vorname", "Suharto;", "Suharto", "", ""},
        {"Name;Vorname", "Suharto;Suharto", "Suharto", "Suharto", ""},
        {"Name;Vorname", "El Idrissi;Jo", "Jo El Idrissi", "Jo", "El Idrissi"},
        {"Name;First Name", "\"Smith, John\";John", "Smith, John", "John", ""},
        {"Name;Initials", "John Smith;JS", "John Smith", "", ""},
        {"Naam;Voorletters", "Berg;J.P.", "J.P. Berg", "J.P.", "Berg"},
        {"Name;Initials", "SMITH^JOHN;JS", "JOHN SMITH", "JOHN", "SMITH"},
        {"Name;First;Last", "Jan;Jan;Berg", "Jan Berg", "Jan", "Berg"},
        {"Name;First;Last", "Berg;Jan;Berg", "Jan Berg", "Jan", "Berg"},
        {"Name;First;Last", "Jan P. Berg;Jan;Berg", "Jan P. Berg", "Jan", "Berg"},
        {"Name;Surname", "John;Smith", "John Smith", "John", "Smith"},
        {"Names;Surname", "John Paul;Smith", "John Paul Smith", "John Paul", "Smith"},
        {"Surname;Names", "Smith;John Paul", "John Paul Smith", "John Paul", "Smith"},
        {"Name;Surname", "John Smith;Smith", "John Smith", "", "Smith"},
        {"Name;Middle Name;Surname", "John;Quincy;Adams", "John Quincy Adams", "John Quincy",
         "Adams"},
        {"Surname;Middle Name;First Name", "Adams;Quincy;John", "John Quincy Adams", "John Quincy",
         "Adams"},
        {"Name;Apellido2;Vorname",
         "Garc\xc3\xad"
         "a;L\xc3\xb3pez;Ana",
         "Ana Garc\xc3\xad"
         "a L\xc3\xb3pez",
         "Ana",
         "Garc\xc3\xad"
         "a L\xc3\xb3pez"},
        {"Nom", "Jean Dupont", "Jean Dupont", "", ""},
        {"Nom;Pr\xc3\xa9nom", "Jean Dupont;", "Jean Dupont", "", ""},
        {"Nombre", "Ana", "Ana", "Ana", ""},
        {"Full name;First;Last", "Ada Love;Ada;Love", "Ada Love", "Ada", "Love"},
        {"Full name;First name", "Suharto;Harto", "Suharto", "Harto", ""},
        {"Nom de naissance;Pr\xc3\xa9noms", "Dupont;Jeanne Marie", "Jeanne Marie Dupont",
         "Jeanne Marie", "Dupont"},
        {"Nom de naissance;Nom d'usage;Pr\xc3\xa9nom", "Dupont;;Jeanne", "Jeanne Dupont", "Jeanne",
         "Dupont"},
        {"Nom de naissance;Nom d'usage;Pr\xc3\xa9nom", "Dupont;Martin;Jeanne", "Jeanne Martin",
         "Jeanne", "Martin"},
        {"Pr\xc3\xa9nom usuel;Nom", "Jean;Dupont", "Jean Dupont", "Jean", "Dupont"},
        {"Fornavn;Mellomnavn;Etternavn", "Ola;Berg;Hansen", "Ola Berg Hansen", "Ola Berg",
         "Hansen"},
        {"Efternavn;Navn", "Hansen;Ole", "Ole Hansen", "Ole", "Hansen"},
        {"Tilltalsnamn;F\xc3\xb6rnamn;Efternamn", "Erik;Lars Erik;Ek", "Lars Erik Ek", "Lars Erik",
         "Ek"},
        {"Soyad\xc4\xb1;Ad\xc4\xb1", "Kaya;Ece", "Ece Kaya", "Ece", "Kaya"},
        {"Nazwisko;Imi\xc4\x99;Drugie imi\xc4\x99", "Lis;Ewa;Maria", "Ewa Maria Lis", "Ewa Maria",
         "Lis"},
        {"Cognome;Nome", "Rossi;Ada", "Ada Rossi", "Ada", "Rossi"},
        {"Vorsatzwort;Nachname;Vorname", "von der;Leyen;Eva", "Eva von der Leyen", "Eva",
         "von der Leyen"},
        {"\xd8\xa7\xd8\xb3\xd9\x85 \xd8\xa7\xd9\x84\xd8\xb9\xd8\xa7\xd8\xa6\xd9\x84\xd8\xa9;"
         "\xd8\xa7\xd9\x84\xd8\xa7\xd8\xb3\xd9\x85",
         "Saleh;Ali", "Ali Saleh", "Ali", "Saleh"},
        {"Last name;First name", "'O''Neil';'Rose' and 'Dew'", "'Rose' and 'Dew' O'Neil",
         "'Rose' and 'Dew'", "O'Neil"},
        {"Last name;First name", "';'D''Arcy'", "D'Arcy", "D'Arcy", ""},
        {"First;Middle;Last;Suffix", "John;Quincy;Adams;Jr.", "John Quincy Adams Jr.",
         "John Quincy", "Adams Jr."},
        {"Suffix;Last;First", "III;Adams;John", "John Adams III", "John", "Adams III"},
        {"Suffix;Last;First", "MD;Adams;John", "John Adams MD", "John", "Adams"},
        {"Last;First;Suffix", "Adams Jr;John;Jr", "John Adams Jr", "John", "Adams Jr"},
        {"Last name;First name", "Smith Sr;John", "John Smith Sr", "John", "Smith Sr"},
        {"Name;Suffix", "John Smith;Jr", "John Smith Jr", "", ""},
        {"Name;Suffix", "\"Smith Jr, John\";Jr.", "Smith Jr, John", "", ""},
        {"Last;First;Suffix", "Lee Jr.;Cy;Jr", "Cy Lee Jr.", "Cy", "Lee Jr."},
        {"Last;First;Suffix", "Lee;Cy;Jr., MD", "Cy Lee Jr., MD", "Cy", "Lee Jr."},
        {"Last;First;Suffix", "Iv;Ho;IV", "Ho Iv IV", "Ho", "Iv IV"},
        {"Last;First;Suffix", "Junior;Ann;", "Ann Junior", "Ann", "Junior"},
        {"Last;First;Suffix", "Major;Ann;2nd", "Ann Major 2nd", "Ann", "Major"},
        {"Full name;First;Last;Suffix", "Ada Love;Ada;Love;II", "Ada Love II", "Ada", "Love II"},
        {"Full name;First;Last;Suffix", "Ada Love II;Ada;Love;II", "Ada Love II", "Ada", "Love II"},
        {"First;Last;Suffix", "John;;Jr", "John Jr", "John", ""},
        {"Name 1;Name 2", "Berg;Jan", "Berg Jan", "", ""},
        {"Name 1;Name 2", ";Jan", "Jan", "", ""},
        {"Name 1;Name 2;Vorname", "Berg;Maier;Jan", "Jan Berg Maier", "Jan", "Berg Maier"},
        {"Name 2;Name 1;Nachname", "Paul;Jan;Berg", "Jan Paul Berg", "Jan Paul", "Berg"},
        {"Vorname;Nachname;Name 2", "Jan;Berg;III", "Jan Berg III", "Jan", "Berg III"},
        {"Patient name", "SMITH^MARY^A", "MARY A SMITH", "MARY A", "SMITH"},
        {"Surname", "SMITH^MARY", "MARY SMITH", "MARY", "SMITH"},
        {"Name", "SMITH^JOHN^^JR^DR^MD^L", "DR JOHN SMITH JR MD", "JOHN", "SMITH JR"},
        {"Name", "SMITH^JOHN^PAUL^DR^III", "DR JOHN PAUL SMITH III", "JOHN PAUL", "SMITH III"},
        {"Name", "SMITH^^^MD", "SMITH MD", "", "SMITH"},
        {"Name", "SMITH^JOHN^^2nd", "JOHN SMITH 2nd", "JOHN", "SMITH"},
        {"Name", "SMITH^JOHN^^^Rev.", "Rev. JOHN SMITH", "JOHN", "SMITH"},
        {"Name", "IM^DEREN^ALLYSON^MS.", "MS. DEREN ALLYSON IM", "DEREN ALLYSON", "IM"},
        {"Name", "smith^mary^anne", "mary anne smith", "mary anne", "smith"},
        {"Name", "Yamada^Taro=Y^T", "Yamada^Taro=Y^T", "", ""},
        {"Last;First", "SMITH^JR;John", "John SMITH^JR", "John", "SMITH^JR"},
        {"Name", "^MARY^^^^^", "MARY", "MARY", ""},
        {"Name;First name", "SMITH^MARY^ANN;MARY", "MARY ANN SMITH", "MARY", "SMITH"},
        {"Name", "SMITH^MARY~JONES^MARY", "SMITH^MARY~JONES^MARY", "", ""},
        {"Name", "SMITH&VAN&DER^MARY", "SMITH&VAN&DER^MARY", "", ""},
        {"Name", "SMITH^MARY^A^^^^L^A^X", "SMITH^MARY^A^^^^L^A^X", "", ""},
        {"Nom", "Dupont H^elene", "Dupont H^elene", "", ""}};
    fixture_t *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *file =
            apr_pstrcat(f->pool, cases[i].header, ";MRN\n", cases[i].row, ";1\n", NULL);
        const mq_import_t import = handed_in(f, file);
        const char *cells[COLUMNS_MOST];
        char *plain = apr_pstrdup(f->pool, cases[i].row);
        mq_import_values_t values;
        for (char *s = plain; *s; s++) {
            *s = *s == '"' ? ' ' : *s;
        }
        values = row_read(f, &import, cells, cells_split(cells, plain, f->pool));
        said("the name", values.fields.name, cases[i].name, file);
        said("the given name", values.fields.given_name, cases[i].given, file);
        said("the family name", values.fields.family_name, cases[i].family, file);
    }
}

/* Nobody's name is shortened to initials because somebody else's is. */
static void initials_are_for_those_who_have_nothing_else(void **state)
{
    static const char *const rows[][4] = {{"Jan", "J.P.", "van", "Dijk"}, {"", "A.", "", "Bos"}};
    fixture_t *f = *state;
    const mq_import_t import = handed_in(
        f, "Roepnaam;Voorletters;Tussenvoegsel;Achternaam;MRN\nJan;J.P.;van;Dijk;1\n;A.;;Bos;2\n");
    mq_import_values_t values = row_read(f, &import, rows[0], 4);
    assert_string_equal(values.fields.name, "Jan van Dijk");
    assert_string_equal(values.fields.given_name, "Jan");
    values = row_read(f, &import, rows[1], 4);
    assert_string_equal(values.fields.name, "A. Bos");
    assert_string_equal(values.fields.given_name, "A.");
    assert_string_equal(values.fields.family_name, "Bos");
}

/* A patient is not called Jr because the rest of the row is empty. */
static void a_suffix_alone_is_no_name(void **state)
{
    static const char *const row[] = {"", "", "Jr"};
    fixture_t *f = *state;
    const mq_import_t import = handed_in(f, "First;Last;Suffix;MRN\nAda;Love;;1\n");
    const mq_import_values_t values = row_read(f, &import, row, 3);
    assert_null(values.fields.name);
    assert_int_equal(values.rules[mq_import_field_of(MQ_PATIENT_FIELD_NAME)], MQ_FAULT_MISSING);
}

/* A name's cell of some shape, made of words that stand nowhere else. "" where it is empty. */
static const char *cell_make(int shape, int row, int column, int columns, apr_pool_t *pool)
{
    static const char *const forms[] = {"Ka%c%c",
                                        "Ka%c%c Lo%c%c",
                                        "ka%c%c",
                                        "Ka%c%c",
                                        "Ka%c%c",
                                        "O'Ka%c%c",
                                        "'Ka%c%c' \xc3\xa9 'Lo%c%c'",
                                        "Ka%c%c, Lo%c%c",
                                        "Ka%c%c310",
                                        "van ka%c%c",
                                        "'Ka%c%c'",
                                        "\xd9\x85%c%c \xd9\x85\xd9\x85%c%c"};
    const char c = (char)('a' + column);
    const char r = (char)('a' + row);
    if ((shape == 3 && row % columns == column) || (shape == 4 && row % columns != column)) {
        return "";
    }
    return shape < (int)(sizeof forms / sizeof *forms)
               ? apr_psprintf(pool, forms[shape], c, r, c, r)
               : NULL;
}

/* Each word of a cell is in the record. */
static void words_are_there(fixture_t *f, const char *header, const char *cell, const char *where)
{
    const char *key = apr_pstrcat(f->pool, " ", key_of(f, where), " ", NULL);
    char *state;
    for (char *word = apr_strtok(apr_pstrdup(f->pool, key_of(f, cell)), " ", &state); word;
         word = apr_strtok(NULL, " ", &state)) {
        if (!strstr(key, apr_pstrcat(f->pool, " ", word, " ", NULL))) {
            fail_msg("%s: \"%s\" of \"%s\" is lost, there is:%s", header, word, cell, key);
        }
    }
}

static const char *text_of(const char *text)
{
    return text ? text : "";
}

static void row_is_there(fixture_t *f, const char *header, const mq_import_t *import,
                         const char *const *cells, int count)
{
    const mq_import_values_t values = row_read(f, import, cells, count);
    const mq_patient_fields_t *fields = &values.fields;
    const char *all =
        apr_pstrcat(f->pool, text_of(fields->name), " ", text_of(fields->given_name), " ",
                    text_of(fields->family_name), " ", text_of(fields->former_name), " ",
                    text_of(fields->preferred_name), NULL);
    int has_whole = 0;
    for (int i = 0; i < count; i++) {
        has_whole |= import->mapping[i] == mq_import_field_of(MQ_PATIENT_FIELD_NAME);
    }
    for (int i = 0; i < count; i++) {
        const int field = mq_import_record_field(import->mapping[i]);
        const int is_half =
            field == MQ_PATIENT_FIELD_GIVEN_NAME || field == MQ_PATIENT_FIELD_FAMILY_NAME;
        if (import->mapping[i] != MQ_IMPORT_IGNORE && import->mapping[i] != MQ_IMPORT_MRN &&
            (import->mapping[i] != MQ_IMPORT_INITIALS || !fields->given_name)) {
            words_are_there(f, header, cells[i],
                            !has_whole && is_half ? text_of(fields->name) : all);
        }
    }
}

static void columns_lose_nothing(fixture_t *f, const char *header, int left_out, int shape)
{
    const char *names[COLUMNS_MOST];
    const char *rows[ROWS][COLUMNS_MOST];
    const char *file = apr_pstrcat(f->pool, "MRN;", header, "\n", NULL);
    const int count = cells_split(names, file, f->pool);
    mq_import_t import;
    int ignored = 0;
    for (int row = 0; row < ROWS; row++) {
        file = apr_psprintf(f->pool, "%s%d", file, row + 1);
        rows[row][0] = apr_itoa(f->pool, row + 1);
        for (int i = 1; i < count; i++) {
            rows[row][i] = cell_make(shape, row, i - 1, count - 1, f->pool);
            file = apr_pstrcat(f->pool, file, ";", rows[row][i], NULL);
        }
        file = apr_pstrcat(f->pool, file, "\n", NULL);
    }
    import = handed_in(f, file);
    for (int i = 0; i < count; i++) {
        ignored += import.mapping[i] == MQ_IMPORT_IGNORE;
        assert_true(mq_import_is_field((int)import.mapping[i]));
    }
    if (ignored > left_out) {
        fail_msg("%s, shape %d: %d columns are left out", header, shape, ignored);
    }
    for (int row = 0; row < ROWS; row++) {
        row_is_there(f, apr_psprintf(f->pool, "%s, shape %d", header, shape), &import, rows[row],
                     count);
    }
}

/* The columns of names in files of clinics, and how many of them are left out at most. */
static const struct {
    const char *header;
    int left_out;
} headers[] = {{"Name", 0},
               {"Full name", 0},
               {"Surname;First name", 0},
               {"Surname, Forename;Known as", 0},
               {"First name;Second name;Third name;Family name", 0},
               {"Surname;Name;Patronymic", 0},
               {"First;Middle;Last;Suffix", 0},
               {"Title;Forename;Surname;Known as", 1},
               {"LName;FName;MiddleI;Preferred", 0},
               {"Last name;First name;MI;Maiden name", 0},
               {"Patient name;First name;Last name", 1},
               {"Patient;Surname", 0},
               {"Names;Surname", 0},
               {"Name;Surname", 0},
               {"Name;Last name;First name", 0},
               {"Name;Middle name;Surname", 0},
               {"Name;First name", 0},
               {"Other names;Surname", 0},
               {"Known as;Surname", 0},
               {"Surname;Other names;First name", 0},
               {"family_name;given_name;name", 0},
               {"name[0].family;name[0].given[0];name[0].given[1]", 0},
               {"Voornaam;Tussenvoegsel;Achternaam", 0},
               {"Achternaam;Voorvoegsel;Roepnaam;Voornamen", 0},
               {"Naam;Tussenvoegsel;Voornaam", 0},
               {"Naam;Voorvoegsels;Voorletters", 0},
               {"Naam;Voornaam", 0},
               {"Voorletters;Tussenvoegsel;Achternaam;Meisjesnaam", 0},
               {"Nachname;Vorname;Geburtsname", 0},
               {"Name;Vorname;Geburtsname", 0},
               {"Name;Vorname;Zusatz;Vorsatzwort", 1},
               {"Rufname;Vornamen;Familienname;Namenszusatz", 0},
               {"Rufname;Name", 0},
               {"Nom;Pr\xc3\xa9nom", 0},
               {"Nom de naissance;Nom d'usage;Pr\xc3\xa9noms;Pr\xc3\xa9nom usuel", 0},
               {"Nom de naissance;Pr\xc3\xa9nom", 0},
               {"Nom et pr\xc3\xa9nom", 0},
               {"Primer apellido;Segundo apellido;Nombre", 0},
               {"Segundo nombre;Primer nombre;Apellido materno;Apellido paterno", 0},
               {"Apellidos;Nombre", 0},
               {"Nombre;Apellido2;Apellido1", 0},
               {"Nome;Sobrenome", 0},
               {"Nome pr\xc3\xb3prio;Nome do meio;Apelido", 0},
               {"Nome completo;Nome social", 0},
               {"Cognome;Nome;Cognome da nubile", 0},
               {"Imi\xc4\x99;Drugie imi\xc4\x99;Nazwisko;Nazwisko rodowe", 0},
               {"Nazwisko i imi\xc4\x99", 0},
               {"Ad\xc4\xb1;Soyad\xc4\xb1;K\xc4\xb1zl\xc4\xb1k soyad\xc4\xb1", 0},
               {"Ad Soyad", 0},
               {"F\xc3\xb6rnamn;Tilltalsnamn;Mellannamn;Efternamn", 0},
               {"Fornavn;Mellomnavn;Etternavn", 0},
               {"Efternavn;Mellemnavn;Fornavn", 0},
               {"Navn;Etternavn", 0},
               {"Etunimet;Sukunimi", 0},
               {"\xd0\xa4\xd0\xb0\xd0\xbc\xd0\xb8\xd0\xbb\xd0\xb8\xd1\x8f;"
                "\xd0\x9e\xd1\x82\xd1\x87\xd0\xb5\xd1\x81\xd1\x82\xd0\xb2\xd0\xbe;"
                "\xd0\x98\xd0\xbc\xd1\x8f",
                0},
               {"\xd8\xa7\xd9\x84\xd8\xa7\xd8\xb3\xd9\x85 \xd8\xa7\xd9\x84\xd8\xa3\xd9\x88\xd9\x84;"
                "\xd8\xa7\xd8\xb3\xd9\x85 \xd8\xa7\xd9\x84\xd8\xb9\xd8\xa7\xd8\xa6\xd9\x84\xd8\xa9",
                0},
               {"\xd8\xa7\xd9\x84\xd8\xa7\xd8\xb3\xd9\x85;\xd8\xa7\xd9\x84\xd9\x83\xd9\x86\xd9\x8a"
                "\xd8\xa9",
                0},
               {"Name 1;Name 2;Vorname", 0},
               {"Name 1;Name 2", 0},
               {"Name 1;Name 2;Name 3;Nachname", 0},
               {"Full name;Suffix", 0},
               {"Roepnaam;Voorletters;Achternaam", 0},
               {"Surname;Surname 2;Given name", 0},
               {"Given name 2;Given name 1;Family name 2;Family name", 0}};

static void no_word_of_a_name_is_lost(void **state)
{
    fixture_t *f = *state;
    for (int shape = 0; cell_make(shape, 0, 0, 1, f->pool); shape++) {
        for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
            columns_lose_nothing(f, headers[i].header, headers[i].left_out, shape);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_word_of_the_table_is_in_vain), TEST(parts_are_put_together_in_the_order_of_a_name),
        TEST(initials_are_for_those_who_have_nothing_else), TEST(a_suffix_alone_is_no_name),
        TEST(no_word_of_a_name_is_lost)};
    return FIXTURE_RUN(tests);
}
