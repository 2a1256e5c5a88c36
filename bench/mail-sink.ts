import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/**
 * A mail server in a process of its own, which takes everything and keeps the Message-IDs. It tells its port; asked, how many mails it has
 * taken since it was last asked, how many different ones, how long its connections waited in all from the yes to one mail until the next
 * began, and what processor time it took.
 */
let taken = 0;
let ids = new Set<string>();
let waitedMillis = 0;
let cpu = process.cpuUsage();
const saidYes = new Map<string, number>();

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onMailFrom(_address, session, done) {
    const since = saidYes.get(session.id);
    if (since !== undefined) waitedMillis += performance.now() - since;
    done();
  },
  onClose: (session) => void saidYes.delete(session.id),
  onData(stream, session, done) {
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    stream.on('end', () => {
      taken += 1;
      ids.add(/^Message-ID:\s*(<[^>]+>)/im.exec(text)?.[1] ?? '');
      saidYes.set(session.id, performance.now());
      done();
    });
  },
});
server.on('error', () => {}); // a client that hangs up
const listening = server.listen(0, '127.0.0.1');
await once(listening, 'listening');
process.on('message', () => {
  const { user, system } = process.cpuUsage(cpu);
  process.send?.({ taken, different: ids.size, waitedMillis, cpuMillis: (user + system) / 1000 });
  cpu = process.cpuUsage();
  waitedMillis = 0;
  saidYes.clear();
  taken = 0;
  ids = new Set();
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port: (listening.address() as AddressInfo).port });
