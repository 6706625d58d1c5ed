/* outage.c -- what is the matter with a database: told by its use and by the start, once to the
 * log, to all children by shared memory, until a try of one of them goes well.
 *
 * A lock and a full disk let pages be read; whatever is graver lets none. Then each child closes
 * its connections, so that a whole database can be put in the place of a damaged one. A database or
 * a log that somebody has taken away from under open connections is graver still: what is committed
 * goes where the name no longer leads, and another file of that name must not be mixed with it.
 * Before it is opened anew, everybody has let go. */
#include "glue/outage.h"

#include <apr_file_info.h>
#include <apr_shm.h>
#include <apr_strings.h>
#include <stdatomic.h>

#include <http_core.h>
#include <http_log.h>

#include "domain/access/fingerprints.h"
#include "domain/trail/installation_events.h"
#include "glue/as_server.h"
#include "glue/module.h"
#include "store/engine.h"
#include "store/single.h"
#include "version_gen.h"

APLOG_USE_MODULE(medsynq);

enum {
    TRY_SECONDS = 2,
    PROOF_SECONDS = 2, /* that long a proof is believed */
    PATIENCE_MILLISECONDS = 250,
    REST = 10 /* times what a try has taken */
};

static const char agent[] = "httpd"; /* in the trail */

struct mq_outage_t {
    atomic_int trouble;     /* mq_trouble_t */
    atomic_int is_recorded; /* the trail knows that the server has started */
    atomic_llong due;       /* when it is tried again */
    atomic_llong proof_due;
    atomic_int is_proved; /* or not tried yet */
};

/* What a try has found. */
typedef struct finding_t {
    mq_trouble_t trouble;
    const char *sentence; /* with the remedy */
    int from;             /* the schema's version */
    int is_recorded;
} finding_t;

static apr_status_t start_record(const mq_visit_t *visit, int from)
{
    MQ_TRY(mq_installation_migrated(visit, agent, from));
    return mq_installation_record(visit, agent, MQ_ACTION_SERVER_START,
                                  ap_state_query(AP_SQ_CONFIG_GEN) > 1
                                      ? "reload, MedSynQ " MEDSYNQ_VERSION
                                      : "MedSynQ " MEDSYNQ_VERSION);
}

/* Whether the secret is the database's; then the start is told to the installation's own trail. */
static apr_status_t opened_try(finding_t *finding, const mq_visit_t *visit)
{
    const char *fault;
    MQ_TRY(mq_fingerprints_check(&fault, visit, agent, 1));
    if (fault) {
        finding->sentence = fault;
        return MQ_EINVALID;
    }
    MQ_TRY(finding->is_recorded ? APR_SUCCESS : start_record(visit, finding->from));
    finding->is_recorded = 1;
    return APR_SUCCESS;
}

mq_trouble_t mq_outage_of(apr_status_t rv)
{
    return rv == APR_SUCCESS   ? MQ_TROUBLE_NONE
           : rv == MQ_EFULL    ? MQ_TROUBLE_LOCKED
           : rv == APR_ENOSPC  ? MQ_TROUBLE_FULL
           : rv == MQ_ECORRUPT ? MQ_TROUBLE_DAMAGED
                               : MQ_TROUBLE_BARRED;
}

static void migrate(finding_t *finding, const mq_config_t *config, apr_pool_t *pool)
{
    apr_status_t rv =
        mq_db_migrate(config->driver, config->database, apr_time_from_msec(PATIENCE_MILLISECONDS),
                      &finding->from, &finding->sentence, pool);
    finding->trouble = mq_outage_of(rv);
    if (finding->trouble < MQ_TROUBLE_BARRED && finding->from != mq_migration_count) {
        finding->trouble = rv == APR_SUCCESS ? MQ_TROUBLE_NONE : MQ_TROUBLE_BARRED;
    }
}

static void open_and_record(finding_t *finding, const mq_config_t *config, const mq_core_t *keys,
                            apr_pool_t *pool)
{
    mq_core_t core = *keys;
    mq_visit_t visit = {.core = &core, .pool = pool, .address = "", .now = apr_time_now()};
    const char *ignored;
    mq_single_t *single;
    apr_status_t rv = mq_single_open(&single, config->driver, config->database, &ignored, pool);
    finding->sentence = "its trail takes no event";
    if (rv == APR_SUCCESS) {
        core.store = &single->store;
        rv = opened_try(finding, &visit);
        mq_single_close(single, pool);
    }
    finding->trouble = mq_outage_of(rv);
    if (finding->trouble == MQ_TROUBLE_FULL) {
        finding->sentence = "the disk is full: make room";
    }
}

static int is_there(const mq_config_t *config, apr_pool_t *pool)
{
    apr_finfo_t info;
    return !mq_engine_find(config->driver)->has_file ||
           apr_stat(&info, config->database, APR_FINFO_TYPE, pool) == APR_SUCCESS;
}

/* A lock or a full disk is no reason not to be read from where the schema is ours. */
static void prepare(finding_t *finding, const mq_config_t *config, const mq_core_t *keys,
                    int thoroughly, apr_pool_t *pool)
{
    finding->sentence = "";
    finding->trouble = MQ_TROUBLE_NONE;
    if (mq_engine_find(config->driver)->users(config->database) == MQ_USERS_STRANDED) {
        finding->trouble = MQ_TROUBLE_FILE_GONE;
        finding->sentence = "another file was put in its place while it was used; it is opened "
                            "when everybody has let go of the former one";
        return;
    }
    migrate(finding, config, pool);
    if (finding->trouble == MQ_TROUBLE_NONE) {
        open_and_record(finding, config, keys, pool);
    }
    if (finding->trouble == MQ_TROUBLE_NONE) {
        mq_db_prove(&finding->trouble, config->driver, config->database,
                    apr_time_from_msec(PATIENCE_MILLISECONDS), thoroughly, &finding->sentence,
                    pool);
    }
}

typedef struct wanted_t {
    const mq_config_t *config;
    const mq_core_t *keys;
} wanted_t;

/* @return numbers and sentence in one line */
static const char *prepare_as_server(int *failed_out, const void *context, apr_pool_t *pool)
{
    const wanted_t *wanted = context;
    finding_t finding = {.is_recorded = 0};
    prepare(&finding, wanted->config, wanted->keys, 0, pool);
    *failed_out = 0;
    return apr_psprintf(pool, "%d %d %d %s", (int)finding.trouble, finding.is_recorded,
                        finding.from, finding.sentence);
}

static void finding_read(finding_t *finding, const char *said)
{
    char *end;
    finding->trouble = (mq_trouble_t)apr_strtoi64(said, &end, 10);
    finding->is_recorded = (int)apr_strtoi64(end, &end, 10);
    finding->from = (int)apr_strtoi64(end, &end, 10);
    finding->sentence = *end ? end + 1 : end;
}

static const char *sentence_make(const mq_config_t *config, const char *cause, apr_pool_t *pool)
{
    return apr_psprintf(pool, "the database %s cannot be used: %s", config->database, cause);
}

static long long seconds_from_now(int seconds)
{
    return apr_time_now() + apr_time_from_sec(seconds);
}

/* Whether a server of this process has had it: one that is gone is not made anew by a reload. */
static int was_there(const mq_config_t *config, int is_now, apr_pool_t *pool)
{
    const char *key = apr_pstrcat(pool, "medsynq-served:", config->database, NULL);
    int before = ap_retained_data_get(key) != NULL;
    if (!before && is_now) {
        (void)ap_retained_data_create(key, sizeof(int));
    }
    return before;
}

static void begin(finding_t *finding, const mq_config_t *config, const mq_core_t *keys,
                  apr_pool_t *pool)
{
    const wanted_t wanted = {config, keys};
    const char *said;
    if (was_there(config, 0, pool) && !is_there(config, pool)) {
        finding->trouble = MQ_TROUBLE_FILE_GONE;
        finding->sentence = "it is not there any more: put it back";
    } else if (mq_as_server(&said, prepare_as_server, &wanted, pool)) {
        finding_read(finding, said);
    } else {
        finding->sentence = *said ? said : "its preparation ended without a word";
    }
    if (finding->trouble == MQ_TROUBLE_LOCKED) { /* perhaps by ourselves, before a reload */
        finding->trouble = MQ_TROUBLE_NONE;
    }
    (void)was_there(config, finding->trouble == MQ_TROUBLE_NONE, pool);
}

apr_status_t mq_outage_begin(mq_outage_t **outage_out, int *from_out, const char **sentence_out,
                             const mq_config_t *config, const mq_core_t *keys, apr_pool_t *pconf)
{
    finding_t finding = {.trouble = MQ_TROUBLE_BARRED};
    apr_shm_t *shm;
    MQ_TRY(apr_shm_create(&shm, sizeof **outage_out, NULL, pconf));
    *outage_out = apr_shm_baseaddr_get(shm);
    begin(&finding, config, keys, pconf);
    *from_out = finding.from;
    *sentence_out =
        finding.trouble == MQ_TROUBLE_NONE ? NULL : sentence_make(config, finding.sentence, pconf);
    atomic_init(&(*outage_out)->trouble, (int)finding.trouble);
    atomic_init(&(*outage_out)->is_recorded, finding.is_recorded);
    atomic_init(&(*outage_out)->due, seconds_from_now(TRY_SECONDS));
    atomic_init(&(*outage_out)->proof_due, 0);
    atomic_init(&(*outage_out)->is_proved, 1);
    return APR_SUCCESS;
}

void mq_outage_tell(const mq_outage_t *outage, server_rec *s, const char *sentence)
{
    if (mq_outage_is_down(outage)) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s,
                     "MSQ0013: MedSynQ answers 503 until this is mended, and tries again by "
                     "itself: %s",
                     sentence);
    } else {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s,
                     "MSQ0016: MedSynQ saves nothing until this is mended, and tries again by "
                     "itself: %s",
                     sentence);
    }
}

const atomic_int *mq_outage_trouble(const mq_outage_t *outage)
{
    return &outage->trouble;
}

int mq_outage_is_down(const mq_outage_t *outage)
{
    return atomic_load_explicit(&outage->trouble, memory_order_relaxed) >= MQ_TROUBLE_BARRED;
}

void mq_outage_notice(mq_outage_t *outage, server_rec *s, const mq_config_t *config,
                      mq_trouble_t trouble, const char *cause)
{
    apr_pool_t *pool;
    int known = atomic_load(&outage->trouble);
    while (known < (int)trouble &&
           !atomic_compare_exchange_weak(&outage->trouble, &known, (int)trouble)) {
    }
    if (known < (int)trouble && apr_pool_create(&pool, NULL) == APR_SUCCESS) {
        atomic_store(&outage->due, seconds_from_now(TRY_SECONDS));
        mq_outage_tell(outage, s, sentence_make(config, cause, pool));
        apr_pool_destroy(pool);
    }
}

/* Whoever moves the hour on is the one who tries. */
static int is_ones_turn(atomic_llong *due, int seconds)
{
    long long hour = atomic_load(due);
    return apr_time_now() >= hour &&
           atomic_compare_exchange_strong(due, &hour, seconds_from_now(seconds));
}

/* Nobody has a file open that is not there any more, and none is made in the place of one. */
static int can_be_tried(mq_trouble_t trouble, const mq_config_t *config, apr_pool_t *pool)
{
    const mq_engine_t *engine = mq_engine_find(config->driver);
    if (!is_there(config, pool)) {
        return 0;
    }
    if (trouble >= MQ_TROUBLE_LOG_GONE && engine->users(config->database) != MQ_USERS_NONE) {
        return 0;
    }
    if (trouble == MQ_TROUBLE_LOG_GONE) {
        engine->set_aside(config->database, pool);
    }
    return 1;
}

/* What it was may have become something else meanwhile, and the log hears of that. */
static void finding_take(mq_outage_t *outage, server_rec *s, const mq_config_t *config, int before,
                         const finding_t *finding, apr_pool_t *pool)
{
    if (finding->trouble == MQ_TROUBLE_LOCKED || /* by one of us, or still */
        !atomic_compare_exchange_strong(&outage->trouble, &before, (int)finding->trouble)) {
        return; /* or something graver was noticed */
    }
    if (finding->trouble == MQ_TROUBLE_NONE && before != MQ_TROUBLE_NONE) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s,
                     "MSQ0012: the database %s is in order again, schema %d: MedSynQ serves",
                     config->database, mq_migration_count);
    } else if ((int)finding->trouble != before) {
        mq_outage_tell(outage, s, sentence_make(config, finding->sentence, pool));
    }
}

void mq_outage_step(mq_outage_t *outage, server_rec *s, const mq_config_t *config,
                    const mq_core_t *keys, apr_pool_t *pool)
{
    finding_t finding = {.is_recorded = atomic_load(&outage->is_recorded)};
    int before = atomic_load(&outage->trouble);
    apr_time_t begun = apr_time_now();
    if ((before == MQ_TROUBLE_NONE && finding.is_recorded) ||
        !is_ones_turn(&outage->due, TRY_SECONDS) ||
        !can_be_tried((mq_trouble_t)before, config, pool)) {
        return;
    }
    prepare(&finding, config, keys, before == MQ_TROUBLE_DAMAGED, pool);
    atomic_store(&outage->is_recorded, finding.is_recorded);
    finding_take(outage, s, config, before, &finding, pool);
    /* looking for damage takes as long as the file is large */
    atomic_store(&outage->due,
                 seconds_from_now(TRY_SECONDS) +
                     (before == MQ_TROUBLE_DAMAGED ? REST * (apr_time_now() - begun) : 0));
}

/* In the line of those who write: a lock that is met then is a foreign one. Some are patient enough
 * for it to go. @return 0 for such a lock */
static int prove(mq_outage_t *outage, server_rec *s, const mq_config_t *config,
                 mq_fair_queue_t *writers, apr_pool_t *pool)
{
    const char *sentence = "";
    mq_trouble_t trouble;
    if (mq_fair_queue_lock(writers, apr_time_from_msec(PATIENCE_MILLISECONDS)) != APR_SUCCESS) {
        return 1; /* many write */
    }
    mq_db_prove(&trouble, config->driver, config->database,
                apr_time_from_msec(PATIENCE_MILLISECONDS), 0, &sentence, pool);
    (void)mq_fair_queue_unlock(writers);
    if (trouble > MQ_TROUBLE_LOCKED) {
        mq_outage_notice(outage, s, config, trouble, sentence);
    }
    return trouble != MQ_TROUBLE_LOCKED;
}

int mq_outage_is_ready(mq_outage_t *outage, server_rec *s, const mq_config_t *config,
                       mq_fair_queue_t *writers, apr_pool_t *pool)
{
    if (atomic_load(&outage->trouble) == MQ_TROUBLE_NONE &&
        is_ones_turn(&outage->proof_due, PROOF_SECONDS)) {
        atomic_store(&outage->is_proved, prove(outage, s, config, writers, pool));
    }
    return atomic_load(&outage->trouble) == MQ_TROUBLE_NONE && atomic_load(&outage->is_proved);
}
