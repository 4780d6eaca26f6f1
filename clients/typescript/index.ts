/** A client of Pixora's interface. Addresses, bodies and answers are checked by the types of `api.ts`, which is generated. */
import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './api.js';

export type { components, paths };
export type Pixora = Client<paths>;
export type Problem = components['schemas']['Problem'];

/** A refusal of the server, RFC 9457; `problem.code` is stable. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
  }
}

/** A client of the server at this address. With an API key or an access token it is that user's, without one a guest's. */
export function pixora(baseUrl: string, key?: string): Pixora {
  return createClient<paths>({ baseUrl, headers: key ? { Authorization: `Bearer ${key}` } : {}, bodySerializer: body });
}

/** What was answered. */
export function said<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (error !== undefined) throw new Refused(error as Problem);
  return data as T;
}

/** A body with files is sent as a form, any other as JSON. */
function body(fields: unknown): FormData | string {
  const pairs = Object.entries((fields ?? {}) as Record<string, unknown>);
  const each = pairs.flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => [name, one] as const));
  if (!each.some(([, one]) => one instanceof Blob)) return JSON.stringify(fields);
  const form = new FormData();
  for (const [name, one] of each) {
    if (one instanceof Blob) form.append(name, one, one instanceof File ? one.name : 'photo.jpg');
    else if (one !== undefined && one !== null) form.append(name, String(one));
  }
  return form;
}
