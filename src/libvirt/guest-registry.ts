import { AFFECT, LibvirtError, LibvirtTimeoutError, type Connection } from 'node-libvirt';
import type { Host } from '../ports/host.ts';
import type { GuestRef } from '../model/control.ts';
import { LABEL_FORM } from '../model/labels.ts';
import { escapeControls } from '../model/text.ts';
import { MAX_LABELS, readDomainXml, type DomainFacts } from './domain-xml.ts';
import type { GuestMetadata } from '../ports/hypervisor.ts';
import { forEachConcurrent } from '../support/concurrent.ts';

/** What is known of one run of a guest and does not have to be asked for in every interval. */
export interface GuestRecord extends GuestRef {
  readonly id: number | null;
  /** false until its XML was read. */
  known: boolean;
  minGuaranteeKib: number | null;
  metadata: GuestMetadata | null;
  /** The labels in its metadata that are none, as the last notice named them. */
  noticedLabels: string;
  pid: number | null;
  /** How often its pid was looked for. */
  pidLooks: number;
  /** Its metadata has changed, or may have, since it was read. */
  metadataIsOld: boolean;
  /** Set by us; to be put back to 0. */
  periodWasSet: boolean;
  /** Readings in a row in which it did not answer. */
  unanswered: number;
}

export interface GuestRegistryOptions {
  readonly host: Host;
  /** Where libvirt keeps `NAME.pid`; null: nowhere. */
  readonly pidDirectory: string | null;
  /** 0: never set. */
  readonly statsPeriodS: number;
  readonly notice: (guest: GuestRef | null, message: string) => void;
}

/** Domain descriptions that are asked for at once. */
const IN_FLIGHT = 3;

/** A pid file that was not there so often in a row is looked for only once in as many readings. */
const PID_LOOKS = 10;

/** Wrong labels of a guest that a message names. */
const LABELS_SHOWN = 5;

/** One reading without an answer is a guest that is busy; from the second on it counts as one that hangs. */
const UNRESPONSIVE_AFTER = 2;

/** The facts about guests that change seldom: read once for each run of a guest, the metadata again when it changed. */
export class GuestRegistry {
  readonly #options: GuestRegistryOptions;
  readonly #records = new Map<string, GuestRecord>();

  constructor(options: GuestRegistryOptions) {
    this.#options = options;
  }

  get(uuid: string): GuestRecord | undefined {
    return this.#records.get(uuid);
  }

  all(): readonly GuestRecord[] {
    return [...this.#records.values()];
  }

  /** Notes a running guest; true when it is new, or runs anew. */
  add(guest: GuestRef, id: number | null): boolean {
    const before = this.#records.get(guest.uuid);
    if (before !== undefined && before.id === id) return false;
    this.#records.set(guest.uuid, {
      name: guest.name,
      uuid: guest.uuid,
      id,
      known: false,
      minGuaranteeKib: null,
      metadata: null,
      noticedLabels: '',
      pid: null,
      pidLooks: 0,
      metadataIsOld: false,
      periodWasSet: false,
      unanswered: 0,
    });
    return before === undefined;
  }

  /** Forgets a guest that does not run any more; true when it was known. */
  remove(uuid: string): boolean {
    return this.#records.delete(uuid);
  }

  /** Its metadata, or that of all guests, is to be read again. */
  metadataChanged(uuid: string | null): void {
    for (const record of uuid === null ? this.all() : [this.#records.get(uuid)])
      if (record !== undefined) record.metadataIsOld = true;
  }

  /** Counts who answers, and gives notice of guests that stop doing so and that begin again. */
  noteAnswers(answers: (uuid: string) => boolean): void {
    for (const record of this.#records.values()) {
      const before = record.unanswered;
      record.unanswered = answers(record.uuid) ? 0 : before + 1;
      if (record.unanswered === UNRESPONSIVE_AFTER) {
        this.#options.notice(
          record,
          'does not respond to libvirt; queried separately and its balloon left unchanged until it does',
        );
      }
      if (before >= UNRESPONSIVE_AFTER && record.unanswered === 0)
        this.#options.notice(record, 'responds to libvirt again');
    }
  }

  /** Whether calls about this guest would hang, as far as is known. */
  isUnresponsive(uuid: string): boolean {
    return (this.#records.get(uuid)?.unanswered ?? 0) >= UNRESPONSIVE_AFTER;
  }

  /**
   * Reads what is missing about those guests, and what has changed. Failures leave a guest as it is, for the next time.
   * @param answers which guests answer now: a question about one that hangs would hang too
   */
  async refresh(
    connection: Connection,
    answers: (uuid: string) => boolean,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const records = this.all().filter(({ uuid }) => answers(uuid));
    const todo = records.flatMap((record): (() => Promise<void>)[] => {
      if (!record.known) return [() => this.#readDescription(connection, record, timeoutMs, signal)];
      return record.metadataIsOld ? [() => this.#rereadMetadata(connection, record, timeoutMs, signal)] : [];
    });
    await forEachConcurrent(todo, { limit: IN_FLIGHT, signal }, (read) => read());
    await Promise.all(records.filter(({ pid }) => pid === null).map((record) => this.#findProcess(record)));
  }

  async #readDescription(
    connection: Connection,
    record: GuestRecord,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const xml = await unlessRefused(connection.getXmlDesc(record, { timeoutMs, signal }));
    if (xml === null) return;
    let facts: DomainFacts = {
      minGuaranteeKib: null,
      metadata: null,
      wrongMin: null,
      wrongLabels: [],
      statsPeriodS: null,
    };
    try {
      facts = readDomainXml(xml);
    } catch (error) {
      this.#options.notice(
        record,
        `domain XML cannot be parsed, minimum and labels unknown: ${(error as Error).message}`,
      );
    }
    record.minGuaranteeKib = facts.minGuaranteeKib;
    record.metadata = facts.metadata;
    if (facts.wrongMin !== null) this.#options.notice(record, `minimum unknown: ${facts.wrongMin}`);
    this.#noteWrongLabels(record, facts.wrongLabels);
    if (facts.statsPeriodS === 0) await this.#setPeriod(connection, record, timeoutMs, signal);
    record.known = true;
  }

  async #setPeriod(connection: Connection, record: GuestRecord, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { statsPeriodS, notice } = this.#options;
    if (statsPeriodS === 0)
      return notice(
        record,
        'reports no statistics: its statistics period is 0 and Ballast is configured not to set one',
      );
    const call = connection.setMemoryStatsPeriod(record, statsPeriodS, { flags: AFFECT.LIVE, timeoutMs, signal });
    const refusal = await call.then(() => null, refusalOf);
    if (refusal !== null)
      return notice(record, `reports no statistics, and its statistics period cannot be set: ${refusal}`);
    record.periodWasSet = true;
    notice(record, `reported no statistics: statistics period set to ${statsPeriodS} s until Ballast stops`);
  }

  async #rereadMetadata(
    connection: Connection,
    record: GuestRecord,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    // The whole description: what libvirt's own call for metadata returns has lost its namespace, by which Ballast knows it.
    const xml = await unlessRefused(connection.getXmlDesc(record, { timeoutMs, signal }));
    if (xml === null) return;
    record.metadataIsOld = false;
    try {
      const { metadata, wrongMin, wrongLabels } = readDomainXml(xml);
      this.#noteWrongLabels(record, wrongLabels);
      if (wrongMin !== null)
        this.#options.notice(record, `changed minimum is invalid, keeping the previous one: ${wrongMin}`);
      const balloonMinKib = record.metadata?.balloonMinKib ?? null;
      record.metadata = metadata === null || wrongMin === null ? metadata : { ...metadata, balloonMinKib };
    } catch (error) {
      this.#options.notice(
        record,
        `changed metadata cannot be parsed, keeping the previous values: ${(error as Error).message}`,
      );
    }
  }

  /** Once: the metadata is also read when nothing in it has changed. */
  #noteWrongLabels(record: GuestRecord, wrong: readonly string[]): void {
    const shown = wrong
      .slice(0, LABELS_SHOWN)
      .map((label) => JSON.stringify(label.length > 64 ? `${label.slice(0, 64)}…` : label));
    const text =
      wrong.length > shown.length ? `${shown.join(', ')} and ${wrong.length - shown.length} more` : shown.join(', ');
    if (text === record.noticedLabels) return;
    record.noticedLabels = text;
    if (text === '') return;
    this.#options.notice(
      record,
      `has invalid labels in its metadata, ignored: ${escapeControls(text)}; a label is ${LABEL_FORM}, and a guest has at most ${MAX_LABELS}`,
    );
  }

  async #findProcess(record: GuestRecord): Promise<void> {
    const { pidDirectory } = this.#options;
    const looks = record.pidLooks++;
    if (pidDirectory === null || (looks >= PID_LOOKS && looks % PID_LOOKS !== 0)) return;
    // Absent and unreadable are the same here: without a pid the fields of the process are nil.
    const text = await this.#options.host.readText(`${pidDirectory}/${record.name}.pid`).catch(() => null);
    const pid = Number(text?.trim());
    if (text !== null && Number.isInteger(pid) && pid > 0) record.pid = pid;
  }
}

/** null when libvirt says no, or nothing in time: the guest is gone or busy, and the next reading will tell. */
async function unlessRefused<T>(call: Promise<T>): Promise<T | null> {
  return call.catch((error: unknown) => {
    refusalOf(error);
    return null;
  });
}

/** What libvirt's no about one guest says. A lost connection and a bug concern more than that guest: they are thrown on. */
function refusalOf(error: unknown): string {
  if (error instanceof LibvirtError || error instanceof LibvirtTimeoutError) return error.message;
  throw error;
}
