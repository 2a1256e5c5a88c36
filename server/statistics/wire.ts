import Type from 'typebox';
import { Timestamp } from '#kernel/schema.ts';

/** What a made report says of itself. Source: compatibility.md, correspondence, §1.4. */
export const ReportView = Type.Object({
  filePath: Type.String(),
  fileHash: Type.String(),
  fileSizeBytes: Type.Integer(),
  serviceOwnerCount: Type.Integer(),
  totalCorrespondenceCount: Type.Integer(),
  generatedAt: Timestamp,
  environment: Type.String(),
  altinn2Included: Type.Boolean(),
});

export const KeyRefused = Type.Object({ error: Type.String() });
export const TooManyCalls = Type.Object({ error: Type.String(), retryAfter: Type.Integer(), resetTime: Timestamp });
