import { parseArgs } from 'node:util';
import pg from 'pg';
import { openTestCluster, urlVariable, withScratchCluster } from '../cluster.ts';
import { playYear } from './play-year.ts';

const help = `npm run year -- [options]

Plays a year of post: letters come, people leave and others come in their place, mail servers fall silent, some open, some do not,
and what falls due is done when it falls due. Prints what became of the letters. The same seed gives the same year.

  --letters <n>   how many letters (10000)
  --seed <n>      which year (1)
  --lines         also print what became of each letter
  --help          this text
`;

const { values } = parseArgs({
  options: { letters: { type: 'string' }, seed: { type: 'string' }, lines: { type: 'boolean' }, help: { type: 'boolean' } },
});
const whole = (name: 'letters' | 'seed', usual: number): number => {
  const value = Number(values[name] ?? usual);
  if (Number.isInteger(value) && value >= 1) return value;
  console.error(`--${name} must be a whole number above 0.\n\n${help}`);
  process.exit(2);
};

if (values.help) console.log(help);
else process.exitCode = await withScratchCluster(play);

async function play(clusterUrl: string): Promise<number> {
  process.env[urlVariable] = clusterUrl;
  const cluster = await openTestCluster();
  await leaveTablesAlone(cluster.urlOf('postgres'));
  const name = await cluster.create('migrated');
  const [seed, letters] = [whole('seed', 1), whole('letters', 10_000)];
  const begun = performance.now();
  try {
    const year = await playYear(cluster.urlOf(name), { seed, letters });
    if (values.lines) for (const line of year.lines) console.log(line);
    const rows = [...year.tally].sort(([, a], [, b]) => b - a).map(([became, n]) => `  ${became.padEnd(24)} ${String(n).padStart(7)}`);
    console.log(
      `seed ${seed}, ${letters} letters, ${year.notices} notices, ${year.stops} stops of the clock, ${Math.round((performance.now() - begun) / 1000)} s`,
    );
    console.log(rows.join('\n'));
    for (const fault of year.faults) console.error(`FAULT ${fault}`);
    console.log(`this year is ${year.digest.slice(0, 16)}`);
    return year.faults.length === 0 ? 0 : 1;
  } finally {
    await cluster.drop(name);
    await cluster.release();
  }
}

/**
 * Autovacuum goes by the machine's clock, to which a year is a minute: the year looks at its tables by its own. What is looked at is planned
 * anew on every connection. Nor does anybody look at what each connection is just doing.
 */
async function leaveTablesAlone(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const needless of ['autovacuum', 'track_activities', 'update_process_title'])
    await client.query(`alter system set ${needless} = off`);
  await client.query('select pg_reload_conf()');
  await client.end();
}
