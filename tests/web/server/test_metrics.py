"""The figures: what Prometheus reads, what mod_status shows, who may read them, what they say."""
import json
import os
import re
import signal
import subprocess

import pytest

from harness import PASSWORD, TOP, until

PACKAGING = TOP / "mod_medsynq/packaging"
PAGE = "/medsynq-metrics"
HANDLER = f'<Location "{PAGE}">\n  SetHandler medsynq-metrics\n  Require all granted\n</Location>\n'


def figures(text):
    """@return {'name{labels}': value}"""
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
            for line in text.splitlines() if line and line[0] != "#"}


def read(client):
    answer = client.get(PAGE)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return figures(answer.text)


def promtool(*arguments, given=None):
    done = subprocess.run(["promtool", *arguments], input=given, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_prometheus_reads_every_line(make_server):
    server = make_server()
    clinic = server.organisation("Lakeside <Clinic>")
    clinic.add_patient("Ann Xyzzywickham")
    clinic.get("/patients?q=Xyzzy")
    text = clinic.get(PAGE).text
    assert not promtool("check", "metrics", given=text).strip()
    for secret in ("Lakeside", "Xyzzy", "example.org", "Ada", str(server.state)):
        assert secret not in text
    buckets = [value for name, value in figures(text).items()
               if 'route="/patients",le=' in name and 'method="GET"' in name]
    assert len(buckets) == 11 and buckets == sorted(buckets) and buckets[-1] == 1


def test_what_happens_is_counted_once(make_server):
    server = make_server()
    clinic = server.organisation()
    was = read(clinic)
    for _ in range(3):
        clinic.get("/dashboard")
    clinic.get("/patients/not-an-id")
    server.client().log_in(clinic.organisation, password="nobody's password")
    clinic.add_patient("Ann")
    now = read(clinic)

    def more(name):
        return now.get(name, 0) - was.get(name, 0)
    host = 'server="localhost"'
    assert more(f'medsynq_requests_total{{{host},method="GET",route="/dashboard",status="2xx"}}') == 3
    assert more(f'medsynq_request_duration_seconds_count{{{host},method="GET",route="/dashboard"}}') == 3
    assert more(f'medsynq_requests_total{{{host},method="GET",route="/patients/{{id}}",status="4xx"}}') == 1
    assert more(f'medsynq_requests_total{{{host},method="POST",route="/login",status="4xx"}}') == 1
    assert more(f"medsynq_log_ins_refused_total{{{host}}}") == 1
    assert more(f'medsynq_messages_total{{{host},tag="MSQ0035"}}') == 1
    assert more(f"medsynq_commits_total{{{host}}}") >= 1
    assert now[f"medsynq_sessions{{{host}}}"] == 1 and now[f"medsynq_up{{{host}}}"] == 1
    assert now[f'medsynq_database_bytes{{{host},file="main"}}'] == server.database.stat().st_size
    assert now[f'medsynq_connections{{{host},state="lent"}}'] == 0
    assert now[f'medsynq_connections{{{host},state="idle"}}'] >= 1
    assert now[f"medsynq_events_waiting{{{host}}}"] == now[f"medsynq_passwords_waiting{{{host}}}"] == 0


def test_counters_go_on_over_a_reload_and_dead_processes_count_no_more(make_server):
    server = make_server()
    clinic = server.organisation()
    clinic.get("/dashboard")
    name = 'medsynq_requests_total{server="localhost",method="GET",route="/dashboard",status="2xx"}'
    assert read(clinic)[name] == 1
    server.reload()
    clinic.get("/dashboard")
    assert read(clinic)[name] == 2
    children = subprocess.check_output(["pgrep", "-P", str(server.pid)], text=True).split()
    for child in children:
        os.kill(int(child), signal.SIGKILL)

    def settled():
        living = subprocess.run(["pgrep", "-P", str(server.pid)], capture_output=True, text=True).stdout.split()
        said = read(server.client())['medsynq_processes{server="localhost"}']
        return not set(living) & set(children) and 1 <= said <= len(living)
    until(settled, "the dead are not counted", 60)
    assert read(server.client())[name] == 2


def test_every_database_is_shown_wherever_it_is_asked(make_beside):
    """The status page of another site, as munin and exporters ask it; one database twice, one once."""
    second = """
    <VirtualHost *:{port}>
        ServerName second.example
        MedSynQ On
        MedSynQDatabase sqlite3 "{root}/medsynq/second.db"
        MedSynQSecretFile "{root}/medsynq/second-secret"
    </VirtualHost>
    <VirtualHost *:{port}>
        ServerName again.example
        MedSynQ On
    </VirtualHost>"""
    server = make_beside("MedSynQ On", more=HANDLER + second)
    auto = server.client("static.example").get("/server-status?auto").text
    assert re.findall(r"^MedSynQ\d+Server: (.*)$", auto, re.M) == ["clinic.example", "second.example"]
    assert re.findall(r"^MedSynQ\d+Up: 1$", auto, re.M) == ["MedSynQ1Up: 1", "MedSynQ2Up: 1"]
    page = server.client("static.example").get("/server-status").text
    assert "clinic.example</h2>" in page and "second.example</h2>" in page
    said = read(server.client("static.example"))
    assert [name for name in said if name.startswith("medsynq_up")] == [
        'medsynq_up{server="clinic.example"}', 'medsynq_up{server="second.example"}']


def test_one_database_has_the_plain_keys(make_server):
    server = make_server()
    auto = server.client().get("/server-status?auto").text
    keys = re.findall(r"^(MedSynQ\w+): \S+$", auto, re.M)
    assert {"MedSynQUp", "MedSynQSessions", "MedSynQEventsWaiting", "MedSynQDatabaseBytes",
            "MedSynQSessionsCapacity"} <= set(keys) and len(keys) == len(set(keys))


def test_a_database_that_cannot_be_served_is_down_and_comes_back(make_beside):
    server = make_beside("MedSynQ On", more=HANDLER)
    server.stop()
    whole = server.database.read_bytes()
    assert not list(server.state.glob("medsynq.db-*"))
    server.database.write_bytes(b"no database" * 1000)
    server.start()
    name = 'medsynq_up{server="clinic.example"}'
    assert read(server.client("static.example"))[name] == 0
    server.database.write_bytes(whole)

    def back():
        server.client().get("/login")
        return read(server.client("static.example"))[name] == 1
    until(back, "it is served again", 60)


@pytest.mark.parametrize("says,headers,status", [
    ("", {}, 200), ("", {"X-Forwarded-For": "192.0.2.1"}, 403), ("", {"Via": "1.1 proxy"}, 403),
    ("MedSynQMetrics all", {"X-Forwarded-For": "192.0.2.1"}, 200), ("MedSynQMetrics off", {}, 403)])
def test_only_this_machine_reads_unless_it_is_said(make_beside, says, headers, status):
    server = make_beside("MedSynQ On", more=says + "\n" + HANDLER)
    assert server.client("static.example").request("GET", PAGE, headers=headers).status == status
    assert server.client("static.example").request("POST", PAGE, "", headers=headers).status == 405


def test_nothing_is_there_unless_a_host_asks_for_it(make_beside):
    server = make_beside()
    assert server.client("static.example").get(PAGE).status == 404


def metrics_named(text):
    """Each name of ours in a file, without what a histogram adds."""
    return {re.sub("_(bucket|sum|count)$", "", name) for name in re.findall(r"medsynq_[a-z_]+", text)}


def test_alerts_and_dashboard_ask_for_what_there_is(make_server):
    server = make_server()
    clinic = server.organisation()
    server.client().log_in(clinic.organisation, password=PASSWORD + "x")
    there = set(re.findall(r"^# TYPE (\S+) ", clinic.get(PAGE).text, re.M))
    board = PACKAGING / "grafana/medsynq.json"
    panels = json.loads(board.read_text())["panels"]
    assert len(panels) == 12 and len({panel["id"] for panel in panels}) == 12
    for file in (board, PACKAGING / "prometheus/alerts.yml"):
        named = metrics_named(file.read_text())
        assert len(named) > 8 and named <= there, named - there


def test_the_alerts_are_rules_that_ring_and_keep_still(tmp_path):
    rules = PACKAGING / "prometheus/alerts.yml"
    assert "7 rules" in promtool("check", "rules", rules)
    (tmp_path / "test.yml").write_text(f"""
rule_files: [{rules}]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {{series: 'medsynq_up{{server="a"}}', values: '1 1 0x20'}}
      - {{series: 'medsynq_up{{server="b"}}', values: '1x30'}}
      - {{series: 'medsynq_disk_free_bytes{{server="a"}}', values: '5e9x30'}}
      - {{series: 'medsynq_disk_free_bytes{{server="b"}}', values: '5e9x30'}}
      - {{series: 'medsynq_database_bytes{{server="a",file="main"}}', values: '3e9x30'}}
      - {{series: 'medsynq_database_bytes{{server="b",file="main"}}', values: '1e9x30'}}
      - {{series: 'medsynq_requests_total{{server="a",status="5xx"}}', values: '0+60x30'}}
      - {{series: 'medsynq_requests_total{{server="b",status="5xx"}}', values: '0+1x30'}}
      - {{series: 'medsynq_sessions{{server="a"}}', values: '95x30'}}
      - {{series: 'medsynq_sessions{{server="b"}}', values: '5x30'}}
      - {{series: 'medsynq_sessions_capacity{{server="a"}}', values: '100x30'}}
      - {{series: 'medsynq_sessions_capacity{{server="b"}}', values: '100x30'}}
    alert_rule_test:
""" + "".join(f"""
      - eval_time: 20m
        alertname: {name}
        exp_alerts: [{{exp_labels: {{server: a, severity: {severity}}}, exp_annotations: {{summary: "{said}"}}}}]
""" for name, severity, said in (
        ("MedSynQDown", "page", "MedSynQ of a does not serve: MSQ0013 or MSQ0004 says why"),
        ("MedSynQErrors", "page", "Requests to a fail: medsynq_messages_total has the numbers"),
        ("MedSynQDiskFills", "page", "The disk of a has no room for a copy of its database"),
        ("MedSynQSessionsFull", "ticket", "The session table of a is nearly full: MSQ0051"))) + """
      - {eval_time: 20m, alertname: MedSynQGuessing, exp_alerts: []}
""")
    promtool("test", "rules", tmp_path / "test.yml")


def test_prometheus_takes_the_scrape_configuration(tmp_path):
    folder = tmp_path / "rules.d"
    folder.mkdir()
    (folder / "medsynq.yml").write_text((PACKAGING / "prometheus/alerts.yml").read_text())
    (tmp_path / "prometheus.yml").write_text((PACKAGING / "prometheus/scrape.yml").read_text())
    promtool("check", "config", tmp_path / "prometheus.yml")
