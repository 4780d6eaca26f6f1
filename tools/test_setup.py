"""Set-up on a machine where something is wrong: each failure is one sentence, and nothing wrong is installed.

`npm` is a stand-in that packs a tarball, so no test needs the network.
"""

import contextlib
import hashlib
import io
import os
import pathlib
import sys
import tarfile
import tempfile
import unittest
from unittest import mock

import lint_text
import packages
import setup

CONTENT = b"export const answer = 42;\n"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def tarball(name, content):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


class Machine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.build = self.root / "build"
        self.build.mkdir()
        self.target = self.root / "vendor/lib.js"
        self.package = tarball("package/lib.js", CONTENT)
        self.pin = {
            "name": "lib",
            "registry": "npm",
            "package": "lib",
            "version": "1.0.0",
            "package_sha256": sha256(self.package),
            "files": {"package/lib.js": sha256(CONTENT)},
        }
        (self.root / "bin").mkdir()
        (self.root / "served.tgz").write_bytes(self.package)
        self.tool("npm", f'cp "{self.root}/served.tgz" lib-1.0.0.tgz')
        path = mock.patch.dict(os.environ, PATH=f"{self.root}/bin:{os.environ['PATH']}")
        path.start()
        self.addCleanup(path.stop)

    def tool(self, name, script):
        path = self.root / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def install(self):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            setup.ensure_files(self.pin, self.target.parent, "front end", self.build)
        return said.getvalue()

    def refusal(self, action):
        with self.assertRaises(packages.SetupError) as caught:
            action()
        return str(caught.exception)


class Files(Machine):
    def test_a_second_run_asks_nobody(self):
        self.assertIn("installed", self.install())
        self.tool("npm", "exit 1")
        self.assertIn("in place", self.install())
        self.assertEqual(self.target.read_bytes(), CONTENT)

    def test_a_damaged_file_is_replaced(self):
        self.install()
        self.target.write_bytes(b"half")
        self.install()
        self.assertEqual(self.target.read_bytes(), CONTENT)

    def test_a_damaged_download_is_fetched_again(self):
        self.install()
        for kept in (self.build / "downloads").iterdir():
            kept.write_bytes(b"half")
        self.target.unlink()
        self.install()
        self.assertEqual(self.target.read_bytes(), CONTENT)

    def test_another_package_than_the_pinned_one_is_refused(self):
        (self.root / "served.tgz").write_bytes(tarball("package/lib.js", b"other"))
        self.assertIn("not the pinned package", self.refusal(self.install))
        self.assertFalse(self.target.exists())
        self.assertEqual(list((self.build / "downloads").iterdir()), [])

    def test_another_file_than_the_pinned_one_is_refused(self):
        self.pin["files"] = {"package/lib.js": sha256(b"other")}
        self.assertIn(sha256(CONTENT), self.refusal(self.install))
        self.assertFalse(self.target.exists())

    def test_a_file_that_the_package_lacks_is_named(self):
        self.pin["files"] = {"package/absent.js": sha256(CONTENT)}
        self.assertIn("package/absent.js", self.refusal(self.install))

    def test_a_failed_download_says_what_the_tool_said(self):
        self.tool("npm", "echo no route to the registry >&2; exit 1")
        sentence = self.refusal(self.install)
        self.assertIn("lib 1.0.0 could not be downloaded with npm", sentence)
        self.assertIn("no route to the registry", sentence)


class Tools(Machine):
    def test_a_missing_tool_is_named(self):
        with mock.patch.dict(os.environ, PATH=str(self.root)):
            self.assertIn("node is missing", self.refusal(lambda: setup.version_of("node")))

    def test_an_old_tool_is_named_with_both_versions(self):
        self.tool("node", "echo v18.19.1")
        sentence = self.refusal(lambda: setup.version_of("node"))
        self.assertIn("18.19", sentence)
        self.assertIn("20.0 or newer", sentence)

    def test_a_system_without_a_pinned_library_is_told_which_have_one(self):
        pins = setup.read_toml(setup.ROOT / "tools/pins.toml")
        with mock.patch("platform.machine", return_value="riscv64"):
            sentence = self.refusal(lambda: setup.ensure_onnxruntime(pins, self.build))
        self.assertIn("riscv64", sentence)
        self.assertIn("Linux aarch64", sentence)

    def test_a_full_disk_is_noticed_beforehand(self):
        with mock.patch("shutil.disk_usage", return_value=mock.Mock(free=10_000_000)):
            self.assertIn("make room", self.refusal(lambda: setup.check_disk(self.build)))


class Text(Machine):
    def finds(self, name, text):
        path = setup.ROOT / name
        with mock.patch.object(pathlib.Path, "read_text", return_value=text):
            return list(lint_text.finds(path))

    def test_what_must_not_be_committed_is_found(self):
        # Put together here, so that the search does not find its own test.
        bad = {
            "a.rs": ["-----BEGIN " + "PRIVATE KEY-----", "AKIA" + "A" * 16, "https://build" + ".internal/x", "/ho" + "me/anna/x"],
            "a.toml": ["postgres://user:" + "Tr0ub4dor@db/x"],
            "package-lock.json": ['"resol' + 'ved": "x"'],
            "Cargo.lock": ['source = "git' + '+https://example.org/x"'],
        }
        for name, lines in bad.items():
            for line in lines:
                self.assertEqual(len(self.finds(name, f"fine\n{line}\n")), 1, line)
                self.assertIn(f"{name}:2", self.finds(name, f"fine\n{line}\n")[0])

    def test_ordinary_text_is_left_alone(self):
        fine = "http://127.0.0.1:8000 https://example.org/work/x ./data/home/x postgres://user:hunter2@db\n"
        self.assertEqual(self.finds("a.md", fine), [])


if __name__ == "__main__":
    sys.exit(unittest.main())
