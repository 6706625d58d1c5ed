/* messages.h -- what each number of the error log means: what happened, why, what to do. The page
 * docs/troubleshooting.md is made from this table (make messages), medsynqctl explain prints it,
 * and a lint holds the numbers in the source against it. */
#ifndef MQ_BASE_MESSAGES_H
#define MQ_BASE_MESSAGES_H

/** The number of a refused log-in, which is also counted for all to see. */
#define MQ_MESSAGE_SIGN_IN_REFUSED "MSQ0035"

/** How grave: as httpd's LogLevel has it. */
typedef enum {
    MQ_MESSAGE_NOTICE,
    MQ_MESSAGE_WARNING,
    MQ_MESSAGE_ERROR,
    MQ_MESSAGE_CRITICAL,
    MQ_MESSAGE_EMERGENCY
} mq_message_level_t;

/** One number. Whole sentences, in English, as the log is. */
typedef struct mq_message_t {
    const char *tag; /* as it stands in the log */
    mq_message_level_t level;
    const char *what;
    const char *why;
    const char *remedy;
} mq_message_t;

/** All of them by number, ended by a row whose tag is NULL. */
extern const mq_message_t mq_messages[];

/** @return the row of a number, however its letters are written, or NULL */
const mq_message_t *mq_message_find(const char *tag);

#endif
