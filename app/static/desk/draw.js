// Draws the area of a notice: each tap is a corner. The text of the form is what is sent; the map
// writes it, and reads what was pasted.
(() => {
    const frame = document.getElementById("draw");
    const field = document.getElementById("polygons");
    const acts = document.getElementById("draw-acts");
    acts.hidden = false;
    const map = window.chart(frame);
    const drawn = L.layerGroup().addTo(map);
    let rings = [[]];
    const MOST_DOTS = 30; // a circle, or an outline, is no longer drawn corner by corner

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
            const look = { className: "area", weight: 3, interactive: false };
            if (corners.length > 2) L.polygon(corners, look).addTo(drawn);
            else if (corners.length > 1) L.polyline(corners, look).addTo(drawn);
            for (const at of corners.length > MOST_DOTS ? [] : corners) {
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
            const spots = rings.flat().map(([lon, lat]) => [lat, lon]);
            if (spots.length) map.fitBounds(spots, { padding: [24, 24], maxZoom: 16 });
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
    const about = document.getElementById("circle-at");
    map.on("moveend", () => {
        const { lat, lng } = map.getCenter();
        about.value = `${lng.toFixed(6)} ${lat.toFixed(6)}`;
    });
    take();
})();
