"""Every weakened statement, key and check in C is noticed with the second wall away; with it, none shows
or changes a row of another organisation, but for those that mistake who is acting."""
import pytest

import source_mutants
from mutants import Workshop, key_mutants, side_by_side, statement_mutants, statements


@pytest.fixture(scope="module")
def workshop():
    shop = Workshop()
    yield shop
    shop.close()


def test_the_statements_as_they_are_leak_nothing(workshop):
    runs = [(wall, what) for what in [*statements(), "--keys"] for wall in workshop.programs]
    said = side_by_side(lambda wall, what: workshop.run(workshop.programs[wall], f"plain-{wall}-{what}", what),
                        runs)
    assert [(run, text) for run, (code, text) in zip(runs, said) if code != 0] == []


def test_no_weakened_statement_survives(workshop, capsys):
    mutants = [(f"m{n}", *mutant) for n, mutant in enumerate(statement_mutants())]
    killed = side_by_side(lambda name, label, how, sql: workshop.statement("first", name, label, sql),
                          mutants)
    leaking = side_by_side(lambda name, label, how, sql: workshop.statement("both", name, label, sql),
                           mutants)
    with capsys.disabled():
        print(f"\nmutated statements, second wall away: {sum(killed)} killed / {len(mutants)}; "
              f"with it: {len(mutants) - sum(leaking)} harmless / {len(mutants)}")
    assert mutants
    assert [m[1:3] for m, dead in zip(mutants, killed) if not dead] == []
    assert [m[1:3] for m, leaks in zip(mutants, leaking) if leaks] == []


def test_no_weakened_foreign_key_survives(workshop, capsys):
    mutants = [(f"key{n}", key, text) for n, (key, text) in enumerate(key_mutants())]
    killed = side_by_side(lambda name, key, text: workshop.key(name, text), mutants)
    with capsys.disabled():
        print(f"\nmutated foreign keys: {sum(killed)} killed / {len(mutants)}")
    assert mutants
    assert [m[1] for m, dead in zip(mutants, killed) if not dead] == []


def test_the_checks_as_they_are_keep_their_promises(workshop):
    assert [workshop.scoped(f"plain-{wall}", workshop.scopes, *objects)
            for wall, objects in (("first", [workshop.no_wall]), ("both", []))] == [None, None]


def test_no_line_that_names_an_organisation_is_beyond_the_mutants():
    assert list(source_mutants.unreached()) == []


def test_no_weakened_check_survives(workshop, capsys):
    mutants = [(f"check{n}", *mutant) for n, mutant in enumerate(source_mutants.source_mutants())]
    noticed = side_by_side(lambda name, file, line, how, text: workshop.source(name, file, text), mutants)
    # one that puts somebody else in the place of who is acting passes both walls: it must be noticed
    forgotten = [n for n, m in enumerate(mutants) if m[3] not in source_mutants.MISTAKEN]
    leaking = [n for n in forgotten if noticed[n][1] == "leak"]
    killed = sum(alone is not None for alone, _ in noticed)
    with capsys.disabled():
        print(f"\nmutated checks in C, second wall away: {killed} killed / {len(mutants)}; "
              f"with it: {len(forgotten) - len(leaking)} harmless / {len(forgotten)} that forget")
    assert [m[1:4] for m, (alone, _) in zip(mutants, noticed) if alone is None] == []
    assert [mutants[n][1:4] for n in leaking] == []
