"""migrate, doctor, version, serve: looking after an installation."""
import os
import re
import signal
import subprocess
import urllib.request

import pytest

from conftest import Server


def test_version(fresh):
    ended = fresh("version")
    assert ended.code == 0
    assert re.fullmatch(r"cinema \d+\.\d+\.\d+\n", ended.out)
    assert fresh("--version").out == ended.out
    assert fresh("version", "--json").json == {"version": ended.out.split()[1]}


def test_migrate_applies_once_and_tells(fresh):
    before = fresh("migrate", "status", "--json")
    assert before.code == 0, before
    assert before.json["pending"] == len(before.json["steps"]) > 0
    assert before.json["steps"][0]["applied_at"] is None

    first = fresh("migrate")
    assert first.code == 0, first
    assert first.out == "" and "Applied" in first.err

    second = fresh("migrate", "--json")
    assert second.json["pending"] == 0
    assert "up to date already" in second.err
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
                        second.json["steps"][0]["applied_at"])

    table = fresh("migrate", "status")
    assert table.code == 0
    assert table.out.startswith("0001  20")


def test_status_shows_what_is_pending(fresh):
    ended = fresh("migrate", "status")
    assert ended.code == 0
    assert "0001  pending " in ended.out
    assert "'cinema migrate' does it" in ended.err


def test_quiet_says_nothing(fresh):
    ended = fresh("migrate", "--quiet")
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_two_migrations_at_once_both_succeed(fresh):
    both = [fresh.start("migrate", stderr=subprocess.PIPE) for _ in range(2)]
    for p in both:
        err = p.communicate(timeout=60)[1]
        assert p.returncode == 0, err


def test_doctor_of_a_good_installation(cinema):
    ended = cinema("doctor")
    assert ended.code == 0, ended
    assert "ok " in ended.out and "error " not in ended.out
    found = cinema("doctor", "--json").json
    assert found["errors"] == 0
    assert {"subject", "severity", "detail", "mend"} == set(found["findings"][0])


def test_doctor_finds_a_missing_schema_and_names_the_mend(fresh):
    ended = fresh("doctor", "--json")
    bad = [f for f in ended.json["findings"] if f["severity"] != "ok"]
    assert any("cinema migrate" in f["mend"] for f in bad), ended


def test_doctor_finds_a_data_folder_that_is_a_file(fresh):
    fresh.data.write_text("in the way")
    ended = fresh("doctor")
    assert ended.code == 1, ended
    assert "error " in ended.out and "-> " in ended.out


def test_doctor_takes_a_bad_setting_as_a_finding(fresh):
    ended = fresh("doctor", "--set", "CINEMA_DEADLINE_MS=soon")
    assert ended.code == 1, ended
    assert "CINEMA_DEADLINE_MS" in ended.out
    ended = fresh("doctor", "--json", "--set", "CINEMA_DEADLINE_MS=soon")
    assert ended.code == 1
    assert ended.json["errors"] == 1
    assert ended.json["findings"][0]["subject"] == "CINEMA_DEADLINE_MS"


def test_doctor_shows_no_secret(cinema):
    for form in ([], ["--json"]):
        ended = cinema("doctor", *form, env={"CINEMA_METRICS_TOKEN": "s3cret-of-mine"})
        assert "s3cret-of-mine" not in ended.out + ended.err


def test_a_bad_setting_stops_other_commands(fresh):
    ended = fresh("migrate", "--set", "CINEMA_DEADLINE_MS=soon")
    assert ended.code == 5, ended
    assert ended.err.startswith("cinema: CINEMA_DEADLINE_MS ")
    ended = fresh("migrate", "--set", "CINEMA_DEADLIN_MS=5")
    assert ended.code == 5, ended
    assert "CINEMA_DEADLIN_MS" in ended.err


def test_settings_come_from_a_config_file(fresh):
    other = fresh.data.parent / "from-file"
    file = fresh.data.parent / "cinema.conf"
    file.write_text(f"# a comment\nCINEMA_DATA_DIR={other}\n")
    del fresh.env["CINEMA_DATA_DIR"]
    assert fresh("migrate", "--config", file).code == 0
    assert other.is_dir()
    ended = fresh("migrate", "--config", fresh.data / "nowhere")
    assert ended.code == 5 and "CINEMA_CONFIG" in ended.err


def test_a_database_url_wins_over_the_data_folder(fresh):
    file = fresh.data.parent / "elsewhere.db"
    assert fresh("--database", f"sqlite:{file}", "migrate").code == 0
    assert file.exists()


def test_an_unknown_kind_of_database_is_refused(fresh):
    ended = fresh("--database", "oracle://films", "migrate")
    assert ended.code in (1, 5), ended
    assert len(ended.err.splitlines()) <= 2


# ---- serve: only what the command line adds; the transport has tests of its own ------------------


def test_serve_migrates_tells_url_and_token_path_and_stops_with_0(fresh):
    server = Server(fresh, "--listen", "127.0.0.1:0", "--pid-file", fresh.data.parent / "pid")
    try:
        assert urllib.request.urlopen(server.url + "/healthz", timeout=10).status == 200
        assert urllib.request.urlopen(server.url + "/v1/movies", timeout=10).status == 200
        assert int((fresh.data.parent / "pid").read_text()) == server.p.pid
        token = (fresh.data / "setup-token").read_text().strip()
        assert os.stat(fresh.data / "setup-token").st_mode & 0o777 == 0o600
        said = "\n".join(server.said)
        assert str(fresh.data / "setup-token") in said and token not in said
    finally:
        code, out, err = server.stop()
    assert (code, out) == (0, ""), err
    assert token not in err


def test_ctrl_c_stops_serve_with_0(cinema):
    assert Server(cinema, "--listen", "127.0.0.1:0").stop(signal.SIGINT)[0] == 0


def test_serve_without_migrating_warns_about_a_missing_schema(fresh):
    server = Server(fresh, "--listen", "127.0.0.1:0", "--no-migrate")
    code = server.stop()[0]
    assert code == 0
    assert any("warning: " in line and "cinema migrate" in line for line in server.said)
    assert fresh("migrate", "status", "--json").json["pending"] > 0


def test_serve_refuses_an_address_that_is_none(fresh):
    ended = fresh("serve", "--listen", "nonsense")
    assert ended.code == 5, ended
    assert "CINEMA_LISTEN" in ended.err


def test_serve_says_when_the_port_is_taken(cinema):
    server = Server(cinema, "--listen", "127.0.0.1:0")
    try:
        ended = cinema("serve", "--listen", server.url.removeprefix("http://"))
        assert ended.code == 1, ended
        assert ended.err.strip()
    finally:
        server.stop()


