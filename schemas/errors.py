"""The tree of errors.

```
DocstrataError            code, facts
├─ ConfigError · MissingExtra        stop the run and say what to do
├─ InputError                        quarantine this file, go on with the others
│  ├─ Unreadable · UnsupportedFormat · CorruptFile · EncryptedFile · TooLarge · NoText · BadSidecar
│  └─ ParserCrashed · ParserTimeout
├─ TransientError                    retry with backoff: StoreDown · SinkDown · EndpointDown · OutOfMemory
└─ InvariantError                    our own defect: TextLost · VectorSizeMismatch · SchemaMismatch
```
Only `InputError` is caught per file.
"""

from __future__ import annotations

from typing import ClassVar

Fact = str | int | float | bool | None


class DocstrataError(Exception):
    """Base of all: a sentence for a person, a stable code and facts for a machine."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, **facts: Fact) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders. The default would call the class with the message alone:
        # facts would be lost, and a subclass that takes other arguments could not be made.
        return (_rebuild, (type(self), self.message, self.__dict__))


def _rebuild(kind: type[DocstrataError], message: str, state: dict[str, object]) -> DocstrataError:
    error = kind.__new__(kind, message)
    error.__dict__.update(state)
    return error


class ConfigError(DocstrataError):
    """The user's configuration or arguments are off; nothing was done."""

    code = "config"


class MissingExtra(DocstrataError):
    """An optional dependency is not installed; the message names what to install."""

    code = "missing_extra"


class InputError(DocstrataError):
    """One file is at fault: it goes to quarantine and the run goes on."""

    code = "input"


class Unreadable(InputError):
    """The file cannot be opened: rights, a dangling link, a device error."""

    code = "unreadable"


class UnsupportedFormat(InputError):
    code = "unsupported_format"


class CorruptFile(InputError):
    code = "corrupt_file"


class EncryptedFile(InputError):
    code = "encrypted_file"


class TooLarge(InputError):
    code = "too_large"


class NoText(InputError):
    code = "no_text"


class BadSidecar(InputError):
    """The file beside it that holds its metadata cannot be used; without it, it is not taken in."""

    code = "bad_sidecar"


class ParserCrashed(InputError):
    code = "parser_crashed"


class ParserTimeout(InputError):
    code = "parser_timeout"


class TransientError(DocstrataError):
    """May pass by itself: tried again with backoff."""

    code = "transient"


class StoreDown(TransientError):
    code = "store_down"


class SinkDown(TransientError):
    code = "sink_down"


class EndpointDown(TransientError):
    """A language model behind an address is away or overloaded."""

    code = "endpoint_down"


class OutOfMemory(TransientError):
    code = "out_of_memory"


class InvariantError(DocstrataError):
    """Our own defect: stop, and never publish what follows from it."""

    code = "invariant"


class TextLost(InvariantError):
    code = "text_lost"


class VectorSizeMismatch(InvariantError):
    code = "vector_size_mismatch"


class SchemaMismatch(InvariantError):
    code = "schema_mismatch"
