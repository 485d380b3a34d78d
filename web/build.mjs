/**
 * Bundles the browser code and the style sheet into `web/dist/` (run by `npm run build`).
 *
 * - An entry whose source does not exist is named on the console and left out.
 * - `import svg from "pictogram:NAME"` gives the text of `templates/pictograms/NAME.svg`, so that server
 *   and browser draw the same pictures; `import all from "pictogram:*"` gives them all as {name: svg}.
 * - The service worker is built last and receives `__BUILD__` = {version, files}: `version` changes when any
 *   other output changes, `files` are the names in `web/dist/` that a page may ask for.
 * - Every output is written to a temporary name and renamed, so that a server never reads half a file.
 */
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const ROOT = path.dirname(fileURLToPath(import.meta.url));
const DIST = path.join(ROOT, "dist");
const PICTOGRAMS = path.join(ROOT, "templates", "pictograms");
const ASSETS = path.join(ROOT, "assets");

/** Output name → source. Modules load with `<script type="module">`; workers and style sheets by address. */
const ENTRIES = {
  "site.css": "styles/site.css",
  "site.js": "src/site/main.js",
  "player.js": "src/player/main.js",
  "stream.js": "src/player/stream-deck.js",
  "slides.js": "src/player/slides.js",
  "menus.js": "src/player/menus.js",
  "suggest.js": "src/site/suggest.js",
  "spoken.js": "src/spoken/main.js",
  "packages.js": "src/packages/main.js",
  "records.js": "src/records/main.js",
  "downloader-worker.js": "src/offline/downloader-worker.js",
};
const SERVICE_WORKER = { output: "sw.js", source: "src/sw/main.js" };

/** All pictograms begin alike: bundles hold that beginning once. */
const HEAD = /^<svg [^>]*>/;
const oneLine = (svg) => svg.replace(/>\s+</g, "><").trim();

const pictograms = {
  name: "pictograms",
  setup(plugin) {
    plugin.onResolve({ filter: /^pictogram:/ }, ({ path: id }) => ({
      path: id.slice("pictogram:".length),
      namespace: "pictogram",
    }));
    plugin.onLoad({ filter: /.*/, namespace: "pictogram" }, async ({ path: name }) => {
      const read = async (file) => oneLine(await readFile(path.join(PICTOGRAMS, file), "utf8"));
      if (name === "@head") return { contents: JSON.stringify(HEAD.exec(await read("play.svg"))[0]), loader: "json" };
      const files = name === "*" ? (await readdir(PICTOGRAMS)).filter((file) => file.endsWith(".svg")) : [`${name}.svg`];
      const bodies = await Promise.all(files.map(async (file) => `head + ${JSON.stringify((await read(file)).replace(HEAD, ""))}`));
      const value = name === "*" ? `{${files.map((file, i) => `${JSON.stringify(file.slice(0, -4))}: ${bodies[i]}`)}}` : bodies[0];
      return { contents: `import head from "pictogram:@head"; export default ${value};`, loader: "js", resolveDir: ROOT };
    });
  },
};

/** Bundle one entry; returns its bytes. */
async function bundle(source, { format = "esm", define = {} } = {}) {
  const result = await build({
    entryPoints: [path.join(ROOT, source)],
    bundle: true,
    minify: true,
    write: false,
    format,
    define,
    target: "es2020",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    external: ["*.svg"],
    plugins: [pictograms],
    outdir: DIST,
  });
  return result.outputFiles[0].contents;
}

async function put(name, bytes) {
  const target = path.join(DIST, name);
  const temporary = path.join(DIST, `.${name}.${process.pid}.tmp`);
  await writeFile(temporary, bytes);
  await rename(temporary, target);
  const size = (count) => `${(count / 1024).toFixed(1)} KB`;
  console.log(`  ${name.padEnd(22)} ${size(bytes.length).padStart(9)}  gzip ${size(gzipSync(bytes).length)}`);
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

async function main() {
  await mkdir(DIST, { recursive: true });
  const outputs = new Map();
  for (const [output, source] of Object.entries(ENTRIES)) {
    if (!existsSync(path.join(ROOT, source))) {
      console.log(`  ${output}: ${source} is not there yet, left out`);
      continue;
    }
    outputs.set(output, await bundle(source));
  }
  for (const file of existsSync(ASSETS) ? await readdir(ASSETS) : []) {
    outputs.set(file, await readFile(path.join(ASSETS, file)));
  }
  for (const [name, bytes] of outputs) await put(name, bytes);
  if (existsSync(path.join(ROOT, SERVICE_WORKER.source))) {
    const files = [...outputs.keys()].sort();
    const version = sha256(files.map((name) => `${name} ${sha256(outputs.get(name))}`).join("\n")).slice(0, 16);
    const define = { __BUILD__: JSON.stringify({ version, files }) };
    await put(SERVICE_WORKER.output, await bundle(SERVICE_WORKER.source, { format: "iife", define }));
  } else {
    console.log(`  ${SERVICE_WORKER.output}: ${SERVICE_WORKER.source} is not there yet, left out`);
  }
}

await main();
