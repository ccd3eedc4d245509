"""The example tasks: agents of known skill get the scores that they have to, and the sandbox holds."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edsl_nb.tasks import TaskError, run_task
from edsl_nb.tasks.examples import (
    CodeTask,
    DatabaseTask,
    ScriptedPlayer,
    ShellTask,
    consistent_player,
    guessing_player,
)
from edsl_nb.tasks.examples import sandbox as sandboxes
from edsl_nb.tasks.examples.code import marks
from edsl_nb.tasks.examples.replies import read_reply
from edsl_nb.tasks.examples.sandbox import check_sandbox, sandbox
from tests.unit.samples import refusal


@pytest.fixture
def isolated() -> None:
    try:
        check_sandbox()
    except TaskError as missing:
        pytest.skip(str(missing))


def said(*turns: str) -> Any:
    """An agent that says these one after another, and the last for ever."""
    return lambda history: turns[min(sum(turn.role == "agent" for turn in history), len(turns) - 1)]


# Known skill


@pytest.mark.parametrize("make", [DatabaseTask, ShellTask])
@pytest.mark.parametrize("split", ["dev", "test"])
def test_a_player_scores_what_it_knows(make: Any, split: str, request: pytest.FixtureRequest) -> None:
    if make is ShellTask:
        request.getfixturevalue("isolated")
    task = make(split)
    for skill in (0, 0.5, 1):
        player = ScriptedPlayer(task, skill)
        outputs, overall = run_task(task, player)
        assert overall["custom"]["accuracy"] == len(player.solves) / len(outputs)
        assert {output.index for output in outputs if output.result["right"]} == set(player.solves)
    assert (
        len(outputs)
        == {"database": {"dev": 6, "test": 14}, "shell": {"dev": 5, "test": 10}}[task.name][split]
    )


@pytest.mark.parametrize("split", ["dev", "test"])
def test_questions_for_the_first_or_the_most_have_no_ties(split: str) -> None:
    task = DatabaseTask(split)
    for question in task.questions:
        ways = [question["answer"].replace(" LIMIT", f", 1 {way} LIMIT") for way in ("ASC", "DESC")]
        assert task.query(ways[0]) == task.query(ways[1]), question


def test_splits_have_no_sample_in_common() -> None:
    questions = [[q["question"] for q in DatabaseTask(split).questions] for split in ("dev", "test")]
    assert not set(questions[0]) & set(questions[1])
    assert not set(CodeTask("dev").codes) & set(CodeTask("test").codes)


@pytest.mark.parametrize("make", [DatabaseTask, CodeTask, ShellTask])
def test_there_is_no_other_split(make: Any) -> None:
    refusal(lambda: make("tset"), "split: there is no such split", "Did you mean 'test'?", error=TaskError)


@pytest.mark.parametrize("skill", [-0.1, 2, "all", True])
def test_skill_is_a_share(skill: Any) -> None:
    refusal(lambda: ScriptedPlayer(DatabaseTask(), skill), "skill: a share", error=TaskError)


# The code


@pytest.mark.parametrize(
    ("split", "player", "scores"),
    [
        ("dev", consistent_player, {"found": 1.0, "guesses": 4.0}),
        ("dev", guessing_player, {"found": 0.0, "guesses": None}),
        ("test", consistent_player, {"found": 1.0, "guesses": 4.32}),
        ("test", guessing_player, {"found": 0.08, "guesses": 6.25}),
    ],
)
def test_players_of_codes_score_what_is_known_of_them(split: str, player: Any, scores: Any) -> None:
    assert run_task(CodeTask(split), player).overall["custom"] == scores


def test_what_is_no_guess_costs_a_turn() -> None:
    task = CodeTask(turns=3)
    (output,) = run_task(task, said("hm", "1123 12345", task.codes[0]), indices=[0]).outputs
    assert output.result == {"found": True, "guesses": 3}
    (output,) = run_task(task, said("hm"), indices=[0]).outputs
    assert (output.status, output.result["found"]) == ("task limit reached", False)


def test_marks_count_each_digit_once() -> None:
    for guess, code in itertools.product(("1234", "4321", "5612"), repeat=2):
        placed, there = marks(guess, code)
        assert placed + there == len(set(guess) & set(code))
        assert marks(code, guess) == (placed, there)


# SQL


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DROP TABLE books", "not authorized"),
        ("ATTACH '/tmp/x' AS x", "not authorized"),
        ("PRAGMA writable_schema = 1", "not authorized"),
        ("SELECT load_extension('x')", "not authorized"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELECT * FROM nowhere", "no such table"),
        ("SELECT a.id FROM books a, books b, books c", "too many or too long"),
        ("SELECT randomblob(900000) FROM books", "too many or too long"),
    ],
)
def test_queries_may_only_read_and_not_too_much(sql: str, words: str) -> None:
    found = DatabaseTask().query(sql)
    assert isinstance(found, str) and words in found


def test_a_query_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    from edsl_nb.tasks.examples import database

    monkeypatch.setattr(database, "_SECONDS", 0.1)
    sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    assert DatabaseTask().query(sql) == "Error: interrupted"


def test_another_query_with_the_same_rows_is_right_and_one_without_is_not() -> None:
    task = DatabaseTask()
    for sql, right in (
        ("SELECT 16.0 AS n", True),
        ("SELECT count(id) FROM books;", True),
        ("SELECT 16, 1", False),
        ("SELECT 17", False),
    ):
        (output,) = run_task(task, said(f"Answer: {sql}"), indices=[0]).outputs
        assert output.result["right"] is right
    (output,) = run_task(task, said("Answer: sixteen"), indices=[0]).outputs
    assert output.status == "agent validation failed"
    backwards = "Answer: SELECT title FROM (SELECT * FROM books ORDER BY year LIMIT 3) ORDER BY year DESC"
    (output,) = run_task(task, said(backwards), indices=[2]).outputs
    assert output.result["right"] is False  # the question asks for an order


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("```sql\nSELECT 1\n```", ("SELECT 1", None)),
        ("a\n```\nls\n```\nb\n```bash\nrm\n```", ("ls", None)),
        ("so\nanswer : 42 \n", (None, "42")),
        ("```sh\nls\n```\nAnswer: 3", ("ls", None)),
        ("Answer:\nSELECT 1\nFROM x", (None, "SELECT 1\nFROM x")),
        ("the answer: is 3", (None, None)),
        ("", (None, None)),
    ],
)
def test_replies(text: str, reply: Any) -> None:
    assert read_reply(text) == reply


# The sandbox


@pytest.mark.parametrize(
    ("does", "words"),
    [
        ("echo 'Operation not permitted' >&2; exit 1", ["Operation not permitted", "edsl_nb[sandbox]"]),
        ("exit 0", ["the number of processes cannot be limited"]),
    ],
)
def test_without_isolation_nothing_is_run(
    monkeypatch: pytest.MonkeyPatch, does: str, words: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # sandboxes of root are started by another user
        program = Path(folder, "bwrap")
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(0o755)
        monkeypatch.setattr(sandboxes.shutil, "which", lambda name: str(program))
        refusal(ShellTask, "no isolation for commands", *words, error=TaskError)
    monkeypatch.setattr(sandboxes.shutil, "which", lambda name: None)
    monkeypatch.setattr(sandboxes.sys, "platform", "darwin")
    refusal(ShellTask, "bubblewrap (bwrap) is not installed", error=TaskError)


async def test_a_sandbox_sees_neither_this_machine_nor_a_network(isolated: None, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    async with sandbox() as box:
        assert (await box.run("id -u; hostname; pwd; env | cut -d= -f1 | sort | tr '\\n' ' '")).output == (
            "1000\nsandbox\n/home/user\nHOME LANG PATH PWD SHLVL _ "
        )
        for command in (
            f"cat {secret}", "cat /etc/passwd", "ls /root", "touch /usr/bin/x", "touch /x",
            "touch /dev/shm/x", "exec 3<>/dev/tcp/127.0.0.1/22", "mount -t tmpfs x /mnt", "unshare -U true",
        ):  # fmt: skip
            assert (await box.run(command)).code != 0, command
        assert int((await box.run("ls /proc | grep -c '^[0-9]'")).output) < 10
        assert (await box.run("echo kept > file; cd /tmp")).code == 0
        assert (await box.run("cat file; pwd")).output == "kept\n/home/user\n"
    async with sandbox() as box:
        assert (await box.run("ls -A")).output == ""


async def test_limits_of_a_sandbox(isolated: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "_DRIVER", sandboxes._DRIVER.replace("timeout -k 1 5", "timeout -k 1 0.5"))
    async with sandbox() as box:
        assert (await box.run("while true; do :; done")).code == 124
        assert len((await box.run("yes | head -c 1000000")).output) == 8_000
        assert (await box.run("head -c 50000000 /dev/zero > big")).code != 0
        assert (await box.run("for i in 1 2; do head -c 9000000 /dev/zero > big$i || exit 9; done")).code == 9
        assert (await box.run("rm -f big*; echo '\0still' there")).output == "still there\n"
        await box.run("for i in $(seq 20); do sleep 60 & done")
        assert (await box.run("ls /proc | grep -c '^[0-9]'")).output in ("5\n", "6\n")
        # However many processes a command starts, there is room for the next one.
        assert (await box.run(":() { :|:& }; :; sleep 5")).code == 124
        assert (await box.run("echo alive")).output == "alive\n"
        assert (await box.run("ulimit -u 1 && exec timeout 1 true")).code == 125
    async with sandbox() as box:
        with pytest.raises(TaskError, match="the sandbox is gone"):
            await box.run("kill -9 -1; sleep 5")
            await box.run("true")


def test_an_agent_that_ends_its_sandbox_has_done_something_invalid(isolated: None) -> None:
    task = ShellTask()
    outputs = run_task(task, said("```bash\nkill -9 -1\n```"), indices=["dev-largest"]).outputs
    assert [output.status for output in outputs] == ["agent invalid action"]


@pytest.fixture(autouse=True)
def no_sandbox_left() -> Iterator[None]:
    # Other processes of these tests may have sandboxes open, and have another home.
    home = os.environ["EDSL_NB_HOME"].encode()
    yield
    left = [
        path.parent
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if b"--hostname\0sandbox\0--clearenv" in _read(path) and home in _read(path.parent / "environ")
    ]
    assert left == []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
