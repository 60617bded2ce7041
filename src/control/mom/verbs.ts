import { basename, extname } from 'node:path';
import { escapeControls } from '../../model/text.ts';
import type { LoggerOf } from '../../observe/log/logger.ts';
import { namedPolicy, policyTexts, type Policy } from '../api/settings.ts';
import { ROUTES } from '../api/routes.ts';
import { ApiError } from '../server/api-error.ts';
import { checked, shown } from '../server/request.ts';
import type { Call } from '../server/server.ts';
import type { RpcParam, RpcValue } from './xml-rpc.ts';

/** What a verb works with. */
export interface VerbContext {
  readonly call: Call;
  readonly client: string;
  readonly log: ReturnType<LoggerOf>;
}

interface Verb {
  readonly doc: string;
  /** The names of its parameters; all must be given. */
  readonly params: readonly string[];
  readonly run: (params: readonly RpcParam[], context: VerbContext) => Promise<RpcValue>;
}

/** The name that MOM gives to a policy without one. */
const MAIN = '50_main_';

/** MOM's names for levels, and what comes nearest. */
const LEVELS = new Map<string, 'debug' | 'info' | 'warn' | 'error'>([
  ['5', 'debug'],
  ['4', 'info'],
  ['3', 'warn'],
  ['2', 'error'],
  ['1', 'error'],
  ['debug', 'debug'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['error', 'error'],
  ['critical', 'error'],
]);

/** MOM's verbs, over the routes. Their results have the shapes that MOM gives them. */
export const VERBS: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ['ping', { doc: 'Answers true', params: [], run: async () => true }],
  [
    'setPolicy',
    {
      doc: 'Replaces all policies by one; false: it has errors, and the log names them',
      params: ['policy'],
      run: async ([given], context) => {
        const body = checked(policyTexts, { files: [{ name: MAIN, text: given }] }, 'the policy');
        return taken(body, () => context.call('setPolicy', { body }, context.client), context);
      },
    },
  ],
  [
    'setNamedPolicy',
    {
      doc: 'Replaces the policy of this name, adds it, or removes it if the text is nil; false: it has errors, and the log names them',
      params: ['name', 'policy'],
      run: ([name, policy], context) => setNamed(name ?? MAIN, policy ?? null, context),
    },
  ],
  [
    'getPolicy',
    {
      doc: 'All policies in effect as one text, in the order of their evaluation',
      params: [],
      run: async (_, context) => [...(await named(context)).values()].map(({ text }) => text).join('\n') || '0',
    },
  ],
  [
    'getNamedPolicies',
    {
      doc: 'The policies in effect, by name',
      params: [],
      run: async (_, context) => new Map([...(await named(context))].map(([name, { text }]) => [name, text])),
    },
  ],
  [
    'resetPolicies',
    {
      doc: 'Reads the config and its policies again; false: they have errors, and the log names them',
      params: [],
      run: async (_, { call, client }) => {
        try {
          await call('reload', {}, client);
          return true;
        } catch (error) {
          if (error instanceof ApiError && error.status === 409) return false;
          throw error;
        }
      },
    },
  ],
  [
    'setVerbosity',
    {
      doc: 'Sets the lowest level that is logged: 1 to 5, or critical, error, warn, info, debug',
      params: ['verbosity'],
      run: async ([verbosity], { call, client }) => {
        const level = LEVELS.get(String(verbosity));
        if (level === undefined)
          throw new ApiError(400, `there is no verbosity ${shown(String(verbosity))}; there are ${[...LEVELS.keys()].join(', ')}`); // prettier-ignore
        await call('setLogLevel', { body: { level } }, client);
        return true;
      },
    },
  ],
  [
    'getStatistics',
    {
      doc: 'The statistics of the last interval: of the host, and of the guests by name',
      params: [],
      run: async (_, { call, client }) => {
        const { time, host, guests } = await call('statistics', {}, client);
        if (time === null || host === null)
          throw new ApiError(503, 'there are no statistics of the host yet; try again after the next interval');
        const ofGuests = guests.map(({ name, fields }) => [name, struct(fields)] as const);
        return new Map<string, RpcValue>([['host', struct(host)], ['guests', new Map(ofGuests)]]); // prettier-ignore
      },
    },
  ],
  [
    'getActiveGuests',
    {
      doc: 'The names of the guests that are in policy evaluation',
      params: [],
      run: async (_, { call, client }) => (await call('statistics', {}, client)).guests.map(({ name }) => name),
    },
  ],
  ['system.listMethods', { doc: 'The names of all verbs', params: [], run: async () => [...VERBS.keys()].sort() }],
  [
    'system.methodHelp',
    {
      doc: 'What a verb does',
      params: ['name'],
      run: async ([name]) => VERBS.get(String(name))?.doc ?? '',
    },
  ],
]);

/** @throws ApiError */
export async function runVerb(method: string, params: readonly RpcParam[], context: VerbContext): Promise<RpcValue> {
  const verb = VERBS.get(method);
  if (verb === undefined)
    throw new ApiError(404, `there is no verb ${shown(method)}; there are ${[...VERBS.keys()].join(', ')}`);
  if (params.length !== verb.params.length)
    throw new ApiError(400, `${method}(${verb.params.join(', ')}) got ${params.length} parameters`);
  return verb.run(params, context);
}

interface NamedPolicy {
  /** As the routes name it. */
  readonly file: string;
  readonly text: string;
}

/** The policies by the names that MOM would give them, in the order of their evaluation. */
async function named({ call, client }: VerbContext): Promise<ReadonlyMap<string, NamedPolicy>> {
  const { files } = await call('policy', {}, client);
  const { config } = await call('config', {}, client);
  const { dir, files: configured } = config['policy'] as {
    readonly dir: string | null;
    readonly files: readonly string[];
  };
  const main = dir === null && configured.length === 1 ? configured[0] : null;
  const policies = new Map<string, NamedPolicy>();
  for (const { name: file, text } of files) {
    const name = file === main ? MAIN : basename(file, SUFFIXES.get(extname(file)));
    policies.set(policies.has(name) ? file : name, { file, text: text ?? '' });
  }
  return policies;
}

const SUFFIXES: ReadonlyMap<string, string> = new Map([
  ['.policy', '.policy'],
  ['.rules', '.rules'],
]);

async function setNamed(name: RpcParam, policy: RpcParam, context: VerbContext): Promise<boolean> {
  const { call, client } = context;
  const params = checked(ROUTES.setNamedPolicy.params, { name }, 'the name of the policy');
  const before = await named(context);
  const present = before.get(params.name);
  if (policy === null) {
    if (present !== undefined) await call('removeNamedPolicy', { params: { name: present.file } }, client);
    return true;
  }
  const body = checked(namedPolicy, { text: policy }, 'the policy');
  const replace = (): Promise<Policy> =>
    call('setNamedPolicy', { params: { name: present?.file ?? params.name }, body }, client);
  const files = [...before].map(([key, { file, text }]) => ({ key, name: file, text }));
  if (present !== undefined) {
    const after = files.map((each) => (each.key === params.name ? { ...each, text: body.text } : each));
    return taken({ files: after }, replace, context);
  }
  // MOM evaluates policies in the order of their names.
  const at = files.findIndex(({ key }) => key > params.name);
  const added = { key: params.name, name: params.name, text: body.text };
  const after = at < 0 ? [...files, added] : files.toSpliced(at, 0, added);
  const all = { files: after.map(({ name: file, text }) => ({ name: file, text })) };
  return taken(all, () => call('setPolicy', { body: all }, client), context);
}

/** What MOM answers when a policy is set: whether it could be loaded. Other refusals are faults. */
async function taken(
  { files }: { readonly files: readonly { readonly name: string; readonly text: string }[] },
  set: () => Promise<Policy>,
  { call, client, log }: VerbContext,
): Promise<boolean> {
  try {
    await set();
    return true;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    const { valid } = await call('checkPolicy', { body: { files: [...files] } }, client);
    if (valid) throw error;
    log.warn({ client }, escapeControls(`Policy refused, set by ${client}; those before stay in effect:`));
    for (const line of error.problems) log.warn({ client }, escapeControls(line));
    return false;
  }
}

function struct(fields: Readonly<Record<string, unknown>>): ReadonlyMap<string, RpcValue> {
  return new Map(Object.entries(fields) as [string, RpcValue][]);
}
