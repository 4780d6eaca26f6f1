/** The main job with the generated types: job.js SERVER LOGIN PASSWORD SELFIE PHOTO... */
import createClient from 'openapi-fetch';
import type { paths } from './api.js';

declare const process: { argv: string[]; getBuiltinModule(name: 'fs'): { openAsBlob(path: string): Promise<Blob> } };

const [baseUrl, login, password, selfie, ...photos] = process.argv.slice(2) as [string, string, string, string, ...string[]];
const { openAsBlob } = process.getBuiltinModule('fs');

/** What was answered, or an end with the problem's words. */
function said<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

/** A form of files and texts. */
function form(fields: Record<string, unknown>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one instanceof Blob) form.append(name, one, 'photo.jpg');
      else if (one !== undefined) form.append(name, String(one));
    }
  }
  return form;
}

const guest = createClient<paths>({ baseUrl });
const tokens = said(await guest.POST('/api/auth/login', { body: { login, password } }));
const signedIn = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${tokens.access_token}` } });
const key = said(
  await signedIn.POST('/api/keys', {
    body: { name: 'TypeScript', scopes: ['sessions:read', 'sessions:write', 'photos:write'] },
  }),
).key;

const studio = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });
const session = said(await studio.POST('/api/photo-sessions', { body: { name: 'Wedding' } })).id;
const path = { session_id: session };
const files = await Promise.all(photos.map((photo) => openAsBlob(photo)));
const sent = said(
  await studio.POST('/api/photo-sessions/{session_id}/photos', { params: { path }, body: { photo: files }, bodySerializer: form }),
);
const stored = sent.results.filter(({ result }) => result === 'stored');

const until = Date.now() + 300_000;
while (said(await guest.GET('/api/v1/sessions/{session_id}/facepass-status', { params: { path } })).queued > 0) {
  if (Date.now() > until) throw new Error('the photos are still in the queue');
  await new Promise((done) => setTimeout(done, 500));
}
const consent = said(
  await guest.POST('/api/v1/sessions/{session_id}/consents', { params: { path }, body: { version: '1', language: 'en' } }),
).consent_id;
const found = said(
  await guest.POST('/api/v1/sessions/{session_id}/search', {
    params: { path },
    body: { selfie: [await openAsBlob(selfie)], consent_id: consent },
    bodySerializer: form,
  }),
);
const gallery = said(await guest.GET('/api/v1/sessions/{session_id}/photos', { params: { path, query: { limit: 10 } } }));
console.log(JSON.stringify({ stored: stored.length, found: found.matches.length, gallery: gallery.photos.length }));
export {};
