/* folding.h -- for fuzzers of what folds texts: the tables of ICU once, and what must hold. */
#ifndef MQ_TESTS_FUZZ_FOLDING_H
#define MQ_TESTS_FUZZ_FOLDING_H

#include <stdint.h>
#include <stdlib.h>

#include <apr_general.h>

#include "base/text.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const mq_text_t *folding;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    apr_pool_t *pool;
    (void)argc;
    (void)argv;
    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        abort();
    }
    return mq_text_make(&folding, pool);
}

static void check(int holds)
{
    if (!holds) {
        abort();
    }
}

#endif
