"""Fetch pinned packages with pip and npm, check them, take single files out of them.

pip and npm are asked, never a host: whatever registry or mirror this machine is set up for is used.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile


class SetupError(Exception):
    """One sentence: what went wrong, and how to mend it. `output`: all that a failed command said."""

    def __init__(self, sentence, output=""):
        super().__init__(sentence)
        self.output = output


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def matches(path, digest):
    return path.is_file() and sha256(path) == digest


def last_lines(text, count=3):
    return " / ".join(line.strip() for line in text.strip().splitlines()[-count:])


def run(command, failure, **options):
    """Run quietly; a failure is told as `failure`, with the end of what the command said."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    except FileNotFoundError:
        raise SetupError(f"{command[0]} was not found: install it and run this again") from None
    if done.returncode:
        said = last_lines(done.stderr or done.stdout)
        raise SetupError(f"{failure} ({said})" if said else failure, done.stderr)
    return done.stdout


def install(content_path, target):
    """Move into place in one step, so that an interrupted run leaves no half file behind."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".part")
    shutil.copyfile(content_path, partial)
    os.replace(partial, target)


def pip_download(pin, folder, wheel_platform=None):
    """pip runs a source package to learn its metadata, so it gets the hash and checks it before that."""
    requirement = pathlib.Path(folder) / "requirement.txt"
    requirement.write_text(f"{pin['package']}=={pin['version']} --hash=sha256:{pin['package_sha256']}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    if wheel_platform:
        command += ["--python-version=3.12", "--implementation=cp", "--abi=cp312", f"--platform={wheel_platform}"]
    command += [f"--no-binary={pin['package']}" if pin.get("sdist") else "--only-binary=:all:"]
    return command + [f"--dest={folder}/got", f"--requirement={requirement}"]


def npm_download(package, version):
    return ["npm", "pack", "--loglevel=error", f"{package}@{version}"]


def fetch(pin, downloads, wheel_platform=None):
    """The pinned package file, from `downloads` when it is there already."""
    package, version, digest = pin["package"], pin["version"], pin["package_sha256"]
    for kept in downloads.glob(f"{digest[:16]}-*"):
        if matches(kept, digest):
            return kept
    downloads.mkdir(parents=True, exist_ok=True)
    tool = {"pypi": "pip", "npm": "npm"}[pin["registry"]]
    failure = f"{package} {version} could not be downloaded with {tool}: check the network and {tool}'s registry settings, then run this again"
    altered = (
        f"{package} {version} from {tool} is not the pinned package (SHA-256 {{}}, expected {digest}): nothing of it was "
        f"installed; look at {tool}'s registry settings, a mirror may serve altered files, and if the pin is wrong correct it"
    )
    with tempfile.TemporaryDirectory(dir=downloads) as folder:
        got = pathlib.Path(folder) / "got"
        got.mkdir()
        try:
            if tool == "pip":
                run(pip_download(pin, folder, wheel_platform), failure)
            else:
                run(npm_download(package, version), failure, cwd=got)
        except SetupError as error:
            if differs := re.search(r"Got\s+([0-9a-f]{64})", error.output):
                raise SetupError(altered.format(differs[1])) from None
            raise
        found = list(got.iterdir())
        if len(found) != 1:
            raise SetupError(failure)
        actual = sha256(found[0])
        if actual != digest:
            raise SetupError(altered.format(actual))
        kept = downloads / f"{digest[:16]}-{found[0].name}"
        os.replace(found[0], kept)
    return kept


def extract(package, member, target):
    """Write one file of a wheel or a tarball to `target`; nothing else of it touches the disk."""
    try:
        if zipfile.is_zipfile(package):
            with zipfile.ZipFile(package) as archive, archive.open(member) as source, open(target, "wb") as out:
                shutil.copyfileobj(source, out)
        else:
            with tarfile.open(package) as archive, archive.extractfile(member) as source, open(target, "wb") as out:
                shutil.copyfileobj(source, out)
    except (KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise SetupError(f"{package.name} does not hold {member} ({error}): correct the pin") from None


def unpack(package, folder, programs):
    """A whole wheel in `folder`, in one step, with the files of its folder `programs` executable."""
    with tempfile.TemporaryDirectory(dir=package.parent) as temporary:
        unpacked = pathlib.Path(temporary) / "unpacked"
        with zipfile.ZipFile(package) as archive:
            archive.extractall(unpacked)
        # Everybody: PostgreSQL does not run as root, so root's tests run it as nobody.
        unpacked.chmod(0o755)
        for program in (unpacked / programs).iterdir():
            program.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(unpacked, folder)


def take(package, member, digest, target):
    """One checked file out of a fetched package, put in place in one step."""
    with tempfile.TemporaryDirectory(dir=package.parent) as folder:
        unpacked = pathlib.Path(folder) / "file"
        extract(package, member, unpacked)
        actual = sha256(unpacked)
        if actual != digest:
            raise SetupError(f"{member} of {package.name} has SHA-256 {actual}, expected {digest}: correct the pin")
        install(unpacked, target)
