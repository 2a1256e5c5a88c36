import type { brokerErrors } from './errors.ts';

/**
 * Codes of the catalogue that no operation gives, each with the reason. A code leaves this list with the operation that gives
 * it: a test holds the list against the routes. Source: compatibility.md, broker, §1.4.
 */
export const notGiven: Readonly<Partial<Record<keyof typeof brokerErrors, string>>> = {
  serviceOwnerNotConfigured: 'a resource is configured by a registered owner, or by whoever runs this',
  manifestNeedsCodes: 'both codes must stand in the same body, which the shape says in words of its own',
  storageNotReady: 'bytes lie in one store, which is there when the server is',
  serviceOwnerFailed: 'nothing is set up for an owner that could fail by itself',
  reportMonthInvalid: 'never given by the original either',
};
