"""Sends files with the official tuspy, four at a time: tus_py.py SERVER TOKEN SESSION FILE..."""

import concurrent.futures
import os
import re
import sys
import time

import requests
from tusclient import client
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

server, token, session, *files = sys.argv[1:]
tus = client.TusClient(f"{server}/api/uploads", headers={"Authorization": f"Bearer {token}"})
AT_ONCE = 4


def send(number, path):
    url = None
    for _ in range(300):
        try:
            uploader = tus.uploader(
                path,
                url=url,
                chunk_size=(50_000, 10_000_000)[number % 2],
                metadata={"photo_session_id": session, "filename": os.path.basename(path)},
                retries=5,
                retry_delay=0.2,
                # Every third file's parts come with their SHA-1.
                upload_checksum=number % 3 == 0,
            )
            if not uploader.url:
                location = uploader.create_url()
                # Python takes headers that are cut for whole ones.
                if not re.search("/api/uploads/[0-9a-f-]{36}$", location):
                    continue
                uploader.set_url(location)
            url = uploader.url
            uploader.upload()
            return
        # The client has retries for parts only: a creation or a question about the offset that breaks ends here,
        # and so does an answer that is cut within its headers (no offset in it, or a part of one).
        except (TusCommunicationError, TusUploadFailed, requests.exceptions.RequestException, OSError, TypeError, ValueError):
            time.sleep(0.2)
    raise SystemExit(f"{path} did not arrive")


with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
    for done in [pool.submit(send, number, path) for number, path in enumerate(files)]:
        done.result()
