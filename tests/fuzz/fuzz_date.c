/* fuzz_date.c -- any text as a typed date, a birth date and a zone's name: never a crash, and what
 * is read as a date is one of the calendar, in one spelling. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/date.h"
#include "domain/patients/patient_age.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize();
}

static void iso_check(const char *iso, apr_pool_t *pool)
{
    mq_day_t day;

    if (mq_date_parse(&day, iso) != APR_SUCCESS || strcmp(mq_date_iso(&day, pool), iso) != 0) {
        abort();
    }
    for (int format = MQ_DATE_ISO; format <= MQ_DATE_WORDS; format++) {
        mq_date_style_t style = {(mq_date_format_t)format, NULL};
        const char *again;
        const char *shown = mq_date_format(iso, &style, pool);

        if (shown[0] == '\0') {
            abort();
        }
        if (strlen(iso) > 4 && (mq_date_parse_typed(&again, shown, &style, pool) != APR_SUCCESS ||
                                strcmp(again, iso) != 0)) {
            abort(); /* what is shown can be typed */
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const mq_day_t today = {2026, 3, 15};
    apr_pool_t *pool;
    const char *text;
    const char *iso;
    mq_zone_t *zone;
    mq_patient_age_t age;

    apr_pool_create(&pool, NULL);
    text = apr_pstrmemdup(pool, (const char *)data, size);
    if (mq_date_parse_typed(&iso, text, NULL, pool) == APR_SUCCESS) {
        iso_check(iso, pool);
    }
    if (mq_birth_date_check(text, &today) == MQ_BIRTH_DATE_OK) {
        iso_check(text, pool);
        if (mq_patient_age(&age, text, 0, NULL, &today) != APR_SUCCESS || age.number < 0 ||
            age.number > MQ_BIRTH_DATE_MAX_YEARS) {
            abort();
        }
    }
    if (mq_zone_open(&zone, text, pool) == APR_SUCCESS &&
        abs(mq_zone_offset(zone, apr_time_from_sec(1735689600))) > 16 * 60) {
        abort();
    }
    apr_pool_destroy(pool);
    return 0;
}
