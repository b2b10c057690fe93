"""Mail that a request causes: who sends it, and when. The server is build/<preset>/tests/http-server,
which has the operations of test_ops.c; mails are files in the data folder.
"""
import json
import os
import subprocess
import time
from pathlib import Path

import pytest

import conftest

SERVER = Path(conftest.BINARY).parent / "tests/http-server"
pytestmark = pytest.mark.skipif(not SERVER.exists(), reason=f"{SERVER} is not built")


@pytest.fixture
def begin(tmp_path):
    """Servers on one data folder."""
    running = []

    def run(**settings):
        running.append(conftest.Server(tmp_path, settings, binary=str(SERVER)))
        return running[-1]

    yield run
    for server in running:
        conftest.ended_well(server)


def post(server, path, members, *fields):
    body = json.dumps(members)
    head = "".join(f"{field}\r\n" for field in fields)
    return server.ask(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                      f"Content-Length: {len(body)}\r\n{head}\r\n{body}".encode())


def send(server, to):
    answer = post(server, "/test/mails", {"to": to})
    assert answer.status == 204, answer


def run_worker(server, **members):
    answer = post(server, "/v1/worker/run", members, f"Authorization: Bearer {server.token}")
    assert answer.status == 200, answer
    return answer.json


def mails(server, to):
    return [path for path in (server.data / "mail").glob("*.eml") if f"<{to}>" in path.read_text()]


def worker(server, *args):
    env = {name: os.environ[name] for name in conftest.KEPT if name in os.environ}
    return subprocess.Popen([conftest.BINARY, "worker", *args], env={**env, "CINEMA_DATA_DIR": str(server.data)},
                            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_mail_leaves_by_itself(begin):
    server = begin()
    begun = time.monotonic()
    send(server, "anna@home.example")
    conftest.settle(lambda: mails(server, "anna@home.example"))
    print(f"NOTE a mail left after {1000 * (time.monotonic() - begun):.0f} ms")
    answer = run_worker(server)
    assert (answer["waiting"], answer["given_up"], answer["oldest_at"]) == (0, 0, None)


def test_inline_it_has_left_when_the_answer_comes(begin):
    server = begin(CINEMA_OUTBOX="inline")
    for i in range(5):
        send(server, f"anna{i}@home.example")
        assert len(mails(server, f"anna{i}@home.example")) == 1


def test_nobody_sends_until_somebody_asks(begin):
    server = begin(CINEMA_OUTBOX="off")
    send(server, "anna@home.example")
    send(server, "bert@home.example")
    assert not mails(server, "anna@home.example")
    answer = run_worker(server, max_ms=5000)
    assert answer == {"done": 2, "failed": 0, "dead": 0, "waiting": 0, "oldest_at": None, "given_up": 0}
    assert mails(server, "anna@home.example") and mails(server, "bert@home.example")
    assert run_worker(server)["done"] == 0


def test_only_who_may_has_it_done(begin):
    server = begin()
    assert post(server, "/v1/worker/run", {}).status == 401
    answer = post(server, "/v1/worker/run", {"max_ms": 0}, f"Authorization: Bearer {server.token}")
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "max_ms")


def test_the_command_does_it_once(begin):
    server = begin(CINEMA_OUTBOX="off")
    send(server, "anna@home.example")
    one = worker(server, "--once", "--json")
    out, err = one.communicate(timeout=conftest.TIMEOUT)
    assert (one.returncode, json.loads(out)) == (0, {"done": 1, "failed": 0, "dead": 0}), err
    assert mails(server, "anna@home.example")


def test_the_command_goes_on_until_it_is_stopped(begin):
    server = begin(CINEMA_OUTBOX="off")
    long = worker(server)
    for to in ("anna@home.example", "bert@home.example"):
        send(server, to)
        conftest.settle(lambda: mails(server, to))
    long.terminate()
    out, err = long.communicate(timeout=conftest.TIMEOUT)
    assert (long.returncode, out) == (0, ""), err
    assert "2 done, 0 to be tried again, 0 given up." in err


def test_a_folder_that_is_no_good_keeps_nobody_waiting(begin):
    server = begin(CINEMA_MAIL_URL="file:/dev/null/mail")
    send(server, "anna@home.example")
    conftest.settle(lambda: "is tried again" in server.log)
    assert run_worker(server)["waiting"] == 1
