// Ranks what stands on standard input with the page's own module: {estimate, questions: [{cell,
// asked}]}.
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

import { told } from "./hit_on_node.mjs";

const { rank, WORDS } = await import(pathToFileURL(process.argv[2]));
const { estimate, questions } = JSON.parse(readFileSync(0, "utf8"));
const answers = questions.map(({ cell, asked }) => {
    const { hits, more } = rank(cell, asked, estimate);
    return {
        more,
        hits: hits.map((hit) => told(hit, WORDS)),
        verdicts: hits.map(({ verdict }) => WORDS[verdict]),
        ways: hits.map(({ id, etaS, byRoad }) => [id, etaS, byRoad]),
    };
});
process.stdout.write(JSON.stringify(answers));
