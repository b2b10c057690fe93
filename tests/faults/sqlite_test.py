"""A server on SQLite whose process comes to a limit: no descriptors, no room on the disk.

It refuses what it cannot do, goes on with what it can, and is well again when there is room.
"""
import resource
import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conftest import DEEP, ROOT, settle
from durability_test import film

# Fewer than the crowd takes; enough for what a server that is awake comes to keep: a reader of the
# database for each thread that reads (a file and its log), libuv's spare one for each loop.
SPARE = 16


def limit(server, what, value):
    resource.prlimit(server.pid, what, (value, resource.prlimit(server.pid, what)[1]))


def descriptors(server):
    return len(list(Path(f"/proc/{server.pid}/fd").iterdir()))


def cpu_seconds(server):
    fields = Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def test_without_descriptors_it_goes_on_with_those_it_has(start, note):
    server = start()
    client, token = server.client(), server.token
    assert client.send(film("Before", token)).answer().status == 201
    assert client.send(get("/v1/movies")).answer().status == 200
    limit(server, resource.RLIMIT_NOFILE, descriptors(server) + SPARE)
    crowd = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
    time.sleep(0.3)
    settle(lambda: client.send(get("/v1/movies")).answer().status == 200)
    answer = client.send(film("Meanwhile", token)).answer()
    assert answer.status in (201, 503), answer  # but the token is good, and not said to be bad
    before, begun = cpu_seconds(server), time.monotonic()
    time.sleep(1)
    share = (cpu_seconds(server) - before) / (time.monotonic() - begun)
    assert share < 0.5, f"{share:.2f} of a core for waiting"
    for one in crowd:
        one.close()
    begun = time.monotonic()
    settle(lambda: server.ask(film("After", token)).status == 201)
    note(f"without descriptors: {share:.2f} of a core, back after {time.monotonic() - begun:.1f} s")
    client.close()


def test_a_full_disk_refuses_writes_and_loses_none(start, note):
    server, acknowledged = start(), []
    client, token = server.client(), server.token
    log = server.data / "cinema.db-wal"
    assert client.send(film("First", token)).answer().status == 201
    limit(server, resource.RLIMIT_FSIZE, log.stat().st_size + 400_000)
    for n in range(1000):
        answer = client.send(film(f"Film {n}", token)).answer()
        if answer.status != 201:
            break
        acknowledged.append(f"Film {n}")
    assert answer.status == 503 and answer.json["code"] == "disk_full", answer
    assert client.send(get("/v1/movies")).answer().status == 200
    assert client.send(get("/healthz")).answer().status == 200
    limit(server, resource.RLIMIT_FSIZE, resource.RLIM_INFINITY)
    assert client.send(film("After", token)).answer().status == 201
    client.close()
    assert server.stop() == 0
    with sqlite3.connect(server.data / "cinema.db") as file:
        titles = {row[0] for row in file.execute("SELECT title FROM title")}
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert titles == {"First", "After", *acknowledged}
    note(f"a full disk: {len(acknowledged)} acknowledged before it, none lost")


if DEEP:  # an hour in two minutes
    SECONDS, CLIENTS = 120, 4

    def traffic(server, n):
        """What visitors and an editor do, once."""
        with server.client() as client:
            for path in ("/v1/movies?limit=5", "/v1/search?q=soak", f"/v1/movies/soak-{n}",
                         "/v1/genres?counts=true", "/nothing", "/readyz", "/metrics"):
                assert client.send(get(path)).answer().status < 500
            answer = client.send(film(f"Soak {n}", server.token)).answer()
            assert answer.status == 201
            head = (f"DELETE /v1/movies/{answer.json['id']} HTTP/1.1\r\nHost: localhost\r\n"
                    f"Authorization: Bearer {server.token}\r\n\r\n")
            assert client.send(head.encode()).answer().status == 204

    def level(server):
        return server.resident(), descriptors(server)

    def test_memory_and_descriptors_stay_level(start, note):
        # What a sanitizer keeps would hide what the server keeps.
        server, n, levels = start(binary=str(ROOT / "build/plain/cinema")), 0, []
        begun = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            while time.monotonic() - begun < SECONDS:
                list(pool.map(lambda i: traffic(server, i), range(n, n + 200)))
                n += 200
                levels.append(level(server))
        warm, last = levels[len(levels) // 4], levels[-1]
        note(f"{n * 9} requests: {warm[0]} KiB and {warm[1]} descriptors, then {last[0]} and"
             f" {last[1]}")
        assert last[0] - warm[0] < max(2048, warm[0] // 20), levels
        assert last[1] - warm[1] <= 10, levels
