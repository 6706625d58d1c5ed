/* ctl_explain.c -- medsynqctl explain: what a number of the error log means. */
#include "base/messages.h"
#include "ctl/ctl.h"

static const char *level_name(mq_message_level_t level)
{
    static const char *const names[] = {"notice", "warning", "error", "critical", "emergency"};
    return names[level];
}

static void message_json(mq_json_t *json, const mq_message_t *message)
{
    mq_json_object(json, NULL);
    mq_json_text(json, "tag", message->tag);
    mq_json_text(json, "level", level_name(message->level));
    mq_json_text(json, "what", message->what);
    mq_json_text(json, "why", message->why);
    mq_json_text(json, "do", message->remedy);
    mq_json_object_end(json);
}

static void message_print(const mq_message_t *message)
{
    ctl_print("%s (%s)\n  %s\n  Why: %s\n  Do:  %s\n", message->tag, level_name(message->level),
              message->what, message->why, message->remedy);
}

int ctl_explain(ctl_t *ctl)
{
    const char *tag = NULL;
    const char *wrong = ctl_options(ctl, NULL, &tag);
    const mq_message_t *one = tag ? mq_message_find(tag) : NULL;
    mq_json_t json = {mq_buffer_make(ctl->pool, 4096)};
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    if (tag && !one) {
        return ctl_usage(ctl, "there is no such number; medsynqctl explain prints all of them");
    }
    mq_json_array(&json, NULL);
    for (const mq_message_t *row = one ? one : mq_messages; row->tag; row++) {
        if (ctl->json) {
            message_json(&json, row);
        } else {
            message_print(row);
        }
        if (one) {
            break;
        }
    }
    mq_json_array_end(&json);
    mq_buffer_text(json.out, "\n");
    if (ctl->json) {
        ctl_write(json.out);
    }
    return CTL_DONE;
}
