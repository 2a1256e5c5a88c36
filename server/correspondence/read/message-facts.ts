import type { Message } from '../store/message.ts';
import type { Facts } from './decide.ts';

/** Pure. What decisions need of a stored message. */
export function factsOf(message: Message): Facts {
  return { ...message, isTransmission: message.transmissionOf !== null };
}
