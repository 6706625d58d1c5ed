/* core.h -- what every request of one server shares and nobody changes after start-up: where
 * connections and sessions come from, the secrets, the rules that the administrator set. */
#ifndef MQ_DOMAIN_CORE_H
#define MQ_DOMAIN_CORE_H

#include "base/crypto.h"
#include "base/shared_table.h"
#include "base/text.h"
#include "base/workers.h"
#include "store/db.h"

enum {
    MQ_VISIT_FORM_LENGTH = 16,
    MQ_KEY_LENGTH = 32,
    MQ_SECRETS_MOST = 16,
    MQ_SESSION_RECORD_LIMIT = 512
};

/** What comes from a secret that "medsynqctl secret rotate" has replaced: it opens, it never seals.
 */
typedef struct mq_old_keys_t {
    mq_mac_key_t csrf;
    unsigned char csrf_key[MQ_KEY_LENGTH];
    unsigned char data[MQ_KEY_LENGTH];
    unsigned char heads[MQ_KEY_LENGTH];
} mq_old_keys_t;

/** Whose a session is. */
typedef struct mq_session_owner_t {
    apr_int64_t tenant;
    mq_id_t user;
} mq_session_owner_t;

/** Where sessions are kept: shared memory in the module, behind the shape of ap_socache, or rows of
 * the database (domain/access/session_rows.h), which all servers have. */
typedef struct mq_session_cache_t {
    /** Keep bytes under a 32-byte key until an instant. @return MQ_EFULL no room: nobody is pushed
     * out */
    apr_status_t (*put)(const mq_session_owner_t *owner, const unsigned char *key, const void *data,
                        apr_size_t length, apr_time_t expires, apr_pool_t *pool, void *cache);
    /** Read up to *length bytes; sets *length. @return MQ_ENOTFOUND */
    apr_status_t (*get)(const unsigned char *key, void *data, apr_size_t *length, apr_pool_t *pool,
                        void *cache);
    /** Replace a record that is still there: a log-out meanwhile is not undone.
     * @return MQ_ENOTFOUND it is gone */
    apr_status_t (*renew)(const mq_session_owner_t *owner, const unsigned char *key,
                          const void *data, apr_size_t length, apr_time_t expires, apr_pool_t *pool,
                          void *cache);
    /** @return APR_SUCCESS it is gone, or was */
    apr_status_t (*drop)(const mq_session_owner_t *owner, const unsigned char *key,
                         apr_pool_t *pool, void *cache);
    /** Call back with a copy of each living record that is wanted; a non-zero answer ends the walk.
     * What is wanted is asked in place, under a lock: it must be short, and not call the cache.
     * @param owner whose are wanted: those of others may be left out; NULL: everybody's
     * @return APR_ENOTIMPL everybody's are too many */
    apr_status_t (*each)(const mq_session_owner_t *owner,
                         int (*wanted)(void *context, const unsigned char *data,
                                       apr_uint32_t length),
                         int (*seen)(const unsigned char *key, const void *data, apr_size_t length,
                                     void *context),
                         void *context, apr_pool_t *pool, void *cache);
    apr_uint32_t capacity; /* records; 0: nobody knows */
    void *cache;
    /** Look within the scope's own transaction whether a record is there; NULL: get says it.
     * @return MQ_ENOTFOUND it is not */
    apr_status_t (*stands)(const mq_scope_t *sc, const unsigned char *key);
    int is_endless; /* there is room for all: no place has to be kept for one that is to come */
} mq_session_cache_t;

/** What of an organisation's has a limit: MedSynQQuota. */
typedef enum {
    MQ_QUOTA_PATIENTS, /* archived ones, too */
    MQ_QUOTA_PEOPLE,   /* disabled ones, too */
    MQ_QUOTA_FILES,    /* to import, until their rows have gone */
    MQ_QUOTA_BYTES,
    MQ_QUOTAS
} mq_quota_t;

struct mq_disclosures_t;
struct mq_mail_queue_t;

typedef enum {
    MQ_REGISTRATION_OPEN,
    MQ_REGISTRATION_INVITE,
    MQ_REGISTRATION_CLOSED
} mq_registration_t;

/** How mails leave, where the administrator lets them. */
typedef struct mq_mail_t {
    const char *const *command; /* argv, ended by NULL */
    const char *site;           /* "https://clinic.example": links in mails begin with it */
} mq_mail_t;

/** One server's shared things; constant after start-up. */
struct mq_core_t {
    int is_dry; /* of a command that only says what it would do: each change is made, and undone */
    const mq_store_t *store;
    const mq_text_t *folding; /* of names, for search */
    const mq_session_cache_t *sessions;
    unsigned char csrf_key[MQ_KEY_LENGTH]; /* derived from the secret file */
    mq_mac_key_t csrf_mac;                 /* the same, made ready */
    unsigned char throttle_key[MQ_KEY_LENGTH];
    unsigned char search_key[MQ_KEY_LENGTH]; /* makes search words unreadable in the trail */
    unsigned char
        heads_key[MQ_KEY_LENGTH]; /* signs the heads of the trail: domain/trail/audit_heads.h */
    mq_table_t *throttle;         /* counters of attempts, or NULL: none are kept here */
    int throttle_rows;            /* they are rows of the database: domain/access/throttle_rows.h */
    int failures_per_account;     /* log-ins that may fail before a delay; 0: no limit */
    int failures_per_address;
    int registrations_per_hour; /* of one address; 0: no limit */
    int shares_per_hour;        /* of one organisation with another one; 0: no limit */
    mq_workers_t *hashing;      /* of passwords; NULL: in the caller's thread */
    unsigned char
        data_key[MQ_KEY_LENGTH]; /* from the secret file: seals what is stored or handed out */
    mq_old_keys_t old_keys[MQ_SECRETS_MOST - 1]; /* newest first */
    int old_keys_count;
    unsigned char fingerprints[MQ_SECRETS_MOST][MQ_KEY_LENGTH]; /* of the secrets, newest first */
    int fingerprints_count;
    void (*jobs_wake)(void *waker); /* looks at once for jobs that are due; NULL: nobody does */
    void *jobs_waker;
    struct mq_disclosures_t *disclosures; /* of this process; NULL: each is committed alone */
    int password_cost;                    /* bcrypt's, 4 to 15 */
    const char *password_dummy;           /* a hash of nothing, for unknown users */
    apr_int64_t quotas[MQ_QUOTAS];        /* of each organisation; 0: no limit */
    apr_interval_time_t idle_limit;
    apr_interval_time_t absolute_limit;
    mq_registration_t registration;
    const mq_mail_t *mail;         /* NULL: no mail is sent */
    struct mq_mail_queue_t *mails; /* of this process; NULL: none leaves */
};

/** What is known of a request before anybody is: where it comes from, and when. */
typedef struct mq_visit_t {
    const mq_core_t *core;
    apr_pool_t *pool;    /* the request's */
    const char *address; /* of the client, as text */
    const char *agent;   /* the User-Agent header, or "" */
    apr_time_t now;
    int shows_nothing; /* a HEAD: whatever the page would show does not leave */
    const unsigned char
        *form; /* MQ_VISIT_FORM_LENGTH bytes of the one form that was sent, or NULL */
} mq_visit_t;

#endif
