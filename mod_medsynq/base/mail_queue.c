/* mail_queue.c -- the line of mails in one process, and the thread that hands them over. Starting
 * the command means a fork, which takes a hundred times as long as all else that a request for a
 * mail does, and holds up the process's memory meanwhile: so it is done apart from the request, and
 * some time after it. */
#include "base/mail_queue.h"

#include <apr_strings.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/deadline.h"
#include "base/mail.h"

enum { WAITING_MOST = 1000, APART_MSEC = 500, COMMAND_SECONDS = 60 };

typedef struct waiting_t {
    apr_pool_t *pool; /* its own */
    const char *message;
    int is_meant;
    struct waiting_t *next;
} waiting_t;

/* As the workers of base/workers.h, and for the same reason, without APR's mutex. */
struct mq_mail_queue_t {
    pthread_mutex_t mutex;
    pthread_cond_t came; /* a mail, or the end */
    pthread_t thread;
    int has_thread;
    atomic_int is_ending; /* changed under the mutex; then no command is waited for */
    waiting_t *first;
    waiting_t **end;
    int count;
    const char *const *command;
    mq_mail_tell_t tell;
    void *context;
};

/* All that wait, in their order. Under the mutex. */
static waiting_t *all_take(mq_mail_queue_t *queue)
{
    waiting_t *first = queue->first;
    queue->first = NULL;
    queue->end = &queue->first;
    queue->count = 0;
    return first;
}

/* A command that goes on after its time is none of ours any more. */
static void one_send(const mq_mail_queue_t *queue, const waiting_t *mail)
{
    int waits = !atomic_load(&queue->is_ending);
    mq_mail_end_t end;
    apr_status_t rv = mq_mail_hand_over(waits ? &end : NULL, queue->command, mail->message,
                                        COMMAND_SECONDS, &queue->is_ending);
    const char *fault = "it could not be started";
    if (rv == APR_SUCCESS) {
        fault = waits && (end.has_ended || !atomic_load(&queue->is_ending))
                    ? mq_mail_end_fault(&end, mail->pool)
                    : NULL;
    }
    if (fault) {
        queue->tell(rv, fault, queue->context);
    }
}

static void all_send(const mq_mail_queue_t *queue, waiting_t *mail)
{
    while (mail) {
        waiting_t *next = mail->next;
        if (mail->is_meant) {
            one_send(queue, mail);
        }
        apr_pool_destroy(mail->pool);
        mail = next;
    }
}

/* Let the request that wrote the mail end first. Under the mutex; the end does not wait. */
static void apart_await(mq_mail_queue_t *queue)
{
    struct timespec until = mq_deadline_after(apr_time_from_msec(APART_MSEC));
    int rv = 0;
    while (!queue->is_ending && rv == 0) {
        rv = pthread_cond_timedwait(&queue->came, &queue->mutex, &until);
    }
}

static void *queue_run(void *data)
{
    mq_mail_queue_t *queue = data;
    (void)pthread_mutex_lock(&queue->mutex);
    while (!queue->is_ending || queue->first) {
        waiting_t *mails;
        if (!queue->first) {
            (void)pthread_cond_wait(&queue->came, &queue->mutex);
            continue;
        }
        apart_await(queue);
        mails = all_take(queue);
        (void)pthread_mutex_unlock(&queue->mutex);
        all_send(queue, mails);
        (void)pthread_mutex_lock(&queue->mutex);
    }
    (void)pthread_mutex_unlock(&queue->mutex);
    return NULL;
}

/* It takes no signals: those are the server's affair. */
static apr_status_t thread_begin(mq_mail_queue_t *queue)
{
    sigset_t all, before;
    int rv;
    if (queue->has_thread) {
        return APR_SUCCESS;
    }
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    rv = pthread_create(&queue->thread, NULL, queue_run, queue);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    queue->has_thread = rv == 0;
    return rv;
}

/* Under prefork a signal may run this in the very thread that has the mutex: then the process ends
 * without it. */
static apr_status_t queue_end(void *data)
{
    mq_mail_queue_t *queue = data;
    struct timespec until = mq_deadline_after(apr_time_from_msec(200));
    if (pthread_mutex_clocklock(&queue->mutex, CLOCK_MONOTONIC, &until) != 0) {
        return APR_SUCCESS;
    }
    queue->is_ending = 1;
    (void)pthread_cond_broadcast(&queue->came);
    (void)pthread_mutex_unlock(&queue->mutex);
    if (queue->has_thread) {
        (void)pthread_join(queue->thread, NULL);
    }
    return APR_SUCCESS;
}

apr_status_t mq_mail_queue_make(mq_mail_queue_t **queue_out, const char *const *command,
                                mq_mail_tell_t tell, void *context, apr_pool_t *pool)
{
    mq_mail_queue_t *queue = apr_pcalloc(pool, sizeof *queue);
    pthread_condattr_t kind;
    queue->end = &queue->first;
    queue->command = command;
    queue->tell = tell;
    queue->context = context;
    MQ_TRY(pthread_mutex_init(&queue->mutex, NULL));
    MQ_TRY(pthread_condattr_init(&kind));
    MQ_TRY(pthread_condattr_setclock(&kind, CLOCK_MONOTONIC));
    MQ_TRY(pthread_cond_init(&queue->came, &kind));
    MQ_TRY(pthread_condattr_destroy(&kind));
    apr_pool_pre_cleanup_register(pool, queue, queue_end);
    *queue_out = queue;
    return APR_SUCCESS;
}

static apr_status_t waiting_make(waiting_t **mail_out, const char *message, int is_meant)
{
    apr_pool_t *pool;
    MQ_TRY(apr_pool_create(&pool, NULL));
    *mail_out = apr_pcalloc(pool, sizeof **mail_out);
    **mail_out = (waiting_t){pool, apr_pstrdup(pool, message), is_meant, NULL};
    return APR_SUCCESS;
}

apr_status_t mq_mail_queue_add(mq_mail_queue_t *queue, const char *message, int is_meant)
{
    waiting_t *mail;
    apr_status_t rv;
    MQ_TRY(waiting_make(&mail, message, is_meant));
    (void)pthread_mutex_lock(&queue->mutex);
    rv = queue->is_ending || queue->count >= WAITING_MOST ? MQ_EFULL : thread_begin(queue);
    if (rv == APR_SUCCESS) {
        *queue->end = mail;
        queue->end = &mail->next;
        queue->count++;
        (void)pthread_cond_signal(&queue->came);
    }
    (void)pthread_mutex_unlock(&queue->mutex);
    if (rv != APR_SUCCESS) {
        apr_pool_destroy(mail->pool);
    }
    return rv;
}
