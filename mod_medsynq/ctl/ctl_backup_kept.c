/* ctl_backup_kept.c -- which copies of a backup there are: by their names alone, whose instants
 * sort as they passed. */
#include "ctl/ctl_backup_kept.h"

#include <apr_file_info.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char shape[] = "-00000000T000000Z"; /* each 0 is a digit */
enum { SHAPE = sizeof shape - 1 };

/* A name in its parts: what stands before the instant and what after it. */
typedef struct parts_t {
    const char *folder;
    const char *stem;
    const char *end;
} parts_t;

static parts_t parts_of(const ctl_t *ctl, const char *file)
{
    const char *base = strrchr(file, '/') + 1;
    const char *dot = strrchr(base, '.');
    parts_t parts;
    if (!dot || dot == base) {
        dot = base + strlen(base);
    }
    parts.folder = apr_pstrndup(ctl->pool, file, (apr_size_t)(base - file));
    parts.stem = apr_pstrndup(ctl->pool, base, (apr_size_t)(dot - base));
    parts.end = dot;
    return parts;
}

const char *kept_name(const ctl_t *ctl, const char *file, apr_time_t now)
{
    parts_t parts = parts_of(ctl, file);
    apr_time_exp_t at;
    (void)apr_time_exp_gmt(&at, now);
    return apr_psprintf(ctl->pool, "%s%s-%04d%02d%02dT%02d%02d%02dZ%s", parts.folder, parts.stem,
                        at.tm_year + 1900, at.tm_mon + 1, at.tm_mday, at.tm_hour, at.tm_min,
                        at.tm_sec, parts.end);
}

static int is_copy(const char *name, const parts_t *parts)
{
    size_t length = strlen(parts->stem);
    if (strncmp(name, parts->stem, length) != 0 || strlen(name) < length + SHAPE ||
        strcmp(name + length + SHAPE, parts->end) != 0) {
        return 0;
    }
    for (size_t i = 0; i < SHAPE; i++) {
        if (shape[i] == '0' ? !apr_isdigit(name[length + i]) : name[length + i] != shape[i]) {
            return 0;
        }
    }
    return 1;
}

static int newest_first(const void *a, const void *b)
{
    return strcmp(*(const char *const *)b, *(const char *const *)a);
}

static apr_array_header_t *copies_of(const ctl_t *ctl, const parts_t *parts)
{
    apr_array_header_t *copies = apr_array_make(ctl->pool, 16, sizeof(const char *));
    apr_finfo_t info;
    apr_dir_t *folder;
    if (apr_dir_open(&folder, parts->folder, ctl->pool) != APR_SUCCESS) {
        return copies;
    }
    while (apr_dir_read(&info, APR_FINFO_NAME, folder) == APR_SUCCESS) {
        if (is_copy(info.name, parts)) {
            APR_ARRAY_PUSH(copies, const char *) = apr_pstrdup(ctl->pool, info.name);
        }
    }
    (void)apr_dir_close(folder);
    qsort(copies->elts, (size_t)copies->nelts, sizeof(const char *), newest_first);
    return copies;
}

const char *kept_newest(const ctl_t *ctl, const char *file)
{
    parts_t parts = parts_of(ctl, file);
    const apr_array_header_t *copies = copies_of(ctl, &parts);
    return copies->nelts
               ? apr_pstrcat(ctl->pool, parts.folder, APR_ARRAY_IDX(copies, 0, const char *), NULL)
               : file;
}

int kept_prune(const ctl_t *ctl, const char *file, int keep)
{
    parts_t parts = parts_of(ctl, file);
    const apr_array_header_t *copies = copies_of(ctl, &parts);
    int removed = 0;
    for (int i = keep; i < copies->nelts; i++) {
        const char *old =
            apr_pstrcat(ctl->pool, parts.folder, APR_ARRAY_IDX(copies, i, const char *), NULL);
        if (unlink(old) == 0) {
            removed++;
        } else {
            (void)ctl_fail(ctl, "%s cannot be removed: %s", old, strerror(errno));
        }
    }
    return removed;
}
