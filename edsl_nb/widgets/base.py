"""What all widgets share: checked messages, errors as replies, fallbacks in the display bundle."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, ClassVar

import anywidget
from pydantic import ValidationError

from edsl_nb.core.errors import EdslNbError
from edsl_nb.core.secrets import redact
from edsl_nb.widgets.messages import Reply, Request, parse_request
from edsl_nb.widgets.messages.base import ErrorReply, ViewRequest

log = logging.getLogger("edsl_nb")

#: The MIME type under which a front end finds the live widget.
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"


def explain(error: Exception) -> str:
    """Words for the reader of a widget about an error; unexpected ones go to the log as well."""
    if isinstance(error, EdslNbError):
        return str(error)
    log.error("a widget's request failed", exc_info=error)
    return redact(f"{type(error).__name__}: {error}")


def _untyped(widget: object) -> Any:
    """ipywidgets has no types: its methods are called through this."""
    return widget


class BaseWidget(anywidget.AnyWidget):
    """Base of our widgets.

    Handlers may be called on any thread, as front ends and kernels differ in
    where they deliver messages. They only check the message and pass work on
    to the runner's loop.
    """

    _esm: ClassVar[Path]
    _css: ClassVar[Path]

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        _untyped(self).on_msg(self._receive)

    # Each widget has these three. traitlets has a metaclass of its own, so abc cannot ask for them.

    def handle(self, request: Request) -> None:
        """Act on a checked request; must return at once, on any thread."""
        raise NotImplementedError

    def static_html(self) -> str:
        """What a viewer without a kernel shows: escaped HTML without scripts."""
        raise NotImplementedError

    def plain_text(self) -> str:
        """What a terminal or a comparison of notebooks shows."""
        raise NotImplementedError

    def reply(self, message: Reply) -> None:
        """Send a reply to the browser."""
        _untyped(self).send(message.model_dump())

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        try:
            request = parse_request(content)
        except ValidationError as error:
            log.warning(
                "a message from the browser was not understood: %s", error.errors(include_input=False)
            )
            return
        try:
            self.handle(request)
        except Exception as error:  # noqa: BLE001 - the reader must see whatever went wrong
            words = explain(error)
            if isinstance(request, ViewRequest):
                self.reply(ErrorReply(view=request.view, id=request.id, message=words))

    def resend(self, trait: str) -> None:
        """Send a trait again, although Python has not changed it: the browser may have missed it."""
        _untyped(self).send_state(trait)

    def mime_bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a front end needs to display the widget: itself, HTML and text; and the metadata of these."""
        made: Any = _untyped(super())._repr_mimebundle_()
        data, metadata = made
        return {**data, "text/html": self.static_html(), "text/plain": self.plain_text()}, metadata

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.mime_bundle()
