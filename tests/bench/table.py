"""table.py - samples into medians, and medians into the table."""
from statistics import median

GOALS = {
    # line: what is compared, the most it may be. A ratio is taken round by round.
    "healthz": [("/nginx", 1.2)],
    "movie": [("us", 24), ("/nginx", 1.8)],
    "list": [("us", 60)],
    "total": [("us", 75)],
    "304": [("/healthz", 1.6)],
    "insert": [("us", 120)],
    "deep": [("/plain", 1.2)],
    "many": [("/plain", 1.4)],
    "checks": [("above plain", 3.0)],
    "far": [("of connections / delay", 0.85)],
    "whoami": [("us", 25)],
    "refresh": [("us", 120)],
    "refused": [("us", 30)],
    "start_ms": [("ms", 15)],
    "idle_mib": [("MiB", 16)],
    "loaded_mib": [("MiB", 40)],
    "executable_mib": [("MiB", 5)],
    "cpu_s": [("/sqlite", 2.0)],
    "postgres": [("/pgbench", 2.0)],
}
REQUESTS = [("GET /healthz", "healthz"), ("one movie, full", "movie"), ("list of 20", "list"),
            ("list of 20 with total", "total"), ("304", "304"), ("insert, durable, 32 callers", "insert"),
            ("search, common word", "search common"), ("search, rare word", "search rare"),
            ("search, no match", "search none"), ("who am I, by a token", "whoami"),
            ("refresh, durable, 32 callers", "refresh"), ("refused by the limit", "refused")]
SITUATIONS = [("page 500 beside page 1", "deep"), ("1,000 connections beside 64", "many"),
              ("log and limits on beside off", "checks")]
PROCESS = [("start to first answer, CPU ms", "start_ms"), ("  and one movie read, CPU ms", "first_ms"),
           ("  wall ms", "wall_ms"), ("idle, private MiB", "idle_mib"),
           ("under load, private MiB", "loaded_mib"), ("executable, stripped, MiB", "executable_mib")]


class Results:
    """results[row][contender]: samples in the order of rounds; None where there is none."""

    def __init__(self):
        self.rows, self.skips = {}, {}

    def add(self, row, contender, sample):
        self.rows.setdefault(row, {}).setdefault(contender, []).append(sample)

    def fail(self, row, contender, why):
        self.skips.setdefault(" ".join(str(why).split())[:300], []).append((row, contender))

    def broken(self):
        """Whether something of ours could not be measured; a peer may be missing."""
        return any(contender == "cinema" for where in self.skips.values() for _, contender in where)

    def values(self, row, contender, figure="us"):
        return [s[figure] for s in self.rows.get(row, {}).get(contender, []) if figure in s]

    def middle(self, row, contender, figure="us"):
        found = self.values(row, contender, figure)
        return median(found) if found else None

    def ratio(self, a, b, figure="us"):
        pairs = list(zip(self.values(*a, figure), self.values(*b, figure)))
        return median(x / y for x, y in pairs) if pairs and all(y for _, y in pairs) else None

    def spread(self):
        """The median row's range of our figure, as a share of its median."""
        found = [(max(v) - min(v)) / median(v) for row in self.rows
                 if len(v := self.values(row, "cinema")) > 1]
        return median(found) if found else 0


def number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def beside(results, row, contender, figure="us"):
    """What the other one takes, and ours divided by it."""
    value = results.middle(row, contender, figure)
    ratio = results.ratio((row, "cinema"), (row, contender), figure)
    return number(value) if ratio is None else f"{number(value)} ({ratio:.2f})"


def judge(results, line, row, figure="us"):
    """Each goal of a line with what came out."""
    said = []
    for what, most in GOALS.get(line, []):
        if what.startswith("/"):
            other = ("healthz", "cinema") if what == "/healthz" else (row, what[1:])
            value = results.ratio((row, "cinema"), other, figure)
            text = f"<= {most}x {what[1:]}"
        else:
            value, text = results.middle(row, "cinema", figure), f"<= {most} {what}"
        if value is not None:
            said.append(f"{text}: {verdict(value <= most)}" + (f" ({value:.2f})" if what.startswith("/") else ""))
    return ", ".join(said)


def layout(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    last = len(widths) - 1
    return ["  ".join(cell.ljust(w) if i in (0, last) else cell.rjust(w)
                      for i, (cell, w) in enumerate(zip(row, widths))).rstrip() for row in rows]


def requests(results):
    rows = [["server CPU, us a request", "cinema", "requests/s", "no socket", "nginx", "SQLite in C",
             "PocketBase", "goal"]]
    for label, row in REQUESTS:
        if row in results.rows:
            rows.append([label, number(results.middle(row, "cinema")),
                         number(results.middle(row, "cinema", "rps")),
                         number(results.middle(row, "http")), beside(results, row, "nginx"),
                         beside(results, row, "sqlite"), beside(results, row, "pocketbase"),
                         judge(results, row, row)])
        if results.values(row, "nginx_each"):
            rows.append(["  nginx, a log line at a time", "", "", "", beside(results, row, "nginx_each"),
                         "", "", ""])
        if results.values(row, "library"):
            rows.append(["  cinema_movie_get", "", "", number(results.middle(row, "library")), "", "", "", ""])
        if results.values(row, "sqlite_alone"):
            rows.append(["  SQLite, one a transaction", "", "", "", "",
                         beside(results, row, "sqlite_alone"), "", ""])
    return rows


def verdict(met):
    return "met" if met else "MISSED"


def at_least(least, value, what=""):
    return f">= {least}{what}: {verdict(value >= least)} ({value:.2f})"


def situations(results):
    rows = [["server CPU, us a request", "cinema", "beside", "goal"]]
    for label, row in SITUATIONS:
        if row not in results.rows:
            continue
        if row == "checks":
            most = GOALS[row][0][1]
            more = median(x - y for x, y in zip(results.values(row, "cinema"), results.values(row, "plain")))
            goal = f"<= {most} us more: {verdict(more <= most)} ({more:.1f})"
        else:
            goal = judge(results, row, row)
        rows.append([label, number(results.middle(row, "cinema")), beside(results, row, "plain"), goal])
    if "far" in results.rows:
        least = GOALS["far"][0][1]
        share = 1 / results.middle("far", "cinema")
        rows.append(["  5 ms to the database, 32 callers: requests/s", number(results.middle("far", "cinema", "rps")),
                     f"/healthz p99 {results.middle('far', 'cinema', 'healthz_p99_ms'):.1f} ms",
                     at_least(least, share, " of connections / delay")])
    return rows


def signing_in(results):
    """Hashing beside libsodium alone, and what the others feel of it."""
    def of(contender, figure="us"):
        return results.middle("signin", contender, figure)
    rows = [["signing in, 32 callers", "cinema", "beside", "goal"]]
    if of("cinema") and of("hashes"):
        share = results.ratio(("signin", "hashes"), ("signin", "cinema"))
        rows.append(["sign-ins a CPU second, beside hashes in C", number(1e6 / of("cinema")),
                     number(1e6 / of("hashes")), at_least(0.9, share)])
    if of("cinema"):
        above = of("cinema", "above_hashing_mib")
        rows.append(["  private MiB", number(of("cinema", "loaded_mib")), "",
                     f"<= 19 a hashing thread + 40: {verdict(above <= 40)} (+ {above:.1f})"])
    if of("beside") and of("alone"):
        share = results.ratio(("signin", "beside"), ("signin", "alone"), "rps")
        rows.append(["  films read meanwhile: reads/s a core left", number(of("beside", "rps")),
                     number(of("alone", "rps")), at_least(0.8, share)])
        for label, figure in (("    server CPU, us a read", "us"), ("  /healthz meanwhile, p99 ms", "healthz_p99_ms")):
            rows.append([label, number(of("beside", figure)), number(of("alone", figure)), ""])
    return rows


def process(results):
    rows = [["process", "cinema", "PocketBase", "goal"]]
    for label, figure in PROCESS:
        rows.append([label, number(results.middle("start", "cinema", figure)),
                     beside(results, "start", "pocketbase", figure), judge(results, figure, "start", figure)])
    if results.values("insert", "cinema", "loaded_mib"):
        rows.insert(-1, ["  after inserting", number(results.middle("insert", "cinema", "loaded_mib")),
                         beside(results, "insert", "pocketbase", "loaded_mib"), ""])
    return rows


def imports(results):
    rows = [["import", "cinema", "SQLite in C", "cinema on PostgreSQL", "goal"]]
    for label, figure in (("CPU s", "cpu_s"), ("wall s", "wall_s")):
        rows.append([label, number(results.middle("import", "cinema", figure)),
                     beside(results, "import", "sqlite", figure),
                     beside(results, "import", "postgres", figure),
                     judge(results, figure, "import", figure)])
    rows.append(["  CPU s of PostgreSQL's processes", "", "",
                 number(results.middle("import", "postgres", "server_s")), ""])
    return rows


def postgres(results):
    rows = [["PostgreSQL: client CPU, us a title", "cinema", "reads/s", "pgbench, one row",
             "pgbench, same rows", "goal"]]
    for row in sorted(r for r in results.rows if r.startswith("postgres ")):
        rows.append([row.split()[1] + " thread(s)", number(results.middle(row, "cinema")),
                     number(results.middle(row, "cinema", "rps")), beside(results, row, "pgbench"),
                     beside(results, row, "pgbench_same"), judge(results, "postgres", row)])
    return rows


def text(results):
    blocks = []
    if any(row in results.rows for _, row in REQUESTS):
        blocks.append(requests(results))
    if any(row in results.rows for row in ("deep", "many", "checks", "far")):
        blocks.append(situations(results))
    if "signin" in results.rows:
        blocks.append(signing_in(results))
    if "start" in results.rows:
        blocks.append(process(results))
    if "import" in results.rows:
        blocks.append(imports(results))
    if any(r.startswith("postgres ") for r in results.rows):
        blocks.append(postgres(results))
    lines = []
    for block in blocks:
        lines += ["", *layout(block)]
    for why, where in results.skips.items():
        lines += ["", "SKIP " + ", ".join(f"{row} of {who}" for row, who in where) + f": {why}"]
    return "\n".join(lines)
