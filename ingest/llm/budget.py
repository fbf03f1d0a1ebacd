"""What a run and a document may cost: tokens are set aside before a request, and the real ones
counted after it, so that requests at the same time cannot go above the bound together."""

from __future__ import annotations

from threading import Lock

from schemas.errors import ConfigError, TooLarge


class Budget:
    """For one run. Thread-safe."""

    def __init__(self, run_tokens: int, document_tokens: int) -> None:
        self._run_limit = run_tokens
        self._document_limit = document_tokens
        self._lock = Lock()
        self.run_spent = 0
        self._document_spent = 0

    def next_document(self) -> None:
        self._document_spent = 0

    def set_aside(self, tokens: int) -> None:
        """Raises `ConfigError` when the run, `TooLarge` when the document could cost more than it may."""
        with self._lock:
            if self.run_spent + tokens > self._run_limit:
                raise ConfigError(
                    f"propositions have cost {self.run_spent:,} tokens in this run, and the next request may cost"
                    f" {tokens:,}: raise proposition.max_run_tokens ({self._run_limit:,}) and run again; answers so"
                    " far are kept",
                    spent=self.run_spent,
                )
            if self._document_spent + tokens > self._document_limit:
                raise TooLarge(
                    f"propositions of this document have cost {self._document_spent:,} tokens, and the next request"
                    f" may cost {tokens:,}: raise proposition.max_document_tokens ({self._document_limit:,})",
                    spent=self._document_spent,
                )
            self._add(tokens)

    def settle(self, set_aside: int, spent: int) -> None:
        """What was set aside for a request is replaced by what it cost."""
        with self._lock:
            self._add(spent - set_aside)

    def _add(self, tokens: int) -> None:
        self.run_spent += tokens
        self._document_spent += tokens
