/* health_pages.c -- two short answers in plain text. */
#include "domain/access/scope_minting.h"
#include "web/route_tables.h"

static apr_status_t say(mq_request_t *rq, int status, const char *text)
{
    rq->status = status;
    rq->content_type = "text/plain; charset=utf-8";
    rq->body = mq_buffer_make(rq->pool, 16);
    mq_buffer_text(rq->body, text);
    return APR_SUCCESS;
}

static apr_status_t say_ok(mq_request_t *rq)
{
    return say(rq, 200, "ok\n");
}

/* The process answers. */
static apr_status_t health_page(mq_request_t *rq)
{
    return say_ok(rq);
}

/* A connection can be had and reads, and a write has gone to the disk not long ago. */
static apr_status_t ready_page(mq_request_t *rq)
{
    const mq_system_t *system;
    mq_rows_t rows;
    apr_status_t rv;
    if (rq->maintenance) {
        return say(rq, 503, "maintenance\n");
    }
    system = mq_system_mint(&rq->visit);
    rv = mq_db_system_select(&rows, system, MQ_SQL_TENANT_BY_NAME, MQ_PARAMS(mq_bind_text("")));
    if (rv == APR_SUCCESS) {
        rv = mq_rows_next(&rows);
        mq_rows_close(&rows);
    }
    mq_db_system_give_back(system);
    return rv == APR_SUCCESS && rq->hooks->is_ready(rq) ? say_ok(rq) : MQ_EFULL;
}

const mq_route_t mq_health_routes[] = {
    {MQ_GET, "/healthz", .open = health_page, .without_database = 1, .in_maintenance = 1},
    {MQ_GET, "/readyz", .open = ready_page, .in_maintenance = 1},
    MQ_ROUTES_END};
