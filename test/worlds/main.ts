import { parseArgs } from 'node:util';
import { createDatabase } from '#db/index.ts';
import { seedAccess } from '../../server/access/seed/seed-access.ts';
import { catchMutant } from '../../server/access/testing/worlds/catch.ts';
import { type Explored, exploreWorlds } from '../../server/access/testing/worlds/explore.ts';
import { sqlMutants } from '../../server/access/testing/worlds/mutants.ts';
import { withFewAsMany } from '../../server/access/testing/worlds/mutate.ts';
import { openTestCluster, urlVariable, withScratchCluster } from '../cluster.ts';

const help = `npm run worlds -- [options]

Makes up small worlds of organizations, people and systems, changes them, and holds what access answers about everybody everywhere
against a walk through each of them, one thing at a time. In half of them whoever leads anything is looked for as one who leads many.

  --count <n>     how many worlds (100000)
  --seed <n>      repeat a run; without it a number is drawn and printed
  --mutants       instead: make each known mistake in the SQL, and tell how many worlds it takes to see it (at most --count, 2000)
  --only <words>  of the mistakes those alone that are called so
  --help          this text
`;

const number = { type: 'string' } as const;
const { values } = parseArgs({
  options: { count: number, seed: number, mutants: { type: 'boolean' }, only: { type: 'string' }, help: { type: 'boolean' } },
});
const whole = (name: 'count' | 'seed', usual: number): number => {
  const value = Number(values[name] ?? usual);
  if (Number.isInteger(value) && value >= 1) return value;
  console.error(`--${name} must be a whole number above 0.\n\n${help}`);
  process.exit(2);
};

if (values.help) console.log(help);
else
  process.exitCode = await withScratchCluster(async (url) => {
    process.env[urlVariable] = url;
    const cluster = await openTestCluster();
    const name = await cluster.create('migrated');
    const db = createDatabase({ url: cluster.urlOf(name), maxConnections: 4, applicationName: 'budstikke worlds' });
    try {
      await seedAccess({ db });
      const seed = whole('seed', 1 + Math.floor(Math.random() * 2 ** 20));
      console.log(`seed ${seed}`);
      return values.mutants ? await tryMutants(db, seed) : await explore(db, seed);
    } finally {
      await db.close();
      await cluster.drop(name);
      await cluster.release();
    }
  });

type Database = ReturnType<typeof createDatabase>;

async function explore(db: Database, seed: number): Promise<number> {
  const started = performance.now();
  let told = 0;
  const onBatch = (done: number) => {
    if (done - told < 5000) return;
    told = done;
    console.log(`${done} worlds, ${Math.round((performance.now() - started) / 1000)} s`);
  };
  const all = whole('count', 100_000);
  const half = (at: Database, from: number, count: number, before: number) =>
    exploreWorlds({ db: at, seed: from, worlds: count, atOnce: 100, onBatch: (done) => onBatch(before + done) });
  const first = await half(db, seed, Math.ceil(all / 2), 0);
  const explored =
    first.wrong || all < 2 ? [first] : [first, await withFewAsMany(db, (many) => half(many, seed + 1, Math.floor(all / 2), first.worlds))];
  const wrong = explored.find((each) => each.wrong)?.wrong;
  if (wrong) console.error(wrong);
  const sum = (of: keyof Explored['tally']) => explored.reduce((n, { tally }) => n + tally[of], 0);
  const worlds = explored.reduce((n, each) => n + each.worlds, 0);
  const [questions, permits, agents] = [sum('questions'), sum('permits'), sum('agents')];
  const [sealed, unreachable, locked] = [sum('sealed'), sum('unreachable'), sum('locked')];
  console.log(`
worlds                    ${worlds}, each asked about four times; in half of them whoever leads anything passes for one who leads many
questions                 ${questions}, of which ${permits} were permitted, ${agents} to agents
nobody could open         ${sealed} times, and ${unreachable} times nobody could let anybody in
attachments locked        ${locked} times
disagreements             ${wrong ? 'the one above' : 'none'}
took                      ${Math.round((performance.now() - started) / 1000)} s`);
  return wrong ? 1 : 0;
}

async function tryMutants(db: Database, seed: number): Promise<number> {
  let missed = 0;
  const tried = sqlMutants.filter(({ what }) => what.includes(values.only ?? ''));
  for (const mutant of tried) {
    const { worlds } = await catchMutant(mutant, { db, seed, worlds: whole('count', 2000) });
    if (worlds === undefined) missed += 1;
    console.log(`${worlds === undefined ? 'not caught' : `after ${String(worlds).padStart(4)}`}  ${mutant.what}`);
  }
  console.log(`\n${tried.length - missed} of ${tried.length} caught`);
  return missed === 0 ? 0 : 1;
}
