"""What strangers ask about an account is the same work whether there is one or not: counted by callgrind in
instructions, so that no clock decides."""
import re
import subprocess

from harness import TOP

# a link that is stored takes some microseconds of a page that takes as long as the disk
MOST = {"reset": 1.25, "log-in": 1.03}
PROGRAM = "build/plain/linear/branches"


def test_every_branch_is_the_same_work(tmp_path):
    subprocess.run(["make", "--no-print-directory", PROGRAM], cwd=TOP, check=True, capture_output=True)
    done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={tmp_path}/out", TOP / PROGRAM],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    counts = {}
    for dump in tmp_path.glob("out.*"):
        text = dump.read_text()
        trigger = re.search(r"^desc: Trigger: Client Request: (.+)/(.+)$", text, re.M)
        if trigger:
            count = int(re.search(r"^(?:totals|summary): (\d+)", text, re.M)[1])
            counts.setdefault(trigger[1], {})[trigger[2]] = count
    print(counts)
    assert set(counts) == set(MOST)
    for asked, found in counts.items():
        assert len(found) == 5 and max(found.values()) < MOST[asked] * min(found.values()), (asked, found)
