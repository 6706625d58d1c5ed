/* no_wall.c -- stands in for store/sqlite/sqlite_guard.c in mutants.py: a connection without the
 * second wall, so that the first one is tested alone. Never part of a build that serves. */
#include "store/sqlite/sqlite_connection.h"

int mq_guard_prepare(sqlite3_stmt **statement_out, mq_sqlite_t *db, const mq_sql_row_t *row)
{
    return sqlite3_prepare_v2(db->sqlite, row->sqlite, -1, statement_out, NULL);
}

int mq_guard_raise(mq_sqlite_t *db)
{
    db->guarding = 1;
    return sqlite3_exec(
        db->sqlite,
        "CREATE TEMP VIEW guest_patients AS SELECT * FROM main.patients;"
        "CREATE TEMP VIEW guest_chart_items AS SELECT * FROM main.chart_items;"
        "CREATE TEMP VIEW guest_share_notes AS SELECT * FROM main.share_notes;"
        "CREATE TEMP VIEW guest_patient_notes AS SELECT * FROM main.patient_notes;"
        "CREATE TEMP VIEW guest_referrals AS SELECT * FROM main.referrals;"
        "CREATE TEMP VIEW guest_referral_steps AS SELECT * FROM main.referral_steps;"
        "CREATE TEMP VIEW guest_users AS SELECT * FROM main.users;",
        NULL, NULL, NULL);
}
