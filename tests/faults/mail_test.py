"""Mail servers that are away, slow, refusing, and a server that is killed while it sends: requests
are answered all the same, and no mail is lost. The mail server is tests/rig/smtp.sh, the server
build/<preset>/tests/http-server, which has the operations of tests/http/test_ops.c.
"""
import json
import os
import signal
from pathlib import Path

import pytest

from conftest import Server, Service, ended_well, http

SERVER = Path(http.BINARY).parent / "tests/http-server"
pytestmark = [pytest.mark.skipif(not SERVER.exists(), reason=f"{SERVER} is not built"),
              pytest.mark.skipif(not (SERVER.parent.parent / "lib/cinema/cinema-smtp.so").exists(),
                                 reason="built without the SMTP driver")]


class Smtp(Service):
    def __init__(self):
        super().__init__("smtp.sh", SLOW="5")
        self.box = http.box(self.url)

    def taken(self, to):
        """The bytes of all messages to an address."""
        found = []
        for path in sorted(self.box.glob("[!.]*")):
            head, raw = path.read_bytes().split(b"\n", 1)
            found += [raw] if json.loads(head)["to"] == [to] else []
        return found


@pytest.fixture
def smtp():
    service = Smtp()
    yield service
    os.kill(service.pid, signal.SIGCONT)
    service.stop()


@pytest.fixture
def begin(tmp_path, smtp):
    running = []

    def run(**settings):
        settings = {"CINEMA_MAIL_URL": smtp.url, "CINEMA_MAIL_FROM": "films@site.example", **settings}
        running.append(Server(tmp_path, settings, binary=str(SERVER)))
        return running[-1]

    yield run
    for server in running:
        if server.process.poll() is None:
            ended_well(server)


def post(server, path, members, *fields):
    body = json.dumps(members)
    head = "".join(f"{field}\r\n" for field in fields)
    return server.ask(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                      f"Content-Length: {len(body)}\r\n{head}\r\n{body}".encode())


def send(server, to):
    answer = post(server, "/test/mails", {"to": to})
    assert answer.status == 204, answer


def outbox(server):
    answer = post(server, "/v1/worker/run", {"max_ms": 1}, f"Authorization: Bearer {server.token}")
    assert answer.status == 200, answer
    return answer.json


def test_a_refusal_for_good_is_given_up_and_holds_up_nobody(begin, smtp):
    server = begin()
    send(server, "bounce@home.example")
    send(server, "anna@home.example")
    http.settle(lambda: smtp.taken("anna@home.example"))
    http.settle(lambda: outbox(server)["given_up"] == 1)
    assert "is given up after 1 attempts: the mail server refuses it: 550 5.1.1" in server.log


def test_a_refusal_for_now_is_tried_again(begin, smtp):
    server = begin()
    send(server, "later@home.example")
    http.settle(lambda: server.log.count("is tried again in") >= 2)
    answer = outbox(server)
    assert (answer["waiting"], answer["given_up"]) == (1, 0)


def test_a_slow_recipient_does_not_hold_up_the_next(begin, smtp):
    server = begin()
    send(server, "slow@home.example")
    send(server, "anna@home.example")
    http.settle(lambda: smtp.taken("anna@home.example"))
    assert not smtp.taken("slow@home.example")
    http.settle(lambda: smtp.taken("slow@home.example"))


def test_while_the_mail_server_hangs_requests_are_answered_and_mail_waits(begin, smtp):
    server = begin()
    os.kill(smtp.pid, signal.SIGSTOP)
    for i in range(5):
        send(server, f"anna{i}@home.example")
        assert server.get("/readyz").status == 200
    os.kill(smtp.pid, signal.SIGCONT)
    http.settle(lambda: all(smtp.taken(f"anna{i}@home.example") for i in range(5)))


def test_with_inline_a_mail_server_that_hangs_costs_the_deadline_and_no_mail(begin, smtp):
    server = begin(CINEMA_OUTBOX="inline", CINEMA_DEADLINE_MS="1000")
    os.kill(smtp.pid, signal.SIGSTOP)
    send(server, "anna@home.example")
    os.kill(smtp.pid, signal.SIGCONT)
    http.settle(lambda: smtp.taken("anna@home.example"))


def test_a_server_that_stops_leaves_a_mail_server_that_hangs(begin, smtp):
    server = begin()
    os.kill(smtp.pid, signal.SIGSTOP)
    send(server, "anna@home.example")
    ended_well(server)
    os.kill(smtp.pid, signal.SIGCONT)


def test_a_server_that_is_killed_while_it_sends_loses_no_mail(begin, smtp):
    """Killed again and again with mail on its way; what it had in hand falls to another when its
    lease is over, the rest at once."""
    sent = []
    for turn in range(4):
        server = begin()
        for i in range(10):
            sent.append(f"anna{turn}-{i}@home.example")
            send(server, sent[-1])
        server.stop(signal.SIGKILL)
    server = begin()
    http.settle(lambda: outbox(server)["waiting"] <= 2 * 4)  # the two threads of each had one in hand
    left = outbox(server)["waiting"]
    missing = [to for to in sent if not smtp.taken(to)]
    assert len(missing) <= left, f"lost: {missing}"
    for to in sent:
        ids = {line for raw in smtp.taken(to) for line in raw.split(b"\r\n") if line.startswith(b"Message-ID")}
        assert len(ids) <= 1, "what comes twice can be told to have come twice"
