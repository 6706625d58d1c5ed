/* chart.c -- rectangles and texts. */
#include "web/organisations/chart.h"

#include "base/escape.h"

/* Of one size however many bars there are, so that two charts side by side stand on one line. */
enum { WIDTH = 624, BAR = 40, HEIGHT = 120, TOP = 18, FOOT = 20, CORNER = 3, BASELINE = 5 };

const mq_slot_t mq_bar_slots[] = {MQ_TEXT(mq_bar_t, label), MQ_INT(mq_bar_t, value), MQ_SLOTS_END};

static void attribute(mq_buffer_t *out, const char *name, apr_int64_t value)
{
    mq_buffer_text(out, " ");
    mq_buffer_text(out, name);
    mq_buffer_text(out, "=\"");
    mq_buffer_int(out, value);
    mq_buffer_text(out, "\"");
}

static void text_draw(mq_buffer_t *out, apr_int64_t x, apr_int64_t y)
{
    mq_buffer_text(out, "<text");
    attribute(out, "x", x);
    attribute(out, "y", y);
    mq_buffer_text(out, ">");
}

static void bar_draw(mq_buffer_t *out, const mq_bar_t *bar, apr_int64_t x, apr_int64_t most,
                     const char *digits)
{
    apr_int64_t height = most ? (bar->value * HEIGHT + most - 1) / most : 0;
    mq_buffer_text(out, "<rect");
    attribute(out, "x", x);
    attribute(out, "y", TOP + HEIGHT - height);
    attribute(out, "width", BAR);
    attribute(out, "height", height);
    attribute(out, "rx", CORNER);
    mq_buffer_text(out, "/>");
    text_draw(out, x + BAR / 2, TOP + HEIGHT - height - BASELINE);
    mq_buffer_figure(out, bar->value, digits);
    mq_buffer_text(out, "</text>");
    text_draw(out, x + BAR / 2, TOP + HEIGHT + FOOT - BASELINE);
    mq_escape_html(out, bar->label);
    mq_buffer_text(out, "</text>");
}

mq_markup_t mq_chart_bars(const mq_bar_t *bars, int count, const char *title,
                          const mq_script_t *script, apr_pool_t *pool)
{
    mq_buffer_t *out = mq_buffer_make(pool, 4096);
    apr_int64_t most = 0;
    for (int i = 0; i < count; i++) {
        most = bars[i].value > most ? bars[i].value : most;
    }
    mq_buffer_text(out, "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 ");
    mq_buffer_int(out, WIDTH);
    mq_buffer_text(out, " ");
    mq_buffer_int(out, TOP + HEIGHT + FOOT);
    mq_buffer_text(out, "\" aria-label=\"");
    mq_escape_html(out, title);
    mq_buffer_text(out, "\">");
    for (int i = 0; i < count; i++) {
        int place = script->is_right_to_left ? count - 1 - i : i;
        bar_draw(out, &bars[i], (2 * place + 1) * WIDTH / (2 * count) - BAR / 2, most,
                 script->digits);
    }
    mq_buffer_text(out, "</svg>");
    return (mq_markup_t){mq_buffer_string(out)};
}
