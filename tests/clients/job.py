"""The main job with the generated client: job.py SERVER LOGIN PASSWORD SELFIE PHOTO..."""

import json
import pathlib
import sys
import time

from pixora_client import AuthenticatedClient, Client
from pixora_client.api.accounts import create_api_key, sign_in
from pixora_client.api.faces import delete_external_photos, get_index_status, put_external_photo
from pixora_client.api.photos import list_gallery
from pixora_client.api.search import give_consent, search_selfie
from pixora_client.api.sessions import get_facepass_status
from pixora_client.api.studio import create_photo_session
from pixora_client.api.uploads import upload_photos
from pixora_client.models import (
    Credentials,
    ExternalPhotoForm,
    GivenConsent,
    Language,
    NewApiKey,
    NewSessionJson,
    Outcome,
    PhotosForm,
    Scope,
    SearchForm,
)
from pixora_client.types import File

server, login, password, selfie, *photos = sys.argv[1:]


def file(path):
    return File(payload=pathlib.Path(path).open("rb"), file_name=pathlib.Path(path).name, mime_type="image/jpeg")


guest = Client(base_url=server, raise_on_unexpected_status=True, timeout=120)
tokens = sign_in.sync(client=guest, body=Credentials(login=login, password=password))
signed_in = AuthenticatedClient(base_url=server, token=tokens.access_token)
scopes = [Scope.SESSIONSREAD, Scope.SESSIONSWRITE, Scope.PHOTOSWRITE, Scope.FACES]
key = create_api_key.sync(client=signed_in, body=NewApiKey(name="Python", scopes=scopes)).key

studio = AuthenticatedClient(base_url=server, token=key, raise_on_unexpected_status=True, timeout=120)


def made(name):
    """A session that guests may search."""
    return create_photo_session.sync(client=studio, body=NewSessionJson(name=name)).id


def found(session):
    """The photos that show whom the selfie shows, under a consent."""
    given = GivenConsent(version="1", language=Language.EN)
    consent = give_consent.sync(session, client=guest, body=given).consent_id
    form = SearchForm(selfie=[file(selfie)], consent_id=consent)
    return search_selfie.sync(session, client=guest, body=form).matches


# Photos that are uploaded.
session = made("Wedding")
sent = upload_photos.sync(session, client=studio, body=PhotosForm(photo=[file(path) for path in photos]))
stored = [one for one in sent.results if one.result == Outcome.STORED]
until = time.monotonic() + 300
while get_facepass_status.sync(session, client=guest).queued and time.monotonic() < until:
    time.sleep(0.5)
matches = found(session)
gallery = list_gallery.sync(session, client=guest, limit=10)

# Photos that their program keeps itself.
other = made("Elsewhere")
for path in photos:
    form = ExternalPhotoForm(photo=file(path))
    put_external_photo.sync(other, pathlib.Path(path).name, client=studio, body=form)
indexed = get_index_status.sync(other, client=studio).indexed
named = sorted(match.external_id for match in found(other))
forgotten = delete_external_photos.sync(other, client=studio).forgotten
print(
    json.dumps(
        {
            "stored": len(stored),
            "found": len(matches),
            "gallery": len(gallery.photos),
            "indexed": indexed,
            "named": named,
            "forgotten": forgotten,
        }
    )
)
