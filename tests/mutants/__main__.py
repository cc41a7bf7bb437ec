"""Reads the command line, tries a sample and tells what survived."""

import argparse
import json
import sys
from typing import Any, Final

import tests.mutants
from tests.mutants.changes import Mutant, equivalent, sample
from tests.mutants.trial import ROOMS, WORK, Trial, digest_of_tests

USUAL: Final = 200
SEED: Final = 18
RECORD: Final = WORK / "record.jsonl"


def main(arguments: list[str]) -> int:
    """Try a sample and print what survived; 1 if anything did."""
    asked = argparse.ArgumentParser(
        prog="python -m tests.mutants", description=tests.mutants.__doc__
    )
    asked.add_argument("rooms", nargs="*", metavar="room", help=f"of {', '.join(ROOMS)}; all")
    asked.add_argument("--many", type=int, default=USUAL)
    asked.add_argument("--seed", type=int, default=SEED)
    told = asked.parse_args(arguments)
    if unknown := set(told.rooms) - {*ROOMS}:
        asked.error(f"there is no room {min(unknown)!r}; there are {', '.join(ROOMS)}")
    WORK.mkdir(parents=True, exist_ok=True)
    drawn = sample(told.many, told.seed, told.rooms or list(ROOMS))
    tests_of = {room: digest_of_tests(room) for room in ROOMS}
    known, listed = _known(), equivalent()
    counts = dict.fromkeys(("noticed", "listed", "SURVIVED"), 0)
    with Trial() as trial:
        for place, mutant in enumerate(drawn, start=1):
            tests_now = tests_of["/".join(mutant.module.split("/")[:2])]
            word = "listed" if mutant.key in listed else _remembered(known, mutant, tests_now)
            if word is None:
                word = "noticed" if trial.notices(mutant) else "SURVIVED"
                _keep(mutant, word, tests_now)
            counts[word] += 1
            _tell(f"{place}/{len(drawn)} {word:8} {_where(mutant)}\n")
    _tell(f"{len(drawn)} tried: {', '.join(f'{many} {word}' for word, many in counts.items())}\n")
    return int(counts["SURVIVED"] > 0)


def _where(mutant: Mutant) -> str:
    alike = f" (nth {mutant.nth})" if mutant.nth else ""
    said = f"{mutant.module}:{mutant.line} {mutant.within}: {mutant.was} -> {mutant.now}{alike}"
    return " ".join(said.split())


def _known() -> dict[str, dict[str, Any]]:
    """What was tried before, the latest of each."""
    if not RECORD.is_file():
        return {}
    lines = RECORD.read_text(encoding="utf-8").splitlines()
    return {each["digest"]: each for each in map(json.loads, lines)}


def _remembered(known: dict[str, dict[str, Any]], mutant: Mutant, tests_now: str) -> str | None:
    """How it went before, if nothing has changed since that could make it go otherwise."""
    before = known.get(mutant.digest)
    if before is None or (before["word"] == "SURVIVED" and before["tests"] != tests_now):
        return None
    word: str = before["word"]
    return word


def _keep(mutant: Mutant, word: str, tests_now: str) -> None:
    kept = {"digest": mutant.digest, "word": word, "tests": tests_now, "at": _where(mutant)}
    with RECORD.open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(kept, ensure_ascii=False)}\n")


def _tell(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
