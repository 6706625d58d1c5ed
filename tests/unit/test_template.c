/* test_template.c -- what templates promise: every name safe where it stands, or no start at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/template.h"

typedef struct item_t {
    const char *name;
    mq_list_t parts;
} item_t;

typedef struct part_t {
    const char *word;
} part_t;

typedef struct frame_t {
    const char *title;
    const char *csrf;
} frame_t;

typedef struct page_t {
    frame_t frame;
    const char *text;
    const char *empty;
    apr_int64_t number;
    int flag;
    mq_list_t items;
    const item_t *one;
    mq_markup_t drawing;
} page_t;

static const mq_slot_t frame_slots[] = {MQ_TEXT(frame_t, title), MQ_TEXT(frame_t, csrf),
                                        MQ_SLOTS_END};
static const mq_slot_t part_slots[] = {MQ_TEXT(part_t, word), MQ_SLOTS_END};
static const mq_slot_t item_slots[] = {MQ_TEXT(item_t, name),
                                       MQ_LIST(item_t, parts, part_slots, part_t), MQ_SLOTS_END};
static const mq_slot_t page_slots[] = {MQ_TEXT(page_t, text),
                                       MQ_TEXT(page_t, empty),
                                       MQ_INT(page_t, number),
                                       MQ_FLAG(page_t, flag),
                                       MQ_LIST(page_t, items, item_slots, item_t),
                                       MQ_STRUCT(page_t, one, item_slots),
                                       MQ_MARKUP(page_t, drawing),
                                       MQ_INCLUDE(page_t, frame, frame_slots),
                                       MQ_SLOTS_END};

static apr_pool_t *pool;

static int set_up(void **state)
{
    (void)state;
    return apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static int tear_down(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

static const char *render(const char *text, const page_t *page)
{
    const char *error = NULL;
    const mq_template_t *compiled;
    mq_buffer_t *out = mq_buffer_make(pool, 16);
    mq_templates_t *set = mq_templates_of_text("t.html", text, NULL, pool);
    if (mq_template_compile(&compiled, set, "t.html", page_slots, pool, &error) != APR_SUCCESS) {
        return error;
    }
    mq_template_render(compiled, page, NULL, out);
    return mq_buffer_string(out);
}

static const page_t sample = {
    .frame = {"Title", "token"}, .text = "<i> & \"q\" 'a'", .empty = "", .number = -42, .flag = 1};

static void text_is_escaped_for_html(void **state)
{
    (void)state;
    assert_string_equal(render("<p>{{text}}</p>", &sample),
                        "<p>&lt;i&gt; &amp; &quot;q&quot; &#39;a&#39;</p>");
    assert_string_equal(render("<p title=\"{{text}}\">{{number}}</p>", &sample),
                        "<p title=\"&lt;i&gt; &amp; &quot;q&quot; &#39;a&#39;\">-42</p>");
    assert_string_equal(render("<textarea>{{text}}</textarea>", &sample),
                        "<textarea>&lt;i&gt; &amp; &quot;q&quot; &#39;a&#39;</textarea>");
}

static void numbers_in_text_have_the_digits_that_are_chosen_and_in_tags_ascii(void **state)
{
    const char *error = NULL;
    const mq_template_t *compiled;
    mq_buffer_t *out = mq_buffer_make(pool, 16);
    const char *text = "<td data-n=\"{{number}}\">{{number}}</td><textarea>{{number}}</textarea>";
    (void)state;
    assert_int_equal(mq_template_compile(&compiled,
                                         mq_templates_of_text("t.html", text, NULL, pool), "t.html",
                                         page_slots, pool, &error),
                     APR_SUCCESS);
    mq_template_render(compiled, &sample, "٠١٢٣٤٥٦٧٨٩", out);
    assert_string_equal(mq_buffer_string(out),
                        "<td data-n=\"-42\">-٤٢</td><textarea>-42</textarea>");
}

static void urls_are_encoded_by_their_part(void **state)
{
    page_t page = sample;
    (void)state;
    page.text = "a/b c?d&e";
    assert_string_equal(render("<a href=\"/x/{{text}}\">x</a>", &page),
                        "<a href=\"/x/a%2Fb%20c%3Fd%26e\">x</a>");
    assert_string_equal(render("<a href=\"/x?q={{text}}\">x</a>", &page),
                        "<a href=\"/x?q=a/b%20c%3Fd%26e\">x</a>");
    assert_string_equal(render("<a href=\"{{text}}\">x</a>", &page),
                        "<a href=\"a/b c?d&amp;e\">x</a>");
    page.text = "a b, javascript:x 2x";
    assert_string_equal(render("<source srcset=\"/x?v={{text}} 2x\">", &page),
                        "<source srcset=\"/x?v=a%20b%2C%20javascript%3Ax%202x 2x\">");
}

static void a_url_that_would_run_becomes_a_number_sign(void **state)
{
    static const char *const evil[] = {"javascript:alert(1)",  "JaVaScRiPt:alert(1)",
                                       " javascript:alert(1)", "java\tscript:alert(1)",
                                       "data:text/html,x",     "//evil.example",
                                       "/\\evil.example",      "vbscript:x"};
    (void)state;
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        page_t page = sample;
        page.text = evil[i];
        assert_string_equal(render("<a href=\"{{text}}\">x</a>", &page), "<a href=\"#\">x</a>");
    }
}

static void sections_repeat_enter_and_skip(void **state)
{
    const part_t parts[] = {{"p"}, {"q"}};
    const item_t items[] = {{"one", {parts, 2}}, {"two", {NULL, 0}}, {"three", {parts, 1}}};
    page_t page = sample;
    (void)state;
    page.items = (mq_list_t){items, 3};
    page.one = &items[0];
    assert_string_equal(
        render("{{#items}}[{{name}}:{{#parts}}{{word}}{{title}}{{/parts}}{{^parts}}-{{/parts}}]"
               "{{/items}}",
               &page),
        "[one:pTitleqTitle][two:-][three:pTitle]");
    assert_string_equal(
        render("{{#one}}{{name}}{{#parts}}{{word}}{{/parts}}{{/one}}{{text}}.", &page),
        "onepq&lt;i&gt; &amp; &quot;q&quot; &#39;a&#39;.");
    assert_string_equal(render("{{#empty}}no{{/empty}}{{^empty}}yes{{/empty}}", &page), "yes");
    assert_string_equal(render("{{#flag}}on{{/flag}}{{^flag}}off{{/flag}}", &page), "on");
    page.items = (mq_list_t){NULL, 0};
    page.one = NULL;
    assert_string_equal(render("{{#items}}x{{/items}}{{#one}}y{{/one}}{{^one}}z{{/one}}", &page),
                        "z");
}

static void a_tag_alone_on_its_line_takes_the_line_along(void **state)
{
    (void)state;
    assert_string_equal(render("<p>\n  {{#flag}}\n  x\n  {{/flag}}\n</p>\n", &sample),
                        "<p>\n x\n</p>\n");
    assert_string_equal(render("<pre>\n  a\n  b</pre>", &sample), "<pre>\n  a\n  b</pre>");
}

static void what_cannot_be_made_safe_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"<script>{{text}}</script>", "inside script or style"},
        {"<style>{{text}}</style>", "inside script or style"},
        {"<p onclick=\"{{text}}\">", "runs as code or style"},
        {"<p style=\"{{text}}\">", "runs as code or style"},
        {"<img srcset=\"{{text}}\">", "in a list of addresses"},
        {"<img srcset=\"/x/{{text}} 2x\">", "in a list of addresses"},
        {"<p title={{text}}>", "without quotes"},
        {"<p {{text}}=\"x\">", "name of a tag or attribute"},
        {"<{{text}}>", "name of a tag or attribute"},
        {"<!-- {{text}} -->", "in a comment"},
        {"{{{text}}}", "nothing is written unescaped"},
        {"{{&text}}", "nothing is written unescaped"},
        {"<p title=\"{{drawing}}\">", "stands only in text"},
        {"{{items}}", "use it as a section"},
        {"{{flag}}", "use it as a section"},
        {"{{txet}}", "is {{text}} meant?"},
        {"{{#items}}{{word}}{{/items}}", "unknown name {{word}}"},
        {"{{#flag}}x", "section {{#flag}} is not closed"},
        {"{{/flag}}", "ends no open section"},
        {"{{#flag}}x{{/text}}", "ends no open section"},
        {"<p {{#flag}}title=\"{{/flag}}x\">", "begins and ends at different places"},
        {"{{#flag}}<p{{/flag}}>", "begins and ends at different places"},
        {"{{>missing}}", "there is no partial missing.html"},
        {"{{>t}}", "includes itself"},
        {"<p>\n\n{{text", "t.html:3: {{ without }}"},
        {"{{}}", "is not a name"},
        {"{{#}}", "is not a name"},
        {"<p title=\"x", "ends inside a tag"},
        {"<form method=\"post\"><input></form>", "needs {{csrf}}"},
        {"<FORM METHOD='POST'></FORM>", "needs {{csrf}}"},
        {"{{#_}}never ends", "{{#_}} without {{/_}}"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *said = render(cases[i][0], &sample);
        if (!strstr(said, cases[i][1])) {
            fail_msg("%s: %s", cases[i][0], said);
        }
    }
}

static void a_post_form_with_its_token_is_fine(void **state)
{
    (void)state;
    assert_string_equal(render("<form method=\"post\"><input value=\"{{csrf}}\"></form>", &sample),
                        "<form method=\"post\"><input value=\"token\"></form>");
}

static const mq_catalogue_t *catalogue_of(const char *po)
{
    const char *path = apr_psprintf(pool, "/tmp/medsynq-test-%" APR_PID_T_FMT ".po", getpid());
    FILE *file = fopen(path, "w");
    const char *error = NULL;
    mq_catalogue_t *catalogue = NULL;
    assert_non_null(file);
    (void)fputs(po, file);
    (void)fclose(file);
    assert_int_equal(mq_catalogue_load(&catalogue, path, pool, &error), APR_SUCCESS);
    (void)remove(path);
    return catalogue;
}

static const char *render_in(const mq_catalogue_t *catalogue, const char *text)
{
    const char *error = NULL;
    const mq_template_t *compiled;
    mq_buffer_t *out = mq_buffer_make(pool, 16);
    mq_templates_t *set = mq_templates_of_text("t.html", text, catalogue, pool);
    if (mq_template_compile(&compiled, set, "t.html", page_slots, pool, &error) != APR_SUCCESS) {
        return error;
    }
    mq_template_render(compiled, &sample, NULL, out);
    return mq_buffer_string(out);
}

static void texts_are_translated_when_compiled(void **state)
{
    const mq_catalogue_t *catalogue =
        catalogue_of("# a comment\nmsgid \"\"\nmsgstr \"Language: fr\\n\"\n\n"
                     "msgid \"Hello {{title}}, \"\n\"welcome\"\nmsgstr \"Bonjour {{title}}\"\n\n"
                     "msgid \"Bad\"\nmsgstr \"Mauvais {{text}}\"\n");
    (void)state;
    assert_string_equal(render_in(catalogue, "<p>{{#_}}Hello {{title}},\n   welcome{{/_}}</p>"),
                        "<p>Bonjour Title</p>");
    assert_string_equal(render_in(catalogue, "<p title=\"{{#_}}Other{{/_}}\">"),
                        "<p title=\"Other\">");
    assert_non_null(strstr(render_in(catalogue, "{{#_}}Bad{{/_}}"), "uses other names"));
}

static void many_operations_keep_their_jumps(void **state)
{
    mq_buffer_t *text = mq_buffer_make(pool, 64);
    mq_buffer_t *expected = mq_buffer_make(pool, 64);
    (void)state;
    for (int i = 0; i < 2000; i++) {
        mq_buffer_text(text, "{{#flag}}a{{#empty}}b{{/empty}}{{number}}{{/flag}}");
        mq_buffer_text(expected, "a-42");
    }
    assert_string_equal(render(mq_buffer_string(text), &sample), mq_buffer_string(expected));
}

static void says_what_is_shown_without_a_flag(void **state)
{
    static const struct {
        const char *text;
        int shows;
    } rows[] = {{"{{#flag}}{{text}}{{/flag}}", 0},
                {"{{#flag}}{{text}}{{/flag}}{{text}}", 1},
                {"{{^flag}}{{text}}{{/flag}}", 1},
                {"{{#number}}{{text}}{{/number}}", 1},
                {"{{#flag}}{{#items}}{{name}}{{/items}}{{text}}{{/flag}}", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const mq_template_t *compiled;
        const char *error = NULL;
        assert_int_equal(
            mq_template_compile(&compiled, mq_templates_of_text("t.html", rows[i].text, NULL, pool),
                                "t.html", page_slots, pool, &error),
            APR_SUCCESS);
        assert_int_equal(
            mq_template_shows_without(compiled, offsetof(page_t, text), offsetof(page_t, flag)),
            rows[i].shows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(text_is_escaped_for_html, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            numbers_in_text_have_the_digits_that_are_chosen_and_in_tags_ascii, set_up, tear_down),
        cmocka_unit_test_setup_teardown(urls_are_encoded_by_their_part, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_url_that_would_run_becomes_a_number_sign, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(sections_repeat_enter_and_skip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_tag_alone_on_its_line_takes_the_line_along, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_made_safe_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_post_form_with_its_token_is_fine, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_are_translated_when_compiled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_operations_keep_their_jumps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_what_is_shown_without_a_flag, set_up, tear_down)};
    int failed;
    (void)apr_initialize();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}
