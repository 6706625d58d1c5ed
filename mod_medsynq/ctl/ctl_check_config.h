/* ctl_check_config.h -- what the hosts that serve a database leave open, as httpd says it. */
#ifndef MQ_CTL_CTL_CHECK_CONFIG_H
#define MQ_CTL_CTL_CHECK_CONFIG_H

#include <apr_tables.h>

#include "ctl/ctl.h"

/**
 * Read what `apachectl -t -D DUMP_MEDSYNQ` wrote.
 * @param findings_out array of finding_t: those of the hosts that serve the command's database
 * @param file         its name, or "-": standard input
 * @return what is wrong with the file, or NULL
 */
const char *config_findings(apr_array_header_t **findings_out, const ctl_t *ctl, const char *file);

#endif
