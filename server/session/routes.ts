import Type from 'typebox';
import { type AnyRoute, Reply, route, type Scope } from '#kernel/route.ts';
import { beginLogin, type SentOn } from './begin-login.ts';
import { createEndByToken, endByFrame } from './end-by-provider.ts';
import { sessionErrors as e } from './errors.ts';
import { finishLogin } from './finish-login.ts';
import { logOut } from './log-out.ts';
import { callbackPath, type SessionContext } from './settings.ts';
import { showSession } from './show-session.ts';
import { ComingBack, FrameQuery, LoggedOut, LoginQuery, LogoutToken, ShownSession } from './wire.ts';

const people: Scope = [{ issuer: 'altinn', all: ['altinn:portal/enduser'] }];

const sentOn = ({ location, cookie }: SentOn): Reply =>
  new Reply(302, undefined, { location, 'referrer-policy': 'no-referrer', ...(cookie === undefined ? {} : { 'set-cookie': cookie }) });

/** Who else may show our answer in a frame: only the provider, and only this one, which says nothing. */
const framePolicy = (issuer: string): string => `default-src 'none'; frame-ancestors ${new URL(issuer).origin}`;

/** Login and logout of browsers, and what a page may know of its session. */
export function sessionRoutes(session: SessionContext): readonly AnyRoute[] {
  const endByToken = createEndByToken(session);
  return [
    route({
      method: 'GET',
      path: '/login',
      summary: 'A browser is sent to log in, and comes back to a page of this server.',
      scope: 'open',
      query: LoginQuery,
      anyAccept: true,
      answers: { 302: Type.Null() },
      refusals: [],
      run: async (_, __, { query, headers }) => sentOn(await beginLogin(session, headers, query)),
    }),
    route({
      method: 'GET',
      path: callbackPath,
      summary: 'A browser comes back from its login, and is sent on to the page that it wanted, with a session.',
      scope: 'open',
      query: ComingBack,
      anyAccept: true,
      answers: { 302: Type.Null() },
      refusals: [],
      run: async (_, __, { query, headers }) => sentOn(await finishLogin(session, headers.cookie, query)),
    }),
    route({
      method: 'POST',
      path: '/logout',
      summary: 'Ends the session of this browser, and says where it logs out at the login provider too.',
      scope: 'open', // also for one whose session is over: the provider's may not be
      answers: { 200: LoggedOut },
      refusals: [e.notFromOurPage],
      run: async (_, __, { headers }) => new Reply(200, await logOut(session, headers), { 'set-cookie': session.jar.noSession() }),
    }),
    route({
      method: 'GET',
      path: '/logout/frame',
      summary: "The login provider's page shows this in a frame when somebody logs out there: their sessions here end.",
      scope: 'open',
      query: FrameQuery,
      anyAccept: true,
      mediaType: 'text/html',
      answers: { 200: Type.String() },
      refusals: [],
      run: async (_, __, { query }) => {
        await endByFrame(session, query);
        return new Reply(200, '<!doctype html><title>Budstikke</title>', {
          'content-security-policy': framePolicy(session.provider.issuer),
        });
      },
    }),
    route({
      method: 'POST',
      path: '/logout/token',
      summary: 'The login provider says that somebody has logged out there: their sessions here end.',
      scope: 'open',
      body: LogoutToken,
      bodyKind: 'urlencoded',
      anyAccept: true,
      answers: { 200: Type.Null() },
      refusals: [e.logoutTokenInvalid],
      run: async (_, __, { body }) => {
        await endByToken(body.logout_token);
        return null;
      },
    }),
    route({
      method: 'GET',
      path: '/budstikke/v1/session',
      summary: 'Who is logged in with this browser, until when, and what requests that change something must show.',
      scope: people,
      quiet: true,
      answers: { 200: ShownSession },
      refusals: [e.noSession],
      run: (_, caller, { headers }) => showSession(session, caller, headers.cookie),
    }),
  ];
}
