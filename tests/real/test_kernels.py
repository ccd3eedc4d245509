"""The environments that differ in their ipykernel: each kernel is what its name says and sees our package."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernels import overlays
from tests.kernels.session import kernel


@pytest.mark.parametrize("version", overlays.VERSIONS)
def test_kernel_has_its_version_and_our_package(version: str, tmp_path: Path) -> None:
    reason = overlays.missing(version)
    if reason:
        pytest.skip(reason)
    with kernel(overlays.kernel_name(version), tmp_path) as session:
        ended = session.run("import edsl_nb, ipykernel; print(ipykernel.__version__, edsl_nb.__file__)")
        sleeping = session.start("import time; print('on', flush=True); time.sleep(60)")
        session.wait_for_text(sleeping, "on")
        session.interrupt()
        interrupted = session.wait(sleeping)

    assert ended.error == ""
    found, file = ended.text.split()
    assert found.startswith(f"{version}.")
    assert Path(file).parents[1] == overlays.ROOT
    assert interrupted.error.startswith("KeyboardInterrupt")


def test_an_error_shows_the_readers_own_line_and_the_message(tmp_path: Path) -> None:
    with kernel("python3", tmp_path) as session:
        session.run("from edsl_nb import QuestionFreeText, Model, Survey")
        short = session.run("def mine():\n    QuestionFreeText('a b', 'Why?')\nmine()")
        awaited = session.run("await QuestionFreeText('a', '{{ x }}').by(Model('test')).run_async()")
        session.run("%xmode Verbose")
        whole = session.run("QuestionFreeText('a b', 'Why?')")

    assert short.error.startswith("QuestionError: question_name: a name has to be an identifier")
    assert "in mine()" in short.traceback
    assert short.error in short.traceback
    assert "edsl_nb" not in short.traceback.replace(short.error, "")
    assert awaited.error.startswith("TemplateError: {{ x }}")
    assert "run_async" in awaited.traceback
    assert "jobs.py" not in awaited.traceback
    assert "base.py" in whole.traceback


#: Interrupts the main thread as soon as that waits for a run.
_INTERRUPTER = """
import _thread, sys, threading, time, traceback

def interrupt(main=threading.main_thread().ident):
    waiting = False
    while not waiting:
        time.sleep(0.01)
        names = [step.name for step in traceback.extract_stack(sys._current_frames()[main])]
        waiting = "result" in names[names.index("wait") :] if "wait" in names else False
    _thread.interrupt_main()
"""


def test_an_interrupted_wait_shows_the_readers_own_line_and_what_became_of_the_run(tmp_path: Path) -> None:
    with kernel("python3", tmp_path) as session:
        session.run(_INTERRUPTER)
        session.run("from edsl_nb import QuestionFreeText, Model")
        session.run("run = QuestionFreeText('a', 'Why?').by(Model('test', latency=600)).start()")
        interrupted = session.run("threading.Thread(target=interrupt, daemon=True).start()\nrun.wait()")

    assert interrupted.error.startswith("KeyboardInterrupt: the run was stopped; what has been answered")
    assert "run.wait()" in interrupted.traceback
    assert "run.py" not in interrupted.traceback
