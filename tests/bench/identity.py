"""identity.py - rows of accounts: who am I, refresh, signing in, a request that the limit refuses."""
import json
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import peers
from machine import CALLERS, Failure, ask, cpu_seconds, healthz_while, load, peak, thread_seconds

HERE = Path(__file__).resolve().parent
PASSWORD = "the last reel of a film that was never shown"
MOST = "1000000/1s"
# Counted as everywhere; tokens that are read in turn last as long as the run; nobody reads mail.
SETTINGS = {"CINEMA_LIMIT_REGISTER_ADDRESS": MOST, "CINEMA_LIMIT_SIGN_IN_ACCOUNT": MOST,
            "CINEMA_LIMIT_SIGN_IN_ADDRESS": MOST, "CINEMA_EMAIL_VERIFICATION": "optional",
            "CINEMA_PUBLIC_URL": "https://films.example", "CINEMA_ACCESS_TTL_S": "86400",
            "CINEMA_OUTBOX": "off"}


def address(n):
    return f"visitor-{n}@films.example"


def post(server, path, body=None, token=None):
    """The answer's JSON; what is not a success is a failure of the row."""
    answer = ask(server.port, path, "POST", {"Authorization": f"Bearer {token}"} if token else {},
                 json.dumps(body or {}).encode())
    if not answer or answer[0] >= 300:
        raise Failure(f"{path}: {str(answer)[:300]}")
    return json.loads(answer[2] or "{}")


def credentials(n):
    return {"email": address(n), "password": PASSWORD}


def server_of(b):
    """A server with as many accounts as there are callers."""
    def make():
        server = b.started(peers.Cinema(b.binary, peers.copy_database(b.imported(), b.work / "people"),
                                        b.work, "people", **SETTINGS)).ready()
        for n in range(CALLERS):
            post(server, "/v1/auth/register", credentials(n) | {"name": f"Visitor {n}"})
        return server
    return b.once("cinema with accounts", make)


def query(server, sql):
    with closing(sqlite3.connect(server.data / "cinema.db")) as db:
        return db.execute(sql).fetchone()[0]


def sign_in(server, n):
    return post(server, "/v1/auth/login", credentials(n))


def seen_once(path, status, headers, body):
    return status == 200 and json.loads(body)["name"].startswith("Visitor")


def movies(b):
    return [[f"/v1/movies/{s}"] for s in b.slugs()]


# ---- PocketBase ----------------------------------------------------------------------------------------

def pocketbase_people(b):
    """Id and token of as many users."""
    def make():
        peer, found = b.pocketbase(), []
        for n in range(CALLERS):
            peer.post("/api/collections/users/records",
                      {"email": address(n), "password": PASSWORD, "passwordConfirm": PASSWORD,
                       "name": f"Visitor {n}"})
            r = peer.post("/api/collections/users/auth-with-password",
                          {"identity": address(n), "password": PASSWORD})
            found.append((r["record"]["id"], "Authorization: " + r["token"]))
        return found
    return b.once("pocketbase people", make)


# ---- with a token --------------------------------------------------------------------------------------

def revoked(server):
    """What is measured sees the end of a session at once: else it would be another figure."""
    token = sign_in(server, 0)["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    before = ask(server.port, "/v1/me", headers=header)
    ask(server.port, "/v1/auth/logout", "POST", header)
    after = ask(server.port, "/v1/me", headers=header)
    if not before or not after or (before[0], after[0]) != (200, 401):
        raise Failure(f"/v1/me before and after signing out: {str(before)[:200]}, {str(after)[:200]}")


def who_am_i(b):
    def items():
        def make():
            revoked(server_of(b))
            tokens = [sign_in(server_of(b), n)["access_token"] for n in range(CALLERS)]
            return [["/v1/me", f"Authorization: Bearer {t}"] for t in tokens]
        return b.once("access tokens", make)

    def in_process():
        return b.tool("read", "http", 1, b.loop_seconds, b.work / "whoami.requests",
                      env=peers.environment(server_of(b).data, **SETTINGS))

    def pocketbase():
        paths = [[f"/api/collections/users/records/{i}", t] for i, t in pocketbase_people(b)]
        return b.requests(b.pocketbase(), "pb-whoami", paths, seen_once)
    return {"cinema": lambda: b.requests(server_of(b), "whoami", items(), seen_once),
            "http": in_process, "pocketbase": pocketbase}


def refresh(b):
    """Each caller goes on with the token that it got. PocketBase's only signs another: nothing is written."""
    def cinema():
        server = server_of(b)
        bodies = [json.dumps({"refresh_token": sign_in(server, n)["refresh_token"]}) for n in range(CALLERS)]
        before = query(server, "SELECT sum(counter) FROM session")
        sample = load(server, "/v1/auth/refresh", b.seconds, CALLERS, HERE / "post.lua",
                      [b.lines("refresh.bodies", bodies), "refresh_token"])
        turned = query(server, "SELECT sum(counter) FROM session") - before
        if not sample["requests"] <= turned <= sample["requests"] + CALLERS:
            raise Failure(f"{sample['requests']} refreshed, but {turned} are there")
        return sample

    def pocketbase():
        file = b.lines("pb-refresh.requests", (f"POST /api/collections/users/auth-refresh\t{t}"
                                               for _, t in pocketbase_people(b)))
        return load(b.pocketbase(), "/", b.seconds, CALLERS, HERE / "requests.lua", [file])
    return {"cinema": cinema, "pocketbase": pocketbase}


# ---- signing in ----------------------------------------------------------------------------------------

def flood(b, server, seconds):
    file = b.once("credentials", lambda: b.lines("login.bodies", (json.dumps(credentials(n))
                                                                   for n in range(CALLERS))))
    return load(server, "/v1/auth/login", seconds, CALLERS, HERE / "post.lua", [file])


def reads_beside(b, server):
    """Films read, and /healthz asked, while as many sign in as will. The CPU time of the threads that hash is
    not the reads'."""
    failed = []

    def others():
        try:
            flood(b, server, b.seconds + 1)
        except Failure as e:
            failed.append(e)
    thread = threading.Thread(target=others)
    thread.start()
    try:
        hashing, all_of_it = thread_seconds(server.pid, "hash"), cpu_seconds(server.pid)
        s, p99 = healthz_while(server, lambda: b.requests(server, "reads", movies(b)))
        hashing = thread_seconds(server.pid, "hash") - hashing
        all_of_it = cpu_seconds(server.pid) - all_of_it
    finally:
        thread.join()
    if failed:
        raise failed[0]
    left = os.cpu_count() - hashing / b.seconds
    return {"us": (all_of_it - hashing) * 1e6 / s["requests"], "healthz_p99_ms": p99,
            "rps": s["rps"] / left, "hashing": hashing / b.seconds}


def signing_in(b):
    def hashes():
        stored = query(server_of(b), "SELECT password FROM account WHERE password IS NOT NULL")
        return b.tool("hash", hashers(), b.loop_seconds, PASSWORD, stored)

    def cinema():
        found = {}
        memory = peak(server_of(b), lambda: found.update(flood(b, server_of(b), b.seconds)))
        return found | {"loaded_mib": memory, "above_hashing_mib": memory - 19 * hashers()}

    def alone():
        s, p99 = healthz_while(server_of(b), lambda: b.requests(server_of(b), "reads", movies(b)))
        return {"us": s["us"], "rps": s["rps"] / os.cpu_count(), "healthz_p99_ms": p99}
    return {"hashes": hashes, "cinema": cinema, "alone": alone,
            "beside": lambda: reads_beside(b, server_of(b))}


def hashers():
    return max(1, os.cpu_count() - 1)  # as cinema serve has them


# ---- refused -------------------------------------------------------------------------------------------

def refused(b):
    def server():
        def make():
            there = b.started(peers.Cinema(b.binary, peers.copy_database(b.imported(), b.work / "refused"),
                                           b.work, "refused", CINEMA_LIMIT_REQUESTS_ADDRESS="1/1d")).ready()
            statuses = [ask(there.port, movies(b)[0][0])[0] for _ in range(2)]
            if statuses != [200, 429]:
                raise Failure(f"the second request should be refused: {statuses}")
            return there
        return b.once("cinema that refuses", make)

    def sample():
        file = b.once("refused.requests", lambda: b.lines("refused.requests",
                                                          ("GET " + p for p, in movies(b))))
        return load(server(), "/", b.seconds, script=HERE / "requests.lua", arguments=[file], refused=True)
    return {"cinema": sample}
