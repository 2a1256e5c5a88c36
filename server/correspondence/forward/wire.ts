import Type, { type Static } from 'typebox';
import { Nullable, personal } from '#kernel/schema.ts';

/** A letter that is sent on. Its address and words are judged by rules with codes of their own. Source: compatibility.md, correspondence, §8.5. */
export const ForwardRequest = Type.Object({
  forwardTo: personal(Type.String()),
  forwardingText: Type.Optional(Nullable(personal(Type.String()))),
});
export type ForwardRequest = Static<typeof ForwardRequest>;

export const ForwardingCheck = Type.Object({ allowForwarding: Type.Boolean() });
export type ForwardingCheck = Static<typeof ForwardingCheck>;

export const LinkParams = Type.Object({ token: Type.String({ minLength: 1, maxLength: 100 }) });
