import type { ResourceId } from '#kernel/ids.ts';
import { unreadComparisons } from '../decide/decide.ts';
import { attribute, category, type Match, matching, type Target } from '../policy.ts';
import { childOf, childrenOf, OutsideSubset } from './shape.ts';
import type { XmlElement } from './xml.ts';

const stringType = 'http://www.w3.org/2001/XMLSchema#string';

/** The comparisons of a target whose shape was checked. Throws OutsideSubset for one that cannot be made here. */
export function readTarget(target: XmlElement): Target {
  return childrenOf(target, 'AnyOf').map((anyOf) =>
    childrenOf(anyOf, 'AllOf').map((allOf) => childrenOf(allOf, 'Match').map((match) => readMatch(match))),
  );
}

function readMatch(element: XmlElement): Match {
  const [value, designator] = [childOf(element, 'AttributeValue'), childOf(element, 'AttributeDesignator')];
  for (const typed of [value, designator]) {
    if (typed.attributes.get('DataType') !== stringType) throw new OutsideSubset(typed, 'DataType is that of strings');
  }
  if (designator.attributes.get('MustBePresent') !== 'false') throw new OutsideSubset(designator, 'MustBePresent is false');
  if (value.text === '' || value.text !== value.text.trim()) {
    throw new OutsideSubset(value, 'the value is empty or has space around it, and would never be met');
  }
  const function_ = element.attributes.get('MatchId')!;
  const match: Match = {
    category: designator.attributes.get('Category')!,
    attribute: designator.attributes.get('AttributeId')!,
    match: function_,
    value: function_ === matching.equalIgnoreCase ? value.text.toLowerCase() : value.text,
  };
  const unread = unreadComparisons([{ effect: 'permit', actions: [], target: [[[match]]] }])[0];
  if (unread === match.match) throw new OutsideSubset(element, 'MatchId is string-equal or string-equal-ignore-case');
  if (unread !== undefined) throw new OutsideSubset(designator, 'nobody here knows this AttributeId in this Category');
  return match;
}

const isAction = (match: Match) => match.category === category.action;
const isResource = (match: Match) => match.category === category.resource && match.attribute === attribute.resource;

/**
 * The actions that a target can be met for, in lower case; none where it can be for any. The target itself keeps the exact
 * comparisons: an action that stands here may still not meet it.
 */
export function actionsOf(target: Target): string[] {
  const naming = target.find((anyOf) => anyOf.every((allOf) => allOf.some(isAction)));
  const values = (naming ?? []).flatMap((allOf) => allOf.filter(isAction).map(({ value }) => value.toLowerCase()));
  return [...new Set(values)];
}

/** Whether every way to meet a part of the target asks for another resource than this one. */
export function neverMeets(target: Target, resource: ResourceId): boolean {
  const isAnother = (match: Match) =>
    isResource(match) && (match.match === matching.equal ? match.value !== resource : match.value !== resource.toLowerCase());
  return target.some((anyOf) => anyOf.every((allOf) => allOf.some(isAnother)));
}
