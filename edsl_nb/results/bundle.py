"""Bundles: a study in one file, that others can look at and replay without a key."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from edsl_nb.core.errors import ResultsError, nearest
from edsl_nb.core.json_text import json_value
from edsl_nb.core.objects import tagged
from edsl_nb.core.secrets import redact
from edsl_nb.models.cache_entry import CacheEntry
from edsl_nb.results import files
from edsl_nb.results.provenance import replies_of
from edsl_nb.results.records import Interview
from edsl_nb.results.stored import Writer, beside
from edsl_nb.runner.transaction import StoredReply

if TYPE_CHECKING:
    from edsl_nb.results.results import Results

#: What a bundle's list of contents is called, and the version of bundles; later ones are not read.
CONTENTS, FORMAT = "bundle.json", 1

#: The files in it.
RESULTS, JOB, CACHE, EARLIER, RECORD, APPENDIX = (
    "results.json", "job.json", "cache.jsonl", "earlier_replies.jsonl", "provenance.json", "provenance.md",
)  # fmt: skip

#: What stands in the place of what was left out.
LEFT_OUT = "[left out]"

#: Shortest text that is looked for in replies when a field is left out; shorter ones are in every text.
_TELLING = 3

#: Bytes that a file of a bundle may have.
_LARGEST = 4_000_000_000

#: Files get the first date that ZIP knows, so that equal studies make equal bundles.
_DATE = (1980, 1, 1, 0, 0, 0)

_REMEDY = "Pass the path of a file that Results.export_bundle wrote."


class Bundle(NamedTuple):
    """What is in a bundle.

    Parameters:
        files: the contents by name.
        without: the fields of scenarios that were left out.
    """

    files: Mapping[str, bytes]
    without: Sequence[str]

    def earlier(self) -> dict[tuple[int, str], list[tuple[str, str]]]:
        """By row and question: keys and texts of the replies before the last one.

        Raises:
            ResultsError: the file is damaged.
        """
        lines = self.files.get(EARLIER, b"").splitlines()
        try:
            rows = [json.loads(line) for line in lines]
            return {
                (int(row["row"]), str(row["question_name"])): [
                    (str(reply["key"]), str(reply["text"])) for reply in row["replies"]
                ]
                for row in rows
            }
        except (KeyError, TypeError, ValueError, RecursionError):
            raise _damaged(f"{EARLIER} is no list of replies") from None

    def json(self, name: str) -> Any:
        """One of its files, as JSON.

        Raises:
            ResultsError: it is none.
        """
        try:
            return json.loads(self.files[name])
        except (KeyError, ValueError, RecursionError):
            raise _damaged(f"{name} is no JSON") from None


# Writing


def write(results: Results, filename: files.Filename, without: Sequence[str]) -> None:
    """Write a bundle, whole or not at all.

    Raises:
        ResultsError: it cannot be written, or no scenario has a field that is to be left out.
    """
    known = [name for name in results.scenario_keys if name != "scenario_index"]
    for name in without:
        if name not in known:
            raise ResultsError(
                "no scenario has this field", field="without", value=name, remedy=nearest(name, known)
            )
    files.write(filename, lambda path: _write(results, path, without))


def _write(results: Results, path: Path, without: Sequence[str]) -> None:
    listed: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, pieces in _parts(results, without):
            size, digest = 0, hashlib.sha256()
            with target.open(_entry(name), "w", force_zip64=True) as file:
                for piece in pieces:
                    written = _cleaned(piece).encode()
                    size += len(written)
                    digest.update(written)
                    file.write(written)
            listed[name] = {"bytes": size, "sha256": digest.hexdigest()}
        contents = {"format": FORMAT, "without": list(without), "files": listed}
        target.writestr(_entry(CONTENTS), json.dumps(contents, indent=1))


def _entry(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, _DATE)
    made.compress_type = zipfile.ZIP_DEFLATED
    return made


def _parts(results: Results, without: Sequence[str]) -> Iterator[tuple[str, Iterable[str]]]:
    record = results.provenance()
    if without:
        sent = {"system_prompt": None, "user_prompt": None}
        data: dict[str, Any] = {**record.to_dict(), "prompt_hash": LEFT_OUT}
        data["questions"] = [question | sent for question in data["questions"]]
        record = type(record).from_dict(data)
    yield RESULTS, _results(results, without, record.to_dict())
    yield JOB, [json.dumps(_job(results, without))]
    # Who knows a prompt's key could find out what was left out of it.
    replies = {} if without else replies_of(results.interviews)
    yield CACHE, [] if without else _cache(results, replies)
    yield EARLIER, _earlier(results, replies)
    yield RECORD, [json.dumps(record.to_dict(), indent=1)]
    yield APPENDIX, [record.to_markdown()]


def _results(results: Results, without: Sequence[str], record: dict[str, Any]) -> Iterator[str]:
    writer, rest = Writer(results, json.dumps), beside(results)
    rest["edsl_nb"]["provenance"] = record
    yield '{"data": ['
    for position, row in enumerate(writer.rows(range(len(results)))):
        left = json.dumps(_without(json_value(row), without)) if without else row
        yield (", " if position else "") + left
    yield "], " + json.dumps(rest).removeprefix("{")


def _job(results: Results, without: Sequence[str]) -> dict[str, Any]:
    axes = results.axes
    scenarios = [scenario.to_dict() for scenario in axes.scenarios]
    data = {
        "survey": axes.survey.to_dict(),
        "agents": [agent.to_dict() for agent in axes.agents],
        "models": [model.to_dict() for model in axes.models],
        "scenarios": [_emptied(scenario, without) for scenario in scenarios],
    }
    return tagged(data, "Jobs")


def _emptied(scenario: Mapping[str, Any], without: Sequence[str]) -> dict[str, Any]:
    return {name: LEFT_OUT if name in without else value for name, value in scenario.items()}


def _without(row: dict[str, Any], without: Sequence[str]) -> dict[str, Any]:
    """A row without some fields of its scenario: neither as such, nor in prompts, nor quoted in replies."""
    gone = [
        text for name in without for text in _texts_in(row["scenario"].get(name)) if len(text) >= _TELLING
    ]
    emptied = {**row, "scenario": _emptied(row["scenario"], without), "prompt": {}, "cache_keys": {}}
    if not gone:
        return emptied
    pattern = re.compile("|".join(re.escape(text) for text in sorted(gone, key=len, reverse=True)))
    return cast(dict[str, Any], _replaced(emptied, lambda text: pattern.sub(LEFT_OUT, text)))


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(cast(dict[Any, Any], value).values())
    if isinstance(value, list | tuple):
        for item in cast(Sequence[Any], value):
            yield from _texts_in(item)
    elif value is not None:
        yield str(value)


def _replaced(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _replaced(item, change) for name, item in cast(dict[Any, Any], value).items()}
    if isinstance(value, list):
        return [_replaced(item, change) for item in cast(list[Any], value)]
    return value


def _earlier(results: Results, replies: Mapping[int, StoredReply]) -> Iterator[str]:
    """The replies before a question's last one, which is in the results, as where it was asked again."""
    names = results.question_names
    for row, interview in enumerate(results.interviews):
        for name, cell in zip(names, interview.cells, strict=True):
            known = [replies[reply_id] for reply_id in cell.reply_ids[:-1] if reply_id in replies]
            if known:
                said = [{"key": reply.call.key, "text": reply.text} for reply in known]
                yield json.dumps({"row": row, "question_name": name, "replies": said}) + "\n"


def _cache(results: Results, replies: Mapping[int, StoredReply]) -> Iterator[str]:
    """The replies as lines of an EDSL cache, each once."""
    seen: set[str] = set()
    for key, entry in _entries(results, replies):
        if key not in seen:
            seen.add(key)
            yield json.dumps({"key": key, "entry": entry.to_dict()}) + "\n"


def _entries(results: Results, replies: Mapping[int, StoredReply]) -> Iterator[tuple[str, CacheEntry]]:
    models = list(results.axes.models)
    for interview in results.interviews:
        model = models[interview.model]
        about = (model.model, dict(model.parameters))
        for cell in interview.cells:
            known = [replies[reply_id] for reply_id in cell.reply_ids if reply_id in replies]
            for reply in known:
                system, turns = json.loads(reply.messages)
                user = turns[0][1] if len(turns) == 1 else json.dumps(turns)
                yield reply.call.key, _entry_of(about, system, user, reply.raw, interview, int(reply.created))
            if not known and cell.key is not None and cell.raw is not None:
                sent = (cell.system_prompt or "", cell.user_prompt or "")
                yield cell.key, _entry_of(about, *sent, cell.raw, interview, 0)


def _entry_of(
    about: tuple[str, dict[str, Any]], system: str, user: str, raw: str, interview: Interview, when: int
) -> CacheEntry:
    return CacheEntry(*about, system, user, raw, iteration=interview.iteration, timestamp=when)


def _cleaned(text: str) -> str:
    """A text without keys, and without the path of the home folder, which tells the user's name."""
    home = str(Path.home())
    if len(home) > 1:
        for path in {home, json.dumps(home)[1:-1]}:
            text = re.sub(re.escape(path) + r"(?![\w.-])", "~", text)
    return redact(text)


# Reading


def read(filename: files.Filename) -> Bundle:
    """What is in a bundle, which is looked over first: nothing is unpacked to the disk.

    Raises:
        ResultsError: there is no such file, it is no bundle, damaged, or of a newer version.
    """
    try:
        content = Path(filename).expanduser().read_bytes()
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            return _read(source)
    except OSError as failure:
        raise ResultsError(
            f"the file cannot be read: {failure.strerror or failure}",
            field="filename",
            value=str(filename),
            remedy=_REMEDY,
        ) from None
    except (
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        TypeError,
    ) as failure:
        raise _damaged(f"it is no bundle, or damaged: {failure}", filename) from None


def _read(source: zipfile.ZipFile) -> Bundle:
    if CONTENTS not in source.namelist():
        raise _damaged("it is no bundle: it lacks a list of contents")
    listed = json.loads(_content(source, CONTENTS))
    if not isinstance(listed, dict) or not isinstance(listed.get("files"), dict):
        raise _damaged("its list of contents is none")
    if listed.get("format") != FORMAT:
        raise ResultsError(
            "this bundle was written by a newer version of edsl_nb",
            field="format",
            value=listed.get("format"),
            remedy="Install it: pip install --upgrade edsl_nb.",
        )
    found: dict[str, bytes] = {}
    for name, facts in cast(dict[str, Any], listed["files"]).items():
        if name not in source.namelist():
            raise _damaged(f"it lacks {name}, which its list of contents names")
        found[name] = _content(source, name)
        if not isinstance(facts, dict) or hashlib.sha256(found[name]).hexdigest() != facts.get("sha256"):
            raise _damaged(f"{name} is not what was written")
    without = listed.get("without")
    return Bundle(found, [str(name) for name in without] if isinstance(without, list) else [])


def _content(source: zipfile.ZipFile, name: str) -> bytes:
    if source.getinfo(name).file_size > _LARGEST:
        raise _damaged(f"{name} is larger than a bundle's files may be")
    return source.read(name)


def _damaged(problem: str, filename: object = None) -> ResultsError:
    return ResultsError(
        problem, field="filename", value=None if filename is None else str(filename), remedy=_REMEDY
    )
