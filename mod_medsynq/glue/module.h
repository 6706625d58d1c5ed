/* module.h -- the module record, which the other files of glue/ name. */
#ifndef MQ_GLUE_MODULE_H
#define MQ_GLUE_MODULE_H

#include <httpd.h>

#include <http_config.h>
#include <http_log.h>

/** What a request's configuration of ours points to: it was read as a whole, or it is ours. */
extern const char mq_read_mark[];
extern const char mq_claimed_mark[];

extern __attribute__((visibility("default"))) module medsynq_module;

#endif
