import Type, { type Static } from 'typebox';
import { Nullable, oneOf, personal, Timestamp } from '#kernel/schema.ts';
import { causes } from '#watch/index.ts';
import { mostRecipients } from '../board/wire.ts';

const settings = {
  /** 1 for Monday to 7 for Sunday. */
  days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, maxItems: 7 }),
  /** Of the day in Norway. */
  hour: Type.Integer({ minimum: 0, maximum: 23 }),
  /** None: all. */
  causes: Type.Array(oneOf(causes), { maxItems: causes.length }),
  resources: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 100 }),
  /** Numbers of organizations and persons. */
  recipients: Type.Array(personal(Type.String({ pattern: '^(\\d{9}|\\d{11})$' })), { maxItems: mostRecipients }),
  olderThan: Nullable(Type.String({ pattern: '^P\\d{1,4}D$' })),
  /** `link`: to the extract, which is fetched by whoever may. `attachment`: the CSV itself, without national identity numbers. */
  sendAs: oneOf(['link', 'attachment']),
  sendEmpty: Type.Boolean(),
  isOn: Type.Boolean(),
};

export const RoutineRequest = Type.Object({
  ...settings,
  causes: Type.Optional(settings.causes),
  resources: Type.Optional(settings.resources),
  recipients: Type.Optional(settings.recipients),
  olderThan: Type.Optional(settings.olderThan),
  sendAs: Type.Optional(settings.sendAs),
  sendEmpty: Type.Optional(settings.sendEmpty),
  isOn: Type.Optional(settings.isOn),
  addresses: Type.Array(personal(Type.String({ minLength: 3, maxLength: 254 })), { maxItems: 10 }),
});
export type RoutineRequest = Static<typeof RoutineRequest>;

export const RoutineView = Type.Object({
  ...settings,
  nextAt: Timestamp,
  /** One that is not the sender's own in the register is written to when somebody there has confirmed it. */
  addresses: Type.Array(
    Type.Object({
      email: personal(Type.String()),
      confirmed: Type.Boolean(),
      /** Until when the link in its mail confirms it. Past, or null where no mail was sent or got through: set the routine again, on another day, and one is. */
      linkUntil: Nullable(Timestamp),
    }),
  ),
  extracts: Type.Array(
    Type.Object({
      dueAt: Timestamp,
      madeAt: Timestamp,
      items: Type.Integer({ minimum: 0 }),
      /**
       * `stopped`: the sender is gone, and nobody in its place is to be written to. `failed`: none of the addresses has taken the mail.
       * `nobody`: there was something to send, and no address that is the sender's own or confirmed.
       */
      sentAs: oneOf(['link', 'attachment', 'nothing', 'nobody', 'stopped', 'failed']),
      addresses: Type.Integer({ minimum: 0 }),
      /** At how many of them the mail was refused, or has come back. */
      failed: Type.Integer({ minimum: 0 }),
      /** The number of who got it in the place of a sender that is gone. */
      standIn: Nullable(Type.String()),
    }),
  ),
});
export type RoutineView = Static<typeof RoutineView>;

export const ConfirmParams = Type.Object({ token: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }) });
