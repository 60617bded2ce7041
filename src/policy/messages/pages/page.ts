import type { FaultCode, WARNINGS } from '../catalogue.ts';

/** A policy that shows a message, or one that is without it. */
export interface CodeExample {
  /** The policy. */
  readonly text: string;
  /** The file's bytes are not text: the page shows `text`, and the message is that of this file. */
  readonly damage?: 'utf-16';
  /** A parameters file beside the policy, in YAML. */
  readonly parameters?: string;
  /** Evaluates without any sample of the guests. */
  readonly withoutSamples?: boolean;
  /** Evaluates with a clock on which each reading is an hour later. */
  readonly onSlowHost?: boolean;
}

/** What the page of a code says; the message itself comes from evaluating `wrong`. */
export interface WarningPage {
  /** What happens if the policy stays as it is. */
  readonly why: string;
  /** How to mend it, before `right`. */
  readonly mend: string;
  /** A policy that gives the message. */
  readonly wrong: CodeExample;
  /** The same policy, mended: it gives no message at all. */
  readonly right: CodeExample;
}

export interface ErrorPage extends WarningPage {
  /** What the message means. That of a warning is in {@link WARNINGS}. */
  readonly meaning: string;
}

export type WarningCode = keyof typeof WARNINGS;
export type ErrorCode = Exclude<FaultCode, WarningCode>;

/** The pages of some codes. */
export type Pages = { readonly [Code in ErrorCode]?: ErrorPage } & { readonly [Code in WarningCode]?: WarningPage };
