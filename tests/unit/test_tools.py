"""The workshop's own tools, where a mistake would hide other mistakes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

import hatch_build
from tests.browser import screenshots
from tools import pip_install, run_tests


def _tree(root: Path) -> tuple[Path, Path]:
    """A checkout with one source and one built bundle, both of the same age."""
    source, bundle = root / "js/src/a.ts", root / hatch_build.OUTPUT / "a.js"
    for path in (source, bundle):
        path.parent.mkdir(parents=True)
        path.touch()
        os.utime(path, (1000, 1000))
    return source, bundle


def test_bundles_as_old_as_their_sources_are_fresh_as_in_a_source_distribution(tmp_path: Path) -> None:
    _tree(tmp_path)
    assert hatch_build.is_fresh(tmp_path)


def test_a_newer_source_a_missing_bundle_and_a_newer_lock_call_for_a_build(tmp_path: Path) -> None:
    source, bundle = _tree(tmp_path)
    os.utime(source, (1001, 1001))
    assert not hatch_build.is_fresh(tmp_path)

    os.utime(source, (1000, 1000))
    (tmp_path / "package-lock.json").touch()
    assert not hatch_build.is_fresh(tmp_path)

    (tmp_path / "package-lock.json").unlink()
    bundle.unlink()
    assert not hatch_build.is_fresh(tmp_path)


REPORT = """<testsuites><testsuite>
<testcase name="a"/>
<testcase name="b"><failure message="no">trace</failure></testcase>
<testcase name="c"><error message="no">trace</error></testcase>
<testcase name="d"><skipped message="no Chromium"/></testcase>
<testcase name="e"><skipped message="no Chromium"/></testcase>
</testsuite></testsuites>"""


def test_the_closing_says_what_failed_and_why_tests_did_not_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT, encoding="utf-8")

    code = run_tests.close([run_tests.count("browser", report)])

    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 passed, 2 failed, 2 skipped"
    assert "  2 of browser: no Chromium" in lines
    assert code == 1


def test_a_run_in_which_nothing_ran_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_tests.close([run_tests.Outcome("unit")]) == 1
    assert run_tests.close([run_tests.Outcome("unit", passed=1)]) == 0


@pytest.mark.parametrize("faulty", [False, True])
def test_a_failed_test_has_a_second_chance_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], faulty: bool
) -> None:
    tests = tmp_path / "tests" / "real"
    tests.mkdir(parents=True)
    (tests / "test_it.py").write_text(
        f"""
from pathlib import Path
def test_race():
    seen = Path({str(tmp_path / "seen")!r})
    once = seen.exists()
    seen.touch()
    assert once and not {faulty}
def test_steady():
    pass
""",
        encoding="utf-8",
    )
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)

    code = run_tests.close([run_tests.run("real", [])])

    said = capsys.readouterr().out
    assert code == int(faulty)
    assert ("UNSTEADY: tests.real.test_it.test_race" in said) != faulty
    assert said.splitlines()[-1] == (
        "1 passed, 1 failed, 0 skipped" if faulty else "2 passed, 0 failed, 0 skipped"
    )


def test_pips_failure_is_told_in_pips_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(pip_install.InstallError, match="does not exist"):
        pip_install.pip_install("nothing", ["--no-index", str(tmp_path / "absent.whl")], sys.executable)


def _picture(path: Path, marked: int) -> Path:
    """A grey picture of 100 x 100 pixels with `marked` white ones in its first row."""
    image = Image.new("RGB", (100, 100), (128, 128, 128))
    ImageDraw.Draw(image).point([(x, 0) for x in range(marked)], fill=(255, 255, 255))
    image.save(path)
    return path


def test_pictures_differ_by_the_share_of_their_pixels(tmp_path: Path) -> None:
    plain, marked = _picture(tmp_path / "a.png", 0), _picture(tmp_path / "b.png", 50)
    assert screenshots.difference(plain, plain) == 0
    assert screenshots.difference(plain, marked) == pytest.approx(0.005)


def test_a_picture_unlike_its_baseline_fails_and_one_without_passes(tmp_path: Path) -> None:
    taken, baseline = tmp_path / "taken", tmp_path / "baseline"
    taken.mkdir()
    baseline.mkdir()
    _picture(taken / "job.png", 50)
    screenshots.check("job", taken, baseline)

    _picture(baseline / "job.png", 0)
    with pytest.raises(AssertionError, match=r"0\.50% of the pixels"):
        screenshots.check("job", taken, baseline)


def test_pictures_of_another_machine_are_not_compared(tmp_path: Path) -> None:
    program = Path(sys.executable)  # it has a version, too
    assert not screenshots.comparable(program, tmp_path)
    (tmp_path / screenshots.FINGERPRINT).write_text('{"browser": "other"}', encoding="utf-8")
    assert not screenshots.comparable(program, tmp_path)
