// Puts the point of a place: by a tap on the map, at the middle of the map, or where one stands. The
// field of the form is what is sent.
(() => {
    const frame = document.getElementById("pin");
    const field = document.getElementById("point");
    const datum = document.getElementById("datum");
    const status = document.getElementById("pin-says");
    const { old, coarse, within, words } = frame.dataset;
    const said = JSON.parse(words);
    document.getElementById("pin-acts").hidden = false;
    const map = window.chart(frame);
    const laid = L.layerGroup().addTo(map);
    const near = (text) => {
        const [lon, lat] = (text || "").trim().split(/[\s,，]+/).map(Number);
        return lon >= -180 && lon <= 180 && lat >= -90 && lat <= 90 ? [lat, lon] : null;
    };
    const [was, about] = [near(old), near(coarse)];

    const put = (at, className, size) => {
        const icon = L.divIcon({ className, iconSize: [size, size] });
        L.marker(at, { icon, keyboard: false }).addTo(laid);
    };
    // So many metres about a point, as corners: our Leaflet draws no circles.
    const around = ([lat, lon], metres) =>
        Array.from({ length: 48 }, (_, at) => {
            const turn = (at / 24) * Math.PI;
            const degrees = metres / 111320;
            const stretch = Math.cos((lat * Math.PI) / 180);
            return [lat + degrees * Math.sin(turn), lon + (degrees * Math.cos(turn)) / stretch];
        });
    const draw = () => {
        laid.clearLayers();
        if (about && +within) {
            const ring = L.polygon(around(about, +within), { className: "within", weight: 2 });
            ring.options.interactive = false;
            ring.addTo(laid);
        }
        if (was) put(was, "mark was", 16);
        const now = datum.value === "wgs84" ? near(field.value) : null;
        status.textContent = datum.value === "wgs84" ? "" : said.datum;
        if (!now) return;
        put(now, "mark put", 22);
        const from = was || about;
        if (!from) return;
        const metres = Math.round(map.distance(from, now));
        if (was && metres) {
            L.polyline([was, now], { className: "moved", weight: 3, interactive: false }).addTo(laid);
        }
        status.textContent = (was ? said.moved : said.away).replace("{metres}", metres);
    };
    const set = ({ lat, lng }) => {
        field.value = `${lng.toFixed(7)} ${lat.toFixed(7)}`;
        datum.value = "wgs84";
        draw();
    };

    const first = near(field.value) || about;
    if (first) map.setView(first, within ? Math.max(12, 17 - Math.ceil(Math.log2(+within / 100 + 1))) : 17);
    map.on("click", ({ latlng }) => set(latlng));
    document.getElementById("pin-middle").addEventListener("click", () => set(map.getCenter()));
    document.getElementById("pin-here").addEventListener("click", () => {
        status.textContent = said.looking;
        navigator.geolocation.getCurrentPosition(
            ({ coords }) => {
                set({ lat: coords.latitude, lng: coords.longitude });
                map.setView([coords.latitude, coords.longitude], 18);
                status.textContent += ` ${said.exact.replace("{metres}", Math.round(coords.accuracy))}`;
            },
            () => (status.textContent = said.nowhere),
            { enableHighAccuracy: true, timeout: 20000 },
        );
    });
    field.addEventListener("input", draw);
    datum.addEventListener("change", draw);
    draw();
})();
