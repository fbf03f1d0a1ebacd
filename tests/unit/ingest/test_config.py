from __future__ import annotations

import pickle
import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError

from ingest.config import FILE_NAME, Settings, find_config, literal, load_settings
from ingest.options.index import IndexEngine
from schemas.errors import ConfigError
from schemas.ids import fingerprint

SECRET = "s3cr3t-of-the-server"
SERVER = {"DOCSTRATA__INDEX__ENGINE": "qdrant", "DOCSTRATA__INDEX__URL": "http://localhost:6333"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / FILE_NAME


# ------------------------------------------------------------------ who wins


def test_without_anything_the_defaults_hold() -> None:
    assert load_settings(environ={}) == Settings()


def test_the_environment_wins_over_the_file_and_the_caller_over_both(file: Path) -> None:
    file.write_text('tenant = "file"\n[parse]\nworkers = 1\ntimeout_s = 10\nmax_file_mb = 5\n', "utf-8")
    environ = {"DOCSTRATA__PARSE__WORKERS": "2", "DOCSTRATA__PARSE__TIMEOUT_S": "20.5"}

    settings = load_settings(file, environ, {"parse.workers": 3})

    assert settings.tenant == "file"
    assert (settings.parse.workers, settings.parse.timeout_s, settings.parse.max_file_mb) == (3, 20.5, 5)


def test_what_is_not_overridden_in_a_section_stays(file: Path) -> None:
    file.write_text('[source]\nexclude = ["drafts/**"]\n', "utf-8")

    settings = load_settings(file, {"DOCSTRATA__SOURCE__HIDDEN": "true"})

    assert settings.source.exclude == ("drafts/**",)
    assert settings.source.hidden


def test_variables_of_others_are_left_alone() -> None:
    assert load_settings(environ={"DOCSTRATA_HOME": "x", "PATH": "/bin", "docstrata__tenant": "x"}) == Settings()


def test_a_whole_section_can_come_from_one_variable() -> None:
    settings = load_settings(environ={"DOCSTRATA__PARSE": "{workers = 2, timeout_s = 7.0}"})

    assert (settings.parse.workers, settings.parse.timeout_s) == (2, 7.0)


def test_the_callers_own_mapping_stays_as_it_is() -> None:
    parse = {"workers": 1}

    load_settings(environ={}, overrides={"parse": parse, "parse.timeout_s": 5})

    assert parse == {"workers": 1}


# ------------------------------------------------------- values from outside


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", 4),
        ("0.5", 0.5),
        ("true", True),
        ('["*.md", "*.pdf"]', ["*.md", "*.pdf"]),
        ('"quoted"', "quoted"),
        ("carried:all-MiniLM-L6-v2", "carried:all-MiniLM-L6-v2"),
        ("", ""),
        ("1\nother = 2", "1\nother = 2"),
    ],
)
def test_a_value_is_read_as_toml_and_is_text_otherwise(text: str, value: object) -> None:
    assert literal(text) == value


def test_a_list_of_texts_may_come_from_the_environment() -> None:
    environ = {"DOCSTRATA__OCR__DEVICES": '["cuda:0", "cuda:1"]', "DOCSTRATA__SOURCE__INCLUDE": '["*.md"]'}
    settings = load_settings(environ=environ)
    assert settings.ocr.devices == ("cuda:0", "cuda:1")
    assert settings.source.include == ("*.md",)


@pytest.mark.parametrize("text", ["2024", "007", "true", "1e5", "2024-01-01", '"2024"', "[team]"])
def test_where_text_is_asked_for_a_number_is_text(text: str) -> None:
    assert load_settings(environ={"DOCSTRATA__TENANT": text}).tenant == text.strip('"')


def test_a_secret_of_digits_is_text_too() -> None:
    api_key = load_settings(environ={**SERVER, "DOCSTRATA__INDEX__API_KEY": "0123456789"}).index.api_key

    assert api_key is not None
    assert api_key.get_secret_value() == "0123456789"


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("DOCSTRATA__PARSE__WORKER", "parse.workers"),
        ("DOCSTRATA__PARS__WORKERS", "parse"),
        ("DOCSTRATA__CHUNK__MAX_TOKEN", "chunk.max_tokens"),
        ("DOCSTRATA__TENNANT", "tenant"),
    ],
)
def test_an_unknown_key_is_refused_and_the_nearest_named(key: str, nearest: str) -> None:
    with pytest.raises(ConfigError, match=f"unknown key '.*' in the configuration; did you mean '{nearest}'"):
        load_settings(environ={key: "1"})


def test_an_unknown_key_of_the_file_or_the_caller_is_refused_as_well(file: Path) -> None:
    file.write_text("[dedup]\ntreshold = 0.8\n", "utf-8")

    with pytest.raises(ConfigError, match=r"'dedup\.treshold'.*'dedup\.threshold'"):
        load_settings(file, {})
    with pytest.raises(ConfigError, match=r"'search\.rrfk'.*'search\.rrf_k'"):
        load_settings(environ={}, overrides={"search.rrfk": 5})


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(environ={"DOCSTRATA__PARSE__WORKERS": "-1", "DOCSTRATA__RUN__MAX_FAILURE_SHARE": "1.5"})

    assert "parse.workers: it should be greater than or equal to 0" in caught.value.message
    assert "run.max_failure_share: it should be less than or equal to 1" in caught.value.message


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("parse.workers", "three", r"parse\.workers: a whole number is needed \("),
        ("parse.timeout_s", "5m", r"parse\.timeout_s: a number is needed \(seconds a file may take"),
        ("embed.device", "gpu", r"embed\.device: it has another form than it may have \(auto, cpu, cuda or cuda:N"),
        ("embed.model", "", r"embed\.model: it is empty \("),
        ("index.engine", "qdrnt", r"index\.engine: it should be 'edge' or 'qdrant'"),
        ("source.hidden", "perhaps", r"source\.hidden: true or false is needed \("),
    ],
)
def test_a_value_of_another_kind_is_refused_with_what_the_key_means(key: str, value: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load_settings(environ={}, overrides={key: value})


def test_a_list_is_asked_for_in_words_of_toml() -> None:
    with pytest.raises(ConfigError, match=r'source\.include: a list is needed, for example \["\*\.md"'):
        load_settings(environ={"DOCSTRATA__SOURCE__INCLUDE": "*.md"})


def test_a_value_where_a_section_stands_is_refused() -> None:
    with pytest.raises(ConfigError, match="parse: this is a section"):
        load_settings(environ={"DOCSTRATA__PARSE": "4"})
    with pytest.raises(ConfigError, match="'tenant' is a value, not a section: it has no key 'name'"):
        load_settings(environ={}, overrides={"tenant": "a", "tenant.name": "b"})


def test_an_engine_without_what_it_needs_is_refused_with_an_example() -> None:
    with pytest.raises(ConfigError, match=r'^index: engine = "qdrant" needs url, for example'):
        load_settings(environ={"DOCSTRATA__INDEX__ENGINE": "qdrant"})


def test_a_file_that_is_not_there_is_told_by_its_name(file: Path) -> None:
    with pytest.raises(ConfigError, match=f"there is no configuration file {file}"):
        load_settings(file, {})


@pytest.mark.parametrize(
    "content",
    [b"[parse\nworkers = 1", b"tenant = 'caf\xe9'", b"tenant = 1\ntenant = 2"],
    ids=["toml", "utf-8", "twice"],
)
def test_a_file_that_is_not_toml_is_told_by_its_name(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    with pytest.raises(ConfigError, match=f"{file} cannot be read: "):
        load_settings(file, {})


def test_a_folder_in_the_files_place_is_told_by_its_name(file: Path) -> None:
    file.mkdir()

    with pytest.raises(ConfigError, match=f"{file} cannot be read: "):
        load_settings(file, {})


def test_a_file_with_a_byte_order_mark_is_read(file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbftenant = "acme"\n')

    assert load_settings(file, {}).tenant == "acme"


def test_the_file_of_a_folder_is_found_where_there_is_one(file: Path) -> None:
    assert find_config(file.parent) is None
    file.touch()
    assert find_config(file.parent) == file


# ------------------------------------------------------------ frozen, secret


def test_settings_are_frozen() -> None:
    settings = load_settings(environ={})

    with pytest.raises(ValidationError):
        settings.tenant = "other"  # that it is refused is the point
    with pytest.raises(ValidationError):
        settings.parse.workers = 4


def test_a_secret_is_there_and_is_never_shown() -> None:
    settings = load_settings(environ={**SERVER, "DOCSTRATA__INDEX__API_KEY": SECRET})
    shown = (
        repr(settings),
        str(settings.index),
        settings.model_dump_json(),
        str(settings.model_dump()),
        str(settings.model_dump(mode="json")),
    )

    assert settings.index.engine is IndexEngine.QDRANT
    assert settings.index.api_key is not None
    assert settings.index.api_key.get_secret_value() == SECRET
    assert not any(SECRET in text for text in shown)


def test_a_secret_makes_no_other_fingerprint() -> None:
    made = {
        fingerprint(load_settings(environ={**SERVER, "DOCSTRATA__INDEX__API_KEY": key}).model_dump(mode="json"))
        for key in (SECRET, "another")
    }

    assert len(made) == 1


@pytest.mark.parametrize(
    "environ",
    [
        {"DOCSTRATA__INDEX__API_KEY": SECRET},
        {"DOCSTRATA__INDEX": f'{{engine = "qdrant", url = "http://localhost:6333", api_key = ["{SECRET}"]}}'},
        {**SERVER, "DOCSTRATA__INDEX__API_KEY": SECRET, "DOCSTRATA__INDEX__TIMEOUT_S": "soon"},
    ],
    ids=["not needed", "a list", "beside another error"],
)
def test_a_secret_does_not_stand_in_an_errors_traceback(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(environ=environ)

    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_settings_cross_a_process_border() -> None:
    settings = load_settings(environ={**SERVER, "DOCSTRATA__INDEX__API_KEY": SECRET})

    assert pickle.loads(pickle.dumps(settings)) == settings


def test_rules_by_kind_of_document_are_tables_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "docstrata.toml"
    file.write_text('[[chunk.rules]]\nkind = "contract"\ntarget_tokens = 160\n', encoding="utf-8")
    (rule,) = load_settings(file, {}).chunk.rules
    assert (rule.kind, rule.target_tokens, rule.strategy) == ("contract", 160, None)


def test_a_rule_for_an_unknown_kind_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    file = tmp_path / "docstrata.toml"
    file.write_text('[[chunk.rules]]\nkind = "novel"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"chunk\.rules\.0\.kind: .*'contract'"):
        load_settings(file, {})


# ------------------------------------------------------------------ several machines


def test_a_shared_catalog_needs_an_index_and_artifacts_that_all_machines_reach() -> None:
    catalog = {"DOCSTRATA__CATALOG__URL": "postgresql://host/name"}
    with pytest.raises(ConfigError, match=r'the embedded index lies on one: set index.engine = "qdrant"'):
        load_settings(environ=catalog)
    with pytest.raises(ConfigError, match=r"artifacts would lie in each one's home: set store.url"):
        load_settings(environ={**catalog, **SERVER})

    shared = load_settings(environ={**catalog, **SERVER, "DOCSTRATA__STORE__URL": "s3://bucket/docstrata"})
    assert shared.catalog.url is not None


def test_the_password_of_a_shared_catalog_is_never_shown() -> None:
    environ = {"DOCSTRATA__CATALOG__URL": f"postgresql://ada:{SECRET}@host/name", **SERVER}
    settings = load_settings(environ={**environ, "DOCSTRATA__STORE__URL": "s3://bucket"})

    assert SECRET not in repr(settings) + settings.model_dump_json()


@pytest.mark.parametrize("endpoint", ["collector:4318", "http://", "ftp://collector", "http://two words"])
def test_an_endpoint_of_traces_that_is_no_url_is_told_before_anything_is_sent(endpoint: str) -> None:
    with pytest.raises(ConfigError, match=r"trace\.endpoint: give a URL of http or https"):
        load_settings(environ={}, overrides={"trace.endpoint": endpoint})
