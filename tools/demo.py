"""Fill one FacePass session with the sample photographs and print its guest link.

Uses the command line as any script would, so it works on the data directory when no server runs, and
through the server when one does.
"""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PIXORA = ROOT / "target/release/pixora"


def pixora(*arguments):
    """The one JSON document on stdout; progress and logs go to the terminal as they come."""
    done = subprocess.run([PIXORA, *arguments, "--json"], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    if done.returncode:
        sys.exit(f"demo: `pixora {' '.join(map(str, arguments[:2]))}` failed, see its message above")
    return json.loads(done.stdout)


def main():
    photos = sorted((ROOT / ".build/samples").glob("*/*.*"))
    session = pixora("session", "create", "--name", "Demo", "--facepass")
    result = pixora("ingest", "--session", session["id"], *photos, "--wait")
    print(f"\n{result['accepted']} photos, {result['faces']} faces in session {session['id']}")
    for refused in result["rejected"]:
        print(f"  refused: {refused['file']} ({refused['code']})")
    print(f"Guest link: {session['url']}   (`make run` serves it)")


if __name__ == "__main__":
    main()
