/** Where something can be reached: a unix socket, or a port of this host that no other machine reaches. */
export type ListenAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

export type ParsedAddress = { readonly value: ListenAddress } | { readonly problem: string };

/** What {@link parseAddress} accepts, for messages. */
export const ADDRESS_FORM = '"unix:PATH", "127.0.0.1:PORT" or "[::1]:PORT"';

/** Bytes: sun_path of Linux has 108, with a zero at the end. Node cuts a longer path without a word. */
export const LONGEST_SOCKET_PATH = 107;

const LONGEST_ADDRESS = 512;
const TCP = /^(?:\[(?<ip6>[0-9A-Fa-f:.]+)\]|(?<host>[^:[\]/\s]*)):(?<port>\d{1,5})$/;
const LOOPBACK = /^127\.(?:\d{1,3}\.){2}\d{1,3}$/;

/** What listens on an address, for messages: `the metrics have`, `metrics.sock`. */
export interface Listener {
  readonly whatHas: string;
  readonly socket: string;
}

export const METRICS: Listener = { whatHas: 'the metrics have', socket: 'metrics.sock' };
export const MOM_VERBS: Listener = { whatHas: "MOM's verbs have", socket: 'mom.sock' };

/** Reads an address; everything that another machine could reach is refused. `problem` is lower case, without a full stop. */
export function parseAddress(text: string, listener: Listener): ParsedAddress {
  if (text.length > LONGEST_ADDRESS) return { problem: `is ${text.length} characters long; write ${ADDRESS_FORM}` };
  if (text.startsWith('unix:')) return unix(text.slice('unix:'.length), listener);
  const shown = JSON.stringify(text);
  const parts = TCP.exec(text)?.groups;
  if (parts === undefined) return { problem: `${shown} is not ${ADDRESS_FORM}` };
  const port = Number(parts['port']);
  if (port < 1 || port > 65_535) return { problem: `${shown}: ${port} is not a port; ports are 1 to 65535` };
  const { ip6, host = '' } = parts;
  if (ip6 === '::1') return { value: { kind: 'tcp', host: '::1', port } };
  if (host === 'localhost') return { value: { kind: 'tcp', host: '127.0.0.1', port } };
  if (LOOPBACK.test(host) && host.split('.').every((byte) => Number(byte) <= 255))
    return { value: { kind: 'tcp', host, port } };
  return {
    problem: `${shown} could be reached from other machines, and ${listener.whatHas} no password; write 127.0.0.1:${port}, "[::1]:${port}" or unix:PATH, and let a proxy with TLS pass it on`,
  };
}

function unix(path: string, { socket }: Listener): ParsedAddress {
  if (path === '') return { problem: `"unix:" has no path; write unix:/run/ballast/${socket}, for example` };
  if (/[\0\r\n]/.test(path)) return { problem: 'a path cannot have a line break or a zero byte' };
  const bytes = Buffer.byteLength(path);
  return bytes > LONGEST_SOCKET_PATH
    ? { problem: `the path of a unix socket has at most ${LONGEST_SOCKET_PATH} bytes, and this one has ${bytes}` }
    : { value: { kind: 'unix', path } };
}

/** The address as in the config. */
export function addressText(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}
