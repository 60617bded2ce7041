import { dirname, resolve } from 'node:path';
import { bindPlaced } from '../../parameters/check.ts';
import { unreadable, unwritable } from '../../model/file-errors.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { ParamResolver } from '../../policy/index.ts';
import { RecordingError } from '../../recording/reader.ts';
import { junit } from '../../tooling/testing/junit.ts';
import { runCase, type Moment } from '../../tooling/testing/run.ts';
import type { TestCase } from '../../tooling/testing/suite.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { MomentError } from '../support/moment.ts';
import { testFilesIn, TestFileError } from './test-files.ts';
import { loadSuites, type LoadedSuite } from './test-load.ts';
import { Moments } from './test-moments.ts';
import { coverageShortfalls, coverageText, jsonText, problemText, resultText, type TestResult } from './test-text.ts';
import { writeOutput } from '../support/write-output.ts';

export interface TestCommandOptions {
  /** Test files, and directories with *.test.yaml files. */
  readonly files: readonly string[];
  /** Run only cases whose name contains this; null: all. */
  readonly filter: string | null;
  readonly coverage: boolean;
  /** Minimum branch coverage, percent, 0 to 100; null: none. */
  readonly minCoverage: number | null;
  /** The file for a JUnit report; null: none. */
  readonly junit: string | null;
  readonly json: boolean;
  /** Monotonic, milliseconds: an endless policy is stopped as in the daemon. */
  readonly clock: () => number;
}

/**
 * `ballast test FILE…`: runs policy tests. Exit code 1 if a case fails.
 * @throws TestFileError
 */
export async function runPolicyTests(options: TestCommandOptions, io: Io, vocabulary: Vocabulary): Promise<number> {
  const loaded = await loadSuites(await testFilesIn(options.files), io, vocabulary);
  try {
    return await new TestRun(options, io, vocabulary, loaded).run();
  } catch (error) {
    // A recording can disappear while the cases run.
    throw error instanceof RecordingError ? new TestFileError(error.message, { cause: error }) : error;
  }
}

class TestRun {
  readonly #options: TestCommandOptions;
  readonly #io: Io;
  readonly #suites: readonly LoadedSuite[];
  readonly #controls;
  readonly #vocabulary: Vocabulary;
  readonly #moments = new Moments();
  readonly #results: TestResult[] = [];
  readonly #warn = (message: string): void => void this.#io.stderr.write(`warning: ${message}\n`);

  constructor(options: TestCommandOptions, io: Io, vocabulary: Vocabulary, suites: readonly LoadedSuite[]) {
    this.#options = options;
    this.#io = io;
    this.#suites = suites;
    this.#vocabulary = vocabulary;
    this.#controls = new Map(vocabulary.controls.map((control) => [control.name, control]));
  }

  async run(): Promise<number> {
    const { filter, json } = this.#options;
    const isWanted = ({ name }: TestCase) => filter === null || name.includes(filter);
    if (!this.#suites.some(({ suite }) => suite.cases.some(isWanted)))
      throw new TestFileError(`no case name contains ${JSON.stringify(filter)}`);
    await this.#checkMoments(isWanted);
    for (const loaded of this.#suites) {
      const results: TestResult[] = [];
      for (const test of loaded.suite.cases.filter(isWanted)) results.push(await this.#case(test, loaded));
      this.#results.push(...results);
      if (!json && results.length > 0) this.#io.stdout.write(resultText(loaded.suite.file, results));
    }
    return this.#end();
  }

  async #case(test: TestCase, { suite, policy }: LoadedSuite): Promise<TestResult> {
    const { program, coverage, sources } = policy;
    const params = new ParamResolver(bindPlaced({ declared: program, otherPolicies: false }, test.params).bound);
    const moment = await this.#moment(test, suite.file, program, params);
    const { failures } = runCase(test, {
      program,
      coverage,
      controls: this.#controls,
      vocabulary: this.#vocabulary,
      params,
      moment,
      clock: this.#options.clock,
    });
    return { file: suite.file, test, failures, sources };
  }

  async #moment(
    { recording }: TestCase,
    file: string,
    program: LoadedSuite['policy']['program'],
    params: ParamResolver,
  ): Promise<Moment | null> {
    if (recording === null) return null;
    return this.#moments.find(resolve(dirname(file), recording.file), recording.at, {
      program,
      params,
      evaluate: { clock: this.#options.clock },
      warn: this.#warn,
    });
  }

  /** Checks all recordings before any case runs, to report all problems at once. @throws TestFileError */
  async #checkMoments(isWanted: (test: TestCase) => boolean): Promise<void> {
    const problems = new Set<string>();
    for (const { suite } of this.#suites) {
      for (const { recording, line } of suite.cases.filter(isWanted)) {
        if (recording === null) continue;
        try {
          await this.#moments.check(resolve(dirname(suite.file), recording.file), recording.at, this.#warn);
        } catch (error) {
          problems.add(`${suite.file}:${line}: ${momentProblem(error, recording.file)}`);
        }
      }
    }
    if (problems.size > 0) throw new TestFileError([...problems].join('\n'));
  }

  async #end(): Promise<number> {
    const { stdout, stderr } = this.#io;
    const { json, coverage, minCoverage } = this.#options;
    const failed = this.#results.filter(({ failures }) => failures.length > 0).length;
    const policies = [...new Set(this.#suites.map(({ policy }) => policy))];
    if (json) stdout.write(jsonText(this.#results, policies));
    else {
      if (coverage || minCoverage !== null) stdout.write(coverageText(policies, coverage));
      stdout.write(`\n${this.#results.length - failed} passed, ${failed} failed\n`);
    }
    if (this.#options.junit !== null) await this.#writeJunit(this.#options.junit);
    const short = minCoverage === null ? [] : coverageShortfalls(policies, minCoverage);
    for (const line of short) stderr.write(`${line}\n`);
    return failed > 0 || short.length > 0 ? EXIT.problems : EXIT.ok;
  }

  async #writeJunit(path: string): Promise<void> {
    try {
      await writeOutput(
        path,
        junit(
          this.#results.map((result) => ({
            suite: result.file,
            name: result.test.name,
            line: result.test.line,
            problem: result.failures.length === 0 ? null : problemText(result),
          })),
        ),
      );
    } catch (error) {
      const why = unwritable(error);
      if (why === null) throw error;
      throw new TestFileError(`the report ${path} cannot be written: ${why}`);
    }
  }
}

function momentProblem(error: unknown, recording: string): string {
  if (error instanceof RecordingError || error instanceof MomentError) return error.message;
  const why = unreadable(error);
  if (why === null) throw error;
  return `the recording ${recording} cannot be read: ${why}`;
}
