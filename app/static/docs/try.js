// Asks what a reader of the API's page fills in, and shows the answer beneath it. Without it the
// page has a link to each example.
(() => {
    const MOST = 20000; // letters of an answer that are shown

    const address = (form) => {
        const fields = Array.from(form.querySelectorAll("[data-carried]")).filter(({ value }) => value);
        const put = (path, { name, value }) => path.replace(`{${name}}`, encodeURIComponent(value));
        const of = (place) => fields.filter(({ dataset }) => dataset.carried === place);
        const query = new URLSearchParams(of("query").map(({ name, value }) => [name, value]));
        return of("path").reduce(put, form.dataset.path) + (String(query) && "?" + query);
    };

    const shown = (text) => {
        try {
            return JSON.stringify(JSON.parse(text), null, 1);
        } catch {
            return text;
        }
    };

    async function ask(form, told, answer) {
        const url = form.dataset.root + address(form);
        const body = form.querySelector("[data-carried=body]");
        const headers = { Accept: "application/json, */*;q=0.5" };
        if (body) headers["Content-Type"] = "application/json";
        const began = performance.now();
        told.textContent = `${form.dataset.method} ${url}`;
        answer.hidden = true;
        try {
            const asked = { method: form.dataset.method, headers, body: body && body.value };
            const reply = await fetch(url, body ? asked : { ...asked, body: undefined });
            const text = shown(await reply.text());
            const kind = reply.headers.get("Content-Type") || "";
            const ms = Math.round(performance.now() - began);
            told.textContent += ` · ${reply.status} · ${kind} · ${ms} ms`;
            answer.textContent = text.length > MOST ? text.slice(0, MOST) + "…" : text;
        } catch (fault) {
            answer.textContent = String(fault);
        }
        answer.hidden = false;
    }

    for (const form of document.querySelectorAll("form.try")) {
        const told = form.querySelector("[role=status]");
        const answer = form.querySelector("pre");
        form.hidden = false;
        form.addEventListener("submit", (event) => {
            event.preventDefault();
            ask(form, told, answer);
        });
    }
})();
