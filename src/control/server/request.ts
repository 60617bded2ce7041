import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { ROUTES, type Route, type RouteName } from '../api/routes.ts';
import { ApiError } from './api-error.ts';

/** A request that fits its route. */
export interface Matched {
  readonly name: RouteName;
  readonly route: Route;
  readonly params: unknown;
  readonly query: unknown;
}

/** Bodies of more bytes are refused: no policy is larger. */
export const MOST_BODY_BYTES = 4 * 1024 ** 2;
/** What all bodies together may take while they arrive, bytes. */
const MOST_BODIES_BYTES = 4 * MOST_BODY_BYTES;
/** Of a body: no request has more, and reading a million takes seconds. */
const MOST_VALUES = 20_000;
const MOST_PROBLEMS = 20;

interface Pattern {
  readonly name: RouteName;
  readonly route: Route;
  readonly regex: RegExp;
}

const PATTERNS: readonly Pattern[] = Object.entries<Route>(ROUTES).map(([name, route]) => ({
  name: name as RouteName,
  route,
  regex: new RegExp(`^${route.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));

/**
 * Finds the route of a request and checks its path and query.
 * @param socket read: the request came through the socket that changes nothing
 * @throws ApiError
 */
export function match(
  { method = '', url = '' }: Pick<IncomingMessage, 'method' | 'url'>,
  socket: Route['socket'],
): Matched {
  const [path, query] = splitUrl(url);
  const matching = PATTERNS.flatMap((pattern) => {
    const found = pattern.regex.exec(path);
    return found === null ? [] : [{ ...pattern, groups: found.groups ?? {} }];
  });
  if (matching.length === 0)
    throw new ApiError(404, `there is no ${shown(path)}; docs/openapi.json lists what there is, such as /v1/status`);
  const found = matching.find(({ route }) => route.method === method || (method === 'HEAD' && route.method === 'GET'));
  if (found === undefined) {
    const allowed = matching.map(({ route }) => route.method).join(', ');
    throw new ApiError(405, `${shown(path)} takes ${allowed}, not ${shown(method)}`, [], { allow: allowed });
  }
  const { name, route, groups } = found;
  if (socket === 'read' && route.socket === 'change')
    throw new ApiError(403, `status.sock changes nothing: send this to control.sock beside it`);
  return {
    name,
    route,
    params: route.params && checked(route.params, decoded(groups), 'the path'),
    query: checkedQuery(route, query),
  };
}

/** Reads and checks the body. @throws ApiError */
export async function bodyOf(request: IncomingMessage, { body: schema }: Route, budget: BodyBudget): Promise<unknown> {
  if (schema === undefined) return undefined;
  const type = request.headers['content-type'];
  if (type !== undefined && !/^application\/json\s*(?:;|$)/i.test(type))
    throw new ApiError(415, `the body must be application/json, not ${shown(type)}`);
  const bytes = await budget.read(request);
  if (!hasFewValues(bytes)) throw new ApiError(400, `the body has more than ${MOST_VALUES} values`);
  let content: unknown;
  try {
    content = JSON.parse(UTF_8.decode(bytes));
  } catch (error) {
    throw new ApiError(400, `the body is not JSON: ${shown((error as Error).message)}`);
  }
  return checked(schema, content, 'the body');
}

/** Whether a JSON text has few enough values; counts what is between and around them. Texts inside quotes do not count. */
function hasFewValues(json: Buffer): boolean {
  let values = 0;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (isText && byte === BACKSLASH) at += 1;
    else if (byte === QUOTE) isText = !isText;
    else if (!isText && BETWEEN.has(byte) && ++values > MOST_VALUES) return false;
  }
  return true;
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const BETWEEN: ReadonlySet<number | undefined> = new Set(Buffer.from(',[{'));

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** Limits what bodies take in memory, each and all together. */
export class BodyBudget {
  #held = 0;

  /** @throws ApiError */
  async read(request: IncomingMessage): Promise<Buffer> {
    const tooLarge = new ApiError(413, `the body has more than ${MOST_BODY_BYTES} bytes`, [], { connection: 'close' });
    if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) throw tooLarge;
    const chunks: Buffer[] = [];
    let own = 0;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        own += chunk.length;
        this.#held += chunk.length;
        if (own > MOST_BODY_BYTES) throw tooLarge;
        if (this.#held > MOST_BODIES_BYTES)
          throw new ApiError(503, 'too many large requests at once; try again in a second', [], { connection: 'close', 'retry-after': '1' }); // prettier-ignore
        chunks.push(chunk);
      }
      return Buffer.concat(chunks, own);
    } finally {
      this.#held -= own;
    }
  }
}

function splitUrl(url: string): readonly [string, string] {
  const at = url.indexOf('?');
  // Some clients send the whole URL.
  const path = (at < 0 ? url : url.slice(0, at)).replace(/^http:\/\/[^/]*/, '');
  return [path, at < 0 ? '' : url.slice(at + 1)];
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([key, text]) => [key, decodeURIComponent(text)]));
  } catch {
    throw new ApiError(400, 'the path has an invalid % escape');
  }
}

function checkedQuery({ query: schema, path }: Route, text: string): unknown {
  const given: [string, string][] = [...new URLSearchParams(text)];
  if (schema === undefined) {
    if (given.length > 0) throw new ApiError(400, `${path} takes no query, and got ${shown(given[0]![0])}`);
    return undefined;
  }
  const twice = given.find(([key], at) => given.findIndex(([other]) => other === key) < at);
  if (twice) throw new ApiError(400, `the query has ${shown(twice[0])} more than once`);
  return checked(schema, Object.fromEntries(given), 'the query');
}

/** @throws ApiError that lists the mistakes */
export function checked<Schema extends z.ZodObject>(schema: Schema, content: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const lines = issues.slice(0, MOST_PROBLEMS).map(({ path, message }) => `${path.join('.') || what}: ${message}`);
  throw new ApiError(400, `${what} is wrong: ${shown(lines[0] ?? '')}`, lines.map(shown));
}

/** A text of a client for a message: on one line, bounded. */
export function shown(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what it is about
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
  return plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
}
