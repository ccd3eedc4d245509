"""A language model in this process: llama.cpp, by way of `xllamacpp`.

One `Engine` per model file and process. It loads its file at the first call
and answers several calls side by side in threads of its own. The library
brings a whole HTTP server, which must not be reachable; see `_start`.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import ctypes
import os
import queue
import secrets
import shutil
import socket
import tempfile
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from edsl_nb.core.errors import ServiceError

#: Calls that one model answers side by side.
SLOTS = 4
#: Most tokens that the prompt and the reply of one call may have together.
CONTEXT = 4096

#: Threads that compute. They wait for each other in busy loops, so where another process takes a core
#: away from one of them all of them stand still: on two busy cores, two threads write 6 tokens a second
#: and one writes 100. Half the cores leaves room for the notebook, the browser and the runner.
THREADS = max(1, (os.cpu_count() or 2) // 2)

#: Longest path of a UNIX socket, in bytes, that every system takes.
_SOCKET_PATH = 100


def load_library() -> Any:
    """The library, which has no type declarations.

    Raises:
        ImportError: it is not installed, or does not run on this machine.
    """
    return import_module("xllamacpp")


class Engine:
    """One model file, loaded at the first call.

    Parameters:
        path: the GGUF file.
        private: False lets the library's server listen on the loopback address
            (with a key that nobody knows) where it would otherwise not be
            reachable at all; for systems without UNIX sockets.
    """

    def __init__(self, path: Path, *, private: bool = True) -> None:
        self.path = path
        self._private = private and hasattr(socket, "AF_UNIX")
        self._lock = threading.Lock()
        self._server: Any = None
        self._closing = threading.Event()
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        # Daemons, because the interpreter waits for other threads before it lets us end their calls.
        self._threads = [
            threading.Thread(target=self._work, name=f"edsl_nb-llama-{i}", daemon=True) for i in range(SLOTS)
        ]
        for thread in self._threads:
            thread.start()

    async def chat(self, body: dict[str, Any]) -> dict[str, Any]:
        """Answer a request of the OpenAI chat completions form, off the event loop.

        Cancelling ends the generation at its next token.

        Returns:
            The response in the form of that protocol.

        Raises:
            ServiceError: the model cannot be loaded or refused the request.
        """
        task = _Task(body)
        self._tasks.put(task)
        try:
            return await asyncio.wrap_future(task.future)
        finally:
            task.stop.set()

    @property
    def address(self) -> str:
        """Where the library's server listens, once the model is loaded."""
        return "" if self._server is None else self._server.listening_address

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            if not task.future.set_running_or_notify_cancel():
                continue
            try:
                task.future.set_result(self._chat(task))
            except BaseException as failure:  # noqa: BLE001  # whatever it is, the caller gets it
                task.future.set_exception(failure)

    def _chat(self, task: _Task) -> dict[str, Any]:
        collected = _Collected(task.stop, self._closing)
        server = self._load()
        request = {**task.body, "stream": True, "stream_options": {"include_usage": True}}
        try:
            server.handle_chat_completions(request, collected.add)
        except (ValueError, RuntimeError) as failure:  # what the library raises for a malformed request
            raise ServiceError(f"the model {self.path.stem} cannot take the request: {failure}") from None
        if collected.stopped():
            raise concurrent.futures.CancelledError
        return collected.response()

    def _load(self) -> Any:
        with self._lock:
            if self._server is None:
                self._server = _start(self.path, self._private)
                if _forked_from_loaded:
                    self.abandon()
            return self._server

    def close(self) -> None:
        """End the calls in flight and give the memory back."""
        self._closing.set()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()
        if not _forked_from_loaded:
            self._server = None

    def abandon(self) -> bool:
        """See to it that the server is never freed. Returns whether there is one."""
        if self._server is None:
            return False
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._server))
        return True


class _Task:
    """A request on its way to a thread."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.stop = threading.Event()
        self.future: concurrent.futures.Future[dict[str, Any]] = concurrent.futures.Future()


class _Collected:
    """Puts the pieces of a streamed response together, and tells the library when to stop.

    Streaming is asked for only so that a call can be stopped.
    """

    def __init__(self, *stops: threading.Event) -> None:
        self._stops = stops
        self._texts: dict[str, list[str]] = {"content": [], "reasoning_content": []}
        self._last: dict[str, Any] = {"error": {"message": "no answer came"}}
        self._finish: str | None = None

    def stopped(self) -> bool:
        return any(stop.is_set() for stop in self._stops)

    def add(self, chunk: dict[str, Any]) -> bool:
        """Take a piece. Returns True to stop. (The library would swallow an exception.)"""
        for choice in chunk.get("choices") or ():
            for kind, texts in self._texts.items():
                texts.append(choice.get("delta", {}).get(kind) or "")
            self._finish = choice.get("finish_reason") or self._finish
        if "error" in chunk or "usage" in chunk:
            self._last = chunk
        return self.stopped()

    def response(self) -> dict[str, Any]:
        """The whole response, as the protocol has it without streaming."""
        if "error" in self._last:
            raise _service_error(self._last["error"])
        message = {"role": "assistant", "content": "".join(self._texts["content"])}
        if any(thoughts := self._texts["reasoning_content"]):
            message["reasoning_content"] = "".join(thoughts)
        choices = [{"index": 0, "message": message, "finish_reason": self._finish}]
        return {**self._last, "object": "chat.completion", "choices": choices}


def _service_error(error: dict[str, Any]) -> ServiceError:
    status = error.get("code")
    if error.get("type") == "exceed_context_size_error":
        return ServiceError(
            f"the prompt has {error['n_prompt_tokens']} tokens and the local model takes {error['n_ctx']} "
            "for prompt and reply together",
            status=status,
            refused="context",
            remedy="Shorten the texts or the memory of the survey, or use a model with more room.",
        )
    said = str(error["message"])[:300]
    if "empty grammar stack" in said:
        return ServiceError(
            "the local model cannot write any of the options: its vocabulary lacks one of their characters",
            status=status,
            remedy="Write the options with other characters, or leave the reply free: structured=False.",
        )
    return ServiceError(f"the local model failed: {said}", status=status, retryable=status in (429, 503))


def _start(path: Path, private: bool) -> Any:
    """Load the model.

    The library always starts an HTTP server and knows no way to leave it out.
    So it is given a UNIX socket in a folder that only this user can enter, and
    the folder is removed: nothing can connect any more. A key that nobody
    knows stands before it all the same.
    """
    xllamacpp = load_library()
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    # The name stands in every stored response; the path would tell where the user keeps files.
    params.model_alias = {path.stem}
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * CONTEXT
    params.verbosity = 0
    params.warmup = False
    params.ui = False
    params.endpoint_slots = False
    params.n_threads_http = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = THREADS
    # A second cache of prompts, of up to 8 GB, beside the slots' own.
    params.cache_ram_mib = 0
    params.api_keys = [secrets.token_urlsafe(32)]
    door = tempfile.mkdtemp(prefix="edsl_nb-") if private else None
    try:
        if door is not None and len(os.fsencode(door)) < _SOCKET_PATH:
            params.hostnames = [str(Path(door, "s.sock"))]
        return xllamacpp.Server(params)
    except RuntimeError as failure:
        raise ServiceError(
            f"the model file {path} cannot be loaded: {failure}",
            remedy="Check that it is a GGUF file of a chat model and that there is enough memory.",
        ) from None
    finally:
        if door is not None:
            shutil.rmtree(door, ignore_errors=True)


_engines: dict[Path, Engine] = {}
_engines_lock = threading.Lock()
_forked_from_loaded = False


def engine(path: Path) -> Engine:
    """The engine of that model file in this process."""
    path = path.resolve()
    with _engines_lock:
        if path not in _engines:
            _engines[path] = Engine(path)
        return _engines[path]


@atexit.register
def _close_all() -> None:
    for each in _engines.values():
        each.close()
    _engines.clear()


def _after_fork() -> None:
    """Let a forked child load models of its own.

    The library keeps threads that a child does not have. Where a model was
    loaded before the fork, the child can load and use another copy, but
    freeing one, or the library's own clean-up at the end of the process, waits
    for those threads for ever. So nothing is freed there, and the C library is
    told to leave at once after Python's own clean-up.
    """
    global _engines_lock, _forked_from_loaded
    _engines_lock = threading.Lock()
    loaded = [each for each in _engines.values() if each.abandon()]
    _engines.clear()
    if not loaded or _forked_from_loaded:
        return
    _forked_from_loaded = True
    libc = ctypes.CDLL(None)
    if hasattr(libc, "on_exit"):  # glibc
        libc.on_exit(libc._exit, None)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
