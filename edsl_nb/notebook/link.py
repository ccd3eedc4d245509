"""A link that somebody has to follow now, and that is taken away afterwards: it may be a secret."""

from __future__ import annotations

import uuid
from html import escape

from edsl_nb.notebook.display import in_notebook


class ShownLink:
    """A link on display: in a notebook one to click, elsewhere a printed line.

    Parameters:
        words: what it is for.
        url: where it leads.
        meanwhile: what happens until it is followed, in words.
    """

    def __init__(self, words: str, url: str, meanwhile: str) -> None:
        self._id = uuid.uuid4().hex if in_notebook() else None
        self._put(
            f"{words}: {url}\n{meanwhile}",
            f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{escape(words)}</a>'
            f" &middot; {escape(meanwhile)}",
            update=False,
        )

    def replace(self, words: str) -> None:
        """Put words in its place, so that a saved notebook does not hold it."""
        self._put(words, escape(words), update=True)

    def _put(self, text: str, html: str, update: bool) -> None:
        if self._id is None:
            print(text)
            return
        from IPython.core.display_functions import publish_display_data

        data = {"text/plain": text, "text/html": f"<p>{html}</p>"}
        publish_display_data(data, transient={"display_id": self._id}, update=update)


def show_link(words: str, url: str, meanwhile: str) -> ShownLink:
    """Show a link until it is replaced. See `ShownLink`."""
    return ShownLink(words, url, meanwhile)
