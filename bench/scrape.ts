import { once } from 'node:events';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Scrape {
  readonly ms: number;
  readonly bytes: number;
}

/** Reads the metrics at a unix socket as a scraper does, over a new connection. */
export async function scrape(socketPath: string): Promise<Scrape> {
  const began = performance.now();
  const [response] = await once(request({ socketPath, path: '/metrics', agent: false }).end(), 'response');
  const page = await buffer(response);
  if (response.statusCode !== 200) throw new Error(`the scrape was answered with status ${response.statusCode}`);
  return { ms: performance.now() - began, bytes: page.length };
}
