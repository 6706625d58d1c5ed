"""Weakens, one at a time, the checks in C that keep organisations apart: whom a scope, a session, a
link and a lent connection belong to (scopes.c must notice), and what the guards admit (attacks.py must).

Every line that names an organisation is weakened by rules; the other checks are listed. A line of
these sources that names one and that no rule touches is a fault of its own: see unreached()."""
import re
import shutil

from harness import TOP

ENGINE = "store/sqlite/sqlite_engine.c"
GUARD = "store/sqlite/sqlite_guard.c"
CONNECTION = "store/sqlite/sqlite_connection.c"
SCOPES = ("store/db.c", "store/loan.c", "store/scope.c", ENGINE, "domain/access/scope_minting.c",
          "domain/access/sessions.c", "domain/access/session_records.c", "domain/access/session_rows.c",
          "domain/access/links.c", "domain/access/page_mark.c",
          "domain/jobs/job_worker.c", "domain/sharing/sides.c", "domain/sharing/guests.c")
GUARDS = (GUARD, CONNECTION)
EMERGENCIES, REVIEWS = "domain/sharing/emergencies.c", "domain/sharing/emergency_reviews.c"
OPENINGS = (EMERGENCIES, REVIEWS, "domain/sharing/partners.c")  # tests/unit/sharing/test_emergencies.c must notice

# Which organisation: with A and B changed about.
EXPRESSION = r"(?<![\w>.])(?:\w+(?:->|\.))*tenant\b(?!\s*=[^=]|\w|_)"
# How a mutant puts another organisation in the place of the one that acts.
MISTAKEN = ("another's", "somebody's")
# Mutants that change nothing: (file, how, the line), each with its reason.
EQUAL = {
    (ENGINE, "kind dropped to 1", "if (row->tenant) {"):
        "every system statement has a parameter, which is bound after it in the same place",
    ("store/loan.c", "another's", "if (!mq_lock_order_note(&group->order, loan->tenant)) {"):
        "it is the order of waiting, where organisations have a lock each: whom a statement is run for says enter",
    ("domain/access/scope_minting.c", "somebody's", "return MQ_NO_TENANT;"):
        "when there is no randomness; the tests have no machine without",
}

# The other checks: file, text that stands there once, what it becomes, whether that only forgets (then
# the wall that is left must hold) or turns to another organisation.
LISTED = [
    ("store/db.c", "(int)strlen(row->kinds) != count", "0"),
    ("store/db.c", "use_of(row) != use", "0"),
    ("store/db.c", "row->owner ? READS_ALL : ", ""),
    ("store/db.c", "params[i].kind != row->kinds[i]", "0"),
    ("store/loan.c", "    broken = loan->is_disorderly || db->tenant", "    broken = db->tenant"),
    ("store/loan.c", "loan->is_disorderly || db->tenant != loan->tenant || db->engine->in_transaction(db);",
     "loan->is_disorderly || db->tenant != loan->tenant;"),
    ("store/loan.c", "    if (loan->is_disorderly || loan->db->tenant != loan->tenant) {",
     "    if (loan->db->tenant != loan->tenant) {"),
    ("store/loan.c", "        loan->is_disorderly = 1;\n", ""),
    (ENGINE, "    (void)sqlite3_clear_bindings(statement);", "    "),
    (ENGINE, "    (void)sqlite3_reset(statement);\n    (void)sqlite3_clear",
     "    (void)sqlite3_clear"),
    (ENGINE, "    db->current = NULL;", "    "),
    ("store/loan.c", "    (void)mq_loan_roll_back(loan);\n    if (!loan->db) {", "    if (!loan->db) {"),
    ("store/loan.c", "    reading_end(loan);\n    if (loan->in_snapshot", "    if (loan->in_snapshot"),
    ("store/loan.c", "    if (loan->in_snapshot) {", "    if (0) {"),
    ("store/loan.c", "        loan->group->is_spoilt = 1;", "        "),
    ("store/db.c", "    if (!loan->in_transaction || !loan->db->engine->in_transaction(loan->db)) {",
     "    if (!loan->db->engine->in_transaction(loan->db)) {"),
    ("store/db.c", "    if (!loan->in_transaction || !loan->db->engine->in_transaction(loan->db)) {",
     "    if (!loan->in_transaction) {"),
    ("domain/access/sessions.c", "    if (sc->actor.epoch != record->epoch) {", "    if (0) {"),
    ("domain/access/scope_minting.c", "return !admitted ? MQ_EDENIED : active ?", "return active ?"),
    ("domain/access/scope_minting.c", "!admitted ? MQ_EDENIED : active ? APR_SUCCESS : MQ_ENOTFOUND",
     "!admitted ? MQ_EDENIED : APR_SUCCESS"),
    ("domain/access/scope_minting.c",
     "*active_io = mq_rows_int(&rows, MQ_TENANT_BY_NAME_STATUS) == STATUS_ACTIVE;", "*active_io = 1;"),
    ("domain/access/scope_minting.c", "return active ? APR_SUCCESS : MQ_ENOTFOUND;\n}\n\napr_status_t mq_scope_job",
     "return APR_SUCCESS;\n}\n\napr_status_t mq_scope_job"),
    ("domain/access/scope_minting.c", "*sc_out = rv == MQ_ENOTFOUND ? nobody : sc;", "*sc_out = sc;"),
    ("domain/access/sessions.c", "!mq_session_record_lives(visit->core, record, visit->now)", "0"),
    ("domain/access/session_records.c", " && record.epoch == walk->epoch", ""),
    ("domain/access/session_records.c", "mq_id_equal(&record.user, &walk->user) && ", ""),
    ("domain/access/links.c", "mq_bytes_t){text, strlen(text)}", "mq_bytes_t){text, 0}"),
    ("domain/access/links.c", "\"link %d %s\", (int)kind, bound", "\"link %s\", bound"),
    ("domain/access/links.c", "\"link %d %s\", (int)kind, bound", "\"link %d\", (int)kind"),
    ("domain/sharing/sides.c", "if (mine != low && mine != high) {", "if (0) {"),
    ("domain/sharing/sides.c", "mine == low ? high : low", "mine == low ? low : high"),
    ("domain/sharing/sides.c", "return is_active && tenant", "return tenant"),
    ("domain/sharing/guests.c", "state != MQ_PARTNER_ACTIVE) {", "0) {"),
    ("domain/sharing/guests.c", "!mq_id_equal(&standing->shared_with, &side->partner) ||", "0 ||"),
    ("domain/sharing/guests.c", "standing->state != MQ_CONSENT_ACTIVE ||", "0 ||"),
    ("domain/sharing/guests.c", "standing->consent_state != MQ_CONSENT_ACTIVE ||", "0 ||"),
    ("domain/sharing/guests.c", "!mq_consent_parts_hold(share_out->parts)) {", "0) {"),
    ("domain/sharing/guests.c", "return share_out->is_over || mq_scope_now(sc)", "return mq_scope_now(sc)"),
    ("domain/sharing/guests.c", "mq_scope_now(sc) < standing->from ||", "0 ||"),
    ("domain/sharing/guests.c", "standing->owner_status != MQ_TENANT_ACTIVE", "0"),
    ("domain/sharing/guests.c", "!mq_id_equal(&opened_to, &side->partner) ||", "0 ||"),
    ("domain/sharing/guests.c", "mq_rows_int(rows, MQ_EMERGENCY_STANDING_STATE) != MQ_CONSENT_ACTIVE", "0"),
    ("domain/sharing/guests.c", "return share_out->is_over ||\n                   mq_scope_now(sc) < mq_rows_int(rows, MQ_EMERGENCY",
     "return mq_scope_now(sc) < mq_rows_int(rows, MQ_EMERGENCY"),
    ("domain/sharing/guests.c", "mq_scope_now(sc) < mq_rows_int(rows, MQ_EMERGENCY_STANDING_OPENED_AT) ||", "0 ||"),
    ("domain/sharing/guests.c", "mq_rows_int(rows, MQ_EMERGENCY_STANDING_ALLOWS_EMERGENCY) == 0 ||", "0 ||"),
    ("domain/sharing/guests.c", "mq_rows_int(rows, MQ_EMERGENCY_STANDING_STATUS) != MQ_TENANT_ACTIVE", "0"),
    ("domain/sharing/guests.c", "mq_rows_int(&rows, MQ_EMERGENCY_USE_STANDING_ALLOWS_EMERGENCY) != 0 &&", "1 &&"),
    ("domain/sharing/guests.c", "mq_rows_int(&rows, MQ_EMERGENCY_USE_STANDING_LINK_STATE) == MQ_PARTNER_ACTIVE;", "1;"),
    ("domain/sharing/guests.c", "mq_rows_int(rows, MQ_EMERGENCY_STANDING_LINK_STATE) != MQ_PARTNER_ACTIVE ||", "0 ||"),
    ("domain/sharing/guests.c", "mq_rows_int(&rows, MQ_EMERGENCY_USE_STANDING_ACCOUNT_VERSION) ==",
     "mq_rows_int(&rows, MQ_EMERGENCY_USE_STANDING_VERSION) =="),
    ("domain/sharing/guests.c", "return holds && !share_out->is_anothers ?", "return holds ?"),
    ("domain/sharing/guests.c", "return there == APR_SUCCESS ? here : there;", "return there;"),
    ("domain/sharing/guests.c", "*now_out = latest > *now_out ? latest : *now_out;", ""),
    (EMERGENCIES, "mq_rows_int(&rows, MQ_EMERGENCY_PARTNER_STATE) == MQ_PARTNER_ACTIVE &&", "1 &&"),
    (EMERGENCIES, "mq_rows_int(&rows, MQ_EMERGENCY_PARTNER_ALLOWS_EMERGENCY) != 0;", "1;"),
    (EMERGENCIES, "*is_let_out = here && there &&", "*is_let_out = there &&"),
    (EMERGENCIES, "*is_let_out = here && there &&", "*is_let_out = here &&"),
    (EMERGENCIES, "there && state == MQ_PARTNER_ACTIVE &&", "there &&"),
    (EMERGENCIES, "state == MQ_PARTNER_ACTIVE && rv == APR_SUCCESS;", "state == MQ_PARTNER_ACTIVE;"),
    (EMERGENCIES, "*is_found_out = found->nelts == 1;", "*is_found_out = found->nelts >= 1;"),
    (EMERGENCIES, "if (!is_let || !is_found) {", "if (!is_found) {"),
    (EMERGENCIES, "if (!is_let || !is_found) {", "if (!is_let) {"),
    (EMERGENCIES, "opening, is_let ? owner : sc)", "opening, sc)"),
    (EMERGENCIES, "mq_bind_int(now + term)", "mq_bind_int(now + 2 * term)"),
    (EMERGENCIES, "return mq_audit_write(owner, &theirs);", "return APR_SUCCESS;"),
    (EMERGENCIES, "if (!mq_emergency_reason_holds(in->reason)) {", "if (0) {"),
    (EMERGENCIES, "MQ_TRY(tries_take(wait_out, visit, sc));", ""),
    (EMERGENCIES, "rv == MQ_ENOTFOUND ? MQ_TRY_FAILED : MQ_TRY_UNDECIDED", "MQ_TRY_UNDECIDED"),
    (EMERGENCIES, "    MQ_TRY(end_all(sc, other, partner));\n", ""),
    (EMERGENCIES, "return end_all(other, sc, partner);", "return APR_SUCCESS;"),
    (EMERGENCIES, "    if (setting->allow) {", "    if (1) {"),
    ("domain/sharing/partners.c", "        MQ_TRY(mq_emergencies_end(sc, other, &move->id));\n", ""),
    (REVIEWS, "if (!mq_emergency_review_holds(state, measures)) {", "if (0) {"),
    (REVIEWS, "    if (!changed) {\n        return MQ_ECONFLICT;", "    if (0) {\n        return MQ_ECONFLICT;"),
    ("store/loan.c", "return loan->guest ? loan->db->engine->enter_guest(loan->db, loan->tenant, loan->guest)\n"
     "                       : loan->db", "return loan->db"),
    (ENGINE, "    base->tenant = MQ_NO_TENANT;\n    mq_sqlite_of", "    mq_sqlite_of"),
    (ENGINE, "    mq_sqlite_of(base)->guest_tenant = MQ_NO_TENANT;", "    "),
    ("store/loan.c", "    if (!with->group || !(with->in_transaction || with->group->is_reading)) {",
     "    if (!with->group) {"),
    ("store/loan.c", "loan->in_transaction = !with->group->is_reading;", "loan->in_transaction = 1;"),
    ("store/loan.c", " ||\n        (loan->group && loan->group->is_reading)) {", ") {"),
    ("store/loan.c", "            side->in_transaction = 0;", "            "),
    (GUARD, "(db->current && !db->current->tenant && !row->tenant)", "!row->tenant"),
    (GUARD, "sqlite3_result_int64(context, db->base.tenant);",
     "sqlite3_result_int64(context, 3003 - db->base.tenant);"),
    (GUARD, "return db->current && table && strcmp(db->current->writes, table) == 0;",
     "return db->current && table && *db->current->writes;"),
    (GUARD, "return db->current && table && strcmp(db->current->writes, table) == 0;",
     "return 1;"),
    (GUARD, "if ((is_write_target(db, link->child) && strcmp(link->parent, table) == 0 &&\n"
            "             strcmp(link->parent_column, column) == 0) ||",
     "if ((strcmp(link->parent, table) == 0 && strcmp(link->parent_column, column) == 0) ||"),
    (GUARD, "(is_write_target(db, link->parent) && strcmp(link->child, table) == 0 &&",
     "(strcmp(link->child, table) == 0 &&"),
    (GUARD, "return strncmp(name, prefix, prefix_length) == 0 &&",
     "return strncmp(name, \"mq_\", 3) == 0 &&"),
    (GUARD, "strncmp(name + prefix_length, db->veil, veil_length) == 0 &&", ""),
    (GUARD, "strcmp(name + prefix_length + veil_length + 1, table) == 0;", "1;"),
    (GUARD, "    if (!row) {\n        return 0;", "    if (!row) {\n        return 1;"),
    (GUARD, "    if (accessor) {\n", "    if (accessor) {\n        return 1;\n"),
    (GUARD, "    return is_write_target(db, table) || is_key_check",
     "    return 1 || is_write_target(db, table) || is_key_check"),
    (GUARD, "(db->current && !db->current->tenant &&\n            (strcmp(table, \"tenants\") == 0 ||",
     "((strcmp(table, \"tenants\") == 0 ||"),
    (GUARD, "return may_read(db, first, second, accessor) ? SQLITE_OK : SQLITE_DENY;",
     "return SQLITE_OK;"),
    (GUARD, "&& first && strncmp(first, \"sqlite_\", 7) != 0\n", "&& first\n"),
    (GUARD, "return in_main && !accessor && table_find(first) && is_write_target(db, first)\n",
     "return in_main && !accessor && table_find(first)\n"),
    (GUARD, "return in_main && !accessor && table_find(first) && is_write_target(db, first)\n",
     "return 1\n"),
    (GUARD, "strcmp(second, \"load_extension\") != 0 ? SQLITE_OK", "1 ? SQLITE_OK"),
    (GUARD, "return !db->current ? SQLITE_OK : SQLITE_DENY;", "return SQLITE_OK;"),
    (GUARD, "    default:\n        return SQLITE_DENY;", "    default:\n        return SQLITE_OK;"),
    (GUARD, "return !row->tenant || named == (*row->writes ? 1 : 0);", "return 1;"),
    (GUARD, "sqlite3_stmt_readonly(*statement_out) != !*row->writes", "0"),
    (GUARD, "if (strcmp(table, growing[i]) == 0) {", "if (0) {"),
    (GUARD, "OLD.tenant_id IS NOT mq_tenant() OR NEW.tenant_id IS NOT mq_tenant()",
     "NEW.tenant_id IS NOT mq_tenant()"),
    (GUARD, "OLD.tenant_id IS NOT mq_tenant() OR NEW.tenant_id IS NOT mq_tenant()",
     "OLD.tenant_id IS NOT mq_tenant()"),
    (GUARD, "table, \"OLD.tenant_id IS NOT mq_tenant()\");", "table, \"0\");"),
    (GUARD, "\" WHERE tenant_id = mq_tenant();\"", "\";\""),
    (GUARD, "\" WHEN NEW.tenant_id IS NOT mq_tenant()\"", "\" WHEN 0\""),
    (GUARD, "code = sqlite3_set_authorizer(db->sqlite, action_authorize, db);", ";"),
    (GUARD, "if (mq_sql_tables[i].tenant) {\n            code = table_guard",
     "if (mq_sql_tables[i].tenant && strcmp(mq_sql_tables[i].name, \"patients\")) {\n"
     "            code = table_guard"),
    (GUARD, "return accessor && is_secret_name(db, accessor, guest_prefix, table);", "return 1;"),
    (GUARD, "return accessor && is_secret_name(db, accessor, guest_prefix, table);",
     "return accessor && (is_secret_name(db, accessor, guest_prefix, table) ||\n"
     "            is_secret_name(db, accessor, veil_prefix, table));"),
    (GUARD, "sqlite3_result_int64(context, db->guest_tenant);", "sqlite3_result_int64(context, 3003 - db->guest_tenant);"),
    (GUARD, "WHERE tenant_id = mq_guest_tenant() AND ", "WHERE "),
    (GUARD, "{\"patients\", \"*\", \"id = mq_guest_patient() AND ", "{\"patients\", \"*\", \""),
    (GUARD, "{\"chart_items\", \"*\", \"patient_id = mq_guest_patient() AND ", "{\"chart_items\", \"*\", \""),
    (GUARD, "\"patient_id = mq_guest_patient() AND status <> 1 AND ", "\"status <> 1 AND "),
    (GUARD, "mq_guest_patient() AND status <> 1 AND ", "mq_guest_patient() AND "),
    (GUARD, "\"id = mq_guest_patient() AND (mq_guest_parts() & 1) <> 0\"", "\"id = mq_guest_patient()\""),
    (GUARD, "\"patient_id = mq_guest_patient() AND id = mq_guest_share()", "\"id = mq_guest_share()"),
    (GUARD, "mq_guest_patient() AND id = mq_guest_share()", "mq_guest_patient()"),
    (GUARD, "id = mq_guest_share() AND (mq_guest_parts() & 1) <> 0", "id = mq_guest_share()"),
    (GUARD, "\"patient_id = mq_guest_patient() AND referral_id =", "\"referral_id ="),
    (GUARD, " AND referral_id = mq_guest_share() AND ", " AND "),
    (GUARD, "AND \"\n     \"(mq_guest_parts() & 1) <> 0", ""),
    (GUARD, "AND (mq_guest_parts() & 2) <> 0", ""),
    (GUARD, "((mq_guest_parts() & 4) <> 0 OR ", "(1 OR "),
    (GUARD, "EXISTS (SELECT 1 FROM temp.guest_share_notes s \"\n     \"WHERE s.note = coalesce(patient_notes.parent_id, "
     "patient_notes.id)))", "1)"),
    (GUARD, "WHERE s.note = coalesce(patient_notes.parent_id, patient_notes.id)))", "))"),
    (GUARD, "coalesce(patient_notes.parent_id, patient_notes.id)))", "patient_notes.id))"),
    (GUARD, "temp.guest_share_notes s ", "main.share_notes s "),
    (GUARD, "\"patient_id = mq_guest_patient() AND share_id =", "\"share_id ="),
    (GUARD, " AND share_id = mq_guest_share() AND ", " AND "),
    (GUARD, "AND \"\n     \"(mq_guest_parts() & 8) <> 0", ""),
    (GUARD, "(mq_guest_parts() & 8) <> 0", "(mq_guest_parts() & 4) <> 0"),
    (GUARD, "\"tenant_id, id, name\"", "\"*\""),
    (GUARD, "SELECT 1 FROM temp.guest_patients p WHERE p.updated_by = users.id", "SELECT 1"),
    (GUARD, "SELECT 1 FROM temp.guest_chart_items c WHERE c.updated_by = users.id", "SELECT 1 FROM temp.guest_chart_items"),
    (GUARD, "SELECT 1 FROM temp.guest_patient_notes n WHERE n.author_id = users.id",
     "SELECT 1 FROM temp.guest_patient_notes"),
    (CONNECTION, "    db->guest_tenant = MQ_NO_TENANT;", "    "),
    (CONNECTION, "\"PRAGMA recursive_triggers = ON;\"", "\"\""),
    (CONNECTION, "code = mq_guard_raise(db);", ";"),
    (CONNECTION, "    db->base.tenant = MQ_NO_TENANT;", "    db->base.tenant = 2002;"),
]


def without_comments(text):
    """The same number of lines; comments and texts blanked, so that the rules see code alone"""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\])*"', blank, text, flags=re.S)


def replaced(text, at, new):
    return text[:at[0]] + new + text[at[1]:]


def by_rule(text):
    """(line, how, mutant) for all that names an organisation"""
    code = without_comments(text)

    def line(match):
        return code.count("\n", 0, match.start()) + 1
    for match in re.finditer(r"(?<=[;{}\n])[ ]*[\w>.\[\]-]*(?:->|\.)tenant = [^;=]+;", code):
        yield line(match), "forgotten", replaced(text, match.span(), ";")
    for match in re.finditer(r"(?<=[ ])tenant = mq_rows_int[^;=]+;", code):
        yield line(match), "forgotten", replaced(text, match.span(), ";")
    for match in re.finditer(r"row->tenant != \(loan->tenant != MQ_NO_TENANT\)", code):
        yield line(match), "check dropped", replaced(text, match.span(), "0")
    for match in re.finditer(rf"{EXPRESSION} (?:!=|==) [\w>.-]+", code):
        for answer in "01":
            yield line(match), "check dropped", replaced(text, match.span(), answer)
    for match in re.finditer(r"row->tenant\b(?! !=)", code):
        for answer in "01":
            yield line(match), f"kind dropped to {answer}", replaced(text, match.span(), f"({answer})")
    for match in re.finditer(r"code = sqlite3_bind_int64\(statement, 1, tenant\);", code):
        yield line(match), "forgotten", replaced(text, match.span(), ";")
    for match in re.finditer(r"(?<=return )enter\(loan\)|\(void\)[\w>-]+->enter\(\w[\w>-]*, MQ_NO_TENANT\)",
                             code):
        yield line(match), "forgotten", replaced(text, match.span(), "APR_SUCCESS")
    for match in re.finditer(EXPRESSION, code):
        declared = re.search(r"apr_int64_t \*?$", code[:match.start()])
        if not declared and not match.group().startswith("row->"):
            yield line(match), "another's", replaced(text, match.span(), f"(3003 - {match.group()})")
    for match in re.finditer(r"\bMQ_NO_TENANT\b", code):
        yield line(match), "somebody's", replaced(text, match.span(), "1001")
    for match in re.finditer(r"\btenant_id_make\(\)(?!\n)", code):
        if not re.search(r"apr_int64_t $", code[:match.start()]):
            yield line(match), "another's", replaced(text, match.span(), "2002")


def source_mutants():
    """(file, line, how, text of the whole file)"""
    for file in SCOPES:
        text = (TOP / "mod_medsynq" / file).read_text()
        lines = text.splitlines()
        for line, how, mutant in by_rule(text):
            if (file, how, lines[line - 1].strip()) not in EQUAL:
                yield file, line, how, mutant
    for file, old, new in LISTED:
        text = (TOP / "mod_medsynq" / file).read_text()
        assert text.count(old) == 1, f"{file} no longer has, once: {old}"
        yield file, text.count("\n", 0, text.index(old)) + 1, f"{old.strip()[:60]} -> {new.strip()[:40]}", \
            text.replace(old, new)


def unreached():
    """Lines that name an organisation and that nothing weakens"""
    touched = {(file, line) for file, line, _, _ in source_mutants()}
    for file in SCOPES:
        code = without_comments((TOP / "mod_medsynq" / file).read_text())
        for number, line in enumerate(code.splitlines(), 1):
            named = re.search(r"\btenant\b|MQ_NO_TENANT", line)
            declares = re.search(r"apr_int64_t \*?tenant\b", line)
            if named and not declares and (file, number) not in touched and \
                    not any(file == equal[0] and line.strip() == equal[2] for equal in EQUAL):
                yield f"{file}:{number}: {line.strip()}"
