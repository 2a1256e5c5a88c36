import type { Context } from '#kernel/context.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { Reply } from '#kernel/route.ts';
import type { VersionedPolicy } from '../store/resources.ts';
import { findPolicies } from '../store/resources.ts';
import { registryErrors as e } from './errors.ts';
import { type FlatRule, flattenPolicy, hidden, rightsOf, subjectsOf } from './flatten-policy.ts';
import { printPolicy } from './print-policy.ts';
import { findPolicyXml } from './store.ts';

/**
 * The policy of a resource in XML: as it was uploaded, or printed from the readers and senders that it was set up by. 204 for a
 * resource that has none yet. Numbers of persons are blotted out, since anybody may read it.
 * Refuses resourceNotFound. Source: compatibility.md, platform, §2.8.
 */
export async function getPolicy(ctx: Context, id: ResourceId): Promise<Reply> {
  const [policy, kept] = await Promise.all([policyOf(ctx, id), findPolicyXml(ctx.db, id)]);
  if (policy.rules.length === 0 && !kept?.xml) return new Reply(204, undefined);
  return new Reply(200, hidden(kept?.xml ?? printPolicy(policy)));
}

/** Whom the policy permits something to. Refuses resourceNotFound. */
export async function getPolicySubjects(ctx: Context, id: ResourceId) {
  return { links: { next: null }, data: subjectsOf((await policyOf(ctx, id)).rules) };
}

/** What the policy permits, one line for each way. Refuses resourceNotFound, policyTooBranched. */
export async function getPolicyRules(ctx: Context, id: ResourceId): Promise<FlatRule[]> {
  const flat = flattenPolicy(id, (await policyOf(ctx, id)).rules);
  if (!flat) throw refuse(e.policyTooBranched, { id });
  return flat;
}

/** The same per action and resource: the confidential package among the subjects makes post confidential. */
export async function getPolicyRights(ctx: Context, id: ResourceId) {
  return rightsOf(await getPolicyRules(ctx, id));
}

async function policyOf(ctx: Context, id: ResourceId): Promise<VersionedPolicy> {
  const [policies, kept] = await Promise.all([findPolicies(ctx.db, [id]), findPolicyXml(ctx.db, id)]);
  const policy = policies.get(id);
  if (!policy || kept?.deletedAt) throw refuse(e.resourceNotFound, { id });
  return policy;
}
