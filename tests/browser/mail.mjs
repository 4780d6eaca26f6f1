/** A mail server that keeps what it is given, so that tests can follow the links in mails. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** How long a mail may take to come. */
const MAIL_MS = 30_000;

/** The plain text of a mail. @param {string} raw */
function plainText(raw) {
  const part = raw.split(/\r?\n--/).find((each) => /content-type: text\/plain/i.test(each)) ?? raw;
  const [head, ...rest] = part.split(/\r?\n\r?\n/);
  const body = rest.join('\n\n');
  if (/transfer-encoding: base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/transfer-encoding: quoted-printable/i.test(head)) return body;
  const bytes = body.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Starts the server; `settings` are for `installPixora`. */
export async function startMail() {
  const server = spawn('node', [resolve(import.meta.dirname, '../support/smtp.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: server.stdout });
  /** @type {{ to: string, text: string }[]} */
  const mails = [];
  const port = await new Promise((done) => {
    lines.on('line', (line) => {
      const said = JSON.parse(line);
      if (said.port) done(said.port);
      else mails.push({ to: said.to[0], text: plainText(said.raw) });
    });
  });
  return {
    settings: { PIXORA_SMTP_URL: `smtp://127.0.0.1:${port}`, PIXORA_MAIL_FROM: 'Studio Example <photos@studio.example>' },

    /** The text of the next mail to somebody, which is taken out. @param {string} to */
    async next(to) {
      const until = Date.now() + MAIL_MS;
      while (Date.now() < until) {
        const at = mails.findIndex((each) => each.to === to);
        if (at >= 0) return mails.splice(at, 1)[0].text;
        await new Promise((done) => setTimeout(done, 50));
      }
      throw new Error(`no mail to ${to}; there are ${JSON.stringify(mails)}`);
    },

    /** The link in the next mail to somebody. @param {string} to @returns {Promise<string>} */
    async link(to) {
      const text = await this.next(to);
      const link = text.match(/https?:\/\/\S+/)?.[0];
      if (!link) throw new Error(`no link in ${text}`);
      return link;
    },

    stop() {
      server.kill();
    },
  };
}
