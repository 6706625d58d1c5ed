/* label_view.c -- how wide texts are on a label, and how many of them its lines take. The browser
 * lays them out, with the fonts it has: the widths here are those of a wide bold one, and
 * styles.css ends a line in dots should even that be too narrow. */
#include "web/patients/label_view.h"

#include <apr_strings.h>
#include <string.h>

const mq_slot_t mq_label_slots[] = {
    MQ_LIST(mq_label_view_t, on_label, mq_chart_line_slots, mq_chart_line_t),
    MQ_INT(mq_label_view_t, lines), MQ_TEXT(mq_label_view_t, not_on_label), MQ_SLOTS_END};

/* In hundredths of an em. Beside the code there are 42 mm, below it 58. */
enum {
    LINE = 2400,              /* of allergies: 6.75 pt */
    BROKEN_LINE = LINE - 100, /* of a word that is longer: less than its widest letter is lost */
    NAME_LINE = 1320,         /* 9 pt */
    FACT_LINE = 1580,         /* of dates and the record number: 7.5 pt */
    BLANK = 29,               /* and a dot between two allergies */
    CUT = 1600, /* of a substance that ends in dots: with its severity it fits a line */
};

/* Where the next word would stand. */
typedef struct flow_t {
    int lines; /* that have been begun */
    int used;  /* of the last of them */
} flow_t;

/* Of " " to "~": the advances of Noto Sans Bold, which is wider than Arial, Segoe UI and Roboto. */
static const unsigned char advances[] = {
    26, 29, 48, 65, 58, 91, 75, 27, 34, 34, 55, 58, 29, 33, 29, 42, 58, 58, 58, 58, 58, 58, 58, 58,
    58, 58, 29, 29, 58, 58, 58, 48, 90, 69, 68, 64, 74, 56, 55, 73, 77, 39, 34, 67, 57, 95, 82, 80,
    63, 80, 66, 56, 58, 76, 65, 97, 67, 63, 58, 34, 42, 34, 58, 42, 37, 61, 64, 52, 64, 60, 39, 64,
    66, 31, 31, 62, 31, 99, 66, 62, 64, 64, 46, 50, 44, 66, 57, 86, 58, 57, 49, 40, 56, 40, 58};

/* Bytes that go on with a character have no width. What takes two is a letter of Europe or the Near
 * East; what takes more is at most as wide as it is high. */
static int byte_width(unsigned char byte)
{
    if (byte >= ' ' && byte <= '~') {
        return advances[byte - ' '];
    }
    return byte < 0xc0 ? 0 : byte < 0xe0 ? 72 : 105;
}

static int text_width(const char *text, apr_size_t length)
{
    int width = 0;
    for (apr_size_t i = 0; i < length; i++) {
        width += byte_width((unsigned char)text[i]);
    }
    return width;
}

/* A word that is too long for the line begins the next; one that is too long for any is broken. */
static void word_add(flow_t *flow, int width)
{
    if (flow->used && flow->used + width > LINE) {
        flow->lines++;
        flow->used = 0;
    }
    if (width > LINE) { /* each of its lines ends before the letter that has no room there */
        flow->lines += width / BROKEN_LINE;
        width %= BROKEN_LINE;
    }
    flow->used += width + BLANK;
}

static void text_add(flow_t *flow, const char *text)
{
    while (*text) {
        apr_size_t length = strcspn(text, " ");
        word_add(flow, text_width(text, length));
        text += length + (text[length] == ' ');
    }
}

static flow_t allergy_add(flow_t flow, const mq_request_t *rq, const mq_chart_line_t *allergy)
{
    word_add(&flow, BLANK);
    text_add(&flow, allergy->said);
    if (allergy->severity) {
        text_add(&flow, apr_pstrcat(rq->pool, "(", allergy->severity, ")", NULL));
    }
    return flow;
}

/* What of a long name is enough to know it by, never half a character. */
static const char *said_cut(const mq_request_t *rq, const char *said)
{
    apr_size_t length = 0;
    int width = 0;
    while (said[length] && width + byte_width((unsigned char)said[length]) <= CUT) {
        width += byte_width((unsigned char)said[length++]);
    }
    while (((unsigned char)said[length] & 0xc0) == 0x80) {
        length--;
    }
    return said[length] ? apr_pstrcat(rq->pool, apr_pstrmemdup(rq->pool, said, length), "…", NULL)
                        : said;
}

/* @return the first allergies, as many as fit so many lines; a long name is cut where it must be */
static mq_list_t allergies_fit(const mq_request_t *rq, const mq_list_t *all, int lines)
{
    mq_chart_line_t *fit = apr_palloc(rq->pool, sizeof *fit * (size_t)(all->count + 1));
    flow_t flow = {1, 0};
    int count = 0;
    text_add(&flow, mq_say(rq, "Allergies:"));
    for (; count < all->count; count++) {
        flow_t next;
        fit[count] = ((const mq_chart_line_t *)all->items)[count];
        next = allergy_add(flow, rq, &fit[count]);
        if (next.lines > lines) {
            fit[count].said = said_cut(rq, fit[count].said);
            next = allergy_add(flow, rq, &fit[count]);
        }
        if (next.lines > lines) {
            break;
        }
        flow = next;
    }
    return (mq_list_t){fit, count};
}

static const char *rest_say(const mq_request_t *rq, const mq_list_t *all, int shown)
{
    const mq_chart_line_t *lines = all->items;
    int rest = all->count - shown;
    int severe = 0;
    for (int i = shown; i < all->count; i++) {
        severe += lines[i].is_severe;
    }
    if (!severe) {
        return mq_sayf(rq, "and %d more – see record", rest);
    }
    return severe == rest ? mq_say_count(rq, "and %d more severe – see record",
                                         "and %d more severe – see record", rest)
                          : mq_sayf(rq, "and %d more (severe: %d) – see record", rest, severe);
}

static int is_wider(const char *text, int line)
{
    return text && text_width(text, strlen(text)) > line;
}

static int is_born_wide(const mq_request_t *rq, const mq_patient_banner_t *who)
{
    const char *born = who->birth_date_text ? who->birth_date_text
                                            : apr_pstrcat(rq->pool, mq_say(rq, "Date of birth:"),
                                                          " ", mq_say(rq, "Not known"), NULL);
    return is_wider(apr_pstrcat(rq->pool, born, " (", who->age ? who->age : "", ") · ",
                                who->sex ? who->sex : "", NULL),
                    FACT_LINE);
}

/* Lines of allergies for which there is room: as high as the code are three lines of what stands
 * beside it, or four without a second one of the name. */
static int lines_free(const mq_request_t *rq, const mq_patient_banner_t *who)
{
    int second = is_wider(who->mrn, FACT_LINE) + is_born_wide(rq, who);
    return is_wider(who->name, NAME_LINE) || !second ? 4 - second : 5 - second;
}

mq_label_view_t mq_label_view(const mq_request_t *rq, const mq_patient_t *patient,
                              const mq_patient_banner_t *who)
{
    const mq_list_t all = mq_chart_said(rq, patient, mq_chart_kind(MQ_CHART_ALLERGIES)).lines;
    int lines = lines_free(rq, who);
    mq_label_view_t view = {.on_label = allergies_fit(rq, &all, lines)};
    if (view.on_label.count < all.count) {
        view.on_label = allergies_fit(rq, &all, lines - 1);
        if (view.on_label.count < all.count) {
            view.not_on_label = rest_say(rq, &all, view.on_label.count);
        }
    }
    view.lines = view.not_on_label ? lines - 1 : lines;
    return view;
}
