"""What is told of a run's end, and how it reaches a webhook."""

from __future__ import annotations

import logging

import pytest
from pydantic import SecretStr
from receivers import webhook

from ingest.config import load_settings
from ingest.options.notify import NotifyOptions
from ingest.task_calls.notices import FailedFiles, Notice, events_of, failed_tasks, post
from schemas.errors import ConfigError, EndpointDown


def notice(**more: object) -> Notice:
    return Notice.model_validate(
        {"events": ("failed",), "dag": "ingest_scheduled", "run": "r1", "state": "failed", **more}
    )


def test_a_notice_arrives_as_json_after_a_server_that_was_down_for_a_moment() -> None:
    told = notice(counts={"seen": 3, "failed": 1}, failures=(FailedFiles(code="no_text", files=1, sentence="空白页"),))
    with webhook() as posted:
        posted.answers = [503]
        post(told, SecretStr(posted.url), 5, pauses_s=(0.0,))
    assert [Notice.model_validate(body) for body in posted.bodies] == [told]


def test_a_webhook_that_stays_away_is_told_without_its_address(caplog: pytest.LogCaptureFixture) -> None:
    with (
        webhook() as posted,
        caplog.at_level(logging.DEBUG),
        pytest.raises(EndpointDown, match="answered 410") as error,
    ):
        posted.answers = [410, 410]
        post(notice(), SecretStr(posted.url), 5, pauses_s=(0.0,))
    with pytest.raises(EndpointDown, match="ConnectError"):
        post(notice(), SecretStr(posted.url), 5, pauses_s=())
    assert "a-secret" not in caplog.text + str(error.value)


def test_only_wanted_ends_are_told() -> None:
    events = events_of(failed=False, new_failures=2, bad_report=False)
    assert events == ("succeeded", "quarantined")
    assert notice(events=events).wanted(NotifyOptions(mail_to=("a@b",), on=("quarantined",)))
    assert not notice(events=events).wanted(NotifyOptions(mail_to=("a@b",), on=("failed", "bad_report")))


def test_a_mail_shows_text_as_text() -> None:
    page = notice(failures=(FailedFiles(code="corrupt_file", files=2, sentence="<b>no</b>"),)).as_html()
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    assert "<b>" not in page


def test_tasks_that_only_follow_are_not_the_reason() -> None:
    states = [("plan", "failed"), ("publish", "upstream_failed"), ("announce", "skipped")]
    assert failed_tasks(states) == ("plan",)


def test_an_address_without_a_scheme_is_refused_and_not_shown() -> None:
    with pytest.raises(ConfigError, match="has to begin with https://") as error:
        load_settings(environ={}, overrides={"notify.webhook": "hooks.example.org/a-secret"})
    assert "a-secret" not in str(error.value)
