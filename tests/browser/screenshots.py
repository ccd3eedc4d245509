"""Takes screenshots, and compares them where they can be compared.

Pixels depend on browser, fonts and JupyterLab. So a baseline carries the fingerprint of the machine that
made it, and on any other machine screenshots are only taken.

    python -m tests.browser.screenshots accept    # make the last screenshots the baseline
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

from PIL import Image, ImageChops

from tests.browser import chromium

TAKEN = Path(__file__).resolve().parents[1] / "screenshots"
BASELINE = Path(__file__).parent / "baseline"
FINGERPRINT = "fingerprint.json"

#: A pixel counts as different when a colour channel is off by more than this (of 255).
CHANNEL_TOLERANCE = 24

#: Share of different pixels that is put down to chance (a blinking caret).
PIXEL_TOLERANCE = 0.002


def fingerprint(program: Path) -> dict[str, str]:
    """What pixels depend on: the browser's version, the fonts' digest, JupyterLab's version."""
    listing = shutil.which("fc-list")
    fonts = "unknown"
    if listing:
        command = [listing, ":", "family", "style", "fontversion"]
        done = subprocess.run(command, capture_output=True, check=True)
        fonts = hashlib.sha256(b"\n".join(sorted(done.stdout.splitlines()))).hexdigest()
    return {
        "browser": chromium.version(program),
        "fonts": fonts,
        "jupyterlab": metadata.version("jupyterlab"),
    }


def comparable(program: Path, baseline: Path = BASELINE) -> bool:
    """Whether the baseline was made by the same browser with the same fonts."""
    file = baseline / FINGERPRINT
    if not file.is_file():
        return False
    ours = fingerprint(program)
    return ours["fonts"] != "unknown" and json.loads(file.read_text(encoding="utf-8")) == ours


def difference(one: Path, other: Path) -> float:
    """Share of pixels in which two pictures differ, 0 to 1; 1 where their sizes differ."""
    with Image.open(one) as first, Image.open(other) as second:
        if first.size != second.size:
            return 1.0
        bands = ImageChops.difference(first.convert("RGB"), second.convert("RGB")).split()
        worst = bands[0]
        for band in bands[1:]:
            worst = ImageChops.lighter(worst, band)
        over = sum(worst.histogram()[CHANNEL_TOLERANCE + 1 :])
        return over / (first.width * first.height)


def check(name: str, taken: Path = TAKEN, baseline: Path = BASELINE) -> None:
    """Compare a screenshot with its baseline; one without a baseline passes.

    Raises:
        AssertionError: they differ in more than `PIXEL_TOLERANCE` of the pixels.
    """
    expected = baseline / f"{name}.png"
    if not expected.is_file():
        return
    share = difference(taken / f"{name}.png", expected)
    assert share <= PIXEL_TOLERANCE, (
        f"{name}: {share:.2%} of the pixels differ from {expected}; look at {taken / name}.png, and if it is "
        "right run: python -m tests.browser.screenshots accept"
    )


@cache
def _comparable_here() -> bool:
    program = chromium.find()
    return program is not None and comparable(program)


def check_if_comparable(name: str) -> None:
    """Compare the screenshot just taken where browser and fonts are those of the baseline.

    Raises:
        AssertionError: it differs.
    """
    if _comparable_here():
        check(name)


def accept() -> int:
    """Make the screenshots of the last run the baseline of this machine; returns how many there are."""
    program = chromium.find()
    if program is None:
        raise RuntimeError(chromium.NONE_FOUND)
    shutil.rmtree(BASELINE, ignore_errors=True)
    BASELINE.mkdir()
    pictures = sorted(TAKEN.glob("*.png"))
    for picture in pictures:
        shutil.copy(picture, BASELINE)
    text = json.dumps(fingerprint(program), indent=1) + "\n"
    (BASELINE / FINGERPRINT).write_text(text, encoding="utf-8")
    return len(pictures)


if __name__ == "__main__":
    if sys.argv[1:] != ["accept"]:
        sys.exit(__doc__)
    print(f"Baseline of {accept()} screenshots in {BASELINE}")
