// Ranks from a pack what stands on standard input with the page's own modules: {pack, estimate,
// questions: [asked]}.
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

import { told } from "./hit_on_node.mjs";

const packed = await import(pathToFileURL(process.argv[2]));
const { local } = await import(new URL("zone.js", pathToFileURL(process.argv[2])));
const { rank, WORDS } = await import(new URL("rank.js", pathToFileURL(process.argv[2])));
const { pack, estimate, questions, ids } = JSON.parse(readFileSync(0, "utf8"));
const held = packed.unpack(pack);
const answers = questions.map((asked) => {
    const { hits, more } = rank(
        packed.cell(held, asked, asked.at - (asked.at % 900e3), asked),
        asked,
        estimate,
    );
    return {
        more,
        hits: hits.map((hit) => told(hit, WORDS)),
        verdicts: hits.map(({ verdict }) => WORDS[verdict]),
    };
});
process.stdout.write(
    JSON.stringify({
        answers,
        times: questions.map(({ at }) => [at, local(pack.timezone, at)]),
        places: ids.map((id) => packed.place(held, id)),
    }),
);
