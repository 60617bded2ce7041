import { WARNINGS } from '../../policy/messages/catalogue.ts';
import { code, fence, table } from './markdown.ts';

export function warningSection(): string[] {
  return [
    '',
    '## Warnings',
    '',
    'What `ballast check` says without refusing the policy. Everything else that it says is an error: the policy is not run. A comment on the line of the warning, or alone',
    'on the line above, allows it there:',
    '',
    ...fence('lisp', '# ballast: allow constant-condition\n(if (< 1 2) (debug "always") nil)'),
    '',
    'The page of a code has an example and its cure; `ballast docs CODE` prints it. [All messages](messages/README.md)',
    '',
    ...table(
      ['code', 'what it means'],
      Object.entries(WARNINGS).map(([name, meaning]) => [`[${code(name)}](messages/${name}.md)`, meaning]),
    ),
  ];
}
