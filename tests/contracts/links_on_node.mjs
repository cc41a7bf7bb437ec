// Makes the links of what stands on standard input with the page's own module: [{spot, name,
// address, mode, shifted}].
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

const { links } = await import(pathToFileURL(process.argv[2]));
const places = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(
    JSON.stringify(places.map(({ spot, name, address, mode, shifted }) =>
            links(spot, name, address, mode, shifted),
        )),
);
