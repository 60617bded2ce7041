import type { IncomingMessage } from 'node:http';
import type { LoggerOf } from '../../observe/log/logger.ts';
import { addressText, type ListenAddress } from '../../support/listen-address.ts';
import { isLocalHost } from '../../support/local-host.ts';
import { ApiError, problemReply } from '../server/api-error.ts';
import { BoundedHttp, type Reply } from '../../serve/bounded-http.ts';
import { LIMITS } from '../server/limits.ts';
import { listenAt } from '../../serve/listening.ts';
import { BodyBudget, shown } from '../server/request.ts';
import { quotedName, type Call } from '../server/server.ts';
import { Turns } from '../server/turns.ts';
import { runVerb } from './verbs.ts';
import { answerText, faultText, readCall, type RpcCall } from './xml-rpc.ts';

/** MOM's code of every fault. */
const FAULT = 1;

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** Serves MOM's verbs as XML-RPC on one address. */
export class MomServer {
  readonly #address: ListenAddress;
  readonly #call: Call;
  readonly #log: ReturnType<LoggerOf>;
  readonly #limits: typeof LIMITS;
  readonly #http: BoundedHttp;
  readonly #bodies = new BodyBudget();
  /** The statistics of a thousand guests are megabytes of XML. */
  readonly #writing: Turns;

  constructor(address: ListenAddress, call: Call, log: ReturnType<LoggerOf>, limits: typeof LIMITS = LIMITS) {
    this.#address = address;
    this.#call = call;
    this.#log = log;
    this.#limits = limits;
    this.#http = new BoundedHttp(limits);
    this.#writing = new Turns(limits.turns, limits.restShare);
  }

  /** @param gid the group of a unix socket; null: that of the process @throws SocketError */
  async listen(gid: number | null): Promise<void> {
    await this.#http.listen(
      {
        connections: this.#limits.connections.change,
        answer: (request) => this.#answer(request),
        takesBodies: true,
        failed: (error) => problemReply(error instanceof ApiError ? error : this.#defect(error)),
        refused: (status, why) => problemReply(new ApiError(status, why)),
      },
      (server) => listenAt(server, this.#address, 0o660, gid),
    );
  }

  /** Ends all connections and removes the socket. */
  close(): Promise<void> {
    return this.#http.close();
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    this.#requireCall(request);
    const bytes = Buffer.from(await this.#responseTo(await this.#bodies.read(request), this.#clientOf(request)));
    return { status: 200, headers: { 'content-type': 'text/xml' }, bytes, ownBytes: bytes.length };
  }

  async #responseTo(body: Buffer, client: string): Promise<string> {
    let call: RpcCall;
    try {
      call = readCall(UTF_8.decode(body));
    } catch (error) {
      return faultText(FAULT, `not a call of MOM's verbs: ${(error as Error).message}`);
    }
    try {
      const value = await runVerb(call.method, call.params, { call: this.#call, client, log: this.#log });
      return await this.#writing.run(() => answerText(value));
    } catch (error) {
      return faultText(FAULT, (error instanceof ApiError ? error : this.#defect(error)).message);
    }
  }

  /** @throws ApiError for what is no call of XML-RPC, or comes from a page of the web */
  #requireCall({ method = '', url = '', headers }: IncomingMessage): void {
    if (url !== '/RPC2' && url !== '/') throw new ApiError(404, `there is no ${shown(url)}; MOM's verbs are at /RPC2`);
    if (method !== 'POST') throw new ApiError(405, `/RPC2 takes POST, not ${shown(method)}`, [], { allow: 'POST' });
    if (this.#address.kind === 'tcp' && !isLocalHost(headers.host))
      throw new ApiError(421, 'the Host header must name this host: localhost, 127.0.0.1 or [::1]');
    if (headers.origin !== undefined) throw new ApiError(403, 'pages of the web may not call this');
    // A browser sends this type only after it has asked, which nothing here answers.
    if (!/^text\/xml\s*(?:;|$)/i.test(headers['content-type'] ?? ''))
      throw new ApiError(415, `the body must be text/xml, not ${shown(headers['content-type'] ?? 'without a type')}`);
    if ((headers['content-encoding'] ?? 'identity') !== 'identity')
      throw new ApiError(415, `the body must not be compressed: ${shown(headers['content-encoding']!)}`);
  }

  /** Nothing proves the name that a client gives itself. */
  #clientOf({ headers }: IncomingMessage): string {
    const name = headers['user-agent'] ?? '';
    const known = /^[\x20-\x7e]{1,128}$/.test(name) ? quotedName(name) : 'an unnamed client';
    return `${known} through MOM's verbs at ${addressText(this.#address)}`;
  }

  #defect(error: unknown): ApiError {
    const err = error instanceof Error ? error : new Error(String(error));
    this.#log.error({ err }, `A defect in the answer to a call of MOM's verbs, please report it: ${err.message}`);
    return new ApiError(500, `a defect in Ballast, please report it; its log has the stack: ${err.message}`);
  }
}
