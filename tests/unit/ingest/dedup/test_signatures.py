from __future__ import annotations

import random

import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH

from ingest.dedup.shingles import jaccard, shingles
from ingest.dedup.signatures import Signatures
from ingest.options.dedup import DedupOptions

WORDS = [f"word{i}" for i in range(400)]


@pytest.fixture(scope="module")
def signatures() -> Signatures:
    return Signatures(DedupOptions())


def test_a_signature_is_that_of_datasketch_word_by_word(signatures: Signatures) -> None:
    own = shingles(WORDS, 3)
    theirs = MinHash(num_perm=128, seed=1, hashfunc=int)
    for value in own:
        theirs.update(int(value) >> 32)
    assert np.array_equal(signatures.signature(own), theirs.hashvalues)


def test_a_long_text_and_an_empty_one_are_signed_alike(signatures: Signatures) -> None:
    own = shingles([f"word{i}" for i in range(20_000)], 3)
    theirs = MinHash(num_perm=128, seed=1, hashfunc=int)
    theirs.update_batch((own >> np.uint64(32)).tolist())
    assert np.array_equal(signatures.signature(own), theirs.hashvalues)
    assert np.array_equal(signatures.signature(own[:0]), MinHash(num_perm=128).hashvalues)


def test_the_bands_are_datasketchs_and_find_what_reaches_the_threshold(signatures: Signatures) -> None:
    weights = (1 - DedupOptions().miss_weight, DedupOptions().miss_weight)
    theirs = MinHashLSH(threshold=0.9, num_perm=128, weights=weights)
    bands, rows = signatures.layout
    assert (bands, rows) == (theirs.b, theirs.r)
    assert 1 - (1 - 0.9**rows) ** bands > 0.99


def test_similar_texts_share_a_band_and_different_ones_do_not(signatures: Signatures) -> None:
    met = missed = 0
    for cut in range(0, 300, 3):
        one, other = shingles(WORDS, 3), shingles(WORDS[:cut] + WORDS[cut + 4 :], 3)
        assert jaccard(one, other) > 0.97
        shared = set(signatures.bands(signatures.signature(one))) & set(signatures.bands(signatures.signature(other)))
        met, missed = met + bool(shared), missed + (not shared)
    assert missed == 0
    far = shingles([f"other{i}" for i in range(400)], 3)
    assert not set(signatures.bands(signatures.signature(far))) & set(
        signatures.bands(signatures.signature(shingles(WORDS, 3)))
    )


def test_texts_with_other_facts_do_not_meet(signatures: Signatures) -> None:
    signature = signatures.signature(shingles(WORDS, 3))
    assert signatures.bands(signature, ("1",)) == signatures.bands(signature, ("1",))
    assert not set(signatures.bands(signature, ("1",))) & set(signatures.bands(signature, ("2",)))
    assert len(set(signatures.bands(signature))) == signatures.layout[0]


def test_the_estimate_errs_as_datasketchs_does(signatures: Signatures) -> None:
    errors = []
    for cut in range(10, 200, 10):
        one, other = shingles(WORDS, 3), shingles(WORDS[cut:], 3)
        estimate = float(np.mean(signatures.signature(one) == signatures.signature(other)))
        errors.append(estimate - jaccard(one, other))
    assert abs(float(np.mean(errors))) < 0.05
    assert max(map(abs, errors)) < 4 * 0.5 / np.sqrt(128)


def test_what_changes_stored_keys_changes_the_fingerprint() -> None:
    prints = {
        Signatures(options).fingerprint
        for options in (
            DedupOptions(),
            DedupOptions(threshold=0.8),
            DedupOptions(seed=2),
            DedupOptions(shingle_words=4),
        )
    }
    assert len(prints) == 4
    assert Signatures(DedupOptions(min_words=30)).fingerprint == Signatures(DedupOptions()).fingerprint


def test_bands_propose_the_pairs_that_datasketchs_index_proposes(signatures: Signatures) -> None:
    chance = random.Random(3)
    texts = []
    for base in range(12):
        words = [f"base{base}word{i}" for i in range(120)]
        for changed in range(8):
            copy = list(words)
            for at in chance.sample(range(120), changed):
                copy[at] = f"other{chance.random()}"
            texts.append(shingles(copy, 3))
    options = DedupOptions()
    index = MinHashLSH(
        threshold=options.threshold,
        num_perm=options.permutations,
        weights=(1 - options.miss_weight, options.miss_weight),
    )
    theirs: set[frozenset[int]] = set()
    ours: set[frozenset[int]] = set()
    bands = [set(signatures.bands(signatures.signature(text))) for text in texts]
    for number, text in enumerate(texts):
        theirs_own = signatures.signature(text)
        minhash = MinHash(num_perm=options.permutations, seed=1, hashvalues=theirs_own, scheme="affine32")
        theirs |= {frozenset((number, other)) for other in index.query(minhash)}
        ours |= {frozenset((number, other)) for other in range(number) if bands[number] & bands[other]}
        index.insert(number, minhash)
    assert ours == theirs
    assert len(texts) < len(ours) < len(texts) ** 2 / 4
