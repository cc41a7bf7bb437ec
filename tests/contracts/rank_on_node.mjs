// Ranks what stands on standard input with the page's own module: {estimate, questions: [{cell,
// asked}]}.
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

const { rank, WORDS } = await import(pathToFileURL(process.argv[2]));
const { estimate, questions } = JSON.parse(readFileSync(0, "utf8"));
const answers = questions.map(({ cell, asked }) => {
    const { hits, more } = rank(cell, asked, estimate);
    return {
        more,
        hits: hits.map((hit) => [
            hit.id,
            hit.metres,
            hit.bearing,
            WORDS[hit.state],
            hit.change,
            WORDS[hit.arrival],
            hit.lonlat,
            hit.audience,
            hit.reason ?? null,
        ]),
        ways: hits.map(({ id, etaS, byRoad }) => [id, etaS, byRoad]),
    };
});
process.stdout.write(JSON.stringify(answers));
