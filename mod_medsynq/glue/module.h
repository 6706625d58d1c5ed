/* module.h -- the module record, which the other files of glue/ name. */
#ifndef MQ_GLUE_MODULE_H
#define MQ_GLUE_MODULE_H

#include <httpd.h>

#include <http_config.h>
#include <http_log.h>

extern __attribute__((visibility("default"))) module medsynq_module;

#endif
