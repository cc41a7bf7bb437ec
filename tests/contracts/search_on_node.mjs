// Searches in a pack with the page's own module what stands on standard input: {pack, typed}.
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

const packed = await import(pathToFileURL(process.argv[2]));
const { pack, typed } = JSON.parse(readFileSync(0, "utf8"));
const held = packed.unpack(pack);
process.stdout.write(
    JSON.stringify(
        typed.map((text) =>
            packed
                .search(held, text)
                .features.map(({ id, properties }) => id ?? properties.kind + properties.name),
        ),
    ),
);
