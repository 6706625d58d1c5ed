/* config.h -- the directives and what they set, for each server and virtual host. */
#ifndef MQ_GLUE_CONFIG_H
#define MQ_GLUE_CONFIG_H

#include <httpd.h>

#include <http_config.h>

#include "domain/core.h"

/** Who may read the figures. */
typedef enum { MQ_METRICS_LOCAL, MQ_METRICS_ALL, MQ_METRICS_OFF } mq_metrics_readers_t;

/** Which requests are written down without what names patients or lets somebody in. */
typedef enum {
    MQ_LOGS_AS_THEY_ARE,     /* MedSynQ is not On in any host */
    MQ_LOGS_UNKNOWN_PRIVATE, /* those that broke before httpd knew their host */
    MQ_LOGS_PRIVATE          /* all */
} mq_logs_t;

/** What the administrator wrote; unset members are MQ_UNSET or NULL until merged. */
typedef struct mq_config_t {
#define NUMBER(type, member, unless_set) type member;
#define TEXT(type, member) type member;
#include "glue/directives.h"
    const char *files; /* a path: what is kept beside the database has this name and more */
    mq_logs_t logs;    /* set by private_logs.c */
    const apr_array_header_t *our_names; /* by which it may be asked for a host of ours; likewise */
    struct mq_server_t *running;         /* made by startup.c; NULL: could not be, answer 503 */
} mq_config_t;

enum { MQ_UNSET = -1 };

/** MedSynQSessionCache's word for what is no provider: rows, which all servers on a database have.
 */
#define MQ_SESSIONS_IN_DATABASE "database"

extern const command_rec mq_directives[];

/** httpd's create_server_config and merge_server_config. */
void *mq_config_create(apr_pool_t *p, server_rec *s);
void *mq_config_merge(apr_pool_t *p, void *base, void *add);

/** @return the merged configuration of a server */
mq_config_t *mq_config_of(const server_rec *s);

/** Fill in the defaults of what was not set and check what depends on several directives.
 * @return NULL all well, else a sentence that names the fix */
const char *mq_config_complete(mq_config_t *config, apr_pool_t *p);

/** @return whether sessions, and with them counters of tries, are in the database */
int mq_config_is_shared(const mq_config_t *config);

#endif
