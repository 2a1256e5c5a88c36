import { catalogue } from '#kernel/refusal.ts';

/**
 * What the registry refuses. Rows of the original are its bare texts and have no number on the wire; those that it has no text
 * for are our own. Source: compatibility.md, platform, §2.8.
 */
export const registryErrors = {
  ...catalogue('REG', {
    resourceExists: { code: 1, status: 409, origin: 'altinn', text: 'The Resource already exist: {id}', bare: true },
    idMismatch: { code: 2, status: 400, origin: 'altinn', text: 'Id in path does not match ID in resource', bare: true },
    unknownResource: { code: 3, status: 400, origin: 'altinn', text: 'Unknown resource', bare: true },
  }),
  ...catalogue('BUD', {
    resourceNotFound: { code: 9181, status: 404, origin: 'budstikke', text: 'The resource was not found' },
    identifierInvalid: {
      code: 9182,
      status: 400,
      origin: 'budstikke',
      text: 'An identifier has at least four characters of a-z, 0-9, _ and -, and does not begin with se_ or app_',
    },
    notOwner: {
      code: 9183,
      status: 403,
      origin: 'budstikke',
      text: 'The token does not belong to the organization that owns the resource',
    },
    ownerUnknown: { code: 9184, status: 400, origin: 'budstikke', text: 'The organization in {field} is not known' },
    rightDescriptionMissing: {
      code: 9185,
      status: 400,
      origin: 'budstikke',
      text: 'A resource that can be delegated needs a rightDescription',
    },
    policyMissing: { code: 9186, status: 400, origin: 'budstikke', text: 'Send the policy as a file in the field policyFile' },
    policyTooLarge: { code: 9187, status: 400, origin: 'budstikke', text: 'A policy has at most one mebibyte' },
    policyNamesUnknown: {
      code: 9188,
      status: 400,
      origin: 'budstikke',
      text: 'The policy names roles or access packages that do not exist: {names}',
    },
    policyTooBranched: {
      code: 9189,
      status: 400,
      origin: 'budstikke',
      text: 'The policy combines so many alternatives that it cannot be shown rule by rule. Read it as XML',
    },
    tokenUnreadable: { code: 9190, status: 400, origin: 'budstikke', text: 'The continuation token is none that was given here' },
    fallbackMisfit: {
      code: 9191,
      status: 400,
      origin: 'budstikke',
      text: 'A fallbackParty belongs to unreachable: fallback, and that needs one',
    },
    personMisfit: {
      code: 9180,
      status: 400,
      origin: 'budstikke',
      text: 'Only letters can demand that a person opens them: a file is for systems to fetch',
    },
  }),
};
