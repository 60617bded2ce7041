import type { FaultCode } from '../catalogue.ts';
import { BOUND_PAGES } from './bounds.ts';
import { FORM_PAGES } from './forms.ts';
import { HABIT_PAGES } from './habits.ts';
import { NAME_PAGES } from './names.ts';
import type { ErrorCode, ErrorPage, WarningCode, WarningPage } from './page.ts';
import { PARAM_PAGES } from './params.ts';
import { TEXT_PAGES } from './text.ts';
import { TYPE_PAGES } from './types.ts';
import { VALUE_PAGES } from './values.ts';

/** The page of every code. A code without one does not compile. */
export const CODE_PAGES: { readonly [Code in ErrorCode]: ErrorPage } & { readonly [Code in WarningCode]: WarningPage } =
  {
    ...TEXT_PAGES,
    ...FORM_PAGES,
    ...PARAM_PAGES,
    ...NAME_PAGES,
    ...VALUE_PAGES,
    ...BOUND_PAGES,
    ...TYPE_PAGES,
    ...HABIT_PAGES,
  };

/** The codes by what they are about, for the index. */
export const CODE_GROUPS: readonly { readonly title: string; readonly codes: readonly FaultCode[] }[] = [
  { title: 'The text of a file', codes: codesOf(TEXT_PAGES) },
  { title: 'Forms', codes: codesOf(FORM_PAGES) },
  { title: 'Parameters', codes: codesOf(PARAM_PAGES) },
  { title: 'Names', codes: codesOf(NAME_PAGES) },
  { title: 'Values', codes: codesOf(VALUE_PAGES) },
  { title: 'Kinds of values and conditions', codes: codesOf(TYPE_PAGES) },
  { title: 'What has no effect, or another one', codes: codesOf(HABIT_PAGES) },
  { title: 'Limits', codes: codesOf(BOUND_PAGES) },
];

function codesOf<Code extends FaultCode>(pages: Readonly<Record<Code, unknown>>): readonly Code[] {
  return Object.keys(pages) as Code[];
}
