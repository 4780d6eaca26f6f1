"""Runs a command with a PostgreSQL of its own, whose address is in PIXORA_TEST_DATABASE_URL.

The server lies in a temporary folder, listens on a free port of this machine only, does not flush to the disk, and
ends with the command. Exit status: the command's; 3 when no PostgreSQL can be run here.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NOBODY = 65534  # PostgreSQL does not run as root.


def installations():
    """Folders with its programs: as named, in the path, Debian's, what set-up installed."""
    named = [os.environ["PIXORA_POSTGRES_BIN"]] if "PIXORA_POSTGRES_BIN" in os.environ else []
    path = os.environ.get("PATH", "").split(os.pathsep)
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    installed = Path(__file__).resolve().parent.parent / ".build/postgres/bin"
    for folder in map(Path, [*named, *path, *debian, installed]):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            yield folder


def as_nobody():
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def start(folder):
    """A running server and its port; None when no installation can run."""
    for programs in installations():
        data = folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(
            [programs / "initdb", *options, "-D", data], capture_output=True, cwd="/", **as_nobody()
        )
        if made.returncode != 0:
            print(made.stderr.decode(errors="replace"), file=sys.stderr)
            continue
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "max_connections": "400",
            "shared_buffers": "64MB",
        }
        arguments = [argument for item in settings.items() for argument in ("-c", "=".join(item))]
        log = open(folder / "log", "wb")
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", str(port), *arguments],
            stdout=log, stderr=log, cwd="/", **as_nobody(),
        )
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return server, port
            except OSError:
                if server.poll() is not None:
                    break
                time.sleep(0.05)
        print((folder / "log").read_text(errors="replace"), file=sys.stderr)
    return None


def main(command):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        started = start(folder)
        if started is None:
            return 3
        server, port = started
        try:
            url = f"postgres://postgres@127.0.0.1:{port}/postgres"
            return subprocess.run(command, env={**os.environ, "PIXORA_TEST_DATABASE_URL": url}).returncode
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
