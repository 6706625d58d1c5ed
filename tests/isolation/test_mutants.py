"""Every weakened statement and key is noticed with the second wall away; with it, none shows or
changes a row of another organisation."""
import pytest

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
