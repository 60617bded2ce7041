import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtinPlugins } from '../src/compose/plugins.ts';
import { loadPolicy, type PolicySource } from '../src/policy/index.ts';
import { buildPackage, runNode } from './built.ts';
import { median, timed } from './measure.ts';

const RUNS = 7;

/** A typical function of about ten lines: nested conditions and a guard. */
function functionText(index: number): string {
  const callee = index === 0 ? 'vm.balloon_cur' : `(size_${index - 1} vm)`;
  return `# Step ${index}: how large the guest should be.
(def size_${index} (vm)
  (let ((used (- vm.balloon_cur (vm.StatAvg "mem_unused"))))
    (if (and (valid vm.swap_in) (> vm.swap_in ${index}))
        (min vm.balloon_max (* 1.1 ${callee}))
        (if (> used (* 0.8 vm.balloon_cur))
            (max vm.balloon_min (+ used ${index}MiB))
            (cond
              ((< (/ Host.mem_free Host.mem_available) limit_${index % 50}) (* 0.95 vm.balloon_cur))
              (else vm.balloon_cur))))))
`;
}

/** A program of many functions that call each other, with a loop after every tenth one. */
export function largeProgram(lines: number): readonly PolicySource[] {
  const functions = Math.ceil(lines / 103) * 10;
  const limits = Array.from({ length: 50 }, (_, index) => `(defvar limit_${index} ${index + 1}%)\n`).join('');
  const perFile = 400;
  const sources: PolicySource[] = [{ file: 'limits.policy', text: limits }];
  for (let from = 0; from < functions; from += perFile) {
    const texts = Array.from({ length: Math.min(perFile, functions - from) }, (_, at) => {
      const index = from + at;
      // Call chains end after ten functions: a chain of a thousand would not be realistic.
      const text = functionText(index).replace(
        `(size_${index - 1} vm)`,
        index % 10 === 0 ? 'vm.balloon_cur' : `(size_${index - 1} vm)`,
      );
      return index % 10 === 9 ? `${text}(with Guests vm (vm.Control "balloon_target" (size_${index} vm)))\n` : text;
    });
    sources.push({ file: `part-${from}.policy`, text: texts.join('') });
  }
  return sources;
}

/** `ballast check` on a program: the whole process, with the built package, and a repeated check in one process, as in the language server. */
export async function benchCheck(): Promise<string[][]> {
  buildPackage();
  const { vocabulary } = builtinPlugins();
  const folder = mkdtempSync(join(tmpdir(), 'ballast-bench-'));
  try {
    return [1_000, 10_000].map((lines) => {
      const sources = largeProgram(lines);
      const count = sources.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
      const files = sources.map(({ file, text }) => {
        writeFileSync(join(folder, file), text);
        return join(folder, file);
      });
      const check = (): void => {
        const output = runNode(['dist/main.js', 'check', ...files]);
        if (!output.includes('no mistakes found')) throw new Error(`the program is not clean: ${output}`);
      };
      const processTimes = Array.from({ length: RUNS }, () => timed(check));
      const repeatTimes = Array.from({ length: RUNS }, () => timed(() => loadPolicy(sources, { vocabulary })));
      return [
        count.toLocaleString('en'),
        `${median(processTimes).toFixed(0)} ms`,
        `${median(repeatTimes).toFixed(0)} ms`,
      ];
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
