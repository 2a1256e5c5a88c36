import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { type Answer, type Client, personalToken } from '../../demo/client.ts';
import { until } from '../../demo/wait.ts';
import { answerChecker, missingMembers, readContract } from './old-contract/contract.ts';
import { startTarget, type Target } from './server.ts';
import { accepted, api, type Callers, callersOf, citizenUrn, letter, people, town } from './town.ts';

/**
 * The contract of the end-user API of Dialogporten, operation by operation: what is served fits it, with every member that it
 * names, and what is not served is not there. compatibility.md, platform, §5.2 lists both.
 */
const fileName = 'dialogporten-enduser-v1.json';
const contract = readContract(fileName);
const root = '/dialogporten';
const enduser = '/api/v1/enduser';

const served = [
  `GET ${enduser}/dialogs`,
  `GET ${enduser}/dialogs/{dialogId}`,
  `GET ${enduser}/dialogs/{dialogId}/activities`,
  `GET ${enduser}/dialogs/{dialogId}/activities/{activityId}`,
  `GET ${enduser}/dialogs/{dialogId}/context/labellog`,
  `PUT ${enduser}/dialogs/{dialogId}/context/systemlabels`,
  `GET ${enduser}/dialogs/{dialogId}/seenlog`,
  `GET ${enduser}/dialogs/{dialogId}/seenlog/{seenLogId}`,
  `GET ${enduser}/dialogs/{dialogId}/transmissions`,
  `GET ${enduser}/dialogs/{dialogId}/transmissions/{transmissionId}`,
  `POST ${enduser}/dialogs/context/systemlabels/actions/bulkset`,
  `GET ${enduser}/parties`,
  'GET /api/v1/metadata/limits',
];

describe(`the contract ${fileName}`, { skip: contract === undefined && `${fileName} is not at hand` }, () => {
  let target: Target;
  let callers: Callers;
  let reader: Client;
  let checkAnswer: ReturnType<typeof answerChecker>;
  const walked = new Set<string>();
  before(async () => {
    checkAnswer = answerChecker(contract!, []);
    target = await startTarget('dialog-contract', town);
    callers = await callersOf(target.client);
    reader = callers.nobody.with(await personalToken(callers.nobody, people.citizen, ['digdir:dialogporten']));
  });
  after(() => target?.stop());

  /** The answer must be one of the operation's, fit what the operation says of it, and leave nothing out. */
  function assertFits(name: string, answer: Answer): Answer {
    const [method, path] = name.split(' ') as [string, string];
    const said = contract!.paths[path]?.[method.toLowerCase()]?.responses[String(answer.status)];
    assert.ok(said, `${name} answered ${answer.status}, which the contract does not know: ${answer.text.slice(0, 300)}`);
    const schema = said.content?.['application/json']?.schema ?? said.content?.['application/problem+json']?.schema;
    if (schema === undefined || answer.text === '') return answer;
    const body = answer.json<unknown>();
    assert.deepEqual(checkAnswer(schema, body), [], `${name} ${answer.status}: ${answer.text.slice(0, 2000)}`);
    if (answer.status < 300) assert.deepEqual(missingMembers(contract!, schema, body), [], name);
    return answer;
  }

  async function walk(name: string, values: Readonly<Record<string, string>> = {}, body?: object): Promise<Answer> {
    const [method, path] = name.split(' ') as [string, string];
    const filled = root + path.replaceAll(/\{(\w+)\}/g, (_, member: string) => values[member]!) + (values.query ?? '');
    const answer = assertFits(
      name,
      await (method === 'GET' ? reader.get(filled) : method === 'PUT' ? reader.put(filled, body!) : reader.post(filled, body!)),
    );
    if (answer.status < 300) walked.add(name);
    return answer;
  }

  async function sendLetter(reference: string, correspondence: object, files: readonly string[] = []): Promise<string> {
    const form = new FormData();
    form.append('recipients[0]', citizenUrn);
    const { correspondence: given } = letter(reference, { correspondence }) as { correspondence: Record<string, unknown> };
    append(form, 'correspondence', given);
    for (const [i, name] of files.entries()) {
      form.append(`correspondence.content.attachments[${i}].fileName`, name);
      form.append(`correspondence.content.attachments[${i}].sendersReference`, name);
      form.append('attachments', new Blob([name]), name);
    }
    const answer =
      files.length > 0
        ? await callers.directorate.post(`${api}/correspondence/upload`, form)
        : await callers.directorate.post(`${api}/correspondence`, letter(reference, { correspondence }));
    const id = accepted(answer).correspondences[0]!.correspondenceId;
    await until('the letter is published', async () => {
      const { status } = (await callers.directorate.get(`${api}/correspondence/${id}`)).json<{ status: string }>();
      assert.equal(status, 'Published');
    });
    return id;
  }

  async function dialogOf(id: string): Promise<string> {
    const { externalReferences } = (await callers.citizen.get(`${api}/correspondence/${id}`)).json<{
      externalReferences: { referenceType: string; referenceValue: string }[];
    }>();
    return externalReferences.find(({ referenceType }) => referenceType === 'DialogportenDialogId')!.referenceValue;
  }

  test('given a letter with everything and one in its dialog, when every operation is walked, then each answer fits, and nothing that the contract names is missing', async () => {
    const due = new Date(Date.now() + 864e5).toISOString();
    const id = await sendLetter(
      randomUUID(),
      {
        isConfirmationNeeded: true,
        dueDateTime: due,
        messageSender: 'Etaten',
        replyOptions: [{ linkURL: 'https://svar.example', linkText: 'Svar' }],
      },
      ['a.txt', 'b.txt'],
    );
    const dialogId = await dialogOf(id);
    const second = await sendLetter(
      randomUUID(),
      { externalReferences: [{ referenceType: 'DialogportenDialogId', referenceValue: dialogId }] },
      ['c.txt'],
    );
    const transmissionId = (await callers.citizen.get(`${api}/correspondence/${second}`))
      .json<{ externalReferences: { referenceType: string; referenceValue: string }[] }>()
      .externalReferences.find(({ referenceType }) => referenceType === 'DialogportenTransmissionId')!.referenceValue;

    const dialog = await walk(`GET ${enduser}/dialogs/{dialogId}`, { dialogId });
    const { dialogToken, apiActions } = dialog.json<{
      dialogToken: string;
      apiActions: { name: string; endpoints: { url: string; httpMethod: string }[] }[];
    }>();
    const holder = callers.nobody.with(dialogToken);
    const pathOf = (url: string) => url.replace(/^https?:\/\/[^/]+/, '');
    assert.equal((await holder.get(`${api}/correspondence/${id}/content`)).status, 200);
    for (const name of ['downloadCorrespondenceAttachment', 'confirmCorrespondence', 'getCorrespondence']) {
      const [endpoint] = apiActions.find((action) => action.name === name)!.endpoints;
      const answer = endpoint!.httpMethod === 'GET' ? await holder.get(pathOf(endpoint!.url)) : await holder.post(pathOf(endpoint!.url));
      assert.equal(answer.status, 200, `${name}: ${answer.text}`);
    }

    await walk(`PUT ${enduser}/dialogs/{dialogId}/context/systemlabels`, { dialogId }, { addLabels: ['Archive', 'MarkedAsUnopened'] });
    await walk(`POST ${enduser}/dialogs/context/systemlabels/actions/bulkset`, {}, { dialogs: [{ dialogId }], removeLabels: ['Archive'] });
    await walk(`GET ${enduser}/dialogs`, { query: `?party=${citizenUrn}&systemLabel=Default&limit=10` });
    await walk(`GET ${enduser}/dialogs/{dialogId}`, { dialogId });
    const activities = (await walk(`GET ${enduser}/dialogs/{dialogId}/activities`, { dialogId })).json<{ id: string }[]>();
    for (const { id: activityId } of activities)
      await walk(`GET ${enduser}/dialogs/{dialogId}/activities/{activityId}`, { dialogId, activityId });
    await walk(`GET ${enduser}/dialogs/{dialogId}/transmissions`, { dialogId });
    await walk(`GET ${enduser}/dialogs/{dialogId}/transmissions/{transmissionId}`, { dialogId, transmissionId });
    const [seen] = (await walk(`GET ${enduser}/dialogs/{dialogId}/seenlog`, { dialogId })).json<{ id: string }[]>();
    await walk(`GET ${enduser}/dialogs/{dialogId}/seenlog/{seenLogId}`, { dialogId, seenLogId: seen!.id });
    await walk(`GET ${enduser}/dialogs/{dialogId}/context/labellog`, { dialogId });
    await walk(`GET ${enduser}/parties`);
    await walk('GET /api/v1/metadata/limits');
    assert.deepEqual([...walked].sort(), [...served].sort());
  });

  test('given a dialog that is none and a filter that is not offered, when they are asked for, then the refusals fit too', async () => {
    const dialogId = randomUUID();
    for (const part of ['', '/activities', '/transmissions', '/seenlog', '/context/labellog'])
      assert.equal((await walk(`GET ${enduser}/dialogs/{dialogId}${part}`, { dialogId })).status, 404);
    assert.equal((await walk(`PUT ${enduser}/dialogs/{dialogId}/context/systemlabels`, { dialogId }, { addLabels: ['Bin'] })).status, 404);
    assert.equal((await walk(`GET ${enduser}/dialogs`, { query: '?search=barn' })).status, 422);
  });

  test('given the operations of the contract that are not served, when they are called, then there is nothing', async () => {
    const all = Object.entries(contract!.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual(
      served.filter((name) => !all.includes(name)),
      [],
    );
    const missing = all.filter((name) => !served.includes(name));
    assert.deepEqual(
      missing.sort(),
      [`GET ${enduser}/dialoglookup`, `GET ${enduser}/serviceresources`, 'GET /api/v1/metadata/serviceresources'].sort(),
    );
    for (const name of missing) assert.equal((await reader.get(root + name.split(' ')[1]!)).status, 404, name);
  });
});

/** The fields of a form that say what this object says. */
function append(form: FormData, name: string, value: unknown): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) for (const [i, item] of value.entries()) append(form, `${name}[${i}]`, item);
  else if (typeof value === 'object') for (const [member, inner] of Object.entries(value)) append(form, `${name}.${member}`, inner);
  else form.append(name, String(value));
}
