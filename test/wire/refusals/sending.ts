import { randomUUID } from 'node:crypto';
import type { Answer } from '../../../demo/client.ts';
import type { Part } from '../multipart.ts';
import { api, citizenUrn, letter, municipalityUrn, people, resources } from '../town.ts';
import { more, organizationUrn, type Scene, sendForm, withFile } from './scene.ts';

type Bend = Parameters<typeof letter>[1];
/** A letter that is refused: what is wrong with it, its files, and by whom it is sent where that is not the directorate. */
interface Wrong {
  readonly body: object;
  readonly files?: readonly Part[];
  readonly by?: (scene: Scene) => Scene['callers']['directorate'];
}

const bent = (bend: Bend): Wrong => ({ body: letter(randomUUID(), bend) });
const to = (recipients: readonly string[], bend: Bend = {}): Wrong => bent({ ...bend, request: { ...bend?.request, recipients } });
const notified = (notification: object): Wrong => bent({ correspondence: { notification: { notificationTemplate: 0, ...notification } } });
const filed = (name: string, bytes?: Buffer, bend?: Bend): Wrong => {
  const [body, files] = withFile(name, bytes, bend);
  return { body, files };
};
const references = (...pairs: [type: string, value: string][]): object => ({
  externalReferences: pairs.map(([referenceType, referenceValue]) => ({ referenceType, referenceValue })),
});
const dialog = (id: string): [string, string] => ['DialogportenDialogId', id];
const own = { emailSubject: 'Ny post', emailBody: 'Logg inn', smsBody: 'Ny post' };
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
const due = inHours(24 * 365);

/** Letters that are refused with each code, by the code. Those that depend on what is there are made from the scene. */
const wrongLetters: Readonly<Record<number, (scene: Scene, dialogs: Dialogs) => Wrong>> = {
  3023: () => notified({ notificationTemplate: 7 }),
  1047: ({ usedKey }) => to([citizenUrn, municipalityUrn], { request: { idempotentKey: usedKey } }),
  1034: ({ usedKey }) => bent({ request: { idempotentKey: usedKey } }),
  1036: () => bent({ correspondence: { resourceId: 'finnes-ikke' } }),
  4001: () => ({ ...bent({}), by: ({ callers }) => callers.otherAgency }),
  4010: () => bent({ correspondence: { resourceId: resources.files } }),
  1060: () => to([municipalityUrn], { correspondence: { resourceId: resources.sealed } }),
  1061: () => bent({ correspondence: { isConfidential: true } }),
  1068: () => bent({ correspondence: { resourceId: more.level, allowForwarding: true } }),
  1006: () => to([citizenUrn, people.citizen]),
  1029: () => to([organizationUrn('310000000')]),
  1044: () => to([organizationUrn(people.emptyHouse)], { correspondence: { resourceId: resources.sealed, isConfidential: true } }),
  1016: () => bent({ correspondence: { isConfirmationNeeded: true } }),
  1030: () => to([people.reserved]),
  1008: () => bent({ correspondence: { dueDateTime: '2026-01-01T00:00:00Z' } }),
  1009: () => bent({ correspondence: { dueDateTime: inHours(24 * 300), requestedPublishTime: due } }),
  1020: () => bent({ content: { messageTitle: ' ' } }),
  1002: () => bent({ content: { messageTitle: '<b>Vedtak</b>' } }),
  1003: () => bent({ content: { messageBody: '<h1>test</h1>' } }),
  1021: () => bent({ content: { messageBody: ' \n' } }),
  1023: () => bent({ content: { language: 'se' } }),
  9844: () => bent({ content: { translations: [{ language: 'nb', messageTitle: 'Vedtak', messageBody: 'Hei.' }] } }),
  1039: () => bent({ correspondence: { messageSender: '<i>x</i>' } }),
  1052: () => bent({ correspondence: references(['DialogportenTransmissionType', 'Alert'], ['DialogportenTransmissionType', 'Request']) }),
  1053: () => bent({ correspondence: references(['DialogportenTransmissionType', 'Alert']) }),
  1048: () => bent({ correspondence: references(dialog('x')) }),
  1045: () => to([citizenUrn, municipalityUrn], { correspondence: references(dialog(randomUUID())) }),
  1051: () => bent({ correspondence: { ...references(dialog(randomUUID())), replyOptions: [{ linkURL: 'https://a.example' }] } }),
  1054: () => bent({ correspondence: references(dialog(randomUUID())) }),
  1050: (_scene, { ofAnother }) => bent({ correspondence: references(dialog(ofAnother)) }),
  1046: (_scene, { ofMunicipality }) => bent({ correspondence: references(dialog(ofMunicipality)) }),
  1017: ({ foreignAttachment }) => bent({ request: { existingAttachments: [foreignAttachment] } }),
  1007: () => bent({ request: { existingAttachments: [randomUUID()] } }),
  1038: () => bent({ content: { attachments: Array.from({ length: 101 }, (_, i) => ({ fileName: `${i}.pdf`, sendersReference: '1' })) } }),
  1018: ({ pendingAttachment }) => bent({ request: { existingAttachments: [pendingAttachment] } }),
  1069: () => filed('a.txt', Buffer.alloc(10_000_001), { correspondence: { allowForwarding: true } }),
  2010: () => filed(' '),
  2013: () => filed('x.exe'),
  2012: () => filed('a?.txt'),
  2021: () => filed('con.txt'),
  1005: () => ({ body: filed('a.txt').body }),
  2004: () => filed('a.txt', Buffer.alloc(0)),
  2017: () => filed('a.txt', undefined, { content: { attachments: [{ fileName: 'a.txt', sendersReference: '1', expirationInDays: 0 }] } }),
  2008: () =>
    filed('a.txt', undefined, { content: { attachments: [{ fileName: 'a.txt', sendersReference: '1', checksum: '0'.repeat(32) }] } }),
  1035: () => bent({ correspondence: { replyOptions: [{ linkURL: 'http://a.example' }] } }),
  3022: () => notified({ ...own, overrideRegisteredContactInformation: true }),
  3017: () =>
    to([citizenUrn, municipalityUrn], { correspondence: { notification: { ...own, customRecipients: [{ emailAddress: 'a@b.no' }] } } }),
  3019: () => notified({ ...own, customRecipients: [{ emailAddress: '' }] }),
  3018: () => notified({ ...own, customRecipients: [{ emailAddress: 'a@b.no', mobileNumber: '+4799999999' }] }),
  3015: () => notified({ ...own, emailBody: '$recipientName$', customRecipients: [{ emailAddress: 'a@b.no' }] }),
  3011: () => notified({ ...own, customRecipients: [{ emailAddress: 'a@b;c' }] }),
  3012: () => notified({ ...own, customRecipients: [{ mobileNumber: '99999999' }] }),
  3002: () => notified({ notificationChannel: 'Email' }),
  3004: () => notified({ notificationChannel: 'Sms' }),
  3006: () => notified({ notificationChannel: 'EmailPreferred' }),
  3024: () => notified({ notificationChannel: 'EmailAndSms' }),
  3003: () => notified({ ...own, notificationChannel: 'Email', sendReminder: true }),
  3005: () => notified({ ...own, notificationChannel: 'Email', sendReminder: true, reminderNotificationChannel: 'Sms' }),
  3007: () => notified({ ...own, notificationChannel: 'Email', sendReminder: true, reminderNotificationChannel: 'SmsPreferred' }),
  3025: () => notified({ ...own, notificationChannel: 'Email', sendReminder: true, reminderNotificationChannel: 'EmailAndSms' }),
};

/** Dialogs that a transmission may not join. */
interface Dialogs {
  readonly ofAnother: string;
  readonly ofMunicipality: string;
}

async function dialogsOf({ callers }: Scene): Promise<Dialogs> {
  const dialogOf = async (by: Scene['callers']['directorate'], bend: Bend): Promise<string> => {
    const sent = await by.post(`${api}/correspondence`, letter(randomUUID(), bend));
    const [{ correspondenceId }] = sent.json<{ correspondences: [{ correspondenceId: string }] }>().correspondences;
    const overview = (await by.get(`${api}/correspondence/${correspondenceId}`)).json<{
      externalReferences: { referenceType: string; referenceValue: string }[];
    }>();
    return overview.externalReferences.find(({ referenceType }) => referenceType === 'DialogportenDialogId')!.referenceValue;
  };
  return {
    ofAnother: await dialogOf(callers.otherAgency, { correspondence: { resourceId: resources.others } }),
    ofMunicipality: await dialogOf(callers.directorate, { request: { recipients: [municipalityUrn] } }),
  };
}

/** Codes for which a letter stands here. */
export const letterCodes: readonly number[] = Object.keys(wrongLetters).map(Number);

/** Sends what is refused with this code, as JSON or as a form. */
export async function sendWrong(scene: Scene, code: number, as: 'json' | 'form'): Promise<Answer> {
  const { body, files, by } = wrongLetters[code]!(scene, await dialogsOf(scene));
  const caller = by?.(scene) ?? scene.callers.directorate;
  return as === 'json' ? caller.post(`${api}/correspondence`, body) : sendForm(caller, body, files);
}

/** Refusals about files that only a form can bring. */
export const onlyWithFiles: ReadonlySet<number> = new Set([1069, 2010, 2013, 2012, 2021, 2004, 2017, 2008]);
