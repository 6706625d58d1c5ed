/* template_compile.c -- from a template's text to operations: tags, names, partials, translations.
 * Runs when the server starts; what it refuses never reaches a person.
 *
 * Escaping is where web programs break: one value that stands in the wrong place unescaped is
 * enough. Engines that escape everything the same way are right in text and wrong in an address or
 * an attribute without quotes; leaving it to the author is a bet on every author. So the compiler
 * reads the HTML round each value (template_html.c) and chooses: text, quoted attribute, address.
 * Anything else, such as a value inside a script, a style, a tag's name or an unquoted attribute,
 * stops the start with file and line. There is no way to say "do not escape".
 *
 * Names are resolved to offsets of a struct here, once, so that rendering is a loop over operations
 * without a look-up; a misspelt name is a fault at the start and not an empty place in a page. A
 * form that posts and has no place for its token does not compile either. Each language is compiled
 * for itself, with its texts in place: nothing is translated while somebody waits.
 *
 * What must stay true: a partial is compiled in the place where it stands, since that decides how
 * its values are escaped; a translation may move names, and is read as HTML again after it was put
 * in, for a translator's text is no more trusted than a template's; and nothing here runs at a
 * request. */
#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_hash.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/template_html.h"
#include "base/template_ops.h"
#include "base/text.h"
#include "base/text_file.h"

enum { FILE_LIMIT = 1024 * 1024, PARTIALS_DEEP = 16, SECTIONS_DEEP = 32, NAME_LIMIT = 64 };
enum { ITEMS_TYPICAL = 50, TYPICAL_MOST = 64 * 1024 };

struct mq_templates_t {
    const char *directory;
    const mq_catalogue_t *catalogue;
    apr_hash_t *files; /* "home.html" -> file_t */
};

/* One file of the set: found by its name, named in messages by where it is. */
typedef struct file_t {
    const char *path; /* below the set's directory: "patients/label.html" */
    const char *text;
} file_t;

/* Slots in scope: the page's, then those of each list or struct entered. */
typedef struct scope_t {
    const mq_slot_t *slots;
} scope_t;

typedef struct section_t {
    const char *name;
    int line;
    int op;         /* its opening operation */
    int enters;     /* a list or struct: a new level */
    mq_html_t html; /* where it began */
} section_t;

typedef struct compiler_t {
    const mq_templates_t *set;
    apr_pool_t *pool;
    const char **error_out;
    const char *file; /* being read, for messages */
    int line;
    int partials;
    apr_array_header_t *ops;
    mq_buffer_t *literal;
    mq_html_t html;
    scope_t scopes[MQ_TEMPLATE_LEVELS];
    int level;
    section_t sections[SECTIONS_DEEP];
    int depth;
} compiler_t;

typedef struct found_t {
    const mq_slot_t *slot;
    int level;
    apr_size_t offset;
} found_t;

static apr_status_t text_parse(compiler_t *c, const char *text, const char *end);

static apr_status_t fault_say(compiler_t *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static apr_status_t fault_say(compiler_t *c, const char *format, ...)
{
    const char *sentence;
    va_list ap;
    va_start(ap, format);
    sentence = apr_pvsprintf(c->pool, format, ap);
    va_end(ap);
    *c->error_out = apr_psprintf(c->pool, "%s%s%s:%d: %s", c->set->directory,
                                 *c->set->directory ? "/" : "", c->file, c->line, sentence);
    return MQ_EINVALID;
}

/* ---- operations ---- */

static mq_op_t *op_add(compiler_t *c, mq_op_kind_t kind)
{
    mq_op_t *op = apr_array_push(c->ops);
    char *literal = apr_pcalloc(c->pool, c->literal->length + MQ_LITERAL_ROOM);
    memcpy(literal, c->literal->data, c->literal->length);
    *op = (mq_op_t){.kind = kind, .length = c->literal->length, .literal = literal};
    c->literal->length = 0;
    return op;
}

/* The place of the next operation, for jumps; ends the literal before it. */
static int op_next(compiler_t *c)
{
    if (c->literal->length) {
        (void)op_add(c, MQ_OP_LITERAL);
    }
    return c->ops->nelts;
}

/* ---- names ---- */

static const mq_slot_t *slot_find(apr_size_t *offset_out, const mq_slot_t *slots, const char *name)
{
    for (const mq_slot_t *slot = slots; slot->name; slot++) {
        if (slot->kind != MQ_SLOT_INCLUDE && strcmp(slot->name, name) == 0) {
            *offset_out = slot->offset;
            return slot;
        }
    }
    for (const mq_slot_t *slot = slots; slot->name; slot++) {
        const mq_slot_t *inner =
            slot->kind == MQ_SLOT_INCLUDE ? slot_find(offset_out, slot->items, name) : NULL;
        if (inner) {
            *offset_out += slot->offset;
            return inner;
        }
    }
    return NULL;
}

/* Edit distance (Levenshtein) of two short names. */
static int name_distance(const char *a, const char *b)
{
    int row[NAME_LIMIT + 1];
    int length = (int)strlen(b);
    if (strlen(a) > NAME_LIMIT || length > NAME_LIMIT) {
        return NAME_LIMIT;
    }
    for (int j = 0; j <= length; j++) {
        row[j] = j;
    }
    for (int i = 1; a[i - 1]; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= length; j++) {
            int above = row[j];
            int best = diagonal + (a[i - 1] != b[j - 1]);
            best = above + 1 < best ? above + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = above;
        }
    }
    return row[length];
}

static void slot_nearest(const char **best_out, int *distance_out, const mq_slot_t *slots,
                         const char *name)
{
    for (const mq_slot_t *slot = slots; slot->name; slot++) {
        if (slot->kind == MQ_SLOT_INCLUDE) {
            slot_nearest(best_out, distance_out, slot->items, name);
        } else if (name_distance(slot->name, name) < *distance_out) {
            *distance_out = name_distance(slot->name, name);
            *best_out = slot->name;
        }
    }
}

static apr_status_t name_find(found_t *found, compiler_t *c, const char *name)
{
    const char *best = NULL;
    int closest = NAME_LIMIT;
    /* from the inside out: an item of a list also sees the page round it */
    for (int level = c->level; level >= 0; level--) {
        found->slot = slot_find(&found->offset, c->scopes[level].slots, name);
        found->level = level;
        if (found->slot) {
            return APR_SUCCESS;
        }
        slot_nearest(&best, &closest, c->scopes[level].slots, name);
    }
    if (best && closest <= 3) {
        (void)fault_say(c, "unknown name {{%s}}; is {{%s}} meant?", name, best);
    } else {
        (void)fault_say(c, "unknown name {{%s}}", name);
    }
    return MQ_EINVALID;
}

/* ---- literal text ---- */

static apr_status_t literal_add(compiler_t *c, const char *text, const char *end)
{
    while (text < end) {
        char ch = *text++;
        if (apr_isspace(ch) && !mq_html_keeps_blanks(&c->html)) {
            int breaks = ch == '\n';
            while (text < end && apr_isspace(*text)) {
                breaks += *text++ == '\n';
            }
            c->line += breaks;
            ch = breaks ? '\n' : ' ';
            /* one blank is as good as many, also across tags of ours */
            if (c->literal->length && apr_isspace(c->literal->data[c->literal->length - 1])) {
                continue;
            }
            mq_buffer_add(c->literal, &ch, 1);
            continue;
        }
        c->line += ch == '\n';
        mq_html_feed(&c->html, ch);
        if (c->html.fault) {
            return fault_say(c, "%s", c->html.fault);
        }
        mq_buffer_add(c->literal, &ch, 1);
    }
    return APR_SUCCESS;
}

/* ---- tags ---- */

static apr_status_t variable_compile(compiler_t *c, const char *name)
{
    static const mq_op_kind_t kinds[] = {[MQ_PLACE_HTML] = MQ_OP_HTML,
                                         [MQ_PLACE_URL_WHOLE] = MQ_OP_WHOLE,
                                         [MQ_PLACE_URL_SEGMENT] = MQ_OP_SEGMENT,
                                         [MQ_PLACE_URL_QUERY] = MQ_OP_QUERY};
    const char *word = NULL;
    mq_place_t place = mq_html_place(&c->html, &word);
    found_t found;
    mq_op_t *op;
    MQ_TRY(name_find(&found, c, name));
    if (place == MQ_PLACE_FORBIDDEN) {
        return fault_say(c, "{{%s}} cannot be made safe %s", name, word);
    }
    switch (found.slot->kind) {
    case MQ_SLOT_TEXT:
        op = op_add(c, kinds[place]);
        break;
    case MQ_SLOT_INT: /* digits, and an id's letters, are harmless wherever a value may stand */
        op = op_add(c, c->html.state == MQ_HTML_TEXT ? MQ_OP_FIGURE : MQ_OP_INT);
        break;
    case MQ_SLOT_ID:
        op = op_add(c, MQ_OP_ID);
        break;
    case MQ_SLOT_MARKUP:
        if (c->html.state != MQ_HTML_TEXT) {
            return fault_say(c, "{{%s}} is markup and stands only in text", name);
        }
        op = op_add(c, MQ_OP_MARKUP);
        break;
    default:
        return fault_say(c, "{{%s}} is no text: use it as a section", name);
    }
    op->level = found.level;
    op->offset = found.offset;
    if (strcmp(name, "csrf") == 0) {
        c->html.csrf_seen = 1;
    }
    mq_html_pass_name(&c->html);
    return APR_SUCCESS;
}

/* How a section's slot is seen to be empty. A list is read at its start when it is entered. */
static void emptiness_set(mq_op_t *op, mq_slot_kind_t slot)
{
    op->empty = slot == MQ_SLOT_TEXT                           ? MQ_EMPTY_TEXT
                : slot == MQ_SLOT_FLAG || slot == MQ_SLOT_LIST ? MQ_EMPTY_INT
                                                               : MQ_EMPTY_WORD;
    if (slot == MQ_SLOT_LIST && op->kind != MQ_OP_LIST) {
        op->offset += offsetof(mq_list_t, count);
    }
}

static apr_status_t section_begin(compiler_t *c, const char *name, int inverted)
{
    section_t *section = &c->sections[c->depth];
    found_t found;
    mq_op_t *op;
    MQ_TRY(name_find(&found, c, name));
    if (found.slot->kind == MQ_SLOT_ID) {
        return fault_say(c, "{{%s}} is an id and no section", name);
    }
    if (c->depth + 1 == SECTIONS_DEEP || c->level + 1 == MQ_TEMPLATE_LEVELS) {
        return fault_say(c, "sections are nested too deeply");
    }
    *section = (section_t){.name = name, .line = c->line, .html = c->html};
    if (inverted || (found.slot->kind != MQ_SLOT_LIST && found.slot->kind != MQ_SLOT_STRUCT)) {
        op = op_add(c, inverted ? MQ_OP_UNLESS : MQ_OP_IF);
    } else {
        op = op_add(c, found.slot->kind == MQ_SLOT_LIST ? MQ_OP_LIST : MQ_OP_STRUCT);
        op->stride = found.slot->stride;
        section->enters = 1;
        c->scopes[++c->level].slots = found.slot->items;
    }
    op->level = found.level;
    op->offset = found.offset;
    emptiness_set(op, found.slot->kind);
    section->op = c->ops->nelts - 1;
    c->depth++;
    return APR_SUCCESS;
}

static apr_status_t section_end(compiler_t *c, const char *name)
{
    section_t *section = &c->sections[c->depth > 0 ? c->depth - 1 : 0];
    int after;
    if (c->depth == 0 || strcmp(section->name, name) != 0) {
        return fault_say(c, "{{/%s}} ends no open section", name);
    }
    /* or the place of what follows would depend on data: text when the section is left out, an
     * attribute when it is shown, and one of the two escaped wrongly */
    if (!mq_html_same(&section->html, &c->html)) {
        return fault_say(c, "section {{#%s}} begins and ends at different places of the HTML",
                         name);
    }
    if (section->enters) {
        int first = section->op + 1;
        apr_size_t stride = APR_ARRAY_IDX(c->ops, section->op, mq_op_t).stride;
        mq_op_t *op = op_add(c, MQ_OP_NEXT);
        op->target = first;
        op->stride = stride;
        c->level--;
    }
    after = op_next(c); /* may move the array: before the assignment */
    APR_ARRAY_IDX(c->ops, section->op, mq_op_t).target = after;
    c->depth--;
    return APR_SUCCESS;
}

static apr_status_t partial_compile(compiler_t *c, const char *name)
{
    const char *file = apr_pstrcat(c->pool, name, ".html", NULL);
    const file_t *part = apr_hash_get(c->set->files, file, APR_HASH_KEY_STRING);
    const char *outer_file = c->file;
    int outer_line = c->line;
    int outer_depth = c->depth;
    if (!part) {
        return fault_say(c, "there is no partial %s", file);
    }
    if (c->partials == PARTIALS_DEEP) {
        return fault_say(c, "partial %s includes itself", file);
    }
    c->partials++;
    c->file = part->path;
    c->line = 1;
    MQ_TRY(text_parse(c, part->text, part->text + strlen(part->text)));
    if (c->depth != outer_depth) { /* a partial cannot open what another file closes */
        return fault_say(c, "section {{#%s}} is not closed", c->sections[c->depth - 1].name);
    }
    c->partials--;
    c->file = outer_file;
    c->line = outer_line;
    return APR_SUCCESS;
}

/* ---- texts for people ---- */

static const char *message_of(const char *text, const char *end, apr_pool_t *pool)
{
    mq_buffer_t *folded = mq_buffer_make(pool, (apr_size_t)(end - text) + 1);
    while (text < end) {
        if (apr_isspace(*text)) {
            while (text < end && apr_isspace(*text)) {
                text++;
            }
            if (folded->length && text < end) {
                mq_buffer_add(folded, " ", 1);
            }
        } else {
            mq_buffer_add(folded, text++, 1);
        }
    }
    return mq_buffer_string(folded);
}

/* The tags of a text, sorted, to compare a translation's with its original's. */
static const char *tags_of(const char *text, apr_pool_t *pool)
{
    apr_array_header_t *tags = apr_array_make(pool, 4, sizeof(const char *));
    const char *joined = "";
    for (const char *open = strstr(text, "{{"); open; open = strstr(open + 2, "{{")) {
        const char *close = strstr(open, "}}");
        if (close) {
            APR_ARRAY_PUSH(tags, const char *) =
                apr_pstrmemdup(pool, open, (apr_size_t)(close - open) + 2);
        }
    }
    while (tags->nelts) {
        int last = 0;
        for (int i = 1; i < tags->nelts; i++) {
            if (strcmp(APR_ARRAY_IDX(tags, i, const char *),
                       APR_ARRAY_IDX(tags, last, const char *)) > 0) {
                last = i;
            }
        }
        joined = apr_pstrcat(pool, APR_ARRAY_IDX(tags, last, const char *), joined, NULL);
        APR_ARRAY_IDX(tags, last, const char *) = *(const char **)apr_array_pop(tags);
    }
    return joined;
}

static apr_status_t text_translate(compiler_t *c, const char *text, const char *end)
{
    const char *message = message_of(text, end, c->pool);
    const char *said = mq_catalogue_say(c->set->catalogue, message);
    int line = c->line;
    if (strcmp(tags_of(message, c->pool), tags_of(said, c->pool)) != 0) {
        return fault_say(c, "the translation of '%s' uses other names than the original", message);
    }
    MQ_TRY(text_parse(c, said, said + strlen(said)));
    c->line = line; /* faults are told by the lines of the template, not by the translation's */
    for (; text < end; text++) {
        c->line += *text == '\n';
    }
    return APR_SUCCESS;
}

/* ---- reading ---- */

static int is_name(const char *name)
{
    for (const char *s = name; *s; s++) {
        if (!apr_isalnum(*s) && *s != '_' && *s != '-') {
            return 0;
        }
    }
    return *name != 0;
}

static apr_status_t tag_compile(compiler_t *c, char sigil, const char *name)
{
    if (!is_name(name)) {
        return fault_say(c, "'%s' is not a name", name);
    }
    switch (sigil) {
    case '#':
        return section_begin(c, name, 0);
    case '^':
        return section_begin(c, name, 1);
    case '/':
        return section_end(c, name);
    case '>':
        return partial_compile(c, name);
    default:
        return variable_compile(c, name);
    }
}

static const char *name_trim(const char *text, const char *end, apr_pool_t *pool)
{
    while (text < end && apr_isspace(*text)) {
        text++;
    }
    while (end > text && apr_isspace(end[-1])) {
        end--;
    }
    return text < end ? apr_pstrmemdup(pool, text, (apr_size_t)(end - text)) : "";
}

/* A section, comment or partial alone on its line takes the line with it (Mustache's "standalone").
 * @return where the line goes on */
static const char *line_skip(compiler_t *c, const char *start, const char *open, const char *after,
                             const char *end)
{
    const char *left = open;
    const char *right = after;
    while (left > start && (left[-1] == ' ' || left[-1] == '\t')) {
        left--;
    }
    while (right < end && (*right == ' ' || *right == '\t' || *right == '\r')) {
        right++;
    }
    if ((left > start && left[-1] != '\n') || (right < end && *right != '\n') || right == end) {
        return after;
    }
    c->line++;
    return right + 1;
}

static const char *translation_end(const char *text, const char *end)
{
    static const char closing[] = "{{/_}}";
    for (const char *s = text; s + sizeof closing - 1 <= end; s++) {
        if (strncmp(s, closing, sizeof closing - 1) == 0) {
            return s;
        }
    }
    return NULL;
}

static const char *pair_find(const char *text, const char *end, const char *what)
{
    for (; text + 2 <= end; text++) {
        if (text[0] == what[0] && text[1] == what[1]) {
            return text;
        }
    }
    return NULL;
}

static apr_status_t text_parse(compiler_t *c, const char *text, const char *end)
{
    const char *start = text;
    for (const char *open = pair_find(text, end, "{{"); open; open = pair_find(text, end, "{{")) {
        const char *close = pair_find(open + 2, end, "}}");
        char sigil = open + 2 < end ? open[2] : 0;
        MQ_TRY(literal_add(c, text, open));
        if (!close) {
            return fault_say(c, "{{ without }}");
        }
        if (sigil == '{' || sigil == '&') {
            return fault_say(c, "nothing is written unescaped: use two braces");
        }
        text = close + 2;
        if (strncmp(open, "{{#_}}", 6) == 0) {
            const char *inner_end = translation_end(text, end);
            if (!inner_end) {
                return fault_say(c, "{{#_}} without {{/_}}");
            }
            MQ_TRY(text_translate(c, text, inner_end));
            text = inner_end + sizeof "{{/_}}" - 1;
            continue;
        }
        if (sigil == '!') {
            for (const char *s = open; s < close; s++) {
                c->line += *s == '\n';
            }
        } else {
            int plain = !strchr("#^/>", sigil);
            MQ_TRY(tag_compile(c, plain ? 0 : sigil,
                               name_trim(open + (plain ? 2 : 3), close, c->pool)));
        }
        if (sigil && strchr("#^/>!", sigil)) {
            text = line_skip(c, start, open, text, end);
        }
    }
    return literal_add(c, text, end);
}

/* The bytes of the literals, those of a list's item for a page full of items. */
static apr_size_t typical_of(const apr_array_header_t *ops)
{
    apr_size_t typical = 0;
    int list_end = 0;
    for (int i = 0; i < ops->nelts; i++) {
        const mq_op_t *op = &APR_ARRAY_IDX(ops, i, mq_op_t);
        typical += op->length * (i < list_end ? ITEMS_TYPICAL : 1);
        if (op->kind == MQ_OP_LIST && i >= list_end) {
            list_end = op->target;
        }
    }
    return typical < TYPICAL_MOST ? typical : TYPICAL_MOST;
}

apr_status_t mq_template_compile(const mq_template_t **template_out, const mq_templates_t *set,
                                 const char *file, const mq_slot_t *slots, apr_pool_t *pool,
                                 const char **error_out)
{
    compiler_t *c = apr_pcalloc(pool, sizeof *c);
    mq_template_t *compiled = apr_pcalloc(pool, sizeof *compiled);
    const file_t *page = apr_hash_get(set->files, file, APR_HASH_KEY_STRING);
    c->set = set;
    c->pool = pool;
    c->error_out = error_out;
    c->file = page ? page->path : file;
    c->line = 1;
    c->ops = apr_array_make(pool, 64, sizeof(mq_op_t));
    c->literal = mq_buffer_make(pool, 1024);
    c->scopes[0].slots = slots;
    if (!page) {
        return fault_say(c, "there is no such file");
    }
    MQ_TRY(text_parse(c, page->text, page->text + strlen(page->text)));
    if (c->depth) {
        c->line = c->sections[c->depth - 1].line;
        return fault_say(c, "section {{#%s}} is not closed", c->sections[c->depth - 1].name);
    }
    if (c->html.state != MQ_HTML_TEXT) {
        return fault_say(c, "the page ends inside a tag");
    }
    (void)op_add(c, MQ_OP_END);
    compiled->ops = (const mq_op_t *)(const void *)c->ops->elts;
    compiled->typical = typical_of(c->ops);
    *template_out = compiled;
    return APR_SUCCESS;
}

/* ---- files ---- */

static mq_templates_t *set_make(const char *directory, const mq_catalogue_t *catalogue,
                                apr_pool_t *pool)
{
    mq_templates_t *set = apr_pcalloc(pool, sizeof *set);
    set->directory = directory;
    set->catalogue = catalogue;
    set->files = apr_hash_make(pool);
    return set;
}

static void file_add(mq_templates_t *set, const char *name, const char *path, const char *text,
                     apr_pool_t *pool)
{
    file_t *file = apr_palloc(pool, sizeof *file);
    *file = (file_t){path, text};
    apr_hash_set(set->files, name, APR_HASH_KEY_STRING, file);
}

/* @param below "" for the set's own directory, "patients/" for a folder of it */
static apr_status_t file_take(mq_templates_t *set, const char *below, const char *name,
                              const char **error_out, apr_pool_t *pool)
{
    const char *path = apr_pstrcat(pool, below, name, NULL);
    const file_t *twin = apr_hash_get(set->files, name, APR_HASH_KEY_STRING);
    char *text;
    if (twin) {
        *error_out =
            apr_psprintf(pool, "%s: %s and %s have one name", set->directory, twin->path, path);
        return MQ_EINVALID;
    }
    if (mq_text_file_read(&text, apr_pstrcat(pool, set->directory, "/", path, NULL), FILE_LIMIT,
                          pool) != APR_SUCCESS) {
        *error_out =
            apr_psprintf(pool, "%s/%s cannot be read, or is not UTF-8", set->directory, path);
        return MQ_EINVALID;
    }
    file_add(set, apr_pstrdup(pool, name), path, text, pool);
    return APR_SUCCESS;
}

/* The files of a folder, and of its folders: a ward has one, and none below it. */
static apr_status_t folder_read(mq_templates_t *set, const char *below, const char **error_out,
                                apr_pool_t *pool)
{
    const char *folder = apr_pstrcat(pool, set->directory, "/", below, NULL);
    apr_dir_t *dir;
    apr_finfo_t info;
    if (apr_dir_open(&dir, folder, pool) != APR_SUCCESS) {
        *error_out = apr_psprintf(pool, "%s: there is no such folder of templates", folder);
        return MQ_ENOTFOUND;
    }
    while (apr_dir_read(&info, APR_FINFO_NAME | APR_FINFO_TYPE, dir) == APR_SUCCESS) {
        apr_size_t length = strlen(info.name);
        if (info.filetype == APR_DIR && *info.name != '.' && !*below) {
            MQ_TRY(folder_read(set, apr_pstrcat(pool, info.name, "/", NULL), error_out, pool));
        } else if (length >= 6 && strcmp(info.name + length - 5, ".html") == 0) {
            MQ_TRY(file_take(set, below, info.name, error_out, pool));
        }
    }
    return apr_dir_close(dir);
}

apr_status_t mq_templates_open(mq_templates_t **set_out, const char *directory,
                               const mq_catalogue_t *catalogue, apr_pool_t *pool,
                               const char **error_out)
{
    *set_out = set_make(apr_pstrdup(pool, directory), catalogue, pool);
    return folder_read(*set_out, "", error_out, pool);
}

mq_templates_t *mq_templates_of_text(const char *file, const char *text,
                                     const mq_catalogue_t *catalogue, apr_pool_t *pool)
{
    mq_templates_t *set = set_make("", catalogue, pool);
    file_add(set, file, file, text, pool);
    return set;
}
