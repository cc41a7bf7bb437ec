// What a script adds to the letter box, whose pages work without one and hold all words: a receipt
// made on the phone, a warning of what should not stand in a text, what becomes public, the link of
// a receipt, and receipts kept on the phone for who says so.

const KEPT = "nuanfeng.voice.letters"; // read by mine.js
const CODE = /^#?([0-9A-HJKMNP-TV-Z]{4}-?){4}$/i;
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's
// What identifies a person: the number of an identity card, of a phone, of a licence plate.
const PERSONAL = {
  card: /(^|\D)[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])\d{5}[\dX](?!\d)/i,
  phone: /(^|\D)1[3-9]\d([ -]?\d{4}){2}(?!\d)/,
  plate: /[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][ ·.-]?[A-Z0-9]{5,6}/i,
};

const find = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];

// 80 random bits in fours.
function receipt() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte, at) => (at && at % 4 === 0 ? "-" : "") + LETTERS[byte % 32]).join("");
}

// The link of a receipt: its code leaves the address at once, and opens the letter.
function follow() {
  if (!CODE.test(location.hash)) return;
  const form = find("form[action*='letters/open']");
  form.elements.receipt.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  form.submit();
}

// A point that was put on the map by hand comes behind #, which no server is sent, and goes with
// the letter unless it is taken out.
const PIN = /^#pin=(-?\d+\.\d+,-?\d+\.\d+)$/;
function pinned({ pin }) {
  const line = find("#pinned");
  const [shown, out] = line.children;
  const set = (point) => {
    shown.textContent = pin.value = point;
    line.hidden = !point;
  };
  const [, point] = PIN.exec(location.hash) ?? [];
  if (point) {
    set(point);
    history.replaceState(null, "", location.pathname + location.search);
  }
  out.addEventListener("click", () => set(""));
}

function write(form) {
  pinned(form.elements);
  form.elements.receipt.value = receipt();
  const { text, category, street, where } = form.elements;
  const careful = find("#careful");
  const personal = () =>
    Object.keys(PERSONAL).filter((what) => PERSONAL[what].test(text.value + "\n" + where.value));
  const warn = () => {
    const found = personal();
    careful.hidden = !found.length;
    all("#careful [data-of]").forEach((one) => (one.hidden = !found.includes(one.dataset.of)));
    return found.length > 0;
  };
  const chosen = (select) => select.options[select.selectedIndex].text;
  const tell = () => {
    find("#public-category").textContent = chosen(category);
    find("#public-street").textContent = chosen(street);
    find("#public").hidden = false;
  };
  form.addEventListener("input", () => (careful.hidden || warn(), tell()));
  form.addEventListener("submit", (event) => {
    const offline = find("#no-network");
    offline.hidden = navigator.onLine;
    const stays = !navigator.onLine || (warn() && !find("#all-the-same").checked);
    if (!stays) return;
    event.preventDefault();
    (navigator.onLine ? careful : offline).scrollIntoView({ block: "center" });
  });
  tell();
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? [];
  } catch {
    return [];
  }
}

// A receipt, as it was shown or used: kept on this phone, or let go of.
function keeping(part) {
  const { code, subject, date, stands } = part.dataset;
  const [keep, forget] = part.children;
  const store = (letters) => {
    localStorage.setItem(KEPT, JSON.stringify(letters));
    draw();
  };
  const others = () => kept().filter((one) => one.code !== code);
  const mine = { code, subject, date, stands, asked: Date.now() };
  const draw = () => {
    const has = kept().some((one) => one.code === code);
    [keep.hidden, forget.hidden] = [has, !has];
  };
  keep.addEventListener("click", () => store([mine, ...others()]));
  forget.addEventListener("click", () => store(others()));
  // It has been read: no news any more.
  if (kept().some((one) => one.code === code)) store([mine, ...others()]);
  part.hidden = false;
  draw();
}

follow();
all("form[action*='letters?']").forEach(write);
all("[data-code]").forEach(keeping);
