import Type from 'typebox';
import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type AnyRoute, Reply, route, type TokenRule } from '#kernel/route.ts';
import { contactErrors as e } from './errors.ts';
import { showAddresses } from './list-addresses.ts';
import { proveAddress } from './prove-address.ts';
import { dropAddress } from './remove-address.ts';
import { addAddress, type ContactsContext, confirmAnew } from './send-code.ts';
import { setQuietHours } from './set-quiet-hours.ts';
import * as w from './wire.ts';

/** Whoever is logged in with a browser; or a token for this alone. */
const people: readonly TokenRule[] = [
  { issuer: 'altinn', all: ['altinn:portal/enduser'] },
  { issuer: 'altinn', all: ['budstikke:contact-addresses'] },
];
const base = '/budstikke/v1/contact-addresses';

export const contactRoutes: readonly AnyRoute<ContactsContext>[] = [
  route({
    method: 'GET',
    path: base,
    summary: 'Where a person, or an organization where they administer access, is told that there is post; codes that wait; quiet hours.',
    scope: people,
    query: w.PartyQuery,
    answers: { 200: w.ContactAddresses },
    refusals: [e.personsOnly, e.partyNotYours],
    run: (ctx: Context, caller, { query }) => showAddresses(ctx, caller, query.party as PartyId),
  }),
  route({
    method: 'POST',
    path: base,
    summary: 'Sends a code to a new address; the address counts once the code is given back.',
    scope: people,
    body: w.NewAddress,
    answers: { 201: w.Proof },
    refusals: [
      ...[e.personsOnly, e.loginTooLow, e.partyNotYours, e.addressInvalid],
      ...[e.organizationNotYours, e.tooManyAddresses, e.tooManyCodes],
    ],
    run: (ctx: ContactsContext, caller: Caller, { body }) => addAddress(ctx, caller, body),
  }),
  route({
    method: 'PUT',
    path: `${base}/quiet-hours`,
    summary: 'When a party wants no notices: what falls into these hours goes when they end, unless the post is due before.',
    scope: people,
    body: w.NewQuietHours,
    answers: { 200: w.ContactAddresses },
    refusals: [e.personsOnly, e.loginTooLow, e.partyNotYours, e.quietTooLong],
    run: (ctx: Context, caller, { body }) => setQuietHours(ctx, caller, body),
  }),
  route({
    method: 'POST',
    path: `${base}/proofs/:id`,
    summary: 'Gives back the code that was sent: the address is proved, or confirmed anew.',
    scope: people,
    params: w.AddressParams,
    body: w.Code,
    answers: { 200: w.ContactAddress },
    refusals: [e.personsOnly, e.loginTooLow, e.addressNotFound, e.proofOver, e.codeWrong],
    run: (ctx: Context, caller, { params, body }) => proveAddress(ctx, caller, params.id, body.code),
  }),
  route({
    method: 'POST',
    path: `${base}/:id/code`,
    summary: 'Sends a code to an address that stands, so that it is confirmed anew.',
    scope: people,
    params: w.AddressParams,
    answers: { 201: w.Proof },
    refusals: [e.personsOnly, e.loginTooLow, e.addressNotFound, e.keptElsewhere, e.tooManyCodes],
    run: (ctx: ContactsContext, caller, { params }) => confirmAnew(ctx, caller, params.id),
  }),
  route({
    method: 'DELETE',
    path: `${base}/:id`,
    summary: 'Nobody is told there any more. An organization keeps one address at the least.',
    scope: people,
    params: w.AddressParams,
    answers: { 204: Type.Null() },
    refusals: [e.personsOnly, e.loginTooLow, e.addressNotFound, e.keptElsewhere, e.lastAddress],
    run: async (ctx: Context, caller, { params }) => {
      await dropAddress(ctx, caller, params.id);
      return new Reply(204, null);
    },
  }),
];
