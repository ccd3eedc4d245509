"""Folders that other machines write to as well: network drives, and folders that a program keeps in step."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

#: File systems behind which there is another machine.
_REMOTE = frozenset({
    "afpfs", "afs", "beegfs", "ceph", "cifs", "davfs", "drvfs", "fuse.ceph", "fuse.curlftpfs", "fuse.gcsfuse",
    "fuse.glusterfs", "fuse.google-drive-ocamlfuse", "fuse.rclone", "fuse.s3fs", "fuse.smbnetfs",
    "fuse.sshfs", "fuse.vmhgfs-fuse", "fuse.webdavfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs3",
    "nfs4", "orangefs", "prl_fs", "smb", "smb2", "smb3", "smbfs", "vboxsf", "vmhgfs", "webdav",
})  # fmt: skip

#: Names of folders that a program keeps in step with other machines.
_SYNCHRONISED = re.compile(
    r"(dropbox|onedrive|google ?drive|icloud ?drive|nextcloud|owncloud|pcloud ?drive|box sync)\b.*"
    r"|cloudstorage|mobile documents|com~apple~clouddocs|icloudstorage",
    re.IGNORECASE,
)

#: Where Linux tells what is mounted.
MOUNTS = Path("/proc/self/mountinfo")


def shared(path: Path) -> str | None:
    """What makes a file one that other machines write to as well.

    Returns:
        Words such as ``a network drive (nfs4)``, or None for a file on a local disk.
    """
    real = os.path.realpath(path)
    for part in (*Path(path).parts, *Path(real).parts):
        if _SYNCHRONISED.fullmatch(part):
            return f"a synchronised folder ({part})"
    if real.startswith("\\\\"):
        return "a network drive"
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # no Linux
        return None
    kind = _file_system(real, lines)
    return f"a network drive ({kind})" if kind in _REMOTE else None


def _file_system(path: str, mounts: Iterable[str]) -> str | None:
    """The kind of file system that a path lies on: that of the deepest mount over it, and the latest."""
    deepest, found = -1, None
    for line in mounts:
        before, _, after = line.partition(" - ")
        fields, kinds = before.split(), after.split()
        if len(fields) < 5 or not kinds:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
        within = path == point or path.startswith(point.rstrip("/") + "/")
        if within and len(point) >= deepest:
            deepest, found = len(point), kinds[0]
    return found
