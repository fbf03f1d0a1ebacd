"""Manifests of versions, on the artifact store."""

from __future__ import annotations

from ingest.catalog.plan import PlannedDocument, PublishPlan
from ingest.context import Context
from schemas.errors import InvariantError
from schemas.version import VERSION_STAGE, VersionManifest, manifest_key


class Manifests:
    def __init__(self, context: Context) -> None:
        self._context = context

    def promised(self, plan: PublishPlan) -> PublishPlan:
        """The plan with its manifests written. The catalog learns of them when the commit is closed:
        one that a crash kept from being promised leaves a pack that nobody knows, and the next
        attempt may make another version of that number."""
        if not plan.documents:
            return plan
        frames = [
            (manifest_key(document.doc_id, document.version), self._manifest(plan, document).model_dump_json().encode())
            for document in plan.documents
        ]
        return plan.model_copy(update={"manifests": tuple(self._context.store.write_pack(VERSION_STAGE, frames))})

    def _manifest(self, plan: PublishPlan, document: PlannedDocument) -> VersionManifest:
        source, path = self._place(document)
        kind, root = self._context.catalog.files.source(plan.tenant, source)
        return VersionManifest(
            tenant=plan.tenant,
            source=source,
            kind=kind,
            root=root,
            path=path,
            doc_id=document.doc_id,
            version=document.version,
            file=document.file,
            chunk_key=document.chunk_key,
            top=document.top,
            metadata_digest=document.metadata_digest,
            previous_doc_id=document.previous_doc_id,
            seq=plan.seq,
            run_number=plan.run_number,
            at_ns=plan.at_ns,
        )

    def _place(self, document: PlannedDocument) -> tuple[str, str]:
        if document.file is not None:
            return document.file.source, document.file.path
        known = self._context.catalog.history.document(document.doc_id)
        if known is None:
            raise InvariantError("a document goes that was never there", document=document.doc_id)
        return known.source, known.path
