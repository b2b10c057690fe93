"""Runs the commands of a page as they stand there, with curl as it is."""
import re
import subprocess

ADDRESS = "http://127.0.0.1:8080"  # of the server, on all pages
LIMIT = 300                        # seconds a page, which only a hang reaches
# curl as it is, but for its output and a line of what was asked and answered.
CURL = """
curl() {
  rm -f "$WORK/body"
  command curl -o "$WORK/body" -w '%{stderr}%{method} %{url_effective} %{response_code}\\n' "$@" 2>>"$WORK/asked"
  cat "$WORK/body" 2>/dev/null
}
cd "$WORK"
"""


def shell_blocks(text):
    return re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)


def expected(block):
    """For each command the status that stands behind it, or None."""
    found = []
    for line in block.split("\n"):
        if re.match(r"curl |[A-Z]+=\$\(curl ", line):
            found.append(None)
        status = re.search(r"\s# (\d{3})$", line)
        if status:
            found[-1] = int(status[1])
    return found


def run(blocks, server, name, **variables):
    """All of them in one shell, in the folder of the server: what was asked for, as (method, path,
    status, wanted)."""
    work = server.folder
    (work / "asked").write_text("")
    script = CURL + "\n".join(blocks).replace(ADDRESS, server.url)
    p = subprocess.run(["timeout", str(LIMIT), "bash", "-c", script], text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       env={"WORK": str(work), "PATH": "/usr/bin:/bin", **variables})
    print(p.stdout)
    asked = [line.split(" ") for line in (work / "asked").read_text().splitlines()]
    wanted = [status for block in blocks for status in expected(block)]
    assert len(asked) == len(wanted), f"{name}: {asked}\n{p.stdout}"
    return [(method, url.removeprefix(server.url), int(status), want)
            for (method, url, status), want in zip(asked, wanted)]


def check(page, asked):
    for method, path, status, want in asked:
        assert status == want if want else status < 300, f"{page}: {method} {path}: {status}"
