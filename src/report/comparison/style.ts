/** By policy. */
export const POLICY_COLOURS = {
  light: ['#57606a', '#0b57b0', '#a85200', '#1b7f4b', '#8e3fb5', '#b3123f'],
  dark: ['#b1bac4', '#6ea8fe', '#f0883e', '#56c98b', '#c08be8', '#ff7b9c'],
} as const;

const colours = (scheme: keyof typeof POLICY_COLOURS): string =>
  POLICY_COLOURS[scheme].map((colour, at) => `--p${at}:${colour}`).join(';');

/** What the page of a comparison has beside the style of all reports. */
export const COMPARISON_STYLE = `
:root{--good:#1a7f37;${colours('light')}}
@media screen and (prefers-color-scheme:dark){:root{--good:#56c98b;${colours('dark')}}}
.good{color:var(--good);font-weight:600}
h4{font-size:1em;margin:0}
code{font-size:.92em}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.scroll{position:relative}
.answer td span{display:block}
.answer td{min-width:10em}
.answer small,.measures small{display:block;color:var(--dim);font-size:.85em}
.answer th small{font-weight:400}
.good,.answer .bad{font-weight:500}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:18px 24px;margin-top:10px}
.plots figure{margin:0;min-width:0}
.spots{border-radius:3px}
.spots>svg{height:auto;overflow:hidden}
.spots:focus-visible,td:focus-visible{outline:3px solid var(--link);outline-offset:-2px}
.zero{fill:var(--card)}
text.x{text-anchor:middle}
text.y{text-anchor:end}
line.bound{stroke:var(--fg);stroke-width:1.5;stroke-dasharray:6 3}
text.bound{text-anchor:end;fill:var(--fg)}
path.spread{stroke:currentColor;stroke-width:1.5;stroke-opacity:.6}
path.shape{fill:currentColor;stroke:var(--bg);stroke-width:1}
text.killed{fill:currentColor;font-weight:600}
.spot.here path.shape{stroke:var(--fg);stroke-width:2.5}
.policies svg{display:inline-block;width:14px;height:14px;margin-right:5px;vertical-align:-2px}
${Array.from({ length: 6 }, (_, at) => `.p${at}{color:var(--p${at})}`).join('')}
.lines .grid{grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr))}
.lines .now{min-height:4.4em}
caption{text-align:left;color:var(--dim);padding-bottom:4px}
.measures td,.measures th{padding:3px 12px 3px 0}
.measures td.n{white-space:normal}
.measures small{display:none}
.measures td[tabindex]{cursor:default}
body:has(#intervals:checked) .measures small{display:block}
.said{min-height:1.5em;margin:0;font-size:.87em;color:var(--dim)}
.choice{display:block;margin:.8em 0 0}
@media (max-width:640px){
.answer thead{position:absolute;clip-path:inset(50%)}
.answer,.answer tbody,.answer tr,.answer th,.answer td{display:block}
.answer th[scope=row]{border:0;padding-bottom:0;margin-top:.6em;font-weight:600}
.answer td{border:0;padding:2px 0 2px 10px}
.answer td::before{content:attr(data-policy);display:block;color:var(--dim);font-size:.9em}
}
@media print{.choice,.said{display:none}.plots{grid-template-columns:1fr 1fr 1fr}.lines .grid{grid-template-columns:1fr 1fr 1fr}.lines .now{min-height:0}.scenario{break-inside:auto}}
`.trim();
