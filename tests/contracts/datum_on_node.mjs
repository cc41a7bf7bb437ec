// Shifts what stands on standard input with the page's own module: [[lon, lat]].
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

const { gcj02 } = await import(pathToFileURL(process.argv[2]));
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(gcj02)));
