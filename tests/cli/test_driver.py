"""Where a program that was found by PATH takes the PostgreSQL driver from: its own place, and never
the folder that somebody happens to be in."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import BINARY

DRIVER = Path("lib/cinema/cinema-postgres.so")


def status_by_path(folder, cwd, env):
    """`cinema migrate status` with a database that is not there."""
    env = {**env, "PATH": str(folder), "CINEMA_DEADLINE_MS": "300",
           "CINEMA_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    return subprocess.run(["cinema", "migrate", "status"], cwd=cwd, env=env, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True)


@pytest.fixture
def driver():
    path = Path(BINARY).parent / DRIVER
    if not path.exists():
        pytest.skip("built without the PostgreSQL driver")
    return path


def test_a_program_found_by_path_has_its_own_driver(fresh, driver, tmp_path):
    ended = status_by_path(Path(BINARY).parent, tmp_path, fresh.env)
    assert ended.returncode != 0
    assert "not installed" not in ended.stderr, ended.stderr


@pytest.mark.parametrize("folder", ["cinema", "lib/cinema", "../lib/cinema"])
def test_a_driver_in_the_current_folder_is_left_alone(fresh, driver, tmp_path, folder):
    alone, here = tmp_path / "bin" / "alone", tmp_path / "cwd" / "here"
    alone.mkdir(parents=True)
    here.mkdir(parents=True)
    shutil.copy(BINARY, alone / "cinema")
    (here / folder).mkdir(parents=True)
    shutil.copy(driver, here / folder / DRIVER.name)
    ended = status_by_path(alone, here, fresh.env)
    assert ended.returncode != 0
    assert "not installed" in ended.stderr, ended.stderr
