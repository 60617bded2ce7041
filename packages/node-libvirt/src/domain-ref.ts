import { STRING_MAX_BYTES } from './protocol.ts';
import type { XdrReader, XdrWriter } from './xdr.ts';

/** A domain, as identified by libvirt. */
export interface Domain {
  readonly name: string;
  /** Lower case with dashes. */
  readonly uuid: string;
  /** The id of the running domain; null when it is not running. */
  readonly id: number | null;
}

/** Identifies a domain in calls: drivers look it up by its uuid. */
export interface DomainRef {
  readonly uuid: string;
  readonly name?: string;
  readonly id?: number | null;
}

export const UUID_BYTES = 16;

/** Length word of the name, uuid and id. */
export const DOMAIN_MIN_BYTES = 24;

const NOT_RUNNING = -1;

export function readDomain(reader: XdrReader): Domain {
  const name = reader.string(STRING_MAX_BYTES);
  const uuid = formatUuid(reader.fixedOpaque(UUID_BYTES));
  const id = reader.int();
  return { name, uuid, id: id === NOT_RUNNING ? null : id };
}

export function writeDomain(writer: XdrWriter, domain: DomainRef): void {
  writer
    .string(domain.name ?? '', STRING_MAX_BYTES)
    .fixedOpaque(parseUuid(domain.uuid))
    .int(domain.id ?? NOT_RUNNING);
}

export function formatUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** @throws TypeError when the text is not a uuid */
export function parseUuid(uuid: string): Buffer {
  const hex = uuid.replaceAll('-', '');
  if (!/^[0-9a-fA-F]{32}$/.test(hex))
    throw new TypeError(`"${uuid}" is not a uuid: 32 hexadecimal digits, dashes optional`);
  return Buffer.from(hex, 'hex');
}
