/* ctl_demo_words.h -- names, places and sentences for invented patients. Each list ends with NULL;
 * their order is part of what a seed gives. */
#ifndef MQ_CTL_CTL_DEMO_WORDS_H
#define MQ_CTL_CTL_DEMO_WORDS_H

extern const char *const demo_given[];
extern const char *const demo_family[];
extern const char *const demo_towns[];
extern const char *const demo_kinds[];
extern const char *const demo_notes[];
extern const char *const demo_relations[];
extern const char *const demo_reasons[];

#endif
