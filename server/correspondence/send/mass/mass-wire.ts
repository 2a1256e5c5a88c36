import type { Static } from 'typebox';
import { InitializeCorrespondences } from '../wire.ts';

/** A letter to many: what a client of initialize says of a letter, in the same words and within the same limits. */
export const LetterToMany = InitializeCorrespondences.properties.correspondence;
export type LetterToMany = Static<typeof LetterToMany>;

const { externalReferences, propertyList, sendersReference } = LetterToMany.properties;

/** What a line may say of its own in place of the letter's. */
export const ownMembers = { externalReferences, propertyList, sendersReference } as const;
