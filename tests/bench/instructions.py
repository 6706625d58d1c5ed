"""Instructions per request, counted by callgrind: a figure without the machine's noise.

    instructions.py [--json] [--profile FOLDER]

Each page is asked for some times to warm it up, then counted over some more. The static file of
the same size is counted the same way."""
import argparse
import json
import os
import pathlib
import re
import sys
import time

import data
from rig import VIEWS_OFF, Httpd, until

WARM, COUNTED = 20, 50
# callgrind writes what it has counted, and begins anew, whenever this function is entered: a
# request for /healthz is a mark between two measurements.
MARK = "health_page"


def parts(folder):
    return sorted(folder.glob("callgrind.out.*.*"), key=lambda p: int(p.suffix[1:]))


def count(server, client, path, folder, name):
    """@return instructions of COUNTED GETs, and of one mark"""
    for _ in range(WARM):
        assert client.get(path).status == 200, path
    marker = server.client()
    marker.get("/healthz")
    for _ in range(COUNTED):
        client.get(path)
    time.sleep(0.3)
    marker.get("/healthz")
    last = until(lambda: parts(folder), "callgrind writes")[-1]
    kept = folder / f"{name}.callgrind"
    text = last.read_text()
    last.rename(kept)
    return int(re.search(r"^(?:totals|summary): (\d+)", text, re.M)[1])


def measure(profile=None, patients=2000, tenants=4, wanted=None):
    """@param wanted which of the pages, all when None; "deep" is a page far down the list"""
    figures = {}
    with data.filled(tenants, patients) as server:
        state = server.state
        server.stop()
        folder = pathlib.Path(profile) if profile else state
        folder.mkdir(parents=True, exist_ok=True)
        os.chmod(folder, 0o777)
        for old in folder.glob("callgrind.out.*"):
            old.unlink()
        command = ["valgrind", "--tool=callgrind", f"--dump-before={MARK}",
                   f"--callgrind-out-file={folder}/callgrind.out.%p"]
        with Httpd(True, VIEWS_OFF, state, 1, command) as slow:
            client = slow.signed_in("Bench 0", data.EMAIL)
            paths = data.pages(client) | {"deep": data.deep(slow)[0]}
            for name in wanted or data.PAGES:
                path = paths[name]
                who = slow.client() if name in data.SIGNED_OUT else client
                size = len(who.get(path).body)
                file = slow.file(f"{name}.html", size)
                figures[name] = {
                    "bytes": size, "medsynq": count(slow, who, path, folder, name) // COUNTED,
                    "file": count(slow, slow.client(), file, folder, name + "-file") // COUNTED}
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--profile", help="keep callgrind's files in this folder")
    arguments = parser.parse_args()
    figures = measure(arguments.profile)
    if arguments.json:
        json.dump(figures, sys.stdout, indent=1)
        return
    print(f"{'instructions per request':<28}{'MedSynQ':>10}{'file':>10}{'bytes':>8}")
    for name, row in figures.items():
        print(f"{name:<28}{row['medsynq']:>10}{row['file']:>10}{row['bytes']:>8}")


if __name__ == "__main__":
    main()
