/* config_report.h -- what a host's configuration leaves open, for `apachectl -t -D DUMP_MEDSYNQ`.
 */
#ifndef MQ_GLUE_CONFIG_REPORT_H
#define MQ_GLUE_CONFIG_REPORT_H

/** Register the hook. */
void mq_config_report_hooks(void);

#endif
