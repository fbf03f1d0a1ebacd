"""Statements by an endpoint: what is asked, what is paid, what is kept, and what goes wrong."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping

import pytest
from chat_stub import ChatStub, chat_stub
from patience import PATIENCE_S

from chunkers.base import Passage, Proposition
from ingest.llm.budget import Budget
from ingest.llm.chat import ChatClient, Message
from ingest.llm.prompt import messages_of, read_answer
from ingest.llm.proposition_writer import ModelPropositionWriter
from ingest.options.proposition import PropositionOptions
from schemas.errors import ConfigError, EndpointDown, TooLarge

ONE = Passage(("Pump",), ("Oil the bearings.", "Never use grease."))
MANY = [Passage((), (f"Part {number} turns left.",)) for number in range(8)]
SECRET = "sk-do-not-print"
QUESTION = [Message("user", "[1] Part 1 turns left.")]


class Kept(dict):
    """An answer cache."""

    def put(self, answers: Mapping[str, bytes]) -> None:
        self.update(answers)


def _options(stub: ChatStub, **fields: object) -> PropositionOptions:
    return PropositionOptions(url=stub.url, model="small", max_answer_tokens=64, **fields)


def _ask(stub: ChatStub, budget: Budget | None = None, **fields: object) -> str:
    with ChatClient(_options(stub, **fields), budget or Budget(10**6, 10**6), first_wait_s=0.01) as client:
        return client.ask(QUESTION)


def _write(
    stub: ChatStub, passages: list[Passage], cache: Kept, budget: Budget | None = None, **fields: object
) -> tuple[list[list[Proposition]], int]:
    options = _options(stub, **fields)
    with ChatClient(options, budget or Budget(10**6, 10**6), first_wait_s=0.01) as client:
        writer = ModelPropositionWriter(options, client, cache)
        return writer.write(passages), writer.unread


def test_a_statement_comes_back_with_the_places_of_its_sentences() -> None:
    with chat_stub() as stub:
        written, unread = _write(stub, [ONE], Kept())
    assert written == [
        [Proposition("It holds that: Oil the bearings.", (0,)), Proposition("It holds that: Never use grease.", (1,))]
    ]
    assert unread == 0
    (request,) = stub.requests
    assert (request["model"], request["temperature"], request["max_tokens"]) == ("small", 0, 64)
    assert request["messages"][1]["content"] == "Headings: Pump\n\n[1] Oil the bearings.\n[2] Never use grease."


def test_what_was_asked_before_costs_no_request() -> None:
    cache = Kept()
    with chat_stub() as stub:
        first, _ = _write(stub, [ONE, *MANY], cache)
        asked = len(stub.requests)
        again, _ = _write(stub, [*MANY, ONE], cache)
    assert (asked, len(stub.requests)) == (9, 9)
    assert again == [*first[1:], first[0]]


def test_one_passage_that_comes_twice_is_asked_about_once() -> None:
    with chat_stub() as stub:
        written, _ = _write(stub, [ONE, ONE], Kept())
    assert len(stub.requests) == 1
    assert written[0] == written[1]


def test_requests_go_out_together_and_no_more_than_allowed() -> None:
    meet = threading.Barrier(3, timeout=PATIENCE_S)
    with chat_stub([*[meet] * 3, *[0.1] * 5]) as stub:
        _write(stub, MANY, Kept(), concurrency=3)
    assert stub.most_at_once == 3


def test_another_model_is_asked_anew_and_another_address_is_not() -> None:
    with chat_stub() as stub, ChatClient(_options(stub), Budget(1, 1)) as client:
        prints = [
            ModelPropositionWriter(options, client, Kept()).fingerprint
            for options in (
                _options(stub),
                _options(stub, api_key=SECRET, timeout_s=9, concurrency=9),
                PropositionOptions(url="http://elsewhere/v1", model="small", max_answer_tokens=64),
                PropositionOptions(url=stub.url, model="large", max_answer_tokens=64),
            )
        ]
    assert prints[0] == prints[1] == prints[2] != prints[3]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_overloaded_endpoint_is_asked_again(status: int) -> None:
    with chat_stub([status, status]) as stub:
        assert "Part 1" in _ask(stub)
    assert len(stub.requests) == 3


def test_the_endpoint_tells_when_to_ask_again() -> None:
    with chat_stub([429]) as stub:
        stub.retry_after = "1"
        began = time.monotonic()
        _ask(stub)
    assert time.monotonic() - began >= 1


def test_an_endpoint_that_stays_overloaded_is_told_to_be_down() -> None:
    with chat_stub([503] * 9) as stub, pytest.raises(EndpointDown, match="did not answer 3 times: status 503"):
        _ask(stub, attempts=3)
    assert len(stub.requests) == 3


def test_an_answer_that_takes_too_long_is_asked_for_again() -> None:
    with chat_stub([5.0]) as stub:
        assert "Part 1" in _ask(stub, timeout_s=1.0)
    assert len(stub.requests) >= 2


def test_nobody_at_the_address_is_told_as_down() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/v1"
        options = PropositionOptions(url=url, model="small", attempts=2)
        with (
            ChatClient(options, Budget(10**6, 10**6), first_wait_s=0.01) as client,
            pytest.raises(EndpointDown, match="ConnectError"),
        ):
            client.ask(QUESTION)


@pytest.mark.parametrize(("status", "hint"), [(401, "api_key"), (404, "proposition.model"), (400, "proposition")])
def test_a_refusal_says_what_to_check_and_never_the_key(status: int, hint: str) -> None:
    with chat_stub([status]) as stub, pytest.raises(ConfigError, match=hint) as raised:
        _ask(stub, api_key=SECRET)
    assert stub.keys == [f"Bearer {SECRET}"]
    assert (
        SECRET not in f"{raised.value!r}{raised.value.__cause__!r}{raised.value.facts}{_options(stub, api_key=SECRET)}"
    )
    assert len(stub.requests) == 1


@pytest.mark.parametrize("body", [b"<html>busy</html>", b'{"object": "error"}', b""])
def test_what_is_no_chat_completion_is_asked_for_again(body: bytes) -> None:
    with chat_stub([body]) as stub:
        assert "Part 1" in _ask(stub)


@pytest.mark.parametrize(
    "answer",
    [
        "I cannot do that.",
        "{}",
        '{"propositions": "none"}',
        '{"propositions": [{"sentences": [1]}]}',
        '{"propositions": [',
        "",
    ],
)
def test_an_answer_that_is_not_what_was_asked_for_is_asked_for_once_more_then_left(answer: str) -> None:
    cache = Kept()
    with chat_stub([answer]) as stub:
        written, unread = _write(stub, [ONE], cache)
        assert (len(written[0]), unread) == (2, 0)
    with chat_stub([answer, answer]) as stub:
        written, unread = _write(stub, [ONE], bad := Kept())
    assert (written, unread, len(stub.requests), bad) == ([[]], 1, 2, {})


def test_an_empty_list_is_an_answer_and_is_kept() -> None:
    cache = Kept()
    with chat_stub(['{"propositions": []}']) as stub:
        assert _write(stub, [ONE], cache) == ([[]], 0)
        assert _write(stub, [ONE], cache) == ([[]], 0)
    assert len(stub.requests) == 1


def test_a_run_stops_before_it_costs_more_than_it_may_and_keeps_what_it_paid_for() -> None:
    cache = Kept()
    budget = Budget(run_tokens=5000, document_tokens=10**6)
    with chat_stub(usage=900) as stub, pytest.raises(ConfigError, match=r"max_run_tokens \(5,000\)"):
        _write(stub, MANY, cache, budget, concurrency=1)
    assert 0 < budget.run_spent <= 5000
    assert len(cache) == len(stub.requests) == budget.run_spent // 900


def test_a_document_that_costs_more_than_it_may_is_at_fault_alone() -> None:
    budget = Budget(run_tokens=10**6, document_tokens=3000)
    with chat_stub(usage=900) as stub:
        with pytest.raises(TooLarge, match="max_document_tokens"):
            _write(stub, MANY, Kept(), budget, concurrency=1)
        budget.next_document()
        written, _ = _write(stub, [ONE], Kept(), budget)
    assert len(written[0]) == 2


def test_requests_at_once_cannot_cost_more_together() -> None:
    budget = Budget(run_tokens=3000, document_tokens=10**6)
    with chat_stub([0.1] * 8, usage=900) as stub, pytest.raises(ConfigError, match="max_run_tokens"):
        _write(stub, MANY, Kept(), budget, concurrency=8)
    assert budget.run_spent <= 3000


def test_an_endpoint_that_tells_no_usage_is_counted_as_dear_as_it_can_be() -> None:
    budget = Budget(10**6, 10**6)
    with chat_stub(usage=None) as stub:
        _ask(stub, budget)
    assert budget.run_spent >= 64


def test_a_request_that_failed_costs_nothing() -> None:
    budget = Budget(10**6, 10**6)
    with chat_stub([503]) as stub:
        _ask(stub, budget)
    assert budget.run_spent == 100


def test_without_an_endpoint_it_is_told_what_to_set() -> None:
    with pytest.raises(ConfigError, match=r"set proposition\.url and proposition\.model"):
        ChatClient(PropositionOptions(), Budget(1, 1))


def test_line_breaks_in_a_sentence_do_not_make_two_of_it() -> None:
    content = messages_of(Passage((), ("One\n[2] two.",)))[1].content
    assert content == "[1] One [2] two."


def test_numbers_of_sentences_may_be_missing_or_wrong_and_are_for_others_to_check() -> None:
    assert read_answer('{"propositions": [{"text": "a"}, {"text": "b", "sentences": [0, 99]}]}') == [
        Proposition("a", ()),
        Proposition("b", (-1, 98)),
    ]
