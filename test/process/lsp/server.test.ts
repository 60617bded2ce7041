import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  CodeAction,
  CompletionItem,
  DocumentSymbol,
  Hover,
  InlayHint,
  Location,
  SignatureHelp,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver-protocol';
import { builtinPlugins } from '../../../src/compose/plugins.ts';
import { serve } from '../../../src/tooling/lsp/server.ts';
import { startBallast } from '../../support/ballast.ts';
import { type RunningProcess } from '../../support/process.ts';
import { Client, edited, fileUri, positionOf, readText } from './client.ts';

let folder: string;
let client: Client;

const SETTINGS =
  '# How much of the host must stay free.\n(defvar reserve 0.2)\n\n# Shrinks a guest.\n(def shrink (vm share)\n  (vm.Control "balloon_target" (* share vm.balloon_cur)))\n';
const USER =
  '(with Guests vm\n  (if (< (/ Host.mem_free Host.mem_available) reserve)\n      (shrink vm 0.95)\n      0))\n';

const path = (name: string): string => join(folder, name);
const uri = (name: string): string => fileUri(path(name));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-lsp-'));
  await writeFile(path('00-settings.policy'), SETTINGS);
  await writeFile(path('50-user.policy'), USER);
  client = await Client.start({ folder });
});
afterAll(async () => {
  expect(await client.stop()).toBe(0);
  expect(client.stderr).toBe('');
  await rm(folder, { recursive: true, force: true });
});

const at = (name: string, text: string, part: string, plus = 0) => ({
  textDocument: { uri: uri(name) },
  position: positionOf(text, part, plus),
});

describe('while typing', () => {
  it('reports its name and capabilities', () => {
    expect(client.server.serverInfo?.name).toBe('ballast');
    expect(Object.keys(client.server.capabilities)).toEqual(
      expect.arrayContaining([
        ...['hoverProvider', 'renameProvider', 'codeActionProvider', 'signatureHelpProvider'],
        ...['semanticTokensProvider', 'foldingRangeProvider', 'inlayHintProvider'],
      ]),
    );
  });

  it('publishes diagnostics with UTF-16 positions, and clears them', async () => {
    const text = '(debug "🐏 größe" Host.mem_fre)\n';
    await client.open(uri('mistake.policy'), text);
    const [mistake, ...more] = await client.diagnostics(
      uri('mistake.policy'),
      ({ diagnostics }) => diagnostics.length > 0,
    );
    expect(more).toEqual([]);
    expect(mistake).toEqual({
      range: { start: positionOf(text, 'Host.mem_fre'), end: positionOf(text, 'Host.mem_fre', 'Host.mem_fre'.length) },
      severity: 1,
      code: 'unknown-field',
      source: 'ballast',
      message: 'unknown field "mem_fre"; did you mean "mem_free"?',
    });
    const end = positionOf(text, 'Host.mem_fre', 'Host.mem_fre'.length);
    await client.change(uri('mistake.policy'), 2, [{ range: { start: end, end }, text: 'e' }]);
    expect(await client.diagnostics(uri('mistake.policy'), ({ version }) => version === 2)).toEqual([]);
  });

  it('gives the address of the page about a message to an editor that can open it', async () => {
    const capabilities = { textDocument: { publishDiagnostics: { codeDescriptionSupport: true } } };
    const other = await Client.start({ folder, capabilities });
    try {
      await other.open(uri('page.policy'), '(debug Host.mem_fre)\n');
      const [mistake] = await other.diagnostics(uri('page.policy'), ({ diagnostics }) => diagnostics.length > 0);
      const page = await readFile(new URL(mistake!.codeDescription!.href), 'utf8');
      expect(page).toMatch(/^# `unknown-field`$/m);
    } finally {
      await other.stop();
    }
  });

  it('offers quick fixes for misspelt names', async () => {
    const text = '(with Guests vm\n  (vm.Contrl "balloon_targt" vm.balloon_kur))\n';
    await client.open(uri('fix.policy'), text);
    const diagnostics = await client.diagnostics(uri('fix.policy'), (each) => each.diagnostics.length > 0);
    const actions = await client.request<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri: uri('fix.policy') },
      range: { start: { line: 0, character: 0 }, end: { line: 3, character: 0 } },
      context: { diagnostics },
    });
    expect(actions.map(({ title, kind }) => [title, kind])).toEqual([
      ['Change Contrl to Control', 'quickfix'],
      ['Change balloon_kur to balloon_cur', 'quickfix'],
    ]);
    const fixed = edited(
      text,
      actions.flatMap(({ edit }) => edit?.changes?.[uri('fix.policy')] ?? []),
    );
    await client.change(uri('fix.policy'), 2, [{ text: fixed }]);
    const [left] = await client.diagnostics(uri('fix.policy'), ({ version }) => version === 2);
    expect(left).toMatchObject({
      code: 'unknown-control',
      message: 'unknown control "balloon_targt"; did you mean "balloon_target"?',
    });
  });

  it('clears the diagnostics of a closed file', async () => {
    await client.open(uri('closed.policy'), '(');
    await client.diagnostics(uri('closed.policy'), ({ diagnostics }) => diagnostics.length === 1);
    await client.close(uri('closed.policy'));
    expect(await client.diagnostics(uri('closed.policy'), ({ diagnostics }) => diagnostics.length === 0)).toEqual([]);
  });

  it('completes names while brackets and quotes are still open', async () => {
    const text = '(with Guests vm\n  (vm.Control "balloon_target" vm.ba\n(defvar later 1)\n';
    await client.open(uri('typing.policy'), text);
    const items = await client.request<CompletionItem[]>(
      'textDocument/completion',
      at('typing.policy', text, 'vm.ba', 5),
    );
    const found = items.find(({ label }) => label === 'balloon_cur');
    expect(found).toMatchObject({
      detail: 'number, KiB',
      textEdit: {
        newText: 'balloon_cur',
        range: { start: positionOf(text, 'vm.ba', 3), end: positionOf(text, 'vm.ba', 5) },
      },
    });
    expect(items.map(({ label }) => label)).not.toContain('ksm_run');
  });

  it('shows the signature of a call', async () => {
    const text = '(clamp 1 ';
    await client.open(uri('signature.policy'), text);
    const help = await client.request<SignatureHelp>(
      'textDocument/signatureHelp',
      at('signature.policy', text, '1 ', 2),
    );
    expect(help.signatures.map(({ label }) => label)).toEqual(['(clamp A LOW HIGH)']);
    expect(help.activeParameter).toBe(1);
  });
});

describe('the look of a text', () => {
  const text = '# How much\n# stays free.\n(param low 20%)\n(debug "🐏" low)\n(every 300\n  (debug 1))\n';
  const whole = { start: { line: 0, character: 0 }, end: { line: 6, character: 0 } };

  it('has colours: the first and the last line of a range, in UTF-16 units', async () => {
    await client.open(uri('look.policy'), text);
    const { legend } = client.server.capabilities.semanticTokensProvider ?? {};
    const request = async (method: string, more: object) => {
      const { data } = await client.request<{ data: number[] }>(`textDocument/semanticTokens/${method}`, {
        textDocument: { uri: uri('look.policy') },
        ...more,
      });
      return data;
    };
    expect((await request('full', {})).slice(0, 10)).toEqual([0, 0, 10, 0, 0, 1, 0, 13, 0, 0]);
    const line = { start: { line: 3, character: 0 }, end: { line: 4, character: 0 } };
    const data = await request('range', { range: line });
    const types = [0, 5, 10].map((at) => legend?.tokenTypes[data[at + 3] as number]);
    expect(types).toEqual(['function', 'string', 'parameter']);
    expect(data.slice(10)).toEqual([0, 5, 3, data[13], data[14]]);
  });

  it('can be folded', async () => {
    await client.open(uri('look.policy'), text);
    expect(
      await client.request('textDocument/foldingRange', { textDocument: { uri: uri('look.policy') } }),
    ).toMatchObject([
      { startLine: 0, endLine: 1, kind: 'comment' },
      { startLine: 4, endLine: 5 },
    ]);
  });

  it.each([
    ['shows hints', {}, ['= 20%', '= 5 min']],
    ['shows none if the setting says so', { inlayHints: false }, []],
  ])('%s', async (_, initializationOptions, want) => {
    const other = await Client.start({ initializationOptions });
    await other.open(uri('look.policy'), text);
    const hints = await other.request<InlayHint[]>('textDocument/inlayHint', {
      textDocument: { uri: uri('look.policy') },
      range: whole,
    });
    expect(hints.map(({ label }) => label)).toEqual(want);
    expect(await other.stop()).toBe(0);
  });
});

describe('formatting', () => {
  it('formats a file, but not one with errors', async () => {
    const text = '(with   Guests vm\n(debug "🐏"   vm.mem_unused))';
    await client.open(uri('layout.policy'), text);
    const format = () =>
      client.request<TextEdit[]>('textDocument/formatting', {
        textDocument: { uri: uri('layout.policy') },
        options: { tabSize: 8, insertSpaces: false },
      });
    const formatted = edited(text, await format());
    expect(formatted).toBe('(with Guests vm (debug "🐏" vm.mem_unused))\n');
    await client.change(uri('layout.policy'), 2, [{ text: formatted }]);
    expect(await format()).toEqual([]);
    await client.change(uri('layout.policy'), 3, [{ text: '(with   Guests vm' }]);
    expect(await format()).toEqual([]);
  });
});

describe('a program of several files', () => {
  beforeAll(async () => {
    await client.open(uri('50-user.policy'), USER);
    await client.diagnostics(uri('50-user.policy'));
  });

  it('consists of the numbered files of a directory: no name is unknown', async () => {
    expect(await client.diagnostics(uri('50-user.policy'))).toEqual([]);
    expect(await client.diagnostics(uri('00-settings.policy'))).toEqual([]);
  });

  it('shows a definition of another file on hover', async () => {
    const hover = await client.request<Hover>('textDocument/hover', at('50-user.policy', USER, 'reserve'));
    expect(hover.contents).toEqual({
      kind: 'markdown',
      value:
        '```ballast-policy\n(defvar reserve 0.2)\n```\nHow much of the host must stay free.\n\nvariable, 00-settings.policy:2\n\nHere: number',
    });
    expect(hover.range).toEqual({ start: positionOf(USER, 'reserve'), end: positionOf(USER, 'reserve', 7) });
  });

  it('finds a definition in another file, and its references', async () => {
    const definition = await client.request<Location[]>(
      'textDocument/definition',
      at('50-user.policy', USER, 'shrink'),
    );
    expect(definition).toEqual([
      {
        uri: uri('00-settings.policy'),
        range: { start: positionOf(SETTINGS, 'shrink ('), end: positionOf(SETTINGS, 'shrink (', 6) },
      },
    ]);
    const references = await client.request<Location[]>('textDocument/references', {
      ...at('50-user.policy', USER, 'shrink'),
      context: { includeDeclaration: true },
    });
    expect(references.map((each) => each.uri)).toEqual([uri('00-settings.policy'), uri('50-user.policy')]);
  });

  it('renames a function in all files', async () => {
    const params = at('50-user.policy', USER, 'shrink');
    const { changes } = await client.request<WorkspaceEdit>('textDocument/rename', { ...params, newName: 'take' });
    expect(edited(USER, changes?.[uri('50-user.policy')] ?? [])).toBe(USER.replace('shrink', 'take'));
    expect(edited(SETTINGS, changes?.[uri('00-settings.policy')] ?? [])).toBe(
      SETTINGS.replace('(def shrink', '(def take'),
    );
  });

  it('refuses a name that is taken, with a message', async () => {
    await expect(
      client.request('textDocument/rename', { ...at('50-user.policy', USER, 'shrink'), newName: 'reserve' }),
    ).rejects.toThrow('there is a variable reserve, which would hide the function');
    await expect(client.request('textDocument/prepareRename', at('50-user.policy', USER, 'mem_free'))).rejects.toThrow(
      'mem_free is a field',
    );
  });

  it('uses unsaved changes of other files', async () => {
    await client.open(uri('00-settings.policy'), SETTINGS.replace('reserve', 'kept'));
    const [unknown] = await client.diagnostics(uri('50-user.policy'), ({ diagnostics }) => diagnostics.length > 0);
    expect(unknown).toMatchObject({ code: 'unknown-name', range: { start: positionOf(USER, 'reserve') } });
    await client.change(uri('00-settings.policy'), 2, [{ text: SETTINGS }]);
    expect(await client.diagnostics(uri('50-user.policy'), ({ diagnostics }) => diagnostics.length === 0)).toEqual([]);
  });

  it('outlines a file', async () => {
    const symbols = await client.request<DocumentSymbol[]>('textDocument/documentSymbol', {
      textDocument: { uri: uri('00-settings.policy') },
    });
    expect(symbols.map(({ name, detail }) => [name, detail])).toEqual([
      ['reserve', ''],
      ['shrink', '(vm share)'],
    ]);
  });

  it('handles a deleted file', async () => {
    await writeFile(path('60-gone.policy'), '(defvar gone 1)\n');
    await client.open(uri('70-last.policy'), '(debug gone)\n');
    expect(await client.diagnostics(uri('70-last.policy'))).toEqual([]);
    await rm(path('60-gone.policy'));
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: uri('60-gone.policy'), type: 3 }],
    });
    expect(await client.diagnostics(uri('70-last.policy'), ({ diagnostics }) => diagnostics.length > 0)).toMatchObject([
      { code: 'unknown-name' },
    ]);
    await client.close(uri('70-last.policy'));
  });
});

describe('a text that is not a policy file', () => {
  it('is rejected with a message: a binary file, a huge file', async () => {
    await client.open(uri('binary.policy'), 'a\u0000b');
    expect(await client.diagnostics(uri('binary.policy'))).toMatchObject([{ code: 'not-text' }]);
    await client.open(uri('huge.policy'), '(debug 1)\n'.repeat(100_000));
    expect(await client.diagnostics(uri('huge.policy'))).toMatchObject([{ code: 'source-too-long' }]);
    expect(
      await client.request('textDocument/hover', {
        textDocument: { uri: uri('huge.policy') },
        position: { line: 90_000, character: 1 },
      }),
    ).toBeNull();
  });

  it('is checked: a buffer that was never saved', async () => {
    await client.open('untitled:Untitled-1', '(+ 1 nosuch)');
    expect(await client.diagnostics('untitled:Untitled-1')).toMatchObject([{ code: 'unknown-name' }]);
  });
});

describe('programs from settings and config', () => {
  const first = '(def half (x) (/ x 2))\n';
  const second = '(debug (half 3))\n';

  it.each([
    ['the setting ballast.programs', { settings: { programs: [['first.policy', 'second.policy']] } }],
    ['initialization options', { initializationOptions: { programs: [['first.policy', 'second.policy']] } }],
    ['the config', { args: ['-c', 'CONFIG'] }],
  ])('%s', async (_, options) => {
    await writeFile(path('first.policy'), first);
    await writeFile(path('second.policy'), second);
    await writeFile(path('ballast.yaml'), 'policy: {files: [first.policy, second.policy]}\n');
    const args = 'args' in options ? ['-c', path('ballast.yaml')] : [];
    const other = await Client.start({ folder, ...options, args });
    await other.open(uri('second.policy'), second);
    expect(await other.diagnostics(uri('second.policy'), ({ diagnostics }) => diagnostics.length === 0)).toEqual([]);
    expect(await other.stop()).toBe(0);
  });

  it('ignores an invalid config, with a message', async () => {
    await writeFile(path('wrong.yaml'), 'nonsense: 1\n');
    const other = await Client.start({ args: ['--config', path('wrong.yaml'), '--stdio'] });
    await other.open(uri('second.policy'), '(debug (hlaf 3))');
    await other.diagnostics(uri('second.policy'));
    expect(other.messages).toEqual([
      expect.stringMatching(/^The config cannot be loaded; continuing with the defaults: .*wrong\.yaml:1:1/),
    ]);
    expect(await other.stop()).toBe(0);
  });
});

describe('a config that changes', () => {
  const user = '(param limit 5GiB)\n(debug (half limit))\n';
  let other: Client;

  beforeAll(async () => {
    await writeFile(path('half.policy'), '(def half (x) (/ x 2))\n');
    await writeFile(path('user.policy'), user);
    await writeFile(
      path('changing.yaml'),
      'policy: {files: [half.policy, user.policy], parameters_file: set.yaml, parameters: {limit: 6GiB}}\n',
    );
    other = await Client.start({ args: ['-c', path('changing.yaml')] });
    await other.open(uri('user.policy'), user);
    expect(await other.diagnostics(uri('user.policy'))).toEqual([]);
  });

  afterAll(async () => {
    expect(await other.stop()).toBe(0);
  });

  const hoverOfLimit = async (): Promise<string> => {
    const hover = await other.request<{ contents: { value: string } }>('textDocument/hover', {
      textDocument: { uri: uri('user.policy') },
      position: { line: 1, character: 14 },
    });
    return hover.contents.value;
  };

  it('shows values of the parameters file as soon as they are written', async () => {
    expect(await hoverOfLimit()).toContain('changing.yaml sets limit to `6GiB`.');
    await writeFile(path('set.yaml'), 'limit: 7GiB\n');
    expect(await hoverOfLimit()).toContain('set.yaml sets limit to `7GiB`.');
    expect(await hoverOfLimit()).not.toContain('6GiB');
  });

  it('ignores an invalid parameters file, with a message', async () => {
    await writeFile(path('set.yaml'), 'limit: [7GiB]\n');
    expect(await hoverOfLimit()).toContain('changing.yaml sets limit to `6GiB`.');
    expect(other.messages.at(-1)).toMatch(/^Ballast ignores the parameters file: .*set\.yaml:1:8/);
    await rm(path('set.yaml'));
  });

  it('keeps the last valid config while it is invalid, with a message', async () => {
    await writeFile(path('changing.yaml'), 'policy: {fils: [half.policy]}\n');
    expect(await hoverOfLimit()).toContain('changing.yaml sets limit to `6GiB`.');
    expect(other.messages.at(-1)).toMatch(
      /^The config cannot be loaded; continuing with the previous config: .*changing\.yaml:1:10/,
    );
  });

  it('is noticed without typing', async () => {
    await writeFile(path('changing.yaml'), 'policy: {files: [user.policy]}\n');
    const found = await other.diagnostics(uri('user.policy'), ({ diagnostics }) => diagnostics.length > 0);
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining('unknown function "half"')]);
  });
});

describe('the exit of the server', () => {
  it('has code 1 when the input ends without a shutdown request', async () => {
    const other = await Client.start();
    other.endInput();
    expect(await other.exitCode()).toBe(1);
  });

  describe('happens within three seconds', () => {
    const PARTIAL = 'Content-Length: 100\r\n\r\n{"jsonrpc"';

    /** Starts a server with this input, makes it exit with `end`, and returns its exit code, standard error and whether it was quick. */
    const exitAfter = async (input: string, end: (ballast: RunningProcess) => void) => {
      const ballast = startBallast(['lsp'], { stdin: 'pipe' });
      const hello = JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { processId: null, rootUri: null, capabilities: {} },
      });
      // In one write: a server that has replied to the request has read the rest, too.
      ballast.write(`Content-Length: ${hello.length}\r\n\r\n${hello}${input}`);
      await ballast.waitForLine(/^Content-Length/);
      const endMs = performance.now();
      end(ballast);
      const { code } = await ballast.exit;
      return { code, stderr: ballast.stderr, isQuick: performance.now() - endMs < 3000 };
    };

    it('has code 1 after the end of input within a message', async () => {
      expect(await exitAfter(PARTIAL, (ballast) => ballast.endInput())).toEqual({ code: 1, stderr: [], isQuick: true });
    });

    it('has code 0 after a signal within a message', async () => {
      expect(await exitAfter(PARTIAL, (ballast) => ballast.kill('SIGTERM'))).toEqual({
        code: 0,
        stderr: [],
        isQuick: true,
      });
    });

    it('has code 1 and a message after a header without a valid length', async () => {
      expect(await exitAfter('', (ballast) => ballast.write('Content-Length: many\r\n\r\n{}'))).toEqual({
        code: 1,
        stderr: ['standard input is no longer the language server protocol: a message has no valid Content-Length'],
        isQuick: true,
      });
    });
  });

  it('has code 1 and a message if the input is not the protocol', async () => {
    const ballast = startBallast(['lsp'], { stdin: 'pipe' });
    ballast.write('hello\n');
    expect(await ballast.exit).toMatchObject({ code: 1 });
    expect(ballast.stderr).toEqual([
      'standard input is not the language server protocol: it begins with "hello\\n" instead of Content-Length; "ballast lsp" must be started by an editor',
    ]);
  });

  it('does not follow a message that is not JSON: it is reported, and the next request gets a response', async () => {
    const ballast = startBallast(['lsp'], { stdin: 'pipe' });
    const bye = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'shutdown' });
    ballast.write(`Content-Length: 2\r\n\r\n{]Content-Length: ${bye.length}\r\n\r\n${bye}`);
    await ballast.waitForLine(/^a message on standard input is not JSON: /);
    await ballast.waitForLine(/^Content-Length/);
    ballast.endInput();
    await ballast.exit;
  });

  it('is immediate if requested before the start', async () => {
    const input = new PassThrough();
    const known = { vocabulary: builtinPlugins().vocabulary, limits: {}, overrides: [], warning: null, programs: [] };
    const options = {
      readConfig: () => Promise.resolve(known),
      version: '0',
      isAlive: () => true,
      pages: null,
      log: () => {},
    };
    const files = { read: () => Promise.reject(new Error('none')), list: () => Promise.resolve([]) };
    expect(await serve({ ...options, files, input, output: new PassThrough(), stop: AbortSignal.abort() })).toBe(0);
    expect(input.destroyed).toBe(true);
  });

  it('is not delayed by a pipe among the policy files of a folder', async () => {
    const beside = await mkdtemp(path('beside-'));
    execFileSync('mkfifo', [join(beside, '00-pipe.policy')]);
    const other = await Client.start();
    const file = fileUri(join(beside, '50-user.policy'));
    await other.open(file, '(debug 1)');
    expect(await other.diagnostics(file)).toEqual([]);
    expect(await other.stop()).toBe(0);
  });

  it('has code 1 when the editor process has exited', async () => {
    const editor = spawn('sleep', ['600']);
    const other = await Client.start({ processId: editor.pid as number });
    editor.kill('SIGKILL');
    expect(await other.exitCode()).toBe(1);
  });

  it('has code 0 after a signal', async () => {
    const other = await Client.start();
    process.kill(other.pid, 'SIGTERM');
    expect(await other.exitCode()).toBe(0);
  });
});

describe('the shipped policies', () => {
  it('have no errors', async () => {
    const shipped = new URL('../../../policies/mom-balloon.policy', import.meta.url);
    await client.open(shipped.href, readText(shipped.pathname));
    expect(await client.diagnostics(shipped.href)).toEqual([]);
  });
});
