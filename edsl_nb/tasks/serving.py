"""`serve`: a task behind AgentBench's HTTP protocol, for its controller or for whoever asks."""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from edsl_nb.core.errors import ServiceError, warn
from edsl_nb.core.threads import LoopThread, wait_for
from edsl_nb.models import http
from edsl_nb.tasks.checks import check_task
from edsl_nb.tasks.factory import InstanceFactory
from edsl_nb.tasks.history import HistoryLimit, check_history_limit
from edsl_nb.tasks.hosting import TaskHost, host_of
from edsl_nb.tasks.protocol import api_address, detail_of
from edsl_nb.tasks.typings import TaskError
from edsl_nb.tasks.worker import Worker

log = logging.getLogger("edsl_nb.tasks")

#: Seconds between heartbeats, and that one may take.
HEARTBEAT = 8.0

#: Seconds that open requests have when the server stops.
_LAST = 1.0


class Server:
    """A worker that listens on an address. Used on one loop.

    Parameters:
        worker: what answers.
        interface: the address to listen on.
        port: the port; 0 for a free one.
    """

    def __init__(self, worker: Worker, interface: str, port: int) -> None:
        self.worker, self.interface, self.port = worker, interface, port
        self._runner = web.AppRunner(worker.app(), access_log=None, shutdown_timeout=_LAST)

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address cannot be had.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.interface, self.port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """End all samples, and listen no more."""
        await self.worker.end()
        await self._runner.cleanup()
        await http.close()


class TaskServer:
    """A task being served. Made by `serve`; ends by `stop`, or at the end of its ``with``.

    Attributes:
        name: the task's name.
        url: where it answers, such as ``http://127.0.0.1:5001/api``.
    """

    def __init__(
        self, host: TaskHost, server: Server, thread: LoopThread, controller: str | None, address: str | None
    ) -> None:
        self.name = host.name
        self._host, self._server, self._thread = host, server, thread
        self.url = address or f"http://{_bracketed(server.interface)}:{server.port}/api"
        self._controller = controller
        self._refusal: str | None = "it has not answered yet"
        self._stopped = False
        self._beating = None if controller is None else thread.run(self._beat(controller))

    @property
    def registered(self) -> bool:
        """Whether the controller has taken the last heartbeat."""
        return self._controller is not None and self._refusal is None

    @property
    def problem(self) -> str | None:
        """Why the controller does not know this worker, or None."""
        return None if self._controller is None else self._refusal

    def stop(self) -> None:
        """End what is being played, listen no more, and release the task."""
        if self._stopped:
            return
        self._stopped = True
        if self._beating is not None:
            self._beating.cancel()
        wait_for(self._thread.run(self._server.stop()))
        self._thread.close()
        self._host.release()

    async def _beat(self, controller: str) -> None:
        """Register again and again, which is how a controller knows that a worker lives."""
        worker = self._server.worker
        body = {
            "name": self.name,
            "address": self.url,
            "concurrency": worker.concurrency,
            "indices": worker.indices,
        }
        while True:
            self._note(await _register(f"{controller}/receive_heartbeat", body))
            await asyncio.sleep(HEARTBEAT)

    def _note(self, refusal: str | None) -> None:
        if refusal != self._refusal:
            if refusal is None:
                log.info("task %s is registered at %s", self.name, self._controller)
            else:
                log.warning("task %s is not registered at %s: %s", self.name, self._controller, refusal)
        self._refusal = refusal

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = "stopped" if self._stopped else f"at {self.url}"
        return f"TaskServer({self.name!r}, {state})"


async def _register(url: str, body: dict[str, Any]) -> str | None:
    """Send a heartbeat. Returns why it was not taken, or None."""
    try:
        status, text, _ = await http.exchange("POST", url, body, seconds=HEARTBEAT)
    except ServiceError as failure:
        return failure.problem
    return None if status == 200 else f"it answered {status}: {detail_of(text)}"


def serve(
    task: Any,
    controller: str | None = None,
    port: int = 5001,
    *,
    interface: str = "127.0.0.1",
    address: str | None = None,
    history_limit: HistoryLimit = "agentbench",
) -> TaskServer:
    """Serve a task over AgentBench's HTTP protocol, version 0.2, as one of its workers.

    Its controller hands samples out, and `RemoteTask` plays them. The protocol knows no
    passwords: whoever reaches the port can play the task and read its samples. The task is
    released when the server stops.

    Parameters:
        task: the task, or an `InstanceFactory` that makes it.
        controller: the address of a controller to register with, every 8 s, such as
            ``http://127.0.0.1:5000/api``; None for none.
        port: where to listen; 0 for any free port.
        interface: the address of this machine to listen on; ``0.0.0.0`` lets other machines in.
        address: how the controller reaches this worker, where that is not `interface` and `port`.
        history_limit: how much of a history agents get to see; see `BenchmarkRequest`.

    Returns:
        The running server: its `url`, whether it is `registered`, and `stop`.

    Raises:
        TaskError: this is no task, or the address cannot be had.

    Example:
        >>> server = serve(VirtualTask(), controller="http://127.0.0.1:5000/api")  # doctest: +SKIP
        >>> server.stop()  # doctest: +SKIP
    """
    check_history_limit(history_limit)
    known = None if controller is None else api_address(controller, "controller")
    _check_port(port)
    if not isinstance(interface, str) or not interface:
        raise TaskError(
            "an address of this machine is wanted",
            field="interface",
            value=interface,
            remedy="Such as interface='127.0.0.1'.",
        )
    told = None if address is None else api_address(address, "address")
    if told is None and known is not None and interface == "0.0.0.0":
        warn("The controller is told the address 0.0.0.0, which leads nowhere. Give address='http://...'.")
    made = task.create() if isinstance(task, InstanceFactory) else task
    check_task(made)
    host = host_of(made)
    thread = LoopThread(f"serve-{host.name}")
    try:
        worker = Worker(host, history_limit)
        server = Server(worker, interface, port)
        wait_for(thread.run(server.start()))
    except OSError as failure:
        thread.close()
        raise TaskError(
            f"cannot listen on {interface}:{port}: {failure.strerror or failure}",
            field="port",
            value=port,
            remedy="Take another port, or 0 for any that is free, and an interface of this machine.",
        ) from None
    except BaseException:
        thread.close()
        raise
    return TaskServer(host, server, thread, known, told)


def _check_port(port: object) -> None:
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= 65535:
        raise TaskError(
            "a port is a whole number from 0 to 65535", field="port", value=port, remedy="Such as port=5001."
        )


def _bracketed(interface: str) -> str:
    return f"[{interface}]" if ":" in interface else interface
