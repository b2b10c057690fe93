"""/openapi.json and the server keep to each other, as Schemathesis sees it: what the document allows
is taken, what it forbids is refused, and answers have the status, headers and form it promises.

SECONDS of requests; CINEMA_CONTRACT_S says another number. A failing run prints its seed: give it as
CINEMA_CONTRACT_SEED to see the same again.
"""
import json
import os
import random
import subprocess

import pytest

from conftest import ROOT, tool

SECONDS = int(os.environ.get("CINEMA_CONTRACT_S") or 20)
SEED = os.environ.get("CINEMA_CONTRACT_SEED") or str(random.randrange(1 << 32))
CHECKS = ("not_a_server_error,status_code_conformance,content_type_conformance,"
          "response_schema_conformance,response_headers_conformance,unsupported_method,"
          "negative_data_rejection")


# What may be answered before an operation is reached: framing, length and time are the transport's.
ANYWHERE = ("405", "408", "414", "417", "431")


def strict(document):
    """The document with every status that may come written out, in place of "any other refusal"."""
    for methods in document["paths"].values():
        for operation in methods.values():
            other = operation["responses"].pop("default")
            for status in ANYWHERE:
                operation["responses"].setdefault(status, other)
    return document


@pytest.fixture(scope="module")
def run(served, tmp_path_factory):
    """The output of a run, its exit status and its events."""
    folder = tmp_path_factory.mktemp("schemathesis")
    events = folder / "events.ndjson"
    document = folder / "openapi.json"
    document.write_text(json.dumps(strict(served.get("/openapi.json").json)))
    p = subprocess.run(
        [f"{tool('venv')}/bin/schemathesis", f"--config-file={ROOT}/tests/contract/schemathesis.toml",
         "run", str(document), f"--url={served.url}", f"--checks={CHECKS}", f"--max-time={SECONDS}",
         f"--seed={SEED}", "--report=ndjson", f"--report-ndjson-path={events}", "--no-color"],
        cwd=folder, env={**os.environ, "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
                         "CINEMA_CONTRACT_URL": served.url, "CINEMA_CONTRACT_TOKEN": served.token,
                         "PYTHONPATH": str(ROOT / "tests/contract")},
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS + 240)
    print(p.stdout)
    lines = [json.loads(line) for line in events.read_text().splitlines()] if events.exists() else []
    return p.stdout, p.returncode, lines


def test_the_server_does_what_its_document_says(run):
    output, status, _ = run
    assert status == 0, f"seed {SEED}\n{output[-20000:]}"


def test_every_operation_was_asked(run, served):
    _, _, events = run
    text = json.dumps(events)
    document = served.get("/openapi.json").json
    missing = [f"{method.upper()} {path}" for path, methods in document["paths"].items()
               for method in methods if f"{method.upper()} {path}" not in text]
    assert not missing
