import { catalogue } from '#kernel/refusal.ts';

/** What is wrong with a policy that came as XACML. No text repeats a value of a policy: it may be a person's number. */
export const policyErrors = catalogue('BUD', {
  policyNotXml: { code: 9150, status: 400, origin: 'budstikke', text: 'Resource {resource}: the policy is no XML that can be read. {why}' },
  policyOutsideSubset: {
    code: 9151,
    status: 400,
    origin: 'budstikke',
    text: 'Resource {resource}: the policy says something that is not understood here, at {place}: {why}',
  },
  policyOfAnother: {
    code: 9152,
    status: 400,
    origin: 'budstikke',
    text: 'Resource {resource}: the policy speaks of another resource, at {place}. The rule would never apply',
  },
});
