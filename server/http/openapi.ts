import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import type { ErrorRow } from '#kernel/refusal.ts';
import type { AnyRoute, Scope } from '#kernel/route.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { successOf } from './answer/answer.ts';
import { wireCode } from './answer/problem.ts';
import { bodyKindOf, bytesTypeOf, declaredType } from './media.ts';

type Json = Readonly<Record<string, unknown>>;

/** `GET /correspondence/api/v1/correspondence/:id/details` → `getCorrespondenceByIdDetails`. Stable while the path is. */
export function operationIdOf({ method, path }: AnyRoute): string {
  const words = path
    .split('/')
    .filter((segment) => segment !== '' && !/^(?:api|v\d+)$/i.test(segment))
    .map((segment) => (segment.startsWith(':') ? `by-${segment.slice(1)}` : segment))
    .filter((segment, i, all) => segment !== all[i - 1])
    .flatMap((segment) => segment.split(/[^A-Za-z0-9]+/).filter(Boolean));
  return (
    method.toLowerCase() + (words.length === 0 ? ['root'] : words).map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  );
}

/** JSON Schema without the annotations that are ours; personal data stays marked. */
function published(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(published);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { violation: _violation, clrName: _clrName, enumeration: _enumeration, personal, ...rest } = schema as Record<string, unknown>;
  const copy = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, key === 'pattern' ? String(value) : published(value)]));
  return personal === true ? { ...copy, 'x-personal': true } : copy;
}

function securityOf(scope: Scope): readonly Json[] {
  return scope === 'open' ? [] : scope.map((rule) => ({ [rule.issuer === 'any' ? 'token' : rule.issuer]: [...rule.all] }));
}

/** Headings of the readable page, in its order. An operation stands under the one with the longest beginning of its path. */
const tags: readonly (readonly [tag: string, begins: string])[] = [
  ['Correspondence', '/correspondence/api/v1/correspondence'],
  ['Attachments', '/correspondence/api/v1/attachment'],
  ['Reports and operation of correspondence', '/correspondence/'],
  ['Correspondence', '/budstikke/v1/forwarded'],
  ['Correspondence', '/budstikke/v1/correspondence/:correspondenceId/translations'],
  ['Watch and evidence', '/budstikke/v1/correspondence'],
  ['Watch and evidence', '/budstikke/v1/watch'],
  ['Watch and evidence', '/budstikke/v1/sealed'],
  ['Unread post', '/budstikke/v1/unread'],
  ['Unread post', '/budstikke/v1/statements'],
  ['Unread post', '/budstikke/v1/time-to-open'],
  ['Unread post', '/budstikke/v1/sent'],
  ['Ladders and notices', '/budstikke/v1/ladders'],
  ['Ladders and notices', '/budstikke/v1/resources'],
  ['Ladders and notices', '/budstikke/v1/second-contact'],
  ['Ladders and notices', '/budstikke/v1/services'],
  ['Ladders and notices', '/budstikke/v1/organizations'],
  ['Ladders and notices', '/budstikke/v1/notices'],
  ['Ladders and notices', '/budstikke/v1/notifications'],
  ['Ladders and notices', '/budstikke/v1/relay'],
  ['Mailings', '/budstikke/v1/mailings'],
  ['File transfer', '/broker/'],
  ['File transfer', '/budstikke/v1/filetransfer'],
  ['Events and subscriptions', '/budstikke/v1/subscriptions'],
  ['Events and subscriptions', '/events/'],
  ['Dialogs', '/dialogporten/'],
  ['Access', '/accessmanagement/'],
  ['Access', '/budstikke/v1/grants'],
  ['Access', '/budstikke/v1/reachability'],
  ['Access', '/budstikke/v1/decisions'],
  ['Access', '/budstikke/v1/audit'],
  ['Access', '/budstikke/v1/coverage'],
  ['Access', '/budstikke/v1/system-user-requests'],
  ['Addresses', '/budstikke/v1/contact-addresses'],
  ['Addresses', '/budstikke/v1/quiet-hours'],
  ['Contact register', '/krr/'],
  ['Operation', '/budstikke/v1/operator'],
  ['Operation', '/budstikke/v1/setup'],
  ['Operation', '/metrics'],
  ['Inbox', '/budstikke/v1/inbox'],
  ['Inbox', '/budstikke/v1/session'],
  ['Login', '/correspondence/api/v1/idporten-callback'],
  ['Login', '/idporten'],
  ['Login', '/login'],
  ['Login', '/logout'],
  ['Resource registry', '/resourceregistry/'],
  ['Decisions', '/authorization/'],
  ['Sandbox', '/budstikke/v1/sandbox'],
  ['Test tokens', '/api/'],
  ['System register and system users', '/authentication/api/v1/system'],
  ['Tokens', '/authentication/'],
  ['Tokens', '/maskinporten/'],
  ['Tokens', '/.well-known/'],
  ['Tokens', '/budstikke/v1/certificate'],
  ['Tokens', '/budstikke/v1/keys'],
  ['Health', '/health'],
];

function tagOf(path: string): string {
  const fitting = tags.filter(([, begins]) => path.startsWith(begins));
  return fitting.toSorted(([, one], [, other]) => other.length - one.length)[0]?.[0] ?? 'Pages';
}

const binary = { type: 'string', format: 'binary' };

function requestBodyOf(route: AnyRoute): unknown {
  switch (bodyKindOf(route)) {
    case 'none':
      return undefined;
    case 'bytes':
      return { content: { [bytesTypeOf(route)]: { schema: binary } } };
    case 'form': {
      const form = published(route.body) as { properties?: Json };
      const properties = { ...form.properties, attachments: { type: 'array', items: binary } };
      return { content: { 'multipart/form-data': { schema: { ...form, properties } } } };
    }
    case 'urlencoded':
      return { content: { 'application/x-www-form-urlencoded': { schema: published(route.body) } } };
    case 'json':
      return { content: { 'application/json': { schema: published(route.body) } } };
  }
}

const isPage = ({ mediaType }: AnyRoute): boolean => mediaType === 'text/html';

function answersOf(route: AnyRoute): Json {
  const answers = Object.entries(route.answers).map(([status, schema]) => {
    const shape = published(schema) as { type?: string; description?: string };
    const mediaType = Number(status) === successOf(route) || isPage(route) ? declaredType(route) : 'application/json';
    const description = shape.description ?? 'The answer.';
    return [status, shape.type === 'null' ? { type: 'null', description } : { description, content: { [mediaType]: { schema: shape } } }];
  });
  return Object.fromEntries(answers);
}

/** What @fastify/swagger reads of a route. Fastify itself never sees the schemas: validation is ours. */
function documented(route: AnyRoute): Json {
  const body = requestBodyOf(route);
  return {
    operationId: operationIdOf(route),
    summary: route.summary,
    tags: [tagOf(route.path)],
    security: securityOf(route.scope),
    ...(route.params ? { params: published(route.params) } : {}),
    ...(route.query ? { querystring: published(route.query) } : {}),
    ...(body ? { body } : {}),
    response: answersOf(route),
  };
}

const text = { type: 'string' };
const problem = {
  type: 'object',
  description: 'Problem details (RFC 9457) with the code of the refusal.',
  required: ['type', 'title', 'status', 'traceId'],
  properties: {
    type: text,
    title: text,
    status: { type: 'integer' },
    detail: text,
    code: text,
    errorCode: { type: 'integer' },
    traceId: text,
  },
};
const validationProblem = {
  ...problem,
  description: 'The request does not fit its shape: what is wrong, in a list and by key.',
  properties: {
    ...problem.properties,
    validationErrors: {
      type: 'array',
      items: { type: 'object', properties: { code: text, detail: text, paths: { type: 'array', items: text } } },
    },
    errors: { type: 'object', additionalProperties: { type: 'array', items: text } },
  },
};
const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description });
const securitySchemes = {
  altinn: bearer('A token of Altinn.'),
  maskinporten: bearer('A token of Maskinporten.'),
  idporten: bearer('A token of ID-porten.'),
  dialog: bearer('A dialog token of Dialogporten.'),
  token: bearer('A token of any trusted issuer.'),
};

function errorAnswers(route: AnyRoute): Json {
  const refusals = route.refusals.toSorted((a, b) => a.status - b.status || a.code - b.code);
  const takesInput = route.params || route.query || route.body;
  const byStatus = new Map<number, ErrorRow[]>(takesInput ? [[400, []]] : []);
  for (const row of refusals) byStatus.set(row.status, [...(byStatus.get(row.status) ?? []), row]);
  if (route.scope !== 'open') for (const status of [401, 403]) if (!byStatus.has(status)) byStatus.set(status, []);
  return Object.fromEntries(
    [...byStatus].map(([status, rows]) => {
      const schema = { $ref: status === 400 && takesInput ? '#/components/schemas/ValidationProblem' : '#/components/schemas/Problem' };
      const description = rows.map((row) => `${wireCode(row)} ${row.text}`).join('\n\n') || emptyDescriptions[status]!;
      return [status, { description, content: { 'application/problem+json': { schema } } }];
    }),
  );
}

const emptyDescriptions: Readonly<Record<number, string>> = {
  400: 'The request does not fit its shape.',
  401: 'No token, or one that is not valid. The body is empty.',
  403: "The token does not have the operation's scope.",
};

interface Document {
  paths: Record<string, Record<string, Json & { operationId?: string; responses?: Json }>>;
  servers?: readonly Json[];
}

const methodOrder = ['get', 'post', 'put', 'delete'];

/** What is refused to a program and shown to a browser stands as both. */
function responsesOf(route: AnyRoute, answers: Json): Json {
  const errors = errorAnswers(route);
  const contentOf = (of: unknown) => (of as { content?: Json }).content;
  const both = isPage(route) ? route.refusals.map(({ status }) => String(status)).filter((status) => status in answers) : [];
  const asBoth = both.map((status) => [
    status,
    { ...(errors[status] as Json), content: { ...contentOf(errors[status]), ...contentOf(answers[status]) } },
  ]);
  return { ...errors, ...answers, ...Object.fromEntries(asBoth) };
}

/** Each operation with its refusals; paths and methods in an order that does not depend on the order of features. */
function completed(document: Document, routes: readonly AnyRoute[]): Document {
  const byId = new Map(routes.map((route) => [operationIdOf(route), route]));
  const paths = Object.entries(document.paths).toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, operations] of paths) {
    const sorted = Object.entries(operations).toSorted(([a], [b]) => methodOrder.indexOf(a) - methodOrder.indexOf(b));
    document.paths[path] = Object.fromEntries(
      sorted.map(([method, operation]) => {
        const route = byId.get(operation.operationId ?? '');
        const refusals = route?.refusals.map(wireCode).toSorted() ?? [];
        return [
          method,
          {
            ...operation,
            'x-refusals': refusals,
            responses: route ? responsesOf(route, operation.responses ?? {}) : (operation.responses ?? {}),
          },
        ];
      }),
    );
  }
  return { ...document, paths: Object.fromEntries(paths.map(([path]) => [path, document.paths[path]!])) };
}

/** Makes the document grow with the routes that are mounted after this. Two routes of one operation id stop the start. */
export async function registerOpenapi(fastify: FastifyInstance, routes: readonly AnyRoute[]): Promise<void> {
  const ids = routes.map(operationIdOf);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice) throw new Error(`two routes have the operation id ${twice}`);
  await fastify.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      tags: [...new Set(tags.map(([tag]) => tag)), 'Pages'].map((name) => ({ name })),
      info: {
        title: 'Budstikke',
        version: packageJson.version,
        description: packageJson.description,
        license: { name: packageJson.license, identifier: packageJson.license },
      },
      components: { securitySchemes, schemas: { Problem: problem, ValidationProblem: validationProblem } } as object,
    },
    stripBasePath: false,
    transform: ({ route, url }) => {
      const own = (route.config as { row?: AnyRoute } | undefined)?.row;
      return { schema: own ? documented(own) : { hide: true }, url };
    },
    transformObject: (found) => completed(('openapiObject' in found ? found.openapiObject : {}) as unknown as Document, routes) as never,
  });
}
