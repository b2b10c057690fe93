"""What was acknowledged survives kill -9: writers note it, the server is killed, the next one is asked.

Nothing else of the machine fails, so this shows that no answer leaves before its write is in the
database; that the disk was flushed is shown by tests/port/sqlite_test.c.
"""
import json
import random
import signal
import threading

import pytest

from conftest import Server, settle

WRITERS, ROUNDS = 8, 4


def film(title, token):
    body = json.dumps({"title": title, "status": "published"}).encode()
    return (f"POST /v1/movies HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


def write(server, token, name, acknowledged):
    """Films one after the other until the server is gone; what it answered 201 is noted."""
    try:
        with server.client() as client:
            for n in range(100000):
                answer = client.send(film(f"{name} {n}", token)).answer()
                if answer is None or answer.status != 201:
                    return
                acknowledged.append((answer.json["id"], f"{name} {n}"))
    except (OSError, AssertionError, ValueError):
        return  # cut off in the middle of an answer: not acknowledged


def kill_under_load(server, number):
    token, acknowledged = server.token, []
    writers = [threading.Thread(target=write, args=(server, token, f"Round {number} {w}",
                                                    acknowledged)) for w in range(WRITERS)]
    for writer in writers:
        writer.start()
    settle(lambda: len(acknowledged) > WRITERS)
    writers[0].join(random.random() * 0.5)
    server.process.send_signal(signal.SIGKILL)
    for writer in writers:
        writer.join()
    server.process.wait()
    return acknowledged


@pytest.mark.parametrize("seed", [7])
def test_acknowledged_films_survive_kill_9(tmp_path, seed):
    random.seed(seed)
    acknowledged = []
    for number in range(ROUNDS):
        server = Server(tmp_path)
        acknowledged += kill_under_load(server, number)
    server = Server(tmp_path)
    for id_, title in acknowledged:
        answer = server.get(f"/v1/movies/{id_}")
        assert answer.status == 200 and answer.json["title"] == title
    total = server.get("/v1/movies?total=true&limit=1").json["total"]
    assert total >= min(len(acknowledged), 10000)  # one more where an answer was cut off
    assert total <= len(acknowledged) + ROUNDS * WRITERS
    assert server.stop() == 0
