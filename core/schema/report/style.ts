/** Of a report's page, which may load nothing; light and dark after the system. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c2129, #e0e5ec); --soft: light-dark(#4a5361, #b4bdc9);
	--line: light-dark(#d8dde4, #2b333e); --sunken: light-dark(#f4f6f9, #151a21); }
body { margin: 2rem auto; max-width: 62rem; padding: 0 1.2rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .3rem; overflow-wrap: anywhere; }
h3 { font-size: .9rem; margin: 1rem 0 .2rem; overflow-wrap: anywhere; }
.ending { font-size: 1.1rem; font-weight: 600; margin: .3rem 0 1rem; }
.outcome { font-size: .85rem; border: 1px solid var(--line); border-radius: 1rem; padding: 0 .6rem; }
.outcome[data-outcome=degraded] { background: #9c2b26; color: #fff; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.2rem; margin: 0; }
dt, .note, footer { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
pre { background: var(--sunken); border: 1px solid var(--line); border-radius: 6px; padding: .6rem; margin: .3rem 0;
	white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; unicode-bidi: plaintext; }
table { border-collapse: collapse; } td { padding: .15rem 1rem .15rem 0; overflow-wrap: anywhere; }
th { text-align: left; padding-right: 1rem; } .summary { width: 100%; } a { color: inherit; }
article { border-top: 2px solid var(--line); margin-top: 2.5rem; } h2.run { font-size: 1.3rem; }
.warning { border-left: 3px solid #b7791f; padding-left: .7rem; }
footer { margin-top: 2.5rem; font-size: .85rem; }
`
