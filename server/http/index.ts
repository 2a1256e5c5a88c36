export { untilRecorded } from './answer/record-taken.ts';
export { createHttp, type Http, type HttpOptions } from './create-http.ts';
export { type RefusalCase, refusalSuite, type Send, type Tokens } from './refusal-suite.ts';
export type { TlsOptions } from './tls-listener.ts';
