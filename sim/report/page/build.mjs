// SPDX-License-Identifier: GPL-3.0-or-later
// node build.mjs MODULES OUT: bundles page.css and main.js with the libraries of MODULES (node_modules of package-lock.json) into OUT/page.css, page.js, and OUT/policy.txt,
// the Content-Security-Policy that lets just these run. The licences of what is bundled stand at the head of page.js. Same sources, same bytes: what is
// made is kept in bundle/, so that whoever builds the program needs no Node.js; `make page` makes it anew.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [modules, out] = process.argv.slice(2).map((path) => resolve(path));
const here = dirname(fileURLToPath(import.meta.url));
const from = createRequire(join(modules, "x.js"));
const { build } = from("esbuild");

// Observable Plot carries the colour schemes of d3-scale-chromatic, which no picture of ours uses: 20 KB, and a licence that asks for an acknowledgement of its own.
const schemes = "d3-scale-chromatic";
const schemeNames = Object.keys(await import(pathToFileURL(from.resolve(schemes))));
const withoutSchemes = {
  name: "without-schemes",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^${schemes}$`) }, () => ({ path: schemes, namespace: "left-out" }));
    onLoad({ filter: /.*/, namespace: "left-out" }, () => ({ contents: schemeNames.map((name) => `export const ${name} = null;`).join("\n") }));
  },
};

async function bundle(entry, more) {
  const done = await build({
    absWorkingDir: here,
    entryPoints: [join(here, entry)],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    charset: "utf8",
    legalComments: "none", // the licence files themselves are put at the head
    target: "es2022",
    nodePaths: [modules],
    plugins: [withoutSchemes],
    logLevel: "warning",
    ...more,
  });
  return { text: done.outputFiles[0].text.trim(), inputs: Object.keys(done.metafile.inputs) };
}

/** Folders of the packages that went into the bundle. */
function packagesOf(inputs) {
  const names = inputs.map((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean);
  return [...new Set(names)].sort();
}

function licenceOf(name) {
  const folder = join(modules, name);
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  if (!file) throw new Error(`${name} comes without the text of its licence`);
  return readFileSync(join(folder, file), "utf8").trim();
}

/** Each licence text once, above it who has it, with their own lines of copyright. */
function notices(names) {
  const texts = new Map();
  for (const name of names) {
    const { version } = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
    const lines = licenceOf(name).split(/\r?\n/);
    const isCopyright = (line) => /^\s*copyright\b.*\d{4}/i.test(line);
    const text = lines.filter((line) => !isCopyright(line)).join("\n").trim().replace(/\n{3,}/g, "\n\n");
    const user = `${name} ${version}: ${lines.filter(isCopyright).map((line) => line.trim()).join("; ")}`;
    texts.set(text, [...(texts.get(text) ?? []), user]);
  }
  return [...texts].map(([text, users]) => `${users.join("\n")}\n\n${text}`).join("\n\n----\n\n");
}

const hash = (text) => `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;

const script = await bundle("main.js", { format: "iife" });
const style = await bundle("page.css", {});
const names = packagesOf(script.inputs);
if (!names.includes("@observablehq/plot")) throw new Error("the plotting library is not in the bundle");
const licence = "SPDX-License-Identifier: GPL-3.0-or-later";
const text = `// ${licence}\n/*! Libraries in this script, with their licences:\n\n${notices(names).replaceAll("*/", "* /")}\n*/\n${script.text}`;
if (/<\/script|<!--/i.test(text)) throw new Error("the script would end its own element");
if (/<\/style/i.test(style.text)) throw new Error("the style would end its own element");
// Observable Plot puts a style element of its own into each picture, and sets styles of elements: so styles are let in, scripts are not but for this one.
const policy = `default-src 'none'; script-src ${hash(text)}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`;
if (!existsSync(out)) mkdirSync(out, { recursive: true });
writeFileSync(join(out, "page.js"), text);
writeFileSync(join(out, "page.css"), `/* ${licence} */\n${style.text}`);
writeFileSync(join(out, "policy.txt"), policy);
