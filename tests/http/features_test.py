"""What HTTP offers beside the operations, seen from a client: kept answers, gzip, other origins, traces,
logs that are rotated, settings that are read again; and the probes of slow, idle and odd clients.
"""
import gzip
import json
import os
import re
import signal
import subprocess
import threading
from pathlib import Path

import pytest

import conftest

HOST = "Host: localhost\r\n"


def request(method, path, *fields, body=b""):
    head = f"{method} {path} HTTP/1.1\r\n{HOST}" + "".join(f"{f}\r\n" for f in fields)
    if body:
        head += f"Content-Length: {len(body)}\r\nContent-Type: application/json\r\n"
    return head.encode() + b"\r\n" + body


def create(server, client, body, *fields):
    return client.send(request("POST", "/v1/movies", f"Authorization: Bearer {server.token}",
                               *fields, body=json.dumps(body).encode())).answer()


# --- Idempotency-Key -----------------------------------------------------------------------------
def test_a_request_that_is_sent_many_times_at_once_is_carried_out_once(server):
    answers = []

    def send():
        with server.client() as client:
            answers.append(create(server, client, {"title": "Sent often", "status": "published"},
                                  "Idempotency-Key: often-1"))

    jobs = [threading.Thread(target=send) for _ in range(24)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert {a.status for a in answers} == {201}
    assert len({a.body for a in answers}) == len({a["location"] for a in answers}) == 1
    assert len({a["etag"] for a in answers}) == 1
    assert sum(a["idempotent-replayed"] is None for a in answers) == 1
    assert server.get("/v1/search?q=sent+often").json["items"][1:] == []


def test_a_key_is_known_after_a_restart_and_to_another_body_a_conflict(start):
    server = start(well=False)
    with server.client() as client:
        first = create(server, client, {"title": "Kept"}, "Idempotency-Key: k")
    server.stop(signal.SIGKILL)
    again = conftest.Server(server.folder)
    try:
        with again.client() as client:
            second = create(again, client, {"title": "Kept"}, "Idempotency-Key: k")
            assert (second.status, second.body) == (201, first.body)
            other = create(again, client, {"title": "Other"}, "Idempotency-Key: k")
            assert (other.status, other.json["code"]) == (409, "idempotency_mismatch")
    finally:
        conftest.ended_well(again)


# --- gzip ----------------------------------------------------------------------------------------
def test_a_long_answer_is_packed_for_those_who_ask(server):
    with server.client() as client:
        plain = client.send(request("GET", "/openapi.json")).answer()
        packed = client.send(request("GET", "/openapi.json", "Accept-Encoding: gzip")).answer()
        head = client.send(request("HEAD", "/openapi.json", "Accept-Encoding: gzip"))
        head = head.answer(head_only=True)
        short = client.send(request("GET", "/healthz", "Accept-Encoding: gzip")).answer()
    assert (plain["content-encoding"], packed["content-encoding"]) == (None, "gzip")
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 4
    assert packed["etag"] == plain["etag"][:-1] + '-gzip"'
    for name in ("content-length", "content-encoding", "etag", "vary", "content-type"):
        assert head[name] == packed[name], name
    assert "Accept-Encoding" in plain["vary"]
    assert (short["content-encoding"], short.json["status"]) == (None, "ok")


# --- other origins -------------------------------------------------------------------------------
def test_a_page_of_another_origin_is_told_what_it_may_do(start):
    server = start(CINEMA_CORS_ORIGINS="https://films.example")
    ask = request("OPTIONS", "/v1/movies", "Origin: https://films.example",
                  "Access-Control-Request-Method: POST",
                  "Access-Control-Request-Headers: authorization, content-type, idempotency-key")
    with server.client() as client:
        answer = client.send(ask).answer()
        assert (answer.status, answer["content-length"]) == (204, None)
        assert answer["access-control-allow-origin"] == "https://films.example"
        assert "POST" in answer["access-control-allow-methods"].split(", ")
        allowed = answer["access-control-allow-headers"].lower().split(", ")
        assert {"authorization", "content-type", "idempotency-key", "traceparent"} <= set(allowed)
        for path, status in (("/v1/movies", 200), ("/nowhere", 404), ("/v1/movies/none", 404)):
            answer = client.send(request("GET", path, "Origin: https://films.example")).answer()
            assert (answer.status, answer["access-control-allow-origin"]) == (
                status, "https://films.example")
            assert "Origin" in answer["vary"]
        answer = client.send(request("GET", "/v1/movies", "Origin: https://evil.example")).answer()
        assert (answer.status, answer["access-control-allow-origin"]) == (200, None)


# --- traces and logs -----------------------------------------------------------------------------
def test_a_trace_is_in_the_answer_and_in_the_log(server):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = server.get("/healthz", f"traceparent: 00-{trace}-00f067aa0ba902b7-01",
                        "X-Request-Id: traced-1")
    assert re.fullmatch(f"00-{trace}-[0-9a-f]{{16}}-01", answer["traceresponse"])
    answer = server.get("/healthz", f"traceparent: 00-{trace}-00f067aa0ba902b7-01-x",
                        "X-Request-Id: traced-2")
    assert answer["traceresponse"] is None
    lines = {line["request_id"]: line for line in server.lines("traced-1", "traced-2")}
    assert lines["traced-1"]["trace_id"] == trace
    assert "trace_id" not in lines["traced-2"]


def lines_of(path, word):
    conftest.settle(lambda: path.exists() and word in path.read_text())
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_hangup_begins_a_new_access_log(start, tmp_path):
    log, old = tmp_path / "access.log", tmp_path / "access.log.1"
    server = start(CINEMA_ACCESS_LOG=str(log))
    server.get("/healthz", "X-Request-Id: before")
    lines_of(log, "before")
    log.rename(old)
    server.get("/healthz", "X-Request-Id: between")
    lines_of(old, "between")
    server.process.send_signal(signal.SIGHUP)
    conftest.settle(log.exists)
    server.get("/healthz", "X-Request-Id: after")
    assert [line["request_id"] for line in lines_of(log, "after")] == ["after"]
    assert "after" not in old.read_text()
    assert server.lines() == []
    log.rename(old)
    log.mkdir()  # cannot be opened: the old one goes on
    server.process.send_signal(signal.SIGHUP)
    conftest.settle(lambda: "the old one goes on" in server.log)
    server.get("/healthz", "X-Request-Id: still")
    lines_of(old, "still")


def test_an_access_log_that_cannot_be_written_is_told_with_what_to_do(tmp_path):
    env = {**os.environ, "CINEMA_DATA_DIR": str(tmp_path / "data"),
           "CINEMA_LISTEN": "127.0.0.1:0", "CINEMA_ACCESS_LOG": str(tmp_path / "no/where")}
    ran = subprocess.run([conftest.BINARY, "serve"], env=env, cwd=tmp_path, timeout=30,
                         capture_output=True, text=True)
    assert ran.returncode == 1
    assert "CINEMA_ACCESS_LOG" in ran.stderr and "no/where" in ran.stderr


def test_a_hangup_reads_the_settings_again_that_may_change(start, tmp_path):
    config = tmp_path / "config"
    config.write_text("CINEMA_LOG=error\n")
    server = start(CINEMA_CONFIG=str(config))

    def allowed():
        return server.get("/healthz", "Origin: https://a.example")["access-control-allow-origin"]

    def hang_up(text, done):
        config.write_text(text)
        server.process.send_signal(signal.SIGHUP)
        conftest.settle(done)

    assert allowed() is None
    hang_up("CINEMA_CORS_ORIGINS=https://a.example\nCINEMA_LOG=info\n",
            lambda: allowed() == "https://a.example")
    server.get("/healthz", "X-Request-Id: now-logged")
    server.lines("now-logged")
    hang_up("CINEMA_CORS_ORIGINS=no origin\n", lambda: "stay as they were" in server.log)
    assert allowed() == "https://a.example"
    hang_up("CINEMA_LOG=info\n", lambda: allowed() is None)


# --- the probes ----------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ("/v1/movies/a%00b", "/v1/movies/%00", "/v1/movies/..%2fx",
                                  "/v1/movies/%2e%2e/x", "/v1/movies/a%0d%0ab", "/v1/%ff",
                                  "/v1//movies", "/healthz/../x", "/v1/movies?q=%00"))
def test_targets_that_mean_two_things_are_refused(server, path):
    assert server.get(path).status == 400


def test_slow_connections_do_not_stop_others(start):
    """Heads and bodies that do not end, answers that are not read, and connections that idle."""
    server = start(CINEMA_HEADER_TIMEOUT_S="60", CINEMA_BODY_TIMEOUT_S="60")
    kinds = (b"GET /healthz HTT",
             b"POST /v1/movies HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{",
             request("GET", "/openapi.json") * 40,
             b"")
    slow = [server.client() for _ in range(200)]
    for i, client in enumerate(slow):
        client.send(kinds[i % 4])
    for _ in range(100):
        assert server.get("/healthz").status == 200
    for i, client in enumerate(slow):
        assert i % 4 == 2 or client.is_silent()  # nobody was served only because these had gone
        client.close()


def test_connections_kept_alive_take_no_thread_from_others(server):
    """More of them than there are threads of any kind, each in the middle of its keep-alive."""
    idle = [server.client() for _ in range(300)]
    for client in idle:
        assert client.send(request("GET", "/healthz")).answer().status == 200
    with server.client() as client:
        assert create(server, client, {"title": "Beside 300"}).status == 201
    for client in idle:
        assert client.send(request("GET", "/healthz")).answer().status == 200
        client.close()


@pytest.mark.parametrize("method, status", (("TRACE", 405), ("OPTIONS", 204), ("PUT", 405),
                                            ("HEAD", 200)))
def test_other_methods(server, method, status):
    answer = server.ask(request(method, "/v1/movies"), head_only=True)
    assert answer.status == status
    if status in (204, 405):
        assert answer["allow"] == "GET, HEAD, POST, OPTIONS"


def test_a_304_has_no_body_and_the_connection_goes_on(server):
    with server.client() as client:
        tag = client.send(request("GET", "/openapi.json")).answer()["etag"]
        answer = client.send(request("GET", "/openapi.json", f"If-None-Match: {tag}")).answer()
        assert (answer.status, answer["content-length"], answer.body) == (304, None, b"")
        assert client.send(request("GET", "/healthz")).answer().status == 200


# --- the guide -----------------------------------------------------------------------------------
def test_the_guide_lists_every_setting_with_its_default(tmp_path):
    env = {k: os.environ[k] for k in conftest.KEPT if k in os.environ}
    ran = subprocess.run([conftest.BINARY, "doctor", "--json"], env=env, cwd=tmp_path, timeout=30,
                         capture_output=True, text=True)
    there = {f["subject"]: f["detail"].removesuffix(" (default)").replace("not set", "none")
             for f in json.loads(ran.stdout)["findings"] if f["subject"].startswith("CINEMA_")}
    text = (conftest.ROOT / "docs/guide/server.md").read_text()
    told = dict(re.findall(r"^\| `(CINEMA_[A-Z_]+)` \| `?([^|]*?)`? \|", text, re.M))
    assert told == there
