/* template_html.c -- the tokenizer of template_html.h. */
#include "base/template_html.h"

#include <apr_lib.h>
#include <string.h>
#include <strings.h>

static void name_append(char name[MQ_HTML_NAME_SIZE], char c)
{
    size_t length = strlen(name);
    if (length + 1 < MQ_HTML_NAME_SIZE) {
        name[length] = (char)apr_tolower(c);
        name[length + 1] = 0;
    }
}

/* Keep the last characters, to see the end of a comment or of a script. */
static void end_slide(char end[MQ_HTML_NAME_SIZE], char c)
{
    size_t length = strlen(end);
    if (length + 1 == MQ_HTML_NAME_SIZE) {
        memmove(end, end + 1, length);
        length--;
    }
    end[length] = (char)apr_tolower(c);
    end[length + 1] = 0;
}

static int ends_with(const char *text, const char *tail)
{
    size_t length = strlen(text);
    size_t tail_length = strlen(tail);
    return length >= tail_length && strcmp(text + length - tail_length, tail) == 0;
}

static int is_one_of(const char *name, const char *const *list)
{
    for (; *list; list++) {
        if (strcmp(name, *list) == 0) {
            return 1;
        }
    }
    return 0;
}

static void attribute_end(mq_html_t *html)
{
    if (strcmp(html->tag, "form") == 0 && strcmp(html->attribute, "method") == 0 &&
        strcmp(html->value, "post") == 0) {
        html->post_form = 1;
        html->csrf_seen = 0;
    }
    html->state = MQ_HTML_IN_TAG;
}

static void tag_end(mq_html_t *html)
{
    static const char *const raw[] = {"script", "style", NULL};
    static const char *const rcdata[] = {"textarea", "title", NULL};
    if (html->closing && strcmp(html->tag, "form") == 0) {
        if (html->post_form && !html->csrf_seen) {
            html->fault = "a form with method post needs {{csrf}}";
        }
        html->post_form = 0;
    }
    html->end[0] = 0;
    html->state = html->closing                  ? MQ_HTML_TEXT
                  : is_one_of(html->tag, raw)    ? MQ_HTML_RAW
                  : is_one_of(html->tag, rcdata) ? MQ_HTML_RCDATA
                                                 : MQ_HTML_TEXT;
}

static void tag_begin(mq_html_t *html, char c)
{
    html->tag[0] = 0;
    html->attribute[0] = 0;
    html->closing = c == '/';
    if (c == '!') {
        html->state = MQ_HTML_DECLARATION;
        html->end[0] = 0;
    } else if (c == '/' || apr_isalpha(c)) {
        html->state = MQ_HTML_TAG_NAME;
        if (c != '/') {
            name_append(html->tag, c);
        }
    } else {
        html->fault = "write &lt; for a < that begins no tag";
    }
}

static void in_tag(mq_html_t *html, char c)
{
    if (c == '>') {
        tag_end(html);
    } else if (c == '=') {
        html->fault = "an attribute has no name";
    } else if (!apr_isspace(c) && c != '/') {
        html->attribute[0] = 0;
        name_append(html->attribute, c);
        html->state = MQ_HTML_ATTRIBUTE;
    }
}

static void in_attribute(mq_html_t *html, char c)
{
    html->value[0] = 0;
    html->url = MQ_URL_START;
    if (c == '=') {
        html->state = MQ_HTML_AFTER_EQUALS;
    } else if (c == '>') {
        tag_end(html);
    } else if (apr_isspace(c) || c == '/') {
        html->state = MQ_HTML_IN_TAG;
    } else {
        name_append(html->attribute, c);
    }
}

static void in_value(mq_html_t *html, char c, char quote)
{
    if (c == quote) {
        attribute_end(html);
        return;
    }
    name_append(html->value, c);
    html->url = c == '?' || c == '#' || html->url == MQ_URL_QUERY ? MQ_URL_QUERY : MQ_URL_PATH;
}

static void in_special(mq_html_t *html, char c)
{
    char closing[MQ_HTML_NAME_SIZE + 2] = "</";
    end_slide(html->end, c);
    if (html->state == MQ_HTML_DECLARATION) {
        if (c == '>') {
            html->state = MQ_HTML_TEXT;
        } else if (strcmp(html->end, "--") == 0) {
            html->state = MQ_HTML_COMMENT;
        }
        return;
    }
    if (html->state == MQ_HTML_COMMENT) {
        html->state = ends_with(html->end, "-->") ? MQ_HTML_TEXT : MQ_HTML_COMMENT;
        return;
    }
    memcpy(closing + 2, html->tag, strlen(html->tag) + 1);
    if (ends_with(html->end, closing)) {
        html->closing = 1;
        html->state = MQ_HTML_IN_TAG;
    }
}

static void in_tag_name(mq_html_t *html, char c)
{
    if (c == '>') {
        tag_end(html);
    } else if (apr_isspace(c) || c == '/') {
        html->state = MQ_HTML_IN_TAG;
    } else {
        name_append(html->tag, c);
    }
}

void mq_html_feed(mq_html_t *html, char c)
{
    switch (html->state) {
    case MQ_HTML_TEXT:
        html->state = c == '<' ? MQ_HTML_TAG_OPEN : MQ_HTML_TEXT;
        break;
    case MQ_HTML_TAG_OPEN:
        tag_begin(html, c);
        break;
    case MQ_HTML_TAG_NAME:
        in_tag_name(html, c);
        break;
    case MQ_HTML_IN_TAG:
        in_tag(html, c);
        break;
    case MQ_HTML_ATTRIBUTE:
        in_attribute(html, c);
        break;
    case MQ_HTML_AFTER_EQUALS:
        html->state = c == '"'    ? MQ_HTML_DOUBLE_QUOTED
                      : c == '\'' ? MQ_HTML_SINGLE_QUOTED
                                  : MQ_HTML_UNQUOTED;
        break;
    case MQ_HTML_UNQUOTED:
        if (c == '>') {
            tag_end(html);
        } else if (apr_isspace(c)) {
            attribute_end(html);
        }
        break;
    case MQ_HTML_DOUBLE_QUOTED:
        in_value(html, c, '"');
        break;
    case MQ_HTML_SINGLE_QUOTED:
        in_value(html, c, '\'');
        break;
    default:
        in_special(html, c);
    }
}

static int is_url(const char *attribute)
{
    static const char *const urls[] = {"href", "src",  "action",   "formaction", "poster", "cite",
                                       "data", "ping", "manifest", "xlink:href", "srcset", NULL};
    return is_one_of(attribute, urls);
}

mq_place_t mq_html_place(const mq_html_t *html, const char **word_out)
{
    static const char *const never[] = {"style", "srcdoc", "http-equiv", NULL};
    switch (html->state) {
    case MQ_HTML_TEXT:
    case MQ_HTML_RCDATA:
        return MQ_PLACE_HTML;
    case MQ_HTML_DOUBLE_QUOTED:
    case MQ_HTML_SINGLE_QUOTED:
        if (strncmp(html->attribute, "on", 2) == 0 || is_one_of(html->attribute, never)) {
            *word_out = "in an attribute that runs as code or style";
            return MQ_PLACE_FORBIDDEN;
        }
        /* a list: what begins an address, or parts one from the next, is the template's own */
        if (strcmp(html->attribute, "srcset") == 0 && html->url != MQ_URL_QUERY) {
            *word_out = "in a list of addresses, but behind a ? of one";
            return MQ_PLACE_FORBIDDEN;
        }
        if (is_url(html->attribute)) {
            return html->url == MQ_URL_START  ? MQ_PLACE_URL_WHOLE
                   : html->url == MQ_URL_PATH ? MQ_PLACE_URL_SEGMENT
                                              : MQ_PLACE_URL_QUERY;
        }
        return MQ_PLACE_HTML;
    case MQ_HTML_RAW:
        *word_out = "inside script or style";
        return MQ_PLACE_FORBIDDEN;
    case MQ_HTML_AFTER_EQUALS:
    case MQ_HTML_UNQUOTED:
        *word_out = "in an attribute without quotes";
        return MQ_PLACE_FORBIDDEN;
    case MQ_HTML_COMMENT:
    case MQ_HTML_DECLARATION:
        *word_out = "in a comment or declaration";
        return MQ_PLACE_FORBIDDEN;
    default:
        *word_out = "in the name of a tag or attribute";
        return MQ_PLACE_FORBIDDEN;
    }
}

void mq_html_pass_name(mq_html_t *html)
{
    if (html->state == MQ_HTML_DOUBLE_QUOTED || html->state == MQ_HTML_SINGLE_QUOTED) {
        name_append(html->value, 'x');
        html->url = html->url == MQ_URL_QUERY ? MQ_URL_QUERY : MQ_URL_PATH;
    }
}

int mq_html_same(const mq_html_t *a, const mq_html_t *b)
{
    int in_value_a = a->state == MQ_HTML_DOUBLE_QUOTED || a->state == MQ_HTML_SINGLE_QUOTED;
    return a->state == b->state && (!in_value_a || (strcmp(a->attribute, b->attribute) == 0 &&
                                                    (!is_url(a->attribute) || a->url == b->url)));
}

int mq_html_keeps_blanks(const mq_html_t *html)
{
    return html->state != MQ_HTML_TEXT || (strcmp(html->tag, "pre") == 0 && !html->closing);
}
