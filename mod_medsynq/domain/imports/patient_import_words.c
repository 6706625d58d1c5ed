/* patient_import_words.c -- the one table of columns' names, per language. Names of fields are from
 * the exports and databases of Synthea, OpenMRS, Bahmni, OpenEMR, GNU Health, Open Dental, Epic,
 * Cerner, EMIS, SystmOne, DHIS2, Odoo and FHIR servers (tests/web/imports/exports/ has a file of
 * each). A field's own name and label stand in its row of mq_patient_field_table. */
#include "domain/imports/patient_import_words.h"

#include <stddef.h>

#define RECORD(field) MQ_PATIENT_FIELD_##field, MQ_IMPORT_IGNORE
#define OTHER(field) -1, MQ_IMPORT_##field

const mq_import_words_t mq_import_words[] = {
    {OTHER(NAME_OR_HALF), "en",
     "name|?names|?patient|?patientname|?patientnames|?nameofpatient|?clientname|?nameofclient"},
    {OTHER(NAME_OR_HALF), "", "?patname"},
    {OTHER(NAME_OR_HALF), "de", "?patientenname|?namedespatienten"},
    {OTHER(NAME_OR_HALF), "nl", "naam|?patientnaam"},
    {OTHER(NAME_OR_HALF), "sv", "namn|?patientnamn"},
    {OTHER(NAME_OR_HALF), "nb", "navn|?pasientnavn"},
    {OTHER(NAME_OR_HALF), "da", "?patientnavn"},
    {OTHER(NAME_OR_HALF), "fi", "nimi"},
    {OTHER(NAME_OR_HALF), "tr", "isim|?hastaadi"},
    {OTHER(NAME_OR_HALF), "ar", "الاسم|?اسم المريض"},
    {RECORD(NAME), "en", "?fullname|?fullnames|?completename|?displayname"},
    {RECORD(NAME), "en",
     "?surnameforename|?surnameforenames|?surnamefirstname|?surnamegivenname|?surnamename|"
     "?surnameandforename|?surnameandforenames|?forenamesurname|?forenameandsurname|?"
     "nameandsurname|"
     "?namesurname|?firstnamesurname|?lastnamefirstname|?firstnamelastname|?firstandlastname|"
     "?lastandfirstname|?lastfirst|?lastfirstmiddle|?firstlast|?lastnamefirst|?namelastfirst|"
     "?familynamegivenname|?givennamefamilyname|?familygiven"},
    {RECORD(NAME), "", "?namefullformatted|?namefull|?nametext|?partnername"},
    {RECORD(NAME), "fr",
     "?nomcomplet|?nometprenom|?nomprenom|?nomprenoms|?prenomnom|?prenometnom|?prenomsnom|"
     "?nometprenoms|?prenomsetnom|?nomsetprenoms"},
    {RECORD(NAME), "de",
     "?nameundvorname|?namevorname|?vornamename|?vornameundname|?nachnamevorname|?vornamenachname|"
     "?nachnameundvorname|?vornameundnachname|?vorundnachname|?vorundzuname"},
    {RECORD(NAME), "es",
     "?nombrecompleto|?nombreyapellidos|?apellidosynombre|?apellidosynombres|?apellidosnombre|"
     "?apellidosnombres|?nombreapellidos|?nombresapellidos|?nombresyapellidos|?apellidoynombre|"
     "?nombreyapellido"},
    {RECORD(NAME), "pt", "?nomecompleto|?nomedopaciente|?nomeesobrenome|?nomeeapelido"},
    {RECORD(NAME), "it", "?cognomeenome|?nominativo|?cognomenome|?nomecognome|?nomeecognome"},
    {RECORD(NAME), "nl",
     "?volledigenaam|?achternaamvoornaam|?voornaamachternaam|?voorenachternaam|?naamvoornaam"},
    {RECORD(NAME), "ar", "الاسم الكامل|الاسم الرباعي|الاسم الثلاثي"},
    {RECORD(NAME), "pl", "?imieinazwisko|?nazwiskoiimie"},
    {RECORD(NAME), "tr", "?adsoyad|?adisoyadi|?advesoyad|?adivesoyadi"},
    {RECORD(NAME), "ru", "фио"},
    {RECORD(NAME), "zh", "姓名"},
    {RECORD(NAME), "ja", "氏名"},

    {RECORD(GIVEN_NAME), "en",
     "givenname|givennames|given|firstname|firstnames|first|forename|forenames"},
    {RECORD(GIVEN_NAME), "",
     "fname|namegiven|namefirst|patfirstname|firstnm|personforename|givenname1"},
    {RECORD(GIVEN_NAME), "fr", "prenom|prenoms|premierprenom|prenomdenaissance"},
    {RECORD(GIVEN_NAME), "de", "vorname|vornamen"},
    {RECORD(GIVEN_NAME), "es", "nombre|nombres|primernombre|nombredepila|nombrepaciente"},
    {RECORD(GIVEN_NAME), "pt", "?nome|?nomes|primeironome|nomeproprio|nomesproprios"},
    {RECORD(GIVEN_NAME), "it", "?nome|primonome"},
    {RECORD(GIVEN_NAME), "nl", "voornaam|voornamen"},
    {RECORD(GIVEN_NAME), "sv", "fornamn"},
    {RECORD(GIVEN_NAME), "pl", "imie|imiona|pierwszeimie"},
    {RECORD(GIVEN_NAME), "ar", "الاسم الاول"},
    {RECORD(GIVEN_NAME), "nb", "fornavn"},
    {RECORD(GIVEN_NAME), "fi", "etunimi|etunimet"},
    {RECORD(GIVEN_NAME), "tr", "ad|adi|ilkad"},
    {RECORD(GIVEN_NAME), "ru", "имя"},
    {RECORD(GIVEN_NAME), "zh", "名"},

    {OTHER(GIVEN_AFTER), "en",
     "middlename|middlenames|middleinitial|middle|secondname|secondgivenname|othernames|"
     "othername|othergivennames|thirdname|thirdgivenname|patronymic|patronymicname"},
    {OTHER(GIVEN_AFTER), "",
     "mname|middlei|mi|middleinit|namemiddle|patmiddlename|middlenm|givenname2"},
    {OTHER(GIVEN_AFTER), "fr", "deuxiemeprenom|secondprenom|autresprenoms"},
    {OTHER(GIVEN_AFTER), "de", "zweitervorname|weiterevornamen|zweitname|mittelname"},
    {OTHER(GIVEN_AFTER), "es", "segundonombre|otrosnombres"},
    {OTHER(GIVEN_AFTER), "pt", "segundonome|nomedomeio|outrosnomes"},
    {OTHER(GIVEN_AFTER), "it", "secondonome"},
    {OTHER(GIVEN_AFTER), "nl", "tweedenaam|tweedevoornaam|overigevoornamen"},
    {OTHER(GIVEN_AFTER), "sv", "mellannamn"},
    {OTHER(GIVEN_AFTER), "nb", "mellomnavn"},
    {OTHER(GIVEN_AFTER), "da", "mellemnavn"},
    {OTHER(GIVEN_AFTER), "pl", "drugieimie"},
    {OTHER(GIVEN_AFTER), "tr", "ikinciad|ikinciadi|ikinciisim"},
    {OTHER(GIVEN_AFTER), "ru", "отчество"},

    {OTHER(CALLING_NAME), "de", "?rufname"},
    {OTHER(CALLING_NAME), "nl", "?roepnaam"},
    {OTHER(CALLING_NAME), "sv", "?tilltalsnamn"},
    {OTHER(INITIALS), "nl", "?voorletters|?voorletter|?initialen"},
    {OTHER(INITIALS), "en", "?initials|?initial"},

    {OTHER(NAME_SUFFIX), "en",
     "suffix|suffixes|namesuffix|suffixname|generationalsuffix|generationqualifier"},
    {OTHER(NAME_SUFFIX), "fr", "suffixe|suffixedunom"},
    {OTHER(NAME_SUFFIX), "es", "sufijo"},
    {OTHER(NAME_SUFFIX), "pt", "sufixo"},

    {OTHER(FAMILY_BEFORE), "nl",
     "tussenvoegsel|tussenvoegsels|voorvoegsel|voorvoegsels|voorvoegselachternaam"},
    {OTHER(FAMILY_BEFORE), "en",
     "infix|surnameprefix|lastnameprefix|familynameprefix|prefixlastname|prefixsurname"},
    {OTHER(FAMILY_BEFORE), "de", "vorsatzwort|namensvorsatz|namenszusatz"},
    {OTHER(FAMILY_BEFORE), "fr", "particule"},

    {OTHER(FAMILY_AFTER), "en",
     "secondlastname|secondsurname|secondfamilyname|surname2|lastname2|familyname2"},
    {OTHER(FAMILY_AFTER), "es",
     "segundoapellido|apellidomaterno|apellido2|2doapellido|2oapellido|2apellido"},
    {OTHER(FAMILY_AFTER), "pt", "segundoapelido|segundosobrenome"},

    {RECORD(FAMILY_NAME), "en",
     "familyname|familynames|family|lastname|lastnames|last|surname|surnames"},
    {RECORD(FAMILY_NAME), "", "lname|namefamily|namelast|patlastname|lastnm|personsurname"},
    {RECORD(FAMILY_NAME), "fr", "nom|nomdefamille|nomusage|nomdusage|nomusuel|nompatient"},
    {RECORD(FAMILY_NAME), "de", "nachname|familienname|zuname"},
    {RECORD(FAMILY_NAME), "es",
     "apellido|apellidos|primerapellido|apellidopaterno|apellido1|1erapellido|1apellido"},
    {RECORD(FAMILY_NAME), "pt", "apelido|apelidos|sobrenome|sobrenomes|ultimonome|nomedefamilia"},
    {RECORD(FAMILY_NAME), "it", "cognome"},
    {RECORD(FAMILY_NAME), "nl", "achternaam|familienaam"},
    {RECORD(FAMILY_NAME), "sv", "efternamn"},
    {RECORD(FAMILY_NAME), "pl", "nazwisko"},
    {RECORD(FAMILY_NAME), "ar", "اسم العايلة|اللقب|الكنية"},
    {RECORD(FAMILY_NAME), "nb", "etternavn"},
    {RECORD(FAMILY_NAME), "da", "efternavn"},
    {RECORD(FAMILY_NAME), "fi", "sukunimi"},
    {RECORD(FAMILY_NAME), "tr", "soyad|soyadi|soyisim"},
    {RECORD(FAMILY_NAME), "ru", "фамилия"},
    {RECORD(FAMILY_NAME), "zh", "姓"},

    {RECORD(BIRTH_DATE), "en", "dateofbirth|birthdate|birthday|dob|born|datebirth|birth"},
    {RECORD(BIRTH_DATE), "", "birthdttm|birthdt|dobdate|birthdatedate|persondob"},
    {RECORD(BIRTH_DATE), "fr", "datedenaissance|naissance|nele|nee|neele|ddn|datenaissance"},
    {RECORD(BIRTH_DATE), "de", "geburtsdatum|geboren|geborenam|gebdatum|gebdat|geburtstag"},
    {RECORD(BIRTH_DATE), "es",
     "fechadenacimiento|fechanacimiento|nacimiento|fechanac|fnac|fnacimiento"},
    {RECORD(BIRTH_DATE), "pt", "datadenascimento|datanascimento|nascimento|datanasc"},
    {RECORD(BIRTH_DATE), "it", "datadinascita|datanascita|nascita|natoil"},
    {RECORD(BIRTH_DATE), "nl", "geboortedatum"},
    {RECORD(BIRTH_DATE), "sv", "fodelsedatum"},
    {RECORD(BIRTH_DATE), "pl", "dataurodzenia"},
    {RECORD(BIRTH_DATE), "en", "dateofbirthddmmyyyy|datebirthday"},
    {RECORD(BIRTH_DATE), "fr", "datenaiss|datedenaiss|dtnaiss|dnaissance"},
    {RECORD(BIRTH_DATE), "de", "gebdat|gebtag"},
    {RECORD(BIRTH_DATE), "ar", "تاريخ الميلاد|تاريخ الولادة"},
    {RECORD(BIRTH_DATE), "nb", "fodselsdato|fodt"},
    {RECORD(BIRTH_DATE), "fi", "syntymaaika|syntymapaiva"},
    {RECORD(BIRTH_DATE), "tr", "dogumtarihi"},
    {RECORD(BIRTH_DATE), "ru", "дата рождения"},
    {RECORD(BIRTH_DATE), "zh", "出生日期|出生年月日"},
    {RECORD(BIRTH_DATE), "ja", "生年月日"},

    {RECORD(AGE_ESTIMATED), "en",
     "ageestimated|ageisanestimate|birthdateestimated|birthdateisestimated|dobestimated|"
     "dateofbirthisestimated|dateofbirthestimated"},
    {RECORD(AGE_ESTIMATED), "fr",
     "datedenaissanceestimee|ageestime|lageestuneestimation|datedenaissanceapproximative"},

    {RECORD(FORMER_NAME), "en",
     "formername|previousname|birthname|maidenname|maiden|previoussurname|surnameatbirth|"
     "formersurname|previouslastname"},
    {RECORD(FORMER_NAME), "", "birthlname|birthlastname|namemaiden"},
    {RECORD(FORMER_NAME), "fr",
     "nomdenaissance|nomdejeunefille|anciennom|nomnaissance|nompatronymique"},
    {RECORD(FORMER_NAME), "de", "geburtsname|fruherername|madchenname"},
    {RECORD(FORMER_NAME), "es", "apellidodesoltera|nombreanterior"},
    {RECORD(FORMER_NAME), "it", "cognomedanubile"},
    {RECORD(FORMER_NAME), "nl", "meisjesnaam|geboortenaam"},
    {RECORD(FORMER_NAME), "sv", "flicknamn"},
    {RECORD(FORMER_NAME), "nb", "pikenavn"},
    {RECORD(FORMER_NAME), "da", "pigenavn|fodenavn"},
    {RECORD(FORMER_NAME), "pl", "nazwiskorodowe|nazwiskopanienskie"},
    {RECORD(FORMER_NAME), "tr", "kizliksoyadi"},

    {RECORD(PREFERRED_NAME), "en",
     "preferredname|preferredfirstname|preferred|knownas|nickname|usualname|callingname"},
    {RECORD(PREFERRED_NAME), "fr", "prenomusuel|prenomdusage|nomprefere|surnom"},
    {RECORD(PREFERRED_NAME), "de", "bevorzugtername|spitzname"},
    {RECORD(PREFERRED_NAME), "es", "nombrepreferido|apodo|nombresocial"},
    {RECORD(PREFERRED_NAME), "pt", "nomesocial"},

    {RECORD(SEX), "en", "sex|gender|administrativegender|legalsex|birthsex|sexatbirth"},
    {RECORD(SEX), "", "sexname|sexcname|gendername|persongendercode"},
    {RECORD(SEX), "fr", "sexe|genre"},
    {RECORD(SEX), "de", "geschlecht"},
    {RECORD(SEX), "es", "sexo|genero"},
    {RECORD(SEX), "it", "sesso|genere"},
    {RECORD(SEX), "nl", "geslacht"},
    {RECORD(SEX), "sv", "kon"},
    {RECORD(SEX), "pl", "plec"},
    {RECORD(SEX), "", "mf|fm|sexmf|gendermf"},
    {RECORD(SEX), "ar", "الجنس|النوع"},
    {RECORD(SEX), "nb", "kjonn"},
    {RECORD(SEX), "fi", "sukupuoli"},
    {RECORD(SEX), "tr", "cinsiyet"},
    {RECORD(SEX), "ru", "пол"},
    {RECORD(SEX), "zh", "性别"},
    {RECORD(SEX), "ja", "性別"},

    {RECORD(PRONOUNS), "en", "pronouns|pronoun|preferredpronouns"},
    {RECORD(PRONOUNS), "fr", "pronoms"},

    {RECORD(PHONE1), "en",
     "phone1|phone|telephone|phonenumber|phonenum|telephonenumber|phoneno|telephoneno|telno|"
     "homephone|"
     "phonehome|hometelephone|telephone1|contactnumber|primaryphone|hometel|landline|phonenr"},
    {RECORD(PHONE1), "", "tel|hmphone|telecom|telecomvalue|telephoneno1|telno1|tel1|personphone"},
    {RECORD(PHONE1), "fr",
     "telephonefixe|telephonedomicile|telfixe|numerodetelephone|fixe|teldomicile"},
    {RECORD(PHONE1), "de", "telefon|telefonprivat|telefonnummer|festnetz"},
    {RECORD(PHONE1), "es", "telefono|telefonofijo|telefonodecasa|telefono1"},
    {RECORD(PHONE1), "pt", "telefone|telefonefixo"},
    {RECORD(PHONE1), "nl", "telefoon|telefoonnummer"},
    {RECORD(PHONE1), "en",
     "homeno|contactno|telephonecontact|phonecontact1|primarycontactnumber|"
     "telephonehome|telhome|mainphone"},
    {RECORD(PHONE1), "", "tfno|telf|tlf|tlfno|telefonnr"},
    {RECORD(PHONE1), "es", "tfnofijo|telfijo"},
    {RECORD(PHONE1), "ar", "الهاتف|هاتف|رقم الهاتف|التلفون|هاتف المنزل"},
    {RECORD(PHONE1), "nb", "telefonnummer"},
    {RECORD(PHONE1), "fi", "puhelin|puhelinnumero"},
    {RECORD(PHONE1), "ru", "телефон"},

    {RECORD(PHONE2), "en",
     "phone2|secondtelephone|mobile|mobilephone|mobileno|mobilenumber|cellphone|cell|phonecell|"
     "phonemobile|mobiletelephone|telephone2|secondaryphone|alternatephone|mobiletel|cellnumber"},
    {RECORD(PHONE2), "", "wirelessphone|telecom2|telephoneno2|telno2|tel2|phonenumber2|altphone"},
    {RECORD(PHONE2), "fr",
     "portable|telephoneportable|telephonemobile|deuxiemetelephone|telportable|gsm|telmobile"},
    {RECORD(PHONE2), "de", "handy|mobiltelefon|mobil|handynummer"},
    {RECORD(PHONE2), "es", "movil|celular|telefonomovil|telefonocelular|telefono2"},
    {RECORD(PHONE2), "pt", "telemovel|telefone2"},
    {RECORD(PHONE2), "it", "cellulare"},
    {RECORD(PHONE2), "nl", "mobiel|mobielnummer"},
    {RECORD(PHONE2), "en",
     "cellno|mobno|cellphoneno|mobilephoneno|mobilephonenumber|"
     "cellphonenumber|telephonemobile"},
    {RECORD(PHONE2), "es", "tfnomovil|telmovil"},
    {RECORD(PHONE2), "ar", "الجوال|رقم الجوال|المحمول|الموبايل"},
    {RECORD(PHONE2), "sv", "mobiltelefon"},
    {RECORD(PHONE2), "fi", "matkapuhelin"},

    {RECORD(PHONE3), "en",
     "phone3|thirdtelephone|workphone|phonework|worktelephone|businessphone|officephone|telephone3|"
     "worktel"},
    {RECORD(PHONE3), "", "phonebiz|wkphone|telecom3|telno3|tel3"},
    {RECORD(PHONE3), "fr", "telephoneprofessionnel|telephonetravail|troisiemetelephone|telpro"},
    {RECORD(PHONE3), "de", "telefongeschaftlich|telefondienstlich"},
    {RECORD(PHONE3), "es", "telefonodeltrabajo|telefonotrabajo"},
    {RECORD(PHONE3), "en", "workno|officeno|businessno|telephonework|telwork"},
    {RECORD(PHONE3), "ar", "هاتف العمل"},

    {RECORD(EMAIL), "en", "email|emailaddress|mail|emailid|emailaddr|personalemail"},
    {RECORD(EMAIL), "fr", "courriel|adresseemail|adresseelectronique|adressemail|mel"},
    {RECORD(EMAIL), "de", "emailadresse|mailadresse"},
    {RECORD(EMAIL), "es", "correo|correoelectronico|direcciondecorreo"},
    {RECORD(EMAIL), "ar", "البريد الالكتروني"},
    {RECORD(EMAIL), "sv", "epost|epostadress"},
    {RECORD(EMAIL), "fi", "sahkoposti"},

    {RECORD(ADDRESS), "en",
     "address|addresses|addressline|street|streetaddress|streetaddr|streetline|streetname|"
     "homeaddress|city|cityvillage|town|"
     "village|state|stateprovince|province|county|countydistrict|district|region|locality|suburb|"
     "postalcode|postcode|zip|zipcode|pincode|country|countrycode|postaladdress|housename|"
     "residentialaddress|subdistrict|neighborhood|neighbourhood"},
    {RECORD(ADDRESS), "",
     "addline|addrline|addr|addrcont|addresscont|stateabbr|statename|statecname|stateid|countyname|"
     "countrycname|countryid|countryname|addressstate|addresscity|addresspostalcode|"
     "addresscountry|addressdistrict|housenameflatnumber|numberandstreet|tehsil|cityname|"
     "addresspostcode|addresstown|zipcd"},
    {RECORD(ADDRESS), "fr", "adresse|rue|codepostal|cp|ville|commune|pays|adressepostale"},
    {RECORD(ADDRESS), "de",
     "anschrift|strasse|strassehausnummer|hausnummer|hausnr|plz|ort|wohnort|land|postleitzahl"},
    {RECORD(ADDRESS), "es",
     "direccion|domicilio|calle|ciudad|localidad|provincia|codigopostal|pais|municipio|poblacion|"
     "colonia|barrio|departamento"},
    {RECORD(ADDRESS), "pt", "morada|endereco|rua|cidade|cep|concelho|bairro|estado"},
    {RECORD(ADDRESS), "it", "indirizzo|via|citta|cap|comune"},
    {RECORD(ADDRESS), "nl", "adres|straat|huisnummer|woonplaats|plaats"},
    {RECORD(ADDRESS), "en",
     "postal|subcounty|landmark|sublocation|estate|"
     "traditionalauthority|postoffice|postbox|pobox|aptno|unitno|"
     "housenumber|houseno|area"},
    {RECORD(ADDRESS), "", "adr|addrline|zippostal|zippostalcode|postalzip"},
    {RECORD(ADDRESS), "ar", "العنوان|المدينة|المحافظة|الشارع|الحي|الرمز البريدي|البلد"},
    {RECORD(ADDRESS), "sv", "adress|gatuadress|postnummer|postort|postadress"},
    {RECORD(ADDRESS), "nb", "postnr|poststed"},
    {RECORD(ADDRESS), "da", "postnr"},
    {RECORD(ADDRESS), "fi", "osoite|katuosoite|postinumero|postitoimipaikka"},
    {RECORD(ADDRESS), "tr", "adres"},
    {RECORD(ADDRESS), "ru", "адрес|город|улица|индекс"},

    {RECORD(NATIONAL_ID), "en",
     "nationalid|nationalidentifier|nationalidentificationnumber|nhsnumber|nhsno|nhs|ss|ssn|"
     "socialsecuritynumber|socialsecurity|healthcardnumber|healthnumber|healthcard|medicarenumber|"
     "medicareno|nhi|nhinumber|chinumber|citizenid|abhanumber|abhaid|aadhaarnumber|aadhaar"},
    {RECORD(NATIONAL_ID), "fr",
     "nir|numerodesecuritesociale|numerosecuritesociale|nosecuritesociale|identifiantnational|nss|"
     "ins|numerosecu|nsecuritesociale"},
    {RECORD(NATIONAL_ID), "de",
     "versichertennummer|versichertennr|kvnr|krankenversichertennummer|ahvnummer|svnr"},
    {RECORD(NATIONAL_ID), "es",
     "dni|nif|nie|curp|cedula|rut|documento|numerodedocumento|documentodeidentidad"},
    {RECORD(NATIONAL_ID), "pt", "cpf|cns|numerodeutente|nif"},
    {RECORD(NATIONAL_ID), "it", "codicefiscale|cf"},
    {RECORD(NATIONAL_ID), "nl", "bsn|burgerservicenummer"},
    {RECORD(NATIONAL_ID), "sv", "personnummer"},
    {RECORD(NATIONAL_ID), "pl", "pesel"},
    {RECORD(NATIONAL_ID), "en",
     "personalhealthnumber|phn|medicare|nationalidnumber|nationalidno|"
     "idcardnumber|healthinsurancenumber|nationalinsurancenumber|ihi|"
     "ihinumber"},
    {RECORD(NATIONAL_ID), "fr",
     "ndesecuritesociale|nodesecuritesociale|nss|numss|numerosecu|numsecu|"
     "nsecu|noss|matriculeins"},
    {RECORD(NATIONAL_ID), "de", "versicherungsnummer|versicherungsnr|ahvnr|versnr"},
    {RECORD(NATIONAL_ID), "ar", "رقم الهوية|الرقم القومي|الرقم الوطني|رقم البطاقة"},
    {RECORD(NATIONAL_ID), "nb", "fodselsnummer|personnummer"},
    {RECORD(NATIONAL_ID), "da", "cprnummer|cprnr|cpr"},
    {RECORD(NATIONAL_ID), "fi", "henkilotunnus|hetu"},
    {RECORD(NATIONAL_ID), "tr", "tckimlikno"},
    {RECORD(NATIONAL_ID), "ru", "снилс"},

    {RECORD(LANGUAGE), "en",
     "language|preferredlanguage|mainlanguage|firstlanguage|spokenlanguage|languagename|"
     "languagecname|lang|mainspokenlanguage"},
    {RECORD(LANGUAGE), "fr", "langue|langueparlee"},
    {RECORD(LANGUAGE), "de", "sprache|muttersprache"},
    {RECORD(LANGUAGE), "es", "idioma|lengua"},

    {RECORD(GENERAL_PRACTITIONER), "en",
     "generalpractitioner|gp|usualgp|registeredgp|gpname|familydoctor|pcp|pcpname|curpcpprovname|"
     "primarycareprovider|primarycarephysician|usualgpname|nominatedgp"},
    {RECORD(GENERAL_PRACTITIONER), "fr", "medecintraitant|medecin"},
    {RECORD(GENERAL_PRACTITIONER), "de", "hausarzt"},
    {RECORD(GENERAL_PRACTITIONER), "es", "medicodecabecera"},
    {RECORD(GENERAL_PRACTITIONER), "nl", "huisarts"},

    {RECORD(CONTACT_NAME), "en",
     "contactname|emergencycontact|emergencycontactname|nameoftheemergencycontact|nextofkin|"
     "nextofkinname|nok|nokname|emergencyname|carername|contactrelationship"},
    {RECORD(CONTACT_NAME), "fr", "personneaprevenir|contactdurgence|nomducontactdurgence"},
    {RECORD(CONTACT_NAME), "de", "notfallkontakt|angehorige"},
    {RECORD(CONTACT_NAME), "es", "contactodeemergencia|contactoemergencia"},

    {RECORD(CONTACT_RELATION), "en",
     "contactrelation|emergencycontactrelation|emergencycontactrelationship|"
     "relationoftheemergencycontact|nextofkinrelationship|nokrelationship|carerrelation|"
     "emergencyrelationship"},
    {RECORD(CONTACT_RELATION), "fr", "lienaveclecontactdurgence|liendeparente"},
    {RECORD(CONTACT_RELATION), "en", "??relationship|??relation"},

    {RECORD(CONTACT_PHONE), "en",
     "contactphone|phonecontact|emergencyphone|emergencycontactphone|emergencycontacttelephone|"
     "telephoneoftheemergencycontact|nextofkinphone|nokphone|emergencycontactnumber|"
     "nextofkintelephone"},
    {RECORD(CONTACT_PHONE), "fr", "telephoneducontactdurgence|telephonedelapersonneaprevenir"},

    {RECORD(IS_DECEASED), "en", "deceased|dead|isdeceased|deceasedboolean|isdead"},
    {RECORD(IS_DECEASED), "fr", "decede|decedee"},
    {RECORD(IS_DECEASED), "de", "verstorben"},
    {RECORD(IS_DECEASED), "es", "fallecido|fallecida"},

    {RECORD(DECEASED_DATE), "en",
     "deceaseddate|dateofdeath|deathdate|died|dod|datedeath|dateofdeceased|deceaseddatetime"},
    {RECORD(DECEASED_DATE), "", "deceaseddttm|deceaseddt|deathdttm|datetimedeceased"},
    {RECORD(DECEASED_DATE), "fr", "datededeces|deces|decedele|datedeces"},
    {RECORD(DECEASED_DATE), "de", "sterbedatum|verstorbenam|todesdatum"},
    {RECORD(DECEASED_DATE), "es", "fechadefallecimiento|fechadedefuncion|fechadefuncion"},
    {RECORD(DECEASED_DATE), "ar", "تاريخ الوفاة"},

    {OTHER(MRN), "en",
     "mrn|recordnumber|medicalrecordnumber|patientnumber|patientno|hospitalnumber|hospitalno|"
     "hospitalid|chartnumber|chartno|registrationnumber|registrationno|casenumber|filenumber|"
     "foldernumber|?patientid|?identifier|?identifiervalue|??id|??personid|?clientid|??externalid"},
    {OTHER(MRN), "",
     "pubpid|patmrnid|openmrsid|?patid|?patnum|?pid|??uuid|?puid|?ref|?patientguid|?trackedentity|"
     "?trackedentityinstance|?teiid|?idpatient"},
    {OTHER(MRN), "fr",
     "numerodedossier|nodedossier|ndedossier|dossier|numeropatient|ipp|numerodossier"},
    {OTHER(MRN), "de", "patientennummer|patientennr|patnr|aktennummer|fallnummer"},
    {OTHER(MRN), "es",
     "historiaclinica|numerodehistoria|nhc|numerodehistoriaclinica|expediente|nohistoria"},
    {OTHER(MRN), "pt", "prontuario|numerodoprocesso"},
    {OTHER(MRN), "it", "numerocartella"},
    {OTHER(MRN), "nl", "patientnummer"},
    {OTHER(MRN), "en",
     "accountno|accountnumber|acctno|fileno|recordno|uniquepatientid|"
     "uniqueid|chartid|?accountid|?internalid"},
    {OTHER(MRN), "", "?prn|?hn|?opdno|?ipno|?regno|?cardno"},
    {OTHER(MRN), "es", "nhistoria|nhc|nohc|nohistoriaclinica|numerohistoria"},
    {OTHER(MRN), "fr", "ndossier|numdossier|codepatient"},
    {OTHER(MRN), "ar", "رقم الملف|رقم السجل|رقم المريض"},

    {OTHER(NOTES), "en",
     "notes|note|comment|comments|remarks|clinicalnotes|clinicalnote|progressnote|notetext|"
     "consultationnotes|freetext|addrnote|patnote|medurgnote"},
    {OTHER(NOTES), "fr", "remarques|remarque|commentaire|commentaires|observations|compterendu"},
    {OTHER(NOTES), "de", "bemerkung|bemerkungen|notiz|notizen|anmerkung|anmerkungen"},
    {OTHER(NOTES), "es", "notas|nota|observaciones|comentarios"},
    {OTHER(NOTES), "pt", "observacoes"},
    {OTHER(NOTES), "nl", "opmerking|opmerkingen"},
    {OTHER(NOTES), "ar", "ملاحظات|ملاحظة"},
    {OTHER(NOTES), "sv", "anteckningar"},

    {OTHER(NOTE_DATE), "en",
     "notedate|notesdate|dateofnote|dateofthenote|commentdate|notedatetime|consultationdate|"
     "encounterdate|visitdate|dateofvisit|notewrittenon"},
    {OTHER(NOTE_DATE), "fr",
     "datedelanote|datenote|dateducommentaire|datedeconsultation|datedevisite"},
    {OTHER(NOTE_DATE), "de", "notizdatum|datumdernotiz"},
    {OTHER(NOTE_DATE), "es", "fechadelanota|fechanota|fechadeconsulta"},

    {OTHER(NOTE_AUTHOR), "en",
     "noteauthor|author|noteby|notewrittenby|writtenby|authorofthenote|noteuser|enteredby|"
     "clinician|commentauthor|noteprovider"},
    {OTHER(NOTE_AUTHOR), "fr", "auteur|auteurdelanote|redacteur|saisipar"},
    {OTHER(NOTE_AUTHOR), "de", "verfasser|autor|verfasserdernotiz"},
    {OTHER(NOTE_AUTHOR), "es", "autordelanota|escritopor"},

    {OTHER(STATUS), "en", "status|patientstatus|recordstatus"},
    {OTHER(STATUS), "fr", "statut|etat"},
    {OTHER(STATUS), "de", "patientenstatus"},
    {0, 0, NULL, NULL}};
