/* logo.h -- the picture at the head of an organisation's paper, beside the letterhead's words: set
 * and taken away by administrators, seen by everybody who prints. */
#ifndef MQ_DOMAIN_LOGO_H
#define MQ_DOMAIN_LOGO_H

#include "store/db.h"

enum {
    MQ_LOGO_BYTES_MOST = 64 * 1024,
    MQ_LOGO_SIDE_MOST = 4000 /* dots: it is unpacked by whoever prints */
};

/** A picture. */
typedef struct mq_logo_t {
    const void *bytes;
    apr_size_t length;
    const char *type; /* as a browser is told */
} mq_logo_t;

/**
 * What a file is by its own first bytes, whatever it is called. No drawing that may hold a program
 * (SVG) is one.
 * @return "image/png" or "image/jpeg"; NULL: neither, of too many dots, or cut off
 */
const char *mq_logo_type(const void *bytes, apr_size_t length);

/** Read it, from the scope's pool. @return MQ_ENOTFOUND there is none */
apr_status_t mq_logo_read(mq_logo_t *logo_out, const mq_scope_t *sc);

/**
 * Set it, or another one instead.
 * @return MQ_EINVALID no picture that mq_logo_type knows, or a larger one; MQ_EDENIED
 */
apr_status_t mq_logo_set(const mq_scope_t *sc, const void *bytes, apr_size_t length);

/** Take it away; where none is, nothing is changed. @return MQ_EDENIED */
apr_status_t mq_logo_remove(const mq_scope_t *sc);

#endif
