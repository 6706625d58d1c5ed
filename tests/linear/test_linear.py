"""What strangers send is read in time that grows as its length does: double the input takes at most
2.2 times the instructions, counted by callgrind, so that no clock decides."""
import re
import subprocess

from harness import TOP

MOST = 2.2
PROGRAM = "build/plain/linear/parsers"


def test_double_the_input_takes_at_most_double_the_work(tmp_path):
    subprocess.run(["make", "--no-print-directory", PROGRAM], cwd=TOP, check=True, capture_output=True)
    done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={tmp_path}/out", TOP / PROGRAM,
                           TOP / "templates"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    counts = {}
    for dump in tmp_path.glob("out.*"):
        text = dump.read_text()
        trigger = re.search(r"^desc: Trigger: Client Request: (.+)/(\d+)/(\d+)$", text, re.M)
        if trigger:
            count = int(re.search(r"^(?:totals|summary): (\d+)", text, re.M)[1])
            counts.setdefault((trigger[1], int(trigger[2])), {})[int(trigger[3])] = count
    assert len(counts) > 150
    steep = {}
    for case, found in counts.items():
        (short, cheap), (long, dear) = sorted(found.items())
        assert long == 2 * short
        if dear > MOST * cheap + 1000:
            steep[case] = dear / cheap
    assert not steep
