"""What is left to be paid of a job: distinct calls without a reply, and what they take."""

from __future__ import annotations

from collections.abc import Sequence

from edsl_nb.models import Model
from edsl_nb.models.call import ModelCall
from edsl_nb.runner.lookup import Known

#: Calls that are looked up at a time.
_BATCH = 2_000


class Outstanding:
    """Looks distinct calls up and adds up those that will be asked.

    Parameters:
        known: where replies may be.
        models: the job's.

    Attributes:
        on_disk: how many of the calls have replies.
        tokens: by the model's position, the tokens in and out of the other calls.
    """

    def __init__(self, known: Known, models: Sequence[Model]) -> None:
        self._known = known
        self._waiting: list[tuple[int, ModelCall, tuple[int, int]]] = []
        self.on_disk = 0
        self.tokens = [(0, 0)] * len(models)

    def add(self, model: int, call: ModelCall, tokens: tuple[int, int]) -> None:
        """Add a call.

        Parameters:
            model: the position of its model.
            call: the call.
            tokens: what it takes, in and out.
        """
        self._waiting.append((model, call, tokens))
        if len(self._waiting) >= _BATCH:
            self.look_up()

    def look_up(self) -> None:
        """Look up what has been added since the last time.

        Raises:
            EdslNbError: the store cannot be read, or an address not be found.
        """
        found = self._known.among([call for _, call, _ in self._waiting])
        for (model, _, (tokens_in, tokens_out)), there in zip(self._waiting, found, strict=True):
            if there:
                self.on_disk += 1
            else:
                before_in, before_out = self.tokens[model]
                self.tokens[model] = (before_in + tokens_in, before_out + tokens_out)
        self._waiting.clear()
