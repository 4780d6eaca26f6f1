"""Runs a command with an S3 of its own, whose bucket is in PIXORA_TEST_STORAGE_URL.

The server is moto's, which keeps everything in memory, listens on a free port of this machine only, and ends with
the command. Without a command it prints the bucket's address and ends when its standard input does, so that no
test that is killed leaves one behind. Exit status: the command's; 3 when no such server can be run here.
"""

import logging
import os
import subprocess
import sys
from pathlib import Path

PACKAGES = Path(__file__).resolve().parent.parent / ".build/python-tests"
BUCKET = "pixora-test"


def start():
    """The address of a new bucket; None when there is no moto."""
    sys.path.insert(0, os.environ.get("PIXORA_TEST_PYTHON", str(PACKAGES)))
    # moto looks for keys where boto does.
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="password", AWS_DEFAULT_REGION="us-east-1")
    try:
        from moto.server import ThreadedMotoServer
    except ImportError as error:
        print(f"there is no moto ({error}); `tools/setup.py --tests` installs it", file=sys.stderr)
        return None
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    import boto3

    address = f"http://{host}:{port}"
    boto3.client("s3", endpoint_url=address).create_bucket(Bucket=BUCKET)
    return f"{address}/{BUCKET}"


def main(command):
    mine = dict(os.environ)
    url = start()
    if url is None:
        return 3
    if command:
        return subprocess.run(command, env={**mine, "PIXORA_TEST_STORAGE_URL": url}).returncode
    print(url, flush=True)
    sys.stdin.read()
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    # The server's threads would be waited for.
    os._exit(status)
