#include "fuse/report_style.hpp"

namespace zhili::fuse {
namespace {

constexpr std::string_view kCss = R"css(
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:4rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.6 system-ui,-apple-system,"PingFang SC",
"Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif}
.en{display:none}
body:has(#lang-en:checked) .zh{display:none}
body:has(#lang-en:checked) .en{display:inline}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-9999px}
.skip:focus{left:1rem;top:1rem;background:var(--card);color:var(--accent);padding:.5rem 1rem;z-index:9}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--mark);outline-offset:2px;border-radius:3px}
header,nav ul,main,footer{max-width:76rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.75rem;padding-bottom:.75rem;display:flex;flex-wrap:wrap;gap:.5rem 2rem;align-items:flex-end;
justify-content:space-between}
.brand{display:flex;gap:.6rem;align-items:center;font-weight:650;color:var(--accent);margin:0}
.brand svg{width:1.6rem;height:1.6rem}
h1{font-size:1.75rem;line-height:1.25;margin:.25rem 0}
header p{margin:0;color:var(--soft);font-size:.9rem;overflow-wrap:anywhere}
.lang{border:1px solid var(--line);border-radius:2rem;padding:.15rem;margin:0;display:flex;background:var(--card)}
.lang label{cursor:pointer}
.lang input{position:absolute;opacity:0}
.lang span{display:block;padding:.2rem .9rem;border-radius:2rem;font-size:.9rem;color:var(--ink)}
.lang input:checked+span{background:var(--accent);color:var(--paper)}
.lang input:focus-visible+span{outline:3px solid var(--mark);outline-offset:2px}
nav{position:sticky;top:0;background:var(--page);border-bottom:1px solid var(--line);z-index:5}
nav ul{list-style:none;display:flex;gap:.25rem 1.25rem;overflow-x:auto;padding-top:.55rem;padding-bottom:.55rem}
nav a{white-space:nowrap;text-decoration:none;font-size:.95rem;padding:.15rem 0}
nav a:hover{text-decoration:underline}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.4rem 1.6rem;margin:1.25rem 0}
h2{font-size:1.3rem;margin:0 0 .75rem;line-height:1.3}
h3{font-size:1.05rem;margin:1.75rem 0 .5rem}
p{margin:.5rem 0;max-width:60rem}
.lead{font-size:1.35rem;line-height:1.5;margin:.25rem 0 1rem}
.lead b{color:var(--accent);font-size:1.5em;font-variant-numeric:tabular-nums;white-space:nowrap}
.soft,figcaption,small{color:var(--soft)}
.top{display:grid;grid-template-columns:minmax(0,1fr);gap:1.5rem;align-items:start}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(10.5rem,1fr));gap:.75rem;margin:0}
.tile{background:var(--page);border-radius:10px;padding:.7rem .9rem}
.tile dt{color:var(--soft);font-size:.9rem}
.tile dd{margin:0}
.tile b{display:block;font-size:1.45rem;line-height:1.3;font-weight:650;font-variant-numeric:tabular-nums}
.tile small{font-size:.85rem;line-height:1.4;display:block}
figure{margin:0}
.picture{display:block;width:100%;max-width:36rem;height:auto}
.top .picture{max-width:40rem;margin:0 auto}
figcaption{font-size:.9rem;margin-top:.4rem;max-width:40rem}
.pair{display:grid;grid-template-columns:minmax(0,1fr);gap:1.5rem 2.5rem;align-items:start}
.cards{display:grid;grid-template-columns:minmax(0,1fr);gap:1.25rem}
.card{border:1px solid var(--line);border-radius:12px;padding:1rem 1.1rem;min-width:0}
.card h3{margin:0 0 .4rem}
.card .scroll{margin-bottom:0}
.card table{font-size:.88rem}
.card th,.card td{padding:.32rem .55rem}
.plainly .scroll{border:0;margin:0 -.5rem}
.plainly caption{padding:.1rem .55rem .4rem}
.plainly thead th{background:none}
.plainly .bar{min-width:4rem}
.card p{margin:.4rem 0;font-size:.95rem;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin:.75rem 0;border:1px solid var(--line);border-radius:10px}
table{border-collapse:separate;border-spacing:0;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
caption{text-align:start;padding:.6rem .75rem;color:var(--soft);font-size:.9rem}
caption>div{position:sticky;left:.75rem;display:inline-block;max-width:min(100%,100vw - 4.5rem)}
th,td{padding:.42rem .75rem;text-align:start;border-top:1px solid var(--line);vertical-align:top}
thead th{font-weight:600;word-break:keep-all;vertical-align:bottom;background:var(--page);line-height:1.35}
tbody th{font-weight:500;white-space:nowrap;position:sticky;left:0;background:var(--card)}
.n{text-align:end;white-space:nowrap}
td[style] small{color:inherit}
td small,th small{display:block;font-size:.82rem;font-weight:400;line-height:1.3}
.bar{display:block;min-width:6rem;background:linear-gradient(var(--plus-2),var(--plus-2)) no-repeat 0 100%/var(--w) 4px;
padding-bottom:5px}
.n .bar{background-position:100% 100%}
.wbar{display:block;position:relative;min-width:6rem;height:1.05rem;background:linear-gradient(var(--line),var(--line))
no-repeat 50% 0/1px 100%}
.wbar i{position:absolute;top:.2rem;bottom:.2rem;border-radius:2px;min-width:1px}
i.plus{background:var(--plus)}
i.minus{background:var(--minus)}
.callout{border-inline-start:4px solid var(--mark);background:var(--band);padding:.6rem .9rem;border-radius:0 8px 8px 0}
details{margin:.3rem 0}
summary{cursor:pointer;color:var(--accent);padding:.2rem 0}
.tag{display:inline-block;border-radius:1rem;padding:.05rem .65rem;font-size:.85rem;border:1px solid currentcolor;
white-space:nowrap}
.tag.yes{color:var(--good)}
.tag.no{color:var(--bad)}
.whole{white-space:nowrap}
mark{background:var(--band);color:inherit;border-radius:3px;padding:0 .15em}
.filter input{font:inherit;padding:.3rem .6rem;border:1px solid var(--soft);border-radius:6px;background:var(--card);
color:var(--ink)}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.5rem;margin:.5rem 0}
.facts dt{color:var(--soft)}
.facts dd{margin:0;overflow-wrap:anywhere}
footer{color:var(--soft);font-size:.88rem;padding-top:.5rem;padding-bottom:2.5rem}
@media (min-width:60rem){
.top{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
.pair{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
.cards{grid-template-columns:repeat(2,minmax(0,1fr))}
.facts{grid-template-columns:max-content 1fr max-content 1fr}
}
@media (max-width:40rem){
body{font-size:.9375rem}
section{padding:1.1rem 1rem;border-radius:0;border-inline:0;margin-inline:-1.25rem}
h1{font-size:1.45rem}
.lead{font-size:1.15rem}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr));gap:.5rem}
.tile{padding:.6rem .7rem}
.tile b{font-size:1.2rem}
.facts{grid-template-columns:1fr}
.facts dd{margin-bottom:.4rem}
.scroll table{width:max-content;min-width:100%}
.card{padding:.9rem .6rem}
.card .picture{font-size:14px}
.card .picture .small{font-size:12.5px}
}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{
body{background:#fff;font-size:10.5pt}
nav,.lang,.filter,.skip{display:none}
section{border:0;padding:0;margin:1.2rem 0;background:none}
.scroll{overflow:visible;border:0}
.card,figure,tr,.tile{break-inside:avoid}
h2,h3{break-after:avoid}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
)css";

constexpr std::string_view kScript = R"js(
(function () {
  var zh = document.getElementById('lang-zh'), en = document.getElementById('lang-en');
  function tell() {
    document.documentElement.lang = en.checked ? 'en' : 'zh-CN';
    document.title = document.documentElement.getAttribute(en.checked ? 'data-title-en' : 'data-title-zh');
  }
  if (location.hash === '#en') en.checked = true;
  zh.addEventListener('change', tell);
  en.addEventListener('change', tell);
  tell();
  document.querySelectorAll('.filter').forEach(function (box) {
    var input = box.querySelector('input'), table = document.getElementById(input.dataset.table);
    box.hidden = false;
    input.addEventListener('input', function () {
      var word = input.value.trim().toLowerCase();
      table.querySelectorAll('tbody tr').forEach(function (row) {
        row.hidden = word !== '' && row.textContent.toLowerCase().indexOf(word) < 0;
      });
    });
  });
})();
)js";

}  // namespace

std::string_view report_css() { return kCss; }
std::string_view report_script() { return kScript; }

}  // namespace zhili::fuse
