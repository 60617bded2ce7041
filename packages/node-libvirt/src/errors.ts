import { errorCodeName, errorDomainName, type ErrorCodeName, type ErrorDomainName } from './error-names.ts';
import { STRING_MAX_BYTES } from './protocol.ts';
import { readDomain, UUID_BYTES } from './domain-ref.ts';
import type { XdrReader } from './xdr.ts';

/** virError, sent by libvirtd instead of a reply. */
export interface RemoteError {
  readonly code: number;
  readonly domain: number;
  readonly message: string | null;
  readonly level: number;
  readonly strings: readonly [string | null, string | null, string | null];
  readonly numbers: readonly [number, number];
}

/** libvirtd returned an error. */
export class LibvirtError extends Error {
  /** virErrorNumber, by name and as sent. */
  readonly code: ErrorCodeName | 'UNKNOWN';
  readonly codeNumber: number;
  /** virErrorDomain: the part of libvirt that failed. */
  readonly domain: ErrorDomainName | 'UNKNOWN';
  readonly domainNumber: number;
  /** virErrorLevel: 1 warning, 2 error. */
  readonly level: number;
  /** The call that failed, by its protocol name (`DOMAIN_SET_MEMORY_FLAGS`). */
  readonly procedure: string;
  /** libvirt's str1 to str3 and int1, int2: their meaning depends on the error. */
  readonly strings: RemoteError['strings'];
  readonly numbers: RemoteError['numbers'];

  constructor(procedure: string, error: RemoteError) {
    super(error.message ?? `libvirt error ${error.code} (${errorCodeName(error.code)}) without a message`);
    this.name = 'LibvirtError';
    this.code = errorCodeName(error.code);
    this.codeNumber = error.code;
    this.domain = errorDomainName(error.domain);
    this.domainNumber = error.domain;
    this.level = error.level;
    this.procedure = procedure;
    this.strings = error.strings;
    this.numbers = error.numbers;
  }
}

/** A call timed out. libvirtd may still execute it; its late reply is ignored. */
export class LibvirtTimeoutError extends Error {
  readonly procedure: string;
  readonly timeoutMs: number;

  constructor(procedure: string, timeoutMs: number) {
    super(`${procedure}: no reply from libvirtd within ${timeoutMs} ms`);
    this.name = 'LibvirtTimeoutError';
    this.procedure = procedure;
    this.timeoutMs = timeoutMs;
  }
}

/**
 * Why there is no connection: the errno name of the socket (`ENOENT`, `EACCES`, `ECONNREFUSED`, `EPIPE` …), or
 * `CLOSED`: {@link Connection.close} was called; `HANGUP`: libvirtd closed it; `KEEPALIVE`: libvirtd stopped responding;
 * `PROTOCOL`: the data received is not libvirt's protocol; `AUTH`: no supported authentication;
 * `URI`: not a URI of a local socket.
 */
export type ConnectionErrorCode = 'CLOSED' | 'HANGUP' | 'KEEPALIVE' | 'PROTOCOL' | 'AUTH' | 'URI' | (string & {});

/** There is no connection, or it was lost during the call: it is unknown whether libvirtd executed the call. */
export class LibvirtConnectionError extends Error {
  readonly code: ConnectionErrorCode;

  constructor(code: ConnectionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LibvirtConnectionError';
    this.code = code;
  }
}

export function readRemoteError(reader: XdrReader): RemoteError {
  const text = (): string | null => reader.optional((r) => r.string(STRING_MAX_BYTES));
  const code = reader.int();
  const domain = reader.int();
  const message = text();
  const level = reader.int();
  reader.optional(readDomain);
  const strings = [text(), text(), text()] as const;
  const numbers = [reader.int(), reader.int()] as const;
  reader.optional((r) => {
    r.string(STRING_MAX_BYTES);
    r.fixedOpaque(UUID_BYTES);
  });
  reader.end();
  return { code, domain, message, level, strings, numbers };
}
