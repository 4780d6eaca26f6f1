/** The main job with the generated client: job.js SERVER LOGIN PASSWORD SELFIE PHOTO... */
import { openAsBlob } from 'node:fs';
import { pixora, said } from 'pixora-client';

const [url, login, password, selfie, ...photos] = process.argv.slice(2) as [string, string, string, string, ...string[]];
const named = (photo: string) => photo.split('/').at(-1) ?? photo;

const guest = pixora(url);
const tokens = said(await guest.POST('/api/auth/login', { body: { login, password } }));
const key = said(
  await pixora(url, tokens.access_token).POST('/api/keys', {
    body: { name: 'TypeScript', scopes: ['sessions:read', 'sessions:write', 'photos:write', 'faces'] },
  }),
).key;
const studio = pixora(url, key);

/** A session that guests may search. */
async function made(name: string): Promise<{ session_id: string }> {
  return { session_id: said(await studio.POST('/api/photo-sessions', { body: { name } })).id };
}

/** The photos that show whom the selfie shows, under a consent. */
async function found(path: { session_id: string }) {
  const body = { version: '1', language: 'en' as const };
  const { consent_id } = said(await guest.POST('/api/v1/sessions/{session_id}/consents', { params: { path }, body }));
  const form = { selfie: [await openAsBlob(selfie)], consent_id };
  return said(await guest.POST('/api/v1/sessions/{session_id}/search', { params: { path }, body: form })).matches;
}

// Photos that are uploaded.
const path = await made('Wedding');
const files = await Promise.all(photos.map((photo) => openAsBlob(photo)));
const sent = said(await studio.POST('/api/photo-sessions/{session_id}/photos', { params: { path }, body: { photo: files } }));
const stored = sent.results.filter(({ result }) => result === 'stored');
const until = Date.now() + 300_000;
while (said(await guest.GET('/api/v1/sessions/{session_id}/facepass-status', { params: { path } })).queued > 0) {
  if (Date.now() > until) throw new Error('the photos are still in the queue');
  await new Promise((done) => setTimeout(done, 500));
}
const matches = await found(path);
const gallery = said(await guest.GET('/api/v1/sessions/{session_id}/photos', { params: { path, query: { limit: 10 } } }));

// Photos that their program keeps itself.
const other = await made('Elsewhere');
for (const photo of photos) {
  const at = { params: { path: { ...other, external_id: named(photo) } } };
  said(await studio.PUT('/api/v1/sessions/{session_id}/photos/{external_id}', { ...at, body: { photo: await openAsBlob(photo) } }));
}
const { indexed } = said(await studio.GET('/api/v1/sessions/{session_id}/index-status', { params: { path: other } }));
const names = (await found(other)).map(({ external_id }) => external_id).sort();
const { forgotten } = said(await studio.DELETE('/api/v1/sessions/{session_id}/photos', { params: { path: other } }));
console.log(
  JSON.stringify({ stored: stored.length, found: matches.length, gallery: gallery.photos.length, indexed, named: names, forgotten }),
);
