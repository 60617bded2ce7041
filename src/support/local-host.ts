/**
 * Whether the Host header of a request names this host, or is absent. A page of the web may resolve its own name to 127.0.0.1
 * and so reach what a browser on this host can.
 */
export function isLocalHost(host: string | undefined): boolean {
  return host === undefined || /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host);
}
