import { createHash } from 'node:crypto';
import { RecordingAnalysis } from '../../src/analysis/recording-analysis.ts';
import { openRecording } from '../../src/recording/reader.ts';
import { guestBuckets, reportPage } from '../../src/report/page.ts';
import { STYLE } from '../../src/report/style.ts';

const DEMO = 'test/recordings/demo.jsonl.gz';

/** Of the text in the PNG that has the {@link reportFingerprint}. */
export const REPORT_KEYWORD = 'Report';

/** The report on the recording of the demo. */
export async function demoReport(): Promise<string> {
  const { header, intervals } = await openRecording(DEMO, { onCutOff: () => {} });
  const analysis = new RecordingAnalysis({ guestBuckets });
  analysis.begin(header);
  for await (const interval of intervals) analysis.add(interval);
  const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');
  return reportPage(analysis.result()!, {
    sources: ['demo.jsonl.gz'],
    warnings: [],
    version: '',
    simulated: null,
    sha256,
  });
}

/** Tells a picture of this page from one of another, whatever the time zone of the machine is. */
export function reportFingerprint(page: string): string {
  const paths = [...page.matchAll(/ (?:class|d|viewBox)="[^"]*"/g)].map(([text]) => text);
  return createHash('sha256')
    .update(JSON.stringify([STYLE, paths]))
    .digest('hex');
}
