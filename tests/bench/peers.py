"""peers.py - the servers that are measured: ours, nginx, PocketBase, PostgreSQL. Each is started in a
folder of its own when a row first needs it."""
import json
import os
import random
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

from machine import Failure, Server, ask, free_port, run, say

ROOT = Path(__file__).resolve().parent.parent.parent
POCKETBASE = "0.39.11"  # the newest that Go 1.26 builds


def environment(data, **more):
    """Without settings that somebody else's shell has."""
    env = {n: v for n, v in os.environ.items() if not n.startswith("CINEMA_") and n != "DATABASE_URL"}
    # Counted like everywhere, but one machine asks for more than a minute's worth each second.
    return env | {"CINEMA_DATA_DIR": str(data), "CINEMA_LIMIT_REQUESTS_ADDRESS": "1000000/1s"} | more


class Cinema:
    def __init__(self, binary, data, work, name, **settings):
        self.data, self.port = Path(data), free_port()
        self.server = Server([binary, "serve", "--listen", f"127.0.0.1:{self.port}"], self.port,
                             work / f"{name}.log", environment(data, **settings))
        self.pid, self.stop = self.server.pid, self.server.stop

    def ready(self):
        self.server.wait("/healthz")
        return self

    def token(self):
        return (self.data / "setup-token").read_text().strip()


def copy_database(source, target):
    """A data folder with the database of another that nobody writes to."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    for path in filter(Path.is_file, target.rglob("*")):  # what follows should not pay for writing this back
        with open(path, "rb+") as f:
            os.fsync(f.fileno())
    return target


# ---- nginx ---------------------------------------------------------------------------------------------

NGINX = """
daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log; {user}
events {{ worker_connections 1024; }}
http {{
  default_type application/json; sendfile on; keepalive_requests 1000000000; keepalive_timeout 300;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port}; root {folder}/www;
    access_log {folder}/access.log combined buffer=64k flush=1s; }}
  server {{ listen 127.0.0.1:{each}; root {folder}/www; access_log {folder}/each.log combined; }}
}}
"""


class Nginx:
    """Static files. `port` gathers its log as we do, `each` writes a line at a time, as it comes."""

    def __init__(self, work):
        folder = work / "nginx"
        (folder / "www").mkdir(parents=True)
        self.www, self.port, self.each = folder / "www", free_port(), free_port()
        (folder / "conf").write_text(NGINX.format(
            folder=folder, port=self.port, each=self.each,
            user="user root;" if os.getuid() == 0 else ""))
        (self.www / "healthz").write_text(("x" * 99) + "\n")
        binary = shutil.which("nginx") or "/usr/sbin/nginx"
        self.server = Server([binary, "-p", folder, "-e", folder / "start.log", "-c", folder / "conf"],
                             self.port, work / "nginx.log")
        self.pid, self.stop = self.server.pid, self.server.stop
        self.server.wait("/healthz")

    def keep(self, path, body):
        file = self.www / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)


# ---- PocketBase ----------------------------------------------------------------------------------------

FIELDS = [{"name": n, "type": "text", "max": 20000} for n in
          ("title", "slug", "sort_key", "overview", "original_title", "language", "status", "poster_url")]
FIELDS += [{"name": n, "type": "number"} for n in ("year", "popularity", "rating", "votes")]
FIELDS += [{"name": n, "type": "json"} for n in ("genres", "cast")]
FIELDS += [{"name": "created", "type": "autodate", "onCreate": True},
           {"name": "updated", "type": "autodate", "onCreate": True, "onUpdate": True}]
INDEXES = ["CREATE UNIQUE INDEX movies_slug ON movies (slug)",
           "CREATE INDEX movies_sort_key ON movies (sort_key)"]
MAIL, PASSWORD = "bench@example.org", "bench-bench-bench"


def pocketbase_binary():
    """Built once into a folder outside the tree."""
    cache = Path(os.environ.get("CINEMA_BENCH_CACHE") or Path.home() / ".cache/cinema-bench")
    binary = cache / f"pocketbase-{POCKETBASE}" / "base"
    if binary.exists():
        return binary
    if not shutil.which("go"):
        raise Failure("no go, which builds it")
    say(f"building PocketBase {POCKETBASE} (once, some minutes)")
    module = f"github.com/pocketbase/pocketbase/examples/base@v{POCKETBASE}"
    try:
        run("nice", "go", "install", module, timeout=1800,
            env=os.environ | {"GOBIN": str(binary.parent), "GOFLAGS": "-modcacherw"})
    except subprocess.TimeoutExpired:
        raise Failure("go install took too long") from None
    return binary


class PocketBase:
    def __init__(self, binary, data, work, name):
        self.data, self.port = Path(data), free_port()
        self.server = Server([binary, "serve", "--dir", data, "--http", f"127.0.0.1:{self.port}"],
                             self.port, work / f"{name}.log", cwd=work)
        self.pid, self.stop = self.server.pid, self.server.stop

    def ready(self):
        self.server.wait("/api/health")
        return self

    def post(self, path, body, token=None):
        answer = ask(self.port, path, "POST", {"Authorization": token} if token else {},
                     json.dumps(body).encode())
        if not answer or answer[0] >= 300:
            raise Failure(f"PocketBase {path}: {answer}")
        return json.loads(answer[2])


def pocketbase_data(binary, folder, work, titles):
    """A data folder with the titles in a collection `movies` that everybody may read and add to: made
    through its API, filled through its file. The record ids by slug."""
    run(binary, "superuser", "upsert", MAIL, PASSWORD, "--dir", folder, cwd=work)
    peer = PocketBase(binary, folder, work, "pocketbase-make").ready()
    try:
        token = peer.post("/api/collections/_superusers/auth-with-password",
                          {"identity": MAIL, "password": PASSWORD})["token"]
        peer.post("/api/collections", {"name": "movies", "type": "base", "listRule": "", "viewRule": "",
                                       "createRule": "", "fields": FIELDS, "indexes": INDEXES}, token)
    finally:
        peer.stop()
    rng = random.Random(1902)
    now = time.strftime("%Y-%m-%d %H:%M:%S.000Z", time.gmtime())
    ids = {t["slug"]: "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=15)) for t in titles}
    names = [f["name"] for f in FIELDS[:-2]]
    with sqlite3.connect(folder / "data.db") as db:
        db.executemany(
            f"INSERT INTO movies (id, created, updated, {', '.join(names)})"
            f" VALUES (?, ?, ?, {', '.join('?' * len(names))})",
            ([ids[t["slug"]], now, now] + [t[n] for n in names] for t in titles))
    db.close()
    return ids


# ---- PostgreSQL ----------------------------------------------------------------------------------------

class Postgres:
    """tests/rig/postgres.sh: its data in memory where there is room."""

    def __init__(self, work):
        self.process = subprocess.Popen([ROOT / "tests/rig/postgres.sh"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=open(work / "postgres.log", "w"),
                                        text=True)
        said = {}
        for line in self.process.stdout:
            name, _, value = line.strip().partition("=")
            said[name] = value
            if name == "URL":
                break
        if "URL" not in said:
            self.process.wait()
            raise Failure((work / "postgres.log").read_text().strip() or "it did not start")
        self.url, self.pid = said["URL"], int(said["PID"])
        self.psql = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"))[-1]

    def fresh(self, name):
        """A new, empty database; its URL."""
        run(self.psql, self.url, "-qc", f"DROP DATABASE IF EXISTS {name}", "-c",
            f"CREATE DATABASE {name}")
        return self.url.rsplit("/", 1)[0] + f"/{name}"

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
