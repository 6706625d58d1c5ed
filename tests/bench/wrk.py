"""Running wrk and reading what it says."""
import os
import re
import subprocess
import tempfile

UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}

# wrk and httpd do not share a core where there are two: what is measured is the server.
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORES = CORES[:-1] or CORES
CLIENT_CORES = CORES[-1:]


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * UNITS[unit]


def run(port, path, seconds, connections, cookies=None, script=None, cores=CLIENT_CORES):
    """@return requests per second, p50 and p99 in ms, number of requests, of errors"""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "30s"]
    if cookies:
        command += ["-H", "Cookie: " + "; ".join(f"{k}={v}" for k, v in cookies.items())]
    if script:
        file = tempfile.NamedTemporaryFile("w", suffix=".lua")
        file.write(script)
        file.flush()
        command += ["-s", file.name]
    said = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], text=True, check=True,
                          capture_output=True,
                          preexec_fn=lambda: os.sched_setaffinity(0, cores)).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return {"rps": float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),
            "p50": milliseconds(re.search(r"\s50%\s+(\S+)", said)[1]),
            "p99": milliseconds(re.search(r"\s99%\s+(\S+)", said)[1]),
            "requests": int(re.search(r"(\d+) requests in", said)[1]),
            "errors": int(bad[1]) if bad else 0}


def post(fields_lua):
    """A script that posts a form; fields_lua is a Lua expression over the counter n."""
    return ('wrk.method = "POST"\n'
            'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\n'
            "local n = 0\n"
            "request = function()\n  n = n + 1\n"
            f"  return wrk.format(nil, nil, nil, {fields_lua})\nend\n")
