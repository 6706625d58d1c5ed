/* ctl_demo_words.c -- the words that medsynqctl demo puts together. */
#include "ctl/ctl_demo_words.h"

#include <stddef.h>

const char *const demo_given[] = {
    "Anna",   "Bernard", "Chidi",  "Dolores", "Emeka",     "Fatima", "Georg", "Hanna",   "Ingrid",
    "Jürgen", "Kasia",   "Léa",    "Mateo",   "Ngozi",     "Oscar",  "Priya", "Quentin", "Rosa",
    "Søren",  "Tatiana", "Umar",   "Valérie", "Wei",       "Ximena", "Yusuf", "Zoë",     "Amélie",
    "Benoît", "Carmen",  "Dmitri", "Elif",    "Françoise", "Giulia", "Håkon", "Isabel",  "Jonas",
    "Katrin", "Lorenzo", "Maryam", "Nadia",   "Olga",      "Paulo",  "Renée", "Samuel",  "Thérèse",
    "Uta",    "Viktor",  "Yuki",   NULL};

const char *const demo_family[] = {
    "Almeida",  "Bauer",    "Castillo",  "Dubois",   "Eriksson", "Fischer",   "García",
    "Haddad",   "Ivanov",   "Jansen",    "Kowalski", "Lefèvre",  "Müller",    "Nakamura",
    "Okafor",   "Petrov",   "Quispe",    "Rossi",    "Schmidt",  "Tanaka",    "Ueda",
    "Vargas",   "Weiß",     "Xu",        "Yıldız",   "Zhang",    "Andersson", "Brodeur",
    "Çelik",    "Díaz",     "Evans",     "Ferreira", "Gruber",   "Hernández", "Ibrahim",
    "Johansen", "Khan",     "Lindqvist", "Moreau",   "Novák",    "O'Connor",  "Popescu",
    "Rahman",   "Sørensen", "Traoré",    "Ulrich",   "Virtanen", "Wójcik",    "Abebe",
    "Bianchi",  "Cohen",    "Dvořák",    "Fontaine", "Gupta",    "Hoffmann",  "Jensen",
    "Keller",   "Larsen",   "Martins",   "Nguyen",   "Olsen",    "Pereira",   "Richter",
    "Silva",    NULL};

const char *const demo_towns[] = {"Aldbourne", "Brenzone", "Castelnau", "Drøbak",  "Eltville",
                                  "Fjærland",  "Guarda",   "Honfleur",  "Inari",   "Jelenia",
                                  "Kilkee",    "Lindau",   "Morella",   "Nafplio", "Osuna",
                                  "Pärnu",     NULL};

const char *const demo_kinds[] = {"Family Practice", "Clinic", "Health Centre", "Hospital", NULL};

const char *const demo_notes[] = {
    "Came for the yearly check. Blood pressure 128/82, nothing else to report.",
    "Cough for two weeks, lungs clear. To come back if it lasts another week.",
    "Asked about travel vaccinations; booklet checked, one refresher given.",
    "Sprained left ankle while hiking. Cold pack, rest, elastic bandage.",
    "Repeat prescription reviewed, dose unchanged.",
    "Telephone call: results within the normal range.",
    "Wound dressed again, heals well. Stitches come out on Thursday.",
    "Slept badly since the new dose; taken in the morning from now on.",
    "Asks for a second opinion; letter written, copies of the findings handed over.",
    "Weight 71 kg. Walks half an hour each day since the last visit.",
    NULL};

const char *const demo_relations[] = {"mother", "father",  "daughter",  "son",
                                      "wife",   "husband", "neighbour", "friend",
                                      "sister", "brother", "partner",   NULL};

const char *const demo_reasons[] = {"moved away", "entered twice", "has another practice now",
                                    NULL};

const char *const demo_allergies[][MQ_CHART_FIELDS_MOST] = {
    {"Penicillin", "Anaphylaxis", "severe", "active"},
    {"Latex", "Rash", "mild", "active"},
    {"Peanuts", "Swelling of the face", "severe", "active"},
    {"Ibuprofen", "Wheezing", "moderate", "active"},
    {"Egg", "Hives", "mild", "resolved"},
    {"Lactose", "Cramps", NULL, "active"},
    {NULL}};

const char *const demo_medicines[][MQ_CHART_FIELDS_MOST] = {
    {"Salbutamol", "100 µg", "inhaled", "as needed", "2019", NULL, NULL},
    {"Metformin", "500 mg", "by mouth", "twice a day", "2021-03", NULL, NULL},
    {"Ramipril", "5 mg", "by mouth", "once a day", "2022-09-12", NULL, NULL},
    {"Amoxicillin", "500 mg", "by mouth", "three times a day", "2024-01-08", "2024-01-15", NULL},
    {"Aspirin", "75 mg", "by mouth", "once a day", "2020", "2023-05", "stomach bleeding"},
    {NULL}};

const char *const demo_problems[][MQ_CHART_FIELDS_MOST] = {
    {"Asthma", "1998", "active"},
    {"Type 2 diabetes", "2021-03", "active"},
    {"High blood pressure", "2022", "active"},
    {"Fracture of the left wrist", "2015-07", "resolved"},
    {"Migraine", NULL, "inactive"},
    {NULL}};
