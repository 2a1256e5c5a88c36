import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/**
 * A mail server in a process of its own, which takes everything and keeps the Message-IDs. It tells its port; asked, how many mails it has
 * taken since it was last asked, and how many different ones.
 */
let taken = 0;
let ids = new Set<string>();

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, _session, done) {
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    stream.on('end', () => {
      taken += 1;
      ids.add(/^Message-ID:\s*(<[^>]+>)/im.exec(text)?.[1] ?? '');
      done();
    });
  },
});
server.on('error', () => {}); // a client that hangs up
const listening = server.listen(0, '127.0.0.1');
await once(listening, 'listening');
process.on('message', () => {
  process.send?.({ taken, different: ids.size });
  taken = 0;
  ids = new Set();
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port: (listening.address() as AddressInfo).port });
