import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toFile, toStream } from '../../../../src/observe/log/destination.ts';
import type { Destination } from '../../../../src/observe/log/destination.ts';
import { createLogger } from '../../../../src/observe/log/logger.ts';
import { Sink } from './sink.ts';

function logTo(destination: Destination) {
  const errors: (string | undefined)[] = [];
  const log = createLogger({
    level: 'info',
    format: 'json',
    destination,
    clock: () => 0,
    onError: (error) => errors.push(error.code),
  });
  return { log, logger: log.of('test'), errors };
}

function messages(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
}

const turn = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe('a stream', () => {
  it('that is closed for good (a broken pipe) is reported once, and logging continues', async () => {
    const stream = new Writable({
      write: (_chunk, _encoding, done) => {
        done(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
      },
    });
    const { log, logger, errors } = logTo(toStream(stream));
    for (let i = 0; i < 100; i++) {
      logger.info('x');
      await turn();
    }
    expect(errors).toEqual(['EPIPE']);
    await log.close();
  });

  it('that does not accept lines has a bounded queue', async () => {
    let text = '';
    const waiting: (() => void)[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write: (chunk: string, _, done) => {
        text += chunk;
        waiting.push(done);
      },
    });
    const { logger } = logTo(toStream(stream, 10_000));
    for (let i = 0; i < 1000; i++) logger.info(`line ${i}`);
    expect(stream.writableLength).toBeLessThanOrEqual(10_000);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      next();
      await turn();
    }
    const written = messages(text);
    const kept = written.filter((message) => message.startsWith('line'));
    expect(kept).toEqual(kept.map((_, index) => `line ${index}`));
    expect(written.find((message) => !message.startsWith('line'))).toBe(
      `${1000 - kept.length} log lines were lost: the log could not be written`,
    );
  });

  it('stays open and may be shared by several logs', async () => {
    const sink = new Sink();
    for (let i = 0; i < 20; i++) {
      const { log, logger } = logTo(toStream(sink));
      logger.info('x');
      await log.close();
    }
    expect(sink.lines).toHaveLength(20);
    expect(sink.writable).toBe(true);
    expect(sink.listenerCount('error')).toBe(1);
  });
});

describe('a file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ballast-log-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is not readable for all users', async () => {
    const path = join(folder, 'mode.log');
    await (await toFile(path)).close();
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });

  it('that is a pipe which nobody reads is refused at once', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    await expect(toFile(path)).rejects.toMatchObject({ code: 'ENXIO' });
  });

  it('is appended to, and its directory is created', async () => {
    const path = join(folder, 'new/dir/ballast.log');
    for (const message of ['1', '2']) {
      const { log, logger } = logTo(await toFile(path));
      logger.info(message);
      await log.close();
    }
    expect(messages(await readFile(path, 'utf8'))).toEqual(['1', '2']);
  });

  it('is reopened after it was moved away', async () => {
    const path = join(folder, 'rotated.log');
    const { log, logger } = logTo(await toFile(path));
    logger.info('before');
    await rename(path, `${path}.1`);
    log.reopen();
    for (;;) {
      logger.info('after');
      await turn();
      if (
        await readFile(path, 'utf8').then(
          (text) => text !== '',
          () => false,
        )
      )
        break;
    }
    await log.close();
    expect(messages(await readFile(`${path}.1`, 'utf8'))[0]).toBe('before');
    expect(new Set(messages(await readFile(path, 'utf8')))).toEqual(new Set(['after']));
  });

  it('that cannot be opened is an error at once', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(toFile(folder)).rejects.toMatchObject({ code: 'EISDIR' });
    await expect(toFile(join(folder, 'file', 'x.log'))).rejects.toMatchObject({
      code: expect.stringMatching(/^(ENOTDIR|EEXIST)$/) as string,
    });
  });

  it('resumes after a full disk, with the kept lines and the number of lost ones', async () => {
    const [link, good] = [join(folder, 'link.log'), join(folder, 'good.log')];
    await symlink('/dev/full', link);
    const { log, logger, errors } = logTo(await toFile(link, 1000));
    for (let i = 0; i < 100; i++) {
      logger.info(`line ${i}`);
      await turn();
    }
    // A thread writes the file, which may take a while.
    while (errors.length === 0) await turn();
    expect(errors).toEqual(['ENOSPC']);
    await rm(link);
    await symlink(good, link);
    log.reopen();
    let written: string[] = [];
    while (!written.some((message) => message.includes('lost'))) {
      await turn();
      written = messages(await readFile(good, 'utf8').catch(() => ''));
    }
    await log.close();
    const kept = written.slice(0, -1);
    expect(kept.length).toBeGreaterThan(5);
    expect(kept).toEqual(kept.map((_, index) => `line ${index}`));
    expect(written.at(-1)).toBe(`${100 - kept.length} log lines were lost: the log could not be written`);
  });

  it('on a full disk is reported once, and the program continues and exits', async () => {
    const { log, logger, errors } = logTo(await toFile('/dev/full'));
    for (let i = 0; i < 5; i++) {
      logger.info('x');
      await turn();
    }
    await log.close();
    expect(errors).toEqual(['ENOSPC']);
  });
});
