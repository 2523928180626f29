"""How a report looks: by the reader's own choice of light or dark, and always light on paper."""

LIGHT = """
  --paper: #ffffff; --card: #f7f8fa; --ink: #16191f; --soft: #5c6470; --edge: #dfe3e8; --grid: #e6e9ee;
  --a: #2563c9; --b: #c2630a; --neutral: #9aa3af; --wrong: #c2630a;
  --good: #146c43; --good-back: #e3f4ea; --bad: #a12622; --bad-back: #fbe9e7; --wait: #7a5200; --wait-back: #fdf1d6;
"""
DARK = """
  --paper: #12151a; --card: #1a1e25; --ink: #e8eaee; --soft: #9aa3b0; --edge: #2c323c; --grid: #262c35;
  --a: #6ea8ff; --b: #f0a04b; --neutral: #6b7482; --wrong: #f0a04b;
  --good: #7fdba6; --good-back: #143325; --bad: #ff9b93; --bad-back: #3b1d1b; --wait: #f2cb74; --wait-back: #3a2c0d;
"""
STYLE = f"""
:root {{ color-scheme: light dark; {LIGHT} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {DARK} }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }}
main {{ max-width: 1080px; margin: 0 auto; padding: 28px 24px 64px; }}
h1 {{ font-size: 22px; margin: 0 0 2px; letter-spacing: -0.01em; }}
h2 {{ font-size: 17px; margin: 40px 0 4px; padding-top: 18px; border-top: 1px solid var(--edge); }}
h3 {{ font-size: 13px; margin: 0 0 6px; font-weight: 600; }}
p {{ margin: 0 0 10px; }}
.note, .made {{ color: var(--soft); font-size: 13px; max-width: 80ch; }}
.verdict {{ border-radius: 10px; padding: 16px 20px; margin: 0 0 20px; }}
.verdict p {{ margin: 0; font-size: 17px; }}
.verdict ul {{ margin: 8px 0 0; padding-left: 18px; font-size: 13px; }}
.verdict b {{ margin-right: 6px; }}
.good {{ background: var(--good-back); color: var(--good); }}
.bad {{ background: var(--bad-back); color: var(--bad); }}
.wait {{ background: var(--wait-back); color: var(--wait); }}
.key {{ display: flex; gap: 22px; flex-wrap: wrap; margin: 14px 0 0; font-size: 13px; color: var(--soft); }}
.key i {{ display: inline-block; width: 20px; height: 3px; border-radius: 2px; margin-right: 7px;
  vertical-align: 4px; }}
.key .a {{ background: var(--a); }} .key .b {{ background: var(--b); }}
.plots {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(310px, 1fr)); gap: 18px; margin-top: 14px; }}
figure {{ margin: 0; padding: 14px 14px 8px; background: var(--card); border: 1px solid var(--edge);
  border-radius: 10px; }}
figure.wide {{ grid-column: 1 / -1; }}
figcaption {{ color: var(--soft); font-size: 12.5px; margin-top: 4px; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; margin-top: 12px; font-variant-numeric: tabular-nums;
  font-size: 14px; }}
th, td {{ text-align: right; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--edge); white-space: nowrap; }}
th {{ font-size: 12.5px; font-weight: 600; color: var(--soft); }}
th:first-child, td:first-child {{ text-align: left; }}
td small {{ color: var(--soft); margin-left: 6px; }}
tr.chosen td:first-child::after {{ content: " decides"; color: var(--a); font-size: 12px; }}
tr.best td {{ color: var(--a); font-weight: 600; }}
.more {{ color: var(--good); }} .less {{ color: var(--bad); }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 4px 22px; font-size: 14px; margin-top: 12px; }}
dt {{ color: var(--soft); }} dd {{ margin: 0; overflow-wrap: anywhere; font-family: ui-monospace, monospace;
  font-size: 13px; }}
svg {{ width: 100%; height: auto; display: block; font: 11px system-ui, sans-serif; fill: var(--soft);
  overflow: visible; }}
svg .strong {{ fill: var(--ink); font-weight: 600; }}
.grid {{ stroke: var(--grid); }} .post, .zero {{ stroke: var(--neutral); }}
.chance {{ stroke: var(--neutral); stroke-dasharray: 3 4; fill: none; }}
.line {{ fill: none; stroke-width: 2.2; stroke-linejoin: round; }} .thin {{ stroke-width: 1.2; }}
.line.a, .interval.a {{ stroke: var(--a); }} .line.b {{ stroke: var(--b); }}
.dot.a, rect.a {{ fill: var(--a); }} .dot.b {{ fill: var(--b); }} rect.neutral {{ fill: var(--neutral); }}
rect.wrong {{ fill: var(--wrong); }} .faint {{ fill-opacity: 0.45; }}
.area.a {{ fill: var(--a); fill-opacity: 0.3; stroke: var(--a); }} .area.b {{ fill: none; stroke: var(--b);
  stroke-width: 1.6; }}
.interval {{ stroke-width: 4; stroke-linecap: round; stroke-opacity: 0.45; }}
.limit {{ stroke: var(--bad); stroke-width: 2; stroke-dasharray: 2 2; }}
.trial {{ fill: none; stroke: var(--neutral); stroke-width: 1.4; }}
.trial.a {{ stroke: var(--a); stroke-width: 3; }} .trial:hover {{ stroke: var(--b); stroke-width: 3; opacity: 1; }}
@media print {{
  main {{ max-width: none; padding: 0; }}
  h2 {{ break-after: avoid; }} figure, table, .verdict {{ break-inside: avoid; }}
  .plots {{ grid-template-columns: 1fr 1fr; }}
  * {{ print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
}}
"""
