"""`nuanfeng letters`, `keys` and `voice`: letters are answered in a terminal, and keys are kept."""

import csv
import shutil
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from app.cli.main import cli
from app.request import queries
from app.request.letters import Category
from app.settings import Settings
from app.voice import letter_box
from app.voice.letter_box import NewLetter, Written
from app.voice.receipts import new_receipt, read_receipt
from app.voice.setting_up import voice_of

TEXT = "热水器坏了"
FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture
def home(tmp_path: Path, demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(demo_home / "datasets", tmp_path / "datasets")
    monkeypatch.setenv("NUANFENG_HOME", str(tmp_path))
    monkeypatch.setenv("NUANFENG_DATASET", "demo")
    assert run("voice", "prepare").exit_code == 0
    return tmp_path


def run(*arguments: str | Path, given: str | None = None) -> Result:
    return CliRunner().invoke(cli, [*map(str, arguments)], input=given, terminal_width=200)


def written(home: Path, street: str = "") -> str:
    voice = voice_of(Settings(home, "demo"))
    code = read_receipt(new_receipt())
    new = NewLetter(Category.STATION, street, "", Written(TEXT, contact="张三"), code)
    now = queries.now()
    row = voice.database.write(lambda each: letter_box.receive(each, voice.keys, new, now))
    voice.database.close()
    return row.id


def told(home: Path, letter_id: str) -> dict[str, object]:
    listed = msgspec.json.decode(run("letters", "list", "--json").stdout)
    return next(each for each in listed if each["id"] == letter_id)


def test_a_letter_is_read_given_on_and_answered(home: Path) -> None:
    letter_id = written(home)
    assert letter_id in run("letters", "list", "--open", "--street", "").stdout
    shown = run("letters", "show", letter_id).stdout
    assert (TEXT in shown, "张三" in shown) == (True, True)
    assert TEXT not in run("letters", "list", "--json").stdout
    assert run("letters", "assign", letter_id, "--to", "粤海街道").exit_code == 0
    assert told(home, letter_id)["state"] == "assigned"
    answered = run("letters", "answer", letter_id, "-", "--by", "小王", given="明天来修\n")
    assert answered.exit_code == 0, answered.output
    assert told(home, letter_id)["state"] == "answered"
    shown = run("letters", "show", letter_id).stdout
    assert ("明天来修" in shown, "小王" in shown) == (True, True)


@pytest.mark.parametrize(
    ("verb", "options", "state"),
    [
        ("refuse", ("--why", "不在本市", "--elsewhere", "东莞12345"), "refused"),
        ("hand-over", ("--reference", "12345-118"), "handed_over"),
    ],
)
def test_a_letter_ends_with_a_reason_or_a_reference(
    home: Path, verb: str, options: tuple[str, ...], state: str
) -> None:
    letter_id = written(home)
    assert run("letters", verb, letter_id, *options).exit_code == 0
    assert told(home, letter_id)["state"] == state
    assert options[-1] in run("letters", "show", letter_id).stdout
    again = run("letters", "answer", letter_id, "doch")
    assert (again.exit_code, again.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize("text", ["", " ", "长" * 2_001])
def test_an_answer_has_a_text_that_can_be_read(home: Path, text: str) -> None:
    refused = run("letters", "answer", written(home), text)
    assert refused.exit_code == 1
    assert "2,000" in refused.stderr


def test_no_such_letter_is_a_sentence(home: Path) -> None:
    for arguments in (("show", "x"), ("answer", "x", "y"), ("refuse", "x", "--why", "y")):
        refused = run("letters", *arguments)
        assert (refused.exit_code, refused.exception.__class__) == (1, SystemExit)


@pytest.mark.parametrize("name", ["letters.csv", "letters.parquet"])
def test_an_export_has_no_text_and_names_offices_from_five_letters_on(
    home: Path, tmp_path: Path, name: str
) -> None:
    written(home, FORMULA)
    out = tmp_path / name
    ended = run("letters", "export", "-o", out)
    assert ended.exit_code == 0, ended.output
    assert TEXT.encode() not in out.read_bytes()
    if name.endswith("csv"):
        rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    else:
        rows = pq.read_table(out).to_pylist()
    assert len(rows) == 401
    assert {"id", "receipt", "text", "place"} & {*rows[0]} == set()
    assert len({row["street"] for row in rows}) == 7
    assert FORMULA not in {row["street"] for row in rows}


def test_a_formula_is_a_text_in_an_export(home: Path, tmp_path: Path) -> None:
    for _ in range(5):
        written(home, FORMULA)
    out = tmp_path / "letters.csv"
    assert run("letters", "export", "-o", out).exit_code == 0
    streets = {row["street"] for row in csv.DictReader(out.read_text("utf-8-sig").splitlines())}
    assert any(FORMULA in street for street in streets)
    assert not any(street.startswith("=") for street in streets)
    assert run("letters", "export", "-o", tmp_path / "letters.txt").exit_code == 1


def test_keys_are_copied_and_put_back(home: Path, tmp_path: Path) -> None:
    letter_id = written(home)
    copy, phrase = tmp_path / "keys.json", ("--passphrase", "correct horse battery")
    assert run("keys", "export", copy, "--passphrase", "short").exit_code == 1
    assert run("keys", "export", copy, *phrase).exit_code == 0
    keys = {path.name: path.read_bytes() for path in (home / "keys").glob("*.key")}
    assert not any(key in copy.read_bytes() for key in keys.values())
    shutil.rmtree(home / "keys")
    assert run("letters", "show", letter_id).exit_code == 1
    assert run("voice", "prepare").exit_code == 1
    assert run("keys", "import", copy, "--passphrase", "another passphrase").exit_code == 1
    assert run("keys", "import", copy, *phrase).exit_code == 0
    assert TEXT in run("letters", "show", letter_id).stdout
    assert {path.name: path.read_bytes() for path in (home / "keys").glob("*.key")} == keys
    assert (home / "keys").stat().st_mode & 0o777 == 0o700


def test_a_key_that_is_there_is_never_replaced(home: Path, tmp_path: Path) -> None:
    copy, phrase = tmp_path / "keys.json", ("--passphrase", "correct horse battery")
    run("keys", "export", copy, *phrase)
    one = next((home / "keys").glob("*.key"))
    one.write_bytes(bytes(32))
    assert run("keys", "import", copy, *phrase).exit_code == 1
    assert one.read_bytes() == bytes(32)
    for body in (b"", b"{}", b"[1]", b"\xff"):
        copy.write_bytes(body)
        assert run("keys", "import", copy, *phrase).exit_code == 1


def test_the_database_goes_back_and_forward(home: Path) -> None:
    assert run("voice", "downgrade", "base").exit_code == 0
    assert run("letters", "list").exit_code == 1
    assert run("voice", "prepare").exit_code == 0
    assert "demo-" in run("letters", "list", "--json").stdout
