export { publicJwkOf } from '#identity/index.ts';
