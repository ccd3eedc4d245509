"""Objects on Coop: pushing, pulling, changing and deleting them."""

from __future__ import annotations

import asyncio
from typing import Any

from edsl_nb.coop.attachments import put_back, sent_apart
from edsl_nb.coop.documents import Document, document, restored
from edsl_nb.coop.identifiers import Name
from edsl_nb.coop.parts import parts_of, whole
from edsl_nb.coop.records import AliasInfo, OldObject, SignedUrl, StoredObject
from edsl_nb.coop.wire import Wire, decoded, encoded
from edsl_nb.core.errors import CoopError, CoopNotFoundError
from edsl_nb.core.version import __version__
from edsl_nb.scenarios import Scenario

#: What old storage puts before a document's address.
_ELSEWHERE = "load_from:"


async def push(
    wire: Wire, obj: Any, description: str | None, alias: str | None, visibility: str
) -> StoredObject:
    """Put an object on Coop. Returns what is known of it there."""
    made = await asyncio.to_thread(document, obj)
    asked = {
        "object_type": made.object_type,
        "description": description,
        "alias": alias,
        "visibility": visibility,
        "object_hash": made.object_hash,
        "version": f"edsl_nb-{__version__}",
    }
    answer = await wire.post("object/push", asked)
    found, place = StoredObject.of(answer, "object/push"), SignedUrl.of(answer, "object/push")
    try:
        await _put(wire, found.uuid, made, place.signed_url)
    except BaseException:
        await _forget(wire, found.uuid)
        raise
    told = {"object_type": made.object_type, "version": asked["version"], "visibility": visibility}
    return located(wire, found.model_copy(update={k: v for k, v in told.items() if found[k] is None}))


async def _put(wire: Wire, uuid: str, made: Document, url: str | None) -> None:
    content = await sent_apart(wire, made.content)
    await wire.upload(url or "", await encoded(content))
    await wire.post("object/confirm-upload", {"object_uuid": uuid}, repeatable=True)


async def _forget(wire: Wire, uuid: str) -> None:
    """Take away the empty object of an upload that came to nothing, as far as that can be done."""
    try:
        await wire.delete("object", [("uuid", uuid)])
    except CoopError:
        return


def located(wire: Wire, found: StoredObject) -> StoredObject:
    """The record of an object, with the addresses of its pages."""
    base = wire.access.url
    alias_url = f"{base}/content/{found.owner_username}/{found.alias}"
    where = {
        "url": f"{base}/content/{found.uuid}",
        "alias_url": alias_url if found.owner_username and found.alias else None,
    }
    return found.model_copy(update=where)


async def pull(wire: Wire, name: Name, expected: type[Any] | None) -> Any:
    """The object of a name, of an expected class or any."""
    said: str | None = None
    uuid = name.uuid
    if uuid is None:
        info = AliasInfo.of(await wire.get("object/alias/info", name.query), "object/alias/info")
        uuid, said = info.uuid, info.object_type
    content, object_type = await _content(wire, uuid)
    parts = parts_of(content)
    # A scenario is one by its tag; whoever asks for another class means what it names.
    if parts is not None and expected is not None and not issubclass(expected, Scenario):

        async def part(uuid: str) -> Any:
            return (await _content(wire, uuid))[0]

        content = await whole(parts, part)
    content = await put_back(wire, content)
    return await asyncio.to_thread(restored, content, object_type or said, expected, str(name))


async def _content(wire: Wire, uuid: str) -> tuple[Any, str | None]:
    """The document of an object, and Coop's name of its kind."""
    place = await _sign(wire, uuid)
    if not place.signed_url:
        return await _old_content(wire, uuid)
    signed = [place]

    async def sign() -> str:
        return (signed.pop() if signed else await _sign(wire, uuid)).signed_url or ""

    try:
        return await wire.download(sign), place.object_type
    except CoopNotFoundError as missing:
        try:
            return await _old_content(wire, uuid)
        except CoopError:
            raise missing from None


async def _sign(wire: Wire, uuid: str) -> SignedUrl:
    answer = await wire.post("object/pull", {"object_uuid": uuid}, repeatable=True)
    return SignedUrl.of(answer, "object/pull")


async def _old_content(wire: Wire, uuid: str) -> tuple[Any, str | None]:
    """The document of an object that was stored by an old version."""
    found = OldObject.of(await wire.get("object", [("uuid", uuid)]), "object")
    text = found.json_string
    body = await wire.fetch(text.removeprefix(_ELSEWHERE)) if text.startswith(_ELSEWHERE) else text.encode()
    try:
        return await decoded(body), found.object_type
    except ValueError:
        raise CoopError(
            f"the document of {uuid} is no JSON", field="pull", remedy="Push the object again."
        ) from None


async def metadata(wire: Wire, name: Name) -> StoredObject:
    """What Coop knows of an object."""
    path = "object/alias/metadata" if name.is_alias else "object/metadata"
    return located(wire, StoredObject.of(await wire.get(path, name.query), path))


async def patch(wire: Wire, name: Name, changes: dict[str, Any], value: Any) -> None:
    """Change what Coop says of an object, and its content where `value` is given."""
    path = "object/alias" if name.is_alias else "object"
    if any(change is not None for change in changes.values()):
        body = {"description": None, "alias": None, "json_string": None, "visibility": None, **changes}
        await wire.patch(path, name.query, body)
    if value is not None:
        made = await asyncio.to_thread(document, value)
        uuid = name.uuid or AliasInfo.of(await wire.get("object/alias/info", name.query), "alias").uuid
        await _refuse_another_type(wire, uuid, made)
        answer = await wire.post("object/upload-url", {"object_uuid": uuid}, repeatable=True)
        await _put(wire, uuid, made, SignedUrl.of(answer, "object/upload-url").signed_url)


async def _refuse_another_type(wire: Wire, uuid: str, made: Document) -> None:
    there = (await metadata(wire, Name(uuid=uuid))).object_type
    if there is not None and there != made.object_type:
        raise CoopError(
            f"{uuid} is a {there}, and the value would make it a {made.object_type}",
            field="value",
            remedy="Push it as an object of its own.",
        )


async def delete(wire: Wire, name: Name) -> None:
    """Delete an object."""
    await wire.delete("object/alias" if name.is_alias else "object", name.query)
