/** A process of its own for the tests of the supervisor: holds the database of a data directory until it is told to stop. */
import { createLog } from '#kernel/log.ts';
import { startEmbedded } from '../index.ts';

const [dataDir = '', as] = process.argv.slice(2);

try {
  const held = await startEmbedded({
    dataDir,
    log: createLog('warn'),
    as: as === 'server' ? 'server' : 'tool',
    durable: false,
    onLost: (why) => {
      console.error(why.message);
      process.exit(1);
    },
  });
  const stop = async (): Promise<void> => {
    console.log(await held.stop());
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  console.log(`ready ${held.url}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
