/* template.c -- rendering compiled templates: a loop over operations, no look-ups, no recursion.
 * What they mean and why they are safe, template_compile.c says. */
#include "base/template.h"

#include "base/escape.h"
#include "base/id.h"
#include "base/template_ops.h"

static const char *text_at(const char *member)
{
    return *(const char *const *)(const void *)member;
}

static int is_empty(mq_emptiness_t what, const char *member)
{
    if (what == MQ_EMPTY_TEXT) {
        const char *text = text_at(member);
        return !text || !*text;
    }
    return what == MQ_EMPTY_INT ? *(const int *)(const void *)member == 0
                                : *(const apr_int64_t *)(const void *)member == 0;
}

static void write_url(mq_op_kind_t kind, const char *text, mq_buffer_t *out)
{
    if (!text) {
        return;
    }
    switch (kind) {
    case MQ_OP_WHOLE:
        mq_escape_url_whole(out, text);
        break;
    case MQ_OP_SEGMENT:
        mq_escape_url_segment(out, text);
        break;
    default:
        mq_escape_url_query(out, text);
    }
}

/* The same in every place: hexadecimal digits and hyphens need no escaping. */
static void write_id(const mq_id_t *id, mq_buffer_t *out)
{
    if (out->capacity - out->length < MQ_ID_TEXT_SIZE) {
        mq_buffer_grow(out, MQ_ID_TEXT_SIZE);
    }
    mq_id_format(out->data + out->length, id);
    out->length += MQ_ID_TEXT_SIZE - 1;
}

/* Most are short: two moves of 16 bytes, whatever the length, for there is room behind both. What
 * was copied too much is written over by what comes next, or lies beyond the buffer's length. */
static inline void write_literal(const mq_op_t *op, mq_buffer_t *out)
{
    if (out->capacity - out->length < op->length + MQ_LITERAL_ROOM) {
        mq_buffer_grow(out, op->length + MQ_LITERAL_ROOM);
    }
    if (op->length <= MQ_LITERAL_ROOM) {
        memcpy(out->data + out->length, op->literal, MQ_LITERAL_ROOM);
    } else {
        memcpy(out->data + out->length, op->literal, op->length);
    }
    out->length += op->length;
}

apr_size_t mq_template_typical(const mq_template_t *compiled)
{
    return compiled->typical;
}

int mq_template_shows_without(const mq_template_t *compiled, apr_size_t member, apr_size_t flag)
{
    for (const mq_op_t *op = compiled->ops; op->kind != MQ_OP_END;) {
        if (op->kind == MQ_OP_HTML && op->level == 0 && op->offset == member) {
            return 1;
        }
        op = op->kind == MQ_OP_IF && op->empty == MQ_EMPTY_INT && op->level == 0 &&
                     op->offset == flag
                 ? compiled->ops + op->target
                 : op + 1;
    }
    return 0;
}

void mq_template_render(const mq_template_t *compiled, const void *page, const char *digits,
                        mq_buffer_t *out)
{
    const char *levels[MQ_TEMPLATE_LEVELS] = {page};
    int left[MQ_TEMPLATE_LEVELS] = {0}; /* items of a list still to come */
    int depth = 0;

    for (const mq_op_t *op = compiled->ops;;) {
        const char *member = levels[op->level] + op->offset;
        const mq_op_t *next = op + 1;
        write_literal(op, out);
        switch (op->kind) {
        case MQ_OP_LITERAL:
            break;
        case MQ_OP_HTML:
            if (text_at(member)) {
                mq_escape_html(out, text_at(member));
            }
            break;
        case MQ_OP_INT:
            mq_buffer_int(out, *(const apr_int64_t *)(const void *)member);
            break;
        case MQ_OP_FIGURE:
            mq_buffer_figure(out, *(const apr_int64_t *)(const void *)member, digits);
            break;
        case MQ_OP_ID:
            write_id((const mq_id_t *)(const void *)member, out);
            break;
        case MQ_OP_MARKUP:
            if (text_at(member)) {
                mq_buffer_text(out, text_at(member));
            }
            break;
        case MQ_OP_IF:
            next = is_empty(op->empty, member) ? compiled->ops + op->target : next;
            break;
        case MQ_OP_UNLESS:
            next = is_empty(op->empty, member) ? next : compiled->ops + op->target;
            break;
        case MQ_OP_LIST: {
            const mq_list_t *list = (const mq_list_t *)(const void *)member;
            if (list->count == 0) {
                next = compiled->ops + op->target;
                break;
            }
            depth++;
            levels[depth] = list->items;
            left[depth] = list->count - 1;
            break;
        }
        case MQ_OP_NEXT:
            if (left[depth] > 0) {
                left[depth]--;
                levels[depth] += op->stride;
                next = compiled->ops + op->target;
            } else {
                depth--;
            }
            break;
        case MQ_OP_STRUCT:
            if (!text_at(member)) {
                next = compiled->ops + op->target;
                break;
            }
            depth++;
            levels[depth] = text_at(member);
            left[depth] = 0; /* ended by a NEXT as well */
            break;
        case MQ_OP_END:
            return;
        default:
            write_url(op->kind, text_at(member), out);
        }
        op = next;
    }
}
