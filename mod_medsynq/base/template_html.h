/* template_html.h -- where in the HTML a template is: enough of HTML's tokenizer (HTML Living
 * Standard, 13.2.5) to know how a name must be escaped there. For template_compile.c only. */
#ifndef MQ_BASE_TEMPLATE_HTML_H
#define MQ_BASE_TEMPLATE_HTML_H

typedef enum {
    MQ_HTML_TEXT,
    MQ_HTML_RCDATA, /* textarea, title */
    MQ_HTML_RAW,    /* script, style */
    MQ_HTML_TAG_OPEN,
    MQ_HTML_TAG_NAME,
    MQ_HTML_IN_TAG,
    MQ_HTML_ATTRIBUTE,
    MQ_HTML_AFTER_EQUALS,
    MQ_HTML_UNQUOTED,
    MQ_HTML_DOUBLE_QUOTED,
    MQ_HTML_SINGLE_QUOTED,
    MQ_HTML_DECLARATION, /* <!doctype ...> and comments */
    MQ_HTML_COMMENT
} mq_html_state_t;

typedef enum { MQ_URL_START, MQ_URL_PATH, MQ_URL_QUERY } mq_url_part_t;

enum { MQ_HTML_NAME_SIZE = 32 };

typedef struct mq_html_t {
    mq_html_state_t state;
    mq_url_part_t url;
    int closing; /* in </tag */
    char tag[MQ_HTML_NAME_SIZE];
    char attribute[MQ_HTML_NAME_SIZE];
    char value[MQ_HTML_NAME_SIZE]; /* the beginning of the attribute's value */
    char end[MQ_HTML_NAME_SIZE];   /* the last characters, to find "</script" and "-->" */
    int post_form;                 /* inside <form method="post"> */
    int csrf_seen;                 /* and it has its token */
    const char *fault;             /* what is wrong with the HTML itself, or NULL */
} mq_html_t;

/** How a text must be written where the tokenizer is. */
typedef enum {
    MQ_PLACE_HTML,
    MQ_PLACE_URL_WHOLE,
    MQ_PLACE_URL_SEGMENT,
    MQ_PLACE_URL_QUERY,
    MQ_PLACE_FORBIDDEN
} mq_place_t;

/** Go on by one character of the template's own text. */
void mq_html_feed(mq_html_t *html, char c);

/** @return how a text is written here; word_out names the place where that is impossible */
mq_place_t mq_html_place(const mq_html_t *html, const char **word_out);

/** A name stands here: it counts as some characters of a value. */
void mq_html_pass_name(mq_html_t *html);

/** @return whether both are at the same kind of place, as the two ends of a section must be */
int mq_html_same(const mq_html_t *a, const mq_html_t *b);

/** @return whether white space counts here: in pre and textarea, and within tags and values */
int mq_html_keeps_blanks(const mq_html_t *html);

#endif
