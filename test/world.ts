import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after } from 'node:test';
import { announceAccessChanges, type SaveResource, saveGrants, saveResources, saveRoleAssignments, seedAccess } from '#access/index.ts';
import { createDiskBlobs } from '#blobs/index.ts';
import { type CorrespondenceContext, createSending } from '#correspondence/index.ts';
import { createClock, type Database } from '#db/index.ts';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { ReceivedFile } from '#kernel/route.ts';
import {
  isNationalIdentityNumber,
  isOrganizationNumber,
  type Party,
  partiesByNumber,
  type SaveParty,
  saveContactPoints,
  saveParties,
} from '#register/index.ts';
import { simulatedScanner } from '#scanning/index.ts';
import { createTestDatabase } from './database.ts';
import { countEverything, nothingWritten as nothingWrittenIn } from './nothing-written.ts';

/** Scopes of the tokens that people of the town carry. */
export const scopes = {
  sender: ['altinn:serviceowner', 'altinn:correspondence.write'],
  recipient: ['altinn:correspondence.read'],
  both: ['altinn:serviceowner', 'altinn:correspondence.write', 'altinn:correspondence.read'],
} as const;

/** The town in which our tests live: a database, a folder of blobs, a clock, and whoever is named. */
export class World {
  readonly db: Database;
  readonly ctx: CorrespondenceContext & { readonly db: Database };
  readonly blobFolder: string;
  readonly #refresh: () => Promise<void>;
  #organizations = 31_000_000;
  #persons = 141_184_901;

  constructor(ctx: CorrespondenceContext & { readonly db: Database }, blobFolder: string, refresh: () => Promise<void>) {
    this.ctx = ctx;
    this.db = ctx.db;
    this.blobFolder = blobFolder;
    this.#refresh = refresh;
  }

  organization(name: string, more: Partial<Omit<SaveParty, 'number'>> & { email?: string } = {}): Promise<Party> {
    return this.#party({ kind: 'organization', number: this.#nextOrganizationNumber(), name, unitType: 'AS', ...more });
  }

  person(name: string, more: Partial<Omit<SaveParty, 'number'>> & { email?: string } = {}): Promise<Party> {
    return this.#party({ kind: 'person', number: this.#nextPersonNumber(), name, ...more });
  }

  role(holder: Party, role: string, at: Party): Promise<void> {
    return this.db.transaction(async (tx) => {
      saveRoleAssignments(tx, [{ holder: holder.id, role, at: at.id }]);
      await announceAccessChanges(tx);
    });
  }

  /** An access package, or the right to read one resource, given to somebody at an organization. */
  grant(to: Party, at: Party, what: { package: string } | { resource: ResourceId }): Promise<void> {
    return this.db.transaction(async (tx) => {
      saveGrants(tx, [{ at: at.id, to: to.id, ...what }]);
      await announceAccessChanges(tx);
    });
  }

  async resource(id: string, owner: Party, more: Partial<SaveResource> = {}): Promise<ResourceId> {
    const title = { nb: 'Post', nn: 'Post', en: 'Post' };
    await this.db.transaction(async (tx) => {
      saveResources(tx, [{ id: id as ResourceId, type: 'CorrespondenceService', owner: owner.id, title, ...more }]);
      await announceAccessChanges(tx);
    });
    return id as ResourceId;
  }

  /** Marks a person as reserved against digital post, or takes it back. */
  async reserve(person: Party, reserved = true): Promise<void> {
    await this.db.transaction(async (tx) => saveParties(tx, [{ kind: 'person', number: person.number, name: person.name, reserved }]));
  }

  /** Domain time goes on; nothing is done about what becomes due. */
  async advance(seconds: number): Promise<void> {
    await this.db.transaction(async (tx) => void (await tx.run(sql`update clock.shift set by = by + make_interval(secs => ${seconds})`)));
    await this.#refresh();
  }

  /** A file of a form, as the border hands it over: stored, and bound to nothing. */
  async file(fileName: string, content: string | Buffer, fieldName = 'attachments'): Promise<ReceivedFile> {
    const stored = await this.ctx.blobs.receive(Readable.from([Buffer.from(content)]), { maxBytes: 1_000_000 });
    return { ...stored, fileName, fieldName };
  }

  /** Runs `work` and fails if it wrote anything, to any table or to the folder of blobs. */
  nothingWritten<T>(work: () => Promise<T>): Promise<T> {
    return nothingWrittenIn(this.db, work, this.blobFolder);
  }

  /** Rows per table, and files of the folder of blobs. */
  counts(): Promise<Readonly<Record<string, number>>> {
    return countEverything(this.db, this.blobFolder);
  }

  async #party({ email, ...row }: SaveParty & { email?: string }): Promise<Party> {
    await this.db.transaction(async (tx) => saveParties(tx, [row]));
    const party = (await partiesByNumber(this.db, [row.number!])).get(row.number!)!;
    if (email)
      await this.db.transaction(async (tx) => saveContactPoints(tx, [{ party: party.id, points: [{ channel: 'email', address: email }] }]));
    return party;
  }

  #nextOrganizationNumber(): string {
    for (;;) {
      this.#organizations += 1;
      for (let check = 0; check < 10; check++) {
        const number = `${this.#organizations}${check}`;
        if (isOrganizationNumber(number)) return number;
      }
    }
  }

  #nextPersonNumber(): string {
    for (;;) {
      this.#persons += 1;
      for (let check = 0; check < 100; check++) {
        const number = `${this.#persons}${String(check).padStart(2, '0')}`;
        if (isNationalIdentityNumber(number)) return number;
      }
    }
  }
}

/** An empty town with the roles and access packages of Norway. It is gone when the tests of the file are over. */
export async function createWorld(): Promise<World> {
  const { db, ctx } = await createTestDatabase();
  const blobFolder = await mkdtemp(join(tmpdir(), 'budstikke-blobs-'));
  after(() => rm(blobFolder, { recursive: true, force: true }));
  const clock = createClock(db);
  const blobs = createDiskBlobs({ directory: blobFolder, db });
  await seedAccess(ctx);
  await blobs.sweep(ctx); // makes the folder what it is when nothing lies in it
  const sending = createSending(ctx.db);
  return new World(
    { ...ctx, now: clock.now, blobs, scanner: simulatedScanner, sending, minimumAttachmentDays: 1 },
    blobFolder,
    clock.refresh,
  );
}

/** A token of an organization's own client. */
export function organizationCaller(party: Party, has: readonly string[], more: Partial<Caller> = {}): Caller {
  return caller('organization', party.id, { party: party.id, consumer: party.id, scopes: new Set(has), clientId: 'client', ...more });
}

/** A person who has logged in. */
export function personCaller(person: Party, has: readonly string[] = scopes.recipient, more: Partial<Caller> = {}): Caller {
  return caller('person', person.id, { party: person.id, scopes: new Set(has), ...more });
}

function caller(kind: Caller['kind'], subject: PartyId, more: Partial<Caller>): Caller {
  return { kind, issuer: 'altinn', subject, party: subject, consumer: null, scopes: new Set(), authLevel: 3, clientId: null, ...more };
}
