"""Files inside of documents: Coop keeps their content beside the document, which says where."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from pathlib import PurePath
from typing import Any, cast

from edsl_nb.coop.wire import Wire
from edsl_nb.core.errors import CoopError, CoopNotFoundError
from edsl_nb.core.file_contents import LEFT_OUT

#: What tells a file from other dicts.
_FIELDS = frozenset(
    {"path", "base64_string", "binary", "suffix", "mime_type", "external_locations", "extracted_text"}
)

#: Where Coop keeps files, as EDSL's JSON calls it.
_STORAGE = "gcs"

#: Transfers at a time.
_AT_ONCE = 8

#: How deep documents are looked through; JSON of ours is not so deep.
_DEEPEST = 60


async def sent_apart(wire: Wire, content: Any) -> Any:
    """A document whose files are uploaded, each once; files stay in it where Coop takes none.

    Of a file's path only its name is sent.
    """
    files = _files(content)
    if not files:
        return content
    places: dict[str, dict[str, Any] | None] = {}
    limit = asyncio.Semaphore(_AT_ONCE)
    different = {_digest(file): file for file in files if file["base64_string"] != LEFT_OUT}

    async def send(digest: str, file: dict[str, Any]) -> None:
        async with limit:
            places[digest] = await _upload(wire, file)

    await asyncio.gather(*(send(digest, file) for digest, file in different.items()))
    return _replaced(content, lambda file: _apart(file, places))


def _apart(file: dict[str, Any], places: dict[str, dict[str, Any] | None]) -> dict[str, Any]:
    named = {**file, "path": _name(file)}
    place = places.get(_digest(file)) if file["base64_string"] != LEFT_OUT else None
    if place is None:
        return named
    kept = file["external_locations"] if isinstance(file["external_locations"], dict) else {}
    return {**named, "base64_string": LEFT_OUT, "external_locations": {**kept, _STORAGE: place}}


async def _upload(wire: Wire, file: dict[str, Any]) -> dict[str, Any] | None:
    try:
        content = base64.b64decode(file["base64_string"], validate=True)
    except (binascii.Error, TypeError, ValueError):
        return None  # what is no file's content stays as it is
    kind = str(file["mime_type"] or "application/octet-stream")
    asked = {"file_name": _name(file), "mime_type": kind, "suffix": file["suffix"]}
    try:
        found = await wire.post("filestore/upload-url", asked, repeatable=True)
    except CoopNotFoundError:
        return None  # this Coop keeps files inside of documents
    place = cast(dict[str, Any], found) if isinstance(found, dict) else {}
    if not isinstance(place.get("file_uuid"), str):
        raise CoopError("Coop gave no place for a file", field="path", value=_name(file), remedy="Try again.")
    await wire.upload(place.get("upload_url") or "", content, kind)
    hashed = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return {"file_uuid": place["file_uuid"], "uploaded": True, "offloaded": True, "content_hash": hashed}


async def put_back(wire: Wire, content: Any) -> Any:
    """A document with the content of its files; those that Coop does not give any more stay without."""
    files = [file for file in _files(content) if file["base64_string"] == LEFT_OUT and _place(file)]
    if not files:
        return content
    contents: dict[str, str | None] = {}
    limit = asyncio.Semaphore(_AT_ONCE)

    async def fetch(uuid: str, suffix: Any) -> None:
        async with limit:
            contents[uuid] = await _download(wire, uuid, suffix)

    await asyncio.gather(*(fetch(u, s) for u, s in {str(_place(f)): f["suffix"] for f in files}.items()))

    def whole(file: dict[str, Any]) -> dict[str, Any]:
        found = contents.get(str(_place(file))) if file["base64_string"] == LEFT_OUT else None
        if found is None:
            return file
        # It is here again, so that nothing needs to be said of where it was.
        kept = {name: place for name, place in file["external_locations"].items() if name != _STORAGE}
        return {**file, "base64_string": found, "external_locations": kept}

    return _replaced(content, whole)


async def _download(wire: Wire, uuid: str, suffix: Any) -> str | None:
    try:
        found = await wire.post(
            "filestore/download-url", {"file_uuid": uuid, "suffix": suffix}, repeatable=True
        )
        url = cast(dict[str, Any], found).get("download_url") if isinstance(found, dict) else None
        return base64.b64encode(await wire.fetch(url or "")).decode()
    except CoopNotFoundError:
        return None


def _place(file: dict[str, Any]) -> str | None:
    where = file["external_locations"]
    found = cast(dict[str, Any], where).get(_STORAGE) if isinstance(where, dict) else None
    uuid = cast(dict[str, Any], found).get("file_uuid") if isinstance(found, dict) else None
    return uuid if isinstance(uuid, str) else None


def _name(file: dict[str, Any]) -> str:
    return PurePath(str(file["path"]).replace("\\", "/")).name or "file"


def _digest(file: dict[str, Any]) -> str:
    text = f"{_name(file)}\0{file['base64_string']}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def is_file(value: Any) -> bool:
    """Whether JSON is that of a file."""
    return isinstance(value, dict) and value.keys() >= _FIELDS


def _files(value: Any, depth: int = 0) -> list[dict[str, Any]]:
    if depth > _DEEPEST or not isinstance(value, dict | list):
        return []
    if is_file(value):
        return [cast(dict[str, Any], value)]
    inside = cast(dict[str, Any], value).values() if isinstance(value, dict) else cast(list[Any], value)
    return [file for one in inside for file in _files(one, depth + 1)]


def _replaced(value: Any, change: Any, depth: int = 0) -> Any:
    if depth > _DEEPEST or not isinstance(value, dict | list):
        return value
    if is_file(value):
        return change(value)
    if isinstance(value, dict):
        named = cast(dict[str, Any], value)
        return {key: _replaced(one, change, depth + 1) for key, one in named.items()}
    return [_replaced(one, change, depth + 1) for one in cast(list[Any], value)]
