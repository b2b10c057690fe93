"""The commands of README.md and docs/api are run as they stand there, and there is one for every
operation.
"""
import base64
import re
import subprocess

import pytest

from conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs/api").glob("*.md"))]
# A PNG of one pixel: me.png of the pages.
PIXEL = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElF"
         "TkSuQmCC")
ADDRESS = "http://127.0.0.1:8080"
# curl as it is, but for its output and a line of what was asked and answered.
CURL = """
curl() {
  command curl -o "$WORK/body" -w '%{stderr}%{method} %{url_effective} %{response_code}\\n' "$@" 2>>"$WORK/asked"
  cat "$WORK/body" 2>/dev/null
}
cd "$WORK"
"""


def blocks(page):
    """The shell blocks in which curl is all that is called."""
    for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.M | re.S):
        commands = [line for line in block.split("\n") if re.match(r"\S", line)]
        if all(re.match(r"curl |[A-Z]+=|#", line) for line in commands):
            yield block


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


@pytest.fixture(scope="module")
def ran(served):
    """By page: what was asked for, as (method, path, status, wanted)."""
    work = served.folder
    (work / "cinema-data").symlink_to(served.data)
    (work / "me.png").write_bytes(base64.b64decode(PIXEL))
    pages = {}
    for page in PAGES:
        text = list(blocks(page))
        (work / "asked").write_text("")
        script = CURL + "\n".join(text).replace(ADDRESS, served.url)
        p = subprocess.run(["bash", "-c", script], env={"WORK": str(work), "PATH": "/usr/bin:/bin"},
                           text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        asked = [line.split(" ") for line in (work / "asked").read_text().splitlines()]
        wanted = [status for block in text for status in expected(block)]
        assert len(asked) == len(wanted), f"{page.name}: {asked}\n{p.stdout}"
        pages[page.name if page.parent == ROOT else f"api/{page.name}"] = [
            (method, url.removeprefix(served.url), int(status), want)
            for (method, url, status), want in zip(asked, wanted)]
    return pages


def test_every_command_answers_what_the_page_says(ran):
    for page, asked in ran.items():
        for method, path, status, want in asked:
            assert status == want if want else status < 300, f"{page}: {method} {path}: {status}"


def test_there_is_an_example_for_every_operation(ran, served):
    done = {(method, path.split("?")[0]) for page, asked in ran.items() if page != "README.md"
            for method, path, status, _ in asked if status < 300 or status == 302}
    for path, methods in served.get("/openapi.json").json["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
        for method, operation in methods.items():
            assert any(m == method.upper() and re.fullmatch(pattern, p) for m, p in done), (
                f"{operation['operationId']}: no example in docs/api")
