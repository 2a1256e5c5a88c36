import { setting } from './setting.ts';
import { path, text, url } from './setting-readers.ts';

/** Where it is asked how to reach people: the Contact and Reservation Register. */
export const contactSettings = {
  KRR_URL: setting<string>({
    type: 'URL',
    meaning:
      "The Contact and Reservation Register (`https://kontaktregisteret.no`), asked before a person is told of post (`docs/notifications.md`). Without it addresses and reservations are this installation's own.",
    sandbox: undefined,
    production: undefined,
    read: url('https:', 'http:'),
  }),
  KRR_TOKEN_URL: setting({
    type: 'URL',
    meaning: 'Where Maskinporten gives the tokens for it.',
    sandbox: 'https://test.maskinporten.no/token',
    production: 'https://maskinporten.no/token',
    read: url('https:', 'http:'),
  }),
  KRR_TOKEN_AUDIENCE: setting({
    type: 'URL',
    meaning: "Maskinporten's own address, as its metadata gives it, with the slash at its end.",
    sandbox: 'https://test.maskinporten.no/',
    production: 'https://maskinporten.no/',
    read: text,
  }),
  KRR_CLIENT_ID: setting<string>({
    type: 'text',
    meaning: 'The client at Maskinporten that may have the scope `krr:global/kontaktinformasjon.read`.',
    sandbox: undefined,
    production: undefined,
    read: text,
  }),
  KRR_KEY: setting<string>({
    type: 'file',
    meaning: 'The private key of that client: PEM (PKCS #8), or a JSON Web Key.',
    sandbox: undefined,
    production: undefined,
    read: path,
  }),
  KRR_KEY_ID: setting<string>({
    type: 'text',
    meaning: 'The id (`kid`) under which that key is registered there.',
    sandbox: undefined,
    production: undefined,
    read: text,
  }),
} as const;
