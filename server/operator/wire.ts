import Type, { type Static } from 'typebox';
import { Nullable, oneOf, Timestamp } from '#kernel/schema.ts';

const Count = Type.Integer({ minimum: 0 });

export const InstallationView = Type.Object({
  at: Type.String({ format: 'date-time', description: 'When this was found out, in domain time: a minute ago at most.' }),
  version: Type.String(),
  schema: Type.String({ description: 'The last migration of the database.' }),
  database: Type.String({ description: 'Version of PostgreSQL.' }),
  mode: oneOf(['sandbox', 'production']),
  queues: Type.Array(
    Type.Object({
      name: Type.String(),
      waiting: Type.Integer({ minimum: 0, description: 'What could be done now and is not, up to 10,000.' }),
      oldestSeconds: Count,
      late: Type.Boolean({ description: 'Whether the oldest has waited longer than it should.' }),
    }),
  ),
  ladder: Type.Object({
    late: Type.Integer({ minimum: 0, description: 'Open watches whose next action is more than a minute late. Must be 0.' }),
    driftSeconds: Type.Number({ minimum: 0, description: 'How far the one that is furthest behind is behind.' }),
    causesMended: Type.Integer({ minimum: 0, description: 'Stored causes that were not what the facts gave, ever.' }),
  }),
  gateways: Type.Array(
    Type.Object({
      channel: oneOf(['email', 'sms']),
      state: oneOf(['idle', 'working', 'failing']),
      handedOverLastHour: Count,
      failedLastHour: Count,
      retried: Type.Integer({ minimum: 0, description: 'Notices that it did not take, and that are tried again.' }),
      lastTakenAt: Nullable(Timestamp),
    }),
  ),
  storage: Type.Object({
    databaseBytes: Count,
    blobs: Type.Number({ minimum: 0, description: 'About how many files and attachments are kept.' }),
    receiving: Type.Integer({ minimum: 0, description: 'Uploads under way, or broken off and not swept yet.' }),
    freeBytes: Type.Union([Count, Type.Null()], { description: 'Of the disk with the bytes; null for an object store.' }),
  }),
  statements: Type.Object({
    lastDay: Nullable(Type.String({ format: 'date' })),
    broken: Type.Integer({ minimum: 0, description: 'Of the last week that do not add up. Must be 0.' }),
  }),
  invariants: Type.Array(Type.Object({ name: Type.String(), holds: Type.Boolean(), violations: Count })),
  alarms: Type.Array(Type.Object({ rule: Type.String(), since: Timestamp })),
});
export type InstallationView = Static<typeof InstallationView>;
