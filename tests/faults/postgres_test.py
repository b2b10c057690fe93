"""A server whose PostgreSQL stops, falls, freezes or crawls; and processes killed with writes under way.

While the database is away the server answers 503 within its deadline, lives, and says that it is not
ready; when the database is back it goes on by itself. What was acknowledged is there.
"""
import json
import random
import re
import signal
import threading
import time

import pytest

from conftest import DEEP, TIMEOUT, Proxy, Server, Service, ended_well
from durability_test import film, kill_under_load

DEADLINE, LATE = 1.5, 15  # seconds; late: a sanitized server on a busy machine is not
CLIENTS = 20
KILLS, FALLS = (40, 10) if DEEP else (3, 1)


def ask(server, path, body=None):
    """Status and seconds of one request."""
    begun = time.monotonic()
    answer = server.ask(film(body, server.token)) if body else server.get(path)
    return answer.status, time.monotonic() - begun


def serve(folder, url, **settings):
    folder.mkdir()
    return Server(folder, {"CINEMA_DATABASE_URL": url,
                           "CINEMA_DEADLINE_MS": str(int(DEADLINE * 1000)), **settings})


def is_away(server):
    """Many ask at once; nobody waits longer than the deadline, and life goes on."""
    answers = []
    clients = [threading.Thread(target=lambda body=body: answers.append(
        ask(server, "/v1/movies", body))) for body in ["Lost", None] * (CLIENTS // 2)]
    for client in clients:
        client.start()
    time.sleep(0.2)
    assert ask(server, "/healthz")[0] == 200
    for client in clients:
        client.join()
    assert len(answers) == len(clients)
    assert {status for status, _ in answers} == {503}, answers
    assert max(seconds for _, seconds in answers) < LATE, answers
    status, seconds = ask(server, "/readyz")
    assert status == 503 and seconds < LATE, (status, seconds)
    assert ask(server, "/healthz")[0] == 200


def is_back(server):
    """Seconds until reading, writing and /readyz work."""
    begun = time.monotonic()
    waiting = [("/readyz", None), ("/v1/movies", None), (None, "Back again")]
    while waiting:
        if ask(server, *waiting[0])[0] in (200, 201):
            waiting.pop(0)
        else:
            assert time.monotonic() - begun < TIMEOUT, waiting
            time.sleep(0.05)
    return time.monotonic() - begun


@pytest.fixture
def away(tmp_path, postgres, note, request):
    """away(url, harm, mend): a server on `url` before, while and after."""
    def run(url, harm, mend):
        server = serve(tmp_path / "server", url)
        is_back(server)
        harm()
        try:
            is_away(server)
        finally:
            mend()
        note(f"{request.node.name}: back after {is_back(server):.1f} s")
        assert ask(server, "/v1/movies")[0] == 200
        ended_well(server)
    return run


def test_a_database_that_stops(away, postgres):
    away(postgres.database("stops"), postgres.fall, postgres.rise)


def test_a_database_that_freezes(away, postgres):
    away(postgres.database("freezes"), postgres.freeze, postgres.thaw)


def test_a_database_that_crawls(away, postgres):
    proxy = Proxy(postgres.port())
    url = re.sub(r":\d+/", f":{proxy.port}/", postgres.database("crawls"))

    def crawl(seconds):
        proxy.delay = seconds

    away(url, lambda: crawl(DEADLINE * 3), lambda: crawl(0))
    proxy.stop()


def test_a_pooler_that_is_gone(away, postgres):
    direct = postgres.database("pooled")
    pooler = [Service("pgbouncer.sh", direct)]
    port = re.search(r":(\d+)/", pooler[0].url)[1]
    away(pooler[0].url, pooler[0].stop,
         lambda: pooler.append(Service("pgbouncer.sh", direct, PORT=port)))
    pooler[-1].stop()


def test_two_servers_that_start_at_once_migrate_once(tmp_path, postgres):
    url, servers = postgres.database("together"), []
    starts = [threading.Thread(target=lambda n=n: servers.append(serve(tmp_path / n, url)))
              for n in ("one", "other")]
    for thread in starts:
        thread.start()
    for thread in starts:
        thread.join()
    assert len(servers) == 2
    for server in servers:
        assert ask(server, "/readyz")[0] == 200
        assert ask(server, None, "Ran")[0] == 201
        ended_well(server)


# ---- nothing acknowledged is lost -------------------------------------------------------------------


def is_there(postgres, url, acknowledged):
    name = url.rsplit("/", 1)[1]
    home, postgres.url = postgres.url, url
    rows = dict(line.split("|", 1) for line in
                postgres.psql("SELECT id, title FROM title").splitlines())
    postgres.url = home
    lost = [film for film in acknowledged if rows.get(film[0]) != film[1]]
    assert not lost, f"{name}: {len(lost)} of {len(acknowledged)} lost: {lost[:5]}"


def test_acknowledged_films_survive_kill_9_on_postgres(tmp_path, postgres, note):
    random.seed(11)
    url, acknowledged = postgres.database("killed"), []
    for number in range(KILLS):
        server = serve(tmp_path / str(number), url)
        acknowledged += kill_under_load(server, number)
    is_there(postgres, url, acknowledged)
    note(f"{KILLS} servers killed, {len(acknowledged)} acknowledged films, none lost")


def write_on(server, name, acknowledged, refused, over):
    """Films one after the other, whatever is answered."""
    n = 0
    with server.client() as client:
        while not over.is_set():
            n += 1
            answer = client.send(film(f"{name} {n}", server.token)).answer()
            if answer.status == 201:
                acknowledged.append((json.loads(answer.body)["id"], f"{name} {n}"))
            else:
                assert answer.status == 503, answer
                refused.append(answer.json["code"])


def test_acknowledged_films_survive_a_fall_of_postgres(tmp_path, postgres, note):
    random.seed(12)
    url, acknowledged, refused, over = postgres.database("falls"), [], [], threading.Event()
    server = serve(tmp_path / "server", url)
    writers = [threading.Thread(target=write_on, args=(server, f"Writer {w}", acknowledged,
                                                       refused, over)) for w in range(8)]
    for writer in writers:
        writer.start()
    for _ in range(FALLS):
        time.sleep(0.5 + random.random())
        postgres.fall()
        time.sleep(random.random())
        postgres.rise()
        is_back(server)
    over.set()
    for writer in writers:
        writer.join()
    is_there(postgres, url, acknowledged)
    ended_well(server)
    note(f"{FALLS} falls of PostgreSQL, {len(acknowledged)} acknowledged films, none lost;"
         f" {len(refused)} refused: {', '.join(sorted(set(refused)))}")
    assert len(acknowledged) > 8 and refused


if DEEP:  # a few kills are in tests/http/durability_test.py
    def test_acknowledged_films_survive_many_kills_on_sqlite(tmp_path, note):
        random.seed(13)
        acknowledged = []
        for number in range(KILLS):
            acknowledged += kill_under_load(Server(tmp_path), number)
        server = Server(tmp_path)
        with server.client() as client:
            for id_, title in acknowledged:
                head = f"GET /v1/movies/{id_} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
                assert client.send(head).answer().json["title"] == title
        assert server.stop(signal.SIGTERM) == 0
        note(f"{KILLS} servers killed on SQLite, {len(acknowledged)} acknowledged films, none lost")
