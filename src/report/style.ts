// Colours are told apart with every kind of colour vision, and lines also by their dashes.

/** The style sheet of a report. Text has a contrast of at least 4.5 on its background, in both schemes. */
export const STYLE = `
:root{--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d0d7de;--card:#f6f8fa;--guests:#3b6fb6;--huge:#7a5ea8;--other:#8c959f;--cache:#b7c9a4;--free:#e8ecf0;--saved:#1b9e8a;--swap:#c4432b;--actual:#2f62ad;--target:#c25e00;--used:#2c7a3f;--resident:#8e5bb5;--taken:#c25e00;--given:#1b9e8a;--failed:#1b1f24;--pain:#d1242f;--ksmd:#c25e00;--pressure:#d1242f;--link:#0b57b0}
@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;--bg:#0d1117;--fg:#e6edf3;--dim:#9aa4af;--line:#30363d;--card:#161b22;--guests:#5b8fd6;--huge:#a58bd1;--other:#6e7681;--cache:#56754a;--free:#21262d;--saved:#2fb8a2;--swap:#e5694f;--actual:#6ea8fe;--target:#f0883e;--used:#56b96b;--resident:#c08be8;--taken:#f0883e;--given:#2fb8a2;--failed:#e6edf3;--pain:#ff6b6b;--ksmd:#f0883e;--pressure:#ff6b6b;--link:#79b8ff}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:1240px;padding:16px 20px 48px;background:var(--bg);color:var(--fg);font:15px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6em;line-height:1.2;margin:.2em 0}
h2{font-size:1.2em;margin:0}
h3{font-size:1em;margin:0}
p{margin:.4em 0}
a{color:var(--link)}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:.6em 0}
.dim{color:var(--dim)}
section,figure{margin:28px 0 0}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(140px,1fr));gap:8px;margin:14px 0}
dl div{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:8px 10px}
dt{color:var(--dim);font-size:.87em}
dd{margin:0;font-size:1.25em;font-weight:600;line-height:1.25}
dd small{display:block;font-size:.7em;font-weight:400;color:var(--dim)}
.stands{padding-left:1.2em;margin:.4em 0}
.stands li{margin:.2em 0}
figcaption{display:flex;flex-wrap:wrap;gap:2px 16px;align-items:baseline;margin-bottom:4px}
.legend{display:flex;flex-wrap:wrap;gap:2px 12px;list-style:none;margin:0;padding:0;font-size:.87em;color:var(--dim)}
.legend i{display:inline-block;width:14px;height:10px;margin-right:5px;background:currentColor}
.plot{position:relative;touch-action:pan-y;border-radius:3px}
.plot:focus-visible,.scroll:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.cursor .plot::after{content:"";position:absolute;top:0;bottom:18px;left:var(--at);border-left:1px solid var(--fg);pointer-events:none}
svg{display:block;width:100%;overflow:visible}
svg.data{overflow:hidden;width:100%;height:100%}
.hidden{position:absolute}
line{stroke:var(--line);stroke-width:1}
text{fill:var(--dim);font-size:11px;paint-order:stroke;stroke:var(--bg);stroke-width:3px;stroke-linejoin:round}
text.t{text-anchor:middle}
.odd{display:var(--odd,inline)}
path{fill:none;stroke:none;vector-effect:non-scaling-stroke}
.now{font-size:.87em;color:var(--dim);min-height:2.9em;margin:.2em 0 0;font-variant-numeric:tabular-nums;white-space:pre-line}
${fill('guests', 'huge', 'other', 'cache', 'free', 'saved', 'swap', 'taken', 'given', 'failed', 'pain')}
${stroke('actual', 'target', 'used', 'resident', 'ksmd', 'pressure')}
path.free,.legend i.free{stroke:var(--line)}
.legend i.free{outline:1px solid var(--line)}
path.line{fill:none;stroke:var(--saved);stroke-width:1.5}
path.ksmd.line{stroke:var(--ksmd)}
path.pressure.line{stroke:var(--pressure)}
path.total{stroke:var(--fg);stroke-width:1.5;stroke-dasharray:6 3}
.legend i.total{height:0;border-top:2px dashed var(--fg);background:none;vertical-align:middle}
path.actual{stroke-width:2.2}
path.target{stroke-width:1.6;stroke-dasharray:5 3}
path.used{stroke-width:1.3}
path.resident{stroke-width:1.3;stroke-dasharray:2 2}
.legend i.actual,.legend i.target,.legend i.used,.legend i.resident{height:0;background:none;border-top:3px solid;vertical-align:middle}
.legend i.target{border-top-style:dashed}
.legend i.resident{border-top-style:dotted}
.few{fill:var(--actual);color:var(--actual);fill-opacity:.35}
.some{fill:var(--actual);color:var(--actual);fill-opacity:.65}
.many{fill:var(--actual);color:var(--actual)}
.legend i.few{opacity:.35}.legend i.some{opacity:.65}
text.name{font-size:12px;fill:var(--fg)}
.grid{--odd:none;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:22px 28px;margin-top:14px}
.grid figure{margin:0;min-width:0}
.key{position:sticky;top:0;z-index:1;background:var(--bg);padding:6px 0;border-bottom:1px solid var(--line)}
.scroll{overflow-x:auto;margin:8px 0}
table{border-collapse:collapse;width:100%;font-size:.9em;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:4px 12px 4px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:normal}
th[scope=row]{font-weight:400}
th[scope=row],td.why{overflow-wrap:anywhere;min-width:9em}
thead th{color:var(--dim);font-weight:600}
.n{text-align:right}
td.n{white-space:nowrap}
.bad{color:var(--pain);font-weight:600}
details{font-size:.87em;margin:.2em 0}
summary{cursor:pointer;color:var(--link)}
ol{margin:.3em 0;padding-left:2.2em}
footer{margin-top:36px;border-top:1px solid var(--line);padding-top:8px;color:var(--dim);font-size:.87em}
@media (max-width:640px){body{padding:12px 12px 32px;font-size:14px}body{--odd:none}dl{grid-template-columns:1fr 1fr}dd{font-size:1.1em}.key{position:static}}
@media print{body{max-width:none;padding:0;font-size:10pt}dl{grid-template-columns:repeat(4,1fr)}nav,.cursor .plot::after{display:none}figure,tr{break-inside:avoid}h2{break-after:avoid}.key{position:static}.now{min-height:0}.grid{grid-template-columns:1fr 1fr;gap:14px 20px}.scroll{overflow:visible}a{color:inherit;text-decoration:none}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}details:not([open]){display:none}}
`.trim();

function fill(...names: readonly string[]): string {
  return names.map((name) => `.${name}{fill:var(--${name});color:var(--${name})}`).join('');
}

function stroke(...names: readonly string[]): string {
  return names.map((name) => `.${name}{stroke:var(--${name});color:var(--${name})}`).join('');
}
