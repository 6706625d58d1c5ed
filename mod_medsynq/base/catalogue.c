/* catalogue.c -- reading PO files. */
#include "base/catalogue.h"

#include <apr_file_io.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

enum { FILE_LIMIT = 4 * 1024 * 1024 };

struct mq_catalogue_t {
    apr_hash_t *texts;
};

typedef enum { EXPECT_ID, IN_ID, IN_TEXT } po_state_t;

typedef struct po_t {
    mq_catalogue_t *catalogue;
    apr_pool_t *pool;
    po_state_t state;
    mq_buffer_t *id;
    mq_buffer_t *text;
} po_t;

/* Keep the finished entry; one without translation is as good as absent. */
static void entry_end(po_t *po)
{
    if (po->state == IN_TEXT && po->id->length && po->text->length) {
        apr_hash_set(po->catalogue->texts, apr_pstrmemdup(po->pool, po->id->data, po->id->length),
                     APR_HASH_KEY_STRING,
                     apr_pstrmemdup(po->pool, po->text->data, po->text->length));
    }
    po->state = EXPECT_ID;
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
    if (strncmp(line, "msgstr ", 7) == 0 && po->state == IN_ID) {
        po->state = IN_TEXT;
        return quoted_add(po->text, line + 7);
    }
    return po->state != EXPECT_ID && quoted_add(po->state == IN_ID ? po->id : po->text, line);
}

static apr_status_t file_read(char **text_out, const char *path, apr_pool_t *pool)
{
    apr_file_t *file;
    apr_finfo_t info;
    apr_size_t length;
    MQ_TRY(apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool));
    MQ_TRY(apr_file_info_get(&info, APR_FINFO_SIZE, file));
    if (info.size > FILE_LIMIT) {
        return MQ_EINVALID;
    }
    length = (apr_size_t)info.size;
    *text_out = apr_pcalloc(pool, length + 1);
    if (length) {
        MQ_TRY(apr_file_read_full(file, *text_out, length, NULL));
    }
    MQ_TRY(apr_file_close(file));
    return mq_text_is_utf8(*text_out, length) ? APR_SUCCESS : MQ_EINVALID;
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
    if (file_read(&text, path, pool) != APR_SUCCESS) {
        *error_out = apr_psprintf(pool, "%s cannot be read, or is not UTF-8", path);
        return MQ_ENOTFOUND;
    }
    catalogue->texts = apr_hash_make(pool);
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
    *catalogue_out = catalogue;
    return APR_SUCCESS;
}

const char *mq_catalogue_say(const mq_catalogue_t *catalogue, const char *text)
{
    const char *found =
        catalogue ? apr_hash_get(catalogue->texts, text, APR_HASH_KEY_STRING) : NULL;
    return found ? found : text;
}
