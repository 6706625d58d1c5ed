/* config.h -- the directives and what they set, for each server and virtual host. */
#ifndef MQ_GLUE_CONFIG_H
#define MQ_GLUE_CONFIG_H

#include <httpd.h>

#include <http_config.h>

#include "domain/core.h"

/** Which requests are written down without what names patients or lets somebody in. */
typedef enum {
    MQ_LOGS_AS_THEY_ARE,     /* MedSynQ is not On in any host */
    MQ_LOGS_UNKNOWN_PRIVATE, /* those that broke before httpd knew their host */
    MQ_LOGS_PRIVATE          /* all */
} mq_logs_t;

/** What the administrator wrote; unset members are MQ_UNSET or NULL until merged. */
typedef struct mq_config_t {
    int enabled;
    const char *driver;
    const char *database;
    const char *templates;
    const char *public_folder; /* of static files */
    const char *secret_file;
    const char *session_provider;
    const char *session_arguments;
    apr_interval_time_t idle_limit;
    apr_interval_time_t absolute_limit;
    int password_cost;
    const mq_mail_t *mail;
    int views;                  /* mq_views_t */
    int retention;              /* days that the trail keeps events; 0: for ever */
    const char *archive_folder; /* where older ones go */
    const char *heads_target;   /* a file, or "|program"; NULL: heads are not written */
    int heads_seconds;
    int registration;           /* mq_registration_t */
    int registrations_per_hour; /* 0: not throttled */
    int failures_per_account;   /* 0: not throttled */
    int failures_per_address;
    int password_workers; /* passwords hashed at once by all processes */
    apr_int64_t body_limit;
    apr_int64_t upload_limit;
    int connections;
    int timing;                  /* mq_timing_t */
    mq_logs_t logs;              /* set by private_logs.c */
    struct mq_server_t *running; /* made by startup.c; NULL: could not be, answer 503 */
} mq_config_t;

enum { MQ_UNSET = -1 };

extern const command_rec mq_directives[];

/** httpd's create_server_config and merge_server_config. */
void *mq_config_create(apr_pool_t *p, server_rec *s);
void *mq_config_merge(apr_pool_t *p, void *base, void *add);

/** @return the merged configuration of a server */
mq_config_t *mq_config_of(const server_rec *s);

/** Fill in the defaults of what was not set and check what depends on several directives.
 * @return NULL all well, else a sentence that names the fix */
const char *mq_config_complete(mq_config_t *config, apr_pool_t *p);

#endif
