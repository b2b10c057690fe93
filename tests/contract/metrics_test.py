"""/metrics as Prometheus reads it."""
import subprocess

from conftest import tool


def test_promtool_finds_nothing_wrong_with_the_metrics(served):
    promtool = tool("promtool")
    served.get("/v1/movies?limit=1")
    served.get("/nowhere")
    text = served.get("/metrics").body
    assert text.count(b"\n") > 20
    p = subprocess.run([promtool, "check", "metrics"], input=text, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT)
    assert p.returncode == 0, p.stdout.decode()
