/* directives.h -- every directive, once, with the members of mq_config_t that it sets. config.h and
 * config.c include this list five times, each time with another meaning of its rows:
 *
 *   DIRECTIVE(name, arguments, setter, info, help)      what httpd is told
 *   NUMBER(type, member, unless_set)                    unset is MQ_UNSET
 *   RANGE(type, member, unless_set, least, most)        the same, for set_number
 *   CHOICE(member, unless_set, words...)                an int, the place of a word; for set_choice
 *   TEXT(type, member)                                  unset is NULL; what is there then, if
 *                                                       anything, mq_config_complete says
 *
 * A host inherits each member that it does not set itself. A lint holds the names against
 * mod_medsynq/docs/directives.md, where administrators read about them. */
#ifndef DIRECTIVE
#define DIRECTIVE(name, arguments, setter, info, help)
#endif
#ifndef NUMBER
#define NUMBER(type, member, unless_set)
#endif
#ifndef RANGE
#define RANGE(type, member, unless_set, least, most) NUMBER(type, member, unless_set)
#endif
#ifndef CHOICE
#define CHOICE(member, unless_set, ...) NUMBER(int, member, unless_set)
#endif
#ifndef TEXT
#define TEXT(type, member)
#endif

DIRECTIVE("MedSynQ", FLAG, set_enabled, NULL,
          "On lets MedSynQ own its paths in this server or virtual host")
NUMBER(int, enabled, 0)

DIRECTIVE("MedSynQDatabase", TAKE2, set_database, NULL,
          "sqlite3 and an absolute path, or pgsql and what libpq connects by")
TEXT(const char *, driver)
TEXT(const char *, database)

DIRECTIVE("MedSynQFolder", TAKE1, set_path, OFFSET(folder),
          "the folder of uploads on their way, where the database is no file")
TEXT(const char *, folder)

DIRECTIVE("MedSynQTemplates", TAKE1, set_path, OFFSET(templates),
          "the folder of the page templates")
TEXT(const char *, templates)

DIRECTIVE("MedSynQPublic", TAKE1, set_path, OFFSET(public_folder),
          "the folder of the style sheet, script and images")
TEXT(const char *, public_folder)

DIRECTIVE("MedSynQSecretFile", TAKE1, set_path, OFFSET(secret_file),
          "the file of the server's secret; made at the first start")
TEXT(const char *, secret_file)

DIRECTIVE("MedSynQSessionCache", TAKE1, set_session_cache, NULL,
          "where sessions are kept: provider, or provider:arguments")
TEXT(const char *, session_provider)
TEXT(const char *, session_arguments)

DIRECTIVE("MedSynQSessionTimeout", TAKE12, set_session_timeout, NULL,
          "idle limit and absolute limit of a session")
NUMBER(apr_interval_time_t, idle_limit, apr_time_from_sec(15 * 60))
NUMBER(apr_interval_time_t, absolute_limit, apr_time_from_sec(12 * 3600))

DIRECTIVE("MedSynQPasswordCost", TAKE1, set_number, &password_cost, "the cost of bcrypt, 4 to 15")
RANGE(int, password_cost, 12, MQ_PASSWORD_COST_MIN, MQ_PASSWORD_COST_MAX)

DIRECTIVE("MedSynQPasswordWorkers", TAKE1, set_number, &password_workers,
          "how many passwords the server hashes at once")
RANGE(int, password_workers, half_the_cores(), 1, PASSWORD_WORKERS_MOST) /* in all processes */

DIRECTIVE("MedSynQRegistration", TAKE1, set_choice, &registration,
          "who may create an organisation: open, invite or closed")
CHOICE(registration, MQ_REGISTRATION_INVITE, [MQ_REGISTRATION_OPEN] = "open",
       [MQ_REGISTRATION_INVITE] = "invite", [MQ_REGISTRATION_CLOSED] = "closed")

DIRECTIVE("MedSynQRegistrationThrottle", TAKE1, set_registration_throttle, NULL,
          "how many organisations one address may create in an hour, or off")
NUMBER(int, registrations_per_hour, 20) /* 0: not throttled */

DIRECTIVE("MedSynQLoginThrottle", TAKE12, set_login_throttle, NULL,
          "failed log-ins of one account and of one address without a delay, or off")
NUMBER(int, failures_per_account, 5) /* 0: not throttled */
NUMBER(int, failures_per_address, 50)

DIRECTIVE("MedSynQSendmail", TAKE2, set_sendmail, NULL,
          "the command that takes mails, and the site's address for links in them")
TEXT(const mq_mail_t *, mail)

DIRECTIVE("MedSynQAuditViews", TAKE1, set_choice, &views,
          "when what people see is recorded: sync, batched or off")
CHOICE(
    views,
    MQ_VIEWS_SYNC, [MQ_VIEWS_SYNC] = "sync", [MQ_VIEWS_BATCHED] = "batched", [MQ_VIEWS_OFF] = "off")

DIRECTIVE("MedSynQAuditRetention", TAKE12, set_retention, NULL,
          "after how many days events go to an archive, or off; the folder of archives")
NUMBER(int, retention, 0) /* days; 0: for ever */
TEXT(const char *, archive_folder)

DIRECTIVE("MedSynQAuditHeads", TAKE12, set_heads, NULL,
          "a file or |program for signed heads of the trail, and after how many seconds")
TEXT(const char *, heads_target) /* NULL: none are written */
NUMBER(int, heads_seconds, HEADS_SECONDS)

DIRECTIVE("MedSynQMaxBody", TAKE1, set_number, &body_limit, "the largest form in bytes")
RANGE(apr_int64_t, body_limit, 512 * 1024, BODY_LIMIT_LEAST, BODY_LIMIT_MOST)

DIRECTIVE("MedSynQMaxUpload", TAKE1, set_number, &upload_limit,
          "the largest file to import, in bytes")
RANGE(apr_int64_t, upload_limit, 64 * 1024 * 1024, BODY_LIMIT_LEAST, BODY_LIMIT_MOST)

DIRECTIVE("MedSynQQuota", TAKE2, set_quota, NULL,
          "what an organisation may keep: patients, people, files or bytes, and a number or off")
NUMBER(apr_int64_t, quota_patients, 2000000) /* 0: no limit */
NUMBER(apr_int64_t, quota_people, 10000)
NUMBER(apr_int64_t, quota_files, 50)
NUMBER(apr_int64_t, quota_bytes, (apr_int64_t)20 * 1024 * 1024 * 1024)

DIRECTIVE("MedSynQConnections", TAKE1, set_number, &connections,
          "how many database connections a process reads with")
RANGE(int, connections, 16, 1, CONNECTIONS_MOST)

DIRECTIVE("MedSynQMetrics", TAKE1, set_choice, &metrics,
          "who may read the figures of the handler medsynq-metrics: local, all or off")
CHOICE(metrics, MQ_METRICS_LOCAL, [MQ_METRICS_LOCAL] = "local", [MQ_METRICS_ALL] = "all",
       [MQ_METRICS_OFF] = "off")

DIRECTIVE("MedSynQServerTiming", TAKE1, set_choice, &timing,
          "who is told in Server-Timing how long a page took: off, signed-in or all")
CHOICE(timing, MQ_TIMING_SIGNED_IN, [MQ_TIMING_OFF] = "off", [MQ_TIMING_SIGNED_IN] = "signed-in",
       [MQ_TIMING_ALL] = "all")

#undef DIRECTIVE
#undef NUMBER
#undef RANGE
#undef CHOICE
#undef TEXT
