// Makes the page's bundle of the scripts in app/static/js. `node page.build.mjs OUT`; called by
// make.
//
// One file, its lazy parts under the paths that they have as sources, and what stands in the page
// itself. In the first line of each file stands the hash of all sources in order:
// app/pages/assets.py serves no others.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

import { rollup } from "@rollup/wasm-node";
import { transform } from "esbuild";

import { lean, OLDEST, SYNTAX } from "./target.mjs";

const SOURCES = new URL("js/", import.meta.url).pathname;
const OUT = process.argv[2];

const sources = (await readdir(SOURCES, { recursive: true }))
    .filter((name) => name.endsWith(".js"))
    .sort();
const bodies = await Promise.all(sources.map((name) => readFile(SOURCES + name)));

// Messages go by their number in the order of all: the page holds them in its own language, so that
// no phone loads the English of them, too. Those of voice/ are a list of their own, which comes with
// it. app/pages/embedded.py finds and orders them likewise.
const SAID = /\bsay\(\s*("(?:[^"\\]|\\.)*")/g;
const isVoice = (name) => name.startsWith("voice/");
const [ofPage, ofVoice] = [false, true].map((voice) => {
    const texts = bodies.filter((_, at) => isVoice(sources[at]) === voice);
    const said = texts.flatMap((body) => [...body.toString().matchAll(SAID)]);
    return [...new Set(said.map(([, text]) => JSON.parse(text)))].sort();
});
const numbered = {
    name: "numbered",
    transform(code, id) {
        const messages = isVoice(relative(SOURCES, id)) ? ofVoice : ofPage;
        return code.replace(SAID, (_, text) => `say(${messages.indexOf(JSON.parse(text))}`);
    },
};

// Refuses what rollup only warns of, a circle among the scripts for one.
const onLog = (level, log) => {
    if (level === "warn") throw new Error(log.message);
};

async function made(names, output) {
    const bundle = await rollup({
        input: names.map((name) => SOURCES + name),
        preserveEntrySignatures: "allow-extension",
        plugins: [numbered],
        onLog,
    });
    const written = await bundle.generate({
        entryFileNames: ownPath,
        chunkFileNames: ownPath,
        ...output,
    });
    return written.output;
}

// main.js asks again for a part that failed to come, by its path: it is the same in the bundle.
const ownPath = ({ facadeModuleId }) => relative(SOURCES, facadeModuleId);

const files = [
    ...(await made(["main.js", "sw.js"], { format: "es" })),
    ...(await made(["ahead.js"], { format: "iife" })),
    ...(await made(["guard.js"], { format: "es" })),
    ...(await made(["voice/proof.js"], { format: "iife" })),
    ...(await made(["voice/door.js"], { format: "es" })),
    ...(await made(["voice/letters.js"], { format: "es" })),
    ...(await made(["map/alone.js"], { format: "es" })),
];
const banner = "//" + createHash("sha256").update(Buffer.concat(bodies)).digest("hex");
await rm(OUT, { recursive: true, force: true });
for (const { fileName, code } of files) {
    const oldest = fileName === "guard.js";
    const plain = await transform(code, {
        charset: "utf8",
        format: "esm",
        minify: true,
        ...SYNTAX,
        ...(oldest && OLDEST),
    });
    await mkdir(dirname(join(OUT, fileName)), { recursive: true });
    const small = await lean(plain.code, oldest ? { ecma: 5 } : {});
    await writeFile(join(OUT, fileName), `${banner}\n${small}\n`);
}
