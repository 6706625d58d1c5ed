/* routes.c -- putting the tables of paths together, and finding a row. */
#include "web/routes.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

/* Compare segment by segment; starts and lengths of what {…} stand for go to the captures. */
static int pattern_fits(const char *pattern, const char *path, const char *starts[MQ_CAPTURES],
                        apr_size_t lengths[MQ_CAPTURES])
{
    int captured = 0;
    while (*pattern && *path) {
        if (*pattern == '{') {
            apr_size_t length = strcspn(path, "/");
            if (length == 0 || captured == MQ_CAPTURES) {
                return 0;
            }
            starts[captured] = path;
            lengths[captured++] = length;
            path += length;
            pattern += strcspn(pattern, "}") + 1;
        } else if (*pattern++ != *path++) {
            return 0;
        }
    }
    return *pattern == 0 && *path == 0;
}

/* The length of a path's first segment, with its slash; 0: it has none. Nothing lies below "/". */
static apr_size_t first_length(const char *path)
{
    return path[0] == '/' && path[1] != '/' ? 1 + strcspn(path + 1, "/") : 0;
}

static int is_of(const char *pattern, const char *path, apr_size_t length)
{
    return first_length(pattern) == length && memcmp(pattern, path, length) == 0;
}

/* The last one, without rows: no pattern begins as this path does. */
static const mq_segment_t *segment_find(const mq_routes_t *routes, const char *path)
{
    apr_size_t length = first_length(path);
    const mq_segment_t *segment = routes->segments;
    while (segment->count > 0 &&
           (segment->length != length || memcmp(segment->rows->pattern, path, length) != 0)) {
        segment++;
    }
    return segment;
}

const mq_route_t *mq_route_find(int *methods_out, const char *captures[MQ_CAPTURES],
                                const mq_routes_t *routes, const char *path, mq_method_t method,
                                apr_pool_t *pool)
{
    const mq_route_t *found = NULL;
    const char *starts[MQ_CAPTURES] = {NULL};
    apr_size_t lengths[MQ_CAPTURES] = {0};
    const mq_segment_t *segment = segment_find(routes, path);
    const mq_route_t *row = segment->rows;
    const mq_route_t *end = row + segment->count;
    const char *pattern;
    *methods_out = 0;
    /* the first segment is the same in all these rows and in the path */
    while (row < end &&
           !pattern_fits(row->pattern + segment->length, path + segment->length, starts, lengths)) {
        row++;
    }
    /* the rows of one pattern stand together */
    for (pattern = row->pattern; row < end && strcmp(row->pattern, pattern) == 0; row++) {
        *methods_out |= (int)row->method;
        found = row->method == method ? row : found;
    }
    for (int i = 0; found && i < MQ_CAPTURES; i++) {
        captures[i] = starts[i] ? apr_pstrmemdup(pool, starts[i], lengths[i]) : NULL;
    }
    return found;
}

static int is_owned(const mq_route_t *row, const char *path)
{
    apr_size_t length = first_length(path);
    while (length && row->pattern && !is_of(row->pattern, path, length)) {
        row++;
    }
    return length && row->pattern;
}

int mq_routes_own(const mq_route_table_t *tables, const char *path)
{
    while (tables->rows && !is_owned(tables->rows, path)) {
        tables++;
    }
    return tables->rows != NULL;
}

const mq_face_t *mq_routes_face(const mq_routes_t *routes, const char *path)
{
    const mq_segment_t *segment = segment_find(routes, path);
    return segment->count > 0 ? segment->rows->face : routes->face;
}

static int rows_count(const mq_route_table_t *tables)
{
    int count = 0;
    for (; tables->rows; tables++) {
        for (const mq_route_t *row = tables->rows; row->pattern; row++) {
            count++;
        }
    }
    return count;
}

/* '{' comes after all that literal segments have in them: they stand before it. The first segments
 * are compared by themselves, since '-' and '.' come before '/'. */
static int by_pattern(const void *a, const void *b)
{
    const mq_route_t *x = a;
    const mq_route_t *y = b;
    apr_size_t x_length = first_length(x->pattern);
    apr_size_t y_length = first_length(y->pattern);
    int order = strncmp(x->pattern, y->pattern, MIN(x_length, y_length));
    order = order ? order : (int)x_length - (int)y_length;
    order = order ? order : strcmp(x->pattern, y->pattern);
    return order ? order : (int)x->method - (int)y->method;
}

/* The sorted rows' first segments; the last has no rows. */
static const mq_segment_t *segments_make(const mq_route_t *rows, size_t count, apr_pool_t *pool)
{
    mq_segment_t *segments = apr_pcalloc(pool, sizeof *segments * (count + 1));
    mq_segment_t *segment = segments;
    for (const mq_route_t *row = rows; row->pattern; row++) {
        if (segment->count > 0 && !is_of(row->pattern, segment->rows->pattern, segment->length)) {
            segment++;
        }
        if (segment->count++ == 0) {
            segment->rows = row;
            segment->length = first_length(row->pattern);
        }
    }
    segment += segment->count > 0;
    segment->rows = rows + count;
    return segments;
}

static void page_add(const mq_page_t **pages, const mq_page_t *page)
{
    while (*pages && *pages != page) {
        pages++;
    }
    *pages = page;
}

static const char *row_fault(const mq_route_t *row, const mq_routes_t *routes, apr_pool_t *pool)
{
    const char *captures[MQ_CAPTURES];
    int methods;
    if (strspn(row->pattern, "/abcdefghijklmnopqrstuvwxyz0123456789-_.{}") !=
            strlen(row->pattern) ||
        row->pattern[0] != '/' || row->pattern[1] == '{') {
        return apr_psprintf(pool, "route %s is no path that could be ours", row->pattern);
    }
    if (mq_route_find(&methods, captures, routes, row->pattern, row->method, pool) != row) {
        return apr_psprintf(pool, "route %s is unreachable or there twice", row->pattern);
    }
    if (!row->open == !row->handler) {
        return apr_psprintf(pool, "route %s has no handler, or two", row->pattern);
    }
    if (row->once && (!row->handler || row->method != MQ_POST || !row->page || !row->page->once)) {
        return apr_psprintf(pool, "route %s creates, but shows no form that has its effect once",
                            row->pattern);
    }
    if (row->handler && !mq_policy(row->action)->name) {
        return apr_psprintf(pool, "route %s names an action without a policy", row->pattern);
    }
    if (row->face != mq_routes_face(routes, row->pattern)) {
        return apr_psprintf(pool, "route %s has another face than its neighbours", row->pattern);
    }
    return NULL;
}

/* What is being put together, and where the next of each goes. */
typedef struct building_t {
    const mq_page_t **pages;
    mq_tab_t *tabs;
} building_t;

/* In the order of the tables. */
static void row_take(building_t *building, const mq_route_t *row)
{
    if (row->page) {
        page_add(building->pages, row->page);
    }
    for (const mq_page_t *const *page = row->face->pages; page && *page; page++) {
        page_add(building->pages, *page);
    }
    if (row->tab) {
        *building->tabs++ = (mq_tab_t){row->pattern, row->tab, row->action};
    }
}

apr_status_t mq_routes_compile(const mq_routes_t **routes_out, const mq_route_table_t *tables,
                               const char **error_out, apr_pool_t *pool)
{
    size_t most = (size_t)rows_count(tables) + 1;
    mq_route_t *rows = apr_pcalloc(pool, sizeof *rows * most);
    mq_routes_t *routes = apr_pcalloc(pool, sizeof *routes);
    building_t building = {.pages = apr_pcalloc(pool, sizeof *building.pages * 2 * most),
                           .tabs = apr_pcalloc(pool, sizeof *building.tabs * most)};
    size_t count = 0;
    *routes = (mq_routes_t){.pages = building.pages, .tabs = building.tabs, .face = tables->face};
    for (; tables->rows; tables++) {
        for (const mq_route_t *row = tables->rows; row->pattern; row++) {
            rows[count] = *row;
            rows[count].face = row->face ? row->face : tables->face;
            row_take(&building, &rows[count++]);
        }
    }
    qsort(rows, count, sizeof *rows, by_pattern);
    routes->rows = rows;
    routes->segments = segments_make(rows, count, pool);
    for (const mq_route_t *row = rows; row->pattern; row++) {
        *error_out = row_fault(row, routes, pool);
        if (*error_out) {
            return MQ_EINVALID;
        }
    }
    *routes_out = routes;
    return APR_SUCCESS;
}
