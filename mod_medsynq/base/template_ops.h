/* template_ops.h -- the compiled form, for template.c and template_compile.c only. */
#ifndef MQ_BASE_TEMPLATE_OPS_H
#define MQ_BASE_TEMPLATE_OPS_H

#include "base/template.h"

typedef enum {
    MQ_OP_LITERAL, /* nothing but the text before it */
    MQ_OP_HTML,    /* a text, escaped for HTML */
    MQ_OP_WHOLE,   /* a text that is a whole URL */
    MQ_OP_SEGMENT, /* a text as a segment of a URL's path */
    MQ_OP_QUERY,   /* a text as a component of a query */
    MQ_OP_INT,     /* a number inside a tag */
    MQ_OP_FIGURE,  /* a number that people read */
    MQ_OP_ID,
    MQ_OP_MARKUP,
    MQ_OP_IF,     /* jump when the slot is empty */
    MQ_OP_UNLESS, /* jump when it is not */
    MQ_OP_LIST,   /* enter the first item, or jump */
    MQ_OP_NEXT,   /* go on with the next item: jump back */
    MQ_OP_STRUCT, /* enter, or jump */
    MQ_OP_END
} mq_op_kind_t;

/** What to look at to know whether a slot is empty. */
typedef enum {
    MQ_EMPTY_TEXT, /* a pointer: NULL, or to an empty text */
    MQ_EMPTY_WORD, /* eight bytes of 0: a number, a pointer */
    MQ_EMPTY_INT   /* an int of 0: a flag, a count */
} mq_emptiness_t;

enum { MQ_TEMPLATE_LEVELS = 8, MQ_LITERAL_ROOM = 32 /* bytes to read behind each literal */ };

/* One step. The text that stands before it is written first, wherever the step is reached from. */
typedef struct mq_op_t {
    const char *literal;
    apr_size_t length; /* of the literal */
    mq_op_kind_t kind;
    mq_emptiness_t empty; /* of IF and UNLESS */
    int level;            /* which struct on the way in: 0 is the page */
    int target;           /* of jumps */
    apr_size_t offset;    /* of the member */
    apr_size_t stride;    /* of LIST and NEXT: bytes of an item */
} mq_op_t;

struct mq_template_t {
    const mq_op_t *ops;
    apr_size_t typical; /* bytes of its literals: a fair first capacity */
};

#endif
