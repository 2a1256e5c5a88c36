export { serveApp } from './app/serve-app.ts';
export { authenticateCookie } from './authenticate-cookie.ts';
export { type Operator, operates } from './operates.ts';
export { createProviderClient, type LoginChecks, type LoginProvider, type ProviderClient } from './provider.ts';
export { digestOf, newSecret, perSecond } from './secrets.ts';
export { callbackPath as sessionCallbackPath, type SessionContext, sessionContext } from './settings.ts';
