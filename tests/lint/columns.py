"""Columns are read by the names that sqlgen gives them, and by those of the statement that runs."""
import re
import subprocess

FUNCTION = re.compile(r"^[^\s#/}][^;{}]*?\b(\w+)\(([^;{}]*)\)\n\{\n.*?^\}\n", re.M | re.S)


def names(top):
    """{statement: shape}, {column: shape} of the generated header"""
    subprocess.run(["make", "-s", "build/gen/statements_gen.h"], cwd=top, check=True)
    statements, columns, shape = {}, {}, None
    for line in (top / "build/gen/statements_gen.h").read_text().splitlines():
        defined = re.match(r"#define (MQ_SQL_\w+) MQ_SQL_ROW\(\w+, \d+\)(?: /\* a (\w+) \*/)?", line)
        column = re.match(r"    (MQ_\w+)", line)
        if defined:
            shape = defined[2] or defined[1][len("MQ_SQL_"):].lower()
            statements[defined[1]] = shape
        elif column:
            columns[column[1]] = shape
    return statements, columns


def arguments(text, start):
    """What stands between the parenthesis before start and its end, split at the commas"""
    depth, found, at = 1, [""], start
    while depth and at < len(text):
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(text[at], 0)
        if text[at] == "," and depth == 1:
            found.append("")
        elif depth:
            found[-1] += text[at]
        at += 1
    return found


def readers(texts):
    """{function: place of its parameter} for functions that take rows and the number of a column"""
    found = {}
    for text in texts:
        for function in FUNCTION.finditer(text):
            parameters = function[2].split(",")
            for place, parameter in enumerate(parameters[1:], 1):
                if re.search(r"\bint (column|first)$", parameter.strip()) and \
                        any("mq_rows_t *" in other for other in parameters[:place]):
                    found[function[1]] = place
    return found


def members(texts):
    """{member: statements} of tables of statements, as those of a patient's parts"""
    found = {}
    for text in texts:
        for member, statement in re.findall(r"\.(\w+) = (MQ_SQL_\w+)", text):
            found.setdefault(member, set()).add(statement)
    return found


def faults(text, places, statements, columns, tables):
    """(line, sentence) for each column read by a number, or by another statement's name"""
    in_file = {statements[name] for name in re.findall(r"\bMQ_SQL_\w+", text) if name in statements}
    for function in FUNCTION.finditer(text):
        body = function.group()
        run = {statements[name] for name in re.findall(r"\bMQ_SQL_\w+", body) if name in statements}
        run |= {statements[name] for member in re.findall(r"->(\w+)", body)
                for name in tables.get(member, ()) if name in statements}
        run &= set(columns.values())
        for call in re.finditer(r"\b(\w+)\(", body):
            if call[1] not in places or call[1] == function[1]:
                continue
            given = arguments(body, call.end())
            column = given[places[call[1]]].strip() if places[call[1]] < len(given) else ""
            line = text.count("\n", 0, function.start() + call.start()) + 1
            if re.search(r"(?<!\w)\d", column):
                yield line, f"a column by its number: {column}; use its name in statements_gen.h"
            for name in re.findall(r"\bMQ_\w+", column):
                if name not in columns:
                    yield line, f"{name} is no column"
                elif columns[name] not in (run or in_file):
                    yield line, f"{name} is a column of no statement that is run here"
