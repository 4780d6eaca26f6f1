// A mail server (npm `smtp-server`) for tests: prints its port, then each mail as one line of JSON. It answers
// "later" to a reader's first mail when their name starts with `later`, and refuses those named `never`.
import { createRequire } from 'node:module';

const { SMTPServer } = createRequire(new URL('../browser/package.json', import.meta.url))('smtp-server');
const put_off = new Set();

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onRcptTo({ address }, _session, done) {
    const refuse = (responseCode, text) => done(Object.assign(new Error(text), { responseCode }));
    if (address.startsWith('never')) return refuse(550, 'no such mailbox');
    if (address.startsWith('later') && !put_off.has(address)) {
      put_off.add(address);
      return refuse(451, 'try again later');
    }
    done();
  },
  async onData(stream, session, done) {
    const chunks = await stream.toArray();
    const to = session.envelope.rcptTo.map((reader) => reader.address);
    console.log(JSON.stringify({ to, raw: Buffer.concat(chunks).toString('utf8') }));
    done();
  },
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.server.address().port })));
process.stdin.on('end', () => process.exit()).resume();
