"""What was decided about duplicates: of rows of the index why, of whole documents what they are to others.

A document's bands are kept as long as it is no exact copy of another: its copies are found through
it. When it changes or goes, its oldest copy takes over its bands and its relations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ingest.catalog.database import IN_CLAUSE, Database, Value, marks
from ingest.catalog.keys import digest_key, uuid_key, uuid_text
from ingest.catalog.plan import PlannedDocumentText, PlannedJudgement, PlannedRelation, PublishPlan
from schemas.chunk import DocumentRelation
from schemas.errors import InvariantError

APART = DocumentRelation.APART.value


@dataclass(frozen=True, slots=True)
class DocumentTextRow:
    """What is known of a document's text without reading it."""

    doc_id: str
    chunk_key: str
    text_digest: bytes
    facts_digest: bytes
    furniture: str | None


class Duplicates:
    def __init__(self, database: Database) -> None:
        self._db = database

    # ---------------------------------------------------------------- documents

    def documents_by_bands(self, bands: Iterable[int]) -> dict[int, list[str]]:
        """By band, the documents that have it, the oldest first."""
        found: dict[int, list[str]] = defaultdict(list)
        for places, part in _parts(sorted(bands)):
            rows = self._db.rows(
                "SELECT document_bands.band, documents.doc_id FROM document_bands"
                " JOIN documents ON documents.doc_no = document_bands.doc_no"
                f" WHERE document_bands.band IN ({places}) ORDER BY document_bands.doc_no",
                part,
            )
            for band, doc_id in rows:
                found[_integer(band)].append(uuid_text(doc_id))
        return found

    def bands_of(self, doc_ids: Iterable[str]) -> dict[str, list[int]]:
        """Of those that are no exact copies."""
        found: dict[str, list[int]] = defaultdict(list)
        for places, part in _parts([uuid_key(one) for one in doc_ids]):
            rows = self._db.rows(
                "SELECT documents.doc_id, document_bands.band FROM documents"
                " JOIN document_bands ON document_bands.doc_no = documents.doc_no"
                f" WHERE documents.doc_id IN ({places})",
                part,
            )
            for doc_id, band in rows:
                found[uuid_text(doc_id)].append(_integer(band))
        return found

    def texts(self, doc_ids: Iterable[str]) -> dict[str, DocumentTextRow]:
        found: dict[str, DocumentTextRow] = {}
        for places, part in _parts([uuid_key(one) for one in doc_ids]):
            rows = self._db.rows(
                "SELECT documents.doc_id, documents.chunk_key, document_texts.text_digest,"
                " document_texts.facts_digest, document_texts.furniture"
                " FROM documents JOIN document_texts ON document_texts.doc_no = documents.doc_no"
                f" WHERE documents.doc_id IN ({places})",
                part,
            )
            for doc_id, chunk_key, text, facts, furniture in rows:
                row = DocumentTextRow(
                    doc_id=uuid_text(doc_id),
                    chunk_key=str(chunk_key),
                    text_digest=_blob(text),
                    facts_digest=_blob(facts),
                    furniture=None if furniture is None else str(furniture),
                )
                found[row.doc_id] = row
        return found

    def originals(self, doc_ids: Iterable[str]) -> dict[str, str]:
        """What each is an exact copy of; itself where it is none."""
        asked = list(doc_ids)
        found = {one: one for one in asked}
        for places, part in _parts([uuid_key(one) for one in asked]):
            rows = self._db.rows(
                "SELECT copy.doc_id, original.doc_id FROM documents AS copy"
                " JOIN document_duplicates ON document_duplicates.doc_no = copy.doc_no"
                " JOIN documents AS original ON original.doc_no = document_duplicates.other_no"
                f" WHERE copy.doc_id IN ({places}) AND document_duplicates.kind = ?",
                [*part, DocumentRelation.EXACT.value],
            )
            found.update({uuid_text(copy): uuid_text(original) for copy, original in rows})
        return found

    def heirs(self, doc_ids: Iterable[str], going: Collection[str]) -> dict[str, str]:
        """Of each that has one, the oldest exact copy that is not going itself."""
        found: dict[str, str] = {}
        for places, part in _parts([uuid_key(one) for one in doc_ids]):
            rows = self._db.rows(
                "SELECT original.doc_id, copy.doc_id FROM documents AS original"
                " JOIN document_duplicates ON document_duplicates.other_no = original.doc_no"
                " JOIN documents AS copy ON copy.doc_no = document_duplicates.doc_no"
                f" WHERE original.doc_id IN ({places}) AND document_duplicates.kind = ? ORDER BY copy.doc_no",
                [*part, DocumentRelation.EXACT.value],
            )
            for original, copy in rows:
                if uuid_text(copy) not in going:
                    found.setdefault(uuid_text(original), uuid_text(copy))
        return found

    def live_documents(self) -> dict[str, list[tuple[str, str]]]:
        """By tenant, (document id, chunk key), in the order in which they came."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        rows = self._db.rows("SELECT tenant, doc_id, chunk_key FROM documents WHERE live = 1 ORDER BY doc_no")
        for tenant, doc_id, chunk_key in rows:
            found[str(tenant)].append((uuid_text(doc_id), str(chunk_key)))
        return found

    # -------------------------------------------------------------------- rows

    def judgements(self, point_ids: Iterable[str]) -> dict[str, PlannedJudgement]:
        """What was decided of these rows of the index."""
        found: dict[str, PlannedJudgement] = {}
        for places, part in _parts([uuid_key(one) for one in point_ids]):
            rows = self._db.rows(
                f"SELECT point_id, kind, similarity, reason, other FROM duplicates WHERE point_id IN ({places})", part
            )
            for point_id, kind, similarity, reason, other in rows:
                row = PlannedJudgement(
                    point_id=uuid_text(point_id),
                    kind=str(kind),
                    similarity=float(str(similarity)),
                    reason=str(reason),
                    other=None if other is None else uuid_text(other),
                )
                found[row.point_id] = row
        return found

    # ----------------------------------------------------------------- writing

    def record(self, plan: PublishPlan) -> None:
        """Within the transaction that closes the plan's intent, after its documents are there."""
        self.forget_points(plan.retire)
        self._db.execute_many(
            "INSERT INTO duplicates (point_id, kind, similarity, reason, other) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (point_id) DO UPDATE SET kind = excluded.kind, similarity = excluded.similarity,"
            " reason = excluded.reason, other = excluded.other",
            [
                (uuid_key(j.point_id), j.kind, j.similarity, j.reason, None if j.other is None else uuid_key(j.other))
                for j in plan.judgements
            ],
        )
        self.forget_documents([document.doc_id for document in plan.documents], plan.heirs)
        self.keep_documents(plan.document_texts, plan.relations)

    def forget_points(self, point_ids: Iterable[str]) -> None:
        """What was decided of rows that are no longer current."""
        self._db.execute_many("DELETE FROM duplicates WHERE point_id = ?", [(uuid_key(one),) for one in point_ids])

    def forget_documents(self, doc_ids: Iterable[str], heirs: Mapping[str, str]) -> None:
        """Their texts, bands and relations; an exact copy takes them over where there is one."""
        for doc_id in doc_ids:
            number = self._number(doc_id)
            if number is None:
                continue
            heir = heirs.get(doc_id)
            if heir is not None:
                self._hand_over(number, self._known_number(heir))
            self._db.execute("DELETE FROM document_bands WHERE doc_no = ?", (number,))
            self._db.execute("DELETE FROM document_duplicates WHERE doc_no = ? OR other_no = ?", (number, number))
            self._db.execute("DELETE FROM document_texts WHERE doc_no = ?", (number,))

    def keep_documents(self, texts: Iterable[PlannedDocumentText], relations: Iterable[PlannedRelation]) -> None:
        for text in texts:
            number = self._known_number(text.doc_id)
            self._db.execute(
                "INSERT INTO document_texts (doc_no, text_digest, facts_digest, furniture, words)"
                " VALUES (?, ?, ?, ?, ?)",
                (number, digest_key(text.text_digest), digest_key(text.facts_digest), text.furniture, text.words),
            )
            self._db.execute_many(
                "INSERT INTO document_bands (band, doc_no) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(band, number) for band in text.bands],
            )
        self._db.execute_many(
            "INSERT INTO document_duplicates (doc_no, other_no, kind, similarity, reason) VALUES (?, ?, ?, ?, ?)",
            [
                (self._known_number(r.doc_id), self._known_number(r.other), r.kind.value, r.similarity, r.reason)
                for r in relations
            ],
        )

    def forget_all_documents(self) -> None:
        """Before every document is looked at again."""
        for table in ("document_bands", "document_duplicates", "document_texts"):
            self._db.execute(f"DELETE FROM {table}")

    def _hand_over(self, number: int, heir: int) -> None:
        """The heir's text is the same, so its bands and relations are."""
        self._db.execute("DELETE FROM document_duplicates WHERE doc_no = ? AND other_no = ?", (heir, number))
        self._db.execute("UPDATE document_bands SET doc_no = ? WHERE doc_no = ?", (heir, number))
        for mine, theirs in (("doc_no", "other_no"), ("other_no", "doc_no")):
            self._db.execute(
                f"INSERT INTO document_duplicates ({mine}, {theirs}, kind, similarity, reason)"
                f" SELECT ?, {theirs}, kind, similarity, reason FROM document_duplicates"
                f" WHERE {mine} = ? AND {theirs} <> ? ON CONFLICT DO NOTHING",
                (heir, number, heir),
            )

    def _number(self, doc_id: str) -> int | None:
        rows = self._db.rows("SELECT doc_no FROM documents WHERE doc_id = ?", (uuid_key(doc_id),))
        return _integer(rows[0][0]) if rows else None

    def _known_number(self, doc_id: str) -> int:
        number = self._number(doc_id)
        if number is None:
            raise InvariantError("a document that was compared is not in the catalog", document=doc_id)
        return number


def _parts(values: list[bytes] | list[int]) -> Iterator[tuple[str, list[Value]]]:
    """Question marks, and the values for them."""
    for start in range(0, len(values), IN_CLAUSE):
        part: list[Value] = [*values[start : start + IN_CLAUSE]]
        yield marks(len(part)), part


def _blob(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise InvariantError("a key in the catalog is not a blob")
    return value


def _integer(value: Value) -> int:
    return int(str(value))
