import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { AGENT_TIMEOUT, METADATA } from './constants.ts';
import { DOMAIN_MIN_BYTES, parseUuid, readDomain, writeDomain, type Domain, type DomainRef } from './domain-ref.ts';
import { readAllDomainStats } from './domain-stats-decode.ts';
import type { DomainStats } from './domain-stats.ts';
import { LibvirtConnectionError } from './errors.ts';
import type { DomainEvents, EventKind } from './events.ts';
import type { KeepaliveOptions } from './keepalive.ts';
import { readMemoryStats, type MemoryStats } from './memory-stats.ts';
import {
  BLOCK_IO_TUNE_PARAMS_MAX,
  DOMAIN_LIST_MAX,
  JOB_STATS_MAX,
  MEMORY_STATS_MAX,
  QEMU,
  REMOTE,
  SCHEDULER_PARAMS_MAX,
  STRING_MAX_BYTES,
  type Procedure,
} from './protocol.ts';
import { RpcClient, type CallOptions, type OnCall } from './rpc.ts';
import { Subscriptions } from './subscriptions.ts';
import {
  BLOCK_IO_TUNE_TYPES,
  fromTypedParams,
  SCHEDULER_TYPES,
  toTypedParams,
  type BlockIoTune,
  type SchedulerParameters,
} from './tuning.ts';
import { readTypedParams, STRING_OKAY, writeTypedParams, type TypedParam } from './typed-params.ts';
import type { Int64, XdrReader, XdrWriter } from './xdr.ts';

/** Options of a call with flags; default: 0. */
export interface FlagOptions extends CallOptions {
  readonly flags?: number;
}

interface ConnectionEvents {
  /** Emitted once, when the connection is closed for any reason. */
  close: [reason: LibvirtConnectionError];
}

const nothing = (): void => undefined;

/**
 * An open connection to libvirt. Calls may run concurrently (libvirtd executes at most five per connection); each
 * rejects with {@link LibvirtError}, {@link LibvirtTimeoutError}, {@link LibvirtConnectionError} or the reason of its
 * AbortSignal.
 */
export class Connection extends EventEmitter<ConnectionEvents> {
  readonly #rpc: RpcClient;
  readonly #subscriptions: Subscriptions;

  constructor(socket: Socket, callTimeoutMs: number, onCall?: OnCall) {
    super();
    this.#rpc = new RpcClient(socket, callTimeoutMs, {
      onMessage: (program, procedure, body) => this.#subscriptions.dispatch(program, procedure, body),
      onClose: (reason) => this.emit('close', reason),
      ...(onCall && { onCall }),
    });
    this.#subscriptions = new Subscriptions(this.#rpc);
  }

  get closed(): boolean {
    return this.#rpc.closed;
  }

  /** Calls without a reply, including those that timed out or were aborted. */
  get outstandingCalls(): number {
    return this.#rpc.outstanding;
  }

  /** Calls any procedure, for procedures without a method in this class. */
  call<T>(
    procedure: Procedure,
    write: (writer: XdrWriter) => void,
    read: (reader: XdrReader) => T,
    options?: CallOptions,
  ): Promise<T> {
    return this.#rpc.call(procedure, write, read, options);
  }

  /** Starts sending pings; `connect` does this when libvirtd supports them. */
  startKeepalive(options: KeepaliveOptions): void {
    this.#rpc.startKeepalive(options);
  }

  /** Closes the connection cleanly within `graceMs`. Pending calls reject with code `CLOSED`. Never rejects. */
  async close(graceMs = 1000): Promise<void> {
    if (!this.closed && graceMs > 0) {
      await this.call(REMOTE.CONNECT_CLOSE, nothing, nothing, { timeoutMs: graceMs }).catch(nothing);
    }
    this.#rpc.close(new LibvirtConnectionError('CLOSED', 'the connection to libvirt was closed'));
  }

  /** The version of libvirtd, 1000000 * major + 1000 * minor + release. */
  getLibVersion(options?: CallOptions): Promise<number> {
    return this.call(REMOTE.CONNECT_GET_LIB_VERSION, nothing, (r) => Number(r.uint64()), options);
  }

  getHostname(options?: CallOptions): Promise<string> {
    return this.call(REMOTE.CONNECT_GET_HOSTNAME, nothing, readString, options);
  }

  /** The name of the driver: `QEMU`, `TEST` … */
  getType(options?: CallOptions): Promise<string> {
    return this.call(REMOTE.CONNECT_GET_TYPE, nothing, readString, options);
  }

  getUri(options?: CallOptions): Promise<string> {
    return this.call(REMOTE.CONNECT_GET_URI, nothing, readString, options);
  }

  /** @param options `flags` of {@link LIST_DOMAINS}; default: all domains */
  listAllDomains({ flags = 0, ...options }: FlagOptions = {}): Promise<Domain[]> {
    return this.call(
      REMOTE.CONNECT_LIST_ALL_DOMAINS,
      (w) => w.int(1).flags(flags),
      (r) => {
        const domains = r.array(DOMAIN_LIST_MAX, DOMAIN_MIN_BYTES, readDomain);
        r.uint();
        return domains;
      },
      options,
    );
  }

  lookupByName(name: string, options?: CallOptions): Promise<Domain> {
    return this.call(REMOTE.DOMAIN_LOOKUP_BY_NAME, (w) => w.string(name, STRING_MAX_BYTES), readDomain, options);
  }

  lookupByUuid(uuid: string, options?: CallOptions): Promise<Domain> {
    return this.call(REMOTE.DOMAIN_LOOKUP_BY_UUID, (w) => w.fixedOpaque(parseUuid(uuid)), readDomain, options);
  }

  lookupById(id: number, options?: CallOptions): Promise<Domain> {
    return this.call(REMOTE.DOMAIN_LOOKUP_BY_ID, (w) => w.int(id), readDomain, options);
  }

  /** @param options `flags` of {@link XML} */
  getXmlDesc(domain: DomainRef, { flags = 0, ...options }: FlagOptions = {}): Promise<string> {
    return this.call(REMOTE.DOMAIN_GET_XML_DESC, (w) => onDomain(w, domain).flags(flags), readString, options);
  }

  /** The domain's virDomainState and its reason. */
  getState(domain: DomainRef, options?: CallOptions): Promise<{ state: number; reason: number }> {
    return this.call(
      REMOTE.DOMAIN_GET_STATE,
      (w) => onDomain(w, domain).uint(0),
      (r) => ({ state: r.int(), reason: r.int() }),
      options,
    );
  }

  /** The metadata element of a namespace, as XML. @throws LibvirtError `NO_DOMAIN_METADATA` when absent */
  getMetadata(domain: DomainRef, uri: string, { flags = 0, ...options }: FlagOptions = {}): Promise<string> {
    return this.call(
      REMOTE.DOMAIN_GET_METADATA,
      (w) => {
        onDomain(w, domain).int(METADATA.ELEMENT).optional(uri, writeString).flags(flags);
      },
      readString,
      options,
    );
  }

  /**
   * Sets the metadata element of a namespace.
   * @param element one XML element without a prefix; null removes it
   * @param key the namespace prefix that libvirt gives the element
   */
  setMetadata(
    domain: DomainRef,
    uri: string,
    key: string,
    element: string | null,
    { flags = 0, ...options }: FlagOptions = {},
  ): Promise<void> {
    return this.call(
      REMOTE.DOMAIN_SET_METADATA,
      (w) => {
        onDomain(w, domain)
          .int(METADATA.ELEMENT)
          .optional(element, writeString)
          .optional(key, writeString)
          .optional(uri, writeString)
          .flags(flags);
      },
      nothing,
      options,
    );
  }

  /** Sets the memory of a domain: the balloon target while it is running. @param options `flags` of {@link MEM} */
  setMemory(domain: DomainRef, memoryKib: Int64, { flags = 0, ...options }: FlagOptions = {}): Promise<void> {
    return this.call(
      REMOTE.DOMAIN_SET_MEMORY_FLAGS,
      (w) => onDomain(w, domain).uint64(memoryKib).flags(flags),
      nothing,
      options,
    );
  }

  /**
   * Sets how often the guest reports its memory statistics.
   * @param periodS seconds; 0: never
   * @param options `flags` of {@link MEM}
   */
  setMemoryStatsPeriod(domain: DomainRef, periodS: number, { flags = 0, ...options }: FlagOptions = {}): Promise<void> {
    return this.call(
      REMOTE.DOMAIN_SET_MEMORY_STATS_PERIOD,
      (w) => onDomain(w, domain).int(periodS).flags(flags),
      nothing,
      options,
    );
  }

  /** What libvirt does with a running domain at the moment. */
  getJob(
    domain: DomainRef,
    options?: CallOptions,
  ): Promise<{
    /** See {@link JOB_TYPE}. */
    readonly type: number;
    /** Index of {@link JOB_OPERATIONS}; absent when libvirt does not say. */
    readonly operation?: number;
  }> {
    return this.call(
      REMOTE.DOMAIN_GET_JOB_STATS,
      (w) => onDomain(w, domain).uint(0),
      (r) => {
        const type = r.int();
        const operation = readTypedParams(r, JOB_STATS_MAX).find(({ name }) => name === 'operation')?.value;
        return { type, ...(typeof operation === 'number' && { operation }) };
      },
      options,
    );
  }

  memoryStats(domain: DomainRef, options?: CallOptions): Promise<MemoryStats> {
    return this.call(
      REMOTE.DOMAIN_MEMORY_STATS,
      (w) => onDomain(w, domain).uint(MEMORY_STATS_MAX).uint(0),
      readMemoryStats,
      options,
    );
  }

  /**
   * Statistics of many domains in one call. A guest that hangs can block the call, so set a timeout and
   * {@link STATS_FLAGS}.NOWAIT. libvirtd refuses replies over 32 MiB: query all groups for at most a few hundred domains.
   * @param groups of {@link STATS}; 0: all groups
   * @param options `domains`: only these domains; domains that do not exist are left out of the reply
   */
  getAllDomainStats(
    groups: number,
    { flags = 0, domains = [], ...options }: FlagOptions & { readonly domains?: readonly DomainRef[] } = {},
  ): Promise<DomainStats[]> {
    return this.call(
      REMOTE.CONNECT_GET_ALL_DOMAIN_STATS,
      (w) => {
        w.array(domains, DOMAIN_LIST_MAX, writeDomain).uint(groups).flags(flags);
      },
      readAllDomainStats,
      options,
    );
  }

  /** The number of vCPUs that a domain has. @param options `flags` of {@link AFFECT} */
  getVcpus(domain: DomainRef, { flags = 0, ...options }: FlagOptions = {}): Promise<number> {
    return this.call(
      REMOTE.DOMAIN_GET_VCPUS_FLAGS,
      (w) => onDomain(w, domain).flags(flags),
      (r) => r.int(),
      options,
    );
  }

  /** @param options `flags` of {@link AFFECT} */
  getSchedulerParameters(domain: DomainRef, { flags = 0, ...options }: FlagOptions = {}): Promise<SchedulerParameters> {
    return this.call(
      REMOTE.DOMAIN_GET_SCHEDULER_PARAMETERS_FLAGS,
      (w) => {
        onDomain(w, domain)
          .int(SCHEDULER_PARAMS_MAX)
          .flags(flags | STRING_OKAY);
      },
      (r) => fromTypedParams(readTypedParams(r, SCHEDULER_PARAMS_MAX)),
      options,
    );
  }

  setSchedulerParameters(
    domain: DomainRef,
    values: SchedulerParameters | readonly TypedParam[],
    { flags = 0, ...options }: FlagOptions = {},
  ): Promise<void> {
    return this.call(
      REMOTE.DOMAIN_SET_SCHEDULER_PARAMETERS_FLAGS,
      (w) => {
        writeTypedParams(onDomain(w, domain), toTypedParams(values, SCHEDULER_TYPES), SCHEDULER_PARAMS_MAX);
        w.flags(flags);
      },
      nothing,
      options,
    );
  }

  /** @param disk target name (`vda`) or source path */
  getBlockIoTune(domain: DomainRef, disk: string, { flags = 0, ...options }: FlagOptions = {}): Promise<BlockIoTune> {
    return this.call(
      REMOTE.DOMAIN_GET_BLOCK_IO_TUNE,
      (w) => {
        onDomain(w, domain)
          .optional(disk, writeString)
          .int(BLOCK_IO_TUNE_PARAMS_MAX)
          .flags(flags | STRING_OKAY);
      },
      (r) => {
        const params = readTypedParams(r, BLOCK_IO_TUNE_PARAMS_MAX);
        r.int();
        return fromTypedParams(params);
      },
      options,
    );
  }

  setBlockIoTune(
    domain: DomainRef,
    disk: string,
    values: BlockIoTune | readonly TypedParam[],
    { flags = 0, ...options }: FlagOptions = {},
  ): Promise<void> {
    return this.call(
      REMOTE.DOMAIN_SET_BLOCK_IO_TUNE,
      (w) => {
        onDomain(w, domain).string(disk, STRING_MAX_BYTES);
        writeTypedParams(w, toTypedParams(values, BLOCK_IO_TUNE_TYPES), BLOCK_IO_TUNE_PARAMS_MAX);
        w.flags(flags);
      },
      nothing,
      options,
    );
  }

  /** Starts a transient domain. @param options `flags` of {@link START} */
  createXml(xml: string, { flags = 0, ...options }: FlagOptions = {}): Promise<Domain> {
    return this.call(
      REMOTE.DOMAIN_CREATE_XML,
      (w) => w.string(xml, STRING_MAX_BYTES).flags(flags),
      readDomain,
      options,
    );
  }

  /** Makes a domain persistent or changes its configuration. @param options `flags` of {@link DEFINE} */
  defineXml(xml: string, { flags = 0, ...options }: FlagOptions = {}): Promise<Domain> {
    return this.call(
      REMOTE.DOMAIN_DEFINE_XML_FLAGS,
      (w) => w.string(xml, STRING_MAX_BYTES).flags(flags),
      readDomain,
      options,
    );
  }

  /** Starts a persistent domain; returns it with its new id. @param options `flags` of {@link START} */
  create(domain: DomainRef, { flags = 0, ...options }: FlagOptions = {}): Promise<Domain> {
    return this.call(REMOTE.DOMAIN_CREATE_WITH_FLAGS, (w) => onDomain(w, domain).flags(flags), readDomain, options);
  }

  /** Stops a domain immediately. @param options `flags` of {@link DESTROY} */
  destroy(domain: DomainRef, { flags = 0, ...options }: FlagOptions = {}): Promise<void> {
    return this.call(REMOTE.DOMAIN_DESTROY_FLAGS, (w) => onDomain(w, domain).flags(flags), nothing, options);
  }

  /** @param options `flags` of {@link UNDEFINE} */
  undefine(domain: DomainRef, { flags = 0, ...options }: FlagOptions = {}): Promise<void> {
    return this.call(REMOTE.DOMAIN_UNDEFINE_FLAGS, (w) => onDomain(w, domain).flags(flags), nothing, options);
  }

  suspend(domain: DomainRef, options?: CallOptions): Promise<void> {
    return this.call(REMOTE.DOMAIN_SUSPEND, (w) => writeDomain(w, domain), nothing, options);
  }

  resume(domain: DomainRef, options?: CallOptions): Promise<void> {
    return this.call(REMOTE.DOMAIN_RESUME, (w) => writeDomain(w, domain), nothing, options);
  }

  /**
   * Sends a command to the guest agent of a QEMU domain.
   * @param command JSON, `{"execute":"guest-ping"}`
   * @param options `agentTimeoutS`: libvirtd's timeout for the agent, seconds, or a value of {@link AGENT_TIMEOUT}
   * @returns the agent's reply, JSON; null when there is none
   */
  qemuAgentCommand(
    domain: DomainRef,
    command: string,
    {
      flags = 0,
      agentTimeoutS = AGENT_TIMEOUT.DEFAULT,
      ...options
    }: FlagOptions & { readonly agentTimeoutS?: number } = {},
  ): Promise<string | null> {
    return this.call(
      QEMU.DOMAIN_AGENT_COMMAND,
      (w) => {
        onDomain(w, domain).string(command, STRING_MAX_BYTES).int(agentTimeoutS).flags(flags);
      },
      (r) => r.optional(readString),
      options,
    );
  }

  /**
   * Listens to events of all domains. Resolves when the callback is registered at libvirtd.
   * @returns a function that stops listening
   */
  subscribe<K extends EventKind>(
    kind: K,
    listener: (event: DomainEvents[K]) => void,
    options: CallOptions = {},
  ): Promise<() => Promise<void>> {
    return this.#subscriptions.add(kind, listener, options);
  }
}

function onDomain(writer: XdrWriter, domain: DomainRef): XdrWriter {
  writeDomain(writer, domain);
  return writer;
}

function writeString(writer: XdrWriter, value: string): void {
  writer.string(value, STRING_MAX_BYTES);
}

function readString(reader: XdrReader): string {
  return reader.string(STRING_MAX_BYTES);
}
