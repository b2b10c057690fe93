"""rows.py - what is measured: each row a name, and for each contender a function that takes one sample
(a dict of figures). Contenders of a row run one after the other in each round."""
import json
import random
import re
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import data
import identity
import peers
from machine import (CALLERS, CONNECTIONS, Failure, Server, ask, cpu_ms_precise, cpu_seconds, free_port,
                     healthz_while, load, peak, private_mib, run, say, timed_cpu)

HERE = Path(__file__).resolve().parent
SAMPLE = 500   # films that are read in turn
LIST = "/v1/movies?limit=20"
SUMMARY = "id,slug,title,year,genres,rating,poster_url"
DEEP, MANY = 500, 1000  # the page that is far down; connections
DELAY_MS, FAR = 5, 8    # of the database that is far away, and how many connections a handle has to it
NAMES = ["healthz", "movie", "list", "total", "304", "insert", "search", "deep", "many", "checks", "far",
         "whoami", "refresh", "signin", "refused", "start", "import", "postgres"]
THREADS = [1, 2, 4]


class Bench:
    """Everything the rows share, made when it is first needed."""

    def __init__(self, build, work, seconds, rows):
        self.binary, self.tools = build / "cinema", build / "bench"
        self.work, self.seconds, self.titles = work, seconds, rows
        self.loop_seconds = max(1, seconds // 2)  # a loop in C needs less of it to be steady
        self.made, self.running, self.skips = {}, [], {}

    def once(self, name, make):
        """What `make` gives; a failure is kept too, so that it is not tried each round."""
        if name not in self.made:
            try:
                self.made[name] = make()
            except Failure as e:
                self.made[name] = e
        if isinstance(self.made[name], Failure):
            raise self.made[name]
        return self.made[name]

    def started(self, server):
        self.running.append(server)
        return server

    def stop(self):
        for server in reversed(self.running):
            server.stop()

    # ---- data ----------------------------------------------------------------------------------------

    def jsonl(self):
        def make():
            path = self.work / "catalogue.jsonl"
            data.write(self.titles, path)
            return path
        return self.once("jsonl", make)

    def import_into(self, folder, **more):
        """What one import takes: the line of counts on stdout, CPU and wall seconds."""
        shutil.rmtree(folder, ignore_errors=True)
        env = peers.environment(folder, **more)
        run(self.binary, "migrate", env=env)
        return timed_cpu([self.binary, "import", self.jsonl(), "--json", "--quiet", "--report",
                          self.work / "faults.jsonl"], env=env)

    def imported(self):
        """The data folder that all others are copied from."""
        def make():
            say("importing the catalogue")
            folder = self.work / "imported"
            counts = json.loads(self.import_into(folder)[0])
            if counts["created"] < len(self.titles) * 0.99:
                raise Failure(f"the import took {counts['created']} of {len(self.titles)} titles")
            with closing(sqlite3.connect(folder / "cinema.db")) as db:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return folder
        return self.once("imported", make)

    def query(self, sql):
        with closing(sqlite3.connect(self.imported() / "cinema.db")) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(sql)]

    def slugs(self):
        """Films with text and cast, chosen once for all."""
        def make():
            rows = self.query(
                "SELECT slug FROM title t WHERE kind = 'movie' AND overview IS NOT NULL AND EXISTS"
                " (SELECT 1 FROM credit c WHERE c.title_nr = t.nr) ORDER BY slug")
            return random.Random(1949).sample([r["slug"] for r in rows], SAMPLE)
        return self.once("slugs", make)

    def slug_file(self):
        return self.once("slug file", lambda: self.lines("slugs", self.slugs()))

    def lines(self, name, items):
        path = self.work / name
        path.write_text("".join(f"{i}\n" for i in items))
        return path

    # ---- servers -------------------------------------------------------------------------------------

    def cinema(self):
        def make():
            folder = peers.copy_database(self.imported(), self.work / "cinema")
            server = self.started(peers.Cinema(self.binary, folder, self.work, "cinema"))
            return server.ready()
        return self.once("cinema", make)

    def nginx(self):
        return self.once("nginx", lambda: self.started(peers.Nginx(self.work)))

    def pocketbase_binary(self):
        return self.once("pocketbase binary", peers.pocketbase_binary)

    def pocketbase_seeded(self):
        def make():
            say("filling PocketBase")
            casts = {}
            for r in self.query("SELECT c.title_nr, p.name FROM credit c JOIN person p ON"
                                " p.nr = c.person_nr ORDER BY c.title_nr, c.part, c.ordinal"):
                casts.setdefault(r["title_nr"], []).append(r["name"])
            rows = self.query("SELECT * FROM title WHERE kind IN ('movie', 'series')")
            for r in rows:
                r["cast"] = json.dumps(casts.get(r["nr"], []))
                r["genres"] = json.dumps(r["genres"].split())
                for name in ("overview", "original_title", "language", "poster_url"):
                    r[name] = r[name] or ""
            folder = self.work / "pocketbase-seeded"
            return folder, peers.pocketbase_data(self.pocketbase_binary(), folder, self.work, rows)
        return self.once("pocketbase seeded", make)

    def pocketbase(self):
        def make():
            folder = peers.copy_database(self.pocketbase_seeded()[0], self.work / "pocketbase")
            return self.started(peers.PocketBase(self.pocketbase_binary(), folder, self.work,
                                                 "pocketbase")).ready()
        return self.once("pocketbase", make)

    def postgres(self):
        return self.once("postgres", lambda: self.started(peers.Postgres(self.work)))

    # ---- samples -------------------------------------------------------------------------------------

    def requests(self, server, name, items, check=None, connections=CONNECTIONS):
        """Load of requests from a list of (path, header…), each looked at before."""
        def make():
            for path, *headers in items if check else []:
                answer = ask(server.port, path, headers=dict(h.split(": ", 1) for h in headers))
                if not answer or not check(path, *answer):
                    raise Failure(f"{path}: not what was expected: {str(answer)[:300]}")
            file = self.lines(f"{name}.requests", ("\t".join(["GET " + p, *h]) for p, *h in items))
            load(server, "/", 1, connections, HERE / "requests.lua", [file], warm=True)
            return file
        file = self.once(f"requests {name}", make)
        return load(server, "/", self.seconds, connections, HERE / "requests.lua", [file])

    def tool(self, name, *arguments, env=None):
        """A loop in C: it prints how many, CPU and wall microseconds."""
        count, cpu, wall = map(int, run(self.tools / name, *arguments, env=env).split())
        return {"us": cpu / count, "rps": count * 1e6 / wall}

    def raw(self, *arguments):
        return self.tool("raw", *arguments)

    def in_process(self, how, file, threads=1):
        """cinema_http (or cinema_movie_get) without a server, on the server's database."""
        return self.tool("read", how, threads, self.loop_seconds, file,
                         env=peers.environment(self.cinema().data))


# ---- reading -------------------------------------------------------------------------------------------

def ok(path, status, headers, body):
    return status == 200 and body


def twenty(path, status, headers, body):
    return status == 200 and len(json.loads(body)["items"]) == 20


def kept(b, paths, name=lambda path: path):
    """nginx serves the very bytes that we answered."""
    def make():
        for path in paths:
            answer = ask(b.cinema().port, path)
            if not answer or answer[0] != 200:
                raise Failure(f"{path}: {str(answer)[:300]}")
            b.nginx().keep(name(path), answer[2])
        return [[name(path)] for path in paths]
    return b.once(f"kept {paths[0]}", make)


class Each:
    """nginx with a log line written at a time, its default."""

    def __init__(self, nginx):
        self.port, self.pid = nginx.each, nginx.pid


def healthz(b):
    def nginx(server):
        return b.requests(server, f"healthz-{server.port}", [["/healthz"]], ok)
    return {
        "cinema": lambda: b.requests(b.cinema(), "healthz", [["/healthz"]], ok),
        "http": lambda: b.in_process("http", b.work / "healthz.requests"),
        "nginx": lambda: nginx(b.nginx()),
        "nginx_each": lambda: nginx(Each(b.nginx())),
        "pocketbase": lambda: b.requests(b.pocketbase(), "pb-healthz", [["/api/health"]], ok),
    }


def movie(b):
    def paths():
        return [f"/v1/movies/{s}" for s in b.slugs()]

    def database():
        return b.cinema().data / "cinema.db"

    def pocketbase():
        server, ids = b.pocketbase(), b.pocketbase_seeded()[1]
        items = [[f"/api/collections/movies/records/{ids[s]}"] for s in b.slugs()]
        return b.requests(server, "pb-movie", items, ok)
    return {
        "cinema": lambda: b.requests(b.cinema(), "movie", [[p] for p in paths()], ok),
        "http": lambda: b.in_process("http", b.work / "movie.requests"),
        "nginx": lambda: b.requests(b.nginx(), "nginx-movie", kept(b, paths()), ok),
        "nginx_each": lambda: b.requests(Each(b.nginx()), "each-movie", kept(b, paths()), ok),
        "sqlite": lambda: b.raw("get", database(), b.loop_seconds, b.slug_file()),
        "library": lambda: b.in_process("get", b.slug_file()),
        "pocketbase": pocketbase,
    }


def a_list(b, name, path, query, raw):
    return {
        "cinema": lambda: b.requests(b.cinema(), name, [[path]], twenty),
        "http": lambda: b.in_process("http", b.work / f"{name}.requests"),
        "nginx": lambda: b.requests(b.nginx(), f"nginx-{name}", kept(b, [path], lambda p: f"/{name}"), ok),
        "sqlite": lambda: b.raw(raw, b.cinema().data / "cinema.db", b.loop_seconds),
        "pocketbase": lambda: b.requests(
            b.pocketbase(), f"pb-{name}",
            [[f"/api/collections/movies/records?perPage=20&sort=sort_key&fields={SUMMARY}{query}"]],
            twenty),
    }


def not_modified(b):
    def cinema():
        def make():
            items = []
            for slug in b.slugs():
                path = f"/v1/movies/{slug}"
                items.append([path, "If-None-Match: " + ask(b.cinema().port, path)[1]["etag"]])
            return items
        items = b.once("tags", make)
        return b.requests(b.cinema(), "304", items, lambda p, status, h, body: status == 304)
    return {"cinema": cinema, "http": lambda: b.in_process("http", b.work / "304.requests"),
            "sqlite": lambda: b.raw("version", b.cinema().data / "cinema.db", b.loop_seconds,
                                    b.slug_file())}


def search(b, kind):
    words = b.once("words", lambda: data.search_words(b.titles))[kind]

    def has(path, status, headers, body):
        return status == 200 and bool(json.loads(body)["items"]) == (kind != "none")

    def pocketbase(word):
        found = " || ".join(f'{field} ~ "{word}"' for field in ("title", "overview", "cast"))
        return (f"/api/collections/movies/records?perPage=20&skipTotal=1&fields={SUMMARY}"
                f"&filter={quote(found)}")
    return {
        "cinema": lambda: b.requests(b.cinema(), f"search-{kind}",
                                     [[f"/v1/search?q={w}"] for w in words], has),
        "http": lambda: b.in_process("http", b.work / f"search-{kind}.requests"),
        # It reads every title for a word that is rare: 64 at once would wait for seconds.
        "pocketbase": lambda: b.requests(b.pocketbase(), f"pb-search-{kind}",
                                         [[pocketbase(w)] for w in words[:40]], has, connections=4),
    }


# ---- the same answer in another situation: "cinema" beside "plain" ------------------------------------------

def deep_page(b):
    """Page 500 by its cursor, beside page 1."""
    def path():
        def make():
            cursor = ""
            for _ in range(DEEP - 1):
                page = json.loads(ask(b.cinema().port, LIST + cursor)[2])
                cursor = "&after=" + quote(page["next"], safe="")
            return LIST + cursor
        return b.once("deep path", make)
    return {"plain": lambda: b.requests(b.cinema(), "page-1", [[LIST]], twenty),
            "cinema": lambda: b.requests(b.cinema(), "page-500", [[path()]], twenty)}


def many_connections(b):
    """One film of many from a thousand connections, beside as many as everywhere else."""
    def server():
        return b.once("cinema for many", lambda: b.started(peers.Cinema(
            b.binary, peers.copy_database(b.imported(), b.work / "many"), b.work, "many",
            CINEMA_LIMIT_CONNECTIONS_ADDRESS="off")).ready())

    def sample(connections):
        paths = [[f"/v1/movies/{s}"] for s in b.slugs()]
        return b.requests(server(), f"movie-{connections}", paths, ok, connections)
    return {"plain": lambda: sample(CONNECTIONS), "cinema": lambda: sample(MANY)}


def checks(b):
    """Access log and limits, beside a server without. Ids and metrics cannot be switched off: they are
    in the column without a socket of healthz."""
    def bare():
        return b.once("cinema without checks", lambda: b.started(peers.Cinema(
            b.binary, peers.copy_database(b.imported(), b.work / "bare"), b.work, "bare",
            CINEMA_LOG="warning", CINEMA_LIMIT_CONNECTIONS_ADDRESS="off",
            CINEMA_LIMIT_REQUESTS_ADDRESS="off")).ready())
    return {"plain": lambda: b.requests(bare(), "healthz-bare", [["/healthz"]], ok),
            "cinema": lambda: b.requests(b.cinema(), "healthz-checked", [["/healthz"]], ok)}


def far_database(b):
    """PostgreSQL behind a delay: what 32 callers get of connections / delay, and what /healthz feels."""
    def server():
        def make():
            there = postgres_url(b)
            port = free_port()
            b.started(Server([b.tools / "delay", port, re.search(r":(\d+)/", there).group(1), DELAY_MS],
                             port, b.work / "delay.log"))
            url = re.sub(r"@[^/]*/", f"@127.0.0.1:{port}/", there)
            return b.started(peers.Cinema(b.binary, b.work / "far", b.work, "far",
                                          CINEMA_DATABASE_URL=url)).ready()
        return b.once("far", make)

    def sample():
        paths = [[f"/v1/movies/{s}"] for s in b.slugs()]
        b.requests(server(), "far", paths[:1], ok, CALLERS)
        s, p99 = healthz_while(server(), lambda: b.requests(server(), "far-movie", paths, ok, CALLERS))
        return s | {"us": FAR * 1000 / DELAY_MS / s["rps"], "healthz_p99_ms": p99}
    return {"cinema": sample}


# ---- writing -------------------------------------------------------------------------------------------

def count_of(path, sql):
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchone()[0]


def insert(b):
    rounds = iter(range(10000))

    def post(server, file, sql, path, token, slug):
        try:
            before = count_of(file, sql)
            script = [path, token, f"of Round {next(rounds)}", slug]
            sample = load(server, "/", b.seconds, CALLERS, HERE / "insert.lua", script)
            grown = count_of(file, sql) - before
            if not sample["requests"] <= grown <= sample["requests"] + CALLERS:
                raise Failure(f"{sample['requests']} acknowledged, but {grown} are there")
            sample["loaded_mib"] = private_mib(server.pid, server.data)
            return sample
        finally:
            server.stop()

    def cinema():
        folder = peers.copy_database(b.imported(), b.work / "insert")
        server = b.started(peers.Cinema(b.binary, folder, b.work, "insert")).ready()
        return post(server, folder / "cinema.db", "SELECT count(*) FROM title", "/v1/movies",
                    server.token(), "-")

    def pocketbase():
        folder = peers.copy_database(b.pocketbase_seeded()[0], b.work / "pocketbase-insert")
        server = b.started(peers.PocketBase(b.pocketbase_binary(), folder, b.work,
                                            "pocketbase-insert")).ready()
        return post(server, folder / "data.db", "SELECT count(*) FROM movies",
                    "/api/collections/movies/records", "-", "slug")

    def raw(group):
        folder = peers.copy_database(b.imported(), b.work / "insert-raw")
        return b.raw("insert", folder / "cinema.db", b.seconds, group)
    return {"cinema": cinema, "sqlite": lambda: raw(CALLERS), "sqlite_alone": lambda: raw(1),
            "pocketbase": pocketbase}


# ---- the process ---------------------------------------------------------------------------------------

def stripped_mib(binary, work):
    out = work / "stripped"
    run("strip", "-o", out, binary)
    return out.stat().st_size / (1 << 20)


def start(b):
    def alone(binary):
        """A copy of its own, so that its pages are not shared with the other servers of this run."""
        def make():
            return Path(shutil.copy(binary, b.work / f"alone-{binary.name}"))
        return b.once(f"alone {binary}", make)

    def sample(make, health, first, mix):
        server = b.started(make())
        try:
            server.server.wait(health)
            started = cpu_ms_precise(server.pid)
            wall = (time.monotonic() - server.server.begun) * 1000
            answer = ask(server.port, first)
            if not answer or answer[0] != 200:
                raise Failure(f"{first}: {str(answer)[:300]}")
            read = cpu_ms_precise(server.pid)
            time.sleep(1)
            idle = private_mib(server.pid, server.data)
            file = b.lines("mix.requests", ("GET " + path for path in mix))
            loaded = peak(server, lambda: load(server, "/", b.seconds, CONNECTIONS,
                                               HERE / "requests.lua", [file]))
            return {"start_ms": started, "first_ms": read, "wall_ms": wall, "idle_mib": idle,
                    "loaded_mib": loaded}
        finally:
            server.stop()

    def words():
        return b.once("words", lambda: data.search_words(b.titles))["common"]

    def cinema():
        slugs = b.slugs()
        mix = [f"/v1/movies/{s}" for s in slugs[:40]] + [LIST, LIST + "&total=true"] * 10
        mix += [f"/v1/search?q={w}" for w in words()[:10]]
        b.cinema()  # so that its folder is there
        folder = peers.copy_database(b.imported(), b.work / "start")
        s = sample(lambda: peers.Cinema(alone(b.binary), folder, b.work, "start"), "/healthz", mix[0], mix)
        return s | {"executable_mib": stripped_mib(b.binary, b.work)}

    def pocketbase():
        seeded, ids = b.pocketbase_seeded()
        base = "/api/collections/movies/records"
        mix = [f"{base}/{ids[s]}" for s in b.slugs()[:40]]
        mix += [f"{base}?perPage=20&sort=sort_key", f"{base}?perPage=20&sort=sort_key&skipTotal=1"] * 10
        mix += [f"{base}?perPage=20&skipTotal=1&filter={quote(f'overview ~ {chr(34)}{w}{chr(34)}')}"
                for w in words()[:10]]
        folder = peers.copy_database(seeded, b.work / "pocketbase-start")
        s = sample(lambda: peers.PocketBase(alone(b.pocketbase_binary()), folder, b.work, "pocketbase-start"),
                   "/api/health", mix[0], mix)
        return s | {"executable_mib": stripped_mib(b.pocketbase_binary(), b.work)}
    return {"cinema": cinema, "pocketbase": pocketbase}


# ---- import --------------------------------------------------------------------------------------------

def an_import(b):
    def cinema():
        _, cpu, wall = b.import_into(b.work / "import")
        return {"cpu_s": cpu, "wall_s": wall}

    def floor():
        target = b.work / "floor"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        count, cpu, wall = map(int, run(b.tools / "copy", b.imported() / "cinema.db",
                                        target / "cinema.db").split())
        return {"cpu_s": cpu / 1e6, "wall_s": wall / 1e6, "rows": count}

    def on_postgres():
        pg = b.postgres()
        url = pg.fresh("bench_import")
        before = cpu_seconds(pg.pid)
        _, cpu, wall = b.import_into(b.work / "import-pg", CINEMA_DATABASE_URL=url)
        return {"cpu_s": cpu, "wall_s": wall, "server_s": cpu_seconds(pg.pid) - before}
    return {"cinema": cinema, "sqlite": floor, "postgres": on_postgres}


# ---- PostgreSQL ----------------------------------------------------------------------------------------

ONE_ROW = """\\set nr random({first}, {last})
SELECT nr, id, revision, kind, slug, title, original_title, year, released_on, runtime_minutes, overview,
  language, status, genres, popularity, rating, votes, poster_url, created_at, updated_at
  FROM title WHERE nr = :nr;
"""
# What the library asks for one film, in one pipeline as it does it.
SAME = """\\set nr random({first}, {last})
\\startpipeline
SELECT nr, id, revision, kind, slug, title, original_title, year, released_on, runtime_minutes, overview,
  language, status, genres, popularity, rating, votes, poster_url, created_at, updated_at
  FROM title WHERE nr = :nr;
SELECT x.source, x.value FROM title_external_id x WHERE x.title_nr = :nr ORDER BY x.source;
SELECT c.part, c.role, c.department, p.id, p.slug, p.name FROM credit c JOIN person p
  ON p.nr = c.person_nr WHERE c.title_nr = :nr AND c.ordinal < 20 ORDER BY c.part, c.ordinal;
\\endpipeline
"""


def postgres_url(b):
    """A database with the catalogue in it."""
    def make():
        say("importing the catalogue into PostgreSQL")
        pg = b.postgres()
        there = pg.fresh("bench_read")
        b.import_into(b.work / "read-pg", CINEMA_DATABASE_URL=there)
        run(pg.psql, there, "-qc", "VACUUM ANALYZE")
        first, last = run(pg.psql, there, "-Atc", "SELECT min(nr), max(nr) FROM title").strip().split("|")
        for name, script in (("one", ONE_ROW), ("same", SAME)):
            (b.work / f"{name}.pgbench").write_text(script.format(first=first, last=last))
        return there
    return b.once("postgres url", make)


def postgres(b, threads):
    def cinema():
        return b.tool("read", "get", threads, b.seconds, b.slug_file(),
                      env=peers.environment(b.work / "read-pg", CINEMA_DATABASE_URL=postgres_url(b)))

    def pgbench(name):
        there = postgres_url(b)
        out, cpu, _ = timed_cpu([b.postgres().psql.parent / "pgbench", "-n", "-M", "prepared", "-c", threads,
                                 "-j", threads, "-T", b.seconds, "-f", b.work / f"{name}.pgbench", there])
        count = int(re.search(r"actually processed: (\d+)", out).group(1))
        return {"us": cpu * 1e6 / count, "rps": count / b.seconds}
    return {"cinema": cinema, "pgbench": lambda: pgbench("one"), "pgbench_same": lambda: pgbench("same")}


def rows(b, names):
    """The rows asked for: a name, and its contenders."""
    known = {
        "healthz": [("healthz", lambda: healthz(b))],
        "movie": [("movie", lambda: movie(b))],
        "list": [("list", lambda: a_list(b, "list", LIST, "&skipTotal=1", "list"))],
        "total": [("total", lambda: a_list(b, "total", LIST + "&total=true", "", "total"))],
        "304": [("304", lambda: not_modified(b))],
        "insert": [("insert", lambda: insert(b))],
        "search": [(f"search {kind}", lambda kind=kind: search(b, kind))
                   for kind in ("common", "rare", "none")],
        "deep": [("deep", lambda: deep_page(b))],
        "many": [("many", lambda: many_connections(b))],
        "checks": [("checks", lambda: checks(b))],
        "far": [("far", lambda: far_database(b))],
        "whoami": [("whoami", lambda: identity.who_am_i(b))],
        "refresh": [("refresh", lambda: identity.refresh(b))],
        "signin": [("signin", lambda: identity.signing_in(b))],
        "refused": [("refused", lambda: identity.refused(b))],
        "start": [("start", lambda: start(b))],
        "import": [("import", lambda: an_import(b))],
        "postgres": [(f"postgres {n}", lambda n=n: postgres(b, n)) for n in THREADS],
    }
    return [(name, make()) for n in names for name, make in known[n]]
