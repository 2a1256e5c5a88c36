export { type Actor, actorOf, budstikkeItself } from './actor-of.ts';
export { type Canonical, canonicalJson } from './canonical.ts';
export { type EvidenceEvent, eventUri, type ReasonCode, reasonUri } from './event-names.ts';
export { levels, type Proves } from './levels.ts';
export { type EvidenceEntry, type EvidencePage, entryForSender, listActsAt, listEvidence } from './list-evidence.ts';
export type { EvidenceRow } from './parts.ts';
export { type AlikeThings, type EvidenceKind, recordAlikeEvidence } from './record-alike.ts';
export { recordEvidence } from './record-evidence.ts';
export { findRecorded, recordedOf } from './store.ts';
