"""Ends with one sentence when the address that Pixora would serve on is taken."""

import os
import socket
import sys

bind = os.environ.get("PIXORA_BIND", "127.0.0.1:8000")
host, _, port = bind.rpartition(":")
if not port.isdigit():
    sys.exit(f"PIXORA_BIND is {bind!r}, an address and port such as 127.0.0.1:8000 is expected")
family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM) as probe:
    # As the server does: a port that was closed a moment ago counts as free.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((host.strip("[]"), int(port)))
    except OSError as error:
        sys.exit(f"{bind} cannot be used ({error.strerror}): stop what listens there, or serve elsewhere with PIXORA_BIND=127.0.0.1:8001 make run")
