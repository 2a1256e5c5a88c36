import Type, { type Static } from 'typebox';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { IdOf, Nullable, oneOf, personal, Timestamp, Uuid } from '#kernel/schema.ts';
import { type ShipmentState, shipmentMoves } from './states.ts';
import { returnReasons, statuses } from './status/settle-status.ts';

const optional = <T extends Type.TSchema>(schema: T) => Type.Optional(Nullable(schema));

export const StatusReports = Type.Object({
  reports: Type.Array(
    Type.Object({
      shipment: Uuid,
      status: oneOf(statuses),
      /** When it was, by the clock of whoever says so. */
      at: optional(Timestamp),
      /** Of what was returned. */
      reason: optional(oneOf(returnReasons)),
      /** In its own words. */
      answer: optional(personal(Type.String({ maxLength: 300 }))),
    }),
    { maxItems: 1000 },
  ),
});
export type StatusReports = Static<typeof StatusReports>;

export const Settled = Type.Object({ settled: Type.Integer({ description: 'How many reports were news.' }) });

export const PostalAddresses = Type.Object({
  addresses: Type.Array(
    Type.Object({
      /** Of an organization or a person. */
      number: personal(Type.String({ pattern: '^(?:\\d{9}|\\d{11})$' })),
      /** Below the name, down to the place. Null: no address is known any more. */
      lines: Nullable(personal(Type.Array(Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }), { minItems: 1, maxItems: 6 }))),
    }),
    { maxItems: 1000 },
  ),
});
export type PostalAddresses = Static<typeof PostalAddresses>;

export const AddressesSaved = Type.Object({ saved: Type.Integer(), unknown: Type.Integer({ description: 'Numbers that nobody has.' }) });

export const ShipmentParams = Type.Object({ messageId: IdOf<CorrespondenceId>() });
export const ShipmentsView = Type.Object({
  shipments: Type.Array(
    Type.Object({
      id: Uuid,
      state: Type.Unsafe<ShipmentState>(oneOf(Object.keys(shipmentMoves))),
      reason: Nullable(Type.String()),
      acceptedAt: Timestamp,
      droppedAt: Nullable(Timestamp),
      printedAt: Nullable(Timestamp),
      postedAt: Nullable(Timestamp),
      /** When it was found that the house has it, though it was taken back, let lie or opened meanwhile: it goes by paper all the same. */
      notStoppedAt: Nullable(Timestamp),
      changedAt: Timestamp,
      letterSha256: Nullable(Type.String()),
    }),
  ),
});
export type ShipmentsView = Static<typeof ShipmentsView>;
