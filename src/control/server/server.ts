import type { IncomingMessage } from 'node:http';
import type { LoggerOf } from '../../observe/log/logger.ts';
import { ROUTES, type Route, type RouteAnswer, type RouteInput, type RouteName } from '../api/routes.ts';
import { ApiError, problemReply } from './api-error.ts';
import { ChangeRate } from './change-rate.ts';
import { BoundedHttp, type Reply } from '../../serve/bounded-http.ts';
import { LIMITS } from './limits.ts';
import { bodyOf, BodyBudget, match } from './request.ts';
import { listenOn } from '../../serve/socket-file.ts';
import { LONGEST_REST_AFTER_LONG_MS, Turns } from './turns.ts';

export { LIMITS };

/** An answer that is JSON already: the same bytes for all who ask in one interval. */
export class Rendered {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

type Handler<Name extends RouteName> = (
  input: RouteInput<Name>,
  client: string,
) => RouteAnswer<Name> | Rendered | Promise<RouteAnswer<Name> | Rendered>;

/** What answers each route. @throws ApiError */
export type Handlers = { readonly [Name in RouteName]: Handler<Name> };

/** Asks a route's handler in its turn, for a client that the caller names. @throws ApiError */
export type Call = <Name extends RouteName>(
  name: Name,
  input: Partial<RouteInput<Name>>,
  client: string,
) => Promise<RouteAnswer<Name>>;

/** Serves the routes on unix sockets. */
export class ControlServer {
  readonly #handlers: Handlers;
  readonly #log: ReturnType<LoggerOf>;
  readonly #limits: typeof LIMITS;
  readonly #http: BoundedHttp;
  readonly #reading: Turns;
  readonly #changing: Turns;
  /** A pause must not wait until the thread has rested from a policy that took seconds to compile. */
  readonly #compiling: Turns;
  readonly #bodies = new BodyBudget();
  /** Of the sockets, and of another protocol: who uses up that of one does not keep out those of the other. */
  readonly #rates = { own: new ChangeRate(), other: new ChangeRate() };

  constructor(handlers: Handlers, log: ReturnType<LoggerOf>, limits: typeof LIMITS = LIMITS) {
    this.#handlers = handlers;
    this.#log = log;
    this.#limits = limits;
    this.#http = new BoundedHttp(limits);
    this.#reading = new Turns(limits.turns, limits.restShare);
    this.#changing = new Turns(limits.turns);
    this.#compiling = new Turns(limits.turns, limits.restShare, LONGEST_REST_AFTER_LONG_MS);
  }

  /**
   * @param socket read: only routes that change nothing
   * @throws SocketError
   */
  async listen(socket: Route['socket'], path: string, mode: number, gid: number | null): Promise<void> {
    await this.#http.listen(
      {
        connections: this.#limits.connections[socket],
        answer: (request) => this.#answer(request, socket),
        takesBodies: true,
        failed: (error, request) => problemReply(error instanceof ApiError ? error : this.#defect(error, request)),
        refused: (status, why) => problemReply(new ApiError(status, why)),
      },
      (server) => listenOn(server, path, mode, gid),
    );
  }

  /** Ends all connections and removes the sockets. */
  close(): Promise<void> {
    return this.#http.close();
  }

  /** For another protocol beside these sockets: its clients have the same turns. */
  readonly call: Call = async (name, input, client) => {
    const { params, query, body } = input as { readonly [Key in 'params' | 'query' | 'body']?: unknown };
    const answer = await this.#run(name, ROUTES[name], { params, query, body }, client, this.#rates.other);
    return (answer instanceof Rendered ? JSON.parse(answer.bytes.toString()) : answer) as RouteAnswer<typeof name>;
  };

  async #answer(request: IncomingMessage, socket: Route['socket']): Promise<Reply> {
    const { name, route, params, query } = match(request, socket);
    const body = await bodyOf(request, route, this.#bodies);
    const answer = await this.#run(name, route, { params, query, body }, clientOf(request), this.#rates.own);
    const bytes = answer instanceof Rendered ? answer.bytes : Buffer.from(`${JSON.stringify(answer)}\n`);
    const ownBytes = answer instanceof Rendered ? 0 : bytes.length;
    return { status: 200, headers: { 'content-type': 'application/json' }, bytes, ownBytes };
  }

  async #run(name: RouteName, route: Route, input: object, client: string, rate: ChangeRate): Promise<unknown> {
    // A pause is never late, and the log bounds what it says of one.
    if (route.socket === 'change' && !UNLIMITED.has(name)) rate.take();
    const handle = this.#handlers[name] as (input: object, client: string) => unknown;
    const work = (): unknown => handle(input, client);
    const isHeavy = route.heavy === true;
    if (route.socket === 'change') return (isHeavy ? this.#compiling : this.#changing).run(work);
    return isHeavy ? this.#reading.run(work) : work();
  }

  #defect(error: unknown, { method, url }: IncomingMessage): ApiError {
    const err = error instanceof Error ? error : new Error(String(error));
    const what = `${method} ${(url ?? '').slice(0, 200)}`;
    this.#log.error({ err }, `A defect in the answer to ${what}, please report it: ${err.message}`);
    return new ApiError(500, `a defect in Ballast, please report it; its log has the stack: ${err.message}`);
  }
}

const UNLIMITED: ReadonlySet<RouteName> = new Set(['pause', 'resume', 'checkPolicy']);

/** Quotes inside of it would end it before its end: a client could name itself as if it came through another socket. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', "'")}"`;
}

/** The name that a client gives itself in the header Ballast-Client. Nothing proves it. */
function clientOf({ headers }: IncomingMessage): string {
  const name = headers['ballast-client'];
  if (typeof name !== 'string' || !/^[\x20-\x7e]{1,128}$/.test(name)) return 'an unnamed client of control.sock';
  return `${quotedName(name)} through control.sock`;
}
