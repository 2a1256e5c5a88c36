import Type, { type Static } from 'typebox';
import { Nullable, oneOf, personal, Timestamp } from '#kernel/schema.ts';
import { causes } from '../causes/cause.ts';
import { type StepSpec, type TurnsTo, turnsTo } from '../types.ts';
import { mostSteps } from './definition.ts';
import { durationPattern } from './duration.ts';

const Duration = Type.String({
  pattern: durationPattern,
  maxLength: 40,
  description: 'ISO 8601, in weeks, days, hours and minutes: P3D, PT12H.',
});
const StepName = Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' });
export const LadderId = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{2,63}$' });
const channels = ['preferred', 'email', 'sms', 'inbox', 'event'] as const;
const texts = ['new-mail', 'reminder', 'sealed', 'key-roles', 'fallback', 'sender-unread', 'sender-decision', 'print'] as const;

export const LadderStep = Type.Object({
  name: StepName,
  after: Type.String({ ...Duration, description: 'From publication. A day is 24 hours, unless workingDays.' }),
  workingDays: Type.Optional(Type.Boolean({ description: 'The days are working days in Norway, at the same time of day.' })),
  when: Type.Array(oneOf(causes), { maxItems: causes.length, description: 'Causes under which it is taken; empty: any.' }),
  who: oneOf(turnsTo),
  otherwise: Type.Optional(oneOf(['grantors'])),
  channel: oneOf(channels),
  text: oneOf(texts),
});
const Steps = Type.Array(LadderStep, { minItems: 1, maxItems: mostSteps });
export type WrittenStep = Static<typeof LadderStep>;

export const LadderParams = Type.Object({ ladderId: LadderId });
export const LadderListQuery = Type.Object({ after: Type.Optional(LadderId) });
export const NewLadder = Type.Object({ steps: Steps });

/** Those who run the same sender are told by name; a system by the client that it came with. */
export const Maker = Type.Object({
  kind: oneOf(['person', 'system']),
  name: Nullable(personal(Type.String())),
  client: Nullable(Type.String()),
});
export type Maker = Static<typeof Maker>;

export const LadderView = Type.Object({
  id: Type.String(),
  version: Type.Integer(),
  kind: oneOf(['preset', 'draft', 'own']),
  /** What others do, from which a draft is drawn. */
  drawnFrom: Nullable(Type.Object({ fact: Type.String(), source: Type.String() })),
  steps: Steps,
  madeAt: Timestamp,
  /** Null for what comes with the program. */
  madeBy: Nullable(Maker),
});
export type LadderView = Static<typeof LadderView>;
export const LadderList = Type.Object({ ladders: Type.Array(LadderView), next: Nullable(Type.String()) });
export const LadderVersions = Type.Object({ versions: Type.Array(LadderView) });

export const PreviewRequest = Type.Object({ publishedAt: Timestamp, ladder: Type.Optional(LadderId), steps: Type.Optional(Steps) });
export const Preview = Type.Object({
  steps: Type.Array(
    Type.Object({
      name: Type.String(),
      who: oneOf(turnsTo),
      when: Type.Array(oneOf(causes)),
      channel: oneOf(channels),
      dueAt: Timestamp,
      dueOn: Type.String({ format: 'date', description: 'The day in Norway.' }),
    }),
  ),
  thenAskedAt: Type.String({ format: 'date-time', description: 'When nothing of it is left: the sender is asked, and each week after.' }),
});

export const ResourceParams = Type.Object({ resourceId: Type.String({ minLength: 1, maxLength: 255 }) });
export const Limits = Type.Object({
  ladders: Type.Array(LadderId, { maxItems: 50 }),
  own: Type.Boolean(),
  mostSteps: Type.Integer({ minimum: 0, maximum: mostSteps }),
  turnsTo: Type.Array(oneOf(turnsTo), { maxItems: turnsTo.length }),
  notBefore: Nullable(Duration),
  within: Nullable(Duration),
});
export const ResourceLadder = Type.Object({
  ladder: LadderId,
  limits: Type.Optional(Nullable(Limits)),
});
export const ResourceLadderView = Type.Object({ ladder: Type.String(), version: Type.Integer(), limits: Nullable(Limits) });

export const ChoicesQuery = Type.Object({ before: Type.Optional(Type.String({ format: 'uuid' })) });
export const LadderChoices = Type.Object({
  choices: Type.Array(
    Type.Object({ id: Type.String(), at: Timestamp, by: Nullable(Maker), ladder: Type.String(), limits: Nullable(Limits) }),
  ),
  /** For `before` of the next page. */
  next: Nullable(Type.String()),
});

/** What a sender chooses for one message: exactly one of the three. */
export const MessageLadder = Type.Object({
  ladder: Type.Optional(LadderId),
  steps: Type.Optional(Steps),
  changes: Type.Optional(
    Type.Array(
      Type.Object({
        name: StepName,
        after: Type.Optional(Duration),
        workingDays: Type.Optional(Type.Boolean()),
        channel: Type.Optional(oneOf(channels)),
        leaveOut: Type.Optional(Type.Boolean()),
      }),
      { minItems: 1, maxItems: mostSteps },
    ),
  ),
});
export type MessageLadder = Static<typeof MessageLadder>;

const Address = Nullable(personal(Type.String({ maxLength: 254 })));
export const SecondContactRequest = Type.Object({ email: Address, sms: Address });
/** One that is not the sender's own in the register hears of nothing until somebody there has confirmed it. */
export const SecondContactView = Type.Object({
  email: Address,
  sms: Address,
  emailConfirmed: Type.Boolean(),
  smsConfirmed: Type.Boolean(),
});
export const ConfirmParams = Type.Object({ token: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }) });

/** As it is stored: what the schema let through has every member that a step must have. */
export const stored = (steps: readonly WrittenStep[], source?: 'sender'): StepSpec[] =>
  steps.map((step) => ({ ...step, who: step.who as TurnsTo, ...(source ? { source } : {}) }));
