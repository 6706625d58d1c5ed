/* patient_import_dates.c -- 03/04/1980 is read silently wrong when a file has the other order than
 * the organisation. A file proves its order as soon as one of its dates has a day above 12; where
 * none has, or some prove the one and some the other, a person says it. */
#include "domain/imports/patient_import_dates.h"

#include <apr_cstr.h>
#include <apr_strings.h>
#include <string.h>

#include "base/buffer.h"
#include "base/csv.h"
#include "base/text.h"
#include "domain/imports/patient_import_columns.h"

enum {
    DIGITS_LEAST = 6,             /* of a day, a month and a year */
    CELL_MOST = 400,              /* bytes of a cell that may be a date */
    KINDS = MQ_DATE_ORDER_EITHER, /* of evidence */
    STORED = 2 * KINDS            /* cells of a column: a number and an example of each kind */
};

static int has_digits(const char *text, int least)
{
    for (; *text && least > 0; text++) {
        least -= *text >= '0' && *text <= '9';
    }
    return least <= 0;
}

/* Two digits at most, and what is behind them. @return -1: none */
static int number_read(const char **at)
{
    int number = -1;
    for (int i = 0; i < 2 && **at >= '0' && **at <= '9'; i++) {
        number = (number < 0 ? 0 : 10 * number) + *(*at)++ - '0';
    }
    return number;
}

/* What may stand behind an hour: a zone. Midnight there is the day that is written. */
static int is_zone(const char *text)
{
    static const char *const names[] = {"", "z", "utc", "gmt"};
    text += *text == ' ';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (apr_cstr_casecmp(text, names[i]) == 0) {
            return 1;
        }
    }
    return (*text == '+' || *text == '-') && strspn(text + 1, "0123456789:") == strlen(text + 1);
}

/* "00:00", "0:00:00.000Z", "12:00:00 AM", "00:00:00+01:00" */
static int is_midnight(const char *time)
{
    int hour = number_read(&time);
    if (hour < 0 || *time != ':') {
        return 0;
    }
    time += strspn(time, ":.0");
    if (apr_cstr_casecmpn(time + (*time == ' '), "am", 2) == 0) {
        hour = hour == 12 ? 0 : hour;
        time += 2 + (*time == ' ');
    }
    return hour == 0 && is_zone(time);
}

/* 19610413, as HL7 and old databases write days, with nothing or with midnight behind it. The year
 * comes first, or the calendar does not have it: in no other order do eight digits begin with the
 * century of somebody who lives. */
static const char *compact_day(const char *line, apr_pool_t *pool)
{
    enum { DAY = 8, SECOND = 14 };
    const apr_size_t length = strspn(line, "0123456789");
    const char *iso =
        length < DAY ? line : apr_psprintf(pool, "%.4s-%.2s-%.2s", line, line + 4, line + 6);
    mq_day_t day;
    if (line[length] || (length != DAY && length != SECOND && length != SECOND - 2) ||
        (strncmp(line, "19", 2) != 0 && strncmp(line, "20", 2) != 0 &&
         strncmp(line, "18", 2) != 0) ||
        strspn(line + DAY, "0") != length - DAY || mq_date_parse(&day, iso) != APR_SUCCESS) {
        return line;
    }
    return iso;
}

const char *mq_import_date_text(const char *line, apr_pool_t *pool)
{
    const char *colon = strchr(line, ':');
    const char *hour = colon;
    if (!colon) {
        return compact_day(line, pool);
    }
    while (hour > line && hour[-1] >= '0' && hour[-1] <= '9' && colon - hour < 2) {
        hour--;
    }
    if (hour == colon || hour == line || (hour[-1] != ' ' && hour[-1] != 'T') ||
        !is_midnight(hour)) {
        return line;
    }
    return apr_pstrmemdup(pool, line, (apr_size_t)(hour - 1 - line));
}

void mq_import_evidence_note(mq_import_evidence_t *evidence, const char *cell, apr_pool_t *scratch,
                             apr_pool_t *kept_pool)
{
    const char *line;
    mq_date_order_t order;
    if (!has_digits(cell, DIGITS_LEAST) || strlen(cell) > CELL_MOST ||
        mq_text_clean_line(&line, mq_import_cell_plain(cell, scratch), scratch) != APR_SUCCESS) {
        return;
    }
    line = mq_import_date_text(line, scratch);
    order = mq_date_order(line);
    if (order != MQ_DATE_ORDER_PLAIN && evidence->counts[order]++ == 0) {
        evidence->examples[order] = apr_pstrdup(kept_pool, line);
    }
}

const char *mq_import_evidence_text(const mq_import_evidence_t *columns, int count,
                                    apr_pool_t *pool)
{
    static const char end[] = {MQ_IMPORT_CELL_END, 0};
    mq_buffer_t *text = mq_buffer_make(pool, 256);
    for (int i = 0; i < count; i++) {
        for (int kind = 1; kind <= KINDS; kind++) {
            const char *example = columns[i].examples[kind];
            mq_buffer_text(text, apr_psprintf(pool, "%" APR_INT64_T_FMT, columns[i].counts[kind]));
            mq_buffer_text(text, end);
            mq_buffer_text(text, example ? example : "");
            mq_buffer_text(text, end);
        }
    }
    return mq_buffer_string(text);
}

static int is_date(mq_import_field_t field)
{
    int of_record = mq_import_record_field(field);
    return field == MQ_IMPORT_NOTE_DATE ||
           (of_record >= 0 && mq_field_is_date(mq_patient_field_table[of_record].rule.kind));
}

void mq_import_dates(mq_import_dates_t *dates_out, const mq_import_t *import,
                     const mq_import_field_t *mapping, apr_pool_t *pool)
{
    const char *cells[MQ_IMPORT_COLUMNS_MOST * STORED];
    int stored = mq_import_cells(cells, MQ_IMPORT_COLUMNS_MOST * STORED,
                                 apr_pstrdup(pool, import->date_evidence));
    const apr_int64_t *counts = dates_out->counts;
    memset(dates_out, 0, sizeof *dates_out);
    for (int i = 0; i < import->column_count && (i + 1) * STORED <= stored; i++) {
        for (int kind = 1; kind <= KINDS && is_date(mapping[i]); kind++) {
            const char *const *cell = &cells[i * STORED + 2 * (kind - 1)];
            apr_int64_t count = apr_atoi64(cell[0]);
            if (count && !dates_out->counts[kind]) {
                dates_out->examples[kind] = cell[1];
            }
            dates_out->counts[kind] += count;
        }
    }
    if (!counts[MQ_DATE_ORDER_DAY_FIRST] == !counts[MQ_DATE_ORDER_MONTH_FIRST]) {
        int has_any = counts[MQ_DATE_ORDER_DAY_FIRST] || counts[MQ_DATE_ORDER_EITHER];
        dates_out->order = has_any ? MQ_DATE_ORDER_EITHER : MQ_DATE_ORDER_PLAIN;
    } else {
        dates_out->order =
            counts[MQ_DATE_ORDER_DAY_FIRST] ? MQ_DATE_ORDER_DAY_FIRST : MQ_DATE_ORDER_MONTH_FIRST;
    }
}
