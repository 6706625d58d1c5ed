/* template.h -- pages as Mustache templates, compiled when the server starts to a flat list of
 * operations on the members of a C struct. Escaping is chosen from the place in the HTML where a
 * name stands; a place that cannot be made safe is a compile error, and so is an unknown name.
 *
 *   {{x}}  {{#x}}..{{/x}}  {{^x}}..{{/x}}  {{>part}}  {{!comment}}  {{#_}}text for people{{/_}}
 *
 * template_compile.c reads, template_html.c knows where in the HTML it is, template.c renders. */
#ifndef MQ_BASE_TEMPLATE_H
#define MQ_BASE_TEMPLATE_H

#include <apr_tables.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/catalogue.h"
#include "base/status.h"

/** What a member of a page's struct is. */
typedef enum {
    MQ_SLOT_TEXT,   /* const char *; NULL and "" are empty */
    MQ_SLOT_INT,    /* apr_int64_t; 0 is empty in a section */
    MQ_SLOT_ID,     /* mq_id_t; not for sections */
    MQ_SLOT_FLAG,   /* int; only for sections */
    MQ_SLOT_LIST,   /* mq_list_t; a section repeats for each item */
    MQ_SLOT_STRUCT, /* pointer to another struct, or NULL; a section enters it */
    MQ_SLOT_MARKUP, /* mq_markup_t: HTML that C code made, such as SVG; text context only */
    MQ_SLOT_INCLUDE /* an embedded struct whose slots count as this table's own */
} mq_slot_kind_t;

/** Items of a list: an array of structs. */
typedef struct mq_list_t {
    const void *items;
    int count;
} mq_list_t;

/** HTML made by C code, already safe. A type of its own, so that no text gets here by mistake. */
typedef struct mq_markup_t {
    const char *html; /* NULL is empty */
} mq_markup_t;

/** One name that a template may use; a table ends with MQ_SLOTS_END. */
typedef struct mq_slot_t {
    const char *name;
    mq_slot_kind_t kind;
    apr_size_t offset;
    const struct mq_slot_t *items; /* of LIST, STRUCT, INCLUDE */
    apr_size_t stride;             /* of LIST: bytes of one item */
} mq_slot_t;

#define MQ_TEXT(type, member)                                                                      \
    {                                                                                              \
#member, MQ_SLOT_TEXT, offsetof(type, member), NULL, 0                                     \
    }
#define MQ_INT(type, member)                                                                       \
    {                                                                                              \
#member, MQ_SLOT_INT, offsetof(type, member), NULL, 0                                      \
    }
#define MQ_ID(type, member)                                                                        \
    {                                                                                              \
#member, MQ_SLOT_ID, offsetof(type, member), NULL, 0                                       \
    }
#define MQ_FLAG(type, member)                                                                      \
    {                                                                                              \
#member, MQ_SLOT_FLAG, offsetof(type, member), NULL, 0                                     \
    }
#define MQ_MARKUP(type, member)                                                                    \
    {                                                                                              \
#member, MQ_SLOT_MARKUP, offsetof(type, member), NULL, 0                                   \
    }
#define MQ_LIST(type, member, item_slots, item_type)                                               \
    {                                                                                              \
#member, MQ_SLOT_LIST, offsetof(type, member), item_slots, sizeof(item_type)               \
    }
#define MQ_STRUCT(type, member, member_slots)                                                      \
    {                                                                                              \
#member, MQ_SLOT_STRUCT, offsetof(type, member), member_slots, 0                           \
    }
#define MQ_INCLUDE(type, member, member_slots)                                                     \
    {                                                                                              \
        "", MQ_SLOT_INCLUDE, offsetof(type, member), member_slots, 0                               \
    }
#define MQ_SLOTS_END                                                                               \
    {                                                                                              \
        NULL, MQ_SLOT_TEXT, 0, NULL, 0                                                             \
    }

/** The files of a folder, read once. */
typedef struct mq_templates_t mq_templates_t;

/** One compiled page; constant, shared by all threads. */
typedef struct mq_template_t mq_template_t;

/**
 * Read every *.html of a folder and of its folders. A file is known by its name alone.
 * @param set_out   lives as long as pool
 * @param catalogue the language of the texts for people, or NULL for English
 * @param error_out one sentence that names the file
 * @return MQ_ENOTFOUND no such folder; MQ_EINVALID a file is too large or not UTF-8,
 *         or two have one name
 */
apr_status_t mq_templates_open(mq_templates_t **set_out, const char *directory,
                               const mq_catalogue_t *catalogue, apr_pool_t *pool,
                               const char **error_out);

/** A set of one file given as text, for tests and fuzzing. */
mq_templates_t *mq_templates_of_text(const char *file, const char *text,
                                     const mq_catalogue_t *catalogue, apr_pool_t *pool);

/**
 * Compile a page.
 * @param template_out lives as long as pool
 * @param slots        the names it may use
 * @param error_out    "file:line: sentence"
 * @return MQ_EINVALID
 */
apr_status_t mq_template_compile(const mq_template_t **template_out, const mq_templates_t *set,
                                 const char *file, const mq_slot_t *slots, apr_pool_t *pool,
                                 const char **error_out);

/** Render a page's struct; cannot fail, allocates only what the buffer grows by.
 * @param digits of mq_script_t, for numbers that stand in text; inside a tag they are ASCII */
void mq_template_render(const mq_template_t *compiled, const void *page, const char *digits,
                        mq_buffer_t *out);

/** @return bytes that a page of it is likely to have, for the buffer's first capacity */
apr_size_t mq_template_typical(const mq_template_t *compiled);

/** @return whether a page may show a member of its own struct although a flag of it is 0 */
int mq_template_shows_without(const mq_template_t *compiled, apr_size_t member, apr_size_t flag);

#endif
