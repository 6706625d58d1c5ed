/* catalogue.c -- reading PO files. */
#include "base/catalogue.h"

#include <apr_file_io.h>
#include <apr_hash.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/plural_forms.h"
#include "base/text.h"
#include "base/text_file.h"

enum { FILE_LIMIT = 4 * 1024 * 1024 };

struct mq_catalogue_t {
    apr_hash_t *texts;       /* msgid to msgstr */
    apr_hash_t *counted;     /* msgid to the msgstr[] of a text with a number, one for each form */
    mq_plural_forms_t forms; /* which of them goes with a number */
};

typedef enum { EXPECT_ID, IN_ID, IN_PLURAL, IN_TEXT } po_state_t;

typedef struct po_t {
    mq_catalogue_t *catalogue;
    apr_pool_t *pool;
    po_state_t state;
    mq_buffer_t *id;
    mq_buffer_t *text;
    const char **forms; /* of a text with a number, else NULL */
    int form;           /* which of them is being read */
    const char *fault;
} po_t;

/* @return what a line of the header says after its name, without white space; "" where it is not */
static const char *header_line(const po_t *po, const char *name)
{
    const char *header = apr_pstrcat(po->pool, "\n", mq_buffer_string(po->text), NULL);
    const char *line = strstr(header, apr_pstrcat(po->pool, "\n", name, NULL));
    char *said;
    if (!line) {
        return "";
    }
    line += 1 + strlen(name);
    said = apr_pstrmemdup(po->pool, line, strcspn(line, "\n"));
    apr_collapse_spaces(said, said);
    return said;
}

/* What the header says of the language. How it counts, ICU says; the header must agree, or the
 * translator's forms would stand at other numbers than he thought. */
static void header_read(po_t *po)
{
    mq_plural_forms_t *forms = &po->catalogue->forms;
    const char *language = header_line(po, "Language:");
    const char *plural = header_line(po, "Plural-Forms:");
    const char *counts = strstr(plural, "nplurals=");
    int count = counts ? (int)strtol(counts + strlen("nplurals="), NULL, 10) : 0;
    if (!*language) {
        po->fault = "the header has no Language:";
    } else if (mq_plural_forms_learn(forms, language) != APR_SUCCESS) {
        po->fault = apr_psprintf(po->pool, "Language: %s is none that ICU can read", language);
    } else if (*plural && count != forms->count) {
        po->fault =
            apr_psprintf(po->pool,
                         "Plural-Forms: %s has %d form%s of a noun, so nplurals "
                         "is %d, not %d",
                         language, forms->count, forms->count == 1 ? "" : "s", forms->count, count);
    }
}

/* Keep the finished entry; one without translation is as good as absent. */
static void entry_end(po_t *po)
{
    const char *id = apr_pstrmemdup(po->pool, po->id->data, po->id->length);
    const char *text = apr_pstrmemdup(po->pool, po->text->data, po->text->length);
    if (po->state == IN_TEXT && po->forms) {
        po->forms[po->form] = text;
        if (po->forms[0] && *po->forms[0]) {
            apr_hash_set(po->catalogue->counted, id, APR_HASH_KEY_STRING, po->forms);
        }
    } else if (po->state == IN_TEXT && !*id) {
        header_read(po);
    } else if (po->state == IN_TEXT && *text) {
        apr_hash_set(po->catalogue->texts, id, APR_HASH_KEY_STRING, text);
    }
    po->state = EXPECT_ID;
    po->forms = NULL;
}

/* Append a quoted line without its escapes. @return 0 when it is no quoted line */
static int quoted_add(mq_buffer_t *to, const char *line)
{
    line += strspn(line, " \t");
    if (*line++ != '"') {
        return 0;
    }
    for (; *line && *line != '"'; line++) {
        char c = *line;
        if (c == '\\') {
            line++;
            c = *line == 'n' ? '\n' : *line == 't' ? '\t' : *line;
            if (!c) {
                return 0;
            }
        }
        mq_buffer_add(to, &c, 1);
    }
    return *line == '"' && line[1 + strspn(line + 1, " \t\r")] == 0;
}

/* Begin with msgstr[n]; line begins with n. @return 0 when it is none */
static int form_begin(po_t *po, const char *line)
{
    int form = *line - '0';
    if (form < 0 || form >= po->catalogue->forms.count || line[1] != ']' || line[2] != ' ') {
        return 0;
    }
    if (po->state == IN_TEXT) {
        po->forms[po->form] = apr_pstrmemdup(po->pool, po->text->data, po->text->length);
    }
    po->state = IN_TEXT;
    po->form = form;
    po->text->length = 0;
    return quoted_add(po->text, line + 3);
}

static int line_read(po_t *po, const char *line)
{
    if (line[strspn(line, " \t\r")] == 0) {
        entry_end(po);
        return 1;
    }
    if (line[0] == '#') {
        return 1;
    }
    if (strncmp(line, "msgid ", 6) == 0) {
        entry_end(po);
        po->state = IN_ID;
        po->id->length = 0;
        po->text->length = 0;
        return quoted_add(po->id, line + 6);
    }
    if (strncmp(line, "msgid_plural ", 13) == 0 && po->state == IN_ID) {
        po->state = IN_PLURAL;
        po->forms = apr_pcalloc(po->pool, sizeof *po->forms * MQ_PLURAL_FORMS_MOST);
        return quoted_add(po->text, line + 13);
    }
    if (strncmp(line, "msgstr ", 7) == 0 && po->state == IN_ID) {
        po->state = IN_TEXT;
        return quoted_add(po->text, line + 7);
    }
    if (strncmp(line, "msgstr[", 7) == 0 && po->forms) {
        return form_begin(po, line + 7);
    }
    return po->state != EXPECT_ID && quoted_add(po->state == IN_ID ? po->id : po->text, line);
}

apr_status_t mq_catalogue_load(mq_catalogue_t **catalogue_out, const char *path, apr_pool_t *pool,
                               const char **error_out)
{
    mq_catalogue_t *catalogue = apr_pcalloc(pool, sizeof *catalogue);
    po_t po = {.catalogue = catalogue,
               .pool = pool,
               .id = mq_buffer_make(pool, 256),
               .text = mq_buffer_make(pool, 256)};
    char *text;
    int line = 0;
    if (mq_text_file_read(&text, path, FILE_LIMIT, pool) != APR_SUCCESS) {
        *error_out = apr_psprintf(pool, "%s cannot be read, or is not UTF-8", path);
        return MQ_ENOTFOUND;
    }
    catalogue->texts = apr_hash_make(pool);
    catalogue->counted = apr_hash_make(pool);
    if (mq_plural_forms_learn(&catalogue->forms, "en") != APR_SUCCESS) {
        *error_out = "ICU does not know how English counts: its data is missing";
        return MQ_EBUG;
    }
    while (text) {
        char *next = strchr(text, '\n');
        if (next) {
            *next++ = 0;
        }
        line++;
        if (!line_read(&po, text)) {
            *error_out = apr_psprintf(pool, "%s:%d: not a line of the PO format", path, line);
            return MQ_EINVALID;
        }
        text = next;
    }
    entry_end(&po);
    if (po.fault) {
        *error_out = apr_psprintf(pool, "%s: %s", path, po.fault);
        return MQ_EINVALID;
    }
    *catalogue_out = catalogue;
    return APR_SUCCESS;
}

const char *mq_catalogue_say(const mq_catalogue_t *catalogue, const char *text)
{
    const char *found =
        catalogue ? apr_hash_get(catalogue->texts, text, APR_HASH_KEY_STRING) : NULL;
    return found ? found : text;
}

const char *mq_catalogue_say_count(const mq_catalogue_t *catalogue, const char *one,
                                   const char *many, int n)
{
    const char *const *forms =
        catalogue ? apr_hash_get(catalogue->counted, one, APR_HASH_KEY_STRING) : NULL;
    const char *text = forms ? forms[mq_plural_form(&catalogue->forms, n)] : NULL;
    return text && *text ? text : n == 1 ? one : many;
}
