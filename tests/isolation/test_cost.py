"""What the second wall costs, as a ratio measured in one run. No time is asserted."""
import statistics
import subprocess

from mutants import Workshop
from harness import TOP

ROUNDS = 5


def test_the_cost_of_the_second_wall_is_told(tmp_path, capsys):
    shop = Workshop()
    cost = shop.compile(TOP / "tests/isolation/cost.c", "cost")
    programs = {"with": shop.link("cost-with", cost), "without": shop.link("cost-without", cost, shop.no_wall)}
    times = {name: [] for name in programs}
    for turn in range(ROUNDS):
        for name, program in programs.items():
            folder = tmp_path / f"{name}{turn}"
            folder.mkdir()
            answer = subprocess.run([program, folder], capture_output=True, text=True)
            assert answer.returncode == 0, answer.stdout
            times[name].append(float(answer.stdout))
    shop.close()
    walled, bare = (statistics.median(times[name]) for name in ("with", "without"))
    with capsys.disabled():
        print(f"\na page of 50 rows from the store: {walled:.1f} µs with the second wall, {bare:.1f} µs "
              f"without ({100 * (walled / bare - 1):+.1f} % of the statement)")
    assert walled > 0 and bare > 0
