import type { Vocabulary } from '../../model/vocabulary.ts';
import { WARNINGS, type FaultCode } from '../../policy/messages/catalogue.ts';
import { CODE_GROUPS, CODE_PAGES } from '../../policy/messages/pages/index.ts';
import type { CodeExample } from '../../policy/messages/pages/page.ts';
import { formatted } from './formatted.ts';
import { code as inCode, fence, table } from './markdown.ts';
import { shownBy, type Shown } from './message-example.ts';

/** What becomes of a policy, or of a value, with such a message. */
const KINDS: Readonly<Record<Shown['from'], Readonly<Record<Shown['severity'], string>>>> = {
  check: {
    error: 'An error of `ballast check`: a policy with it is not run.',
    warning: 'A warning of `ballast check`: the policy is run all the same.',
  },
  parameters: {
    error: 'An error about a value of a parameter: the value is refused.',
    warning: 'A warning about a value of a parameter: the value is accepted all the same.',
  },
  evaluation: {
    error:
      'An error of an evaluation, in the daemon as in `ballast eval` and `ballast test`: what the file, or the guest, has requested in this interval is dropped.',
    warning: '',
  },
};

/** Longer examples are shortened on the page. */
const MAX_LINES = 12;
const MAX_LINE = 110;

/**
 * The page of one code, as Markdown. The message in it is what Ballast prints for its example.
 * @throws Error when an example does not give the message, or the mended one gives any
 */
export function messagePage(code: FaultCode, vocabulary: Vocabulary): string {
  const { wrong, right, why, mend } = CODE_PAGES[code];
  const shown = messageOf(code, vocabulary);
  const left = shownBy(right, code, vocabulary);
  if (left !== null) throw new Error(`the mended example of ${code} gives ${left.codes.join(', ')}`);
  return [
    `# ${inCode(code)}`,
    '',
    `${KINDS[shown.from][shown.severity]} ${meaningOf(code)}`,
    '',
    '## An example',
    '',
    ...policyOf(wrong, wrong.text),
    '',
    'This prints:',
    '',
    ...fence('text', shown.text.trimEnd()),
    '',
    '## Why it matters',
    '',
    why,
    '',
    '## How to mend it',
    '',
    mend,
    '',
    ...policyOf(right, formatted(right.text)),
    ...(shown.severity === 'warning' ? allowing(code, shown, vocabulary) : []),
    '',
    '[All messages](README.md)',
    '',
  ].join('\n');
}

/** The list of all codes, as Markdown. */
export function messageIndex(vocabulary: Vocabulary): string {
  return [
    '# Messages about policies',
    '',
    'Each message about a policy has a code. Behind a warning it stands in brackets; `ballast check --json` and editors show that of an error, too.',
    '`ballast docs CODE` prints the page of a code. The codes stay the same when messages are reworded.',
    ...CODE_GROUPS.flatMap(({ title, codes }) => [
      '',
      `## ${title}`,
      '',
      ...table(
        ['code', '', 'what it means'],
        codes.map((code) => [`[${inCode(code)}](${code}.md)`, messageOf(code, vocabulary).severity, meaningOf(code)]),
      ),
    ]),
    '',
  ].join('\n');
}

/** The codes of messages about policies. */
export const MESSAGE_CODES: readonly FaultCode[] = CODE_GROUPS.flatMap(({ codes }) => codes);

function messageOf(code: FaultCode, vocabulary: Vocabulary): Shown {
  const shown = shownBy(CODE_PAGES[code].wrong, code, vocabulary);
  if (shown === null || shown.text === '') throw new Error(`the example of ${code} does not give this message`);
  return shown;
}

function meaningOf(code: FaultCode): string {
  const page = CODE_PAGES[code];
  return 'meaning' in page ? page.meaning : `${WARNINGS[code as keyof typeof WARNINGS]}.`;
}

function policyOf({ parameters, withoutSamples, onSlowHost }: CodeExample, text: string): string[] {
  const besides = [
    ...(withoutSamples === true ? ['No sample of the guests has been taken yet.'] : []),
    ...(onSlowHost === true ? ['The host is so busy that this takes more than two seconds.'] : []),
  ];
  return [
    ...fence('lisp', shortened(text)),
    ...(parameters === undefined ? [] : ['', 'With the parameters file', '', ...fence('yaml', parameters)]),
    ...besides.flatMap((line) => ['', line]),
  ];
}

function shortened(text: string): string {
  const lines = text.trimEnd().split('\n');
  const kept = lines.length > MAX_LINES ? lines.slice(0, 3) : lines;
  const shown = kept.map((line) =>
    line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)} … # ${line.length} characters` : line,
  );
  return [...shown, ...(kept.length < lines.length ? [`# … ${lines.length} lines`] : [])].join('\n');
}

/** How a comment allows the warning, tried out; or that none does. */
function allowing(code: FaultCode, { from, line }: Shown, vocabulary: Vocabulary): string[] {
  const { wrong } = CODE_PAGES[code];
  const lines = wrong.text.split('\n');
  const indentation = /^ */.exec(lines[line - 1] as string)?.[0] ?? '';
  const text = lines.toSpliced(line - 1, 0, `${indentation}# ballast: allow ${code}`).join('\n');
  const stays = shownBy({ ...wrong, text }, code, vocabulary)?.from === 'check';
  return [
    '',
    '## How to allow it',
    '',
    ...(from !== 'check'
      ? ['It cannot be allowed: comments in a policy allow warnings about the policy, and this one is about a value.']
      : stays
        ? ['It cannot be allowed: it is about such a comment.']
        : [
            'If the policy is meant as it is, a comment on the line of the warning, or alone on the line above, allows it there:',
            '',
            ...fence('lisp', text),
          ]),
  ];
}
