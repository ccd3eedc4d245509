"""`BundledJob`: a job from a bundle, which is replayed instead of run."""

from __future__ import annotations

import asyncio
from typing import Any, NoReturn, Self, Unpack

from edsl_nb.core.errors import JobError
from edsl_nb.jobs.jobs import Jobs
from edsl_nb.jobs.replay import Earlier, Replay, replay
from edsl_nb.jobs.request import RunKeywords
from edsl_nb.results import Results, bundle
from edsl_nb.results.files import Filename

#: What asks models instead.
_ASK = "To ask models, make a job of your own of it: Jobs.from_dict(job.to_dict()).run()."


class BundledJob(Jobs):
    """A job from a bundle. `run` replays it with the replies of the bundle, and never calls a model.

    Attributes:
        last_replay: what the last replay found: how many answers were replayed, and which
            prompts this version would word differently.

    Example:
        >>> job = Jobs.from_bundle("study.zip")  # doctest: +SKIP
        >>> results = job.run()  # doctest: +SKIP
        >>> job.last_replay  # doctest: +SKIP
        Replay(replayed=812, kept=0, reworded={})
    """

    last_replay: Replay | None = None
    _recorded: Results
    _earlier: Earlier
    _written: dict[str, Any]

    @classmethod
    def of(cls, filename: Filename) -> Self:
        """The job of a bundle.

        Raises:
            EdslNbError: there is no such file, it is no bundle, damaged, or of a newer version.
        """
        found = bundle.read(filename)
        plain = Jobs.from_dict(found.json(bundle.JOB))
        job = cls(plain.survey)
        job.agents, job.models, job.scenarios = plain.agents, plain.models, plain.scenarios
        job._recorded = Results.from_dict(found.json(bundle.RESULTS))
        job._earlier = found.earlier()
        job._written = job.to_dict()
        return job

    def run(self, n: int = 1, **keywords: Unpack[RunKeywords]) -> Results:
        """Replay the job: follow its rules and read its replies again. No model is called, no key is needed.

        Where this version would word a prompt differently, there is a warning; see `last_replay`.

        Parameters:
            n, keywords: only ``progress_bar`` can be given, which does nothing here: nothing is asked for.

        Raises:
            JobError: an answer has no reply in the bundle, the job was changed, or is to be run otherwise.
        """
        given: dict[str, Any] = {"n": n, **keywords} if n != 1 else {**keywords}
        given.pop("progress_bar", None)
        if given:
            field, value = next(iter(given.items()))
            raise JobError(
                "a job from a bundle is replayed as it was run",
                field=field,
                value=value,
                remedy=f"Leave it out. {_ASK}",
            )
        if self.to_dict() != self._written:
            raise JobError("the job was changed since it came from its bundle", field="job", remedy=_ASK)
        results, self.last_replay = replay(self._recorded, self._earlier)
        return results

    async def run_async(self, n: int = 1, **keywords: Unpack[RunKeywords]) -> Results:
        """The same as `run`, without blocking the event loop."""
        return await asyncio.to_thread(lambda: self.run(n, **keywords))

    def start(self, n: int = 1, **keywords: Unpack[RunKeywords]) -> NoReturn:
        """Not for a job from a bundle: a replay is soon over.

        Raises:
            JobError: always; it names `run`.
        """
        raise JobError(
            "a job from a bundle is replayed, which there is no need to wait for",
            field="start",
            remedy=f"Use job.run(). {_ASK}",
        )
