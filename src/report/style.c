#include "report/style.h"

#define SERIES                                                                                                         \
    ".s0{stroke:#0072b2}.s1{stroke:#d55e00}.s2{stroke:#009e73}.s3{stroke:#cc79a7}.s4{stroke:#e69f00}.s5{stroke:#"      \
    "56b4e9}\n"                                                                                                        \
    ".f0{fill:#0072b2}.f1{fill:#d55e00}.f2{fill:#009e73}.f3{fill:#cc79a7}.f4{fill:#e69f00}.f5{fill:#56b4e9}\n"         \
    ".line{fill:none;stroke-width:1.6;stroke-linejoin:round}.shade{opacity:.2}.d1{stroke-dasharray:5 3}"               \
    ".d2{stroke-dasharray:1.5 2.5}.d3{stroke-dasharray:8 3 2 3}.d4{stroke-dasharray:1 2;stroke-width:2.4}\n"           \
    ".published{fill:none;stroke-width:1.1;opacity:.8}.bubble{opacity:.65}svg "                                        \
    ".bar{opacity:.35}.row{font-size:11.5px}\n"                                                                        \
    ".goal{stroke:#c0392b;stroke-width:1;stroke-dasharray:4 "                                                          \
    "3}.head{font-weight:650;font-size:12.5px}.cell{font-size:10px}\n"

static const char page[] =
    ":root{--bg:#fff;--fg:#1a1a1a;--dim:#59616c;--line:#dfe3e8;--soft:#f5f6f8;--ok:#146c43;--okbg:#e3f4ea;"
    "--bad:#8f1d1d;--badbg:#fbe4e4;--none:#f0f1f3}\n"
    "@media (prefers-color-scheme:dark){:root{--bg:#14171c;--fg:#e8eaed;--dim:#a2abb7;--line:#2c323a;--soft:#1c2027;"
    "--ok:#7ddba5;--okbg:#15352a;--bad:#ff9c9c;--badbg:#431d1d;--none:#20252c}}\n"
    "*{box-sizing:border-box}body{margin:0 auto;max-width:1240px;padding:26px 30px 60px;background:var(--bg);"
    "color:var(--fg);font:15px/1.5 system-ui,\"DejaVu Sans\",sans-serif}\n"
    "h1{font-size:27px;margin:0 0 2px}h2{font-size:18px;margin:38px 0 4px}p{margin:4px 0 10px;max-width:76ch}"
    ".dim{color:var(--dim)}\n"
    ".badge{display:inline-block;padding:1px "
    "9px;border-radius:99px;font-size:13px;font-weight:500;background:var(--okbg);"
    "color:var(--ok);vertical-align:4px;margin-left:10px}.badge.bad{background:var(--badbg);color:var(--bad)}\n"
    ".facts{display:flex;flex-wrap:wrap;gap:4px 26px;margin:10px 0 0;padding:0;list-style:none;font-size:13.5px;"
    "color:var(--dim)}.facts b{color:var(--fg);font-weight:600}\n"
    ".say{background:var(--soft);border-left:4px solid #0072b2;padding:12px 18px 12px 34px;margin:18px 0 0;"
    "border-radius:0 6px 6px 0}.say li{margin:2px 0}\n"
    ".keys{display:flex;flex-wrap:wrap;gap:6px 8px;align-items:center;margin:8px 0 6px}"
    "button,input{font:inherit;font-size:13px;color:inherit;background:var(--soft);border:1px solid var(--line);"
    "border-radius:6px;padding:2px 9px}button{cursor:pointer}\n"
    ".views{margin-left:auto}.look[aria-pressed=true]{border-color:#0072b2;box-shadow:0 0 0 1px #0072b2}"
    ".copy{float:right;margin:0 0 4px "
    "6px}.save{position:absolute;right:0;top:0}section{position:relative}[hidden]{display:none!important}\n"
    ".key svg{display:inline;vertical-align:middle;margin-right:6px}.key[aria-pressed=false]{opacity:.4;"
    "text-decoration:line-through}.off{display:none}\n"
    ".panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(270px,1fr));gap:4px 12px}"
    ".few{grid-template-columns:repeat(auto-fill,minmax(min(100%,360px),1fr))}.panels "
    "svg{display:block;width:100%;max-width:420px;height:auto}.panels svg.off{display:none}"
    ".bars{display:block;width:100%;max-width:1180px;min-width:640px}\n"
    "text{fill:var(--fg);font:11px system-ui,\"DejaVu "
    "Sans\",sans-serif}.tick,.note{fill:var(--dim);font-size:10px}"
    "\n"
    ".grid{stroke:var(--line);stroke-width:1}.axis{stroke:var(--dim);stroke-width:1}.none{fill:var(--none)}"
    ".s6,.published{stroke:var(--fg)}.f6{fill:var(--fg)}.map{stroke:var(--line);stroke-width:.5}\n";

/* What scripts show, and tables. */
static const char tables[] =
    "#tip{position:absolute;pointer-events:none;background:var(--bg);border:1px solid var(--line);border-radius:6px;"
    "padding:5px 10px;font-size:12.5px;box-shadow:0 3px 14px #0003;white-space:pre-line}select{font:inherit;"
    "font-size:13px;color:inherit;background:var(--soft);border:1px solid "
    "var(--line);border-radius:6px;max-width:260px}\n" SERIES
    "table{border-collapse:collapse;font-size:13.5px;margin:8px 0;font-variant-numeric:tabular-nums}"
    "th{text-align:left;font-weight:600;border-bottom:1.5px solid var(--dim);padding:4px 12px 4px "
    "0;vertical-align:bottom}"
    "#all th{cursor:pointer}th[data-sign='1']:after{content:' \\2191'}th[data-sign='-1']:after{content:' "
    "\\2193'}td{border-bottom:1px solid var(--line);padding:3px 12px 3px 0;white-space:nowrap}"
    ".n{text-align:right}\n"
    "td.bar{background:linear-gradient(90deg,#0072b233 var(--p),transparent 0);padding-left:8px;min-width:86px}"
    ".wide{overflow-x:auto}\n"
    "details{margin:14px 0}summary{cursor:pointer;font-weight:600}pre{background:var(--soft);border:1px solid "
    "var(--line);"
    "border-radius:6px;padding:12px 14px;overflow:auto;font:12.5px/1.5 ui-monospace,\"DejaVu Sans Mono\",monospace}\n";

/* The darker colours in the dark; narrow windows, and paper, which is light. */
static const char media[] =
    "@media screen and (prefers-color-scheme:dark){.s0{stroke:#3d9bdc}.f0{fill:#3d9bdc}td.bar{background:"
    "linear-gradient(90deg,#3d9bdc44 var(--p),transparent 0)}}\n"
    "@media (max-width:560px){body{padding:16px 12px 40px}h1{font-size:22px}.badge{margin-left:0;margin-right:8px}}\n"
    "@media print{:root{--bg:#fff;--fg:#1a1a1a;--dim:#59616c;--line:#dfe3e8;--soft:#f5f6f8;--ok:#146c43;--okbg:#e3f4ea;"
    "--bad:#8f1d1d;--badbg:#fbe4e4;--none:#f0f1f3}body{max-width:none;padding:0;font-size:12px;"
    "print-color-adjust:exact;-webkit-print-color-adjust:exact}input,select,label,[data-script],#tip{display:none!"
    "important}"
    "button{border:0;background:none;padding:0 8px 0 0}svg,tr,li{break-inside:avoid}h2{break-after:avoid}"
    ".panels{grid-template-columns:repeat(3,1fr)}.bars{min-width:0}.wide{overflow:visible}}\n";

static const char paper[] =
    "text{fill:#1a1a1a;font:11px \"DejaVu "
    "Sans\",Helvetica,sans-serif}.tick,.note{fill:#444;font-size:10px}\n"
    ".grid{stroke:#dfe3e8;stroke-width:1}.axis{stroke:#444;stroke-width:1}.none{fill:#f0f1f3}.s6{stroke:#1a1a1a}"
    ".f6{fill:#1a1a1a}.published{stroke:#1a1a1a}\n" SERIES;

void caucus_style_put_page(FILE *to)
{
    fputs(page, to);
    fputs(tables, to);
    fputs(media, to);
}

void caucus_style_put_paper(FILE *to)
{
    fputs(paper, to);
}
