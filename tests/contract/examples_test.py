"""The commands of README.md and docs/api are run as they stand there, and there is one for every
operation.
"""
import base64
import re

import pytest

import examples
from conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs/api").glob("*.md"))]
# A PNG of one pixel: me.png of the pages.
PIXEL = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElF"
         "TkSuQmCC")


def blocks(page):
    """The shell blocks in which curl is all that is called."""
    for block in examples.shell_blocks(page.read_text()):
        commands = [line for line in block.split("\n") if re.match(r"\S", line)]
        if all(re.match(r"curl |[A-Z]+=|#", line) for line in commands):
            yield block


@pytest.fixture(scope="module")
def ran(served):
    """By page: what was asked for, as (method, path, status, wanted)."""
    (served.folder / "cinema-data").symlink_to(served.data)
    (served.folder / "me.png").write_bytes(base64.b64decode(PIXEL))
    return {page.name if page.parent == ROOT else f"api/{page.name}":
            examples.run(list(blocks(page)), served, page.name) for page in PAGES}


def test_every_command_answers_what_the_page_says(ran):
    for page, asked in ran.items():
        examples.check(page, asked)


def test_there_is_an_example_for_every_operation(ran, served):
    done = {(method, path.split("?")[0]) for page, asked in ran.items() if page != "README.md"
            for method, path, status, _ in asked if status < 300 or status == 302}
    for path, methods in served.get("/openapi.json").json["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
        for method, operation in methods.items():
            assert any(m == method.upper() and re.fullmatch(pattern, p) for m, p in done), (
                f"{operation['operationId']}: no example in docs/api")
