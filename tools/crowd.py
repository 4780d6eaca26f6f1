#!/usr/bin/env python3
"""The crowd: guests of one address who search without pause while photos come in.

Starts a server of its own in a temporary folder, measures how long a search takes while nothing else happens, then
keeps SEARCHES searches in flight while PHOTOS photos come in, until every photo is ready. Prints one JSON document and
ends with 1 when a photo was not made ready, or when fewer than 80 % of the searches were answered that the processors
could do: the time of all cores without what the photos took of it, over the time of one search.

    python3 tools/crowd.py target/debug/pixora --photos 200 --searches 24

The guests of this script run on the same machine and take a part of it, which is counted for nobody.
"""

import argparse
import http.client
import json
import os
import pathlib
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATIENCE = 900


def environment(data):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PIXORA_") and k != "DATABASE_URL"}
    model_dir = os.environ.get("PIXORA_MODEL_DIR", str(ROOT / ".build/nets"))
    runtime = os.environ.get("ORT_DYLIB_PATH", str(ROOT / ".build/onnxruntime/libonnxruntime.so"))
    return {**kept, "PIXORA_DATA_DIR": data, "PIXORA_MODEL_DIR": model_dir, "ORT_DYLIB_PATH": runtime}


class Server:
    def __init__(self, binary, folder, workers):
        self.binary, self.folder = binary, folder
        self.env = environment(str(folder / "data"))
        self.session = json.loads(self.run("session", "create", "--name", "Crowd", "--facepass", "--json"))["id"]
        self.port = 20000 + secrets.randbelow(20000)
        log = open(folder / "serve.log", "wb")
        command = [binary, "serve", "--bind", f"127.0.0.1:{self.port}", "--workers", str(workers)]
        self.process = subprocess.Popen(command, env=self.env, stderr=log, stdout=subprocess.DEVNULL)
        started = time.time()
        while self.ask("GET", "/readyz")[0] != 200:
            if time.time() - started > 120:
                sys.exit((folder / "serve.log").read_text())
            time.sleep(0.2)

    def run(self, *arguments, stdin=None):
        command = [self.binary, *arguments]
        return subprocess.run(command, env=self.env, check=True, capture_output=True, input=stdin).stdout

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        except OSError as error:
            return 0, {}, str(error).encode()
        finally:
            connection.close()

    def search(self, selfie):
        boundary = "crowd"
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="selfie"; filename="me.jpg"\r\n\r\n'.encode()
        body = head + selfie + f"\r\n--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self.ask("POST", f"/api/v1/sessions/{self.session}/search", body, headers)

    def status(self):
        return json.loads(self.ask("GET", f"/api/v1/sessions/{self.session}/facepass-status")[2])

    def key(self):
        password = secrets.token_urlsafe(18)
        email = "crowd@example.com"
        self.run("user", "add", "--email", email, "--role", "super_admin", "--password-stdin", stdin=password.encode())
        as_json = {"Content-Type": "application/json"}
        login = json.dumps({"login": email, "password": password})
        token = json.loads(self.ask("POST", "/api/auth/login", login, as_json)[2])["access_token"]
        new = json.dumps({"name": "crowd", "scopes": ["photos:write", "metrics:read"]})
        answer = self.ask("POST", "/api/keys", new, {**as_json, "Authorization": f"Bearer {token}"})
        return json.loads(answer[2])["key"]

    def core_seconds_of_photos(self, key):
        text = self.ask("GET", "/metrics", headers={"Authorization": f"Bearer {key}"})[2].decode()
        stages = "decode|derivatives|detect|align|embed"
        return sum(map(float, re.findall(rf'pixora_photo_stage_seconds_sum{{stage="(?:{stages})"}} (\S+)', text)))

    def peak_memory_mb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1000


def different(photo, number):
    """The same picture in other bytes: a comment behind the first marker."""
    comment = f"photo {number}".encode()
    return photo[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + photo[2:]


def photos(samples, many, folder):
    originals = [path.read_bytes() for path in sorted(samples.rglob("*.jpg"))]
    folder.mkdir()
    for number in range(many):
        (folder / f"{number:04}.jpg").write_bytes(different(originals[number % len(originals)], number))
    return folder


def time_of_one(server, selfie, many=12):
    server.search(selfie)
    began = time.time()
    for _ in range(many):
        assert server.search(selfie)[0] == 200
    return (time.time() - began) / many


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--searches", type=int, default=24)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--samples", default=str(ROOT / ".build/samples"))
    args = parser.parse_args()
    samples = pathlib.Path(args.samples)
    selfie = (samples / "officials/obama3.jpg").read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        server = Server(os.path.abspath(args.binary), folder, args.workers)
        try:
            result = crowd(server, args, selfie, photos(samples, args.photos, folder / "photos"))
        finally:
            server.process.kill()
            server.process.wait()
    print(json.dumps(result, indent=2))
    sys.exit(0 if result["ready"] == args.photos and result["answered_of_possible"] >= 0.8 else 1)


def crowd(server, args, selfie, folder):
    key = server.key()
    one = time_of_one(server, selfie)
    outcomes, lock, over = {}, threading.Lock(), threading.Event()

    def guest():
        while not over.is_set():
            status, headers, body = server.search(selfie)
            name = "answered" if status == 200 else json.loads(body or b"{}").get("code", str(status))
            with lock:
                outcomes[name] = outcomes.get(name, 0) + 1
            if status in (429, 503):
                over.wait(float(headers.get("retry-after", headers.get("Retry-After", 1))))

    guests = [threading.Thread(target=guest, daemon=True) for _ in range(args.searches)]
    began = time.time()
    for each in guests:
        each.start()
    ingest = ["ingest", "--session", server.session, "--json", str(folder)]
    report = json.loads(server.run(*ingest))
    unready = 0
    while True:
        state = server.status()
        unready += server.ask("GET", "/readyz")[0] != 200
        if state["queued"] == 0 or time.time() - began > PATIENCE:
            break
        time.sleep(1)
    took = time.time() - began
    with lock:
        seen = dict(outcomes)
    over.set()
    # Before the server ends, so that each has its answer.
    for each in guests:
        each.join(60)
    spent = server.core_seconds_of_photos(key)
    possible = (took * args.workers - spent) / one
    return {
        "photos": args.photos,
        "accepted": report["accepted"],
        "ready": state["photos_indexed"],
        "rejected": state["rejected"],
        "seconds": round(took, 1),
        "seconds_of_one_search_alone": round(one, 3),
        "core_seconds_of_photos": round(spent, 1),
        "searches": seen,
        "searches_possible": round(possible),
        "answered_of_possible": round(seen.get("answered", 0) / possible, 3),
        "readyz_failed": unready,
        "peak_memory_mb": server.peak_memory_mb(),
    }


if __name__ == "__main__":
    main()
