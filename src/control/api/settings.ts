import { z } from 'zod';
import { givenName } from './common.ts';

/** A policy's text, characters: as much as `ballast` reads from a file. */
const TEXT = 262_144;

/** All policies of one request, characters: compiling them holds up the interval. */
const ALL_TEXTS = 524_288;

const text = z.string().nullable();

/** As `ballast params --json` prints it. */
export const parameter = z.object({
  name: z.string(),
  value: z.string().meta({ description: 'For the host and all guests without a value of their own, in policy syntax' }),
  default: z.string(),
  unit: text,
  min: text,
  max: text,
  one_of: z.array(z.string()).nullable().meta({ description: 'The texts that a text can have; null: any' }),
  doc: text,
  from: z.string().meta({ description: 'Where the value is set' }),
  declared: z.string(),
  overrides: z
    .array(
      z.object({
        label: z.string().optional(),
        guests: z.string().optional().meta({ description: 'A pattern of names' }),
        value: z.string(),
        from: z.string(),
      }),
    )
    .meta({ description: 'In order of precedence' }),
});

export const parameters = z.object({
  file: text.meta({ description: 'Where values that are set here are kept' }),
  parameters: z.array(parameter),
});

/** At most one of label and guests. */
const target = {
  label: z.string().min(1).max(128).optional().meta({ description: 'Only for guests with this label' }),
  guests: z.string().min(1).max(256).optional().meta({ description: 'Only for guests whose names match this pattern' }),
};

export const parameterTarget = z.strictObject(target);
export const parameterRequest = z.strictObject({
  value: z.union([z.number(), z.string().min(1).max(256)]).meta({ description: 'As in the config: 25%, 512MiB, 7' }),
  ...target,
});

export const policyText = z.strictObject({ name: givenName, text: z.string().max(TEXT) });
export const policyTexts = z.strictObject({
  files: z
    .array(policyText)
    .min(1)
    .max(64)
    .refine(
      (files) => files.reduce((sum, { text: { length } }) => sum + length, 0) <= ALL_TEXTS,
      `expected at most ${ALL_TEXTS} characters in all policies together`,
    )
    .meta({ description: `At most ${ALL_TEXTS} characters together` }),
});
export const namedPolicy = z.strictObject({ text: z.string().max(TEXT) });

export const policy = z.object({
  set: z
    .boolean()
    .meta({ description: 'Whether it was set through the control socket, until a reload or the end of the daemon' }),
  files: z.array(z.object({ name: z.string(), text: z.string().nullable() })),
});

export const checked = z.object({
  valid: z.boolean(),
  diagnostics: z.array(
    z.object({
      code: z.string(),
      severity: z.enum(['error', 'warning']),
      message: z.string(),
      file: z.string().nullable(),
      line: z.number().int().nullable(),
      column: z.number().int().nullable(),
    }),
  ),
  text: z.string().meta({ description: 'As ballast check prints it' }),
});

export const config = z.object({
  path: z.string().nullable().meta({ description: 'null: the defaults' }),
  config: z.record(z.string(), z.unknown()).meta({ description: 'In base units: milliseconds, KiB, ratios' }),
});

export const accepted = z.object({
  accepted: z.literal(true),
  text: z.string().meta({ description: 'What happens, and until when it holds' }),
});

export const logLevel = z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']) });
export const recordingRequest = z.strictObject({
  path: z
    .string()
    .max(1024)
    .regex(/^\/[^\0\r\n]*[^\0\r\n/]\.jsonl(?:\.gz)?$/, 'expected an absolute path that ends with .jsonl or .jsonl.gz')
    .optional()
    .meta({ description: 'Absent: the file of the config' }),
});
export const recording = z.object({ path: z.string().nullable() });

export type Parameters = z.output<typeof parameters>;
export type ParameterTarget = z.output<typeof parameterTarget>;
export type ParameterRequest = z.output<typeof parameterRequest>;
export type PolicyTexts = z.output<typeof policyTexts>;
export type Policy = z.output<typeof policy>;
export type Checked = z.output<typeof checked>;
export type ConfigInForce = z.output<typeof config>;
export type Accepted = z.output<typeof accepted>;
export type Recording = z.output<typeof recording>;
export type RecordingRequest = z.output<typeof recordingRequest>;
