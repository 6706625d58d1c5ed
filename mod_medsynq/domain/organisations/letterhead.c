/* letterhead.c -- reading it; SQL is in store/statements/tenants.sql. */
#include "domain/organisations/letterhead.h"

const mq_field_rule_t mq_letter_address_rule = {MQ_FIELD_BLOCK, MQ_LIMIT_ADDRESS, NULL};
const mq_field_rule_t mq_letter_phone_rule = {MQ_FIELD_PHONE, MQ_LIMIT_PHONE, NULL};

apr_status_t mq_letterhead_read(mq_letterhead_t *letterhead_out, const mq_scope_t *sc)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_TENANT_LETTERHEAD, MQ_NO_PARAMS));
    *letterhead_out =
        (mq_letterhead_t){.address = mq_rows_text(&rows, MQ_TENANT_LETTERHEAD_LETTER_ADDRESS, pool),
                          .phone = mq_rows_text(&rows, MQ_TENANT_LETTERHEAD_LETTER_PHONE, pool),
                          .has_logo = mq_rows_int(&rows, MQ_TENANT_LETTERHEAD_LOGO_LENGTH) > 0};
    mq_rows_close(&rows);
    return APR_SUCCESS;
}
