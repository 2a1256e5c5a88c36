import Type, { type Static } from 'typebox';
import { Set as setFormat } from 'typebox/format';
import { Nullable, personal, worded } from '#kernel/schema.ts';
import { invalidResourceId, organizationPattern, resourceIdPattern } from '../wire.ts';

const forms =
  'on the form countrycode:organizationnumber (e.g. 0192:910753614) or urn:altinn:organization:identifier-no:organizationnumber';
const Organization = (words: string) => worded(Type.String({ pattern: organizationPattern }), { violation: { pattern: words } });

const longKey = 'PropertyList Key can not be longer than 50. Length:{length}, KeyValue:{value}';
const PropertyList = worded(
  Type.Record(
    Type.String(),
    worded(Type.String({ maxLength: 3000 }), {
      violation: {
        maxLength: 'PropertyList Value can not be longer than 3000. Length:{length}, Value:{value}',
        required: 'A PropertyList Value can not be null',
      },
    }),
    { maxProperties: 10, propertyNames: worded(Type.String({ maxLength: 50 }), { violation: longKey }) },
  ),
  { violation: { maxProperties: 'PropertyList can contain at most 10 properties', propertyNames: longKey } },
);

setFormat('md5-or-none', (text) => text.trim() === '' || text.length === 32);

/** An MD5 that the sender has computed; blank is none. That it is hexadecimal shows when it is compared. */
const Checksum = worded(Type.String({ format: 'md5-or-none', pattern: '^[^A-Z]*$' }), {
  violation: {
    format: 'The checksum, if used, must be a MD5 hash with a length of 32 characters',
    pattern: 'The checksum, if used, must be a MD5 hash in lower case',
  },
});

setFormat('sha256-or-none', (text) => text.trim() === '' || /^[0-9a-f]{64}$/i.test(text));

/** A SHA-256 that the sender has computed, beside the MD5; blank is none. The original knows no such member. */
const ChecksumSha256 = worded(Type.String({ format: 'sha256-or-none' }), {
  violation: { format: 'The checksum, if used, must be a SHA-256 hash of 64 hexadecimal digits' },
});

/** More than anybody has; the original has no limit. */
const mostRecipients = 1000;

/** A transfer before its bytes. Source: compatibility.md, broker, §2.1. */
export const InitializeTransfer = Type.Object({
  fileName: personal(Type.String({ minLength: 1, maxLength: 255 })),
  resourceId: worded(Type.String({ minLength: 1, maxLength: 255, pattern: resourceIdPattern }), {
    violation: { pattern: invalidResourceId },
  }),
  sendersFileTransferReference: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 4096 }))),
  sender: Organization(`Organization numbers should be ${forms}`),
  recipients: worded(Type.Array(Organization(`Each recipient should be ${forms}`), { minItems: 1, maxItems: mostRecipients }), {
    violation: { minItems: 'One or more recipients are required' },
  }),
  propertyList: Type.Optional(PropertyList),
  checksum: Type.Optional(Nullable(Checksum)),
  checksumSha256: Type.Optional(Nullable(ChecksumSha256)),
  disableVirusScan: Type.Optional(Nullable(Type.Boolean())),
});
export type InitializeTransfer = Static<typeof InitializeTransfer>;

/** The same in front of its file, in one form. Source: compatibility.md, broker, §3.3. */
export const InitializeWithFile = Type.Object({ metadata: InitializeTransfer });
