// A map of the desk: the ground where there is one, outlines of street offices and main roads. What
// a page marks on it stands in `data-marks`; a tap on a mark leads to its row.
window.chart = (frame) => {
    const { bounds, areas, roads, ground, script, marks, rings, closer, farther } = frame.dataset;
    frame.hidden = false;
    const map = L.map(frame, { attributionControl: false, zoomControl: false, maxZoom: 19 });
    const wide = (box) => {
        const [west, south, east, north] = box;
        map.fitBounds([[south, west], [north, east]], { padding: [24, 24], maxZoom: 17 });
    };
    wide(JSON.parse(bounds));

    const zoom = document.createElement("div");
    zoom.className = "zoom";
    for (const [by, sign, label] of [[1, "+", closer], [-1, "−", farther]]) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = sign;
        button.setAttribute("aria-label", label);
        button.addEventListener("click", (event) => {
            event.stopPropagation();
            map.setZoom(map.getZoom() + by);
        });
        zoom.append(button);
    }
    frame.append(zoom);
    for (const kind of ["click", "dblclick", "mousedown", "touchstart"])
        zoom.addEventListener(kind, (event) => event.stopPropagation());

    const course = (ring) => ring.map(([lon, lat]) => [lat, lon]);
    const line = (rings, className, weight) =>
        L.polyline(rings.map(course), { className, weight, interactive: false }).addTo(map);
    // Land has a colour of its own where no ground shows it.
    const land = (rings) => {
        map.createPane("land").style.zIndex = 300;
        const className = ground ? "outline" : "outline land";
        const set = { pane: "land", className, weight: 1, fill: !ground, interactive: false };
        for (const ring of rings) L.polygon(course(ring), set).addTo(map);
    };
    const fetched = (address) => fetch(address).then((reply) => reply.json());
    if (areas) fetched(areas).then(({ rings }) => land(rings)).catch(() => {});
    if (roads) fetched(roads).then((courses) => line(courses, "main-road", 2)).catch(() => {});
    // Where it does not come, outlines and roads stand alone.
    if (ground) import(script).then(({ lay }) => lay(map, JSON.parse(ground))).catch(() => {});

    const told = marks ? JSON.parse(marks) : [];
    for (const { lon, lat, was, how, name, row } of told) {
        if (was) {
            const path = [[was[1], was[0]], [lat, lon]];
            L.polyline(path, { className: "moved", weight: 3, interactive: false }).addTo(map);
        }
        const icon = L.divIcon({ className: `mark ${how}`, iconSize: [18, 18] });
        const mark = L.marker([lat, lon], { icon, title: name, keyboard: false });
        mark.addTo(map);
        if (row) mark.on("click", () => show(row));
    }
    const areasShown = rings ? JSON.parse(rings) : [];
    for (const ring of areasShown)
        L.polygon(course(ring), { className: "area", weight: 2, interactive: false }).addTo(map);
    const spots = told.flatMap(({ lon, lat, was }) => (was ? [[lon, lat], was] : [[lon, lat]]));
    spots.push(...areasShown.flat());
    if (spots.length) {
        const [lons, lats] = [0, 1].map((at) => spots.map((spot) => spot[at]));
        wide([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]);
    }
    return map;
};

// The row of a mark: it comes into sight, and is the one that the keyboard goes on from.
const show = (id) => {
    const row = document.getElementById(id);
    if (!row) return;
    for (const other of document.querySelectorAll(".lit")) other.classList.remove("lit");
    row.classList.add("lit");
    row.scrollIntoView({ block: "center" });
    const box = row.querySelector("input, a");
    if (box) box.focus({ preventScroll: true });
};

for (const frame of document.querySelectorAll(".draw.shows")) {
    window.chart(frame);
    const sketch = frame.nextElementSibling;
    if (sketch && sketch.classList.contains("sketch")) sketch.setAttribute("hidden", "");
}
