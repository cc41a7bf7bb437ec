"""`python -m tests.security.audit`: known vulnerabilities of the locked packages.

An audit that checked nothing is none: it fails and says so.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
LOCK: Final = ROOT / "requirements-dev.lock"


def locked(lock: Path) -> set[str]:
    """The names in a lock file."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return {line.partition("==")[0].lower() for line in lines if line[:1].isalnum()}


def verdict(names: set[str], code: int, said: str, why: str) -> tuple[int, str]:
    """An exit code and a sentence, from what pip-audit gave: 0 only where every package that it
    was asked about was looked up and none is known to be vulnerable.
    """
    try:
        found: list[dict[str, Any]] = list(json.loads(said)["dependencies"])
    except (ValueError, KeyError, TypeError):
        last = why.strip().splitlines()[-1:] or ["it gave no reason"]
        return 2, f"The audit checked nothing, so it is no audit: {last[0]}"
    skipped = sorted(each["name"] for each in found if "skip_reason" in each)
    checked = {each["name"].lower() for each in found if "skip_reason" not in each}
    if not checked:
        return 2, "The audit checked nothing, so it is no audit: no package was looked up."
    if skipped:
        return 2, f"{len(skipped)} packages were not looked up: {', '.join(skipped)}"
    bad = [
        f"{each['name']} {each['version']}: {vulnerability['id']}"
        for each in found
        for vulnerability in each.get("vulns", ())
    ]
    if bad:
        return 1, "Known vulnerabilities:\n" + "\n".join(bad)
    if code:
        return 2, f"The audit ended with {code}: {why.strip()[-300:]}"
    return 0, f"{len(checked)} of {len(names)} locked packages were looked up; none is vulnerable."


def main() -> int:
    """Ask, say the verdict, and give its exit code. What is for another system is not asked."""
    command = [sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--require-hashes"]
    command += ["--progress-spinner=off", "--timeout=15", "--format=json", f"--requirement={LOCK}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    code, sentence = verdict(locked(LOCK), ended.returncode, ended.stdout, ended.stderr)
    (sys.stdout if code == 0 else sys.stderr).write(sentence + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
