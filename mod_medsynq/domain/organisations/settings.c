/* settings.c -- reading and replacing the settings. Which languages there are, the pages know. */
#include "domain/organisations/settings.h"

#include <apr_strings.h>
#include <string.h>

#include "base/date.h"
#include "domain/change.h"
#include "domain/policy.h"

apr_status_t mq_settings_read(mq_settings_t *settings_out, const mq_scope_t *sc)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_rows_t rows;
    if (!mq_policy_allows(MQ_ACTION_ORGANISATION_VIEW, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_TENANT_STATE, MQ_NO_PARAMS));
    *settings_out = (mq_settings_t){
        .two_factor_from = mq_rows_text(&rows, MQ_TENANT_STATE_TWO_FACTOR_FROM, pool),
        .date_format = (mq_date_format_t)mq_rows_int(&rows, MQ_TENANT_STATE_DATE_FORMAT),
        .time_zone = mq_rows_text(&rows, MQ_TENANT_STATE_TIME_ZONE, pool),
        .language = mq_rows_text(&rows, MQ_TENANT_STATE_LANGUAGE, pool),
        .digits = mq_rows_text(&rows, MQ_TENANT_STATE_DIGITS, pool),
        .version = mq_rows_int(&rows, MQ_TENANT_STATE_VERSION)};
    mq_rows_close(&rows);
    return mq_letterhead_read(&settings_out->letterhead, sc);
}

static int is_tag(const char *tag)
{
    return !tag ||
           (*tag && strlen(tag) <= MQ_LANGUAGE_TAG_MOST &&
            strspn(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
                strlen(tag));
}

static int is_digits(const char *digits)
{
    return !digits || strcmp(digits, MQ_DIGITS_LATIN) == 0 || strcmp(digits, MQ_DIGITS_NATIVE) == 0;
}

static int is_valid(const mq_settings_t *settings, apr_pool_t *pool)
{
    mq_zone_t *zone;
    return (int)settings->date_format >= 0 && settings->date_format < MQ_DATE_FORMATS &&
           !mq_field_check(&mq_letter_address_rule, settings->letterhead.address, NULL, pool) &&
           !mq_field_check(&mq_letter_phone_rule, settings->letterhead.phone, NULL, pool) &&
           is_tag(settings->language) && is_digits(settings->digits) &&
           (!settings->time_zone || mq_zone_open(&zone, settings->time_zone, pool) == APR_SUCCESS);
}

const char *const mq_date_format_names[MQ_DATE_FORMATS] = {"y-m-d", "d.m.y", "d/m/y", "m/d/y",
                                                           "words"};

static int is_given(const char *text)
{
    return text && *text;
}

apr_status_t mq_manners_read(mq_date_format_t *format_out, const char **zone_out,
                             const mq_tenant_manners_t *manners, apr_pool_t *pool)
{
    mq_settings_t settings = {.date_format = MQ_DATE_ISO};
    if (is_given(manners->date_format)) {
        settings.date_format = (mq_date_format_t)apr_atoi64(manners->date_format);
    }
    if (is_given(manners->time_zone) && strcmp(manners->time_zone, "UTC") != 0) {
        settings.time_zone = manners->time_zone;
    }
    *format_out = settings.date_format;
    *zone_out = settings.time_zone;
    return is_valid(&settings, pool) ? APR_SUCCESS : MQ_EINVALID;
}

const char *mq_manners_say(const mq_tenant_manners_t *manners, apr_pool_t *pool)
{
    mq_date_format_t format;
    const char *zone;
    if ((!is_given(manners->date_format) && !is_given(manners->time_zone)) ||
        mq_manners_read(&format, &zone, manners, pool) != APR_SUCCESS) {
        return NULL;
    }
    return apr_pstrcat(pool, "dates ", mq_date_format_names[format], ", time-zone ",
                       zone ? zone : "UTC", NULL);
}

static apr_status_t settings_save(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const mq_settings_t *settings = *(const mq_settings_t **)data;
    int changed = 0;
    event_io->reason = apr_pstrcat(
        mq_scope_pool(sc), "two-factor-from ",
        settings->two_factor_from ? settings->two_factor_from : "never", ", dates ",
        mq_date_format_names[settings->date_format], ", time-zone ",
        settings->time_zone ? settings->time_zone : "UTC", ", language ",
        settings->language ? settings->language : "any", ", digits ",
        settings->digits ? settings->digits : MQ_DIGITS_LATIN,
        settings->letterhead.address || settings->letterhead.phone ? ", with a letterhead" : "",
        NULL);
    MQ_TRY(mq_db_change(
        &changed, sc, MQ_SQL_TENANT_SETTINGS_SET,
        MQ_PARAMS(mq_bind_text(settings->two_factor_from), mq_bind_int(settings->date_format),
                  mq_bind_text(settings->time_zone), mq_bind_text(settings->language),
                  mq_bind_text(settings->digits), mq_bind_text(settings->letterhead.address),
                  mq_bind_text(settings->letterhead.phone), mq_bind_int(settings->version))));
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

apr_status_t mq_settings_save(const mq_scope_t *sc, const mq_settings_t *settings)
{
    if (!is_valid(settings, mq_scope_pool(sc))) {
        return MQ_EINVALID;
    }
    return mq_change(sc, MQ_ACTION_ORGANISATION_CHANGE, settings_save, &settings);
}

typedef struct choice_t {
    const char *tag;
    const char *digits;
} choice_t;

static apr_status_t language_choose(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const choice_t *choice = data;
    const char *tag = choice->tag ? choice->tag : "the organisation's";
    event_io->object = mq_scope_user(sc);
    event_io->reason = choice->digits
                           ? apr_pstrcat(mq_scope_pool(sc), tag, ", digits ", choice->digits, NULL)
                           : tag;
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_USER_LANGUAGE_SET,
                        MQ_PARAMS(mq_bind_text(choice->tag), mq_bind_id(mq_scope_user(sc)))));
    return mq_db_change(NULL, sc, MQ_SQL_USER_DIGITS_SET,
                        MQ_PARAMS(mq_bind_text(choice->digits), mq_bind_id(mq_scope_user(sc))));
}

apr_status_t mq_language_choose(const mq_scope_t *sc, const char *tag, const char *digits)
{
    choice_t choice = {tag, digits};
    if (!is_tag(tag) || !is_digits(digits)) {
        return MQ_EINVALID;
    }
    return mq_change(sc, MQ_ACTION_LANGUAGE_CHOOSE, language_choose, &choice);
}
