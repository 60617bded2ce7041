export { codeActions, type CodeAction } from './code-actions.ts';
export { completions, type Completion } from './completion.ts';
export { formatting } from './formatting.ts';
export { hover, type Hover } from './hover.ts';
export { definitions, references } from './navigate.ts';
export { PolicyProgram, type Edit, type Knowledge, type Place } from './program.ts';
export { renamable, rename, type Refusal } from './rename.ts';
export { signatureHelp, type Signature, type SignatureHelp } from './signature.ts';
export { outline, type Outline } from './symbols.ts';
