"""The transport: what is sent to the server byte by byte, and what comes back. Framing that can be
read in two ways is refused before any operation sees it; a client that is slow, gone, greedy or
rude costs nobody else anything.
"""
import base64
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from random import Random

import pytest

import conftest

ROOT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("CINEMA_VECTORS") or ROOT.parent / "shared/vectors")
HOST = b"Host: localhost\r\n"
GET = b"GET /healthz HTTP/1.1\r\n" + HOST
POST = b"POST /v1/movies HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST
END = b"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
BEHIND = b"GET /healthz?behind HTTP/1.1\r\n" + HOST + END


def get(path="/healthz", *fields):
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *fields, "", ""]
    return "\r\n".join(lines).encode()


# --- what has to be refused ----------------------------------------------------------------------
MALFORMED = {
    # Host
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    "two hosts": (GET + HOST + END, 400),
    "two hosts, another case": (GET + b"hOST: other\r\n\r\n", 400),
    "empty host": (b"GET /healthz HTTP/1.1\r\nHost: \r\n\r\n", 400),
    "host with a slash": (b"GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    "host with a user": (b"GET /healthz HTTP/1.1\r\nHost: user@a\r\n\r\n", 400),
    "host with a space": (b"GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    "host with a comma": (b"GET /healthz HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
    "host with letters as port": (b"GET /healthz HTTP/1.1\r\nHost: a:b\r\n\r\n", 400),
    "host with a long port": (b"GET /healthz HTTP/1.1\r\nHost: a:123456\r\n\r\n", 400),
    "host with a query": (b"GET /healthz HTTP/1.1\r\nHost: a?b\r\n\r\n", 400),
    "host with an open bracket": (b"GET /healthz HTTP/1.1\r\nHost: [::1\r\n\r\n", 400),
    "two hosts in HTTP/1.0": (b"GET /healthz HTTP/1.0\r\n" + HOST + HOST + END, 400),
    # the request line
    "two spaces after the method": (b"GET  /healthz HTTP/1.1\r\n" + HOST + END, 400),
    "two spaces before the version": (b"GET /healthz  HTTP/1.1\r\n" + HOST + END, 400),
    "a space after the version": (b"GET /healthz HTTP/1.1 \r\n" + HOST + END, 400),
    "a tab after the method": (b"GET\t/healthz HTTP/1.1\r\n" + HOST + END, 400),
    "a space before the method": (b" GET /healthz HTTP/1.1\r\n" + HOST + END, 400),
    "two empty lines before": (b"\r\n\r\nGET /healthz HTTP/1.1\r\n" + HOST + END, 400),
    "a bare LF before": (b"\nGET /healthz HTTP/1.1\r\n" + HOST + END, 400),
    "no version": (b"GET /healthz\r\n" + HOST + END, 400),
    "no target": (b"GET HTTP/1.1\r\n" + HOST + END, 400),
    "HTTP/0.9": (b"GET /healthz HTTP/0.9\r\n" + HOST + END, 505),
    "HTTP/1.2": (b"GET /healthz HTTP/1.2\r\n" + HOST + END, 505),
    "HTTP/2.0": (b"GET /healthz HTTP/2.0\r\n" + HOST + END, 505),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "HTTP/11.1": (b"GET /healthz HTTP/11.1\r\n" + HOST + END, 400),
    "HTTP/1.10": (b"GET /healthz HTTP/1.10\r\n" + HOST + END, 400),
    "http/1.1": (b"GET /healthz http/1.1\r\n" + HOST + END, 400),
    "RTSP": (b"OPTIONS /healthz RTSP/1.0\r\n" + HOST + END, 400),
    "ICE": (b"SOURCE /healthz ICE/1.0\r\n" + HOST + END, 400),
    "an unknown method": (b"FROBNICATE /healthz HTTP/1.1\r\n" + HOST + END, 501),
    "a method in small letters": (b"get /healthz HTTP/1.1\r\n" + HOST + END, 501),
    "no token as method": (b"G@T /healthz HTTP/1.1\r\n" + HOST + END, 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "CONNECT": (b"CONNECT localhost:80 HTTP/1.1\r\n" + HOST + END, 501),
    "a star that is no OPTIONS": (b"GET * HTTP/1.1\r\n" + HOST + END, 400),
    "a target without a slash": (b"GET healthz HTTP/1.1\r\n" + HOST + END, 400),
    "a fragment": (b"GET /healthz#top HTTP/1.1\r\n" + HOST + END, 400),
    "another scheme": (b"GET ftp://localhost/healthz HTTP/1.1\r\n" + HOST + END, 400),
    "a user in the target": (b"GET http://u@localhost/healthz HTTP/1.1\r\n" + HOST + END, 400),
    "no host in the target": (b"GET http:///healthz HTTP/1.1\r\n" + HOST + END, 400),
    "NUL in the target": (b"GET /health\0z HTTP/1.1\r\n" + HOST + END, 400),
    "a control byte in the target": (b"GET /health\x07z HTTP/1.1\r\n" + HOST + END, 400),
    "bytes above 127 in the target": (b"GET /health\xc3\xa9 HTTP/1.1\r\n" + HOST + END, 400),
    # lines
    "bare LF": (b"GET /healthz HTTP/1.1\nHost: localhost\n\n", 400),
    "bare LF after a field": (GET + b"X: a\nY: b\r\n\r\n", 400),
    "bare CR in a value": (GET + b"X: a\rb\r\n\r\n", 400),
    "bare CR as line end": (GET + b"X: a\rY: b\r\n\r\n", 400),
    "bare CR at the end": (GET + b"X: a\r\n\rGET /", 400),
    "NUL in a value": (GET + b"X: a\0b\r\n\r\n", 400),
    "NUL in a name": (GET + b"X\0Y: a\r\n\r\n", 400),
    "a control byte in a value": (GET + b"X: a\x01b\r\n\r\n", 400),
    "DEL in a value": (GET + b"X: a\x7fb\r\n\r\n", 400),
    "a space before the colon": (GET + b"X : a\r\n\r\n", 400),
    "a tab before the colon": (GET + b"X\t: a\r\n\r\n", 400),
    "an empty name": (GET + b": a\r\n\r\n", 400),
    "no colon": (GET + b"X\r\n\r\n", 400),
    "a name that is no token": (GET + b"X(Y): a\r\n\r\n", 400),
    "a name with bytes above 127": (GET + b"X\xc3\xa9: a\r\n\r\n", 400),
    "a folded value": (GET + b"X: a\r\n b\r\n\r\n", 400),
    "a value folded with a tab": (GET + b"X: a\r\n\tb\r\n\r\n", 400),
    "a value that is all fold": (GET + b"X:\r\n b\r\n\r\n", 400),
    "an empty fold": (GET + b"X: a\r\n \r\n\r\n", 400),
    "a fold that forges a name": (POST + b"Content-Lengt: 3\r\n h: 5\r\n\r\nabc", 400),
    "a space before the first field": (b"GET /healthz HTTP/1.1\r\n Host: localhost\r\n\r\n", 400),
    "a folded length": (POST + b"Content-Length: 1\r\n 2\r\n\r\nabc", 400),
    # the body's length
    "length and coding": (POST + b"Content-Length: 5\r\n" + CHUNKED + END + b"0\r\n\r\n", 400),
    "coding and length": (POST + CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
    "twice the same length": (POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
    "a list of lengths": (POST + b"Content-Length: 3, 3\r\n\r\nabc", 400),
    "a positive length": (POST + b"Content-Length: +3\r\n\r\nabc", 400),
    "a negative length": (POST + b"Content-Length: -3\r\n\r\nabc", 400),
    "a length in hex": (POST + b"Content-Length: 0x3\r\n\r\nabc", 400),
    "an empty length": (POST + b"Content-Length: \r\n\r\nabc", 400),
    "a length of words": (POST + b"Content-Length: three\r\n\r\nabc", 400),
    "a length with a space": (POST + b"Content-Length: 3 0\r\n\r\nabc", 400),
    "a length that overflows": (POST + b"Content-Length: 18446744073709551619\r\n\r\nabc", 400),
    "a length with a space before the colon": (POST + b"Content-Length : 3\r\n\r\nabc", 400),
    "a coding with a space before the colon": (
        POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400),
    "an unknown coding": (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    "chunked is not last": (POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400),
    "another coding below": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    "two codings": (POST + CHUNKED + CHUNKED + END + b"0\r\n\r\n", 400),
    "chunked twice in one field": (
        POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", (400, 501)),
    "identity": (POST + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n", 400),
    "an empty coding": (POST + b"Transfer-Encoding: \r\n\r\n0\r\n\r\n", 400),
    "a coding with a vertical tab": (
        POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
    "a coding in HTTP/1.0": (
        b"POST /v1/movies HTTP/1.0\r\n" + HOST + CHUNKED + END + b"0\r\n\r\n", 400),
    # chunks
    "a chunk size that is no number": (POST + CHUNKED + END + b"zz\r\nab\r\n0\r\n\r\n", 400),
    "a chunk size in 0x": (POST + CHUNKED + END + b"0x2\r\nab\r\n0\r\n\r\n", 400),
    "a negative chunk": (POST + CHUNKED + END + b"-2\r\nab\r\n0\r\n\r\n", 400),
    "an empty chunk size": (POST + CHUNKED + END + b"\r\nab\r\n0\r\n\r\n", 400),
    "a space before the chunk size": (POST + CHUNKED + END + b" 2\r\nab\r\n0\r\n\r\n", 400),
    "a space after the chunk size": (POST + CHUNKED + END + b"2 \r\nab\r\n0\r\n\r\n", 400),
    "a chunk that is longer": (POST + CHUNKED + END + b"2\r\nabc\r\n0\r\n\r\n", 400),
    "a chunk that ends in LF": (POST + CHUNKED + END + b"2\r\nab\n0\r\n\r\n", 400),
    "a chunk size that ends in LF": (POST + CHUNKED + END + b"2\nab\r\n0\r\n\r\n", 400),
    "a chunk size that overflows": (
        POST + CHUNKED + END + b"10000000000000002\r\nab\r\n0\r\n\r\n", 400),
    "NUL in a chunk extension": (POST + CHUNKED + END + b"2;a=\0\r\nab\r\n0\r\n\r\n", 400),
    "bare CR in a chunk extension": (POST + CHUNKED + END + b"2;a\rb\r\nab\r\n0\r\n\r\n", 400),
    "an extension without a name": (POST + CHUNKED + END + b"2 a\r\nab\r\n0\r\n\r\n", 400),
    "a long chunk extension": (
        POST + CHUNKED + END + b"2;" + b"a" * 40000 + b"\r\nab\r\n0\r\n\r\n", 400),
    "zeros without end as chunk size": (POST + CHUNKED + END + b"0" * 40000 + b"\r\n\r\n", 400),
    "trailers without end": (
        POST + CHUNKED + END + b"0\r\n" + b"X: y\r\n" * 8000 + b"\r\n", 400),
    # sizes
    "a long target": (b"GET /" + b"a" * 8192 + b" HTTP/1.1\r\n" + HOST + END, 414),
    "a target without end": (b"GET /" + b"a" * 70000, 414),
    "101 fields": (GET + b"X: y\r\n" * 100 + END, 431),
    "much in the fields": (GET + b"X: " + b"y" * 32768 + b"\r\n\r\n", 431),
    "a field without end": (GET + b"X: " + b"y" * 70000, 431),
    # expectations
    "another expectation": (POST + b"Content-Length: 3\r\nExpect: 200-ok\r\n\r\nabc", 417),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_requests_are_refused_with_an_answer_and_the_connection_ends(strict, name):
    data, wanted = MALFORMED[name]
    with strict.client() as client:
        answer = client.send(data + BEHIND).answer()
        assert answer is not None, "closed without an answer"
        assert answer.status in (wanted if isinstance(wanted, tuple) else (wanted,)), answer
        assert answer["connection"] == "close"
        assert answer["content-type"].startswith("application/problem+json")
        assert answer.json["status"] == answer.status
        assert answer.json["code"]
        assert client.closed()
        assert client.rest == b"", "something behind the refused request was answered"


@pytest.mark.parametrize("name", [n for n in MALFORMED if len(MALFORMED[n][0]) < 400])
def test_malformed_requests_are_refused_when_they_come_byte_by_byte(strict, name):
    data, wanted = MALFORMED[name]
    with strict.client() as client:
        try:
            for i in range(len(data)):
                client.send(data[i:i + 1])
            client.send(BEHIND)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused early, and no longer listened to
        answer = client.answer()
        assert answer is not None
        assert answer.status in (wanted if isinstance(wanted, tuple) else (wanted,)), answer
        assert client.closed() and client.rest == b""


def vectors():
    path = VECTORS / "http/llhttp_requests.json"
    return json.loads(path.read_text()) if path.exists() else []


@pytest.mark.parametrize("vector", [v for v in vectors() if v["strict_expect"] == "reject"],
                         ids=lambda v: v["name"] if isinstance(v, dict) else "none")
def test_what_llhttp_refuses_is_never_handled(strict, vector):
    with strict.client() as client:
        answer = client.send(base64.b64decode(vector["b64"])).answer()
        assert answer is None or answer.status >= 400
        assert client.closed()


def test_nothing_of_all_that_reached_an_operation(strict):
    """Runs last on this server: its log tells each request and what it became."""
    strict.stop()
    assert len(strict.lines()) > len(MALFORMED)
    reached = [line for line in strict.lines() if line["operation"]]
    assert reached == []


# --- the same bytes, however they are cut --------------------------------------------------------
PIECES = (b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"\0", b"0\r\n\r\n", b";", b"HTTP/1.1", HOST,
          CHUNKED, b"Content-Length: 5\r\n", b"Expect: 100-continue\r\n",
          b"Connection: close\r\n", BEHIND)


def mutated(random, data):
    data = bytearray(data)
    for _ in range(random.randint(0, 4)):
        at = random.randrange(len(data) + 1)
        kind = random.randrange(4)
        if kind == 0 and at < len(data):
            data[at] = random.randrange(256)
        elif kind == 1:
            data[at:at] = random.choice(PIECES)
        elif kind == 2:
            del data[at:at + random.randint(1, 6)]
        else:
            data[at:at] = data[at:at + random.randint(1, 30)]
    return bytes(data) + random.choice((b"", BEHIND))


def statuses(server, data, cuts):
    """Status lines of all that is answered when `data` comes in these pieces."""
    with server.client() as client:
        try:
            for begin, end in zip([0, *cuts], [*cuts, len(data)]):
                client.send(data[begin:end])
            client.end()
        except (BrokenPipeError, ConnectionResetError, OSError):
            pass  # refused early
        client.closed()
        lines = [line[:12] for line in client.rest.split(b"\r\n") if line[:9] == b"HTTP/1.1 "]
    return [line for line in lines if line != b"HTTP/1.1 100"]


@pytest.mark.parametrize("seed", range(8))
def test_damaged_requests_are_judged_alike_however_they_are_cut(server, seed):
    random = Random(seed)
    originals = [data for data, _ in MALFORMED.values() if len(data) < 1000]
    originals += [data for data in ACCEPTED.values() if len(data) < 1000]
    originals += [POST + CHUNKED + END + b"2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n"] * 20
    for _ in range(50):
        data = mutated(random, random.choice(originals))
        cuts = sorted(random.sample(range(len(data) + 1), min(len(data), random.randint(1, 12))))
        assert statuses(server, data, []) == statuses(server, data, cuts), (data, cuts)


# --- what has to be taken ------------------------------------------------------------------------
ACCEPTED = {
    "an empty line before": b"\r\n" + GET + END,
    "no blank before a value": b"GET /healthz HTTP/1.1\r\nHost:localhost\r\n\r\n",
    "blanks around a value": b"GET /healthz HTTP/1.1\r\nHost: \t localhost \t \r\n\r\n",
    "a port": b"GET /healthz HTTP/1.1\r\nHost: localhost:8080\r\n\r\n",
    "IPv6": b"GET /healthz HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n",
    "an empty value": GET + b"X:\r\n\r\n",
    "bytes above 127 in a value": GET + b"X: \xc3\xa9\r\n\r\n",
    "100 fields": GET + b"X: y\r\n" * 99 + END,
    "nearly too much in the fields": GET + b"X: " + b"y" * 32740 + b"\r\n\r\n",
    "an absolute target": b"GET http://localhost/healthz HTTP/1.1\r\nHost: other\r\n\r\n",
    "an absolute target in capitals": (
        b"GET HTTP://localhost:80/healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
    "an upgrade that we do not do": GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    "a length of nothing": GET + b"Content-Length: 0\r\n\r\n",
    "HTTP/1.0 without a host": b"GET /healthz HTTP/1.0\r\n\r\n",
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_unusual_requests_are_answered(server, name):
    answer = server.ask(ACCEPTED[name])
    assert answer.status == 200, answer


def test_the_longest_target_reaches_the_router(server):
    target = b"/" + b"a" * 8191
    assert server.ask(b"GET " + target + b" HTTP/1.1\r\n" + HOST + END).status in (404, 400)


def test_an_absolute_target_without_a_path_is_the_root(server):
    one = server.ask(b"GET http://localhost HTTP/1.1\r\nHost: localhost\r\n\r\n")
    two = server.ask(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert one.status == two.status


def test_options_of_everything_is_answered(server):
    assert server.ask(b"OPTIONS * HTTP/1.1\r\n" + HOST + END).status < 500


@pytest.mark.parametrize("step", (1, 2, 3, 7))
def test_a_request_may_come_in_pieces(server, step):
    data = GET + b"X-Request-Id: pieces\r\nAccept: */*\r\n\r\n"
    with server.client() as client:
        for i in range(0, len(data), step):
            client.send(data[i:i + step])
        answer = client.answer()
        assert (answer.status, answer["x-request-id"]) == (200, "pieces")


def test_a_request_may_be_cut_anywhere(server):
    data = POST + b"Content-Length: 2\r\nX-Request-Id: cut\r\n\r\n{}"
    with server.client() as client:
        for i in range(1, len(data)):
            client.send(data[:i])
            time.sleep(0.001)
            answer = client.send(data[i:]).answer()
            assert (answer.status, answer["x-request-id"]) == (401, "cut"), i


# --- answers -------------------------------------------------------------------------------------
def test_an_answer_has_what_http_asks_for(server):
    answer = server.get("/healthz")
    assert answer.status == 200
    assert int(answer["content-length"]) == len(answer.body) > 0
    assert abs(parsedate_to_datetime(answer["date"]).timestamp() - time.time()) < 30
    assert answer["connection"] is None
    assert answer["transfer-encoding"] is None


def test_head_answers_what_get_would_without_the_body(server):
    with server.client() as client:
        got = client.send(get()).answer()
        head = client.send(get().replace(b"GET", b"HEAD")).answer(head_only=True)
        after = client.send(get()).answer()
    assert head.status == 200
    assert head["content-length"] == got["content-length"]
    assert after.status == 200, "something of the HEAD's body was sent"


def test_head_of_what_is_not_there_has_no_body_either(server):
    with server.client() as client:
        head = client.send(get("/nowhere").replace(b"GET", b"HEAD")).answer(head_only=True)
        after = client.send(get()).answer()
    assert (head.status, after.status) == (404, 200)


def test_a_request_id_is_taken_when_it_is_well_formed(server):
    assert server.get("/healthz", "X-Request-Id: Abc.9_-z")["x-request-id"] == "Abc.9_-z"
    for bad in ("a b", "a/b", "a" * 65, '"', ""):
        answer = server.get("/healthz", f"X-Request-Id: {bad}")
        assert answer.status == 200
        assert answer["x-request-id"] not in (None, "", bad)


@pytest.mark.parametrize("count", (10, 1000))
def test_requests_sent_at_once_are_answered_in_their_order(server, count):
    data = b"".join(get("/healthz", f"X-Request-Id: n{i}") for i in range(count))
    with server.client() as client:
        client.send(data)
        ids = [client.answer()["x-request-id"] for _ in range(count)]
    assert ids == [f"n{i}" for i in range(count)]


def test_slow_and_quick_requests_at_once_keep_their_order(server):
    data = b""
    for i in range(20):
        data += get("/healthz", f"X-Request-Id: get{i}")
        data += POST + f"X-Request-Id: post{i}\r\nContent-Length: 2\r\n\r\n{{}}".encode()
        data += POST + f"X-Request-Id: chunk{i}\r\n".encode() + CHUNKED + END
        data += b"2\r\n{}\r\n0\r\n\r\n"
    with server.client() as client:
        client.send(data)
        answers = [client.answer() for _ in range(60)]
    ids = [f"{kind}{i}" for i in range(20) for kind in ("get", "post", "chunk")]
    assert [answer["x-request-id"] for answer in answers] == ids
    assert [answer.status for answer in answers] == [200, 401, 401] * 20


def test_connections_end_when_the_client_says_so(server):
    with server.client() as client:
        answer = client.send(get("/healthz", "Connection: close") + BEHIND).answer()
        assert (answer.status, answer["connection"]) == (200, "close")
        assert client.closed() and client.rest == b""


def test_http_1_0_closes_unless_asked_not_to(server):
    old = b"GET /healthz HTTP/1.0\r\n"
    with server.client() as client:
        assert client.send(old + END).answer()["connection"] == "close"
        assert client.closed()
    with server.client() as client:
        for _ in range(3):
            answer = client.send(old + b"Connection: keep-alive\r\n\r\n").answer()
            assert (answer.status, answer["connection"]) == (200, "keep-alive")


def test_a_client_that_has_ended_its_side_still_gets_its_answers(server):
    with server.client() as client:
        client.send(get() + POST + b"Content-Length: 2\r\n\r\n{}" + get()).end()
        assert [client.answer().status for _ in range(3)] == [200, 401, 200]
        assert client.closed()


# --- bodies --------------------------------------------------------------------------------------
def post(server, *fields):
    head = "".join(f"{field}\r\n" for field in fields)
    return POST + f"Authorization: Bearer {server.token}\r\n{head}".encode()


def test_a_chunked_body_is_put_together(server):
    data = post(server, "Transfer-Encoding: chunked") + END
    for piece in (b'{"title"', b': "Chunked ', b'and whole"}'):
        data += b"%x;note=\"x\"\r\n%s\r\n" % (len(piece), piece)
    data += b"000\r\nX-Trailer: dropped\r\n\r\n"
    with server.client() as client:
        answer = client.send(data + get()).answer()
        assert (answer.status, answer.json["title"]) == (201, "Chunked and whole"), answer
        assert client.answer().status == 200
    with server.client() as client:
        for i in range(len(data)):
            client.send(data[i:i + 1])
        answer = client.answer()
        assert (answer.status, answer.json["title"]) == (201, "Chunked and whole"), answer


def test_a_body_in_pieces_is_put_together(server):
    body = json.dumps({"title": "Pieces", "overview": "o" * 9000}).encode()
    data = post(server, f"Content-Length: {len(body)}") + END + body
    with server.client() as client:
        for i in range(0, len(data), 1000):
            client.send(data[i:i + 1000])
            time.sleep(0.001)
        answer = client.answer()
        assert (answer.status, answer.json["title"]) == (201, "Pieces"), answer


def test_the_body_is_asked_for_when_the_client_waits(server):
    body = b'{"title": "Expected"}'
    with server.client() as client:
        client.send(post(server, f"Content-Length: {len(body)}", "Expect: 100-continue") + END)
        assert client.answer().status == 100
        answer = client.send(body).answer()
        assert (answer.status, answer.json["title"]) == (201, "Expected"), answer
        assert client.send(get()).answer().status == 200


def test_nothing_is_asked_for_that_is_here_already(server):
    body = b'{"title": "Eager"}'
    data = post(server, f"Content-Length: {len(body)}", "Expect: 100-continue") + END + body
    assert server.ask(data).status == 201


def test_http_1_0_is_never_told_to_continue(server):
    data = POST.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Content-Length: 2\r\n"
    data += b"Expect: 100-continue\r\n\r\n"
    with server.client() as client:
        client.send(data)
        time.sleep(0.1)
        assert client.send(b"{}").answer().status == 401


@pytest.mark.parametrize("head, wanted", (
    (POST + b"Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n", 413),
    (b"POST /nowhere HTTP/1.1\r\n" + HOST
     + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", 404),
    (POST + b"Content-Length: 5, 5\r\nExpect: 100-continue\r\n\r\n", 400),
))
def test_a_body_that_would_be_refused_is_not_asked_for(server, head, wanted):
    with server.client() as client:
        answer = client.send(head).answer()
        assert (answer.status, answer["connection"]) == (wanted, "close")
        assert client.end().closed() and client.rest == b""


def test_a_body_that_is_too_large_is_refused_before_it_has_come(start):
    server = start(CINEMA_BODY_MAX="2048")
    with server.client() as client:
        answer = client.send(POST + b"Content-Length: 2049\r\n\r\n").answer()
        assert (answer.status, answer["connection"]) == (413, "close")
    with server.client() as client:
        client.send(POST + CHUNKED + END)
        for _ in range(3):
            client.send(b"3ff\r\n" + b" " * 1023 + b"\r\n")
        answer = client.answer()
        assert (answer.status, answer["connection"]) == (413, "close")
    assert server.ask(POST + b"Content-Length: 2048\r\n\r\n" + b" " * 2048).status == 401


def test_a_client_that_goes_on_sending_sees_why_it_was_refused(server):
    """Closing with unread bytes would reset the connection and lose the answer."""
    with server.client() as client:
        client.send(POST + b"Content-Length: 4000000\r\n\r\n")
        for _ in range(40):
            try:
                client.send(b"x" * 100000)
            except (BrokenPipeError, ConnectionResetError):
                break
        assert client.answer().status == 413


def test_a_body_where_none_belongs_does_not_become_a_request(server):
    with server.client() as client:
        body = get("/healthz", "X-Request-Id: smuggled")
        client.send(GET + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        client.send(get("/healthz", "X-Request-Id: real", "Connection: close"))
        answers = []
        while (answer := client.answer()):
            answers.append(answer["x-request-id"])
    assert "smuggled" not in answers
    assert len(answers) <= 2


# --- time ----------------------------------------------------------------------------------------
def seconds(action):
    begun = time.monotonic()
    result = action()
    return time.monotonic() - begun, result


def trickle(client, data, pause=0.1):
    """Sends byte by byte, never idle, until the server answers."""
    client.socket.settimeout(pause)
    for i in range(len(data)):
        try:
            client.send(data[i:i + 1])
            client.more()
            break
        except TimeoutError:
            continue
        except (BrokenPipeError, ConnectionResetError):
            break
    client.socket.settimeout(conftest.TIMEOUT)
    return client.answer()


def test_heads_and_bodies_that_trickle_in_are_cut_at_their_deadline(start):
    server = start(CINEMA_HEADER_TIMEOUT_S="1", CINEMA_BODY_TIMEOUT_S="2")
    slow_head = GET + b"X: " + b"y" * 200
    slow_body = POST + b"Content-Length: 200\r\n\r\n"
    results = {}

    def begin_and_trickle(name, prefix, data):
        with server.client() as client:
            client.send(prefix)
            if name == "second head":
                assert client.answer().status == 200
            return trickle(client, data)

    def run(*args):
        results[args[0]] = seconds(lambda: begin_and_trickle(*args))

    jobs = [threading.Thread(target=run, args=args) for args in (
        ("head", b"", slow_head), ("body", slow_body, b"x" * 200),
        ("chunks", POST + CHUNKED + END, b"1\r\nx\r\n" * 100),
        ("second head", get(), slow_head))]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    for name, least in (("head", 1), ("body", 2), ("chunks", 2), ("second head", 1)):
        took, answer = results[name]
        assert answer.status == 408 and answer["connection"] == "close", (name, answer)
        assert took >= least - 0.1, (name, took)  # and in time, for all would have taken 20 s


def test_a_connection_that_says_nothing_is_closed_without_a_word(start):
    server = start(CINEMA_HEADER_TIMEOUT_S="1")

    def connect_and_wait():
        with server.client() as client:
            assert client.closed() and client.rest == b""

    took, _ = seconds(connect_and_wait)
    assert took >= 0.9


def test_a_connection_between_two_requests_is_not_under_the_deadline_of_heads(start):
    server = start(CINEMA_HEADER_TIMEOUT_S="1")
    with server.client() as client:
        assert client.send(get()).answer().status == 200
        time.sleep(2)
        assert client.send(get()).answer().status == 200


# --- many, greedy, rude --------------------------------------------------------------------------
def test_each_address_has_its_share_of_connections(start):
    server = start(CINEMA_LIMIT_CONNECTIONS_ADDRESS="5")
    clients = [server.client() for _ in range(5)]
    assert all(client.send(get()).answer().status == 200 for client in clients)
    for _ in range(3):
        with server.client() as late:
            assert late.closed() and late.rest == b""
    with server.client() as other:  # no other address: the limit holds still
        assert other.closed()
    clients.pop().close()

    def is_served():
        with server.client() as client:
            try:
                return client.send(get()).answer()
            except (BrokenPipeError, ConnectionResetError):
                return None

    conftest.settle(is_served)
    for client in clients:
        client.close()


def loops_with_connections(pid):
    """How many connections each event loop of a process watches."""
    counts = []
    folder = Path(f"/proc/{pid}/fd")
    kinds = {}
    for entry in folder.iterdir():
        try:
            kinds[entry.name] = os.readlink(entry)
        except FileNotFoundError:
            pass  # closed meanwhile
    for name, kind in kinds.items():
        if "eventpoll" in kind:
            watched = re.findall(r"tfd:\s*(\d+)", Path(f"/proc/{pid}/fdinfo/{name}").read_text())
            sockets = [fd for fd in watched if kinds.get(fd, "").startswith("socket:")]
            counts.append(len(sockets))
    return sorted(counts)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core, one loop")
def test_every_core_has_a_loop_that_takes_connections(server):
    idle = loops_with_connections(server.pid)
    clients = [server.client() for _ in range(100)]
    for client in clients:
        assert client.send(get()).answer().status == 200
    busy = [n for n in loops_with_connections(server.pid) if n > 2]
    for client in clients:
        client.close()
    assert len(busy) == os.cpu_count(), (idle, busy)
    assert min(busy) >= 100 / len(busy) / 4, busy


def test_a_client_that_does_not_read_is_not_read_from(server):
    """Its requests wait in the kernel's buffers, and memory does not grow."""
    before = server.resident()
    sanitized = "san.so" in Path(f"/proc/{server.pid}/maps").read_text()
    with server.client() as client:
        client.socket.settimeout(1)
        batch = get() * 500
        sent = 0
        try:
            for _ in range(2000):
                client.send(batch)
                sent += 500
        except TimeoutError:
            pass
        assert sent < 1000000, "a million requests were taken and no answer was"
        grown = server.resident() - before
        assert sanitized or grown < 32 * 1024, f"{grown} KiB"  # sanitizers keep what is freed
        client.socket.settimeout(conftest.TIMEOUT)
        for _ in range(sent):
            assert client.answer().status == 200


def test_a_thousand_connections_that_come_and_go_leave_nothing_behind(server):
    """Workers have requests in hand while their clients vanish."""
    body = b'{"title": "Gone before it was answered"}'
    data = post(server, f"Content-Length: {len(body)}") + END + body
    stop = threading.Event()

    def knock():
        for i in range(250):
            with server.client() as client:
                if i % 5 == 4:  # RST instead of FIN
                    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                             b"\1\0\0\0\0\0\0\0")
                client.send((data, data * 3, data[:-9], get() * 5 + data, GET)[i % 5])

    def load():
        with server.client() as client:
            while not stop.is_set():
                assert client.send(get()).answer().status == 200

    steady = threading.Thread(target=load)
    steady.start()
    jobs = [threading.Thread(target=knock) for _ in range(4)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    stop.set()
    steady.join()
    assert server.get("/healthz").status == 200
    conftest.settle(lambda: max(loops_with_connections(server.pid)) <= 2)  # none is left open


# --- starting, stopping, telling -----------------------------------------------------------------
def begin_post(server, client, body):
    """A request that is surely under way, for the server asks for its body."""
    client.send(post(server, f"Content-Length: {len(body)}", "Expect: 100-continue") + END)
    assert client.answer().status == 100


def test_a_stop_finishes_the_request_under_way(start):
    server = start()
    body = b'{"title": "Last"}'
    with server.client() as busy, server.client() as idle:
        assert idle.send(get()).answer().status == 200
        begin_post(server, busy, body)
        busy.send(body[:5])
        server.process.send_signal(signal.SIGTERM)
        assert idle.closed(), "an idle connection outlives the stop"
        server.refuses()
        answer = busy.send(body[5:]).answer()
        assert (answer.status, answer["connection"]) == (201, "close"), answer
        assert busy.closed()
    assert server.process.wait(conftest.TIMEOUT) == 0
    assert any(line["operation"] == "movie.create" for line in server.lines())


def test_a_second_signal_does_not_wait(start):
    server = start(well=False)
    with server.client() as client:
        begin_post(server, client, b"0123456789")
        begun = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        server.refuses()
        assert server.process.poll() is None
        server.process.send_signal(signal.SIGINT)
        server.process.wait(conftest.TIMEOUT)
        assert time.monotonic() - begun < 10  # which one signal alone gives to what is under way
        assert client.closed()


def test_a_hangup_does_not_end_the_server(start):
    server = start()
    server.process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert server.get("/healthz").status == 200


def test_the_pid_file_lives_as_long_as_the_server(start, tmp_path):
    path = tmp_path / "pid"
    server = start(CINEMA_PID_FILE=str(path))
    assert path.read_text() == f"{server.pid}\n"
    server.stop()
    assert not path.exists()


def test_a_port_in_use_is_told_with_what_to_do(start, tmp_path):
    server = start()
    env = {**os.environ, "CINEMA_DATA_DIR": str(tmp_path / "other"),
           "CINEMA_LISTEN": f"127.0.0.1:{server.port}"}
    second = subprocess.run([server.process.args[0], "serve"], env=env, cwd=tmp_path, timeout=30,
                            capture_output=True, text=True)
    assert second.returncode != 0
    assert f"127.0.0.1:{server.port}" in second.stderr
    assert "CINEMA_LISTEN" in second.stderr


def test_it_listens_on_ipv6_too(start):
    if not Path("/proc/net/if_inet6").exists():
        pytest.skip("no IPv6 here")
    server = start(CINEMA_LISTEN="[::1]:0")
    assert server.url == f"http://[::1]:{server.port}"
    with server.client(host="::1") as client:
        assert client.send(get("/healthz", "X-Request-Id: six")).answer().status == 200
    line = [line for line in server.lines("six") if line["request_id"] == "six"]
    assert line[0]["address"] == "::1"


def test_the_access_log_tells_each_request_in_one_line(server):
    answer = server.get("/healthz?secret=hush", "X-Request-Id: logged-1")
    server.get('/no"where\\', "X-Request-Id: logged-2")
    lines = server.lines("logged-1", "logged-2")
    one = next(line for line in lines if line["request_id"] == "logged-1")
    two = next(line for line in lines if line["request_id"] == "logged-2")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["time"])
    assert (one["method"], one["path"], one["address"]) == ("GET", "/healthz", "127.0.0.1")
    assert (one["status"], one["bytes"]) == (answer.status, len(answer.body))
    assert 0 <= one["us"] < 10_000_000
    assert two["path"] == '/no"where\\'
    assert (two["operation"], two["status"]) == ("", two["status"])
    assert two["code"]
    assert "hush" not in server.log


def test_the_access_log_can_be_silenced(start):
    server = start(CINEMA_LOG="error")
    assert server.get("/healthz").status == 200
    server.stop()
    assert server.lines() == []


def test_a_reader_of_the_log_that_has_stopped_holds_nobody_up(tmp_path):
    """stderr is a pipe that nobody empties: lines are dropped, requests are not."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("CINEMA_")}
    env.update(CINEMA_DATA_DIR=str(tmp_path / "data"), CINEMA_LISTEN="127.0.0.1:0",
               CINEMA_LIMIT_CONNECTIONS_ADDRESS="off")
    binary = Path(os.environ.get("CINEMA_BIN") or ROOT / "build/dev/cinema").resolve()
    with subprocess.Popen([binary, "serve"], env=env, stderr=subprocess.PIPE, cwd=tmp_path) as p:
        try:
            seen = b""
            while not (found := re.search(rb"http://\S+:(\d+)\D", seen)):
                piece = os.read(p.stderr.fileno(), 4096)
                assert piece, seen
                seen += piece
            with socket.create_connection(("127.0.0.1", int(found[1])), conftest.TIMEOUT) as s:
                for _ in range(200):
                    s.sendall(get() * 20)
                    got = 0
                    while got < 20:
                        got += s.recv(1 << 20).count(b"HTTP/1.1 200 ")
            lines = []
            reader = threading.Thread(target=lambda: lines.extend(p.stderr))
            p.send_signal(signal.SIGTERM)
            reader.start()
            assert p.wait(conftest.TIMEOUT) == 0
            reader.join()
        finally:
            if p.poll() is None:
                p.kill()
    told = [json.loads(line) for line in lines if line.startswith(b"{") and line.endswith(b"}\n")]
    assert len(told) >= 200
    assert sum(line.get("dropped", 0) for line in told) + len(told) <= 4000 + 10
