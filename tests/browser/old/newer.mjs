// Names in scripts and styles that came to browsers after those of app/static/target.mjs, by MDN's
// compatibility data. `node newer.mjs FILE…` writes JSON: {file: [name]}. Reads names only: of
// `a.at(0)` it does not know what `a` is, so a name counts as new where every interface that has it
// has it too late.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { parseAst } from "@rollup/wasm-node/parseAst";

import { SYNTAX } from "../../../app/static/target.mjs";

const data = createRequire(import.meta.url)("@mdn/browser-compat-data");
const FLOOR = Object.fromEntries(SYNTAX.target.map((one) => /([a-z]+)([\d.]+)/.exec(one).slice(1)));

const before = (a, b) => {
    const [x, y] = [a, b].map((version) => version.replace("≤", "").split(".").map(Number));
    return x[0] - y[0] || (x[1] || 0) - (y[1] || 0);
};

// Whether a feature is in all of the oldest browsers, under its own name and without a switch.
function known({ support }) {
    return Object.entries(FLOOR).every(([browser, floor]) =>
        [support[browser] ?? { version_added: false }]
            .flat()
            .some(
                ({
                    version_added: since,
                    version_removed: until,
                    flags,
                    prefix,
                    alternative_name: other,
                }) =>
                    typeof since === "string" &&
                    since !== "preview" &&
                    before(since, floor) <= 0 &&
                    !(until && before(until, floor) <= 0) &&
                    !flags &&
                    !prefix &&
                    !other,
            ),
    );
}

// name -> whether any feature of that name is known; of options only where no other thing is called
// so.
const names = new Map();
const note = (name, compat) => names.set(name, Boolean(names.get(name)) || known(compat));
function walk(tree) {
    for (const [key, branch] of Object.entries(tree)) {
        if (key === "__compat") continue;
        const name = key.replace(/_static$/, "");
        if (branch.__compat && /^[A-Za-z]\w+$/.test(name) && !/_(event|parameter)$/.test(name))
            note(name, branch.__compat);
        walk(branch);
    }
}
walk(data.api);
walk(data.javascript.builtins);
const tooNew = (name) => names.get(name) === false;

// Every node of a syntax tree.
function* nodes(tree) {
    if (Array.isArray(tree)) for (const one of tree) yield* nodes(one);
    else if (tree && typeof tree.type === "string") {
        yield tree;
        for (const [key, child] of Object.entries(tree))
            if (key !== "type" && typeof child === "object") yield* nodes(child);
    }
}

const key = ({ computed, key }) => (computed ? null : (key.name ?? key.value));
const isFunction = (node) => /Function/.test(node?.type ?? "");

// What the objects of all our scripts call their parts is ours, whatever a browser calls so:
// `cell.at`. Only what is called must be a function of ours, or be exported.
const own = new Set();
const ownFunctions = new Set();
function learn(tree) {
    for (const node of nodes(tree)) {
        if (["Property", "MethodDefinition", "PropertyDefinition"].includes(node.type)) {
            own.add(key(node));
            if (isFunction(node.value)) ownFunctions.add(key(node));
        }
        if (node.type === "ExportSpecifier")
            own.add(node.exported.name) && ownFunctions.add(node.exported.name);
        if (
            node.type === "AssignmentExpression" &&
            node.left.type === "MemberExpression" &&
            !node.left.computed
        )
            own.add(node.left.property.name);
    }
}

function inScript(tree) {
    const found = new Set();
    for (const node of nodes(tree)) {
        const callee =
            (node.type === "CallExpression" || node.type === "NewExpression") && node.callee;
        if (
            callee.type === "Identifier" &&
            (callee.name in data.api || callee.name in data.javascript.builtins) &&
            tooNew(callee.name)
        )
            found.add(callee.name);
        const method =
            callee.type === "MemberExpression" && !callee.computed && callee.property.name;
        if (tooNew(method) && !ownFunctions.has(method)) found.add(method);
        if (
            node.type === "MemberExpression" &&
            !node.computed &&
            tooNew(node.property.name) &&
            !own.has(node.property.name)
        )
            found.add(node.property.name);
        if (
            node.type === "ArrayPattern" &&
            node.elements.some((one) => one?.type === "RestElement")
        )
            found.add("[…rest] =");
    }
    return found;
}

const css = (path) => path.reduce((tree, step) => tree?.[step], data.css)?.__compat;
const UNITS = {
    dvh: "dynamic",
    dvw: "dynamic",
    svh: "small",
    svw: "small",
    lvh: "large",
    lvw: "large",
};

// What a declaration needs: the property, its keywords, functions and units.
function needs(property, value) {
    const needed = new Map([[property, css(["properties", property])]]);
    for (const [word] of value.matchAll(/[a-z][\w-]*/gi))
        needed.set(`${property}: ${word}`, css(["properties", property, word]));
    for (const [, name] of value.matchAll(/([a-z][\w-]*)\(/gi))
        needed.set(
            `${name}()`,
            css(["types", name]) ??
                css(["types", "color", name]) ??
                css(["types", "gradient", name]),
        );
    for (const [, unit] of value.matchAll(/[\d.]([a-z]+)\b/gi)) {
        if (UNITS[unit])
            needed.set(unit, css(["types", "length", `viewport_percentage_units_${UNITS[unit]}`]));
    }
    return [...needed].filter(([, compat]) => compat && !known(compat)).map(([name]) => name);
}

// A newer declaration may follow an older one of the same property in the same rule; a newer
// selector may stand alone, as a rule that an older browser leaves out, but in no list with others,
// which would fall with it. All is allowed inside of @supports.
function inStyle(text) {
    const found = new Set();
    const plain = text.replace(/\/\*.*?\*\//gs, "").replace(/"[^"]*"/g, '""');
    const outside = withoutSupports(plain);
    for (const [, feature] of outside.matchAll(/@media[^{]*\(([a-z-]+)/g))
        if (css(["at-rules", "media", feature]) && !known(css(["at-rules", "media", feature])))
            found.add(`@media (${feature})`);
    for (const [, selector, body] of outside.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
        const pseudo = [...selector.matchAll(/:([a-z-]+)/g)]
            .map(([, name]) => name)
            .filter((name) => css(["selectors", name]) && !known(css(["selectors", name])));
        if (selector.includes(",")) for (const name of pseudo) found.add(`:${name} in a list`);
        if (pseudo.length) continue;
        const older = new Set();
        for (const declaration of body.split(";")) {
            const [, property, value] = /^\s*([\w-]+)\s*:(.*)$/s.exec(declaration) ?? [];
            if (!property || property.startsWith("--")) continue;
            const newer = needs(property, value);
            if (!newer.length) older.add(property.replace("-webkit-", ""));
            else if (!older.has(property)) for (const name of newer) found.add(name);
        }
    }
    return found;
}

function withoutSupports(text) {
    const start = text.indexOf("@supports");
    if (start < 0) return text;
    let [end, depth] = [text.indexOf("{", start) + 1, 1];
    for (; depth; end++) depth += { "{": 1, "}": -1 }[text[end]] ?? 0;
    return text.slice(0, start) + withoutSupports(text.slice(end));
}

const files = process.argv.slice(2).map((file) => [file, readFileSync(file, "utf8")]);
const trees = new Map(
    files.filter(([file]) => file.endsWith(".js")).map(([file, text]) => [file, parseAst(text)]),
);
trees.forEach(learn);
const newer = files.map(([file, text]) => [
    file,
    [...(trees.has(file) ? inScript(trees.get(file)) : inStyle(text))].sort(),
]);
process.stdout.write(JSON.stringify(Object.fromEntries(newer)));
