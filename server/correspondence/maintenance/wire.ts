import Type, { type Static } from 'typebox';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { IdOf, Uuid } from '#kernel/schema.ts';

/** Source: compatibility.md, correspondence, §1.4. */
export const ClearQuery = Type.Object({ minAgeDays: Type.Optional(Type.Integer({ minimum: 0, maximum: 365 })) });

export const Clearing = Type.Object({
  resourceId: Type.String(),
  correspondencesFound: Type.Integer(),
  attachmentsFound: Type.Integer(),
  deleteDialogsJobId: Uuid,
  deleteCorrespondencesJobId: Uuid,
});
export type Clearing = Static<typeof Clearing>;

export const RetryRequest = Type.Object({
  correspondenceIds: Type.Array(IdOf<CorrespondenceId>(), { minItems: 1, maxItems: 1000 }),
});

export const Retrying = Type.Object({ jobIds: Type.Array(Uuid) });
