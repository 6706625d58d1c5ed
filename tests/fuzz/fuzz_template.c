/* fuzz_template.c -- any bytes as a template: it compiles or is refused with a sentence that names
 * the line, and what compiles renders hostile text without letting a tag or a quote through. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/template.h"

/** What a page of this fuzzer holds. */
typedef struct item_t {
    const char *name;
} item_t;

typedef struct page_t {
    const char *text;
    apr_int64_t number;
    int flag;
    mq_list_t items;
    const item_t *one;
} page_t;

static const mq_slot_t item_slots[] = {MQ_TEXT(item_t, name), MQ_SLOTS_END};
static const mq_slot_t slots[] = {MQ_TEXT(page_t, text),
                                  MQ_INT(page_t, number),
                                  MQ_FLAG(page_t, flag),
                                  MQ_LIST(page_t, items, item_slots, item_t),
                                  MQ_STRUCT(page_t, one, item_slots),
                                  MQ_SLOTS_END};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char evil[] = "<EVIL \"'>&amp;";
    static const item_t items[] = {{evil}, {NULL}, {evil}};
    static const page_t page = {evil, -7, 1, {items, 3}, items};
    const mq_template_t *compiled;
    const char *error = NULL;
    apr_pool_t *pool;

    apr_pool_create(&pool, NULL);
    const char *text = apr_pstrmemdup(pool, (const char *)data, size);
    if (strlen(text) == size && !strstr(text, "EVIL")) {
        const mq_templates_t *set = mq_templates_of_text("page.html", text, NULL, pool);
        if (mq_template_compile(&compiled, set, "page.html", slots, pool, &error) == APR_SUCCESS) {
            mq_buffer_t *out = mq_buffer_make(pool, 256);
            mq_template_render(compiled, &page, NULL, out);
            if (strstr(mq_buffer_string(out), "<EVIL") ||
                strstr(mq_buffer_string(out), "EVIL \"")) {
                abort();
            }
        } else if (!error) {
            abort();
        }
    }
    apr_pool_destroy(pool);
    return 0;
}
