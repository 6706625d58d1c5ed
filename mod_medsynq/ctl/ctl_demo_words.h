/* ctl_demo_words.h -- names, places and sentences for invented patients. Each list ends with NULL;
 * their order is part of what a seed gives. */
#ifndef MQ_CTL_CTL_DEMO_WORDS_H
#define MQ_CTL_CTL_DEMO_WORDS_H

#include "domain/patients/chart_kinds.h"

extern const char *const demo_given[];
extern const char *const demo_family[];
extern const char *const demo_towns[];
extern const char *const demo_kinds[];
extern const char *const demo_notes[];
extern const char *const demo_relations[];
extern const char *const demo_reasons[];

/** Items of a chart: the values of a kind in the order of its fields, ended by a row of NULLs. */
extern const char *const demo_allergies[][MQ_CHART_FIELDS_MOST];
extern const char *const demo_medicines[][MQ_CHART_FIELDS_MOST];
extern const char *const demo_problems[][MQ_CHART_FIELDS_MOST];

#endif
