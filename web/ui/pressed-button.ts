import type { FormEvent } from 'react';

/** Whether it was this button, by its value, that sent the form: Enter in a field presses the first one. */
export function isPressed(event: FormEvent, value: string): boolean {
  const { submitter } = event.nativeEvent as SubmitEvent;
  return submitter instanceof HTMLButtonElement && submitter.value === value;
}
