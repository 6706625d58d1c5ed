/* patient_import_columns.c -- what the columns of a file are: our own names, those of OpenEMR and
 * OpenMRS, and what people write. */
#include "domain/imports/patient_import_columns.h"

#include <string.h>

#include "base/text.h"
#include "domain/core.h"
#include "domain/patients/patient_fields.h"

/* Keys are folded as search keys are: lower case, no accents, blanks for punctuation. A field's own
 * name, label and further words stand in its row of the patient's fields. */
static const struct {
    const char *key;
    int field; /* of a record */
} record_words[] = {
    {"verstorben", MQ_PATIENT_FIELD_IS_DECEASED},
    {"sprache", MQ_PATIENT_FIELD_LANGUAGE},
    {"anschrift", MQ_PATIENT_FIELD_ADDRESS},
    {"handy", MQ_PATIENT_FIELD_PHONE2},
    {"geburtsname", MQ_PATIENT_FIELD_FORMER_NAME},
    {"name", MQ_PATIENT_FIELD_NAME},
    {"full name", MQ_PATIENT_FIELD_NAME},
    {"patient", MQ_PATIENT_FIELD_NAME},
    {"patient name", MQ_PATIENT_FIELD_NAME},
    {"nom complet", MQ_PATIENT_FIELD_NAME},
    {"nom et prenom", MQ_PATIENT_FIELD_NAME},
    {"nom prenom", MQ_PATIENT_FIELD_NAME},
    {"given name", MQ_PATIENT_FIELD_GIVEN_NAME},
    {"given", MQ_PATIENT_FIELD_GIVEN_NAME},
    {"given names", MQ_PATIENT_FIELD_GIVEN_NAME},
    {"first name", MQ_PATIENT_FIELD_GIVEN_NAME},
    {"firstname", MQ_PATIENT_FIELD_GIVEN_NAME},
    {"fname", MQ_PATIENT_FIELD_GIVEN_NAME},
    {"forename", MQ_PATIENT_FIELD_GIVEN_NAME},
    {"vorname", MQ_PATIENT_FIELD_GIVEN_NAME},
    {"prenom", MQ_PATIENT_FIELD_GIVEN_NAME},
    {"prenoms", MQ_PATIENT_FIELD_GIVEN_NAME},
    {"family name", MQ_PATIENT_FIELD_FAMILY_NAME},
    {"family", MQ_PATIENT_FIELD_FAMILY_NAME},
    {"last name", MQ_PATIENT_FIELD_FAMILY_NAME},
    {"lastname", MQ_PATIENT_FIELD_FAMILY_NAME},
    {"lname", MQ_PATIENT_FIELD_FAMILY_NAME},
    {"surname", MQ_PATIENT_FIELD_FAMILY_NAME},
    {"nachname", MQ_PATIENT_FIELD_FAMILY_NAME},
    {"nom", MQ_PATIENT_FIELD_FAMILY_NAME},
    {"nom de famille", MQ_PATIENT_FIELD_FAMILY_NAME},
    {"nom d usage", MQ_PATIENT_FIELD_FAMILY_NAME},
    {"date of birth", MQ_PATIENT_FIELD_BIRTH_DATE},
    {"birth date", MQ_PATIENT_FIELD_BIRTH_DATE},
    {"birthdate", MQ_PATIENT_FIELD_BIRTH_DATE},
    {"birthday", MQ_PATIENT_FIELD_BIRTH_DATE},
    {"dob", MQ_PATIENT_FIELD_BIRTH_DATE},
    {"born", MQ_PATIENT_FIELD_BIRTH_DATE},
    {"geburtsdatum", MQ_PATIENT_FIELD_BIRTH_DATE},
    {"date de naissance", MQ_PATIENT_FIELD_BIRTH_DATE},
    {"naissance", MQ_PATIENT_FIELD_BIRTH_DATE},
    {"ne le", MQ_PATIENT_FIELD_BIRTH_DATE},
    {"ddn", MQ_PATIENT_FIELD_BIRTH_DATE},
    {"former name", MQ_PATIENT_FIELD_FORMER_NAME},
    {"previous name", MQ_PATIENT_FIELD_FORMER_NAME},
    {"birth name", MQ_PATIENT_FIELD_FORMER_NAME},
    {"maiden name", MQ_PATIENT_FIELD_FORMER_NAME},
    {"birth lname", MQ_PATIENT_FIELD_FORMER_NAME},
    {"birth last name", MQ_PATIENT_FIELD_FORMER_NAME},
    {"family name2", MQ_PATIENT_FIELD_FORMER_NAME},
    {"nom de naissance", MQ_PATIENT_FIELD_FORMER_NAME},
    {"nom de jeune fille", MQ_PATIENT_FIELD_FORMER_NAME},
    {"ancien nom", MQ_PATIENT_FIELD_FORMER_NAME},
    {"preferred name", MQ_PATIENT_FIELD_PREFERRED_NAME},
    {"known as", MQ_PATIENT_FIELD_PREFERRED_NAME},
    {"nickname", MQ_PATIENT_FIELD_PREFERRED_NAME},
    {"prenom d usage", MQ_PATIENT_FIELD_PREFERRED_NAME},
    {"nom usuel", MQ_PATIENT_FIELD_PREFERRED_NAME},
    {"nom prefere", MQ_PATIENT_FIELD_PREFERRED_NAME},
    {"age estimated", MQ_PATIENT_FIELD_AGE_ESTIMATED},
    {"age is an estimate", MQ_PATIENT_FIELD_AGE_ESTIMATED},
    {"birthdate estimated", MQ_PATIENT_FIELD_AGE_ESTIMATED},
    {"birth date estimated", MQ_PATIENT_FIELD_AGE_ESTIMATED},
    {"date de naissance estimee", MQ_PATIENT_FIELD_AGE_ESTIMATED},
    {"age estime", MQ_PATIENT_FIELD_AGE_ESTIMATED},
    {"l age est une estimation", MQ_PATIENT_FIELD_AGE_ESTIMATED},
    {"sex", MQ_PATIENT_FIELD_SEX},
    {"gender", MQ_PATIENT_FIELD_SEX},
    {"administrative gender", MQ_PATIENT_FIELD_SEX},
    {"sexe", MQ_PATIENT_FIELD_SEX},
    {"genre", MQ_PATIENT_FIELD_SEX},
    {"geschlecht", MQ_PATIENT_FIELD_SEX},
    {"pronouns", MQ_PATIENT_FIELD_PRONOUNS},
    {"pronoun", MQ_PATIENT_FIELD_PRONOUNS},
    {"pronoms", MQ_PATIENT_FIELD_PRONOUNS},
    {"phone1", MQ_PATIENT_FIELD_PHONE1},
    {"phone", MQ_PATIENT_FIELD_PHONE1},
    {"telephone", MQ_PATIENT_FIELD_PHONE1},
    {"phone number", MQ_PATIENT_FIELD_PHONE1},
    {"telephone number", MQ_PATIENT_FIELD_PHONE1},
    {"phone home", MQ_PATIENT_FIELD_PHONE1},
    {"home phone", MQ_PATIENT_FIELD_PHONE1},
    {"phone 1", MQ_PATIENT_FIELD_PHONE1},
    {"tel", MQ_PATIENT_FIELD_PHONE1},
    {"telefon", MQ_PATIENT_FIELD_PHONE1},
    {"telephone fixe", MQ_PATIENT_FIELD_PHONE1},
    {"telephone domicile", MQ_PATIENT_FIELD_PHONE1},
    {"phone2", MQ_PATIENT_FIELD_PHONE2},
    {"second telephone", MQ_PATIENT_FIELD_PHONE2},
    {"phone cell", MQ_PATIENT_FIELD_PHONE2},
    {"cell phone", MQ_PATIENT_FIELD_PHONE2},
    {"mobile", MQ_PATIENT_FIELD_PHONE2},
    {"mobile phone", MQ_PATIENT_FIELD_PHONE2},
    {"phone mobile", MQ_PATIENT_FIELD_PHONE2},
    {"phone 2", MQ_PATIENT_FIELD_PHONE2},
    {"portable", MQ_PATIENT_FIELD_PHONE2},
    {"telephone portable", MQ_PATIENT_FIELD_PHONE2},
    {"telephone mobile", MQ_PATIENT_FIELD_PHONE2},
    {"deuxieme telephone", MQ_PATIENT_FIELD_PHONE2},
    {"phone3", MQ_PATIENT_FIELD_PHONE3},
    {"third telephone", MQ_PATIENT_FIELD_PHONE3},
    {"phone biz", MQ_PATIENT_FIELD_PHONE3},
    {"work phone", MQ_PATIENT_FIELD_PHONE3},
    {"phone work", MQ_PATIENT_FIELD_PHONE3},
    {"business phone", MQ_PATIENT_FIELD_PHONE3},
    {"phone 3", MQ_PATIENT_FIELD_PHONE3},
    {"telephone professionnel", MQ_PATIENT_FIELD_PHONE3},
    {"telephone travail", MQ_PATIENT_FIELD_PHONE3},
    {"troisieme telephone", MQ_PATIENT_FIELD_PHONE3},
    {"email", MQ_PATIENT_FIELD_EMAIL},
    {"e mail", MQ_PATIENT_FIELD_EMAIL},
    {"email address", MQ_PATIENT_FIELD_EMAIL},
    {"e mail address", MQ_PATIENT_FIELD_EMAIL},
    {"mail", MQ_PATIENT_FIELD_EMAIL},
    {"courriel", MQ_PATIENT_FIELD_EMAIL},
    {"adresse e mail", MQ_PATIENT_FIELD_EMAIL},
    {"adresse email", MQ_PATIENT_FIELD_EMAIL},
    {"adresse electronique", MQ_PATIENT_FIELD_EMAIL},
    {"address", MQ_PATIENT_FIELD_ADDRESS},
    {"street", MQ_PATIENT_FIELD_ADDRESS},
    {"street line 2", MQ_PATIENT_FIELD_ADDRESS},
    {"address line 1", MQ_PATIENT_FIELD_ADDRESS},
    {"address line 2", MQ_PATIENT_FIELD_ADDRESS},
    {"address1", MQ_PATIENT_FIELD_ADDRESS},
    {"address2", MQ_PATIENT_FIELD_ADDRESS},
    {"address 1", MQ_PATIENT_FIELD_ADDRESS},
    {"address 2", MQ_PATIENT_FIELD_ADDRESS},
    {"address line1", MQ_PATIENT_FIELD_ADDRESS},
    {"address line2", MQ_PATIENT_FIELD_ADDRESS},
    {"city", MQ_PATIENT_FIELD_ADDRESS},
    {"city village", MQ_PATIENT_FIELD_ADDRESS},
    {"town", MQ_PATIENT_FIELD_ADDRESS},
    {"state", MQ_PATIENT_FIELD_ADDRESS},
    {"state province", MQ_PATIENT_FIELD_ADDRESS},
    {"county", MQ_PATIENT_FIELD_ADDRESS},
    {"county district", MQ_PATIENT_FIELD_ADDRESS},
    {"region", MQ_PATIENT_FIELD_ADDRESS},
    {"postal code", MQ_PATIENT_FIELD_ADDRESS},
    {"postcode", MQ_PATIENT_FIELD_ADDRESS},
    {"zip", MQ_PATIENT_FIELD_ADDRESS},
    {"zip code", MQ_PATIENT_FIELD_ADDRESS},
    {"country", MQ_PATIENT_FIELD_ADDRESS},
    {"country code", MQ_PATIENT_FIELD_ADDRESS},
    {"adresse", MQ_PATIENT_FIELD_ADDRESS},
    {"adresse 1", MQ_PATIENT_FIELD_ADDRESS},
    {"adresse 2", MQ_PATIENT_FIELD_ADDRESS},
    {"rue", MQ_PATIENT_FIELD_ADDRESS},
    {"code postal", MQ_PATIENT_FIELD_ADDRESS},
    {"ville", MQ_PATIENT_FIELD_ADDRESS},
    {"commune", MQ_PATIENT_FIELD_ADDRESS},
    {"pays", MQ_PATIENT_FIELD_ADDRESS},
    {"national id", MQ_PATIENT_FIELD_NATIONAL_ID},
    {"national identifier", MQ_PATIENT_FIELD_NATIONAL_ID},
    {"nhs number", MQ_PATIENT_FIELD_NATIONAL_ID},
    {"ss", MQ_PATIENT_FIELD_NATIONAL_ID},
    {"ssn", MQ_PATIENT_FIELD_NATIONAL_ID},
    {"social security number", MQ_PATIENT_FIELD_NATIONAL_ID},
    {"nir", MQ_PATIENT_FIELD_NATIONAL_ID},
    {"numero de securite sociale", MQ_PATIENT_FIELD_NATIONAL_ID},
    {"numero securite sociale", MQ_PATIENT_FIELD_NATIONAL_ID},
    {"no securite sociale", MQ_PATIENT_FIELD_NATIONAL_ID},
    {"identifiant national", MQ_PATIENT_FIELD_NATIONAL_ID},
    {"language", MQ_PATIENT_FIELD_LANGUAGE},
    {"preferred language", MQ_PATIENT_FIELD_LANGUAGE},
    {"langue", MQ_PATIENT_FIELD_LANGUAGE},
    {"contact name", MQ_PATIENT_FIELD_CONTACT_NAME},
    {"emergency contact", MQ_PATIENT_FIELD_CONTACT_NAME},
    {"emergency contact name", MQ_PATIENT_FIELD_CONTACT_NAME},
    {"name of the emergency contact", MQ_PATIENT_FIELD_CONTACT_NAME},
    {"contact relationship", MQ_PATIENT_FIELD_CONTACT_NAME},
    {"next of kin", MQ_PATIENT_FIELD_CONTACT_NAME},
    {"personne a prevenir", MQ_PATIENT_FIELD_CONTACT_NAME},
    {"contact d urgence", MQ_PATIENT_FIELD_CONTACT_NAME},
    {"nom du contact d urgence", MQ_PATIENT_FIELD_CONTACT_NAME},
    {"contact relation", MQ_PATIENT_FIELD_CONTACT_RELATION},
    {"emergency contact relation", MQ_PATIENT_FIELD_CONTACT_RELATION},
    {"emergency contact relationship", MQ_PATIENT_FIELD_CONTACT_RELATION},
    {"relation of the emergency contact", MQ_PATIENT_FIELD_CONTACT_RELATION},
    {"lien avec le contact d urgence", MQ_PATIENT_FIELD_CONTACT_RELATION},
    {"lien de parente", MQ_PATIENT_FIELD_CONTACT_RELATION},
    {"contact phone", MQ_PATIENT_FIELD_CONTACT_PHONE},
    {"phone contact", MQ_PATIENT_FIELD_CONTACT_PHONE},
    {"emergency phone", MQ_PATIENT_FIELD_CONTACT_PHONE},
    {"emergency contact phone", MQ_PATIENT_FIELD_CONTACT_PHONE},
    {"emergency contact telephone", MQ_PATIENT_FIELD_CONTACT_PHONE},
    {"telephone of the emergency contact", MQ_PATIENT_FIELD_CONTACT_PHONE},
    {"telephone du contact d urgence", MQ_PATIENT_FIELD_CONTACT_PHONE},
    {"telephone de la personne a prevenir", MQ_PATIENT_FIELD_CONTACT_PHONE},
    {"deceased", MQ_PATIENT_FIELD_IS_DECEASED},
    {"dead", MQ_PATIENT_FIELD_IS_DECEASED},
    {"is deceased", MQ_PATIENT_FIELD_IS_DECEASED},
    {"decede", MQ_PATIENT_FIELD_IS_DECEASED},
    {"decedee", MQ_PATIENT_FIELD_IS_DECEASED},
    {"deceased date", MQ_PATIENT_FIELD_DECEASED_DATE},
    {"date of death", MQ_PATIENT_FIELD_DECEASED_DATE},
    {"death date", MQ_PATIENT_FIELD_DECEASED_DATE},
    {"died", MQ_PATIENT_FIELD_DECEASED_DATE},
    {"date de deces", MQ_PATIENT_FIELD_DECEASED_DATE},
    {"deces", MQ_PATIENT_FIELD_DECEASED_DATE},
};

static const struct {
    const char *key;
    mq_import_field_t field;
} other_words[] = {
    {"mrn", MQ_IMPORT_MRN},
    {"record number", MQ_IMPORT_MRN},
    {"patient number", MQ_IMPORT_MRN},
    {"patient id", MQ_IMPORT_MRN},
    {"pubpid", MQ_IMPORT_MRN},
    {"identifier", MQ_IMPORT_MRN},
    {"openmrs id", MQ_IMPORT_MRN},
    {"medical record number", MQ_IMPORT_MRN},
    {"numero de dossier", MQ_IMPORT_MRN},
    {"no de dossier", MQ_IMPORT_MRN},
    {"n de dossier", MQ_IMPORT_MRN},
    {"dossier", MQ_IMPORT_MRN},
    {"numero patient", MQ_IMPORT_MRN},
    {"ipp", MQ_IMPORT_MRN},
    {"notes", MQ_IMPORT_NOTES},
    {"note", MQ_IMPORT_NOTES},
    {"comment", MQ_IMPORT_NOTES},
    {"comments", MQ_IMPORT_NOTES},
    {"remarks", MQ_IMPORT_NOTES},
    {"remarques", MQ_IMPORT_NOTES},
    {"commentaire", MQ_IMPORT_NOTES},
    {"commentaires", MQ_IMPORT_NOTES},
    {"status", MQ_IMPORT_STATUS},
    {"statut", MQ_IMPORT_STATUS},
    {"etat", MQ_IMPORT_STATUS},
};

/* Whether key is one of the words between bars. */
static int has_word(const char *words, const char *key)
{
    apr_size_t length = strlen(key);
    while (words && *words) {
        apr_size_t n = strcspn(words, "|");
        if (n == length && strncmp(words, key, n) == 0) {
            return 1;
        }
        words += n + (words[n] != 0);
    }
    return 0;
}

static int record_field_guess(const mq_scope_t *sc, const char *key)
{
    const mq_text_t *folding = mq_scope_core(sc)->folding;
    apr_pool_t *pool = mq_scope_pool(sc);
    for (size_t i = 0; i < sizeof record_words / sizeof *record_words; i++) {
        if (strcmp(key, record_words[i].key) == 0) {
            return record_words[i].field;
        }
    }
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const mq_patient_field_t *field = &mq_patient_field_table[i];
        if (strcmp(key, mq_text_search_key(folding, field->name, pool)) == 0 ||
            strcmp(key, mq_text_search_key(folding, field->label, pool)) == 0 ||
            has_word(field->words, key)) {
            return i;
        }
    }
    return -1;
}

mq_import_field_t mq_import_guess(const mq_scope_t *sc, const char *column)
{
    const char *key = mq_text_search_key(mq_scope_core(sc)->folding, column, mq_scope_pool(sc));
    int of_record = record_field_guess(sc, key);
    if (of_record >= 0) {
        return mq_import_field_of(of_record);
    }
    for (size_t i = 0; i < sizeof other_words / sizeof *other_words; i++) {
        if (strcmp(key, other_words[i].key) == 0) {
            return other_words[i].field;
        }
    }
    return MQ_IMPORT_IGNORE;
}

int mq_import_record_field(mq_import_field_t field)
{
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (mq_patient_field_table[i].import == (int)field) {
            return i;
        }
    }
    return -1;
}

int mq_import_is_field(int number)
{
    return number == MQ_IMPORT_IGNORE || number == MQ_IMPORT_MRN || number == MQ_IMPORT_NOTES ||
           number == MQ_IMPORT_STATUS || mq_import_record_field((mq_import_field_t)number) >= 0;
}
