"""Limits on requests: of one process, of two that share a Redis, and of both while it is away."""
import os
import signal

from conftest import start  # noqa: F401

LIMIT = 6
PATH = "/openapi.json"


def refused(server):
    return server.get(PATH).status == 429


def allowed(*servers):
    """How many of twenty requests to one after the other are served."""
    return sum(not refused(servers[i % len(servers)]) for i in range(20))


def test_who_asks_too_often_is_told_when_to_come_again(start):
    server = start(CINEMA_LIMIT_REQUESTS_ADDRESS=f"{LIMIT}/1h")
    first = server.get(PATH)
    assert first["ratelimit-policy"] == f'"requests";q={LIMIT};w=3600'
    assert first["ratelimit"].startswith(f'"requests";r={LIMIT - 1};t=')
    assert allowed(server) == LIMIT - 1
    answer = server.get(PATH)
    assert (answer.status, answer.json["code"]) == (429, "limited")
    assert 0 < int(answer["retry-after"]) <= 3600 / LIMIT
    assert answer["content-type"] == "application/problem+json"
    assert server.get("/healthz").status == 200
    assert server.get("/metrics").status == 200


def test_the_limit_can_be_off(start):
    server = start(CINEMA_LIMIT_REQUESTS_ADDRESS="off")
    assert server.get(PATH)["ratelimit"] is None
    assert allowed(server) == 20


def test_two_processes_on_one_redis_count_together(start, redis):
    settings = {"CINEMA_LIMIT_REQUESTS_ADDRESS": f"{LIMIT}/1d", "CINEMA_REDIS_URL": redis.url}
    servers = start(**settings), start(**settings)
    assert allowed(*servers) == LIMIT
    assert all(refused(server) for server in servers)


def test_while_redis_is_away_each_process_counts_by_itself(start, redis):
    settings = {"CINEMA_LIMIT_REQUESTS_ADDRESS": f"{LIMIT}/1d", "CINEMA_REDIS_URL": redis.url}
    servers = start(**settings), start(**settings)
    assert allowed(*servers) == LIMIT
    redis.stop()
    assert [allowed(server) for server in servers] == [LIMIT, LIMIT]
    assert "counts limits by itself" in servers[0].log


def test_a_redis_that_hangs_does_not_keep_requests_from_being_answered(start, redis):
    server = start(CINEMA_LIMIT_REQUESTS_ADDRESS=f"{LIMIT}/1d", CINEMA_REDIS_URL=redis.url)
    assert server.get(PATH).status == 200
    os.kill(redis.pid, signal.SIGSTOP)
    try:
        assert allowed(server) == LIMIT
        assert server.get("/healthz").status == 200
    finally:
        os.kill(redis.pid, signal.SIGCONT)


# --- behind proxies ------------------------------------------------------------------------------
def test_behind_a_proxy_each_client_counts_by_itself(start):
    server = start(CINEMA_LIMIT_REQUESTS_ADDRESS="1/1h", CINEMA_TRUSTED_PROXIES="127.0.0.0/8 ::1")
    def status(forwarded):
        return server.get(PATH, f"X-Forwarded-For: {forwarded}").status
    assert [status("192.0.2.7"), status("192.0.2.7"), status("192.0.2.8")] == [200, 429, 200]
    assert status("198.51.100.1, 192.0.2.7") == 429  # what the client has written itself
    lines = server.lines('"address":"192.0.2.7"', '"address":"192.0.2.8"')
    assert {line["address"] for line in lines} == {"192.0.2.7", "192.0.2.8"}


def test_a_header_is_not_believed_where_no_proxy_is_trusted(start):
    server = start(CINEMA_LIMIT_REQUESTS_ADDRESS="1/1h", CINEMA_TRUSTED_PROXIES="192.0.2.1")
    assert server.get(PATH, "X-Forwarded-For: 192.0.2.7").status == 200
    assert server.get(PATH, "X-Forwarded-For: 192.0.2.8").status == 429
    assert server.lines('"status":429')[0]["address"] == "127.0.0.1"


def test_connections_of_a_proxy_are_not_those_of_one_client(start):
    server = start(CINEMA_LIMIT_CONNECTIONS_ADDRESS="2", CINEMA_TRUSTED_PROXIES="127.0.0.1")
    clients = [server.client() for _ in range(5)]
    question = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert all(client.send(question).answer().status == 200 for client in clients)
