// Draws the area of a notice: each tap is a corner. The text of the form is what is sent; the map
// writes it, and reads what was pasted.
(() => {
    const frame = document.getElementById("draw");
    const field = document.getElementById("polygons");
    const acts = document.getElementById("draw-acts");
    const [west, south, east, north] = JSON.parse(frame.dataset.bounds);
    frame.hidden = acts.hidden = false;
    const map = L.map(frame, { attributionControl: false, zoomControl: false });
    map.fitBounds([[south, west], [north, east]]);
    const drawn = L.layerGroup().addTo(map);
    let rings = [[]];

    const open = (ring) => {
        const last = ring[ring.length - 1];
        const closed = ring.length > 1 && ring[0][0] === last[0] && ring[0][1] === last[1];
        return closed ? ring.slice(0, -1) : ring;
    };
    const read = (found) => {
        if (Array.isArray(found)) return found;
        if (found.type === "FeatureCollection") return found.features.flatMap(read);
        if (found.type === "Feature") return read(found.geometry);
        return found.type === "Polygon" ? found.coordinates : found.coordinates.flat();
    };
    const show = () => {
        drawn.clearLayers();
        for (const ring of rings) {
            const corners = ring.map(([lon, lat]) => [lat, lon]);
            if (corners.length > 2) L.polygon(corners, { color: "#d23b2e" }).addTo(drawn);
            else if (corners.length > 1) L.polyline(corners, { color: "#d23b2e" }).addTo(drawn);
            for (const at of corners) {
                const icon = L.divIcon({ className: "corner", iconSize: [12, 12] });
                L.marker(at, { icon, keyboard: false }).addTo(drawn);
            }
        }
    };
    const write = () => {
        const whole = rings.filter((ring) => ring.length > 2).map((ring) => [[...ring, ring[0]]]);
        field.value = whole.length
            ? JSON.stringify({ type: "MultiPolygon", coordinates: whole })
            : "";
        show();
    };
    const take = () => {
        try {
            const found = field.value.trim() ? read(JSON.parse(field.value)).map(open) : [];
            rings = found.length ? found : [[]];
            show();
        } catch {
            // half typed: the server says what is wrong with it
        }
    };

    map.on("click", ({ latlng }) => {
        rings[rings.length - 1].push([+latlng.lng.toFixed(5), +latlng.lat.toFixed(5)]);
        write();
    });
    document.getElementById("undo").addEventListener("click", () => {
        if (!rings[rings.length - 1].length && rings.length > 1) rings.pop();
        rings[rings.length - 1].pop();
        write();
    });
    document.getElementById("another").addEventListener("click", () => {
        if (rings[rings.length - 1].length > 2) rings.push([]);
    });
    field.addEventListener("input", take);
    take();
    fetch(frame.dataset.areas)
        .then((reply) => reply.json())
        .then((areas) => {
            for (const ring of areas.rings) {
                const course = ring.map(([lon, lat]) => [lat, lon]);
                L.polyline(course, { color: "#8a7238", weight: 1, interactive: false }).addTo(map);
            }
        });
})();
