"""Serves the page in ``js/tests/page`` that shows the built bundles with made-up data, without Jupyter.

python -m tests.browser.widget_page    # prints addresses to look at
"""

from __future__ import annotations

import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from hatch_build import run_npm

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / ".cache/widget_page"
FOLDERS = {"page": ROOT / "js/tests/page", "built": BUILT, "static": ROOT / "edsl_nb/widgets/static"}


class _Handler(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        """A few folders are served, each by its name; anything else is not there."""
        parts = urlsplit(path).path.strip("/").split("/")
        if len(parts) == 2 and parts[0] in FOLDERS:
            return str(FOLDERS[parts[0]] / Path(parts[1]).name)
        return str(ROOT / "nothing")

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: tests check the browser's console."""


class WidgetPage:
    """The page, built from its TypeScript and served on localhost until stopped."""

    def __init__(self) -> None:
        run_npm(ROOT, ["run", "build:page"])
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def address(self, widget: str, case: str, theme: str) -> str:
        """Where a widget is shown with the data of a case (see ``js/tests/page/cases.ts``)."""
        query = urlencode({"widget": widget, "case": case, "theme": theme})
        return f"http://127.0.0.1:{self._server.server_port}/page/index.html?{query}"

    def stop(self) -> None:
        """Serve no longer."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def main() -> None:
    """Serve until interrupted."""
    page = WidgetPage()
    for widget in ("table", "progress", "job", "job_list"):
        print(page.address(widget, "plain", "light"))
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        page.stop()


if __name__ == "__main__":
    main()
