import type { DeliveryContext } from '#notifications/index.ts';
import type { CorrespondenceContext } from '../context.ts';

/** What sending letters on needs: a mail server, and the address under which links are opened. */
export interface ForwardContext extends CorrespondenceContext, Pick<DeliveryContext, 'mail' | 'mailFrom'> {
  /** Without a slash at its end. */
  readonly publicUrl: string;
}
