"""STREAM operations through the server: bodies and answers larger than any memory, clients that are
slow or gone. The server is build/<preset>/tests/http-server, which has the operations of test_ops.c.
"""
import hashlib
import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

import conftest

STREAMING = Path(conftest.BINARY).parent / "tests/http-server"
PUT = b"PUT /test/bytes%s HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
END = b"\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

pytestmark = pytest.mark.skipif(not STREAMING.exists(), reason=f"{STREAMING} is not built")


@pytest.fixture
def begin(tmp_path):
    running = []

    def run(**settings):
        folder = tmp_path / f"server{len(running)}"
        folder.mkdir()
        running.append(conftest.Server(folder, settings, binary=str(STREAMING)))
        return running[-1]

    yield run
    for server in running:
        conftest.ended_well(server)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = conftest.Server(tmp_path_factory.mktemp("stream"), {"CINEMA_BODY_TIMEOUT_S": "2"},
                              binary=str(STREAMING))
    yield running
    conftest.ended_well(running)


def put(fields=b"", query=b""):
    return PUT % query + fields + END


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def summed(*pieces):
    total = hashlib.blake2b(digest_size=16)
    for piece in pieces:
        total.update(piece)
    return total.hexdigest()


def pattern(length):
    return bytes(i % 251 for i in range(min(length, 251))) * (length // 251 + 1)


def chunks_of(client):
    """A chunked body, taken apart strictly."""
    body = b""
    while True:
        while b"\r\n" not in client.rest:
            assert client.more(), "cut off"
        size, client.rest = client.rest.split(b"\r\n", 1)
        size = int(size, 16)
        while len(client.rest) < size + 2:
            assert client.more(), "cut off"
        assert client.rest[size:size + 2] == b"\r\n"
        body, client.rest = body + client.rest[:size], client.rest[size + 2:]
        if not size:
            return body


def head_of(client):
    while b"\r\n\r\n" not in client.rest:
        assert client.more(), client.rest
    head, client.rest = client.rest.split(b"\r\n\r\n", 1)
    return head.decode()


# --- bodies --------------------------------------------------------------------------------------
def test_a_body_with_a_length_arrives_whole_and_the_connection_goes_on(server):
    data = os.urandom(1_000_003)
    with server.client() as client:
        for _ in range(2):
            answer = client.send(put(b"Content-Length: %d\r\n" % len(data)) + data + GET).answer()
            assert answer.status == 200, answer
            assert answer.json == {"bytes": len(data), "sum": summed(data)}
            assert client.answer().json["status"] == "ok"


def test_a_chunked_body_arrives_whole_and_the_connection_goes_on(server):
    pieces = [os.urandom(n) for n in (1, 10, 5000, 70000, 3, 200000)]
    data = b"".join(map(chunk, pieces)) + b"0\r\nTrailer: x\r\n\r\n"
    with server.client() as client:
        answer = client.send(put(CHUNKED) + data + GET).answer()
        assert answer.json == {"bytes": sum(map(len, pieces)), "sum": summed(*pieces)}, answer
        assert client.answer().status == 200
        small = put(CHUNKED) + chunk(b"ab") + b"0\r\n\r\n"
        for i in range(len(small)):
            client.send(small[i:i + 1])
        assert client.answer().json == {"bytes": 2, "sum": summed(b"ab")}


def test_an_empty_body_is_one(server):
    with server.client() as client:
        for fields in (b"", b"Content-Length: 0\r\n"):
            assert client.send(put(fields)).answer().json["bytes"] == 0
        assert client.send(put(CHUNKED) + b"0\r\n\r\n").answer().json["bytes"] == 0


def test_a_body_larger_than_memory_may_be_is_never_held(server):
    """Half a gibibyte through a server that may hold a quarter of that in bodies, and holds less."""
    piece, count = os.urandom(1 << 20), 512
    before = server.resident()
    with server.client() as client:
        client.send(put(b"Content-Length: %d\r\n" % (len(piece) * count)))
        most = 0
        for i in range(count):
            client.send(piece)
            if i % 64 == 0:
                most = max(most, server.resident())
        answer = client.answer()
    assert answer.json == {"bytes": len(piece) * count, "sum": summed(*[piece] * count)}
    assert most - before < 64 * 1024, f"{most - before} KiB"


def test_a_reader_that_is_slow_holds_the_client_back(server):
    """What is sent faster than it is read waits at the client."""
    with server.client() as client:
        client.send(put(CHUNKED, b"?wait_ms=200"))
        client.socket.settimeout(1)
        sent = 0
        with pytest.raises(TimeoutError):
            while sent < 200 << 20:
                client.send(chunk(bytes(1 << 20)))
                sent += 1 << 20
        assert sent < 100 << 20


def test_a_slow_reader_is_not_the_clients_fault(server):
    """Longer than the body's time limit, while the client has sent all that it may."""
    data = os.urandom(600_000)
    with server.client() as client:
        client.send(put(b"Content-Length: %d\r\n" % len(data), b"?wait_ms=200") + data)
        answer = client.answer()
    assert answer.status == 200 and answer.json["sum"] == summed(data), answer


def test_the_body_is_asked_for_when_the_operation_wants_it(server):
    with server.client() as client:
        client.send(put(b"Content-Length: 3\r\nExpect: 100-continue\r\n"))
        assert client.answer().status == 100
        assert client.send(b"abc").answer().json == {"bytes": 3, "sum": summed(b"abc")}
        assert client.send(GET).answer().status == 200


def test_a_body_that_nobody_may_send_is_not_asked_for(server):
    head = (b"POST /test/images HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
            b"Content-Length: 30\r\nExpect: 100-continue\r\n\r\n")
    with server.client() as client:
        answer = client.send(head).answer()
        assert (answer.status, answer["connection"]) == (401, "close")


@pytest.mark.parametrize("fields", (b"Content-Length: 100001\r\n", CHUNKED))
def test_a_body_that_is_too_large_is_refused(server, fields):
    head = b"POST /test/images HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
    head += b"Authorization: Bearer %s\r\n" % server.token.encode()
    with server.client() as client:
        client.send(head + fields + END)
        if fields == CHUNKED:
            for _ in range(11):
                client.send(chunk(bytes(10000)))
        answer = client.answer()
        assert (answer.status, answer["connection"]) == (413, "close")
        assert client.end().closed() and client.rest == b""


def test_chunks_that_are_none_break_the_body_off(server):
    with server.client() as client:
        client.send(put(CHUNKED) + chunk(b"x" * 1000))
        time.sleep(0.1)
        answer = client.send(b"zz\r\n" + GET).answer()
        assert (answer.status, answer["connection"]) == (400, "close")
        assert client.end().closed() and client.rest == b""


def test_an_operation_that_has_seen_enough_answers_and_closes(server):
    with server.client() as client:
        client.send(put(b"Content-Length: 100000000\r\n", b"?stop_after=1000") + bytes(200_000))
        answer = client.answer()
        assert (answer.status, answer["connection"]) == (200, "close")
        assert client.end().closed() and client.rest == b""


def test_an_upload_that_trickles_is_cut_and_one_that_flows_is_not(server):
    """512 bytes a second in each 2 seconds, and nothing in all: an absolute limit would cut both."""
    results = {}

    def upload(name, piece, pause, count):
        begun = time.monotonic()
        with server.client() as client:
            client.send(put(b"Content-Length: %d\r\n" % (len(piece) * count)))
            try:
                for _ in range(count):
                    client.send(piece)
                    time.sleep(pause)
            except (BrokenPipeError, ConnectionResetError):
                pass
            results[name] = (client.answer().status, time.monotonic() - begun)

    jobs = [threading.Thread(target=upload, args=args) for args in (
        ("trickle", b"x", 0.05, 400), ("flow", b"x" * 2000, 0.05, 100), ("silence", b"x", 4, 1))]
    jobs.append(threading.Thread(target=upload, args=("none", b"", 4, 1)))
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert results["flow"][0] == 200 and results["flow"][1] > 4.5
    assert results["trickle"][0] == 408
    assert results["silence"][0] == 200  # its one byte was all there was to come
    assert results["none"][0] == 200


def test_silence_in_an_upload_is_cut_in_time(server):
    with server.client() as client:
        begun = time.monotonic()
        answer = client.send(put(b"Content-Length: 10\r\n") + b"123").answer()
        assert (answer.status, answer["connection"]) == (408, "close")
        assert time.monotonic() - begun >= 1.9


def test_uploads_whose_clients_vanish_leave_nothing_behind(begin):
    server = begin()
    for i in range(60):
        client = server.client()
        if i % 3 == 2:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.send(put(b"Content-Length: 1000000\r\n", b"?wait_ms=5") + bytes(1000 * (i % 400)))
        client.close()
    conftest.settle(lambda: server.gauge("cinema_http_connections") <= 1)
    with server.client() as client:
        assert client.send(put(b"Content-Length: 2\r\n") + b"ab").answer().json["bytes"] == 2


def test_many_uploads_at_once_are_kept_apart(server):
    failed = []

    def upload(seed):
        data = bytes([seed]) * (100_000 + seed)
        with server.client() as client:
            client.send(put(b"Content-Length: %d\r\n" % len(data)) + data)
            answer = client.answer()
        if answer.json != {"bytes": len(data), "sum": summed(data)}:
            failed.append((seed, answer))

    jobs = [threading.Thread(target=upload, args=(i,)) for i in range(100)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert not failed


def test_a_stop_finishes_an_upload(begin):
    server = begin()
    with server.client() as client:
        client.send(put(b"Content-Length: 6\r\nExpect: 100-continue\r\n"))
        assert client.answer().status == 100
        client.send(b"abc")
        server.process.send_signal(signal.SIGTERM)
        server.refuses()
        answer = client.send(b"def").answer()
        assert answer.json == {"bytes": 6, "sum": summed(b"abcdef")}
    assert server.process.wait(conftest.TIMEOUT) == 0


# --- answers -------------------------------------------------------------------------------------
def get(query, version=b"1.1"):
    return b"GET /test/bytes?%s HTTP/%s\r\nHost: localhost\r\n\r\n" % (query, version)


@pytest.mark.parametrize("length", (0, 1, 49151, 49152, 49153, 1_000_000))
def test_an_answer_comes_in_chunks_or_with_its_length(server, length):
    with server.client() as client:
        client.send(get(b"bytes=%d" % length))
        head = head_of(client)
        assert "Transfer-Encoding: chunked" in head and "Content-Length" not in head
        assert chunks_of(client) == pattern(length)[:length]
        answer = client.send(get(b"known=true&bytes=%d" % length)).answer()
        assert int(answer["content-length"]) == length and answer["transfer-encoding"] is None
        assert answer.body == pattern(length)[:length]
        assert client.send(GET).answer().status == 200


def test_http_1_0_knows_the_end_by_the_close(server):
    with server.client() as client:
        head = head_of(client.send(get(b"bytes=100000", b"1.0")))
        assert "Connection: close" in head and "chunked" not in head
        assert client.closed() and client.rest == pattern(100000)[:100000]


def test_head_of_an_answer_that_streams_tells_its_length(server):
    with server.client() as client:
        for query, length in ((b"known=true&bytes=12345", "12345"), (b"bytes=9", None)):
            answer = client.send(get(query).replace(b"GET", b"HEAD", 1)).answer(head_only=True)
            assert (answer.status, answer["content-length"]) == (200, length)
        assert client.send(GET).answer().status == 200


def test_an_answer_that_breaks_off_is_seen_to(server):
    with server.client() as client:
        client.send(get(b"bytes=100000&broken=true"))
        head_of(client)
        assert client.closed() and not client.rest.endswith(b"0\r\n\r\n")


def test_a_client_that_does_not_read_costs_no_memory_and_no_thread(server):
    before = server.resident()
    clients = [server.client() for _ in range(150)]  # more than there are threads for streams
    for client in clients:
        client.send(get(b"bytes=1000000000"))
    time.sleep(1)
    assert server.resident() - before < 150 * 1024
    with server.client() as other:
        assert other.send(get(b"known=true&bytes=100000")).answer().status == 200
    for client in clients:
        client.close()


def test_a_large_answer_arrives_whole(server):
    length = 300 << 20
    with server.client() as client:
        head_of(client.send(get(b"known=true&bytes=%d" % length)))
        seen, before, most = len(client.rest), server.resident(), 0
        while seen < length:
            piece = client.socket.recv(1 << 20)
            assert piece, seen
            seen += len(piece)
        most = max(most, server.resident())
    assert seen == length
    assert most - before < 64 * 1024
