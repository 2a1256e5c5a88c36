export { contactErrors } from './errors.ts';
export type { RegisterContext } from './krr/ask-register.ts';
export { awaitAnswers } from './krr/await-answers.ts';
export { createKrr, type KrrOptions } from './krr/krr.ts';
export type { ContactRegister, RegisteredContact } from './krr/port.ts';
export type { ContactsContext } from './send-code.ts';
