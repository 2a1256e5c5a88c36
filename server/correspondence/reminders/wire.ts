import Type from 'typebox';
import { Nullable } from '#kernel/schema.ts';
import { anyCase } from '../wire.ts';

/** Source: compatibility.md, correspondence, §6.5. */
export const NotificationCheck = Type.Object({ sendNotification: Type.Boolean() });

/** A language, in any case; Norwegian bokmål where none is named. */
export const ConfidentialQuery = Type.Object({
  languageCode: Type.Optional(Nullable(Type.String({ pattern: `^(?:${['nb', 'nn', 'en'].map(anyCase).join('|')})?$` }))),
});
