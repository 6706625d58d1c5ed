/* chart_kinds.h -- the kinds of items in a patient's chart: allergies, medicines, problems. A kind
 * is one row; from it follow its form, its list on the record, on paper and in the banner, its
 * history, its events in the trail and its lines in an export. All of them live one life
 * (chart_changes.h) in one table, so a further kind is a row here, its actions in policy.c and its
 * routes.
 *
 * Names are FHIR's (R4): AllergyIntolerance (clinicalStatus, reaction.manifestation,
 * reaction.severity), MedicationStatement (dosage, effectivePeriod, statusReason), Condition
 * (clinicalStatus, onset). That there are none is List.emptyReason "nilknown", a statement of its
 * own with a date and a person; saying nothing is "notasked". Entered in error is
 * verificationStatus "entered-in-error". */
#ifndef MQ_DOMAIN_CHART_KINDS_H
#define MQ_DOMAIN_CHART_KINDS_H

#include "domain/field_kinds.h"
#include "domain/policy.h"

/** The numbers are stored. */
typedef enum {
    MQ_CHART_ALLERGIES = 1,
    MQ_CHART_MEDICINES = 2,
    MQ_CHART_PROBLEMS = 3,
    MQ_CHART_KINDS_END
} mq_chart_number_t;

enum { MQ_CHART_KINDS = MQ_CHART_KINDS_END - 1, MQ_CHART_FIELDS_MOST = 7 };

/** Where the fields of allergies stand among an item's values: the banner shows them one by one. */
enum { MQ_ALLERGY_SUBSTANCE, MQ_ALLERGY_REACTION, MQ_ALLERGY_SEVERITY, MQ_ALLERGY_STATUS };

/** One field of a kind. The first one of each kind names the item, and is filled in. */
typedef struct mq_chart_field_t {
    const char *name;  /* of the parameter, in exports and in what is stored: never changed */
    const char *label; /* English; the catalogue translates, here and below */
    const char *said;  /* with one %s, where the value alone does not say what it is; or NULL */
    const char *hint;  /* or NULL; of a date it may have one %s, for an example */
    mq_field_rule_t rule;
} mq_chart_field_t;

/** One kind. */
typedef struct mq_chart_kind_t {
    mq_chart_number_t number;
    const char *name;     /* of its path: "allergies" */
    const char *resource; /* FHIR's name for an item */
    const char *title;
    const char *add;        /* what the form to add one is called */
    const char *missing;    /* the first field is empty */
    const char *none;       /* says that there are none; NULL: nobody says that */
    const char *not_asked;  /* nothing is recorded */
    const char *no_current; /* only past ones are */
    mq_action_t reading;
    mq_action_t adding;
    mq_action_t changing;
    mq_action_t error;
    const mq_chart_field_t *fields; /* ended by one without a name */
    int status;                     /* the field that says whether it is past, -1: dates do */
    int (*is_past)(const char *const *values, const mq_day_t *today);
    /** Adds to the faults what no single field is judged by; NULL: there is nothing of that. */
    void (*judge)(mq_field_fault_t *faults, const char *const *values);
} mq_chart_kind_t;

/** In the order in which people read them: allergies first. */
extern const mq_chart_kind_t mq_chart_kinds[MQ_CHART_KINDS];

/** @return the kind of a stored number, or NULL */
const mq_chart_kind_t *mq_chart_kind(apr_int64_t number);

/** What is wrong with each field, MQ_FAULT_NONE for nothing. */
typedef struct mq_chart_faults_t {
    mq_field_fault_t of[MQ_CHART_FIELDS_MOST];
} mq_chart_faults_t;

/** Judge the values of an item. @param today of mq_field_today @return MQ_EINVALID */
apr_status_t mq_chart_check(mq_chart_faults_t *faults_out, const mq_chart_kind_t *kind,
                            const char *const *values, const mq_day_t *today, apr_pool_t *pool);

/** @return the values that are not empty, as HTML forms code them, from pool */
const char *mq_chart_encode(const mq_chart_kind_t *kind, const char *const *values,
                            apr_pool_t *pool);

/** Read what mq_chart_encode wrote. @param values_out MQ_CHART_FIELDS_MOST of them; NULL is empty
 */
apr_status_t mq_chart_decode(const char **values_out, const mq_chart_kind_t *kind, const char *text,
                             apr_pool_t *pool);

#endif
