"""What drivers of fsspec raise, told in sentences."""

from __future__ import annotations

import errno

from schemas.errors import ConfigError, DocstrataError, MissingExtra, StoreDown

_INSTALL = {
    "s3": "'docstrata[s3]'", "s3a": "'docstrata[s3]'", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs",
    "abfss": "adlfs", "az": "adlfs", "adl": "adlfs", "sftp": "paramiko", "ssh": "paramiko", "http": "aiohttp",
    "https": "aiohttp", "smb": "smbprotocol", "webdav": "webdav4", "hdfs": "pyarrow", "oss": "ossfs", "hf":
    "huggingface_hub", "dropbox": "dropboxdrivefs", "box": "boxfs", "gdrive": "gdrivefs", "oci": "ocifs",
}  # fmt: skip


def driver_missing(url: str, scheme: str, error: ImportError) -> MissingExtra:
    what = _INSTALL.get(scheme)
    install = f"pip install {what}" if what else str(error)
    return MissingExtra(f"{url} needs a driver that is not installed: {install}")


def told_of(url: str, error: Exception) -> DocstrataError:
    """Each driver raises what its own libraries raise: they are told apart by kind and name."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if isinstance(error, PermissionError) or any("Credential" in name or "Auth" in name for name in names):
        return ConfigError(
            f"{url} may not be used ({_brief(error)}): check the credentials in the environment, and that"
            " they may list and read there, and write where it is a drop folder"
        )
    if isinstance(error, FileNotFoundError):
        return ConfigError(f"there is no {url} ({_brief(error)}): check the URL")
    if isinstance(error, ImportError):
        return MissingExtra(f"{url} needs a package that is not installed: {error}")
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StoreDown(f"there is no room for what comes from {url} ({_brief(error)}): make room and run again")
    return StoreDown(
        f"{url} cannot be reached ({_brief(error)}): nothing was taken from the index; run again when it is back"
    )


def _brief(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text[:300] or type(error).__name__
