/* settings.h -- what an organisation has chosen for all its people: dates, clock, language and
 * digits, and from when on a second factor; and the language and digits that a person has chosen.
 * They act on the next request, for each request reads them with the person's standing. */
#ifndef MQ_DOMAIN_SETTINGS_H
#define MQ_DOMAIN_SETTINGS_H

#include "domain/organisations/letterhead.h"

enum { MQ_LANGUAGE_TAG_MOST = 35 /* characters: RFC 5646, 4.4.1 */ };

typedef struct mq_settings_t {
    const char *two_factor_from; /* "2026-12-01": from that day on it is required; NULL: never */
    mq_date_format_t date_format;
    const char *time_zone; /* IANA name; NULL: UTC */
    const char *language;  /* tag; NULL: what each person's browser asks for */
    const char *digits;    /* MQ_DIGITS_…; NULL: MQ_DIGITS_LATIN */
    mq_letterhead_t letterhead;
    apr_int64_t version;
} mq_settings_t;

/** How an organisation that begins writes dates, and its clock; empty or NULL: it has not said so
 * yet, and until then no date is read whose order is not known (web/form.c). */
typedef struct mq_tenant_manners_t {
    const char *date_format; /* the number of an mq_date_format_t */
    const char *time_zone;   /* IANA name */
} mq_tenant_manners_t;

/** What the formats of dates are called by the command and in the trail: "d/m/y". */
extern const char *const mq_date_format_names[MQ_DATE_FORMATS];

/**
 * Read what an organisation that begins has said of dates and clock.
 * @param zone_out NULL: UTC
 * @return MQ_EINVALID no such format or zone
 */
apr_status_t mq_manners_read(mq_date_format_t *format_out, const char **zone_out,
                             const mq_tenant_manners_t *manners, apr_pool_t *pool);

/** @return the same for the trail, NULL where nothing was said */
const char *mq_manners_say(const mq_tenant_manners_t *manners, apr_pool_t *pool);

/** Read the settings, texts from the scope's pool. @return MQ_EDENIED */
apr_status_t mq_settings_read(mq_settings_t *settings_out, const mq_scope_t *sc);

/**
 * Replace all settings; recorded in the trail.
 * @return MQ_ECONFLICT somebody has changed them since version; MQ_EINVALID no such format or zone,
 *         or no tag; MQ_EDENIED
 */
apr_status_t mq_settings_save(const mq_scope_t *sc, const mq_settings_t *settings);

/** Choose one's own language and digits; recorded in the trail.
 * @param tag    NULL: the organisation's
 * @param digits MQ_DIGITS_…; NULL: the organisation's
 * @return MQ_EINVALID it is no tag, or there are no such digits */
apr_status_t mq_language_choose(const mq_scope_t *sc, const char *tag, const char *digits);

#endif
