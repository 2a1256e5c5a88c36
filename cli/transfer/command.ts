import { Command, InvalidArgumentError } from 'commander';
import { usualPatience } from '../../sdk/index.ts';
import { type ConnectOptions, connect } from './connect.ts';
import { exitCodes, exitCodesHelp, Misused } from './exit-codes.ts';
import { type FetchOptions, fetchAll, listToFetch } from './fetch-all.ts';
import { hashFile } from './hash-file.ts';
import { describeListed, describeStatus, type ListOptions, listTransfers, showStatus } from './look.ts';
import { runTransfer } from './run.ts';
import { describeSent, type SendOptions, sendFile } from './send.ts';

type Common = ConnectOptions & { readonly json?: boolean };

/** `budstikke transfer …`: files between organizations, over HTTP, from any machine. */
export function transferCommand(): Command {
  const transfer = new Command('transfer').description('sends and fetches files between organizations');
  transfer.addHelpText('after', exitCodesHelp).exitOverride(exitAsTold);

  withCommon(transfer.command('send'))
    .description('sends files; run again after it was broken off, it goes on from there and sends nothing twice')
    .argument('<file...>', 'what to send, each as a file transfer of its own')
    .requiredOption('--resource <id>', 'the service by which it is sent')
    .requiredOption('--to <number>', 'a recipient; again for each further one', collect)
    .option('--from <number>', "the sender, where it is not the token's own organization (default: the one of --as)")
    .option('--reference <text>', "the sender's own reference")
    .option('--property <key=value>', 'goes along with the file; again for each further one', property, {})
    .option('--parts <n>', 'parts that go side by side', whole(1, 64), 1)
    .option('--chunk <MiB>', 'of one request: what is sent again at most', whole(1, 4096), 32)
    .option('--rate <MiB>', 'a second at most', whole(1, 1_000_000))
    .option('--no-scan', 'asks for no virus scan; only where the service may go without')
    .option('--no-resume', 'begins anew, whatever was begun before')
    .option('--wait <seconds>', 'how long it is waited for the scan', whole(0, 86_400), 60)
    .action((files: string[], options: SendOptions & Common) =>
      runTransfer(options.json, async (output) => {
        const from = options.from ?? options.as;
        if (from === undefined) throw new Misused('Say who sends by --from.');
        const transfers = connect(options, output);
        const forget: (() => void)[] = [];
        for (const file of files) {
          const { sent, done } = await sendFile(transfers, file, { ...options, from }, output);
          forget.push(done);
          output.line(describeSent(sent));
          output.json(sent);
        }
        // Not before: the same command, run again after a later file failed, sends no file twice.
        for (const done of forget) done();
      }),
    );

  withCommon(transfer.command('list'))
    .description('what was sent and received, oldest first')
    .option('--sent', 'only what was sent')
    .option('--received', 'only what was received')
    .option('--resource <id>', 'only by this service')
    .option('--unfetched', 'only what a recipient has not fetched')
    .option('--unconfirmed', 'only what a recipient has fetched or not, and not confirmed')
    .option('--limit <n>', 'how many of each side at most', whole(1, 1_000_000), 1000)
    .action((options: ListOptions & Common) =>
      runTransfer(options.json, async (output) => {
        for await (const one of listTransfers(connect(options, output), options)) {
          output.line(describeListed(one));
          output.json(one);
        }
      }),
    );

  withCommon(transfer.command('fetch'))
    .description('fetches files into a directory; run again, it goes on where it was broken off')
    .argument('[id...]', 'of file transfers')
    .option('--into <directory>', 'where the files go', '.')
    .option('--unfetched', 'fetches whatever has not been fetched yet; with --confirm also what has not been confirmed')
    .option('--resource <id>', 'with --unfetched: only by this service')
    .option('--force', 'writes over files of the same name that are there, which else both stay: <id>-<name>')
    .option('--confirm', 'confirms each with the hash of what is held')
    .action((ids: string[], options: FetchOptions & Common & { unfetched?: boolean; resource?: string }) =>
      runTransfer(options.json, async (output) => {
        if ((ids.length === 0) === !options.unfetched) throw new Misused('Say which by their ids, or --unfetched.');
        const transfers = connect(options, output);
        const all = options.unfetched ? await listToFetch(transfers, options) : ids;
        await fetchAll(transfers, all, options, output);
      }),
    );

  withCommon(transfer.command('confirm'))
    .description('confirms that a file was received, with the hash of what is held')
    .argument('<id>', 'of the file transfer')
    .option('--file <path>', 'what is held: its hash is computed')
    .option('--sha256 <hex>', 'the hash of what is held', sha256Hex)
    .option('--without-hash', 'confirms, and says nothing of the bytes')
    .action((id: string, options: Common & { file?: string; sha256?: string; withoutHash?: boolean }) =>
      runTransfer(options.json, async (output) => {
        const ways = [options.file, options.sha256, options.withoutHash].filter((way) => way !== undefined).length;
        if (ways !== 1) throw new Misused('Say what is held by one of --file, --sha256 and --without-hash.');
        const transfers = connect(options, output);
        const sha256 = options.file ? (await hashFile(options.file, () => {})).sha256 : options.sha256?.toLowerCase();
        await transfers.confirm(id, sha256 === undefined ? undefined : { sha256 });
        output.line(`${id}: confirmed${sha256 === undefined ? ' without a hash' : `, SHA-256 ${sha256}`}`);
        output.json({ fileTransferId: id, confirmed: true, sha256: sha256 ?? null });
      }),
    );

  withCommon(transfer.command('status'))
    .description('how far a file has come, and whose hash of its bytes is what')
    .argument('<id>', 'of the file transfer')
    .action((id: string, options: Common) =>
      runTransfer(options.json, async (output) => {
        const status = await showStatus(connect(options, output), id);
        output.line(describeStatus(status));
        output.json(status);
      }),
    );
  return transfer;
}

function withCommon(command: Command): Command {
  return command
    .option('--url <address>', 'where Budstikke answers', 'http://127.0.0.1:7070')
    .option('--token-file <path>', 'holds a token; read again when it was not taken')
    .option('--client-id <id>', 'a client of Maskinporten')
    .option('--key-file <path>', 'its private key, PEM (PKCS 8) or JWK')
    .option('--key-id <kid>', 'by which Maskinporten knows the key')
    .option('--token-url <address>', 'where tokens are given, such as https://maskinporten.no/token')
    .option('--audience <issuer>', 'whom the grant is for (default: --token-url without its last segment)')
    .option('--as <number>', 'in a sandbox: a token for this organization from its generator')
    .option('--attempts <n>', 'how often in a row, with pauses that grow, before it gives up', whole(1, 1000), usualPatience.attempts)
    .option('--json', 'one line of JSON for each result, and for what went wrong')
    .addHelpText('after', exitCodesHelp)
    .exitOverride(exitAsTold);
}

function exitAsTold({ exitCode }: { readonly exitCode: number }): never {
  process.exit(exitCode === 0 ? exitCodes.done : exitCodes.usage);
}

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

function property(text: string, before: Record<string, string>): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined) throw new InvalidArgumentError('must be key=value');
  return { ...before, [key]: value! };
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!(Number.isInteger(number) && number >= least && number <= most)) {
      throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}`);
    }
    return number;
  };
}

function sha256Hex(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new InvalidArgumentError('must be 64 hexadecimal digits');
  return text;
}
