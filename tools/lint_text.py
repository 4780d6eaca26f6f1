"""Finds what must not be committed: secrets, names of private machines, paths of one developer's machine.

Looks at every file that git tracks or would add. Ends with status 1 and one line for each find.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# `hunter2` and the like stand for a password in tests and examples.
FORBIDDEN = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "an access token": r"\b(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|glpat-[\w-]{20}|xox[abp]-[\w-]{10,}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,}|\d{8,10}:AA[\w-]{33})\b",
    "a password in a URL": r"\b[a-z][a-z0-9+]*://[^\s/:@{}$<>]+:(?!(?:password|secret|hunter2)@)[^\s/:@{}$<>]+@",
    "a private host": r"https?://(10\.\d+\.\d+\.\d+|172\.(1[6-9]|2\d|3[01])\.\d+\.\d+|[\w.-]+\.(internal|local|lan|corp|intranet|svc))\b",
    "a path of one machine": r"(?<![\w/.])/(root|home/\w+|Users/\w+|work)/\w",
    "a registry's address": r"(index-url|extra-index-url|^\s*registry|replace-with)\s*=\s*\S*://",
}
# npm writes the registry of the machine into its lock file unless it is told not to.
LOCK_FILES = {
    "package-lock.json": r'"resolved"',
    "Cargo.lock": r'^source = "(?!registry\+https://github\.com/rust-lang/crates\.io-index")',
}


def tracked_files():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def finds(path):
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return
    rules = dict(FORBIDDEN)
    if path.name in LOCK_FILES:
        rules["a registry's address in a lock file"] = LOCK_FILES[path.name]
    for what, pattern in rules.items():
        for found in re.finditer(pattern, text, re.MULTILINE):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{path.relative_to(ROOT)}:{line}: {what}"


def main():
    files = [path for path in tracked_files() if path != pathlib.Path(__file__).resolve()]
    found = [line for path in files for line in finds(path)]
    print("\n".join(found) if found else f"text: {len(files)} files hold no secrets and no machine names")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
