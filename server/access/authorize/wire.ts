import Type, { type Static } from 'typebox';
import { Nullable, personal, Uuid } from '#kernel/schema.ts';

const text = Type.String({ maxLength: 2000 });
const scalars = [text, Type.Number(), Type.Boolean()] as const;

/** One attribute. `value` may be a list, as the standard has it; clients send one text. */
const Attribute = Type.Object({
  id: Type.Optional(Nullable(Type.String({ maxLength: 500 }))),
  attributeId: Type.String({ minLength: 1, maxLength: 500 }),
  value: personal(Type.Union([...scalars, Type.Array(Type.Union([...scalars]), { maxItems: 200 }), Type.Null()])),
  issuer: Type.Optional(Nullable(Type.String({ maxLength: 500 }))),
  dataType: Type.Optional(Nullable(Type.String({ maxLength: 500 }))),
  includeInResult: Type.Optional(Nullable(Type.Boolean())),
});

const Category = Type.Object({
  categoryId: Type.Optional(Nullable(Type.String({ maxLength: 500 }))),
  id: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
  attribute: Type.Optional(Nullable(Type.Array(Attribute, { maxItems: 200 }))),
});
export type Category = Static<typeof Category>;

/** A list, or one alone: the standard allows both. */
const Categories = Type.Optional(Type.Union([Type.Array(Category, { maxItems: 2000 }), Category, Type.Null()]));

/** A request in the JSON profile of XACML 3.0. Source: compatibility.md, platform, §2.6. */
export const DecisionRequest = Type.Object({
  request: Type.Object({
    returnPolicyIdList: Type.Optional(Nullable(Type.Boolean())),
    combinedDecision: Type.Optional(Nullable(Type.Boolean())),
    accessSubject: Categories,
    action: Categories,
    resource: Categories,
    category: Categories,
    multiRequests: Type.Optional(
      Nullable(
        Type.Object({
          requestReference: Type.Array(Type.Object({ referenceId: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 50 }) }), {
            maxItems: 5000,
          }),
        }),
      ),
    ),
  }),
});
export type DecisionRequest = Static<typeof DecisionRequest>;

const Assignment = Type.Object({
  attributeId: Type.String(),
  value: Type.String(),
  category: Type.String(),
  dataType: Type.String(),
  issuer: Type.Null(),
});
const ResultCategory = Type.Object({
  categoryId: Type.String(),
  attribute: Type.Array(
    Type.Object({ attributeId: Type.String(), value: personal(Type.String()), dataType: Type.Optional(Type.String()) }),
  ),
});

export const DecisionResult = Type.Object({
  decision: Type.Enum(['Permit', 'Deny', 'NotApplicable', 'Indeterminate']),
  status: Type.Object({ statusMessage: Type.Optional(Type.String()), statusCode: Type.Object({ value: Type.String() }) }),
  obligations: Type.Optional(Type.Array(Type.Object({ id: Type.String(), attributeAssignment: Type.Array(Assignment) }))),
  category: Type.Optional(Type.Array(ResultCategory)),
});
export type DecisionResult = Static<typeof DecisionResult>;

/** One result for each request, in their order. */
export const DecisionResponse = Type.Object({ response: Type.Array(DecisionResult) });
export type DecisionResponse = Static<typeof DecisionResponse>;

const PartyReference = Type.String({ minLength: 1, maxLength: 300 });

/** Our own question: may somebody do this, and how does it come about? */
export const ExplainRequest = Type.Object({
  resource: Type.String({ minLength: 1, maxLength: 255 }),
  action: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.:-]{0,99}$' }),
  /** At whom. */
  party: personal(PartyReference),
  /** One message or attachment. */
  instance: Type.Optional(Nullable(Uuid)),
  /** Who; the caller itself when left out. */
  subject: Type.Optional(Nullable(personal(PartyReference))),
});
export type ExplainRequest = Static<typeof ExplainRequest>;

const Sentence = Type.Object({ nb: personal(Type.String()), nn: personal(Type.String()), en: personal(Type.String()) });
export const Explained = Type.Object({
  decision: Type.Enum(['Permit', 'Deny', 'NotApplicable']),
  /** How the right came about, in codes and organization numbers. */
  path: Type.Array(Type.String()),
  /** The same for people, one sentence for each step. */
  explanation: Type.Array(Sentence),
  /** The level of login that is asked for, 0 to 4. */
  minimumLevel: Type.Integer(),
});
export type Explained = Static<typeof Explained>;
