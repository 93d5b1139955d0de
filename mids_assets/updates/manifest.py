"""The update manifest: which version of a database is offered, and where its patch lies.

JSON, or one of the three generations of XML; the content decides. Source: formats updates.md 2 and 3.
Does not belong here: how it is fetched (`updates.polling`), whether the version is newer (`updates.fetch`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import msgspec

from mids_assets.errors import FormatError
from mids_assets.updates.manifest_xml import Element, parse_xml
from mids_assets.versions import parse_version

_BLANKS = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_DATABASE = ("database", "1")
_NAME_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Offer:
    """A database as a manifest offers it. `version` is one that .NET understands.

    `patches` are addresses to be tried one after the other: the oldest manifests leave the suffix open.
    """

    version: str
    patches: tuple[str, ...]
    manifest: str

    def hashes(self, patch: str) -> tuple[str, ...]:
        """Where the hash file of a patch may lie; until April 2025 its name went without "-cumulative"."""
        parts = urlsplit(patch)
        folder, slash, name = parts.path.rpartition("/")
        stem = name.rpartition(".")[0] or name
        names = dict.fromkeys((f"{stem}.hash", f"{stem.removesuffix('-cumulative')}.hash"))
        return tuple(parts._replace(path=f"{folder}{slash}{one}").geturl() for one in names)


@dataclass(frozen=True, slots=True)
class _Entry:
    version: str | None
    files: tuple[str, ...]


def read_offer(data: bytes, realm: str, url: str, base: str) -> Offer | None:
    """What the manifest at `url` offers for a realm; None where it names none, or no version that can be compared.

    `base` is the address that file names of the JSON form are appended to; those of XML are relative to `url`. Raises
    `FormatError` for what is no manifest, and for a patch that lies where none may lie.
    """
    content = data.removeprefix(_BOM).lstrip(_BLANKS)
    utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    if content.startswith(b"{"):
        entry, root = _from_json(content, realm, url), base
    elif utf16 or (content.startswith(b"<") and not _is_html(content)):
        entry, root = _from_xml(parse_xml(data.lstrip(_BLANKS), url), realm, base, url)
    else:
        what = "is empty" if not content else "is a web page" if _is_html(content) else "is neither JSON nor XML"
        raise FormatError(f"{what}, not an update manifest; look at the address in a browser", file=url)
    if entry is None or not entry.files or entry.version is None or parse_version(entry.version) is None:
        return None
    return Offer(entry.version.strip(), tuple(patch_url(file, root, url) for file in entry.files), url)


def patch_url(file: str, base: str, manifest: str) -> str:
    """The address of a file that a manifest names. Raises `FormatError` for one that is neither http(s) nor below
    `base`, or that would leave an encrypted connection."""
    if not file or len(file) > _NAME_LIMIT or not file.isprintable():
        raise _refused(file, manifest, "it is no name of a file")
    try:
        scheme, host = urlsplit(file).scheme, urlsplit(file).hostname
    except ValueError:
        raise _refused(file, manifest, "it is no address") from None
    if not scheme:
        if "\\" in file or file.startswith("/") or any(part in ("", ".", "..") for part in file.split("/")):
            raise _refused(file, manifest, f"it leads elsewhere than below {base}")
        return urljoin(base, quote(file))
    if scheme not in ("http", "https") or not host:
        raise _refused(file, manifest, "only http and https are allowed")
    if scheme == "http" and urlsplit(manifest).scheme == "https":
        raise _refused(file, manifest, "the manifest is encrypted and this is not")
    return file


def _refused(file: str, manifest: str, why: str) -> FormatError:
    return FormatError(f"the patch {file[:_NAME_LIMIT]!r} is refused: {why}", file=manifest, field="File")


def _is_html(content: bytes) -> bool:
    head = content[:200].lower()
    return head.startswith((b"<!doctype html", b"<html"))


def _from_json(content: bytes, realm: str, url: str) -> _Entry | None:
    try:
        found = _folded(msgspec.json.decode(content))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"this is no JSON ({error})", file=url) from None
    updates = found.get("updates")
    if updates is None:
        return None
    if not isinstance(updates, list):
        raise FormatError("this is no list", file=url, field="Updates")
    for number, item in enumerate(updates):
        if not isinstance(item, dict):
            raise FormatError("this is no object", file=url, record=f"update {number}")
        facts = {name: _text(value, url, number, name) for name, value in _folded(item).items() if name in _FIELDS}
        if _is_for(facts, realm):
            return _Entry(facts.get("version"), _files(facts))
    return None


_FIELDS = ("type", "name", "version", "file")


def _folded(value: dict[str, Any]) -> dict[str, Any]:
    return {name.lower(): inner for name, inner in value.items()}


def _text(value: Any, url: str, number: int, name: str) -> str | None:
    if name == "type" and type(value) is int:
        return str(value)
    if value is None or isinstance(value, str):
        return value
    raise FormatError("this is no text", file=url, record=f"update {number}", field=name.title())


def _is_for(facts: dict[str, str | None], realm: str) -> bool:
    return (facts.get("type") or "").lower() in _DATABASE and (facts.get("name") or "").lower() == realm


def _files(facts: dict[str, str | None]) -> tuple[str, ...]:
    file = facts.get("file")
    return (file,) if file else ()


def _from_xml(root: Element, realm: str, base: str, url: str) -> tuple[_Entry | None, str]:
    """The entry, and the address that its file names are relative to."""
    directory = urljoin(url, ".")
    names = {child.name for child in root.children}
    if root.name == "manifest" and "updates" in names:
        for element in root.all():
            facts: dict[str, str | None] = {name: element.value(name) for name in _FIELDS}
            if element.name == "manifestentry" and _is_for(facts, realm):
                return _Entry(facts["version"], _files(facts)), base
        return None, base
    if root.name == "manifest" and names == {"version", "file"}:
        return _Entry(root.value("version"), _files({"file": root.value("file")})), directory
    found = {element.name: element.text for element in reversed(list(root.all())) if element.text}
    version = found.get("db-version")
    if version is None and "app-version" not in found:
        # Without a name: the address stands for the one database that it describes.
        version = found.get("version")
    if version is None:
        if not found.keys() & {"app-version", "changelog", "mandatory"}:
            raise FormatError("this XML holds no version; it is no update manifest", file=url)
        return None, directory
    suffixes = ("mru", "zip") if "app-version" in found else ("mru",)
    return _Entry(version, tuple(f"{version.strip()}.{suffix}" for suffix in suffixes)), directory
