import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PATHS } from '../../../src/control/api/paths.ts';
import { defaultConfig } from '../../../src/compose/config.ts';
import { eventually } from '../../support/eventually.ts';
import { controlDaemon, send, type RawAnswer } from '../../support/control-daemon.ts';
import { sharedHost } from '../../support/running-daemon.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-control-'));
});
// Again if the daemon of the test, which ends later, has just written to it.
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

interface Operation {
  readonly operationId: string;
  readonly responses: {
    readonly 200: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  };
}
const description = JSON.parse(readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: { readonly Problem: object } };
};
const ajv = new Ajv2020({ strict: false, formats: { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) } });
const operations = Object.values(description.paths).flatMap((methods) => Object.values(methods));

function fits(name: string, { status, type, body }: RawAnswer): void {
  const isProblem = status !== 200;
  expect(type, JSON.stringify(body)).toBe(isProblem ? 'application/problem+json' : 'application/json');
  const schema = isProblem
    ? description.components.schemas.Problem
    : operations.find(({ operationId }) => operationId === name)!.responses[200].content['application/json'].schema;
  const validate = ajv.compile(schema);
  expect(validate(body), `${name}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`).toBe(true);
}

const POLICY = '(param share 50%) (with Guests g (g.Control "balloon_target" (* share g.balloon_max) "to half"))';
const OTHER = '(with Guests g (g.Control "balloon_target" (* 0.75 g.balloon_max)))';

/** A request for each route, in an order in which all succeed, and what must be in the answer. */
const SCRIPT: readonly (readonly [name: keyof typeof PATHS, params: string, body: object | undefined, within: object])[] = [
  ['version', '', undefined, { api: 1, version: '0.0.0' }],
  ['status', '', undefined, { dry_run: false, policies: ['test.policy'], overcommit: { guests: 2, without_statistics: 0 } }],
  ['guests', '', undefined, { guests: [{ name: 'a', max_kib: 1048576, target_kib: 524288, wanted_by: 'policy' }, { name: 'b' }] }],
  ['statistics', '', undefined, { host: { ksm_run: expect.any(Number) }, guests: [{ name: 'a', fields: { balloon_max: 1048576 } }, { name: 'b' }] }],
  ['decisions', '?guest=a&limit=1', undefined, { decisions: [{ guest: { name: 'a' }, to: 524288, reason: 'to half', status: 'done' }] }],
  ['holds', '?guard=budget', undefined, { more: false }],
  ['why', '?guest=a', undefined, { guest: { name: 'a' } }],
  ['why', '', undefined, { guest: null }],
  ['parameters', '', undefined, { parameters: [{ name: 'share', value: '50%', overrides: [] }] }],
  ['policy', '', undefined, { set: false, files: [{ name: 'test.policy', text: POLICY }] }],
  ['config', '', undefined, { path: null, config: { collectIntervalMs: 30 } }],
  ['logLevel', '', undefined, { level: 'info' }],
  ['recording', '', undefined, { path: null }],
  ['pause', '', { what: 'guest', guest: 'b', until: '2099-01-01T00:00:00Z', reason: 'backup' }, { kept: true, pauses: [{ guest: { name: 'b' }, by: 'an unnamed client of control.sock' }] }],
  ['pause', '', { what: 'ksm' }, { pauses: [{ what: 'guest' }, { what: 'ksm', until: null }] }],
  ['pauses', '', undefined, { pauses: [{ what: 'guest' }, { what: 'ksm' }] }],
  ['status', '', undefined, { pauses: [{ what: 'guest' }, { what: 'ksm' }] }],
  ['resume', '', { what: 'guest', guest: 'b' }, { pauses: [{ what: 'ksm' }] }],
  ['setParameter', 'share', { value: '40%' }, { parameters: [{ value: '40%' }] }],
  ['setParameter', 'share', { value: 0.3, guests: 'b*' }, { parameters: [{ value: '40%', overrides: [{ guests: 'b*', value: '0.3' }] }] }],
  ['resetParameter', 'share', undefined, { parameters: [{ value: '50%', overrides: [{ guests: 'b*' }] }] }],
  ['checkPolicy', '', { files: [{ name: 'x', text: '(nonsense' }] }, { valid: false, diagnostics: [{ file: 'x', line: 1, severity: 'error' }] }],
  ['checkPolicy', '', { files: [{ name: 'x', text: OTHER }] }, { valid: true, diagnostics: [] }],
  ['setNamedPolicy', 'night', { text: '(+ 1 2)' }, { set: true, files: [{ name: 'test.policy' }, { name: 'night' }] }],
  ['removeNamedPolicy', 'test.policy', undefined, { set: true, files: [{ name: 'night' }] }],
  ['setPolicy', '', { files: [{ name: 'day', text: OTHER }] }, { set: true, files: [{ name: 'day', text: OTHER }] }],
  ['evaluate', '', undefined, { accepted: true }],
  ['release', '', { guests: ['a'], dry_run: true }, { asked: 1, dry_run: true, guests: [{ name: 'a', to_kib: 1048576, why: null }] }],
  ['reserve', 'web-9', { kib: 1024, until: '2099-01-01T00:00:00Z' }, { reservations: [{ name: 'web-9', kib: 1024, expired: false }] }],
  ['reservations', '', undefined, { reservations: [{ name: 'web-9' }] }],
  ['unreserve', 'web-9', undefined, { reservations: [] }],
  ['setLogLevel', '', { level: 'debug' }, { level: 'debug' }],
  ['startRecording', '', { path: '/FOLDER/run/r.jsonl' }, {}],
  ['stopRecording', '', undefined, { path: null }],
]; // prettier-ignore

describe('the routes', () => {
  it('answer as openapi.json says, each of them, from a running daemon', async () => {
    const host = await sharedHost(folder, [{ name: 'a' }, { name: 'b' }]);
    const { sockets, until, fake, daemon } = await controlDaemon(folder, host, POLICY);
    await until('both are halved', () => fake.all().every(({ currentKib }) => currentKib === 524_288));
    await until('some more intervals', () => daemon.counts.evaluations > 3);
    const asked = new Set<string>();
    for (const [name, params, body, within] of SCRIPT) {
      const { method, path } = PATHS[name];
      const filled = path.includes('{') ? path.replace(/\{\w+\}/, params) : `${path}${params}`;
      const text = body && JSON.stringify(body).replace('/FOLDER', folder);
      const ask = async (): Promise<void> => {
        const answer = await send(sockets.control, method, filled, text);
        fits(name, answer);
        expect(answer.body, `${method} ${filled}`).toMatchObject(within);
        expect(answer.status).toBe(200);
      };
      // An interval may have had no fresh statistics of a guest: what is only read may be read again.
      await (method === 'GET' ? eventually(ask) : ask());
      asked.add(name);
    }
    // There is no config to reload here.
    const reload = await send(sockets.control, 'POST', '/v1/reload');
    fits('reload', reload);
    expect(reload).toMatchObject({ status: 409, body: { detail: 'the config of a test cannot be read again' } });
    expect([...asked, 'reload'].sort()).toEqual(Object.keys(PATHS).sort());
  });

  it('that change something are refused on status.sock, and the others are not', async () => {
    const host = await sharedHost(folder, [{ name: 'a' }]);
    const { sockets } = await controlDaemon(folder, host, POLICY);
    for (const [name, { method, path }] of Object.entries(PATHS)) {
      const body = method === 'PUT' || method === 'POST' ? '{}' : undefined;
      const answer = await send(sockets.status, method, path.replace(/\{\w+\}/, 'x'), body);
      fits(name, answer);
      expect(answer.status, name).toBe(method === 'GET' ? 200 : 403);
    }
  });

  it.each([
    ['GET', '/', undefined, 404, 'there is no /'],
    ['GET', '/v1/nothing?x=1', undefined, 404, 'there is no /v1/nothing'],
    ['DELETE', '/v1/status', undefined, 405, '/v1/status takes GET, not DELETE'],
    ['GET', '/v1/status?x=1', undefined, 400, '/v1/status takes no query, and got x'],
    ['GET', '/v1/why?guest=a&guest=b', undefined, 400, 'the query has guest more than once'],
    ['GET', '/v1/why?gest=a', undefined, 400, 'the query is wrong: the query: Unrecognized key: "gest"'],
    ['GET', '/v1/why?guest=A', undefined, 404, 'no guest A runs; did you mean a?'],
    ['GET', '/v1/decisions?limit=1e9', undefined, 400, 'the query is wrong: limit: '],
    ['GET', '/v1/decisions?since=yesterday', undefined, 400, 'the query is wrong: since: '],
    ['PUT', '/v1/parameters/%zz', '{"value": 1}', 400, 'the path has an invalid % escape'],
    ['PUT', '/v1/parameters/shar', '{"value": "1%"}', 400, 'shar: '],
    ['PUT', '/v1/parameters/share', '{"value": "4 apples"}', 400, 'share: '],
    ['PUT', '/v1/parameters/share', '{"value": "1%", "label": "x", "guests": "y"}', 400, 'label and guests exclude each other'],
    ['DELETE', '/v1/parameters/share', undefined, 404, 'share is not set in '],
    ['POST', '/v1/pause', '{"what": "everything"}', 400, 'the body is wrong: what: '],
    ['POST', '/v1/pause', '{"what": "guest"}', 400, 'guest is missing'],
    ['POST', '/v1/pause', '{"what": "ksm", "guest": "a"}', 400, 'guest goes with what = guest'],
    ['POST', '/v1/pause', '{"what": "guest", "guest": "zz"}', 404, 'no guest zz runs'],
    ['POST', '/v1/pause', '{"what": "all", "until": "2001-01-01T00:00:00Z"}', 400, 'until 2001-01-01T00:00:00Z is over'],
    ['POST', '/v1/pause', '{"what": ', 400, 'the body is not JSON: '],
    ['POST', '/v1/pause', Buffer.from([0x22, 0xff, 0x22]), 400, 'the body is not JSON: '],
    ['POST', '/v1/resume', '{"what": "all"}', 404, 'all is not paused'],
    ['PUT', '/v1/policy', '{"files": [{"name": "x", "text": "(Nothing.Here)"}]}', 409, 'x:1:'],
    ['PUT', '/v1/policy', '{"files": [{"name": "x", "text": "1"}, {"name": "x", "text": "2"}]}', 400, 'two policies have the same name'],
    ['DELETE', '/v1/policies/test.policy', undefined, 409, 'test.policy is the only policy'],
    ['DELETE', '/v1/policies/x', undefined, 404, 'there is no policy x; there are test.policy'],
    ['PUT', '/v1/reservations/x', '{"kib": 1.5, "until": "2099-01-01T00:00:00Z"}', 400, 'the body is wrong: kib: '],
    ['PUT', '/v1/reservations/x', '{"kib": 15, "until": "9999-12-31T23:59:59-14:00"}', 400, 'the body is wrong: until: expected a time before the year 10000'],
    ['POST', '/v1/pause', '{"what": "all", "until": "9999-12-31T23:59:59-14:00"}', 400, 'the body is wrong: until: '],
    ['POST', '/v1/resume', '{"what": "guest", "guest": "a"}', 404, 'guest a is not paused'],
    ['DELETE', '/v1/reservations/x', undefined, 404, 'nothing is reserved for x'],
    ['POST', '/v1/release', '{"guests": ["A"]}', 404, 'no guest A runs; did you mean a?'],
    ['POST', '/v1/release', '{"guests": []}', 400, 'the body is wrong: guests: '],
    ['POST', '/v1/recording', '{}', 409, 'the config has no file to record to'],
    ['POST', '/v1/recording', '{"path": "/nowhere/there/r.jsonl"}', 409, 'cannot record to /nowhere/there/r.jsonl: the config permits '],
    ['POST', '/v1/recording', '{"path": "r.jsonl"}', 400, 'the body is wrong: path: expected an absolute path'],
    ['DELETE', '/v1/recording', undefined, 404, 'nothing is recorded'],
  ] as const)('%s %s %s: %i', async (method, path, body, status, detail) => {
    const host = await sharedHost(folder, [{ name: 'a' }]);
    const { sockets, until, daemon, controlled } = await controlDaemon(folder, host, POLICY);
    await until('an interval', () => daemon.counts.intervals > 1);
    const answer = await send(sockets.control, method, path, body);
    fits('', answer);
    expect(answer).toMatchObject({ status, body: { detail: expect.stringContaining(detail) as string } });
    expect(controlled.running.pauses.all).toEqual([]);
  }); // prettier-ignore
});

it('the config is shown without what plugins keep secret', async () => {
  const host = await sharedHost(folder, [{ name: 'a' }]);
  const pluginSettings = { ...defaultConfig().pluginSettings, pager: { api_token: 'hunter2', room: 'ops' } };
  const { sockets } = await controlDaemon(folder, host, POLICY, { pluginSettings });
  expect((await send(sockets.status, 'GET', '/v1/config')).body).toMatchObject({
    config: { pluginSettings: { pager: { api_token: '(removed)', room: 'ops' } } },
  });
});
