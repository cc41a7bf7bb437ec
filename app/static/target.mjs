import { minify } from "terser";

// The oldest browsers that show the page. In mainland China a phone's WebView is often as old as
// the phone: Chromium 80 is of February 2020, Safari 13.1 of March 2020. Newer syntax is rewritten
// for them; newer functions are kept out by tests/app/pages/test_old_browsers.py.
//
// esbuild counts destructuring as missing from Safari before 14.1 and cannot rewrite it. Only
// arrays with a rest are wrong there (github.com/babel/babel/issues/17773); the same test finds any
// that we write.

export const SYNTAX = {
    target: ["chrome80", "safari13.1"],
    supported: { destructuring: true, "optional-chain": true },
};

// For the one script that speaks to browsers older than these. What esbuild cannot rewrite for it
// is an error.
export const OLDEST = { target: "es5" };

// What is left after esbuild has rewritten the syntax is made smaller by terser, which looks at an
// expression more than once: 3 % of all that a phone loads.
// Leaflet's functions that know no `this` may be arrows, and to read a property of it does nothing
// else.
export async function lean(code, { ecma = 2018, module = true } = {}) {
    const arrows = { unsafe_arrows: !module, unsafe_methods: !module };
    const compress = { passes: 3, ecma, ...arrows, pure_getters: !module };
    const made = await minify(code, { module, compress, format: { ecma } });
    return made.code;
}
